/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/route.h"
#include "base/text.h"
#include "gateway/intake.h"
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <strings.h>

/* RFC 9562: the text form of a UUID of any version. */
static bool is_uuid(const char *text)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (strlen(text) != sizeof shape - 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        bool good =
            shape[i] == '-' ? text[i] == '-' : text[i] != '\0' && strchr("0123456789abcdefABCDEF", text[i]);
        if (!good) {
            return false;
        }
    }
    return true;
}

static bool is_json(const char *content_type)
{
    static const char json[] = "application/json";
    size_t size = sizeof json - 1;
    return content_type && strncasecmp(content_type, json, size) == 0 &&
           (content_type[size] == '\0' || content_type[size] == ';' || content_type[size] == ' ');
}

static void post_order(struct ledger *ledger, const struct request *request, const char *parameter,
                       struct reply *reply)
{
    uint8_t hash[LEDGER_HASH_SIZE];
    struct intake intake;
    struct error error = {""};
    (void)parameter;
    if (!is_json(request->content_type)) {
        reply_problem(reply, PROBLEM_MEDIA_TYPE, NULL, NULL);
    } else if (!request->key || !is_uuid(request->key)) {
        reply_problem(reply, PROBLEM_INVALID, "Idempotency-Key: expected a UUID", NULL);
    } else if (!intake_parse(request->body, &intake, &error)) {
        reply_problem(reply, PROBLEM_INVALID, error.text, NULL);
    } else if (gnutls_hash_fast(GNUTLS_DIG_SHA256, request->body.data, request->body.size, hash) != 0) {
        reply_problem(reply, PROBLEM_UNAVAILABLE, NULL, NULL);
    } else {
        ledger_place(ledger, request->box, request->key, hash, &intake, reply);
    }
}

static void get_orders(struct ledger *ledger, const struct request *request, const char *parameter,
                       struct reply *reply)
{
    (void)parameter;
    ledger_get_orders(ledger, request->box, reply);
}

static void get_order(struct ledger *ledger, const struct request *request, const char *parameter,
                      struct reply *reply)
{
    ledger_get_order(ledger, request->box, parameter, reply);
}

static void get_product(struct ledger *ledger, const struct request *request, const char *parameter,
                        struct reply *reply)
{
    ledger_get_product(ledger, request->box, parameter, reply);
}

static void get_health(struct ledger *ledger, const struct request *request, const char *parameter,
                       struct reply *reply)
{
    (void)request;
    (void)parameter;
    ledger_get_health(ledger, reply);
}

static const struct route routes[] = {
    {"POST", "/v1/orders", post_order},        {"GET", "/v1/orders", get_orders},
    {"GET", "/v1/orders/{number}", get_order}, {"GET", "/v1/products/{id}", get_product},
    {"GET", "/v1/health", get_health},
};

const struct route *route_table(size_t *count)
{
    *count = sizeof routes / sizeof *routes;
    return routes;
}

/* True where path is the route's, the segment that stands for its parameter then copied. */
static bool matches(const struct route *route, const char *path, char parameter[ROUTE_PARAMETER_SIZE])
{
    const char *brace = strchr(route->path, '{');
    parameter[0] = '\0';
    if (!brace) {
        return strcmp(route->path, path) == 0;
    }
    size_t before = (size_t)(brace - route->path);
    if (strncmp(route->path, path, before) != 0) {
        return false;
    }
    const char *segment = path + before;
    size_t size = strlen(segment);
    if (size == 0 || size >= ROUTE_PARAMETER_SIZE || strchr(segment, '/')) {
        return false;
    }
    memcpy(parameter, segment, size + 1);
    return true;
}

void route_request(struct ledger *ledger, const struct request *request, struct reply *reply)
{
    char parameter[ROUTE_PARAMETER_SIZE], allow[sizeof reply->allow] = "";
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!matches(&routes[i], request->path, parameter)) {
            continue;
        }
        if (strcmp(routes[i].method, request->method) == 0) {
            routes[i].handle(ledger, request, parameter, reply);
            return;
        }
        if (strlen(allow) + strlen(routes[i].method) + 3 <= sizeof allow) {
            strcat(allow, allow[0] ? ", " : "");
            strcat(allow, routes[i].method);
        }
    }
    reply_problem(reply, allow[0] ? PROBLEM_METHOD : PROBLEM_NOT_FOUND, NULL, NULL);
    text_copy(reply->allow, sizeof reply->allow, allow);
}
