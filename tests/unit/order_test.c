/* SPDX-License-Identifier: Apache-2.0 */
/* The box's orders without a gateway: what is written down, what is refused, what answers mean. With one:
 * tests/system/order_system_test.c. */
#include "base/file.h"
#include "order/message.h"
#include "order/order.h"
#include "order/outbox.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char folder[64], path[96];
    uv_loop_t loop;
    int placed, failed;
    int changed;
    char key[TEXT_UUID_SIZE];
    char error[512];
    struct order_book *destroy; /* in the placed callback */
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->folder, "/tmp/kokonor-order-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/household.db", place->folder);
    assert_int_equal(uv_loop_init(&place->loop), 0);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    assert_int_equal(uv_run(&place->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&place->loop), 0);
    assert_true(file_remove_tree(place->folder, NULL));
    free(place);
    return 0;
}

static void on_changed(void *context, const struct order *order)
{
    struct place *place = context;
    (void)order;
    place->changed++;
}

static void on_placed(void *context, const struct order *order, const char *error)
{
    struct place *place = context;
    if (order) {
        place->placed++;
        snprintf(place->key, sizeof place->key, "%s", order->key);
        assert_int_equal(order->state, ORDER_QUEUED);
        assert_null(error);
    } else {
        place->failed++;
        snprintf(place->error, sizeof place->error, "%s", error);
    }
    order_book_destroy(place->destroy);
    place->destroy = NULL;
}

static struct order_book *open_book(struct place *place)
{
    struct error error = {""};
    const struct order_book_options options = {
        .database_path = place->path, .changed = on_changed, .context = place};
    struct order_book *book = order_book_create(&place->loop, &options, &error);
    if (!book) {
        print_error("%s\n", error.text);
    }
    assert_non_null(book);
    return book;
}

static const struct order_line yogurt = {.product = "yak-yogurt",
                                         .name_zh = "牦牛酸奶",
                                         .name_bo = "གཡག་གི་ཞོ",
                                         .name_en = "Yak yogurt",
                                         .unit_price_fen = 1250,
                                         .quantity = 3};

static const struct order_request simple = {.lines = &yogurt, .line_count = 1};

static void an_order_is_kept(void **state)
{
    struct place *place = *state;
    struct error error = {""};
    const struct order *const *orders;
    struct order_line lines[2] = {
        yogurt, {.product = "chaka-salt", .name_zh = "茶卡盐", .unit_price_fen = 990, .quantity = 2}};
    struct order_request request = {.lines = lines,
                                    .line_count = 2,
                                    .payment = "cod",
                                    .delivery_name = "才让",
                                    .delivery_phone = "0970-5550101",
                                    .delivery_address = "海北州"};
    struct order_book *book = open_book(place);
    assert_int_equal(order_book_list(book, &orders), 0);
    assert_true(order_place(book, &simple, on_placed, place, &error));
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_true(order_place(book, &request, on_placed, place, &error));
    assert_int_equal(place->placed, 1); /* only when it is on disk */
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(place->placed, 2);
    assert_true(place->changed >= 2);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(order_book_list(book, &orders), 2);
        const struct order *order = orders[0];
        assert_ptr_equal(order, order_book_find(book, place->key));
        assert_null(order_book_find(book, ""));
        assert_null(order_book_find(book, "other"));
        assert_int_equal(order->state, ORDER_QUEUED);
        assert_int_equal(order->reason, ORDER_REASON_NONE);
        assert_int_equal(order->total_fen, 3 * 1250 + 2 * 990);
        assert_string_equal(order->number, "");
        assert_string_equal(order->payment, "cod");
        assert_string_equal(order->delivery_name, "才让");
        assert_string_equal(order->delivery_phone, "0970-5550101");
        assert_string_equal(order->delivery_address, "海北州");
        assert_true(order->created_s > 0);
        assert_int_equal(order->true_s, 0);
        assert_int_equal(order->line_count, 2);
        assert_string_equal(order->lines[0].name_bo, yogurt.name_bo);
        assert_string_equal(order->lines[1].product, "chaka-salt");
        assert_string_equal(order->lines[1].name_zh, "茶卡盐");
        assert_string_equal(order->lines[1].name_en, "");
        assert_int_equal(order->lines[1].quantity, 2);
        assert_int_equal(order->lines[1].current_stock, -1);
        assert_int_equal(orders[1]->total_fen, 3750);
        assert_string_equal(orders[1]->delivery_name, "");
        order_book_destroy(book);
        uv_run(&place->loop, UV_RUN_DEFAULT);
        book = round == 0 ? open_book(place) : NULL;
    }
}

static void bad_requests_are_refused(void **state)
{
    struct place *place = *state;
    struct order_book *book = open_book(place);
    static char long_name[300], many[ORDER_LINES_MAXIMUM + 1][8];
    struct order_line crowd[ORDER_LINES_MAXIMUM + 1];
    memset(long_name, 'a', sizeof long_name - 1);
    for (int i = 0; i <= ORDER_LINES_MAXIMUM; i++) {
        snprintf(many[i], sizeof many[i], "p%d", i);
        crowd[i] = (struct order_line){.product = many[i], .unit_price_fen = 1, .quantity = 1};
    }
    struct order_line twice[2] = {yogurt, yogurt}, huge[2] = {yogurt, yogurt};
    huge[0].unit_price_fen = huge[1].unit_price_fen = ORDER_AMOUNT_MAXIMUM_FEN;
    huge[0].quantity = 1;
    huge[1].product = "other";
#define LINE(...) (&(struct order_line){.product = "a", .unit_price_fen = 1, .quantity = 1, __VA_ARGS__})
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Winitializer-overrides"
    const struct order_request bad[] = {
        {.lines = NULL, .line_count = 0},
        {.lines = crowd, .line_count = ORDER_LINES_MAXIMUM + 1},
        {.lines = twice, .line_count = 2},
        {.lines = huge, .line_count = 2},
        {.lines = LINE(.product = NULL), .line_count = 1},
        {.lines = LINE(.product = ""), .line_count = 1},
        {.lines = LINE(.product = "Upper"), .line_count = 1},
        {.lines = LINE(.product = "a/b"), .line_count = 1},
        {.lines = LINE(.product = long_name), .line_count = 1},
        {.lines = LINE(.quantity = 0), .line_count = 1},
        {.lines = LINE(.quantity = -1), .line_count = 1},
        {.lines = LINE(.quantity = ORDER_QUANTITY_MAXIMUM + 1), .line_count = 1},
        {.lines = LINE(.unit_price_fen = -1), .line_count = 1},
        {.lines = LINE(.unit_price_fen = INT64_MAX), .line_count = 1},
        {.lines = LINE(.name_zh = long_name), .line_count = 1},
        {.lines = LINE(.name_bo = "\xff\xfe"), .line_count = 1},
        {.lines = &yogurt, .line_count = 1, .payment = "card"},
        {.lines = &yogurt,
         .line_count = 1,
         .delivery_name = long_name,
         .delivery_phone = "1",
         .delivery_address = "a"},
        {.lines = &yogurt,
         .line_count = 1,
         .delivery_name = "a",
         .delivery_phone = "",
         .delivery_address = "a"},
        {.lines = &yogurt,
         .line_count = 1,
         .delivery_name = "a",
         .delivery_phone = "1",
         .delivery_address = "\xc3"},
    };
#pragma GCC diagnostic pop
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error error = {""};
        assert_false(order_place(book, &bad[i], on_placed, place, &error));
        assert_string_not_equal(error.text, "");
    }
    const struct order_request full = {.lines = crowd, .line_count = ORDER_LINES_MAXIMUM};
    assert_true(order_place(book, &full, on_placed, place, NULL));
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(place->placed, 1);
    assert_int_equal(place->failed, 0);
    order_book_destroy(book);
}

static void a_hundred_wait_and_no_more(void **state)
{
    struct place *place = *state;
    struct error error = {""};
    const struct order *const *orders;
    struct order_book *book = open_book(place);
    for (int i = 0; i < 100; i++) {
        assert_true(order_place(book, &simple, on_placed, place, &error));
    }
    assert_false(order_place(book, &simple, on_placed, place, &error));
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(place->placed, 100);
    assert_int_equal(order_book_list(book, &orders), 100);
    assert_false(order_place(book, &simple, on_placed, place, &error));
    order_book_destroy(book);
}

/* What the gateway said about a refused order stays with it. */
static void a_refusal_is_kept_with_its_details(void **state)
{
    struct place *place = *state;
    struct error error = {""};
    struct order_book *book = open_book(place);
    assert_true(order_place(book, &simple, on_placed, place, NULL));
    uv_run(&place->loop, UV_RUN_DEFAULT);
    order_book_destroy(book);
    uv_run(&place->loop, UV_RUN_DEFAULT);
    struct order_answer answer = {.state = ORDER_REFUSED,
                                  .reason = ORDER_REASON_PRICE_CHANGED,
                                  .true_s = 99,
                                  .lines = {{.product = "yak-yogurt",
                                             .reason = ORDER_REASON_PRICE_CHANGED,
                                             .price_fen = 1400,
                                             .stock = 7}},
                                  .line_count = 1};
    strcpy(answer.key, place->key);
    struct order_outbox *outbox = order_outbox_open(place->path, NULL, NULL, &error);
    assert_non_null(outbox);
    assert_true(order_outbox_settle(outbox, &answer, &error));
    order_outbox_close(outbox);
    book = open_book(place);
    const struct order *order = order_book_find(book, place->key);
    assert_non_null(order);
    assert_int_equal(order->state, ORDER_REFUSED);
    assert_int_equal(order->reason, ORDER_REASON_PRICE_CHANGED);
    assert_int_equal(order->true_s, 99);
    assert_int_equal(order->lines[0].reason, ORDER_REASON_PRICE_CHANGED);
    assert_int_equal(order->lines[0].current_price_fen, 1400);
    assert_int_equal(order->lines[0].current_stock, 7);
    assert_int_equal(order->lines[0].unit_price_fen, 1250); /* what the viewer saw stays */
    order_book_destroy(book);
}

/* A disk that takes nothing more: the limit on file sizes is what the disk looks like then. */
static void no_order_without_disk(void **state)
{
    struct place *place = *state;
    struct error error = {""};
    struct rlimit before, none;
    const struct order *const *orders;
    struct order_book *book = open_book(place);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    none = before;
    none.rlim_cur = 4096;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    bool begun = order_place(book, &simple, on_placed, place, &error);
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(begun);
    assert_int_equal(place->placed, 0);
    assert_int_equal(place->failed, 1);
    assert_string_not_equal(place->error, "");
    assert_int_equal(order_book_list(book, &orders), 0);
    assert_true(order_place(book, &simple, on_placed, place, &error)); /* there is room again */
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(place->placed, 1);
    order_book_destroy(book);
}

static void a_callback_may_destroy_the_book(void **state)
{
    struct place *place = *state;
    const struct order *const *orders;
    struct order_book *book = open_book(place);
    place->destroy = book;
    assert_true(order_place(book, &simple, on_placed, place, NULL));
    assert_true(order_place(book, &simple, on_placed, place, NULL));
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(place->placed, 1);
    assert_null(place->destroy);
    book = open_book(place); /* what placed told of is there */
    assert_true(order_book_list(book, &orders) >= 1);
    order_book_destroy(book);
    order_book_destroy(NULL);
}

static void destroying_while_writing_is_quiet(void **state)
{
    struct place *place = *state;
    for (int i = 0; i < 20; i++) {
        struct order_book *book = open_book(place);
        assert_true(order_place(book, &simple, on_placed, place, NULL));
        assert_true(order_place(book, &simple, on_placed, place, NULL));
        order_book_destroy(book);
        uv_run(&place->loop, UV_RUN_DEFAULT);
    }
    assert_int_equal(place->placed, 0);
    assert_int_equal(place->failed, 0);
}

static void a_missing_folder_fails_the_opening(void **state)
{
    struct place *place = *state;
    struct error error = {""};
    const struct order_book_options options = {.database_path = "/nonexistent/folder/household.db"};
    assert_null(order_book_create(&place->loop, &options, &error));
    assert_string_not_equal(error.text, "");
}

/* --- answers
 * ----------------------------------------------------------------------------------------------------------------
 */

static struct link_response response(int status, const char *type, const char *body)
{
    return (struct link_response){.result = LINK_ANSWERED,
                                  .status = status,
                                  .content_type = type,
                                  .body = {(const uint8_t *)body, strlen(body)},
                                  .retry_after_s = -1,
                                  .error = ""};
}

#define JSON "application/json"
#define PROBLEM "application/problem+json"

static void final_answers(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *type, *body;
        enum order_state expected;
        enum order_reason reason;
    } cases[] = {
        {201, JSON, "{\"number\":\"261123-0482175-3\",\"state\":\"accepted\"}", ORDER_ACCEPTED,
         ORDER_REASON_NONE},
        {200, JSON "; charset=utf-8", "{\"number\":\"A1\",\"state\":\"shipped\",\"new\":[1]}", ORDER_SHIPPED,
         ORDER_REASON_NONE},
        {409, PROBLEM,
         "{\"code\":\"price_changed\",\"lines\":[{\"product\":\"a\",\"reason\":\"price_changed\",\"price_"
         "fen\":5,\"stock\":2}]}",
         ORDER_REFUSED, ORDER_REASON_PRICE_CHANGED},
        {409, PROBLEM, "{\"code\":\"out_of_stock\"}", ORDER_REFUSED, ORDER_REASON_OUT_OF_STOCK},
        {409, PROBLEM, "{\"code\":\"unknown_product\",\"lines\":[]}", ORDER_REFUSED,
         ORDER_REASON_UNKNOWN_PRODUCT},
        {403, PROBLEM, "{\"code\":\"not_a_subscriber\"}", ORDER_REFUSED, ORDER_REASON_NOT_A_SUBSCRIBER},
        {422, PROBLEM, "{\"code\":\"key_reused\"}", ORDER_REFUSED, ORDER_REASON_INVALID},
        {400, PROBLEM, "{\"code\":\"of a later gateway\"}", ORDER_REFUSED, ORDER_REASON_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct order_answer answer;
        struct link_response heard = response(cases[i].status, cases[i].type, cases[i].body);
        assert_int_equal(order_message_read(&heard, 1000, &answer), ORDER_VERDICT_FINAL);
        assert_int_equal(answer.state, cases[i].expected);
        assert_int_equal(answer.reason, cases[i].reason);
        assert_int_equal(answer.true_s, 1000);
        if (i == 2) {
            assert_int_equal(answer.line_count, 1);
            assert_string_equal(answer.lines[0].product, "a");
            assert_int_equal(answer.lines[0].price_fen, 5);
            assert_int_equal(answer.lines[0].stock, 2);
        }
    }
}

static void answers_that_do_not_count(void **state)
{
    (void)state;
    static char deep[400];
    memset(deep, '[', sizeof deep - 1);
    static const struct {
        int status;
        const char *type, *body;
    } cases[] = {
        {201, JSON, ""},
        {201, JSON, "{"},
        {201, JSON, "[]"},
        {201, JSON, deep},
        {201, JSON, "{\"state\":\"accepted\"}"},
        {201, JSON, "{\"number\":\"\",\"state\":\"accepted\"}"},
        {201, JSON, "{\"number\":\"1 2\",\"state\":\"accepted\"}"},
        {201, JSON, "{\"number\":\"123456789012345678901234567890123\",\"state\":\"accepted\"}"},
        {201, JSON, "{\"number\":\"1\",\"state\":\"queued\"}"},
        {201, JSON, "{\"number\":\"1\",\"state\":\"refused\"}"},
        {201, JSON, "{\"number\":\"1\",\"state\":\"?\"}"},
        {201, JSON, "{\"number\":1,\"state\":\"accepted\"}"},
        {201, "text/html", "{\"number\":\"1\",\"state\":\"accepted\"}"},
        {201, "", "{\"number\":\"1\",\"state\":\"accepted\"}"},
        {202, JSON, "{\"number\":\"1\",\"state\":\"accepted\"}"},
        {301, JSON, "{}"},
        {403, "text/html", "<h1>403</h1>"},
        {404, JSON, "{\"code\":\"not_found\"}"},
        {409, PROBLEM, "{}"},
        {409, PROBLEM, "{\"code\":\"price_changed\",\"lines\":[{\"product\":\"a\"}]}"},
        {409, PROBLEM, "{\"code\":\"price_changed\",\"lines\":[7]}"},
        {408, PROBLEM, "{\"code\":\"x\"}"},
        {429, PROBLEM, "{\"code\":\"x\"}"},
        {500, PROBLEM, "{\"code\":\"x\"}"},
        {503, PROBLEM, "{\"code\":\"unavailable\"}"},
    };
    struct order_answer answer;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct link_response heard = response(cases[i].status, cases[i].type, cases[i].body);
        assert_int_equal(order_message_read(&heard, 1000, &answer), ORDER_VERDICT_RETRY);
    }
    struct link_response broken = response(201, JSON, "{\"number\":\"1\",\"state\":\"accepted\"}");
    broken.result = LINK_BROKEN;
    assert_int_equal(order_message_read(&broken, 1000, &answer), ORDER_VERDICT_RETRY);
}

static void lists_of_states(void **state)
{
    (void)state;
    struct order_states states;
    struct link_response good =
        response(200, JSON,
                 "{\"orders\":[{\"number\":\"1\",\"state\":\"paid\"},{\"number\":\"2\",\"state\":\"new\"},"
                 "{\"number\":\"3\",\"state\":\"refunded\"}]}");
    assert_true(order_message_read_states(&good, 7, &states));
    assert_int_equal(states.count, 2);
    assert_string_equal(states.items[1].number, "3");
    assert_int_equal(states.items[1].state, ORDER_REFUNDED);
    static const char *const bad[] = {"", "{}", "{\"orders\":{}}", "{\"orders\":[1]}",
                                      "{\"orders\":[{\"number\":1}]}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct link_response heard = response(200, JSON, bad[i]);
        assert_false(order_message_read_states(&heard, 7, &states));
    }
}

static void names_go_round(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ORDER_STATE_COUNT; i++) {
        enum order_state back;
        assert_true(order_state_parse(order_state_str((enum order_state)i), &back));
        assert_int_equal(back, i);
    }
    enum order_state kept = ORDER_PAID;
    assert_false(order_state_parse("nothing", &kept));
    assert_int_equal(kept, ORDER_PAID);
}

/* Every key that a screen may ask for has words in each language. */
static void every_state_and_reason_has_words(void **state)
{
    (void)state;
    static const char *const languages[] = {"zh", "bo", "en"};
    for (size_t i = 0; i < 3; i++) {
        char path[512], key[128];
        struct buffer text;
        buffer_init(&text, 1024 * 1024);
        snprintf(path, sizeof path, SOURCE_DIR "/resources/strings/%s.json", languages[i]);
        assert_true(file_read(path, &text, NULL));
        const char *words = buffer_text(&text);
        for (unsigned k = 0; k < ORDER_STATE_COUNT + ORDER_REASON_COUNT; k++) {
            snprintf(key, sizeof key, "\"%s\":",
                     k < ORDER_STATE_COUNT
                         ? order_state_text_key((enum order_state)k)
                         : order_reason_text_key((enum order_reason)(k - ORDER_STATE_COUNT)));
            assert_non_null(strstr(words, key));
        }
        buffer_finish(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_order_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_requests_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hundred_wait_and_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refusal_is_kept_with_its_details, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_order_without_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_callback_may_destroy_the_book, set_up, tear_down),
        cmocka_unit_test_setup_teardown(destroying_while_writing_is_quiet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_folder_fails_the_opening, set_up, tear_down),
        cmocka_unit_test(final_answers),
        cmocka_unit_test(answers_that_do_not_count),
        cmocka_unit_test(lists_of_states),
        cmocka_unit_test(names_go_round),
        cmocka_unit_test(every_state_and_reason_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
