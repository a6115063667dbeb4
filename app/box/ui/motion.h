/* SPDX-License-Identifier: Apache-2.0 */
/* Motion: a node is laid out where it belongs at once, and only seen somewhere else for a moment; what is
 * seen eases to what is. So layout, focus and keys know nothing of it. Inside ui only; main thread. The array
 * of motions is the scene's; nothing is allocated. */
#ifndef KOKONOR_UI_MOTION_H
#define KOKONOR_UI_MOTION_H

#include "remote/key.h"
#include "ui/theme.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOTIONS_MAX 48

struct node;
struct scene;

/* What of a node eases. At rest all are 0. */
enum motion_of {
    MOTION_X, /* of it and all below it, in pixels */
    MOTION_Y,
    MOTION_SLIP,    /* down, of what is below it alone */
    MOTION_VEIL,    /* what is missing of its opacity, 255: all; of all below it too */
    MOTION_HAZE,    /* the same, of what is below it alone */
    MOTION_PICTURE, /* what is missing of a picture over its placeholder */
    MOTION_KINDS
};

enum motion_then { THEN_STAY, THEN_HIDE, THEN_DESTROY };

struct motion {
    struct node *node;
    enum motion_of of;
    enum motion_then then;
    int from, to;
    int64_t start_us; /* 0: with the next picture */
    int64_t duration_us;
};

typedef int64_t motion_clock_fn(void *context);

struct motions {
    struct motion all[MOTIONS_MAX];
    size_t count;
    bool on;              /* there is someone who draws frame after frame */
    bool awake;           /* a key has come: what is there at the start stands still */
    bool hurried;         /* keys follow each other so fast that nothing eases */
    bool fresh;           /* something began with this picture */
    int64_t born_us;      /* when on became true */
    int64_t key_us;       /* of the last key; 0: none yet */
    enum key held;        /* an arrow that repeats */
    unsigned repeats;     /* so many times by now */
    motion_clock_fn *now; /* monotonic, above 0 */
    void *context;
};

/* How far along, 0 to 1, at a share 0 to 1 of the time: fast at first; the larger the curve, the faster. */
double motion_ease(double share, int curve);

/* Begins to show motions by this clock; NULL: the machine's. Without this call nothing ever moves. */
void motions_begin(struct scene *scene, motion_clock_fn *now, void *context);
/* True while a node that changes now should ease. */
bool motion_wanted(struct scene *scene);
/* True just after a key: what changes now answers it. */
bool motion_answers(struct scene *scene);

/* Eases from by more than it is seen off by now, back to rest. Nothing happens where motion is not wanted or
 * the duration is 0. */
void motion_start(struct node *node, enum motion_of of, int by, int duration_ms);
/* The veil closes over the node; then it is hidden or destroyed, at once where motion is not wanted. */
void motion_leave(struct node *node, enum motion_then then, int duration_ms);
/* The node goes. */
void motion_forget(struct node *node);
/* Brings what is seen up to date before a picture is drawn. */
void motions_apply(struct scene *scene);
/* The picture took so long to draw; too long: all motions end. */
void motions_spent(struct scene *scene, int64_t us);
/* All end now. */
void motions_finish(struct scene *scene);
/* A key has come. */
void motions_key(struct scene *scene, struct key_event event);
int64_t motions_now(const struct scene *scene);

#endif
