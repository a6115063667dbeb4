/* SPDX-License-Identifier: Apache-2.0 */
#include "ts/crc32.h"
#include <stdbool.h>

/* The remainder by 0x04C11DB7 of a byte that is followed by so many zero bits is the sum of the remainders of
 * its bits, given from the least significant one. */
#define SUM(i, a, b, c, d, e, f, g, h)                                                                       \
    (((i)&1 ? a : 0u) ^ ((i)&2 ? b : 0u) ^ ((i)&4 ? c : 0u) ^ ((i)&8 ? d : 0u) ^ ((i)&16 ? e : 0u) ^         \
     ((i)&32 ? f : 0u) ^ ((i)&64 ? g : 0u) ^ ((i)&128 ? h : 0u))
#define SUM_4(i, ...)                                                                                        \
    SUM(i, __VA_ARGS__), SUM((i) + 1, __VA_ARGS__), SUM((i) + 2, __VA_ARGS__), SUM((i) + 3, __VA_ARGS__)
#define SUM_16(i, ...)                                                                                       \
    SUM_4(i, __VA_ARGS__), SUM_4((i) + 4, __VA_ARGS__), SUM_4((i) + 8, __VA_ARGS__),                         \
        SUM_4((i) + 12, __VA_ARGS__)
#define SUM_64(i, ...)                                                                                       \
    SUM_16(i, __VA_ARGS__), SUM_16((i) + 16, __VA_ARGS__), SUM_16((i) + 32, __VA_ARGS__),                    \
        SUM_16((i) + 48, __VA_ARGS__)
#define TABLE(...)                                                                                           \
    {                                                                                                        \
        SUM_64(0, __VA_ARGS__), SUM_64(64, __VA_ARGS__), SUM_64(128, __VA_ARGS__), SUM_64(192, __VA_ARGS__)  \
    }

/* clang-format off */
#define SLICE_0 TABLE(0x04C11DB7, 0x09823B6E, 0x130476DC, 0x2608EDB8, 0x4C11DB70, 0x9823B6E0, 0x34867077, 0x690CE0EE)
#define SLICE_1 TABLE(0xD219C1DC, 0xA0F29E0F, 0x452421A9, 0x8A484352, 0x10519B13, 0x20A33626, 0x41466C4C, 0x828CD898)
#define SLICE_2 TABLE(0x01D8AC87, 0x03B1590E, 0x0762B21C, 0x0EC56438, 0x1D8AC870, 0x3B1590E0, 0x762B21C0, 0xEC564380)
#define SLICE_3 TABLE(0xDC6D9AB7, 0xBC1A28D9, 0x7CF54C05, 0xF9EA980A, 0xF7142DA3, 0xEAE946F1, 0xD1139055, 0xA6E63D1D)
#define SLICE_4 TABLE(0x490D678D, 0x921ACF1A, 0x20F48383, 0x41E90706, 0x83D20E0C, 0x036501AF, 0x06CA035E, 0x0D9406BC)
#define SLICE_5 TABLE(0x1B280D78, 0x36501AF0, 0x6CA035E0, 0xD9406BC0, 0xB641CA37, 0x684289D9, 0xD08513B2, 0xA5CB3AD3)
#define SLICE_6 TABLE(0x4F576811, 0x9EAED022, 0x399CBDF3, 0x73397BE6, 0xE672F7CC, 0xC824F22F, 0x9488F9E9, 0x2DD0EE65)
#define SLICE_7 TABLE(0x5BA1DCCA, 0xB743B994, 0x6A466E9F, 0xD48CDD3E, 0xADD8A7CB, 0x5F705221, 0xBEE0A442, 0x79005533)
/* clang-format on */

/* Of a byte with 0, 1 .. 7 bytes behind it, before the 32 bits of the CRC. */
static const uint32_t slices[8][256] = {SLICE_0, SLICE_1, SLICE_2, SLICE_3,
                                        SLICE_4, SLICE_5, SLICE_6, SLICE_7};

/* Eight bytes a step. */
static uint32_t add_slices(uint32_t crc, const uint8_t *at, size_t size)
{
    for (; size >= 8; at += 8, size -= 8) {
        uint32_t word = crc ^ ((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]);
        crc = slices[7][word >> 24] ^ slices[6][word >> 16 & 0xFF] ^ slices[5][word >> 8 & 0xFF] ^
              slices[4][word & 0xFF] ^ slices[3][at[4]] ^ slices[2][at[5]] ^ slices[1][at[6]] ^
              slices[0][at[7]];
    }
    for (; size > 0; at++, size--)
        crc = crc << 8 ^ slices[0][(crc >> 24 ^ *at) & 0xFF];
    return crc;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAS_FOLD 1
#define FOLD_SIZE_MIN 64

/* Powers of x modulo the polynomial. */
#define POWER_128 0xE8A45605
#define POWER_192 0xC5B9CD4C
#define POWER_512 0xE6228B11
#define POWER_576 0x8833794C
#define POWER_1024 0x567FDDEB
#define POWER_1088 0x10BD4D7C
#define REVERSE _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)

__attribute__((target("pclmul,ssse3"))) static inline __m128i reverse_bytes(__m128i value)
{
    return _mm_shuffle_epi8(value, REVERSE);
}

/* Sixteen bytes, the first one most significant. */
__attribute__((target("pclmul,ssse3"))) static inline __m128i load(const uint8_t *at)
{
    return reverse_bytes(_mm_loadu_si128((const __m128i *)at));
}

/* What value is worth powers' distance further on: its high half times x^(n + 64), its low half times x^n,
 * both modulo the polynomial. */
__attribute__((target("pclmul,ssse3"))) static inline __m128i fold(__m128i value, __m128i powers)
{
    return _mm_xor_si128(_mm_clmulepi64_si128(value, powers, 0x11),
                         _mm_clmulepi64_si128(value, powers, 0x00));
}

/* The CRC of value, sixteen bytes that have the remainder of all before them, and of what follows. */
__attribute__((target("pclmul,ssse3"))) static inline uint32_t finish_fold(__m128i value, const uint8_t *at,
                                                                           size_t size)
{
    const __m128i by_128 = _mm_set_epi64x(POWER_192, POWER_128);
    for (; size >= 16; at += 16, size -= 16)
        value = _mm_xor_si128(fold(value, by_128), load(at));
    uint8_t rest[16];
    _mm_storeu_si128((__m128i *)rest, reverse_bytes(value));
    return add_slices(add_slices(0, rest, sizeof(rest)), at, size);
}

/* By carry-less multiplication: four times sixteen bytes are carried over the next 64 bytes, at the end over
 * each other. At least 64 bytes. */
__attribute__((target("pclmul,ssse3"))) static uint32_t crc32_fold(const uint8_t *at, size_t size)
{
    const __m128i by_512 = _mm_set_epi64x(POWER_576, POWER_512);
    const __m128i by_128 = _mm_set_epi64x(POWER_192, POWER_128);
    __m128i a = _mm_xor_si128(load(at), _mm_set_epi32(-1, 0, 0, 0));
    __m128i b = load(at + 16), c = load(at + 32), d = load(at + 48);
    for (at += 64, size -= 64; size >= 64; at += 64, size -= 64) {
        a = _mm_xor_si128(fold(a, by_512), load(at));
        b = _mm_xor_si128(fold(b, by_512), load(at + 16));
        c = _mm_xor_si128(fold(c, by_512), load(at + 32));
        d = _mm_xor_si128(fold(d, by_512), load(at + 48));
    }
    b = _mm_xor_si128(fold(a, by_128), b);
    c = _mm_xor_si128(fold(b, by_128), c);
    d = _mm_xor_si128(fold(c, by_128), d);
    return finish_fold(d, at, size);
}

__attribute__((target("vpclmulqdq,avx2,pclmul,ssse3"))) static inline __m256i load_wide(const uint8_t *at)
{
    const __m256i reverse = _mm256_broadcastsi128_si256(REVERSE);
    return _mm256_shuffle_epi8(_mm256_loadu_si256((const __m256i *)at), reverse);
}

__attribute__((target("vpclmulqdq,avx2,pclmul,ssse3"))) static inline __m256i fold_wide(__m256i value,
                                                                                        __m256i powers)
{
    return _mm256_xor_si256(_mm256_clmulepi64_epi128(value, powers, 0x11),
                            _mm256_clmulepi64_epi128(value, powers, 0x00));
}

/* The same with twice the width, over 128 bytes. At least 128 bytes. */
__attribute__((target("vpclmulqdq,avx2,pclmul,ssse3"))) static uint32_t crc32_fold_wide(const uint8_t *at,
                                                                                        size_t size)
{
    const __m256i by_1024 = _mm256_broadcastsi128_si256(_mm_set_epi64x(POWER_1088, POWER_1024));
    const __m128i by_128 = _mm_set_epi64x(POWER_192, POWER_128);
    __m256i values[4];
    for (int i = 0; i < 4; i++)
        values[i] = load_wide(at + 32 * i);
    values[0] = _mm256_xor_si256(values[0], _mm256_set_epi32(0, 0, 0, 0, -1, 0, 0, 0));
    for (at += 128, size -= 128; size >= 128; at += 128, size -= 128) {
        for (int i = 0; i < 4; i++)
            values[i] = _mm256_xor_si256(fold_wide(values[i], by_1024), load_wide(at + 32 * i));
    }
    __m128i sum = _mm256_castsi256_si128(values[0]);
    sum = _mm_xor_si128(fold(sum, by_128), _mm256_extracti128_si256(values[0], 1));
    for (int i = 1; i < 4; i++) {
        sum = _mm_xor_si128(fold(sum, by_128), _mm256_castsi256_si128(values[i]));
        sum = _mm_xor_si128(fold(sum, by_128), _mm256_extracti128_si256(values[i], 1));
    }
    return finish_fold(sum, at, size);
}

static bool can_fold(void)
{
    return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("ssse3");
}

static bool can_fold_wide(void)
{
    return can_fold() && __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx2");
}
#endif

uint32_t ts_crc32_portable(const void *data, size_t size)
{
    return add_slices(0xFFFFFFFF, data, size);
}

uint32_t ts_crc32(const void *data, size_t size)
{
#ifdef HAS_FOLD
    if (size >= 2 * FOLD_SIZE_MIN && can_fold_wide())
        return crc32_fold_wide(data, size);
    if (size >= FOLD_SIZE_MIN && can_fold())
        return crc32_fold(data, size);
#endif
    return ts_crc32_portable(data, size);
}
