/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/events.h"
#include "base/clock.h"
#include "probe/source.h"
#include "si/watcher.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "events SOURCE [--service N] [--duration S] [--charset gb18030|iso6937] [--json]"

#define GUIDE_BYTES ((size_t)64 * 1024 * 1024)
#define EVENTS_MAX 8192 /* of one service */

struct command {
    int service_id; /* -1: all */
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct si_event_view *views;
    size_t found;
    bool whole;
};

static json_t *time_or_null(int64_t utc_s)
{
    char text[CLOCK_RFC3339_SIZE];
    if (utc_s < 0)
        return json_null();
    clock_format_rfc3339(utc_s, text);
    return json_string(text);
}

static json_t *describe_words(const struct si_event_view *view, struct si_text *text)
{
    char languages[SI_LANGUAGES_MAX + 4][SI_LANGUAGE_SIZE];
    char extended[SI_EXTENDED_SIZE];
    size_t count = si_event_languages(view, languages, SI_LANGUAGES_MAX + 4);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        struct si_event_words words;
        si_event_words(view, text, languages[i], false, &words);
        size_t size = si_event_extended(view, text, languages[i], extended, sizeof(extended));
        json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:o}", "language", words.language, "name",
                                               words.name, "text", words.text, "extended",
                                               size > 0 ? json_string(extended) : json_null()));
    }
    return array;
}

static json_t *describe_contents(const struct si_event_view *view)
{
    struct si_content contents[SI_CONTENTS_MAX];
    size_t count = si_event_contents(view, contents, SI_CONTENTS_MAX);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array,
                              json_pack("{s:i, s:i, s:i}", "level_1", (int)contents[i].level_1, "level_2",
                                        (int)contents[i].level_2, "user", (int)contents[i].user));
    return array;
}

static json_t *describe_ratings(const struct si_event_view *view)
{
    struct si_rating ratings[SI_RATINGS_MAX];
    size_t count = si_event_ratings(view, ratings, SI_RATINGS_MAX);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_pack("{s:s, s:i, s:i}", "country", ratings[i].country, "rating",
                                               (int)ratings[i].rating, "age", si_rating_age(&ratings[i])));
    return array;
}

static json_t *describe_event_components(const struct si_event_view *view, struct si_text *text)
{
    struct si_event_component components[16];
    size_t count = si_event_components(view, text, components, 16);
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *names = json_object();
        for (size_t k = 0; k < components[i].names.count; k++)
            json_object_set_new(names, components[i].names.entries[k].language,
                                json_string(components[i].names.entries[k].name));
        json_array_append_new(array,
                              json_pack("{s:i, s:i, s:i, s:s, s:s, s:o}", "stream_content",
                                        (int)components[i].stream_content, "component_type",
                                        (int)components[i].component_type, "component_tag",
                                        (int)components[i].component_tag, "language", components[i].language,
                                        "text", components[i].text, "names", names));
    }
    return array;
}

static json_t *describe_event(struct command *command, const struct si_event_view *view)
{
    struct si_text *text = si_watcher_text(command->watcher);
    command->found++;
    return json_pack("{s:i, s:o, s:o, s:i, s:b, s:o, s:o, s:o, s:o}", "event_id", (int)view->event_id,
                     "start", time_or_null(view->start_utc_s), "duration_s",
                     view->duration_s < 0 ? json_null() : json_integer(view->duration_s), "running_status",
                     (int)view->running_status, "scrambled", (int)view->scrambled, "words",
                     describe_words(view, text), "contents", describe_contents(view), "ratings",
                     describe_ratings(view), "components", describe_event_components(view, text));
}

static json_t *describe_schedule(struct command *command, const struct si_guide_service *service)
{
    const struct si_guide *guide = si_watcher_guide(command->watcher);
    struct si_guide_coverage coverage;
    si_guide_coverage(guide, service, &coverage);
    if (coverage.tables == 0)
        return json_null();
    command->whole &= coverage.complete;
    json_t *days = json_array(), *events = json_array();
    for (unsigned day = 0; day < coverage.tables * 4; day++)
        json_array_append_new(days, json_boolean(si_guide_day_complete(guide, service, day)));
    size_t count = si_guide_schedule(guide, service, 0, INT64_MAX, command->views, EVENTS_MAX);
    for (size_t i = 0; i < count; i++)
        json_array_append_new(events, describe_event(command, &command->views[i]));
    return json_pack("{s:i, s:i, s:b, s:o, s:o}", "tables", (int)coverage.tables, "segments",
                     (int)coverage.segments, "complete", (int)coverage.complete, "days_complete", days,
                     "events", events);
}

static json_t *describe_present(struct command *command, const struct si_guide_service *service,
                                bool following)
{
    struct si_event_view view;
    if (!si_guide_present(si_watcher_guide(command->watcher), service, following, &view))
        return json_null();
    return describe_event(command, &view);
}

/* The service where it is one of this stream, for its name. */
static const struct si_service *find_known(const struct command *command,
                                           const struct si_guide_service *service)
{
    struct si_guide_service here;
    si_watcher_guide_service(command->watcher, service->service_id, &here);
    return here.transport_stream_id == service->transport_stream_id &&
                   here.original_network_id == service->original_network_id
               ? si_watcher_find_service(command->watcher, service->service_id)
               : NULL;
}

static json_t *describe_guide(struct command *command)
{
    const struct si_guide *guide = si_watcher_guide(command->watcher);
    json_t *services = json_array();
    for (size_t i = 0; i < si_guide_service_count(guide); i++) {
        struct si_guide_service service;
        si_guide_service(guide, i, &service);
        if (command->service_id >= 0 && service.service_id != command->service_id)
            continue;
        const struct si_service *known = find_known(command, &service);
        json_array_append_new(services, json_pack("{s:i, s:i, s:i, s:s?, s:o, s:o, s:o}",
                                                  "original_network_id", (int)service.original_network_id,
                                                  "transport_stream_id", (int)service.transport_stream_id,
                                                  "service_id", (int)service.service_id, "name",
                                                  known && known->name[0] ? known->name : NULL, "present",
                                                  describe_present(command, &service, false), "following",
                                                  describe_present(command, &service, true), "schedule",
                                                  describe_schedule(command, &service)));
    }
    struct si_watcher_counts counts;
    si_watcher_counts(command->watcher, &counts);
    return json_pack("{s:o, s:I, s:I, s:I}", "services", services, "guide_bytes",
                     (json_int_t)si_guide_bytes(guide), "bad_sections", (json_int_t)counts.bad_sections,
                     "over_limit", (json_int_t)counts.over_limit);
}

static void push(void *context, const uint8_t *data, size_t size)
{
    struct command *command = context;
    ts_demux_push(command->demux, data, size);
}

static bool take_argument(void *context, int argc, char **argv, int *index)
{
    struct command *command = context;
    long value;
    if (strcmp(argv[*index], "--service") != 0 || *index + 1 >= argc ||
        !probe_number(argv[*index + 1], 65535, &value))
        return false;
    command->service_id = (int)value;
    ++*index;
    return true;
}

static int run(struct command *command, const struct probe_arguments *arguments)
{
    const struct si_watcher_options options = {.charset = arguments->charset, .guide_bytes = GUIDE_BYTES};
    command->demux = ts_demux_create();
    command->watcher = command->demux ? si_watcher_create(command->demux, &options) : NULL;
    command->views = calloc(EVENTS_MAX, sizeof(command->views[0]));
    if (!command->watcher || !command->views) {
        fprintf(stderr, "kokonor-probe events: no memory\n");
        return PROBE_STATUS_ERROR;
    }
    if (!probe_source_run("events", arguments->source, arguments->duration_s, push, command))
        return PROBE_STATUS_ERROR;
    command->whole = true;
    json_t *json = describe_guide(command);
    bool good =
        json && json_dumpf(json, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF && fflush(stdout) == 0;
    json_decref(json);
    if (!good) {
        fprintf(stderr, "kokonor-probe events: the result could not be written\n");
        return PROBE_STATUS_ERROR;
    }
    return command->found > 0 && command->whole ? PROBE_STATUS_FOUND : PROBE_STATUS_NONE;
}

int probe_events(int argc, char **argv)
{
    struct probe_arguments arguments;
    struct command command = {.service_id = -1};
    if (!probe_arguments_read(&arguments, argc, argv, take_argument, &command, USAGE))
        return PROBE_STATUS_ERROR;
    int status = run(&command, &arguments);
    si_watcher_destroy(command.watcher);
    ts_demux_destroy(command.demux);
    free(command.views);
    return status;
}
