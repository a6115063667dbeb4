/* SPDX-License-Identifier: Apache-2.0 */
/* The interface's words in each language, from resources/strings/{zh,bo,en}.json (flat "key": "text", {0} to
 * {9} are replaced by arguments). Main thread. */
#ifndef KOKONOR_UI_STRINGS_H
#define KOKONOR_UI_STRINGS_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

struct strings;

/* Reads every *.json of the folder (at most 8 languages, 4,000 keys, 2 MiB each). NULL with error set where
 * none can be read. */
struct strings *strings_load(const char *folder, struct error *error);
void strings_destroy(struct strings *strings);
/* "zh", "bo", "en". False, and nothing changes, where that language was not loaded. The first language is zh
 * if there. */
bool strings_set_language(struct strings *strings, const char *language);
const char *strings_language(const struct strings *strings);
/* The text in the language, else in zh, else the key itself; a missing key is logged once. Valid until
 * strings is destroyed. */
const char *strings_get(struct strings *strings, const char *key);
/* Writes the text with its arguments to out, always terminated, cut at a character. */
void strings_format(struct strings *strings, const char *key, const char *const *arguments, size_t count,
                    char *out, size_t size);

/* Words to be shown: either a key of the strings, which follows the language at run time, or a text as it is
 * (content). */
#define WORDS_ARGUMENTS 3
struct words {
    const char *key;  /* NULL: text */
    const char *text; /* NULL: nothing */
    const char *arguments[WORDS_ARGUMENTS];
};

/* tr("cart.buy"): the string of a key. Keys and arguments are copied by what they are given to. */
static inline struct words tr(const char *key)
{
    return (struct words){.key = key};
}
/* tr1("cart.count", "3"): with {0}; tr2 with {0} and {1}. */
static inline struct words tr1(const char *key, const char *argument)
{
    return (struct words){.key = key, .arguments = {argument}};
}
static inline struct words tr2(const char *key, const char *first, const char *second)
{
    return (struct words){.key = key, .arguments = {first, second}};
}
/* lit(product->name): a text as it is; NULL shows nothing. */
static inline struct words lit(const char *text)
{
    return (struct words){.text = text};
}

#endif
