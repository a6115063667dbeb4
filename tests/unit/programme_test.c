/* SPDX-License-Identifier: Apache-2.0 */
/* What a programme asks the box to do: products that stream events point at, applications that come, invite
 * and end with the AIT and with the service. */
#include "shell/programme.h"
#include "si/ait.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SHOW = 11, FILM = 12 };

/* ---- products ---- */

static int asked;

static bool has_product(void *context, const char *id)
{
    (void)context;
    asked++;
    return !strcmp(id, "honey") || !strcmp(id, "salt") || strlen(id) == PROGRAMME_ID_MAX;
}

static struct programme *make(uint16_t service_id)
{
    struct programme *programme = programme_create(&(struct programme_options){.has_product = has_product});
    assert_non_null(programme);
    programme_watch(programme, service_id);
    asked = 0;
    return programme;
}

static bool happens(struct programme *programme, uint16_t service_id, const char *name, const void *payload,
                    size_t size, int64_t now_us)
{
    struct interaction_event event = {.service_id = service_id, .event_id = 1, .size = size};
    snprintf(event.name, sizeof(event.name), "%s", name);
    memcpy(event.payload, payload, size);
    return programme_take_event(programme, &event, now_us);
}

static bool shows(struct programme *programme, const char *id, int64_t now_us)
{
    return happens(programme, SHOW, PROGRAMME_PRODUCT_EVENT, id, strlen(id), now_us);
}

static void assert_shown(const struct programme *programme, const char *id, int64_t now_us)
{
    int64_t left_us;
    const char *product = programme_product(programme, now_us, &left_us);
    if (!id)
        assert_null(product);
    else if (!product || strcmp(product, id) != 0)
        fail_msg("expected %s, found %s", id, product ? product : "none");
}

static void a_product_stays_for_its_time(void **state)
{
    (void)state;
    struct programme *programme = make(SHOW);
    int64_t left_us;
    assert_shown(programme, NULL, 0);
    assert_true(shows(programme, "honey", 1000));
    assert_shown(programme, "honey", 1000);
    assert_non_null(programme_product(programme, 1001, &left_us));
    assert_int_equal(left_us, PROGRAMME_PRODUCT_US - 1);
    assert_shown(programme, "honey", 1000 + PROGRAMME_PRODUCT_US - 1);
    assert_shown(programme, NULL, 1000 + PROGRAMME_PRODUCT_US);
    assert_true(shows(programme, "honey", 500000000)); /* once more, and another in its place */
    assert_true(shows(programme, "salt", 500000001));
    assert_shown(programme, "salt", 500000002);
    programme_dismiss_product(programme);
    assert_shown(programme, NULL, 500000003);
    programme_destroy(programme);
}

static void a_product_goes_with_its_service(void **state)
{
    (void)state;
    struct programme *programme = make(SHOW);
    assert_true(shows(programme, "honey", 0));
    programme_watch(programme, SHOW); /* no other */
    assert_shown(programme, "honey", 1);
    programme_watch(programme, FILM);
    assert_shown(programme, NULL, 2);
    programme_watch(programme, SHOW);
    assert_shown(programme, NULL, 3);
    programme_watch(programme, 0);
    assert_false(shows(programme, "honey", 4));
    programme_destroy(programme);
}

static void what_points_at_no_accepted_product_is_refused_and_counted(void **state)
{
    (void)state;
    static const struct {
        const char *payload;
        size_t size;
        int refusal; /* -1: taken */
        bool asks;   /* the store */
    } cases[] = {
        {"honey", 5, -1, true},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 48, -1, true},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 49, PROGRAMME_TOO_LONG, false},
        {"honeyhoneyhoneyhoneyhoneyhoneyhoneyhoneyhoneyhoneyhoneyhoneyhoneyhoney", 70, PROGRAMME_TOO_LONG,
         false},
        {"\xff\xfe", 2, PROGRAMME_NOT_UTF8, false},
        {"honey\xe8\x9c", 7, PROGRAMME_NOT_UTF8, false},
        {"honey", 6, PROGRAMME_NOT_UTF8, false}, /* with a NUL */
        {"", 0, PROGRAMME_NOT_AN_ID, false},
        {"Honey", 5, PROGRAMME_NOT_AN_ID, false},
        {"honey ", 6, PROGRAMME_NOT_AN_ID, false},
        {"蜂蜜", 6, PROGRAMME_NOT_AN_ID, false},
        {"../x", 4, PROGRAMME_NOT_AN_ID, false},
        {"%s%n", 4, PROGRAMME_NOT_AN_ID, false},
        {"unknown", 7, PROGRAMME_UNKNOWN_PRODUCT, true},
        {"honey-2", 7, PROGRAMME_UNKNOWN_PRODUCT, true},
    };
    struct programme *programme = make(SHOW);
    struct programme_counts expected = {0}, counts;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        programme_dismiss_product(programme);
        asked = 0;
        bool taken = happens(programme, SHOW, "product", cases[i].payload, cases[i].size, (int64_t)i);
        if (cases[i].refusal < 0)
            expected.products++;
        else
            expected.refused[cases[i].refusal]++;
        programme_counts(programme, &counts);
        if (taken != (cases[i].refusal < 0) || asked != cases[i].asks ||
            memcmp(&counts, &expected, sizeof(counts)) != 0)
            fail_msg("case %zu, \"%s\"", i, cases[i].payload);
        int64_t left_us;
        assert_true(!programme_product(programme, (int64_t)i, &left_us) == !taken);
    }
    for (int i = 0; i < PROGRAMME_REFUSALS; i++)
        assert_non_null(programme_refusal_str(i));
    programme_destroy(programme);
}

static void a_refused_event_leaves_what_is_shown(void **state)
{
    (void)state;
    struct programme *programme = make(SHOW);
    struct programme_counts counts;
    assert_true(shows(programme, "honey", 0));
    assert_false(shows(programme, "unknown", 1));
    assert_false(happens(programme, SHOW, "goal", "salt", 4, 2));    /* not ours */
    assert_false(happens(programme, SHOW, "", "salt", 4, 3));        /* nobody names it */
    assert_false(happens(programme, FILM, "product", "salt", 4, 4)); /* of before the viewer zapped */
    assert_shown(programme, "honey", 5);
    programme_counts(programme, &counts);
    assert_int_equal(counts.passed, 3);
    assert_int_equal(counts.refused[PROGRAMME_UNKNOWN_PRODUCT], 1);
    programme_destroy(programme);
}

/* ---- applications ---- */

/* A step does one of these, in words:
 *   "sA cP mK"  the AIT says: s shopping, c credit, m community, x one of another maker; A autostart, P
 * present, D destroy, K kill, F prefetch, R remote, X disabled, B playback autostart; an upper-case letter is
 * bound to the service; "-" alone: an AIT without applications
 *   "?"         no AIT yet, or it has gone from the air    "0"  the service announces none
 *   ">"         another service; "<" the first one again
 *   "+s"        the viewer opens it                         "!"  and leaves it
 * then expected: what is offered, a capital where it invites; "~s" it ends, "~~s" by another service; "no" it
 * does not open. */
struct step {
    const char *does, *expected;
};

static const struct {
    const char *what;
    struct step steps[9];
} lives[] = {
    {"autostart invites, present is offered", {{"sP cA", "C s"}, {"sA cA", "S C"}, {"sA cP", "S C"}}},
    {"nothing without an AIT", {{"?", ""}, {"sA", "S"}, {"?", "S"}, {"-", ""}}},
    {"codes that may not be opened", {{"sD cK mR", ""}, {"sX", ""}, {"+s", "no"}, {"+c", "no"}}},
    {"codes that may", {{"sF cB mP", "s c m"}, {"+s", "s c m"}}},
    {"autostart is open until it is killed",
     {{"sA", "S"}, {"+s", "S"}, {"sA", "S"}, {"sK", "~s"}, {"sK", ""}}},
    {"present, destroyed", {{"cP", "c"}, {"+c", "c"}, {"cD", "~c"}, {"cP", "c"}}},
    {"disabled", {{"sA", "S"}, {"+s", "S"}, {"sX", "~s"}}},
    {"not named any more", {{"sA cA", "S C"}, {"+s", "S C"}, {"cA", "~s C"}, {"-", ""}}},
    {"a vanished AIT ends nothing", {{"sA", "S"}, {"+s", "S"}, {"?", "S"}, {"0", "S"}, {"sA", "S"}}},
    {"present lets an autostarted one be", {{"sA", "S"}, {"+s", "S"}, {"sP", "S"}, {"sR", "S"}}},
    {"what the viewer left does not end", {{"sA", "S"}, {"+s", "S"}, {"!", "S"}, {"sK", ""}}},
    {"what the viewer opened and left does not invite", {{"cP", "c"}, {"+c", "c"}, {"!", "c"}, {"cP", "c"}}},
    {"another kind in the middle", {{"sA cP", "S c"}, {"+c", "S c"}, {"sK cP", "c"}, {"cK", "~c"}}},
    {"one after the other", {{"sP cP", "s c"}, {"+s", "s c"}, {"+c", "s c"}, {"sK cP", "c"}, {"-", "~c"}}},
    {"bound to the service: ends with it", {{"SA", "S"}, {"+s", "S"}, {">", "~~s"}, {"SA", "S"}}},
    {"bound, but not open", {{"SA", "S"}, {">", ""}, {"0", ""}, {"<", ""}, {"SA", "S"}}},
    {"not bound: runs on where the next has it",
     {{"sA", "S"}, {"+s", "S"}, {">", ""}, {"sP", "S"}, {"sK", "~s"}}},
    {"not bound: ends where the next lacks it", {{"sA", "S"}, {"+s", "S"}, {">", ""}, {"cP", "~~s c"}}},
    {"not bound: ends where the next has no AIT",
     {{"sA", "S"}, {"+s", "S"}, {">", ""}, {"?", ""}, {"0", "~~s"}}},
    {"applications of other makers are none of ours", {{"xA", ""}, {"xA sP", "s"}, {"xK", ""}}},
    {"rank", {{"sP cP mP", "s c m"}, {"sP cP mA", "M s c"}}},
};

static size_t letter_index(char letter)
{
    return (size_t)(strchr("scm", letter | 0x20) - "scm");
}

static void read_ait(const char *words, struct interaction_state *now)
{
    static const char codes[] = " APDKFRXB";
    now->ait = INTERACTION_AIT_HERE;
    now->signalled_count = 0;
    for (; *words && *words != '-'; words += words[2] ? 3 : 2) {
        struct interaction_application *to = &now->signalled[now->signalled_count++];
        *to = (struct interaction_application){.organisation_id = 0x99, .application_id = 2};
        if (words[0] != 'x')
            *to = (struct interaction_application){
                .organisation_id = programme_applications[letter_index(words[0])].organisation_id,
                .application_id = programme_applications[letter_index(words[0])].application_id};
        to->control_code = (uint8_t)(strchr(codes, words[1]) - codes);
        to->service_bound = !(words[0] & 0x20);
    }
}

static void describe(struct programme *programme, bool opened, char out[64])
{
    struct programme_offer offers[PROGRAMME_APPLICATIONS];
    enum programme_end end;
    const struct programme_application *ended = programme_take_end(programme, &end);
    out[0] = 0;
    if (!opened) {
        strcpy(out, "no");
        return;
    }
    if (ended)
        sprintf(out, "%s%c", end == PROGRAMME_ENDED ? "~" : "~~", "scm"[ended - programme_applications]);
    size_t count = programme_offers(programme, offers);
    for (size_t i = 0; i < count; i++)
        sprintf(out + strlen(out), "%s%c", *out ? " " : "",
                (offers[i].invites ? "SCM" : "scm")[offers[i].application - programme_applications]);
    assert_null(programme_take_end(programme, &end)); /* told once */
}

static void applications_follow_the_table_and_the_service(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++) {
        struct programme *programme = make(SHOW);
        struct interaction_state now = {.service_id = SHOW};
        for (const struct step *step = lives[i].steps; step->does; step++) {
            char found[64];
            bool opened = true;
            if (strchr("<>", *step->does)) {
                programme_watch(programme, *step->does == '>' ? FILM : SHOW);
                programme_take_applications(programme, &now); /* late news of the former service */
                now = (struct interaction_state){.service_id = *step->does == '>' ? FILM : SHOW};
            } else if (*step->does == '+') {
                opened = programme_open(programme, &programme_applications[letter_index(step->does[1])]);
            } else if (*step->does == '!') {
                programme_left(programme);
            } else if (strchr("?0", *step->does)) {
                now.ait = *step->does == '0' ? INTERACTION_AIT_NONE : INTERACTION_AIT_AWAITED;
                now.signalled_count = 0;
            } else {
                read_ait(step->does, &now);
            }
            programme_take_applications(programme, &now);
            describe(programme, opened, found);
            if (strcmp(found, step->expected) != 0)
                fail_msg("%s: after \"%s\" expected \"%s\", found \"%s\"", lives[i].what, step->does,
                         step->expected, found);
        }
        programme_destroy(programme);
    }
}

static void the_highest_priority_comes_first(void **state)
{
    (void)state;
    struct programme *programme = make(SHOW);
    struct programme_offer offers[PROGRAMME_APPLICATIONS];
    struct interaction_state now = {.service_id = SHOW};
    read_ait("sA cA mP", &now);
    now.signalled[0].priority = 3;
    now.signalled[1].priority = 200;
    now.signalled[2].priority = 255;
    programme_take_applications(programme, &now);
    assert_int_equal(programme_offers(programme, offers), 3);
    assert_string_equal(offers[0].application->channel, "credit");
    assert_string_equal(offers[1].application->channel, "shopping");
    assert_string_equal(offers[2].application->channel, "community");
    assert_false(offers[2].invites);
    assert_int_equal(programme_running(programme), 2);
    programme_destroy(programme);
    programme_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_product_stays_for_its_time),
        cmocka_unit_test(a_product_goes_with_its_service),
        cmocka_unit_test(what_points_at_no_accepted_product_is_refused_and_counted),
        cmocka_unit_test(a_refused_event_leaves_what_is_shown),
        cmocka_unit_test(applications_follow_the_table_and_the_service),
        cmocka_unit_test(the_highest_priority_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
