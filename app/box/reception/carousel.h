/* SPDX-License-Identifier: Apache-2.0 */
/* The one object carousel that a box follows, wherever the stream announces it: what comes of it goes through
 * the trust check to the store, what the screens want first. Reception thread only; its functions are called
 * outside the demultiplexer's callbacks. */
#ifndef KOKONOR_RECEPTION_CAROUSEL_H
#define KOKONOR_RECEPTION_CAROUSEL_H

#include "reception/interaction.h"
#include "reception/reception.h"
#include "reception/wanted.h"

struct carousel;

struct carousel_options {
    const struct reception_options
        *reception;         /* needed during the call only, what it lends to the thread longer */
    struct ts_demux *demux; /* these three outlive it */
    const struct si_watcher *watcher;
    struct interaction *interaction; /* is given each whole tree */
};

/* Receives nothing yet. NULL with error set where there is no memory or the operator's root holds no
 * certificate. */
struct carousel *carousel_create(const struct carousel_options *options, struct error *error);
void carousel_destroy(struct carousel *carousel); /* NULL does nothing */

/* Follows what the watcher's model announces now; called when that has changed. False: it has changed too
 * soon after the last time, call it again. */
bool carousel_follow(struct carousel *carousel);
/* The stream is left: nothing is received until carousel_follow. What it brought stays. */
void carousel_leave(struct carousel *carousel);
/* Takes what has become whole, behind each push of bytes. */
void carousel_take(struct carousel *carousel);
/* Tries once more what may be accepted later, when its time has come. */
void carousel_try_again(struct carousel *carousel);
/* The broadcast clock was set: what was refused for the time may soon be tried again. */
void carousel_clock_set(struct carousel *carousel);
void carousel_want(struct carousel *carousel, const struct wanted *screens);

/* True where it has something else to tell since the last call. */
bool carousel_take_changed(struct carousel *carousel);
void carousel_tell(const struct carousel *carousel, struct reception_news *news);

#endif
