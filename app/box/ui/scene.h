/* SPDX-License-Identifier: Apache-2.0 */
/* The retained scene: a tree of nodes that is laid out, drawn into the display's canvas and presented, each
 * time only where something changed. Main thread only. A parent owns its children: destroying a node destroys
 * all below it. Strings, arguments and options are copied. Everything may be called from any callback, also
 * destroying the node that calls. */
#ifndef KOKONOR_UI_SCENE_H
#define KOKONOR_UI_SCENE_H

#include "display/rect.h"
#include "remote/key.h"
#include "ui/strings.h"
#include "ui/theme.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node;
struct scene;
struct painter;

/* ---- boxes ---- */

enum layout { LAYOUT_COLUMN, LAYOUT_ROW, LAYOUT_GRID, LAYOUT_STACK };

/* Zero is the usual thing: along a row or column START, across it STRETCH, in a stack STRETCH both ways. */
enum align { ALIGN_USUAL, ALIGN_START, ALIGN_CENTER, ALIGN_END, ALIGN_STRETCH, ALIGN_BETWEEN };

struct insets {
    int left, top, right, bottom;
};

/* How a box is painted; a zero member paints nothing of that kind. */
struct style {
    enum theme_color fill;
    enum theme_color fill_top; /* a vertical gradient from this to fill */
    enum theme_color border;
    int border_width; /* inside the box; 0 with a border colour: 1 */
    int radius;       /* of all four corners; large values make a pill */
    int shadow;       /* blur radius in pixels; drawn outside, it takes no room */
    uint8_t fade;     /* 0 opaque ... 255 invisible, of fill and border alone */
};

struct box {
    enum layout layout;
    int width, height;         /* outside, in pixels; 0: as its content and its parent make it */
    int min_width, min_height; /* of an automatic size */
    int max_width, max_height; /* 0: no maximum */
    int grow;                  /* its share of the room that is left along the parent row or column */
    int gap;                   /* between children (grid: both ways) */
    int columns;               /* of a grid: equal widths; 0 counts as 1 */
    struct insets padding, margin;
    enum align along;            /* where children go when room is left along: START, CENTER, END, BETWEEN */
    enum align across;           /* children across: STRETCH, START, CENTER, END */
    enum align place_x, place_y; /* this box itself in a stack, or across its row (y) or column (x), over the
                                    parent's across */
    bool scroll;                 /* a column that shows a part of its content and keeps the focus in view */
    bool clip;                   /* children are not drawn outside */
    struct style style;
    struct style focus_style; /* used instead of style while it or a focusable ancestor has the focus, if
                                 use_focus_style */
    bool use_focus_style;
};

#define INSETS(all) ((struct insets){(all), (all), (all), (all)})
#define INSETS_XY(x, y) ((struct insets){(x), (y), (x), (y)})

/* All node_* creators append to parent and return the new node, owned by parent; NULL only without memory.
 * Every function accepts a NULL node and then does nothing (NULL parent: returns NULL), so a screen is built
 * without checks and a failed one is merely incomplete. */
struct node *node_box(struct node *parent, const struct box *box);
struct node *node_text(struct node *parent, struct words words, enum theme_type type, enum theme_color color);
struct node *node_icon(struct node *parent, const char *name, int size, enum theme_color color);
enum picture_fit { PICTURE_COVER, PICTURE_CONTAIN };
/* A picture by its key (see picture.h) in a fixed size; the room is kept and shaded until it has arrived. */
struct node *node_picture(struct node *parent, const char *key, int width, int height, enum picture_fit fit,
                          int radius);
/* The video plane: black until node_video_show gives it a picture. */
struct node *node_video(struct node *parent, int width, int height);
/* A node that paints itself with paint.h, at least width x height. */
typedef void node_paint_fn(struct node *node, struct painter *painter, struct rect rect, void *context);
struct node *node_custom(struct node *parent, int width, int height, node_paint_fn *paint, void *context);

void node_destroy(struct node *node);
void node_clear(struct node *node); /* destroys its children */

/* ---- changing nodes; each returns its node, so that calls nest ---- */

struct node *node_size(struct node *node, int width, int height); /* 0: automatic */
struct node *node_grow(struct node *node, int share);
struct node *node_margin(struct node *node, int left, int top, int right, int bottom);
struct node *node_place(struct node *node, enum align x, enum align y);
struct node *node_style(struct node *node, const struct style *style);
/* A hidden node takes no room. An invisible one (opacity 0) keeps it. */
struct node *node_hide(struct node *node, bool hidden);
struct node *node_opacity(struct node *node, uint8_t opacity); /* of all below it too */
/* Moves it and all below it on the screen, without any new layout. */
struct node *node_offset(struct node *node, int x, int y);
/* The same, but what is seen eases there. */
struct node *node_glide(struct node *node, int x, int y);
/* It is new: it fades in, rises a little or slides in from below. Where nothing moves (see ui.h) it is simply
 * there. */
enum arrival { ARRIVE_FADE, ARRIVE_RISE, ARRIVE_BELOW };
struct node *node_arrive(struct node *node, enum arrival arrival);
/* Fades away and is hidden or destroyed then; shown again with node_arrive it comes back. */
void node_depart(struct node *node, bool destroy);

/* text nodes */
struct node *node_set_words(struct node *node, struct words words);
struct node *node_set_color(struct node *node, enum theme_color color);
/* The colour while a focusable ancestor has the focus (a button's text on gold). Also icons. */
struct node *node_focus_color(struct node *node, enum theme_color color);
/* At most so many lines, the last one with an ellipsis; 0: all. 1 does not wrap. */
struct node *node_lines(struct node *node, int lines);
/* Keeps the height of exactly so many lines whatever the text: tiles of a row stay equal. */
struct node *node_reserve(struct node *node, int lines);
struct node *node_align(struct node *node, enum align align); /* START, CENTER, END */
struct node *node_strike(struct node *node, bool strike);     /* an old price */
/* icons and pictures */
struct node *node_set_icon(struct node *node, const char *name);
struct node *node_set_picture(struct node *node, const char *key);

/* Shows a frame: rows of 0xXXRRGGBB in the machine's order, copied now; another size than the node's is
 * scaled. */
void node_video_show(struct node *node, const uint32_t *pixels, int width, int height, int pitch);
void node_video_black(struct node *node);
/* A custom node has something else to paint. */
void node_invalidate(struct node *node);

/* ---- focus and keys ---- */

typedef void node_activate_fn(struct node *node, void *context);
typedef void node_focus_fn(struct node *node, bool focused, void *context);
/* True: the key is used up. Called for the focused node, then for its ancestors up to the scope. */
typedef bool node_key_fn(struct node *node, struct key_event event, void *context);

/* Makes it focusable; OK calls activate (which may be NULL). lift: it rises a little when focused. */
struct node *node_on_activate(struct node *node, node_activate_fn *activate, void *context);
struct node *node_on_focus(struct node *node, node_focus_fn *focus, void *context);
struct node *node_on_key(struct node *node, node_key_fn *key, void *context);
struct node *node_disable(struct node *node, bool disabled); /* cannot have the focus, drawn faint */
struct node *node_lift(struct node *node, bool lift);
/* Gives it the focus in its scope now. */
struct node *node_focus(struct node *node);
bool node_focused(const struct node *node);
/* A scope keeps the focus inside itself and remembers it: screens and dialogs are scopes. Entering makes it
 * the active one; when it is hidden or destroyed, the one entered before it gets the focus back. */
struct node *node_enter_scope(struct node *node);
/* The first focusable node below node, or NULL. */
struct node *node_first_focusable(struct node *node);

/* Something of the caller's, given back by destroy (may be NULL) when the node goes. */
struct node *node_set_data(struct node *node, void *data, void (*destroy)(void *data));
void *node_data(const struct node *node);

/* ---- looking ---- */

struct scene *node_scene(const struct node *node);
struct node *node_parent(const struct node *node);
size_t node_count(const struct node *node);
struct node *node_child(const struct node *node, size_t index);
/* Where it was laid out last, on the screen, in pixels (scrolling included). Lays out first where that is
 * needed. */
struct rect node_rect(struct node *node);

/* ---- the scene itself; ui.h makes one and drives it ---- */

struct node *scene_root(struct scene *scene); /* a stack as large as the picture */
/* Up, down, left, right to the nearest focusable node of the active scope; false where there is none that
 * way. */
enum direction { DIRECTION_UP, DIRECTION_DOWN, DIRECTION_LEFT, DIRECTION_RIGHT };
bool scene_focus_move(struct scene *scene, enum direction direction);
struct node *scene_focus(struct scene *scene); /* NULL where nothing can have it */
/* The active scope, or NULL. */
struct node *scene_scope(struct scene *scene);
/* True: someone used the key. Arrows move the focus, OK activates, unless a node's key function took them
 * first. */
bool scene_key(struct scene *scene, struct key_event event);

/* Draws and presents what changed; false where nothing had. damage (may be NULL) gets at most maximum
 * rectangles and *count how many there were. */
bool scene_draw(struct scene *scene, struct rect *damage, size_t maximum, size_t *count);
bool scene_needs_draw(const struct scene *scene);
void scene_invalidate(struct scene *scene, struct rect rect);

#endif
