/* SPDX-License-Identifier: Apache-2.0 */
/* Text of service information (EN 300 468 Annex A) from and to UTF-8.
 * A struct si_text belongs to one thread; encoding has no state. */
#ifndef KOKONOR_SI_TEXT_H
#define KOKONOR_SI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a text without a selector is written in. The standard says ISO 6937; Chinese networks send GB 2312 or
 * GB 18030. */
enum si_charset { SI_CHARSET_GB18030, SI_CHARSET_ISO6937 };

/* "gb18030" or "iso6937"; false for any other name. */
bool si_charset_from_name(const char *name, enum si_charset *charset);

struct si_text;

/* Converters are opened when first needed and kept. NULL only without memory. */
struct si_text *si_text_create(enum si_charset default_charset);
void si_text_destroy(struct si_text *text);

/* Decodes size bytes (selector first, where there is one) into out as valid, NUL-terminated UTF-8, cut at a
 * whole character where out_size (>= 1) is too small. Emphasis codes are removed, CR/LF is '\n', other
 * control codes are dropped, a byte that means nothing becomes U+FFFD and decoding goes on. Returns the
 * length in bytes. */
size_t si_text_decode(struct si_text *text, const uint8_t *data, size_t size, char *out, size_t out_size);

/* Encodes UTF-8 for the air: selector 0x15 and the text, newline as U+E08A, cut before the character that
 * would exceed maximum bytes. Pure ASCII is sent without a selector (it is the same in every table); "" is no
 * bytes. What is not valid UTF-8 is left out. Returns how many bytes of out (room for maximum) were written.
 */
size_t si_text_encode(const char *utf8, uint8_t *out, size_t maximum);

#endif
