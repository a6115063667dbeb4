/* SPDX-License-Identifier: Apache-2.0 */
/* The network's bouquets (BAT, EN 300 468, 5.2.2) as groups in the list of channels. Reception thread only.
 */
#ifndef KOKONOR_RECEPTION_GROUPS_H
#define KOKONOR_RECEPTION_GROUPS_H

#include "reception/reception.h"

/* Fills groups and group_count of the news, and of each service that it has already, which of them it is in.
 * Bouquets without a name or without a service of the list are left out; without memory there are none. */
void groups_fill(struct reception_news *news, const struct si_watcher *watcher);

#endif
