/* SPDX-License-Identifier: Apache-2.0 */
#include "si/archive.h"
#include "ts/section.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SECTIONS_MAX 32 /* of one sub-table: 32 KiB, more than any network needs */
#define SUBTABLES_MAX 1024
#define STALE_PUSHES 4096

/* The sections of one version. */
struct version {
    bool known;
    uint8_t number;
    uint8_t last;
    uint32_t have; /* bit n: section n */
    uint8_t *data[SECTIONS_MAX];
    uint16_t size[SECTIONS_MAX];
};

struct subtable {
    uint8_t table_id;
    uint16_t extension, second;
    uint64_t last_push;
    struct version building, current; /* current.known: whole */
};

struct si_archive {
    size_t maximum, used;
    uint64_t pushes;
    size_t count;
    struct subtable *subtables[SUBTABLES_MAX]; /* ascending */
};

struct si_archive *si_archive_create(size_t maximum)
{
    struct si_archive *archive = calloc(1, sizeof(*archive));
    if (archive)
        archive->maximum = maximum;
    return archive;
}

static void free_version(struct si_archive *archive, struct version *version)
{
    for (size_t i = 0; i < SECTIONS_MAX; i++) {
        archive->used -= version->size[i];
        free(version->data[i]);
    }
    memset(version, 0, sizeof(*version));
}

static void destroy(struct si_archive *archive, struct subtable *subtable)
{
    free_version(archive, &subtable->building);
    free_version(archive, &subtable->current);
    archive->used -= sizeof(*subtable);
    free(subtable);
}

void si_archive_clear(struct si_archive *archive)
{
    for (size_t i = 0; i < archive->count; i++)
        destroy(archive, archive->subtables[i]);
    archive->count = 0;
    assert(archive->used == 0);
}

void si_archive_destroy(struct si_archive *archive)
{
    if (!archive)
        return;
    si_archive_clear(archive);
    free(archive);
}

static uint64_t key_of(const struct subtable *subtable)
{
    return (uint64_t)subtable->table_id << 32 | (uint64_t)subtable->extension << 16 | subtable->second;
}

static size_t position(const struct si_archive *archive, uint64_t key)
{
    size_t low = 0, high = archive->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (key_of(archive->subtables[middle]) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void remove_at(struct si_archive *archive, size_t index)
{
    destroy(archive, archive->subtables[index]);
    archive->count--;
    memmove(&archive->subtables[index], &archive->subtables[index + 1],
            (archive->count - index) * sizeof(archive->subtables[0]));
}

/* As in the guide: what went makes room for what comes. */
static bool make_room(struct si_archive *archive, size_t size, const struct subtable *keep)
{
    while (archive->used + size > archive->maximum || (!keep && archive->count == SUBTABLES_MAX)) {
        size_t stalest = archive->count;
        for (size_t i = 0; i < archive->count; i++)
            if (archive->subtables[i] != keep &&
                archive->pushes - archive->subtables[i]->last_push > STALE_PUSHES &&
                (stalest == archive->count ||
                 archive->subtables[i]->last_push < archive->subtables[stalest]->last_push))
                stalest = i;
        if (stalest == archive->count)
            return false;
        remove_at(archive, stalest);
    }
    return true;
}

static struct subtable *find_or_add(struct si_archive *archive, const struct subtable *wanted)
{
    uint64_t key = key_of(wanted);
    size_t at = position(archive, key);
    if (at < archive->count && key_of(archive->subtables[at]) == key)
        return archive->subtables[at];
    struct subtable *subtable =
        make_room(archive, sizeof(*subtable), NULL) ? malloc(sizeof(*subtable)) : NULL;
    if (!subtable)
        return NULL;
    *subtable = *wanted;
    archive->used += sizeof(*subtable);
    at = position(archive, key);
    memmove(&archive->subtables[at + 1], &archive->subtables[at],
            (archive->count - at) * sizeof(archive->subtables[0]));
    archive->subtables[at] = subtable;
    archive->count++;
    return subtable;
}

static bool has(const struct version *version, const struct ts_section_header *header, const uint8_t *section,
                size_t size)
{
    unsigned i = header->section_number;
    return version->known && version->number == header->version &&
           version->last == header->last_section_number && version->size[i] == size &&
           memcmp(version->data[i], section, size) == 0;
}

static bool is_whole(const struct version *version)
{
    return version->have == UINT32_MAX >> (SECTIONS_MAX - 1 - version->last);
}

static enum si_archive_result take(struct si_archive *archive, struct subtable *subtable,
                                   const struct ts_section_header *header, const uint8_t *section,
                                   size_t size)
{
    struct version *building = &subtable->building;
    if (has(building, header, section, size) ||
        (!building->known && has(&subtable->current, header, section, size)))
        return SI_ARCHIVE_NOTHING_NEW;
    unsigned number = header->section_number;
    /* A section that is not what it was under the same version begins anew as well. */
    if (!building->known || building->number != header->version ||
        building->last != header->last_section_number || (building->have >> number & 1)) {
        free_version(archive, building);
        building->known = true;
        building->number = header->version;
        building->last = header->last_section_number;
    }
    uint8_t *copy = make_room(archive, size, subtable) ? malloc(size) : NULL;
    if (!copy)
        return SI_ARCHIVE_FULL;
    memcpy(copy, section, size);
    building->data[number] = copy;
    building->size[number] = (uint16_t)size;
    building->have |= UINT32_C(1) << number;
    archive->used += size;
    if (!is_whole(building))
        return SI_ARCHIVE_NOTHING_NEW;
    free_version(archive, &subtable->current);
    subtable->current = *building;
    memset(building, 0, sizeof(*building));
    return SI_ARCHIVE_CHANGED;
}

enum si_archive_result si_archive_push(struct si_archive *archive, const uint8_t *section, size_t size,
                                       uint16_t second)
{
    struct ts_section_header header;
    if (!ts_section_read_header(section, size, &header) || !header.current_next ||
        header.section_number > header.last_section_number || header.last_section_number >= SECTIONS_MAX)
        return SI_ARCHIVE_BAD;
    archive->pushes++;
    const struct subtable wanted = {
        .table_id = header.table_id, .extension = header.table_id_extension, .second = second};
    struct subtable *subtable = find_or_add(archive, &wanted);
    if (!subtable)
        return SI_ARCHIVE_FULL;
    subtable->last_push = archive->pushes;
    return take(archive, subtable, &header, section, size);
}

/* The index-th whole sub-table of table_id; NULL: there is none. */
static const struct subtable *at(const struct si_archive *archive, uint8_t table_id, size_t index)
{
    for (size_t i = position(archive, (uint64_t)table_id << 32);
         i < archive->count && archive->subtables[i]->table_id == table_id; i++)
        if (archive->subtables[i]->current.known && index-- == 0)
            return archive->subtables[i];
    return NULL;
}

size_t si_archive_count(const struct si_archive *archive, uint8_t table_id)
{
    size_t count = 0;
    for (size_t i = position(archive, (uint64_t)table_id << 32);
         i < archive->count && archive->subtables[i]->table_id == table_id; i++)
        count += archive->subtables[i]->current.known;
    return count;
}

size_t si_archive_section_count(const struct si_archive *archive, uint8_t table_id, size_t index)
{
    const struct subtable *subtable = at(archive, table_id, index);
    return subtable ? (size_t)subtable->current.last + 1 : 0;
}

struct bytes si_archive_section(const struct si_archive *archive, uint8_t table_id, size_t index,
                                size_t section)
{
    const struct subtable *subtable = at(archive, table_id, index);
    assert(subtable && section <= subtable->current.last);
    return (struct bytes){subtable->current.data[section], subtable->current.size[section]};
}

bool si_archive_key(const struct si_archive *archive, uint8_t table_id, size_t index, uint16_t *extension,
                    uint16_t *second)
{
    const struct subtable *subtable = at(archive, table_id, index);
    if (extension)
        *extension = subtable ? subtable->extension : 0;
    if (second)
        *second = subtable ? subtable->second : 0;
    return subtable != NULL;
}

size_t si_archive_bytes(const struct si_archive *archive)
{
    return archive->used;
}
