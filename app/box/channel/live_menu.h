/* SPDX-License-Identifier: Apache-2.0 */
/* What MENU opens over the live picture: what the programme offers, the list of channels, the guide, and the
 * choice of a sound where there are several. Main thread. */
#ifndef KOKONOR_CHANNEL_LIVE_MENU_H
#define KOKONOR_CHANNEL_LIVE_MENU_H

#include "shell/shell.h"

struct live_menu;

/* list is called where the viewer wants the list of channels. NULL without memory. */
struct live_menu *live_menu_create(struct shell *shell, void (*list)(void *context), void *context);
void live_menu_destroy(struct live_menu *menu); /* closes it; NULL does nothing */
/* Dialogs of their own; one that is open is closed first. */
void live_menu_open(struct live_menu *menu);
void live_menu_open_offers(struct live_menu *menu); /* these alone; nothing where there are none */
void live_menu_open_sounds(struct live_menu *menu); /* nothing where there is no choice */
void live_menu_close(struct live_menu *menu);
/* The service that is watched has more than one sound. */
bool live_menu_has_sounds(const struct live_menu *menu);

#endif
