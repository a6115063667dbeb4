/* SPDX-License-Identifier: Apache-2.0 */
/* A text of the screen as a voice says it: prices, dates, times and numbers in words. Any thread. */
#ifndef KOKONOR_SPEECH_SPELL_H
#define KOKONOR_SPEECH_SPELL_H

#include "speech/speech.h"

/* Writes to out, always terminated, cut at a character where size (at least 1) is too small; returns whether
 * there is anything to say. text may be anything that ends with a NUL, from wherever. Only letters (in
 * Mandarin Chinese ones and a-z, in English Latin ones), in English digits and ', spaces and commas come out,
 * and no more than 40 letters without one of these two: an engine is spared the rest. A line feed is a pause.
 *     "¥18.50"        十八元五角             "18 yuan 50"
 *     "2026-11-23"    二零二六年十一月二十三日   "23 November 2026"
 *     "19:05"         十九点零五分            "19:05" becomes "19 oh 5"
 *     "0971-6123456"  零九七一，六一二三四五六   the digits one by one
 *     "95%"           百分之九十五           "95 percent" */
bool speech_spell(enum speech_language language, const char *text, char *out, size_t size);

#endif
