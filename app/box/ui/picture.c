/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/picture.h"
#include "base/log.h"
#include "decoder/still.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 256
#define PICTURES_MAX 512
#define IN_FLIGHT_MAX 4

enum picture_state {
    PICTURE_WAITING,  /* for a worker */
    PICTURE_DECODING, /* on a worker */
    PICTURE_THERE,
    PICTURE_NONE, /* the provider has none, or it is damaged */
};

struct picture {
    char key[KEY_MAX];
    int width, height, radius;
    enum picture_fit fit;
    enum picture_state state;
    bool stale;    /* its bytes may have changed: looked at again when it is asked for, shown meanwhile */
    uint64_t hash; /* of the bytes that surface was made of */
    uint64_t used;
    uint32_t asked; /* numbers the asking: a result of an older one is thrown away */
    IDirectFBSurface *surface;
};

struct pictures {
    struct pictures_options options;
    struct picture *all[PICTURES_MAX];
    size_t count;
    size_t bytes;
    uint64_t clock;
    uint32_t asked;
    int in_flight;
    bool destroyed; /* waits for its workers */
};

struct job {
    uv_work_t work;
    struct pictures *pictures;
    struct buffer bytes;
    struct still still;
    struct error error;
    char key[KEY_MAX];
    int width, height;
    enum picture_fit fit;
    uint64_t hash;
    uint32_t asked;
};

struct pictures *pictures_create(const struct pictures_options *options)
{
    struct pictures *pictures = calloc(1, sizeof(*pictures));
    if (pictures)
        pictures->options = *options;
    return pictures;
}

static size_t size_of(const struct picture *picture)
{
    return picture->surface ? (size_t)picture->width * (size_t)picture->height * 4 : 0;
}

static void drop_surface(struct pictures *pictures, struct picture *picture)
{
    pictures->bytes -= size_of(picture);
    if (picture->surface)
        picture->surface->Release(picture->surface);
    picture->surface = NULL;
}

static void remove_at(struct pictures *pictures, size_t index)
{
    drop_surface(pictures, pictures->all[index]);
    free(pictures->all[index]);
    pictures->all[index] = pictures->all[--pictures->count];
}

void pictures_destroy(struct pictures *pictures)
{
    if (!pictures)
        return;
    while (pictures->count > 0)
        remove_at(pictures, 0);
    pictures->destroyed = true;
    if (pictures->in_flight == 0)
        free(pictures);
}

/* Makes room for one more of size bytes: the longest unused go first. */
static void make_room(struct pictures *pictures, size_t size)
{
    while (pictures->count > 0 &&
           (pictures->count >= PICTURES_MAX || pictures->bytes + size > pictures->options.maximum_bytes)) {
        size_t oldest = pictures->count;
        for (size_t i = 0; i < pictures->count; i++)
            if (pictures->all[i]->state >= PICTURE_THERE &&
                (oldest == pictures->count || pictures->all[i]->used < pictures->all[oldest]->used))
                oldest = i;
        if (oldest == pictures->count)
            return;
        remove_at(pictures, oldest);
    }
}

static struct picture *find(struct pictures *pictures, const struct picture_request *request)
{
    for (size_t i = 0; i < pictures->count; i++) {
        struct picture *picture = pictures->all[i];
        if (picture->width == request->width && picture->height == request->height &&
            picture->fit == request->fit && picture->radius == request->radius &&
            strcmp(picture->key, request->key) == 0)
            return picture;
    }
    return NULL;
}

/* How much of the pixel at x, y lies inside the rounded corners. */
static double corner(int x, int y, int width, int height, int radius)
{
    double dx = x < radius ? radius - x - 0.5 : x >= width - radius ? x + 0.5 - (width - radius) : 0;
    double dy = y < radius ? radius - y - 0.5 : y >= height - radius ? y + 0.5 - (height - radius) : 0;
    if (dx <= 0 || dy <= 0)
        return 1;
    double inside = radius - hypot(dx, dy) + 0.5;
    return inside < 0 ? 0 : inside > 1 ? 1 : inside;
}

/* The picture in the middle of its surface, corners rounded, the rest transparent. */
static IDirectFBSurface *make_surface(struct pictures *pictures, const struct picture *picture,
                                      const struct still *still)
{
    IDirectFB *directfb = pictures->options.directfb;
    IDirectFBSurface *surface = NULL;
    void *pixels;
    int pitch, left = (picture->width - still->width) / 2, top = (picture->height - still->height) / 2;
    DFBSurfaceDescription description = {
        .flags = DSDESC_CAPS | DSDESC_WIDTH | DSDESC_HEIGHT | DSDESC_PIXELFORMAT,
        .caps = DSCAPS_SYSTEMONLY,
        .width = picture->width,
        .height = picture->height,
        .pixelformat = DSPF_ARGB,
    };
    if (directfb->CreateSurface(directfb, &description, &surface) != DFB_OK)
        return NULL;
    surface->Clear(surface, 0, 0, 0, 0);
    if (surface->Lock(surface, DSLF_WRITE, &pixels, &pitch) != DFB_OK)
        return surface;
    for (int y = 0; y < still->height; y++) {
        uint32_t *out = (uint32_t *)(void *)((uint8_t *)pixels + (size_t)(top + y) * (size_t)pitch) + left;
        const uint32_t *in = still->pixels + (size_t)y * (size_t)still->stride;
        memcpy(out, in, (size_t)still->width * 4);
        for (int x = 0; picture->radius > 0 && x < still->width; x++) {
            double inside = corner(left + x, top + y, picture->width, picture->height, picture->radius);
            if (inside < 1)
                out[x] = (uint32_t)lround((out[x] >> 24) * inside) << 24 | (out[x] & 0xffffff);
        }
    }
    surface->Unlock(surface);
    return surface;
}

static void decode(struct job *job)
{
    still_decode_fit(job->bytes.data, job->bytes.size, job->width, job->height,
                     job->fit == PICTURE_COVER ? STILL_COVER : STILL_CONTAIN, &job->still, &job->error);
}

static void decode_on_worker(uv_work_t *work)
{
    decode(work->data);
}

/* The picture is not THERE before the end, so that making room cannot remove it. */
static void take_result(struct pictures *pictures, struct picture *picture, struct job *job)
{
    drop_surface(pictures, picture);
    if (job->still.pixels) {
        make_room(pictures, (size_t)picture->width * (size_t)picture->height * 4);
        picture->surface = make_surface(pictures, picture, &job->still);
        picture->hash = job->hash;
        pictures->bytes += size_of(picture);
    } else {
        log_warning("picture %s: %s", picture->key, job->error.text);
    }
    picture->state = picture->surface ? PICTURE_THERE : PICTURE_NONE;
}

static void free_job(struct job *job)
{
    buffer_finish(&job->bytes);
    still_finish(&job->still);
    free(job);
}

static void start_next(struct pictures *pictures);

static void decoded(uv_work_t *work, int status)
{
    struct job *job = work->data;
    struct pictures *pictures = job->pictures;
    struct picture *picture = NULL;
    pictures->in_flight--;
    if (pictures->destroyed) {
        free_job(job);
        if (pictures->in_flight == 0)
            free(pictures);
        return;
    }
    for (size_t i = 0; i < pictures->count; i++)
        if (pictures->all[i]->state == PICTURE_DECODING && pictures->all[i]->asked == job->asked)
            picture = pictures->all[i];
    if (picture && status == 0)
        take_result(pictures, picture, job);
    else if (picture)
        picture->state = PICTURE_NONE;
    if (picture)
        pictures->options.arrived(pictures->options.arrived_context, job->key);
    free_job(job);
    start_next(pictures);
}

static uint64_t hash_of(const uint8_t *data, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * 0x100000001b3u;
    return hash;
}

/* Asks the provider and hands the bytes on; false where there is none. */
static bool start(struct pictures *pictures, struct picture *picture)
{
    struct job *job = calloc(1, sizeof(*job));
    if (!job)
        return false;
    buffer_init(&job->bytes, STILL_BYTES_MAX);
    job->work.data = job;
    job->pictures = pictures;
    job->width = picture->width;
    job->height = picture->height;
    job->fit = picture->fit;
    memcpy(job->key, picture->key, sizeof(job->key));
    job->asked = picture->asked = ++pictures->asked;
    if (!pictures->options.provide(pictures->options.context, picture->key, &job->bytes) ||
        job->bytes.failed || job->bytes.size == 0) {
        free_job(job);
        drop_surface(pictures, picture);
        return false;
    }
    job->hash = hash_of(job->bytes.data, job->bytes.size);
    if (picture->surface && picture->hash == job->hash) { /* the same as before */
        picture->state = PICTURE_THERE;
        free_job(job);
        return true;
    }
    if (!pictures->options.loop) {
        decode(job);
        take_result(pictures, picture, job);
        free_job(job);
        return true;
    }
    picture->state = PICTURE_DECODING;
    pictures->in_flight++;
    if (uv_queue_work(pictures->options.loop, &job->work, decode_on_worker, decoded) == 0)
        return true;
    pictures->in_flight--;
    free_job(job);
    return false;
}

/* The one asked for last first: it is what the viewer looks at now. */
static void start_next(struct pictures *pictures)
{
    while (pictures->in_flight < IN_FLIGHT_MAX) {
        struct picture *next = NULL;
        for (size_t i = 0; i < pictures->count; i++)
            if (pictures->all[i]->state == PICTURE_WAITING && (!next || pictures->all[i]->used > next->used))
                next = pictures->all[i];
        if (!next)
            return;
        if (!start(pictures, next))
            next->state = PICTURE_NONE;
    }
}

IDirectFBSurface *pictures_get(struct pictures *pictures, const struct picture_request *request)
{
    if (!pictures->options.provide || !request->key || !*request->key || strlen(request->key) >= KEY_MAX ||
        request->width < 1 || request->height < 1 || request->width > STILL_OUTPUT_SIDE_MAX ||
        request->height > STILL_OUTPUT_SIDE_MAX)
        return NULL;
    struct picture *picture = find(pictures, request);
    if (!picture) {
        make_room(pictures, 0);
        if (pictures->count >= PICTURES_MAX || !(picture = calloc(1, sizeof(*picture))))
            return NULL;
        strcpy(picture->key, request->key);
        picture->width = request->width;
        picture->height = request->height;
        picture->fit = request->fit;
        picture->radius = request->radius;
        picture->used = ++pictures->clock;
        pictures->all[pictures->count++] = picture;
        start_next(pictures);
    }
    picture->used = ++pictures->clock;
    if (picture->stale && picture->state >= PICTURE_THERE) {
        picture->stale = false;
        picture->state = PICTURE_WAITING;
        start_next(pictures);
    }
    return picture->surface;
}

bool pictures_busy(const struct pictures *pictures)
{
    for (size_t i = 0; i < pictures->count; i++)
        if (pictures->all[i]->state < PICTURE_THERE)
            return true;
    return false;
}

void pictures_forget(struct pictures *pictures, const char *prefix)
{
    for (size_t i = 0; i < pictures->count; i++)
        if (strncmp(pictures->all[i]->key, prefix, strlen(prefix)) == 0)
            pictures->all[i]->stale = true;
}
