/* SPDX-License-Identifier: Apache-2.0 */
/* What the screens want of the carousel: the list, and what the reception thread makes of it where memory is
 * for one role at a time. */
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "dsmcc/builder.h"
#include "reception/reception.h"
#include "reception/wanted.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si_test_stream.h"
#include "ts/section.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_US 30000000
#define SERVICE 0x55
#define PID 0x0300
#define TAG 0x0B
#define NOISE 40000

static char folder[] = "/tmp/kokonor-wanted-XXXXXX";
static struct buffer root;

/* ---- the list ---- */

static void assert_list(const struct wanted *wanted, const char *const *paths, size_t count)
{
    assert_int_equal(wanted->count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(wanted->paths[i], paths[i]);
}

static void screens_come_first_then_what_has_not_come(void **state)
{
    (void)state;
    static const bool none[CONTENT_ROLES] = {false};
    static const bool commerce_came[CONTENT_ROLES] = {[CONTENT_COMMERCE] = true};
    enum content_role order[CONTENT_ROLES];
    struct wanted wanted = {.count = 0};
    wanted_add_roles(&wanted, none);
    assert_list(&wanted, (const char *const[]){"commerce", "credit", "community"}, 3);
    wanted.count = 0;
    wanted_add_roles(&wanted, commerce_came);
    assert_list(&wanted, (const char *const[]){"credit", "community", "commerce"}, 3);
    wanted_roles(&wanted, order);
    assert_true(order[0] == CONTENT_CREDIT && order[1] == CONTENT_COMMUNITY && order[2] == CONTENT_COMMERCE);
    wanted_set(&wanted, (const char *const[]){"community/pictures/x.jpg", "commerce"}, 2);
    wanted_add_roles(&wanted, commerce_came);
    assert_list(&wanted, (const char *const[]){"community/pictures/x.jpg", "commerce", "credit", "community"},
                4);
    wanted_roles(&wanted, order);
    assert_true(order[0] == CONTENT_COMMUNITY && order[1] == CONTENT_COMMERCE && order[2] == CONTENT_CREDIT);
    wanted_set(&wanted, (const char *const[]){"commercial", "creditor/x"}, 2); /* of no role */
    wanted_roles(&wanted, order);
    assert_true(order[0] == CONTENT_COMMERCE && order[1] == CONTENT_CREDIT && order[2] == CONTENT_COMMUNITY);
}

static void the_list_has_an_end(void **state)
{
    (void)state;
    static const bool none[CONTENT_ROLES] = {false};
    char longest[WANTED_PATH_SIZE + 1], names[12][8];
    const char *paths[12];
    struct wanted wanted, other;
    memset(longest, 'p', WANTED_PATH_SIZE);
    longest[WANTED_PATH_SIZE] = 0;
    wanted_set(&wanted, (const char *const[]){longest, "", "a", "a", longest + 1}, 5);
    assert_list(&wanted, (const char *const[]){"a", longest + 1}, 2);
    for (int i = 0; i < 12; i++) {
        snprintf(names[i], sizeof(names[i]), "n%d", i);
        paths[i] = names[i];
    }
    wanted_set(&wanted, paths, 12);
    assert_int_equal(wanted.count, WANTED_MAX);
    wanted_add_roles(&wanted, none);
    assert_int_equal(wanted.count, DSMCC_WANTED_MAX); /* every role has its place */
    wanted_set(&other, paths, 12);
    assert_false(wanted_same(&wanted, &other));
    wanted_add_roles(&other, none);
    assert_true(wanted_same(&wanted, &other));
    strcpy(other.paths[1], "n9");
    assert_false(wanted_same(&wanted, &other));
    wanted_set(&wanted, NULL, 0);
    assert_int_equal(wanted.count, 0);
}

/* ---- on air ---- */

static int make_operator(void **state)
{
    (void)state;
    char command[512], path[256];
    if (!mkdtemp(folder))
        return -1;
    snprintf(command, sizeof command, "%s/toolchain/certificates %s/keys", SOURCE_DIR, folder);
    snprintf(path, sizeof path, "%s/keys/root.pem", folder);
    buffer_init(&root, 65536);
    return system(command) == 0 && file_read(path, &root, NULL) ? 0 : -1;
}

static int remove_operator(void **state)
{
    (void)state;
    buffer_finish(&root);
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

static void add_tables(struct buffer *packets, uint16_t stream_id, uint8_t version)
{
    struct si_sections sections;
    struct test_stream *stream = test_stream_create(SI_CHARSET_GB18030);
    struct si_pat pat = {.transport_stream_id = stream_id, .nit_pid = SI_PID_NONE, .program_count = 1};
    static struct si_pmt pmt;
    pat.programs[0] = (struct si_pat_program){SERVICE, 0x1000};
    pmt = (struct si_pmt){.program_number = SERVICE, .pcr_pid = SI_PID_NONE, .component_count = 1};
    si_component_init(&pmt.components[0], PID, SI_STREAM_TYPE_DSMCC_UN);
    pmt.components[0].component_tag = TAG;
    pmt.components[0].has_carousel = true;
    pmt.components[0].carousel_id = 1;
    si_sections_init(&sections);
    assert_true(si_build_pat(&sections, &pat, version));
    test_stream_add(stream, SI_PID_PAT, &sections);
    si_sections_clear(&sections);
    assert_true(si_build_pmt(&sections, &pmt, 0));
    test_stream_add(stream, 0x1000, &sections);
    buffer_append(packets, stream->packets.data, stream->packets.size);
    si_sections_finish(&sections);
    test_stream_destroy(stream);
}

/* The three directories, each with a manifest that nobody has signed and a picture; a few times round. */
static void make_air(struct buffer *packets, uint16_t stream_id, uint8_t version)
{
    static uint8_t noise[NOISE];
    uint32_t random = 99;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
    const struct dsmcc_source files[] = {{.path = "commerce/manifest.json", .data = "{}", .size = 2},
                                         {.path = "commerce/x.jpg", .data = noise, .size = NOISE},
                                         {.path = "community/manifest.json", .data = "{} ", .size = 3},
                                         {.path = "community/x.jpg", .data = noise, .size = NOISE - 1},
                                         {.path = "credit/manifest.json", .data = "{}  ", .size = 4},
                                         {.path = "credit/x.jpg", .data = noise, .size = NOISE - 2}};
    const struct dsmcc_builder_options options = {.association_tag = TAG};
    struct dsmcc_builder *builder = dsmcc_builder_create(&options);
    struct ts_sectioner sectioner;
    uint8_t packet[TS_PACKET_SIZE];
    buffer_init(packets, 4u << 20);
    ts_sectioner_init(&sectioner, PID);
    assert_true(builder && dsmcc_builder_set_tree(builder, files, 6, NULL));
    for (int i = 0; i < 4000; i++) {
        if (i % 200 == 0)
            add_tables(packets, stream_id, version);
        assert_true(ts_sectioner_packet(&sectioner, packet, dsmcc_builder_next_section, builder));
        buffer_append(packets, packet, sizeof packet);
    }
    assert_false(packets->failed);
    dsmcc_builder_destroy(builder);
}

/* Sends the air round and round until done says so; false where that takes too long. */
typedef bool done_fn(void *context);
static bool broadcast(const struct buffer *air, uint16_t port, done_fn *done, void *context)
{
    int sender = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_true(sender >= 0);
    assert_int_equal(connect(sender, (struct sockaddr *)&address, sizeof address), 0);
    int64_t until = clock_monotonic_us() + PATIENCE_US;
    bool good = done(context);
    for (size_t at = 0; !good && clock_monotonic_us() < until;
         at = at + 7 * TS_PACKET_SIZE < air->size ? at + 7 * TS_PACKET_SIZE : 0) {
        size_t left = air->size - at;
        ssize_t sent = send(sender, air->data + at, left < 7 * TS_PACKET_SIZE ? left : 7 * TS_PACKET_SIZE, 0);
        (void)sent; /* what is lost comes again */
        clock_sleep_us(150);
        good = done(context);
    }
    close(sender);
    return good;
}

static struct reception *receive(struct store **store, size_t ceiling, const char *cache)
{
    char database[256];
    struct error error = {""};
    snprintf(database, sizeof database, "%s/content.db", folder);
    *store = store_open(database, &error);
    const struct reception_options options = {.tuner_url = "udp://127.0.0.1:0",
                                              .charset = SI_CHARSET_GB18030,
                                              .operator_root = buffer_view(&root),
                                              .store = *store,
                                              .cache_folder = cache,
                                              .carousel_bytes = ceiling};
    struct reception *reception = *store ? reception_create(&options, &error) : NULL;
    if (!reception)
        fail_msg("%s", error.text);
    return reception;
}

/* The roles in the order in which they were looked at: each is refused, and that is logged. */
static struct {
    pthread_mutex_t lock;
    enum content_role roles[16];
    size_t count;
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void note_line(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)level;
    (void)module;
    pthread_mutex_lock(&seen.lock);
    for (int role = 0; role < CONTENT_ROLES; role++) {
        size_t size = strlen(content_role_str(role));
        if (!strncmp(text, content_role_str(role), size) && !strncmp(text + size, "/ is not shown", 14) &&
            seen.count < 16)
            seen.roles[seen.count++] = role;
    }
    pthread_mutex_unlock(&seen.lock);
}

static bool were_seen(void *context)
{
    const size_t *enough = context;
    pthread_mutex_lock(&seen.lock);
    bool were = seen.count >= *enough;
    pthread_mutex_unlock(&seen.lock);
    return were;
}

/* Memory for one of the three directories: the one on screen comes first, whichever it is; and when there is
 * no screen any more the others, one after the other. */
static void one_role_after_the_other(void **state)
{
    (void)state;
    struct buffer air;
    make_air(&air, 3, 0);
    for (int first = 0; first < CONTENT_ROLES; first++) {
        struct store *store;
        struct reception *reception = receive(&store, NOISE * 3 / 2, NULL);
        const char *paths[] = {content_role_str(first)};
        seen.count = 0;
        reception_want(reception, paths, 1);
        size_t one = 1, all = CONTENT_ROLES;
        bool good = broadcast(&air, reception_port(reception), were_seen, &one);
        reception_want(reception, NULL, 0);
        good = good && broadcast(&air, reception_port(reception), were_seen, &all);
        reception_destroy(reception);
        store_close(store);
        assert_true(good);
        assert_int_equal(seen.roles[0], first);
        assert_int_not_equal(seen.roles[1], first);
        assert_int_not_equal(seen.roles[2], first);
        assert_int_not_equal(seen.roles[1], seen.roles[2]);
    }
    buffer_finish(&air);
}

static bool has_modules(const char *cache, const char *beginning)
{
    size_t count = 0;
    DIR *listing = opendir(cache);
    for (const struct dirent *entry; listing && (entry = readdir(listing));)
        count += !strncmp(entry->d_name, beginning, strlen(beginning));
    if (listing)
        closedir(listing);
    return count >= 4;
}

static bool has_of_stream_3(void *context)
{
    return has_modules(context, "0000000000000003-");
}

static bool has_of_stream_4(void *context)
{
    return has_modules(context, "0000000000000004-");
}

/* Another transport stream with the same PIDs: what it carries is not kept as the former's. */
static void modules_belong_to_their_stream(void **state)
{
    (void)state;
    struct buffer air;
    struct store *store;
    char cache[128];
    snprintf(cache, sizeof cache, "%s/cache", folder);
    struct reception *reception = receive(&store, 0, cache);
    make_air(&air, 3, 0);
    bool good = broadcast(&air, reception_port(reception), has_of_stream_3, cache);
    buffer_finish(&air);
    assert_false(has_of_stream_4(cache));
    make_air(&air, 4, 1);
    good = good && broadcast(&air, reception_port(reception), has_of_stream_4, cache);
    buffer_finish(&air);
    reception_destroy(reception);
    store_close(store);
    assert_true(good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screens_come_first_then_what_has_not_come),
        cmocka_unit_test(the_list_has_an_end),
        cmocka_unit_test(one_role_after_the_other),
        cmocka_unit_test(modules_belong_to_their_stream),
    };
    log_set_sink(note_line, NULL);
    return cmocka_run_group_tests(tests, make_operator, remove_operator);
}
