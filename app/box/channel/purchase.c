/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/purchase.h"

#include "base/log.h"
#include "base/text.h"
#include "shell/format.h"
#include "shell/shell.h"
#include "ui/widget.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Confirming: what is bought stands still on screen, with the price that is sent. Then, under its key, what
 * the order book says of it. */
enum step { STEP_CONFIRM, STEP_SAVING, STEP_PLACED, STEP_FAILED };

struct purchase {
    struct view *view;
    struct shell *shell;
    struct store_product *product;
    int quantity;
    bool from_live; /* what was bought was on screen: the programme goes on */
    enum step step;
    char key[TEXT_UUID_SIZE]; /* of the order, from STEP_PLACED on */
    /* order_place answers later, and the view may be closed by then: the answer goes to this, which outlives
     * it. */
    struct answer {
        struct purchase *purchase; /* NULL: closed */
    } * answer;
};

static void build(struct purchase *purchase);

static void placed(void *context, const struct order *order, const char *error)
{
    struct answer *answer = context;
    struct purchase *purchase = answer->purchase;
    if (!order)
        log_error("an order was not stored: %s", error);
    if (purchase) {
        purchase->answer = NULL;
        purchase->step = order ? STEP_PLACED : STEP_FAILED;
        if (order)
            text_copy(purchase->key, sizeof(purchase->key), order->key);
        build(purchase);
    }
    free(answer);
}

static void submit(struct node *node, void *context)
{
    (void)node;
    struct purchase *purchase = context;
    const struct content_product *product = &purchase->product->product;
    struct order_line line = {.product = product->id,
                              .name_zh = product->name.zh,
                              .name_bo = product->name.bo ? product->name.bo : "",
                              .name_en = product->name.en ? product->name.en : "",
                              .unit_price_fen = product->price_fen,
                              .quantity = purchase->quantity};
    struct order_request request = {.lines = &line, .line_count = 1};
    struct error error;
    if (purchase->step != STEP_CONFIRM)
        return; /* pressed twice: one order */
    struct answer *answer = malloc(sizeof(*answer));
    purchase->step = STEP_FAILED;
    if (answer) {
        answer->purchase = purchase;
        if (shell_orders(purchase->shell) &&
            order_place(shell_orders(purchase->shell), &request, placed, answer, &error)) {
            purchase->answer = answer;
            purchase->step = STEP_SAVING;
        } else {
            log_error("an order was not placed: %s",
                      shell_orders(purchase->shell) ? error.text : "no order book");
            free(answer);
        }
    }
    build(purchase);
}

static void go_back(struct node *node, void *context)
{
    (void)node;
    shell_back(((struct purchase *)context)->shell);
}

static void view_orders(struct node *node, void *context)
{
    (void)node;
    struct shell *shell = ((struct purchase *)context)->shell;
    shell_home(shell); /* closes this view */
    shell_open(shell, "orders", "");
}

static void go_on(struct node *node, void *context)
{
    (void)node;
    const struct purchase *purchase = context;
    struct shell *shell = purchase->shell;
    if (purchase->from_live) {
        shell_back(shell);
        return;
    }
    shell_home(shell); /* closes this view */
    shell_open(shell, "shopping", "");
}

static void build_confirm(struct purchase *purchase, struct node *body)
{
    const struct content_product *product = &purchase->product->product;
    enum content_language language = shell_language(purchase->shell);
    struct strings *strings = ui_strings(shell_ui(purchase->shell));
    char key[160], quantity[16], unit_price[FORMAT_SIZE];
    snprintf(key, sizeof(key), "%s/%s", content_role_str(CONTENT_COMMERCE), product->pictures.items[0]);
    snprintf(quantity, sizeof(quantity), "× %d", purchase->quantity);
    format_money(strings, product->price_fen, unit_price);

    bool large = ui_text_large(shell_ui(purchase->shell));
    struct node *panel = ui_panel(large ? ui_scroll(body, 0) : body, 4);
    struct node *row = ui_row(panel, 24);
    ui_picture(row, key, 144, 108);
    struct node *column = node_grow(ui_column(row, 0), 1);
    node_lines(ui_text(column, lit(content_text_get(&product->name, language)), TYPE_STRONG), 1);
    node_lines(ui_note(column, lit(content_text_get(&purchase->product->merchant.name, language))), 1);
    struct node *amount = ui_row(column, 16);
    ui_text(amount, lit(unit_price), TYPE_BODY);
    ui_text(amount, lit(quantity), TYPE_BODY);
    ui_line(panel);
    ui_fact(panel, tr("order.payment"), tr("order.payment.cod"));
    ui_fact(panel, tr("order.address"), tr("order.address.registered"));
    struct node *total = ui_row(panel, 16);
    node_grow(ui_text(total, tr("order.total"), TYPE_TITLE), 1);
    ui_price(total, product->price_fen * purchase->quantity, 0, TYPE_HEADING);

    struct node *buttons = node_margin(ui_row(body, 20), 0, 16, 0, 0);
    node_focus(
        node_grow(ui_button(buttons, BUTTON_PRIMARY, "ok", tr("order.confirm.submit"), submit, purchase), 2));
    node_grow(ui_button(buttons, BUTTON_PLAIN, NULL, tr("common.cancel"), go_back, purchase), 1);
}

/* Why the gateway refused, with the number that matters. */
static struct words refusal(struct purchase *purchase, const struct order *order, char first[FORMAT_SIZE],
                            char second[FORMAT_SIZE])
{
    struct strings *strings = ui_strings(shell_ui(purchase->shell));
    const struct order_line *line = order->line_count ? &order->lines[0] : NULL;
    switch (order->reason) {
    case ORDER_REASON_PRICE_CHANGED:
        if (!line || line->current_price_fen < 0)
            break;
        format_money(strings, line->unit_price_fen, first);
        format_money(strings, line->current_price_fen, second);
        return tr2("order.refused.price_changed", first, second);
    case ORDER_REASON_OUT_OF_STOCK:
        if (!line || line->current_stock < 0)
            break;
        snprintf(first, FORMAT_SIZE, "%" PRId64, line->current_stock);
        return tr1("order.refused.out_of_stock", first);
    case ORDER_REASON_UNKNOWN_PRODUCT:
        return tr("order.refused.unknown_product");
    case ORDER_REASON_NOT_A_SUBSCRIBER:
        return tr("order.refused.not_a_subscriber");
    default:
        break;
    }
    return tr("order.refused.other");
}

struct outcome {
    const char *icon;
    enum theme_color color;
    struct words title, text;
    bool number; /* there is one to show */
};

static struct outcome outcome_of(struct purchase *purchase, const struct order *order,
                                 char first[FORMAT_SIZE], char second[FORMAT_SIZE])
{
    if (purchase->step == STEP_SAVING)
        return (struct outcome){"clock", COLOR_ACCENT, tr("order.saving"), lit(""), false};
    if (purchase->step == STEP_FAILED || !order)
        return (struct outcome){"warning", COLOR_BAD, tr("order.failed.disk"), tr("order.failed.disk.hint"),
                                false};
    switch (order->state) {
    case ORDER_QUEUED:
        return (struct outcome){"clock", COLOR_WARNING, tr("order.queued"), tr("order.queued.hint"), false};
    case ORDER_SENT:
        return (struct outcome){"clock", COLOR_ACCENT, tr("order.sent"),
                                order->waiting ? tr("order.queued.hint") : lit(""), false};
    case ORDER_REFUSED:
        return (struct outcome){"warning", COLOR_BAD, tr("order.refused"),
                                refusal(purchase, order, first, second), false};
    default:
        return (struct outcome){"good", COLOR_GOOD, tr("order.accepted"), tr("order.thanks"), true};
    }
}

static void build_outcome(struct purchase *purchase, struct node *body)
{
    struct order_book *book = shell_orders(purchase->shell);
    const struct order *order =
        purchase->step == STEP_PLACED && book ? order_book_find(book, purchase->key) : NULL;
    char first[FORMAT_SIZE], second[FORMAT_SIZE];
    struct outcome outcome = outcome_of(purchase, order, first, second);
    int width = ui_text_px(shell_ui(purchase->shell), 860);
    struct node *stack = node_grow(node_box(body, &(struct box){.layout = LAYOUT_STACK}), 1);
    struct node *panel = node_place(node_size(ui_panel(stack, 14), width < 1152 ? width : 1152, 0),
                                    ALIGN_CENTER, ALIGN_CENTER);
    int side = ui_text_large(shell_ui(purchase->shell)) ? 56 : 96;
    struct node *icon = ui_icon(panel, outcome.icon, side, outcome.color);
    node_place(icon, ALIGN_CENTER, ALIGN_USUAL);
    node_align(node_text(panel, outcome.title, TYPE_HEADING, COLOR_TEXT), ALIGN_CENTER);
    if (outcome.number)
        node_align(node_text(panel, tr1("order.number", order->number), TYPE_TITLE, COLOR_FOCUS),
                   ALIGN_CENTER);
    node_align(node_lines(node_text(panel, outcome.text, TYPE_BODY, COLOR_TEXT_SOFT), 0), ALIGN_CENTER);
    struct node *buttons = node_margin(ui_row(panel, 20), 0, 16, 0, 0);
    node_focus(node_grow(
        ui_button(buttons, BUTTON_PRIMARY, "orders", tr("order.view_orders"), view_orders, purchase), 1));
    bool live = purchase->from_live;
    node_grow(ui_button(buttons, BUTTON_PLAIN, live ? "live" : "shop",
                        tr(live ? "order.continue_watching" : "order.continue_shopping"), go_on, purchase),
              1);
}

static void build(struct purchase *purchase)
{
    struct node *screen = view_screen(purchase->view);
    ui_header(screen, tr(purchase->step == STEP_CONFIRM ? "order.confirm.title" : "shopping.title"),
              lit(NULL));
    struct node *body = ui_body(screen);
    if (purchase->step == STEP_CONFIRM)
        build_confirm(purchase, body);
    else
        build_outcome(purchase, body);
    ui_hints(
        screen,
        (struct ui_hint[]){{KEY_OK, tr("hint.ok")}, {KEY_BACK, tr("hint.back")}, {KEY_BLUE, tr("hint.blue")}},
        3);
}

static void *open_purchase(struct view *view, const char *argument)
{
    char id[CONTENT_ID_MAXIMUM + 1], from[8] = "";
    int quantity;
    struct shell *shell = view_shell(view);
    struct store_scope scope = shell_scope(shell);
    if (sscanf(argument, "%48s %d %7s", id, &quantity, from) < 2 || quantity < 1 ||
        quantity > ORDER_QUANTITY_MAXIMUM)
        return NULL;
    struct purchase *purchase = calloc(1, sizeof(*purchase));
    if (!purchase)
        return NULL;
    *purchase = (struct purchase){
        .view = view, .shell = shell, .quantity = quantity, .from_live = !strcmp(from, "live")};
    purchase->product = store_product(shell_reader(shell), &scope, id);
    if (!purchase->product) {
        free(purchase);
        return NULL;
    }
    build(purchase);
    return purchase;
}

static bool key(void *self, struct key_event event)
{
    struct purchase *purchase = self;
    if (event.key != KEY_BACK || purchase->step == STEP_CONFIRM)
        return false;
    go_on(NULL, purchase); /* never back to a confirmation that was given */
    return true;
}

static void changed(void *self, unsigned changes)
{
    struct purchase *purchase = self;
    if ((changes & SHELL_CHANGED_LANGUAGE) ||
        ((changes & SHELL_CHANGED_ORDERS) && purchase->step == STEP_PLACED))
        build(purchase);
}

static void close_purchase(void *self)
{
    struct purchase *purchase = self;
    if (purchase->answer)
        purchase->answer->purchase = NULL;
    store_product_destroy(purchase->product);
    free(purchase);
}

const struct channel channel_purchase = {"purchase", open_purchase, key, NULL, changed, close_purchase};
