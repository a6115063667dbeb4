/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/shopping.h"

#include "base/text.h"
#include "channel/search.h"
#include "shell/format.h"
#include "shell/shell.h"
#include "store/shelf.h"
#include "ui/widget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 4

struct shopping {
    struct view *view;
    struct shell *shell;
    struct store_categories categories;
    size_t tab; /* 0: recommended, 1: all, then the categories */
    struct node *scroll, *grid;
    struct store_shelf shelf; /* what the tab shows, in order */
};

static void picture_key(char key[160], const char *path)
{
    snprintf(key, 160, "%s/%s", content_role_str(CONTENT_COMMERCE), path);
}

static struct words standing_words(enum store_standing standing)
{
    switch (standing) {
    case STORE_STANDING_REPUTABLE:
        return tr("shopping.credit_good");
    case STORE_STANDING_DISHONEST:
        return tr("shopping.credit_bad");
    default:
        return lit("");
    }
}

/* ---- the shop ---- */

static void take_shelf(struct shopping *shopping)
{
    struct store_scope scope = shell_scope(shopping->shell);
    const char *category =
        shopping->tab >= 2 ? shopping->categories.items[shopping->tab - 2].category.id : NULL;
    store_shelf_destroy(&shopping->shelf);
    shopping->shelf = store_shelf(shell_reader(shopping->shell), &scope, category, shopping->tab == 0);
}

static void open_product(struct node *node, void *context)
{
    struct shopping *shopping = context;
    size_t index = ui_items_index(node);
    if (index < shopping->shelf.count)
        shell_open(shopping->shell, "product", store_shelf_id(&shopping->shelf, index));
}

/* A product of the shelf that has come near the view. One that is gone meanwhile leaves its place empty: the
 * news of that is on its way. */
static void make_tile(struct node *parent, size_t index, void *context)
{
    struct shopping *shopping = context;
    enum content_language language = shell_language(shopping->shell);
    struct store_scope scope = shell_scope(shopping->shell);
    struct store_product *item =
        store_product(shell_reader(shopping->shell), &scope, store_shelf_id(&shopping->shelf, index));
    if (!item) {
        ui_spacer(parent);
        return;
    }
    const struct content_product *product = &item->product;
    char key[160];
    picture_key(key, product->pictures.items[0]);
    ui_tile(parent, &(struct ui_tile){.picture = key,
                                      .title = lit(content_text_get(&product->name, language)),
                                      .price_fen = product->price_fen,
                                      .old_price_fen = product->old_price_fen,
                                      .badge = standing_words(item->standing),
                                      .activate = open_product,
                                      .context = shopping});
    store_product_destroy(item);
}

/* Fills the scroller with the products of the tab. */
static void fill(struct shopping *shopping)
{
    node_clear(shopping->scroll);
    take_shelf(shopping);
    shopping->grid = NULL;
    int columns = ui_text_large(shell_ui(shopping->shell)) ? COLUMNS - 1 : COLUMNS;
    if (shopping->shelf.count == 0)
        ui_empty(shopping->scroll, "shop", tr("shopping.none"), lit(NULL));
    else
        shopping->grid = ui_items(shopping->scroll, &(struct ui_items){.columns = columns,
                                                                       .gap = 20,
                                                                       .count = shopping->shelf.count,
                                                                       .make = make_tile,
                                                                       .context = shopping});
}

/* The same product is wherever it stands now. */
static void focus_again(struct shopping *shopping, const char *id)
{
    for (size_t i = 0; *id && i < shopping->shelf.count; i++)
        if (!strcmp(store_shelf_id(&shopping->shelf, i), id))
            ui_items_focus(shopping->grid, i);
}

static void select_tab(struct node *tabs, size_t index, void *context)
{
    (void)tabs;
    struct shopping *shopping = context;
    shopping->tab = index;
    fill(shopping);
}

static void build(struct shopping *shopping)
{
    enum content_language language = shell_language(shopping->shell);
    struct store_scope scope = shell_scope(shopping->shell);
    char focused[CONTENT_ID_MAXIMUM + 1] = "";
    size_t place = ui_items_focused(shopping->grid);
    if (place < shopping->shelf.count)
        text_copy(focused, sizeof(focused), store_shelf_id(&shopping->shelf, place));
    store_categories_destroy(&shopping->categories);
    shopping->categories = store_categories(shell_reader(shopping->shell), &scope);
    size_t count = shopping->categories.count;
    struct node *screen = view_screen(shopping->view);
    shopping->scroll = shopping->grid = NULL;
    ui_header(screen, tr("shopping.title"), lit(NULL));
    struct node *body = ui_body(screen);
    if (count == 0) {
        ui_empty(body, "shop", tr("shopping.receiving"), tr("shopping.receiving.hint"));
    } else {
        struct words *tabs = calloc(count + 2, sizeof(*tabs));
        if (shopping->tab >= count + 2)
            shopping->tab = 0;
        if (tabs) {
            tabs[0] = tr("shopping.featured");
            tabs[1] = tr("shopping.all");
            for (size_t i = 0; i < count; i++)
                tabs[i + 2] = lit(content_text_get(&shopping->categories.items[i].category.name, language));
            ui_tabs(body, tabs, count + 2, shopping->tab, select_tab, shopping);
            free(tabs);
        }
        shopping->scroll = ui_scroll(body, 0);
        fill(shopping);
        focus_again(shopping, focused);
    }
    ui_hints(screen,
             (struct ui_hint[]){{KEY_OK, tr("hint.open")},
                                {KEY_NONE, tr("hint.search")},
                                {KEY_BACK, tr("hint.back")},
                                {KEY_YELLOW, tr("hint.yellow")},
                                {KEY_BLUE, tr("hint.blue")}},
             5);
}

static void *open_shopping(struct view *view, const char *argument)
{
    (void)argument;
    struct shopping *shopping = calloc(1, sizeof(*shopping));
    if (!shopping)
        return NULL;
    shopping->view = view;
    shopping->shell = view_shell(view);
    view_wants(view, content_role_str(CONTENT_COMMERCE));
    build(shopping);
    return shopping;
}

static bool shopping_key(void *self, struct key_event event)
{
    return search_begin(((struct shopping *)self)->shell, event);
}

static void shopping_changed(void *self, unsigned changes)
{
    if (changes & (SHELL_CHANGED_CONTENT | SHELL_CHANGED_LANGUAGE))
        build(self);
}

static void close_shopping(void *self)
{
    struct shopping *shopping = self;
    store_categories_destroy(&shopping->categories);
    store_shelf_destroy(&shopping->shelf);
    free(shopping);
}

const struct channel channel_shopping = {"shopping", open_shopping,    shopping_key,
                                         NULL,       shopping_changed, close_shopping};

/* ---- one product ---- */

struct product_page {
    struct view *view;
    struct shell *shell;
    char id[CONTENT_ID_MAXIMUM + 1];
    struct store_product *product; /* NULL: gone meanwhile */
    int quantity;
    struct node *buy;
};

/* The button says what will be paid. */
static void show_total(struct product_page *page)
{
    struct strings *strings = ui_strings(shell_ui(page->shell));
    char total[FORMAT_SIZE], words[2 * FORMAT_SIZE];
    format_money(strings, page->product->product.price_fen * page->quantity, total);
    snprintf(words, sizeof(words), "%s  %s", strings_get(strings, "shopping.buy"), total);
    ui_button_set_words(page->buy, lit(words));
}

static void quantity_changed(struct node *stepper, int value, void *context)
{
    (void)stepper;
    struct product_page *page = context;
    page->quantity = value;
    show_total(page);
}

static void buy(struct node *node, void *context)
{
    (void)node;
    struct product_page *page = context;
    char argument[CONTENT_ID_MAXIMUM + 16];
    snprintf(argument, sizeof(argument), "%s %d", page->id, page->quantity);
    shell_open(page->shell, "purchase", argument);
}

static void open_notice(struct node *node, void *context)
{
    (void)node;
    struct product_page *page = context;
    shell_open(page->shell, "notice", page->product->notice);
}

static void build_left(struct product_page *page, struct node *row)
{
    const struct store_product *item = page->product;
    enum content_language language = shell_language(page->shell);
    char key[160];
    picture_key(key, item->product.pictures.items[0]);
    bool large = ui_text_large(shell_ui(page->shell));
    struct node *column =
        node_place(node_size(large ? node_grow(ui_scroll(row, 14), 0) : ui_column(row, 14), 480, 0),
                   ALIGN_USUAL, ALIGN_STRETCH);
    ui_picture(column, key, 480, ui_less_px(shell_ui(page->shell), 264));
    struct node *facts = ui_panel(column, 8);
    ui_fact(facts, tr("shopping.origin"), lit(content_text_get(&item->product.origin, language)));
    ui_fact(facts, tr("shopping.unit"), lit(content_text_get(&item->product.unit, language)));
    struct node *merchant = large ? ui_column(facts, 4) : ui_row(facts, 12);
    struct node *name =
        node_text(merchant, lit(content_text_get(&item->merchant.name, language)), TYPE_BODY, COLOR_TEXT);
    node_lines(node_grow(name, large ? 0 : 1), large ? 3 : 1);
    if (item->standing != STORE_STANDING_NONE)
        ui_badge(merchant, standing_words(item->standing),
                 item->standing == STORE_STANDING_REPUTABLE ? COLOR_GOOD : COLOR_BAD);
}

static void build_right(struct product_page *page, struct node *row)
{
    const struct content_product *product = &page->product->product;
    enum content_language language = shell_language(page->shell);
    struct node *column = node_place(node_grow(ui_column(row, 12), 1), ALIGN_USUAL, ALIGN_STRETCH);
    bool large = ui_text_large(shell_ui(page->shell)); /* all but the button scrolls */
    struct node *facts = large ? ui_scroll(column, 12) : column;
    node_lines(ui_text(facts, lit(content_text_get(&product->name, language)), TYPE_HEADING), 2);
    struct node *price = ui_row(facts, 16);
    node_grow(ui_price(price, product->price_fen, product->old_price_fen, TYPE_HERO), 1);
    ui_stepper(price, page->quantity, 1, 99, quantity_changed, page);
    struct node *text = large ? facts : ui_scroll(column, 10);
    ui_paragraph(text, lit(content_text_get(&product->summary, language)));
    const char *description = content_text_get(&product->description, language);
    if (*description)
        ui_paragraph(text, lit(description));

    struct node *buttons = node_margin(ui_row(column, 16), 0, 8, 0, 0);
    page->buy = node_grow(ui_button(buttons, BUTTON_PRIMARY, "cart", tr("shopping.buy"), buy, page), 1);
    show_total(page);
    node_focus(page->buy);
    if (page->product->notice)
        ui_button(large ? facts : buttons, BUTTON_PLAIN, "credit", tr("portal.credit"), open_notice, page);
}

static void build_page(struct product_page *page)
{
    struct store_scope scope = shell_scope(page->shell);
    store_product_destroy(page->product);
    page->product = store_product(shell_reader(page->shell), &scope, page->id);
    struct node *screen = view_screen(page->view);
    ui_header(screen, tr("shopping.title"), lit(NULL));
    struct node *body = ui_body(screen);
    if (page->product) {
        struct node *row = node_grow(node_box(body, &(struct box){.layout = LAYOUT_ROW, .gap = 36}), 1);
        build_left(page, row);
        build_right(page, row);
    } else {
        ui_empty(body, "shop", tr("order.refused.unknown_product"), lit(NULL));
    }
    ui_hints(
        screen,
        (struct ui_hint[]){{KEY_OK, tr("hint.ok")}, {KEY_BACK, tr("hint.back")}, {KEY_BLUE, tr("hint.blue")}},
        3);
}

static void *open_page(struct view *view, const char *argument)
{
    struct product_page *page = calloc(1, sizeof(*page));
    if (!page)
        return NULL;
    page->view = view;
    page->shell = view_shell(view);
    page->quantity = 1;
    text_copy(page->id, sizeof(page->id), argument);
    view_wants(view, content_role_str(CONTENT_COMMERCE));
    build_page(page);
    return page;
}

static void page_changed(void *self, unsigned changes)
{
    if (changes & (SHELL_CHANGED_CONTENT | SHELL_CHANGED_LANGUAGE))
        build_page(self);
}

static void close_page(void *self)
{
    store_product_destroy(((struct product_page *)self)->product);
    free(self);
}

const struct channel channel_product = {"product", open_page, NULL, NULL, page_changed, close_page};
