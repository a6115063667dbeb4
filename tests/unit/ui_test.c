/* SPDX-License-Identifier: Apache-2.0 */
/* The scene: layout, focus, what is drawn again, strings and theme. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "base/file.h"
#include "base/log.h"
#include "ui/widget.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESOURCES SOURCE_DIR "/resources"

struct world {
    struct display *display;
    struct ui *ui;
    int calls;
    struct node *victim;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct error error = {""};
    world->display = display_create(&(struct display_options){.presenter = "offscreen"}, &error);
    if (!world->display)
        fail_msg("%s", error.text);
    /* Icons are built; without them there are only warnings, and nothing here looks at them. */
    log_set_level(LOG_LEVEL_ERROR);
    world->ui = ui_create(
        &(struct ui_options){.display = world->display, .resources = RESOURCES, .language = "zh"}, &error);
    if (!world->ui)
        fail_msg("%s", error.text);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    ui_destroy(world->ui);
    display_destroy(world->display);
    free(world);
    return 0;
}

static struct node *layer(struct world *world)
{
    return ui_layer(world->ui, UI_LAYER_SCREEN);
}

static void assert_rect(struct node *node, int x, int y, int w, int h)
{
    struct rect rect = node_rect(node);
    if (rect.x != x || rect.y != y || rect.w != w || rect.h != h)
        fail_msg("%d,%d %dx%d, expected %d,%d %dx%d", rect.x, rect.y, rect.w, rect.h, x, y, w, h);
}

static void press(struct world *world, enum key key)
{
    ui_key(world->ui, (struct key_event){.key = key});
}

/* ---- layout ---- */

static void rows_and_columns(void **state)
{
    struct node *column = node_box(layer(*state), &(struct box){.gap = 10, .padding = INSETS(20)});
    struct node *fixed = node_box(column, &(struct box){.height = 100});
    struct node *row = node_box(column, &(struct box){.layout = LAYOUT_ROW, .gap = 10, .grow = 1});
    struct node *last = node_box(column, &(struct box){.width = 50, .height = 40, .place_x = ALIGN_END});
    struct node *a = node_box(row, &(struct box){.width = 240});
    struct node *b = node_box(row, &(struct box){.grow = 1});
    struct node *c = node_box(row, &(struct box){.grow = 2, .height = 60, .place_y = ALIGN_CENTER});
    assert_rect(column, 0, 0, 1280, 720);
    assert_rect(fixed, 20, 20, 1240, 100);
    assert_rect(row, 20, 130, 1240, 520);
    assert_rect(last, 1210, 660, 50, 40);
    assert_rect(a, 20, 130, 240, 520);
    assert_rect(b, 270, 130, 326, 520);
    assert_rect(c, 606, 360, 654, 60);
    node_hide(fixed, true);
    assert_rect(row, 20, 20, 1240, 630);
    node_destroy(last);
    assert_rect(row, 20, 20, 1240, 680);
}

static void grids_and_stacks(void **state)
{
    struct node *stack = node_box(layer(*state), &(struct box){.layout = LAYOUT_STACK});
    struct node *grid = node_box(
        stack,
        &(struct box){.layout = LAYOUT_GRID, .columns = 3, .gap = 20, .width = 640, .place_y = ALIGN_START});
    struct node *cells[4];
    for (int i = 0; i < 4; i++)
        cells[i] = node_box(grid, &(struct box){.min_height = i == 1 ? 90 : 30});
    struct node *middle = node_box(
        stack, &(struct box){.width = 100, .height = 50, .place_x = ALIGN_CENTER, .place_y = ALIGN_CENTER});
    assert_rect(grid, 0, 0, 640, 140);
    assert_rect(cells[0], 0, 0, 200, 90);
    assert_rect(cells[2], 440, 0, 200, 90);
    assert_rect(cells[3], 0, 110, 200, 30);
    assert_rect(middle, 590, 335, 100, 50);
}

static void text_takes_room(void **state)
{
    struct node *row =
        node_box(layer(*state), &(struct box){.layout = LAYOUT_ROW, .width = 400, .across = ALIGN_START});
    struct node *text =
        node_grow(node_text(row, lit("青海湖在祁连山下，湖水很蓝，岸边有牧场。"), TYPE_BODY, COLOR_TEXT), 1);
    int three = node_rect(text).h;
    node_lines(text, 1);
    int one = node_rect(text).h;
    assert_true(one >= 28 && three >= 2 * one);
    node_reserve(node_set_words(text, lit("短")), 3);
    assert_int_equal(node_rect(text).h, 3 * one);
    assert_int_equal(node_rect(text).w, 400);
}

/* ---- focus ---- */

static void count(struct node *node, void *context)
{
    (void)node;
    ((struct world *)context)->calls++;
}

static struct node *tile(struct node *parent, struct world *world, int height)
{
    return node_on_activate(
        node_box(parent, &(struct box){.min_height = height, .style = {.fill = COLOR_SURFACE}}), count,
        world);
}

static void nearest(void **state)
{
    struct world *world = *state;
    struct node *screen = ui_screen(world->ui), *tiles[8];
    struct node *grid = node_box(screen, &(struct box){.layout = LAYOUT_GRID, .columns = 4, .gap = 20});
    for (int i = 0; i < 7; i++)
        tiles[i] = tile(grid, world, 100);
    ui_draw(world->ui);
    assert_true(node_focused(tiles[0])); /* something always has it */
    press(world, KEY_RIGHT);
    assert_true(node_focused(tiles[1]));
    press(world, KEY_DOWN);
    assert_true(node_focused(tiles[5]));
    press(world, KEY_LEFT);
    press(world, KEY_LEFT);
    assert_true(node_focused(tiles[4]));
    press(world, KEY_UP);
    assert_true(node_focused(tiles[0]));
    assert_false(ui_key(world->ui, (struct key_event){.key = KEY_UP})); /* nobody there: the channel's key */
    node_focus(tiles[3]);
    press(world, KEY_DOWN); /* the eighth is missing: the nearest of that row */
    assert_true(node_focused(tiles[6]));
    press(world, KEY_OK);
    assert_int_equal(world->calls, 1);
    ui_key(world->ui, (struct key_event){.key = KEY_OK, .repeat = true}); /* a held OK acts once */
    assert_int_equal(world->calls, 1);
    node_disable(tiles[5], true);
    press(world, KEY_LEFT);
    assert_true(node_focused(tiles[4]));
    node_destroy(tiles[4]); /* what is nearest gets it */
    ui_draw(world->ui);
    assert_true(node_focused(scene_focus(ui_scene(world->ui))));
}

static void scopes(void **state)
{
    struct world *world = *state;
    struct node *first = ui_screen(world->ui), *a = tile(first, world, 60), *b = tile(first, world, 60);
    (void)a;
    node_focus(b);
    ui_draw(world->ui);
    struct node *second = ui_screen(world->ui), *c = tile(second, world, 60);
    ui_draw(world->ui);
    assert_true(node_focused(c));
    node_hide(second, true);
    assert_true(node_focused(b));
    node_hide(second, false);
    assert_true(node_focused(c));
    node_destroy(second);
    assert_true(node_focused(b)); /* remembered */
    ui_draw(world->ui);
    press(world, KEY_OK);
    assert_int_equal(world->calls, 1);
}

static void scrolled_into_view(void **state)
{
    struct world *world = *state;
    struct node *scroll = ui_scroll(ui_body(ui_screen(world->ui)), 10), *items[20];
    for (int i = 0; i < 20; i++)
        items[i] = tile(scroll, world, 90);
    ui_draw(world->ui);
    struct rect view = node_rect(scroll);
    assert_true(view.h < 720 && node_rect(items[19]).y > view.y + view.h);
    for (int i = 1; i < 20; i++) {
        press(world, KEY_DOWN);
        assert_true(node_focused(items[i]));
        assert_true(rect_contains(view, node_rect(items[i])));
    }
    for (int i = 0; i < 19; i++)
        press(world, KEY_UP);
    assert_true(node_focused(items[0]) && rect_contains(view, node_rect(items[0])));
}

/* Something to focus, a text longer than the view, something to focus again: the text is read on the way, and
 * whatever has the focus is in view. */
static void text_between_is_read(void **state)
{
    struct world *world = *state;
    struct node *screen = ui_screen(world->ui);
    struct node *scroll = ui_scroll(ui_body(screen), 10), *first = tile(scroll, world, 90);
    for (int i = 0; i < 40; i++)
        ui_text(scroll, lit("line"), TYPE_BODY);
    struct node *last = tile(scroll, world, 90), *below = tile(screen, world, 90);
    node_focus(first);
    ui_draw(world->ui);
    struct rect view = node_rect(scroll);
    press(world, KEY_DOWN);
    assert_true(node_focused(scroll)); /* first is out of view */
    assert_false(rect_contains(view, node_rect(first)));
    int presses = 1;
    for (; presses < 20 && !node_focused(below); presses++) {
        press(world, KEY_DOWN);
        struct node *focus = scene_focus(ui_scene(world->ui));
        assert_true(focus == scroll || focus == below || rect_contains(view, node_rect(focus)));
        if (focus == last)
            break;
    }
    assert_true(presses > 2 && node_focused(last));
    press(world, KEY_DOWN);
    assert_true(node_focused(below));
    for (presses = 0; presses < 20 && !node_focused(first); presses++)
        press(world, KEY_UP);
    assert_true(node_focused(first) && rect_contains(view, node_rect(first)));
}

static void destroy_victim(struct node *node, void *context)
{
    struct world *world = context;
    (void)node;
    world->calls++;
    node_destroy(world->victim);
}

static void callbacks_may_destroy(void **state)
{
    struct world *world = *state;
    struct node *screen = world->victim = ui_screen(world->ui);
    node_focus(ui_button(screen, BUTTON_PRIMARY, NULL, lit("x"), destroy_victim, world));
    ui_draw(world->ui);
    press(world, KEY_OK);
    assert_int_equal(world->calls, 1);
    assert_null(scene_scope(ui_scene(world->ui)));
    assert_false(ui_key(world->ui, (struct key_event){.key = KEY_OK}));
    ui_draw(world->ui);
}

static void closed(void *context, int index)
{
    ((struct world *)context)->calls += index < 0 ? 100 : index + 1;
}

static void dialogs(void **state)
{
    struct world *world = *state;
    struct node *behind = tile(ui_screen(world->ui), world, 80);
    const struct ui_dialog dialog = {.title = lit("?"),
                                     .buttons = {{lit("1"), BUTTON_PRIMARY}, {lit("2"), BUTTON_PLAIN}},
                                     .button_count = 2,
                                     .closed = closed,
                                     .context = world};
    ui_draw(world->ui);
    assert_non_null(ui_dialog(world->ui, &dialog));
    ui_draw(world->ui);
    assert_false(node_focused(behind));
    assert_true(ui_key(world->ui, (struct key_event){.key = KEY_UP})); /* kept from what is behind */
    assert_true(ui_key(world->ui, (struct key_event){.key = KEY_RED}));
    press(world, KEY_RIGHT);
    press(world, KEY_OK);
    assert_int_equal(world->calls, 2);
    assert_true(node_focused(behind));
    ui_dialog(world->ui, &dialog);
    press(world, KEY_BACK);
    assert_int_equal(world->calls, 102);
    node_destroy(ui_dialog(world->ui, &dialog)); /* by its content, without a call */
    assert_int_equal(world->calls, 102);
    assert_true(node_focused(behind));
}

static void changed(struct node *stepper, int value, void *context)
{
    assert_int_equal(ui_stepper_value(stepper), value);
    ((struct world *)context)->calls = value;
}

static void steppers(void **state)
{
    struct world *world = *state;
    struct node *stepper = ui_stepper(ui_screen(world->ui), 2, 1, 3, changed, world);
    ui_draw(world->ui);
    for (int i = 0; i < 3; i++)
        press(world, KEY_RIGHT);
    assert_int_equal(world->calls, 3);
    for (int i = 0; i < 4; i++)
        press(world, KEY_LEFT);
    assert_int_equal(ui_stepper_value(stepper), 1);
    assert_int_equal(ui_stepper_value(NULL), 0);
}

static void selected(struct node *tabs, size_t index, void *context)
{
    (void)tabs;
    ((struct world *)context)->calls = (int)index;
}

static void tabs_remember(void **state)
{
    struct world *world = *state;
    struct node *body = ui_body(ui_screen(world->ui));
    const struct words words[] = {lit("一"), lit("二"), lit("三"), lit("四")};
    ui_tabs(body, words, 4, 1, selected, world);
    struct node *below = tile(body, world, 100);
    node_focus(below);
    ui_draw(world->ui);
    press(world, KEY_UP); /* to the selected one, not to the nearest */
    assert_int_equal(world->calls, 0);
    press(world, KEY_RIGHT);
    assert_int_equal(world->calls, 2);
    press(world, KEY_DOWN);
    assert_true(node_focused(below));
    press(world, KEY_UP);
    press(world, KEY_LEFT);
    assert_int_equal(world->calls, 1);
}

/* ---- drawing ---- */

static void draws_what_changed(void **state)
{
    struct world *world = *state;
    struct scene *scene = ui_scene(world->ui);
    struct rect damage[12];
    size_t count_of;
    struct node *screen = ui_screen(world->ui);
    ui_header(screen, lit("标题"), lit(NULL));
    struct node *grid = ui_grid(ui_body(screen), 4, 20), *tiles[8];
    for (int i = 0; i < 8; i++)
        tiles[i] = ui_tile(grid, &(struct ui_tile){.title = lit("货"), .activate = count});
    assert_true(scene_draw(scene, damage, 12, &count_of));
    assert_true(count_of == 1 && damage[0].w == 1280 && damage[0].h == 720);
    assert_false(scene_draw(scene, damage, 12, &count_of)); /* nothing changes, nothing is drawn */
    assert_int_equal(count_of, 0);
    press(world, KEY_RIGHT);
    assert_true(scene_draw(scene, damage, 12, &count_of));
    struct rect two =
        rect_grow(rect_union(node_rect(tiles[0]), node_rect(tiles[1])), 46); /* ring, shadow, lift */
    for (size_t i = 0; i < count_of; i++)
        assert_true(rect_contains(two, damage[i]));
    node_set_words(node_child(screen, 0), lit("")); /* a box: no words, nothing seen */
    node_opacity(tiles[7], 100);
    assert_true(scene_draw(scene, damage, 12, &count_of));
    for (size_t i = 0; i < count_of; i++)
        assert_true(rect_contains(rect_grow(node_rect(tiles[7]), 1), damage[i]));
    ui_set_clock(world->ui, "12:00");
    assert_true(scene_draw(scene, damage, 12, &count_of));
    assert_true(count_of == 1 && damage[0].h < 80);
    ui_set_clock(world->ui, "12:00");
    assert_false(scene_draw(scene, NULL, 0, NULL));
}

static uint32_t pixel(struct world *world, int x, int y)
{
    IDirectFBSurface *canvas = display_canvas(world->display);
    void *pixels;
    int pitch;
    uint32_t value;
    assert_int_equal(canvas->Lock(canvas, DSLF_READ, &pixels, &pitch), DFB_OK);
    memcpy(&value, (uint8_t *)pixels + (size_t)y * (size_t)pitch + (size_t)x * 4, 4);
    canvas->Unlock(canvas);
    return value & 0xffffff;
}

static void video_shows_through(void **state)
{
    struct world *world = *state;
    static uint32_t frame[64 * 36];
    for (size_t i = 0; i < 64 * 36; i++)
        frame[i] = 0x00336699;
    struct node *video = node_video(ui_layer(world->ui, UI_LAYER_VIDEO), 1280, 720);
    struct node *screen = ui_overlay(world->ui);
    ui_draw(world->ui);
    assert_int_equal(pixel(world, 100, 100), 0);
    node_video_show(video, frame, 64, 36, 64 * 4); /* scaled */
    ui_draw(world->ui);
    assert_int_equal(pixel(world, 100, 100), 0x336699);
    struct node *banner = node_box(screen, &(struct box){.height = 200, .style = {.fill = COLOR_BLACK}});
    ui_draw(world->ui);
    assert_int_equal(pixel(world, 100, 100), 0);
    node_destroy(banner);
    ui_draw(world->ui);
    assert_int_equal(pixel(world, 100, 100), 0x336699);
    node_video_black(video);
    ui_draw(world->ui);
    assert_int_equal(pixel(world, 100, 100), 0);
}

/* What is drawn bit by bit must look like what is drawn at once. */
static void parts_make_the_whole(void **state)
{
    struct world *world = *state;
    struct scene *scene = ui_scene(world->ui);
    struct node *scroll = ui_scroll(ui_body(ui_screen(world->ui)), 12);
    for (int i = 0; i < 12; i++)
        ui_item(scroll, &(struct ui_item){.title = lit("雪域 གངས།"), .activate = count});
    ui_draw(world->ui);
    for (int i = 0; i < 15; i++) {
        press(world, i % 3 == 2 ? KEY_UP : KEY_DOWN);
        ui_draw(world->ui);
    }
    size_t size = 1280 * 720;
    uint32_t *before = malloc(size * 4);
    for (int pass = 0; pass < 2; pass++) {
        IDirectFBSurface *canvas = display_canvas(world->display);
        void *pixels;
        int pitch;
        canvas->Lock(canvas, DSLF_READ, &pixels, &pitch);
        if (pass == 0)
            memcpy(before, pixels, size * 4);
        for (size_t i = 0; pass == 1 && i < size; i++)
            if ((before[i] ^ ((uint32_t *)pixels)[i]) & 0xffffff)
                fail_msg("pixel %zu,%zu differs", i % 1280, i / 1280);
        canvas->Unlock(canvas);
        scene_invalidate(scene, (struct rect){0, 0, 1280, 720});
        ui_draw(world->ui);
    }
    free(before);
}

/* ---- strings ---- */

static int lines_logged;

static void sink(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)level;
    (void)module;
    lines_logged += strstr(text, "no.such") != NULL;
}

static void strings_of_languages(void **state)
{
    (void)state;
    struct error error = {""};
    char folder[] = "/tmp/kokonor-strings-XXXXXX", path[128], out[64];
    const char *zh = "{\"a\": \"甲\", \"n\": \"共 {0} 项，{1}{0}{2}\"}", *bo = "{\"a\": \"ཀ\"}";
    assert_non_null(mkdtemp(folder));
    assert_null(strings_load(folder, &error)); /* none there */
    snprintf(path, sizeof(path), "%s/zh.json", folder);
    file_write(path, zh, strlen(zh), NULL);
    snprintf(path, sizeof(path), "%s/bo.json", folder);
    file_write(path, bo, strlen(bo), NULL);
    struct strings *strings = strings_load(folder, &error);
    assert_non_null(strings);
    assert_string_equal(strings_language(strings), "zh");
    assert_string_equal(strings_get(strings, "a"), "甲");
    assert_true(strings_set_language(strings, "bo"));
    assert_string_equal(strings_get(strings, "a"), "ཀ");
    assert_false(strings_set_language(strings, "fr"));
    assert_string_equal(strings_language(strings), "bo");
    log_set_level(LOG_LEVEL_WARNING);
    log_set_sink(sink, NULL);
    lines_logged = 0;
    assert_string_equal(strings_get(strings, "no.such"), "no.such");
    assert_string_equal(strings_get(strings, "no.such"), "no.such");
    log_set_sink(NULL, NULL);
    log_set_level(LOG_LEVEL_ERROR);
    assert_int_equal(lines_logged, 1);
    const char *arguments[] = {"3", "{0}", NULL};
    strings_format(strings, "n", arguments, 3, out, sizeof(out)); /* from zh, where bo has none */
    assert_string_equal(out, "共 3 项，{0}3{2}");
    strings_format(strings, "n", arguments, 3, out, 6); /* cut at a character */
    assert_string_equal(out, "共 3");
    strings_destroy(strings);
    file_write(path, "{\"a\": ", 6, NULL);
    assert_null(strings_load(folder, &error));
    assert_non_null(strstr(error.text, "bo.json"));
    file_remove_tree(folder, NULL);
}

static void language_at_run_time(void **state)
{
    struct world *world = *state;
    struct node *screen = ui_screen(world->ui);
    struct node *text =
        node_place(ui_text(screen, tr("portal.shopping"), TYPE_BODY), ALIGN_START, ALIGN_USUAL);
    ui_draw(world->ui);
    int zh = node_rect(text).w;
    assert_true(ui_set_language(world->ui, "bo"));
    ui_draw(world->ui);
    assert_int_not_equal(node_rect(text).w, zh);
    assert_false(ui_set_language(world->ui, "fr"));
}

/* ---- theme ---- */

static void load_scheme(enum theme_scheme scheme, struct theme *theme)
{
    struct error error = {""};
    const char *over = scheme == THEME_CONTRAST ? RESOURCES "/theme/contrast.ini" : NULL;
    if (!theme_load_over(theme, RESOURCES "/theme/theme.ini", over, &error))
        fail_msg("%s", error.text);
}

/* How many pairs of a theme cannot be told apart well enough. */
static int unreadable(const struct theme *theme, bool tell)
{
    int count = 0;
    for (size_t i = 0; i < theme_pair_count; i++) {
        const struct theme_pair *pair = &theme_pairs[i];
        double contrast = theme_pair_contrast(theme, pair);
        if (contrast * 10 >= pair->tenths)
            continue;
        count++;
        if (tell)
            print_error("%s on %s: %.2f, expected %.1f\n", theme_color_name(pair->ink),
                        theme_color_name(pair->ground), contrast, pair->tenths / 10.0);
    }
    return count;
}

static void contrast(void **state)
{
    (void)state;
    for (int scheme = 0; scheme < THEME_SCHEMES; scheme++) {
        struct theme theme;
        load_scheme((enum theme_scheme)scheme, &theme);
        assert_int_equal(unreadable(&theme, true), 0);
        for (int i = 0; i < TYPE_COUNT; i++)
            assert_true(theme.types[i].size_px >= (i == TYPE_CAPTION ? 22 : 28));
        /* Each colour counts: a worse one is noticed. */
        theme.colors[COLOR_TEXT_SOFT] = 0xff5a6f80;
        assert_true(unreadable(&theme, false) > 0);
        load_scheme((enum theme_scheme)scheme, &theme);
        theme.colors[COLOR_SURFACE_FOCUS] = 0xff8090a0;
        assert_true(unreadable(&theme, false) > 0);
        load_scheme((enum theme_scheme)scheme, &theme);
        theme.colors[COLOR_SCRIM] = 0x40000000;
        assert_true(unreadable(&theme, false) > 0);
    }
    assert_true(theme_contrast(0xffffffff, 0xff000000) > 20.9);
    assert_int_equal(theme_blend(0x80ffffff, 0xff000000), 0xff808080);
}

/* White and yellow on black: at least 7:1 for what is written, and a ring that cannot be missed. */
static void high_contrast(void **state)
{
    (void)state;
    struct theme lake, theme;
    load_scheme(THEME_LAKE, &lake);
    load_scheme(THEME_CONTRAST, &theme);
    for (size_t i = 0; i < theme_pair_count; i++)
        if (theme_pairs[i].tenths == 45)
            assert_true(theme_pair_contrast(&theme, &theme_pairs[i]) >= 7);
    assert_true(theme.ring > lake.ring);
    assert_int_equal(theme.gap, lake.gap); /* what it does not name is as in the other */
}

static void sizes_of_text(void **state)
{
    (void)state;
    struct theme theme;
    load_scheme(THEME_LAKE, &theme);
    int body = theme.types[TYPE_BODY].size_px;
    theme_set_size(&theme, THEME_LARGE);
    int larger = theme.types[TYPE_BODY].size_px;
    theme_set_size(&theme, THEME_LARGEST);
    assert_true(body < larger && larger < theme.types[TYPE_BODY].size_px);
    assert_true(theme_text_px(&theme, 100) > 120 && theme_less_px(&theme, 100) < 80);
    theme_set_size(&theme, THEME_NORMAL);
    assert_int_equal(theme.types[TYPE_BODY].size_px, body);
    assert_int_equal(theme_text_px(&theme, 100), 100);
    for (int i = 0; i < THEME_SIZES; i++) {
        enum theme_size size = THEME_NORMAL;
        assert_true(theme_size_from_str(theme_size_str((enum theme_size)i), &size));
        assert_int_equal(size, i);
        assert_false(theme_size_from_str("huge", &size));
    }
    for (int i = 0; i < THEME_SCHEMES; i++) {
        enum theme_scheme scheme = THEME_LAKE;
        assert_true(theme_scheme_from_str(theme_scheme_str((enum theme_scheme)i), &scheme));
        assert_int_equal(scheme, i);
        assert_false(theme_scheme_from_str("pink", &scheme));
    }
}

static void look_at_run_time(void **state)
{
    struct world *world = *state;
    struct node *screen = ui_screen(world->ui);
    struct node *text =
        node_place(ui_text(screen, tr("portal.shopping"), TYPE_BODY), ALIGN_START, ALIGN_USUAL);
    ui_draw(world->ui);
    struct rect before = node_rect(text);
    ui_set_look(world->ui, THEME_CONTRAST, THEME_LARGEST);
    assert_false(ui_idle(world->ui));
    ui_draw(world->ui);
    assert_int_equal(ui_scheme(world->ui), THEME_CONTRAST);
    assert_true(node_rect(text).w > before.w && node_rect(text).h > before.h);
    assert_int_equal(ui_theme(world->ui)->colors[COLOR_SKY], 0xff000000);
    ui_set_look(world->ui, THEME_LAKE, THEME_NORMAL);
    ui_draw(world->ui);
    assert_true(rect_equal(node_rect(text), before));
}

static void theme_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expect;
    } bad[] = {{"[color]\nsky = blue\n", "sky"}, {"[color]\nsky = #12345\n", "sky"}, {"", "sky"}};
    char path[] = "/tmp/kokonor-theme-XXXXXX";
    struct theme theme;
    struct error error;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        file_write(path, bad[i].text, strlen(bad[i].text), NULL);
        assert_false(theme_load(&theme, path, &error));
        assert_non_null(strstr(error.text, bad[i].expect));
    }
    remove(path);
    fclose(fdopen(fd, "r"));
    assert_false(theme_load(&theme, "/nowhere/theme.ini", &error));
}

int main(void)
{
#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(rows_and_columns),
        IN_A_WORLD(grids_and_stacks),
        IN_A_WORLD(text_takes_room),
        IN_A_WORLD(nearest),
        IN_A_WORLD(scopes),
        IN_A_WORLD(scrolled_into_view),
        IN_A_WORLD(text_between_is_read),
        IN_A_WORLD(callbacks_may_destroy),
        IN_A_WORLD(dialogs),
        IN_A_WORLD(steppers),
        IN_A_WORLD(tabs_remember),
        IN_A_WORLD(draws_what_changed),
        IN_A_WORLD(video_shows_through),
        IN_A_WORLD(parts_make_the_whole),
        IN_A_WORLD(language_at_run_time),
        cmocka_unit_test(strings_of_languages),
        IN_A_WORLD(look_at_run_time),
        cmocka_unit_test(contrast),
        cmocka_unit_test(high_contrast),
        cmocka_unit_test(sizes_of_text),
        cmocka_unit_test(theme_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
