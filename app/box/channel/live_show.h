/* SPDX-License-Identifier: Apache-2.0 */
/* What stands over the live picture because the programme asks for it: the product that is shown, and what a
 * key opens. Main thread; the nodes belong to parent. */
#ifndef KOKONOR_CHANNEL_LIVE_SHOW_H
#define KOKONOR_CHANNEL_LIVE_SHOW_H

#include "shell/shell.h"

/* Picture, name and price of a product as the accepted content has it now, and the keys. False, and nothing
 * is added, where that has it no more. */
bool live_show_product(struct node *parent, struct shell *shell, const char *id);
/* Says what RED opens (the first that invites, or the only one; else, as MENU, all) and MENU. count: 1 and
 * up.
 */
bool live_show_invitation(struct node *parent, const struct programme_offer *offers, size_t count);

#endif
