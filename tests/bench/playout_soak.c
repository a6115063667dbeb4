/* SPDX-License-Identifier: Apache-2.0 */
/* An hour of the demo's stream, or as many seconds as the first argument says, as fast as the machine makes
 * it: PCR and PTS pass 2^33, versions of tables, modules and events pass 32, and all the way the stream is
 * clean by TR 101 290 and a receiver sees each change, whole. */
#include "base/log.h"
#include "dsmcc/builder.h"
#include "dsmcc/receiver.h"
#include "playout/mux.h"
#include "si/watcher.h"
#include "ts/monitor.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOUR_S 3600
#define UTC INT64_C(1795420800)
#define CHANGES 40 /* of the SDT and of the carousel, over the whole time */
#define TS_TIMES (UINT64_C(1) << 33)
#define FILES 12

static int seconds = HOUR_S;

struct soak {
    struct channel *channel;
    struct clip *clip;
    struct live *live;
    struct events *events;
    struct tables *tables;
    struct tables_memory memory;
    struct dsmcc_builder *builder;
    struct mux *mux;
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct ts_monitor *monitor;
    struct dsmcc_receiver *receiver;
    /* What was seen. */
    uint64_t pcrs, pcr_wraps, last_pcr;
    uint64_t units, pts_wraps, last_pts;
    unsigned names, trees, presents;
    char last_present[SI_NAME_SIZE];
    unsigned version; /* of name and tree on air */
    char files[FILES][3000];
};

static void on_pcr(void *context, uint16_t pid, uint64_t pcr_27mhz, uint64_t packet_index, bool discontinuity)
{
    struct soak *soak = context;
    (void)pid, (void)packet_index;
    assert_false(discontinuity);
    if (soak->pcrs++ > 0) {
        uint64_t step = (pcr_27mhz + TS_TIMES * 300 - soak->last_pcr) % (TS_TIMES * 300);
        assert_true(step > 0 && step <= 40 * 27000);
        soak->pcr_wraps += pcr_27mhz < soak->last_pcr;
    }
    soak->last_pcr = pcr_27mhz;
}

static void on_pes(void *context, const struct ts_pes *pes)
{
    struct soak *soak = context;
    assert_true(pes->has_pts && pes->pts_90khz < TS_TIMES);
    if (soak->units++ > 0) {
        uint64_t step = (pes->pts_90khz + TS_TIMES - soak->last_pts) % TS_TIMES;
        assert_true(step > 0 && step < 9000); /* sound: each later than the one before, over the wrap too */
        soak->pts_wraps += pes->pts_90khz < soak->last_pts;
    }
    soak->last_pts = pes->pts_90khz;
}

static void set_name(struct soak *soak)
{
    snprintf(soak->channel->service_names[0], SI_TRANSLATION_SIZE, "Kokonor %u", soak->version);
}

static struct tables *make_tables(struct soak *soak)
{
    const struct tables_options options = {
        .has_video = true, .has_audio = true, .carousel_id = 1, .organisation_id = 1, .application_id = 1};
    struct error error = {0};
    set_name(soak);
    struct tables *tables = tables_create(soak->channel, &options, &soak->memory, &error);
    if (!tables)
        fail_msg("%s", error.text);
    return tables;
}

/* One file changes, the others stay. */
static void set_tree(struct soak *soak)
{
    struct dsmcc_source sources[FILES] = {0};
    char paths[FILES][32];
    struct error error = {0};
    for (int i = 0; i < FILES; i++) {
        snprintf(paths[i], sizeof(paths[i]), "shop/%d.json", i);
        sources[i] = (struct dsmcc_source){.path = paths[i],
                                           .data = soak->files[i],
                                           .size = sizeof(soak->files[i]),
                                           .demand = 1u + (i == 0)};
    }
    snprintf(soak->files[0], sizeof(soak->files[0]), "%u", soak->version);
    if (!dsmcc_builder_set_tree(soak->builder, sources, FILES, &error))
        fail_msg("%s", error.text);
}

static void on_tree(void *context, struct dsmcc_tree *tree)
{
    struct soak *soak = context;
    const struct dsmcc_entry *entry = dsmcc_tree_find(tree, "shop/0.json");
    assert_int_equal(dsmcc_tree_count(tree), FILES);
    assert_non_null(entry);
    assert_int_equal(entry->data.size, sizeof(soak->files[0]));
    assert_int_equal(strtoul((const char *)entry->data.data, NULL, 10), soak->version);
    soak->trees++;
}

static void on_changed(void *context, unsigned changes)
{
    struct soak *soak = context;
    const struct si_service *service =
        si_watcher_find_service(soak->watcher, soak->channel->frame.service_id);
    char name[SI_TRANSLATION_SIZE];
    (void)changes;
    snprintf(name, sizeof(name), "Kokonor %u", soak->names);
    if (service && !strcmp(service->name, name))
        soak->names++;
    if (service && service->present.exists && strcmp(service->present.name, soak->last_present) != 0) {
        soak->presents++;
        snprintf(soak->last_present, sizeof(soak->last_present), "%s", service->present.name);
    }
}

/* A programme a minute: so many that the version of the present one wraps. */
static void fill_guide(struct guide *guide)
{
    guide->fixed = true;
    guide->count = (size_t)seconds / 60 + 2;
    assert_true(guide->count <= GUIDE_EVENTS_MAX);
    memset(guide->events, 0, sizeof(guide->events));
    for (size_t i = 0; i < guide->count; i++) {
        guide->events[i].minutes = 1;
        guide->events[i].start_utc_s = UTC + (int64_t)i * 60;
        snprintf(guide->events[i].titles[0], sizeof(guide->events[i].titles[0]), "%zu", i);
    }
}

static void open_sender(struct soak *soak)
{
    struct error error = {0};
    uint64_t start = TS_TIMES - (uint64_t)seconds / 2 * 90000;
    soak->channel = channel_load(DEMO_CONTENT, CONTENT_ZH, NULL, NULL, &error);
    if (!soak->channel)
        fail_msg("%s", error.text);
    struct channel_frame *frame = &soak->channel->frame;
    fill_guide(&soak->channel->guide);
    soak->clip = clip_load(DEMO_CONTENT "/clip.ts", &error);
    if (!soak->clip)
        fail_msg("%s", error.text);
    const struct live_options live = {.clip = soak->clip,
                                      .video_pid = frame->video_pid,
                                      .audio_pid = frame->audio_pid,
                                      .time_base_90khz = start,
                                      .first_dts_27mhz = INT64_C(27000) * 900};
    soak->live = live_create(&live);
    soak->events = frame->event_pid ? events_create(frame, start, NULL) : NULL;
    soak->builder = dsmcc_builder_create(NULL);
    soak->tables = make_tables(soak);
    assert_true(soak->live && soak->builder && (soak->events || !frame->event_pid));
    set_tree(soak);
    const struct mux_options options = {.bit_rate = frame->bit_rate,
                                        .carousel_bit_rate = frame->carousel_bit_rate,
                                        .pcr_pid = frame->pcr_pid,
                                        .carousel_pid = frame->carousel_pid,
                                        .tables = soak->tables,
                                        .events = soak->events,
                                        .live = soak->live,
                                        .carousel = dsmcc_builder_next_section,
                                        .carousel_context = soak->builder,
                                        .utc_ms = UTC * 1000,
                                        .pcr_start_90khz = start};
    soak->mux = mux_create(&options);
    assert_non_null(soak->mux);
}

static void open_receiver(struct soak *soak)
{
    const struct channel_frame *frame = &soak->channel->frame;
    const struct si_watcher_options options = {.changed = on_changed, .context = soak};
    soak->demux = ts_demux_create();
    assert_non_null(soak->demux);
    soak->watcher = si_watcher_create(soak->demux, &options);
    soak->monitor = ts_monitor_create(soak->demux, NULL);
    const struct dsmcc_receiver_events events = {.context = soak, .tree = on_tree};
    soak->receiver = dsmcc_receiver_create(soak->demux, frame->carousel_pid, NULL, 0, NULL, &events);
    assert_true(soak->watcher && soak->monitor && soak->receiver);
    assert_non_null(ts_demux_pcr(soak->demux, frame->pcr_pid, on_pcr, soak));
    assert_non_null(ts_demux_pes(soak->demux, frame->audio_pid, on_pes, soak));
}

static void close_soak(struct soak *soak)
{
    dsmcc_receiver_destroy(soak->receiver);
    ts_monitor_destroy(soak->monitor);
    si_watcher_destroy(soak->watcher);
    ts_demux_destroy(soak->demux);
    mux_destroy(soak->mux);
    dsmcc_builder_destroy(soak->builder);
    tables_destroy(soak->tables);
    events_destroy(soak->events);
    live_destroy(soak->live);
    clip_destroy(soak->clip);
    channel_destroy(soak->channel);
}

static void send(struct soak *soak)
{
    int64_t packets = (int64_t)seconds * soak->channel->frame.bit_rate / 8 / TS_PACKET_SIZE;
    for (int64_t i = 0; i < packets; i++) {
        uint8_t bytes[TS_PACKET_SIZE];
        if (i * CHANGES / packets != soak->version) {
            struct error error = {0};
            soak->version++;
            set_tree(soak);
            tables_replace(soak->tables, make_tables(soak));
            if (soak->events)
                assert_true(
                    events_trigger(soak->events, soak->channel->frame.stream_events[0], "again", &error));
        }
        mux_packet(soak->mux, bytes);
        ts_demux_push(soak->demux, bytes, sizeof(bytes));
    }
    ts_monitor_finish(soak->monitor);
}

static void check_monitor(const struct soak *soak)
{
    for (int check = 0; check < TS_MONITOR_CHECK_COUNT; check++) {
        struct ts_monitor_result result;
        ts_monitor_result(soak->monitor, check, &result);
        const char *why = ts_monitor_not_measured(soak->monitor, check);
        if (result.errors)
            fail_msg("%s: %d errors, the first at %d s, the last on PID %d", ts_monitor_check_str(check),
                     (int)result.errors, (int)(result.first_us / 1000000), result.last_pid);
        if (!result.measured)
            print_message("%s: not measured: %s\n", ts_monitor_check_str(check), why ? why : "");
        assert_true(result.measured || check == TS_MONITOR_CAT);
    }
}

static void stays_clean(void **state)
{
    struct soak *soak = calloc(1, sizeof(*soak));
    (void)state;
    assert_non_null(soak);
    open_sender(soak);
    open_receiver(soak);
    send(soak);
    check_monitor(soak);
    struct ts_demux_counts counts;
    struct live_counts live;
    ts_demux_counts(soak->demux, &counts);
    live_counts(soak->live, &live);
    print_message("%d s: %u names, %u trees, %u present events, %d PCRs, %d rounds of the clip\n", seconds,
                  soak->names, soak->trees, soak->presents, (int)soak->pcrs, (int)live.rounds);
    assert_int_equal(counts.continuity_errors + counts.duplicates + counts.bad_headers +
                         counts.bytes_skipped + counts.bad_sections + counts.bad_pes,
                     0);
    assert_int_equal(live.late, 0);
    assert_int_equal(soak->pcr_wraps, 1);
    assert_int_equal(soak->pts_wraps, 1);
    assert_int_equal(soak->names, CHANGES);
    assert_int_equal(soak->trees, CHANGES);
    assert_in_range(soak->presents, seconds / 60, seconds / 60 + 2);
    close_soak(soak);
    free(soak);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(stays_clean)};
    seconds = argc > 1 ? atoi(argv[1]) : HOUR_S;
    log_set_level(LOG_LEVEL_WARNING);
    if (seconds < 4 * CHANGES)
        print_message("seconds: expected at least %d, for %d changes\n", 4 * CHANGES, CHANGES);
    return seconds < 4 * CHANGES ? 2 : cmocka_run_group_tests(tests, NULL, NULL);
}
