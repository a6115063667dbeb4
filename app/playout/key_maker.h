/* SPDX-License-Identifier: Apache-2.0 */
/* Makes search keys (content/keys.h) of names, so that a box finds them by digits without knowing pinyin: the
 * initials and the pinyin of Chinese by ICU, several where a character has several readings; Latin words as
 * they are; the first letter of each Tibetan syllable. One thread at a time; the caller owns it. */
#ifndef KOKONOR_PLAYOUT_KEY_MAKER_H
#define KOKONOR_PLAYOUT_KEY_MAKER_H

#include "content/keys.h"
#include "folder/content_set.h"

struct key_maker;

/* Takes a third of a second: ICU compiles its rules. NULL and a reason in error without ICU's data or memory.
 */
struct key_maker *key_maker_create(struct error *error);
void key_maker_destroy(struct key_maker *maker); /* NULL does nothing */

/* Appends the keys of name to keys, which is in use or all zero, as far as there is room:
 *   zh   for each way to read it, up to 7: the first letters of its characters ("m n l s n") and its pinyin
 * by words ("maoniu laosuannai"); Latin words and numbers in it whole en   its words bo   for each syllable
 * the first letter of its Wylie transliteration as written, prefixes and superscripts included, but not
 * a-chung before another letter: "b z" for 'bri zho */
void key_maker_add(struct key_maker *maker, const struct content_text *name, struct content_strings *keys);

/* Puts keys into the products and notices of set, after those that the publisher wrote. A document that would
 * become too large stays as it is, with a warning. maker may be NULL: then nothing is done. */
void key_maker_fill(struct key_maker *maker, struct content_set *set);

#endif
