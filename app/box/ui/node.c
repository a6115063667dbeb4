/* SPDX-License-Identifier: Apache-2.0 */
/* The tree: making, changing and destroying nodes. */
#include "base/log.h"
#include "ui/inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHILDREN_MAX 4096
#define WORDS_MAX 8192

/* ---- what changed ---- */

void node_touch(struct node *node)
{
    node->version++;
    node->scene->draw_dirty = true;
}

void node_touch_layout(struct node *node)
{
    node_touch(node);
    node->scene->layout_dirty = true;
}

void scene_damage(struct scene *scene, struct rect rect)
{
    struct rect *damage = scene->damage;
    rect = rect_intersect(rect, scene->root->rect);
    if (rect_empty(rect))
        return;
    scene->draw_dirty = true;
    /* Joined with what costs least, if joining costs little or there is no place left. */
    for (;;) {
        size_t best = scene->damage_count;
        long least = 0;
        for (size_t i = 0; i < scene->damage_count; i++) {
            struct rect both = rect_union(damage[i], rect);
            long waste = (long)both.w * both.h - (long)rect.w * rect.h - (long)damage[i].w * damage[i].h;
            if (best == scene->damage_count || waste < least) {
                best = i;
                least = waste;
            }
        }
        if (best == scene->damage_count || (least > 2048 && scene->damage_count < DAMAGE_MAX))
            break;
        rect = rect_union(damage[best], rect);
        damage[best] = damage[--scene->damage_count];
    }
    damage[scene->damage_count++] = rect;
}

void scene_invalidate(struct scene *scene, struct rect rect)
{
    scene_damage(scene, rect);
}

/* ---- making ---- */

static struct node *node_new(struct scene *scene, struct node *parent, enum node_kind kind)
{
    struct node *node = calloc(1, sizeof(*node));
    if (!node)
        return NULL;
    node->scene = scene;
    node->parent = parent;
    node->kind = kind;
    node->opacity = 0xff;
    node->measured_for[0] = node->measured_for[1] = -2;
    return node;
}

static struct node *append(struct node *parent, enum node_kind kind)
{
    if (!parent || parent->destroyed)
        return NULL;
    if (parent->count == CHILDREN_MAX) {
        log_warning("a node has more than %d children", CHILDREN_MAX);
        return NULL;
    }
    if (parent->count == parent->room) {
        size_t room = parent->room ? parent->room * 2 : 4;
        struct node **more = realloc(parent->children, room * sizeof(struct node *));
        if (!more)
            return NULL;
        parent->children = more;
        parent->room = room;
    }
    struct node *node = node_new(parent->scene, parent, kind);
    if (!node)
        return NULL;
    parent->children[parent->count++] = node;
    node_touch_layout(node);
    return node;
}

struct node *node_box(struct node *parent, const struct box *box)
{
    struct node *node = append(parent, NODE_BOX);
    if (node)
        node->box = *box;
    return node;
}

struct node *node_text(struct node *parent, struct words words, enum theme_type type, enum theme_color color)
{
    struct node *node = append(parent, NODE_TEXT);
    if (!node)
        return NULL;
    node->type = type;
    node->color = color;
    return node_set_words(node, words);
}

struct node *node_icon(struct node *parent, const char *name, int size, enum theme_color color)
{
    struct node *node = append(parent, NODE_ICON);
    if (!node)
        return NULL;
    node->icon_size = size;
    node->box.width = node->box.height = size;
    node->color = color;
    return node_set_icon(node, name);
}

struct node *node_picture(struct node *parent, const char *key, int width, int height, enum picture_fit fit,
                          int radius)
{
    struct node *node = append(parent, NODE_PICTURE);
    if (!node)
        return NULL;
    node->box.width = width;
    node->box.height = height;
    node->fit = fit;
    node->radius = radius;
    return node_set_picture(node, key);
}

struct node *node_video(struct node *parent, int width, int height)
{
    struct node *node = append(parent, NODE_VIDEO);
    if (!node)
        return NULL;
    node->box.width = width;
    node->box.height = height;
    node->opaque = true;
    return node;
}

struct node *node_custom(struct node *parent, int width, int height, node_paint_fn *paint, void *context)
{
    struct node *node = append(parent, NODE_CUSTOM);
    if (!node)
        return NULL;
    node->box.min_width = width;
    node->box.min_height = height;
    node->paint = paint;
    node->paint_context = context;
    return node;
}

/* ---- destroying ---- */

static void free_words(struct node *node)
{
    free((char *)node->words.key);
    free((char *)node->words.text);
    for (size_t i = 0; i < WORDS_ARGUMENTS; i++)
        free((char *)node->words.arguments[i]);
    free(node->shown);
    node->words = (struct words){0};
    node->shown = NULL;
}

static void free_node(struct node *node)
{
    for (size_t i = 0; i < node->count; i++)
        free_node(node->children[i]);
    items_destroy(node->items);
    if (node->data_destroy)
        node->data_destroy(node->data);
    free_words(node);
    paragraph_release(node->paragraph);
    free(node->name);
    if (node->surface)
        node->surface->Release(node->surface);
    free(node->children);
    free(node);
}

static void mark_destroyed(struct node *node)
{
    node->destroyed = true;
    if (node->items)
        items_leave(node->items);
    scene_damage(node->scene, node->drawn.rect);
    motion_forget(node);
    scene_forget(node->scene, node);
    node->activate = NULL;
    node->on_key = NULL;
    node->on_focus = NULL;
    for (size_t i = 0; i < node->count; i++)
        mark_destroyed(node->children[i]);
}

/* Inside a callback the memory stays until the outermost one has returned. */
static void bury(struct scene *scene, struct node *node)
{
    if (scene->depth == 0) {
        free_node(node);
        return;
    }
    if (scene->grave_count == scene->grave_room) {
        size_t room = scene->grave_room ? scene->grave_room * 2 : 16;
        struct node **more = realloc(scene->graves, room * sizeof(struct node *));
        if (!more)
            return; /* rather lost than used after it is freed */
        scene->graves = more;
        scene->grave_room = room;
    }
    scene->graves[scene->grave_count++] = node;
}

void node_destroy(struct node *node)
{
    if (!node || node->destroyed || !node->parent)
        return;
    struct node *parent = node->parent;
    for (size_t i = 0; i < parent->count; i++) {
        if (parent->children[i] == node) {
            memmove(&parent->children[i], &parent->children[i + 1],
                    (parent->count - i - 1) * sizeof(struct node *));
            parent->count--;
            break;
        }
    }
    node_touch_layout(parent);
    mark_destroyed(node);
    node->parent = NULL;
    bury(node->scene, node);
}

void node_clear(struct node *node)
{
    while (node && node->count > 0)
        node_destroy(node->children[node->count - 1]);
}

void scene_enter(struct scene *scene)
{
    scene->depth++;
}

void scene_leave(struct scene *scene)
{
    if (--scene->depth > 0)
        return;
    while (scene->grave_count > 0)
        free_node(scene->graves[--scene->grave_count]);
}

struct scene *scene_create(struct ui *ui, struct display *display, const struct theme *theme,
                           struct strings *strings, const struct kit *kit)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    if (!scene)
        return NULL;
    scene->ui = ui;
    scene->display = display;
    scene->theme = theme;
    scene->strings = strings;
    scene->kit = *kit;
    scene->root = node_new(scene, NULL, NODE_BOX);
    if (!scene->root) {
        free(scene);
        return NULL;
    }
    scene->root->box.layout = LAYOUT_STACK;
    scene->root->rect = (struct rect){0, 0, display_width(display), display_height(display)};
    scene->layout_dirty = true;
    scene_damage(scene, scene->root->rect);
    return scene;
}

void scene_destroy(struct scene *scene)
{
    if (!scene)
        return;
    node_clear(scene->root);
    free_node(scene->root);
    kit_finish(&scene->kit);
    free(scene->graves);
    free(scene);
}

/* ---- changing ---- */

struct node *node_size(struct node *node, int width, int height)
{
    if (node && (node->box.width != width || node->box.height != height)) {
        node->box.width = width;
        node->box.height = height;
        node_touch_layout(node);
    }
    return node;
}

struct node *node_grow(struct node *node, int share)
{
    if (node && node->box.grow != share) {
        node->box.grow = share;
        node_touch_layout(node);
    }
    return node;
}

struct node *node_margin(struct node *node, int left, int top, int right, int bottom)
{
    if (node) {
        node->box.margin = (struct insets){left, top, right, bottom};
        node_touch_layout(node);
    }
    return node;
}

struct node *node_place(struct node *node, enum align x, enum align y)
{
    if (node) {
        node->box.place_x = x;
        node->box.place_y = y;
        node_touch_layout(node);
    }
    return node;
}

struct node *node_style(struct node *node, const struct style *style)
{
    if (node) {
        node->box.style = *style;
        node_touch(node);
    }
    return node;
}

struct node *node_hide(struct node *node, bool hidden)
{
    if (node && node->hidden != hidden) {
        node->hidden = hidden;
        node_touch_layout(node);
    }
    return node;
}

struct node *node_opacity(struct node *node, uint8_t opacity)
{
    if (node && node->opacity != opacity) {
        node->opacity = opacity;
        node_touch(node);
    }
    return node;
}

struct node *node_offset(struct node *node, int x, int y)
{
    if (node && (node->offset_x != x || node->offset_y != y)) {
        node->offset_x = x;
        node->offset_y = y;
        node_touch(node);
    }
    return node;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static char *copy(const char *text)
{
    return text ? strdup(text) : NULL;
}

struct node *node_set_words(struct node *node, struct words words)
{
    if (!node)
        return NULL;
    bool equal = same(node->words.key, words.key) && same(node->words.text, words.text);
    for (size_t i = 0; i < WORDS_ARGUMENTS; i++)
        equal = equal && same(node->words.arguments[i], words.arguments[i]);
    if (equal)
        return node;
    struct words fresh = {copy(words.key), copy(words.text), {NULL}};
    for (size_t i = 0; i < WORDS_ARGUMENTS; i++)
        fresh.arguments[i] = copy(words.arguments[i]);
    free_words(node);
    node->words = fresh;
    node_touch_layout(node);
    return node;
}

const char *node_shown_text(struct node *node)
{
    if (!node->words.key)
        return node->words.text ? node->words.text : "";
    if (node->shown && node->shown_in == node->scene->language)
        return node->shown;
    char *text = malloc(WORDS_MAX);
    free(node->shown);
    node->shown = text;
    node->shown_in = node->scene->language;
    if (!text)
        return "";
    strings_format(node->scene->strings, node->words.key, node->words.arguments, WORDS_ARGUMENTS, text,
                   WORDS_MAX);
    char *smaller = realloc(text, strlen(text) + 1);
    if (smaller)
        node->shown = smaller;
    return node->shown;
}

struct paragraph_style node_paragraph_style(const struct node *node, int width)
{
    const struct theme_font *font = &node->scene->theme->types[node->type];
    struct paragraph_style style = {.size_px = font->size_px,
                                    .bold = font->bold,
                                    .width = width > 0 ? width : 0,
                                    .max_lines = node->lines,
                                    .align = node->align};
    snprintf(style.language, sizeof(style.language), "%s", strings_language(node->scene->strings));
    return style;
}

struct node *node_set_color(struct node *node, enum theme_color color)
{
    if (node && node->color != color) {
        node->color = color;
        node_touch(node);
    }
    return node;
}

struct node *node_focus_color(struct node *node, enum theme_color color)
{
    if (node) {
        node->focus_color = color;
        node_touch(node);
    }
    return node;
}

struct node *node_lines(struct node *node, int lines)
{
    if (node && node->lines != lines) {
        node->lines = lines;
        node_touch_layout(node);
    }
    return node;
}

struct node *node_reserve(struct node *node, int lines)
{
    if (node && node->reserve != lines) {
        node->reserve = lines;
        node_touch_layout(node);
    }
    return node;
}

struct node *node_align(struct node *node, enum align align)
{
    if (node && node->align != align) {
        node->align = align;
        node_touch_layout(node);
    }
    return node;
}

struct node *node_strike(struct node *node, bool strike)
{
    if (node) {
        node->strike = strike;
        node_touch(node);
    }
    return node;
}

static struct node *set_name(struct node *node, const char *name)
{
    if (node && !same(node->name, name)) {
        free(node->name);
        node->name = copy(name);
        node_touch(node);
    }
    return node;
}

struct node *node_set_icon(struct node *node, const char *name)
{
    return set_name(node, name);
}

struct node *node_set_picture(struct node *node, const char *key)
{
    return set_name(node, key);
}

void node_invalidate(struct node *node)
{
    if (node)
        node_touch(node);
}

/* ---- video ---- */

static bool video_surface(struct node *node, int width, int height)
{
    int w = 0, h = 0;
    if (node->surface)
        node->surface->GetSize(node->surface, &w, &h);
    if (w == width && h == height)
        return true;
    if (node->surface)
        node->surface->Release(node->surface);
    node->surface = NULL;
    DFBSurfaceDescription description = {
        .flags = DSDESC_CAPS | DSDESC_WIDTH | DSDESC_HEIGHT | DSDESC_PIXELFORMAT,
        .caps = DSCAPS_SYSTEMONLY,
        .width = width,
        .height = height,
        .pixelformat = DSPF_RGB32,
    };
    IDirectFB *directfb = node->scene->kit.directfb;
    return directfb->CreateSurface(directfb, &description, &node->surface) == DFB_OK;
}

void node_video_show(struct node *node, const uint32_t *pixels, int width, int height, int pitch)
{
    void *out;
    int out_pitch;
    if (!node || node->destroyed || width < 1 || height < 1 || width > 4096 || height > 4096 ||
        !video_surface(node, width, height) ||
        node->surface->Lock(node->surface, DSLF_WRITE, &out, &out_pitch) != DFB_OK)
        return;
    for (int y = 0; y < height; y++)
        memcpy((uint8_t *)out + (size_t)y * (size_t)out_pitch, (const uint8_t *)pixels + (ptrdiff_t)y * pitch,
               (size_t)width * 4);
    node->surface->Unlock(node->surface);
    node->has_frame = true;
    node_touch(node);
}

void node_video_black(struct node *node)
{
    if (node && node->has_frame) {
        node->has_frame = false;
        node_touch(node);
    }
}

/* ---- looking ---- */

struct node *node_set_data(struct node *node, void *data, void (*destroy)(void *data))
{
    if (!node)
        return NULL;
    node->data = data;
    node->data_destroy = destroy;
    return node;
}

void *node_data(const struct node *node)
{
    return node ? node->data : NULL;
}

struct scene *node_scene(const struct node *node)
{
    return node ? node->scene : NULL;
}

struct node *node_parent(const struct node *node)
{
    return node ? node->parent : NULL;
}

size_t node_count(const struct node *node)
{
    return node ? node->count : 0;
}

struct node *node_child(const struct node *node, size_t index)
{
    return node && index < node->count ? node->children[index] : NULL;
}

struct node *scene_root(struct scene *scene)
{
    return scene->root;
}

bool node_below(const struct node *node, const struct node *ancestor)
{
    while (node && node != ancestor)
        node = node->parent;
    return node != NULL;
}

bool node_shown(const struct node *node)
{
    const struct node *at = node;
    for (; at; at = at->parent) {
        if (at->hidden || at->destroyed)
            return false;
        if (!at->parent)
            return at == node->scene->root;
    }
    return false;
}

void node_each(struct node *node, void (*each)(struct node *node, void *context), void *context)
{
    each(node, context);
    for (size_t i = 0; i < node->count; i++)
        node_each(node->children[i], each, context);
}
