/* SPDX-License-Identifier: Apache-2.0 */
/* What moves, by a clock that the test sets: how it eases, that it ends, and that nothing is drawn or kept
 * alive by it afterwards. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "base/clock.h"
#include "base/log.h"
#include "ui/inside.h"
#include "ui/widget.h"
#include <stdlib.h>
#include <string.h>

#define RESOURCES SOURCE_DIR "/resources"
#define COLUMNS 4
#define MANY 2000
#define FRAME_US 16000
#define ROW 150
#define FRAMES_MAX 100

/* ---- what is allocated meanwhile (see the linker's --wrap) ---- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static int allocations;

void *__wrap_malloc(size_t size)
{
    allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    allocations++;
    return __real_realloc(old, size);
}

/* ---- a world ---- */

struct world {
    struct display *display;
    struct ui *ui;
    struct scene *scene;
    int64_t now_us, each_look_us; /* the clock, and what it goes on by itself whenever it is looked at */
    struct node *screen, *tab, *scroll, *grid;
};

static int64_t test_clock(void *context)
{
    struct world *world = context;
    return world->now_us += world->each_look_us;
}

static void open_ui(struct world *world, uv_loop_t *loop)
{
    struct error error = {""};
    world->ui = ui_create(
        &(struct ui_options){
            .display = world->display, .loop = loop, .resources = RESOURCES, .language = "zh"},
        &error);
    if (!world->ui)
        fail_msg("%s", error.text);
    world->scene = ui_scene(world->ui);
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    struct error error = {""};
    log_set_level(LOG_LEVEL_ERROR);
    world->display = display_create(&(struct display_options){.presenter = "offscreen"}, &error);
    if (!world->display)
        fail_msg("%s", error.text);
    open_ui(world, NULL);
    world->now_us = 1000000;
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

/* From here on things move: the clock runs, and it has been a while since the start. */
static void set_going(struct world *world)
{
    motions_begin(world->scene, test_clock, world);
    world->now_us += 10000000;
}

static void make(struct node *parent, size_t index, void *context)
{
    (void)index;
    (void)context;
    struct node *tile =
        node_box(parent, &(struct box){.min_height = ROW, .style = {.fill = COLOR_SURFACE, .radius = 18}});
    node_lift(node_on_activate(tile, NULL, NULL), true);
}

static void build(struct world *world, size_t count)
{
    world->screen = ui_screen(world->ui);
    world->tab =
        node_on_activate(node_box(world->screen, &(struct box){.width = 200, .height = 60}), NULL, NULL);
    world->scroll = ui_scroll(world->screen, 0);
    world->grid = ui_items(world->scroll,
                           &(struct ui_items){.columns = COLUMNS, .gap = 20, .count = count, .make = make});
    ui_draw(world->ui);
}

static struct node *add_box(struct world *world)
{
    struct node *node = node_box(
        ui_layer(world->ui, UI_LAYER_OVERLAY),
        &(struct box){.width = 200, .height = 100, .place_x = ALIGN_START, .style = {.fill = COLOR_WHITE}});
    ui_draw(world->ui);
    return node;
}

static void press(struct world *world, enum key key)
{
    ui_key(world->ui, (struct key_event){.key = key});
}

static bool draw_after(struct world *world, int64_t us)
{
    world->now_us += us;
    world->scene->draw_dirty |= world->scene->motions.count > 0; /* what the timer does */
    return scene_draw(world->scene, NULL, 0, NULL);
}

/* Draws until nothing moves; how many pictures that took. */
static int run_out(struct world *world)
{
    int frames = 0;
    while (world->scene->motions.count > 0 || scene_needs_draw(world->scene)) {
        draw_after(world, FRAME_US);
        if (++frames > FRAMES_MAX)
            fail_msg("it never ends");
    }
    return frames;
}

static void assert_idle(struct world *world)
{
    assert_true(ui_idle(world->ui));
    assert_int_equal(world->scene->motions.count, 0);
    assert_false(scene_draw(world->scene, NULL, 0, NULL));
    world->now_us += 5000000;
    assert_false(scene_draw(world->scene, NULL, 0, NULL));
}

static uint32_t *take_picture(struct world *world)
{
    IDirectFBSurface *canvas = display_canvas(world->display);
    size_t width = (size_t)display_width(world->display), height = (size_t)display_height(world->display);
    uint32_t *picture = calloc(width * height, sizeof(uint32_t));
    void *pixels;
    int pitch;
    assert_int_equal(canvas->Lock(canvas, DSLF_READ, &pixels, &pitch), DFB_OK);
    for (size_t y = 0; y < height; y++)
        memcpy(picture + y * width, (const uint8_t *)pixels + y * (size_t)pitch, width * 4);
    canvas->Unlock(canvas);
    return picture;
}

/* What is on the screen is what a whole new picture would be. */
static void assert_nothing_left_over(struct world *world)
{
    uint32_t *before = take_picture(world);
    scene_invalidate(world->scene, scene_root(world->scene)->rect);
    assert_true(scene_draw(world->scene, NULL, 0, NULL));
    uint32_t *after = take_picture(world);
    assert_memory_equal(before, after,
                        (size_t)display_width(world->display) * (size_t)display_height(world->display) * 4);
    free(before);
    free(after);
}

/* ---- the core ---- */

static void curves(void **state)
{
    (void)state;
    for (int curve = 1; curve <= 6; curve++) {
        double last = 0;
        for (int i = 0; i <= 1000; i++) {
            double now = motion_ease(i / 1000.0, curve);
            assert_true(now >= last && now <= 1);
            last = now;
        }
        assert_true(motion_ease(0, curve) == 0);
        assert_true(motion_ease(1, curve) == 1);
        assert_true(motion_ease(-1, curve) == 0);
        assert_true(motion_ease(7, curve) == 1);
        assert_true(curve == 1 || motion_ease(0.2, curve) > 0.3); /* fast at first */
    }
}

static void glides_and_ends(void **state)
{
    struct world *world = *state;
    set_going(world);
    struct node *node = add_box(world);
    int last = node->at.x, frames = 0;
    node_glide(node, 300, 0);
    assert_int_equal(node_rect(node).x, last + 300); /* it is there at once */
    while (world->scene->motions.count > 0) {
        draw_after(world, FRAME_US);
        assert_true(node->at.x >= last);
        assert_true(node->at.x <= 300);
        last = node->at.x;
        frames++;
    }
    assert_int_equal(node->at.x, 300);
    assert_in_range(frames, 5, 20);
    assert_idle(world);
    assert_nothing_left_over(world);
}

static void only_what_moved_is_drawn(void **state)
{
    struct world *world = *state;
    set_going(world);
    build(world, MANY);
    struct node *node = add_box(world);
    struct rect damage[DAMAGE_MAX];
    size_t count;
    node_glide(node, 40, 0);
    while (world->scene->motions.count > 0) {
        world->now_us += FRAME_US;
        world->scene->draw_dirty = true;
        if (scene_draw(world->scene, damage, DAMAGE_MAX, &count))
            for (size_t i = 0; i < count; i++)
                assert_true(rect_contains((struct rect){0, 0, 240, 720}, damage[i]) && damage[i].h == 100);
    }
    assert_idle(world);
}

static void a_new_aim_on_the_way(void **state)
{
    struct world *world = *state;
    set_going(world);
    struct node *node = add_box(world);
    node_glide(node, 300, 0);
    draw_after(world, FRAME_US);
    draw_after(world, 3 * FRAME_US);
    int seen = node->at.x;
    assert_in_range(seen, 100, 299);
    node_glide(node, 0, 0); /* back: from where it is seen, without a jump */
    assert_int_equal(node->offset_x + node->seen[MOTION_X], seen);
    draw_after(world, FRAME_US);
    assert_in_range(node->at.x, 1, seen);
    run_out(world);
    assert_int_equal(node->at.x, 0);
    node_glide(node, 300, 0);
    draw_after(world, FRAME_US);
    ui_finish_motion(world->ui);
    draw_after(world, 0);
    assert_int_equal(node->at.x, 300);
    assert_idle(world);
}

static void destroyed_on_the_way(void **state)
{
    struct world *world = *state;
    set_going(world);
    struct node *parent = add_box(world), *child = node_box(parent, &(struct box){.width = 10, .height = 10});
    ui_draw(world->ui);
    node_glide(parent, 100, 50);
    node_glide(child, 5, 5);
    node_arrive(parent, ARRIVE_RISE);
    draw_after(world, FRAME_US);
    assert_true(world->scene->motions.count > 2);
    node_destroy(parent);
    assert_int_equal(world->scene->motions.count, 0);
    run_out(world);
    assert_idle(world);
    assert_nothing_left_over(world);
    node_glide(add_box(world), 50, 0); /* the world ends while it moves */
}

static void comes_and_goes(void **state)
{
    struct world *world = *state;
    set_going(world);
    struct node *node = add_box(world);
    node_arrive(node, ARRIVE_BELOW);
    draw_after(world, 0);
    assert_in_range(node->drawn.opacity, 1, 254); /* seen at once, but not quite there */
    assert_true(node->at.y > node->rect.y);
    run_out(world);
    assert_int_equal(node->drawn.opacity, 255);
    assert_int_equal(node->at.y, node->rect.y);
    node_depart(node, false);
    draw_after(world, FRAME_US);
    assert_in_range(node->drawn.opacity, 1, 254);
    node_arrive(node, ARRIVE_BELOW); /* and comes back */
    run_out(world);
    assert_false(node->hidden);
    assert_int_equal(node->drawn.opacity, 255);
    node_depart(node, false);
    run_out(world);
    assert_true(node->hidden);
    node_hide(node, false);
    draw_after(world, 0);
    assert_int_equal(node->drawn.opacity, 255);
    size_t count = node_count(ui_layer(world->ui, UI_LAYER_OVERLAY));
    node_depart(node, true);
    run_out(world);
    assert_int_equal(node_count(ui_layer(world->ui, UI_LAYER_OVERLAY)), count - 1);
    assert_idle(world);
    assert_nothing_left_over(world);
}

static void more_than_can_move(void **state)
{
    struct world *world = *state;
    struct node *nodes[MOTIONS_MAX + 8];
    set_going(world);
    for (size_t i = 0; i < MOTIONS_MAX + 8; i++)
        nodes[i] = add_box(world);
    for (size_t i = 0; i < MOTIONS_MAX + 8; i++)
        node_glide(nodes[i], 100, 0);
    assert_int_equal(world->scene->motions.count, MOTIONS_MAX);
    draw_after(world, FRAME_US);
    assert_int_equal(nodes[MOTIONS_MAX + 7]->at.x, 100); /* without a place: at once */
    run_out(world);
    for (size_t i = 0; i < MOTIONS_MAX + 8; i++)
        assert_int_equal(nodes[i]->at.x, 100);
}

/* ---- when nothing moves ---- */

static void assert_at_once(struct world *world)
{
    struct node *node = add_box(world);
    node_glide(node, 100, 0);
    node_arrive(node, ARRIVE_RISE);
    assert_int_equal(world->scene->motions.count, 0);
    draw_after(world, 0);
    assert_int_equal(node->at.x, 100);
    assert_int_equal(node->drawn.opacity, 255);
    node_depart(node, true);
    draw_after(world, 0);
    assert_idle(world);
}

static void without_a_loop(void **state)
{
    assert_at_once(*state);
}

static void by_the_theme(void **state)
{
    struct world *world = *state;
    struct theme_motion *motion = &((struct theme *)ui_theme(world->ui))->motion;
    motion->on = false;
    set_going(world);
    assert_at_once(world);
    motion->on = true;
    set_going(world);
    motion->arrive_ms = motion->scroll_ms = 0;
    assert_at_once(world);
}

static void at_the_start(void **state)
{
    struct world *world = *state;
    motions_begin(world->scene, test_clock, world);
    assert_at_once(world);
    press(world, KEY_INFO);
    node_glide(add_box(world), 10, 0);
    assert_int_equal(world->scene->motions.count, 1);
}

static void in_a_hurry(void **state)
{
    struct world *world = *state;
    set_going(world);
    build(world, MANY);
    press(world, KEY_DOWN);
    draw_after(world, 500000);
    press(world, KEY_DOWN);
    draw_after(world, FRAME_US);
    assert_true(world->scene->motions.count > 0);
    press(world, KEY_DOWN); /* so soon: everything is there */
    assert_int_equal(world->scene->motions.count, 0);
    for (int i = 0; i < 20; i++) {
        draw_after(world, 50000);
        assert_int_equal(world->scene->motions.count, 0);
        assert_int_equal(world->scroll->seen[MOTION_SLIP], 0);
        press(world, KEY_DOWN);
    }
    draw_after(world, 0);
    assert_idle(world);
    press(world, KEY_DOWN); /* at leisure again */
    draw_after(world, 0);
    assert_true(world->scene->motions.count > 0);
}

static void on_a_slow_box(void **state)
{
    struct world *world = *state;
    set_going(world);
    struct node *node = add_box(world);
    node_glide(node, 300, 0);
    world->each_look_us = 40000;
    draw_after(world, 0); /* much may be drawn for the first time */
    assert_int_equal(world->scene->motions.count, 1);
    draw_after(world, 0);
    assert_int_equal(world->scene->motions.count, 0);
    draw_after(world, 0);
    assert_int_equal(node->at.x, 300);
    assert_idle(world);
}

/* ---- lists ---- */

static void lists_slide(void **state)
{
    struct world *world = *state;
    set_going(world);
    build(world, MANY);
    for (int i = 0; i < 2; i++) {
        press(world, KEY_DOWN);
        run_out(world);
    }
    for (int i = 0; i < 6; i++) {
        world->now_us += 300000;
        press(world, i < 3 ? KEY_DOWN : KEY_UP);
        draw_after(world, 0);
        struct node *focus = scene_focus(world->scene);
        assert_true(focus->drawn.focused); /* shown at once, if not yet where it will be */
        int last = abs(world->scroll->seen[MOTION_SLIP]);
        while (world->scene->motions.count > 0) {
            draw_after(world, FRAME_US);
            assert_true(abs(world->scroll->seen[MOTION_SLIP]) <= last);
            last = abs(world->scroll->seen[MOTION_SLIP]);
            /* No row is missing in what is seen. */
            struct rect view = world->scroll->at;
            for (int y = view.y + 20; y < view.y + view.h; y += 25) {
                bool there = false;
                for (size_t k = 0; k < node_count(world->grid); k++) {
                    struct rect at = node_child(world->grid, k)->at;
                    there |= y >= at.y - 20 && y < at.y + at.h + 20;
                }
                assert_true(there);
            }
        }
        assert_int_equal(last, 0);
        assert_true(rect_contains(world->scroll->at, focus->at));
        assert_idle(world);
    }
    assert_nothing_left_over(world);
}

static void cards_rise(void **state)
{
    struct world *world = *state;
    set_going(world);
    build(world, MANY);
    press(world, KEY_DOWN);
    run_out(world);
    struct node *left = scene_focus(world->scene);
    press(world, KEY_RIGHT);
    draw_after(world, 0);
    struct node *right = scene_focus(world->scene);
    int lift = ui_theme(world->ui)->lift;
    assert_true(right->drawn.focused && !left->drawn.focused);
    assert_in_range(node_rect(right).y - right->at.y, 0, lift - 1); /* the ring is there, the rise begins */
    assert_in_range(node_rect(left).y - left->at.y, 1, lift);
    run_out(world);
    assert_int_equal(node_rect(right).y - right->at.y, lift);
    assert_int_equal(left->at.y, node_rect(left).y);
    assert_idle(world);
    assert_nothing_left_over(world);
}

static void far_away_slides_a_view(void **state)
{
    struct world *world = *state;
    set_going(world);
    build(world, MANY);
    press(world, KEY_DOWN);
    run_out(world);
    ui_items_focus(world->grid, MANY / 2);
    draw_after(world, 0);
    assert_in_range(world->scroll->seen[MOTION_SLIP], 1, world->scroll->rect.h);
    assert_true(node_count(world->grid) < 60);
    run_out(world);
    assert_int_equal(ui_items_focused(world->grid), MANY / 2);
    assert_nothing_left_over(world);
}

static void frames_allocate_nothing(void **state)
{
    struct world *world = *state;
    set_going(world);
    build(world, MANY);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++) {
            world->now_us += 500000;
            press(world, i < 2 ? KEY_DOWN : KEY_UP);
            draw_after(world, 0);
            int before = allocations, frames = 0;
            while (world->scene->motions.count > 0) {
                draw_after(world, FRAME_US);
                frames++;
            }
            assert_true(frames > 4);
            if (round > 0)
                assert_int_equal(allocations, before);
        }
    }
    assert_true(allocations > 0); /* they are counted */
}

/* ---- held arrows ---- */

static size_t hold(struct world *world, enum key key, int repeats)
{
    for (int i = 0; i < repeats; i++) {
        ui_key(world->ui, (struct key_event){.key = key, .repeat = i > 0});
        draw_after(world, 40000);
    }
    return ui_items_focused(world->grid);
}

static void held_arrows_get_faster(void **state)
{
    struct world *world = *state;
    set_going(world);
    build(world, MANY);
    press(world, KEY_DOWN);
    ui_items_focus(world->grid, 1); /* the second column, and it stays there */
    draw_after(world, 0);
    size_t last = hold(world, KEY_DOWN, 1), early, late;
    assert_int_equal(last, 1 + COLUMNS);
    early = hold(world, KEY_DOWN, 5) - last; /* a new press: a row each */
    assert_int_equal(early, 5 * COLUMNS);
    last = hold(world, KEY_DOWN, 60);
    late = hold(world, KEY_DOWN, 1) - last; /* let go and pressed again */
    assert_int_equal(late, COLUMNS);
    assert_true(last > 1 + COLUMNS * (1 + 5 + 150));
    assert_int_equal(last % COLUMNS, 1);
    assert_int_equal(hold(world, KEY_DOWN, 200), MANY - COLUMNS + 1); /* to the last row, no further */
    assert_int_equal(hold(world, KEY_DOWN, 3), MANY - COLUMNS + 1);
    assert_true(rect_contains(node_rect(world->scroll), node_rect(scene_focus(world->scene))));
    hold(world, KEY_UP, 400); /* held, it does not leave the list */
    assert_int_equal(ui_items_focused(world->grid), 1);
    assert_true(node_below(scene_focus(world->scene), world->grid));
    press(world, KEY_UP);
    draw_after(world, 0);
    assert_ptr_equal(scene_focus(world->scene), world->tab);
}

static void the_last_row_may_be_short(void **state)
{
    struct world *world = *state;
    build(world, MANY - 2); /* without motion */
    press(world, KEY_DOWN);
    ui_items_focus(world->grid, 3);
    draw_after(world, 0);
    assert_int_equal(hold(world, KEY_DOWN, 300), MANY - 3);
}

static void short_lists_keep_their_pace(void **state)
{
    struct world *world = *state;
    build(world, 10 * COLUMNS);
    press(world, KEY_DOWN);
    draw_after(world, 0);
    for (size_t row = 1; row < 10; row++) {
        ui_key(world->ui, (struct key_event){.key = KEY_DOWN, .repeat = true});
        draw_after(world, 0);
        assert_int_equal(ui_items_focused(world->grid), row * COLUMNS);
    }
}

static void plain_lists_too(void **state)
{
    struct world *world = *state;
    struct node *screen = ui_screen(world->ui), *rows[60];
    struct node *above = node_on_activate(node_box(screen, &(struct box){.height = 50}), NULL, NULL);
    struct node *scroll = ui_scroll(screen, 10);
    for (size_t i = 0; i < 60; i++)
        rows[i] = node_on_activate(node_box(scroll, &(struct box){.height = 60}), NULL, NULL);
    ui_draw(world->ui);
    node_focus(rows[0]);
    ui_draw(world->ui);
    for (int i = 0; i < 40; i++)
        ui_key(world->ui, (struct key_event){.key = KEY_DOWN, .repeat = i > 0});
    assert_ptr_equal(scene_focus(world->scene), rows[59]); /* sooner than a row each */
    for (int i = 0; i < 100; i++)
        ui_key(world->ui, (struct key_event){.key = KEY_UP, .repeat = i > 0});
    assert_ptr_equal(scene_focus(world->scene), rows[0]);
    press(world, KEY_UP);
    assert_ptr_equal(scene_focus(world->scene), above);
}

/* ---- screens, dialogs, messages ---- */

static void screens_and_dialogs(void **state)
{
    struct world *world = *state;
    set_going(world);
    build(world, MANY);
    world->now_us += 500000;
    struct node *screen = ui_screen(world->ui); /* nobody has pressed anything */
    assert_int_equal(world->scene->motions.count, 0);
    node_destroy(screen);
    press(world, KEY_INFO);
    screen = ui_screen(world->ui);
    struct node *header = ui_header(screen, tr("shop.title"), lit(NULL));
    struct node *body =
        node_box(ui_body(screen), &(struct box){.height = 60, .style = {.fill = COLOR_WHITE}});
    assert_true(world->scene->motions.count > 0);
    draw_after(world, 0);
    assert_int_equal(screen->drawn.opacity, 255);
    assert_int_equal(node_child(header, 0)->drawn.opacity, 255); /* title and clock stand still */
    assert_int_equal(node_child(header, 0)->at.y, node_rect(node_child(header, 0)).y);
    assert_in_range(body->drawn.opacity, 1, 254);
    assert_true(body->at.y > node_rect(body).y);
    run_out(world);
    assert_int_equal(body->drawn.opacity, 255);
    assert_int_equal(body->at.y, node_rect(body).y);
    assert_nothing_left_over(world);
    struct node *content = ui_dialog(
        world->ui,
        &(struct ui_dialog){.title = lit("?"), .buttons = {{lit("!"), BUTTON_PRIMARY}}, .button_count = 1});
    draw_after(world, 0);
    assert_in_range(node_parent(content)->drawn.opacity, 1, 254);
    assert_true(run_out(world) > 4);
    assert_int_equal(node_parent(content)->drawn.opacity, 255);
    node_destroy(content); /* closes it */
    run_out(world);
    ui_toast(world->ui, NULL, lit("1"));
    ui_toast(world->ui, NULL, lit("2")); /* instead of the first, at once */
    run_out(world);
    assert_idle(world);
    assert_nothing_left_over(world);
}

/* ---- on a real loop ---- */

static void a_loop_goes_to_sleep(void **state)
{
    struct world *world = *state;
    uv_loop_t loop;
    ui_destroy(world->ui);
    assert_int_equal(uv_loop_init(&loop), 0);
    open_ui(world, &loop);
    build(world, MANY);
    for (int i = 0; i < 3; i++) {
        clock_sleep_us(120000); /* at leisure */
        press(world, KEY_DOWN);
        ui_draw(world->ui);
        assert_true(i == 0 || world->scene->motions.count > 0);
        assert_true(i == 0 || !ui_idle(world->ui));
        uv_run(&loop, UV_RUN_DEFAULT); /* returns when no timer is left */
        assert_true(ui_idle(world->ui));
        assert_false(scene_draw(world->scene, NULL, 0, NULL));
    }
    clock_sleep_us(120000);
    press(world, KEY_UP); /* the world ends while it moves */
    ui_draw(world->ui);
    assert_true(world->scene->motions.count > 0);
    ui_destroy(world->ui);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    open_ui(world, NULL);
}

int main(void)
{
#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves),
        IN_A_WORLD(glides_and_ends),
        IN_A_WORLD(only_what_moved_is_drawn),
        IN_A_WORLD(a_new_aim_on_the_way),
        IN_A_WORLD(destroyed_on_the_way),
        IN_A_WORLD(comes_and_goes),
        IN_A_WORLD(more_than_can_move),
        IN_A_WORLD(without_a_loop),
        IN_A_WORLD(by_the_theme),
        IN_A_WORLD(at_the_start),
        IN_A_WORLD(in_a_hurry),
        IN_A_WORLD(on_a_slow_box),
        IN_A_WORLD(lists_slide),
        IN_A_WORLD(cards_rise),
        IN_A_WORLD(far_away_slides_a_view),
        IN_A_WORLD(frames_allocate_nothing),
        IN_A_WORLD(held_arrows_get_faster),
        IN_A_WORLD(the_last_row_may_be_short),
        IN_A_WORLD(short_lists_keep_their_pace),
        IN_A_WORLD(plain_lists_too),
        IN_A_WORLD(screens_and_dialogs),
        IN_A_WORLD(a_loop_goes_to_sleep),
    };
    return cmocka_run_group_tests_name("motion", tests, NULL, NULL);
}
