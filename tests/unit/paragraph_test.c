/* SPDX-License-Identifier: Apache-2.0 */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "display/display.h"
#include "ui/paragraph.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world {
    struct display *display;
    struct typesetter *typesetter;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct error error = {""};
    world->display = display_create(&(struct display_options){.presenter = "offscreen"}, &error);
    if (!world->display)
        fail_msg("%s", error.text);
    world->typesetter =
        typesetter_create(display_directfb(world->display), SOURCE_DIR "/resources/fonts/fonts.ini", &error);
    if (!world->typesetter)
        fail_msg("%s", error.text);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    typesetter_destroy(world->typesetter);
    display_destroy(world->display);
    free(world);
    return 0;
}

static struct paragraph *set(struct world *world, const char *text, const char *language, int width,
                             int lines)
{
    struct paragraph_style style = {.size_px = 28, .width = width, .max_lines = lines};
    strcpy(style.language, language);
    struct paragraph *paragraph = typesetter_set(world->typesetter, text, &style);
    assert_non_null(paragraph);
    return paragraph;
}

static void stacks_are_shaped(void **state)
{
    struct paragraph *word = set(*state, "བསྒྲུབས་", "bo", 0, 0); /* 8 characters, a stack of four in it */
    assert_int_equal(paragraph_glyphs(word), 5);
    paragraph_release(word);
}

static void scripts_in_one_line(void **state)
{
    struct paragraph *mixed = set(*state, "西宁 Xining ཟི་ལིང་། 2,261 m", "zh", 0, 0);
    assert_int_equal(paragraph_lines(mixed), 1);
    assert_true(paragraph_glyphs(mixed) > 20);
    paragraph_release(mixed);
}

static void deep_stacks_have_room(void **state)
{
    static const char *const words[] = {"བསྒྲུབས་ཧཱུྃ་རྐྱུ", "ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ", "སྤྱིའི་གྲོང་ཁྱེར", "རྒྱལ་ཁབ", "Ằgjpy", "国家（一）"};
    static const char *const languages[] = {"zh", "bo", "en"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        for (size_t l = 0; l < 3; l++) {
            struct paragraph *word = set(*state, words[i], languages[l], 0, 0);
            struct rect ink = paragraph_ink(word);
            assert_true(ink.y >= 0 && ink.y + ink.h <= paragraph_height(word));
            paragraph_release(word);
        }
    }
    struct world *world = *state;
    struct paragraph_style style = {.size_px = 28, .language = "bo"};
    assert_true(typesetter_line_height(world->typesetter, &style) * 10 >= 28 * 18);
}

static void tibetan_breaks_behind_the_tsheg(void **state)
{
    struct paragraph *one = set(*state, "ཞབས་ཞུ་", "bo", 0, 0);
    int width = paragraph_width(one);
    struct paragraph *two = set(*state, "ཞབས་ཞུ་ཞབས་ཞུ་ཞབས་ཞུ།", "bo", width + 4, 0);
    assert_int_equal(paragraph_lines(two), 3);
    assert_true(paragraph_width(two) <= width + 4);
    struct paragraph *kept = set(*state, "ཞབས་ཞུ།", "bo", width, 0); /* no line begins with a shad */
    assert_true(paragraph_lines(kept) <= 2);
    paragraph_release(one);
    paragraph_release(two);
    paragraph_release(kept);
}

static void chinese_breaks_between_ideographs(void **state)
{
    struct paragraph *text = set(*state, "青海湖在祁连山下，湖水很蓝。", "zh", 28 * 7, 0);
    assert_int_equal(paragraph_lines(text), 2);
    assert_true(paragraph_width(text) <= 28 * 7);
    struct paragraph *comma = set(*state, "青海湖在祁连山下，湖水很蓝。", "zh", 28 * 8, 0);
    assert_int_equal(paragraph_lines(comma),
                     2); /* the comma does not begin a line: 山 or 下 goes down with it */
    assert_true(paragraph_width(comma) <= 28 * 8);
    paragraph_release(text);
    paragraph_release(comma);
}

static void line_feeds(void **state)
{
    struct paragraph *text = set(*state, "一\n\n三", "zh", 0, 0);
    assert_int_equal(paragraph_lines(text), 3);
    paragraph_release(text);
    text = set(*state, "", "zh", 100, 0);
    assert_int_equal(paragraph_lines(text), 1);
    assert_int_equal(paragraph_width(text), 0);
    paragraph_release(text);
}

static void ellipsis(void **state)
{
    static const struct {
        const char *text, *language;
        int width, lines;
    } cases[] = {
        {"青海湖在祁连山下，湖水很蓝，岸边有牧场。", "zh", 200, 1},
        {"青海湖在祁连山下，湖水很蓝，岸边有牧场。", "zh", 200, 2},
        {"བསྒྲུབས་བསྒྲུབས་བསྒྲུབས་བསྒྲུབས་བསྒྲུབས་", "bo", 150, 1},
        {"བསྒྲུབས་བསྒྲུབས་བསྒྲུབས་བསྒྲུབས་བསྒྲུབས་", "bo", 150, 2},
        {"Aword that is Unbreakablyunbreakablylong", "en", 120, 1},
        {"一\n二\n三", "zh", 200, 2},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct paragraph *cut = set(*state, cases[i].text, cases[i].language, cases[i].width, cases[i].lines);
        assert_true(paragraph_cut(cut));
        assert_int_equal(paragraph_lines(cut), cases[i].lines);
        assert_true(paragraph_width(cut) <= cases[i].width);
        paragraph_release(cut);
    }
    struct paragraph *whole = set(*state, "湖", "zh", 200, 1);
    assert_false(paragraph_cut(whole));
    paragraph_release(whole);
    /* A cluster goes whole or not at all: a stack and its vowel are one. */
    struct paragraph *full = set(*state, "བསྒྲུབས་ཀྱི", "bo", 0, 0);
    struct paragraph *less = set(*state, "བསྒྲུབས་ཀྱི་", "bo", paragraph_width(full) - 2, 1);
    assert_true(paragraph_cut(less));
    paragraph_release(full);
    paragraph_release(less);
}

static void bad_bytes(void **state)
{
    struct paragraph *good = set(*state, "湖水", "zh", 0, 0), *bad = set(*state, "湖水\xe6\xb9", "zh", 0, 0);
    assert_int_equal(paragraph_width(good), paragraph_width(bad));
    paragraph_release(good);
    paragraph_release(bad);
    bad = set(*state, "\xff\xff", "zh", 0, 0);
    assert_int_equal(paragraph_glyphs(bad), 0);
    paragraph_release(bad);
    char *endless = malloc(200001);
    memset(endless, 'w', 200000);
    endless[200000] = '\0';
    bad = set(*state, endless, "en", 300, 0);
    assert_true(paragraph_glyphs(bad) <= 65536);
    paragraph_release(bad);
    free(endless);
}

static void cached(void **state)
{
    struct paragraph *first = set(*state, "同一段话", "zh", 0, 0),
                     *again = set(*state, "同一段话", "zh", 0, 0);
    assert_ptr_equal(first, again);
    paragraph_release(again);
    for (int i = 0; i < 3000; i++) { /* many more than are kept: the held one stays */
        char text[16];
        snprintf(text, sizeof(text), "第 %d", i);
        paragraph_release(set(*state, text, "zh", 0, 0));
    }
    again = set(*state, "同一段话", "zh", 0, 0);
    assert_ptr_equal(first, again);
    paragraph_release(first);
    paragraph_release(again);
}

static long lit_pixels(IDirectFBSurface *canvas)
{
    void *pixels;
    int pitch;
    long count = 0;
    canvas->Lock(canvas, DSLF_READ, &pixels, &pitch);
    for (int y = 0; y < 720; y++)
        for (int x = 0; x < 1280; x++)
            count += (((uint32_t *)(void *)((uint8_t *)pixels + (size_t)y * (size_t)pitch))[x] & 0xff) > 64;
    canvas->Unlock(canvas);
    return count;
}

/* More glyphs than the atlas holds: it is begun again in the middle, and each is still drawn. */
static void atlas_overflows(void **state)
{
    struct world *world = *state;
    IDirectFBSurface *canvas = display_canvas(world->display);
    char text[3 * 400 + 1];
    long counts[2];
    for (int pass = 0; pass < 2; pass++) {
        canvas->Clear(canvas, 0, 0, 0, 0xff);
        for (unsigned row = 0; row < 8; row++) {
            for (unsigned i = 0; i < 400; i++) {
                unsigned c = 0x4e00 + row * 400 + i;
                text[i * 3] = (char)(0xe0 | c >> 12);
                text[i * 3 + 1] = (char)(0x80 | (c >> 6 & 0x3f));
                text[i * 3 + 2] = (char)(0x80 | (c & 0x3f));
            }
            text[sizeof(text) - 1] = '\0';
            struct paragraph *paragraph = set(world, text, "zh", 1280, 0);
            paragraph_draw(paragraph, canvas, 0, (int)row * 80, 1280, 0xffffffff);
            paragraph_release(paragraph);
        }
        counts[pass] = lit_pixels(canvas);
    }
    assert_true(counts[0] > 100000);
    assert_int_equal(counts[0], counts[1]);
}

static void missing_font(void **state)
{
    struct world *world = *state;
    struct error error = {""};
    assert_null(typesetter_create(display_directfb(world->display), "/nowhere/fonts.ini", &error));
    assert_non_null(strstr(error.text, "/nowhere/fonts.ini"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stacks_are_shaped),
        cmocka_unit_test(scripts_in_one_line),
        cmocka_unit_test(deep_stacks_have_room),
        cmocka_unit_test(tibetan_breaks_behind_the_tsheg),
        cmocka_unit_test(chinese_breaks_between_ideographs),
        cmocka_unit_test(line_feeds),
        cmocka_unit_test(ellipsis),
        cmocka_unit_test(bad_bytes),
        cmocka_unit_test(cached),
        cmocka_unit_test(atlas_overflows),
        cmocka_unit_test(missing_font),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
