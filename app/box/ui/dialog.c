/* SPDX-License-Identifier: Apache-2.0 */
/* A question before everything else: a shade, a card in the middle, buttons. */
#include "ui/desk.h"
#include "ui/inside.h"
#include "ui/widget.h"
#include <stdlib.h>

struct dialog {
    struct node *shade; /* the whole dialog and its focus scope */
    ui_dialog_fn *closed;
    void *context;
    struct dialog_button {
        struct dialog *dialog;
        int index;
    } buttons[3];
};

static void close_dialog(struct dialog *dialog, int index)
{
    ui_dialog_fn *closed = dialog->closed;
    void *context = dialog->context;
    node_destroy(dialog->shade); /* frees dialog, at once or when the key has been handled */
    if (closed)
        closed(context, index);
}

static void pressed(struct node *node, void *context)
{
    const struct dialog_button *button = context;
    (void)node;
    close_dialog(button->dialog, button->index);
}

/* No key goes through a dialog to what is behind it, apart from volume and the way home. */
static bool dialog_key(struct node *node, struct key_event event, void *context)
{
    (void)node;
    switch (event.key) {
    case KEY_BACK:
        close_dialog(context, -1);
        return true;
    case KEY_HOME:
        close_dialog(context, -1);
        return false;
    case KEY_UP:
    case KEY_DOWN:
    case KEY_LEFT:
    case KEY_RIGHT:
    case KEY_OK:
    case KEY_VOLUME_UP:
    case KEY_VOLUME_DOWN:
    case KEY_MUTE:
        return false;
    default:
        return true;
    }
}

/* The caller destroyed the content: the shade around it goes too. */
static void content_gone(void *data)
{
    node_destroy(data);
}

static struct node *build_card(struct node *shade, const struct ui_dialog *options)
{
    const struct theme *theme = ui_theme(ui_of(shade));
    struct node *card = node_box(shade, &(struct box){.width = 780,
                                                      .gap = 18,
                                                      .padding = {44, 36, 44, 36},
                                                      .place_x = ALIGN_CENTER,
                                                      .place_y = ALIGN_CENTER,
                                                      .style = {.fill = COLOR_SURFACE,
                                                                .fill_top = COLOR_SURFACE_RAISED,
                                                                .border = COLOR_LINE,
                                                                .border_width = 1,
                                                                .radius = theme->radius + 6,
                                                                .shadow = 40}});
    struct node *head = ui_row(card, 18);
    if (options->icon)
        node_icon(head, options->icon, 56, options->icon_color ? options->icon_color : COLOR_ACCENT);
    node_grow(node_lines(node_text(head, options->title, TYPE_TITLE, COLOR_TEXT), 2), 1);
    if (!words_empty(options->text))
        node_lines(node_text(card, options->text, TYPE_BODY, COLOR_TEXT), 6);
    return card;
}

struct node *ui_dialog(struct ui *ui, const struct ui_dialog *options)
{
    struct dialog *dialog = calloc(1, sizeof(*dialog));
    struct node *shade = dialog
                             ? node_box(ui_layer(ui, UI_LAYER_DIALOG),
                                        &(struct box){.layout = LAYOUT_STACK, .style = {.fill = COLOR_SHADE}})
                             : NULL;
    if (!shade) {
        free(dialog);
        return NULL;
    }
    node_set_data(shade, dialog, free);
    dialog->shade = shade;
    dialog->closed = options->closed;
    dialog->context = options->context;
    const struct theme *theme = ui_theme(ui);
    struct node *card = build_card(shade, options);
    struct node *content = node_set_data(ui_column(card, 12), shade, content_gone);
    size_t count = options->button_count < 3 ? options->button_count : 3;
    struct node *row = count > 0 ? node_margin(ui_row(card, 18), 0, 10, 0, 0) : NULL;
    node_enter_scope(shade);
    shade->modal = true;
    for (size_t i = 0; i < count; i++) {
        dialog->buttons[i] = (struct dialog_button){dialog, (int)i};
        struct node *button = ui_button(row, options->buttons[i].kind, NULL, options->buttons[i].words,
                                        pressed, &dialog->buttons[i]);
        node_grow(button, 1);
        if (i == options->focused)
            node_focus(button);
    }
    node_on_key(shade, dialog_key, dialog);
    node_arrive(shade, ARRIVE_FADE);
    motion_start(card, MOTION_Y, theme->motion.rise, theme->motion.arrive_ms);
    return content;
}
