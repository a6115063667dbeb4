/* SPDX-License-Identifier: Apache-2.0 */
/* What screens are made of. Each function appends a finished piece to parent and returns its node (owned by
 * parent); words and options are copied; a NULL parent gives NULL. Main thread only. Callbacks may destroy
 * their screen.
 *
 * A whole screen:
 *
 *     static void buy(struct node *node, void *context) { struct page *page = context; ... }
 *
 *     struct node *screen = ui_screen(ui);                        // backdrop, safe area, focus scope
 *     ui_header(screen, tr("shop.title"), lit(category_name));
 *     struct node *body = ui_body(screen);                        // takes the room between header and hints
 *     struct node *row = ui_row(body, 24);
 *     ui_picture(row, "commerce/pictures/yogurt.jpg", 400, 300);
 *     struct node *column = node_grow(ui_column(row, 12), 1);
 *     ui_text(column, lit(product->name), TYPE_HEADING);
 *     ui_price(column, product->price_fen, product->old_price_fen, TYPE_HERO);
 *     ui_paragraph(column, lit(product->summary));
 *     ui_stepper(column, 1, 1, 9, quantity_changed, page);
 *     node_focus(ui_button(column, BUTTON_PRIMARY, "cart", tr("cart.buy"), buy, page));
 *     ui_hints(screen, (struct ui_hint[]){{KEY_RED, tr("hint.cart")}, {KEY_BACK, tr("hint.back")}}, 2);
 *     ...
 *     node_destroy(screen);                                       // the screen below has the focus again
 */
#ifndef KOKONOR_UI_WIDGET_H
#define KOKONOR_UI_WIDGET_H

#include "ui/scene.h"
#include "ui/ui.h"

/* ---- screens ---- */

/* A column over the whole picture inside the safe area, before the backdrop, and the active focus scope. */
struct node *ui_screen(struct ui *ui);
/* The same without backdrop and header room, over live video. */
struct node *ui_overlay(struct ui *ui);
/* Title, where we are below the title (may be lit(NULL)), and the clock at the right. */
struct node *ui_header(struct node *screen, struct words title, struct words place);
/* The column that takes the room that is left. */
struct node *ui_body(struct node *screen);

struct ui_hint {
    enum key key; /* a colour, OK, BACK, HOME, MENU, INFO, an arrow or a digit; NONE: any digit */
    struct words words;
};
/* The line at the bottom that says what keys do. */
struct node *ui_hints(struct node *screen, const struct ui_hint *hints, size_t count);

/* ---- arranging ---- */

/* A length in pixels that has to hold text, grown as the viewer has chosen: keys, cards, columns of words. */
int ui_text_px(const struct ui *ui, int px);
/* One that gives way to text that has grown: pictures, gaps. */
int ui_less_px(const struct ui *ui, int px);
/* Text is larger than normal: what stood side by side or fitted the screen may not any more. */
bool ui_text_large(const struct ui *ui);

struct node *ui_row(struct node *parent, int gap); /* children centred across */
struct node *ui_column(struct node *parent, int gap);
struct node *ui_grid(struct node *parent, int columns, int gap);
/* A column that scrolls; it grows into the room left, keeps the focused node in view and shows where it is.
 * Without anything focusable in it, it takes the focus itself and up and down scroll it (long texts). */
struct node *ui_scroll(struct node *parent, int gap);

/* A grid, or with one column a list, of any length: only the rows near the view exist. make appends the one
 * node of an item to parent, when that comes near; it goes again when it is far away, but never while it has
 * the focus or would get it back. make is called during ui_items, ui_items_focus and any layout: it reads
 * what it shows and leaves the rest of the scene alone. */
typedef void ui_make_fn(struct node *parent, size_t index, void *context);
struct ui_items {
    int columns, gap;
    size_t count;
    ui_make_fn *make;
    void *context;
};
#define UI_ITEMS_NONE SIZE_MAX
/* In a ui_scroll. Rows far away are taken to be as high as the first. */
struct node *ui_items(struct node *parent, const struct ui_items *items);
/* Gives the focus to an item, wherever it is; nothing where there is none of that index. */
void ui_items_focus(struct node *items, size_t index);
/* The item that has the focus or would get it back; UI_ITEMS_NONE: none. */
size_t ui_items_focused(const struct node *items);
/* Which item node is, or lies in; UI_ITEMS_NONE: none. */
size_t ui_items_index(const struct node *node);
struct node *ui_spacer(struct node *parent); /* takes the room left */
struct node *ui_line(struct node *parent);   /* a thin separator */
/* A card: surface, rounded, padded; a column. */
struct node *ui_panel(struct node *parent, int gap);

/* ---- showing ---- */

struct node *ui_text(struct node *parent, struct words words,
                     enum theme_type type);                         /* COLOR_TEXT, one line */
struct node *ui_paragraph(struct node *parent, struct words words); /* body text, wraps */
struct node *ui_note(struct node *parent, struct words words);      /* caption, soft, wraps */
struct node *ui_icon(struct node *parent, const char *name, int size, enum theme_color color);
struct node *ui_picture(struct node *parent, const char *key, int width, int height); /* covers, rounded */
/* "¥ 12.50"; old_fen 0: none, else struck through beside it. */
struct node *ui_price(struct node *parent, int64_t fen, int64_t old_fen, enum theme_type type);
/* A small coloured label. */
struct node *ui_badge(struct node *parent, struct words words, enum theme_color color);
/* label: value, in a line. */
struct node *ui_fact(struct node *parent, struct words label, struct words value);
struct node *ui_progress(struct node *parent, int permille); /* -1: unknown */
void ui_progress_set(struct node *progress, int permille);
/* Nothing here (yet): icon, title, what to do; in the middle of the room left. text may be lit(NULL). */
struct node *ui_empty(struct node *parent, const char *icon, struct words title, struct words text);
/* A QR code of at most 500 bytes of text, size pixels square with its quiet zone; an empty white square where
 * it does not fit. */
struct node *ui_qr(struct node *parent, const char *text, int size);

/* ---- acting ---- */

enum ui_button_kind { BUTTON_PLAIN, BUTTON_PRIMARY, BUTTON_DANGER };
/* icon may be NULL. */
struct node *ui_button(struct node *parent, enum ui_button_kind kind, const char *icon, struct words words,
                       node_activate_fn *activate, void *context);
void ui_button_set_words(struct node *button, struct words words);

/* A product or anything else with a picture, for grids: picture above, at most two lines of title, price. */
struct ui_tile {
    const char *picture; /* NULL: icon */
    const char *icon;
    struct words title, note; /* note: one soft line, may be empty */
    int64_t price_fen;        /* 0: none */
    int64_t old_price_fen;
    struct words badge; /* on the picture, may be empty */
    int picture_height; /* 0: 168 */
    node_activate_fn *activate;
    void *context;
};
struct node *ui_tile(struct node *parent, const struct ui_tile *tile);

/* A large door to a channel or category: icon in a coloured field, title, note. */
struct ui_card {
    const char *icon;
    struct words title, note;
    enum theme_color color; /* COLOR_NONE: accent */
    int number;             /* 1 to 9: the digit that opens it, shown in the corner; 0: none */
    node_activate_fn *activate;
    void *context;
};
struct node *ui_card(struct node *parent, const struct ui_card *card);

/* A line of a list: icon or picture, title over note, something at the right. */
struct ui_item {
    const char *icon;    /* may be NULL */
    const char *picture; /* may be NULL; wins over icon */
    struct words title, note, value;
    struct words badge;
    enum theme_color badge_color; /* COLOR_NONE: accent */
    enum theme_color icon_color;  /* COLOR_NONE: accent */
    node_activate_fn *activate;   /* NULL: it can be read but not entered; focusable all the same */
    void *context;
};
struct node *ui_item(struct node *parent, const struct ui_item *item);

/* Tabs in a row; the selected one takes the focus. select is called with the index when the focus comes to
 * another tab, not for the first. */
typedef void ui_select_fn(struct node *tabs, size_t index, void *context);
struct node *ui_tabs(struct node *parent, const struct words *tabs, size_t count, size_t selected,
                     ui_select_fn *select, void *context);

/* A number between low and high: left and right change it while it has the focus. */
typedef void ui_change_fn(struct node *stepper, int value, void *context);
struct node *ui_stepper(struct node *parent, int value, int low, int high, ui_change_fn *change,
                        void *context);
int ui_stepper_value(const struct node *stepper);

/* One of several words: left and right change it (settings). */
struct node *ui_choice(struct node *parent, struct words title, const struct words *choices, size_t count,
                       size_t selected, ui_select_fn *select, void *context);

/* ---- over everything ---- */

struct ui_dialog_button {
    struct words words;
    enum ui_button_kind kind;
};
/* index: of the button; -1: BACK. The dialog is destroyed just before the call. */
typedef void ui_dialog_fn(void *context, int index);
struct ui_dialog {
    const char *icon;            /* may be NULL */
    enum theme_color icon_color; /* COLOR_NONE: accent */
    struct words title, text;    /* text may be empty */
    struct ui_dialog_button buttons[3];
    size_t button_count; /* 0: only BACK closes it */
    size_t focused;
    ui_dialog_fn *closed; /* may be NULL */
    void *context;
};
/* The node is the dialog's content column, between text and buttons: more may be appended. Destroying it
 * closes the dialog without a call. */
struct node *ui_dialog(struct ui *ui, const struct ui_dialog *dialog);

/* A short message that goes away after 3 seconds (with a loop); a new one replaces it. Takes no focus. */
void ui_toast(struct ui *ui, const char *icon, struct words words);
/* The same with a bar behind the words, at the top, where it covers nothing that is read: volume. */
void ui_toast_level(struct ui *ui, const char *icon, struct words words, int permille);

#endif
