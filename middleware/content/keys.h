/* SPDX-License-Identifier: Apache-2.0 */
/* Search keys: how a thing is found with the digits of a remote. A key is words of a-z and 0-9 with single
 * spaces between ("m n l s n", "maoniu laosuannai", "yak yogurt"); a search may begin at any word's first
 * letter and runs on without the spaces, each letter by the digit that it stands on. Keys are made at the
 * head-end; a thing without any is found by the Latin words of its name. Any thread may call it. */
#ifndef KOKONOR_CONTENT_KEYS_H
#define KOKONOR_CONTENT_KEYS_H

#include "content/document.h"

#define CONTENT_KEYS_MAXIMUM 16       /* of one thing */
#define CONTENT_KEY_SIZE_MAXIMUM 160  /* bytes of one key */
#define CONTENT_KEY_WORDS_MAXIMUM 128 /* in all keys of one thing */
#define CONTENT_DIGITS_MAXIMUM 12     /* that count in a search */

/* Words of a-z and 0-9, single spaces between, 1 to CONTENT_KEY_SIZE_MAXIMUM bytes. */
bool content_key_is_good(const char *key);
size_t content_key_words(const char *key); /* of a good one */

/* The digit that a letter of a-z stands on, as '2' to '9'; a digit is its own; 0 for anything else. */
char content_key_digit(char letter);
/* "abc" for '2' and so on; "" for '0', '1' and anything else. */
const char *content_digit_letters(char digit);

/* Calls found for each place at which a search may begin: at most CONTENT_DIGITS_MAXIMUM digits from there
 * on. leads: the key begins there, not only one of its words. False as soon as found returned false. */
typedef bool content_key_fn(void *context, const char *digits, bool leads);
bool content_keys_each(const struct content_strings *keys, content_key_fn *found, void *context);

/* The letters that answer digits, of the first key that does ("mn" for "66"), in letters; a key that they
 * lead comes before one that they stand within. False, and letters empty, where there is none. */
bool content_keys_letters(const struct content_strings *keys, const char *digits,
                          char letters[CONTENT_DIGITS_MAXIMUM + 1]);

/* Appends a copy of key, if it is good, not there yet and there is room; false where it was not taken. */
bool content_keys_add(struct content_strings *keys, const char *key);
/* Fills keys, which owned nothing, with the Latin words and numbers of a name, one key a language. */
void content_keys_from_name(const struct content_text *name, struct content_strings *keys);
void content_keys_finish(struct content_strings *keys);

#endif
