/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/live_show.h"

#include "ui/widget.h"

#include <stdio.h>

#define PICTURE_WIDTH 272
#define PICTURE_HEIGHT 204
#define CARD_WIDTH 820

static void build_keys(struct node *column)
{
    struct node *row = ui_row(column, 24);
    struct node *order = node_box(row, &(struct box){.layout = LAYOUT_ROW,
                                                     .gap = 12,
                                                     .padding = {20, 8, 24, 8},
                                                     .across = ALIGN_CENTER,
                                                     .style = {.fill = COLOR_KEY_RED, .radius = 12}});
    node_icon(order, "cart", 32, COLOR_TEXT_DARK);
    node_lines(node_text(order, tr("live.product.order"), TYPE_STRONG, COLOR_TEXT_DARK), 1);
    ui_hints(row, (struct ui_hint[]){{KEY_BACK, tr("live.product.close")}}, 1);
}

bool live_show_product(struct node *parent, struct shell *shell, const char *id)
{
    struct store_scope scope = shell_scope(shell);
    struct store_product *item = store_product(shell_reader(shell), &scope, id);
    if (!item)
        return false;
    const struct content_product *product = &item->product;
    enum content_language language = shell_language(shell);
    char key[160];
    snprintf(key, sizeof(key), "%s/%s", content_role_str(CONTENT_COMMERCE), product->pictures.items[0]);
    int width = ui_text_px(shell_ui(shell), CARD_WIDTH);
    struct node *card = node_box(parent, &(struct box){.layout = LAYOUT_ROW,
                                                       .width = width,
                                                       .gap = 28,
                                                       .padding = INSETS(20),
                                                       .margin = {0, 0, 0, 20},
                                                       .across = ALIGN_CENTER,
                                                       .style = {.fill = COLOR_SURFACE,
                                                                 .fill_top = COLOR_SURFACE_RAISED,
                                                                 .border = COLOR_ACCENT,
                                                                 .border_width = 2,
                                                                 .radius = 20,
                                                                 .shadow = 28}});
    ui_picture(card, key, PICTURE_WIDTH, PICTURE_HEIGHT);
    struct node *column = node_grow(ui_column(card, 8), 1);
    struct node *head = ui_row(column, 16);
    ui_badge(head, tr("live.product"), COLOR_ACCENT);
    node_lines(node_text(column, lit(content_text_get(&product->name, language)), TYPE_TITLE, COLOR_TEXT), 1);
    struct node *price = ui_row(column, 16);
    ui_price(price, product->price_fen, product->old_price_fen, TYPE_HEADING);
    node_lines(
        node_text(price, lit(content_text_get(&product->unit, language)), TYPE_CAPTION, COLOR_TEXT_SOFT), 1);
    build_keys(column);
    store_product_destroy(item);
    return true;
}

bool live_show_invitation(struct node *parent, const struct programme_offer *offers, size_t count)
{
    struct node *pill = node_box(
        parent,
        &(struct box){.padding = INSETS_XY(28, 14),
                      .style = {.fill = COLOR_SCRIM, .border = COLOR_LINE, .border_width = 1, .radius = 16}});
    bool one = offers[0].invites || count == 1;
    ui_hints(pill,
             (struct ui_hint[]){{KEY_RED, one ? tr(offers[0].application->name) : tr("live.offers")},
                                {KEY_MENU, tr("live.offers")}},
             one && count > 1 ? 2 : 1);
    return true;
}
