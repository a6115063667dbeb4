/* SPDX-License-Identifier: Apache-2.0 */
/* Screens with one fault each: inspect must name it; a good screen has none. Else the robot and the golden
 * screens would pass whatever they see. */
#include "golden.h"
#include "inspect.h"
#include "ui/widget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct world {
    struct display *display;
    struct ui *ui;
    char said[4096];
};

static void hear(void *context, const char *complaint)
{
    struct world *world = context;
    size_t length = strlen(world->said);
    snprintf(world->said + length, sizeof(world->said) - length, "%s\n", complaint);
}

static int set_up(void **state)
{
    static struct world world;
    struct error error = {""};
    world = (struct world){.display =
                               display_create(&(struct display_options){.presenter = "offscreen"}, &error)};
    if (world.display)
        world.ui = ui_create(
            &(struct ui_options){.display = world.display, .resources = GOLDEN_RESOURCES, .language = "zh"},
            &error);
    if (!world.ui)
        fail_msg("%s", error.text);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    ui_destroy(world->ui);
    display_destroy(world->display);
    return 0;
}

static void activate(struct node *node, void *context)
{
    (void)node;
    (void)context;
}

/* A screen without a fault. */
static struct node *good_body(struct world *world)
{
    struct node *screen = ui_screen(world->ui);
    ui_header(screen, tr("settings.title"), lit(NULL));
    struct node *body = ui_body(screen);
    node_focus(ui_button(ui_row(body, 12), BUTTON_PRIMARY, NULL, tr("common.cancel"), activate, NULL));
    ui_hints(screen, (struct ui_hint[]){{KEY_BACK, tr("hint.back")}, {KEY_CHANNEL_UP, tr("hint.channel")}},
             2);
    return body;
}

static void expect(struct world *world, const char *complaint)
{
    inspect(world->ui, hear, world);
    if (!strstr(world->said, complaint))
        fail_msg("expected \"%s\", heard \"%s\"", complaint, world->said);
}

static void nothing_wrong(void **state)
{
    struct world *world = *state;
    good_body(world);
    struct inspection first = inspect(world->ui, hear, world);
    assert_string_equal(world->said, "");
    assert_true(first.has_focus);
    assert_false(first.dialog);
    struct inspection again = inspect(world->ui, NULL, NULL);
    assert_true(first.state == again.state && first.screen == again.screen && first.focus == again.focus);
}

static void the_state_is_what_is_seen(void **state)
{
    struct world *world = *state;
    struct node *row = ui_row(good_body(world), 12);
    struct node *other = ui_button(row, BUTTON_PLAIN, NULL, lit("A"), activate, NULL);
    struct inspection first = inspect(world->ui, NULL, NULL);
    node_focus(other);
    struct inspection moved = inspect(world->ui, NULL, NULL);
    assert_true(moved.screen == first.screen);
    assert_true(moved.state != first.state);
    assert_true(moved.focus != first.focus);
    ui_button_set_words(other, lit("B"));
    assert_true(inspect(world->ui, NULL, NULL).screen != first.screen);
    ui_dialog(world->ui, &(struct ui_dialog){.title = lit("C")});
    assert_true(inspect(world->ui, NULL, NULL).dialog);
}

static void no_words(void **state)
{
    good_body(*state);
    ui_text(ui_body(scene_scope(ui_scene(((struct world *)*state)->ui))), tr("no.such.key"), TYPE_BODY);
    expect(*state, "\"no.such.key\" is a key, not words");
}

static void no_argument(void **state)
{
    ui_text(good_body(*state), tr("search.count"), TYPE_BODY);
    expect(*state, "has a place for an argument that was not given");
}

static void too_wide(void **state)
{
    node_size(ui_paragraph(good_body(*state), lit("西")), 10, 0);
    expect(*state, "pixels wide, its place 10");
}

static void too_high(void **state)
{
    node_size(ui_paragraph(good_body(*state), lit("བསྒྲུབས་ཧཱུྃ་རྐྱུ།")), 0, 20);
    expect(*state, "pixels high, its place 20");
}

static void cut_short(void **state)
{
    node_size(ui_text(good_body(*state), tr("settings.title"), TYPE_BODY), 40, 0);
    expect(*state, "are words of the interface and yet cut short");
}

static void cut_to_nothing(void **state)
{
    node_size(ui_text(good_body(*state), lit("channel_up and more"), TYPE_BODY), 40, 0);
    expect(*state, "is cut to less than half");
}

static void clipped(void **state)
{
    struct node *box = node_box(good_body(*state), &(struct box){.width = 100, .height = 36, .clip = true});
    ui_text(box, lit("ab"), TYPE_HERO);
    expect(*state, "is cut off");
}

static void clipped_away(void **state)
{
    struct node *box = node_box(good_body(*state), &(struct box){.width = 100, .height = 8, .clip = true});
    ui_text(box, lit("ab"), TYPE_HERO);
    expect(*state, "cannot be seen");
}

static void scrolled_away(void **state)
{
    struct world *world = *state;
    struct node *scroll = ui_scroll(good_body(world), 12);
    for (int i = 0; i < 30; i++)
        ui_text(scroll, lit("line"), TYPE_BODY);
    inspect(world->ui, hear, world);
    assert_string_equal(world->said, "");
}

static void beyond_the_edge(void **state)
{
    node_margin(ui_text(good_body(*state), lit("ab"), TYPE_BODY), -40, 0, 0, 0);
    expect(*state, "leaves the safe area");
}

static void on_each_other(void **state)
{
    struct node *stack = node_box(good_body(*state), &(struct box){.layout = LAYOUT_STACK});
    ui_text(stack, lit("one"), TYPE_BODY);
    ui_text(stack, lit("two"), TYPE_BODY);
    expect(*state, "\"one\" and \"two\" lie on each other");
}

static void on_an_icon(void **state)
{
    struct node *stack = node_box(good_body(*state), &(struct box){.layout = LAYOUT_STACK});
    node_place(ui_icon(stack, "ok", 64, COLOR_TEXT), ALIGN_START, ALIGN_START);
    ui_text(stack, lit("words"), TYPE_BODY);
    expect(*state, "\"words\" and the icon \"ok\" lie on each other");
}

static void sticks_out(void **state)
{
    struct node *box = node_box(good_body(*state), &(struct box){.width = 100, .height = 100});
    node_size(ui_picture(box, NULL, 100, 100), 300, 100);
    expect(*state, "sticks out of 100x100");
}

static void covered_focus(void **state)
{
    struct world *world = *state;
    struct node *stack = node_box(good_body(world), &(struct box){.layout = LAYOUT_STACK});
    node_focus(ui_button(stack, BUTTON_PLAIN, NULL, lit("below"), activate, NULL));
    ui_panel(stack, 0);
    expect(world, "is covered by a piece");
}

static void focus_beyond_the_edge(void **state)
{
    struct node *button = ui_button(good_body(*state), BUTTON_PLAIN, NULL, lit("A"), activate, NULL);
    node_focus(node_offset(button, 0, 600));
    expect(*state, "the focus leaves the safe area");
}

static void half_a_focus(void **state)
{
    struct node *box = node_box(good_body(*state), &(struct box){.height = 100, .clip = true});
    struct node *button = ui_button(box, BUTTON_PLAIN, NULL, lit("A"), activate, NULL);
    node_focus(node_margin(button, 0, 60, 0, 0));
    expect(*state, "of the focus, ");
}

int main(void)
{
#define FAULT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FAULT(nothing_wrong), FAULT(the_state_is_what_is_seen),
        FAULT(no_words),      FAULT(no_argument),
        FAULT(too_wide),      FAULT(too_high),
        FAULT(cut_short),     FAULT(cut_to_nothing),
        FAULT(clipped),       FAULT(clipped_away),
        FAULT(scrolled_away), FAULT(beyond_the_edge),
        FAULT(on_each_other), FAULT(on_an_icon),
        FAULT(sticks_out),    FAULT(covered_focus),
        FAULT(half_a_focus),  FAULT(focus_beyond_the_edge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
