/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions follow the tables, and the model follows what comes through them. Every section callback ends
 * with notify(), behind which the watcher may be gone. */
#include "base/clock.h"
#include "base/log.h"
#include "si/eit.h"
#include "si/psi.h"
#include "si/tdt.h"
#include "si/watcher_state.h"
#include "ts/section.h"
#include <stdlib.h>
#include <string.h>

/* A TDT has no CRC_32: one that jumps further than this counts only when the next agrees with it. */
#define CLOCK_JUMP_S 3600
#define STREAM_SAID_US 1000000
#define ARCHIVE_BYTES ((size_t)256 * 1024)

static void notify(struct si_watcher *watcher)
{
    unsigned changed = watcher->pending;
    watcher->pending = 0;
    if (changed && watcher->changed)
        watcher->changed(watcher->context, changed);
}

static void count_bad(struct si_watcher *watcher, uint16_t pid, const char *what)
{
    watcher->counts.bad_sections++;
    if (!watcher->warned_bad)
        log_warning(
            "PID %u carries a %s section that is not well formed: passed over, as are others from now on",
            pid, what);
    watcher->warned_bad = true;
}

static void count_left_out(struct si_watcher *watcher, uint64_t left_out, const char *what)
{
    watcher->counts.over_limit += left_out;
    if (left_out > 0 && !watcher->warned_limit)
        log_warning("the stream names more %s than are kept: %llu left out", what,
                    (unsigned long long)left_out);
    watcher->warned_limit |= left_out > 0;
}

static void push(struct si_watcher *watcher, struct si_feed *feed, uint16_t pid, const uint8_t *section,
                 size_t size, const char *what)
{
    if (si_feed_push(feed, section, size) == SI_FEED_BAD)
        count_bad(watcher, pid, what);
}

static void keep(struct si_watcher *watcher, uint16_t pid, const uint8_t *section, size_t size,
                 uint16_t second, const char *what)
{
    switch (si_archive_push(watcher->archive, section, size, second)) {
    case SI_ARCHIVE_CHANGED:
        watcher->pending |= SI_CHANGED_OTHERS;
        break;
    case SI_ARCHIVE_BAD:
        count_bad(watcher, pid, what);
        break;
    case SI_ARCHIVE_FULL:
        count_left_out(watcher, 1, "tables of other streams");
        break;
    case SI_ARCHIVE_NOTHING_NEW:
        break;
    }
}

/* AITs */

static void on_ait_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct si_ait_slot *slot = context;
    struct si_watcher *watcher = slot->owner;
    bool was_complete = slot->complete;
    enum si_ait_result result = si_ait_slot_push(slot, section, size, watcher->text);
    if (result == SI_AIT_BAD)
        count_bad(watcher, pid, "AIT");
    if (result != SI_AIT_CHANGED)
        return;
    watcher->pending |= SI_CHANGED_APPLICATIONS;
    for (size_t i = 0; !was_complete && i < watcher->lineup.count; i++) {
        struct si_service *service = &watcher->lineup.services[i]->service;
        if (service->has_pmt && service->ait_pid == pid && !service->ait)
            service->ait = &slot->current;
    }
    notify(watcher);
}

static struct si_ait_slot *find_ait(struct si_watcher *watcher, uint16_t pid, int type)
{
    for (size_t i = 0; i < watcher->ait_count; i++)
        if (watcher->aits[i]->pid == pid && (type == SI_AIT_ANY_TYPE || watcher->aits[i]->type == type))
            return watcher->aits[i];
    return NULL;
}

static struct si_ait_slot *add_ait(struct si_watcher *watcher, uint16_t pid, int type)
{
    struct si_ait_slot *slot = watcher->ait_count < SI_AITS_MAX ? calloc(1, sizeof(*slot)) : NULL;
    if (!slot)
        return NULL;
    slot->owner = watcher;
    slot->pid = pid;
    slot->type = type;
    slot->subscription = ts_demux_sections(watcher->demux, pid, on_ait_section, slot);
    if (!slot->subscription) {
        free(slot);
        return NULL;
    }
    watcher->aits[watcher->ait_count++] = slot;
    return slot;
}

static void remove_ait(struct si_watcher *watcher, struct si_ait_slot *slot)
{
    ts_demux_unsubscribe(watcher->demux, slot->subscription);
    free(slot);
}

/* The application_type to follow on the service's AIT PID: HbbTV's where it is among several. */
static int ait_type(const struct si_service *service)
{
    for (size_t i = 0; i < service->component_count; i++) {
        const struct si_component *component = &service->components[i];
        if (component->pid != service->ait_pid || component->signal_count == 0)
            continue;
        for (size_t k = 0; k < component->signal_count; k++)
            if (component->signals[k].application_type == SI_APPLICATION_TYPE_HBBTV)
                return SI_APPLICATION_TYPE_HBBTV;
        return component->signals[0].application_type;
    }
    return SI_AIT_ANY_TYPE;
}

/* After the PMTs changed: subscribes to the AITs that they name and lets go of those that none names any
 * more. */
static void follow_aits(struct si_watcher *watcher)
{
    for (size_t i = 0; i < watcher->ait_count; i++)
        watcher->aits[i]->keep = false;
    for (size_t i = 0; i < watcher->lineup.count; i++) {
        struct si_service *service = &watcher->lineup.services[i]->service;
        const struct si_ait *before = service->ait;
        service->ait = NULL;
        if (service->has_pmt && service->ait_pid != SI_PID_NONE) {
            int type = ait_type(service);
            struct si_ait_slot *slot = find_ait(watcher, service->ait_pid, type);
            slot = slot ? slot : add_ait(watcher, service->ait_pid, type);
            count_left_out(watcher, slot ? 0 : 1, "AITs");
            if (slot)
                slot->keep = true;
            service->ait = slot && slot->complete ? &slot->current : NULL;
        }
        if (service->ait != before)
            watcher->pending |= SI_CHANGED_APPLICATIONS;
    }
    size_t kept = 0;
    for (size_t i = 0; i < watcher->ait_count; i++) {
        if (watcher->aits[i]->keep)
            watcher->aits[kept++] = watcher->aits[i];
        else
            remove_ait(watcher, watcher->aits[i]);
    }
    watcher->ait_count = kept;
}

/* PMT */

static void on_pmt(void *context, const void *table)
{
    struct si_tracked *tracked = context;
    struct si_watcher *watcher = tracked->watcher;
    struct si_pmt *pmt = &watcher->scratch.pmt;
    count_left_out(watcher, si_pmt_read(table, pmt), "components");
    if (si_tracked_apply_pmt(tracked, pmt))
        watcher->pending |= SI_CHANGED_SERVICES;
}

static void on_pmt_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct si_tracked *tracked = context;
    struct si_watcher *watcher = tracked->watcher;
    push(watcher, tracked->feed, pid, section, size, "PMT");
    if (watcher->pending)
        follow_aits(watcher);
    notify(watcher);
}

static void leave_pmt(struct si_watcher *watcher, struct si_tracked *tracked)
{
    ts_demux_unsubscribe(watcher->demux, tracked->subscription);
    tracked->subscription = NULL;
    si_feed_destroy(tracked->feed);
    tracked->feed = NULL;
    tracked->service.pmt_pid = SI_PID_NONE;
    si_tracked_clear_pmt(tracked);
}

static bool follow_pmt(struct si_watcher *watcher, struct si_tracked *tracked, uint16_t pid)
{
    tracked->watcher = watcher;
    if (tracked->feed && tracked->service.pmt_pid == pid)
        return true;
    leave_pmt(watcher, tracked);
    tracked->feed = si_feed_create(SI_FEED_PMT, tracked->service.service_id, on_pmt, tracked);
    tracked->subscription =
        tracked->feed ? ts_demux_sections(watcher->demux, pid, on_pmt_section, tracked) : NULL;
    if (!tracked->subscription) {
        leave_pmt(watcher, tracked);
        return false;
    }
    tracked->service.pmt_pid = pid;
    watcher->pending |= SI_CHANGED_SERVICES;
    return true;
}

/* SDT */

static void on_sdt(void *context, const void *table)
{
    struct si_watcher *watcher = context;
    struct si_sdt *sdt = &watcher->scratch.sdt;
    count_left_out(watcher, si_sdt_read(table, watcher->text, sdt), "services");
    if (watcher->has_pat && sdt->transport_stream_id != watcher->pat.transport_stream_id)
        log_debug("the SDT is of stream %u, the PAT of stream %u", sdt->transport_stream_id,
                  watcher->pat.transport_stream_id);
    uint64_t left_out = 0;
    if (si_lineup_apply_sdt(&watcher->lineup, sdt, &left_out) || !watcher->has_sdt ||
        watcher->original_network_id != sdt->original_network_id)
        watcher->pending |= SI_CHANGED_SERVICES;
    count_left_out(watcher, left_out, "services");
    watcher->has_sdt = true;
    watcher->original_network_id = sdt->original_network_id;
}

static void on_sdt_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct si_watcher *watcher = context;
    struct ts_section_header header;
    bool is_long = ts_section_read_header(section, size, &header) && header.current_next;
    if (is_long && header.table_id == SI_TABLE_SDT_OTHER && size >= 14)
        keep(watcher, pid, section, size, (uint16_t)(section[8] << 8 | section[9]), "SDT other");
    else if (is_long && header.table_id == SI_TABLE_BAT)
        keep(watcher, pid, section, size, 0, "BAT");
    else
        push(watcher, watcher->sdt_feed, pid, section, size, "SDT");
    notify(watcher);
}

/* CAT */

static void on_cat_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct si_watcher *watcher = context;
    if (size > 0 && section[0] == SI_TABLE_CAT)
        keep(watcher, pid, section, size, 0, "CAT");
    notify(watcher);
}

/* NIT */

static void on_nit(void *context, const void *table)
{
    struct si_watcher *watcher = context;
    struct si_nit *nit = &watcher->scratch.nit;
    count_left_out(watcher, si_nit_read(table, watcher->text, nit), "transport streams");
    if (watcher->has_nit && memcmp(nit, &watcher->nit, sizeof(*nit)) == 0)
        return;
    memcpy(&watcher->nit, nit, sizeof(*nit));
    watcher->has_nit = true;
    watcher->pending |= SI_CHANGED_NETWORK;
}

static void on_nit_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct si_watcher *watcher = context;
    if (size > 0 && section[0] == SI_TABLE_NIT_OTHER)
        keep(watcher, pid, section, size, 0, "NIT other");
    else
        push(watcher, watcher->nit_feed, pid, section, size, "NIT");
    notify(watcher);
}

static void follow_nit(struct si_watcher *watcher, uint16_t pid)
{
    if (watcher->nit_subscription && watcher->nit_pid == pid)
        return;
    ts_demux_unsubscribe(watcher->demux, watcher->nit_subscription);
    watcher->nit_pid = pid;
    watcher->nit_subscription = ts_demux_sections(watcher->demux, pid, on_nit_section, watcher);
}

/* PAT */

/* Once a second at most: a stream may flip with every PAT. */
static void say_stream(struct si_watcher *watcher, uint16_t before)
{
    int64_t now_us = clock_monotonic_us();
    watcher->stream_flips++;
    if (watcher->stream_flips > 1 && now_us - watcher->stream_said_us < STREAM_SAID_US)
        return;
    if (watcher->stream_flips - watcher->stream_flips_said > 1)
        log_info("the transport stream is now %u; it changed %llu times since that was said last",
                 watcher->pat.transport_stream_id,
                 (unsigned long long)(watcher->stream_flips - watcher->stream_flips_said));
    else
        log_info("the transport stream is now %u, before it was %u", watcher->pat.transport_stream_id,
                 before);
    watcher->stream_said_us = now_us;
    watcher->stream_flips_said = watcher->stream_flips;
}

static void on_pat(void *context, const void *table)
{
    struct si_watcher *watcher = context;
    uint16_t before = watcher->pat.transport_stream_id;
    bool had_pat = watcher->has_pat;
    count_left_out(watcher, si_pat_read(table, &watcher->pat), "programs");
    watcher->has_pat = true;
    watcher->pat_is_new = true;
    if (!had_pat || before != watcher->pat.transport_stream_id)
        watcher->pending |= SI_CHANGED_SERVICES;
    if (had_pat && before != watcher->pat.transport_stream_id)
        say_stream(watcher, before);
}

static void apply_pat(struct si_watcher *watcher)
{
    struct si_lineup *lineup = &watcher->lineup;
    watcher->pat_is_new = false;
    for (size_t i = 0; i < lineup->count; i++)
        lineup->services[i]->keep = false;
    for (size_t i = 0; i < watcher->pat.program_count; i++) {
        const struct si_pat_program *program = &watcher->pat.programs[i];
        struct si_tracked *tracked = si_lineup_add(lineup, program->program_number);
        bool followed = tracked && follow_pmt(watcher, tracked, program->pid);
        count_left_out(watcher, followed ? 0 : 1, "services");
        if (followed)
            tracked->keep = true;
    }
    for (size_t i = 0; i < lineup->count; i++) {
        struct si_tracked *tracked = lineup->services[i];
        if (tracked->keep || !tracked->feed)
            continue;
        leave_pmt(watcher, tracked);
        watcher->pending |= SI_CHANGED_SERVICES;
    }
    if (si_lineup_sweep(lineup))
        watcher->pending |= SI_CHANGED_SERVICES;
    follow_aits(watcher);
    if (watcher->pat.nit_pid != SI_PID_NONE)
        follow_nit(watcher, watcher->pat.nit_pid);
}

static void on_pat_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct si_watcher *watcher = context;
    push(watcher, watcher->pat_feed, pid, section, size, "PAT");
    if (watcher->pat_is_new)
        apply_pat(watcher);
    notify(watcher);
}

/* EIT */

/* Present and following of the services of this stream. */
static void take_events(struct si_watcher *watcher, uint16_t pid, const uint8_t *section, size_t size)
{
    struct si_eit_section *eit = &watcher->scratch.eit;
    if (!si_eit_read_in(section, size, watcher->text, watcher->language[0] ? watcher->language : NULL, eit)) {
        count_bad(watcher, pid, "EIT");
        return;
    }
    struct si_tracked *tracked = si_lineup_find(&watcher->lineup, eit->service_id);
    if (!tracked)
        return;
    struct si_event *event =
        eit->section_number == 0 ? &tracked->service.present : &tracked->service.following;
    if (memcmp(event, &eit->event, sizeof(*event)) == 0)
        return;
    memcpy(event, &eit->event, sizeof(*event));
    watcher->pending |= SI_CHANGED_EVENTS;
}

static void on_eit_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct si_watcher *watcher = context;
    if (size == 0 || section[0] < SI_TABLE_EIT_PRESENT_FOLLOWING || section[0] > 0x6F)
        return;
    if (section[0] == SI_TABLE_EIT_PRESENT_FOLLOWING)
        take_events(watcher, pid, section, size);
    if (watcher->guide) {
        enum si_guide_result result = si_guide_push(watcher->guide, section, size);
        if (result == SI_GUIDE_CHANGED)
            watcher->pending |= SI_CHANGED_GUIDE;
        else if (result == SI_GUIDE_BAD && section[0] != SI_TABLE_EIT_PRESENT_FOLLOWING)
            count_bad(watcher, pid, "EIT");
        count_left_out(watcher, result == SI_GUIDE_FULL ? 1 : 0, "events");
    }
    notify(watcher);
}

/* TDT, TOT */

static bool is_near(int64_t a, int64_t b)
{
    return a - b <= CLOCK_JUMP_S && b - a <= CLOCK_JUMP_S;
}

static bool is_credible(struct si_watcher *watcher, const dvbpsi_tot_t *table, int64_t utc_s, int64_t now_us)
{
    if (table->i_table_id == 0x73 || !watcher->has_clock)
        return true;
    int64_t expected = watcher->clock.utc_s + (now_us - watcher->clock.monotonic_us) / 1000000;
    if (is_near(utc_s, expected) || (watcher->doubted_utc_s >= 0 && is_near(utc_s, watcher->doubted_utc_s)))
        return true;
    watcher->doubted_utc_s = utc_s;
    return false;
}

static void on_time(void *context, const void *table)
{
    struct si_watcher *watcher = context;
    struct si_tot tot;
    int64_t now_us = clock_monotonic_us();
    if (!si_tot_read(table, watcher->country, &tot)) {
        count_bad(watcher, SI_PID_TDT, "TDT or TOT");
        return;
    }
    if (!is_credible(watcher, table, tot.utc_s, now_us))
        return;
    watcher->doubted_utc_s = -1;
    watcher->has_clock = true;
    watcher->clock.utc_s = tot.utc_s;
    watcher->clock.monotonic_us = now_us;
    const struct si_region *region = si_tot_region(&tot, watcher->country, watcher->region);
    if (region) {
        watcher->clock.has_offset = true;
        watcher->clock.offset_s = si_region_offset_s(region, tot.utc_s);
        watcher->clock.region = *region;
    }
    watcher->pending |= SI_CHANGED_CLOCK;
}

static void on_time_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct si_watcher *watcher = context;
    push(watcher, watcher->time_feed, pid, section, size, "TDT or TOT");
    notify(watcher);
}

/* Life */

static bool start(struct si_watcher *watcher)
{
    watcher->doubted_utc_s = -1;
    watcher->pat_feed = si_feed_create(SI_FEED_PAT, 0, on_pat, watcher);
    watcher->sdt_feed = si_feed_create(SI_FEED_SDT, 0, on_sdt, watcher);
    watcher->nit_feed = si_feed_create(SI_FEED_NIT, 0, on_nit, watcher);
    watcher->time_feed = si_feed_create(SI_FEED_TIME, 0, on_time, watcher);
    if (!watcher->pat_feed || !watcher->sdt_feed || !watcher->nit_feed || !watcher->time_feed)
        return false;
    struct ts_demux *demux = watcher->demux;
    watcher->pat_subscription = ts_demux_sections(demux, SI_PID_PAT, on_pat_section, watcher);
    watcher->sdt_subscription = ts_demux_sections(demux, SI_PID_SDT, on_sdt_section, watcher);
    watcher->eit_subscription = ts_demux_sections(demux, SI_PID_EIT, on_eit_section, watcher);
    watcher->time_subscription = ts_demux_sections(demux, SI_PID_TDT, on_time_section, watcher);
    watcher->cat_subscription = ts_demux_sections(demux, SI_PID_CAT, on_cat_section, watcher);
    follow_nit(watcher, SI_PID_NIT);
    return watcher->pat_subscription && watcher->sdt_subscription && watcher->eit_subscription &&
           watcher->time_subscription && watcher->cat_subscription && watcher->nit_subscription;
}

static void stop_subscription(struct si_watcher *watcher, struct ts_subscription **subscription)
{
    ts_demux_unsubscribe(watcher->demux, *subscription);
    *subscription = NULL;
}

static void stop_feed(struct si_feed **feed)
{
    si_feed_destroy(*feed);
    *feed = NULL;
}

/* Gives back all that start and the tables made; the model is empty behind it. */
static void stop(struct si_watcher *watcher)
{
    stop_subscription(watcher, &watcher->pat_subscription);
    stop_subscription(watcher, &watcher->sdt_subscription);
    stop_subscription(watcher, &watcher->nit_subscription);
    stop_subscription(watcher, &watcher->eit_subscription);
    stop_subscription(watcher, &watcher->time_subscription);
    stop_subscription(watcher, &watcher->cat_subscription);
    stop_feed(&watcher->pat_feed);
    stop_feed(&watcher->sdt_feed);
    stop_feed(&watcher->nit_feed);
    stop_feed(&watcher->time_feed);
    for (size_t i = 0; i < watcher->ait_count; i++)
        remove_ait(watcher, watcher->aits[i]);
    watcher->ait_count = 0;
    for (size_t i = 0; i < watcher->lineup.count; i++) {
        leave_pmt(watcher, watcher->lineup.services[i]);
        watcher->lineup.services[i]->service.has_sdt = false;
    }
    si_lineup_sweep(&watcher->lineup);
    watcher->has_pat = watcher->has_sdt = watcher->has_nit = watcher->has_clock = false;
    watcher->pat_is_new = false;
    watcher->pending = 0;
    memset(&watcher->clock, 0, sizeof(watcher->clock));
    if (watcher->guide)
        si_guide_clear(watcher->guide);
    if (watcher->archive)
        si_archive_clear(watcher->archive);
}

struct si_watcher *si_watcher_create(struct ts_demux *demux, const struct si_watcher_options *options)
{
    static const struct si_watcher_options defaults = {.charset = SI_CHARSET_GB18030};
    if (!options)
        options = &defaults;
    struct si_watcher *watcher = calloc(1, sizeof(*watcher));
    if (!watcher)
        return NULL;
    watcher->demux = demux;
    watcher->changed = options->changed;
    watcher->context = options->context;
    const char *country = options->country && strlen(options->country) == 3 ? options->country : "CHN";
    strcpy(watcher->country, country);
    if (options->language && strlen(options->language) == 3)
        strcpy(watcher->language, options->language);
    watcher->region = options->region;
    watcher->text = si_text_create(options->charset);
    watcher->archive = si_archive_create(options->archive_bytes ? options->archive_bytes : ARCHIVE_BYTES);
    watcher->guide = options->guide_bytes ? si_guide_create(options->guide_bytes) : NULL;
    if (!watcher->text || !watcher->archive || (options->guide_bytes && !watcher->guide) || !start(watcher)) {
        si_watcher_destroy(watcher);
        return NULL;
    }
    return watcher;
}

void si_watcher_destroy(struct si_watcher *watcher)
{
    if (!watcher)
        return;
    stop(watcher);
    si_guide_destroy(watcher->guide);
    si_archive_destroy(watcher->archive);
    si_text_destroy(watcher->text);
    free(watcher);
}

bool si_watcher_reset(struct si_watcher *watcher)
{
    stop(watcher);
    return start(watcher);
}
