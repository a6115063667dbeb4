/* SPDX-License-Identifier: Apache-2.0 */
/* A robot with a remote control. It walks the box's screens by keys alone, breadth first, and looks at each
 * with inspect.h; BACK must lead out of everywhere, HOME at once. What it finds fault with is told with the
 * keys that lead there and a picture in the build's golden folder. */
#include "channel/channels.h"
#include "fixture.h"
#include "golden.h"
#include "inspect.h"
#include "ui/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STATES_MAX 4000
#define DEPTH_MAX 14    /* keys from the portal */
#define PLACE_STATES 40 /* states of one channel (its dialogs apart) from which all arrows are pressed */
#define PLACE_KEYS 2    /* and of those, from which the other keys are pressed */
#define BACKS_MAX 32
#define PLACES_MAX 48
#define COMPLAINTS_MAX 40
#define BOXES_MAX 60
#define ORDERS_MAX 3  /* purchases that are confirmed */
#define AREA "632521" /* the fixture's */

static const enum key arrows[] = {KEY_UP, KEY_DOWN, KEY_LEFT, KEY_RIGHT, KEY_OK, KEY_BLUE};
static const enum key others[] = {KEY_GREEN, KEY_YELLOW, KEY_RED, KEY_INFO, KEY_MENU, KEY_6, KEY_0};
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* Screens where nothing can have the focus, and why that is right. */
static const struct {
    const char *channel, *reason;
    bool empty; /* only while nothing has been received */
} without_focus[] = {
    {"live", "the picture is the screen", false},
    {"programme", "a text that fits", false},
    {"order", "facts that fit", false},
    {"about", "facts that fit", false},
    {"scan", "a search under way, without a receiver for ever", false},
    {"shopping", "nothing to buy yet", true},
    {"orders", "nothing ordered yet", true},
    {"credit", "nothing published yet", true},
    {"community", "nothing to read yet", true},
};

struct state {
    uint64_t id;
    int from;     /* -1: the portal */
    enum key key; /* pressed there */
    int depth, place;
};

/* A channel, or its dialog. */
struct place {
    char name[32];
    int states, expanded;
};

struct robot {
    struct fixture *fixture;
    const char *language;
    enum theme_size size;
    bool with_content;
    struct state states[STATES_MAX];
    int count;
    struct place places[PLACES_MAX];
    int place_count;
    int here;            /* the state of now; -1: one that is not in the list */
    uint64_t home;       /* the portal as it is at first */
    enum key pressed[2]; /* after the path to here, for complaints */
    int pressed_count, path_end;
    int purchases[ORDERS_MAX], purchase_count; /* states where OK may order */
    int ordered;
    unsigned presses;
    int boxes;   /* that were switched on after the first */
    int strayed; /* a path that led elsewhere than before */
    char complaints[COMPLAINTS_MAX][512];
    int complaint_count;
    int complaints_here;
};

/* ---- complaining ---- */

static void print_path(struct robot *robot, int state)
{
    if (state < 0 || robot->states[state].from < 0)
        return;
    print_path(robot, robot->states[state].from);
    print_error(" %s", key_name(robot->states[state].key));
}

static void complain(void *context, const char *text)
{
    struct robot *robot = context;
    char line[512];
    snprintf(line, sizeof(line), "%s: %s", shell_front(fixture_shell(robot->fixture)), text);
    for (int i = 0; i < robot->complaint_count; i++)
        if (!strcmp(robot->complaints[i], line))
            return;
    if (robot->complaint_count == COMPLAINTS_MAX)
        return;
    snprintf(robot->complaints[robot->complaint_count], sizeof(line), "%s", line);
    print_error("%s, by the keys:", robot->language);
    print_path(robot, robot->path_end);
    for (int i = 0; i < robot->pressed_count; i++)
        print_error(" %s", key_name(robot->pressed[i]));
    print_error(" > %s; see golden/robot-%s-%s-%d.png\n", line, robot->language, theme_size_str(robot->size),
                robot->complaint_count);
    robot->complaint_count++;
    robot->complaints_here++;
}

/* One picture for all that was said of a screen. */
static void picture_of_complaints(struct robot *robot)
{
    char path[4096];
    if (robot->complaints_here == 0)
        return;
    fixture_draw(robot->fixture);
    for (int i = robot->complaint_count - robot->complaints_here; i < robot->complaint_count; i++) {
        snprintf(path, sizeof(path), "%s/golden/robot-%s-%s-%d.png", KOKONOR_BUILD_DIR, robot->language,
                 theme_size_str(robot->size), i);
        display_save_png(fixture_display(robot->fixture), path, NULL);
    }
    robot->complaints_here = 0;
}

/* ---- pressing and looking ---- */

static struct ui *ui_of_robot(const struct robot *robot)
{
    return shell_ui(fixture_shell(robot->fixture));
}

static const char *front(const struct robot *robot)
{
    return shell_front(fixture_shell(robot->fixture));
}

static void press(struct robot *robot, enum key key)
{
    fixture_press(robot->fixture, key);
    robot->presses++;
}

static size_t orders(const struct robot *robot)
{
    const struct order *const *list;
    return order_book_list(shell_orders(fixture_shell(robot->fixture)), &list);
}

static bool may_lack_focus(const struct robot *robot)
{
    for (size_t i = 0; i < COUNT(without_focus); i++)
        if (!strcmp(front(robot), without_focus[i].channel))
            return !without_focus[i].empty || !robot->with_content;
    return false;
}

static struct inspection look(struct robot *robot)
{
    struct inspection seen = inspect(ui_of_robot(robot), complain, robot);
    if (!seen.has_focus && !may_lack_focus(robot))
        complain(robot, "nothing on this screen can have the focus");
    picture_of_complaints(robot);
    return seen;
}

static uint64_t glance(struct robot *robot)
{
    return inspect(ui_of_robot(robot), NULL, NULL).state;
}

/* ---- places and states ---- */

static int place_of(struct robot *robot, bool dialog)
{
    char name[32];
    snprintf(name, sizeof(name), "%s%s", front(robot), dialog ? " (dialog)" : "");
    for (int i = 0; i < robot->place_count; i++)
        if (!strcmp(robot->places[i].name, name))
            return i;
    assert_true(robot->place_count < PLACES_MAX);
    snprintf(robot->places[robot->place_count].name, sizeof(name), "%s", name);
    return robot->place_count++;
}

static int find_state(const struct robot *robot, uint64_t id)
{
    for (int i = 0; i < robot->count; i++)
        if (robot->states[i].id == id)
            return i;
    return -1;
}

/* What stands now, reached from a state by a key: the state's number, a new one where it was never seen. */
static int arrive(struct robot *robot, int from, enum key key)
{
    uint64_t id = glance(robot);
    int known = find_state(robot, id);
    if (known >= 0)
        return known;
    struct inspection seen = look(robot);
    if (robot->count == STATES_MAX)
        return -1;
    int place = place_of(robot, seen.dialog);
    robot->places[place].states++;
    robot->states[robot->count] = (struct state){.id = id,
                                                 .from = from,
                                                 .key = key,
                                                 .depth = from < 0 ? 0 : robot->states[from].depth + 1,
                                                 .place = place};
    return robot->count++;
}

/* ---- getting somewhere ---- */

static enum content_language robot_language(const struct robot *robot)
{
    enum content_language language = CONTENT_ZH;
    assert_true(content_language_from_str(robot->language, &language));
    return language;
}

/* As it was at first, by the remote; the language apart, which stays on purpose. */
static void go_home(struct robot *robot)
{
    struct shell *shell = fixture_shell(robot->fixture);
    press(robot, KEY_HOME);
    if (strcmp(front(robot), "portal") != 0)
        complain(robot, "HOME does not lead to the portal");
    shell_set_language(shell, robot_language(robot));
    shell_set_look(shell, THEME_LAKE, robot->size);
    shell_set_area(shell, AREA);
    shell_tune(shell, 1);
    for (int i = 0; i < 4; i++)
        press(robot, KEY_UP);
    for (int i = 0; i < 3; i++)
        press(robot, KEY_LEFT);
    robot->here = glance(robot) == robot->home ? 0 : -1;
}

static void switch_on(struct robot *robot)
{
    robot->fixture = fixture_create(robot->language, robot->with_content);
    if (robot->with_content)
        fixture_applications(robot->fixture, "Scm");
    shell_set_look(fixture_shell(robot->fixture), THEME_LAKE, robot->size);
}

static void follow(struct robot *robot, int state)
{
    if (robot->states[state].from < 0)
        return;
    follow(robot, robot->states[state].from);
    press(robot, robot->states[state].key);
    inspect(ui_of_robot(robot), NULL, NULL); /* rows come into being where they are seen */
}

static bool go_to(struct robot *robot, int state)
{
    robot->path_end = state;
    robot->pressed_count = 0;
    if (robot->here == state)
        return true;
    go_home(robot);
    if (robot->here != 0) { /* a setting has changed how everything looks: another box */
        fixture_destroy(robot->fixture);
        switch_on(robot);
        robot->here = glance(robot) == robot->home ? 0 : -1;
        if (robot->boxes++ > BOXES_MAX || robot->here != 0)
            complain(robot, "HOME and arrows do not bring the portal back as it was");
    }
    follow(robot, state);
    robot->here = glance(robot) == robot->states[state].id ? state : -1;
    if (robot->here != state) {
        print_error("%s: the way to %s has changed:", robot->language,
                    robot->places[robot->states[state].place].name);
        print_path(robot, state);
        print_error("\n");
        robot->strayed++;
    }
    return robot->here == state;
}

/* ---- the walk ---- */

static void try_key(struct robot *robot, int state, enum key key)
{
    if (!go_to(robot, state))
        return;
    robot->pressed[0] = key;
    robot->pressed_count = 1;
    uint64_t focus = inspect(ui_of_robot(robot), NULL, NULL).focus;
    press(robot, key);
    if (ui_scheme(ui_of_robot(robot)) != THEME_LAKE || ui_theme(ui_of_robot(robot))->size != robot->size) {
        look(robot);
        robot->here = -1; /* home, and as it was */
        return;
    }
    enum content_language language = shell_language(fixture_shell(robot->fixture));
    if (strcmp(content_language_str(language), robot->language) != 0) {
        struct inspection other = look(robot); /* it is walked in a walk of its own */
        shell_set_language(fixture_shell(robot->fixture), robot_language(robot));
        struct inspection again = inspect(ui_of_robot(robot), NULL, NULL);
        if (key == KEY_BLUE && focus &&
            ((other.focus && other.focus != focus) || (again.focus && again.focus != focus)))
            complain(robot, "in another language the focus is elsewhere");
        robot->here = -1; /* screens below were told of the language, too, and are built anew */
    } else {
        robot->here = arrive(robot, state, key);
    }
}

/* BACK leads out, step by step. */
static void try_back(struct robot *robot, int state)
{
    int steps = 0;
    if (!go_to(robot, state))
        return;
    robot->pressed[0] = KEY_BACK;
    robot->pressed_count = 1;
    while (steps < BACKS_MAX && (strcmp(front(robot), "portal") != 0 ||
                                 node_count(ui_layer(ui_of_robot(robot), UI_LAYER_DIALOG)) > 0)) {
        press(robot, KEY_BACK);
        robot->here = -1;
        if (steps++ == 0)
            robot->here = arrive(robot, state, KEY_BACK);
    }
    if (steps == BACKS_MAX)
        complain(robot, "BACK does not lead out to the portal");
    robot->here = -1;
}

static void expand(struct robot *robot, int state)
{
    struct place *place = &robot->places[robot->states[state].place];
    if (robot->states[state].depth >= DEPTH_MAX || place->expanded >= PLACE_STATES)
        return;
    place->expanded++;
    bool purchase = !strcmp(place->name, "purchase");
    for (size_t i = 0; i < COUNT(arrows); i++) {
        if (arrows[i] != KEY_OK || !purchase)
            try_key(robot, state, arrows[i]);
        else if (robot->purchase_count < ORDERS_MAX)
            robot->purchases[robot->purchase_count++] = state; /* later: an order changes what follows */
    }
    if (place->expanded <= PLACE_KEYS)
        for (size_t i = 0; i < COUNT(others); i++)
            try_key(robot, state, others[i]);
    try_back(robot, state);
}

/* Confirms, then presses one key: the outcome and what follows from it. */
static void order_and_press(struct robot *robot, int state, enum key key)
{
    if (!go_to(robot, state))
        return;
    size_t before = orders(robot);
    robot->pressed[0] = KEY_OK;
    robot->pressed_count = 1;
    press(robot, KEY_OK);
    look(robot); /* being written */
    fixture_settle(robot->fixture);
    shell_changed(fixture_shell(robot->fixture), SHELL_CHANGED_ORDERS);
    robot->ordered += orders(robot) > before;
    if (orders(robot) > before + 1)
        complain(robot, "one press made more than one order");
    look(robot);
    robot->pressed[1] = key;
    robot->pressed_count = 2;
    press(robot, key);
    fixture_settle(robot->fixture);
    look(robot);
    if (key == KEY_BACK && !strcmp(front(robot), "purchase"))
        complain(robot, "BACK leads to a confirmation that was given");
    robot->here = -1;
}

/* Screens to which no key that the robot presses leads, and why that is right. */
static bool is_apart(const char *channel)
{
    static const char *const apart[] = {
        "welcome",     /* only the first start shows it */
        "diagnostics", /* behind a code */
    };
    for (size_t i = 0; i < COUNT(apart); i++)
        if (!strcmp(apart[i], channel))
            return true;
    return false;
}

static void check_reached(struct robot *robot)
{
    for (const struct channel *const *channel = channels; *channel; channel++) {
        bool reached = is_apart((*channel)->name);
        for (int i = 0; i < robot->place_count && !reached; i++)
            reached = !strcmp(robot->places[i].name, (*channel)->name);
        if (!reached) {
            print_error("%s: no key leads to the channel \"%s\"\n", robot->language, (*channel)->name);
            robot->complaint_count++;
        }
    }
}

static void report(const struct robot *robot)
{
    print_message("%s, text %s: %d states of %d screens by %u presses:", robot->language,
                  theme_size_str(robot->size), robot->count, robot->place_count, robot->presses);
    for (int i = 0; i < robot->place_count; i++)
        print_message(" %s %d", robot->places[i].name, robot->places[i].states);
    print_message("\n");
}

static void walk(const char *language, enum theme_size size, bool with_content)
{
    struct robot *robot = calloc(1, sizeof(*robot));
    assert_non_null(robot);
    robot->language = language;
    robot->size = size;
    robot->with_content = with_content;
    switch_on(robot);
    robot->home = glance(robot);
    robot->here = arrive(robot, -1, KEY_NONE);
    for (int i = 0; i < robot->count; i++) /* they grow as it goes */
        expand(robot, i);
    for (int i = 0; i < robot->purchase_count; i++) {
        order_and_press(robot, robot->purchases[i], KEY_OK);
        order_and_press(robot, robot->purchases[i], KEY_BACK);
        order_and_press(robot, robot->purchases[i], KEY_BLUE);
    }
    if (with_content)
        check_reached(robot);
    if (with_content && robot->ordered == 0)
        complain(robot, "no order was placed");
    report(robot);
    int complaints = robot->complaint_count, strayed = robot->strayed;
    fixture_destroy(robot->fixture);
    free(robot);
    assert_int_equal(complaints, 0);
    assert_int_equal(strayed, 0);
}

/* ---- all that was published ---- */

struct sweep {
    struct fixture *fixture;
    const char *what;
    int opened, faults;
};

static void note_fault(void *context, const char *text)
{
    struct sweep *sweep = context;
    print_error("%s: %s\n", sweep->what, text);
    sweep->faults++;
}

static void open_one(struct sweep *sweep, const char *channel, const char *id)
{
    char what[128];
    snprintf(what, sizeof(what), "%s %s", channel, id);
    sweep->what = what;
    if (!shell_open(fixture_shell(sweep->fixture), channel, id))
        note_fault(sweep, "it does not open");
    inspect(shell_ui(fixture_shell(sweep->fixture)), note_fault, sweep);
    shell_home(fixture_shell(sweep->fixture));
    sweep->opened++;
}

static void sweep_content(const char *language, enum theme_size size)
{
    struct sweep sweep = {.fixture = fixture_create(language, true)};
    shell_set_look(fixture_shell(sweep.fixture), THEME_LAKE, size);
    struct store_reader *reader = shell_reader(fixture_shell(sweep.fixture));
    struct store_scope scope = shell_scope(fixture_shell(sweep.fixture));
    struct store_products products = store_products(reader, &scope, NULL, false, (struct store_slice){0});
    for (size_t i = 0; i < products.count; i++)
        open_one(&sweep, "product", products.items[i].product.id);
    store_products_destroy(&products);
    struct store_pages pages = store_pages(reader, &scope, NULL, (struct store_slice){0});
    for (size_t i = 0; i < pages.count; i++)
        open_one(&sweep, "page", pages.items[i].id);
    store_pages_destroy(&pages);
    for (int list = 0; list < 2; list++) {
        enum content_list name = list ? CONTENT_DISHONEST : CONTENT_REPUTABLE;
        struct store_notices notices = store_notices(reader, &scope, name, (struct store_slice){0});
        for (size_t i = 0; i < notices.count; i++)
            open_one(&sweep, "notice", notices.items[i].id);
        store_notices_destroy(&notices);
    }
    fixture_destroy(sweep.fixture);
    assert_true(sweep.opened > 30);
    assert_int_equal(sweep.faults, 0);
}

static void all_content(void **state)
{
    (void)state;
    for (int size = 0; size < THEME_SIZES; size++) {
        sweep_content("zh", size);
        sweep_content("bo", size);
        sweep_content("en", size);
    }
}

static void chinese(void **state)
{
    (void)state;
    walk("zh", THEME_NORMAL, true);
}

static void tibetan(void **state)
{
    (void)state;
    walk("bo", THEME_NORMAL, true);
}

static void english(void **state)
{
    (void)state;
    walk("en", THEME_NORMAL, true);
}

static void largest_chinese(void **state)
{
    (void)state;
    walk("zh", THEME_LARGEST, true);
}

static void largest_tibetan(void **state)
{
    (void)state;
    walk("bo", THEME_LARGEST, true);
}

static void first_minute(void **state)
{
    (void)state;
    walk("zh", THEME_NORMAL, false);
    walk("bo", THEME_NORMAL, false);
    walk("en", THEME_NORMAL, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chinese),         cmocka_unit_test(tibetan),         cmocka_unit_test(english),
        cmocka_unit_test(largest_chinese), cmocka_unit_test(largest_tibetan), cmocka_unit_test(first_minute),
        cmocka_unit_test(all_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
