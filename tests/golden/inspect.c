/* SPDX-License-Identifier: Apache-2.0 */
#include "inspect.h"

#include "ui/inside.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define THINGS_MAX 1024
#define HASH_START UINT64_C(14695981039346656037)
/* Ink that meets by less than this is no harm: a box around glyphs is rounded up on each side. */
#define TOUCH 2
/* The tall line boxes of Tibetan may leave their box by this. */
#define OUTSET 12
/* Stacks and accents of the topmost or lowest line may leave the safe area by this. */
#define SAFE_INK 6

struct thing {
    struct node *node;
    struct rect ink; /* what can be seen of it */
    int layer;
};

struct inspector {
    struct ui *ui;
    struct scene *scene;
    inspect_fn *complain;
    void *context;
    struct thing texts[THINGS_MAX], icons[THINGS_MAX];
    size_t count, icon_count;
    int layer;
    struct node *focus;
    struct rect focus_at, focus_cut; /* where it is; where it may be seen */
    bool focus_passed;               /* what comes now is painted over it */
    struct rect safe;
    uint64_t screen;
};

struct place {
    int x, y;
    struct rect cut;  /* in view */
    struct rect hard; /* in view or after scrolling */
    bool scrolled;    /* under a scroller, which may have it out of view */
    bool strip;       /* moved sideways under a clip that fades it out (tabs) */
};

__attribute__((format(printf, 2, 3))) static void complain(struct inspector *in, const char *format, ...)
{
    char line[512];
    va_list arguments;
    if (!in->complain)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    in->complain(in->context, line);
}

static void hash(uint64_t *value, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        *value = (*value ^ at[i]) * UINT64_C(1099511628211);
}

/* ---- words ---- */

static bool has_placeholder(const char *text)
{
    for (; *text; text++)
        if (text[0] == '{' && text[1] >= '0' && text[1] <= '9' && text[2] == '}')
            return true;
    return false;
}

static void look_at_words(struct inspector *in, struct node *node, const char *shown)
{
    if (node->words.key && !strcmp(node->words.key, shown))
        complain(in, "\"%s\" is a key, not words", shown);
    if (has_placeholder(shown))
        complain(in, "\"%s\" has a place for an argument that was not given", shown);
}

static void look_at_room(struct inspector *in, struct node *node, const char *shown,
                         const struct paragraph *paragraph)
{
    int width = paragraph_width(paragraph), height = paragraph_height(paragraph);
    if (width > node->rect.w)
        complain(in, "\"%s\" is %d pixels wide, its place %d", shown, width, node->rect.w);
    if (height > node->rect.h)
        complain(in, "\"%s\" is %d pixels high, its place %d", shown, height, node->rect.h);
    if (!paragraph_cut(paragraph))
        return;
    struct paragraph_style style = node_paragraph_style(node, 0);
    style.max_lines = 0;
    struct paragraph *whole = typesetter_set(in->scene->kit.typesetter, shown, &style);
    int missing = whole ? paragraph_width(whole) - node->rect.w * (node->lines > 0 ? node->lines : 1) : 0;
    if (missing > node->rect.w)
        complain(in, "\"%s\" is cut to less than half: the room is %d pixels", shown, node->rect.w);
    paragraph_release(whole);
    if (node->words.key)
        complain(in, "\"%s\" are words of the interface and yet cut short: the room is %d pixels", shown,
                 node->rect.w);
}

/* Where the glyphs are painted. */
static struct rect ink_of(const struct node *node, struct paragraph *paragraph, struct rect at)
{
    struct rect ink = paragraph_ink(paragraph);
    int room = node->rect.w - paragraph_width(paragraph);
    int shift = room <= 0 ? 0 : node->align == ALIGN_CENTER ? room / 2 : node->align == ALIGN_END ? room : 0;
    return (struct rect){at.x + ink.x + shift, at.y + ink.y, ink.w, ink.h};
}

/* What is written stands on a ground that the theme's table of pairs has. */
static void look_at_pair(struct inspector *in, const struct node *node, const char *what)
{
    bool focused = false;
    for (const struct node *at = node; at; at = at->parent)
        focused |= at->focusable && at == in->focus;
    enum theme_color ink = focused && node->focus_color ? node->focus_color : node->color;
    enum theme_color ground = COLOR_NONE;
    for (const struct node *at = node->parent; at && !ground && !at->opaque; at = at->parent) {
        bool here = false; /* the focus is on it or round it */
        for (const struct node *up = at; up; up = up->parent)
            here |= up->focusable && up == in->focus;
        ground = here && at->box.use_focus_style ? at->box.focus_style.fill : at->box.style.fill;
    }
    for (size_t i = 0; i < theme_pair_count; i++)
        if (theme_pairs[i].ink == ink && theme_pairs[i].ground == ground &&
            (theme_pairs[i].tenths >= 45 || node->kind == NODE_ICON ||
             in->scene->theme->types[node->type].bold))
            return;
    complain(in, "\"%s\" is %s on %s, which theme_pairs does not have", what, theme_color_name(ink),
             theme_color_name(ground));
}

static void look_at_ink(struct inspector *in, const char *shown, struct rect at, struct rect ink,
                        const struct place *place)
{
    struct rect safe = rect_grow(in->safe, SAFE_INK);
    if (rect_contains(place->cut, at) && !rect_contains(rect_grow(place->cut, TOUCH), ink))
        complain(in, "\"%s\" has ink at %d,%d %dx%d, cut off at %d,%d %dx%d", shown, ink.x, ink.y, ink.w,
                 ink.h, place->cut.x, place->cut.y, place->cut.w, place->cut.h);
    else if (!place->strip && !rect_contains(rect_grow(place->hard, TOUCH), ink))
        complain(in, "\"%s\" is cut off: %dx%d at %d,%d in %dx%d at %d,%d", shown, ink.w, ink.h, ink.x, ink.y,
                 place->hard.w, place->hard.h, place->hard.x, place->hard.y);
    struct rect seen = rect_intersect(ink, place->cut);
    if (rect_contains(place->cut, at) && !place->strip && !rect_contains(safe, seen))
        complain(in, "\"%s\" leaves the safe area: %dx%d at %d,%d", shown, seen.w, seen.h, seen.x, seen.y);
}

static void look_at_text(struct inspector *in, struct node *node, struct rect at, const struct place *place)
{
    const char *shown = node_shown_text(node);
    if (!*shown)
        return;
    struct paragraph_style style = node_paragraph_style(node, node->rect.w);
    struct paragraph *paragraph = typesetter_set(in->scene->kit.typesetter, shown, &style);
    if (!paragraph)
        return;
    struct rect ink = ink_of(node, paragraph, at), seen = rect_intersect(ink, place->cut);
    if (rect_empty(seen)) {
        if (!place->scrolled && !place->strip && !rect_empty(ink))
            complain(in, "\"%s\" cannot be seen: %dx%d at %d,%d", shown, ink.w, ink.h, ink.x, ink.y);
    } else {
        look_at_words(in, node, shown);
        look_at_pair(in, node, shown);
        look_at_room(in, node, shown, paragraph);
        look_at_ink(in, shown, at, ink, place);
        if (in->count < THINGS_MAX)
            in->texts[in->count++] = (struct thing){node, seen, in->layer};
        if (in->layer != UI_LAYER_TOAST && !node->is_clock) {
            hash(&in->screen, shown, strlen(shown));
            hash(&in->screen, &at, sizeof(at));
        }
    }
    paragraph_release(paragraph);
}

/* An icon leaves about an eighth of its square free on each side. */
static void look_at_icon(struct inspector *in, struct node *node, struct rect at, const struct place *place)
{
    struct rect seen = rect_intersect(rect_grow(at, -at.w / 8), place->cut);
    if (node->name && !rect_empty(seen) && in->icon_count < THINGS_MAX) {
        look_at_pair(in, node, node->name);
        in->icons[in->icon_count++] = (struct thing){node, seen, in->layer};
    }
    if (in->layer != UI_LAYER_TOAST)
        hash(&in->screen, &at, sizeof(at));
}

static void look_for_icons_on(struct inspector *in, const struct thing *text)
{
    for (size_t i = 0; i < in->icon_count; i++) {
        const struct thing *icon = &in->icons[i];
        struct rect both = rect_intersect(text->ink, icon->ink);
        if (icon->layer == text->layer && both.w > TOUCH && both.h > TOUCH)
            complain(in, "\"%s\" and the icon \"%s\" lie on each other by %dx%d at %d,%d",
                     node_shown_text(text->node), icon->node->name, both.w, both.h, both.x, both.y);
    }
}

static void look_for_overlaps(struct inspector *in)
{
    for (size_t i = 0; i < in->count; i++) {
        look_for_icons_on(in, &in->texts[i]);
        for (size_t j = i + 1; j < in->count; j++) {
            const struct thing *a = &in->texts[i], *b = &in->texts[j];
            struct rect both = rect_intersect(a->ink, b->ink);
            if (a->layer == b->layer && both.w > TOUCH && both.h > TOUCH)
                complain(in, "\"%s\" and \"%s\" lie on each other by %dx%d at %d,%d",
                         node_shown_text(a->node), node_shown_text(b->node), both.w, both.h, both.x, both.y);
        }
    }
}

/* ---- the tree ---- */

/* Whatever is in a screen lies in its parent, unless that scrolls or clips. */
static void look_for_strays(struct inspector *in, const struct node *node)
{
    const struct node *parent = node->parent;
    if (parent && !parent->box.scroll && !parent->box.clip && !node->free_width && !rect_empty(node->rect) &&
        !rect_contains(rect_grow(parent->rect, OUTSET), node->rect))
        complain(in, "a %dx%d piece at %d,%d sticks out of %dx%d at %d,%d%s%s", node->rect.w, node->rect.h,
                 node->rect.x, node->rect.y, parent->rect.w, parent->rect.h, parent->rect.x, parent->rect.y,
                 node->shown ? ": " : "", node->shown ? node->shown : "");
}

static bool paints_something(const struct node *node)
{
    if (node->kind == NODE_TEXT)
        return node->words.key || (node->words.text && *node->words.text);
    return node->kind != NODE_BOX || node->box.style.fill || node->box.style.border || node->paint;
}

static void look_at_cover(struct inspector *in, struct node *node, struct rect at)
{
    struct rect both = rect_intersect(rect_grow(in->focus_at, -TOUCH), at);
    if (in->focus_passed && in->layer != UI_LAYER_TOAST && paints_something(node) && !rect_empty(both))
        complain(in, "the focus at %d,%d %dx%d is covered by a piece at %d,%d %dx%d%s%s", in->focus_at.x,
                 in->focus_at.y, in->focus_at.w, in->focus_at.h, at.x, at.y, at.w, at.h,
                 node->kind == NODE_TEXT ? ": " : "", node->kind == NODE_TEXT ? node_shown_text(node) : "");
}

static void walk(struct inspector *in, struct node *node, struct place place)
{
    if (node->hidden || node->destroyed || node->opacity == 0)
        return;
    bool focused = node == in->focus;
    place.x += node->offset_x;
    place.y += node->offset_y - (focused && node->lift ? in->scene->theme->lift : 0);
    struct rect at = {node->rect.x + place.x, node->rect.y + place.y, node->rect.w, node->rect.h};
    if (focused) {
        in->focus_at = at;
        in->focus_cut = place.cut;
    }
    look_for_strays(in, node);
    look_at_cover(in, node, rect_intersect(at, place.cut));
    if (node->kind == NODE_TEXT)
        look_at_text(in, node, at, &place);
    if (node->kind == NODE_ICON)
        look_at_icon(in, node, at, &place);
    place.strip |= node->free_width;
    if (node->box.scroll || node->box.clip)
        place.cut =
            rect_intersect(place.cut, node->box.scroll ? (struct rect){at.x - 28, at.y, at.w + 56, at.h}
                                                       : at); /* as drawing does */
    if (node->box.clip && !node->box.scroll)
        place.hard = rect_intersect(place.hard, at);
    if (node->box.scroll) {
        place.y -= node->scroll;
        place.hard = (struct rect){place.hard.x, INT16_MIN, place.hard.w, UINT16_MAX};
    }
    place.scrolled |= node->box.scroll;
    for (size_t i = 0; i < node->count; i++)
        walk(in, node->children[i], place);
    in->focus_passed |= focused;
}

/* ---- the focus ---- */

static void look_at_focus(struct inspector *in)
{
    struct node *scope = scene_scope(in->scene);
    if (!in->focus) {
        if (scope && node_first_focusable(scope))
            complain(in, "nothing has the focus, though something could");
        return;
    }
    struct rect at = in->focus_at, seen = rect_intersect(at, in->focus_cut);
    if (rect_empty(at))
        complain(in, "what has the focus is nowhere");
    else if (!rect_contains(in->safe, seen) || rect_empty(seen))
        complain(in, "the focus leaves the safe area: %dx%d at %d,%d", at.w, at.h, at.x, at.y);
    else if (seen.w < at.w || (seen.h < at.h - in->scene->theme->lift && seen.h < in->focus_cut.h))
        complain(in, "of the focus, %dx%d at %d,%d, only %dx%d can be seen", at.w, at.h, at.x, at.y, seen.w,
                 seen.h);
    if (!in->focus->focusable || in->focus->disabled || !scope || !node_below(in->focus, scope))
        complain(in, "what has the focus cannot be used");
}

/* Its place in the tree; in a long list the item. A text that scrolls in one language may fit in another. */
static uint64_t focus_number(const struct node *node)
{
    uint64_t number = HASH_START;
    if (!node || node->box.scroll)
        return 0;
    for (; node->parent; node = node->parent) {
        size_t index = 0;
        while (node->parent->children[index] != node)
            index++;
        index = node->parent->items ? node->item : index;
        hash(&number, &index, sizeof(index));
    }
    return number;
}

struct inspection inspect(struct ui *ui, inspect_fn *complain_fn, void *context)
{
    struct scene *scene = ui_scene(ui);
    struct inspector in = {
        .ui = ui, .scene = scene, .complain = complain_fn, .context = context, .screen = HASH_START};
    scene_enter(scene); /* as before drawing */
    scene_layout(scene);
    scene_settle_focus(scene);
    scene_layout(scene);
    scene_leave(scene);
    struct rect all = scene->root->rect;
    int x = scene->theme->safe_x, y = scene->theme->safe_y;
    in.safe = (struct rect){x, y, all.w - 2 * x, all.h - 2 * y};
    in.focus = scene_focus(scene);
    for (int layer = 0; layer < UI_LAYER_COUNT; layer++) {
        in.layer = layer;
        walk(&in, ui_layer(ui, (enum ui_layer)layer), (struct place){.cut = all, .hard = all});
    }
    look_for_overlaps(&in);
    look_at_focus(&in);
    struct inspection found = {.screen = in.screen,
                               .focus = focus_number(in.focus),
                               .has_focus = in.focus != NULL,
                               .dialog = node_count(ui_layer(ui, UI_LAYER_DIALOG)) > 0,
                               .texts = in.count};
    found.state = in.screen;
    hash(&found.state, &in.focus_at, sizeof(in.focus_at));
    return found;
}
