/* SPDX-License-Identifier: Apache-2.0 */
/* Characters with several usual readings, of which ICU gives one, and not always the one of names (cang for
 * Tibet's zang, de for the di of a carpet). Any thread. */
#ifndef KOKONOR_PLAYOUT_KEY_READINGS_H
#define KOKONOR_PLAYOUT_KEY_READINGS_H

#include <stdint.h>

/* The readings of a character in pinyin without tones, the most usual in names first, a space between:
 * "zang cang"; NULL where ICU's will do. */
const char *key_readings(uint32_t character);

#endif
