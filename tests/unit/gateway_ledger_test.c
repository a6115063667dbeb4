/* SPDX-License-Identifier: Apache-2.0 */
/* What the gateway's database promises: one answer to a key, no price that nobody saw, no stock sold twice.
 */
#include "base/file.h"
#include "base/text.h"
#include "gateway/import.h"
#include "gateway/intake.h"
#include "gateway/ledger.h"
#include "gateway/lifecycle.h"
#include "gateway/number.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY "6f9619ff-8b86-4011-b42d-00c04fc964ff"

struct place {
    char folder[64], path[96];
    struct ledger *ledger;
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    struct error error = {""};
    static const struct ledger_product products[] = {
        {"yak-yogurt", "{\"zh\":\"牦牛酸奶\",\"bo\":\"ཞོ\"}", 1250, 10, "m1"},
        {"chaka-salt", "{\"zh\":\"茶卡盐\"}", 990, 100, "m2"}};
    strcpy(place->folder, "/tmp/kokonor-ledger-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/gateway.db", place->folder);
    place->ledger = ledger_open(place->path, &error);
    assert_non_null(place->ledger);
    assert_true(ledger_import(place->ledger, products, 2, false, &error));
    assert_true(
        ledger_add_subscriber(place->ledger, "box-1", "才让卓玛", "海北州门源县", "0970-5550101", &error));
    assert_true(ledger_add_subscriber(place->ledger, "box-2", "马成", "西宁市", "0971-5550102", &error));
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    ledger_close(place->ledger);
    assert_true(file_remove_tree(place->folder, NULL));
    free(place);
    return 0;
}

static struct intake order_of(const char *product, int64_t quantity, int64_t price_fen)
{
    struct intake intake = {.payment = "cod", .total_fen = quantity * price_fen, .line_count = 1};
    snprintf(intake.lines[0].product, sizeof intake.lines[0].product, "%s", product);
    intake.lines[0].quantity = quantity;
    intake.lines[0].unit_price_fen = price_fen;
    return intake;
}

static void place_order(struct ledger *ledger, const char *box, const char *key, uint8_t hash_byte,
                        struct intake intake, struct reply *reply)
{
    uint8_t hash[LEDGER_HASH_SIZE];
    memset(hash, hash_byte, sizeof hash);
    reply_init(reply);
    ledger_place(ledger, box, key, hash, &intake, reply);
}

static json_t *body_of(struct reply *reply)
{
    json_t *body = json_loadb((const char *)reply->body.data, reply->body.size, 0, NULL);
    assert_non_null(body);
    return body;
}

static void assert_text(const json_t *body, const char *key, const char *expected)
{
    assert_non_null(json_string_value(json_object_get(body, key)));
    assert_string_equal(json_string_value(json_object_get(body, key)), expected);
}

static int64_t stock_of(struct ledger *ledger, const char *product)
{
    struct reply reply;
    reply_init(&reply);
    ledger_get_product(ledger, "box-1", product, &reply);
    assert_int_equal(reply.status, 200);
    json_t *body = body_of(&reply);
    int64_t stock = json_integer_value(json_object_get(body, "stock"));
    json_decref(body);
    reply_finish(&reply);
    return stock;
}

static size_t orders_of(struct ledger *ledger, const char *box)
{
    struct reply reply;
    reply_init(&reply);
    ledger_get_orders(ledger, box, &reply);
    assert_int_equal(reply.status, 200);
    json_t *body = body_of(&reply);
    size_t count = json_array_size(json_object_get(body, "orders"));
    json_decref(body);
    reply_finish(&reply);
    return count;
}

static void an_order_is_written(void **state)
{
    struct place *place = *state;
    struct reply reply;
    place_order(place->ledger, "box-1", KEY, 1, order_of("yak-yogurt", 3, 1250), &reply);
    assert_int_equal(reply.status, 201);
    assert_string_equal(reply.type, "application/json");
    json_t *body = body_of(&reply);
    const char *number = json_string_value(json_object_get(body, "number"));
    assert_true(number_check(number));
    assert_text(body, "state", "accepted");
    assert_int_equal(json_integer_value(json_object_get(body, "total_fen")), 3750);
    assert_text(json_object_get(body, "delivery"), "name", "才让卓玛");
    assert_text(json_object_get(body, "delivery"), "address", "海北州门源县");
    assert_int_equal(stock_of(place->ledger, "yak-yogurt"), 7);
    char location[80];
    snprintf(location, sizeof location, "/v1/orders/%s", number);
    assert_string_equal(reply.location, location);
    struct reply again;
    reply_init(&again);
    ledger_get_order(place->ledger, "box-1", number, &again);
    assert_int_equal(again.status, 200);
    assert_int_equal(again.body.size, reply.body.size);
    assert_memory_equal(again.body.data, reply.body.data, reply.body.size);
    ledger_get_order(place->ledger, "box-2", number, &again); /* not its order */
    assert_int_equal(again.status, 404);
    ledger_get_order(place->ledger, "box-3", number, &again);
    assert_int_equal(again.status, 403);
    json_decref(body);
    reply_finish(&reply);
    reply_finish(&again);
}

static void a_given_address_is_used(void **state)
{
    struct place *place = *state;
    struct reply reply;
    struct intake intake = order_of("chaka-salt", 1, 990);
    strcpy(intake.delivery_name, "李");
    strcpy(intake.delivery_phone, "1");
    strcpy(intake.delivery_address, "格尔木市");
    place_order(place->ledger, "box-1", KEY, 1, intake, &reply);
    json_t *body = body_of(&reply);
    assert_text(json_object_get(body, "delivery"), "address", "格尔木市");
    json_decref(body);
    reply_finish(&reply);
}

static void a_key_has_one_answer(void **state)
{
    struct place *place = *state;
    struct reply first, again;
    place_order(place->ledger, "box-1", KEY, 1, order_of("yak-yogurt", 3, 1250), &first);
    for (int i = 0; i < 3; i++) {
        place_order(place->ledger, "box-1", KEY, 1, order_of("yak-yogurt", 3, 1250), &again);
        assert_int_equal(again.status, 201);
        assert_true(again.replay);
        assert_string_equal(again.location, first.location);
        assert_int_equal(again.body.size, first.body.size);
        assert_memory_equal(again.body.data, first.body.data, first.body.size);
        reply_finish(&again);
        if (i == 1) { /* over a restart too */
            ledger_close(place->ledger);
            place->ledger = ledger_open(place->path, NULL);
            assert_non_null(place->ledger);
        }
    }
    assert_int_equal(orders_of(place->ledger, "box-1"), 1);
    assert_int_equal(stock_of(place->ledger, "yak-yogurt"), 7);
    place_order(place->ledger, "box-1", KEY, 2, order_of("yak-yogurt", 1, 1250), &again);
    assert_int_equal(again.status, 422);
    assert_int_equal(orders_of(place->ledger, "box-1"), 1);
    reply_finish(&again);
    place_order(place->ledger, "box-2", KEY, 2, order_of("yak-yogurt", 1, 1250), &again); /* its own key */
    assert_int_equal(again.status, 201);
    assert_false(again.replay);
    assert_int_equal(orders_of(place->ledger, "box-2"), 1);
    reply_finish(&again);
    reply_finish(&first);
}

struct refusal {
    const char *box, *product;
    int64_t quantity, price_fen;
    int status;
    const char *code;
    int64_t told_price, told_stock; /* -1: not */
};

static void refusals_are_kept_and_change_nothing(void **state)
{
    struct place *place = *state;
    static const struct refusal cases[] = {
        {"box-1", "yak-yogurt", 1, 1200, 409, "price_changed", 1250, 10},
        {"box-1", "yak-yogurt", 11, 1250, 409, "out_of_stock", 1250, 10},
        {"box-1", "nothing", 1, 1250, 409, "unknown_product", -1, -1},
        {"box-9", "yak-yogurt", 1, 1250, 403, "not_a_subscriber", -1, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct refusal *refusal = &cases[i];
        struct reply first, again;
        char key[64];
        snprintf(key, sizeof key, "key-%zu", i);
        place_order(place->ledger, refusal->box, key, 1,
                    order_of(refusal->product, refusal->quantity, refusal->price_fen), &first);
        assert_int_equal(first.status, refusal->status);
        assert_string_equal(first.type, "application/problem+json");
        json_t *body = body_of(&first), *line = json_array_get(json_object_get(body, "lines"), 0);
        assert_text(body, "code", refusal->code);
        assert_true(json_string_length(json_object_get(json_object_get(body, "text"), "zh")) > 0);
        assert_true(json_string_length(json_object_get(json_object_get(body, "text"), "bo")) > 0);
        if (refusal->told_price >= 0) {
            assert_int_equal(json_integer_value(json_object_get(line, "price_fen")), refusal->told_price);
            assert_int_equal(json_integer_value(json_object_get(line, "stock")), refusal->told_stock);
        }
        json_decref(body);
        /* Were it judged anew it could be sold now; the key says no. */
        assert_true(ledger_add_subscriber(place->ledger, refusal->box, "a", "b", "c", NULL));
        place_order(place->ledger, refusal->box, key, 1, order_of("chaka-salt", 1, 990), &again);
        assert_int_equal(again.status, refusal->status);
        assert_true(again.replay);
        assert_memory_equal(again.body.data, first.body.data, first.body.size);
        assert_int_equal(orders_of(place->ledger, refusal->box), 0);
        reply_finish(&first);
        reply_finish(&again);
    }
    assert_int_equal(stock_of(place->ledger, "yak-yogurt"), 10);
    assert_int_equal(stock_of(place->ledger, "chaka-salt"), 100);
}

static void one_bad_line_stops_all(void **state)
{
    struct place *place = *state;
    struct reply reply;
    struct intake intake = order_of("chaka-salt", 2, 990);
    intake.lines[1] = order_of("yak-yogurt", 11, 1250).lines[0];
    intake.line_count = 2;
    place_order(place->ledger, "box-1", KEY, 1, intake, &reply);
    assert_int_equal(reply.status, 409);
    assert_int_equal(stock_of(place->ledger, "chaka-salt"), 100);
    assert_int_equal(orders_of(place->ledger, "box-1"), 0);
    reply_finish(&reply);
}

static void a_suspended_box_hears_its_first_answer_alone(void **state)
{
    struct place *place = *state;
    struct reply reply;
    place_order(place->ledger, "box-1", KEY, 1, order_of("chaka-salt", 1, 990), &reply);
    reply_finish(&reply);
    assert_true(ledger_set_subscriber(place->ledger, "box-1", false, NULL));
    assert_false(ledger_set_subscriber(place->ledger, "box-7", false, NULL));
    place_order(place->ledger, "box-1", KEY, 1, order_of("chaka-salt", 1, 990), &reply);
    assert_int_equal(reply.status, 201);
    reply_finish(&reply);
    place_order(place->ledger, "box-1", "other", 1, order_of("chaka-salt", 1, 990), &reply);
    assert_int_equal(reply.status, 403);
    ledger_get_orders(place->ledger, "box-1", &reply);
    assert_int_equal(reply.status, 403);
    ledger_get_product(place->ledger, "box-1", "chaka-salt", &reply);
    assert_int_equal(reply.status, 403);
    reply_finish(&reply);
}

/* --- at the same time
 * ------------------------------------------------------------------------------------------------------- */

struct buyer {
    struct ledger *ledger;
    const char *box;
    bool same_key;
    int sold, refused, other;
};

static void *buy(void *context)
{
    struct buyer *buyer = context;
    for (int i = 0; i < 20; i++) {
        struct reply reply;
        char key[64];
        snprintf(key, sizeof key, "%s-%d", buyer->same_key ? "same" : buyer->box, i);
        place_order(buyer->ledger, buyer->same_key ? "box-1" : buyer->box, key, 1,
                    order_of("yak-yogurt", 1, 1250), &reply);
        buyer->sold += reply.status == 201;
        buyer->refused += reply.status == 409;
        buyer->other += reply.status != 201 && reply.status != 409;
        reply_finish(&reply);
    }
    return NULL;
}

static void race(struct place *place, struct ledger *other, bool same_key, struct buyer buyers[2])
{
    pthread_t threads[2];
    buyers[0] = (struct buyer){.ledger = place->ledger, .box = "box-1", .same_key = same_key};
    buyers[1] = (struct buyer){.ledger = other, .box = "box-2", .same_key = same_key};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, buy, &buyers[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(buyers[i].other, 0);
    }
}

static void stock_is_not_sold_twice(void **state)
{
    struct place *place = *state;
    struct buyer buyers[2];
    race(place, place->ledger, false, buyers); /* two threads of one gateway: 40 wishes, 10 pieces */
    assert_int_equal(buyers[0].sold + buyers[1].sold, 10);
    assert_int_equal(stock_of(place->ledger, "yak-yogurt"), 0);
    assert_int_equal(orders_of(place->ledger, "box-1") + orders_of(place->ledger, "box-2"), 10);
}

static void two_gateways_share_a_database(void **state)
{
    struct place *place = *state;
    struct buyer buyers[2];
    struct ledger *other = ledger_open(place->path, NULL);
    assert_non_null(other);
    race(place, other, false, buyers);
    assert_int_equal(buyers[0].sold + buyers[1].sold, 10);
    assert_int_equal(stock_of(place->ledger, "yak-yogurt"), 0);
    ledger_close(other);
}

static void a_key_sent_twice_at_once_is_one_order(void **state)
{
    struct place *place = *state;
    struct buyer buyers[2];
    struct ledger *other = ledger_open(place->path, NULL);
    assert_non_null(other);
    race(place, other, true, buyers); /* 20 keys, each from both: 10 orders and 10 refusals, heard twice */
    assert_int_equal(buyers[0].sold, 10);
    assert_int_equal(buyers[1].sold, 10);
    assert_int_equal(orders_of(place->ledger, "box-1"), 10);
    assert_int_equal(stock_of(place->ledger, "yak-yogurt"), 0);
    ledger_close(other);
}

/* --- the rest
 * ---------------------------------------------------------------------------------------------------------------
 */

static void states_move_as_allowed(void **state)
{
    struct place *place = *state;
    struct error error = {""};
    struct reply reply;
    place_order(place->ledger, "box-1", KEY, 1, order_of("yak-yogurt", 4, 1250), &reply);
    char number[NUMBER_SIZE];
    assert_true(text_copy(number, sizeof number, reply.location + strlen("/v1/orders/")));
    assert_false(ledger_set_state(place->ledger, number, "delivered", &error));
    assert_non_null(strstr(error.text, "paid, shipped, cancelled"));
    assert_false(ledger_set_state(place->ledger, "261123-0000000-0", "paid", &error));
    assert_true(ledger_set_state(place->ledger, number, "shipped", &error));
    assert_false(ledger_set_state(place->ledger, number, "cancelled", &error));
    assert_true(ledger_set_state(place->ledger, number, "delivered", &error));
    assert_true(ledger_set_state(place->ledger, number, "completed", &error));
    assert_int_equal(stock_of(place->ledger, "yak-yogurt"), 6);
    reply_finish(&reply);
    place_order(place->ledger, "box-1", "second", 1, order_of("yak-yogurt", 5, 1250), &reply);
    assert_int_equal(stock_of(place->ledger, "yak-yogurt"), 1);
    assert_true(ledger_set_state(place->ledger, reply.location + strlen("/v1/orders/"), "cancelled", &error));
    assert_int_equal(stock_of(place->ledger, "yak-yogurt"), 6);
    reply_finish(&reply);
    static const char *const states[] = {"accepted",  "paid",      "shipped",   "delivered",
                                         "completed", "cancelled", "returning", "refunded"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        assert_true(lifecycle_is_state(states[i]));
        assert_false(lifecycle_allows(states[i], "accepted"));
        assert_false(lifecycle_allows(states[i], states[i]));
    }
    assert_false(lifecycle_is_state("queued"));
}

static void an_import_keeps_stock(void **state)
{
    struct place *place = *state;
    struct error error = {""};
    struct reply reply;
    static const struct ledger_product products[] = {{"yak-yogurt", "{\"zh\":\"新\"}", 1300, 500, "m1"}};
    assert_true(ledger_import(place->ledger, products, 1, false, &error));
    assert_int_equal(stock_of(place->ledger, "yak-yogurt"), 10);
    reply_init(&reply);
    ledger_get_product(place->ledger, "box-1", "chaka-salt", &reply); /* gone from the catalogue */
    assert_int_equal(reply.status, 404);
    reply_finish(&reply);
    place_order(place->ledger, "box-1", KEY, 1, order_of("chaka-salt", 1, 990), &reply);
    assert_int_equal(reply.status, 409);
    reply_finish(&reply);
    assert_true(ledger_import(place->ledger, products, 1, true, &error));
    assert_int_equal(stock_of(place->ledger, "yak-yogurt"), 500);
}

static void the_demo_catalogue_comes_in(void **state)
{
    struct place *place = *state;
    struct error error = {""};
    size_t count = 0;
    bool good = import_content(place->ledger, SOURCE_DIR "/resources/demo/content", false, &count, &error);
    assert_string_equal(error.text, "");
    assert_true(good);
    assert_true(count >= 24);
    assert_false(import_content(place->ledger, place->folder, false, &count, &error));
    assert_string_not_equal(error.text, "");
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    struct place *place = *state;
    char path[128], text[] = "this is no database, and somebody may want it back: it stays as it is";
    struct error error = {""};
    snprintf(path, sizeof path, "%s/text.db", place->folder);
    assert_true(file_write(path, text, sizeof text, &error));
    assert_null(ledger_open(path, &error));
    assert_string_not_equal(error.text, "");
}

static void bad_subscribers_are_refused(void **state)
{
    struct place *place = *state;
    static const char *const bad[] = {"", "a b", "a/b", "箱",
                                      "0123456789012345678901234567890123456789012345678901234567890123x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(ledger_add_subscriber(place->ledger, bad[i], "n", "a", "p", NULL));
    }
    assert_false(ledger_add_subscriber(place->ledger, "box", "", "a", "p", NULL));
    assert_false(ledger_add_subscriber(place->ledger, "box", "n", "\xff", "p", NULL));
}

static void numbers_check(void **state)
{
    (void)state;
    char number[NUMBER_SIZE];
    number_make(1795451880, 123456789, number); /* 2026-11-23T16:38 UTC is already the 24th in China */
    assert_memory_equal(number, "261124-3456789-", 15);
    for (uint32_t i = 0; i < 1000; i++) {
        number_make(1795451880, i * 7919, number);
        assert_true(number_check(number));
        for (int k = 0; k < NUMBER_SIZE - 1; k++) { /* any one wrong digit is seen */
            char kept = number[k];
            number[k] = kept == '-' ? '0' : (char)('0' + (kept - '0' + 1 + (int)(i % 9)) % 10);
            assert_false(number_check(number));
            number[k] = kept;
        }
    }
    assert_false(number_check(""));
    assert_false(number_check("261124-3456789-00"));
}

static void orders_are_read_strictly(void **state)
{
    (void)state;
    struct intake intake;
    struct error error = {""};
#define LINE "{\"product\":\"a\",\"quantity\":2,\"unit_price_fen\":5}"
#define ORDER(lines, total) "{\"payment\":\"cod\",\"total_fen\":" total ",\"lines\":[" lines "]}"
    static const char *const good[] = {
        ORDER(LINE, "10"),
        "{\"payment\":\"cod\",\"total_fen\":10,\"lines\":[" LINE "],\"later\":{\"x\":1}}",
        "{\"payment\":\"cod\",\"total_fen\":10,\"lines\":[" LINE
        "],\"delivery\":{\"name\":\"a\",\"phone\":\"b\",\"address\":\"c\"}}",
    };
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "\xff",
        ORDER("", "0"),
        ORDER(LINE, "11"),
        ORDER(LINE, "-10"),
        ORDER(LINE, "10.0"),
        ORDER(LINE, "\"10\""),
        ORDER(LINE "," LINE, "20"),
        ORDER("{\"product\":\"a\",\"quantity\":0,\"unit_price_fen\":5}", "0"),
        ORDER("{\"product\":\"a\",\"quantity\":1000,\"unit_price_fen\":5}", "5000"),
        ORDER("{\"product\":\"a\",\"quantity\":1,\"unit_price_fen\":-5}", "-5"),
        ORDER("{\"product\":\"a\",\"quantity\":9223372036854775807,\"unit_price_fen\":2}", "-2"),
        ORDER("{\"product\":\"a\",\"quantity\":1,\"unit_price_fen\":9223372036854775808}", "1"),
        ORDER("{\"product\":\"A\",\"quantity\":2,\"unit_price_fen\":5}", "10"),
        ORDER("{\"product\":\"0123456789012345678901234567890123456789012345678\",\"quantity\":2,\"unit_"
              "price_fen\":5}",
              "10"),
        ORDER("7", "10"),
        "{\"payment\":\"card\",\"total_fen\":10,\"lines\":[" LINE "]}",
        "{\"total_fen\":10,\"lines\":[" LINE "]}",
        "{\"payment\":\"cod\",\"total_fen\":10,\"lines\":[" LINE "],\"delivery\":{\"name\":\"a\"}}",
        "{\"payment\":\"cod\",\"payment\":\"cod\",\"total_fen\":10,\"lines\":[" LINE "]}",
        ORDER(LINE, "10") "x",
        "{\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],\"payment\":\"cod\","
        "\"total_fen\":10,\"lines\":[" LINE "]}",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(intake_parse((struct bytes){(const uint8_t *)good[i], strlen(good[i])}, &intake, &error));
        assert_int_equal(intake.line_count, 1);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error.text[0] = '\0';
        assert_false(intake_parse((struct bytes){(const uint8_t *)bad[i], strlen(bad[i])}, &intake, &error));
        assert_string_not_equal(error.text, "");
    }
}

int main(void)
{
#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        WITH_LEDGER(an_order_is_written),
        WITH_LEDGER(a_given_address_is_used),
        WITH_LEDGER(a_key_has_one_answer),
        WITH_LEDGER(refusals_are_kept_and_change_nothing),
        WITH_LEDGER(one_bad_line_stops_all),
        WITH_LEDGER(a_suspended_box_hears_its_first_answer_alone),
        WITH_LEDGER(stock_is_not_sold_twice),
        WITH_LEDGER(two_gateways_share_a_database),
        WITH_LEDGER(a_key_sent_twice_at_once_is_one_order),
        WITH_LEDGER(states_move_as_allowed),
        WITH_LEDGER(an_import_keeps_stock),
        WITH_LEDGER(the_demo_catalogue_comes_in),
        WITH_LEDGER(a_file_that_is_no_database_is_refused),
        WITH_LEDGER(bad_subscribers_are_refused),
        cmocka_unit_test(numbers_check),
        cmocka_unit_test(orders_are_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
