/* SPDX-License-Identifier: Apache-2.0 */
/* resources/api/gateway.json is what the gateway does: every route is in it and nothing else, and what the
 * routes answer has the shape that it promises. The box's own message is held against it too. */
#include "base/file.h"
#include "gateway/number.h"
#include "gateway/route.h"
#include "order/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char folder[64];
    struct ledger *ledger;
    json_t *api;
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    char path[96];
    static const struct ledger_product product = {
        "yak-yogurt", "{\"zh\":\"牦牛酸奶\",\"bo\":\"ཞོ\",\"en\":\"Yak yogurt\"}", 1250, 10, "m1"};
    strcpy(place->folder, "/tmp/kokonor-api-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(path, sizeof path, "%s/gateway.db", place->folder);
    place->ledger = ledger_open(path, NULL);
    assert_non_null(place->ledger);
    assert_true(ledger_import(place->ledger, &product, 1, false, NULL));
    assert_true(ledger_add_subscriber(place->ledger, "box-1", "才让", "门源县", "0970-5550101", NULL));
    place->api = json_load_file(SOURCE_DIR "/resources/api/gateway.json", 0, NULL);
    assert_non_null(place->api);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    json_decref(place->api);
    ledger_close(place->ledger);
    assert_true(file_remove_tree(place->folder, NULL));
    free(place);
    return 0;
}

/* --- enough of JSON Schema
 * --------------------------------------------------------------------------------------------------- */

/* Follows one "$ref": "#/a/b/c". */
static const json_t *resolve(const json_t *api, const json_t *node)
{
    const char *at = json_string_value(json_object_get(node, "$ref"));
    char name[64];
    if (!at) {
        return node;
    }
    assert_memory_equal(at, "#/", 2);
    const json_t *found = api;
    for (at += 2; *at;) {
        size_t size = strcspn(at, "/");
        snprintf(name, sizeof name, "%.*s", (int)size, at);
        found = json_object_get(found, name);
        at += size + (at[size] == '/');
    }
    assert_non_null(found);
    return resolve(api, found);
}

static bool is_type(const json_t *value, const char *type)
{
    return (strcmp(type, "object") == 0 && json_is_object(value)) ||
           (strcmp(type, "array") == 0 && json_is_array(value)) ||
           (strcmp(type, "string") == 0 && json_is_string(value)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(value));
}

static bool is_known_keyword(const char *word)
{
    static const char *const words[] = {
        "$ref",      "type",       "required", "properties", "additionalProperties",
        "items",     "enum",       "const",    "minimum",    "maximum",
        "minLength", "maxLength",  "minItems", "maxItems",   "pattern",
        "format",    "description"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], word) == 0) {
            return true;
        }
    }
    return false;
}

static bool conforms(const json_t *api, const json_t *schema, const json_t *value, const char *where);

static bool mismatch(const char *where, const char *what)
{
    print_message("%s: %s\n", where, what);
    return false;
}

static bool object_conforms(const json_t *api, const json_t *schema, const json_t *value, const char *where)
{
    const json_t *properties = json_object_get(schema, "properties"), *member;
    const json_t *required = json_object_get(schema, "required");
    const char *key;
    char below[256];
    for (size_t i = 0; i < json_array_size(required); i++) {
        if (!json_object_get(value, json_string_value(json_array_get(required, i)))) {
            return mismatch(where, json_string_value(json_array_get(required, i)));
        }
    }
    json_object_foreach((json_t *)value, key, member)
    {
        const json_t *inner = json_object_get(properties, key);
        snprintf(below, sizeof below, "%s.%s", where, key);
        if (!inner && json_is_false(json_object_get(schema, "additionalProperties"))) {
            return mismatch(below, "not described");
        }
        if (inner && !conforms(api, inner, member, below)) {
            return false;
        }
    }
    return true;
}

static bool array_conforms(const json_t *api, const json_t *schema, const json_t *value, const char *where)
{
    const json_t *low = json_object_get(schema, "minItems"), *high = json_object_get(schema, "maxItems");
    size_t count = json_array_size(value);
    if ((low && count < (size_t)json_integer_value(low)) ||
        (high && count > (size_t)json_integer_value(high))) {
        return mismatch(where, "too few or too many");
    }
    for (size_t i = 0; i < count; i++) {
        if (!conforms(api, json_object_get(schema, "items"), json_array_get(value, i), where)) {
            return false;
        }
    }
    return true;
}

static bool scalar_conforms(const json_t *schema, const json_t *value, const char *where)
{
    const json_t *choices = json_object_get(schema, "enum"), *constant = json_object_get(schema, "const");
    const json_t *low = json_object_get(schema, "minimum"), *high = json_object_get(schema, "maximum");
    const json_t *longest = json_object_get(schema, "maxLength");
    bool chosen = !choices;
    for (size_t i = 0; i < json_array_size(choices); i++) {
        chosen = chosen || json_equal(json_array_get(choices, i), value);
    }
    if (!chosen || (constant && !json_equal(constant, value))) {
        return mismatch(where, "none of the values");
    }
    if ((low && json_integer_value(value) < json_integer_value(low)) ||
        (high && json_integer_value(value) > json_integer_value(high))) {
        return mismatch(where, "out of range");
    }
    return !longest || json_string_length(value) <= (size_t)json_integer_value(longest) ||
           mismatch(where, "too long");
}

static bool conforms(const json_t *api, const json_t *schema, const json_t *value, const char *where)
{
    const char *keyword;
    json_t *unused;
    json_object_foreach((json_t *)schema, keyword, unused)
    {
        assert_true(is_known_keyword(keyword)); /* else this checks less than it seems to */
    }
    schema = resolve(api, schema);
    const char *type = json_string_value(json_object_get(schema, "type"));
    if (type && !is_type(value, type)) {
        return mismatch(where, type);
    }
    if (json_is_object(value)) {
        return object_conforms(api, schema, value, where);
    }
    return json_is_array(value) ? array_conforms(api, schema, value, where)
                                : scalar_conforms(schema, value, where);
}

/* --- the tests
 * --------------------------------------------------------------------------------------------------------------
 */

static const json_t *operation(const json_t *api, const char *method, const char *path)
{
    char lower[16];
    size_t size = strlen(method);
    for (size_t i = 0; i <= size; i++) {
        lower[i] = (char)(method[i] >= 'A' && method[i] <= 'Z' ? method[i] + 32 : method[i]);
    }
    return json_object_get(json_object_get(json_object_get(api, "paths"), path), lower);
}

static void every_route_is_described_and_nothing_else(void **state)
{
    struct place *place = *state;
    size_t count, described = 0;
    const struct route *routes = route_table(&count);
    for (size_t i = 0; i < count; i++) {
        assert_non_null(operation(place->api, routes[i].method, routes[i].path));
    }
    const char *path;
    json_t *methods;
    json_object_foreach(json_object_get(place->api, "paths"), path, methods)
    {
        described += json_object_size(methods);
    }
    assert_int_equal(described, count);
}

static void every_problem_is_described(void **state)
{
    struct place *place = *state;
    const json_t *problem =
        json_object_get(json_object_get(json_object_get(place->api, "components"), "schemas"), "Problem");
    const json_t *codes =
        json_object_get(json_object_get(json_object_get(problem, "properties"), "code"), "enum");
    assert_int_equal(json_array_size(codes), PROBLEM_COUNT);
    for (unsigned i = 0; i < PROBLEM_COUNT; i++) {
        struct reply reply;
        reply_init(&reply);
        reply_problem(&reply, (enum problem)i, "why", NULL);
        json_t *body = json_loadb((const char *)reply.body.data, reply.body.size, 0, NULL);
        assert_true(conforms(place->api, problem, body, problem_code((enum problem)i)));
        assert_int_equal(json_integer_value(json_object_get(body, "status")), reply.status);
        assert_int_equal(reply.retry_after_s > 0, reply.status == 503);
        json_decref(body);
        reply_finish(&reply);
    }
}

#define ORDER(product, quantity, price, total)                                                               \
    "{\"payment\":\"cod\",\"total_fen\":" total ",\"lines\":[{\"product\":\"" product                        \
    "\",\"quantity\":" quantity ",\"unit_price_fen\":" price "}]}"
#define KEY_1 "00000000-0000-4000-8000-000000000001"
#define KEY_2 "00000000-0000-4000-8000-000000000002"
#define KEY_3 "00000000-0000-4000-8000-00000000000F"
#define JSON "application/json"

struct question {
    const char *method, *path, *route, *box, *key, *type, *body;
    int status;
};

static void ask(struct place *place, const struct question *question, struct reply *reply)
{
    struct request request = {.method = question->method,
                              .path = question->path,
                              .box = question->box,
                              .key = question->key,
                              .content_type = question->type};
    if (question->body) {
        request.body = (struct bytes){(const uint8_t *)question->body, strlen(question->body)};
    }
    reply_init(reply);
    route_request(place->ledger, &request, reply);
}

/* The answer is one of those described for its route, of the type and shape described. */
static void check_answer(struct place *place, const struct question *question)
{
    struct reply reply;
    char status[16];
    ask(place, question, &reply);
    if (reply.status != question->status) {
        print_message("%s %s: %d\n", question->method, question->path, reply.status);
    }
    assert_int_equal(reply.status, question->status);
    snprintf(status, sizeof status, "%d", reply.status);
    const json_t *described =
        json_object_get(operation(place->api, question->method, question->route), "responses");
    described = json_object_get(described, status);
    assert_non_null(described);
    described = json_object_get(json_object_get(resolve(place->api, described), "content"), reply.type);
    assert_non_null(described);
    json_t *body = json_loadb((const char *)reply.body.data, reply.body.size, 0, NULL);
    assert_non_null(body);
    assert_true(conforms(place->api, json_object_get(described, "schema"), body, question->path));
    json_decref(body);
    reply_finish(&reply);
}

static void answers_have_the_shape_described(void **state)
{
    struct place *place = *state;
    static const struct question questions[] = {
        {"GET", "/v1/orders", "/v1/orders", "box-1", NULL, NULL, NULL, 200},
        {"POST", "/v1/orders", "/v1/orders", "box-1", KEY_1, JSON, ORDER("yak-yogurt", "2", "1250", "2500"),
         201},
        {"POST", "/v1/orders", "/v1/orders", "box-1", KEY_1, JSON "; charset=utf-8",
         ORDER("yak-yogurt", "2", "1250", "2500"), 201},
        {"POST", "/v1/orders", "/v1/orders", "box-1", KEY_1, JSON, ORDER("yak-yogurt", "1", "1250", "1250"),
         422},
        {"POST", "/v1/orders", "/v1/orders", "box-1", KEY_2, JSON, ORDER("yak-yogurt", "1", "1", "1"), 409},
        {"POST", "/v1/orders", "/v1/orders", "box-1", KEY_3, JSON, ORDER("nothing", "1", "1", "1"), 409},
        {"POST", "/v1/orders", "/v1/orders", "box-2", KEY_1, JSON, ORDER("yak-yogurt", "1", "1250", "1250"),
         403},
        {"POST", "/v1/orders", "/v1/orders", "box-1", "no uuid", JSON,
         ORDER("yak-yogurt", "1", "1250", "1250"), 400},
        {"POST", "/v1/orders", "/v1/orders", "box-1", NULL, JSON, ORDER("yak-yogurt", "1", "1250", "1250"),
         400},
        {"POST", "/v1/orders", "/v1/orders", "box-1", KEY_2, JSON, "{", 400},
        {"POST", "/v1/orders", "/v1/orders", "box-1", KEY_2, "text/plain", "{}", 415},
        {"POST", "/v1/orders", "/v1/orders", "box-1", KEY_2, NULL, "{}", 415},
        {"GET", "/v1/orders", "/v1/orders", "box-1", NULL, NULL, NULL, 200},
        {"GET", "/v1/orders", "/v1/orders", "box-2", NULL, NULL, NULL, 403},
        {"GET", "/v1/orders/261123-0482175-3", "/v1/orders/{number}", "box-1", NULL, NULL, NULL, 404},
        {"GET", "/v1/orders/'; DROP TABLE orders", "/v1/orders/{number}", "box-1", NULL, NULL, NULL, 404},
        {"GET", "/v1/orders/1", "/v1/orders/{number}", "box-2", NULL, NULL, NULL, 403},
        {"GET", "/v1/products/yak-yogurt", "/v1/products/{id}", "box-1", NULL, NULL, NULL, 200},
        {"GET", "/v1/products/nothing", "/v1/products/{id}", "box-1", NULL, NULL, NULL, 404},
        {"GET", "/v1/health", "/v1/health", "box-2", NULL, NULL, NULL, 200},
    };
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        check_answer(place, &questions[i]);
    }
    struct reply reply;
    ask(place, &questions[1], &reply);
    assert_true(reply.replay);
    const struct question shown = {"GET", reply.location, "/v1/orders/{number}", "box-1", NULL, NULL, NULL,
                                   200};
    check_answer(place, &shown);
    reply_finish(&reply);
}

static void other_paths_and_methods_are_refused(void **state)
{
    struct place *place = *state;
    static const struct question questions[] = {
        {"GET", "/", NULL, "box-1", NULL, NULL, NULL, 404},
        {"GET", "/v1/orders/", NULL, "box-1", NULL, NULL, NULL, 404},
        {"GET", "/v1/orders/a/b", NULL, "box-1", NULL, NULL, NULL, 404},
        {"GET",
         "/v1/products/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         NULL, "box-1", NULL, NULL, NULL, 404},
        {"DELETE", "/v1/orders", NULL, "box-1", NULL, NULL, NULL, 405},
        {"POST", "/v1/orders/1", NULL, "box-1", NULL, NULL, NULL, 405},
        {"get", "/v1/orders", NULL, "box-1", NULL, NULL, NULL, 405},
    };
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++) {
        struct reply reply;
        ask(place, &questions[i], &reply);
        assert_int_equal(reply.status, questions[i].status);
        assert_int_equal(reply.allow[0] != '\0', questions[i].status == 405);
        reply_finish(&reply);
    }
}

static void the_box_sends_what_is_described(void **state)
{
    struct place *place = *state;
    const json_t *content = json_object_get(
        json_object_get(operation(place->api, "POST", "/v1/orders"), "requestBody"), "content");
    const json_t *schema = json_object_get(json_object_get(content, JSON), "schema");
    struct order_line line = {
        .product = "yak-yogurt", .name_zh = "牦牛酸奶", .unit_price_fen = 1250, .quantity = 2};
    struct order_request requests[2] = {{.lines = &line, .line_count = 1},
                                        {.lines = &line,
                                         .line_count = 1,
                                         .delivery_name = "a",
                                         .delivery_phone = "b",
                                         .delivery_address = "c"}};
    for (size_t i = 0; i < 2; i++) {
        struct order_record *record = order_record_make(&requests[i], 2500, 1000, NULL);
        assert_non_null(record);
        json_t *body = json_loads(record->body, 0, NULL);
        assert_true(conforms(place->api, schema, body, "order"));
        assert_int_equal(json_object_get(body, "delivery") != NULL, i == 1);
        struct reply reply;
        const struct question question = {"POST", "/v1/orders", NULL, "box-1", record->order.key,
                                          JSON,   record->body, 201};
        ask(place, &question, &reply);
        assert_int_equal(reply.status, 201);
        struct order_answer answer;
        const struct link_response heard = {.result = LINK_ANSWERED,
                                            .status = 201,
                                            .content_type = reply.type,
                                            .body = buffer_view(&reply.body)};
        assert_int_equal(order_message_read(&heard, 1, &answer), ORDER_VERDICT_FINAL);
        assert_true(number_check(answer.number));
        json_decref(body);
        reply_finish(&reply);
        order_record_destroy(record);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_route_is_described_and_nothing_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_problem_is_described, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_have_the_shape_described, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_paths_and_methods_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_box_sends_what_is_described, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
