/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/orders.h"

#include "channel/detail.h"
#include "channel/rows.h"
#include "shell/format.h"
#include "shell/shell.h"
#include "ui/widget.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *line_name(const struct order_line *line, enum content_language language)
{
    const char *name = language == CONTENT_BO ? line->name_bo : language == CONTENT_EN ? line->name_en : "";
    return *name ? name : line->name_zh;
}

static enum theme_color state_color(enum order_state state)
{
    switch (state) {
    case ORDER_QUEUED:
    case ORDER_SENT:
        return COLOR_WARNING;
    case ORDER_REFUSED:
    case ORDER_CANCELLED:
        return COLOR_BAD;
    default:
        return COLOR_GOOD;
    }
}

/* ---- the list ---- */

struct orders {
    struct view *view;
    struct shell *shell;
    struct rows rows;
};

static void add_row(struct orders *orders, struct node *list, const struct order *order)
{
    struct strings *strings = ui_strings(shell_ui(orders->shell));
    char total[FORMAT_SIZE], when[FORMAT_SIZE], title[256], number[160];
    format_money(strings, order->total_fen, total);
    format_date_time(strings, order->created_s, when);
    const struct order_line *line = &order->lines[0];
    snprintf(title, sizeof(title), "%s × %" PRId64 "%s", line_name(line, shell_language(orders->shell)),
             line->quantity, order->line_count > 1 ? " …" : "");
    struct words note = lit(when);
    if (*order->number) {
        snprintf(number, sizeof(number), "%s   %s", order->number, when);
        note = lit(number);
    }
    struct row *row = rows_add(&orders->rows, orders->shell, "order", order->key);
    if (!row)
        return;
    struct node *node = ui_item(list, &(struct ui_item){.icon = "orders",
                                                        .title = lit(title),
                                                        .note = note,
                                                        .value = lit(total),
                                                        .badge = tr(order_state_text_key(order->state)),
                                                        .badge_color = state_color(order->state),
                                                        .activate = rows_open,
                                                        .context = row});
    rows_placed(&orders->rows, row, node);
}

static void build(struct orders *orders)
{
    struct order_book *book = shell_orders(orders->shell);
    const struct order *const *list = NULL;
    size_t count = book ? order_book_list(book, &list) : 0;
    rows_restart(&orders->rows);
    struct node *screen = view_screen(orders->view);
    ui_header(screen, tr("orders.title"), lit(NULL));
    struct node *body = ui_body(screen);
    if (count == 0)
        ui_empty(body, "orders", tr("orders.none"), tr("orders.none.hint"));
    struct node *scroll = count ? ui_scroll(body, 14) : NULL;
    for (size_t i = 0; i < count; i++)
        if (list[i]->line_count)
            add_row(orders, scroll, list[i]);
    ui_hints(screen,
             (struct ui_hint[]){{KEY_OK, tr("hint.open")},
                                {KEY_BACK, tr("hint.back")},
                                {KEY_GREEN, tr("hint.green")},
                                {KEY_BLUE, tr("hint.blue")}},
             4);
}

static void *open_orders(struct view *view, const char *argument)
{
    (void)argument;
    struct orders *orders = calloc(1, sizeof(*orders));
    if (!orders)
        return NULL;
    orders->view = view;
    orders->shell = view_shell(view);
    if (shell_orders(orders->shell))
        order_book_refresh(shell_orders(orders->shell));
    build(orders);
    return orders;
}

static void changed(void *self, unsigned changes)
{
    if (changes & (SHELL_CHANGED_ORDERS | SHELL_CHANGED_LANGUAGE))
        build(self);
}

const struct channel channel_orders = {"orders", open_orders, NULL, NULL, changed, free};

/* ---- one order ---- */

static void add_lines(struct detail *page, struct node *panel, const struct order *order)
{
    struct strings *strings = ui_strings(shell_ui(page->shell));
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *line = &order->lines[i];
        char price[FORMAT_SIZE], amount[2 * FORMAT_SIZE];
        format_money(strings, line->unit_price_fen, price);
        snprintf(amount, sizeof(amount), "%s × %" PRId64, price, line->quantity);
        ui_fact(panel, lit(line_name(line, shell_language(page->shell))), lit(amount));
    }
}

static void build_page(struct detail *page)
{
    struct order_book *book = shell_orders(page->shell);
    const struct order *order = book ? order_book_find(book, page->id) : NULL;
    struct strings *strings = ui_strings(shell_ui(page->shell));
    struct node *screen = view_screen(page->view);
    const struct words number =
        order && *order->number ? tr1("order.number", order->number) : tr("orders.number_pending");
    bool large = ui_text_large(shell_ui(page->shell)); /* the number stands below, then */
    ui_header(screen, tr("orders.detail"), large ? lit(NULL) : number);
    struct node *body = ui_body(screen);
    if (order) {
        char text[FORMAT_SIZE];
        struct node *scroll = ui_scroll(body, 16);
        struct node *panel = ui_panel(scroll, 12);
        struct node *head = ui_row(panel, 16);
        node_grow(ui_text(head, tr("orders.progress"), TYPE_TITLE), 1);
        ui_badge(head, tr(order_state_text_key(order->state)), state_color(order->state));
        if (large)
            ui_note(panel, number);
        format_date_time(strings, order->created_s, text);
        ui_fact(panel, tr("orders.placed_on"), lit(text));
        ui_fact(panel, tr("order.payment"), tr("order.payment.cod"));
        ui_fact(panel, tr("order.address"),
                *order->delivery_address ? lit(order->delivery_address) : tr("order.address.registered"));
        if (order->state == ORDER_QUEUED || order->state == ORDER_SENT)
            ui_note(panel, tr("order.queued.hint"));
        if (order->state == ORDER_REFUSED)
            ui_note(panel, tr("order.refused"));
        struct node *goods = ui_panel(scroll, 12);
        add_lines(page, goods, order);
        ui_line(goods);
        struct node *total = ui_row(goods, 16);
        node_grow(ui_text(total, tr("order.total"), TYPE_TITLE), 1);
        ui_price(total, order->total_fen, 0, TYPE_TITLE);
        if (order->true_s) {
            format_date_time(strings, order->true_s, text);
            ui_note(scroll, tr1("orders.last_true", text));
        }
    } else {
        ui_empty(body, "orders", tr("orders.none"), lit(NULL));
    }
    ui_hints(screen, (struct ui_hint[]){{KEY_BACK, tr("hint.back")}, {KEY_BLUE, tr("hint.blue")}}, 2);
}

static void *open_page(struct view *view, const char *argument)
{
    return detail_open(view, argument, build_page, SHELL_CHANGED_ORDERS | SHELL_CHANGED_LANGUAGE);
}

const struct channel channel_order = {"order", open_page, NULL, NULL, detail_changed, free};
