/* SPDX-License-Identifier: Apache-2.0 */
/* The box's user interface as one object: display, theme, strings, fonts, icons, pictures and the scene,
 * drawn by itself at the end of a loop's turn in which something changed. Main thread only. Owned by the
 * program; channels borrow it. */
#ifndef KOKONOR_UI_UI_H
#define KOKONOR_UI_UI_H

#include "base/buffer.h"
#include "base/error.h"
#include "display/display.h"
#include "ui/divisions.h"
#include "ui/scene.h"
#include <uv.h>

struct ui;

/* Gives the bytes of a picture ("commerce/pictures/yogurt.jpg") on the main thread: appends them to out, or
 * returns false where there is none (yet). Must not be slow; the decoding happens on a worker. */
typedef bool ui_picture_fn(void *context, const char *key, struct buffer *out);

struct ui_options {
    struct display *display; /* borrowed */
    uv_loop_t *loop;         /* borrowed; NULL: draw only by ui_draw, pictures decoded at once (tests) */
    const char *resources;   /* folder with theme/theme.ini, fonts/fonts.ini, strings/, icons/ */
    const char *language;    /* "zh", "bo", "en" */
    ui_picture_fn *picture;  /* may be NULL: no pictures */
    void *picture_context;
    bool still; /* nothing eases, as without a loop; see also [motion] of the theme */
};

struct ui *ui_create(const struct ui_options *options, struct error *error);
/* Destroys the scene and with it every node. Closes its handles on the loop: run that once more. */
void ui_destroy(struct ui *ui);

struct scene *ui_scene(struct ui *ui);
const struct theme *ui_theme(const struct ui *ui);
struct strings *ui_strings(struct ui *ui);
/* Of resources/divisions.json, read when it is asked for first; NULL where it cannot be read (logged). */
const struct divisions *ui_divisions(struct ui *ui);
struct display *ui_display(struct ui *ui);
struct ui *ui_of(const struct node *node);

/* The layers of the picture from back to front. Each is a stack as large as the picture. */
enum ui_layer {
    UI_LAYER_VIDEO,
    UI_LAYER_SCREEN,
    UI_LAYER_OVERLAY,
    UI_LAYER_DIALOG,
    UI_LAYER_TOAST,
    UI_LAYER_ALERT,
    UI_LAYER_COUNT
};
struct node *ui_layer(struct ui *ui, enum ui_layer layer);

/* A key: dialogs, the focused node, focus. False where nobody wanted it: the channel's, then the shell's
 * (BACK, colours ...). */
bool ui_key(struct ui *ui, struct key_event event);
/* Every text that is a key of the strings changes at once; content does not: the channel builds its screen
 * again. */
bool ui_set_language(struct ui *ui, const char *language);
/* Another size of text or other colours, at once. Text grows where it stands; the lengths that screens have
 * worked out for it are for another size: the channel builds its screen again. */
void ui_set_look(struct ui *ui, enum theme_scheme scheme, enum theme_size size);
enum theme_scheme ui_scheme(const struct ui *ui);
/* The time that headers show; "" hides it. */
void ui_set_clock(struct ui *ui, const char *text);
/* Draws now, if anything changed. */
void ui_draw(struct ui *ui);
/* Whatever is on its way is there. */
void ui_finish_motion(struct ui *ui);
/* Nothing to draw, nothing that moves and no picture on its way. */
bool ui_idle(const struct ui *ui);
/* New bytes may be there for pictures whose key begins with prefix ("" all): they are asked for again. */
void ui_pictures_changed(struct ui *ui, const char *prefix);

#endif
