/* SPDX-License-Identifier: Apache-2.0 */
/* Applications that follow the service: sequences of AITs and what must come of each (TS 102 809, 5.2.3). */
#include "si/applications.h"
#include "si/sections.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A step is an AIT written as words "ID CODE": ids a, b, c; codes A autostart, P present, D destroy, K kill,
 * F prefetch, R remote, X disabled, 9 reserved; an upper-case id is bound to the service. Or
 *   -     the sub-table vanished         >  another service, with an AIT to come    >0  one without an AIT
 *   +a    the viewer starts a            !a  a ended by itself
 * and what the callback must hear: start "s", prefetch "f", stop "t", kill "k" and the id. */
struct step {
    const char *does, *expected;
};

static const struct {
    const char *what;
    struct step steps[8];
} sequences[] = {
    {"autostart starts once", {{"aA", "sa"}, {"aA", ""}, {"aA bP", ""}}},
    {"present starts nothing, the viewer does", {{"aP", ""}, {"+a", "sa"}, {"aP", ""}, {"+a", ""}}},
    {"present lets an autostarted one run", {{"aA", "sa"}, {"aP", ""}, {"aA", ""}}},
    {"destroy", {{"aA", "sa"}, {"aD", "ta"}, {"aD", ""}, {"aA", "sa"}}},
    {"kill", {{"aA bA", "sa sb"}, {"aK bA", "ka"}, {"+a", "-"}}},
    {"disabled", {{"aA", "sa"}, {"aX", "ta"}, {"+a", "-"}}},
    {"removal from the sub-table is destroy", {{"aA bA", "sa sb"}, {"bA", "ta"}, {"", "tb"}}},
    {"a vanished sub-table changes nothing", {{"aA", "sa"}, {"-", ""}, {"aA", ""}, {"-", ""}, {"", "ta"}}},
    {"prefetch loads once, the viewer starts", {{"aF", "fa"}, {"aF", ""}, {"+a", "sa"}, {"aF", ""}}},
    {"prefetch, then autostart", {{"aF", "fa"}, {"aA", "sa"}}},
    {"remote is of another service", {{"aR", ""}, {"+a", "-"}}},
    {"a reserved code starts nothing and stops nothing", {{"a9", ""}, {"+a", "-"}, {"aA", "sa"}, {"a9", ""}}},
    {"one that ended does not start again by itself",
     {{"aA", "sa"}, {"!a", ""}, {"aA", ""}, {"aA bP", ""}, {"aP", ""}, {"aA", "sa"}}},
    {"bound to the service: stops with it", {{"AA", "sa"}, {">", "ta"}, {"AA", "sa"}}},
    {"not bound: runs on where the new service has it", {{"aA", "sa"}, {">", ""}, {"aP", ""}}},
    {"not bound: stops where the new service does not have it", {{"aA", "sa"}, {">", ""}, {"bA", "ta sb"}}},
    {"a service without an AIT stops all", {{"aA BA", "sa sb"}, {">0", "tb ta"}}},
    {"a new service starts what had ended", {{"aA", "sa"}, {"!a", ""}, {">", ""}, {"aA", "sa"}}},
    {"unknown ones cannot be started", {{"+a", "-"}, {"bP", ""}, {"+a", "-"}}},
};

struct heard {
    char text[128];
};

static void hear(void *context, enum si_application_action action, const struct si_application_id *id,
                 const struct si_application *application)
{
    static const char letters[] = "sftk";
    struct heard *heard = context;
    size_t size = strlen(heard->text);
    snprintf(heard->text + size, sizeof(heard->text) - size, "%s%c%c", size ? " " : "", letters[action],
             (char)('a' + id->application_id));
    assert_true(application || action == SI_APPLICATION_STOP);
}

static void fill(struct si_ait *ait, const char *words)
{
    static const char codes[] = "?APDKFRX";
    memset(ait, 0, sizeof(*ait));
    for (const char *at = words; *at; at += at[2] ? 3 : 2) {
        struct si_application *application = &ait->applications[ait->application_count++];
        const char *code = strchr(codes, at[1]);
        application->organisation_id = 10;
        application->application_id = (uint16_t)((at[0] | 0x20) - 'a');
        application->service_bound = at[0] < 'a';
        application->control_code = code ? (uint8_t)(code - codes) : 99;
    }
}

static void take(struct si_applications *applications, const char *does, struct heard *heard)
{
    struct si_ait *ait = calloc(1, sizeof(*ait));
    const struct si_application_id id = {10, (uint16_t)(does[0] ? does[1] - 'a' : 0)};
    assert_non_null(ait);
    if (does[0] == '-') {
        si_applications_update(applications, NULL);
    } else if (does[0] == '>') {
        si_applications_select_service(applications, does[1] == '\0');
    } else if (does[0] == '+') {
        if (!si_applications_start(applications, &id))
            strcpy(heard->text, "-");
    } else if (does[0] == '!') {
        si_applications_ended(applications, &id);
        assert_false(si_applications_is_running(applications, &id));
    } else {
        fill(ait, does);
        si_applications_update(applications, ait);
    }
    free(ait);
}

static void test_sequences(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        struct heard heard;
        struct si_applications *applications = si_applications_create(hear, &heard);
        assert_non_null(applications);
        for (size_t k = 0; k < 8 && sequences[i].steps[k].does; k++) {
            const struct step *step = &sequences[i].steps[k];
            heard.text[0] = '\0';
            take(applications, step->does, &heard);
            if (strcmp(heard.text, step->expected) != 0)
                print_error("%s: step %zu\n", sequences[i].what, k);
            assert_string_equal(heard.text, step->expected);
        }
        si_applications_destroy(applications);
    }
    si_applications_destroy(NULL);
}

static void test_priority(void **state)
{
    (void)state;
    struct heard heard = {""};
    struct si_applications *applications = si_applications_create(hear, &heard);
    struct si_ait *ait = calloc(1, sizeof(*ait));
    assert_true(applications && ait);
    fill(ait, "aA bA cA");
    ait->applications[1].priority = 255;
    ait->applications[2].priority = 5;
    si_applications_update(applications, ait);
    assert_string_equal(heard.text, "sb sc sa");
    assert_int_equal(si_applications_running(applications), 3);
    free(ait);
    si_applications_destroy(applications);
}

/* Every control code, names in languages, and more applications than one section holds. */
static void test_round_trip(void **state)
{
    (void)state;
    struct si_ait *ait = calloc(1, sizeof(*ait)), *read = calloc(1, sizeof(*read));
    struct si_sections sections;
    assert_true(ait && read);
    si_sections_init(&sections);
    ait->application_type = SI_APPLICATION_TYPE_HBBTV;
    ait->application_count = SI_APPLICATIONS_MAX;
    for (size_t i = 0; i < SI_APPLICATIONS_MAX; i++) {
        struct si_application *application = &ait->applications[i];
        application->organisation_id = 0x10000 + (uint32_t)i;
        application->application_id = (uint16_t)i;
        application->control_code = (uint8_t)(i % 9);
        application->visibility = 3;
        application->usage = i == 3;
        strcpy(application->language, "chi");
        strcpy(application->name, "商城");
        application->names = (struct si_names){2, {{"bod", "ཚོང་ཁང་།"}, {"eng", "Shop"}}};
        memset(application->path, 'p', 100);
        application->transport_count = 1;
        application->transports[0] =
            (struct si_transport){.protocol = SI_PROTOCOL_OBJECT_CAROUSEL, .label = 1, .component_tag = 11};
    }
    assert_true(si_build_ait(&sections, ait, 7));
    assert_true(sections.count > 1);
    for (size_t i = 0; i < sections.count; i++) {
        struct bytes bytes = si_sections_get(&sections, i);
        assert_true(bytes.size <= 1024);
        assert_true(si_ait_read(bytes.data, bytes.size, NULL, read));
    }
    assert_memory_equal(read, ait, sizeof(*ait));
    assert_string_equal(si_application_name(&read->applications[0], "tib"), "ཚོང་ཁང་།");
    assert_string_equal(si_application_name(&read->applications[0], "zho"), "商城");
    assert_string_equal(si_application_name(&read->applications[0], "fra"), "商城");
    assert_string_equal(si_control_code_str(5), "prefetch");
    assert_string_equal(si_control_code_str(0), "reserved");
    assert_string_equal(si_control_code_str(200), "reserved");
    free(ait);
    free(read);
    si_sections_finish(&sections);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_priority),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
