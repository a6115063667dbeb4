/* SPDX-License-Identifier: Apache-2.0 */
/* What a kind of tuner is: one descriptor of functions. Private to the tuner folder; tuner.h says what they
 * promise. */
#ifndef KOKONOR_TUNER_BACKEND_H
#define KOKONOR_TUNER_BACKEND_H

#include "tuner/tuner.h"
#include "tuner/url.h"

struct tuner_backend {
    const char *scheme; /* of its URLs; NULL: none */
    /* Whether open would understand the URL; asks the machine nothing. */
    bool (*check)(const struct tuner_url *url, struct error *error);
    /* The back-end's own state, or NULL and a reason in error. */
    void *(*open)(const struct tuner_url *url, struct error *error);
    void (*close)(void *state);
    int (*fd)(const void *state);
    ssize_t (*read)(void *state, void *buffer, size_t size);
    uint16_t (*port)(const void *state);                      /* may be NULL */
    bool (*status)(void *state, struct tuner_status *status); /* may be NULL; status is zero before */
};

extern const struct tuner_backend tuner_backend_udp;
extern const struct tuner_backend tuner_backend_rtp;
extern const struct tuner_backend tuner_backend_dvb;
extern const struct tuner_backend tuner_backend_file;
extern const struct tuner_backend tuner_backend_memory;

/* The state of tuner_backend_memory, which has no URL. */
void *tuner_memory_create(const void *data, size_t size, size_t piece);

/* A tuner of a state that the back-end opened; takes it, closes it without memory. */
struct tuner *tuner_create(const struct tuner_backend *backend, void *state);

#endif
