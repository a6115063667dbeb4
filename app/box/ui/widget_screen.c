/* SPDX-License-Identifier: Apache-2.0 */
/* Screens, their header and hints, and the boxes that arrange what is between. */
#include "ui/desk.h"
#include "ui/inside.h"
#include "ui/widget.h"

bool words_empty(struct words words)
{
    return !words.key && (!words.text || !*words.text);
}

struct style widget_surface(const struct theme *theme)
{
    return (struct style){.fill = COLOR_SURFACE,
                          .fill_top = COLOR_SURFACE_TOP,
                          .border = COLOR_LINE,
                          .border_width = 1,
                          .radius = theme->radius,
                          .fade = 20};
}

struct style widget_surface_focused(const struct theme *theme)
{
    return (struct style){
        .fill = COLOR_SURFACE, .fill_top = COLOR_SURFACE_FOCUS, .radius = theme->radius, .shadow = 28};
}

/* ---- screens ---- */

static void backdrop(struct node *node, struct painter *painter, struct rect rect, void *context)
{
    (void)node;
    paint_backdrop(painter, rect, ui_backdrop(context));
}

struct node *ui_overlay(struct ui *ui)
{
    const struct theme *theme = ui_theme(ui);
    struct node *screen =
        node_box(ui_layer(ui, UI_LAYER_SCREEN),
                 &(struct box){.gap = 16, .padding = INSETS_XY(theme->safe_x, theme->safe_y)});
    return node_enter_scope(screen);
}

struct node *ui_screen(struct ui *ui)
{
    struct node *screen = ui_overlay(ui);
    if (!screen)
        return NULL;
    screen->paint = backdrop;
    screen->paint_context = ui;
    screen->opaque = true;
    motion_screen(screen);
    return screen;
}

struct node *ui_header(struct node *screen, struct words title, struct words place)
{
    struct node *row =
        node_box(screen, &(struct box){.layout = LAYOUT_ROW, .gap = 18, .across = ALIGN_CENTER});
    node_box(row, &(struct box){.width = 7,
                                .height = 40,
                                .style = {.fill = COLOR_ACCENT_DEEP, .fill_top = COLOR_ACCENT, .radius = 4}});
    bool large = row && ui_text_large(ui_of(row)); /* titles are as large as headings were, then */
    node_lines(node_text(row, title, large ? TYPE_TITLE : TYPE_HEADING, COLOR_TEXT), 1);
    if (row && !words_empty(place)) {
        node_icon(row, "right", 32, COLOR_ACCENT);
        node_grow(node_lines(node_text(row, place, large ? TYPE_CAPTION : TYPE_TITLE, COLOR_TEXT_SOFT), 1),
                  1);
    } else {
        ui_spacer(row);
    }
    struct node *clock = node_text(row, lit(row ? ui_clock(ui_of(row)) : ""), TYPE_TITLE, COLOR_TEXT);
    if (clock)
        clock->is_clock = true;
    if (row)
        row->steady = true;
    return row;
}

struct node *ui_body(struct node *screen)
{
    return node_box(screen, &(struct box){.grow = 1, .gap = 16});
}

static enum theme_color key_color(enum key key)
{
    switch (key) {
    case KEY_RED:
        return COLOR_KEY_RED;
    case KEY_GREEN:
        return COLOR_KEY_GREEN;
    case KEY_YELLOW:
        return COLOR_KEY_YELLOW;
    case KEY_BLUE:
        return COLOR_KEY_BLUE;
    default:
        return COLOR_NONE;
    }
}

static const char *key_icon(enum key key)
{
    switch (key) {
    case KEY_BACK:
        return "back";
    case KEY_HOME:
        return "home";
    case KEY_MENU:
        return "menu";
    case KEY_INFO:
        return "info";
    case KEY_UP:
        return "up";
    case KEY_DOWN:
        return "down";
    case KEY_LEFT:
        return "left";
    case KEY_RIGHT:
        return "right";
    default:
        return NULL;
    }
}

/* Of a key without colour and icon. */
static const char *key_label(enum key key)
{
    switch (key) {
    case KEY_NONE:
        return "0–9";
    case KEY_OK:
        return "OK";
    case KEY_CHANNEL_UP:
    case KEY_CHANNEL_DOWN:
        return "CH";
    default:
        return key_name(key);
    }
}

static void hint(struct node *row, const struct ui_hint *hint)
{
    if (!row)
        return;
    const struct ui *ui = ui_of(row);
    bool wide = hint->key == KEY_OK || hint->key == KEY_NONE;
    struct node *pair = ui_row(row, 10);
    enum theme_color color = key_color(hint->key);
    const char *icon = key_icon(hint->key);
    struct style style = {.radius = 13};
    if (color)
        style.fill = color;
    else
        style = (struct style){.border = COLOR_TEXT_SOFT, .border_width = 2, .radius = 13};
    struct node *cap = node_box(pair, &(struct box){.layout = LAYOUT_STACK,
                                                    .width = ui_text_px(ui, color  ? 40
                                                                            : wide ? 56
                                                                                   : 48),
                                                    .height = ui_text_px(ui, color ? 26 : 34),
                                                    .style = style});
    if (icon)
        node_place(node_icon(cap, icon, ui_text_px(ui, 24), COLOR_TEXT), ALIGN_CENTER, ALIGN_CENTER);
    else if (!color)
        node_place(node_lines(node_text(cap, lit(key_label(hint->key)), TYPE_CAPTION, COLOR_TEXT), 1),
                   ALIGN_CENTER, ALIGN_CENTER);
    node_lines(node_text(pair, hint->words, TYPE_CAPTION, COLOR_TEXT_SOFT), 1);
}

struct node *ui_hints(struct node *screen, const struct ui_hint *hints, size_t count)
{
    static const int gaps[THEME_SIZES] = {36, 20, 14};
    if (!screen)
        return NULL;
    struct node *row = node_box(screen, &(struct box){.layout = LAYOUT_ROW,
                                                      .gap = gaps[ui_theme(ui_of(screen))->size],
                                                      .across = ALIGN_CENTER});
    for (size_t i = 0; i < count; i++)
        hint(row, &hints[i]);
    if (row)
        row->steady = true;
    return row;
}

/* ---- arranging ---- */

struct node *ui_row(struct node *parent, int gap)
{
    return node_box(parent, &(struct box){.layout = LAYOUT_ROW, .gap = gap, .across = ALIGN_CENTER});
}

struct node *ui_column(struct node *parent, int gap)
{
    return node_box(parent, &(struct box){.gap = gap});
}

struct node *ui_grid(struct node *parent, int columns, int gap)
{
    return node_box(parent, &(struct box){.layout = LAYOUT_GRID, .columns = columns, .gap = gap});
}

/* A text without anything to focus is read with up and down. */
static bool scroll_key(struct node *node, struct key_event event, void *context)
{
    (void)context;
    int page = node->rect.h * 6 / 10;
    if (!node_focused(node))
        return false;
    if (event.key == KEY_UP)
        return node_scroll_by(node, -page);
    return event.key == KEY_DOWN && node_scroll_by(node, page);
}

struct node *ui_scroll(struct node *parent, int gap)
{
    struct node *node =
        node_box(parent, &(struct box){.grow = 1, .gap = gap, .padding = {0, 14, 0, 14}, .scroll = true});
    return node_on_key(node_on_activate(node, NULL, NULL), scroll_key, NULL);
}

struct node *ui_spacer(struct node *parent)
{
    return node_box(parent, &(struct box){.grow = 1});
}

struct node *ui_line(struct node *parent)
{
    return node_box(parent, &(struct box){.height = 1, .style = {.fill = COLOR_LINE}});
}

struct node *ui_panel(struct node *parent, int gap)
{
    if (!parent)
        return NULL;
    return node_box(parent, &(struct box){.gap = gap,
                                          .padding = INSETS_XY(24, 18),
                                          .style = widget_surface(ui_theme(ui_of(parent)))});
}
