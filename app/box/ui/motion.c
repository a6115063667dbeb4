/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/motion.h"
#include "base/clock.h"
#include "ui/inside.h"
#include <math.h>
#include <stdlib.h>

#define FRAME_US 16000    /* the first picture shows a motion that has gone on for so long */
#define SLOW_US 32000     /* a box that needs so long for a picture had better show the last one */
#define START_US 2000000  /* what the viewer finds there has come by then */
#define ANSWER_US 400000  /* an answer to a key comes within */
#define HURRY_LASTS 3     /* times the time between hurried keys */
#define VEIL_ARRIVING 210 /* what is new is seen a little at once */

double motion_ease(double share, int curve)
{
    double left = 1;
    if (share <= 0)
        return 0;
    if (share >= 1)
        return 1;
    for (int i = 0; i < curve; i++)
        left *= 1 - share;
    return 1 - left;
}

static int64_t machine_clock(void *context)
{
    (void)context;
    return clock_monotonic_us();
}

void motions_begin(struct scene *scene, motion_clock_fn *now, void *context)
{
    struct motions *motions = &scene->motions;
    motions->on = scene->theme->motion.on;
    motions->now = now ? now : machine_clock;
    motions->context = context;
    motions->born_us = motions->now(context);
}

int64_t motions_now(const struct scene *scene)
{
    return scene->motions.on ? scene->motions.now(scene->motions.context) : 0;
}

bool motion_wanted(struct scene *scene)
{
    const struct motions *motions = &scene->motions;
    if (!motions->on)
        return false;
    int64_t now = motions_now(scene);
    int64_t calm_us = INT64_C(1000) * scene->theme->motion.hurry_ms * HURRY_LASTS;
    return (motions->awake || now - motions->born_us >= START_US) &&
           !(motions->hurried && now - motions->key_us < calm_us);
}

bool motion_answers(struct scene *scene)
{
    const struct motions *motions = &scene->motions;
    return motions->on && motions->awake && motions_now(scene) - motions->key_us < ANSWER_US;
}

/* ---- what is seen ---- */

/* Whatever differs in place or opacity is found when it is drawn; the rest must be told. */
static void see(struct node *node, enum motion_of of, int value)
{
    if (node->seen[of] == value)
        return;
    node->seen[of] = value;
    node->scene->draw_dirty = true;
    if (of == MOTION_PICTURE || (of == MOTION_SLIP && node->box.scroll))
        node_touch(node);
}

static struct motion *find(struct node *node, enum motion_of of)
{
    struct motions *motions = &node->scene->motions;
    for (size_t i = 0; i < motions->count; i++)
        if (motions->all[i].node == node && motions->all[i].of == of)
            return &motions->all[i];
    return NULL;
}

static void drop(struct motions *motions, const struct motion *motion)
{
    motions->all[motion - motions->all] = motions->all[--motions->count];
}

/* A place for it, or the one it has; NULL: too many. */
static struct motion *place(struct node *node, enum motion_of of)
{
    struct motions *motions = &node->scene->motions;
    struct motion *motion = find(node, of);
    if (!motion && motions->count < MOTIONS_MAX)
        motion = &motions->all[motions->count++];
    return motion;
}

static void end(struct motion *motion)
{
    struct motion done = *motion;
    drop(&done.node->scene->motions, motion);
    if (done.then == THEN_HIDE)
        node_hide(done.node, true);
    see(done.node, done.of, done.then == THEN_HIDE ? 0 : done.to);
    if (done.then == THEN_DESTROY)
        node_destroy(done.node);
}

/* ---- beginning ---- */

void motion_start(struct node *node, enum motion_of of, int by, int duration_ms)
{
    struct motion *motion;
    if (!node || node->destroyed)
        return;
    int from = by + node->seen[of];
    if (duration_ms <= 0 || from == 0 || !motion_wanted(node->scene) || !(motion = place(node, of))) {
        if ((motion = find(node, of)) != NULL)
            drop(&node->scene->motions, motion);
        see(node, of, 0);
        return;
    }
    *motion =
        (struct motion){.node = node, .of = of, .from = from, .duration_us = INT64_C(1000) * duration_ms};
    see(node, of, from);
}

void motion_leave(struct node *node, enum motion_then then, int duration_ms)
{
    struct motion *motion = NULL;
    if (!node || node->destroyed || (then == THEN_HIDE && node->hidden))
        return;
    if (duration_ms > 0 && !rect_empty(node->extent) && motion_wanted(node->scene)) /* someone has seen it */
        motion = place(node, MOTION_VEIL);
    if (motion) {
        *motion = (struct motion){.node = node,
                                  .of = MOTION_VEIL,
                                  .then = then,
                                  .from = node->seen[MOTION_VEIL],
                                  .to = 255,
                                  .duration_us = INT64_C(1000) * duration_ms};
        node->scene->draw_dirty = true;
    } else if (then == THEN_HIDE) {
        if ((motion = find(node, MOTION_VEIL)) != NULL)
            drop(&node->scene->motions, motion);
        see(node, MOTION_VEIL, 0);
        node_hide(node, true);
    } else {
        node_destroy(node);
    }
}

struct node *node_arrive(struct node *node, enum arrival arrival)
{
    if (!node)
        return NULL;
    const struct theme_motion *motion = &node->scene->theme->motion;
    bool under_way = find(node, MOTION_VEIL) != NULL; /* from where it is by now */
    int rise = under_way                 ? 0
               : arrival == ARRIVE_RISE  ? motion->rise
               : arrival == ARRIVE_BELOW ? 3 * motion->rise
                                         : 0;
    motion_start(node, MOTION_VEIL, under_way ? 0 : VEIL_ARRIVING - node->seen[MOTION_VEIL],
                 motion->arrive_ms);
    motion_start(node, MOTION_Y, rise, motion->arrive_ms);
    return node;
}

void node_depart(struct node *node, bool destroy)
{
    if (node)
        motion_leave(node, destroy ? THEN_DESTROY : THEN_HIDE, node->scene->theme->motion.arrive_ms);
}

struct node *node_glide(struct node *node, int x, int y)
{
    if (!node)
        return NULL;
    int dx = node->offset_x - x, dy = node->offset_y - y;
    node_offset(node, x, y);
    if (!rect_empty(node->extent)) { /* else nobody has seen where it was */
        motion_start(node, MOTION_X, dx, node->scene->theme->motion.scroll_ms);
        motion_start(node, MOTION_Y, dy, node->scene->theme->motion.scroll_ms);
    }
    return node;
}

/* What a screen shows comes in; what all screens have, title and hints, stands still. */
void motion_screen(struct node *screen)
{
    const struct theme_motion *motion = &screen->scene->theme->motion;
    if (!motion_answers(screen->scene))
        return;
    motion_start(screen, MOTION_HAZE, VEIL_ARRIVING - screen->seen[MOTION_HAZE], motion->screen_ms);
    motion_start(screen, MOTION_SLIP, motion->rise - screen->seen[MOTION_SLIP], motion->screen_ms);
}

/* ---- going on ---- */

void motions_apply(struct scene *scene)
{
    struct motions *motions = &scene->motions;
    if (motions->count == 0)
        return;
    int64_t now = motions_now(scene);
    for (size_t i = motions->count; i-- > 0;) {
        if (i >= motions->count) /* ended with what was destroyed */
            continue;
        struct motion *motion = &motions->all[i];
        if (motion->start_us == 0) {
            motion->start_us = now - FRAME_US;
            motions->fresh = true;
        }
        double share = (double)(now - motion->start_us) / (double)motion->duration_us;
        if (share >= 1)
            end(motion);
        else
            see(motion->node, motion->of,
                motion->from + (int)lround((motion->to - motion->from) *
                                           motion_ease(share, scene->theme->motion.curve)));
    }
}

void motions_spent(struct scene *scene, int64_t us)
{
    if (us > SLOW_US && !scene->motions.fresh) /* with the first picture there is more to do than move */
        motions_finish(scene);
    scene->motions.fresh = false;
}

void motions_finish(struct scene *scene)
{
    while (scene->motions.count > 0)
        end(&scene->motions.all[scene->motions.count - 1]);
}

void motion_forget(struct node *node)
{
    struct motions *motions = &node->scene->motions;
    for (size_t i = motions->count; i-- > 0;)
        if (motions->all[i].node == node)
            drop(motions, &motions->all[i]);
}

void motions_key(struct scene *scene, struct key_event event)
{
    struct motions *motions = &scene->motions;
    motions->repeats = event.repeat && event.key == motions->held ? motions->repeats + 1 : 0;
    motions->held = event.key;
    if (!motions->on)
        return;
    int64_t now = motions_now(scene);
    motions->hurried =
        motions->awake && now - motions->key_us < INT64_C(1000) * scene->theme->motion.hurry_ms;
    motions->awake = true;
    motions->key_us = now;
    if (motions->hurried)
        motions_finish(scene);
}
