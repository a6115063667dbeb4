/* SPDX-License-Identifier: Apache-2.0 */
/* The head-end: a content folder becomes a transport stream. One thread (the program's) calls everything
 * here; while it runs it multiplexes, and the desk (desk.h), the sender (sender.h) and the control socket
 * (control.h) have threads of their own. */
#ifndef KOKONOR_PLAYOUT_PLAYOUT_H
#define KOKONOR_PLAYOUT_PLAYOUT_H

#include "base/config.h"
#include "base/error.h"
#include <stdatomic.h>

struct playout;

/* Texts are borrowed until playout_destroy. The settings in config are described in kokonor-playout(1). */
struct playout_options {
    const char *folder;
    const char *output;     /* as output_open */
    const char *state;      /* folder; NULL: nothing is kept, and every start makes new editions */
    const char *ready_file; /* written when the first packets are out; NULL: none */
    const char *control;    /* path of the control socket; NULL: none. Not beside a file as output */
    double duration_s;      /* 0: for ever. With a file, as fast as it can be written */
    const struct config *config;
};

/* NULL and a reason in error: a channel.json or clip that is not good, an output that cannot be opened, rates
 * that do not fit. A role without a good version is logged and left off air. */
struct playout *playout_create(const struct playout_options *options, struct error *error);
void playout_destroy(struct playout *playout); /* NULL does nothing */
/* Runs until the duration is over or *stop, which a signal handler may set, is true. False and a reason in
 * error where the output failed. */
bool playout_run(struct playout *playout, const atomic_bool *stop, struct error *error);

#endif
