/* SPDX-License-Identifier: Apache-2.0 */
/* What of a service is played and how it is grouped: the choice of a sound, its change while the pictures go
 * on, packets that come scrambled, and the network's bouquets. */
#include "base/log.h"
#include "reception/feed.h"
#include "reception/groups.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/sdt.h"
#include "si_test_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SERVICE 101
#define PMT_PID 0x100
#define VIDEO_PID 0x200
#define SOUND_PID(n) (uint16_t)(0x300 + (n))
#define DESCRIPTION 3 /* audio_type */

/* ---- the choice ---- */

static void add_sound(struct si_service *service, uint16_t pid, enum si_codec codec, const char *language,
                      uint8_t audio_type)
{
    struct si_component *component = &service->components[service->component_count++];
    si_component_init(component, pid, SI_STREAM_TYPE_PRIVATE_PES);
    component->codec = codec;
    component->audio_type = audio_type;
    strcpy(component->language, language);
}

static void the_nearest_sound_is_chosen(void **state)
{
    (void)state;
    struct si_service *service = calloc(1, sizeof(*service));
    assert_non_null(service);
    assert_null(sounds_choose(service, NULL));
    add_sound(service, 20, SI_CODEC_DRA, "chi", 0); /* the player has no decoder for it */
    assert_null(sounds_choose(service, NULL));
    add_sound(service, 21, SI_CODEC_AAC, "chi", 0);
    add_sound(service, 22, SI_CODEC_MPEG_AUDIO, "bod", 0);
    add_sound(service, 23, SI_CODEC_AC3, "chi", 0);
    add_sound(service, 24, SI_CODEC_AAC_LATM, "zho", DESCRIPTION);
    add_sound(service, 25, SI_CODEC_AAC, "", 0);
    strcpy(service->components[5].second_language, "eng");
    static const struct {
        struct sound_wish wish;
        uint16_t pid;
    } wishes[] = {{{"", false, 0}, 21},     {{"chi", false, 0}, 21},  {{"zho", false, 0}, 21},
                  {{"tib", false, 0}, 22},  {{"bod", false, 99}, 22}, {{"chi", false, 23}, 23},
                  {{"tib", false, 23}, 22}, {{"chi", true, 0}, 24},   {{"tib", true, 0}, 22},
                  {{"eng", false, 0}, 25},  {{"kor", false, 0}, 21},  {{"kor", true, 0}, 24},
                  {{"kor", false, 25}, 25}, {{"chi", false, 20}, 21}};
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        struct service_sound sounds[SERVICE_SOUNDS_MAX];
        const struct si_component *chosen = sounds_choose(service, &wishes[i].wish);
        if (!chosen || chosen->pid != wishes[i].pid)
            fail_msg("%zu: PID %d", i, chosen ? chosen->pid : -1);
        assert_int_equal(sounds_list(service, &wishes[i].wish, sounds), 5);
        for (size_t k = 0; k < 5; k++)
            assert_int_equal(sounds[k].wanted, sounds[k].pid == wishes[i].pid);
        assert_true(sounds[3].description && !sounds[0].description);
    }
    assert_int_equal(sounds_choose(service, NULL)->pid, 21);
    for (uint16_t pid = 26; service->component_count < SI_COMPONENTS_MAX; pid++)
        add_sound(service, pid, SI_CODEC_AAC, "eng", 0);
    struct service_sound many[SERVICE_SOUNDS_MAX];
    assert_int_equal(sounds_list(service, NULL, many), SERVICE_SOUNDS_MAX);
    free(service);
}

/* ---- a service on air ---- */

struct bench {
    struct test_stream *stream;
    struct player *player;
    struct feed *feed;
    int64_t now_us;
    uint8_t counter;
    char log[4096];
};

static int64_t read_clock(void *context)
{
    return ((struct bench *)context)->now_us;
}

static void keep_line(void *context, enum log_level level, const char *module, const char *text)
{
    struct bench *bench = context;
    size_t used = strlen(bench->log);
    (void)level;
    (void)module;
    snprintf(bench->log + used, sizeof(bench->log) - used, "%s\n", text);
}

static void add_tables(struct bench *bench, size_t sounds, unsigned version)
{
    static const char *const languages[] = {"chi", "tib", "eng"};
    struct si_sections sections;
    struct si_pmt *pmt = calloc(1, sizeof(*pmt));
    struct si_sdt *sdt = calloc(1, sizeof(*sdt));
    assert_true(pmt && sdt);
    si_sections_init(&sections);
    const struct si_pat pat = {.transport_stream_id = 1,
                               .nit_pid = SI_PID_NIT,
                               .program_count = 1,
                               .programs = {{SERVICE, PMT_PID}}};
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(bench->stream, SI_PID_PAT, &sections);
    pmt->program_number = SERVICE;
    pmt->pcr_pid = VIDEO_PID;
    si_component_init(&pmt->components[pmt->component_count++], VIDEO_PID, SI_STREAM_TYPE_H264);
    for (size_t i = 0; i < sounds; i++) {
        struct si_component *sound = &pmt->components[pmt->component_count++];
        si_component_init(sound, SOUND_PID(i), i ? SI_STREAM_TYPE_MPEG1_AUDIO : SI_STREAM_TYPE_AAC_ADTS);
        strcpy(sound->language, languages[i]);
    }
    si_sections_clear(&sections);
    assert_true(si_build_pmt(&sections, pmt, version));
    test_stream_add(bench->stream, PMT_PID, &sections);
    sdt->transport_stream_id = 1;
    sdt->original_network_id = 9;
    sdt->service_count = 1;
    sdt->services[0] = (struct si_sdt_service){.service_id = SERVICE, .type = 1};
    si_sections_clear(&sections);
    assert_true(si_build_sdt(&sections, sdt, 0));
    test_stream_add(bench->stream, SI_PID_SDT, &sections);
    test_stream_push(bench->stream);
    si_sections_finish(&sections);
    free(pmt);
    free(sdt);
}

static void open_bench(struct bench *bench, size_t sounds)
{
    struct error error = {""};
    *bench = (struct bench){.stream = test_stream_create(SI_CHARSET_GB18030), .now_us = 1000000000};
    bench->player = player_create(
        &(struct player_options){
            .decoder = "software", .audio = "null", .clock = read_clock, .clock_context = bench},
        &error);
    assert_non_null(bench->player);
    bench->feed = feed_create(bench->stream->demux, bench->player);
    assert_non_null(bench->feed);
    add_tables(bench, sounds, 0);
    log_set_sink(keep_line, bench);
}

static void close_bench(struct bench *bench)
{
    log_set_sink(NULL, NULL);
    feed_destroy(bench->feed);
    player_destroy(bench->player);
    test_stream_destroy(bench->stream);
}

static void play(struct bench *bench, const char *language, uint16_t pid)
{
    struct feed_wish wish = {.service_id = SERVICE, .width = 320, .height = 180, .sound = {.pid = pid}};
    strcpy(wish.sound.language, language);
    bench->log[0] = 0;
    assert_true(feed_update(bench->feed, bench->stream->watcher, &wish));
    player_tick(bench->player);
}

static struct player_status status_of(struct bench *bench)
{
    struct player_status status;
    player_tick(bench->player);
    player_get_status(bench->player, &status);
    return status;
}

static void another_sound_leaves_the_pictures(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, 3);
    play(&bench, "tib", 0);
    assert_non_null(strstr(bench.log, "playing"));
    play(&bench, "tib", 0); /* nothing else */
    assert_string_equal(bench.log, "");
    play(&bench, "chi", 0);
    assert_null(strstr(bench.log, "playing")); /* it was not started again */
    assert_non_null(strstr(bench.log, "sound AAC"));
    play(&bench, "eng", 0); /* at once, although it has just changed */
    assert_non_null(strstr(bench.log, "sound MPEG audio"));
    play(&bench, "kor", 0);
    assert_null(strstr(bench.log, "playing"));
    assert_int_equal(status_of(&bench).state, PLAYER_BUFFERING);
    close_bench(&bench);
}

/* A PID that goes takes its sound along; that comes with the tables, which are not followed at any speed. */
static void a_sound_that_goes_is_replaced(void **state)
{
    (void)state;
    struct bench bench;
    struct feed_wish wish = {
        .service_id = SERVICE, .width = 320, .height = 180, .sound = {.language = "eng"}};
    open_bench(&bench, 3);
    play(&bench, "eng", 0);
    add_tables(&bench, 1, 1);
    assert_false(feed_update(bench.feed, bench.stream->watcher, &wish));
    assert_null(strstr(bench.log, "sound AAC"));
    play(&bench, "chi", 0); /* and what the viewer wants, at once */
    assert_non_null(strstr(bench.log, "sound AAC"));
    assert_null(strstr(bench.log, "playing"));
    close_bench(&bench);
}

/* ---- scrambling ---- */

static void push_packet(struct bench *bench, bool scrambled)
{
    uint8_t packet[TS_PACKET_SIZE];
    memset(packet, 0xFF, sizeof(packet));
    packet[0] = 0x47;
    packet[1] = VIDEO_PID >> 8;
    packet[2] = VIDEO_PID & 0xFF;
    packet[3] = (uint8_t)((scrambled ? 0x90 : 0x10) | (bench->counter++ & 15));
    ts_demux_push(bench->stream->demux, packet, sizeof(packet));
    feed_look(bench->feed);
}

static void scrambled_packets_are_told_apart(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, 1);
    play(&bench, "", 0);
    for (int i = 0; i < 20; i++)
        push_packet(&bench, false);
    bench.now_us += PLAYER_UNDECODABLE_US + 1; /* what came cannot be decoded, but it was not scrambled */
    assert_int_equal(status_of(&bench).state, PLAYER_NO_SIGNAL);
    for (int i = 0; i < 20; i++)
        push_packet(&bench, true);
    assert_int_equal(status_of(&bench).state, PLAYER_SCRAMBLED);
    close_bench(&bench);
}

/* ---- bouquets ---- */

static struct si_nit *bouquet(uint16_t id, const char *name, const char *name_bo, uint16_t service_id)
{
    struct si_nit *bouquet = calloc(1, sizeof(*bouquet));
    assert_non_null(bouquet);
    bouquet->network_id = id;
    strcpy(bouquet->name, name);
    if (*name_bo) {
        bouquet->names.count = 1;
        strcpy(bouquet->names.entries[0].language, "tib");
        strcpy(bouquet->names.entries[0].name, name_bo);
    }
    bouquet->stream_count = 1;
    bouquet->streams[0] = (struct si_stream){.transport_stream_id = 1,
                                             .original_network_id = 9,
                                             .service_count = 1,
                                             .services = {{.service_id = service_id, .type = 1}}};
    return bouquet;
}

static void bouquets_become_groups(void **state)
{
    (void)state;
    struct bench bench;
    struct si_sections sections;
    open_bench(&bench, 1);
    static const struct {
        const char *name, *name_bo;
        uint16_t service_id;
    } sent[] = {{"少儿", "བྱིས་པ།", SERVICE}, {"", "", SERVICE}, {"没有频道", "", 999}, {"体育", "", SERVICE}};
    si_sections_init(&sections);
    for (uint16_t i = 0; i < 4; i++) {
        struct si_nit *nit =
            bouquet((uint16_t)(0x1000 + i), sent[i].name, sent[i].name_bo, sent[i].service_id);
        si_sections_clear(&sections);
        assert_true(si_build_bat(&sections, nit, 0));
        test_stream_add(bench.stream, SI_PID_SDT, &sections);
        free(nit);
    }
    si_sections_finish(&sections);
    test_stream_push(bench.stream);
    struct reception_news *news = calloc(1, sizeof(*news) + 2 * sizeof(news->services[0]));
    assert_non_null(news);
    news->service_count = 2;
    for (size_t i = 0; i < 2; i++) {
        news->services[i].service_id = SERVICE;
        news->services[i].original_network_id = 9;
        news->services[i].transport_stream_id = (uint16_t)(i + 1); /* the second is another stream's */
    }
    groups_fill(news, bench.stream->watcher);
    assert_int_equal(news->group_count, 2);
    assert_string_equal(news->groups[0].name[CONTENT_ZH], "少儿");
    assert_string_equal(news->groups[0].name[CONTENT_BO], "བྱིས་པ།");
    assert_string_equal(news->groups[1].name[CONTENT_BO], "体育");
    assert_int_equal(news->services[0].groups, 3);
    assert_int_equal(news->services[1].groups, 0);
    reception_news_destroy(news);
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_sound_is_chosen),   cmocka_unit_test(another_sound_leaves_the_pictures),
        cmocka_unit_test(a_sound_that_goes_is_replaced), cmocka_unit_test(scrambled_packets_are_told_apart),
        cmocka_unit_test(bouquets_become_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
