/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing: compare what is with what was drawn, damage the differences, paint the damage, present it. */
#include "ui/desk.h"
#include "ui/inside.h"

/* The focus ring stands this far outside the node. */
#define RING_GAP 3
#define GLOW 18
/* So far beside a scroller its mark and its fading edges reach, and the rings and shadows in it. */
#define SCROLL_OVERHANG 28

static bool has_ring(const struct node *node)
{
    return node->focusable && node->scene->focus == node && node->kind == NODE_BOX && !node->box.scroll;
}

static const struct style *style_of(const struct node *node, bool focused)
{
    return focused && node->box.use_focus_style ? &node->box.focus_style : &node->box.style;
}

/* How far it paints outside its rectangle. */
static int overhang(const struct node *node, bool focused)
{
    int shadow = style_of(node, focused)->shadow;
    int far = shadow > 0 ? shadow + shadow / 3 + 1 : 0;
    if (has_ring(node)) {
        int ring = RING_GAP + node->scene->theme->ring + GLOW;
        far = ring > far ? ring : far;
    }
    if (node->box.scroll && far < SCROLL_OVERHANG)
        far = SCROLL_OVERHANG;
    return far;
}

static bool paints(const struct node *node, bool focused)
{
    if (node->kind != NODE_BOX)
        return true;
    const struct style *style = style_of(node, focused);
    return node->paint || style->fill || style->border || style->shadow || has_ring(node) || node->box.scroll;
}

struct state {
    int x, y; /* moved by scrolling, offsets and lifting */
    struct rect cut;
    uint8_t opacity;
    bool focused, shown;
};

/* A scroller lets rings and shadows at its sides pass, and cuts above and below. */
static struct rect let_through(const struct node *node, struct rect at, struct rect cut)
{
    if (!node->box.scroll && !node->box.clip)
        return cut;
    if (node->box.scroll)
        at = (struct rect){at.x - SCROLL_OVERHANG, at.y, at.w + 2 * SCROLL_OVERHANG, at.h};
    return rect_intersect(at, cut);
}

static bool same_look(const struct drawn *a, const struct drawn *b)
{
    return rect_equal(a->rect, b->rect) && a->opacity == b->opacity && a->focused == b->focused &&
           a->version == b->version;
}

/* What moves below a node: the content of a scroller or of a new screen. */
static struct state state_below(const struct node *node, const struct node *child, struct state state)
{
    if (child->steady)
        return state;
    state.y += node->seen[MOTION_SLIP];
    state.opacity = (uint8_t)(state.opacity * (255 - node->seen[MOTION_HAZE]) / 255);
    return state;
}

/* How far the content that is seen could still be scrolled. */
static int seen_left(const struct node *node, enum direction direction)
{
    int slip = node->seen[MOTION_SLIP];
    return node_scroll_left(node, direction) + (direction == DIRECTION_UP ? -slip : slip);
}

/* Brings a subtree's places up to date and damages what looks different from what is on the screen. */
static struct rect reconcile(struct node *node, struct state state)
{
    struct scene *scene = node->scene;
    bool focus_here = node->focusable && scene->focus == node;
    state.shown = state.shown && !node->hidden && node->opacity > 0;
    state.opacity = (uint8_t)(state.opacity * node->opacity / 255 * (255 - node->seen[MOTION_VEIL]) / 255);
    if (node->disabled)
        state.opacity = (uint8_t)(state.opacity * 110 / 255);
    state.focused |= focus_here;
    state.x += node->offset_x + node->seen[MOTION_X];
    state.y += node->offset_y + node->seen[MOTION_Y] - (focus_here && node->lift ? scene->theme->lift : 0);
    node->at = (struct rect){node->rect.x + state.x, node->rect.y + state.y, node->rect.w, node->rect.h};
    node->cut = state.cut;
    struct drawn now = {.opacity = state.opacity, .focused = state.focused, .version = node->version};
    if (state.shown && state.opacity > 0 && paints(node, state.focused))
        now.rect = rect_intersect(rect_grow(node->at, overhang(node, state.focused)), state.cut);
    if (rect_empty(now.rect))
        now.rect = (struct rect){0};
    if (!same_look(&now, &node->drawn) && !(rect_empty(now.rect) && rect_empty(node->drawn.rect))) {
        scene_damage(scene, node->drawn.rect);
        scene_damage(scene, now.rect);
    }
    node->drawn = now;
    node->extent = now.rect;
    if (node->box.scroll)
        state.y -= node->scroll;
    state.cut = let_through(node, node->at, state.cut);
    for (size_t i = 0; i < node->count; i++)
        node->extent = rect_union(node->extent,
                                  reconcile(node->children[i], state_below(node, node->children[i], state)));
    return node->extent;
}

/* ---- painting one node ---- */

static void paint_box(struct node *node, struct painter *painter)
{
    const struct theme *theme = painter->kit->theme;
    const struct style *style = style_of(node, painter->focused);
    struct rect at = node->at;
    uint8_t opacity = painter->opacity;
    if (node->paint)
        node->paint(node, painter, at, node->paint_context);
    if (style->shadow > 0)
        paint_shadow(painter, at, style->radius, style->shadow, style->shadow / 3,
                     theme->colors[COLOR_SHADOW]);
    if (has_ring(node)) {
        int out = RING_GAP + theme->ring;
        uint32_t glow = (theme->colors[COLOR_FOCUS] & 0xffffff) | 0x58000000;
        int radius = style->radius + out;
        paint_shadow(painter, rect_grow(at, RING_GAP), radius, GLOW, 0, glow);
        paint_ring(painter, rect_grow(at, out), radius, theme->ring, theme->colors[COLOR_FOCUS]);
    }
    painter->opacity = (uint8_t)(opacity * (255 - style->fade) / 255);
    if (style->fill)
        paint_round(painter, at, style->radius,
                    theme->colors[style->fill_top ? style->fill_top : style->fill],
                    theme->colors[style->fill]);
    if (style->border)
        paint_ring(painter, at, style->radius, style->border_width > 0 ? style->border_width : 1,
                   theme->colors[style->border]);
    painter->opacity = opacity;
}

/* How much of the content is in view, and which part. */
static void paint_scroll_mark(struct node *node, struct painter *painter)
{
    int view = node->rect.h;
    if (!node->box.scroll || node->content_height <= view || view < 80)
        return;
    int all = node->content_height, length = view * view / all, track = view - 16;
    length = length < 40 ? 40 : length > track ? track : length;
    int at = all > view ? (track - length) * seen_left(node, DIRECTION_UP) / (all - view) : 0;
    struct rect bar = {node->at.x + node->at.w + 14, node->at.y + 8, 6, track};
    paint_round(painter, bar, 3, 0x30ffffff, 0x30ffffff);
    bar.y += at;
    bar.h = length;
    uint32_t color = painter->kit->theme->colors[painter->focused ? COLOR_FOCUS : COLOR_ACCENT];
    paint_round(painter, bar, 3, color, color);
}

/* True where nothing stands between node and the backdrop. */
static bool before_backdrop(const struct node *node)
{
    const struct node *at = node;
    while (at && !at->paint && !at->box.style.fill)
        at = at->parent;
    return at && at->paint && at->opaque;
}

/* Content does not end at a scroller's edge, it fades into the backdrop. */
static void paint_scroll_fade(struct node *node, struct painter *painter)
{
    const int depth = 26;
    IDirectFBSurface *backdrop = *ui_backdrop(node->scene->ui), *canvas = painter->kit->canvas;
    if (!node->box.scroll || !backdrop || !before_backdrop(node))
        return;
    struct rect sides = let_through(node, node->at, painter->clip);
    canvas->SetBlittingFlags(canvas, DSBLIT_BLEND_COLORALPHA);
    for (int i = 0; i < depth; i++) {
        int rows[2] = {node->at.y + i, node->at.y + node->at.h - 1 - i};
        bool more[2] = {seen_left(node, DIRECTION_UP) > i, seen_left(node, DIRECTION_DOWN) > i};
        for (int k = 0; k < 2; k++) {
            DFBRectangle row = {sides.x, rows[k], sides.w, 1};
            if (!more[k] || rows[k] < sides.y || rows[k] >= sides.y + sides.h)
                continue;
            canvas->SetColor(canvas, 0xff, 0xff, 0xff, (uint8_t)(255 * (depth - i) / (depth + 1)));
            canvas->Blit(canvas, backdrop, &row, row.x, row.y);
        }
    }
}

/* The same at the sides of a strip of tabs that is longer than its room. */
static void paint_strip_fade(struct node *node, struct painter *painter)
{
    const int depth = 56;
    IDirectFBSurface *backdrop = *ui_backdrop(node->scene->ui), *canvas = painter->kit->canvas;
    const struct node *strip = node->box.clip && node->count == 1 ? node->children[0] : NULL;
    if (!strip || !strip->free_width || !backdrop || !before_backdrop(node))
        return;
    int before = node->at.x - strip->at.x, behind = strip->at.x + strip->at.w - node->at.x - node->at.w;
    canvas->SetBlittingFlags(canvas, DSBLIT_BLEND_COLORALPHA);
    for (int i = 0; i < depth; i++) {
        DFBRectangle left = {node->at.x + i, node->at.y, 1, node->at.h};
        DFBRectangle right = {node->at.x + node->at.w - 1 - i, node->at.y, 1, node->at.h};
        canvas->SetColor(canvas, 0xff, 0xff, 0xff, (uint8_t)(255 * (depth - i) / (depth + 1)));
        if (before > i)
            canvas->Blit(canvas, backdrop, &left, left.x, left.y);
        if (behind > i)
            canvas->Blit(canvas, backdrop, &right, right.x, right.y);
    }
}

static void paint_text_node(struct node *node, struct painter *painter)
{
    enum theme_color role = painter->focused && node->focus_color ? node->focus_color : node->color;
    struct paragraph_style style = node_paragraph_style(node, node->rect.w);
    struct paragraph *paragraph = typesetter_set(painter->kit->typesetter, node_shown_text(node), &style);
    if (!paragraph)
        return;
    uint32_t color = painter_fade(painter, painter->kit->theme->colors[role]);
    paragraph_draw(paragraph, painter->kit->canvas, node->at.x, node->at.y, node->rect.w, color);
    if (node->strike) {
        int y = node->at.y + paragraph_ascent(paragraph) - style.size_px * 30 / 100;
        paint_fill(painter, (struct rect){node->at.x - 2, y, paragraph_width(paragraph) + 4, 2},
                   painter->kit->theme->colors[role]);
    }
    paragraph_release(paragraph);
}

static void paint_picture_node(struct node *node, struct painter *painter)
{
    struct picture_request request = {node->name, node->rect.w, node->rect.h, node->fit, node->radius};
    IDirectFBSurface *surface =
        painter->kit->pictures ? pictures_get(painter->kit->pictures, &request) : NULL;
    const struct theme *theme = painter->kit->theme;
    node->waits = !surface;
    if (surface && node->seen[MOTION_PICTURE] == 0) {
        paint_surface(painter, surface, node->at);
        return;
    }
    paint_round(painter, node->at, node->radius, theme->colors[COLOR_SURFACE_RAISED],
                theme->colors[COLOR_SURFACE]);
    int size = node->at.h / 3 < 72 ? node->at.h / 3 : 72;
    struct rect middle = {node->at.x + (node->at.w - size) / 2, node->at.y + (node->at.h - size) / 2, size,
                          size};
    if (size >= 24)
        paint_icon(painter, "picture", middle, theme->colors[COLOR_LINE]);
    if (surface) {
        uint8_t opacity = painter->opacity;
        painter->opacity = (uint8_t)(opacity * (255 - node->seen[MOTION_PICTURE]) / 255);
        paint_surface(painter, surface, node->at);
        painter->opacity = opacity;
    }
}

static void paint_video(struct node *node, struct painter *painter)
{
    IDirectFBSurface *canvas = painter->kit->canvas;
    DFBRectangle to = {node->at.x, node->at.y, node->at.w, node->at.h};
    int width, height;
    if (!node->has_frame || !node->surface) {
        paint_fill(painter, node->at, 0xff000000);
        return;
    }
    canvas->SetBlittingFlags(canvas, DSBLIT_NOFX);
    node->surface->GetSize(node->surface, &width, &height);
    if (width == to.w && height == to.h)
        canvas->Blit(canvas, node->surface, NULL, to.x, to.y);
    else
        canvas->StretchBlit(canvas, node->surface, NULL, &to);
}

static void paint_self(struct node *node, struct painter *painter)
{
    enum theme_color role = painter->focused && node->focus_color ? node->focus_color : node->color;
    switch (node->kind) {
    case NODE_BOX:
        paint_box(node, painter);
        break;
    case NODE_TEXT:
        paint_text_node(node, painter);
        break;
    case NODE_ICON:
        if (node->name)
            paint_icon(painter, node->name, node->at, painter->kit->theme->colors[role]);
        break;
    case NODE_PICTURE:
        paint_picture_node(node, painter);
        break;
    case NODE_VIDEO:
        paint_video(node, painter);
        break;
    case NODE_CUSTOM:
        node->paint(node, painter, node->at, node->paint_context);
        break;
    }
}

/* ---- painting a part of the screen ---- */

/* True where this subtree hides everything behind it in the clip. */
static bool covers(const struct node *node, struct rect clip)
{
    if (node->hidden || node->opacity != 0xff || node->disabled || !rect_contains(node->cut, clip))
        return false;
    if (node->opaque && rect_contains(node->at, clip) && node->drawn.opacity == 0xff)
        return true;
    for (size_t i = node->count; i-- > 0;)
        if (covers(node->children[i], clip))
            return true;
    return false;
}

static void paint_tree(struct node *node, struct painter *painter)
{
    struct rect before = painter->clip;
    bool was_focused = painter->focused;
    if (node->hidden || rect_empty(rect_intersect(node->extent, before)))
        return;
    painter->focused = node->drawn.focused;
    painter->opacity = node->drawn.opacity;
    if (!rect_empty(rect_intersect(node->drawn.rect, before)))
        paint_self(node, painter);
    struct rect inner = let_through(node, node->at, before);
    if (!rect_empty(inner)) {
        size_t from = 0;
        for (size_t i = node->count; i-- > 0 && from == 0;)
            if (covers(node->children[i], inner))
                from = i;
        if (!rect_equal(inner, before))
            painter_clip(painter, inner);
        for (size_t i = from; i < node->count; i++)
            paint_tree(node->children[i], painter);
        if (!rect_equal(inner, before))
            painter_clip(painter, before);
    }
    painter->focused = node->drawn.focused;
    painter->opacity = node->drawn.opacity;
    paint_scroll_fade(node, painter);
    paint_strip_fade(node, painter);
    paint_scroll_mark(node, painter);
    painter->focused = was_focused;
}

static void paint_damage(struct scene *scene, struct rect clip)
{
    struct painter painter = {
        .kit = &scene->kit, .opacity = 0xff, .language = strings_language(scene->strings)};
    painter_clip(&painter, clip);
    if (!covers(scene->root, clip))
        paint_fill(&painter, clip, 0xff000000);
    paint_tree(scene->root, &painter);
}

bool scene_needs_draw(const struct scene *scene)
{
    return scene->draw_dirty || scene->layout_dirty || scene->items_dirty;
}

bool scene_draw(struct scene *scene, struct rect *damage, size_t maximum, size_t *count)
{
    struct rect rects[DAMAGE_MAX];
    size_t n;
    if (count)
        *count = 0;
    if (!scene_needs_draw(scene))
        return false;
    int64_t begin = motions_now(scene);
    scene_enter(scene);
    motions_apply(scene);
    scene_layout(scene);
    scene_settle_focus(scene);
    scene_layout(scene);
    motions_apply(scene); /* what begins with this picture */
    scene->draw_dirty = false;
    reconcile(scene->root, (struct state){.cut = scene->root->rect, .opacity = 0xff, .shown = true});
    n = scene->damage_count;
    for (size_t i = 0; i < n; i++)
        rects[i] = scene->damage[i];
    scene->damage_count = 0; /* what painting damages is drawn next time */
    scene->draw_dirty = false;
    for (size_t i = 0; i < n; i++)
        paint_damage(scene, rects[i]);
    scene->kit.canvas->SetClip(scene->kit.canvas, NULL);
    if (n > 0)
        display_present(scene->display, rects, n);
    scene_leave(scene);
    if (scene->motions.count > 0)
        motions_spent(scene, motions_now(scene) - begin);
    for (size_t i = 0; damage && i < n && i < maximum; i++)
        damage[i] = rects[i];
    if (count)
        *count = n;
    return n > 0;
}
