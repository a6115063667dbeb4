/* SPDX-License-Identifier: Apache-2.0 */
/* The traps of libdvbpsi 1.3.3 and where each is fenced:
 * - descriptor decoders that read or write beyond the descriptor, or refuse usual ones (0x13, 0x14, 0x44,
 * 0x4A, 0x4E, 0x66): none is called; component.c, cable.c, descriptor.c, event.c (0x4E), sdt.c, nit.c, pmt.c
 * and tdt.c read descriptors through base/reader.h.
 * - table decoders that follow loop lengths and descriptor lengths beyond the section (PMT, NIT, TOT), or a
 * PAT that is no multiple of four bytes: is_well_formed() lets only sections through whose loops nest.
 * - pointer_field and adaptation_field_length not checked; errored, scrambled, duplicate and payload-less
 * packets taken for losses for ever on NIT and TDT: the packets it sees are made by push_packets() with a
 * counter that never jumps.
 * - EIT delivered only when it comes twice: not used for EIT (eit.c, guide.c), nor for CAT, BAT and what is
 * of other streams (archive.c).
 * - generators that drop, overrun or write a wrong segment_last_section_number: not used; writer.c and eit.c
 * build.
 * - the callback comes again after a loss, and a table that changed without a new version never:
 * is_repetition() and restart().
 * - lists walked to their end for every entry, which full tables of 256 sections make a minute's work:
 * ENTRIES_MAX.
 * - dvbpsi_delete asserts that no decoder is attached: detach() first, always. */
#include "si/feed.h"
#include "base/reader.h"
#include "si/psi.h"
#include "ts/section.h"
#include <stdlib.h>
#include <string.h>

#define TABLE_PAT 0x00
#define TABLE_PMT 0x02
#define TABLE_NIT_ACTUAL 0x40
#define TABLE_SDT_ACTUAL 0x42
#define TABLE_TDT 0x70
#define TABLE_TOT 0x73
#define SECTIONS_MAX 256
#define PMT_SECTIONS_MAX 32 /* the standard gives it one, and there are as many PMTs as services */
#define ENTRIES_MAX 8192    /* of one list: programs, streams, services, network descriptors */
#define PSI_SIZE_MAX 1024

struct seen {
    bool known;
    uint8_t version;
    uint16_t entries;
    uint32_t crc;
};

struct si_feed {
    enum si_feed_table table;
    uint16_t extension; /* of the sub-table that is followed */
    bool attached;
    si_feed_fn *fn;
    void *context;
    dvbpsi_t *handle;
    struct ts_sectioner sectioner;
    const uint8_t *section; /* for push_packets */
    size_t size;
    size_t seen_count;
    struct seen seen[]; /* by section_number */
};

static void on_pat(void *context, dvbpsi_pat_t *table)
{
    struct si_feed *feed = context;
    feed->fn(feed->context, table);
    dvbpsi_pat_delete(table);
}

static void on_pmt(void *context, dvbpsi_pmt_t *table)
{
    struct si_feed *feed = context;
    feed->fn(feed->context, table);
    dvbpsi_pmt_delete(table);
}

static void on_sdt(void *context, dvbpsi_sdt_t *table)
{
    struct si_feed *feed = context;
    feed->fn(feed->context, table);
    dvbpsi_sdt_delete(table);
}

static void on_nit(void *context, dvbpsi_nit_t *table)
{
    struct si_feed *feed = context;
    feed->fn(feed->context, table);
    dvbpsi_nit_delete(table);
}

static void on_time(void *context, dvbpsi_tot_t *table)
{
    struct si_feed *feed = context;
    feed->fn(feed->context, table);
    dvbpsi_tot_delete(table);
}

/* Sub-tables that we want are attached before their sections come. */
static void on_new_subtable(dvbpsi_t *handle, uint8_t table_id, uint16_t extension, void *context)
{
    (void)handle;
    (void)table_id;
    (void)extension;
    (void)context;
}

static void detach(struct si_feed *feed)
{
    if (!feed->handle->p_decoder)
        return;
    if (feed->table == SI_FEED_PAT)
        dvbpsi_pat_detach(feed->handle);
    else if (feed->table == SI_FEED_PMT)
        dvbpsi_pmt_detach(feed->handle);
    else
        dvbpsi_DetachDemux(feed->handle);
}

static bool attach(struct si_feed *feed)
{
    dvbpsi_t *handle = feed->handle;
    if (feed->table == SI_FEED_PAT)
        return dvbpsi_pat_attach(handle, on_pat, feed);
    if (feed->table == SI_FEED_PMT)
        return dvbpsi_pmt_attach(handle, feed->extension, on_pmt, feed);
    if (!dvbpsi_AttachDemux(handle, on_new_subtable, feed))
        return false;
    if (feed->table == SI_FEED_SDT)
        return dvbpsi_sdt_attach(handle, TABLE_SDT_ACTUAL, feed->extension, on_sdt, feed);
    if (feed->table == SI_FEED_NIT)
        return dvbpsi_nit_attach(handle, TABLE_NIT_ACTUAL, feed->extension, on_nit, feed);
    return dvbpsi_tot_attach(handle, TABLE_TDT, 0, on_time, feed) &&
           dvbpsi_tot_attach(handle, TABLE_TOT, 0, on_time, feed);
}

/* Makes the decoder forget what it has decoded, for sub-table extension. */
static bool restart(struct si_feed *feed, uint16_t extension)
{
    detach(feed);
    memset(feed->seen, 0, feed->seen_count * sizeof(feed->seen[0]));
    feed->extension = extension;
    feed->attached = attach(feed);
    return feed->attached;
}

struct si_feed *si_feed_create(enum si_feed_table table, uint16_t program_number, si_feed_fn *fn,
                               void *context)
{
    size_t sections = table == SI_FEED_PMT ? PMT_SECTIONS_MAX : table == SI_FEED_TIME ? 0 : SECTIONS_MAX;
    struct si_feed *feed = calloc(1, sizeof(*feed) + sections * sizeof(feed->seen[0]));
    if (!feed)
        return NULL;
    feed->seen_count = sections;
    feed->table = table;
    feed->extension = program_number;
    feed->fn = fn;
    feed->context = context;
    ts_sectioner_init(&feed->sectioner, 0);
    feed->handle = dvbpsi_new(NULL, DVBPSI_MSG_NONE);
    bool at_once = table == SI_FEED_PAT || table == SI_FEED_PMT || table == SI_FEED_TIME;
    if (!feed->handle || (at_once && !restart(feed, program_number))) {
        si_feed_destroy(feed);
        return NULL;
    }
    return feed;
}

void si_feed_destroy(struct si_feed *feed)
{
    if (!feed)
        return;
    if (feed->handle) {
        detach(feed);
        dvbpsi_delete(feed->handle);
    }
    free(feed);
}

/* Returns how many there are. */
static size_t skip_descriptors(struct reader *reader)
{
    struct reader loop = reader_sub(reader, reader_u16(reader) & 0x0FFF);
    size_t count = 0;
    for (; reader_left(&loop) > 0; count++) {
        reader_skip(&loop, 1);
        reader_skip(&loop, reader_u8(&loop));
    }
    reader->failed |= loop.failed;
    return count;
}

/* Entries of fixed bytes and a descriptor loop each, up to the end; less than one entry's head is stuffing.
 * Returns how many there are. */
static size_t skip_entries(struct reader *reader, size_t fixed)
{
    size_t count = 0;
    for (; reader_left(reader) >= fixed + 2; count++) {
        reader_skip(reader, fixed);
        skip_descriptors(reader);
    }
    return count;
}

/* *entries: how many the longest list of libdvbpsi grows by, at most. */
static bool is_well_formed(enum si_feed_table table, struct reader *body, size_t *entries)
{
    *entries = 0;
    switch (table) {
    case SI_FEED_PAT:
        *entries = reader_left(body) / 4;
        return reader_left(body) % 4 == 0;
    case SI_FEED_PMT:
        reader_skip(body, 2);
        *entries = skip_descriptors(body);
        *entries += skip_entries(body, 3);
        break;
    case SI_FEED_SDT:
        reader_skip(body, 3);
        *entries = skip_entries(body, 3);
        break;
    case SI_FEED_NIT: {
        *entries = skip_descriptors(body);
        struct reader streams = reader_sub(body, reader_u16(body) & 0x0FFF);
        *entries += skip_entries(&streams, 4);
        return !streams.failed && !body->failed;
    }
    case SI_FEED_TIME:
        reader_skip(body, 5);
        skip_descriptors(body);
        break;
    }
    return !body->failed;
}

static uint8_t wanted_table_id(enum si_feed_table table)
{
    static const uint8_t ids[] = {TABLE_PAT, TABLE_PMT, TABLE_SDT_ACTUAL, TABLE_NIT_ACTUAL, TABLE_TOT};
    return ids[table];
}

static const uint8_t *next_section(void *context, size_t *size)
{
    struct si_feed *feed = context;
    const uint8_t *section = feed->section;
    *size = feed->size;
    feed->section = NULL;
    return section;
}

static void push_packets(struct si_feed *feed, const uint8_t *section, size_t size)
{
    feed->section = section;
    feed->size = size;
    uint8_t packet[TS_PACKET_SIZE];
    while (ts_sectioner_packet(&feed->sectioner, packet, next_section, feed))
        dvbpsi_packet_push(feed->handle, packet);
}

static enum si_feed_result push_time(struct si_feed *feed, const uint8_t *section, size_t size)
{
    struct reader body;
    if (size < 3 || (section[0] != TABLE_TDT && section[0] != TABLE_TOT))
        return SI_FEED_IGNORED;
    if (section[1] & 0x80) /* both have section_syntax_indicator 0 */
        return SI_FEED_BAD;
    if (section[0] == TABLE_TOT) {
        reader_init(&body, section, size > TS_SECTION_CRC_SIZE ? size - TS_SECTION_CRC_SIZE : 0);
        reader_skip(&body, 3);
        size_t entries;
        if (!is_well_formed(SI_FEED_TIME, &body, &entries) || size > PSI_SIZE_MAX)
            return SI_FEED_BAD;
    } else if (size != 8) {
        return SI_FEED_BAD;
    }
    push_packets(feed, section, size);
    return SI_FEED_TAKEN;
}

/* True where this very section was decoded already. changed: the version is the same and the content is not.
 */
static bool is_repetition(struct si_feed *feed, const struct ts_section_header *header, uint32_t crc,
                          bool *changed)
{
    struct seen *seen = &feed->seen[header->section_number];
    bool same_version = seen->known && seen->version == header->version;
    *changed = same_version && seen->crc != crc;
    return same_version && seen->crc == crc;
}

static uint32_t crc_of(const uint8_t *section, size_t size)
{
    struct reader reader;
    reader_init(&reader, section, size);
    reader_skip(&reader, size - TS_SECTION_CRC_SIZE);
    return reader_u32(&reader);
}

/* Of the sections of this version that came so far, but for section_number. */
static size_t entries_so_far(const struct si_feed *feed, const struct ts_section_header *header)
{
    size_t entries = 0;
    for (size_t i = 0; i < feed->seen_count; i++)
        if (feed->seen[i].known && feed->seen[i].version == header->version && i != header->section_number)
            entries += feed->seen[i].entries;
    return entries;
}

enum si_feed_result si_feed_push(struct si_feed *feed, const uint8_t *section, size_t size)
{
    if (feed->table == SI_FEED_TIME)
        return push_time(feed, section, size);
    struct ts_section_header header;
    if (size == 0 || section[0] != wanted_table_id(feed->table))
        return SI_FEED_IGNORED;
    if (!ts_section_read_header(section, size, &header) || size > PSI_SIZE_MAX)
        return SI_FEED_BAD;
    if (!header.current_next || (feed->table == SI_FEED_PMT && header.table_id_extension != feed->extension))
        return SI_FEED_IGNORED;
    struct reader body;
    reader_init(&body, section, size - TS_SECTION_CRC_SIZE);
    reader_skip(&body, TS_SECTION_HEADER_SIZE);
    size_t entries;
    if (header.last_section_number >= feed->seen_count ||
        header.section_number > header.last_section_number || !is_well_formed(feed->table, &body, &entries))
        return SI_FEED_BAD;
    uint32_t crc = crc_of(section, size);
    bool changed;
    if (!feed->attached || header.table_id_extension != feed->extension) {
        if (!restart(feed, header.table_id_extension))
            return SI_FEED_BAD;
    } else if (is_repetition(feed, &header, crc, &changed)) {
        return SI_FEED_IGNORED;
    } else if (changed && !restart(feed, header.table_id_extension)) {
        return SI_FEED_BAD;
    }
    if (entries + entries_so_far(feed, &header) > ENTRIES_MAX)
        return SI_FEED_BAD;
    feed->seen[header.section_number] = (struct seen){true, header.version, (uint16_t)entries, crc};
    push_packets(feed, section, size);
    return SI_FEED_TAKEN;
}
