/* SPDX-License-Identifier: Apache-2.0 */
/* The system target decoder's buffers over the demonstration clip as the playout sends it (ISO/IEC 13818-1,
 * 2.4.2 and 2.14.3.1), modelled from the packets alone; and what a parameter set says of them. */
#include "playout/mux.h"
#include "ts/demux.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TICKS INT64_C(27000000)
#define MS (TICKS / 1000)
#define SECONDS 40 /* more than one round of the clip */
#define BIT_RATE INT64_C(8000000)
#define CAROUSEL_RATE INT64_C(4500000)
#define VIDEO_PID 0x101
#define AUDIO_PID 0x102
#define TRANSPORT_BUFFER 512
#define AUDIO_BUFFER 3584         /* BSn of AAC with two channels */
#define AUDIO_RX INT64_C(2000000) /* Rxn of it */
#define UNITS_MAX 4096
#define PACKETS_MAX 65536

/* An elementary stream's packets and access units, as they came. */
struct stream {
    size_t packet_count, unit_count, dts_count;
    struct arrival {
        int64_t end; /* when its last bit came */
        uint16_t bytes;
        uint16_t unit;
    } packets[PACKETS_MAX];
    int64_t dts[UNITS_MAX];
};

struct watched {
    struct stream video, audio;
    uint64_t number; /* of the packet being pushed */
    uint64_t last_pcr, longest_pcr_gap, pcrs;
};

static int64_t end_of(uint64_t packet)
{
    return (int64_t)((packet + 1) * 1504 * 27 / (BIT_RATE / 1000000));
}

static void on_packet(void *context, const struct ts_packet *packet, const uint8_t bytes[TS_PACKET_SIZE],
                      bool lost)
{
    struct watched *watched = context;
    struct stream *stream = packet->pid == VIDEO_PID ? &watched->video : &watched->audio;
    (void)bytes;
    assert_false(lost);
    if ((packet->pid != VIDEO_PID && packet->pid != AUDIO_PID) || packet->payload_size == 0)
        return;
    stream->unit_count += packet->payload_unit_start;
    assert_true(stream->unit_count > 0 && stream->packet_count < PACKETS_MAX);
    stream->packets[stream->packet_count++] = (struct arrival){.end = end_of(watched->number),
                                                               .bytes = (uint16_t)packet->payload_size,
                                                               .unit = (uint16_t)(stream->unit_count - 1)};
}

static void on_pes(void *context, const struct ts_pes *pes)
{
    struct watched *watched = context;
    struct stream *stream = pes->pid == VIDEO_PID ? &watched->video : &watched->audio;
    assert_true(stream->dts_count < UNITS_MAX);
    stream->dts[stream->dts_count++] = (int64_t)(pes->dts_90khz - MUX_PCR_START_90KHZ) * 300;
}

static void on_pcr(void *context, uint16_t pid, uint64_t pcr_27mhz, uint64_t packet_index, bool discontinuity)
{
    struct watched *watched = context;
    uint64_t expected = MUX_PCR_START_90KHZ * 300 + (packet_index * 188 + 10) * 8 * 27 / 8;
    assert_int_equal(pid, VIDEO_PID);
    assert_false(discontinuity);
    assert_int_equal(pcr_27mhz, expected);
    if (watched->pcrs++ > 0 && pcr_27mhz - watched->last_pcr > watched->longest_pcr_gap)
        watched->longest_pcr_gap = pcr_27mhz - watched->last_pcr;
    watched->last_pcr = pcr_27mhz;
}

/* What the model found. */
struct result {
    int64_t transport_most; /* bytes */
    int64_t most;           /* bytes in the multiplex and coded picture buffers together */
    int64_t least_slack;    /* from a unit's last bit to its decoding */
    size_t units;
};

/* The transport buffer empties at rx bits a second; the next one takes what came at once (the most that can
 * lie there) and loses a unit whole at its DTS. */
static struct result model(const struct stream *stream, int64_t rx)
{
    struct result result = {.least_slack = INT64_MAX, .units = stream->dts_count};
    static int64_t unit_bytes[UNITS_MAX];
    memset(unit_bytes, 0, sizeof(unit_bytes));
    int64_t transport = 0, last = 0, held = 0;
    size_t decoded = 0;
    for (size_t i = 0; i < stream->packet_count; i++) {
        const struct arrival *packet = &stream->packets[i];
        if (packet->unit >= stream->dts_count)
            break; /* of the unit that the end cut off */
        int64_t drained = (packet->end - last) * (rx / 1000) / 8 / (TICKS / 1000);
        transport = (transport > drained ? transport - drained : 0) + TS_PACKET_SIZE;
        last = packet->end;
        if (transport > result.transport_most)
            result.transport_most = transport;
        for (; decoded < packet->unit && stream->dts[decoded] <= packet->end; decoded++)
            held -= unit_bytes[decoded];
        held += packet->bytes;
        unit_bytes[packet->unit] += packet->bytes;
        if (held > result.most)
            result.most = held;
        int64_t through = packet->end + transport * 8 * (TICKS / 1000) / (rx / 1000);
        if (stream->dts[packet->unit] - through < result.least_slack)
            result.least_slack = stream->dts[packet->unit] - through;
    }
    return result;
}

static struct watched *send_clip(const struct clip *clip)
{
    struct error error = {0};
    struct tables_memory memory = {0};
    static struct channel channel;
    channel = (struct channel){.frame = {.service_id = 101,
                                         .pmt_pid = 0x100,
                                         .pcr_pid = VIDEO_PID,
                                         .video_pid = VIDEO_PID,
                                         .audio_pid = AUDIO_PID,
                                         .carousel_pid = 0x110,
                                         .ait_pid = 0x120,
                                         .transport_stream_id = 1},
                               .service_names = {"Blue Lake"},
                               .providers = {"Kokonor"},
                               .network_names = {"Cable"}};
    const struct tables_options table_options = {
        .has_video = true, .has_audio = true, .carousel_id = 1, .organisation_id = 1, .application_id = 1};
    const struct live_options live_options = {.clip = clip,
                                              .video_pid = VIDEO_PID,
                                              .audio_pid = AUDIO_PID,
                                              .time_base_90khz = MUX_PCR_START_90KHZ,
                                              .first_dts_27mhz = 900 * MS};
    struct tables *tables = tables_create(&channel, &table_options, &memory, &error);
    struct live *live = live_create(&live_options);
    const struct mux_options options = {.bit_rate = BIT_RATE,
                                        .carousel_bit_rate = CAROUSEL_RATE,
                                        .pcr_pid = VIDEO_PID,
                                        .carousel_pid = 0x110,
                                        .tables = tables,
                                        .live = live};
    struct mux *mux = mux_create(&options);
    struct watched *watched = calloc(1, sizeof(*watched));
    struct ts_demux *demux = ts_demux_create();
    assert_true(tables && live && mux && watched && demux);
    ts_demux_packets(demux, TS_PID_COUNT, on_packet, watched);
    ts_demux_pes(demux, VIDEO_PID, on_pes, watched);
    ts_demux_pes(demux, AUDIO_PID, on_pes, watched);
    ts_demux_pcr(demux, VIDEO_PID, on_pcr, watched);
    for (; watched->number < SECONDS * BIT_RATE / 1504; watched->number++) {
        uint8_t bytes[TS_PACKET_SIZE];
        mux_packet(mux, bytes);
        ts_demux_push(demux, bytes, sizeof(bytes));
    }
    struct live_counts counts;
    live_counts(live, &counts);
    assert_int_equal(counts.late, 0);
    ts_demux_destroy(demux);
    mux_destroy(mux);
    live_destroy(live);
    tables_destroy(tables);
    return watched;
}

static struct clip *load(void)
{
    struct error error = {0};
    struct clip *clip = clip_load(DEMO_DIR "/clip.ts", &error);
    if (!clip)
        fail_msg("%s", error.text);
    assert_true(clip->duration_90khz < (SECONDS - 2) * 90000);
    return clip;
}

static void test_clip(void **state)
{
    (void)state;
    struct clip *clip = load();
    const struct h264_buffer *buffer = &clip->picture_buffer;
    assert_true(buffer->cpb_bits > 0 && buffer->bit_rate > 0);
    struct watched *watched = send_clip(clip);
    struct result video = model(&watched->video, buffer->bit_rate), audio = model(&watched->audio, AUDIO_RX);
    assert_true(video.units > (SECONDS - 2) * 25 && audio.units > (SECONDS - 2) * 46);
    assert_true(video.transport_most <= TRANSPORT_BUFFER && audio.transport_most <= TRANSPORT_BUFFER);
    assert_true(video.least_slack >= 0 && audio.least_slack >= 0);
    /* The multiplex buffer would take BSmux and BSoh beyond it: they are not needed. */
    assert_true(video.most * 8 <= buffer->cpb_bits);
    assert_true(audio.most <= AUDIO_BUFFER);
    assert_true(watched->longest_pcr_gap <= 40 * MS && watched->pcrs >= SECONDS * 25);
    print_message("pictures: at most %d of %d bytes, %d ms to spare; sound: at most %d of %d bytes, %d ms\n",
                  (int)video.most, (int)(buffer->cpb_bits / 8), (int)(video.least_slack / MS),
                  (int)audio.most, AUDIO_BUFFER, (int)(audio.least_slack / MS));
    free(watched);
    clip_destroy(clip);
}

/* A decoder with a buffer hardly larger than the largest picture: it is kept full and never more. */
static void test_small_buffer(void **state)
{
    (void)state;
    struct clip *clip = load();
    uint32_t largest = 0;
    for (size_t i = 0; i < clip->picture_count; i++)
        largest = clip->pictures[i].size > largest ? clip->pictures[i].size : largest;
    clip->picture_buffer.cpb_bits = (int64_t)largest * 8 * 3 / 2;
    clip->picture_buffer.bit_rate = 6000000;
    struct watched *watched = send_clip(clip);
    struct result video = model(&watched->video, clip->picture_buffer.bit_rate);
    assert_true(video.transport_most <= TRANSPORT_BUFFER);
    assert_true(video.least_slack >= 0);
    assert_true(video.most <= largest * 3 / 2 && video.most > largest);
    free(watched);
    clip_destroy(clip);
}

static void test_parameter_sets(void **state)
{
    (void)state;
    static const uint8_t vbr[] = {0,    0,    0,    1,    0x67, 0xf4, 0,    0x1f, 0x91, 0x9b, 0x28, 0x0a,
                                  0,    0xb7, 0x60, 0x22, 0,    0,    3,    0,    2,    0,    0,    3,
                                  0,    0x64, 0xc4, 0x40, 0x01, 0xe8, 0x48, 0,    0x0b, 0x71, 0xb4, 0x98,
                                  0x60, 0x0f, 0x18, 0x31, 0x96, 0,    0,    0,    1,    0x68};
    static const uint8_t cbr[] = {0,    0,    1,    0x67, 0xf4, 0,    0x1f, 0x91, 0x9b, 0x28, 0x0a,
                                  0,    0xb7, 0x60, 0x22, 0,    0,    3,    0,    2,    0,    0,
                                  3,    0,    0x64, 0xc0, 0x80, 0,    0x5b, 0x8d, 0x80, 0,    0xb7,
                                  0x1b, 0xc9, 0x86, 0,    0xf1, 0x83, 0x19, 0x60};
    static const uint8_t none[] = {0,    0,    1,    0x67, 0x64, 0, 0x28, 0xac, 0xd9, 0x40, 0x50,
                                   0x05, 0xbb, 0x01, 0x6a, 2,    2, 2,    0x80, 0,    0,    3,
                                   0,    0x80, 0,    0,    0x19, 7, 0x8c, 0x18, 0xcb};
    static const uint8_t bare[] = {0, 0, 1, 0x67, 66, 0x10, 11};
    static const uint8_t strange[] = {0, 0, 1, 0x67, 100, 0, 99, 0xFF}, other[] = {0, 0, 1, 0x68, 100, 0, 30};
    struct h264_buffer buffer;
    assert_true(h264_read_buffer(vbr, sizeof(vbr), &buffer));
    assert_true(buffer.has_hrd && buffer.profile_idc == 244 && buffer.level_idc == 31);
    assert_int_equal(buffer.bit_rate, 2000000);
    assert_in_range(buffer.cpb_bits, 1499000, 1500000);
    assert_true(h264_read_buffer(cbr, sizeof(cbr), &buffer));
    assert_true(buffer.has_hrd);
    assert_int_equal(buffer.bit_rate, 3000000);
    assert_in_range(buffer.cpb_bits, 2999000, 3000000);
    assert_true(h264_read_buffer(none, sizeof(none), &buffer));
    assert_false(buffer.has_hrd);
    assert_int_equal(buffer.cpb_bits, 25000 * 1200);
    assert_int_equal(buffer.bit_rate, 20000 * 1200);
    assert_true(h264_read_buffer(bare, sizeof(bare), &buffer)); /* level 1b, and nothing behind it */
    assert_int_equal(buffer.cpb_bits, 350 * 1200);
    assert_false(h264_read_buffer(strange, sizeof(strange), &buffer));
    assert_false(h264_read_buffer(other, sizeof(other), &buffer));
    assert_false(h264_read_buffer(bare, 6, &buffer));
    for (size_t size = 0; size < sizeof(vbr); size++) { /* cut anywhere */
        uint8_t *copy = malloc(size + 1);
        memcpy(copy, vbr, size);
        if (h264_read_buffer(copy, size, &buffer))
            assert_true(buffer.cpb_bits > 0);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clip),
        cmocka_unit_test(test_small_buffer),
        cmocka_unit_test(test_parameter_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
