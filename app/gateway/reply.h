/* SPDX-License-Identifier: Apache-2.0 */
/* What goes back to a box: status, headers and a JSON body; refusals are problem details (RFC 9457) with a
 * code for the box and words for the viewer in Chinese, Tibetan and English. Plain memory, owned by who laid
 * it out. */
#ifndef KOKONOR_GATEWAY_REPLY_H
#define KOKONOR_GATEWAY_REPLY_H

#include "base/buffer.h"
#include <jansson.h>

#define REPLY_BODY_MAXIMUM (256 * 1024)

struct reply {
    int status;
    char type[32]; /* application/json or application/problem+json */
    char location[64];
    char allow[32];
    int retry_after_s; /* 0: none */
    bool replay;       /* the first answer to this key, given again */
    struct buffer body;
};

enum problem {
    PROBLEM_PRICE_CHANGED,
    PROBLEM_OUT_OF_STOCK,
    PROBLEM_UNKNOWN_PRODUCT,
    PROBLEM_NOT_A_SUBSCRIBER,
    PROBLEM_KEY_REUSED,
    PROBLEM_INVALID,
    PROBLEM_NOT_FOUND,
    PROBLEM_METHOD,
    PROBLEM_TOO_LARGE,
    PROBLEM_MEDIA_TYPE,
    PROBLEM_TOO_MANY_HEADERS,
    PROBLEM_UNAVAILABLE, /* the disk or the database: worth trying again */
    PROBLEM_COUNT
};
/* "price_changed" ..., as in the body. */
const char *problem_code(enum problem problem);

void reply_init(struct reply *reply);
void reply_finish(struct reply *reply);
/* Each overwrites what the reply held. Takes the reference to body, which may be NULL (no memory): the reply
 * is then unavailable. */
void reply_json(struct reply *reply, int status, json_t *body);
/* detail (English, may be NULL) is for engineers. Takes the reference to lines, which may be NULL. */
void reply_problem(struct reply *reply, enum problem problem, const char *detail, json_t *lines);

#endif
