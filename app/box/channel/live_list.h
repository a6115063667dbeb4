/* SPDX-License-Identifier: Apache-2.0 */
/* The list of channels over the live picture: by groups (all, favourites, radio, the network's bouquets),
 * with what is on now. Main thread; the owner passes it the keys that nothing in it wanted. */
#ifndef KOKONOR_CHANNEL_LIVE_LIST_H
#define KOKONOR_CHANNEL_LIVE_LIST_H

#include "shell/shell.h"

struct live_list;

/* OK on a channel; the list may be closed in the call, key is the caller's. */
typedef void live_list_chosen_fn(void *context, const struct reception_key *key);

/* A panel at the left of parent, a stack; the focus is on the service that is watched. group: as
 * live_list_group said before, 0 all. NULL without memory. */
struct live_list *live_list_open(struct node *parent, struct shell *shell, size_t group,
                                 live_list_chosen_fn *chosen, void *context);
void live_list_close(struct live_list *list); /* NULL does nothing */
size_t live_list_group(const struct live_list *list);
/* Other news: built anew where they say other things than before; the focus stays on its channel. */
void live_list_refresh(struct live_list *list);
/* LEFT and RIGHT turn to another group, UP and DOWN go round, YELLOW marks a favourite. True: used. */
bool live_list_key(struct live_list *list, struct key_event event);

#endif
