/* SPDX-License-Identifier: Apache-2.0 */
/* The reception thread over small streams made here, from UDP and from files: its news, its signal, what it
 * plays, and that it survives what ends or is no stream at all. */
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "reception/reception.h"
#include "si/eit.h"
#include "si/nit.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/sdt.h"
#include "si/tdt.h"
#include "si_test_stream.h"
#include "tuner/backend.h"
#include <arpa/inet.h>
#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_S 20
#define NOW INT64_C(1795428000) /* 2026-11-23T10:00:00Z */
#define TELEVISION 101
#define RADIO 102
#define DATA 103
#define LATER 104

static char folder[] = "/tmp/kokonor-reception-XXXXXX";
static struct buffer root;

static int make_operator(void **state)
{
    (void)state;
    char command[512], path[256];
    struct error error;
    if (!mkdtemp(folder))
        return -1;
    snprintf(command, sizeof(command), "%s/toolchain/certificates %s/keys", SOURCE_DIR, folder);
    snprintf(path, sizeof(path), "%s/keys/root.pem", folder);
    buffer_init(&root, 65536);
    return system(command) == 0 && file_read(path, &root, &error) ? 0 : -1;
}

static int remove_operator(void **state)
{
    (void)state;
    buffer_finish(&root);
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

/* ---- a box that only receives ---- */

struct bench {
    struct store *store;
    struct player *player;
    struct reception *reception;
    struct reception_news *news; /* the last that were taken */
    struct test_stream *stream;  /* the head-end */
    int socket;
    sem_t woken;
};

static void wake(void *context)
{
    sem_post(&((struct bench *)context)->woken);
}

/* As the thread says it: "no signal", "PATH: the end". */
struct lines {
    char text[4096];
};

static void keep_line(void *context, enum log_level level, const char *module, const char *text)
{
    struct lines *lines = context;
    size_t used = strlen(lines->text);
    (void)level;
    (void)module;
    snprintf(lines->text + used, sizeof(lines->text) - used, "%s\n", text);
}

static void open_bench_over(struct bench *bench, const char *url, source_open_fn *open_tuner)
{
    static int count;
    char path[256];
    struct error error = {""};
    *bench = (struct bench){.socket = -1};
    sem_init(&bench->woken, 0, 0);
    snprintf(path, sizeof(path), "%s/content-%d.db", folder, count++);
    bench->store = store_open(path, &error);
    bench->player = player_create(&(struct player_options){.decoder = "software", .audio = "null"}, &error);
    const struct reception_options options = {.tuner_url = url,
                                              .charset = SI_CHARSET_GB18030,
                                              .operator_root = buffer_view(&root),
                                              .store = bench->store,
                                              .player = bench->player,
                                              .wake = wake,
                                              .context = bench,
                                              .open_tuner = open_tuner};
    if (bench->store && bench->player)
        bench->reception = reception_create(&options, &error);
    if (!bench->reception)
        fail_msg("%s", error.text);
    bench->stream = test_stream_create(SI_CHARSET_GB18030);
}

static void open_bench(struct bench *bench, const char *url)
{
    open_bench_over(bench, url, NULL);
}

static void close_bench(struct bench *bench)
{
    if (bench->socket >= 0)
        close(bench->socket);
    reception_destroy(bench->reception);
    player_destroy(bench->player);
    store_close(bench->store);
    reception_news_destroy(bench->news);
    test_stream_destroy(bench->stream);
    sem_destroy(&bench->woken);
}

static void open_air(struct bench *bench)
{
    open_bench(bench, "udp://127.0.0.1:0");
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(reception_port(bench->reception)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bench->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(bench->socket >= 0);
    assert_int_equal(connect(bench->socket, (struct sockaddr *)&to, sizeof(to)), 0);
}

/* What was added goes on air. */
static void send_air(struct bench *bench)
{
    const struct buffer *packets = &bench->stream->packets;
    for (size_t at = 0; at < packets->size; at += 7 * TS_PACKET_SIZE) {
        size_t size = packets->size - at < 7 * TS_PACKET_SIZE ? packets->size - at : 7 * TS_PACKET_SIZE;
        assert_int_equal(send(bench->socket, packets->data + at, size, 0), size);
    }
    buffer_clear(&bench->stream->packets);
}

typedef bool news_fn(const struct reception_news *news);

/* Takes news until some are as wanted. */
static void wait_news(struct bench *bench, news_fn *wanted)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    while (!bench->news || !wanted(bench->news)) {
        if (sem_timedwait(&bench->woken, &until))
            fail_msg("the news did not come");
        struct reception_news *news = reception_take_news(bench->reception);
        if (!news)
            continue; /* a later wake had brought them */
        reception_news_destroy(bench->news);
        bench->news = news;
    }
}

static bool plays(struct bench *bench)
{
    struct player_status status;
    player_get_status(bench->player, &status);
    return status.state != PLAYER_STOPPED;
}

static void wait_playing(struct bench *bench, bool playing)
{
    int64_t until = clock_monotonic_us() + PATIENCE_S * INT64_C(1000000);
    while (plays(bench) != playing) {
        if (clock_monotonic_us() > until)
            fail_msg("the player does not %s", playing ? "start" : "stop");
        clock_sleep_us(2000);
    }
}

/* ---- a head-end ---- */

static void add_pat(struct bench *bench, const uint16_t *services, size_t count, unsigned version)
{
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_pat pat = {.transport_stream_id = 1, .nit_pid = SI_PID_NIT, .program_count = count};
    for (size_t i = 0; i < count; i++)
        pat.programs[i] = (struct si_pat_program){services[i], (uint16_t)(0x100 + services[i])};
    assert_true(si_build_pat(&sections, &pat, version));
    test_stream_add(bench->stream, SI_PID_PAT, &sections);
    si_sections_finish(&sections);
}

/* A service with components of the stream types, 0 none. */
static void add_pmt(struct bench *bench, uint16_t service, uint8_t video, uint8_t sound, unsigned version)
{
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_pmt *pmt = calloc(1, sizeof(*pmt));
    assert_non_null(pmt);
    pmt->program_number = service;
    pmt->pcr_pid = (uint16_t)(0x1000 + service);
    if (video)
        si_component_init(&pmt->components[pmt->component_count++], (uint16_t)(0x1000 + service), video);
    if (sound)
        si_component_init(&pmt->components[pmt->component_count++], (uint16_t)(0x1400 + service), sound);
    if (!video && !sound)
        si_component_init(&pmt->components[pmt->component_count++], (uint16_t)(0x1800 + service),
                          SI_STREAM_TYPE_DSMCC_UN);
    assert_true(si_build_pmt(&sections, pmt, version));
    test_stream_add(bench->stream, (uint16_t)(0x100 + service), &sections);
    free(pmt);
    si_sections_finish(&sections);
}

static void add_names(struct bench *bench)
{
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    struct si_nit *nit = calloc(1, sizeof(*nit));
    assert_true(sdt && nit);
    sdt->transport_stream_id = 1;
    sdt->service_count = 2;
    sdt->services[0].service_id = TELEVISION;
    strcpy(sdt->services[0].name, "青海湖");
    strcpy(sdt->services[0].provider, "湖畔");
    sdt->services[1].service_id = RADIO;
    strcpy(sdt->services[1].name, "མཚོ་སྔོན།");
    assert_true(si_build_sdt(&sections, sdt, 0));
    test_stream_add(bench->stream, SI_PID_SDT, &sections);
    nit->network_id = 9;
    strcpy(nit->name, "Kokonor");
    si_sections_clear(&sections);
    assert_true(si_build_nit(&sections, nit, 0));
    test_stream_add(bench->stream, SI_PID_NIT, &sections);
    free(sdt);
    free(nit);
    si_sections_finish(&sections);
}

/* An event without a length that starts now. */
static void add_event(struct bench *bench)
{
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_eit *eit = calloc(1, sizeof(*eit));
    assert_non_null(eit);
    eit->service_id = TELEVISION;
    eit->transport_stream_id = 1;
    eit->present.exists = true;
    eit->present.start_utc_s = NOW;
    strcpy(eit->present.name, "高原新闻");
    assert_true(si_build_eit(&sections, eit, 0));
    test_stream_add(bench->stream, SI_PID_EIT, &sections);
    free(eit);
    si_sections_finish(&sections);
}

static void add_time(struct bench *bench, int64_t utc_s)
{
    struct si_sections sections;
    si_sections_init(&sections);
    assert_true(si_build_tdt(&sections, utc_s));
    test_stream_add(bench->stream, SI_PID_TDT, &sections);
    si_sections_finish(&sections);
}

/* Television, radio and a service of data alone, without names or time. PMTs are taken where the PAT has come
 * before: it goes first. */
static void add_services(struct bench *bench)
{
    add_pat(bench, (const uint16_t[]){TELEVISION, RADIO, DATA}, 3, 0);
    add_pmt(bench, TELEVISION, SI_STREAM_TYPE_H264, SI_STREAM_TYPE_AAC_ADTS, 0);
    add_pmt(bench, RADIO, 0, SI_STREAM_TYPE_MPEG1_AUDIO, 0);
    add_pmt(bench, DATA, 0, 0, 0);
}

static bool has_signal(const struct reception_news *news)
{
    return news->signal;
}

static bool has_no_signal(const struct reception_news *news)
{
    return !news->signal;
}

static bool has_services(const struct reception_news *news)
{
    return news->service_count == 2;
}

static bool has_time(const struct reception_news *news)
{
    return news->utc_s != 0;
}

static bool has_later_time(const struct reception_news *news)
{
    return news->utc_s >= NOW + 60;
}

static bool has_everything(const struct reception_news *news)
{
    return news->service_count == 2 && news->services[0].name[CONTENT_ZH][0] &&
           news->services[1].name[CONTENT_ZH][0] && news->services[0].present.exists && news->network[0] &&
           news->has_carousel && news->utc_s;
}

/* ---- news ---- */

static void the_stream_is_told(void **state)
{
    (void)state;
    struct bench bench;
    open_air(&bench);
    wait_news(&bench, has_no_signal); /* what is known at first: nothing */
    assert_int_equal(bench.news->service_count, 0);
    assert_int_equal(bench.news->utc_s, 0);
    add_services(&bench);
    add_names(&bench);
    add_event(&bench);
    add_time(&bench, NOW);
    send_air(&bench);
    wait_news(&bench, has_everything);

    const struct reception_service *television = &bench.news->services[0], *radio = television + 1;
    assert_true(bench.news->signal);
    assert_string_equal(bench.news->network, "Kokonor");
    assert_int_equal(bench.news->utc_s, NOW);
    assert_int_equal(television->service_id, TELEVISION);
    assert_string_equal(television->name[CONTENT_ZH], "青海湖");
    assert_int_equal(television->video, VIDEO_H264);
    assert_int_equal(television->sound, SOUND_AAC_ADTS);
    assert_string_equal(television->present.name[CONTENT_ZH], "高原新闻");
    assert_int_equal(television->present.duration_s, 0);
    assert_int_equal(radio->service_id, RADIO);
    assert_string_equal(radio->name[CONTENT_ZH], "མཚོ་སྔོན།");
    assert_int_equal(radio->video, VIDEO_NONE);
    assert_int_equal(radio->sound, SOUND_MPEG);
    close_bench(&bench);
}

static void a_clock_that_is_set_is_told(void **state)
{
    (void)state;
    struct bench bench;
    open_air(&bench);
    add_services(&bench);
    send_air(&bench);
    wait_news(&bench, has_services);
    add_time(&bench, NOW); /* nothing else changes */
    send_air(&bench);
    wait_news(&bench, has_time);
    assert_int_equal(bench.news->utc_s, NOW);
    add_time(&bench, NOW + 60);
    send_air(&bench);
    wait_news(&bench, has_later_time);
    close_bench(&bench);
}

static void silence_ends_the_signal(void **state)
{
    (void)state;
    struct bench bench;
    open_air(&bench);
    for (unsigned i = 0; i < 2; i++) {
        add_services(&bench);
        send_air(&bench);
        wait_news(&bench, has_signal);
        wait_news(&bench, has_no_signal);
    }
    assert_int_equal(bench.news->service_count, 2); /* still known */
    close_bench(&bench);
}

/* ---- files ---- */

static void write_file(const char *name, const void *data, size_t size, char url[300])
{
    char path[256];
    struct error error;
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (!file_write(path, data, size, &error))
        fail_msg("%s", error.text);
    snprintf(url, 300, "file://%s?pace=none", path);
}

static void the_end_of_a_file_is_survived(void **state)
{
    (void)state;
    struct bench head_end, bench;
    char url[300];
    open_air(&head_end); /* only to make packets with */
    add_services(&head_end);
    write_file("stream.ts", head_end.stream->packets.data, head_end.stream->packets.size, url);
    open_bench(&bench, url);
    wait_news(&bench, has_services);
    wait_news(&bench, has_no_signal);
    assert_int_equal(reception_port(bench.reception), 0);
    reception_play(bench.reception, TELEVISION, 320, 180); /* wishes still come through */
    wait_playing(&bench, true);
    reception_play(bench.reception, 0, 0, 0);
    wait_playing(&bench, false);
    close_bench(&bench);
    close_bench(&head_end);
}

static void noise_is_no_signal(void **state)
{
    (void)state;
    static uint8_t noise[200000];
    static struct lines lines;
    struct bench bench;
    char url[300];
    uint32_t random = 1;
    for (size_t i = 0; i < sizeof(noise); i++) {
        random = random * 1664525u + 1013904223u;
        noise[i] = (uint8_t)(random >> 24) == 0x47 ? 0 : (uint8_t)(random >> 24);
    }
    write_file("noise", noise, sizeof(noise), url);
    log_set_sink(keep_line, &lines);
    open_bench(&bench, url);
    wait_news(&bench, has_no_signal);
    close_bench(&bench); /* joins the thread: all lines are there */
    log_set_sink(NULL, NULL);
    assert_null(strstr(lines.text, "signal\n"));

    write_file("empty", "", 0, url);
    open_bench(&bench, url);
    wait_news(&bench, has_no_signal);
    close_bench(&bench);
}

/* ---- tuners that break ---- */

static bool is_broken(const struct reception_news *news)
{
    return news->tuner.condition == SOURCE_BROKEN;
}

static void a_file_that_comes_later_is_found(void **state)
{
    (void)state;
    struct bench head_end, bench;
    char url[300];
    open_air(&head_end);
    add_services(&head_end);
    snprintf(url, sizeof(url), "file://%s/later.ts?pace=none", folder);
    open_bench(&bench, url);
    wait_news(&bench, is_broken);
    assert_non_null(strstr(bench.news->tuner.problem, "later.ts"));
    write_file("later.ts", head_end.stream->packets.data, head_end.stream->packets.size, url);
    wait_news(&bench, has_services);
    assert_string_equal(bench.news->tuner.problem, "");
    close_bench(&bench);
    close_bench(&head_end);
}

static void a_port_that_is_taken_is_waited_for(void **state)
{
    (void)state;
    struct bench bench;
    char url[64];
    struct tuner *other = tuner_open("udp://127.0.0.1:0", NULL);
    assert_non_null(other);
    snprintf(url, sizeof(url), "udp://127.0.0.1:%u", tuner_port(other));
    open_bench(&bench, url);
    wait_news(&bench, is_broken);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(tuner_port(other)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    tuner_close(other);
    bench.socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(bench.socket >= 0);
    int64_t until = clock_monotonic_us() + PATIENCE_S * INT64_C(1000000);
    while (!bench.news->signal) {
        assert_true(clock_monotonic_us() < until);
        add_services(&bench);
        sendto(bench.socket, bench.stream->packets.data, TS_PACKET_SIZE, 0, (struct sockaddr *)&to,
               sizeof(to));
        buffer_clear(&bench.stream->packets);
        clock_sleep_us(20000);
        struct reception_news *news = reception_take_news(bench.reception);
        if (news) {
            reception_news_destroy(bench.news);
            bench.news = news;
        }
    }
    close_bench(&bench);
}

/* A device that was pulled out: poll() says so at once and always, and there is nothing to read. */
static struct pulled {
    int fd;
    atomic_uint opened, reads;
} pulled;

static void close_pulled(void *state)
{
    (void)state;
}

static int pulled_fd(const void *state)
{
    return ((const struct pulled *)state)->fd;
}

static ssize_t read_pulled(void *state, void *buffer, size_t size)
{
    (void)buffer;
    (void)size;
    ((struct pulled *)state)->reads++;
    errno = EAGAIN;
    return -1;
}

static const struct tuner_backend pulled_backend = {
    .close = close_pulled, .fd = pulled_fd, .read = read_pulled};

static struct tuner *open_pulled(const char *url, struct error *error)
{
    (void)url;
    (void)error;
    pulled.opened++;
    return tuner_create(&pulled_backend, &pulled);
}

static bool was_opened_again(const struct reception_news *news)
{
    return news->tuner.condition == SOURCE_BROKEN && news->tuner.attempts >= 2;
}

static void a_device_that_is_gone_is_no_busy_loop(void **state)
{
    (void)state;
    struct bench bench;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[1]);
    pulled.fd = ends[0];
    open_bench_over(&bench, "dvb://0/0?frequency=307000000&symbol_rate=6875000", open_pulled);
    wait_news(&bench, was_opened_again);
    assert_string_equal(bench.news->tuner.problem, "the device is gone");
    close_bench(&bench);
    close(ends[0]);
    assert_true(pulled.opened >= 3 && pulled.reads <= pulled.opened);
}

/* ---- playing ---- */

static void a_wish_starts_and_stops_the_player(void **state)
{
    (void)state;
    struct bench bench;
    open_air(&bench);
    add_services(&bench);
    send_air(&bench);
    wait_news(&bench, has_services);
    assert_false(plays(&bench)); /* nobody wished */
    reception_play(bench.reception, TELEVISION, 320, 180);
    wait_playing(&bench, true);
    reception_play(bench.reception, TELEVISION, 640, 360); /* the same in another size goes on */
    reception_play(bench.reception, RADIO, 640, 360);
    reception_play(bench.reception, 0, 0, 0);
    wait_playing(&bench, false);
    reception_play(bench.reception, RADIO, 320, 180);
    wait_playing(&bench, true);
    reception_play(bench.reception, DATA, 320, 180); /* nothing to see or hear */
    wait_playing(&bench, false);
    close_bench(&bench);
}

static void a_wish_waits_for_its_service(void **state)
{
    (void)state;
    struct bench bench;
    open_air(&bench);
    reception_play(bench.reception, LATER, 320, 180);
    add_services(&bench);
    send_air(&bench);
    wait_news(&bench, has_services);
    assert_false(plays(&bench));
    add_pat(&bench, (const uint16_t[]){TELEVISION, LATER}, 2, 1);
    add_pmt(&bench, LATER, SI_STREAM_TYPE_MPEG2_VIDEO, 0, 0);
    send_air(&bench);
    wait_playing(&bench, true);
    /* A stream that keeps changing is followed once a second: repeat it until that is over. */
    int64_t until = clock_monotonic_us() + PATIENCE_S * INT64_C(1000000);
    for (unsigned version = 2; plays(&bench); version = 2 + version % 30) {
        assert_true(clock_monotonic_us() < until);
        add_pat(&bench, (const uint16_t[]){TELEVISION}, 1, version);
        send_air(&bench);
        clock_sleep_us(20000);
    }
    close_bench(&bench);
}

/* ---- stream events ---- */

#define EVENTS_PID 0x1FF0

static void add_events_service(struct bench *bench)
{
    struct si_sections sections;
    struct si_pmt *pmt = calloc(1, sizeof(*pmt));
    assert_non_null(pmt);
    pmt->program_number = TELEVISION;
    pmt->pcr_pid = SI_PID_NONE;
    pmt->component_count = 2;
    si_component_init(&pmt->components[0], 0x1000 + TELEVISION, SI_STREAM_TYPE_H264);
    si_component_init(&pmt->components[1], EVENTS_PID, SI_STREAM_TYPE_DSMCC_STREAM);
    si_sections_init(&sections);
    assert_true(si_build_pmt(&sections, pmt, 0));
    add_pat(bench, (const uint16_t[]){TELEVISION}, 1, 0);
    test_stream_add(bench->stream, 0x100 + TELEVISION, &sections);
    si_sections_finish(&sections);
    free(pmt);
}

/* Event number happens with its number as payload. */
static void add_stream_event(struct bench *bench, unsigned number)
{
    struct buffer section;
    char payload[16];
    snprintf(payload, sizeof(payload), "%u", number);
    const struct dsmcc_stream_event event = {.event_id = 1,
                                             .private_data = {(const uint8_t *)payload, strlen(payload)}};
    buffer_init(&section, 1024);
    dsmcc_stream_event_append(&section, &event, number & 31);
    assert_false(section.failed);
    test_stream_add_section(bench->stream, EVENTS_PID, section.data, section.size);
    buffer_finish(&section);
}

static bool is_followed(const struct reception_news *news)
{
    return news->service_count == 1 && news->interaction.service_id == TELEVISION;
}

static uint64_t events_wanted;

static bool has_events(const struct reception_news *news)
{
    return news->interaction.events == events_wanted;
}

/* So many wait in the queue, in their order, up to number last. */
static void take_events(struct bench *bench, unsigned first, unsigned last)
{
    for (unsigned number = first; number <= last; number++) {
        char payload[16];
        struct interaction_event *event = reception_take_event(bench->reception);
        snprintf(payload, sizeof(payload), "%u", number);
        assert_non_null(event);
        assert_int_equal(event->service_id, TELEVISION);
        assert_int_equal(event->size, strlen(payload));
        assert_memory_equal(event->payload, payload, event->size);
        free(event);
    }
    assert_null(reception_take_event(bench->reception));
}

static void stream_events_reach_main_in_order(void **state)
{
    (void)state;
    struct bench bench;
    open_air(&bench);
    add_events_service(&bench);
    send_air(&bench);
    reception_follow(bench.reception, TELEVISION); /* nothing is played */
    wait_news(&bench, is_followed);
    for (unsigned number = 1; number <= 20; number++) {
        add_stream_event(&bench, number);
        add_stream_event(&bench, number); /* repeated */
    }
    send_air(&bench);
    events_wanted = 20;
    wait_news(&bench, has_events);
    take_events(&bench, 1, 20);
    for (unsigned number = 21; number <= 20 + RECEPTION_EVENTS_MAX + 5; number++)
        add_stream_event(&bench, number); /* main is busy: there is room for so many */
    send_air(&bench);
    events_wanted = 20 + RECEPTION_EVENTS_MAX + 5;
    wait_news(&bench, has_events);
    assert_int_equal(bench.news->interaction.lost, 5);
    take_events(&bench, 26, 20 + RECEPTION_EVENTS_MAX + 5);
    add_stream_event(&bench, 1000); /* some are left at the end */
    send_air(&bench);
    events_wanted++;
    wait_news(&bench, has_events);
    close_bench(&bench);
}

/* ---- opening and closing ---- */

static void what_cannot_be_opened_is_said(void **state)
{
    (void)state;
    static char long_url[700];
    memset(long_url, 'x', sizeof(long_url) - 1);
    const struct {
        const char *url, *says;
        bool no_root;
    } cases[] = {
        {"udp://127.0.0.1:99999", "99999", false}, {"file:///nowhere/at/all?pace=slow", "pace", false},
        {"satellite://1", "satellite", false},     {long_url, "511", false},
        {"udp://127.0.0.1:0", "root", true},
    };
    char path[256];
    struct error error = {""};
    snprintf(path, sizeof(path), "%s/refused.db", folder);
    struct store *store = store_open(path, &error);
    assert_non_null(store);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct reception_options options = {.tuner_url = cases[i].url,
                                                  .operator_root = cases[i].no_root ? (struct bytes){NULL, 0}
                                                                                    : buffer_view(&root),
                                                  .store = store};
        error.text[0] = 0;
        assert_null(reception_create(&options, &error));
        if (!strstr(error.text, cases[i].says))
            fail_msg("%.40s: \"%s\"", cases[i].url, error.text);
    }
    store_close(store);
}

static void it_may_end_at_any_time(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 9; i++) {
        struct bench bench;
        open_air(&bench);
        if (i % 3 > 0) {
            reception_play(bench.reception, TELEVISION, 320, 180);
            add_services(&bench);
            send_air(&bench);
        }
        if (i % 3 > 1)
            wait_news(&bench, has_services);
        close_bench(&bench);
    }
    reception_destroy(NULL);
    reception_news_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_is_told),
        cmocka_unit_test(a_clock_that_is_set_is_told),
        cmocka_unit_test(silence_ends_the_signal),
        cmocka_unit_test(the_end_of_a_file_is_survived),
        cmocka_unit_test(noise_is_no_signal),
        cmocka_unit_test(a_wish_starts_and_stops_the_player),
        cmocka_unit_test(a_wish_waits_for_its_service),
        cmocka_unit_test(what_cannot_be_opened_is_said),
        cmocka_unit_test(it_may_end_at_any_time),
        cmocka_unit_test(stream_events_reach_main_in_order),
        cmocka_unit_test(a_file_that_comes_later_is_found),
        cmocka_unit_test(a_port_that_is_taken_is_waited_for),
        cmocka_unit_test(a_device_that_is_gone_is_no_busy_loop),
    };
    return cmocka_run_group_tests(tests, make_operator, remove_operator);
}
