/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces that take the focus and keys. */
#include "ui/desk.h"
#include "ui/inside.h"
#include "ui/widget.h"
#include <stdio.h>
#include <stdlib.h>

/* ---- buttons ---- */

static struct style gold(int radius)
{
    return (struct style){.fill = COLOR_FOCUS_DEEP, .fill_top = COLOR_FOCUS, .radius = radius};
}

static struct style button_style(enum ui_button_kind kind, int radius)
{
    switch (kind) {
    case BUTTON_PRIMARY:
        return (struct style){.fill = COLOR_ACCENT, .radius = radius};
    case BUTTON_DANGER:
        return (struct style){
            .fill = COLOR_SURFACE, .border = COLOR_BAD, .border_width = 2, .radius = radius};
    default:
        return (struct style){
            .fill = COLOR_SURFACE_RAISED, .border = COLOR_LINE, .border_width = 2, .radius = radius};
    }
}

static enum theme_color button_ink(enum ui_button_kind kind)
{
    return kind == BUTTON_PRIMARY ? COLOR_TEXT_DARK : kind == BUTTON_DANGER ? COLOR_BAD : COLOR_TEXT;
}

struct node *ui_button(struct node *parent, enum ui_button_kind kind, const char *icon, struct words words,
                       node_activate_fn *activate, void *context)
{
    if (!parent)
        return NULL;
    int radius = ui_theme(ui_of(parent))->radius_small;
    struct node *button = node_box(parent, &(struct box){.layout = LAYOUT_ROW,
                                                         .gap = 14,
                                                         .padding = INSETS_XY(32, 8),
                                                         .min_height = 64,
                                                         .along = ALIGN_CENTER,
                                                         .across = ALIGN_CENTER,
                                                         .style = button_style(kind, radius),
                                                         .focus_style = gold(radius),
                                                         .use_focus_style = true});
    if (icon)
        node_focus_color(node_icon(button, icon, 32, button_ink(kind)), COLOR_TEXT_DARK);
    struct node *text = node_lines(node_text(button, words, TYPE_STRONG, button_ink(kind)), 1);
    node_set_data(button, node_focus_color(text, COLOR_TEXT_DARK), NULL);
    return node_on_activate(button, activate, context);
}

void ui_button_set_words(struct node *button, struct words words)
{
    node_set_words(node_data(button), words);
}

/* ---- tiles and cards ---- */

static struct node *surface(struct node *parent, const struct box *layout, node_activate_fn *activate,
                            void *context)
{
    struct box box = *layout;
    if (!parent)
        return NULL;
    box.style = widget_surface(ui_theme(ui_of(parent)));
    box.focus_style = widget_surface_focused(ui_theme(ui_of(parent)));
    box.use_focus_style = true;
    return node_on_activate(node_box(parent, &box), activate, context);
}

/* A picture as wide as its box: the box says how wide when it is laid out. */
static struct node *wide_picture(struct node *parent, const char *key, int height, int radius)
{
    return node_picture(parent, key, 0, height, PICTURE_COVER, radius);
}

struct node *ui_tile(struct node *parent, const struct ui_tile *tile)
{
    struct node *node =
        surface(parent, &(struct box){.padding = {10, 10, 10, 12}}, tile->activate, tile->context);
    int height = tile->picture_height > 0 ? tile->picture_height : 152;
    if (node) /* its words grow: the whole tile stays in view */
        height = ui_less_px(ui_of(node), ui_less_px(ui_of(node), height));
    int radius = node ? ui_theme(ui_of(node))->radius_small : 0;
    struct node *top = node_box(node, &(struct box){.layout = LAYOUT_STACK, .height = height});
    if (tile->picture) {
        wide_picture(top, tile->picture, height, radius);
    } else {
        struct node *field = node_box(top, &(struct box){.layout = LAYOUT_STACK,
                                                         .style = {.fill = COLOR_ACCENT_DEEP,
                                                                   .fill_top = COLOR_SURFACE_FOCUS,
                                                                   .radius = radius}});
        if (tile->icon)
            node_place(node_icon(field, tile->icon, 72, COLOR_ACCENT), ALIGN_CENTER, ALIGN_CENTER);
    }
    if (!words_empty(tile->badge))
        node_margin(node_place(ui_badge(top, tile->badge, COLOR_ACCENT), ALIGN_START, ALIGN_START), 8, 8, 8,
                    0);
    struct node *words = node_margin(ui_column(node, 2), 8, 8, 8, 0);
    node_reserve(node_lines(node_text(words, tile->title, TYPE_BODY, COLOR_TEXT), 2), 2);
    if (!words_empty(tile->note))
        node_lines(ui_note(words, tile->note), 1);
    if (tile->price_fen > 0)
        ui_price(words, tile->price_fen, tile->old_price_fen, TYPE_TITLE);
    return node_lift(node, true);
}

static struct node *icon_field(struct node *parent, const char *icon, int size, enum theme_color color)
{
    struct node *field = node_box(parent, &(struct box){.layout = LAYOUT_STACK,
                                                        .width = size,
                                                        .height = size,
                                                        .style = {.fill = color, .radius = size * 3 / 10}});
    node_place(node_icon(field, icon, size * 72 / 100, COLOR_TEXT_DARK), ALIGN_CENTER, ALIGN_CENTER);
    return field;
}

struct node *ui_card(struct node *parent, const struct ui_card *card)
{
    enum theme_color color = card->color ? card->color : COLOR_ACCENT;
    struct node *node =
        surface(parent, &(struct box){.gap = 6, .padding = {18, 14, 18, 14}, .along = ALIGN_CENTER},
                card->activate, card->context);
    struct node *row = ui_row(node, 16);
    if (card->icon)
        icon_field(row, card->icon, 56, color);
    node_grow(node_lines(node_text(row, card->title, TYPE_STRONG, COLOR_TEXT), 2), 1);
    if (card->number > 0 && card->number <= 9) {
        char digit[2] = {(char)('0' + card->number), 0};
        node_place(node_text(row, lit(digit), TYPE_CAPTION, COLOR_TEXT_SOFT), ALIGN_USUAL, ALIGN_START);
    }
    if (!words_empty(card->note))
        node_lines(ui_note(node, card->note), 2);
    return node_lift(node, true);
}

/* ---- lists ---- */

struct node *ui_item(struct node *parent, const struct ui_item *item)
{
    struct node *node = surface(parent,
                                &(struct box){.layout = LAYOUT_ROW,
                                              .gap = 20,
                                              .padding = {18, 12, 20, 12},
                                              .min_height = 80,
                                              .across = ALIGN_CENTER},
                                item->activate, item->context);
    if (item->picture)
        ui_picture(node, item->picture, 108, 76);
    else if (item->icon)
        icon_field(node, item->icon, 56, item->icon_color ? item->icon_color : COLOR_ACCENT);
    struct node *words = node_grow(node_box(node, &(struct box){.along = ALIGN_CENTER}), 1);
    int lines = node && ui_text_large(ui_of(node)) ? 2 : 1;
    node_lines(node_text(words, item->title, TYPE_STRONG, COLOR_TEXT), lines);
    if (!words_empty(item->note))
        node_lines(ui_note(words, item->note), lines);
    if (!words_empty(item->badge))
        ui_badge(node, item->badge, item->badge_color);
    if (!words_empty(item->value))
        node_lines(node_text(node, item->value, TYPE_BODY, COLOR_TEXT), 1);
    if (item->activate)
        node_focus_color(node_icon(node, "right", 32, COLOR_TEXT_SOFT), COLOR_FOCUS);
    return node;
}

/* ---- tabs ---- */

struct tabs {
    struct node *strip; /* of the tabs; it is moved under the clip where they are too many */
    size_t selected;
    ui_select_fn *select;
    void *context;
};

static void show_selected(struct tabs *tabs)
{
    const struct style plain = {.radius = 26}, chosen = {.fill = COLOR_ACCENT_DEEP, .radius = 26};
    for (size_t i = 0; i < node_count(tabs->strip); i++) {
        struct node *tab = node_child(tabs->strip, i);
        node_style(tab, i == tabs->selected ? &chosen : &plain);
        node_set_color(node_child(tab, 0), i == tabs->selected ? COLOR_TEXT : COLOR_TEXT_SOFT);
    }
}

/* Moves the strip so that the tab, and a part of its neighbour, is within the clip. */
static void bring_into_view(struct tabs *tabs, struct node *tab)
{
    struct rect view = node_rect(node_parent(tabs->strip)), strip = node_rect(tabs->strip),
                at = node_rect(tab);
    const int beside = 96;
    int shift = strip.x - view.x;
    if (at.x - beside < view.x)
        shift += view.x - (at.x - beside);
    else if (at.x + at.w + beside > view.x + view.w)
        shift -= at.x + at.w + beside - (view.x + view.w);
    int least = view.w - strip.w - 12;
    shift = shift < least ? least : shift;
    node_glide(tabs->strip, shift > 0 ? 0 : shift, 0);
}

static void tab_focused(struct node *tab, bool focused, void *context)
{
    struct tabs *tabs = context;
    if (!focused)
        return;
    bring_into_view(tabs, tab);
    for (size_t i = 0; i < node_count(tabs->strip); i++) {
        if (node_child(tabs->strip, i) != tab || i == tabs->selected)
            continue;
        tabs->selected = i;
        show_selected(tabs);
        if (tabs->select)
            tabs->select(node_parent(tabs->strip), i, tabs->context);
        return;
    }
}

struct node *ui_tabs(struct node *parent, const struct words *words, size_t count, size_t selected,
                     ui_select_fn *select, void *context)
{
    struct tabs *tabs = calloc(1, sizeof(*tabs));
    struct node *view =
        tabs ? node_box(parent,
                        &(struct box){.layout = LAYOUT_STACK, .margin = {-10, 0, -10, 0}, .clip = true})
             : NULL;
    if (!view) {
        free(tabs);
        return NULL;
    }
    node_set_data(view, tabs, free);
    tabs->strip = node_group(node_box(
        view,
        &(struct box){.layout = LAYOUT_ROW, .gap = 6, .padding = {10, 8, 10, 8}, .place_x = ALIGN_START}));
    if (!tabs->strip)
        return view;
    tabs->strip->free_width = true;
    tabs->selected = selected;
    tabs->select = select;
    tabs->context = context;
    for (size_t i = 0; i < count; i++) {
        struct node *tab = node_box(tabs->strip, &(struct box){.layout = LAYOUT_ROW,
                                                               .padding = INSETS_XY(22, 4),
                                                               .min_height = 52,
                                                               .across = ALIGN_CENTER,
                                                               .focus_style = gold(26),
                                                               .use_focus_style = true});
        node_focus_color(node_lines(node_text(tab, words[i], TYPE_STRONG, COLOR_TEXT_SOFT), 1),
                         COLOR_TEXT_DARK);
        node_on_focus(node_on_activate(tab, NULL, NULL), tab_focused, tabs);
        if (i == selected && tab) {
            tabs->strip->remembered = tab;
            node_focus(tab);
        }
    }
    show_selected(tabs);
    return view;
}

/* ---- a number, one of several ---- */

struct stepper {
    int value, low, high;
    ui_change_fn *change;
    void *context;
    struct node *text, *less, *more;
};

static void show_value(struct stepper *stepper)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", stepper->value);
    node_set_words(stepper->text, lit(text));
    node_opacity(stepper->less, stepper->value > stepper->low ? 255 : 70);
    node_opacity(stepper->more, stepper->value < stepper->high ? 255 : 70);
}

static bool step(struct node *node, struct key_event event, void *context)
{
    struct stepper *stepper = context;
    if (event.key != KEY_LEFT && event.key != KEY_RIGHT)
        return false;
    int value = stepper->value + (event.key == KEY_RIGHT ? 1 : -1);
    if (value < stepper->low || value > stepper->high)
        return true;
    stepper->value = value;
    show_value(stepper);
    if (stepper->change)
        stepper->change(node, value, stepper->context);
    return true;
}

struct node *ui_stepper(struct node *parent, int value, int low, int high, ui_change_fn *change,
                        void *context)
{
    struct stepper *stepper = calloc(1, sizeof(*stepper));
    if (!parent || !stepper) {
        free(stepper);
        return NULL;
    }
    int radius = ui_theme(ui_of(parent))->radius_small;
    struct node *node = node_box(parent, &(struct box){.layout = LAYOUT_ROW,
                                                       .padding = INSETS_XY(14, 6),
                                                       .min_height = 64,
                                                       .place_x = ALIGN_START,
                                                       .across = ALIGN_CENTER,
                                                       .style = button_style(BUTTON_PLAIN, radius),
                                                       .focus_style = gold(radius),
                                                       .use_focus_style = true});
    if (!node) {
        free(stepper);
        return NULL;
    }
    *stepper = (struct stepper){value, low, high, change, context, NULL, NULL, NULL};
    node_set_data(node, stepper, free);
    stepper->less = node_focus_color(node_icon(node, "minus", 40, COLOR_ACCENT), COLOR_TEXT_DARK);
    stepper->text = node_focus_color(
        node_align(node_text(node, lit(""), TYPE_TITLE, COLOR_TEXT), ALIGN_CENTER), COLOR_TEXT_DARK);
    node_size(node_lines(stepper->text, 1), 88, 0);
    stepper->more = node_focus_color(node_icon(node, "plus", 40, COLOR_ACCENT), COLOR_TEXT_DARK);
    show_value(stepper);
    return node_on_key(node_on_activate(node, NULL, NULL), step, stepper);
}

int ui_stepper_value(const struct node *stepper)
{
    const struct stepper *data = node_data(stepper);
    return data ? data->value : 0;
}

struct choice {
    size_t selected, count;
    ui_select_fn *select;
    void *context;
    struct node *texts; /* a stack: one of its children is shown */
};

static bool choose(struct node *node, struct key_event event, void *context)
{
    struct choice *choice = context;
    size_t to = choice->selected;
    if ((event.key == KEY_RIGHT || event.key == KEY_OK) && choice->count > 0)
        to = (to + 1) % choice->count;
    else if (event.key == KEY_LEFT && choice->count > 0)
        to = (to + choice->count - 1) % choice->count;
    else
        return false;
    if (to == choice->selected)
        return true;
    node_opacity(node_child(choice->texts, choice->selected), 0);
    node_opacity(node_child(choice->texts, to), 255);
    choice->selected = to;
    if (choice->select)
        choice->select(node, to, choice->context);
    return true;
}

struct node *ui_choice(struct node *parent, struct words title, const struct words *choices, size_t count,
                       size_t selected, ui_select_fn *select, void *context)
{
    struct choice *choice = calloc(1, sizeof(*choice));
    struct node *node = choice ? ui_item(parent, &(struct ui_item){.title = title}) : NULL;
    if (!node) {
        free(choice);
        return NULL;
    }
    node_set_data(node, choice, free);
    node_focus_color(node_icon(node, "left", 32, COLOR_ACCENT), COLOR_FOCUS);
    choice->texts = node_box(node, &(struct box){.layout = LAYOUT_STACK, .min_width = 220});
    for (size_t i = 0; i < count; i++) {
        struct node *text = node_lines(node_text(choice->texts, choices[i], TYPE_STRONG, COLOR_TEXT), 1);
        node_opacity(node_place(text, ALIGN_CENTER, ALIGN_CENTER), i == selected ? 255 : 0);
    }
    node_focus_color(node_icon(node, "right", 32, COLOR_ACCENT), COLOR_FOCUS);
    choice->selected = selected;
    choice->count = count;
    choice->select = select;
    choice->context = context;
    return node_on_key(node, choose, choice);
}
