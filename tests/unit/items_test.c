/* SPDX-License-Identifier: Apache-2.0 */
/* Grids of any length: what exists, where it lies, who has the focus, what is drawn. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "base/log.h"
#include "ui/inside.h"
#include "ui/widget.h"
#include <malloc.h>
#include <stdlib.h>

#define RESOURCES SOURCE_DIR "/resources"
#define MANY 10000
#define COLUMNS 4
#define BOUND 32 /* eight rows: those in view here, and those kept around them */

struct world {
    struct display *display;
    struct ui *ui;
    struct node *screen, *tab, *scroll, *grid;
    size_t made, activated;
    bool uneven; /* every fifth row is higher */
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct error error = {""};
    log_set_level(LOG_LEVEL_ERROR);
    world->display = display_create(&(struct display_options){.presenter = "offscreen"}, &error);
    if (!world->display)
        fail_msg("%s", error.text);
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

static void activated(struct node *node, void *context)
{
    ((struct world *)context)->activated = ui_items_index(node);
}

static int height_of(const struct world *world, size_t index)
{
    return world->uneven && index / COLUMNS % 5 == 4 ? 210 : 150;
}

static void make(struct node *parent, size_t index, void *context)
{
    struct world *world = context;
    world->made++;
    struct node *tile = node_box(
        parent, &(struct box){.min_height = height_of(world, index), .style = {.fill = COLOR_SURFACE}});
    node_on_activate(tile, activated, world);
}

/* A tab above, so that the focus has somewhere else to go, and the grid below it. */
static void build(struct world *world, size_t count)
{
    world->screen = ui_screen(world->ui);
    world->tab =
        node_on_activate(node_box(world->screen, &(struct box){.width = 200, .height = 60}), NULL, NULL);
    world->scroll = ui_scroll(world->screen, 0);
    world->grid = ui_items(
        world->scroll,
        &(struct ui_items){.columns = COLUMNS, .gap = 20, .count = count, .make = make, .context = world});
    ui_draw(world->ui);
}

static void press(struct world *world, enum key key)
{
    ui_key(world->ui, (struct key_event){.key = key});
    ui_draw(world->ui);
}

/* Whoever has the focus lies within the view. */
static void assert_focus(struct world *world, size_t index)
{
    struct node *focus = scene_focus(ui_scene(world->ui));
    assert_non_null(focus);
    assert_int_equal(ui_items_index(focus), index);
    assert_true(rect_contains(node_rect(world->scroll), node_rect(focus)));
}

static void only_what_is_near_exists(void **state)
{
    struct world *world = *state;
    build(world, MANY);
    assert_in_range(node_count(world->grid), COLUMNS * 3, BOUND);
    size_t begin = world->made;
    assert_in_range(begin, COLUMNS * 3, BOUND);
    press(world, KEY_DOWN);
    assert_focus(world, 0);
    for (size_t row = 1; row < 60; row++) {
        press(world, KEY_DOWN);
        assert_focus(world, row * COLUMNS);
        assert_in_range(node_count(world->grid), COLUMNS * 3, BOUND);
    }
    assert_in_range(world->made - begin, 50 * COLUMNS, 62 * COLUMNS); /* each once */
    for (size_t i = 1; i < node_count(world->grid); i++)
        assert_int_equal(ui_items_index(node_child(world->grid, i)),
                         ui_items_index(node_child(world->grid, i - 1)) + 1);
}

static void the_same_places_as_a_whole_grid(void **state)
{
    struct world *world = *state;
    build(world, 23);
    struct node *first = node_child(world->grid, 0), *fifth = node_child(world->grid, 5);
    struct rect a = node_rect(first), b = node_rect(fifth), view = node_rect(world->scroll);
    int cell = (view.w - 3 * 20) / 4;
    assert_int_equal(a.x, view.x);
    assert_int_equal(a.y, view.y + 14);
    assert_int_equal(a.w, cell);
    assert_int_equal(b.x, view.x + cell + 20);
    assert_int_equal(b.y, a.y + 170);
    assert_int_equal(b.h, 150);
    assert_int_equal(node_rect(world->grid).h, 6 * 150 + 5 * 20);
    press(world, KEY_DOWN);
    for (int i = 0; i < 5; i++)
        press(world, KEY_DOWN);
    press(world, KEY_RIGHT);
    press(world, KEY_RIGHT);
    assert_focus(world, 22);
    press(world, KEY_DOWN);
    assert_focus(world, 22);
}

static void the_focus_is_never_lost(void **state)
{
    struct world *world = *state;
    world->uneven = true;
    build(world, MANY);
    press(world, KEY_DOWN);
    unsigned random = 1;
    for (int i = 0; i < 600; i++) {
        static const enum key keys[] = {KEY_DOWN, KEY_DOWN, KEY_RIGHT, KEY_UP, KEY_LEFT, KEY_DOWN};
        random = random * 1103515245u + 12345u;
        press(world, keys[(random >> 16) % 6]);
        struct node *focus = scene_focus(ui_scene(world->ui));
        assert_non_null(focus);
        if (focus != world->tab) {
            assert_true(rect_contains(node_rect(world->scroll), node_rect(focus)));
            assert_int_equal(node_rect(focus).h, height_of(world, ui_items_index(focus)));
        }
        assert_true(node_count(world->grid) <= BOUND);
    }
}

/* Far jumps, back to the top, and what is in view does not move when rows above it get their true height. */
static void jumps(void **state)
{
    struct world *world = *state;
    world->uneven = true;
    build(world, MANY);
    ui_items_focus(world->grid, 7777);
    ui_draw(world->ui);
    assert_focus(world, 7777);
    assert_int_equal(ui_items_focused(world->grid), 7777);
    assert_true(node_count(world->grid) <= BOUND);
    for (size_t i = 1; i <= 40; i++) {
        struct rect before = node_rect(scene_focus(ui_scene(world->ui)));
        press(world, KEY_UP);
        assert_focus(world, 7777 - i * COLUMNS);
        struct rect after = node_rect(scene_focus(ui_scene(world->ui)));
        assert_true(after.y < before.y + 60); /* up, or the view has followed; never thrown about */
    }
    press(world, KEY_OK);
    assert_int_equal(world->activated, 7777 - 40 * COLUMNS);
    ui_items_focus(world->grid, 0);
    ui_draw(world->ui);
    assert_focus(world, 0);
    assert_int_equal(world->scroll->scroll, 0);
    ui_items_focus(world->grid, MANY - 1);
    ui_draw(world->ui);
    assert_focus(world, MANY - 1);
    ui_items_focus(world->grid, MANY); /* nobody: it stays */
    ui_draw(world->ui);
    assert_focus(world, MANY - 1);
}

/* Under another screen, and from elsewhere in the same one. */
static void the_focus_is_remembered(void **state)
{
    struct world *world = *state;
    build(world, MANY);
    ui_items_focus(world->grid, 5001);
    ui_draw(world->ui);
    struct node *above = ui_screen(world->ui);
    node_on_activate(node_box(above, &(struct box){.height = 60}), NULL, NULL);
    node_hide(world->screen, true);
    ui_draw(world->ui);
    ui_set_language(world->ui, "bo"); /* everything is laid out anew meanwhile */
    ui_draw(world->ui);
    node_destroy(above);
    node_hide(world->screen, false);
    ui_draw(world->ui);
    assert_focus(world, 5001);
    node_focus(world->tab);
    ui_draw(world->ui);
    assert_ptr_equal(scene_focus(ui_scene(world->ui)), world->tab);
    assert_int_equal(ui_items_focused(world->grid), UI_ITEMS_NONE);
}

static void nothing_is_drawn_while_nothing_changes(void **state)
{
    struct world *world = *state;
    size_t count;
    build(world, MANY);
    struct scene *scene = ui_scene(world->ui);
    for (int i = 0; i < 3; i++)
        press(world, KEY_DOWN);
    for (int i = 0; i < 50; i++) {
        assert_true(ui_idle(world->ui));
        assert_false(scene_draw(scene, NULL, 0, &count));
        assert_int_equal(count, 0);
    }
    ui_key(world->ui, (struct key_event){.key = KEY_RIGHT});
    struct rect damage[DAMAGE_MAX];
    assert_true(scene_draw(scene, damage, DAMAGE_MAX, &count));
    long pixels = 0;
    for (size_t i = 0; i < count; i++)
        pixels += (long)damage[i].w * damage[i].h;
    assert_true(pixels < 1280L * 720 / 4); /* two tiles with their light, not the screen */
}

/* What ten thousand need more than a hundred: a number a row, not nodes. */
static void memory_is_bounded(void **state)
{
    struct world *world = *state;
    size_t used[2];
    static const size_t counts[] = {100, MANY};
    for (int i = 0; i < 2; i++) {
        build(world, counts[i]);
        ui_items_focus(world->grid, counts[i] - 1);
        ui_draw(world->ui);
        used[i] = mallinfo2().uordblks;
        node_destroy(world->screen);
        ui_draw(world->ui);
    }
    assert_true(used[1] < used[0] + 64 * 1024);
}

static void empty_and_single(void **state)
{
    struct world *world = *state;
    build(world, 0);
    assert_int_equal(node_count(world->grid), 0);
    assert_int_equal(node_rect(world->grid).h, 0);
    ui_items_focus(world->grid, 0);
    assert_ptr_equal(scene_focus(ui_scene(world->ui)), world->tab);
    node_destroy(world->screen);
    build(world, 1);
    press(world, KEY_DOWN);
    assert_focus(world, 0);
    node_clear(world->scroll);
    ui_draw(world->ui);
    assert_ptr_equal(scene_focus(ui_scene(world->ui)), world->tab);
}

int main(void)
{
#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(only_what_is_near_exists), IN_A_WORLD(the_same_places_as_a_whole_grid),
        IN_A_WORLD(the_focus_is_never_lost),  IN_A_WORLD(jumps),
        IN_A_WORLD(the_focus_is_remembered),  IN_A_WORLD(nothing_is_drawn_while_nothing_changes),
        IN_A_WORLD(memory_is_bounded),        IN_A_WORLD(empty_and_single),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
