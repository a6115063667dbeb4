/* SPDX-License-Identifier: Apache-2.0 */
#include "si/guide.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NO_SECTION 0xFF
#define PRESENT_FOLLOWING 0 /* table of a sub-table; 1 .. 16 are the schedule's */
#define TABLES_PER_SERVICE 17
/* A sub-table comes at least every 30 seconds (TR 101 211, 4.4); this many sections of others without it mean
 * that it went. */
#define STALE_PUSHES 20000
#define SUBTABLES_MAX 16384

struct slot {
    uint8_t *data; /* NULL: not seen */
    uint16_t size;
    uint8_t version;
};

struct subtable {
    struct si_guide_service service;
    uint8_t table;
    bool other;
    uint8_t version;
    uint8_t last_table;                          /* as table */
    uint8_t segment_last[SI_SEGMENTS_PER_TABLE]; /* of the version */
    uint32_t segment_known;                      /* bit n: segment_last[n] is of this version */
    uint64_t last_push;
    size_t slot_count;
    struct slot *slots;
};

struct si_guide {
    size_t maximum, used;
    uint64_t pushes;
    size_t count, capacity;
    struct subtable **subtables; /* ascending by service and table */
};

struct si_guide *si_guide_create(size_t maximum)
{
    struct si_guide *guide = calloc(1, sizeof(*guide));
    if (guide)
        guide->maximum = maximum;
    return guide;
}

static void free_slot(struct si_guide *guide, struct slot *slot)
{
    guide->used -= slot->size;
    free(slot->data);
    *slot = (struct slot){NULL, 0, 0};
}

static void resize(struct si_guide *guide, struct subtable *subtable, size_t slots)
{
    for (size_t i = slots; i < subtable->slot_count; i++)
        free_slot(guide, &subtable->slots[i]);
    if (slots >= subtable->slot_count)
        return;
    guide->used -= (subtable->slot_count - slots) * sizeof(struct slot);
    subtable->slot_count = slots;
    struct slot *less = slots ? realloc(subtable->slots, slots * sizeof(struct slot)) : NULL;
    if (slots == 0)
        free(subtable->slots);
    if (slots == 0 || less)
        subtable->slots = less;
}

static void destroy(struct si_guide *guide, struct subtable *subtable)
{
    resize(guide, subtable, 0);
    guide->used -= sizeof(*subtable);
    free(subtable);
}

void si_guide_clear(struct si_guide *guide)
{
    for (size_t i = 0; i < guide->count; i++)
        destroy(guide, guide->subtables[i]);
    guide->count = 0;
    assert(guide->used == 0);
}

void si_guide_destroy(struct si_guide *guide)
{
    if (!guide)
        return;
    si_guide_clear(guide);
    free(guide->subtables);
    free(guide);
}

static uint64_t key_of(const struct si_guide_service *service, uint8_t table)
{
    return (uint64_t)service->original_network_id << 40 | (uint64_t)service->transport_stream_id << 24 |
           (uint64_t)service->service_id << 8 | table;
}

/* Where the sub-table is, or would be. */
static size_t position(const struct si_guide *guide, uint64_t key)
{
    size_t low = 0, high = guide->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct subtable *subtable = guide->subtables[middle];
        if (key_of(&subtable->service, subtable->table) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct subtable *find(const struct si_guide *guide, const struct si_guide_service *service,
                             uint8_t table)
{
    uint64_t key = key_of(service, table);
    size_t at = position(guide, key);
    if (at == guide->count || key_of(&guide->subtables[at]->service, guide->subtables[at]->table) != key)
        return NULL;
    return guide->subtables[at];
}

static void remove_at(struct si_guide *guide, size_t index)
{
    destroy(guide, guide->subtables[index]);
    guide->count--;
    memmove(&guide->subtables[index], &guide->subtables[index + 1],
            (guide->count - index) * sizeof(guide->subtables[0]));
}

/* True when size more bytes have room, after sub-tables that went were let go; keep is not. */
static bool make_room(struct si_guide *guide, size_t size, const struct subtable *keep)
{
    while (guide->used + size > guide->maximum) {
        size_t stalest = guide->count;
        for (size_t i = 0; i < guide->count; i++)
            if (guide->subtables[i] != keep &&
                guide->pushes - guide->subtables[i]->last_push > STALE_PUSHES &&
                (stalest == guide->count ||
                 guide->subtables[i]->last_push < guide->subtables[stalest]->last_push))
                stalest = i;
        if (stalest == guide->count)
            return false;
        remove_at(guide, stalest);
    }
    return true;
}

static bool grow_list(struct si_guide *guide)
{
    if (guide->count < guide->capacity)
        return true;
    size_t capacity = guide->capacity ? 2 * guide->capacity : 64;
    struct subtable **list = realloc(guide->subtables, capacity * sizeof(list[0]));
    if (!list)
        return false;
    guide->subtables = list;
    guide->capacity = capacity;
    return true;
}

static struct subtable *add(struct si_guide *guide, const struct si_guide_service *service, uint8_t table)
{
    if (guide->count == SUBTABLES_MAX || !make_room(guide, sizeof(struct subtable), NULL) ||
        !grow_list(guide))
        return NULL;
    struct subtable *subtable = calloc(1, sizeof(*subtable));
    if (!subtable)
        return NULL;
    subtable->service = *service;
    subtable->table = table;
    guide->used += sizeof(*subtable);
    size_t at = position(guide, key_of(service, table));
    memmove(&guide->subtables[at + 1], &guide->subtables[at],
            (guide->count - at) * sizeof(guide->subtables[0]));
    guide->subtables[at] = subtable;
    guide->count++;
    return subtable;
}

/* Makes slots 0 .. count - 1; false without room. */
static bool grow(struct si_guide *guide, struct subtable *subtable, size_t count)
{
    if (count <= subtable->slot_count)
        return true;
    size_t more = (count - subtable->slot_count) * sizeof(struct slot);
    if (!make_room(guide, more, subtable))
        return false;
    struct slot *slots = realloc(subtable->slots, count * sizeof(struct slot));
    if (!slots)
        return false;
    memset(slots + subtable->slot_count, 0, more);
    subtable->slots = slots;
    subtable->slot_count = count;
    guide->used += more;
    return true;
}

static bool is_current(const struct subtable *subtable, size_t number)
{
    return number < subtable->slot_count && subtable->slots[number].data &&
           subtable->slots[number].version == subtable->version;
}

/* True where segment is whole in the present version, or lies behind the sub-table's end. */
static bool segment_is_whole(const struct subtable *subtable, unsigned segment)
{
    size_t first = (size_t)segment * SI_SECTIONS_PER_SEGMENT;
    if (first >= subtable->slot_count)
        return subtable->slot_count > 0;
    if (!(subtable->segment_known >> segment & 1))
        return false;
    for (size_t i = first; i <= subtable->segment_last[segment]; i++)
        if (!is_current(subtable, i))
            return false;
    return true;
}

static bool is_whole(const struct subtable *subtable)
{
    if (subtable->table == PRESENT_FOLLOWING)
        return is_current(subtable, 0) && (subtable->slot_count < 2 || is_current(subtable, 1));
    for (unsigned i = 0; (size_t)i * SI_SECTIONS_PER_SEGMENT < subtable->slot_count; i++)
        if (!segment_is_whole(subtable, i))
            return false;
    return subtable->slot_count > 0;
}

static void drop_old(struct si_guide *guide, struct subtable *subtable)
{
    for (size_t i = 0; i < subtable->slot_count; i++)
        if (subtable->slots[i].data && subtable->slots[i].version != subtable->version)
            free_slot(guide, &subtable->slots[i]);
}

static bool store(struct si_guide *guide, struct subtable *subtable, const struct si_eit_header *header,
                  const uint8_t *section, size_t size)
{
    struct slot *slot = &subtable->slots[header->section_number];
    if (size > slot->size && !make_room(guide, size - slot->size, subtable))
        return false;
    uint8_t *data = malloc(size);
    if (!data)
        return false;
    memcpy(data, section, size);
    free_slot(guide, slot);
    slot->data = data;
    slot->size = (uint16_t)size;
    slot->version = header->version;
    guide->used += size;
    return true;
}

/* The table number, and whether it is of another stream. */
static uint8_t table_of(uint8_t table_id, bool *other)
{
    *other = table_id == SI_TABLE_EIT_PRESENT_FOLLOWING_OTHER || table_id >= SI_TABLE_EIT_SCHEDULE_OTHER;
    return table_id < SI_TABLE_EIT_SCHEDULE ? PRESENT_FOLLOWING : (uint8_t)((table_id & 15) + 1);
}

/* Head-ends that write last_section_number or nothing there exist: what lies outside the segment is taken for
 * the section itself. */
static uint8_t segment_last(const struct si_eit_header *header)
{
    unsigned segment = header->section_number / SI_SECTIONS_PER_SEGMENT;
    unsigned last = header->segment_last_section_number;
    return last / SI_SECTIONS_PER_SEGMENT == segment && last >= header->section_number
               ? (uint8_t)last
               : header->section_number;
}

static void begin_version(struct si_guide *guide, struct subtable *subtable,
                          const struct si_eit_header *header)
{
    subtable->version = header->version;
    subtable->segment_known = 0;
    resize(guide, subtable, (size_t)header->last_section_number + 1);
}

enum si_guide_result si_guide_push(struct si_guide *guide, const uint8_t *section, size_t size)
{
    struct si_eit_header header;
    if (!si_eit_read_header(section, size, &header))
        return SI_GUIDE_BAD;
    bool other;
    uint8_t table = table_of(header.table_id, &other);
    if (table == PRESENT_FOLLOWING && header.section_number > 1)
        return SI_GUIDE_BAD;
    if (table == PRESENT_FOLLOWING && header.last_section_number > 1)
        header.last_section_number = 1;
    guide->pushes++;
    const struct si_guide_service service = {header.original_network_id, header.transport_stream_id,
                                             header.service_id};
    struct subtable *subtable = find(guide, &service, table);
    bool is_new = !subtable;
    if (is_new)
        subtable = add(guide, &service, table);
    if (!subtable)
        return SI_GUIDE_FULL;
    if (other && !subtable->other && !is_new && guide->pushes - subtable->last_push <= STALE_PUSHES)
        return SI_GUIDE_NOTHING_NEW;
    subtable->last_push = guide->pushes;
    if (is_new || other != subtable->other || header.version != subtable->version)
        begin_version(guide, subtable, &header);
    subtable->other = other;
    uint8_t base = other ? SI_TABLE_EIT_SCHEDULE_OTHER : SI_TABLE_EIT_SCHEDULE;
    if (table != PRESENT_FOLLOWING && header.last_table_id >= header.table_id &&
        header.last_table_id <= base + 15)
        subtable->last_table = (uint8_t)(header.last_table_id - base + 1);
    if (!grow(guide, subtable, (size_t)header.last_section_number + 1))
        return SI_GUIDE_FULL;
    unsigned segment = header.section_number / SI_SECTIONS_PER_SEGMENT;
    subtable->segment_last[segment] = segment_last(&header);
    subtable->segment_known |= UINT32_C(1) << segment;
    const struct slot *slot = &subtable->slots[header.section_number];
    if (slot->data && slot->version == header.version && slot->size == size &&
        memcmp(slot->data, section, size) == 0)
        return SI_GUIDE_NOTHING_NEW;
    if (!store(guide, subtable, &header, section, size))
        return SI_GUIDE_FULL;
    if (is_whole(subtable))
        drop_old(guide, subtable);
    return SI_GUIDE_CHANGED;
}

static bool same_service(const struct subtable *a, const struct subtable *b)
{
    return key_of(&a->service, 0) == key_of(&b->service, 0);
}

size_t si_guide_service_count(const struct si_guide *guide)
{
    size_t count = 0;
    for (size_t i = 0; i < guide->count; i++)
        count += i == 0 || !same_service(guide->subtables[i - 1], guide->subtables[i]);
    return count;
}

void si_guide_service(const struct si_guide *guide, size_t index, struct si_guide_service *service)
{
    memset(service, 0, sizeof(*service));
    for (size_t i = 0, count = 0; i < guide->count; i++) {
        if (i > 0 && same_service(guide->subtables[i - 1], guide->subtables[i]))
            continue;
        if (count++ == index) {
            *service = guide->subtables[i]->service;
            return;
        }
    }
}

static struct reader events_of(const struct slot *slot)
{
    struct si_eit_header header;
    bool ok = si_eit_read_header(slot->data, slot->size, &header);
    assert(ok); /* it was read before it was kept */
    (void)ok;
    return header.events;
}

bool si_guide_present(const struct si_guide *guide, const struct si_guide_service *service, bool following,
                      struct si_event_view *view)
{
    const struct subtable *subtable = find(guide, service, PRESENT_FOLLOWING);
    size_t number = following ? 1 : 0;
    if (!subtable || number >= subtable->slot_count || !subtable->slots[number].data)
        return false;
    struct reader events = events_of(&subtable->slots[number]);
    return si_event_next(&events, view);
}

/* Sections of an old version go on standing where the new one has not come yet: events of the new come first,
 * so that they count. */
struct listing {
    int64_t from_utc_s, to_utc_s;
    struct si_event_view *views;
    size_t count, maximum;
};

static bool overlaps(const struct listing *listing, const struct si_event_view *view)
{
    int64_t end = view->start_utc_s + (view->duration_s > 0 ? view->duration_s : 1);
    return view->start_utc_s >= 0 && view->start_utc_s < listing->to_utc_s && end > listing->from_utc_s;
}

static void insert(struct listing *listing, const struct si_event_view *view)
{
    size_t at = listing->count;
    for (size_t i = 0; i < listing->count; i++)
        if (listing->views[i].event_id == view->event_id)
            return;
    if (listing->count == listing->maximum) {
        if (at == 0 || listing->views[at - 1].start_utc_s <= view->start_utc_s)
            return;
        listing->count = --at; /* the latest makes room */
    }
    while (at > 0 && listing->views[at - 1].start_utc_s > view->start_utc_s) {
        listing->views[at] = listing->views[at - 1];
        at--;
    }
    listing->views[at] = *view;
    listing->count++;
}

static void list_subtable(const struct subtable *subtable, bool current, struct listing *listing)
{
    for (size_t i = 0; i < subtable->slot_count; i++) {
        if (!subtable->slots[i].data || is_current(subtable, i) != current)
            continue;
        struct reader events = events_of(&subtable->slots[i]);
        for (struct si_event_view view; si_event_next(&events, &view);)
            if (overlaps(listing, &view))
                insert(listing, &view);
    }
}

size_t si_guide_schedule(const struct si_guide *guide, const struct si_guide_service *service,
                         int64_t from_utc_s, int64_t to_utc_s, struct si_event_view *views, size_t maximum)
{
    struct listing listing = {from_utc_s, to_utc_s, views, 0, maximum};
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint8_t table = 1; table < TABLES_PER_SERVICE; table++) {
            const struct subtable *subtable = find(guide, service, table);
            if (subtable)
                list_subtable(subtable, pass == 0, &listing);
        }
    }
    return listing.count;
}

/* How many schedule tables the stream names; 0: none was seen. */
static unsigned table_count(const struct si_guide *guide, const struct si_guide_service *service)
{
    unsigned count = 0;
    for (uint8_t table = 1; table < TABLES_PER_SERVICE; table++) {
        const struct subtable *subtable = find(guide, service, table);
        if (!subtable)
            continue;
        count = count > table ? count : table;
        count = count > subtable->last_table ? count : subtable->last_table;
    }
    return count;
}

void si_guide_coverage(const struct si_guide *guide, const struct si_guide_service *service,
                       struct si_guide_coverage *coverage)
{
    *coverage = (struct si_guide_coverage){.tables = table_count(guide, service)};
    coverage->complete = coverage->tables > 0;
    for (uint8_t table = 1; table <= coverage->tables; table++) {
        const struct subtable *subtable = find(guide, service, table);
        coverage->complete &= subtable && is_whole(subtable);
        for (unsigned i = 0; subtable && (size_t)i * SI_SECTIONS_PER_SEGMENT < subtable->slot_count; i++)
            coverage->segments += segment_is_whole(subtable, i);
    }
}

bool si_guide_day_complete(const struct si_guide *guide, const struct si_guide_service *service, unsigned day)
{
    unsigned tables = table_count(guide, service), table = day / 4 + 1;
    if (tables == 0 || day >= SI_SCHEDULE_DAYS_MAX)
        return false;
    if (table > tables)
        return true;
    const struct subtable *subtable = find(guide, service, (uint8_t)table);
    for (unsigned i = 0; i < 8; i++)
        if (!subtable || !segment_is_whole(subtable, day % 4 * 8 + i))
            return false;
    return true;
}

size_t si_guide_bytes(const struct si_guide *guide)
{
    return guide->used;
}
