/* SPDX-License-Identifier: Apache-2.0 */
/* What widgets share beyond the public functions. Inside ui only. */
#ifndef KOKONOR_UI_DESK_H
#define KOKONOR_UI_DESK_H

#include "ui/ui.h"

/* Where the painted backdrop is kept. */
IDirectFBSurface **ui_backdrop(struct ui *ui);
const char *ui_clock(const struct ui *ui);
/* Neither key nor text. */
bool words_empty(struct words words);
/* The surface of cards, and of focused ones. */
struct style widget_surface(const struct theme *theme);
struct style widget_surface_focused(const struct theme *theme);

#endif
