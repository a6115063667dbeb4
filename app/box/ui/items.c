/* SPDX-License-Identifier: Apache-2.0 */
/* Long grids and lists of which only the rows near the view exist. Rows that were there once keep their
 * height, the others are taken to be as high as the first. */
#include "ui/inside.h"
#include "ui/widget.h"
#include <stdlib.h>
#include <string.h>

#define ROWS_ALONE 8 /* what exists before anybody knows how large the view is, or where nothing scrolls */

struct items {
    struct node *node;
    struct items *next; /* in the scene */
    size_t count, rows;
    int columns;
    ui_make_fn *make;
    void *context;
    int *heights; /* a row each; 0: not known */
    int estimate; /* of those; 0: none is known yet */
    int cell;     /* what heights hold for */
    uint32_t language;
    size_t anchor; /* the row at the view's top while heights change */
    int shift;     /* by which rows above it have grown */
};

struct span {
    size_t from, to; /* rows, to not included */
};

/* ---- heights ---- */

static int row_height(const struct items *items, size_t row)
{
    return items->heights[row] > 0 ? items->heights[row] : items->estimate;
}

int items_top(const struct items *items, size_t row)
{
    int y = 0;
    for (size_t i = 0; i < row && i < items->rows; i++)
        y += row_height(items, i) + items->node->box.gap;
    return y;
}

int items_height(const struct items *items)
{
    return items->rows > 0 ? items_top(items, items->rows) - items->node->box.gap : 0;
}

size_t items_row(const struct items *items, const struct node *child)
{
    return child->item / (size_t)items->columns;
}

/* The row at y from the first row's top, rows if it is below all. */
static size_t row_at(const struct items *items, int y)
{
    int bottom = 0;
    for (size_t i = 0; i < items->rows; i++) {
        bottom += row_height(items, i) + items->node->box.gap;
        if (y < bottom)
            return i;
    }
    return items->rows;
}

static struct node *scroller_of(const struct items *items)
{
    struct node *at = items->node->parent;
    while (at && !at->box.scroll)
        at = at->parent;
    return at;
}

/* The scroller's top from the first row's top. */
static int view_top(const struct items *items, const struct node *scroller)
{
    return scroller->rect.y + scroller->scroll - items->node->rect.y;
}

void items_measure(struct items *items, int cell)
{
    const struct node *scroller = scroller_of(items);
    if (items->cell != cell || items->language != items->node->scene->language) {
        memset(items->heights, 0, items->rows * sizeof(int));
        items->estimate = 0;
        items->cell = cell;
        items->language = items->node->scene->language;
        items->anchor = 0;
        return;
    }
    items->anchor = scroller && scroller->scroll > 0 ? row_at(items, view_top(items, scroller)) : 0;
}

void items_set_height(struct items *items, size_t row, int height)
{
    int before = row_height(items, row);
    if (items->estimate == 0)
        items->estimate = height;
    items->heights[row] = height;
    if (row < items->anchor)
        items->shift += height - before;
}

/* What is in view stays where it is when rows above it turn out to be higher or lower than was thought. */
void items_hold(struct scene *scene)
{
    for (struct items *items = scene->items; items; items = items->next) {
        struct node *scroller = scroller_of(items);
        if (scroller && items->shift)
            scroller->scroll = scroller->scroll + items->shift > 0 ? scroller->scroll + items->shift : 0;
        items->shift = 0;
    }
}

/* ---- which rows exist ---- */

static struct span cut(const struct items *items, size_t from, size_t to)
{
    return (struct span){from, to < items->rows ? to : items->rows};
}

/* What is in view, and a row more above and below, so that arrows find where to go. */
static struct span in_view(const struct items *items)
{
    const struct node *scroller = scroller_of(items);
    if (!scroller || items->estimate == 0 || scroller->rect.h <= 0)
        return cut(items, 0, scroller ? 1 : ROWS_ALONE);
    int top = view_top(items, scroller), slip = scroller->seen[MOTION_SLIP], height = scroller->rect.h;
    size_t first = row_at(items, slip > 0 ? top - slip : top),
           last = row_at(items, top + height - (slip < 0 ? slip : 0));
    return cut(items, first > 0 ? first - 1 : 0, last + 2); /* while it eases, also what is seen yet */
}

/* The child of the grid that node is or lies in. */
static struct node *child_with(const struct items *items, struct node *node)
{
    while (node && node->parent != items->node)
        node = node->parent;
    return node && !node->destroyed ? node : NULL;
}

/* What is about to get the focus, has it, or would get it back. */
static struct node *kept(const struct items *items)
{
    struct node *child = NULL;
    for (struct node *at = items->node; at && !child; at = at->parent)
        if (at->remembered)
            child = child_with(items, at->remembered);
    return child;
}

static struct span around_focus(const struct items *items)
{
    const struct node *child = kept(items);
    size_t row = child ? items_row(items, child) : 0;
    return child ? cut(items, row > 0 ? row - 1 : 0, row + 2) : (struct span){0, 0};
}

/* extra: rows that may stay but need not come, so that nothing comes and goes with each key. */
static bool within(struct span span, size_t row, size_t extra)
{
    return span.from < span.to && row + extra >= span.from && row < span.to + extra;
}

static bool exists(const struct items *items, size_t item)
{
    for (size_t i = 0; i < items->node->count; i++)
        if (items->node->children[i]->item == item)
            return true;
    return false;
}

static bool make_item(struct items *items, size_t item)
{
    size_t before = items->node->count;
    if (exists(items, item))
        return false;
    items->make(items->node, item, items->context);
    for (size_t i = before; i < items->node->count; i++)
        items->node->children[i]->item = item;
    return items->node->count > before;
}

static int by_item(const void *a, const void *b)
{
    const struct node *x = *(struct node *const *)a, *y = *(struct node *const *)b;
    return (x->item > y->item) - (x->item < y->item);
}

static void make_rows(struct items *items, struct span span)
{
    size_t columns = (size_t)items->columns, before = items->node->count;
    for (size_t item = span.from * columns; item < span.to * columns && item < items->count; item++)
        make_item(items, item);
    if (items->node->count > before)
        qsort(items->node->children, items->node->count, sizeof(struct node *), by_item);
}

static void update(struct items *items)
{
    struct span view = in_view(items), focus = around_focus(items);
    for (size_t i = items->node->count; i-- > 0;) {
        size_t row = items_row(items, items->node->children[i]);
        if (!within(view, row, 1) && !within(focus, row, 1))
            node_destroy(items->node->children[i]);
    }
    make_rows(items, view);
    make_rows(items, focus);
}

void items_update(struct scene *scene)
{
    for (struct items *items = scene->items; items; items = items->next)
        if (node_shown(items->node))
            update(items);
}

/* ---- life ---- */

struct node *ui_items(struct node *parent, const struct ui_items *options)
{
    struct items *items = calloc(1, sizeof(*items));
    int columns = options->columns > 0 ? options->columns : 1;
    size_t rows = (options->count + (size_t)columns - 1) / (size_t)columns;
    struct node *node = NULL;
    if (items && (items->heights = calloc(rows + 1, sizeof(int))) != NULL)
        node =
            node_box(parent, &(struct box){.layout = LAYOUT_GRID, .columns = columns, .gap = options->gap});
    if (!node) {
        items_destroy(items);
        return NULL;
    }
    items->node = node;
    items->count = options->count;
    items->rows = rows;
    items->columns = columns;
    items->make = options->make;
    items->context = options->context;
    items->language = node->scene->language;
    items->next = node->scene->items;
    node->scene->items = items;
    node->items = items;
    make_rows(items, cut(items, 0, 1));
    return node;
}

void items_leave(struct items *items)
{
    struct items **at = &items->node->scene->items;
    while (*at && *at != items)
        at = &(*at)->next;
    if (*at)
        *at = items->next;
}

void items_destroy(struct items *items)
{
    if (!items)
        return;
    free(items->heights);
    free(items);
}

size_t ui_items_index(const struct node *node)
{
    while (node && !(node->parent && node->parent->items))
        node = node->parent;
    return node ? node->item : UI_ITEMS_NONE;
}

size_t ui_items_focused(const struct node *node)
{
    const struct node *child = node && node->items ? kept(node->items) : NULL;
    return child ? child->item : UI_ITEMS_NONE;
}

void ui_items_focus(struct node *node, size_t index)
{
    struct items *items = node ? node->items : NULL;
    if (!items || index >= items->count)
        return;
    size_t row = index / (size_t)items->columns;
    make_rows(items, cut(items, row > 0 ? row - 1 : 0, row + 2));
    for (size_t i = 0; i < node->count; i++)
        if (node->children[i]->item == index)
            node_focus(node_first_focusable(node->children[i]));
}

struct node *items_ahead(struct node *node, int rows)
{
    struct node *grid = node;
    while (grid && !grid->items)
        grid = grid->parent;
    struct items *items = grid ? grid->items : NULL;
    const struct node *child = items ? child_with(items, node) : NULL;
    if (!child || items->rows == 0)
        return NULL;
    int64_t row = (int64_t)items_row(items, child), last = (int64_t)items->rows - 1;
    int64_t to = row + rows < 0 ? 0 : row + rows > last ? last : row + rows;
    if (to == row)
        return NULL;
    size_t columns = (size_t)items->columns, item = (size_t)to * columns + child->item % columns;
    item = item < items->count ? item : items->count - 1;
    make_rows(items, cut(items, (size_t)to, (size_t)to + 1));
    for (size_t i = 0; i < grid->count; i++)
        if (grid->children[i]->item == item)
            return node_first_focusable(grid->children[i]);
    return NULL;
}
