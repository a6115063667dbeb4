/* SPDX-License-Identifier: Apache-2.0 */
/* The digits of a remote on the screen, for remotes without them and for eyes that look for a letter. Main
 * thread only; made like the pieces of widget.h. */
#ifndef KOKONOR_UI_KEYPAD_H
#define KOKONOR_UI_KEYPAD_H

#include "ui/scene.h"

/* What the key without a digit gives. */
#define UI_KEYPAD_ERASE '<'
#define UI_KEYPAD_CLEAR 'x'

typedef void ui_keypad_fn(struct node *keypad, char key, void *context);

struct ui_keypad {
    const char *(*letters)(char digit); /* "abc" for '2', "" for none; NULL: digits alone */
    ui_keypad_fn *press;                /* '0' to '9', UI_KEYPAD_ERASE or UI_KEYPAD_CLEAR */
    void *context;
};
#define UI_KEYPAD_WIDTH 356 /* at normal size: ui_text_px */

/* Four rows of three: 1 to 9, clear, 0, erase. The 5 in the middle has the focus first. */
struct node *ui_keypad(struct node *parent, const struct ui_keypad *keypad);
/* The focus goes to a digit's key, as if the viewer had gone there: for digits that come from the remote. */
void ui_keypad_show(struct node *keypad, char digit);

#endif
