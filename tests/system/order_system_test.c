/* SPDX-License-Identifier: Apache-2.0 */
/* An order's way from a box's disk to the gateway's database, with a real gateway, real TLS and real kills:
 * whatever dies when, there is exactly one order in the end, and both sides know it. */
#include "order_place.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = place_open();
    return 0;
}

static int tear_down(void **state)
{
    place_close(*state);
    return 0;
}

static void an_order_arrives_and_is_followed(void **state)
{
    struct place *place = *state;
    char number[64];
    place_start_gateway(place, NULL);
    assert_int_equal(box_run(place, &(struct box_run){.certificate = "box", .place = true, .quantity = 2}),
                     ORDER_ACCEPTED);
    assert_int_equal(place_count_orders(place), 1);
    assert_int_equal(place_stock(place, "yak-yogurt"), 3);
    place_number(place, number);
    const char *const ship[] = {"order", "set-state", number, "shipped", NULL}, *const undo[] = {
                                                                                    "order", "set-state",
                                                                                    number, "paid", NULL};
    const char *const show[] = {"order", "show", number, NULL}, *const list[] = {"order", "list", NULL};
    assert_int_equal(place_command(place, ship), 0);
    assert_int_not_equal(place_command(place, undo), 0);
    assert_int_equal(place_command(place, show), 0);
    assert_int_equal(place_command(place, list), 0);
    assert_int_equal(box_run(place, &(struct box_run){.certificate = "box"}),
                     ORDER_ACCEPTED); /* what it knew last */
    assert_int_equal(box_run(place, &(struct box_run){.certificate = "box", .refresh = true}), ORDER_SHIPPED);
    assert_int_equal(box_run(place, &(struct box_run){.certificate = "box"}),
                     ORDER_SHIPPED); /* and it is on disk */
    int status = place_stop_gateway(place, SIGTERM);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void refusals_are_told(void **state)
{
    struct place *place = *state;
    place_start_gateway(place, NULL);
    assert_int_equal(
        box_run(place, &(struct box_run){.certificate = "box", .place = true, .price_fen = 1000}),
        ORDER_REFUSED);
    assert_int_equal(box_run(place, &(struct box_run){.certificate = "box", .place = true, .quantity = 6}),
                     ORDER_REFUSED);
    assert_int_equal(box_run(place, &(struct box_run){.certificate = "unsubscribed", .place = true}),
                     ORDER_REFUSED);
    assert_int_equal(place_count_orders(place), 0);
    assert_int_equal(place_stock(place, "yak-yogurt"), 5);
}

/* --- who may speak
 * ----------------------------------------------------------------------------------------------------------
 */

static void only_the_operators_boxes_are_heard(void **state)
{
    struct place *place = *state;
    struct answer *answer = malloc(sizeof *answer);
    place_start_gateway(place, NULL);
    place_ask(place, &(struct asking){.certificate = "box", .method = "GET", .path = "/v1/health"}, answer);
    assert_int_equal(answer->result, LINK_ANSWERED);
    assert_int_equal(answer->status, 200);
    static const char *const bad[] = {"stranger", "server_as_box", NULL};
    for (size_t i = 0; i < 3; i++) {
        place_ask(place, &(struct asking){.certificate = bad[i], .method = "GET", .path = "/v1/health"},
                  answer);
        assert_int_not_equal(answer->result, LINK_ANSWERED);
        assert_int_not_equal(answer->result, LINK_UNREACHABLE);
    }
    place_ask(place, &(struct asking){.certificate = "unsubscribed", .method = "GET", .path = "/v1/orders"},
              answer);
    assert_int_equal(answer->status, 403);
    assert_non_null(strstr(answer->body, "\"not_a_subscriber\""));
    free(answer);
    /* A stranger's order stays in its box. */
    assert_int_equal(
        box_run(place, &(struct box_run){.certificate = "stranger", .place = true, .give_up_ms = 500}),
        BOX_WAITING);
    assert_int_equal(place_count_orders(place), 0);
}

static void a_box_speaks_only_to_its_gateway(void **state)
{
    struct place *place = *state;
    struct answer *answer = malloc(sizeof *answer);
    place_start_gateway(place, NULL);
    place_ask(
        place,
        &(struct asking){.certificate = "box", .ca = "strangers", .method = "GET", .path = "/v1/health"},
        answer);
    assert_int_equal(answer->result, LINK_UNTRUSTED);
    place_ask(
        place,
        &(struct asking){.certificate = "box", .host = "127.0.0.1", .method = "GET", .path = "/v1/health"},
        answer);
    assert_int_equal(answer->result, LINK_UNTRUSTED); /* the certificate is localhost's */
    free(answer);
}

/* --- limits
 * -----------------------------------------------------------------------------------------------------------------
 */

static void too_much_is_refused(void **state)
{
    struct place *place = *state;
    struct answer *answer = malloc(sizeof *answer);
    static uint8_t large[70000], many[60000];
    memset(large, ' ', sizeof large);
    memset(many, '[', sizeof many);
    place_start_gateway(place, NULL);
    const char *key = "00000000-0000-4000-8000-000000000001";
    place_ask(place,
              &(struct asking){.certificate = "box",
                               .method = "POST",
                               .path = "/v1/orders",
                               .key = key,
                               .body = {large, sizeof large}},
              answer);
    assert_true(answer->result != LINK_ANSWERED || answer->status == 413);
    place_ask(place,
              &(struct asking){.certificate = "box",
                               .method = "POST",
                               .path = "/v1/orders",
                               .key = key,
                               .body = {many, sizeof many}},
              answer);
    assert_int_equal(answer->status, 400);
    place_ask(place, &(struct asking){.certificate = "box", .method = "PUT", .path = "/v1/orders"}, answer);
    assert_int_equal(answer->status, 405);
    place_ask(
        place,
        &(struct asking){.certificate = "box", .method = "GET", .path = "/v1/health", .response_maximum = 5},
        answer);
    assert_int_equal(answer->result, LINK_TOO_LARGE);
    place_ask(
        place,
        &(struct asking){.certificate = "box", .method = "GET", .path = "/v1/health", .more_headers = 10},
        answer);
    assert_int_equal(answer->status, 200);
    assert_int_equal(place_count_orders(place), 0);
    free(answer);
}

/* --- once
 * -------------------------------------------------------------------------------------------------------------------
 */

static const char yogurt[] = "{\"payment\":\"cod\",\"total_fen\":1250,\"lines\":[{\"product\":\"yak-yogurt\","
                             "\"quantity\":1,\"unit_price_fen\":1250}]}";

static struct asking post(const char *key)
{
    return (struct asking){.certificate = "box",
                           .method = "POST",
                           .path = "/v1/orders",
                           .key = key,
                           .body = {(const uint8_t *)yogurt, sizeof yogurt - 1}};
}

static void a_repeated_order_gets_the_first_answer(void **state)
{
    struct place *place = *state;
    struct answer *first = malloc(sizeof *first), *again = malloc(sizeof *again);
    const struct asking asking = post("00000000-0000-4000-8000-000000000001");
    place_start_gateway(place, NULL);
    place_ask(place, &asking, first);
    assert_int_equal(first->status, 201);
    place_stop_gateway(place, SIGKILL);
    place_start_gateway(place, NULL);
    place_ask(place, &asking, again);
    assert_int_equal(again->status, 201);
    assert_string_equal(again->body, first->body);
    struct asking other = asking;
    other.body.size = sizeof yogurt - 2;
    place_ask(place, &other, again);
    assert_int_equal(again->status, 400);
    other = asking;
    static const char two[] = "{\"payment\":\"cod\",\"total_fen\":2500,\"lines\":[{\"product\":\"yak-"
                              "yogurt\",\"quantity\":2,\"unit_price_fen\":1250}]}";
    other.body = (struct bytes){(const uint8_t *)two, sizeof two - 1};
    place_ask(place, &other, again);
    assert_int_equal(again->status, 422);
    assert_int_equal(place_count_orders(place), 1);
    free(first);
    free(again);
}

/* Both sends are on their way at the same time, each on a connection of its own. */
static void two_sends_at_once_are_one_order(void **state)
{
    struct place *place = *state;
    place_start_gateway(place, NULL);
    for (int round = 0; round < 4; round++) {
        char key[64];
        pid_t senders[3];
        snprintf(key, sizeof key, "00000000-0000-4000-8000-00000000000%d", round);
        for (size_t i = 0; i < 3; i++) {
            senders[i] = fork();
            assert_true(senders[i] >= 0);
            if (senders[i] == 0) {
                struct answer *answer = malloc(sizeof *answer);
                const struct asking asking = post(key);
                place_ask(place, &asking, answer);
                int status = answer->status;
                free(answer);
                exit(status == 201 ? 0 : 1);
            }
        }
        for (size_t i = 0; i < 3; i++) {
            int status = 0;
            assert_int_equal(waitpid(senders[i], &status, 0), senders[i]);
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        }
        assert_int_equal(place_count_orders(place), round + 1);
    }
    assert_int_equal(place_stock(place, "yak-yogurt"), 1);
}

static void a_lost_reply_is_asked_for_again(void **state)
{
    struct place *place = *state;
    place_start_gateway(place, "test.lose_replies=3");
    assert_int_equal(box_run(place, &(struct box_run){.certificate = "box", .place = true}), ORDER_ACCEPTED);
    assert_int_equal(place_count_orders(place), 1);
    assert_int_equal(place_stock(place, "yak-yogurt"), 4);
}

static void an_order_waits_for_the_gateway(void **state)
{
    struct place *place = *state;
    place_start_gateway(place, NULL); /* to have a port */
    place_stop_gateway(place, SIGTERM);
    assert_int_equal(
        box_run(place, &(struct box_run){.certificate = "box", .place = true, .give_up_ms = 400}),
        BOX_WAITING);
    pid_t box = box_start(place, &(struct box_run){.certificate = "box"}); /* tries, and goes on trying */
    place_start_gateway(place, NULL);
    assert_int_equal(box_wait(box), ORDER_ACCEPTED);
    assert_int_equal(place_count_orders(place), 1);
}

/* --- kills
 * ------------------------------------------------------------------------------------------------------------------
 */

static void kill_gateway_at(struct place *place, const char *fault)
{
    place_start_gateway(place, fault);
    pid_t box = box_start(place, &(struct box_run){.certificate = "box", .place = true});
    int status = place_wait_gateway(place);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    place_start_gateway(place, NULL);
    assert_int_equal(box_wait(box), ORDER_ACCEPTED);
    assert_int_equal(place_count_orders(place), 1);
    assert_int_equal(place_stock(place, "yak-yogurt"), 4);
}

static void the_gateway_dies_before_its_commit(void **state)
{
    kill_gateway_at(*state, "test.crash_after=before_commit");
}

static void the_gateway_dies_between_commit_and_reply(void **state)
{
    kill_gateway_at(*state, "test.crash_after=commit");
}

static void the_box_dies_at_any_step(void **state)
{
    struct place *place = *state;
    static const char *const steps[] = {"queued",   "marking",  "sent",   "handed",
                                        "answered", "settling", "settled"};
    place_start_gateway(place, NULL);
    for (int i = 0; i < 2; i++) { /* before the commit there is no order, on neither side */
        assert_int_equal(box_run(place, &(struct box_run){.certificate = "box",
                                                          .place = true,
                                                          .kill_at = i ? "writing" : "made"}),
                         -SIGKILL);
        assert_int_equal(box_run(place, &(struct box_run){.certificate = "box"}), BOX_EMPTY);
        assert_int_equal(place_count_orders(place), 0);
    }
    const char *const more[] = {"import", "--content", NULL, "--reset-stock", NULL};
    char content[96];
    const char *words[5];
    memcpy(words, more, sizeof words);
    snprintf(content, sizeof content, "%s/content", place->folder);
    words[2] = content;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_int_equal(place_command(place, words), 0);
        assert_int_equal(
            box_run(place, &(struct box_run){.certificate = "box", .place = true, .kill_at = steps[i]}),
            -SIGKILL);
        assert_int_equal(box_run(place, &(struct box_run){.certificate = "box"}), ORDER_ACCEPTED);
        assert_int_equal(place_count_orders(place), (int)i + 1);
        assert_int_equal(place_stock(place, "yak-yogurt"), 4);
    }
}

/* The box dies at every step of every restart too, until the order is through. */
static void the_box_dies_again_and_again(void **state)
{
    struct place *place = *state;
    static const char *const steps[] = {"marking", "sent", "handed", "answered", "settling"};
    place_start_gateway(place, NULL);
    assert_int_equal(
        box_run(place, &(struct box_run){.certificate = "box", .place = true, .kill_at = "queued"}),
        -SIGKILL);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        assert_int_equal(box_run(place, &(struct box_run){.certificate = "box", .kill_at = steps[i]}),
                         -SIGKILL);
    }
    assert_int_equal(box_run(place, &(struct box_run){.certificate = "box"}), ORDER_ACCEPTED);
    assert_int_equal(place_count_orders(place), 1);
    assert_int_equal(place_stock(place, "yak-yogurt"), 4);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        IN_PLACE(an_order_arrives_and_is_followed),
        IN_PLACE(refusals_are_told),
        IN_PLACE(only_the_operators_boxes_are_heard),
        IN_PLACE(a_box_speaks_only_to_its_gateway),
        IN_PLACE(too_much_is_refused),
        IN_PLACE(a_repeated_order_gets_the_first_answer),
        IN_PLACE(two_sends_at_once_are_one_order),
        IN_PLACE(a_lost_reply_is_asked_for_again),
        IN_PLACE(an_order_waits_for_the_gateway),
        IN_PLACE(the_gateway_dies_before_its_commit),
        IN_PLACE(the_gateway_dies_between_commit_and_reply),
        IN_PLACE(the_box_dies_at_any_step),
        IN_PLACE(the_box_dies_again_and_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
