/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures of each kind, in both fits, and what must be refused. The samples are the fuzz target's seeds. */
#include "base/file.h"
#include "decoder/still.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct buffer load(const char *name)
{
    char path[1024];
    struct buffer buffer;
    struct error error = {""};
    buffer_init(&buffer, 1 << 20);
    assert_true(file_join(path, sizeof path, SOURCE_DIR "/tests/fuzz/corpus/fuzz_still", name));
    if (!file_read(path, &buffer, &error))
        fail_msg("%s", error.text);
    return buffer;
}

static struct still decode(const char *name, int width, int height, enum still_fit fit)
{
    struct buffer file = load(name);
    struct still still;
    struct error error = {""};
    if (!still_decode_fit(file.data, file.size, width, height, fit, &still, &error))
        fail_msg("%s: %s", name, error.text);
    buffer_finish(&file);
    return still;
}

static uint32_t pixel(const struct still *still, int x, int y)
{
    return still->pixels[y * still->stride + x];
}

/* Each channel within what JPEG may change. */
static void assert_near(uint32_t is, uint32_t expected)
{
    for (int shift = 0; shift < 32; shift += 8) {
        int difference = (int)(is >> shift & 0xFF) - (int)(expected >> shift & 0xFF);
        if (abs(difference) > 12)
            fail_msg("pixel is 0x%08X, expected about 0x%08X", is, expected);
    }
}

static void kinds_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *file, *kind;
    } table[] = {{"photo.jpg", "jpeg"}, {"disc.png", "png"}, {"lossy.webp", "webp"}, {"animated.gif", "gif"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct buffer file = load(table[i].file);
        assert_string_equal(still_kind(file.data, file.size), table[i].kind);
        assert_null(still_kind(file.data + 1, file.size - 1));
        assert_null(still_kind(file.data, 7));
        buffer_finish(&file);
    }
}

static void sizes_follow_the_fit(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int box_width, box_height;
        enum still_fit fit;
        int width, height;
    } table[] = {
        {"photo.jpg", 400, 400, STILL_CONTAIN, 40, 20},     {"photo.jpg", 20, 400, STILL_CONTAIN, 20, 10},
        {"photo.jpg", 400, 10, STILL_CONTAIN, 20, 10},      {"photo.jpg", 1, 1, STILL_CONTAIN, 1, 1},
        {"photo.jpg", 100, 100, STILL_COVER, 100, 100},     {"photo.jpg", 7, 90, STILL_COVER, 7, 90},
        {"one.png", 4096, 4096, STILL_CONTAIN, 1, 1},       {"one.png", 33, 65, STILL_COVER, 33, 65},
        {"progressive.jpg", 30, 30, STILL_CONTAIN, 30, 15}, {"grey.jpg", 30, 30, STILL_COVER, 30, 30},
        {"lossless.webp", 24, 24, STILL_CONTAIN, 24, 16},   {"lossy.webp", 24, 24, STILL_COVER, 24, 24},
        {"animated.gif", 8, 8, STILL_CONTAIN, 8, 4},        {"palette.png", 8, 8, STILL_CONTAIN, 8, 8},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct still still = decode(table[i].file, table[i].box_width, table[i].box_height, table[i].fit);
        assert_int_equal(still.width, table[i].width);
        assert_int_equal(still.height, table[i].height);
        assert_true(still.stride >= still.width);
        still_finish(&still);
        assert_null(still.pixels);
        still_finish(&still);
    }
}

static void colours_survive(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        uint32_t left, right;
    } table[] = {
        {"photo.jpg", 0xFFC03010, 0xFF204080},   {"progressive.jpg", 0xFFC03010, 0xFF204080},
        {"palette.png", 0xFFFF0000, 0xFF0000FF}, {"animated.gif", 0xFFFFFF00, 0xFF008000},
        {"one.png", 0xFF102030, 0xFF102030},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct still still = decode(table[i].file, 64, 64, STILL_CONTAIN);
        assert_true(still.opaque);
        assert_near(pixel(&still, 0, still.height / 2), table[i].left);
        assert_near(pixel(&still, still.width - 1, still.height / 2), table[i].right);
        still_finish(&still);
    }
}

static void cover_cuts_evenly(void **state)
{
    (void)state;
    /* 40 x 20, red left of the middle: a square cut from the middle is half red. */
    struct still still = decode("photo.jpg", 60, 60, STILL_COVER);
    assert_near(pixel(&still, 5, 30), 0xFFC03010);
    assert_near(pixel(&still, 54, 30), 0xFF204080);
    still_finish(&still);
}

static void alpha_is_straight(void **state)
{
    (void)state;
    /* A white disc on nothing: half-covered pixels of its scaled edge are still white, only less opaque. */
    struct still still = decode("disc.png", 11, 11, STILL_CONTAIN);
    assert_false(still.opaque);
    assert_int_equal(pixel(&still, 0, 0) >> 24, 0);
    assert_int_equal(pixel(&still, 5, 5), 0xFFFFFFFF);
    int edge = 0;
    for (int y = 0; y < still.height; y++) {
        for (int x = 0; x < still.width; x++) {
            uint32_t value = pixel(&still, x, y);
            if (value >> 24 > 16 && value >> 24 < 240) {
                edge++;
                assert_true((value & 0xFF) > 0xF0 && (value >> 8 & 0xFF) > 0xF0 &&
                            (value >> 16 & 0xFF) > 0xF0);
            }
        }
    }
    assert_true(edge > 4);
    still_finish(&still);
}

static void refuse(const void *data, size_t size, int width, int height, const char *what)
{
    struct still still = {.width = 77};
    struct error error = {""};
    if (still_decode(data, size, width, height, &still, &error))
        fail_msg("%s was accepted", what);
    assert_null(still.pixels);
    assert_int_equal(still.width, 0);
    assert_true(error.text[0] != '\0');
    assert_false(still_decode(data, size, width, height, &still, NULL));
}

static void truncated_is_refused(void **state)
{
    (void)state;
    static const char *const files[] = {"photo.jpg", "progressive.jpg", "disc.png", "palette.png",
                                        "lossless.webp"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct buffer file = load(files[i]);
        for (size_t size = 0; size < file.size - 13; size += 1 + size / 16)
            refuse(file.data, size, 64, 64, files[i]);
        buffer_finish(&file);
    }
}

static void damaged_png_is_refused(void **state)
{
    (void)state;
    struct buffer file = load("disc.png");
    file.data[file.size / 2] ^= 0x10;
    refuse(file.data, file.size, 64, 64, "a PNG with a wrong CRC");
    buffer_finish(&file);
}

/* A JPEG whose frame header claims other dimensions; its SOF0 marker is found by search. */
static void claim_size(struct buffer *file, unsigned width, unsigned height)
{
    uint8_t *frame = memmem(file->data, file->size, "\xFF\xC0", 2);
    assert_non_null(frame);
    frame[5] = (uint8_t)(height >> 8);
    frame[6] = (uint8_t)height;
    frame[7] = (uint8_t)(width >> 8);
    frame[8] = (uint8_t)width;
}

static void huge_claims_are_refused(void **state)
{
    (void)state;
    static const unsigned sizes[][2] = {{65535, 65535}, {16384, 2048}, {20000, 8}, {8, 20000}, {4097, 4097}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct buffer file = load("photo.jpg");
        claim_size(&file, sizes[i][0], sizes[i][1]);
        refuse(file.data, file.size, 64, 64, "a JPEG beyond the limits");
        buffer_finish(&file);
    }
    struct buffer png = load("one.png");
    memcpy(png.data + 16, "\x7F\xFF\xFF\xFF\x7F\xFF\xFF\xFF", 8);
    refuse(png.data, png.size, 64, 64, "a PNG beyond the limits");
    buffer_finish(&png);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const uint8_t zeros[64];
    refuse(zeros, sizeof zeros, 64, 64, "zeros");
    refuse("", 0, 64, 64, "nothing");
    refuse("<svg xmlns='http://www.w3.org/2000/svg'/>", 41, 64, 64, "an SVG");
    struct buffer file = load("photo.jpg");
    refuse(file.data, file.size, 0, 64, "a box without width");
    refuse(file.data, file.size, 64, -1, "a box of negative height");
    refuse(file.data, file.size, STILL_OUTPUT_SIDE_MAX + 1, 64, "too wide a box");
    refuse(file.data, (size_t)STILL_BYTES_MAX + 1, 64, 64, "too many bytes");
    buffer_finish(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_told_apart),   cmocka_unit_test(sizes_follow_the_fit),
        cmocka_unit_test(colours_survive),        cmocka_unit_test(cover_cuts_evenly),
        cmocka_unit_test(alpha_is_straight),      cmocka_unit_test(truncated_is_refused),
        cmocka_unit_test(damaged_png_is_refused), cmocka_unit_test(huge_claims_are_refused),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
