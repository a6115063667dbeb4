/* SPDX-License-Identifier: Apache-2.0 */
/* Every screen of the box, in Chinese and in Tibetan: a golden picture each, and nothing that inspect
 * finds fault with. */
#include "fixture.h"
#include "golden.h"
#include "inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct screen {
    const char *name;
    const char *channel, *argument; /* opened from the portal; NULL: the portal itself */
    enum key keys[4];               /* pressed then */
};

static const struct screen screens[] = {
    {"portal", NULL, NULL, {0}},
    {"live", "live", "", {0}},
    {"live-number", "live", "", {KEY_1, KEY_2}},
    {"live-offers", "live", "", {0}},
    {"live-menu", "live", "", {KEY_MENU, KEY_DOWN}},
    {"live-product", "live", "", {0}},
    {"guide", "guide", "", {0}},
    {"guide-tomorrow", "guide", "", {KEY_UP, KEY_UP, KEY_RIGHT}},
    {"programme", "programme", "3", {0}},
    {"programme-rated", "programme", "4", {0}},
    {"shopping", "shopping", "", {0}},
    {"shopping-category", "shopping", "", {KEY_RIGHT, KEY_RIGHT, KEY_DOWN}},
    {"product", "product", "yak-yogurt", {0}},
    {"product-plain", "product", "tibetan-carpet", {KEY_UP}},
    {"confirm", "purchase", "yak-yogurt 2", {0}},
    {"orders", "orders", "", {0}},
    {"order", "order", "00000000-0000-4000-8000-000000000002", {0}},
    {"order-queued", "order", "00000000-0000-4000-8000-000000000003", {0}},
    {"credit", "credit", "", {0}},
    {"credit-dishonest", "credit", "dishonest", {KEY_DOWN}},
    {"notice", "notice", "good-lakeside-dairy", {0}},
    {"community", "community", "", {0}},
    {"community-health", "community", "", {KEY_RIGHT, KEY_RIGHT, KEY_DOWN}},
    {"page", "page", "cattle-vaccination", {0}},
    {"page-below", "page", "cattle-vaccination", {KEY_DOWN, KEY_DOWN, KEY_DOWN}},
    {"search", "search", "", {0}},
    {"search-found", "search", "", {KEY_6, KEY_6}},
    {"search-focus", "search", "7", {KEY_RIGHT, KEY_RIGHT, KEY_RIGHT, KEY_DOWN}},
    {"search-none", "search", "0", {KEY_9}},
    {"settings", "settings", "", {0}},
    {"settings-below", "settings", "", {KEY_DOWN, KEY_DOWN, KEY_DOWN, KEY_DOWN}},
    {"area", "area", "", {0}},
    {"area-prefectures", "area", "", {KEY_BACK}},
    {"area-long", "area", "", {KEY_BACK, KEY_UP, KEY_UP, KEY_OK}},
    {"welcome", "welcome", "", {0}},
    {"welcome-area", "welcome", "area", {0}},
    {"network", "network", "", {0}},
    {"about", "about", "", {0}},
    {"diagnostics", "settings", "", {KEY_2, KEY_5, KEY_8, KEY_0}},
    {"scan", "scan", "", {0}},
    {"scan-done", "scan", "", {0}},
    {"scan-none", "scan", "", {0}},
    {"ordered-queued", "purchase", "yak-yogurt 2", {KEY_OK}}, /* it and the next leave orders */
    {"ordered-live", "live", "", {KEY_RED, KEY_OK}},
};

/* What the air brings once the screen is open. */
static const struct {
    const char *name, *event, *applications;
} airs[] = {{"live-offers", NULL, "Scm"},
            {"live-menu", NULL, "Scm"},
            {"live-product", "yak-yogurt", "Scm"},
            {"ordered-live", "yak-yogurt", NULL}};

/* The first minute of a new box. */
static const struct screen empty_screens[] = {
    {"first-portal", NULL, NULL, {0}},       {"first-live", "live", "", {0}},
    {"first-shopping", "shopping", "", {0}}, {"first-orders", "orders", "", {0}},
    {"first-credit", "credit", "", {0}},     {"first-community", "community", "", {0}},
};

struct faults {
    const char *screen;
    int count;
};

static void complain(void *context, const char *complaint)
{
    struct faults *faults = context;
    print_error("%s: %s\n", faults->screen, complaint);
    faults->count++;
}

static void tell_scan(struct fixture *fixture, const char *name)
{
    if (!strcmp(name, "scan"))
        fixture_scan(fixture, FIXTURE_SCAN_RUNNING);
    else if (!strcmp(name, "scan-done"))
        fixture_scan(fixture, FIXTURE_SCAN_DONE);
    else if (!strcmp(name, "scan-none"))
        fixture_scan(fixture, FIXTURE_SCAN_NONE);
}

static void show(struct fixture *fixture, const struct screen *screen)
{
    tell_scan(fixture, screen->name);
    shell_home(fixture_shell(fixture));
    if (screen->channel && !shell_open(fixture_shell(fixture), screen->channel, screen->argument))
        fail_msg("%s does not open", screen->name);
    for (size_t i = 0; i < sizeof(airs) / sizeof(airs[0]); i++) {
        if (strcmp(airs[i].name, screen->name) != 0)
            continue;
        if (airs[i].applications)
            fixture_applications(fixture, airs[i].applications);
        if (airs[i].event)
            fixture_event(fixture, airs[i].event);
    }
    for (size_t i = 0; i < 4 && screen->keys[i]; i++)
        fixture_press(fixture, screen->keys[i]);
    fixture_settle(fixture);
    fixture_draw(fixture);
}

struct look {
    const char *name; /* in the names of pictures; "" the usual one */
    enum theme_scheme scheme;
    enum theme_size size;
};
static const struct look usual = {"", THEME_LAKE, THEME_NORMAL};

/* Of the other looks, a picture of these; all screens are inspected. */
static bool has_picture(const struct look *look, const char *screen)
{
    static const char *const some[] = {"portal",  "live",   "live-product", "shopping", "product",
                                       "confirm", "credit", "search-found", "settings"};
    bool found = !*look->name;
    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]) && !found; i++)
        found = look->size != THEME_LARGE && !strcmp(some[i], screen);
    return found;
}

static void check_screens(const char *language, bool with_content, const struct look *look,
                          const struct screen *list, size_t count)
{
    struct fixture *fixture = fixture_create(language, with_content);
    struct faults faults = {NULL, 0};
    int different = 0;
    shell_set_look(fixture_shell(fixture), look->scheme, look->size);
    for (size_t i = 0; i < count; i++) {
        char name[64];
        snprintf(name, sizeof(name), "%s%s-%s", list[i].name, look->name, language);
        show(fixture, &list[i]);
        faults.screen = name;
        inspect(shell_ui(fixture_shell(fixture)), complain, &faults);
        /* English is for engineers: complete and in its place, but not a picture each. */
        if (strcmp(language, "en") != 0 && has_picture(look, list[i].name))
            different += !golden_check(fixture_display(fixture), name);
    }
    fixture_destroy(fixture);
    assert_int_equal(faults.count, 0);
    assert_int_equal(different, 0);
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void chinese(void **state)
{
    (void)state;
    check_screens("zh", true, &usual, screens, COUNT(screens));
}

static void tibetan(void **state)
{
    (void)state;
    check_screens("bo", true, &usual, screens, COUNT(screens));
}

static void english(void **state)
{
    (void)state;
    check_screens("en", true, &usual, screens, COUNT(screens));
}

static void first_minute_chinese(void **state)
{
    (void)state;
    check_screens("zh", false, &usual, empty_screens, COUNT(empty_screens));
}

static void first_minute_tibetan(void **state)
{
    (void)state;
    check_screens("bo", false, &usual, empty_screens, COUNT(empty_screens));
}

static void in_all_languages(const struct look *look)
{
    check_screens("zh", true, look, screens, COUNT(screens));
    check_screens("bo", true, look, screens, COUNT(screens));
    check_screens("en", true, look, screens, COUNT(screens));
    check_screens("zh", false, look, empty_screens, COUNT(empty_screens));
    check_screens("bo", false, look, empty_screens, COUNT(empty_screens));
}

static void large_text(void **state)
{
    (void)state;
    in_all_languages(&(struct look){"-large", THEME_LAKE, THEME_LARGE});
}

static void largest_text(void **state)
{
    (void)state;
    in_all_languages(&(struct look){"-largest", THEME_LAKE, THEME_LARGEST});
}

static void high_contrast(void **state)
{
    (void)state;
    in_all_languages(&(struct look){"-contrast", THEME_CONTRAST, THEME_NORMAL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chinese),
        cmocka_unit_test(tibetan),
        cmocka_unit_test(english),
        cmocka_unit_test(first_minute_chinese),
        cmocka_unit_test(first_minute_tibetan),
        cmocka_unit_test(large_text),
        cmocka_unit_test(largest_text),
        cmocka_unit_test(high_contrast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
