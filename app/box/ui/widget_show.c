/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces that show something and take no keys. */
#include "base/text.h"
#include "ui/desk.h"
#include "ui/inside.h"
#include "ui/widget.h"
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node *ui_text(struct node *parent, struct words words, enum theme_type type)
{
    return node_lines(node_text(parent, words, type, COLOR_TEXT), 1);
}

struct node *ui_paragraph(struct node *parent, struct words words)
{
    return node_text(parent, words, TYPE_BODY, COLOR_TEXT);
}

struct node *ui_note(struct node *parent, struct words words)
{
    return node_text(parent, words, TYPE_CAPTION, COLOR_TEXT_SOFT);
}

struct node *ui_icon(struct node *parent, const char *name, int size, enum theme_color color)
{
    return node_icon(parent, name, size, color);
}

struct node *ui_picture(struct node *parent, const char *key, int width, int height)
{
    if (!parent)
        return NULL;
    return node_picture(parent, key, width, height, PICTURE_COVER, ui_theme(ui_of(parent))->radius_small);
}

struct node *ui_price(struct node *parent, int64_t fen, int64_t old_fen, enum theme_type type)
{
    char money[TEXT_MONEY_SIZE], text[TEXT_MONEY_SIZE + 4];
    struct node *row =
        node_box(parent, &(struct box){.layout = LAYOUT_ROW, .gap = 14, .across = ALIGN_CENTER});
    text_money(fen, money);
    snprintf(text, sizeof(text), "\xc2\xa5%s", money);
    node_lines(node_text(row, lit(text), type, COLOR_PRICE), 1);
    if (old_fen > 0) {
        text_money(old_fen, money);
        snprintf(text, sizeof(text), "\xc2\xa5%s", money);
        node_strike(node_lines(node_text(row, lit(text), TYPE_CAPTION, COLOR_TEXT_SOFT), 1), true);
    }
    return row;
}

struct node *ui_badge(struct node *parent, struct words words, enum theme_color color)
{
    struct node *badge =
        node_box(parent, &(struct box){.layout = LAYOUT_ROW,
                                       .padding = INSETS_XY(12, 1),
                                       .place_x = ALIGN_START,
                                       .place_y = ALIGN_CENTER,
                                       .style = {.fill = color ? color : COLOR_ACCENT, .radius = 10}});
    node_lines(node_text(badge, words, TYPE_CAPTION, COLOR_TEXT_DARK), 1);
    return badge;
}

struct node *ui_fact(struct node *parent, struct words label, struct words value)
{
    struct node *row = ui_row(parent, 20);
    node_lines(node_text(row, label, TYPE_CAPTION, COLOR_TEXT_SOFT), 1);
    node_grow(node_align(node_lines(node_text(row, value, TYPE_BODY, COLOR_TEXT), 2), ALIGN_END), 1);
    return row;
}

/* ---- progress ---- */

static void paint_progress(struct node *node, struct painter *painter, struct rect rect, void *context)
{
    int *permille = context;
    struct rect bar = {rect.x, rect.y + (rect.h - 10) / 2, rect.w, 10};
    uint32_t light = paint_color(painter, COLOR_ACCENT), deep = paint_color(painter, COLOR_ACCENT_DEEP);
    (void)node;
    paint_round(painter, bar, 5, 0x38ffffff, 0x38ffffff);
    if (*permille < 0)
        for (int i = 0; i < 3; i++)
            paint_round(painter, (struct rect){bar.x + bar.w * (3 + i) / 8, bar.y, bar.w / 12, bar.h}, 5,
                        light, deep);
    bar.w = bar.w * *permille / 1000;
    if (*permille > 0)
        paint_round(painter, bar.w < 10 ? (struct rect){bar.x, bar.y, 10, 10} : bar, 5, light, deep);
}

struct node *ui_progress(struct node *parent, int permille)
{
    int *value = malloc(sizeof(*value));
    struct node *node = value ? node_custom(parent, 60, 18, paint_progress, value) : NULL;
    if (!node) {
        free(value);
        return NULL;
    }
    *value = permille > 1000 ? 1000 : permille;
    return node_set_data(node, value, free);
}

void ui_progress_set(struct node *progress, int permille)
{
    int *value = node_data(progress);
    permille = permille > 1000 ? 1000 : permille;
    if (!value || *value == permille)
        return;
    *value = permille;
    node_invalidate(progress);
}

/* ---- nothing here ---- */

struct node *ui_empty(struct node *parent, const char *icon, struct words title, struct words text)
{
    if (!parent)
        return NULL;
    bool large = ui_text_large(ui_of(parent));
    int side = large ? 56 : 152;
    struct node *column = node_box(parent, &(struct box){.grow = 1,
                                                         .gap = large ? 6 : 14,
                                                         .padding = INSETS_XY(40, 12),
                                                         .along = ALIGN_CENTER,
                                                         .across = ALIGN_CENTER});
    struct node *disc = node_box(
        column, &(struct box){
                    .layout = LAYOUT_STACK,
                    .width = side,
                    .height = side,
                    .style = {.fill = COLOR_SURFACE, .fill_top = COLOR_SURFACE_RAISED, .radius = side / 2}});
    if (icon)
        node_place(node_icon(disc, icon, side / 2 - 4, COLOR_ACCENT), ALIGN_CENTER, ALIGN_CENTER);
    node_align(node_lines(node_text(column, title, TYPE_TITLE, COLOR_TEXT), 2), ALIGN_CENTER);
    if (!words_empty(text))
        node_align(node_text(column, text, TYPE_BODY, COLOR_TEXT_SOFT), ALIGN_CENTER);
    return column;
}

/* ---- QR ---- */

static void paint_qr(struct node *node, struct painter *painter, struct rect rect, void *context)
{
    const QRcode *code = context;
    (void)node;
    paint_round(painter, rect, 12, 0xffffffff, 0xffffffff);
    if (!code)
        return;
    int module = rect.w / (code->width + 8), start_x, start_y; /* a quiet zone of four modules */
    start_x = rect.x + (rect.w - module * code->width) / 2;
    start_y = rect.y + (rect.h - module * code->width) / 2;
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++)
            if (code->data[y * code->width + x] & 1)
                paint_fill(painter, (struct rect){start_x + x * module, start_y + y * module, module, module},
                           0xff000000);
}

static void free_qr(void *data)
{
    QRcode_free(data);
}

struct node *ui_qr(struct node *parent, const char *text, int size)
{
    QRcode *code = strlen(text) <= 500 ? QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) : NULL;
    struct node *node = node_custom(parent, size, size, paint_qr, code);
    if (!node) {
        QRcode_free(code);
        return NULL;
    }
    node_size(node, size, size);
    return node_set_data(node, code, free_qr);
}
