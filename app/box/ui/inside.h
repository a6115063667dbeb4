/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the scene share: nodes as they are laid out in memory. Inside ui only; main thread. */
#ifndef KOKONOR_UI_INSIDE_H
#define KOKONOR_UI_INSIDE_H

#include "ui/motion.h"
#include "ui/paint.h"
#include "ui/paragraph.h"
#include "ui/picture.h"
#include "ui/scene.h"
#include "ui/ui.h"

#define DAMAGE_MAX 12
#define SCOPES_MAX 16
#define MASKS_MAX 48
#define UNLIMITED (-1)

struct icons;
struct items;

/* ---- painting ---- */

enum mask_kind { MASK_DISC, MASK_RING, MASK_SHADOW };

struct mask {
    enum mask_kind kind;
    int radius, extra; /* ring: width; shadow: blur */
    int side;
    uint8_t *alpha; /* side x side; NULL: this place is free */
    uint64_t used;
};

struct kit {
    IDirectFB *directfb;
    IDirectFBSurface *canvas;
    const struct theme *theme;
    struct typesetter *typesetter;
    struct icons *icons;
    struct pictures *pictures;
    struct mask masks[MASKS_MAX];
    uint64_t clock;
};

struct painter {
    struct kit *kit;
    struct rect clip;
    uint8_t opacity;
    bool focused;
    const char *language;
};

void kit_finish(struct kit *kit);
/* Sets the clip of painter and canvas. */
void painter_clip(struct painter *painter, struct rect clip);
uint32_t painter_fade(const struct painter *painter, uint32_t color);
/* Alpha of a shadow at a distance outside (positive) or inside a rounded rect's edge; blur > 0. */
uint8_t paint_shadow_alpha(double distance, int blur);

struct icons *icons_create(IDirectFB *directfb, const char *folder);
void icons_destroy(struct icons *icons);
/* An A8 shape of size x size or the nearest that was built, owned by icons; NULL (logged once) where there is
 * none. */
IDirectFBSurface *icons_get(struct icons *icons, const char *name, int size, int *built);

void paint_backdrop(struct painter *painter, struct rect rect, IDirectFBSurface **cache);

/* ---- nodes ---- */

enum node_kind { NODE_BOX, NODE_TEXT, NODE_ICON, NODE_PICTURE, NODE_VIDEO, NODE_CUSTOM };

struct size {
    int w, h;
};

/* What was drawn last: where it differs from what should be drawn, both places are damaged. */
struct drawn {
    struct rect rect; /* with shadow and ring, cut by the clip; empty: nothing */
    uint8_t opacity;
    bool focused;
    uint32_t version;
};

struct node {
    struct scene *scene;
    struct node *parent;
    struct node **children;
    size_t count, room;
    enum node_kind kind;
    struct box box;
    bool hidden, destroyed, disabled, lift, opaque, is_clock, remember;
    struct items *items; /* of a grid that makes its children when they come near the view */
    size_t item;         /* of a child of such a grid: its place in the whole */
    bool free_width;     /* as wide as its content wants, whatever room there is */
    uint8_t opacity;
    int offset_x, offset_y;
    int seen[MOTION_KINDS]; /* by how much it is seen otherwise than it is: 0 at rest */
    bool steady;            /* does not move with the screen that it is on */
    bool waits;             /* a picture that was painted without its picture */
    void *data;
    void (*data_destroy)(void *data);

    /* layout: rect is where the parent put it, before any scrolling, from the picture's top left */
    struct rect rect;
    struct size measured[2];
    int measured_for[2];
    uint32_t measured_in[2]; /* the layout's number */
    int scroll, content_height;

    /* drawing */
    struct drawn drawn;
    struct rect extent; /* of the whole subtree as drawn now, cut */
    uint32_t version;   /* counts what it looks like */
    struct rect at;     /* as drawn now: scrolled, moved, lifted */
    struct rect cut;    /* that its ancestors let through */

    /* text */
    struct words words;
    char *shown; /* the words in the language of shown_in */
    uint32_t shown_in;
    enum theme_type type;
    enum theme_color color, focus_color;
    int lines, reserve;
    enum align align;
    bool strike;
    struct paragraph *paragraph; /* at the width of the last measuring */

    /* icon, picture, video, custom */
    char *name;
    int icon_size;
    enum picture_fit fit;
    int radius;
    IDirectFBSurface *surface;
    bool has_frame;
    node_paint_fn *paint; /* of a custom node; of a box, under everything else */
    void *paint_context;

    /* focus */
    bool focusable, scope;
    bool modal; /* a scope that arrows and OK never leave */
    bool
        reading; /* a scroller that has the focus itself until it goes elsewhere: what had it left the view */
    node_activate_fn *activate;
    void *activate_context;
    node_focus_fn *on_focus;
    void *focus_context;
    node_key_fn *on_key;
    void *key_context;
    struct node *remembered; /* of a scope or a group: the descendant that had the focus */
    struct rect remembered_at;
};

struct scene {
    struct ui *ui;
    struct display *display;
    struct strings *strings;
    const struct theme *theme;
    struct kit kit;
    struct node *root;
    uint32_t language; /* counts changes of language */
    uint32_t layout;   /* counts layouts */
    bool layout_dirty, draw_dirty;
    struct items *items; /* all there are */
    bool items_dirty;    /* something has scrolled or has got the focus: other rows come near the view */
    bool laying_out;
    struct rect damage[DAMAGE_MAX];
    size_t damage_count;
    struct node *scopes[SCOPES_MAX];
    size_t scope_count;
    struct node *focus; /* as told to the nodes last */
    struct motions motions;
    int depth; /* of callbacks: destroyed nodes are freed at 0 */
    struct node **graves;
    size_t grave_count, grave_room;
};

struct scene *scene_create(struct ui *ui, struct display *display, const struct theme *theme,
                           struct strings *strings, const struct kit *kit);
void scene_destroy(struct scene *scene);
void scene_layout(struct scene *scene);
void scene_damage(struct scene *scene, struct rect rect);
/* Something may look or lie differently. */
void node_touch(struct node *node);
void node_touch_layout(struct node *node);
bool node_below(const struct node *node, const struct node *ancestor);
/* Shown, as far as hiding goes, up to the root. */
bool node_shown(const struct node *node);
/* The text to show, in the language of now; never NULL. */
const char *node_shown_text(struct node *node);
struct paragraph_style node_paragraph_style(const struct node *node, int width);
/* Moves scrolled ancestors so that node is in view. */
void scene_reveal(struct scene *scene, struct node *node);
/* Callbacks between enter and leave may destroy any node. */
void scene_enter(struct scene *scene);
void scene_leave(struct scene *scene);
/* Brings scene->focus to what it should be and tells the nodes. */
void scene_settle_focus(struct scene *scene);
void scene_forget(struct scene *scene, struct node *node);
/* Remembers the child that had the focus: coming from outside, that one gets it again (tabs). */
struct node *node_group(struct node *node);
/* How far it could still be scrolled that way; 0 sideways. */
int node_scroll_left(const struct node *node, enum direction direction);
/* Scrolls by so many pixels; false where it does not move. */
bool node_scroll_by(struct node *node, int pixels);
/* A screen comes to the front. */
void motion_screen(struct node *screen);

/* ---- grids of any length (items.c) ---- */

/* Before the heights of the rows that exist are set for cells of this width. */
void items_measure(struct items *items, int cell);
void items_set_height(struct items *items, size_t row, int height);
/* From the first row's top, without padding. */
int items_top(const struct items *items, size_t row);
int items_height(const struct items *items);
size_t items_row(const struct items *items, const struct node *child);
/* After a layout: what is in view stays there. */
void items_hold(struct scene *scene);
/* Makes and destroys children; the layout is dirty then. */
void items_update(struct scene *scene);
/* What to focus so many rows further down (negative: up) in the grid that node lies in, at most to its end;
 * NULL: it lies in none, or there is nothing further. */
struct node *items_ahead(struct node *node, int rows);
void items_leave(struct items *items); /* its node is being destroyed */
void items_destroy(struct items *items);

void node_each(struct node *node, void (*each)(struct node *node, void *context), void *context);

#endif
