/* SPDX-License-Identifier: Apache-2.0 */
/* The programme guide: what a service sends on each of eight days ("guide"), and one programme's text
 * ("programme", whose argument is the event_id). */
#ifndef KOKONOR_CHANNEL_GUIDE_H
#define KOKONOR_CHANNEL_GUIDE_H

#include "shell/channel.h"

extern const struct channel channel_guide, channel_programme;

#endif
