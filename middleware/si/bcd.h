/* SPDX-License-Identifier: Apache-2.0 */
/* Durations as the tables write them: 24 bits, six BCD digits of hours, minutes and seconds. Inside si only.
 */
#ifndef KOKONOR_SI_BCD_H
#define KOKONOR_SI_BCD_H

#include <stdint.h>

/* -1 where it is undefined or not BCD. */
int32_t si_duration_from_bcd(uint32_t bcd);
/* All bits set below zero; 99:59:59 at most. */
uint32_t si_duration_to_bcd(int32_t duration_s);

#endif
