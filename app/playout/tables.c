/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/tables.h"
#include "base/clock.h"
#include "playout/tables_build.h"
#include "si/tdt.h"
#include "ts/section.h"
#include <stdlib.h>
#include <string.h>

#define MS (INT64_C(27000))
/* The transport buffer of system information empties at 1 Mbit/s (ISO/IEC 13818-1, 2.4.2.4): a packet
 * takes 1.5 ms. */
#define SPACING (INT64_C(188) * 8 * 27)
/* From a section's end to the next one of the same sub-table at least 25 ms (EN 300 468, 5.1.4.1). */
#define SECTION_GAP (27 * MS)
#define SECTION_SIZE_MAX 4096

enum table {
    TABLE_PAT,
    TABLE_PMT,
    TABLE_AIT,
    TABLE_EIT,
    TABLE_SDT,
    TABLE_NIT,
    TABLE_SDT_OTHER,
    TABLE_BAT,
    TABLE_SCHEDULE,
    TABLE_TIME,
    TABLE_COUNT
};

/* How often the whole table comes: a good deal more often than the longest interval allowed (TR 101 211,
 * 4.4.1, for cable). */
static const struct {
    int64_t interval;
    tables_build_fn *build;
    const char *name;
} infos[TABLE_COUNT] = {
    [TABLE_PAT] = {80 * MS, tables_build_pat, "PAT"},
    [TABLE_PMT] = {80 * MS, tables_build_pmt, "PMT"},
    [TABLE_AIT] = {800 * MS, tables_build_ait, "AIT"},
    [TABLE_EIT] = {1500 * MS, tables_build_present, "EIT"},
    [TABLE_SDT] = {1500 * MS, tables_build_sdt, "SDT"},
    [TABLE_NIT] = {5000 * MS, tables_build_nit, "NIT"},
    [TABLE_SDT_OTHER] = {7000 * MS, tables_build_sdt_other, "SDT of other streams"},
    [TABLE_BAT] = {7000 * MS, tables_build_bat, "BAT"},
    [TABLE_SCHEDULE] = {8000 * MS, tables_build_schedule, "EIT schedule"},
    [TABLE_TIME] = {10000 * MS, tables_build_time, "TDT and TOT"},
};

const char *const tables_kind_names[TABLES_KINDS] = {
    [TABLES_PAT] = "PAT",
    [TABLES_AIT] = "AIT",
    [TABLES_PMT] = "PMT",
    [TABLES_SDT] = "SDT",
    [TABLES_SDT_OTHER] = "SDT-other",
    [TABLES_NIT] = "NIT",
    [TABLES_BAT] = "BAT",
    [TABLES_EIT] = "EIT",
};
static const enum table table_of[TABLES_KINDS] = {
    [TABLES_PAT] = TABLE_PAT, [TABLES_AIT] = TABLE_AIT, [TABLES_PMT] = TABLE_PMT,
    [TABLES_SDT] = TABLE_SDT, [TABLES_NIT] = TABLE_NIT, [TABLES_SDT_OTHER] = TABLE_SDT_OTHER,
    [TABLES_BAT] = TABLE_BAT, [TABLES_EIT] = TABLE_EIT};

struct slot {
    struct si_sections sections;
    size_t next;   /* section */
    int64_t due;   /* when it is to be sent */
    int64_t state; /* of what it was made from, where that follows the time */
    struct lane *lane;
};

/* A PID: one section at a time, interleaved with those of other PIDs. */
struct lane {
    struct ts_sectioner sectioner;
    struct buffer sending; /* a copy of the section under way, so that a table may be rebuilt under it */
    bool has_pending;      /* it waits to be taken by the sectioner */
    int table;             /* whose section is under way; TABLE_COUNT: none */
};

struct tables {
    struct channel_frame frame;
    struct tables_options options;
    struct guide *guide;
    uint8_t versions[TABLES_KINDS];
    uint8_t stream_versions[NEIGHBOURS_STREAMS_MAX], bouquet_versions[NEIGHBOURS_BOUQUETS_MAX];
    struct slot slots[TABLE_COUNT];
    struct lane lanes[TABLE_COUNT];
    size_t lane_count;
    int64_t next_allowed;
    int64_t utc_s;
};

static struct tables_source source_of(const struct tables *tables, const struct channel *channel)
{
    struct tables_source source = {.frame = &tables->frame,
                                   .options = &tables->options,
                                   .guide = tables->guide,
                                   .channel = channel,
                                   .stream_versions = tables->stream_versions,
                                   .bouquet_versions = tables->bouquet_versions,
                                   .utc_s = tables->utc_s};
    memcpy(source.versions, tables->versions, sizeof(source.versions));
    return source;
}

static int64_t state_of(const struct tables_source *source, int table)
{
    if (table == TABLE_EIT)
        return tables_present_state(source);
    if (table == TABLE_SCHEDULE)
        return tables_schedule_day(source);
    return table == TABLE_TIME ? source->utc_s : 0;
}

/* Builds the table anew; on failure its slot is empty. */
static bool build(struct tables *tables, const struct channel *channel, int table)
{
    struct slot *slot = &tables->slots[table];
    const struct tables_source source = source_of(tables, channel);
    si_sections_clear(&slot->sections);
    slot->state = state_of(&source, table);
    if (infos[table].build(&source, &slot->sections))
        return true;
    si_sections_clear(&slot->sections);
    return false;
}

/* What a table says, whatever its version. EIT changes with the time: there it is what it is made from. */
static bool digest(struct tables *tables, const struct channel *channel, enum tables_kind kind,
                   uint8_t sha256[TRUST_SHA256_SIZE])
{
    if (kind == TABLES_EIT) {
        /* The guide was cleared before it was filled, so texts are followed by zeros. */
        size_t unused = (GUIDE_EVENTS_MAX - channel->guide.count) * sizeof(channel->guide.events[0]);
        return trust_sha256((struct bytes){(const uint8_t *)&channel->guide, sizeof(channel->guide) - unused},
                            sha256);
    }
    tables->versions[kind] = 0;
    memset(tables->stream_versions, 0, sizeof(tables->stream_versions));
    memset(tables->bouquet_versions, 0, sizeof(tables->bouquet_versions));
    return build(tables, channel, (int)table_of[kind]) &&
           trust_sha256(buffer_view(&tables->slots[table_of[kind]].sections.bytes), sha256);
}

/* version becomes the next one where what it is of changed. */
static void take_digest(struct tables_version *version, const uint8_t sha256[TRUST_SHA256_SIZE])
{
    if (version->known && memcmp(sha256, version->sha256, TRUST_SHA256_SIZE) != 0)
        version->number = (version->number + 1) & 31;
    version->known = true;
    memcpy(version->sha256, sha256, TRUST_SHA256_SIZE);
}

/* Takes the sub-table's place out of memory, and puts it behind all others; a new one begins with number.
 * NULL where there is no room. */
static struct tables_subtable *move_behind(struct tables_memory *memory, enum tables_kind kind, uint32_t id,
                                           uint8_t number)
{
    struct tables_subtable found = {.kind = kind, .id = id, .version = {.number = number}};
    size_t place = 0;
    while (place < memory->subtable_count &&
           (memory->subtables[place].kind != kind || memory->subtables[place].id != id))
        place++;
    if (place < memory->subtable_count)
        found = memory->subtables[place];
    else if (memory->subtable_count < TABLES_SUBTABLES_MAX)
        memory->subtable_count++;
    else
        place = 0; /* the one that has been off air for longest */
    memmove(memory->subtables + place, memory->subtables + place + 1,
            (memory->subtable_count - 1 - place) * sizeof(found));
    memory->subtables[memory->subtable_count - 1] = found;
    return &memory->subtables[memory->subtable_count - 1];
}

/* number: what sub-tables that were never on air begin with. */
static bool choose_subversions(struct tables *tables, const struct channel *channel, enum tables_kind kind,
                               uint8_t number, struct tables_memory *memory)
{
    struct si_sections sections;
    uint8_t *versions = kind == TABLES_BAT ? tables->bouquet_versions : tables->stream_versions;
    const struct tables_source source = source_of(tables, channel);
    bool good = true;
    si_sections_init(&sections);
    for (size_t i = 0; good && i < tables_subtable_count(channel, kind); i++) {
        uint8_t sha256[TRUST_SHA256_SIZE];
        si_sections_clear(&sections);
        versions[i] = 0;
        good = tables_build_subtable(&source, kind, i, &sections) &&
               trust_sha256(buffer_view(&sections.bytes), sha256);
        struct tables_subtable *subtable =
            move_behind(memory, kind, tables_subtable_id(channel, kind, i), number);
        if (good)
            take_digest(&subtable->version, sha256);
        versions[i] = subtable->version.number;
    }
    si_sections_finish(&sections);
    return good;
}

/* In the order of the kinds: the PMT tells the AIT's version. */
static bool choose_versions(struct tables *tables, const struct channel *channel,
                            struct tables_memory *memory, struct error *error)
{
    for (int kind = 0; kind < TABLES_KINDS; kind++) {
        struct tables_version *version = &memory->versions[kind];
        uint8_t sha256[TRUST_SHA256_SIZE];
        if (!digest(tables, channel, kind, sha256))
            return error_set(error, "%s: a text is too long for its section, or out of memory",
                             tables_kind_names[kind]);
        take_digest(version, sha256);
        tables->versions[kind] = version->number;
    }
    return (choose_subversions(tables, channel, TABLES_SDT_OTHER, memory->versions[TABLES_SDT_OTHER].number,
                               memory) &&
            choose_subversions(tables, channel, TABLES_BAT, memory->versions[TABLES_BAT].number, memory)) ||
           error_set(error, "sub-tables: out of memory");
}

static bool build_all(struct tables *tables, const struct channel *channel, struct error *error)
{
    for (int table = 0; table < TABLE_COUNT; table++) {
        if (!build(tables, channel, table))
            return error_set(error, "%s: too long for its sections, or out of memory", infos[table].name);
    }
    return true;
}

static void assign_lane(struct tables *tables, int table, uint16_t pid)
{
    for (size_t i = 0; i < tables->lane_count; i++) {
        if (tables->lanes[i].sectioner.pid == pid) {
            tables->slots[table].lane = &tables->lanes[i];
            return;
        }
    }
    struct lane *lane = &tables->lanes[tables->lane_count++];
    ts_sectioner_init(&lane->sectioner, pid);
    buffer_init(&lane->sending, SECTION_SIZE_MAX);
    lane->table = TABLE_COUNT;
    tables->slots[table].lane = lane;
}

static void assign_lanes(struct tables *tables)
{
    const struct channel_frame *frame = &tables->frame;
    const uint16_t pids[TABLE_COUNT] = {
        [TABLE_PAT] = SI_PID_PAT,       [TABLE_PMT] = frame->pmt_pid, [TABLE_AIT] = frame->ait_pid,
        [TABLE_EIT] = SI_PID_EIT,       [TABLE_SDT] = SI_PID_SDT,     [TABLE_NIT] = SI_PID_NIT,
        [TABLE_SDT_OTHER] = SI_PID_SDT, [TABLE_BAT] = SI_PID_SDT,     [TABLE_SCHEDULE] = SI_PID_EIT,
        [TABLE_TIME] = SI_PID_TDT};
    for (int table = 0; table < TABLE_COUNT; table++)
        assign_lane(tables, table, pids[table]);
}

struct tables *tables_create(const struct channel *channel, const struct tables_options *options,
                             struct tables_memory *memory, struct error *error)
{
    struct tables *tables = calloc(1, sizeof(*tables));
    struct tables_memory trial = *memory;
    if (tables)
        tables->guide = malloc(sizeof(*tables->guide));
    if (!tables || !tables->guide) {
        free(tables);
        error_set(error, "tables: out of memory");
        return NULL;
    }
    *tables->guide = channel->guide;
    tables->frame = channel->frame;
    tables->options = *options;
    tables->utc_s = clock_utc_s();
    for (int table = 0; table < TABLE_COUNT; table++)
        si_sections_init(&tables->slots[table].sections);
    assign_lanes(tables);
    if (!choose_versions(tables, channel, &trial, error) || !build_all(tables, channel, error)) {
        tables_destroy(tables);
        return NULL;
    }
    *memory = trial;
    return tables;
}

void tables_destroy(struct tables *tables)
{
    if (!tables)
        return;
    for (int table = 0; table < TABLE_COUNT; table++)
        si_sections_finish(&tables->slots[table].sections);
    for (size_t i = 0; i < tables->lane_count; i++)
        buffer_finish(&tables->lanes[i].sending);
    free(tables->guide);
    free(tables);
}

int64_t tables_bit_rate(const struct tables *tables)
{
    int64_t bits = 0;
    for (int table = 0; table < TABLE_COUNT; table++) {
        const struct si_sections *sections = &tables->slots[table].sections;
        int64_t packets = 0;
        for (size_t i = 0; i < sections->count; i++)
            packets +=
                (int64_t)(si_sections_get(sections, i).size + TS_PACKET_SIZE - 4) / (TS_PACKET_SIZE - 5);
        bits += packets * TS_PACKET_SIZE * 8 * 1000 / (infos[table].interval / MS);
    }
    return bits;
}

void tables_replace(struct tables *tables, struct tables *fresh)
{
    for (int table = 0; table < TABLE_COUNT; table++) {
        struct slot *slot = &tables->slots[table], *from = &fresh->slots[table];
        struct si_sections old = slot->sections;
        slot->sections = from->sections;
        from->sections = old;
        slot->state = from->state;
        slot->next = 0;
    }
    struct guide *guide = tables->guide;
    tables->guide = fresh->guide;
    fresh->guide = guide;
    memcpy(tables->versions, fresh->versions, sizeof(tables->versions));
    memcpy(tables->stream_versions, fresh->stream_versions, sizeof(tables->stream_versions));
    memcpy(tables->bouquet_versions, fresh->bouquet_versions, sizeof(tables->bouquet_versions));
    tables_destroy(fresh);
}

static const uint8_t *take_pending(void *context, size_t *size)
{
    struct lane *lane = context;
    if (!lane->has_pending)
        return NULL;
    lane->has_pending = false;
    *size = lane->sending.size;
    return lane->sending.data;
}

/* Brings what depends on the time up to date before a section of the table is chosen. */
static void refresh(struct tables *tables, int table)
{
    struct slot *slot = &tables->slots[table];
    const struct tables_source source = source_of(tables, NULL);
    if (slot->next >= slot->sections.count)
        slot->next = 0;
    if ((table == TABLE_TIME || slot->next == 0) && state_of(&source, table) != slot->state)
        build(tables, NULL, table);
    if (slot->next >= slot->sections.count)
        slot->next = 0;
}

/* Puts the slot's next section under way; false where the table has none. */
static bool start_section(struct tables *tables, int table, int64_t now)
{
    struct slot *slot = &tables->slots[table];
    struct lane *lane = slot->lane;
    refresh(tables, table);
    size_t count = slot->sections.count;
    int64_t gap = count ? infos[table].interval / (int64_t)count : infos[table].interval;
    /* An interval counts from the planned time, so that it does not stretch, unless that is long past. */
    slot->due = (now - slot->due < gap ? slot->due : now) + gap;
    if (count == 0)
        return false;
    struct bytes section = si_sections_get(&slot->sections, slot->next++);
    buffer_clear(&lane->sending);
    buffer_append(&lane->sending, section.data, section.size);
    if (lane->sending.failed)
        return false;
    lane->has_pending = true;
    lane->table = table;
    return true;
}

/* The table that goes on or begins now: of those that may, the one that comes most often; TABLE_COUNT: none.
 */
static int choose(const struct tables *tables, int64_t now)
{
    int chosen = TABLE_COUNT;
    for (int table = 0; table < TABLE_COUNT; table++) {
        const struct slot *slot = &tables->slots[table];
        bool may = slot->lane->table == table || (slot->lane->table == TABLE_COUNT && slot->due <= now);
        if (may && (chosen == TABLE_COUNT || infos[table].interval < infos[chosen].interval))
            chosen = table;
    }
    return chosen;
}

bool tables_packet(struct tables *tables, int64_t now_27mhz, int64_t utc_s, uint8_t bytes[TS_PACKET_SIZE])
{
    if (now_27mhz < tables->next_allowed)
        return false;
    tables->utc_s = utc_s;
    int table = choose(tables, now_27mhz);
    if (table == TABLE_COUNT)
        return false;
    struct lane *lane = tables->slots[table].lane;
    if (lane->table == TABLE_COUNT && !start_section(tables, table, now_27mhz))
        return false;
    bool written = ts_sectioner_packet(&lane->sectioner, bytes, take_pending, lane);
    tables->next_allowed = now_27mhz + SPACING;
    if (!lane->has_pending && !lane->sectioner.section) {
        lane->table = TABLE_COUNT;
        struct slot *slot = &tables->slots[table];
        if (slot->due < now_27mhz + SECTION_GAP)
            slot->due = now_27mhz + SECTION_GAP;
    }
    return written;
}
