/* SPDX-License-Identifier: Apache-2.0 */
#include "reception_stream.h"
#include "dsmcc/builder.h"
#include "ts/pes.h"
#include "ts/section.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PICTURES (STREAM_FILES / 8) /* of the files: bytes that do not shrink; the others are text */
#define PICTURE_SIZE 120000
#define TEXT_SIZE 20000
#define FRAME_SIZE 20000
#define SOUND_SIZE 900
#define TABLES_INTERVAL 2000 /* packets */
#define PCR_INTERVAL 800

/* One elementary stream: the same PES packet over and over. */
struct elementary {
    uint16_t pid;
    uint8_t counter;
    struct buffer pes;
    size_t at;
};

struct maker {
    struct stream *stream;
    struct elementary elementary[2 * STREAM_PROGRAMS];
    struct dsmcc_builder *builder;
    struct ts_sectioner carousel;
    struct buffer tables[1 + STREAM_PROGRAMS];
    struct ts_sectioner table_sectioners[1 + STREAM_PROGRAMS];
    size_t table; /* being sent */
    struct dsmcc_source files[STREAM_FILES];
    char names[STREAM_FILES][40];
    uint64_t random;
};

static uint64_t next_random(struct maker *maker)
{
    maker->random ^= maker->random << 13;
    maker->random ^= maker->random >> 7;
    maker->random ^= maker->random << 17;
    return maker->random;
}

static void fill_file(struct maker *maker, size_t index)
{
    static const char *const words[] = {
        "\"name\":{\"zh\":\"", "\"price_fen\":", "青海湖酸奶",    "བོད་སྐད་",
        "\"summary\":",        "{\"id\":\"yak-", "valley fresh ", "0123456789"};
    uint8_t *data = (uint8_t *)(uintptr_t)maker->files[index].data;
    size_t size = maker->files[index].size;
    for (size_t at = 0; at < size;) {
        uint64_t random = next_random(maker);
        const void *part = index < PICTURES ? (const void *)&random : words[random % 8];
        size_t length = index < PICTURES ? sizeof(random) : strlen(words[random % 8]);
        length = length < size - at ? length : size - at;
        memcpy(data + at, part, length);
        at += length;
        if (index >= PICTURES && size - at >= 3)
            data[at++] = (uint8_t)('a' + random / 8 % 26);
    }
}

static bool make_files(struct maker *maker)
{
    for (size_t i = 0; i < STREAM_FILES; i++) {
        size_t size = i < PICTURES ? PICTURE_SIZE : TEXT_SIZE;
        snprintf(maker->names[i], sizeof(maker->names[i]), "shelf-%zu/file-%zu", i / 20, i);
        maker->files[i] =
            (struct dsmcc_source){.path = maker->names[i], .data = malloc(size), .size = size, .weight = 1};
        if (!maker->files[i].data)
            return false;
        fill_file(maker, i);
        maker->stream->carousel_bytes += size;
    }
    maker->builder = dsmcc_builder_create(NULL);
    ts_sectioner_init(&maker->carousel, STREAM_CAROUSEL_PID);
    return maker->builder && dsmcc_builder_set_tree(maker->builder, maker->files, STREAM_FILES, NULL);
}

static void make_elementary(struct elementary *elementary, uint16_t pid, uint8_t stream_id, size_t size)
{
    static uint8_t payload[FRAME_SIZE];
    elementary->pid = pid;
    buffer_init(&elementary->pes, 2 * FRAME_SIZE);
    ts_pes_append(&elementary->pes, stream_id, 90000, 90000, payload, size);
}

static void make_tables(struct maker *maker)
{
    uint8_t pat[4 * STREAM_PROGRAMS];
    for (size_t i = 0; i < STREAM_PROGRAMS; i++) {
        const uint8_t program[4] = {0, (uint8_t)(i + 1), 0xE0 | STREAM_PMT_PID(i) >> 8,
                                    (uint8_t)STREAM_PMT_PID(i)};
        const uint8_t pmt[] = {0xE0 | STREAM_VIDEO_PID(i) >> 8, (uint8_t)STREAM_VIDEO_PID(i), 0xF0, 0, 0x1B,
                               0xE0 | STREAM_VIDEO_PID(i) >> 8, (uint8_t)STREAM_VIDEO_PID(i), 0xF0, 0, 0x0F,
                               0xE0 | STREAM_AUDIO_PID(i) >> 8, (uint8_t)STREAM_AUDIO_PID(i), 0xF0, 0};
        const struct ts_section_header header = {
            .table_id = 2, .table_id_extension = (uint16_t)(i + 1), .current_next = true};
        memcpy(pat + 4 * i, program, 4);
        buffer_init(&maker->tables[1 + i], 4096);
        ts_section_append(&maker->tables[1 + i], &header, pmt, sizeof(pmt));
        ts_sectioner_init(&maker->table_sectioners[1 + i], STREAM_PMT_PID(i));
    }
    const struct ts_section_header header = {.table_id = 0, .table_id_extension = 1, .current_next = true};
    buffer_init(&maker->tables[0], 4096);
    ts_section_append(&maker->tables[0], &header, pat, sizeof(pat));
    ts_sectioner_init(&maker->table_sectioners[0], 0);
    maker->table = 1 + STREAM_PROGRAMS;
}

struct once {
    const struct buffer *section;
};

static const uint8_t *next_table(void *context, size_t *size)
{
    struct once *once = context;
    if (!once->section)
        return NULL;
    const uint8_t *section = once->section->data;
    *size = once->section->size;
    once->section = NULL;
    return section;
}

/* One packet of the table whose turn it is; false: this round of tables is out. */
static bool put_table(struct maker *maker, uint8_t *bytes)
{
    if (maker->table > STREAM_PROGRAMS)
        return false;
    struct once once = {&maker->tables[maker->table]};
    ts_sectioner_packet(&maker->table_sectioners[maker->table], bytes, next_table, &once);
    maker->table++;
    return true;
}

static void put_elementary(struct elementary *elementary, uint8_t *bytes, bool pcr, size_t index)
{
    const struct ts_packet_options options = {.pid = elementary->pid,
                                              .continuity_counter = elementary->counter++,
                                              .payload_unit_start = elementary->at == 0,
                                              .has_pcr = pcr,
                                              .pcr_27mhz = index * 1000};
    elementary->at += ts_packet_write(bytes, &options, elementary->pes.data + elementary->at,
                                      elementary->pes.size - elementary->at);
    if (elementary->at == elementary->pes.size)
        elementary->at = 0;
}

/* Pictures nine times as often as sound. */
static void put_programme(struct maker *maker, uint8_t *bytes, size_t index)
{
    uint64_t random = next_random(maker);
    size_t programme = random % STREAM_PROGRAMS;
    bool sound = random / STREAM_PROGRAMS % 10 == 0;
    bool pcr = !sound && random / 1000 % PCR_INTERVAL < STREAM_PROGRAMS;
    put_elementary(&maker->elementary[2 * programme + sound], bytes, pcr, index);
}

static bool change_files(struct maker *maker)
{
    size_t part = STREAM_FILES / 10, first = maker->stream->carousel_updates % 10 * part;
    for (size_t i = first; i < first + part; i++)
        fill_file(maker, i);
    maker->stream->carousel_updates++;
    return dsmcc_builder_set_tree(maker->builder, maker->files, STREAM_FILES, NULL);
}

static void make_packet(struct maker *maker, size_t index, unsigned carousel_share)
{
    uint8_t *bytes = maker->stream->data + index * TS_PACKET_SIZE;
    if (index % TABLES_INTERVAL == 0)
        maker->table = 0;
    if (put_table(maker, bytes))
        return;
    unsigned lot = (unsigned)(next_random(maker) % 1000);
    if (lot < carousel_share)
        ts_sectioner_packet(&maker->carousel, bytes, dsmcc_builder_next_section, maker->builder);
    else if (lot % 10 == 0)
        ts_packet_write_null(bytes);
    else
        put_programme(maker, bytes, index);
}

static void free_maker(struct maker *maker)
{
    for (size_t i = 0; i < STREAM_FILES; i++)
        free((void *)(uintptr_t)maker->files[i].data);
    for (size_t i = 0; i < 2 * STREAM_PROGRAMS; i++)
        buffer_finish(&maker->elementary[i].pes);
    for (size_t i = 0; i <= STREAM_PROGRAMS; i++)
        buffer_finish(&maker->tables[i]);
    dsmcc_builder_destroy(maker->builder);
    free(maker);
}

bool stream_make(struct stream *stream, size_t size, unsigned carousel_share, unsigned updates)
{
    *stream = (struct stream){.size = size / TS_PACKET_SIZE * TS_PACKET_SIZE};
    size_t packets = stream->size / TS_PACKET_SIZE;
    struct maker *maker = calloc(1, sizeof(*maker));
    if (!maker)
        return false;
    maker->stream = stream;
    maker->random = 88172645463325252u;
    stream->data = mmap(NULL, stream->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stream->data == MAP_FAILED)
        stream->data = NULL;
    for (size_t i = 0; i < STREAM_PROGRAMS; i++) {
        make_elementary(&maker->elementary[2 * i], STREAM_VIDEO_PID(i), 0xE0, FRAME_SIZE);
        make_elementary(&maker->elementary[2 * i + 1], STREAM_AUDIO_PID(i), 0xC0, SOUND_SIZE);
    }
    make_tables(maker);
    bool good = stream->data && make_files(maker);
    for (size_t i = 0; good && i < packets; i++) {
        if (updates > 0 && i > 0 && i % (packets / (updates + 1)) == 0 && stream->carousel_updates < updates)
            good = change_files(maker);
        make_packet(maker, i, carousel_share);
    }
    struct dsmcc_builder_info info = {0};
    if (good)
        dsmcc_builder_info(maker->builder, &info);
    if (info.module_bytes > 0)
        stream->carousel_rounds = stream->size / 1000 * carousel_share / info.module_bytes;
    free_maker(maker);
    return good;
}

void stream_free(struct stream *stream)
{
    if (stream->data)
        munmap(stream->data, stream->size);
    stream->data = NULL;
}
