/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/clip.h"
#include "base/buffer.h"
#include "playout/adts.h"
#include "si/watcher.h"
#include "ts/demux.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_SIZE (348 * TS_PACKET_SIZE)
#define TIME_MASK ((INT64_C(1) << 33) - 1)

/* What is under way while a file is read. Units get their data when their buffer is complete. */
struct loader {
    const char *path;
    struct error *error;
    FILE *file;
    struct si_watcher *watcher;
    uint16_t picture_pid, sound_pid; /* SI_PID_NONE: none */
    struct buffer pictures, frames;
    struct clip_unit *units;
    size_t count, capacity;
    bool failed;
    struct h264_buffer picture_buffer;
    bool has_first, has_sound_time;
    uint64_t first_dts, sound_pts; /* 33 bits, as in the file */
};

static void fail(struct loader *loader, const char *what)
{
    if (!loader->failed)
        error_set(loader->error, "%s: %s", loader->path, what);
    loader->failed = true;
}

/* Feeds the file from its start to demux, until done says so. */
static bool feed(struct loader *loader, struct ts_demux *demux, bool (*done)(struct loader *loader))
{
    static const size_t size = READ_SIZE;
    uint8_t *bytes = malloc(size);
    size_t got = 0;
    if (!bytes) {
        fail(loader, "out of memory");
        return false;
    }
    rewind(loader->file);
    while (!loader->failed && !(done && done(loader)) && (got = fread(bytes, 1, size, loader->file)) > 0)
        ts_demux_push(demux, bytes, got);
    if (ferror(loader->file))
        fail(loader, strerror(errno));
    free(bytes);
    ts_demux_flush(demux);
    return !loader->failed;
}

static void find_pids(struct loader *loader)
{
    for (size_t i = 0; i < si_watcher_service_count(loader->watcher); i++) {
        const struct si_service *service = si_watcher_service(loader->watcher, i);
        for (size_t j = 0; service->has_pmt && j < service->component_count; j++) {
            const struct si_component *component = &service->components[j];
            if (component->codec == SI_CODEC_H264 && loader->picture_pid == SI_PID_NONE)
                loader->picture_pid = component->pid;
            if (component->codec == SI_CODEC_AAC && loader->sound_pid == SI_PID_NONE)
                loader->sound_pid = component->pid;
        }
    }
}

static bool has_pids(struct loader *loader)
{
    if (loader->picture_pid == SI_PID_NONE)
        find_pids(loader);
    return loader->picture_pid != SI_PID_NONE;
}

static bool read_services(struct loader *loader)
{
    struct ts_demux *demux = ts_demux_create();
    loader->watcher = demux ? si_watcher_create(demux, NULL) : NULL;
    if (!loader->watcher)
        fail(loader, "out of memory");
    else if (feed(loader, demux, has_pids) && !has_pids(loader))
        fail(loader, "expected a transport stream with H.264, found none");
    si_watcher_destroy(loader->watcher);
    ts_demux_destroy(demux);
    return !loader->failed;
}

/* Units lie one behind the other in their buffer: their places follow from their sizes. */
static struct clip_unit *add_unit(struct loader *loader, size_t size)
{
    if (loader->count == loader->capacity) {
        size_t capacity = loader->capacity ? 2 * loader->capacity : 1024;
        struct clip_unit *units =
            capacity <= 2 * CLIP_UNITS_MAX ? realloc(loader->units, capacity * sizeof(*units)) : NULL;
        if (!units) {
            fail(loader, "too many access units, or out of memory");
            return NULL;
        }
        loader->units = units;
        loader->capacity = capacity;
    }
    struct clip_unit *unit = &loader->units[loader->count++];
    *unit = (struct clip_unit){.size = (uint32_t)size};
    return unit;
}

static void on_picture(void *context, const struct ts_pes *pes)
{
    struct loader *loader = context;
    if (loader->failed || (!loader->has_first && !pes->random_access))
        return;
    if (pes->lost || !pes->has_pts || pes->size == 0) {
        fail(loader, "the video stream is damaged, or a PES packet of it has no PTS");
        return;
    }
    if (!loader->has_first && !h264_read_buffer(pes->data, pes->size, &loader->picture_buffer)) {
        fail(loader, "expected parameter sets of a known level in the first random access point; encode with "
                     "repeated headers");
        return;
    }
    if (!loader->has_first)
        loader->first_dts = pes->dts_90khz;
    loader->has_first = true;
    struct clip_unit *unit = add_unit(loader, pes->size);
    if (!unit)
        return;
    unit->dts_90khz = (int64_t)(pes->dts_90khz - loader->first_dts) & TIME_MASK;
    unit->pts_after_dts_90khz = (uint32_t)((pes->pts_90khz - pes->dts_90khz) & TIME_MASK);
    unit->random_access = pes->random_access;
    if (loader->count > 1 && unit->dts_90khz <= unit[-1].dts_90khz)
        fail(loader, "the DTS of the video stream goes back");
    if (unit->pts_after_dts_90khz > 90000 * 10)
        fail(loader, "a picture's PTS lies before its DTS");
    buffer_append(&loader->pictures, pes->data, pes->size);
    if (loader->pictures.failed)
        fail(loader, "larger than 512 MiB, or out of memory");
}

static void on_sound(void *context, const struct ts_pes *pes)
{
    struct loader *loader = context;
    if (loader->failed)
        return;
    if (pes->lost) {
        fail(loader, "the audio stream is damaged");
        return;
    }
    if (!loader->has_sound_time && !pes->has_pts)
        return;
    if (!loader->has_sound_time)
        loader->sound_pts = pes->pts_90khz;
    loader->has_sound_time = true;
    buffer_append(&loader->frames, pes->data, pes->size);
    if (loader->frames.failed)
        fail(loader, "larger than 512 MiB, or out of memory");
}

/* Hands the buffer's memory and the units gathered over to the clip. */
static struct clip_unit *take_units(struct loader *loader, struct buffer *buffer, uint8_t **bytes,
                                    size_t *count)
{
    struct clip_unit *units = loader->units;
    size_t offset = 0;
    for (size_t i = 0; i < loader->count; i++) {
        units[i].data = buffer->data + offset;
        offset += units[i].size;
    }
    *bytes = buffer->data;
    *count = loader->count;
    buffer_init(buffer, 0);
    loader->units = NULL;
    loader->count = loader->capacity = 0;
    return units;
}

static void take_pictures(struct loader *loader, struct clip *clip)
{
    if (loader->count < 2) {
        fail(loader, "expected two pictures from a random access point on, found fewer");
        return;
    }
    clip->pictures = take_units(loader, &loader->pictures, &clip->picture_bytes, &clip->picture_count);
    int64_t last = clip->pictures[clip->picture_count - 1].dts_90khz,
            steps = (int64_t)clip->picture_count - 1;
    clip->picture_buffer = loader->picture_buffer;
    clip->duration_90khz = last + (last + steps / 2) / steps;
}

static void take_frames(struct loader *loader, struct clip *clip)
{
    const struct buffer *buffer = &loader->frames;
    struct adts_header header;
    for (size_t at = 0; at < buffer->size; at += header.frame_size) {
        if (!adts_read(buffer->data + at, buffer->size - at, &header)) {
            fail(loader, "expected AAC in ADTS frames, found something else in the audio stream");
            return;
        }
        if (header.frame_size > buffer->size - at)
            break; /* the file was cut inside this frame */
        if (at == 0) {
            clip->sample_rate = header.sample_rate;
            clip->samples_per_frame = header.samples;
        } else if (header.sample_rate != clip->sample_rate || header.samples != clip->samples_per_frame) {
            fail(loader, "the audio stream changes its sample rate");
            return;
        }
        if (!add_unit(loader, header.frame_size))
            return;
    }
    if (loader->count == 0)
        return;
    clip->frames = take_units(loader, &loader->frames, &clip->frame_bytes, &clip->frame_count);
    int64_t start = (int64_t)(loader->sound_pts - loader->first_dts) & TIME_MASK;
    clip->frames_start_90khz = start > TIME_MASK / 2 ? start - TIME_MASK - 1 : start;
}

static void load(struct loader *loader, struct clip *clip)
{
    if (!read_services(loader))
        return;
    struct ts_demux *demux = ts_demux_create();
    if (!demux || !ts_demux_pes(demux, loader->picture_pid, on_picture, loader) ||
        (loader->sound_pid != SI_PID_NONE && !ts_demux_pes(demux, loader->sound_pid, on_sound, loader)))
        fail(loader, "out of memory");
    else
        feed(loader, demux, NULL);
    ts_demux_destroy(demux);
    if (!loader->failed)
        take_pictures(loader, clip);
    if (!loader->failed)
        take_frames(loader, clip);
}

struct clip *clip_load(const char *path, struct error *error)
{
    struct loader loader = {
        .path = path, .error = error, .picture_pid = SI_PID_NONE, .sound_pid = SI_PID_NONE};
    struct clip *clip = calloc(1, sizeof(*clip));
    buffer_init(&loader.pictures, CLIP_SIZE_MAX);
    buffer_init(&loader.frames, CLIP_SIZE_MAX);
    loader.file = fopen(path, "rb");
    if (!loader.file)
        fail(&loader, strerror(errno));
    else if (!clip)
        fail(&loader, "out of memory");
    else
        load(&loader, clip);
    if (loader.file)
        fclose(loader.file);
    buffer_finish(&loader.pictures);
    buffer_finish(&loader.frames);
    free(loader.units);
    if (!loader.failed)
        return clip;
    clip_destroy(clip);
    return NULL;
}

void clip_destroy(struct clip *clip)
{
    if (!clip)
        return;
    free(clip->picture_bytes);
    free(clip->frame_bytes);
    free(clip->pictures);
    free(clip->frames);
    free(clip);
}
