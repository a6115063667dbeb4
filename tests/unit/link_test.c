/* SPDX-License-Identifier: Apache-2.0 */
/* The back-off, and what the link promises without a gateway. With one: tests/system/order_system_test.c. */
#include "base/file.h"
#include "link/backoff.h"
#include "link/link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void backoff_grows_to_its_maximum(void **state)
{
    (void)state;
    struct backoff backoff;
    static const int64_t ceilings[] = {1000, 2000, 4000, 8000, 10000, 10000, 10000};
    static const uint32_t randoms[] = {0, 1, UINT32_MAX / 3, UINT32_MAX};
    for (size_t r = 0; r < sizeof randoms / sizeof *randoms; r++) {
        backoff_init(&backoff, 1000, 10000);
        for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++) {
            int64_t wait = backoff_next_ms(&backoff, -1, randoms[r]);
            assert_in_range(wait, ceilings[i] / 2, ceilings[i]);
        }
        backoff_reset(&backoff);
        assert_in_range(backoff_next_ms(&backoff, -1, randoms[r]), 500, 1000);
    }
    backoff_init(&backoff, 1000, 10000);
    assert_int_equal(backoff_next_ms(&backoff, -1, 0), 500);
    backoff_init(&backoff, 1000, 10000);
    assert_int_equal(backoff_next_ms(&backoff, -1, UINT32_MAX), 1000);
}

static void backoff_survives_odd_numbers(void **state)
{
    (void)state;
    struct backoff backoff;
    backoff_init(&backoff, -5, -7);
    for (int i = 0; i < 200; i++) {
        assert_in_range(backoff_next_ms(&backoff, -1, UINT32_MAX), 1, 1);
    }
    backoff_init(&backoff, INT64_MAX / 4, INT64_MAX / 2);
    for (int i = 0; i < 200; i++) {
        assert_true(backoff_next_ms(&backoff, INT64_MAX, UINT32_MAX) > 0);
    }
}

static void backoff_honours_retry_after(void **state)
{
    (void)state;
    struct backoff backoff;
    backoff_init(&backoff, 1000, 10000);
    assert_in_range(backoff_next_ms(&backoff, 30, UINT32_MAX), 30000, 31000);
    assert_in_range(backoff_next_ms(&backoff, 30, 0), 30000, 30000);
    backoff_init(&backoff, 60000, 60000);
    assert_in_range(backoff_next_ms(&backoff, 1, 0), 30000, 60000); /* ours is longer */
    assert_in_range(backoff_next_ms(&backoff, INT64_MAX, 0), 86400000, 86400000);
}

static void some_statuses_are_transient(void **state)
{
    (void)state;
    static const int transient[] = {408, 425, 429, 500, 502, 503, 504, 599};
    static const int final[] = {0, 200, 201, 301, 400, 403, 404, 409, 422, 501, 505, 600};
    for (size_t i = 0; i < sizeof transient / sizeof *transient; i++) {
        assert_true(backoff_is_transient(transient[i]));
    }
    for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
        assert_false(backoff_is_transient(final[i]));
    }
}

/* --- the link
 * ---------------------------------------------------------------------------------------------------------------
 */

struct place {
    char folder[64], pem[96];
    uv_loop_t loop;
    int silent; /* a socket that takes connections and says nothing */
    int silent_port, closed_port;
};

static int listen_on_any(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static int set_up(void **state)
{
    char command[320];
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->folder, "/tmp/kokonor-link-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->pem, sizeof place->pem, "%s/any.pem", place->folder);
    snprintf(command, sizeof command,
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout %s/key.pem "
             "-out %s -subj /CN=x "
             "-days 2 2>/dev/null",
             place->folder, place->pem);
    assert_int_equal(system(command), 0);
    assert_int_equal(uv_loop_init(&place->loop), 0);
    place->silent = listen_on_any(&place->silent_port);
    int closed = listen_on_any(&place->closed_port);
    close(closed);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    assert_int_equal(uv_run(&place->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&place->loop), 0);
    close(place->silent);
    assert_true(file_remove_tree(place->folder, NULL));
    free(place);
    return 0;
}

static struct link *make_link(struct place *place, int port, int timeout_ms)
{
    char url[64];
    struct error error = {""};
    snprintf(url, sizeof url, "https://127.0.0.1:%d", port);
    struct link_options options = {.base_url = url, .ca_path = place->pem, .total_timeout_ms = timeout_ms};
    struct link *link = link_create(&place->loop, &options, &error);
    assert_non_null(link);
    return link;
}

struct seen {
    struct link *link; /* destroyed in the callback where not NULL */
    int calls;
    enum link_result result;
    int status;
    char error[256];
};

static void see(void *context, const struct link_response *response)
{
    struct seen *seen = context;
    seen->calls++;
    seen->result = response->result;
    seen->status = response->status;
    snprintf(seen->error, sizeof seen->error, "%s", response->error);
    link_destroy(seen->link);
    seen->link = NULL;
}

static const struct bytes no_body;

static void bad_options_are_refused(void **state)
{
    struct place *place = *state;
    struct error error;
    const char *good = "https://localhost:1", *pem = place->pem;
    const struct link_options bad[] = {
        {.base_url = NULL, .ca_path = pem},
        {.base_url = "", .ca_path = pem},
        {.base_url = "http://localhost:1", .ca_path = pem},
        {.base_url = "https://", .ca_path = pem},
        {.base_url = "https://localhost:1/", .ca_path = pem},
        {.base_url = "https://user@localhost", .ca_path = pem},
        {.base_url = good, .ca_path = NULL},
        {.base_url = good, .ca_path = "/nonexistent/ca.pem"},
        {.base_url = good, .ca_path = "/dev/null"},
        {.base_url = good, .ca_path = pem, .certificate_path = pem},
        {.base_url = good, .ca_path = pem, .key_path = pem},
        {.base_url = good, .ca_path = pem, .certificate_path = pem, .key_path = "/nonexistent/key.pem"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        error.text[0] = '\0';
        assert_null(link_create(&place->loop, &bad[i], &error));
        assert_string_not_equal(error.text, "");
    }
}

static void bad_requests_do_not_start(void **state)
{
    struct place *place = *state;
    struct seen seen = {0};
    struct link *link = make_link(place, place->closed_port, 1000);
    char long_path[2000];
    memset(long_path, 'a', sizeof long_path);
    long_path[0] = '/';
    long_path[sizeof long_path - 1] = '\0';
    static const struct link_header split[] = {{"X", "a\r\nY: b"}}, named[] = {{"X Y", "b"}};
    assert_null(link_request(link, "GET", "no-slash", NULL, 0, no_body, see, &seen));
    assert_null(link_request(link, "GET", "/a b", NULL, 0, no_body, see, &seen));
    assert_null(link_request(link, "GET", "/a\nb", NULL, 0, no_body, see, &seen));
    assert_null(link_request(link, "GET", long_path, NULL, 0, no_body, see, &seen));
    assert_null(link_request(link, "", "/", NULL, 0, no_body, see, &seen));
    assert_null(link_request(link, "GET", "/", split, 1, no_body, see, &seen));
    assert_null(link_request(link, "GET", "/", named, 1, no_body, see, &seen));
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(seen.calls, 0);
    link_destroy(link);
}

static void a_closed_port_is_unreachable(void **state)
{
    struct place *place = *state;
    struct seen seen = {0};
    struct link *link = make_link(place, place->closed_port, 5000);
    assert_non_null(
        link_request(link, "POST", "/x", NULL, 0, (struct bytes){(const uint8_t *)"{}", 2}, see, &seen));
    assert_int_equal(seen.calls, 0);
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.result, LINK_UNREACHABLE);
    assert_int_equal(seen.status, 0);
    assert_string_not_equal(seen.error, "");
    link_destroy(link);
}

static void silence_times_out(void **state)
{
    struct place *place = *state;
    struct seen seen = {0};
    struct link *link = make_link(place, place->silent_port, 100);
    assert_non_null(link_request(link, "GET", "/x", NULL, 0, no_body, see, &seen));
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(seen.calls, 1);
    assert_int_equal(seen.result, LINK_TIMED_OUT);
    link_destroy(link);
}

static void a_cancelled_call_is_silent(void **state)
{
    struct place *place = *state;
    struct seen cancelled = {0}, other = {0};
    struct link *link = make_link(place, place->closed_port, 5000);
    struct link_call *call = link_request(link, "GET", "/x", NULL, 0, no_body, see, &cancelled);
    assert_non_null(call);
    assert_non_null(link_request(link, "GET", "/y", NULL, 0, no_body, see, &other));
    link_cancel(call);
    link_cancel(NULL);
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(cancelled.calls, 0);
    assert_int_equal(other.calls, 1);
    link_destroy(link);
}

static void calls_are_bounded(void **state)
{
    struct place *place = *state;
    struct seen seen = {0};
    struct link *link = make_link(place, place->closed_port, 5000);
    int started = 0;
    while (started < 1000 && link_request(link, "GET", "/x", NULL, 0, no_body, see, &seen)) {
        started++;
    }
    assert_int_equal(started, 64);
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(seen.calls, 64);
    assert_non_null(link_request(link, "GET", "/x", NULL, 0, no_body, see, &seen));
    link_destroy(link);
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(seen.calls, 64);
}

static void a_callback_may_destroy_the_link(void **state)
{
    struct place *place = *state;
    struct seen first = {0}, second = {0};
    first.link = second.link = NULL;
    struct link *link = make_link(place, place->closed_port, 5000);
    first.link = link;
    assert_non_null(link_request(link, "GET", "/x", NULL, 0, no_body, see, &first));
    assert_non_null(link_request(link, "GET", "/y", NULL, 0, no_body, see, &first));
    uv_run(&place->loop, UV_RUN_DEFAULT);
    assert_int_equal(first.calls, 1);
    link_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backoff_grows_to_its_maximum),
        cmocka_unit_test(backoff_survives_odd_numbers),
        cmocka_unit_test(backoff_honours_retry_after),
        cmocka_unit_test(some_statuses_are_transient),
        cmocka_unit_test_setup_teardown(bad_options_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_requests_do_not_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_closed_port_is_unreachable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(silence_times_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cancelled_call_is_silent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(calls_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_callback_may_destroy_the_link, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
