/* SPDX-License-Identifier: Apache-2.0 */
/* A scan over a network that is made of tables, and what happens to the viewer's list when it changes. */
#include "base/log.h"
#include "si/nit.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/scan.h"
#include "si/sdt.h"
#include "ts/section.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STREAMS 4
#define SERVICES 3
#define SECOND INT64_C(1000000)

/* Frequency n carries stream n + 1; the network is what the test makes of it. */
struct network {
    struct si_nit nit;
    struct si_sdt sdt[STREAMS];
    bool dead[STREAMS]; /* no signal */
    unsigned version;
    uint8_t counters[TS_PID_COUNT];
    struct buffer packets;
    size_t tuned[SI_SCAN_FREQUENCIES_MAX]; /* stream indices, in order; STREAMS: none there */
    size_t tuned_count;
    size_t now;
};

static struct si_cable cable_of(size_t stream)
{
    return (struct si_cable){307000000 + (uint32_t)stream * 8000000, 6875000, SI_MODULATION_64QAM, 2, 15};
}

static struct network *make_network(void)
{
    struct network *network = calloc(1, sizeof(*network));
    assert_non_null(network);
    buffer_init(&network->packets, 1024 * 1024);
    network->nit.network_id = 9;
    network->nit.stream_count = STREAMS;
    for (size_t i = 0; i < STREAMS; i++) {
        struct si_stream *stream = &network->nit.streams[i];
        struct si_sdt *sdt = &network->sdt[i];
        stream->transport_stream_id = sdt->transport_stream_id = (uint16_t)(i + 1);
        stream->original_network_id = sdt->original_network_id = 9;
        stream->has_cable = true;
        stream->cable = cable_of(i);
        stream->lcn_specifier = SI_SPECIFIER_EACEM;
        stream->lcn_tag = 0x83;
        stream->service_count = sdt->service_count = SERVICES;
        for (size_t k = 0; k < SERVICES; k++) {
            uint16_t id = (uint16_t)(10 * (i + 1) + k);
            stream->services[k] = (struct si_stream_service){.service_id = id, .type = 1};
            sdt->services[k].service_id = id;
            sdt->services[k].type = SI_SERVICE_TYPE_DIGITAL_TV;
            snprintf(sdt->services[k].name, SI_NAME_SIZE, "频道 %u", id);
            sdt->services[k].details.word_count = 1;
            strcpy(sdt->services[k].details.words[0].language, "bod");
            snprintf(sdt->services[k].details.words[0].name, SI_TRANSLATION_SIZE, "རྒྱང་ལམ། %u", id);
        }
        stream->services[0].lcn = (uint16_t)(i + 1); /* the first of each has a number */
    }
    return network;
}

static void destroy_network(struct network *network)
{
    buffer_finish(&network->packets);
    free(network);
}

struct source {
    const uint8_t *section;
    size_t size;
};

static const uint8_t *next_section(void *context, size_t *size)
{
    struct source *source = context;
    const uint8_t *section = source->section;
    *size = source->size;
    source->section = NULL;
    return section;
}

static void add(struct network *network, uint16_t pid, struct si_sections *sections)
{
    for (size_t i = 0; i < sections->count; i++) {
        struct bytes bytes = si_sections_get(sections, i);
        struct source source = {bytes.data, bytes.size};
        struct ts_sectioner sectioner;
        uint8_t packet[TS_PACKET_SIZE];
        ts_sectioner_init(&sectioner, pid);
        sectioner.continuity_counter = network->counters[pid];
        while (ts_sectioner_packet(&sectioner, packet, next_section, &source))
            buffer_append(&network->packets, packet, sizeof(packet));
        network->counters[pid] = sectioner.continuity_counter;
    }
    si_sections_clear(sections);
}

/* One round of the tables of the stream that is tuned to. */
static void make_packets(struct network *network)
{
    struct si_sections sections;
    const struct si_sdt *sdt = &network->sdt[network->now];
    struct si_pat pat = {.transport_stream_id = sdt->transport_stream_id, .nit_pid = SI_PID_NIT};
    si_sections_init(&sections);
    buffer_clear(&network->packets);
    for (size_t i = 0; i < sdt->service_count; i++)
        pat.programs[pat.program_count++] =
            (struct si_pat_program){sdt->services[i].service_id, (uint16_t)(0x100 + i)};
    assert_true(si_build_pat(&sections, &pat, network->version));
    add(network, SI_PID_PAT, &sections);
    for (size_t i = 0; i < sdt->service_count; i++) {
        struct si_pmt pmt = {.program_number = sdt->services[i].service_id, .pcr_pid = SI_PID_NONE};
        assert_true(si_build_pmt(&sections, &pmt, network->version));
        add(network, (uint16_t)(0x100 + i), &sections);
    }
    assert_true(si_build_nit(&sections, &network->nit, network->version));
    add(network, SI_PID_NIT, &sections);
    assert_true(si_build_sdt(&sections, sdt, network->version));
    add(network, SI_PID_SDT, &sections);
    assert_false(network->packets.failed);
    si_sections_finish(&sections);
}

static void on_tune(void *context, const struct si_cable *cable)
{
    struct network *network = context;
    network->now = STREAMS;
    for (size_t i = 0; i < STREAMS; i++)
        if (cable_of(i).frequency_hz == cable->frequency_hz && !network->dead[i])
            network->now = i;
    network->tuned[network->tuned_count++] = network->now;
}

/* Runs the scan to its end; returns how many seconds it took. */
static int64_t run(struct network *network, struct si_scan *scan)
{
    struct si_scan_progress progress;
    int64_t now_us = 0;
    for (;; now_us += SECOND / 4) {
        si_scan_progress(scan, &progress);
        if (progress.done)
            return now_us / SECOND;
        assert_true(progress.now.frequency_hz > 0 && progress.finished < progress.frequencies);
        assert_true(now_us < 1000 * SECOND);
        if (network->now < STREAMS) {
            make_packets(network);
            si_scan_push(scan, network->packets.data, network->packets.size, now_us);
        }
        si_scan_tick(scan, now_us);
    }
}

static struct si_scan *start(struct network *network, const struct si_cable *list, size_t count, bool follow)
{
    const struct si_scan_options options = {.frequencies = list,
                                            .frequency_count = count,
                                            .follow_network = follow,
                                            .tune = on_tune,
                                            .context = network};
    struct si_scan *scan = si_scan_create(&options, 0);
    assert_non_null(scan);
    return scan;
}

static void scan_all(struct network *network, struct si_channels *channels, bool expect_change)
{
    const struct si_cable home = cable_of(0);
    struct si_scan *scan = start(network, &home, 1, true);
    run(network, scan);
    assert_int_equal(si_channels_merge(channels, si_scan_found(scan)), expect_change);
    si_scan_destroy(scan);
}

static void test_from_home(void **state)
{
    (void)state;
    struct network *network = make_network();
    struct si_channels channels;
    struct si_scan_progress progress;
    const struct si_cable home = cable_of(1);
    si_channels_init(&channels);
    network->dead[2] = true;
    struct si_scan *scan = start(network, &home, 1, true);
    assert_true(run(network, scan) < 6);
    si_scan_progress(scan, &progress);
    assert_int_equal(progress.frequencies, STREAMS);
    assert_int_equal(progress.with_signal, STREAMS - 1);
    assert_int_equal(progress.complete, STREAMS - 1);
    assert_int_equal(progress.channels, (STREAMS - 1) * SERVICES);
    assert_int_equal(network->tuned_count, STREAMS);
    assert_true(si_channels_merge(&channels, si_scan_found(scan)));
    assert_false(si_channels_merge(&channels, si_scan_found(scan)));
    si_scan_destroy(scan);
    /* Numbers of the network first, the others behind its last, in the order they were found. */
    assert_int_equal(channels.count, 9);
    static const uint16_t order[][2] = {{1, 10}, {2, 20}, {4, 40}, {5, 21}, {6, 22},
                                        {7, 11}, {8, 12}, {9, 41}, {10, 42}};
    for (size_t i = 0; i < channels.count; i++) {
        assert_int_equal(channels.channels[i].number, order[i][0]);
        assert_int_equal(channels.channels[i].service_id, order[i][1]);
    }
    const struct si_channel *channel = si_channels_find(&channels, 9, 4, 41);
    assert_int_equal(channel->cable.frequency_hz, cable_of(3).frequency_hz);
    assert_string_equal(si_channel_name(channel, "tib"), "རྒྱང་ལམ། 41");
    assert_string_equal(si_channel_name(channel, "eng"), "频道 41");
    si_channels_finish(&channels);
    destroy_network(network);
}

static void test_over_a_list(void **state)
{
    (void)state;
    struct network *network = make_network();
    struct si_cable list[] = {cable_of(0), cable_of(7), cable_of(3), cable_of(0)};
    list[3].frequency_hz += 100000; /* the same carrier */
    struct si_scan *scan = start(network, list, 4, false);
    assert_true(run(network, scan) < 6);
    assert_int_equal(network->tuned_count, 3);
    assert_int_equal(si_scan_found(scan)->count, 2 * SERVICES);
    si_scan_destroy(scan);
    destroy_network(network);
}

/* The tuner receives something and nobody knows where: the NIT does. Frequencies that cannot be tuned to cost
 * no time. */
static void test_from_somewhere(void **state)
{
    (void)state;
    struct network *network = make_network();
    const struct si_cable nowhere = {0};
    struct si_scan_result result;
    struct si_scan *scan = start(network, &nowhere, 1, true);
    assert_false(si_scan_result(scan, 0, &result));
    network->now = 2; /* what comes without tuning */
    make_packets(network);
    si_scan_push(scan, network->packets.data, network->packets.size, 0);
    assert_true(si_scan_result(scan, 0, &result));
    assert_int_equal(result.cable.frequency_hz, cable_of(2).frequency_hz);
    assert_true(result.has_signal && result.complete && result.has_stream_id);
    assert_int_equal(result.transport_stream_id, 3);
    assert_int_equal(result.original_network_id, 9);
    assert_int_equal(result.channels, SERVICES);
    si_scan_skip(scan, 0);
    assert_true(si_scan_result(scan, 1, &result));
    assert_false(result.has_signal || result.complete || result.has_stream_id);
    assert_int_equal(run(network, scan), 0);
    si_scan_skip(scan, 0);                           /* nothing is left */
    assert_int_equal(network->tuned_count, STREAMS); /* its own frequency not twice */
    assert_int_equal(si_scan_found(scan)->count, (STREAMS - 1) * SERVICES);
    si_scan_destroy(scan);
    destroy_network(network);
}

static void test_modulations(void **state)
{
    (void)state;
    assert_int_equal(si_modulation_from_str("256QAM"), SI_MODULATION_256QAM);
    assert_int_equal(si_modulation_from_str("16qam"), SI_MODULATION_16QAM);
    assert_int_equal(si_modulation_from_str("auto"), SI_MODULATION_UNDEFINED);
}

/* A stream with signal whose tables never come is given up, with what there was. */
static void test_times_out(void **state)
{
    (void)state;
    struct network *network = make_network();
    const struct si_cable home = cable_of(0);
    struct si_scan_progress progress;
    struct si_scan *scan = start(network, &home, 1, true);
    uint8_t packet[TS_PACKET_SIZE];
    ts_packet_write_null(packet);
    for (int i = 0; i < 20; i++)
        si_scan_push(scan, packet, sizeof(packet), 0);
    si_scan_tick(scan, 11 * SECOND);
    si_scan_progress(scan, &progress);
    assert_false(progress.done);
    si_scan_tick(scan, 12 * SECOND);
    si_scan_progress(scan, &progress);
    assert_true(progress.done && progress.with_signal == 1 && progress.complete == 0 &&
                progress.channels == 0);
    si_scan_push(scan, packet, sizeof(packet), 0);
    si_scan_tick(scan, 50 * SECOND);
    si_scan_destroy(scan);
    si_scan_destroy(NULL);
    const struct si_scan_options bad = {.frequency_count = 0, .tune = on_tune};
    assert_null(si_scan_create(&bad, 0));
    destroy_network(network);
}

/* Favourites and chosen numbers outlive a new scan, a moved service, and a service that went. */
static void test_changes(void **state)
{
    (void)state;
    struct network *network = make_network();
    struct si_channels channels;
    si_channels_init(&channels);
    scan_all(network, &channels, true);
    scan_all(network, &channels, false);
    size_t index = (size_t)(si_channels_find(&channels, 9, 2, 21) - channels.channels);
    assert_true(si_channels_set_favourite(&channels, index, true));
    assert_true(si_channels_set_number(&channels, index, 1)); /* exchanged with service 10 */
    assert_int_equal(si_channels_by_number(&channels, 1)->service_id, 21);
    assert_int_equal(si_channels_find(&channels, 9, 1, 10)->number, 7);
    assert_false(si_channels_set_number(&channels, 0, 0) || si_channels_set_number(&channels, 99, 5) ||
                 si_channels_set_favourite(&channels, 99, true));
    scan_all(network, &channels, false);
    /* Service 21 moves to stream 3 with another id. */
    network->version++;
    struct si_sdt_service moved = network->sdt[1].services[1];
    network->sdt[1].services[1] = network->sdt[1].services[--network->sdt[1].service_count];
    moved.service_id = 77;
    network->sdt[2].services[network->sdt[2].service_count++] = moved;
    scan_all(network, &channels, true);
    const struct si_channel *channel = si_channels_by_number(&channels, 1);
    assert_true(channel->service_id == 77 && channel->favourite && channel->own_number &&
                channel->transport_stream_id == 3);
    assert_int_equal(channels.count, STREAMS * SERVICES);
    /* It goes altogether: a favourite stays, an ordinary one does not. */
    network->version++;
    network->sdt[2].service_count = 1;
    scan_all(network, &channels, true);
    channel = si_channels_by_number(&channels, 1);
    assert_true(channel->service_id == 77 && channel->absent);
    assert_null(si_channels_find(&channels, 9, 3, 31));
    /* And comes back. */
    network->version++;
    network->sdt[2].service_count = SERVICES + 1;
    scan_all(network, &channels, true);
    assert_false(si_channels_by_number(&channels, 1)->absent);
    si_channels_finish(&channels);
    destroy_network(network);
}

/* While a stream is being watched its services change; other streams are left alone. */
static void test_live_change(void **state)
{
    (void)state;
    struct network *network = make_network();
    struct si_channels channels, found;
    si_channels_init(&channels);
    si_channels_init(&found);
    scan_all(network, &channels, true);
    struct ts_demux *demux = ts_demux_create();
    struct si_watcher *watcher = si_watcher_create(demux, NULL);
    const struct si_cable cable = cable_of(1);
    network->now = 1;
    network->version++;
    strcpy(network->sdt[1].services[0].name, "新名");
    network->sdt[1].service_count = 2;
    make_packets(network);
    ts_demux_push(demux, network->packets.data, network->packets.size);
    si_channels_collect(&found, watcher, &cable);
    si_channels_collect(&found, watcher, &cable);
    assert_int_equal(found.count, 2);
    assert_true(si_channels_merge_stream(&channels, &found, 9, 2));
    assert_false(si_channels_merge_stream(&channels, &found, 9, 2));
    assert_int_equal(channels.count, STREAMS * SERVICES - 1);
    assert_string_equal(si_channels_by_number(&channels, 2)->name, "新名");
    assert_non_null(si_channels_find(&channels, 9, 3, 32));
    si_watcher_destroy(watcher);
    ts_demux_destroy(demux);
    si_channels_finish(&found);
    si_channels_finish(&channels);
    destroy_network(network);
}

static void test_stored(void **state)
{
    (void)state;
    struct network *network = make_network();
    struct si_channels channels, read;
    struct buffer json, again;
    struct error error;
    si_channels_init(&channels);
    si_channels_init(&read);
    buffer_init(&json, 1024 * 1024);
    buffer_init(&again, 1024 * 1024);
    scan_all(network, &channels, true);
    si_channels_set_favourite(&channels, 3, true);
    si_channels_set_number(&channels, 3, 200);
    assert_true(si_channels_write(&channels, &json));
    assert_true(si_channels_read(&read, buffer_view(&json), &error));
    assert_int_equal(read.count, channels.count);
    assert_true(si_channels_by_number(&read, 200)->favourite);
    assert_true(si_channels_write(&read, &again));
    assert_int_equal(again.size, json.size);
    assert_memory_equal(again.data, json.data, json.size);
    static const char *const bad[] = {
        "",
        "[]",
        "{\"format\": 2, \"channels\": []}",
        "{\"format\": 1}",
        "{\"format\": 1, \"channels\": [{}]}",
        "{\"format\": 1, \"channels\": [7]}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        error.text[0] = '\0';
        assert_false(
            si_channels_read(&read, (struct bytes){(const uint8_t *)bad[i], strlen(bad[i])}, &error));
        assert_true(error.text[0] != '\0');
        assert_int_equal(read.count, channels.count);
    }
    /* A number twice. */
    char *text = strdup(buffer_text(&json)), *at = strstr(text, "\"number\": 200");
    assert_non_null(at);
    memcpy(at, "\"number\": 1  ", 13);
    assert_false(si_channels_read(&read, (struct bytes){(const uint8_t *)text, strlen(text)}, &error));
    free(text);
    buffer_finish(&json);
    buffer_finish(&again);
    si_channels_finish(&channels);
    si_channels_finish(&read);
    destroy_network(network);
}

int main(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_home),      cmocka_unit_test(test_over_a_list),
        cmocka_unit_test(test_from_somewhere), cmocka_unit_test(test_modulations),
        cmocka_unit_test(test_times_out),      cmocka_unit_test(test_changes),
        cmocka_unit_test(test_live_change),    cmocka_unit_test(test_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
