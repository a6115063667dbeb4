/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe tables, events and applications over streams that Kokonor did not make. Skipped where they
 * are not there. */
#include "base/log.h"
#include "probe/applications.h"
#include "probe/events.h"
#include "probe/tables.h"
#include "probe_run.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SKIPPED 77

static const char *text_of(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? text : "";
}

static json_int_t number_of(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

static const json_t *at(const json_t *json, const char *key, size_t index)
{
    return json_array_get(json_object_get(json, key), index);
}

/* Nothing in it is unknown or broken, and each table comes as often as other analysers count it. */
static void test_tables(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        size_t lines;
        const char *tables[8];
    } streams[] = {
        {"opencaster.ts", 94, {"PAT", "PMT", "SDT actual", "NIT actual", "TDT", "AIT", "DSM-CC control"}},
        {"m6-single.ts", 6, {"PMT", "AIT", "DSM-CC control"}},
        {"arte-ait.ts",
         21,
         {"PAT", "PMT", "AIT", "EIT present/following actual", "EIT present/following other"}},
        {"bbb-2500ms.ts", 3, {"PAT", "PMT", "SDT actual"}},
    };
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        char path[512];
        json_t *lines;
        const json_t *line;
        size_t index, found = 0;
        snprintf(path, sizeof(path), "%s/%s", CONFORMANCE_DIR, streams[i].file);
        const char *const arguments[] = {"tables", path, NULL};
        assert_int_equal(probe_run_lines(probe_tables, arguments, &lines), 0);
        assert_int_equal(json_array_size(lines), streams[i].lines + 1);
        json_array_foreach(lines, index, line)
        {
            char *text = json_dumps(line, 0);
            assert_null(strstr(text, "\"broken\""));
            free(text);
            if (index < streams[i].lines)
                assert_string_not_equal(text_of(line, "table"), "");
        }
        for (; found < 8 && streams[i].tables[found]; found++) {
            bool there = false;
            json_array_foreach(lines, index, line) there |=
                strcmp(text_of(line, "table"), streams[i].tables[found]) == 0;
            assert_true(there);
        }
        json_decref(lines);
    }
}

static void test_arte_events(void **state)
{
    (void)state;
    const char *const arguments[] = {"events", CONFORMANCE_DIR "/arte-ait.ts", "--service", "261", NULL};
    json_t *json;
    assert_int_equal(probe_run(probe_events, arguments, &json), 0);
    const json_t *present = json_object_get(at(json, "services", 0), "present"),
                 *words = at(present, "words", 0);
    assert_string_equal(text_of(present, "start"), "2020-01-28T14:20:00Z");
    assert_string_equal(text_of(words, "language"), "fra");
    assert_string_equal(text_of(words, "name"), "Les trois visages d'Ana *2016");
    assert_non_null(strstr(text_of(words, "extended"), "Ana Lucía, Ana Leticia et Ana Laura"));
    assert_non_null(strstr(text_of(words, "extended"), "quand elles étaient plus jeunes."));
    assert_int_equal(number_of(at(present, "contents", 0), "level_1"), 1);
    assert_string_equal(text_of(at(present, "ratings", 0), "country"), "FRA");
    assert_string_equal(text_of(at(present, "components", 0), "text"), "MPEG4HD");
    json_decref(json);
}

static void test_opencaster_events(void **state)
{
    (void)state;
    const char *const arguments[] = {"events", CONFORMANCE_DIR "/opencaster.ts", NULL};
    json_t *json;
    assert_int_equal(probe_run(probe_events, arguments, &json), 0);
    assert_int_equal(json_array_size(json_object_get(json, "services")), 2);
    const json_t *service = at(json, "services", 0);
    assert_string_equal(text_of(service, "name"), "新闻综合频道");
    assert_string_equal(text_of(at(json_object_get(service, "following"), "words", 0), "name"), "天气预报");
    assert_true(json_is_null(json_object_get(service, "schedule")));
    json_decref(json);
}

static void test_applications(void **state)
{
    (void)state;
    static const struct {
        const char *file, *name, *path, *url;
        int applications, organisation_id;
    } streams[] = {
        {"opencaster.ts", "应用一", "index.html", "", 1, 10},
        {"m6-single.ts", "M6 page accueil", "index.html", "https://hbbtv-launcher--m6plus.6cloud.fr/m6/", 2,
         106},
        {"arte-ait.ts", "Launcher", "index_fr.html", "http://static-cdn.arte.tv/redbutton/", 0, 288},
    };
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        char path[512];
        json_t *json;
        snprintf(path, sizeof(path), "%s/%s", CONFORMANCE_DIR, streams[i].file);
        const char *const arguments[] = {"applications", path, NULL};
        assert_int_equal(probe_run(probe_applications, arguments, &json), 0);
        const json_t *table = at(json, "tables", 0), *application = at(table, "applications", 0);
        size_t count = json_array_size(json_object_get(table, "applications"));
        assert_true(count > 0 && (streams[i].applications == 0 || count == (size_t)streams[i].applications));
        assert_int_equal(number_of(table, "application_type"), 16);
        assert_int_equal(number_of(application, "organisation_id"), streams[i].organisation_id);
        assert_string_equal(text_of(application, "control"), "autostart");
        assert_string_equal(text_of(application, "name"), streams[i].name);
        assert_string_equal(text_of(application, "path"), streams[i].path);
        assert_string_equal(text_of(at(application, "transports", 0), "url"), streams[i].url);
        json_decref(json);
    }
}

int main(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    if (access(CONFORMANCE_DIR "/opencaster.ts", R_OK) != 0) {
        printf("skipped: no third-party streams in %s\n", CONFORMANCE_DIR);
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_arte_events),
        cmocka_unit_test(test_opencaster_events),
        cmocka_unit_test(test_applications),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
