/* SPDX-License-Identifier: Apache-2.0 */
#include "si/bcd.h"

int32_t si_duration_from_bcd(uint32_t bcd)
{
    unsigned digits[6];
    for (unsigned i = 0; i < 6; i++) {
        digits[i] = bcd >> (20 - 4 * i) & 15;
        if (digits[i] > 9)
            return -1;
    }
    return (int32_t)((digits[0] * 10 + digits[1]) * 3600 + (digits[2] * 10 + digits[3]) * 60 +
                     digits[4] * 10 + digits[5]);
}

uint32_t si_duration_to_bcd(int32_t duration_s)
{
    if (duration_s < 0)
        return 0xFFFFFF;
    if (duration_s > 99 * 3600 + 59 * 60 + 59)
        duration_s = 99 * 3600 + 59 * 60 + 59;
    const unsigned parts[3] = {(unsigned)duration_s / 3600, (unsigned)duration_s / 60 % 60,
                               (unsigned)duration_s % 60};
    uint32_t bcd = 0;
    for (unsigned i = 0; i < 3; i++)
        bcd = bcd << 8 | parts[i] / 10 << 4 | parts[i] % 10;
    return bcd;
}
