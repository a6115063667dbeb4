/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/demux.h"
#include "ts/pes_filter.h"
#include "ts/section_filter.h"
#include "ts/sync.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

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
    void *context;
};

/* What subscribers asked of one PID. Kept, once made, until the demultiplexer ends. */
struct pid_state {
    struct ts_demux *demux;
    uint16_t pid;
    struct ts_subscription *subscriptions[KIND_COUNT];
    struct ts_section_filter *section_filter; /* made with the first subscriber that needs it */
    struct ts_pes_filter *pes_filter;
};

/* Kept for every PID, subscribed or not, so that a subscriber never starts on half a duplicate. */
struct continuity {
    uint64_t fingerprint; /* of the last packet's payload */
    uint8_t counter;
    bool known;
    bool gap; /* packets were left out on purpose (scrambled) */
};

struct ts_demux {
    struct ts_sync sync;
    struct ts_demux_counts counts;
    struct pid_state *pids[TS_PID_COUNT + 1]; /* the last one is for subscribers of every PID */
    struct continuity continuity[TS_PID_COUNT];
    unsigned depth; /* of pushes and flushes under way */
    bool any_dead;
    bool destroyed;
};

struct ts_demux *ts_demux_create(void)
{
    struct ts_demux *demux = calloc(1, sizeof(*demux));
    if (demux)
        ts_sync_init(&demux->sync);
    return demux;
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
        ts_section_filter_init(state->section_filter, &counts->sections, &counts->bad_sections);
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
    assert(pid < TS_PID_COUNT || (pid == TS_PID_COUNT && kind == KIND_PACKETS));
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
            at->fn.pcr(at->context, state->pid, packet->pcr_27mhz, index, packet->discontinuity);
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

/* FNV-1a over the payload, eight bytes a step: a duplicate repeats every byte but the PCR (2.4.3.3). */
static uint64_t fingerprint(const struct ts_packet *packet)
{
    const uint64_t prime = UINT64_C(0x100000001B3);
    uint64_t hash = UINT64_C(0xCBF29CE484222325) ^ packet->payload_size, word;
    size_t at = 0;
    for (; at + sizeof(word) <= packet->payload_size; at += sizeof(word)) {
        memcpy(&word, packet->payload + at, sizeof(word));
        hash = (hash ^ word) * prime;
    }
    for (; at < packet->payload_size; at++)
        hash = (hash ^ packet->payload[at]) * prime;
    return hash;
}

/* Follows the continuity counter of a packet with payload. False: it is a duplicate. */
static bool follow(struct ts_demux *demux, const struct ts_packet *packet, bool *lost)
{
    struct continuity *continuity = &demux->continuity[packet->pid];
    uint64_t print = fingerprint(packet);
    *lost = continuity->gap;
    if (continuity->known) {
        if (continuity->counter == packet->continuity_counter && continuity->fingerprint == print) {
            demux->counts.duplicates++;
            return false;
        }
        if (((continuity->counter + 1) & 15) != packet->continuity_counter) {
            *lost = true;
            demux->counts.continuity_errors += !packet->discontinuity;
        }
    }
    continuity->known = true;
    continuity->gap = false;
    continuity->counter = packet->continuity_counter;
    continuity->fingerprint = print;
    return true;
}

static void skip_scrambled(struct ts_demux *demux, const struct ts_packet *packet)
{
    struct continuity *continuity = &demux->continuity[packet->pid];
    demux->counts.scrambled++;
    continuity->known = false;
    continuity->gap = true;
}

static void push_filters(struct pid_state *state, const struct ts_packet *packet, bool lost)
{
    if (state->subscriptions[KIND_SECTIONS])
        ts_section_filter_push(state->section_filter, packet, lost, deliver_section, state);
    if (state->subscriptions[KIND_PES] && !state->demux->destroyed)
        ts_pes_filter_push(state->pes_filter, packet, lost, deliver_pes, state);
}

static void take_packet(void *context, const uint8_t bytes[TS_PACKET_SIZE])
{
    struct ts_demux *demux = context;
    struct ts_packet packet;
    demux->counts.packets++;
    if (!ts_packet_read(bytes, &packet)) {
        demux->counts.bad_headers++;
        return;
    }
    if (packet.transport_error) { /* not even its PID can be believed */
        demux->counts.transport_errors++;
        return;
    }
    struct pid_state *state = demux->pids[packet.pid];
    unsigned generation = demux->sync.generation;
    if (state && packet.has_pcr)
        deliver_pcr(state, &packet);
    if (demux->sync.generation != generation)
        return;
    if (packet.scrambled) {
        skip_scrambled(demux, &packet);
        return;
    }
    bool lost = false; /* a null packet's counter means nothing (2.4.3.3) */
    if (!packet.has_payload || (packet.pid != TS_PID_NULL && !follow(demux, &packet, &lost)))
        return;
    struct pid_state *every = demux->pids[TS_PID_COUNT];
    if (every)
        deliver_packet(every, &packet, bytes, lost);
    if (state && demux->sync.generation == generation)
        deliver_packet(state, &packet, bytes, lost);
    if (state && demux->sync.generation == generation)
        push_filters(state, &packet, lost);
}

void ts_demux_push(struct ts_demux *demux, const uint8_t *data, size_t size)
{
    enter(demux);
    ts_sync_push(&demux->sync, data, size, take_packet, demux);
    leave(demux);
}

void ts_demux_reset(struct ts_demux *demux)
{
    ts_sync_reset(&demux->sync);
    memset(demux->continuity, 0, sizeof(demux->continuity));
    for (size_t i = 0; i < TS_PID_COUNT; i++) {
        struct pid_state *state = demux->pids[i];
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
    counts->bytes_skipped = demux->sync.bytes_skipped;
    counts->sync_losses = demux->sync.losses;
}
