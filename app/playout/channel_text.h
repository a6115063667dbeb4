/* SPDX-License-Identifier: Apache-2.0 */
/* A text object of channel.json, {"zh": ..., "bo": ..., "en": ...}. Any thread. */
#ifndef KOKONOR_PLAYOUT_CHANNEL_TEXT_H
#define KOKONOR_PLAYOUT_CHANNEL_TEXT_H

#include "content/json.h"
#include "content/text.h"

/* Fills CONTENT_LANGUAGES texts of size bytes each, one behind the other from out, in the order of languages:
 * "" where a text lacks that language. Chinese is required in each text. */
void channel_text_read(struct content_json *reader, const json_t *object, const char *key, bool required,
                       const enum content_language languages[CONTENT_LANGUAGES], char *out, size_t size);
/* Reports that the string object[key] is not what is expected. */
void channel_text_fail(struct content_json *reader, const json_t *object, const char *key,
                       const char *expected);
/* The first of such texts that is not "", else "". */
const char *channel_text_first(const char *texts, size_t size);

#endif
