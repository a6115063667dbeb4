/* SPDX-License-Identifier: Apache-2.0 */
/* The playout's whole stream over a bad cable into the box's reception and player, and into the probe: bits
 * turned over, packets lost and doubled. Nothing ends, and what reaches the store is byte for byte what was
 * signed, or is not there. */
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "reception/reception.h"
#include "store/query.h"
#include "ts/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define STREAM_MAX (64 << 20)

static char folder[] = "/tmp/kokonor-cable-XXXXXX";
static struct buffer stream, root;
static uint32_t random_state;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static int run(const char *format, ...)
{
    char command[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof(command), format, arguments);
    va_end(arguments);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int make_stream(void **state)
{
    (void)state;
    char path[256];
    struct error error;
    if (!mkdtemp(folder) || run("%s/toolchain/certificates %s/keys", SOURCE_DIR, folder))
        return -1;
    snprintf(path, sizeof(path), "%s/playout.ini", folder);
    FILE *ini = fopen(path, "w");
    if (!ini)
        return -1;
    for (int role = 0; role < CONTENT_ROLES; role++)
        fprintf(ini, "[publisher.%s]\nkey = keys/%s.key\nchain = keys/%s.pem\n", content_role_str(role),
                content_role_str(role), content_role_str(role));
    fclose(ini);
    if (run("%s/kokonor-playout --content %s --config %s --output file:%s/good.ts --duration 12 "
            "2>%s/playout.log",
            PROGRAMS, DEMO_CONTENT, path, folder, folder))
        return -1;
    buffer_init(&stream, STREAM_MAX);
    buffer_init(&root, 65536);
    snprintf(path, sizeof(path), "%s/good.ts", folder);
    if (!file_read(path, &stream, &error))
        return -1;
    snprintf(path, sizeof(path), "%s/keys/root.pem", folder);
    return file_read(path, &root, &error) ? 0 : -1;
}

static int remove_stream(void **state)
{
    (void)state;
    buffer_finish(&stream);
    buffer_finish(&root);
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

/* Of 10,000 packets, badness each are lost, doubled and cut short, and twice as many have bits turned over.
 */
static void write_bad_stream(const char *path, unsigned badness)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (size_t at = 0; at + TS_PACKET_SIZE <= stream.size; at += TS_PACKET_SIZE) {
        uint8_t packet[TS_PACKET_SIZE];
        size_t size = sizeof(packet);
        uint32_t luck = next_random() % 10000;
        memcpy(packet, stream.data + at, sizeof(packet));
        if (luck < badness)
            continue;
        if (luck < 2 * badness)
            fwrite(packet, 1, sizeof(packet), file);
        else if (luck < 3 * badness)
            size = next_random() % sizeof(packet);
        else if (luck < 5 * badness)
            for (uint32_t flips = 1 + next_random() % 5; flips; flips--)
                packet[next_random() % sizeof(packet)] ^= (uint8_t)(1u << next_random() % 8);
        fwrite(packet, 1, size, file);
    }
    assert_int_equal(fclose(file), 0);
}

static atomic_bool ended;

static void watch_log(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)level;
    if (!strcmp(module, "reception") && strstr(text, ": the end"))
        atomic_store(&ended, true);
}

struct comparison {
    struct store_reader *reader;
    enum content_role role;
    size_t same;
};

static bool compare_picture(void *context, const char *path, uint64_t size)
{
    struct comparison *comparison = context;
    struct buffer stored, source;
    char full[512];
    (void)size;
    if (strncmp(path, "pictures/", 9) != 0)
        return true;
    buffer_init(&stored, 1 << 20);
    buffer_init(&source, 1 << 20);
    snprintf(full, sizeof(full), "%s/%s/%s", DEMO_CONTENT, content_role_str(comparison->role), path);
    assert_true(file_read(full, &source, NULL));
    if (store_picture(comparison->reader, comparison->role, path, &stored)) {
        assert_int_equal(stored.size, source.size);
        assert_memory_equal(stored.data, source.data, source.size);
        comparison->same++;
    }
    buffer_finish(&stored);
    buffer_finish(&source);
    return true;
}

/* All pictures of a role that was accepted are there and right; of one that was not, none. */
static size_t check_store(struct store *store)
{
    struct error error;
    size_t right = 0;
    struct store_reader *reader = store_reader_create(store, &error);
    assert_non_null(reader);
    for (int role = 0; role < CONTENT_ROLES; role++) {
        struct store_accepted accepted;
        struct comparison comparison = {reader, role, 0};
        char source[512];
        snprintf(source, sizeof(source), "%s/%s", DEMO_CONTENT, content_role_str(role));
        assert_true(file_walk(source, compare_picture, &comparison, NULL));
        if (!store_reader_accepted(reader, role, &accepted))
            assert_int_equal(comparison.same, 0);
        right += comparison.same;
    }
    store_reader_destroy(reader);
    return right;
}

static size_t receive(const char *path, unsigned number)
{
    char url[300], database[300];
    struct error error = {""};
    snprintf(url, sizeof(url), "file://%s?pace=none", path);
    snprintf(database, sizeof(database), "%s/%u.db", folder, number);
    struct store *store = store_open(database, &error);
    struct player *player =
        player_create(&(struct player_options){.decoder = "software", .audio = "null"}, &error);
    assert_non_null(store);
    assert_non_null(player);
    atomic_store(&ended, false);
    log_set_sink(watch_log, NULL);
    struct reception *reception = reception_create(
        &(struct reception_options){
            .tuner_url = url, .operator_root = buffer_view(&root), .store = store, .player = player},
        &error);
    assert_non_null(reception);
    reception_play(reception, 101, 320, 180);
    for (int i = 0; i < 6000 && !atomic_load(&ended); i++)
        clock_sleep_us(10000);
    assert_true(atomic_load(&ended));
    reception_destroy(reception);
    player_destroy(player);
    log_set_sink(NULL, NULL);
    size_t right = check_store(store);
    store_close(store);
    return right;
}

static void bad_cable(void **state)
{
    (void)state;
    static const unsigned badness[] = {0, 2, 10, 100, 1000};
    size_t complete = 0;
    for (unsigned i = 0; i < sizeof(badness) / sizeof(badness[0]); i++) {
        char path[256];
        random_state = 1 + i;
        snprintf(path, sizeof(path), "%s/bad.ts", folder);
        write_bad_stream(path, badness[i]);
        size_t right = receive(path, i);
        complete += right > 0;
        print_message("badness %u: %zu pictures, all as signed\n", badness[i], right);
        int services = run("%s/kokonor-probe services %s >/dev/null 2>&1", PROGRAMS, path);
        int carousel = run("%s/kokonor-probe carousel %s --pid 272 --output %s/files >/dev/null 2>&1",
                           PROGRAMS, path, folder);
        assert_in_range(services, 0, 1); /* found or not found; anything else is a crash */
        assert_in_range(carousel, 0, 1);
        if (badness[i] == 0) {
            assert_true(right > 20);
            assert_int_equal(services, 0);
            assert_int_equal(carousel, 0);
        }
    }
    assert_true(complete >= 2); /* else nothing was tested */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_cable),
    };
    return cmocka_run_group_tests(tests, make_stream, remove_stream);
}
