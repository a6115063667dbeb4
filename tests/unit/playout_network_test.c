/* SPDX-License-Identifier: Apache-2.0 */
/* A large network around the playout's own stream: 600 services of 100 other transport streams and 16
 * bouquets come back whole through the box's own parser, the stream stays clean by TR 101 290, and only the
 * sub-table that says something else gets a new version, over restarts too. */
#include "base/file.h"
#include "playout/mux.h"
#include "playout/state.h"
#include "playout/tables_build.h"
#include "si/watcher.h"
#include "ts/monitor.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define STREAMS 100
#define SERVICES 6
#define BOUQUETS 16
#define MEMBERS 60
#define BIT_RATE 4000000
#define SECONDS 25
#define UTC INT64_C(1795420800)
#define TABLE_BAT 0x4A
#define TABLE_SDT_OTHER 0x46

struct place {
    char folder[64];
};

/* What of the network is not as always. */
struct variant {
    int renamed; /* stream whose third service has another name; -1: none */
    int missing; /* stream that is not there */
    int bouquet; /* that lacks its last service */
};
static const struct variant plain = {-1, -1, -1};

static void add_streams(struct buffer *text, const struct variant *variant)
{
    bool first = true;
    for (int i = 0; i < STREAMS; i++) {
        if (i == variant->missing)
            continue;
        buffer_printf(text,
                      "%s{\"transport_stream_id\": %d, \"frequency_hz\": %d, \"symbol_rate\": 6875000, "
                      "\"modulation\": \"64QAM\", \"services\": [",
                      first ? "" : ", ", 100 + i, 115000000 + i * 8000000);
        first = false;
        for (int j = 0; j < SERVICES; j++)
            buffer_printf(text,
                          "%s{\"service_id\": %d, \"type\": \"tv\", \"lcn\": %d, \"name\": {\"zh\": "
                          "\"频道%d-%d%s\", \"bo\": \"བརྙན་འཕྲིན་%d\", \"en\": \"Channel %d\"}}",
                          j ? ", " : "", 1000 + i * 10 + j, 1 + i * SERVICES + j, i, j,
                          i == variant->renamed && j == 2 ? "新" : "", j, j);
        buffer_printf(text, "]}");
    }
}

static void add_bouquets(struct buffer *text, const struct variant *variant)
{
    for (int i = 0; i < BOUQUETS; i++) {
        buffer_printf(text, "%s{\"bouquet_id\": %d, \"name\": {\"zh\": \"套餐%d\"}, \"services\": [",
                      i ? ", " : "", 500 + i, i);
        for (int j = 0; j < MEMBERS - (i == variant->bouquet); j++)
            buffer_printf(text, "%s{\"transport_stream_id\": %d, \"service_id\": %d}", j ? ", " : "",
                          100 + (i + j) % STREAMS, 1000 + (i + j) % STREAMS * 10 + j % SERVICES);
        buffer_printf(text, "]}");
    }
}

static struct channel *make_channel(const struct place *place, const struct variant *variant)
{
    char path[128];
    struct buffer text;
    struct error error = {0};
    buffer_init(&text, 1 << 20);
    buffer_printf(
        &text,
        "{\"service\": {\"name\": {\"zh\": \"青海湖\"}, \"provider\": {\"zh\": \"测试\"}, \"service_id\": "
        "101, "
        "\"pmt_pid\": 256, \"pcr_pid\": 257, \"video_pid\": 257, \"audio_pid\": 258, \"carousel_pid\": 272, "
        "\"ait_pid\": 288}, \"network\": {\"name\": {\"zh\": \"网络\"}, \"network_id\": 65281, "
        "\"original_network_id\": 65281, \"transport_stream_id\": 1, \"frequency_hz\": 107000000, "
        "\"symbol_rate\": 6875000, \"modulation\": \"64QAM\"}, \"bit_rates\": {\"transport\": 4000000, "
        "\"carousel\": 1500000}, \"events\": [{\"minutes\": 30, \"title\": {\"zh\": \"甲\"}}], \"streams\": "
        "[");
    add_streams(&text, variant);
    buffer_printf(&text, "], \"bouquets\": [");
    add_bouquets(&text, variant);
    buffer_printf(&text, "]}");
    assert_false(text.failed);
    snprintf(path, sizeof(path), "%s/%s", place->folder, CHANNEL_FILE);
    assert_true(file_write(path, text.data, text.size, &error));
    struct channel *channel = channel_load(place->folder, CONTENT_ZH, NULL, NULL, &error);
    if (!channel)
        fail_msg("%s", error.text);
    buffer_finish(&text);
    return channel;
}

/* Sections of the SDT's PID by sub-table and number. */
struct section {
    uint8_t table_id, number, last, version;
    uint32_t id;
    size_t count, last_slot, longest;
};

struct seen {
    struct section sections[1024];
    size_t count, slot;
    bool restless; /* a version changed under way, or there were too many sections */
};

static void hear(void *context, uint16_t pid, const uint8_t *data, size_t size)
{
    struct seen *seen = context;
    (void)pid;
    assert_true(size >= 12);
    struct section now = {
        .table_id = data[0], .number = data[6], .last = data[7], .version = (data[5] >> 1) & 31, .count = 1};
    now.id = (uint32_t)data[3] << 8 | data[4];
    if (now.table_id == TABLE_SDT_OTHER)
        now.id |= (uint32_t)data[8] << 24 | (uint32_t)data[9] << 16;
    now.last_slot = seen->slot;
    for (size_t i = 0; i < seen->count; i++) {
        struct section *old = &seen->sections[i];
        if (old->table_id != now.table_id || old->id != now.id || old->number != now.number)
            continue;
        seen->restless = seen->restless || old->version != now.version || old->last != now.last;
        if (seen->slot - old->last_slot > old->longest)
            old->longest = seen->slot - old->last_slot;
        old->last_slot = seen->slot;
        old->count++;
        return;
    }
    if (seen->count == sizeof(seen->sections) / sizeof(seen->sections[0]))
        seen->restless = true;
    else
        seen->sections[seen->count++] = now;
}

static const uint8_t *no_section(void *context, size_t *size)
{
    static const uint8_t section[20] = {0x80, 0x30, 17};
    (void)context;
    *size = sizeof(section);
    return section;
}

static struct tables *make_tables(const struct channel *channel, struct tables_memory *memory)
{
    const struct tables_options options = {.carousel_id = 1, .organisation_id = 1, .application_id = 1};
    struct error error = {0};
    struct tables *tables = tables_create(channel, &options, memory, &error);
    if (!tables)
        fail_msg("%s", error.text);
    return tables;
}

struct reception {
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct ts_monitor *monitor;
    struct seen *seen;
};

static void receive(struct reception *reception, const struct channel *channel, struct tables *tables,
                    int seconds)
{
    const struct mux_options options = {.bit_rate = BIT_RATE,
                                        .carousel_bit_rate = 1500000,
                                        .pcr_pid = channel->frame.pcr_pid,
                                        .carousel_pid = channel->frame.carousel_pid,
                                        .tables = tables,
                                        .carousel = no_section,
                                        .utc_ms = UTC * 1000};
    struct mux *mux = mux_create(&options);
    *reception = (struct reception){.demux = ts_demux_create(), .seen = calloc(1, sizeof(struct seen))};
    assert_true(mux && reception->demux && reception->seen);
    reception->watcher = si_watcher_create(reception->demux, NULL);
    reception->monitor = ts_monitor_create(reception->demux, NULL);
    assert_true(reception->watcher && reception->monitor);
    assert_non_null(ts_demux_sections(reception->demux, SI_PID_SDT, hear, reception->seen));
    for (int64_t i = 0; i < (int64_t)seconds * BIT_RATE / 8 / TS_PACKET_SIZE; i++) {
        uint8_t bytes[TS_PACKET_SIZE];
        mux_packet(mux, bytes);
        ts_demux_push(reception->demux, bytes, sizeof(bytes));
        reception->seen->slot++;
    }
    ts_monitor_finish(reception->monitor);
    mux_destroy(mux);
}

static void end_reception(struct reception *reception)
{
    ts_monitor_destroy(reception->monitor);
    si_watcher_destroy(reception->watcher);
    ts_demux_destroy(reception->demux);
    free(reception->seen);
}

static void check_others(const struct si_watcher *watcher)
{
    struct si_sdt *sdt = malloc(sizeof(*sdt));
    struct si_nit *nit = malloc(sizeof(*nit));
    assert_true(sdt && nit);
    size_t services = 0, members = 0;
    assert_int_equal(si_watcher_other_count(watcher, TABLE_SDT_OTHER), STREAMS);
    for (size_t i = 0; i < STREAMS; i++) {
        char name[64];
        assert_true(si_watcher_read_other_services(watcher, i, sdt));
        assert_int_equal(sdt->service_count, SERVICES);
        for (size_t j = 0; j < SERVICES; j++) {
            snprintf(name, sizeof(name), "频道%d-%zu", sdt->transport_stream_id - 100, j);
            assert_string_equal(sdt->services[j].name, name);
            assert_int_equal(sdt->services[j].details.word_count, 3);
        }
        services += sdt->service_count;
    }
    assert_int_equal(services, STREAMS * SERVICES);
    assert_int_equal(si_watcher_other_count(watcher, TABLE_BAT), BOUQUETS);
    for (size_t i = 0; i < BOUQUETS; i++) {
        assert_true(si_watcher_read_network(watcher, TABLE_BAT, i, nit));
        for (size_t j = 0; j < nit->stream_count; j++)
            members += nit->streams[j].service_count;
    }
    assert_int_equal(members, BOUQUETS * MEMBERS);
    free(sdt);
    free(nit);
}

static void check_network(const struct si_watcher *watcher)
{
    const struct si_nit *nit = si_watcher_network(watcher);
    assert_non_null(nit);
    assert_int_equal(nit->stream_count, STREAMS + 1);
    for (size_t i = 1; i < nit->stream_count; i++) {
        assert_int_equal(nit->streams[i].service_count, SERVICES);
        assert_int_equal(nit->streams[i].cable.frequency_hz, 115000000 + (i - 1) * 8000000);
        assert_int_equal(nit->streams[i].services[SERVICES - 1].lcn, i * SERVICES);
    }
}

static void a_large_network_comes_whole(void **state)
{
    struct tables_memory memory = {0};
    struct channel *channel = make_channel(*state, &plain);
    struct tables *tables = make_tables(channel, &memory);
    struct reception reception;
    assert_true(tables_bit_rate(tables) <= TABLES_BIT_RATE_MAX);
    receive(&reception, channel, tables, SECONDS);
    check_others(reception.watcher);
    check_network(reception.watcher);
    for (int check = 0; check < TS_MONITOR_CHECK_COUNT; check++) {
        struct ts_monitor_result result;
        ts_monitor_result(reception.monitor, check, &result);
        if (result.errors)
            fail_msg("%s: %d errors", ts_monitor_check_str(check), (int)result.errors);
    }
    assert_false(reception.seen->restless);
    for (size_t i = 0; i < reception.seen->count; i++) {
        const struct section *section = &reception.seen->sections[i];
        int64_t longest_ms = (int64_t)section->longest * TS_PACKET_SIZE * 8 * 1000 / BIT_RATE;
        assert_true(section->count >= 2);
        assert_true(longest_ms <= (section->table_id == 0x42 ? 2000 : 10000)); /* TR 101 211, 4.4.1 */
    }
    end_reception(&reception);
    tables_destroy(tables);
    channel_destroy(channel);
}

/* Fills versions by the sections' sub-tables of what the channel is on air with. */
struct versions {
    uint8_t sdt[STREAMS], bat[BOUQUETS];
    bool has[STREAMS];
};

static void read_versions(const struct place *place, const struct variant *variant,
                          struct tables_memory *memory, struct versions *versions)
{
    struct channel *channel = make_channel(place, variant);
    struct tables *tables = make_tables(channel, memory);
    struct reception reception;
    receive(&reception, channel, tables, 9);
    *versions = (struct versions){0};
    for (size_t i = 0; i < reception.seen->count; i++) {
        const struct section *section = &reception.seen->sections[i];
        if (section->table_id == TABLE_SDT_OTHER) {
            versions->sdt[(section->id & 0xFFFF) - 100] = section->version;
            versions->has[(section->id & 0xFFFF) - 100] = true;
        } else if (section->table_id == TABLE_BAT) {
            versions->bat[section->id - 500] = section->version;
        }
    }
    end_reception(&reception);
    tables_destroy(tables);
    channel_destroy(channel);
}

/* Asserts that those versions, and no others, are by so much higher. -1: none. */
static void check_moves(const struct versions *before, const struct versions *now, int stream, int bouquet)
{
    for (int i = 0; i < STREAMS; i++) {
        if (now->has[i])
            assert_int_equal(now->sdt[i], (before->sdt[i] + (i == stream)) & 31);
    }
    for (int i = 0; i < BOUQUETS; i++)
        assert_int_equal(now->bat[i], (before->bat[i] + (i == bouquet)) & 31);
}

static void only_what_changed_gets_a_version(void **state)
{
    const struct place *place = *state;
    const struct variant renamed = {.renamed = 41, .missing = -1, .bouquet = -1};
    const struct variant both = {.renamed = 41, .missing = -1, .bouquet = 7};
    const struct variant missing = {.renamed = 41, .missing = 63, .bouquet = 7};
    struct tables_memory *memory = calloc(1, sizeof(*memory)), *kept = calloc(1, sizeof(*kept));
    struct versions first, second, third, fourth;
    assert_true(memory && kept);
    read_versions(place, &plain, memory, &first);
    read_versions(place, &renamed, memory, &second);
    check_moves(&first, &second, 41, -1);
    state_write_tables(place->folder, memory);
    state_read_tables(place->folder, kept);
    assert_int_equal(kept->subtable_count, STREAMS + BOUQUETS);
    assert_memory_equal(kept, memory, sizeof(*kept));
    read_versions(place, &both, kept, &third); /* after a restart */
    check_moves(&second, &third, -1, 7);
    read_versions(place, &missing, kept, &fourth);
    assert_false(fourth.has[63]);
    check_moves(&third, &fourth, -1, -1);
    read_versions(place, &both, kept, &fourth); /* it comes back as it was */
    assert_true(fourth.has[63]);
    check_moves(&third, &fourth, -1, -1);
    free(memory);
    free(kept);
}

/* The last place goes to what comes, the oldest leaves; nothing grows, and versions wrap at 32. */
static void memory_has_an_end(void **state)
{
    const struct place *place = *state;
    struct tables_memory *memory = calloc(1, sizeof(*memory));
    struct versions before, now;
    assert_non_null(memory);
    memory->subtable_count = TABLES_SUBTABLES_MAX;
    for (size_t i = 0; i < TABLES_SUBTABLES_MAX; i++)
        memory->subtables[i] =
            (struct tables_subtable){.kind = TABLES_BAT, .id = (uint32_t)(10000 + i), .version.known = true};
    memory->subtables[0] = (struct tables_subtable){
        .kind = TABLES_SDT_OTHER, .id = 65281u << 16 | 105, .version = {.known = true, .number = 31}};
    read_versions(place, &plain, memory, &before);
    assert_int_equal(before.sdt[5], 0); /* 31, and it said something else */
    assert_int_equal(memory->subtable_count, TABLES_SUBTABLES_MAX);
    read_versions(place, &plain, memory, &now);
    check_moves(&before, &now, -1, -1);
    free(memory);
}

static void a_bouquet_stands_once(void **state)
{
    const struct place *place = *state;
    char path[128];
    struct error error = {0};
    struct buffer text;
    struct channel *channel = make_channel(place, &plain);
    channel_destroy(channel);
    buffer_init(&text, 1 << 20);
    snprintf(path, sizeof(path), "%s/%s", place->folder, CHANNEL_FILE);
    assert_true(file_read(path, &text, &error) && buffer_text(&text));
    char *id = strstr((char *)text.data, "\"bouquet_id\": 501");
    assert_non_null(id);
    id[16] = '0';
    assert_true(file_write(path, text.data, text.size, &error));
    assert_null(channel_load(place->folder, CONTENT_ZH, NULL, NULL, &error));
    assert_non_null(strstr(error.text, "bouquet_id"));
    buffer_finish(&text);
}

static int set_up(void **state)
{
    static struct place place;
    snprintf(place.folder, sizeof(place.folder), "/tmp/kokonor-network-XXXXXX");
    *state = &place;
    return mkdtemp(place.folder) ? 0 : -1;
}

static struct guide *make_guide(int minutes)
{
    struct guide *guide = calloc(1, sizeof(*guide));
    assert_non_null(guide);
    guide_order_languages(CONTENT_ZH, guide->languages);
    guide->count = 3;
    for (size_t i = 0; i < guide->count; i++) {
        guide->events[i].minutes = minutes + (int)i;
        snprintf(guide->events[i].titles[0], sizeof(guide->events[i].titles[0]), "%d-%zu", minutes, i);
    }
    return guide;
}

/* The one version of all sections. */
static unsigned version_of(tables_build_fn *build, const struct guide *guide, unsigned guide_version,
                           int64_t utc_s)
{
    static const struct channel_frame frame = {0};
    static const struct tables_options options = {0};
    struct tables_source source = {.frame = &frame, .options = &options, .guide = guide, .utc_s = utc_s};
    struct si_sections sections;
    source.versions[TABLES_EIT] = (uint8_t)(guide_version & 31);
    si_sections_init(&sections);
    assert_true(build(&source, &sections));
    assert_true(sections.count > 0);
    unsigned version = si_sections_get(&sections, 0).data[5] >> 1 & 31;
    for (size_t i = 1; i < sections.count; i++)
        assert_int_equal(si_sections_get(&sections, i).data[5] >> 1 & 31, version);
    si_sections_finish(&sections);
    return version;
}

/* Whatever event the old and the new guide are at: a receiver must see that it is another one. */
static void another_guide_has_another_version(void **state)
{
    (void)state;
    struct guide *old = make_guide(3), *fresh = make_guide(7);
    for (unsigned i = 0; i < 500; i++) {
        int64_t utc_s = UTC + (int64_t)i * 61;
        assert_int_not_equal(version_of(tables_build_present, old, i, utc_s),
                             version_of(tables_build_present, fresh, i + 1, utc_s));
    }
    for (unsigned day = 0; day < 9; day++) {
        int64_t utc_s = UTC + (int64_t)day * 86400;
        unsigned before = version_of(tables_build_schedule, old, 31, utc_s);
        assert_int_not_equal(before, version_of(tables_build_schedule, fresh, 32, utc_s));
        assert_int_not_equal(before, version_of(tables_build_schedule, old, 31, utc_s + 86400));
    }
    free(old);
    free(fresh);
}

static int tear_down(void **state)
{
    struct place *place = *state;
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", place->folder, CHANNEL_FILE);
    unlink(path);
    snprintf(path, sizeof(path), "%s/tables", place->folder);
    unlink(path);
    return rmdir(place->folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_large_network_comes_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_what_changed_gets_a_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_has_an_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bouquet_stands_once, set_up, tear_down),
        cmocka_unit_test(another_guide_has_another_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
