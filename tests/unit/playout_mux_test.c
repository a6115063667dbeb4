/* SPDX-License-Identifier: Apache-2.0 */
/* The multiplex's promises, read back from its packets: constant rate, exact PCRs, counters, times over the
 * loop, table intervals. */
#include "playout/mux.h"
#include "si/guide.h"
#include "ts/demux.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TICKS INT64_C(27000000)
#define MS (TICKS / 1000)
#define UTC INT64_C(1795420800)
#define SECTIONS_MAX 4096
#define PICTURES 50
#define FRAMES 93
#define BIT_RATE INT64_C(6000000)
#define CAROUSEL_RATE INT64_C(2000000)

/* Two seconds of 25 pictures a second with reordering, the first of them large, and 1.984 s of sound. */
struct made_clip {
    struct clip clip;
    struct clip_unit pictures[PICTURES], frames[FRAMES];
    uint8_t bytes[120000];
};

static struct made_clip *make_clip(size_t scale, unsigned sample_rate)
{
    static const int reorder[5] = {2, 5, 2, 1, 0}; /* I P B B B in periods that PTS lies behind DTS */
    struct made_clip *made = calloc(1, sizeof(*made));
    for (size_t i = 0; i < sizeof(made->bytes); i++)
        made->bytes[i] = (uint8_t)(i * 7 + i / 251);
    for (size_t i = 0; i < PICTURES; i++)
        made->pictures[i] =
            (struct clip_unit){.data = made->bytes,
                               .size = (uint32_t)((i % 25 ? 3000 + i * 40 : 40000) * scale / 10),
                               .dts_90khz = (int64_t)i * 3600,
                               .pts_after_dts_90khz = 3600 * (uint32_t)reorder[i % 5],
                               .random_access = i % 25 == 0};
    for (size_t i = 0; i < FRAMES; i++)
        made->frames[i] = (struct clip_unit){.data = made->bytes + i, .size = (uint32_t)(300 + i % 80)};
    made->clip = (struct clip){.pictures = made->pictures,
                               .picture_count = PICTURES,
                               .duration_90khz = PICTURES * 3600,
                               .frames = made->frames,
                               .frame_count = FRAMES,
                               .sample_rate = sample_rate,
                               .samples_per_frame = 1024,
                               .frames_start_90khz = -700};
    return made;
}

/* Three hundred services in ten other transport streams. */
#define NEIGHBOURS 10
#define SERVICES 30

static const struct channel *make_channel(void)
{
    static struct channel channel;
    static struct neighbour_service services[NEIGHBOURS][SERVICES];
    static struct neighbour_stream streams[NEIGHBOURS];
    static struct neighbour_bouquet bouquet = {
        .bouquet_id = 9, .names = {"Basic"}, .count = 2, .members = {{1, 101}, {100, 1000}}};
    for (unsigned i = 0; i < NEIGHBOURS; i++) {
        streams[i] =
            (struct neighbour_stream){.transport_stream_id = (uint16_t)(100 + i),
                                      .original_network_id = 1,
                                      .cable = {331000000 + i * 8000000, 6875000, SI_MODULATION_64QAM,
                                                SI_FEC_OUTER_RS, SI_FEC_INNER_NONE},
                                      .service_count = SERVICES,
                                      .services = services[i]};
        for (unsigned j = 0; j < SERVICES; j++)
            services[i][j] = (struct neighbour_service){.service_id = (uint16_t)(1000 + i * SERVICES + j),
                                                        .lcn = (uint16_t)(1 + i * SERVICES + j),
                                                        .type = 1,
                                                        .names = {"A service of the network"},
                                                        .providers = {"Network"}};
    }
    channel = (struct channel){
        .frame = {.service_id = 101,
                  .pmt_pid = 0x100,
                  .pcr_pid = 0x101,
                  .video_pid = 0x101,
                  .audio_pid = 0x102,
                  .carousel_pid = 0x110,
                  .ait_pid = 0x120,
                  .network_id = 1,
                  .original_network_id = 1,
                  .transport_stream_id = 1,
                  .cable = {323000000, 6875000, SI_MODULATION_64QAM, SI_FEC_OUTER_RS, SI_FEC_INNER_NONE}},
        .service_names = {"Blue Lake", "མཚོ་སྔོན་པོ"},
        .providers = {"Kokonor"},
        .network_names = {"Cable"},
        .neighbours = {.languages = {CONTENT_EN, CONTENT_BO, CONTENT_ZH},
                       .stream_count = NEIGHBOURS,
                       .streams = streams,
                       .bouquet_count = 1,
                       .bouquets = &bouquet},
        .guide = {.languages = {CONTENT_EN, CONTENT_BO, CONTENT_ZH},
                  .count = 2,
                  .events = {{.minutes = 7, .titles = {"One", "གཅིག"}, .texts = {"first"}},
                             {.minutes = 20, .titles = {"Two"}, .texts = {"second"}}}}};
    return &channel;
}

/* What the stream looks like from outside. */
struct seen {
    uint64_t slot; /* of the packet being pushed */
    int64_t bit_rate;
    /* PCRs */
    uint64_t pcrs, last_pcr, longest_pcr_gap;
    /* units, [0] pictures, [1] sound */
    struct stream {
        uint64_t count;
        uint64_t first_dts, last_dts, latest_pts, pts_sum;
        int64_t least_slack, most_slack; /* decoding time less arrival */
        uint64_t random_accesses;
    } streams[2];
    /* tables */
    struct sighting {
        uint16_t pid, extension;
        uint8_t table_id, section_number;
        int64_t last;
    } sections[SECTIONS_MAX], sub_tables[SECTIONS_MAX];
    size_t section_count, sub_table_count;
    int64_t longest_interval[256]; /* between two of the same section, from start to start */
    int64_t shortest_gap[256];     /* from a section's last byte to the next of its sub-table */
    uint64_t start_slot[TS_PID_COUNT];
    struct si_guide *guide;
    uint64_t packets_of[TS_PID_COUNT];
};

/* The time that so many bits take, in 27 MHz, without overflow on any machine. */
static uint64_t ticks(const struct seen *seen, uint64_t bits)
{
    uint64_t rate = (uint64_t)seen->bit_rate;
    return bits / rate * 27000000 + bits % rate * 27000000 / rate;
}

static int64_t arrival(const struct seen *seen, uint64_t slot)
{
    return (int64_t)ticks(seen, slot * 1504);
}

static void on_pcr(void *context, uint16_t pid, uint64_t pcr_27mhz, uint64_t packet_index, bool discontinuity)
{
    struct seen *seen = context;
    uint64_t bits = (packet_index * 188 + 10) * 8;
    uint64_t expected = MUX_PCR_START_90KHZ * 300 + ticks(seen, bits);
    assert_int_equal(pid, 0x101);
    assert_false(discontinuity);
    assert_int_equal(pcr_27mhz, expected);
    if (seen->pcrs++ > 0 && pcr_27mhz - seen->last_pcr > seen->longest_pcr_gap)
        seen->longest_pcr_gap = pcr_27mhz - seen->last_pcr;
    seen->last_pcr = pcr_27mhz;
}

static void on_pes(void *context, const struct ts_pes *pes)
{
    struct seen *seen = context;
    struct stream *stream = &seen->streams[pes->pid == 0x102];
    assert_false(pes->lost);
    /* A unit of unbounded length is delivered with its successor's first packet, others with their last: both
     * are sent by now. */
    int64_t slack = (int64_t)(pes->dts_90khz - MUX_PCR_START_90KHZ) * 300 - arrival(seen, seen->slot);
    if (stream->count++ == 0) {
        stream->first_dts = pes->dts_90khz;
        stream->least_slack = stream->most_slack = slack;
    } else {
        assert_true(pes->dts_90khz > stream->last_dts);
    }
    stream->least_slack = slack < stream->least_slack ? slack : stream->least_slack;
    stream->most_slack = slack > stream->most_slack ? slack : stream->most_slack;
    stream->last_dts = pes->dts_90khz;
    stream->latest_pts = pes->pts_90khz > stream->latest_pts ? pes->pts_90khz : stream->latest_pts;
    stream->random_accesses += pes->random_access;
}

/* The sighting of the section, or with number 0xFF of its sub-table; with last -1 where it is new. */
static struct sighting *sighting_of(struct sighting *list, size_t *count, uint16_t pid,
                                    const uint8_t *section, uint8_t number)
{
    uint16_t extension =
        section[0] == 0x70 || section[0] == 0x73 ? 0 : (uint16_t)(section[3] << 8 | section[4]);
    for (size_t i = 0; i < *count; i++) {
        if (list[i].pid == pid && list[i].extension == extension && list[i].table_id == section[0] &&
            list[i].section_number == number)
            return &list[i];
    }
    assert_true(*count < SECTIONS_MAX);
    list[*count] = (struct sighting){pid, extension, section[0], number, -1};
    return &list[(*count)++];
}

static void on_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct seen *seen = context;
    uint8_t table_id = section[0];
    int64_t start = arrival(seen, seen->start_slot[pid]), end = arrival(seen, seen->slot + 1);
    uint8_t number = table_id == 0x70 || table_id == 0x73 ? 0 : section[6];
    struct sighting *same = sighting_of(seen->sections, &seen->section_count, pid, section, number);
    if (same->last >= 0 && start - same->last > seen->longest_interval[table_id])
        seen->longest_interval[table_id] = start - same->last;
    same->last = start;
    struct sighting *sub_table = sighting_of(seen->sub_tables, &seen->sub_table_count, pid, section, 0xFF);
    if (sub_table->last >= 0 && start - sub_table->last < seen->shortest_gap[table_id])
        seen->shortest_gap[table_id] = start - sub_table->last;
    sub_table->last = end;
    if (pid == 0x12)
        assert_true(si_guide_push(seen->guide, section, size) <= SI_GUIDE_CHANGED);
}

static void on_packet(void *context, const struct ts_packet *packet, const uint8_t bytes[TS_PACKET_SIZE],
                      bool lost)
{
    struct seen *seen = context;
    (void)bytes;
    assert_false(lost);
    if (packet->payload_unit_start)
        seen->start_slot[packet->pid] = seen->slot;
    seen->packets_of[packet->pid]++;
}

static struct seen *watch(struct ts_demux *demux, int64_t bit_rate)
{
    static const uint16_t pids[] = {0x00, 0x10, 0x11, 0x12, 0x14, 0x100, 0x120};
    struct seen *seen = calloc(1, sizeof(*seen));
    seen->bit_rate = bit_rate;
    seen->guide = si_guide_create(16 << 20);
    for (int i = 0; i < 256; i++)
        seen->shortest_gap[i] = INT64_MAX;
    ts_demux_packets(demux, TS_PID_COUNT, on_packet, seen);
    for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++)
        ts_demux_sections(demux, pids[i], on_section, seen);
    ts_demux_pcr(demux, 0x101, on_pcr, seen);
    ts_demux_pes(demux, 0x101, on_pes, seen);
    ts_demux_pes(demux, 0x102, on_pes, seen);
    return seen;
}

static const uint8_t *endless_sections(void *context, size_t *size)
{
    static uint8_t section[4096] = {0x80, 0x3F, 0xFD};
    (void)context;
    *size = sizeof(section);
    return section;
}

struct bench {
    struct made_clip *clip;
    struct live *live;
    struct tables *tables;
    struct mux *mux;
    struct ts_demux *demux;
    struct seen *seen;
};

static struct bench open_bench(struct made_clip *clip, int64_t bit_rate, int64_t carousel_rate)
{
    struct bench bench = {.clip = clip, .demux = ts_demux_create()};
    const struct channel *channel = make_channel();
    if (clip) {
        const struct live_options options = {.clip = &clip->clip,
                                             .video_pid = 0x101,
                                             .audio_pid = 0x102,
                                             .time_base_90khz = MUX_PCR_START_90KHZ,
                                             .first_dts_27mhz = 900 * MS};
        bench.live = live_create(&options);
    }
    const struct tables_options table_options = {
        .has_video = clip, .has_audio = clip, .carousel_id = 1, .organisation_id = 1, .application_id = 1};
    struct error error = {0};
    struct tables_memory memory = {0};
    bench.tables = tables_create(channel, &table_options, &memory, &error);
    if (!bench.tables)
        fail_msg("%s", error.text);
    const struct mux_options options = {.bit_rate = bit_rate,
                                        .carousel_bit_rate = carousel_rate,
                                        .pcr_pid = channel->frame.pcr_pid,
                                        .carousel_pid = channel->frame.carousel_pid,
                                        .tables = bench.tables,
                                        .live = bench.live,
                                        .carousel = endless_sections,
                                        .utc_ms = UTC * 1000};
    bench.mux = mux_create(&options);
    bench.seen = watch(bench.demux, bit_rate);
    return bench;
}

static void run_bench(struct bench *bench, uint64_t packets)
{
    for (uint64_t i = 0; i < packets; i++) {
        uint8_t bytes[TS_PACKET_SIZE];
        mux_packet(bench->mux, bytes);
        ts_demux_push(bench->demux, bytes, sizeof(bytes));
        bench->seen->slot++;
    }
}

static void close_bench(struct bench *bench)
{
    ts_demux_destroy(bench->demux);
    mux_destroy(bench->mux);
    tables_destroy(bench->tables);
    live_destroy(bench->live);
    free(bench->clip);
    si_guide_destroy(bench->seen->guide);
    free(bench->seen);
}

static void check_tables(const struct seen *seen)
{
    /* The longest intervals of TR 101 211 and TR 101 290, in ms; PAT and PMT as broadcasters keep them. */
    static const struct {
        uint8_t table_id;
        int longest_ms;
    } tables[] = {{0x00, 100},  {0x02, 100},   {0x40, 10000}, {0x42, 2000},  {0x46, 10000}, {0x4A, 10000},
                  {0x4E, 2000}, {0x50, 10000}, {0x51, 10000}, {0x70, 30000}, {0x73, 30000}, {0x74, 1000}};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        uint8_t id = tables[i].table_id;
        if (seen->longest_interval[id] == 0 || seen->longest_interval[id] > tables[i].longest_ms * MS ||
            seen->shortest_gap[id] < 25 * MS)
            fail_msg("table 0x%02X: gaps of %d ms, intervals of %d ms", id,
                     (int)(seen->shortest_gap[id] / MS), (int)(seen->longest_interval[id] / MS));
    }
    for (int id = 0x41; id < 0x80; id++) /* and no table that was not looked for */
        assert_true(seen->longest_interval[id] == 0 || (id >= 0x42 && id <= 0x51) || id == 0x70 ||
                    id == 0x73 || id == 0x74);
}

/* Eight days of the guide, in every language. */
static void check_guide(const struct seen *seen)
{
    static struct si_event_view views[2000];
    const struct si_guide_service service = {1, 1, 101};
    struct si_guide_coverage coverage;
    struct si_event_words words;
    si_guide_coverage(seen->guide, &service, &coverage);
    assert_true(coverage.complete);
    assert_int_equal(coverage.tables, 2);
    assert_int_equal(coverage.segments, GUIDE_DAYS * 8);
    size_t count = si_guide_schedule(seen->guide, &service, UTC, UTC + 86400, views, 2000);
    assert_in_range(count, 2 * 1440 / 27, 2 * 1440 / 27 + 3);
    struct si_text *text = si_text_create(SI_CHARSET_GB18030);
    assert_non_null(text);
    bool second = false;
    for (size_t i = 0; i < count; i++) {
        assert_true(si_event_words(&views[i], text, "eng", false, &words));
        if (strcmp(words.name, "One") == 0) {
            assert_true(si_event_words(&views[i], text, "tib", false, &words));
            assert_string_equal(words.name, "གཅིག");
            second = true;
        }
    }
    assert_true(second);
    si_text_destroy(text);
}

static void test_a_minute(void **state)
{
    (void)state;
    struct bench bench = open_bench(make_clip(10, 48000), BIT_RATE, CAROUSEL_RATE);
    const uint64_t packets = BIT_RATE * 60 / 1504;
    run_bench(&bench, packets);
    struct seen *seen = bench.seen;
    struct ts_demux_counts counts;
    struct mux_counts mux_count;
    struct live_counts live_count;
    ts_demux_counts(bench.demux, &counts);
    mux_counts(bench.mux, &mux_count);
    live_counts(bench.live, &live_count);

    assert_int_equal(counts.packets, packets);
    assert_int_equal(counts.continuity_errors + counts.duplicates + counts.bad_headers + counts.bytes_skipped,
                     0);
    assert_int_equal(counts.bad_sections + counts.bad_pes, 0);
    assert_in_range(mux_time_us(bench.mux), 59999000, 60000000);
    assert_int_equal(mux_count.packets, packets);
    assert_int_equal(mux_count.packets, mux_count.null_packets + mux_count.carousel_packets +
                                            mux_count.live_packets + mux_count.table_packets +
                                            mux_count.pcr_only_packets);

    assert_true(seen->pcrs > 60 * 25);
    assert_true(seen->longest_pcr_gap <= 40 * MS);

    /* Over thirty rounds pictures and sound come one period after the other. */
    struct stream *pictures = &seen->streams[0], *sound = &seen->streams[1];
    assert_int_equal(pictures->last_dts - pictures->first_dts, (pictures->count - 1) * 3600);
    assert_int_equal(sound->last_dts - sound->first_dts, (sound->count - 1) * 1920);
    assert_true(pictures->count > 25 * 58 && sound->count > 46 * 58);
    assert_in_range(pictures->random_accesses, 58, 61);
    assert_true(live_count.rounds >= 29);

    /* Never later than decoding, never so early that the decoder's buffers run over. */
    assert_int_equal(live_count.late, 0);
    assert_true(pictures->least_slack > 0 && pictures->most_slack <= 700 * MS);
    assert_true(sound->least_slack > 0 && sound->most_slack <= 300 * MS);

    /* The carousel has its rate to the packet. */
    assert_in_range(mux_count.carousel_packets, packets / 3 - 40, packets / 3 + 1);
    check_tables(seen);
    check_guide(seen);
    close_bench(&bench);
}

/* A rate of 44.1 kHz has no whole period: PTS stay within a tick of the exact time for ever. */
static void test_uneven_sample_rate(void **state)
{
    (void)state;
    struct bench bench = open_bench(make_clip(10, 44100), BIT_RATE, CAROUSEL_RATE);
    run_bench(&bench, BIT_RATE * 100 / 1504);
    struct stream *sound = &bench.seen->streams[1];
    uint64_t exact = (sound->count - 1) * 1024 * 90000 / 44100;
    assert_in_range(sound->last_dts - sound->first_dts, exact, exact + 1);
    close_bench(&bench);
}

/* Pictures that take most of the stream: the carousel gives way, and nothing is late. */
static void test_pictures_before_carousel(void **state)
{
    (void)state;
    struct bench bench = open_bench(make_clip(25, 48000), BIT_RATE, BIT_RATE);
    assert_in_range(live_bit_rate(&bench.clip->clip), BIT_RATE * 40 / 100, BIT_RATE * 90 / 100);
    run_bench(&bench, BIT_RATE * 30 / 1504);
    struct live_counts live_count;
    struct mux_counts mux_count;
    live_counts(bench.live, &live_count);
    mux_counts(bench.mux, &mux_count);
    assert_int_equal(live_count.late, 0);
    assert_true(bench.seen->streams[0].least_slack > 0);
    assert_true(mux_count.null_packets < mux_count.packets / 100);
    assert_true(mux_count.carousel_packets > mux_count.packets / 20);
    assert_true(bench.seen->longest_pcr_gap <= 40 * MS);
    check_tables(bench.seen);
    close_bench(&bench);
}

/* Without pictures and sound there are tables, carousel and a clock. */
static void test_without_live(void **state)
{
    (void)state;
    struct bench bench = open_bench(NULL, 1000003, 500000);
    run_bench(&bench, 1000003 * 60 / 1504);
    assert_true(bench.seen->longest_pcr_gap <= 40 * MS);
    assert_true(bench.seen->pcrs > 60 * 25);
    struct ts_demux_counts counts;
    ts_demux_counts(bench.demux, &counts);
    assert_int_equal(counts.continuity_errors, 0);
    check_tables(bench.seen);
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_minute),
        cmocka_unit_test(test_uneven_sample_rate),
        cmocka_unit_test(test_pictures_before_carousel),
        cmocka_unit_test(test_without_live),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
