/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/search.h"

#include "channel/rows.h"
#include "content/keys.h"
#include "shell/format.h"
#include "shell/shell.h"
#include "ui/keypad.h"
#include "ui/widget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CANDIDATES 5

struct search {
    struct view *view;
    struct shell *shell;
    char digits[CONTENT_DIGITS_MAXIMUM + 1];
    struct node *keypad, *typed, *caret, *right;
    struct rows rows;
};

/* ---- what is found ---- */

static void add_product(struct search *search, struct node *list, const struct store_product *item,
                        struct row *row)
{
    enum content_language language = shell_language(search->shell);
    const struct content_product *product = &item->product;
    char key[160], price[FORMAT_SIZE];
    snprintf(key, sizeof(key), "%s/%s", content_role_str(CONTENT_COMMERCE), product->pictures.items[0]);
    format_money(ui_strings(shell_ui(search->shell)), product->price_fen, price);
    bool warned = item->standing == STORE_STANDING_DISHONEST;
    struct node *node = ui_item(
        list, &(struct ui_item){.picture = key,
                                .title = lit(content_text_get(&product->name, language)),
                                .note = warned ? tr("shopping.credit_bad")
                                               : lit(content_text_get(&item->merchant.name, language)),
                                .value = lit(price),
                                .activate = rows_open,
                                .context = row});
    rows_placed(&search->rows, row, node);
}

static void add_notice(struct search *search, struct node *list, const struct content_notice *notice,
                       struct row *row)
{
    static const char *const grades[] = {NULL, "credit.grade.minor", "credit.grade.general",
                                         "credit.grade.serious"};
    enum content_language language = shell_language(search->shell);
    bool good = notice->list == CONTENT_REPUTABLE;
    enum theme_color color = good ? COLOR_GOOD : COLOR_BAD;
    struct node *node =
        ui_item(list, &(struct ui_item){.icon = good ? "good" : "warning",
                                        .icon_color = color,
                                        .title = lit(content_text_get(&notice->name, language)),
                                        .note = tr(good ? "credit.reputable" : "credit.dishonest"),
                                        .badge = notice->grade ? tr(grades[notice->grade]) : lit(""),
                                        .badge_color = color,
                                        .activate = rows_open,
                                        .context = row});
    rows_placed(&search->rows, row, node);
}

static void fill_list(struct search *search, const struct store_hits *hits)
{
    struct node *list = ui_scroll(search->right, 12);
    for (size_t i = 0; i < hits->count; i++) {
        const struct store_hit *hit = &hits->items[i];
        bool is_product = hit->kind == STORE_HIT_PRODUCT;
        struct row *row = rows_add(&search->rows, search->shell, is_product ? "product" : "notice",
                                   is_product ? hit->product.product.id : hit->notice.id);
        if (!row)
            return;
        if (is_product)
            add_product(search, list, &hit->product, row);
        else
            add_notice(search, list, &hit->notice, row);
    }
}

/* What the digits may stand for, the most likely first, and how much was found. */
static void fill_summary(struct search *search, const struct store_hits *hits)
{
    struct node *row = node_size(ui_row(search->right, 10), 0, ui_text_px(shell_ui(search->shell), 44));
    size_t count = 0;
    char number[16];
    for (size_t i = 0; i < hits->count && count < CANDIDATES; i++) {
        const char *letters = hits->items[i].letters;
        bool known = false;
        for (size_t j = 0; j < i && !known; j++)
            known = !strcmp(hits->items[j].letters, letters);
        if (known)
            continue;
        ui_badge(row, lit(letters), count++ == 0 ? COLOR_ACCENT : COLOR_TEXT_SOFT);
    }
    ui_spacer(row);
    snprintf(number, sizeof(number), "%zu", hits->count);
    node_lines(node_text(row, tr1(hits->more ? "search.more" : "search.count", number), TYPE_CAPTION,
                         COLOR_TEXT_SOFT),
               1);
}

static void fill(struct search *search)
{
    struct store_scope scope = shell_scope(search->shell);
    struct store_hits hits = store_search(shell_reader(search->shell), &scope, search->digits);
    bool typing = search->digits[0];
    node_set_words(search->typed, typing ? lit(search->digits) : tr("search.prompt"));
    node_set_color(search->typed, typing ? COLOR_TEXT : COLOR_TEXT_SOFT);
    node_hide(search->caret, !typing);
    if (hits.count) {
        fill_summary(search, &hits);
        fill_list(search, &hits);
    } else {
        ui_empty(search->right, "search", tr(typing ? "search.none" : "search.how"),
                 tr(typing ? "search.none.hint" : "search.how.hint"));
    }
    store_hits_destroy(&hits);
}

/* Other digits or other content; what had the focus in the list has it again if it is still there. */
static void show(struct search *search)
{
    rows_restart(&search->rows);
    node_clear(search->right);
    fill(search);
}

/* ---- typing ---- */

static void type(struct search *search, char digit)
{
    size_t length = strlen(search->digits);
    if (length >= CONTENT_DIGITS_MAXIMUM)
        return;
    search->digits[length] = digit;
    search->digits[length + 1] = '\0';
    show(search);
}

static bool erase(struct search *search)
{
    size_t length = strlen(search->digits);
    if (length == 0)
        return false;
    search->digits[length - 1] = '\0';
    show(search);
    return true;
}

static void press(struct node *keypad, char key, void *context)
{
    (void)keypad;
    struct search *search = context;
    if (key == UI_KEYPAD_CLEAR) {
        search->digits[0] = '\0';
        show(search);
    } else if (key == UI_KEYPAD_ERASE) {
        erase(search);
    } else {
        type(search, key);
    }
}

static bool key(void *self, struct key_event event)
{
    struct search *search = self;
    if (event.key >= KEY_0 && event.key <= KEY_9) {
        char digit = (char)('0' + event.key - KEY_0);
        if (event.repeat)
            return true;
        ui_keypad_show(search->keypad, digit);
        type(search, digit);
        return true;
    }
    if (event.key != KEY_BACK || event.repeat || !search->digits[0])
        return false;
    ui_keypad_show(search->keypad, search->digits[strlen(search->digits) - 1]);
    return erase(search);
}

bool search_begin(struct shell *shell, struct key_event event)
{
    char digit[2] = {(char)('0' + event.key - KEY_0), 0};
    if (event.key < KEY_0 || event.key > KEY_9 || event.repeat)
        return false;
    return shell_open(shell, "search", digit);
}

/* ---- the screen ---- */

static void build_left(struct search *search, struct node *row)
{
    struct node *column =
        node_place(node_size(ui_column(row, 14), ui_text_px(shell_ui(search->shell), UI_KEYPAD_WIDTH), 0),
                   ALIGN_USUAL, ALIGN_START);
    struct node *field = node_box(
        column,
        &(struct box){
            .layout = LAYOUT_ROW,
            .gap = 14,
            .height = 96,
            .padding = INSETS_XY(18, 4),
            .across = ALIGN_CENTER,
            .style = {.fill = COLOR_SURFACE, .border = COLOR_ACCENT, .border_width = 2, .radius = 12}});
    node_icon(field, "search", 40, COLOR_ACCENT);
    search->typed = node_lines(node_text(field, lit(""), TYPE_TITLE, COLOR_TEXT), 1);
    search->caret = node_box(field, &(struct box){.width = 3, .height = 36, .style = {.fill = COLOR_ACCENT}});
    search->keypad = ui_keypad(
        column, &(struct ui_keypad){.letters = content_digit_letters, .press = press, .context = search});
}

static void build(struct search *search)
{
    rows_restart(&search->rows);
    struct node *screen = view_screen(search->view);
    ui_header(screen, tr("search.title"), lit(NULL));
    struct node *row =
        node_grow(node_box(ui_body(screen), &(struct box){.layout = LAYOUT_ROW, .gap = 32}), 1);
    build_left(search, row);
    search->right = node_grow(ui_column(row, 8), 1);
    ui_hints(screen,
             (struct ui_hint[]){{KEY_NONE, tr("search.type")},
                                {KEY_OK, tr("hint.select")},
                                {KEY_BACK, tr("search.back")},
                                {KEY_BLUE, tr("hint.blue")}},
             4);
    fill(search);
}

static void *open_search(struct view *view, const char *argument)
{
    struct search *search = calloc(1, sizeof(*search));
    if (!search)
        return NULL;
    search->view = view;
    search->shell = view_shell(view);
    size_t length = strspn(argument, "0123456789");
    snprintf(search->digits, sizeof(search->digits), "%.*s", (int)length, argument);
    build(search);
    if (search->digits[0])
        ui_keypad_show(search->keypad, search->digits[strlen(search->digits) - 1]);
    return search;
}

static void changed(void *self, unsigned changes)
{
    if (changes & SHELL_CHANGED_LANGUAGE)
        build(self);
    else if (changes & SHELL_CHANGED_CONTENT)
        show(self);
}

const struct channel channel_search = {"search", open_search, key, NULL, changed, free};
