/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/announced.h"
#include "playout/channel_text.h"
#include <string.h>

#define APPLICATION_ID_MAX 0x9FFF /* beyond are wildcards and what is reserved (TS 102 809, 5.2.3.2) */

static uint8_t read_control(struct content_json *reader, const json_t *value)
{
    const char *name = content_json_string(reader, value, "control", true, 1, 32);
    for (unsigned code = SI_CONTROL_AUTOSTART; name && code <= SI_CONTROL_PLAYBACK_AUTOSTART; code++)
        if (!strcmp(name, si_control_code_str(code)))
            return (uint8_t)code;
    if (name)
        channel_text_fail(reader, value, "control",
                          "one of autostart, present, destroy, kill, prefetch, remote, disabled, "
                          "playback_autostart");
    return 0;
}

static void read_application(struct content_json *reader, const json_t *value,
                             const enum content_language *languages, struct announced_application *out)
{
    static const char *const known[] = {"id", "name", "control", "priority", "service_bound", NULL};
    if (!content_json_is_object(reader, value))
        return;
    out->application_id = (uint16_t)content_json_integer(reader, value, "id", true, 1, 1, APPLICATION_ID_MAX);
    out->control_code = read_control(reader, value);
    out->priority = (uint8_t)content_json_integer(reader, value, "priority", false, 1, 0, 255);
    out->service_bound = content_json_boolean(reader, value, "service_bound", false, true);
    channel_text_read(reader, value, "name", true, languages, out->names[0], SI_TRANSLATION_SIZE);
    content_json_warn_unknown(reader, value, known);
}

void announced_read(struct content_json *reader, const json_t *root,
                    const enum content_language languages[CONTENT_LANGUAGES], struct announced *announced)
{
    const json_t *array = content_json_array(reader, root, "applications", false, 0, SI_APPLICATIONS_MAX);
    announced->given = array != NULL;
    size_t mark = content_json_enter_key(reader, "applications");
    for (size_t i = 0; i < json_array_size(array) && i < SI_APPLICATIONS_MAX; i++) {
        struct announced_application *application = &announced->applications[announced->count++];
        size_t inner = content_json_enter_index(reader, i);
        read_application(reader, json_array_get(array, i), languages, application);
        for (size_t j = 0; j < i; j++)
            if (announced->applications[j].application_id == application->application_id)
                content_json_say(reader, CONTENT_ERROR, "expected different ids, found %u twice",
                                 application->application_id);
        content_json_leave(reader, inner);
    }
    content_json_leave(reader, mark);
}
