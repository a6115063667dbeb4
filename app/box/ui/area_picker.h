/* SPDX-License-Identifier: Apache-2.0 */
/* Chooses an administrative division step by step: province, prefecture, county. A step with one choice is
 * passed over; BACK leads one step up, and is left to others at the first one. Main thread only; made like
 * the pieces of widget.h. */
#ifndef KOKONOR_UI_AREA_PICKER_H
#define KOKONOR_UI_AREA_PICKER_H

#include "ui/divisions.h"
#include "ui/scene.h"

/* code: of a division in which no other lies; valid during the call. */
typedef void ui_area_fn(struct node *picker, const char *code, void *context);

struct ui_area_picker {
    const struct divisions *divisions; /* borrowed */
    const char *chosen;                /* code that is chosen now: it is marked, and has the focus; "" none */
    const char *within;                /* where to begin; NULL: where chosen lies */
    ui_area_fn *choose;
    void *context;
};
/* Takes the room left. The names are in the language of the moment: build it anew in another. */
struct node *ui_area_picker(struct node *parent, const struct ui_area_picker *options);
/* The code whose divisions are shown, "" the whole list: for within. Valid until the picker changes. */
const char *ui_area_picker_within(const struct node *picker);

#endif
