/* SPDX-License-Identifier: Apache-2.0 */
/* What a service asks the box to do: stream events told once and in their order, applications as the AIT has
 * them now. Over a stream of the test's own, without a thread. */
#include "reception/interaction.h"
#include "si/ait.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si_test_stream.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SHOP = 1, FILM = 2, SHOP_PMT = 0x101, FILM_PMT = 0x102, EVENTS = 0x300, AIT = 0x301, OTHER = 0x302 };

struct bench {
    struct test_stream *stream;
    struct interaction *interaction;
    uint16_t service_id; /* that is followed */
    unsigned changes;
    bool full; /* main takes nothing */
    char told[512];
    struct interaction_event last;
};

static void on_changed(void *context)
{
    ((struct bench *)context)->changes++;
}

static bool on_event(void *context, const struct interaction_event *event)
{
    struct bench *bench = context;
    if (bench->full)
        return false;
    size_t used = strlen(bench->told);
    snprintf(bench->told + used, sizeof(bench->told) - used, "%s%u:%.*s", used ? " " : "", event->service_id,
             (int)event->size, (const char *)event->payload);
    bench->last = *event;
    return true;
}

/* ---- a head-end ---- */

static void add_pmt(struct bench *bench, uint16_t service_id, uint16_t events_pid, uint16_t ait_pid,
                    unsigned version)
{
    struct si_sections sections;
    struct si_pmt *pmt = calloc(1, sizeof(*pmt));
    assert_non_null(pmt);
    pmt->program_number = service_id;
    pmt->pcr_pid = SI_PID_NONE;
    if (events_pid)
        si_component_init(&pmt->components[pmt->component_count++], events_pid, SI_STREAM_TYPE_DSMCC_STREAM);
    if (ait_pid) {
        struct si_component *ait = &pmt->components[pmt->component_count++];
        si_component_init(ait, ait_pid, SI_STREAM_TYPE_PRIVATE_SECTIONS);
        ait->signal_count = 1;
        ait->signals[0].application_type = SI_APPLICATION_TYPE_HBBTV;
    }
    si_sections_init(&sections);
    assert_true(si_build_pmt(&sections, pmt, version));
    test_stream_add(bench->stream, service_id == SHOP ? SHOP_PMT : FILM_PMT, &sections);
    si_sections_finish(&sections);
    free(pmt);
}

static void add_services(struct bench *bench)
{
    struct si_sections sections;
    const struct si_pat pat = {.transport_stream_id = 1,
                               .nit_pid = SI_PID_NIT,
                               .program_count = 2,
                               .programs = {{SHOP, SHOP_PMT}, {FILM, FILM_PMT}}};
    si_sections_init(&sections);
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(bench->stream, SI_PID_PAT, &sections);
    si_sections_finish(&sections);
    add_pmt(bench, SHOP, EVENTS, AIT, 0);
    add_pmt(bench, FILM, 0, 0, 0);
}

static void add_event(struct bench *bench, uint16_t pid, uint16_t event_id, unsigned version,
                      const char *payload)
{
    struct buffer section;
    const struct dsmcc_stream_event event = {.event_id = event_id,
                                             .private_data = {(const uint8_t *)payload, strlen(payload)}};
    buffer_init(&section, 1024);
    dsmcc_stream_event_append(&section, &event, (uint8_t)version);
    assert_false(section.failed);
    test_stream_add_section(bench->stream, pid, section.data, section.size);
    buffer_finish(&section);
}

/* codes: the applications 1, 2 ... of organisation 7, "1:3" an application and its control code. */
static void add_ait(struct bench *bench, unsigned version, const char *codes)
{
    struct si_sections sections;
    struct si_ait *ait = calloc(1, sizeof(*ait));
    assert_non_null(ait);
    ait->application_type = SI_APPLICATION_TYPE_HBBTV;
    unsigned id, code;
    for (int used; sscanf(codes, "%u:%u%n", &id, &code, &used) == 2; codes += used)
        ait->applications[ait->application_count++] = (struct si_application){.organisation_id = 7,
                                                                              .application_id = (uint16_t)id,
                                                                              .control_code = (uint8_t)code,
                                                                              .priority = (uint8_t)(10 * id),
                                                                              .service_bound = id == 1,
                                                                              .has_profile = true,
                                                                              .version_major = 1};
    si_sections_init(&sections);
    assert_true(si_build_ait(&sections, ait, version));
    test_stream_add(bench->stream, AIT, &sections);
    si_sections_finish(&sections);
    free(ait);
}

/* What was added comes, and the reception thread looks at it, as after each read of the tuner. */
static void receive(struct bench *bench)
{
    test_stream_push(bench->stream);
    interaction_update(bench->interaction, bench->stream->watcher, bench->service_id);
}

static void watch(struct bench *bench, uint16_t service_id)
{
    bench->service_id = service_id;
    interaction_update(bench->interaction, bench->stream->watcher, service_id);
}

static struct interaction_state state_of(const struct bench *bench)
{
    struct interaction_state state;
    interaction_state(bench->interaction, &state);
    return state;
}

static void open_bench(struct bench *bench)
{
    memset(bench, 0, sizeof(*bench));
    bench->stream = test_stream_create(SI_CHARSET_GB18030);
    const struct interaction_calls calls = {on_changed, on_event, bench};
    bench->interaction = interaction_create(bench->stream->demux, &calls);
    assert_non_null(bench->interaction);
    bench->service_id = SHOP;
    add_services(bench);
    receive(bench);
}

static void close_bench(struct bench *bench)
{
    interaction_destroy(bench->interaction);
    test_stream_destroy(bench->stream);
}

/* ---- stream events ---- */

static void events_are_told_once_and_in_order(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    for (int i = 0; i < 3; i++) { /* each is repeated, as on air */
        add_event(&bench, EVENTS, 1, 4, "honey");
        add_event(&bench, EVENTS, 2, 9, "salt");
        receive(&bench);
    }
    add_event(&bench, EVENTS, 1, 5, "honey"); /* again: another version */
    add_event(&bench, EVENTS, 3, 0, "");
    add_event(&bench, EVENTS, 2, 9, "salt");
    receive(&bench);
    assert_string_equal(bench.told, "1:honey 1:salt 1:honey 1:");
    assert_int_equal(bench.last.event_id, 3);
    assert_int_equal(bench.last.size, 0);
    assert_false(bench.last.scheduled);
    assert_string_equal(bench.last.name, ""); /* no carousel names it */
    assert_int_equal(state_of(&bench).events, 4);
    assert_int_equal(state_of(&bench).event_id, 3);
    close_bench(&bench);
}

static void the_longest_payload_comes_whole(void **state)
{
    (void)state;
    struct bench bench;
    char payload[DSMCC_EVENT_DATA_MAX + 1];
    memset(payload, 'x', DSMCC_EVENT_DATA_MAX);
    payload[DSMCC_EVENT_DATA_MAX] = 0;
    open_bench(&bench);
    add_event(&bench, EVENTS, 1, 0, payload);
    receive(&bench);
    assert_int_equal(bench.last.size, DSMCC_EVENT_DATA_MAX);
    assert_memory_equal(bench.last.payload, payload, DSMCC_EVENT_DATA_MAX);
    close_bench(&bench);
}

/* While an event is repeated, its follower begins anew: it has been told, and is not told again. */
static void no_event_is_told_twice_by_another_follower(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    add_event(&bench, EVENTS, 1, 4, "honey");
    receive(&bench);
    watch(&bench, FILM);
    add_event(&bench, EVENTS, 1, 4, "honey");
    receive(&bench);
    watch(&bench, SHOP);
    add_event(&bench, EVENTS, 1, 4, "honey");
    receive(&bench);
    add_pmt(&bench, SHOP, OTHER, AIT, 1); /* the events move to another PID */
    receive(&bench);
    add_event(&bench, OTHER, 1, 4, "honey");
    receive(&bench);
    assert_string_equal(bench.told, "1:honey");
    add_event(&bench, OTHER, 1, 5, "honey"); /* but it may happen again */
    add_event(&bench, OTHER, 2, 4, "salt");
    add_event(&bench, EVENTS, 2, 5, "nobody looks here any more");
    receive(&bench);
    assert_string_equal(bench.told, "1:honey 1:honey 1:salt");
    close_bench(&bench);
}

static void no_service_no_events(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    watch(&bench, 0);
    add_event(&bench, EVENTS, 1, 4, "honey");
    receive(&bench);
    watch(&bench, 99); /* not in the stream */
    add_event(&bench, EVENTS, 1, 5, "honey");
    receive(&bench);
    assert_string_equal(bench.told, "");
    assert_int_equal(state_of(&bench).service_id, 99);
    close_bench(&bench);
}

static void what_main_does_not_take_is_counted(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    bench.full = true;
    add_event(&bench, EVENTS, 1, 4, "honey");
    receive(&bench);
    bench.full = false;
    add_event(&bench, EVENTS, 1, 5, "salt");
    receive(&bench);
    assert_string_equal(bench.told, "1:salt");
    assert_int_equal(state_of(&bench).events, 2);
    assert_int_equal(state_of(&bench).lost, 1);
    close_bench(&bench);
}

/* ---- applications ---- */

static void applications_are_as_the_table_has_them(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    assert_int_equal(state_of(&bench).ait, INTERACTION_AIT_AWAITED);
    add_ait(&bench, 0, "1:1 2:2");
    receive(&bench);
    struct interaction_state now = state_of(&bench);
    assert_int_equal(now.ait, INTERACTION_AIT_HERE);
    assert_int_equal(now.service_id, SHOP);
    assert_int_equal(now.signalled_count, 2);
    assert_int_equal(now.applications, 1);
    assert_int_equal(now.signalled[0].organisation_id, 7);
    assert_int_equal(now.signalled[0].application_id, 1);
    assert_int_equal(now.signalled[0].control_code, SI_CONTROL_AUTOSTART);
    assert_true(now.signalled[0].service_bound);
    assert_int_equal(now.signalled[1].control_code, SI_CONTROL_PRESENT);
    assert_int_equal(now.signalled[1].priority, 20);
    assert_false(now.signalled[1].service_bound);

    unsigned changes = bench.changes;
    add_ait(&bench, 0, "1:1 2:2"); /* repeated */
    receive(&bench);
    assert_int_equal(bench.changes, changes);
    add_ait(&bench, 1, "2:4");
    receive(&bench);
    assert_true(bench.changes > changes);
    now = state_of(&bench);
    assert_int_equal(now.signalled_count, 1);
    assert_int_equal(now.applications, 0);
    assert_int_equal(now.signalled[0].control_code, SI_CONTROL_KILL);
    close_bench(&bench);
}

static void a_service_without_applications_says_so(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench);
    add_ait(&bench, 0, "1:1");
    receive(&bench);
    watch(&bench, FILM);
    assert_int_equal(state_of(&bench).ait, INTERACTION_AIT_NONE);
    assert_int_equal(state_of(&bench).signalled_count, 0);
    watch(&bench, 99);
    assert_int_equal(state_of(&bench).ait, INTERACTION_AIT_AWAITED);
    watch(&bench, SHOP);
    assert_int_equal(state_of(&bench).ait, INTERACTION_AIT_HERE);
    assert_int_equal(state_of(&bench).signalled_count, 1);
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_told_once_and_in_order),
        cmocka_unit_test(the_longest_payload_comes_whole),
        cmocka_unit_test(no_event_is_told_twice_by_another_follower),
        cmocka_unit_test(no_service_no_events),
        cmocka_unit_test(what_main_does_not_take_is_counted),
        cmocka_unit_test(applications_are_as_the_table_has_them),
        cmocka_unit_test(a_service_without_applications_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
