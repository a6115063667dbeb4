/* SPDX-License-Identifier: Apache-2.0 */
/* A content folder with its keys, a playout over it, and a box's look at the stream, for tests of the whole
 * playout. */
#ifndef PLAYOUT_FIXTURE_H
#define PLAYOUT_FIXTURE_H

#include "base/config.h"
#include "clip_stream.h"
#include "dsmcc/receiver.h"
#include "playout/playout.h"
#include "si/watcher.h"
#include "trust/verify.h"
#include "tuner/tuner.h"
#include <pthread.h>

extern const char fixture_channel_json[1024], fixture_page_json[256];

/* What the log said, from any thread. */
struct heard {
    pthread_mutex_t mutex;
    char text[65536];
    size_t size;
};

struct fixture {
    char folder[64], content[96], state[96], stream[96], ready[96], output[128];
    char control[96]; /* "": none */
    struct config *config;
    struct heard heard;
    atomic_bool stop;
};

bool was_heard(struct heard *heard, const char *word);
int fixture_set_up(void **state);
int fixture_tear_down(void **state);
/* "section.name=value" */
void fixture_set(struct fixture *fixture, const char *format, ...);
void fixture_write(const char *folder, const char *name, const char *text);
void fixture_write_product(const struct fixture *fixture, const char *price);
void fixture_write_clip(const struct fixture *fixture, const struct clip_stream *options);
struct playout *fixture_playout(struct fixture *fixture, double duration_s, struct error *error);

/* A box's look at the stream. */
struct box {
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct dsmcc_receiver *receiver;
    struct dsmcc_tree *tree; /* the last complete one */
    unsigned trees;
    uint64_t pictures, frames;
    struct trust_verifier *verifier;
};

void box_open(struct box *box, const struct fixture *fixture);
void box_close(struct box *box);
struct bytes box_file(const struct box *box, const char *role, const char *name);
/* The role's manifest as a box takes it, the caller's; NULL where it does not. */
struct trust_manifest *box_verify(struct box *box, const char *role, struct error *error);
int64_t box_sequence(struct box *box, const char *role);
/* Takes what comes within a tenth of a second. */
void box_receive(struct box *box, struct tuner *tuner);
/* Receives until the commerce edition's sequence is above sequence, or, with a word, until the log said it.
 */
bool box_receive_until(struct box *box, struct tuner *tuner, int64_t sequence, struct heard *heard,
                       const char *word);

/* A playout that runs in a thread of its own. */
struct running {
    struct fixture *fixture;
    struct playout *playout;
    bool good;
};
void *running_thread(void *context);

#endif
