/* SPDX-License-Identifier: Apache-2.0 */
/* Control of a running playout over its socket: what it says, what it takes and refuses, hostile lines; and
 * what a change of channel.json does to a running stream. */
#include "base/clock.h"
#include "base/file.h"
#include "dsmcc/stream.h"
#include "dsmcc/stream_event.h"
#include "playout/control.h"
#include "playout/ctl.h"
#include "playout_fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define TIMEOUT_MS 30000

/* A playout on air with a control socket, and a box that listens. */
struct station {
    struct fixture *fixture;
    struct tuner *tuner;
    struct running running;
    struct box box;
    pthread_t thread;
};

static void station_open(struct station *station, struct fixture *fixture)
{
    struct error error = {0};
    *station = (struct station){.fixture = fixture, .tuner = tuner_open("udp://127.0.0.1:0", NULL)};
    snprintf(fixture->output, sizeof(fixture->output), "udp://127.0.0.1:%u", tuner_port(station->tuner));
    snprintf(fixture->control, sizeof(fixture->control), "%s/control", fixture->folder);
    station->running = (struct running){.fixture = fixture, .playout = fixture_playout(fixture, 0, &error)};
    if (!station->running.playout)
        fail_msg("%s", error.text);
    atomic_store(&fixture->stop, false);
    assert_int_equal(pthread_create(&station->thread, NULL, running_thread, &station->running), 0);
    box_open(&station->box, fixture);
    assert_true(box_receive_until(&station->box, station->tuner, 0, NULL, NULL));
}

static void station_close(struct station *station)
{
    atomic_store(&station->fixture->stop, true);
    pthread_join(station->thread, NULL);
    playout_destroy(station->running.playout);
    box_close(&station->box);
    tuner_close(station->tuner);
    assert_true(station->running.good);
}

/* Takes request. */
static json_t *ask_with(struct station *station, json_t *request, const char *body)
{
    struct error error = {0};
    struct bytes bytes = {(const uint8_t *)body, body ? strlen(body) : 0};
    json_t *answer = control_ask(station->fixture->control, request, bytes, TIMEOUT_MS, &error);
    json_decref(request);
    if (!answer)
        fail_msg("%s", error.text);
    return answer;
}

static json_t *ask(struct station *station, const char *command)
{
    return ask_with(station, json_pack("{s:s}", "command", command), NULL);
}

static json_t *push(struct station *station, const char *path, const char *text)
{
    return ask_with(
        station,
        json_pack("{s:s, s:s, s:I}", "command", "push", "path", path, "size", (json_int_t)strlen(text)),
        text);
}

static bool is_ok(json_t *answer)
{
    return json_is_true(json_object_get(answer, "ok"));
}

/* Takes answer; word must be in the text of its error or of one of its mistakes. */
static void expect_refused(json_t *answer, const char *word)
{
    char *text = json_dumps(answer, 0);
    if (is_ok(answer) || !strstr(text, word))
        fail_msg("expected \"%s\" in %s", word, text);
    free(text);
    json_decref(answer);
}

static int64_t number_at(const json_t *value, const char *a, const char *b, const char *c)
{
    value = json_object_get(json_object_get(value, a), b);
    return json_integer_value(c ? json_object_get(value, c) : value);
}

static void test_status(void **state)
{
    struct station station;
    struct stat status;
    station_open(&station, *state);
    assert_int_equal(stat(station.fixture->control, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    json_t *answer = ask(&station, "status");
    assert_true(is_ok(answer));
    const json_t *told = json_object_get(answer, "status");
    assert_int_equal(number_at(told, "bit_rates", "transport", NULL), 3000000);
    assert_int_equal(number_at(told, "bit_rates", "carousel", NULL), 1500000);
    assert_int_equal(number_at(told, "roles", "commerce", "sequence"),
                     box_sequence(&station.box, "commerce"));
    assert_int_equal(number_at(told, "carousel", "files", NULL), 7 + 9);
    assert_int_equal(number_at(told, "table_versions", "EIT", NULL), 0);
    assert_true(number_at(told, "packets", "carousel", NULL) > 0);
    assert_true(number_at(told, "buffer", "sent", NULL) > 0);
    assert_true(number_at(told, "buffer", "datagrams", NULL) <= number_at(told, "buffer", "capacity", NULL));
    assert_true(
        json_is_null(json_object_get(json_object_get(json_object_get(told, "roles"), "credit"), "refusal")));
    json_decref(answer);
    station_close(&station);
    assert_int_equal(stat(station.fixture->control, &status), -1);
}

static void test_push(void **state)
{
    static const char good[] =
        "{\"sections\": [{\"id\": \"health\", \"name\": {\"zh\": \"卫生\"}, \"order\": "
        "1, \"icon\": \"heart\"}]}";
    struct station station;
    char path[256];
    struct buffer buffer;
    station_open(&station, *state);
    int64_t before = box_sequence(&station.box, "community");

    json_t *answer = push(&station, "community/directory.json", "{\"sections\": [{\"id\": 7}]}");
    assert_false(is_ok(answer));
    const json_t *mistake = json_array_get(json_object_get(answer, "mistakes"), 0);
    assert_string_equal(json_string_value(json_object_get(mistake, "file")), "community/directory.json");
    assert_string_equal(json_string_value(json_object_get(mistake, "place")), "sections[0].id");
    assert_non_null(strstr(json_string_value(json_object_get(mistake, "expected")), "string"));
    assert_string_equal(json_string_value(json_object_get(mistake, "found")), "7");
    json_decref(answer);
    /* What another document of the role needs cannot be pushed away either. */
    expect_refused(push(&station, "community/directory.json", "{\"sections\": []}"), "health");

    answer = push(&station, "community/directory.json", good);
    assert_true(is_ok(answer));
    json_decref(answer);
    snprintf(path, sizeof(path), "%s/community/directory.json", station.fixture->content);
    buffer_init(&buffer, 4096);
    assert_true(file_read(path, &buffer, NULL));
    assert_string_equal(buffer_text(&buffer), good);
    buffer_finish(&buffer);
    answer = ask(&station, "status");
    int64_t sequence = number_at(json_object_get(answer, "status"), "roles", "community", "sequence");
    assert_true(sequence > before);
    json_decref(answer);
    struct bytes seen = {0};
    for (int i = 0; i < 400 && box_sequence(&station.box, "community") < sequence; i++)
        box_receive(&station.box, station.tuner);
    seen = box_file(&station.box, "community", "directory.json");
    assert_int_equal(seen.size, strlen(good));
    assert_memory_equal(seen.data, good, seen.size);
    station_close(&station);
}

static void test_paths_refused(void **state)
{
    static const struct {
        const char *path, *word;
    } cases[] = {
        {"../secret", "path: expected ROLE/NAME"},
        {"community/../../x", "path: expected ROLE/NAME"},
        {"community/.hidden", "path: expected ROLE/NAME"},
        {"community//x", "path: expected ROLE/NAME"},
        {"/etc/passwd", "path: expected ROLE/NAME"},
        {"community", "path: expected ROLE/NAME"},
        {"", "path: expected ROLE/NAME"},
        {"weather/x.json", "commerce, credit or community"},
        {"credit/manifest.json", "which the playout makes"},
        {"credit/manifest.sig", "which the playout makes"},
    };
    struct station station;
    char much[1600] = "";
    for (size_t i = 0; i + 3 < sizeof(much); i += 3)
        memcpy(much + i, "\u0F40", 3);
    station_open(&station, *state);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_refused(push(&station, cases[i].path, "{}"), cases[i].word);
    /* what does not fit is cut in the middle of a character, and is an answer all the same */
    expect_refused(push(&station, much, "{}"), "path: expected ROLE/NAME");
    expect_refused(ask(&station, much), "command: expected");
    expect_refused(ask(&station, "\xc2\x9b"
                                 "2J"),
                   "found \\\" 2J\\\"");
    expect_refused(ask_with(&station, json_pack("{s:s}", "command", "push"), NULL), "path: expected");
    expect_refused(ask(&station, "dance"), "found \\\"dance\\\"");
    expect_refused(ask_with(&station, json_object(), NULL), "command: expected");
    expect_refused(ask_with(&station, json_pack("{s:s, s:i}", "command", "status", "size", -1), NULL),
                   "size");
    expect_refused(
        ask_with(&station,
                 json_pack("{s:s, s:I}", "command", "push", "size", (json_int_t)CONTROL_BODY_MAX + 1), NULL),
        "size");
    station_close(&station);
}

/* A link of the content folder does not go on air; nothing is written behind it either. */
static void test_push_through_link(void **state)
{
    struct station station;
    struct fixture *fixture = *state;
    char outside[96], link[160], path[160];
    struct stat status;
    snprintf(outside, sizeof(outside), "%s/outside", fixture->folder);
    snprintf(link, sizeof(link), "%s/community/link", fixture->content);
    snprintf(path, sizeof(path), "%s/x.json", outside);
    assert_int_equal(mkdir(outside, 0700), 0);
    assert_int_equal(symlink(outside, link), 0);
    station_open(&station, fixture);
    expect_refused(push(&station, "community/link/x.json", "{}"),
                   "community/link: expected a folder, found a link");
    assert_int_equal(lstat(path, &status), -1);
    json_t *answer = push(&station, "community/pages/clinic.json", fixture_page_json);
    assert_true(is_ok(answer));
    json_decref(answer);
    station_close(&station);
}

/* A name that is no UTF-8, as an old archive may unpack: refused, and the answers say so. */
static void test_odd_name(void **state)
{
    struct station station;
    struct fixture *fixture = *state;
    station_open(&station, fixture);
    fixture_write(fixture->content, "community/pages/\xbd\xa1.json", "{");
    expect_refused(ask(&station, "reload"), "community/pages/??.json: expected a name");
    json_t *answer = ask(&station, "status");
    assert_true(is_ok(answer));
    const json_t *roles = json_object_get(json_object_get(answer, "status"), "roles");
    assert_int_equal(json_object_size(roles), 3);
    json_decref(answer);
    station_close(&station);
}

/* Sends bytes as they are, closes its side and returns whether an answer came that is not ok. */
static bool is_refused_raw(const char *path, const char *bytes, size_t size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char answer[1024];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, path);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0)
            break; /* it was refused before all was read */
        bytes += sent;
        size -= (size_t)sent;
    }
    shutdown(fd, SHUT_WR);
    ssize_t got = recv(fd, answer, sizeof(answer) - 1, 0);
    close(fd);
    answer[got > 0 ? got : 0] = '\0';
    return got <= 0 || strstr(answer, "\"ok\":false");
}

static void test_hostile_lines(void **state)
{
    static const char *const lines[] = {"",
                                        "\n",
                                        "[]\n",
                                        "{\n",
                                        "\"x\"\n",
                                        "{}{}\n",
                                        "{\"a\":",
                                        "null\n",
                                        "\xFF\xFE\n",
                                        "{\"command\":5}\n",
                                        "{\"command\":\"push\",\"path\":\"credit/x\",\"size\":10}\nabc"};
    static char lots[2 * CONTROL_LINE_MAX];
    struct station station;
    station_open(&station, *state);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        if (!is_refused_raw(station.fixture->control, lines[i], strlen(lines[i])))
            fail_msg("line %zu was taken", i);
    }
    memset(lots, 'x', sizeof(lots));
    assert_true(is_refused_raw(station.fixture->control, lots, sizeof(lots)));
    json_t *answer = ask(&station, "status"); /* and it still answers */
    assert_true(is_ok(answer));
    json_decref(answer);
    station_close(&station);
}

/* A refusal is told until there is a good version. */
static void test_reload(void **state)
{
    struct station station;
    station_open(&station, *state);
    json_t *answer = ask(&station, "reload");
    assert_true(is_ok(answer));
    json_decref(answer);
    fixture_write_product(station.fixture, "-1");
    expect_refused(ask(&station, "reload"), "products[0].price_fen");
    expect_refused(ask(&station, "reload"), "products[0].price_fen");
    answer = ask(&station, "status");
    const json_t *role =
        json_object_get(json_object_get(json_object_get(answer, "status"), "roles"), "commerce");
    assert_true(json_is_true(json_object_get(role, "on_air")));
    assert_string_equal(json_string_value(json_object_get(json_object_get(role, "refusal"), "file")),
                        "commerce/catalogue/dairy.json");
    json_decref(answer);
    fixture_write_product(station.fixture, "900");
    answer = ask(&station, "reload");
    assert_true(is_ok(answer));
    json_decref(answer);
    answer = ask(&station, "status");
    role = json_object_get(json_object_get(json_object_get(answer, "status"), "roles"), "commerce");
    assert_true(json_is_null(json_object_get(role, "refusal")));
    json_decref(answer);
    station_close(&station);
}

static void replace(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);
    assert_non_null(at);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
}

/* PIDs wait for the next start and say so; the carousel's rate changes at once; nothing in the carousel
 * changes with channel.json. */
static void test_channel(void **state)
{
    struct station station;
    char channel[sizeof(fixture_channel_json)];
    station_open(&station, *state);
    json_t *answer = ask(&station, "status");
    int64_t sequence = number_at(json_object_get(answer, "status"), "roles", "commerce", "sequence");
    json_decref(answer);
    memcpy(channel, fixture_channel_json, sizeof(channel));
    replace(channel, "\"carousel\": 1500000", "\"carousel\": 1200000");
    fixture_write(station.fixture->content, "channel.json", channel);
    answer = ask(&station, "reload");
    assert_true(is_ok(answer));
    json_decref(answer);
    assert_true(was_heard(&station.fixture->heard, "channel.json on air: no table says anything else"));
    replace(channel, "\"pmt_pid\": 256", "\"pmt_pid\": 300");
    fixture_write(station.fixture->content, "channel.json", channel);
    expect_refused(ask(&station, "reload"), "service.pmt_pid 256 to 300: on air at the next start only");
    bool told = false;
    for (int i = 0; i < 50 && !told; i++) {
        answer = ask(&station, "status");
        const json_t *status = json_object_get(answer, "status");
        const json_t *refusal = json_object_get(json_object_get(status, "channel"), "refusal");
        assert_non_null(strstr(json_string_value(json_object_get(refusal, "text")), "pmt_pid"));
        assert_int_equal(number_at(status, "roles", "commerce", "sequence"), sequence);
        told = number_at(status, "bit_rates", "carousel", NULL) == 1200000;
        json_decref(answer);
        clock_sleep_us(20000);
    }
    assert_true(told);
    fixture_write(station.fixture->content, "channel.json", "{}");
    expect_refused(ask(&station, "reload"), "service: expected");
    station_close(&station);
}

static json_t *read_channel(const struct station *station)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/channel.json", station->fixture->content);
    return json_load_file(path, 0, NULL);
}

/* What is in the folder now; the member (NULL: everything) is as in text. */
static void check_channel(const struct station *station, const char *member, const char *text)
{
    json_t *now = read_channel(station), *expected = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_true(now && expected);
    assert_true(json_equal(member ? json_object_get(now, member) : now, expected));
    json_decref(now);
    json_decref(expected);
}

/* The guide alone, then all of channel.json, by push; what cannot go on air now is refused and not written.
 */
static void test_push_channel(void **state)
{
    static const char events[] = "[{\"minutes\": 60, \"title\": {\"zh\": \"新节目\"}}]";
    struct station station;
    char channel[sizeof(fixture_channel_json)];
    station_open(&station, *state);
    json_t *answer = push(&station, "channel.json/events", events);
    assert_true(is_ok(answer));
    json_decref(answer);
    check_channel(&station, "events", events);
    const struct si_service *service = NULL;
    for (int i = 0; i < 6000 && (!service || strcmp(service->present.name, "新节目")); i++) {
        box_receive(&station.box, station.tuner);
        service = si_watcher_find_service(station.box.watcher, 101);
    }
    assert_true(service && !strcmp(service->present.name, "新节目"));

    answer = push(&station, "channel.json/events", "[{\"minutes\": 0, \"title\": {\"zh\": \"甲\"}}]");
    assert_false(is_ok(answer));
    const json_t *mistake = json_array_get(json_object_get(answer, "mistakes"), 0);
    assert_string_equal(json_string_value(json_object_get(mistake, "file")), "channel.json");
    assert_string_equal(json_string_value(json_object_get(mistake, "place")), "events[0].minutes");
    assert_string_equal(json_string_value(json_object_get(mistake, "found")), "0");
    json_decref(answer);
    expect_refused(push(&station, "channel.json/events", "[{"), "channel.json/events");
    expect_refused(push(&station, "channel.json/service", "{}"),
                   "expected events, streams, bouquets or applications");
    expect_refused(push(&station, "channel.json/", "{}"),
                   "expected events, streams, bouquets or applications");
    expect_refused(push(&station, "channel.json.bak", "{}"), "path: expected ROLE/NAME");
    check_channel(&station, "events", events);

    memcpy(channel, fixture_channel_json, sizeof(channel));
    replace(channel, "\"pmt_pid\": 256", "\"pmt_pid\": 300");
    expect_refused(push(&station, "channel.json", channel), "service.pmt_pid 256 to 300");
    expect_refused(push(&station, "channel.json", "{}"), "service: expected");
    check_channel(&station, "events", events);
    memcpy(channel, fixture_channel_json, sizeof(channel));
    replace(channel, "\"carousel\": 1500000", "\"carousel\": 1200000");
    answer = push(&station, "channel.json", channel);
    assert_true(is_ok(answer));
    json_decref(answer);
    check_channel(&station, NULL, channel);
    answer = ask(&station, "status");
    const json_t *status = json_object_get(answer, "status");
    assert_true(json_is_null(json_object_get(json_object_get(status, "channel"), "refusal")));
    assert_int_equal(number_at(status, "table_versions", "EIT", NULL), 2);
    json_decref(answer);
    station_close(&station);
}

/* Opens the pipe for writing once somebody reads it. */
static int open_pipe(const char *path)
{
    int fd = -1;
    for (int i = 0; i < 3000 && fd < 0; i++) {
        fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0)
            clock_sleep_us(10000);
    }
    assert_true(fd >= 0);
    return fd;
}

/* The AIT as the box has it now, or NULL. */
static const struct si_ait *ait_of(const struct box *box)
{
    const struct si_service *service = si_watcher_find_service(box->watcher, 101);
    return service ? service->ait : NULL;
}

static bool wait_control(struct station *station, size_t count, unsigned control_code)
{
    int64_t end_us = clock_monotonic_us() + TIMEOUT_MS * INT64_C(1000);
    while (clock_monotonic_us() < end_us) {
        const struct si_ait *ait = ait_of(&station->box);
        if (ait && ait->application_count == count &&
            (count == 0 || ait->applications[0].control_code == control_code))
            return true;
        box_receive(&station->box, station->tuner);
    }
    return false;
}

/* What channel.json announces is in the AIT, and follows it on air. */
static void test_applications(void **state)
{
    static const struct {
        const char *json;
        size_t count;
        unsigned control_code;
        const char *refusal; /* NULL: goes on air */
    } cases[] = {
        {"[{\"id\": 2, \"control\": \"autostart\", \"priority\": 9, \"name\": {\"zh\": \"商\", \"en\": "
         "\"Shop\"}}, {\"id\": 3, \"control\": \"present\", \"service_bound\": false, \"name\": {\"zh\": "
         "\"信\"}}]",
         2, SI_CONTROL_AUTOSTART, NULL},
        {"[{\"id\": 2, \"control\": \"kill\", \"name\": {\"zh\": \"商\"}}]", 1, SI_CONTROL_KILL, NULL},
        {"[]", 0, 0, NULL},
        {"[{\"id\": 2, \"control\": \"explode\", \"name\": {\"zh\": \"商\"}}]", 0, 0,
         "applications[0].control"},
        {"[{\"id\": 0, \"control\": \"kill\", \"name\": {\"zh\": \"商\"}}]", 0, 0, "applications[0].id"},
        {"[{\"id\": 2, \"control\": \"kill\"}]", 0, 0, "applications[0].name"},
        {"[7]", 0, 0, "applications[0]"},
        {"[{\"id\": 2, \"control\": \"kill\", \"name\": {\"zh\": \"商\"}}, {\"id\": 2, \"control\": "
         "\"kill\", \"name\": {\"zh\": \"商\"}}]",
         0, 0, "different ids"},
        {"{}", 0, 0, "applications"},
    };
    struct station station;
    char channel[sizeof(fixture_channel_json) + 512];
    station_open(&station, *state);
    assert_true(wait_control(&station, 1, SI_CONTROL_PRESENT)); /* the one of the settings */
    assert_int_equal(ait_of(&station.box)->applications[0].application_id, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(channel, sizeof(channel), "%s", fixture_channel_json);
        char *end = strrchr(channel, '}');
        snprintf(end, sizeof(channel) - (size_t)(end - channel), ", \"applications\": %s}", cases[i].json);
        fixture_write(station.fixture->content, "channel.json", channel);
        if (cases[i].refusal) {
            expect_refused(ask(&station, "reload"), cases[i].refusal);
            continue;
        }
        json_t *answer = ask(&station, "reload");
        assert_true(is_ok(answer));
        json_decref(answer);
        if (!wait_control(&station, cases[i].count, cases[i].control_code))
            fail_msg("case %zu does not come", i);
        const struct si_application *second = &ait_of(&station.box)->applications[1];
        if (cases[i].count < 2)
            continue;
        assert_int_equal(second->organisation_id, 0x4B4B);
        assert_int_equal(second->application_id, 3);
        assert_int_equal(second->priority, 1);
        assert_false(second->service_bound);
        assert_string_equal(second->name, "信");
        assert_string_equal(si_application_name(second - 1, "eng"), "Shop");
        assert_int_equal(second[-1].priority, 9);
        assert_true(second[-1].service_bound);
    }
    station_close(&station);
}

/* While the desk waits for a disk, here a key that does not come, stream and status go on. */
static void test_slow_disk(void **state)
{
    struct station station;
    struct fixture *fixture = *state;
    char path[128], document[1024];
    struct buffer key, credit;
    station_open(&station, fixture);
    buffer_init(&key, 16384);
    buffer_init(&credit, sizeof(document));
    snprintf(path, sizeof(path), "%s/content/credit/reputable.json", fixture->folder);
    assert_true(file_read(path, &credit, NULL));
    snprintf(document, sizeof(document), "%s", buffer_text(&credit));
    *strchr(strstr(document, "\"document_number\": \"1"), '1') = '2';
    snprintf(path, sizeof(path), "%s/keys/credit.key", fixture->folder);
    assert_true(file_read(path, &key, NULL));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    int64_t sequence = box_sequence(&station.box, "credit");
    fixture_write(fixture->content, "credit/reputable.json", document);
    int fd = open_pipe(path);
    json_t *before = ask(&station, "status");
    for (int64_t end_us = clock_monotonic_us() + 1000000; clock_monotonic_us() < end_us;)
        box_receive(&station.box, station.tuner);
    json_t *after = ask(&station, "status");
    /* More than the sender held: the multiplexer went on. */
    int64_t packets = number_at(json_object_get(after, "status"), "packets", "all", NULL) -
                      number_at(json_object_get(before, "status"), "packets", "all", NULL);
    assert_true(packets > 7 * number_at(json_object_get(after, "status"), "buffer", "capacity", NULL));
    struct ts_demux_counts counts;
    ts_demux_counts(station.box.demux, &counts);
    assert_int_equal(counts.continuity_errors, 0);
    assert_int_equal(write(fd, key.data, key.size), (ssize_t)key.size);
    close(fd);
    for (int i = 0; i < 3000 && box_sequence(&station.box, "credit") == sequence; i++)
        box_receive(&station.box, station.tuner);
    assert_true(box_sequence(&station.box, "credit") > sequence);
    json_decref(before);
    json_decref(after);
    buffer_finish(&key);
    buffer_finish(&credit);
    station_close(&station);
}

static int ctl(const char *socket, const char *a, const char *b, const char *c)
{
    char *argv[] = {(char *)"ctl", (char *)"--socket", (char *)socket, (char *)a, (char *)b, (char *)c, NULL};
    return ctl_run(b ? c ? 6 : 5 : 4, argv);
}

struct heard_event {
    unsigned count;
    uint16_t last_id;
    char payload[64];
};

static void on_event(void *context, const struct dsmcc_stream_event *event, bool scheduled)
{
    struct heard_event *heard = context;
    assert_false(scheduled);
    heard->count++;
    heard->last_id = event->event_id;
    assert_true(event->private_data.size < sizeof(heard->payload));
    memcpy(heard->payload, event->private_data.data, event->private_data.size);
    heard->payload[event->private_data.size] = '\0';
}

static bool hear_events(struct station *station, const struct heard_event *heard, unsigned count)
{
    int64_t end_us = clock_monotonic_us() + TIMEOUT_MS * INT64_C(1000);
    while (heard->count < count && clock_monotonic_us() < end_us)
        box_receive(&station->box, station->tuner);
    return heard->count == count;
}

static json_t *trigger(struct station *station, const char *name, const char *payload)
{
    return ask_with(station,
                    json_pack("{s:s, s:s, s:s}", "command", "event", "name", name, "payload", payload), NULL);
}

/* Each triggering is one event, with the name that the carousel's stream-event object gives its id, also
 * after a restart. */
static void test_events(void **state)
{
    struct station station;
    struct fixture *fixture = *state;
    char channel[sizeof(fixture_channel_json) + 128], much[300];
    struct heard_event heard = {0};
    snprintf(channel, sizeof(channel), "%s", fixture_channel_json);
    strcpy(strrchr(channel, '}'), ", \"stream_events\": [\"show\", \"hide\"]}");
    fixture_write(fixture->content, "channel.json", channel);
    struct error error = {0};
    assert_null(fixture_playout(fixture, 0.1, &error)); /* no PID for them */
    assert_true(was_heard(&fixture->heard, "expected service.event_pid"));
    char *at = strstr(channel, "\"ait_pid\": 288");
    memmove(at + 18, at, strlen(at) + 1);
    memcpy(at, "\"event_pid\": 289, ", 18);
    fixture_write(fixture->content, "channel.json", channel);
    for (int round = 0; round < 2; round++) {
        station_open(&station, fixture);
        const struct dsmcc_events_options options = {.happens = on_event, .context = &heard};
        struct dsmcc_events *events = dsmcc_events_create(station.box.demux, 289, 257, &options);
        heard.count = 0;
        json_t *answer = trigger(&station, "hide", "yak-yogurt");
        assert_true(is_ok(answer));
        json_decref(answer);
        assert_true(hear_events(&station, &heard, 1));
        assert_int_equal(heard.last_id, 2);
        assert_string_equal(heard.payload, "yak-yogurt");
        answer = trigger(&station, "hide", "");
        assert_true(is_ok(answer));
        json_decref(answer);
        assert_true(hear_events(&station, &heard, 2));
        assert_string_equal(heard.payload, "");
        for (int64_t end_us = clock_monotonic_us() + 700000; clock_monotonic_us() < end_us;)
            box_receive(&station.box, station.tuner); /* repeated, and one event all the same */
        assert_int_equal(heard.count, 2);
        uint64_t npt = 0;
        assert_true(dsmcc_events_npt(events, &npt) && npt > 0 && npt < 90000 * 600);
        const struct dsmcc_entry *entry = dsmcc_tree_find(station.box.tree, "events");
        static struct dsmcc_stream stream;
        assert_true(entry && dsmcc_stream_of_entry(entry, &stream));
        assert_int_equal(stream.kind, DSMCC_KIND_STREAM_EVENT);
        assert_memory_equal(dsmcc_stream_find_event(&stream, 2)->name.data, "hide", 4);
        const struct si_service *service = si_watcher_find_service(station.box.watcher, 101);
        const struct si_component *component =
            service ? si_service_association(service, stream.taps[0].association_tag, NULL) : NULL;
        assert_true(component && component->pid == 289 &&
                    component->stream_type == SI_STREAM_TYPE_DSMCC_STREAM);
        dsmcc_events_destroy(events);
        if (round == 1)
            break;
        expect_refused(trigger(&station, "dance", ""), "found \\\"dance\\\"");
        for (size_t i = 0; i < 120; i += 3)
            memcpy(much + i, "\u0F40", 4);
        expect_refused(trigger(&station, much, ""), "event: expected a name");
        memset(much, 'x', sizeof(much) - 1);
        much[sizeof(much) - 1] = '\0';
        expect_refused(trigger(&station, "show", much), "at most 245 bytes");
        expect_refused(ask(&station, "event"), "name: expected");
        assert_int_equal(ctl(fixture->control, "event", "show", NULL), 0);
        bool full = false;
        for (int i = 0; i < 40 && !full; i++) {
            answer = trigger(&station, "show", "again");
            full = !is_ok(answer);
            json_decref(answer);
        }
        answer = ask(&station, "status");
        assert_true(json_integer_value(json_object_get(json_object_get(answer, "status"), "events")) >= 3);
        json_decref(answer);
        station_close(&station);
    }
    station_close(&station);
}

static void test_stop(void **state)
{
    struct station station;
    station_open(&station, *state);
    json_t *answer = ask(&station, "stop");
    assert_true(is_ok(answer));
    json_decref(answer);
    pthread_join(station.thread, NULL);
    assert_true(station.running.good);
    playout_destroy(station.running.playout);
    box_close(&station.box);
    tuner_close(station.tuner);
}

static void test_ctl(void **state)
{
    struct fixture *fixture = *state;
    struct station station;
    char file[128];
    assert_int_equal(ctl("/no/such/socket", "status", NULL, NULL), 1);
    station_open(&station, fixture);
    snprintf(file, sizeof(file), "%s/clinic.json", fixture->folder);
    assert_true(file_write(file, fixture_page_json, strlen(fixture_page_json), NULL));
    assert_int_equal(ctl(fixture->control, "status", NULL, NULL), 0);
    assert_int_equal(ctl(fixture->control, "push", file, "community/pages/clinic.json"), 0);
    assert_int_equal(ctl(fixture->control, "push", file, "community/pages/other.json"), 1);
    assert_int_equal(ctl(fixture->control, "push", "/no/such/file", "community/pages/x.json"), 1);
    assert_int_equal(ctl(fixture->control, "push", file, NULL), 2);
    assert_int_equal(ctl(fixture->control, "dance", NULL, NULL), 2);
    station_close(&station);
}

/* The path: one in use is not taken over, one left behind is, a file is not. */
static json_t *say_yes(void *context, const json_t *request, struct bytes body)
{
    (void)context, (void)request, (void)body;
    return json_pack("{s:b}", "ok", 1);
}

static void test_paths_of_sockets(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    char path[128], file[128], much[200];
    snprintf(path, sizeof(path), "%s/socket", fixture->folder);
    snprintf(file, sizeof(file), "%s/file", fixture->folder);
    struct control *control = control_open(path, say_yes, NULL, &error);
    assert_non_null(control);
    assert_null(control_open(path, say_yes, NULL, &error));
    assert_non_null(strstr(error.text, "another program"));
    control_close(control);
    assert_true(file_write(file, "x", 1, NULL));
    assert_null(control_open(file, say_yes, NULL, &error));
    assert_non_null(strstr(error.text, "found a file"));
    memset(much, 'x', sizeof(much) - 1);
    much[sizeof(much) - 1] = '\0';
    assert_null(control_open(much, say_yes, NULL, &error));
    assert_null(control_open("/no/such/folder/socket", say_yes, NULL, &error));
    /* a socket without a listener */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
    control = control_open(path, say_yes, NULL, &error);
    assert_non_null(control);
    control_close(control);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_status, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_push, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_push_channel, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_paths_refused, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_push_through_link, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_odd_name, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_lines, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_reload, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_applications, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_channel, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_slow_disk, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_events, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_stop, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_ctl, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_paths_of_sockets, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
