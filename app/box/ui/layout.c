/* SPDX-License-Identifier: Apache-2.0 */
/* Layout: measure asks a subtree how large it wants to be at a width, arrange gives it its place. */
#include "ui/inside.h"

/* Rows that come into being are laid out, which may bring others near the view. */
#define LAYOUT_ROUNDS 6

static struct size measure(struct node *node, int room);

static int clamp(int value, int low, int high)
{
    if (high > 0 && value > high)
        value = high;
    return value < low ? low : value;
}

static int across_margin(const struct node *node)
{
    return node->box.margin.left + node->box.margin.right;
}

static int down_margin(const struct node *node)
{
    return node->box.margin.top + node->box.margin.bottom;
}

/* Room inside the margin, or unlimited. */
static int inside(int room, int taken)
{
    return room == UNLIMITED ? UNLIMITED : room > taken ? room - taken : 0;
}

static struct size measure_text(struct node *node, int room)
{
    struct paragraph_style style = node_paragraph_style(node, room);
    struct paragraph *paragraph = typesetter_set(node->scene->kit.typesetter, node_shown_text(node), &style);
    if (!paragraph)
        return (struct size){0, 0};
    int height = node->reserve * typesetter_line_height(node->scene->kit.typesetter, &style);
    struct size size = {paragraph_width(paragraph), paragraph_height(paragraph)};
    if (*node_shown_text(node) == '\0' && node->reserve == 0)
        size.h = node->lines == 1 ? typesetter_line_height(node->scene->kit.typesetter, &style) : 0;
    paragraph_release(paragraph);
    if (size.h < height)
        size.h = height;
    return size;
}

static struct size outer(struct node *child, int room)
{
    struct size size = measure(child, inside(room, across_margin(child)));
    return (struct size){size.w + across_margin(child), size.h + down_margin(child)};
}

static struct size measure_column(struct node *node, int room)
{
    struct size size = {0, 0};
    bool first = true;
    for (size_t i = 0; i < node->count; i++) {
        struct node *child = node->children[i];
        if (child->hidden)
            continue;
        struct size wanted = outer(child, room);
        size.w = wanted.w > size.w ? wanted.w : size.w;
        size.h += wanted.h + (first ? 0 : node->box.gap);
        first = false;
    }
    return size;
}

/* Widths of a row's children: first what they want, the rest shared by those that grow. widths: one a child.
 */
static struct size measure_row(struct node *node, int room, int *widths)
{
    int used = 0, shares = 0, height = 0, visible = 0;
    for (size_t i = 0; i < node->count; i++) {
        struct node *child = node->children[i];
        if (child->hidden)
            continue;
        used += visible++ ? node->box.gap : 0;
        if (child->box.grow > 0 && room != UNLIMITED) {
            shares += child->box.grow;
            used += across_margin(child);
        }
    }
    for (size_t i = 0; i < node->count; i++) {
        struct node *child = node->children[i];
        if (child->hidden || (child->box.grow > 0 && room != UNLIMITED))
            continue;
        struct size wanted = outer(child, room == UNLIMITED ? UNLIMITED : inside(room, used));
        used += wanted.w;
        height = wanted.h > height ? wanted.h : height;
        if (widths)
            widths[i] = wanted.w - across_margin(child);
    }
    int left = room == UNLIMITED ? 0 : inside(room, used);
    for (size_t i = 0; i < node->count && shares > 0; i++) {
        struct node *child = node->children[i];
        if (child->hidden || child->box.grow <= 0)
            continue;
        int width = left * child->box.grow / shares;
        left -= width;
        shares -= child->box.grow;
        struct size wanted = measure(child, width);
        used += width;
        height = wanted.h + down_margin(child) > height ? wanted.h + down_margin(child) : height;
        if (widths)
            widths[i] = width;
    }
    return (struct size){used, height};
}

static int grid_columns(const struct node *node)
{
    return node->box.columns > 0 ? node->box.columns : 1;
}

/* Brings the rows that exist up to date. */
static void measure_items(struct node *node, int cell)
{
    size_t i = 0;
    items_measure(node->items, cell);
    while (i < node->count) {
        size_t row = items_row(node->items, node->children[i]);
        int height = 0;
        for (; i < node->count && items_row(node->items, node->children[i]) == row; i++) {
            struct size wanted = outer(node->children[i], cell);
            height = wanted.h > height ? wanted.h : height;
        }
        items_set_height(node->items, row, height);
    }
}

static int cell_width(const struct node *node, int room)
{
    int columns = grid_columns(node);
    return inside(room, node->box.gap * (columns - 1)) / columns;
}

static struct size measure_grid(struct node *node, int room)
{
    if (node->items) {
        if (room != UNLIMITED)
            measure_items(node, cell_width(node, room));
        return (struct size){room == UNLIMITED ? 0 : room, items_height(node->items)};
    }
    int columns = grid_columns(node), gap = node->box.gap, cell = UNLIMITED, widest = 0;
    if (room != UNLIMITED)
        cell = cell_width(node, room);
    int height = 0, row = 0, at = 0;
    for (size_t i = 0; i < node->count; i++) {
        if (node->children[i]->hidden)
            continue;
        if (at > 0 && at % columns == 0) {
            height += row + gap;
            row = 0;
        }
        struct size wanted = outer(node->children[i], cell);
        row = wanted.h > row ? wanted.h : row;
        widest = wanted.w > widest ? wanted.w : widest;
        at++;
    }
    int width = room == UNLIMITED ? widest * columns + gap * (columns - 1) : room;
    return (struct size){width, height + row};
}

static struct size measure_stack(struct node *node, int room)
{
    struct size size = {0, 0};
    for (size_t i = 0; i < node->count; i++) {
        if (node->children[i]->hidden)
            continue;
        struct size wanted = outer(node->children[i], room);
        size.w = wanted.w > size.w ? wanted.w : size.w;
        size.h = wanted.h > size.h ? wanted.h : size.h;
    }
    return size;
}

static struct size measure_content(struct node *node, int room)
{
    if (node->kind == NODE_TEXT)
        return measure_text(node, room);
    if (node->kind != NODE_BOX)
        return (struct size){0, 0};
    switch (node->box.layout) {
    case LAYOUT_ROW:
        return measure_row(node, room, NULL);
    case LAYOUT_GRID:
        return measure_grid(node, room);
    case LAYOUT_STACK:
        return measure_stack(node, room);
    default:
        return measure_column(node, room);
    }
}

/* The size of the node inside its margin, when room is offered to it across. */
static struct size measure(struct node *node, int room)
{
    const struct box *box = &node->box;
    if (node->free_width)
        room = UNLIMITED;
    for (int i = 0; i < 2; i++)
        if (node->measured_in[i] == node->scene->layout && node->measured_for[i] == room)
            return node->measured[i];
    int padding = box->padding.left + box->padding.right;
    int width = box->width > 0 ? box->width : room;
    if (box->max_width > 0 && (width == UNLIMITED || width > box->max_width))
        width = box->max_width;
    struct size content = measure_content(node, inside(width, padding));
    struct size size = {
        box->width > 0 ? box->width : clamp(content.w + padding, box->min_width, box->max_width),
        box->height > 0
            ? box->height
            : clamp(content.h + box->padding.top + box->padding.bottom, box->min_height, box->max_height)};
    node->measured[1] = node->measured[0];
    node->measured_for[1] = node->measured_for[0];
    node->measured_in[1] = node->measured_in[0];
    node->measured[0] = size;
    node->measured_for[0] = room;
    node->measured_in[0] = node->scene->layout;
    return size;
}

/* ---- places ---- */

static void arrange(struct node *node, struct rect rect);

/* Where a length lies in the room for it, and how long it becomes. fixed: it does not stretch. */
static void place(enum align align, bool fixed, int room, int *start, int *length)
{
    if ((align == ALIGN_USUAL || align == ALIGN_STRETCH || align == ALIGN_BETWEEN) && !fixed)
        *length = room;
    else if (align == ALIGN_CENTER)
        *start += (room - *length) / 2;
    else if (align == ALIGN_END)
        *start += room - *length;
}

static enum align own_or(enum align own, enum align parents)
{
    return own != ALIGN_USUAL ? own : parents;
}

/* What is left is put before, between or behind, as along says. */
static void spread(enum align along, int left, int visible, int *start, int *gap)
{
    if (left <= 0)
        return;
    if (along == ALIGN_CENTER)
        *start += left / 2;
    else if (along == ALIGN_END)
        *start += left;
    else if (along == ALIGN_BETWEEN && visible > 1)
        *gap += left / (visible - 1);
}

/* The width a child gets in a column or stack: as wide as it wants unless it is stretched. */
static int child_width(struct node *child, enum align align, int room)
{
    int inner = inside(room, across_margin(child)), start = 0, width = measure(child, inner).w;
    place(align, child->box.width > 0 || child->free_width, inner, &start, &width);
    return clamp(width, child->box.min_width, child->box.max_width);
}

static void arrange_column(struct node *node, struct rect room)
{
    int used = 0, shares = 0, visible = 0, gap = node->box.gap, y = room.y;
    for (size_t i = 0; i < node->count; i++) {
        struct node *child = node->children[i];
        if (child->hidden)
            continue;
        used += (visible++ ? gap : 0) + down_margin(child);
        if (child->box.grow > 0 && !node->box.scroll)
            shares += child->box.grow;
        else
            used +=
                measure(child, child_width(child, own_or(child->box.place_x, node->box.across), room.w)).h;
    }
    int left = room.h - used;
    if (shares == 0)
        spread(node->box.along, left, visible, &y, &gap);
    for (size_t i = 0; i < node->count; i++) {
        struct node *child = node->children[i];
        if (child->hidden)
            continue;
        enum align align = own_or(child->box.place_x, node->box.across);
        int inner = inside(room.w, across_margin(child)), x = room.x + child->box.margin.left;
        int width = child_width(child, align, room.w), height;
        if (child->box.grow > 0 && !node->box.scroll) {
            height = left > 0 ? left * child->box.grow / shares : 0;
            left -= height;
            shares -= child->box.grow;
        } else {
            height = measure(child, width).h;
        }
        place(align, true, inner, &x, &width);
        y += child->box.margin.top;
        arrange(child, (struct rect){x, y, width, height});
        y += height + child->box.margin.bottom + gap;
    }
    int height = y - gap - room.y;
    if (node->box.scroll && height != node->content_height)
        node_touch(node); /* its mark is drawn again */
    node->content_height = height;
}

static void arrange_row(struct node *node, struct rect room)
{
    int widths[64], visible = 0, gap = node->box.gap, x = room.x;
    int *width = node->count <= 64 ? widths : NULL;
    struct size used = measure_row(node, room.w, width);
    for (size_t i = 0; i < node->count; i++)
        visible += !node->children[i]->hidden;
    spread(node->box.along, room.w - used.w, visible, &x, &gap);
    for (size_t i = 0; i < node->count; i++) {
        struct node *child = node->children[i];
        if (child->hidden)
            continue;
        int w = width ? width[i] : measure(child, UNLIMITED).w;
        int inner = inside(room.h, down_margin(child)), y = room.y + child->box.margin.top;
        int h = measure(child, w).h;
        place(own_or(child->box.place_y, node->box.across), child->box.height > 0, inner, &y, &h);
        x += child->box.margin.left;
        arrange(child, (struct rect){x, y, w, h});
        x += w + child->box.margin.right + gap;
    }
}

/* A cell of a grid and the child in it. */
static void arrange_cell(struct node *child, struct rect cell)
{
    const struct insets *margin = &child->box.margin;
    arrange(child, (struct rect){cell.x + margin->left, cell.y + margin->top, cell.w - across_margin(child),
                                 cell.h - down_margin(child)});
}

static void arrange_items(struct node *node, struct rect room)
{
    int columns = grid_columns(node), cell = cell_width(node, room.w);
    measure_items(node, cell);
    for (size_t i = 0; i < node->count; i++) {
        struct node *child = node->children[i];
        size_t row = items_row(node->items, child);
        int top = items_top(node->items, row), column = (int)(child->item % (size_t)columns);
        arrange_cell(child, (struct rect){room.x + column * (cell + node->box.gap), room.y + top, cell,
                                          items_top(node->items, row + 1) - top - node->box.gap});
    }
}

/* The children of one row of a grid are equally high. */
static void arrange_grid(struct node *node, struct rect room)
{
    if (node->items) {
        arrange_items(node, room);
        return;
    }
    int columns = grid_columns(node), gap = node->box.gap, y = room.y;
    int cell = cell_width(node, room.w);
    size_t i = 0;
    while (i < node->count) {
        size_t from = i;
        int height = 0;
        for (int column = 0; i < node->count && column < columns; i++) {
            if (node->children[i]->hidden)
                continue;
            struct size wanted = outer(node->children[i], cell);
            height = wanted.h > height ? wanted.h : height;
            column++;
        }
        int column = 0;
        for (size_t k = from; k < i; k++) {
            struct node *child = node->children[k];
            if (child->hidden)
                continue;
            arrange_cell(child, (struct rect){room.x + column * (cell + gap), y, cell, height});
            column++;
        }
        if (column > 0)
            y += height + gap;
    }
}

static void arrange_stack(struct node *node, struct rect room)
{
    for (size_t i = 0; i < node->count; i++) {
        struct node *child = node->children[i];
        if (child->hidden)
            continue;
        int x = room.x + child->box.margin.left, y = room.y + child->box.margin.top;
        int w = child_width(child, child->box.place_x, room.w), h = measure(child, w).h;
        place(child->box.place_x, true, inside(room.w, across_margin(child)), &x, &w);
        place(child->box.place_y, child->box.height > 0, inside(room.h, down_margin(child)), &y, &h);
        arrange(child, (struct rect){x, y, w, h});
    }
}

static void arrange(struct node *node, struct rect rect)
{
    const struct insets *padding = &node->box.padding;
    struct rect room = {rect.x + padding->left, rect.y + padding->top,
                        rect.w - padding->left - padding->right, rect.h - padding->top - padding->bottom};
    node->rect = rect;
    if (node->kind != NODE_BOX)
        return;
    switch (node->box.layout) {
    case LAYOUT_ROW:
        arrange_row(node, room);
        break;
    case LAYOUT_GRID:
        arrange_grid(node, room);
        break;
    case LAYOUT_STACK:
        arrange_stack(node, room);
        break;
    default:
        arrange_column(node, room);
        break;
    }
    if (node->box.scroll) {
        int most = node->content_height - room.h;
        node->scroll = node->scroll > most ? most : node->scroll;
        node->scroll = node->scroll < 0 ? 0 : node->scroll;
    }
}

void scene_layout(struct scene *scene)
{
    if (scene->laying_out)
        return; /* asked by someone who makes an item */
    scene->laying_out = true;
    for (int i = 0; i < LAYOUT_ROUNDS && (scene->layout_dirty || scene->items_dirty); i++) {
        if (scene->layout_dirty) {
            scene->layout_dirty = false;
            scene->layout++;
            arrange(scene->root, scene->root->rect);
            items_hold(scene);
        }
        scene->items_dirty = false;
        scene_enter(scene);
        items_update(scene);
        scene_leave(scene);
    }
    scene->laying_out = false;
}

/* ---- where things are ---- */

/* The place on the screen, all scrolling and moving counted. */
static struct rect on_screen(const struct node *node)
{
    struct rect rect = node->rect;
    for (const struct node *at = node; at; at = at->parent) {
        rect.x += at->offset_x;
        rect.y += at->offset_y;
        if (at->box.scroll && at != node)
            rect.y -= at->scroll;
    }
    return rect;
}

struct rect node_rect(struct node *node)
{
    if (!node || !node_shown(node))
        return (struct rect){0};
    scene_layout(node->scene);
    return on_screen(node);
}

static int most_scroll(const struct node *node)
{
    int most = node->content_height - (node->rect.h - node->box.padding.top - node->box.padding.bottom);
    return most > 0 ? most : 0;
}

int node_scroll_left(const struct node *node, enum direction direction)
{
    if (direction == DIRECTION_UP)
        return node->scroll;
    return direction == DIRECTION_DOWN && most_scroll(node) > node->scroll ? most_scroll(node) - node->scroll
                                                                           : 0;
}

static int clamp_between(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

bool node_scroll_by(struct node *node, int pixels)
{
    scene_layout(node->scene);
    int to = node->scroll + pixels, most = most_scroll(node);
    to = to > most ? most : to < 0 ? 0 : to;
    if (to == node->scroll)
        return false;
    if (!rect_empty(node->drawn.rect)) { /* a view's height at most slides by */
        int by = to - node->scroll, slip = node->seen[MOTION_SLIP];
        by = clamp_between(by + slip, -node->rect.h, node->rect.h) - slip;
        motion_start(node, MOTION_SLIP, by, node->scene->theme->motion.scroll_ms);
    }
    node->scroll = to;
    node->scene->items_dirty = true;
    node_touch(node);
    return true;
}

void scene_reveal(struct scene *scene, struct node *node)
{
    const int margin = 20;
    scene_layout(scene);
    for (struct node *at = node->parent; at; at = at->parent) {
        if (!at->box.scroll)
            continue;
        struct rect inner = on_screen(node), view = on_screen(at);
        int above = view.y + margin - inner.y, below = inner.y + inner.h + margin - (view.y + view.h);
        if (above > 0)
            node_scroll_by(at, -above);
        else if (below > 0)
            node_scroll_by(at, below);
    }
}
