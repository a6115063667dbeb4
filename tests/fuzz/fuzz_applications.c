/* SPDX-License-Identifier: Apache-2.0 */
/* AIT bodies of any bytes, one after another, into the follower: what it says starts and stops must fit
 * together. Records: a byte that says what happens and, for an AIT, a 16-bit size and the section's body. */
#include "base/reader.h"
#include "si/applications.h"
#include "ts/section.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void on_action(void *context, enum si_application_action action, const struct si_application_id *id,
                      const struct si_application *application)
{
    size_t *running = context;
    require(application || action == SI_APPLICATION_STOP || action == SI_APPLICATION_KILL);
    require(!application || application->application_id == id->application_id);
    if (action == SI_APPLICATION_START) {
        require(++*running <= SI_RUNNING_APPLICATIONS_MAX);
    } else if (action != SI_APPLICATION_PREFETCH) {
        require(*running > 0);
        --*running;
    }
}

static void push_ait(struct si_applications *applications, struct bytes body)
{
    static struct si_ait ait;
    struct buffer section;
    const struct ts_section_header header = {
        .table_id = SI_TABLE_AIT, .table_id_extension = 0x10, .current_next = true};
    buffer_init(&section, 4096);
    ts_section_append(&section, &header, body.data, body.size);
    memset(&ait, 0, sizeof(ait));
    if (!section.failed && si_ait_read(section.data, section.size, NULL, &ait))
        si_applications_update(applications, &ait);
    buffer_finish(&section);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t running = 0;
    struct si_applications *applications = si_applications_create(on_action, &running);
    struct reader reader;
    require(applications != NULL);
    reader_init(&reader, data, size);
    while (reader_left(&reader) > 0) {
        uint8_t what = reader_u8(&reader);
        if (what < 0x40) {
            size_t wanted = reader_u16(&reader), left = reader_left(&reader);
            push_ait(applications, reader_bytes(&reader, wanted < left ? wanted : left));
        } else if (what < 0x80) {
            si_applications_select_service(applications, what & 1);
        } else {
            const struct si_application_id id = {what & 15, reader_u8(&reader)};
            bool was = si_applications_is_running(applications, &id);
            if (what < 0xC0)
                require(!si_applications_start(applications, &id) ||
                        si_applications_is_running(applications, &id));
            else
                si_applications_ended(applications, &id), running -= was;
        }
        require(running == si_applications_running(applications));
    }
    si_applications_destroy(applications);
    return 0;
}
