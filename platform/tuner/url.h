/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a tuner's URL (RFC 3986, what of it is needed). Storage is the caller's; any thread. */
#ifndef KOKONOR_TUNER_URL_H
#define KOKONOR_TUNER_URL_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TUNER_URL_PART_SIZE 1024
#define TUNER_URL_OPTIONS_MAX 8

struct tuner_url_option {
    char name[16];
    char value[64];
};

struct tuner_url {
    char scheme[16];
    char rest[TUNER_URL_PART_SIZE]; /* between scheme:// and '?', %XX decoded */
    size_t option_count;
    struct tuner_url_option options[TUNER_URL_OPTIONS_MAX];
};

/* A text without "://" is a file's path. */
bool tuner_url_parse(const char *text, struct tuner_url *url, struct error *error);
/* Cuts "HOST:PORT" or "[HOST]:PORT"; host has room for size bytes. */
bool tuner_url_address(const struct tuner_url *url, char *host, size_t size, uint16_t *port,
                       struct error *error);
/* The option's value, or fallback. */
const char *tuner_url_option(const struct tuner_url *url, const char *name, const char *fallback);
/* False, naming it, where url has an option that is not in the NULL-terminated list. */
bool tuner_url_check_options(const struct tuner_url *url, const char *const *known, struct error *error);

#endif
