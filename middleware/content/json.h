/* SPDX-License-Identifier: Apache-2.0 */
/* Strict reading of JSON that knows where it is: each mistake is reported as "FILE: PATH: expected ..., found
 * ...". Reading goes on after a mistake (the value read is then empty or the fallback), so that a writer sees
 * them all; look at errors once, at the end. Any thread, one reader each; the json_t values stay the
 * caller's. */
#ifndef KOKONOR_CONTENT_JSON_H
#define KOKONOR_CONTENT_JSON_H

#include "base/buffer.h"
#include "base/error.h"
#include <jansson.h>

enum content_severity { CONTENT_WARNING, CONTENT_ERROR };

/* text is a whole sentence, file first, valid during the call. At most CONTENT_REPORT_MAXIMUM calls a reader.
 */
typedef void content_report_fn(void *context, enum content_severity severity, const char *text);
#define CONTENT_REPORT_MAXIMUM 100

#define CONTENT_JSON_DEPTH_MAXIMUM 16
#define CONTENT_JSON_PATH_SIZE 160

/* Lay it out, start it with content_json_init; it owns nothing that needs freeing. */
struct content_json {
    const char *file;          /* the name in messages, the caller's */
    struct error first;        /* the first mistake; empty where there is none */
    unsigned errors, warnings; /* how many */
    content_report_fn *report; /* may be NULL */
    void *context;
    char path[CONTENT_JSON_PATH_SIZE];
    size_t path_length;
};

void content_json_init(struct content_json *reader, const char *file, content_report_fn *report,
                       void *context);
/* The parsed value, a new reference, or NULL with the mistake reported: more than maximum bytes, not UTF-8,
 * not JSON (RFC 8259), a key twice in one object, nesting beyond CONTENT_JSON_DEPTH_MAXIMUM, or bytes after
 * the value. */
json_t *content_json_load(struct content_json *reader, struct bytes text, size_t maximum);

/* Step into a key or an element; content_json_leave gets what enter gave. */
size_t content_json_enter_key(struct content_json *reader, const char *key);
size_t content_json_enter_index(struct content_json *reader, size_t index);
void content_json_leave(struct content_json *reader, size_t mark);

/* Reports a mistake at the present place; found may be NULL (then "found nothing"). */
void content_json_fail(struct content_json *reader, const char *expected, const json_t *found);
/* Reports a mistake or a warning at the present place in free words. */
void content_json_say(struct content_json *reader, enum content_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* True where value is an object, else reports. */
bool content_json_is_object(struct content_json *reader, const json_t *value);
/* Warns, where someone listens, of each key of object that the NULL-terminated list does not hold. */
void content_json_warn_unknown(struct content_json *reader, const json_t *object, const char *const *known);

/* Members of object. Absent members are a mistake where required; a null counts as absent. Lengths are in
 * bytes of UTF-8. */
const char *content_json_string(struct content_json *reader, const json_t *object, const char *key,
                                bool required, size_t minimum,
                                size_t maximum); /* borrowed from object; NULL where absent or wrong */
int64_t content_json_integer(struct content_json *reader, const json_t *object, const char *key,
                             bool required, int64_t fallback, int64_t low, int64_t high);
bool content_json_boolean(struct content_json *reader, const json_t *object, const char *key, bool required,
                          bool fallback);
/* borrowed; NULL where absent or wrong */
json_t *content_json_object(struct content_json *reader, const json_t *object, const char *key,
                            bool required);
json_t *content_json_array(struct content_json *reader, const json_t *object, const char *key, bool required,
                           size_t minimum, size_t maximum);

#endif
