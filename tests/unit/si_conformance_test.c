/* SPDX-License-Identifier: Apache-2.0 */
/* Service information that Kokonor did not make: from another head-end's tools and off air. */
#include "base/log.h"
#include "base/text.h"
#include "si/watcher.h"
#include "ts/demux.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SKIPPED 77
#define PIECE_SIZE 4000 /* no multiple of a packet */

struct capture {
    struct ts_demux *demux;
    struct si_watcher *watcher;
};

static void open_capture(struct capture *capture, const char *name, enum si_charset charset)
{
    char path[1024];
    uint8_t piece[PIECE_SIZE];
    size_t size;
    snprintf(path, sizeof(path), "%s/%s", CONFORMANCE_DIR, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const struct si_watcher_options options = {.charset = charset};
    capture->demux = ts_demux_create();
    assert_non_null(capture->demux);
    capture->watcher = si_watcher_create(capture->demux, &options);
    assert_non_null(capture->watcher);
    while ((size = fread(piece, 1, sizeof(piece), file)) > 0)
        ts_demux_push(capture->demux, piece, size);
    fclose(file);
    struct si_watcher_counts counts;
    si_watcher_counts(capture->watcher, &counts);
    assert_int_equal(counts.bad_sections, 0);
    assert_int_equal(counts.over_limit, 0);
}

static void close_capture(struct capture *capture)
{
    si_watcher_destroy(capture->watcher);
    ts_demux_destroy(capture->demux);
}

static void check_event(const struct si_event *event, uint16_t id, int64_t start_utc_s, const char *name,
                        const char *text)
{
    assert_true(event->exists);
    assert_int_equal(event->event_id, id);
    assert_int_equal(event->start_utc_s, start_utc_s);
    assert_int_equal(event->duration_s, 3600);
    assert_string_equal(event->language, "chi");
    assert_string_equal(event->name, name);
    assert_string_equal(event->text, text);
}

#define START 1782909000 /* 2026-07-01T12:30:00Z */

static void test_opencaster(void **state)
{
    (void)state;
    struct capture capture;
    open_capture(&capture, "opencaster.ts", SI_CHARSET_GB18030);
    assert_true(si_watcher_is_complete(capture.watcher));
    assert_int_equal(si_watcher_service_count(capture.watcher), 2);
    const struct si_service *first = si_watcher_find_service(capture.watcher, 1);
    const struct si_service *second = si_watcher_find_service(capture.watcher, 2);
    assert_string_equal(first->name, "新闻综合频道");
    assert_string_equal(first->provider, "测试提供商");
    assert_string_equal(second->name, "数据广播");
    assert_string_equal(second->provider, "广播");
    assert_int_equal(first->pmt_pid, 1031);
    assert_int_equal(second->pmt_pid, 1032);
    assert_int_equal(first->pcr_pid, 2064);
    assert_int_equal(si_service_video(first)->codec, SI_CODEC_MPEG2_VIDEO);
    assert_int_equal(si_service_audio(first, NULL)->codec, SI_CODEC_MPEG_AUDIO);
    check_event(&first->present, 100, START, "新闻联播", "今日要闻，中文节目简介。");
    check_event(&first->following, 101, START + 3600, "天气预报", "全国天气。");
    check_event(&second->present, 200, START, "数据业务", "无前缀的简介");
    assert_false(second->following.exists);
    assert_int_equal(first->ait_pid, 2001);
    assert_non_null(first->ait);
    assert_int_equal(first->ait->application_count, 1);
    assert_string_equal(first->ait->applications[0].name, "应用一");
    assert_string_equal(first->ait->applications[0].path, "index.html");
    assert_int_equal(first->ait->applications[0].transports[0].component_tag, 0x0B);
    struct si_carousel carousels[SI_CAROUSELS_MAX];
    assert_int_equal(si_watcher_carousels(capture.watcher, carousels, SI_CAROUSELS_MAX), 1);
    assert_int_equal(carousels[0].pid, 2003);
    assert_int_equal(carousels[0].carousel_id, 7);
    assert_int_equal(carousels[0].association_tag, 0x0B);
    const struct si_nit *network = si_watcher_network(capture.watcher);
    assert_string_equal(network->name, "江苏有线测试网络");
    assert_int_equal(network->network_id, 9000);
    assert_int_equal(network->stream_count, 1);
    assert_int_equal(network->streams[0].transport_stream_id, 100);
    assert_int_equal(network->streams[0].cable.frequency_hz, 474000000);
    assert_int_equal(network->streams[0].cable.symbol_rate, 6875000);
    assert_int_equal(network->streams[0].cable.modulation, SI_MODULATION_64QAM);
    assert_int_equal(network->streams[0].service_count, 2);
    assert_int_equal(si_watcher_clock(capture.watcher)->utc_s, START + 296);
    close_capture(&capture);
}

/* With the standard's own default only the texts that say what they are can be read. */
static void test_opencaster_as_iso6937(void **state)
{
    (void)state;
    struct capture capture;
    open_capture(&capture, "opencaster.ts", SI_CHARSET_ISO6937);
    const struct si_service *second = si_watcher_find_service(capture.watcher, 2);
    assert_string_equal(si_watcher_find_service(capture.watcher, 1)->name, "新闻综合频道");
    assert_string_not_equal(second->name, "数据广播");
    assert_true(second->name[0] && text_is_utf8(second->name, strlen(second->name)));
    close_capture(&capture);
}

static void test_m6(void **state)
{
    (void)state;
    struct capture capture;
    open_capture(&capture, "m6-single.ts", SI_CHARSET_ISO6937);
    const struct si_service *service = si_watcher_find_service(capture.watcher, 0x0401);
    assert_true(service && service->has_pmt && service->ait);
    assert_int_equal(si_service_video(service)->codec, SI_CODEC_H264);
    assert_int_equal(si_service_audio(service, "qad")->pid, 0x83);
    assert_int_equal(service->ait_pid, 0xAA);
    assert_int_equal(service->ait->application_count, 2);
    assert_string_equal(service->ait->applications[0].name, "M6 page accueil");
    assert_string_equal(service->ait->applications[1].transports[0].url, "https://hbbtv--m6plus.6cloud.fr/");
    struct si_carousel carousel;
    assert_int_equal(si_service_carousels(service, &carousel, 1), 1);
    assert_true(carousel.pid == 0xAB && carousel.carousel_id == 0xAB && carousel.association_tag == 0x47);
    close_capture(&capture);
}

static void test_arte(void **state)
{
    (void)state;
    struct capture capture;
    open_capture(&capture, "arte-ait.ts", SI_CHARSET_ISO6937);
    const struct si_service *service = si_watcher_find_service(capture.watcher, 1031);
    assert_true(service && service->ait);
    assert_int_equal(service->ait_pid, 0x172);
    assert_string_equal(service->ait->applications[1].path, "index.html?lang=fr_FR&page=PLUS7");
    assert_string_equal(service->present.name, "L'Australie sauvage");
    assert_int_equal(service->present.start_utc_s, 1580222805);
    assert_int_equal(service->present.duration_s, 2727);
    close_capture(&capture);
}

static void test_bbb(void **state)
{
    (void)state;
    struct capture capture;
    open_capture(&capture, "bbb-2500ms.ts", SI_CHARSET_GB18030);
    assert_true(si_watcher_is_complete(capture.watcher));
    const struct si_service *service = si_watcher_find_service(capture.watcher, 1);
    assert_string_equal(service->name, "Service01");
    assert_string_equal(service->provider, "FFmpeg");
    assert_int_equal(service->component_count, 2);
    close_capture(&capture);
}

int main(void)
{
    if (access(CONFORMANCE_DIR "/opencaster.ts", R_OK) != 0) {
        printf("skipped: no third-party streams in %s\n", CONFORMANCE_DIR);
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opencaster), cmocka_unit_test(test_opencaster_as_iso6937),
        cmocka_unit_test(test_m6),         cmocka_unit_test(test_arte),
        cmocka_unit_test(test_bbb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
