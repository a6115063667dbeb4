/* SPDX-License-Identifier: Apache-2.0 */
/* Where the remote is: scopes, the nearest node in a direction, keys to nodes. */
#include "ui/inside.h"
#include <stdlib.h>
#include <string.h>

/* ---- making nodes listen ---- */

struct node *node_on_activate(struct node *node, node_activate_fn *activate, void *context)
{
    if (!node)
        return NULL;
    node->focusable = true;
    node->activate = activate;
    node->activate_context = context;
    node_touch(node);
    return node;
}

struct node *node_on_focus(struct node *node, node_focus_fn *focus, void *context)
{
    if (!node)
        return NULL;
    node->on_focus = focus;
    node->focus_context = context;
    return node;
}

struct node *node_on_key(struct node *node, node_key_fn *key, void *context)
{
    if (!node)
        return NULL;
    node->on_key = key;
    node->key_context = context;
    return node;
}

struct node *node_disable(struct node *node, bool disabled)
{
    if (node && node->disabled != disabled) {
        node->disabled = disabled;
        node_touch(node);
    }
    return node;
}

struct node *node_lift(struct node *node, bool lift)
{
    if (node)
        node->lift = lift;
    return node;
}

struct node *node_group(struct node *node)
{
    if (node)
        node->remember = true;
    return node;
}

/* ---- scopes ---- */

/* A scroller has the focus itself only where there is something to scroll and nothing in it to focus. */
static bool may_scroll_itself(const struct node *node)
{
    if (node_scroll_left(node, DIRECTION_UP) + node_scroll_left(node, DIRECTION_DOWN) == 0)
        return false;
    for (size_t i = 0; i < node->count; i++)
        if (node_first_focusable(node->children[i]))
            return false;
    return true;
}

static bool can_focus(const struct node *node)
{
    return node->focusable && !node->disabled && node_shown(node) &&
           (!node->box.scroll || node->reading || may_scroll_itself(node));
}

struct node *scene_scope(struct scene *scene)
{
    for (size_t i = scene->scope_count; i-- > 0;)
        if (node_shown(scene->scopes[i]))
            return scene->scopes[i];
    return NULL;
}

static void leave_scope(struct scene *scene, struct node *node)
{
    for (size_t i = 0; i < scene->scope_count; i++) {
        if (scene->scopes[i] == node) {
            memmove(&scene->scopes[i], &scene->scopes[i + 1],
                    (scene->scope_count - i - 1) * sizeof(struct node *));
            scene->scope_count--;
            return;
        }
    }
}

struct node *node_enter_scope(struct node *node)
{
    if (!node || node->destroyed)
        return NULL;
    struct scene *scene = node->scene;
    leave_scope(scene, node);
    if (scene->scope_count == SCOPES_MAX)
        leave_scope(scene, scene->scopes[0]);
    node->scope = true;
    scene->scopes[scene->scope_count++] = node;
    scene->draw_dirty = true;
    if (node->paint && node->opaque) /* a screen that was covered */
        motion_screen(node);
    return node;
}

/* Nothing may point to a node that goes. */
void scene_forget(struct scene *scene, struct node *node)
{
    leave_scope(scene, node);
    if (scene->focus == node)
        scene->focus = NULL;
    for (struct node *at = node->parent; at; at = at->parent)
        if (at->remembered == node)
            at->remembered = NULL;
    scene->draw_dirty = true;
}

/* Remembers node in every scope and group above it, with its place, should it go. */
static void remember(struct node *node)
{
    struct rect rect = node_rect(node);
    for (struct node *at = node->parent; at; at = at->parent) {
        if (at->scope || at->remember) {
            at->remembered = node;
            at->remembered_at = rect;
        }
        if (at->scope)
            return;
    }
}

struct node *node_first_focusable(struct node *node)
{
    if (!node || node->hidden || node->destroyed)
        return NULL;
    if (can_focus(node))
        return node;
    for (size_t i = 0; i < node->count; i++) {
        struct node *found = node_first_focusable(node->children[i]);
        if (found)
            return found;
    }
    return NULL;
}

/* ---- who has it ---- */

struct search {
    struct node *best;
    long least;
    struct rect from;
    struct node *current;
    enum direction direction;
    struct node *inside; /* only below this; NULL: anywhere in the scope */
};

static long middle_distance(struct rect a, struct rect b)
{
    long dx = (a.x + a.w / 2) - (b.x + b.w / 2), dy = (a.y + a.h / 2) - (b.y + b.h / 2);
    return dx * dx + dy * dy;
}

static void look_near(struct node *node, void *context)
{
    struct search *search = context;
    if (!can_focus(node))
        return;
    long distance = middle_distance(node_rect(node), search->from);
    if (!search->best || distance < search->least) {
        search->best = node;
        search->least = distance;
    }
}

struct node *scene_focus(struct scene *scene)
{
    struct node *scope = scene_scope(scene);
    if (!scope)
        return NULL;
    if (scope->remembered && can_focus(scope->remembered))
        return scope->remembered;
    if (rect_empty(scope->remembered_at))
        return node_first_focusable(scope);
    scene_layout(scene);                                   /* now, not while the tree is walked */
    struct search search = {.from = scope->remembered_at}; /* what had it is gone: what is where it was */
    node_each(scope, look_near, &search);
    return search.best;
}

/* The focus is shown at once, only the rising and sinking takes its time. */
static void lift_by(struct node *node, int pixels)
{
    if (node->lift && !rect_empty(node->drawn.rect))
        motion_start(node, MOTION_Y, pixels, node->scene->theme->motion.lift_ms);
}

void scene_settle_focus(struct scene *scene)
{
    for (int i = 0; i < 4; i++) { /* the nodes that are told may move it on, but not for ever */
        struct node *now = scene_focus(scene), *before = scene->focus;
        if (now == before)
            return;
        scene_enter(scene);
        scene->focus = now;
        if (before) {
            before->reading = false;
            node_touch(before);
            lift_by(before, -scene->theme->lift);
        }
        if (now) {
            node_touch(now);
            lift_by(now, scene->theme->lift);
            remember(now);
            scene_reveal(scene, now);
            scene->items_dirty = true;
        }
        if (before && before->on_focus)
            before->on_focus(before, false, before->focus_context);
        if (now && now->on_focus && scene->focus == now)
            now->on_focus(now, true, now->focus_context);
        scene_leave(scene);
    }
}

static void set_focus(struct node *node)
{
    remember(node);
    scene_settle_focus(node->scene);
}

struct node *node_focus(struct node *node)
{
    if (!node || node->destroyed)
        return node;
    struct scene *scene = node->scene;
    for (struct node *at = node->parent; at; at = at->parent) {
        if (at->scope || at->remember)
            at->remembered = node;
        if (at->scope)
            break;
    }
    scene->draw_dirty = true; /* told and shown when the tree is complete: before the next key or drawing */
    return node;
}

bool node_focused(const struct node *node)
{
    return node && !node->destroyed && scene_focus(node->scene) == node;
}

/* ---- moving ---- */

static int overlap(int a, int a_length, int b, int b_length)
{
    int low = a > b ? a : b, high = a + a_length < b + b_length ? a + a_length : b + b_length;
    return high - low;
}

/* Far along the direction costs once, far beside it more; beside it without any overlap costs most. */
static long cost(struct rect from, struct rect to, enum direction direction)
{
    bool vertical = direction == DIRECTION_UP || direction == DIRECTION_DOWN;
    bool back = direction == DIRECTION_UP || direction == DIRECTION_LEFT;
    int from_start = vertical ? from.y : from.x, from_length = vertical ? from.h : from.w;
    int to_start = vertical ? to.y : to.x, to_length = vertical ? to.h : to.w;
    int from_middle = from_start + from_length / 2, to_middle = to_start + to_length / 2;
    if (back ? to_middle >= from_middle : to_middle <= from_middle)
        return -1;
    int gap = back ? from_start - (to_start + to_length) : to_start - (from_start + from_length);
    int shared = vertical ? overlap(from.x, from.w, to.x, to.w) : overlap(from.y, from.h, to.y, to.h);
    if (gap < 0 && shared <= 0 && -gap > to_length / 2)
        return -1; /* beside, not that way */
    int aside =
        vertical ? abs(from.x + from.w / 2 - to.x - to.w / 2) : abs(from.y + from.h / 2 - to.y - to.h / 2);
    long along = gap > 0 ? gap : 0;
    if (shared > 0)
        return along * 4 + aside;
    return 4000 + along * 4 + aside * 4L;
}

static struct node *scroller_of(const struct node *node)
{
    struct node *at = node->parent;
    while (at && !at->box.scroll)
        at = at->parent;
    return at;
}

/* Something scrolled away in another scroller is not where it seems to be: its scroller's edge is. */
static struct rect apparent(struct node *node, const struct node *current)
{
    struct rect rect = node_rect(node);
    struct node *scroller = scroller_of(node);
    if (!scroller || node_below(current, scroller))
        return rect;
    struct rect cut = rect_intersect(rect, node_rect(scroller));
    return rect_empty(cut) ? (struct rect){0} : cut;
}

static void look_that_way(struct node *node, void *context)
{
    struct search *search = context;
    if (node == search->current || !can_focus(node))
        return;
    struct rect to = apparent(node, search->current);
    if (rect_empty(to))
        return;
    long price = cost(search->from, to, search->direction);
    bool sideways = search->direction == DIRECTION_LEFT || search->direction == DIRECTION_RIGHT;
    if (price < 0 || (search->inside && sideways && price >= 4000))
        return;
    if (!search->best || price < search->least) {
        search->best = node;
        search->least = price;
    }
}

/* A group that is entered from outside gives the focus to what had it there. */
static struct node *enter_group(struct node *node, const struct node *current)
{
    for (struct node *at = node->parent; at; at = at->parent)
        if (at->remember && !node_below(current, at) && at->remembered && can_focus(at->remembered))
            return at->remembered;
    return node;
}

/* A focus that is scrolled out of view is none: the text that is read has it then. */
static void read_on(struct node *scroller, struct node *current)
{
    if (!node_below(current, scroller) || rect_contains(node_rect(scroller), node_rect(current)))
        return;
    scroller->reading = true;
    set_focus(scroller);
}

/* Text between or behind the things to focus is read page by page, not jumped over. */
static bool scroll_instead(struct node *scroller, struct node *current, struct node *next,
                           enum direction direction)
{
    int left = node_scroll_left(scroller, direction), page = scroller->rect.h * 7 / 10;
    if (next && left > 0) {
        struct rect view = node_rect(scroller), there = node_rect(next);
        int beyond = direction == DIRECTION_UP ? view.y - there.y : there.y + there.h - view.y - view.h;
        if (beyond < scroller->rect.h)
            return false;
    } else if (left < 60) {
        return false;
    }
    if (!node_scroll_by(scroller, direction == DIRECTION_UP ? -page : page))
        return false;
    read_on(scroller, current);
    return true;
}

/* leave: also to what is outside the scroller that the focus is in. */
static bool move_focus(struct scene *scene, enum direction direction, bool leave)
{
    scene_settle_focus(scene);
    scene_layout(scene); /* now, not while the tree is walked */
    struct node *current = scene->focus, *scope = scene_scope(scene);
    if (!current || !scope)
        return false;
    struct search search = {.from = node_rect(current), .current = current, .direction = direction};
    for (struct node *at = scroller_of(current); at && node_below(at, scope) && !search.best;
         at = scroller_of(at)) {
        search.inside = at;
        node_each(at, look_that_way, &search);
        if (scroll_instead(at, current, search.best, direction))
            return true;
    }
    if (!search.best && leave) {
        search.inside = NULL;
        node_each(scope, look_that_way, &search);
    }
    if (!search.best)
        return false;
    set_focus(enter_group(search.best, current));
    return true;
}

bool scene_focus_move(struct scene *scene, enum direction direction)
{
    return move_focus(scene, direction, true);
}

/* ---- held arrows ---- */

/* Rows at each repeat: the longer an arrow is held and the longer the list is, the more. */
static int stride(const struct scene *scene, const struct node *scroller)
{
    static const struct {
        unsigned repeats;
        int rows;
    } gears[] = {{44, 8}, {26, 5}, {14, 3}, {6, 2}, {0, 1}};
    size_t gear = 0;
    while (scene->motions.repeats < gears[gear].repeats)
        gear++;
    int row = scene->focus->rect.h > 0 ? scene->focus->rect.h : 1;
    int most = scroller->content_height / row / 12;
    return gears[gear].rows < most ? gears[gear].rows : most > 1 ? most : 1;
}

/* Up and down, held, go on in the scroller where the focus is, faster and faster, and stop at its end. */
static bool move_on(struct scene *scene, enum key key)
{
    struct node *scroller = scene->focus ? scroller_of(scene->focus) : NULL;
    if ((key != KEY_UP && key != KEY_DOWN) || !scroller || !node_below(scroller, scene_scope(scene)))
        return false;
    scene_layout(scene);
    int rows = stride(scene, scroller);
    struct node *next = rows > 1 ? items_ahead(scene->focus, key == KEY_UP ? -rows : rows) : NULL;
    if (next) {
        node_focus(next); /* kept, before any layout can take what is so far away */
        scene_settle_focus(scene);
        return true;
    }
    while (rows-- > 0 && move_focus(scene, key == KEY_UP ? DIRECTION_UP : DIRECTION_DOWN, false))
        ;
    return true;
}

/* ---- keys ---- */

/* The focused node, then those around it up to the scope. */
static bool offer_key(struct scene *scene, struct key_event event)
{
    struct node *scope = scene_scope(scene);
    struct node *at = scene->focus ? scene->focus : scope;
    bool used = false;
    while (at && !used) {
        struct node *parent = at == scope ? NULL : at->parent;
        if (at->on_key)
            used = at->on_key(at, event, at->key_context);
        at = at->destroyed ? NULL : parent;
    }
    return used;
}

static bool activate(struct scene *scene)
{
    struct node *node = scene->focus;
    if (!node || !node->activate || node->disabled)
        return false;
    node->activate(node, node->activate_context);
    return true;
}

static bool move_for(struct scene *scene, enum key key)
{
    switch (key) {
    case KEY_UP:
        return scene_focus_move(scene, DIRECTION_UP);
    case KEY_DOWN:
        return scene_focus_move(scene, DIRECTION_DOWN);
    case KEY_LEFT:
        return scene_focus_move(scene, DIRECTION_LEFT);
    case KEY_RIGHT:
        return scene_focus_move(scene, DIRECTION_RIGHT);
    default:
        return false;
    }
}

bool scene_key(struct scene *scene, struct key_event event)
{
    scene_enter(scene);
    scene_settle_focus(scene);
    motions_key(scene, event);
    bool used = offer_key(scene, event) || (event.repeat && move_on(scene, event.key)) ||
                move_for(scene, event.key) || (event.key == KEY_OK && !event.repeat && activate(scene));
    struct node *scope = scene_scope(scene);
    if (scope && scope->modal)
        used |= event.key >= KEY_UP && event.key <= KEY_OK;
    scene_leave(scene);
    return used;
}
