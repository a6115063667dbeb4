/* SPDX-License-Identifier: Apache-2.0 */
/* The reception thread with a cache of carousel modules: after a restart a box has them as soon as they are
 * announced. */
#include "base/file.h"
#include "base/log.h"
#include "dsmcc/builder.h"
#include "reception/reception.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si_test_stream.h"
#include "ts/section.h"
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_S 20
#define SERVICE 0x55
#define PID 0x0300
#define TAG 0x0B

static char folder[] = "/tmp/kokonor-reception-cache-XXXXXX";
static struct buffer root;

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

static void add_tables(struct buffer *packets)
{
    struct si_sections sections;
    struct test_stream *stream = test_stream_create(SI_CHARSET_GB18030);
    struct si_pat pat = {.transport_stream_id = 3, .nit_pid = SI_PID_NONE, .program_count = 1};
    static struct si_pmt pmt;
    pat.programs[0] = (struct si_pat_program){SERVICE, 0x1000};
    pmt = (struct si_pmt){.program_number = SERVICE, .pcr_pid = SI_PID_NONE, .component_count = 1};
    si_component_init(&pmt.components[0], PID, SI_STREAM_TYPE_DSMCC_UN);
    pmt.components[0].component_tag = TAG;
    pmt.components[0].has_carousel = true;
    pmt.components[0].carousel_id = 1;
    si_sections_init(&sections);
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(stream, SI_PID_PAT, &sections);
    si_sections_clear(&sections);
    assert_true(si_build_pmt(&sections, &pmt, 0));
    test_stream_add(stream, 0x1000, &sections);
    buffer_append(packets, stream->packets.data, stream->packets.size);
    si_sections_finish(&sections);
    test_stream_destroy(stream);
}

/* The tables, again and again so that the carousel is followed before it comes, and some of the carousel. */
static void make_stream(const char *path, size_t carousel_packets)
{
    static uint8_t noise[90000];
    uint32_t random = 99;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
    const struct dsmcc_source files[] = {
        {.path = "commerce/manifest.json", .data = "{}", .size = 2},
        {.path = "commerce/pictures/1.jpg", .data = noise, .size = sizeof noise}};
    const struct dsmcc_builder_options options = {.association_tag = TAG};
    struct dsmcc_builder *builder = dsmcc_builder_create(&options);
    struct ts_sectioner sectioner;
    struct buffer packets;
    uint8_t packet[TS_PACKET_SIZE];
    buffer_init(&packets, 4u << 20);
    ts_sectioner_init(&sectioner, PID);
    assert_true(builder && dsmcc_builder_set_tree(builder, files, 2, NULL));
    while (packets.size < 200000)
        add_tables(&packets);
    for (size_t i = 0; i < carousel_packets; i++) {
        assert_true(ts_sectioner_packet(&sectioner, packet, dsmcc_builder_next_section, builder));
        buffer_append(&packets, packet, sizeof packet);
    }
    while (packets.size % 200000 > TS_PACKET_SIZE) { /* what is read in one piece is followed behind it */
        ts_packet_write_null(packet);
        buffer_append(&packets, packet, sizeof packet);
    }
    assert_true(file_write(path, packets.data, packets.size, NULL));
    buffer_finish(&packets);
    dsmcc_builder_destroy(builder);
}

static void wake(void *context)
{
    sem_post(context);
}

/* Receives the file at path, and returns when as many modules are complete as are announced. */
static bool receive(const char *path, const char *cache, bool expected)
{
    char url[256], database[256];
    struct error error = {""};
    struct timespec until;
    sem_t woken;
    sem_init(&woken, 0, 0);
    snprintf(url, sizeof url, "file://%s?pace=none", path);
    snprintf(database, sizeof database, "%s/content.db", folder);
    struct store *store = store_open(database, &error);
    const struct reception_options options = {.tuner_url = url,
                                              .charset = SI_CHARSET_GB18030,
                                              .operator_root = buffer_view(&root),
                                              .store = store,
                                              .wake = wake,
                                              .context = &woken,
                                              .cache_folder = cache};
    struct reception *reception = store ? reception_create(&options, &error) : NULL;
    if (!reception)
        fail_msg("%s", error.text);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += expected ? PATIENCE_S : 1;
    bool whole = false;
    while (!whole && sem_timedwait(&woken, &until) == 0) {
        struct reception_news *news = reception_take_news(reception);
        whole = news && news->modules > 0 && news->modules_complete == news->modules;
        reception_news_destroy(news);
    }
    reception_destroy(reception);
    store_close(store);
    sem_destroy(&woken);
    return whole;
}

static void has_after_a_restart_what_it_had(void **state)
{
    (void)state;
    char whole[128], begun[128], cache[128], other[128];
    snprintf(whole, sizeof whole, "%s/whole.ts", folder);
    snprintf(begun, sizeof begun, "%s/begun.ts", folder);
    snprintf(cache, sizeof cache, "%s/cache", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    make_stream(whole, 1200);
    make_stream(begun, 12); /* DSI and DII, and no module whole */
    assert_false(receive(begun, other, false));
    assert_true(receive(whole, cache, true));
    assert_true(receive(begun, cache, true));
    assert_false(receive(begun, NULL, false));
    /* A cache that cannot be is no reason not to receive. */
    assert_true(receive(whole, "/dev/null/cache", true));
}

static void drop_line(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)level;
    (void)module;
    (void)text;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_after_a_restart_what_it_had),
    };
    log_set_sink(drop_line, NULL);
    return cmocka_run_group_tests(tests, make_operator, remove_operator);
}
