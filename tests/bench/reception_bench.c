/* SPDX-License-Identifier: Apache-2.0 */
/* Packets a second and cycles a packet through the whole reception path on one thread: synchronisation, PID
 * filter, sections, service information, carousel assembly, inflating, and the pictures and sound of one
 * programme. Beside it, in the same run over the same bytes: reading them, and what libdvbpsi takes to gather
 * the sections of the same PIDs. The carousel is sent over and over, as on air: what a receiver has it does
 * not unpack again. */
#include "base/log.h"
#include "dsmcc/receiver.h"
#include "reception_stream.h"
#include "si/watcher.h"
#include <dvbpsi/dvbpsi.h>
#include <dvbpsi/psi.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#define PASSES 5
#define PUSH_SIZE ((size_t)256 * 1024)
#define STREAM_SIZE ((size_t)520 * 1000 * 1000)

struct meter {
    int fd; /* of the processor's cycle counter, -1: none */
};

struct cost {
    double seconds, cycles;
};

static struct meter meter_open(void)
{
    struct perf_event_attr attributes = {.type = PERF_TYPE_HARDWARE,
                                         .size = sizeof(attributes),
                                         .config = PERF_COUNT_HW_CPU_CYCLES,
                                         .exclude_kernel = 1,
                                         .exclude_hv = 1};
    return (struct meter){(int)syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0)};
}

static struct cost meter_read(const struct meter *meter)
{
    struct timespec time;
    uint64_t cycles = 0;
    clock_gettime(CLOCK_MONOTONIC, &time);
    if (meter->fd >= 0 && read(meter->fd, &cycles, sizeof(cycles)) != sizeof(cycles))
        cycles = 0;
#if defined(__x86_64__)
    if (meter->fd < 0)
        cycles = __rdtsc();
#endif
    return (struct cost){(double)time.tv_sec + (double)time.tv_nsec / 1e9, (double)cycles};
}

static const char *meter_str(const struct meter *meter)
{
    if (meter->fd >= 0)
        return "processor cycles";
#if defined(__x86_64__)
    return "time stamp counter (no access to the processor's cycle counter)";
#else
    return "not counted";
#endif
}

/* One way to take a whole stream; gives a number that must be the same each time, 0: failed. */
typedef uint64_t work_fn(const struct stream *stream);

static uint64_t read_all(const struct stream *stream)
{
    uint64_t sums[8] = {1}, words[8];
    for (size_t at = 0; at + sizeof(words) <= stream->size; at += sizeof(words)) {
        memcpy(words, stream->data + at, sizeof(words));
        for (int i = 0; i < 8; i++)
            sums[i] += words[i];
    }
    return (sums[0] ^ sums[1] ^ sums[2] ^ sums[3] ^ sums[4] ^ sums[5] ^ sums[6] ^ sums[7]) | 1;
}

static void on_pes(void *context, const struct ts_pes *pes)
{
    *(uint64_t *)context += pes->size;
}

static uint64_t receive(const struct stream *stream)
{
    uint64_t bytes = 0, result = 0;
    struct ts_demux *demux = ts_demux_create();
    struct si_watcher *watcher = si_watcher_create(demux, NULL);
    struct dsmcc_receiver *receiver = dsmcc_receiver_create(demux, STREAM_CAROUSEL_PID, NULL, 0, NULL, NULL);
    ts_demux_pes(demux, STREAM_VIDEO_PID(0), on_pes, &bytes);
    ts_demux_pes(demux, STREAM_AUDIO_PID(0), on_pes, &bytes);
    for (size_t at = 0; at < stream->size; at += PUSH_SIZE)
        ts_demux_push(demux, stream->data + at,
                      stream->size - at < PUSH_SIZE ? stream->size - at : PUSH_SIZE);
    struct ts_demux_counts counts;
    struct dsmcc_progress progress;
    ts_demux_counts(demux, &counts);
    dsmcc_receiver_progress(receiver, &progress);
    if (progress.complete && dsmcc_tree_count(dsmcc_receiver_tree(receiver)) >= STREAM_FILES &&
        counts.packets * TS_PACKET_SIZE == stream->size &&
        counts.continuity_errors + counts.bad_sections == 0)
        result = counts.sections + bytes;
    dsmcc_receiver_destroy(receiver);
    si_watcher_destroy(watcher);
    ts_demux_destroy(demux);
    return result;
}

struct gatherer {
    DVBPSI_DECODER_COMMON uint64_t sections;
};

static void gather(dvbpsi_t *handle, dvbpsi_psi_section_t *section)
{
    ((struct gatherer *)handle->p_decoder)->sections++;
    dvbpsi_DeletePSISections(section);
}

/* The sections of PAT, PMTs and carousel; nothing is looked for in them, nothing assembled. */
static uint64_t gather_by_libdvbpsi(const struct stream *stream)
{
    static dvbpsi_t *handles[TS_PID_COUNT];
    uint64_t sections = 0;
    uint16_t pids[2 + STREAM_PROGRAMS] = {0, STREAM_CAROUSEL_PID};
    for (size_t i = 0; i < STREAM_PROGRAMS; i++)
        pids[2 + i] = STREAM_PMT_PID(i);
    for (size_t i = 0; i < 2 + STREAM_PROGRAMS; i++) {
        handles[pids[i]] = dvbpsi_new(NULL, DVBPSI_MSG_NONE);
        handles[pids[i]]->p_decoder = dvbpsi_decoder_new(gather, 4096, true, sizeof(struct gatherer));
    }
    for (size_t at = 0; at < stream->size; at += TS_PACKET_SIZE) {
        uint8_t *packet = stream->data + at;
        dvbpsi_t *handle = handles[(packet[1] & 0x1F) << 8 | packet[2]];
        if (handle)
            dvbpsi_packet_push(handle, packet);
    }
    for (size_t i = 0; i < 2 + STREAM_PROGRAMS; i++) {
        dvbpsi_t *handle = handles[pids[i]];
        sections += ((struct gatherer *)handle->p_decoder)->sections;
        dvbpsi_decoder_delete(handle->p_decoder);
        handle->p_decoder = NULL;
        dvbpsi_delete(handle);
        handles[pids[i]] = NULL;
    }
    return sections;
}

static const struct {
    const char *name;
    work_fn *work;
} works[] = {{"reading the bytes", read_all}, {"Kokonor", receive}, {"libdvbpsi", gather_by_libdvbpsi}};
#define WORK_COUNT (sizeof(works) / sizeof(works[0]))

/* The best of several passes, which take turns. */
static bool measure(const struct meter *meter, const struct stream *stream, struct cost costs[WORK_COUNT])
{
    uint64_t results[WORK_COUNT] = {0};
    for (int pass = 0; pass < PASSES; pass++) {
        for (size_t i = 0; i < WORK_COUNT; i++) {
            struct cost begin = meter_read(meter);
            uint64_t result = works[i].work(stream);
            struct cost end = meter_read(meter);
            struct cost cost = {end.seconds - begin.seconds, end.cycles - begin.cycles};
            if (result == 0 || (pass > 0 && result != results[i])) {
                printf("%s: did not receive what was sent\n", works[i].name);
                return false;
            }
            results[i] = result;
            if (pass == 0 || cost.seconds < costs[i].seconds)
                costs[i] = cost;
        }
    }
    return true;
}

static bool bench(const struct meter *meter, const char *name, unsigned carousel_share, unsigned updates)
{
    struct stream stream;
    struct cost costs[WORK_COUNT];
    bool good = stream_make(&stream, STREAM_SIZE, carousel_share, updates);
    double packets = (double)(stream.size / TS_PACKET_SIZE);
    if (good)
        printf("%s: %.0f MB, %.0f packets, %u in 1000 of them a carousel of %.1f MB that goes out %zu times "
               "and is "
               "changed %zu times\n",
               name, (double)stream.size / 1e6, packets, carousel_share, (double)stream.carousel_bytes / 1e6,
               stream.carousel_rounds, stream.carousel_updates);
    good = good && measure(meter, &stream, costs);
    for (size_t i = 0; good && i < WORK_COUNT; i++)
        printf("  %-18s %7.2f million packets/s  %6.2f GB/s  %6.1f cycles/packet  %5.2f times reading  %5.2f "
               "times "
               "Kokonor\n",
               works[i].name, packets / costs[i].seconds / 1e6, (double)stream.size / costs[i].seconds / 1e9,
               costs[i].cycles / packets, costs[i].seconds / costs[0].seconds,
               costs[i].seconds / costs[1].seconds);
    stream_free(&stream);
    return good;
}

int main(void)
{
    log_set_level(LOG_LEVEL_WARNING);
    struct meter meter = meter_open();
    if (meter.fd >= 0)
        ioctl(meter.fd, PERF_EVENT_IOC_ENABLE, 0);
    printf("cycles: %s; best of %d passes\n", meter_str(&meter), PASSES);
    bool good = bench(&meter, "multi-programme stream", 30, 0);
    good = bench(&meter, "carousel stream", 900, 4) && good;
    if (meter.fd >= 0)
        close(meter.fd);
    return good ? 0 : 1;
}
