/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/demux.h"
#include "ts/pes_filter.h"
#include "ts/section_filter.h"
#include "ts/sync.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* In the first four bytes of a packet, as one number. */
#define UNIT_START UINT32_C(0x00400000)
#define IGNORED UINT32_C(0x00600000) /* payload_unit_start_indicator and transport_priority */
#define UNKNOWN IGNORED              /* no packet without its ignored bits is that */
#define PAYLOAD_ONLY 0x10u
#define PID_MASK 0x1FFFu
#define NULL_MASK UINT32_C(0xFF9FFFF0)
#define NULL_PACKET ((uint32_t)TS_SYNC_BYTE << 24 | TS_PID_NULL << 8 | PAYLOAD_ONLY)
#define HEADER_SIZE 4
/* Of packets that nobody wants only the header is looked at: the processor does not guess where the next one
 * is.
 */
#define PREFETCH_PACKETS 16
#define PAYLOAD_SIZE (TS_PACKET_SIZE - HEADER_SIZE)

enum kind { KIND_PACKETS, KIND_SECTIONS, KIND_PES, KIND_PCR, KIND_COUNT };

struct ts_subscription {
    struct ts_subscription *next;
    enum kind kind;
    bool dead; /* ended during a callback; freed when the outermost one has returned */
    union {
        ts_packet_fn *packets;
        ts_section_fn *sections;
        ts_pes_fn *pes;
        ts_pcr_fn *pcr;
    } fn;
    ts_section_want_fn *want; /* of KIND_SECTIONS; NULL: all */
    void *context;
};

/* What subscribers asked of one PID. Kept, once made, until the demultiplexer ends. */
struct pid_state {
    struct ts_demux *demux;
    uint16_t pid;
    struct ts_subscription *subscriptions[KIND_COUNT];
    struct ts_section_filter *section_filter; /* made with the first subscriber that needs it */
    struct ts_pes_filter *pes_filter;
    /* The last packet with payload, which a duplicate repeats: where it was pushed, and once those bytes are
     * left, in copy; NULL: none. */
    const uint8_t *last;
    struct pid_state *next_touched; /* of those whose last is not in copy */
    bool touched;
    uint8_t copy[TS_PACKET_SIZE];
};

/* What every packet needs of its PID, subscribed or not, in one piece of memory: 16 bytes. */
struct track {
    /* The first four bytes of the packet that is in order next, if it is an ordinary one: sync byte, no
     * error, not scrambled, payload only, the counter's next value. UNKNOWN: any counter is in order. */
    uint32_t expected;
    uint16_t repeated_at; /* packets, when the last duplicate came */
    uint8_t wanted;       /* a bit for each kind that has subscribers */
    bool gap;             /* packets were left out on purpose (scrambled) */
    uint64_t packets;
};

/* What is rare. */
struct oddities {
    uint64_t transport_errors, scrambled, duplicates, continuity_errors, discontinuities;
};

struct ts_demux {
    struct ts_sync sync;
    struct ts_demux_counts counts;
    struct pid_state *touched;                /* chain of next_touched */
    uint8_t every_wanted;                     /* track.wanted of the subscribers of every PID */
    struct pid_state *pids[TS_PID_COUNT + 1]; /* the last one is for subscribers of every PID */
    struct track tracks[TS_PID_COUNT];
    struct oddities oddities[TS_PID_COUNT];
    unsigned depth; /* of pushes and flushes under way */
    bool any_dead;
    bool destroyed;
};

static void forget_counters(struct ts_demux *demux)
{
    for (size_t i = 0; i < TS_PID_COUNT; i++) {
        demux->tracks[i].expected = UNKNOWN;
        demux->tracks[i].gap = false;
    }
}

struct ts_demux *ts_demux_create(void)
{
    struct ts_demux *demux = calloc(1, sizeof(*demux));
    if (!demux)
        return NULL;
    ts_sync_init(&demux->sync);
    forget_counters(demux);
    return demux;
}

static void update_wanted(struct pid_state *state)
{
    struct ts_demux *demux = state->demux;
    uint8_t wanted = 0;
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        if (state->subscriptions[kind])
            wanted |= (uint8_t)(1u << kind);
    }
    if (state->pid == TS_PID_COUNT)
        demux->every_wanted = wanted;
    else
        demux->tracks[state->pid].wanted = wanted;
}

static void sweep_pid(struct pid_state *state)
{
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        struct ts_subscription **link = &state->subscriptions[kind];
        while (*link) {
            struct ts_subscription *subscription = *link;
            if (subscription->dead) {
                *link = subscription->next;
                free(subscription);
            } else {
                link = &subscription->next;
            }
        }
    }
    /* A later subscriber starts afresh. */
    if (!state->subscriptions[KIND_SECTIONS] && state->section_filter)
        ts_section_filter_reset(state->section_filter);
    if (!state->subscriptions[KIND_PES] && state->pes_filter)
        ts_pes_filter_reset(state->pes_filter);
    update_wanted(state);
}

static void sweep(struct ts_demux *demux)
{
    for (size_t i = 0; i <= TS_PID_COUNT; i++) {
        if (demux->pids[i])
            sweep_pid(demux->pids[i]);
    }
    demux->any_dead = false;
}

static void free_pid(struct pid_state *state)
{
    if (!state)
        return;
    if (state->pes_filter)
        ts_pes_filter_finish(state->pes_filter);
    free(state->pes_filter);
    free(state->section_filter);
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        for (struct ts_subscription *next, *at = state->subscriptions[kind]; at; at = next) {
            next = at->next;
            free(at);
        }
    }
    free(state);
}

static void enter(struct ts_demux *demux)
{
    assert(demux->depth == 0 && "a callback must not push into or flush its demultiplexer");
    demux->depth++;
}

static void leave(struct ts_demux *demux)
{
    demux->depth--;
    if (demux->destroyed)
        ts_demux_destroy(demux);
    else if (demux->any_dead)
        sweep(demux);
}

void ts_demux_destroy(struct ts_demux *demux)
{
    if (!demux)
        return;
    if (demux->depth > 0) {
        demux->destroyed = true;
        ts_demux_reset(demux);
        return;
    }
    for (size_t i = 0; i <= TS_PID_COUNT; i++)
        free_pid(demux->pids[i]);
    free(demux);
}

static struct pid_state *get_pid(struct ts_demux *demux, uint16_t pid)
{
    if (!demux->pids[pid]) {
        struct pid_state *state = calloc(1, sizeof(*state));
        if (!state)
            return NULL;
        state->demux = demux;
        state->pid = pid;
        demux->pids[pid] = state;
    }
    return demux->pids[pid];
}

static bool make_filters(struct pid_state *state, enum kind kind)
{
    struct ts_demux_counts *counts = &state->demux->counts;
    if (kind == KIND_SECTIONS && !state->section_filter) {
        state->section_filter = malloc(sizeof(*state->section_filter));
        if (!state->section_filter)
            return false;
        ts_section_filter_init(state->section_filter, counts);
    }
    if (kind == KIND_PES && !state->pes_filter) {
        struct ts_pes_filter *filter = malloc(sizeof(*filter));
        if (!filter)
            return false;
        if (!ts_pes_filter_init(filter, &counts->bad_pes)) {
            free(filter);
            return false;
        }
        state->pes_filter = filter;
    }
    return true;
}

/* New subscriptions go to the front: one made in a callback does not see the thing that is being delivered.
 */
static struct ts_subscription *subscribe(struct ts_demux *demux, uint16_t pid, enum kind kind, void *context)
{
    assert(pid < TS_PID_COUNT || (pid == TS_PID_COUNT && (kind == KIND_PACKETS || kind == KIND_PCR)));
    struct pid_state *state = get_pid(demux, pid);
    if (!state || !make_filters(state, kind))
        return NULL;
    struct ts_subscription *subscription = calloc(1, sizeof(*subscription));
    if (!subscription)
        return NULL;
    subscription->kind = kind;
    subscription->context = context;
    subscription->next = state->subscriptions[kind];
    state->subscriptions[kind] = subscription;
    update_wanted(state);
    return subscription;
}

struct ts_subscription *ts_demux_packets(struct ts_demux *demux, uint16_t pid, ts_packet_fn *fn,
                                         void *context)
{
    struct ts_subscription *subscription = subscribe(demux, pid, KIND_PACKETS, context);
    if (subscription)
        subscription->fn.packets = fn;
    return subscription;
}

struct ts_subscription *ts_demux_sections(struct ts_demux *demux, uint16_t pid, ts_section_fn *fn,
                                          void *context)
{
    struct ts_subscription *subscription = subscribe(demux, pid, KIND_SECTIONS, context);
    if (subscription)
        subscription->fn.sections = fn;
    return subscription;
}

struct ts_subscription *ts_demux_pes(struct ts_demux *demux, uint16_t pid, ts_pes_fn *fn, void *context)
{
    struct ts_subscription *subscription = subscribe(demux, pid, KIND_PES, context);
    if (subscription)
        subscription->fn.pes = fn;
    return subscription;
}

struct ts_subscription *ts_demux_pcr(struct ts_demux *demux, uint16_t pid, ts_pcr_fn *fn, void *context)
{
    struct ts_subscription *subscription = subscribe(demux, pid, KIND_PCR, context);
    if (subscription)
        subscription->fn.pcr = fn;
    return subscription;
}

void ts_demux_set_want(struct ts_subscription *sections, ts_section_want_fn *want)
{
    assert(sections->kind == KIND_SECTIONS);
    sections->want = want;
}

void ts_demux_unsubscribe(struct ts_demux *demux, struct ts_subscription *subscription)
{
    if (!subscription)
        return;
    subscription->dead = true;
    demux->any_dead = true;
    if (demux->depth == 0)
        sweep(demux);
}

static void deliver_section(void *context, const uint8_t *section, size_t size)
{
    struct pid_state *state = context;
    for (struct ts_subscription *at = state->subscriptions[KIND_SECTIONS]; at; at = at->next) {
        if (!at->dead && !state->demux->destroyed)
            at->fn.sections(at->context, state->pid, section, size);
    }
}

static bool want_section(void *context, const uint8_t *head)
{
    struct pid_state *state = context;
    for (struct ts_subscription *at = state->subscriptions[KIND_SECTIONS]; at; at = at->next) {
        if (!at->dead && (!at->want || at->want(at->context, state->pid, head)))
            return true;
    }
    return false;
}

static void deliver_pes(void *context, struct ts_pes *pes)
{
    struct pid_state *state = context;
    pes->pid = state->pid;
    for (struct ts_subscription *at = state->subscriptions[KIND_PES]; at; at = at->next) {
        if (!at->dead && !state->demux->destroyed)
            at->fn.pes(at->context, pes);
    }
}

static void deliver_pcr(struct pid_state *state, const struct ts_packet *packet)
{
    uint64_t index = state->demux->counts.packets - 1;
    for (struct ts_subscription *at = state->subscriptions[KIND_PCR]; at; at = at->next) {
        if (!at->dead && !state->demux->destroyed)
            at->fn.pcr(at->context, packet->pid, packet->pcr_27mhz, index, packet->discontinuity);
    }
}

static void deliver_packet(struct pid_state *state, const struct ts_packet *packet, const uint8_t *bytes,
                           bool lost)
{
    for (struct ts_subscription *at = state->subscriptions[KIND_PACKETS]; at; at = at->next) {
        if (!at->dead && !state->demux->destroyed)
            at->fn.packets(at->context, packet, bytes, lost);
    }
}

/* The four bytes of the packet in order behind one with this counter. */
static uint32_t next_expected(uint16_t pid, uint8_t continuity_counter)
{
    return (uint32_t)TS_SYNC_BYTE << 24 | (uint32_t)pid << 8 | PAYLOAD_ONLY |
           ((continuity_counter + 1u) & 15);
}

static void remember(struct pid_state *state, const uint8_t *bytes)
{
    state->last = bytes;
    if (!state->touched) {
        state->touched = true;
        state->next_touched = state->demux->touched;
        state->demux->touched = state;
    }
}

/* The bytes that last packets lie in are about to be left. */
static void settle(struct ts_demux *demux)
{
    for (struct pid_state *state = demux->touched; state; state = state->next_touched) {
        if (state->last != state->copy)
            memcpy(state->copy, state->last, TS_PACKET_SIZE);
        state->last = state->copy;
        state->touched = false;
    }
    demux->touched = NULL;
}

/* Whether packet, whose counter is the last one's, repeats its payload: every byte but the PCR (2.4.3.3). */
static bool repeats(const struct pid_state *state, const struct ts_packet *packet)
{
    struct ts_packet last;
    if (!state || !state->last || !ts_packet_read(state->last, &last))
        return true;
    return last.payload_size == packet->payload_size &&
           memcmp(last.payload, packet->payload, packet->payload_size) == 0;
}

static void count_continuity_error(struct ts_demux *demux, uint16_t pid)
{
    demux->counts.continuity_errors++;
    demux->oddities[pid].continuity_errors++;
}

/* A packet may come twice, not three times. */
static void count_duplicate(struct ts_demux *demux, uint16_t pid)
{
    struct track *track = &demux->tracks[pid];
    if (track->repeated_at == (uint16_t)(track->packets - 1))
        count_continuity_error(demux, pid);
    track->repeated_at = (uint16_t)track->packets;
    demux->counts.duplicates++;
    demux->oddities[pid].duplicates++;
}

/* Follows the continuity counter of a packet with payload. False: it is a duplicate. */
static bool follow(struct ts_demux *demux, const struct ts_packet *packet, bool *lost)
{
    struct track *track = &demux->tracks[packet->pid];
    uint32_t counter_due = track->expected & 15;
    *lost = track->gap;
    if (track->expected != UNKNOWN && packet->continuity_counter != counter_due) {
        if (packet->continuity_counter == ((counter_due - 1) & 15) &&
            repeats(demux->pids[packet->pid], packet)) {
            count_duplicate(demux, packet->pid);
            return false;
        }
        *lost = true;
        if (!packet->discontinuity)
            count_continuity_error(demux, packet->pid);
    }
    track->gap = false;
    track->expected = next_expected(packet->pid, packet->continuity_counter);
    return true;
}

static void skip_scrambled(struct ts_demux *demux, uint16_t pid)
{
    demux->counts.scrambled++;
    demux->oddities[pid].scrambled++;
    demux->tracks[pid].expected = UNKNOWN;
    demux->tracks[pid].gap = true;
}

static void push_filters(struct pid_state *state, const struct ts_packet *packet, bool lost)
{
    const struct ts_section_filter_taker taker = {want_section, deliver_section, state};
    if (state->subscriptions[KIND_SECTIONS])
        ts_section_filter_push(state->section_filter, packet, lost, &taker);
    if (state->subscriptions[KIND_PES] && !state->demux->destroyed)
        ts_pes_filter_push(state->pes_filter, packet, lost, deliver_pes, state);
}

/* To all who want it, until one of them resets. */
static void deliver(struct ts_demux *demux, const struct ts_packet *packet, const uint8_t *bytes, bool lost)
{
    struct pid_state *state = demux->pids[packet->pid], *every = demux->pids[TS_PID_COUNT];
    unsigned generation = demux->sync.generation;
    if (state && demux->tracks[packet->pid].wanted)
        remember(state, bytes);
    if (every)
        deliver_packet(every, packet, bytes, lost);
    if (state && demux->sync.generation == generation)
        deliver_packet(state, packet, bytes, lost);
    if (state && demux->sync.generation == generation)
        push_filters(state, packet, lost);
}

/* A packet of which take_packets does not know what it is. */
static void take_any(struct ts_demux *demux, const uint8_t *bytes)
{
    struct ts_packet packet;
    if (!ts_packet_read(bytes, &packet)) {
        demux->counts.bad_headers++;
        return;
    }
    if (packet.transport_error) { /* not even its PID can be believed */
        demux->counts.transport_errors++;
        demux->oddities[packet.pid].transport_errors++;
        return;
    }
    demux->tracks[packet.pid].packets++;
    if (packet.discontinuity) {
        demux->counts.discontinuities++;
        demux->oddities[packet.pid].discontinuities++;
    }
    struct pid_state *state = demux->pids[packet.pid], *every = demux->pids[TS_PID_COUNT];
    unsigned generation = demux->sync.generation;
    if (every && packet.has_pcr)
        deliver_pcr(every, &packet);
    if (state && packet.has_pcr && demux->sync.generation == generation)
        deliver_pcr(state, &packet);
    if (demux->sync.generation != generation)
        return;
    if (packet.scrambled) {
        skip_scrambled(demux, packet.pid);
        return;
    }
    bool lost = false; /* a null packet's counter means nothing (2.4.3.3) */
    if (packet.has_payload && (packet.pid == TS_PID_NULL || follow(demux, &packet, &lost)))
        deliver(demux, &packet, bytes, lost);
}

/* A packet in order, without adaptation field, that someone wants. */
static void take_wanted(struct ts_demux *demux, const struct track *track, uint32_t header,
                        const uint8_t *bytes)
{
    const uint8_t *payload = bytes + HEADER_SIZE;
    struct pid_state *state = demux->pids[header >> 8 & PID_MASK];
    /* Most packets of a carousel are the middle of a section. */
    if (track->wanted == 1u << KIND_SECTIONS && !demux->every_wanted && !(header & UNIT_START) &&
        ts_section_filter_add(state->section_filter, payload, PAYLOAD_SIZE)) {
        remember(state, bytes);
        return;
    }
    const struct ts_packet packet = {.pid = (uint16_t)(header >> 8 & PID_MASK),
                                     .payload_unit_start = (header & UNIT_START) != 0,
                                     .has_payload = true,
                                     .continuity_counter = header & 15,
                                     .payload = payload,
                                     .payload_size = PAYLOAD_SIZE};
    deliver(demux, &packet, bytes, false);
}

/* The way of every packet: those in order that nobody wants cost one look at their track, and so do null
 * packets; what is out of the ordinary goes to take_any. */
static size_t take_packets(void *context, const uint8_t *bytes, size_t count, size_t stride)
{
    struct ts_demux *demux = context;
    unsigned generation = demux->sync.generation;
    size_t taken = 0;
    for (; taken < count; taken++, bytes += stride) {
        __builtin_prefetch((const void *)((uintptr_t)bytes + PREFETCH_PACKETS * stride));
        uint32_t header =
            (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
        struct track *track = &demux->tracks[header >> 8 & PID_MASK];
        if ((header & ~IGNORED) == track->expected) {
            demux->counts.packets++;
            track->packets++;
            track->expected = (header & ~(IGNORED | 15)) | ((header + 1) & 15);
            if (!(track->wanted | demux->every_wanted))
                continue;
            take_wanted(demux, track, header, bytes);
        } else if (bytes[0] != TS_SYNC_BYTE) {
            break;
        } else {
            demux->counts.packets++;
            if ((header & NULL_MASK) == NULL_PACKET && !(track->wanted | demux->every_wanted))
                track->packets++;
            else
                take_any(demux, bytes);
        }
        if (demux->sync.generation != generation)
            break;
    }
    settle(demux);
    return taken;
}

void ts_demux_push(struct ts_demux *demux, const uint8_t *data, size_t size)
{
    enter(demux);
    ts_sync_push(&demux->sync, data, size, take_packets, demux);
    leave(demux);
}

void ts_demux_reset(struct ts_demux *demux)
{
    ts_sync_reset(&demux->sync);
    settle(demux);
    forget_counters(demux);
    for (size_t i = 0; i < TS_PID_COUNT; i++) {
        struct pid_state *state = demux->pids[i];
        if (state)
            state->last = NULL;
        if (state && state->section_filter)
            ts_section_filter_reset(state->section_filter);
        if (state && state->pes_filter)
            ts_pes_filter_reset(state->pes_filter);
    }
}

void ts_demux_flush(struct ts_demux *demux)
{
    enter(demux);
    for (size_t i = 0; i < TS_PID_COUNT && !demux->destroyed; i++) {
        struct pid_state *state = demux->pids[i];
        if (state && state->pes_filter)
            ts_pes_filter_flush(state->pes_filter, deliver_pes, state);
    }
    leave(demux);
}

void ts_demux_counts(const struct ts_demux *demux, struct ts_demux_counts *counts)
{
    *counts = demux->counts;
    counts->bytes_skipped = demux->sync.bytes_skipped + demux->sync.hunted;
    counts->sync_losses = demux->sync.losses;
    counts->sync_byte_errors = demux->sync.byte_errors;
}

bool ts_demux_pid_counts(const struct ts_demux *demux, uint16_t pid, struct ts_pid_counts *counts)
{
    assert(pid < TS_PID_COUNT);
    const struct oddities *oddities = &demux->oddities[pid];
    const struct pid_state *state = demux->pids[pid];
    *counts = (struct ts_pid_counts){.packets = demux->tracks[pid].packets,
                                     .transport_errors = oddities->transport_errors,
                                     .scrambled = oddities->scrambled,
                                     .duplicates = oddities->duplicates,
                                     .continuity_errors = oddities->continuity_errors,
                                     .discontinuities = oddities->discontinuities};
    if (state && state->section_filter)
        counts->crc_errors = state->section_filter->crc_errors;
    return counts->packets > 0 || counts->transport_errors > 0;
}

size_t ts_demux_stride(const struct ts_demux *demux)
{
    return demux->sync.stride ? demux->sync.stride : TS_PACKET_SIZE;
}
