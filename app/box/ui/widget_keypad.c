/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/desk.h"
#include "ui/inside.h"
#include "ui/keypad.h"
#include "ui/widget.h"
#include <stdlib.h>
#include <string.h>

#define COLUMNS 3
#define GAP 10
#define KEY_HEIGHT 84

static const char order[] = {
    '1', '2', '3', '4', '5', '6', '7', '8', '9', UI_KEYPAD_CLEAR, '0', UI_KEYPAD_ERASE};
#define KEYS sizeof(order)

struct keypad {
    struct node *node;
    ui_keypad_fn *press;
    void *context;
    struct place {
        struct keypad *keypad;
        char key;
        struct node *node;
    } places[KEYS];
};

static void press(struct node *node, void *context)
{
    (void)node;
    struct place *place = context;
    if (place->keypad->press)
        place->keypad->press(place->keypad->node, place->key, place->keypad->context);
}

/* Their line boxes overlap where lines are tall (Tibetan); their ink does not. */
static void add_digit(struct node *key, char digit, const char *letters)
{
    char text[2] = {digit, 0};
    bool alone = !letters || !*letters;
    struct node *large =
        node_focus_color(node_lines(node_text(key, lit(text), TYPE_TITLE, COLOR_TEXT), 1), COLOR_TEXT_DARK);
    node_place(large, ALIGN_CENTER, alone ? ALIGN_CENTER : ALIGN_START);
    if (alone)
        return;
    struct node *small = node_focus_color(
        node_lines(node_text(key, lit(letters), TYPE_CAPTION, COLOR_ACCENT), 1), COLOR_TEXT_DARK);
    node_place(small, ALIGN_CENTER, ALIGN_END);
    if (key && ui_text_large(ui_of(key))) { /* side by side */
        node_margin(node_place(large, ALIGN_START, ALIGN_CENTER), 12, 0, 0, 0);
        node_margin(node_place(small, ALIGN_END, ALIGN_CENTER), 0, 0, 10, 0);
    }
}

static struct node *add_key(struct node *grid, struct place *place, const char *(*letters)(char digit))
{
    int radius = ui_theme(ui_of(grid))->radius_small;
    const struct style plain = {
        .fill = COLOR_SURFACE_RAISED, .border = COLOR_LINE, .border_width = 2, .radius = radius};
    const struct style gold = {.fill = COLOR_FOCUS_DEEP, .fill_top = COLOR_FOCUS, .radius = radius};
    struct node *key = node_box(grid, &(struct box){.layout = LAYOUT_STACK,
                                                    .height = KEY_HEIGHT,
                                                    .padding = INSETS_XY(0, 3),
                                                    .style = plain,
                                                    .focus_style = gold,
                                                    .use_focus_style = true});
    if (place->key == UI_KEYPAD_ERASE || place->key == UI_KEYPAD_CLEAR)
        node_place(node_focus_color(
                       node_icon(key, place->key == UI_KEYPAD_ERASE ? "erase" : "close", 32, COLOR_TEXT_SOFT),
                       COLOR_TEXT_DARK),
                   ALIGN_CENTER, ALIGN_CENTER);
    else
        add_digit(key, place->key, letters ? letters(place->key) : NULL);
    return node_on_activate(key, press, place);
}

struct node *ui_keypad(struct node *parent, const struct ui_keypad *options)
{
    struct keypad *keypad = calloc(1, sizeof(*keypad));
    struct node *grid = keypad && parent ? node_size(ui_grid(parent, COLUMNS, GAP),
                                                     ui_text_px(ui_of(parent), UI_KEYPAD_WIDTH), 0)
                                         : NULL;
    if (!grid) {
        free(keypad);
        return NULL;
    }
    *keypad = (struct keypad){.node = grid, .press = options->press, .context = options->context};
    node_set_data(grid, keypad, free);
    for (size_t i = 0; i < KEYS; i++) {
        struct place *place = &keypad->places[i];
        place->keypad = keypad;
        place->key = order[i];
        place->node = add_key(grid, place, options->letters);
    }
    ui_keypad_show(grid, '5');
    return grid;
}

void ui_keypad_show(struct node *node, char digit)
{
    struct keypad *keypad = node_data(node);
    for (size_t i = 0; keypad && i < KEYS; i++)
        if (order[i] == digit)
            node_focus(keypad->places[i].node);
}
