/* SPDX-License-Identifier: Apache-2.0 */
/* The frequency list of a cable network: which carriers there are, and by which URL each is received where
 * that is not this machine's frontend (a head-end that sends by IP, a file). Storage is the caller's; any
 * thread. */
#ifndef KOKONOR_TUNER_PLAN_H
#define KOKONOR_TUNER_PLAN_H

#include "base/buffer.h"
#include "base/error.h"

#define TUNER_CARRIERS_MAX 256
#define TUNER_URL_SIZE 512
/* Carriers that lie this near to each other are one. */
#define TUNER_SAME_HZ 500000

struct tuner_carrier {
    uint32_t frequency_hz;    /* 0: not known */
    uint32_t symbol_rate;     /* symbols a second; 0: not known */
    char modulation[8];       /* 16QAM, 32QAM, 64QAM, 128QAM, 256QAM or auto, in capitals or not */
    char url[TUNER_URL_SIZE]; /* "": none, a frontend is tuned to it */
};

struct tuner_plan {
    size_t count;
    struct tuner_carrier *carriers;
};

/* A line each, fields apart by blanks, '#' begins a comment (in a URL it is %23):
 *   FREQUENCY_HZ SYMBOL_RATE MODULATION [URL]
 * Each frequency once. False with the line and the reason in error, and plan empty. */
bool tuner_plan_parse(struct tuner_plan *plan, struct bytes text, struct error *error);
bool tuner_plan_read(struct tuner_plan *plan, const char *path, struct error *error);
void tuner_plan_finish(struct tuner_plan *plan); /* leaves it empty */

/* The carrier at this frequency, or NULL. */
const struct tuner_carrier *tuner_plan_find(const struct tuner_plan *plan, uint32_t frequency_hz);
/* What is received by url: the plan's carrier with the same URL, or what a dvb:// URL says. False, and
 * carrier all zero: not known. */
bool tuner_plan_locate(const struct tuner_plan *plan, const char *url, struct tuner_carrier *carrier);
/* The URL that receives carrier: its own, the plan's for its frequency, or base with another frequency where
 * that is a dvb:// URL. False: none of these, or longer than url has room for. */
bool tuner_plan_url(const struct tuner_plan *plan, const char *base, const struct tuner_carrier *carrier,
                    char url[TUNER_URL_SIZE]);

#endif
