/* SPDX-License-Identifier: Apache-2.0 */
/* A content folder through the whole playout, and back through the code of the box. */
#include "base/clock.h"
#include "base/file.h"
#include "playout/desk.h"
#include "playout/on_air.h"
#include "playout_fixture.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void play_to_file(struct fixture *fixture, double duration_s)
{
    struct error error = {0};
    struct playout *playout = fixture_playout(fixture, duration_s, &error);
    if (!playout)
        fail_msg("%s", error.text);
    if (!playout_run(playout, &fixture->stop, &error))
        fail_msg("%s", error.text);
    playout_destroy(playout);
}

static void watch_file(struct box *box, const struct fixture *fixture)
{
    struct buffer stream;
    buffer_init(&stream, 64 << 20);
    assert_true(file_read(fixture->stream, &stream, NULL));
    ts_demux_push(box->demux, stream.data, stream.size);
    buffer_finish(&stream);
}

/* The search keys that the playout puts into products and notices are taken out of what is on air; *found
 * says whether there were any. */
static json_t *without_keys(struct bytes bytes, bool *found)
{
    json_t *root = json_loadb((const char *)bytes.data, bytes.size, 0, NULL), *thing;
    size_t index;
    for (int i = 0; i < 2; i++) {
        json_array_foreach(json_object_get(root, i ? "products" : "entries"), index, thing)
        {
            *found |= json_object_del(thing, "keys") == 0;
        }
    }
    return root;
}

/* The same bytes, or a document that has got its search keys. */
static bool same_but_for_keys(struct bytes original, struct bytes on_air)
{
    bool same = original.size == on_air.size && !memcmp(original.data, on_air.data, on_air.size);
    if (same)
        return true;
    bool had = false, has = false;
    json_t *before = without_keys(original, &had), *after = without_keys(on_air, &has);
    same = before && json_equal(before, after) && !had && has;
    json_decref(before);
    json_decref(after);
    return same;
}

/* Each file that the manifest names is on air, is what it says, and is what stands in the folder. */
static void check_role(struct box *box, const struct fixture *fixture, const char *role, size_t files)
{
    struct error error = {0};
    struct trust_manifest *manifest = box_verify(box, role, &error);
    if (!manifest)
        fail_msg("%s: %s", role, error.text);
    assert_int_equal(manifest->file_count, files);
    for (size_t i = 0; i < files; i++) {
        const char *name = manifest->files[i].path;
        struct bytes bytes = box_file(box, role, name);
        char path[256];
        struct buffer original;
        assert_true(trust_manifest_check_file(manifest, name, bytes, NULL));
        buffer_init(&original, 1 << 20);
        snprintf(path, sizeof(path), "%s/%s/%s", fixture->content, role, name);
        assert_true(file_read(path, &original, NULL));
        assert_true(same_but_for_keys(buffer_view(&original), bytes));
        buffer_finish(&original);
    }
    trust_manifest_destroy(manifest);
}

static void check_services(const struct box *box)
{
    assert_true(si_watcher_is_complete(box->watcher));
    const struct si_service *service = si_watcher_find_service(box->watcher, 101);
    assert_non_null(service);
    assert_string_equal(service->name, "青海湖");
    assert_string_equal(service->provider, "测试");
    assert_int_equal(service->pcr_pid, 257);
    assert_int_equal(si_service_video(service)->codec, SI_CODEC_H264);
    assert_int_equal(si_service_audio(service, NULL)->codec, SI_CODEC_AAC);
    struct si_carousel carousels[2];
    assert_int_equal(si_service_carousels(service, carousels, 2), 1);
    assert_int_equal(carousels[0].pid, 272);
    assert_int_equal(carousels[0].carousel_id, 1);
    assert_true(service->present.exists && service->following.exists);
    assert_int_equal(service->following.start_utc_s, service->present.start_utc_s + 1800);
    assert_true(strcmp(service->present.name, service->following.name) != 0);
    assert_non_null(service->ait);
    assert_int_equal(service->ait->applications[0].transports[0].component_tag, carousels[0].component_tag);
    const struct si_nit *nit = si_watcher_network(box->watcher);
    assert_string_equal(nit->name, "网络");
    assert_int_equal(nit->streams[0].cable.frequency_hz, 323000000);
    assert_int_equal(nit->streams[0].cable.modulation, SI_MODULATION_64QAM);
    const struct si_clock *clock = si_watcher_clock(box->watcher);
    assert_true(clock->has_offset && clock->offset_s == CLOCK_CHINA_OFFSET_S);
    assert_in_range(clock->utc_s, clock_utc_s() - 30, clock_utc_s() + 30);
}

static void test_read_back(void **state)
{
    struct fixture *fixture = *state;
    struct box box;
    struct stat status;
    play_to_file(fixture, 12);
    assert_int_equal(stat(fixture->stream, &status), 0);
    assert_int_equal(status.st_size, (12 * 3000000 / 8 + 1315) / 1316 * 1316);
    assert_int_equal(stat(fixture->ready, &status), 0);
    box_open(&box, fixture);
    watch_file(&box, fixture);
    check_services(&box);
    assert_int_equal(box.trees, 1);
    check_role(&box, fixture, "commerce", 4);
    check_role(&box, fixture, "credit", 1);
    check_role(&box, fixture, "community", 2);
    assert_int_equal(dsmcc_tree_count(box.tree), 7 + 9);
    struct ts_demux_counts counts;
    ts_demux_counts(box.demux, &counts);
    assert_int_equal(counts.continuity_errors + counts.duplicates + counts.bad_headers + counts.bytes_skipped,
                     0);
    assert_int_equal(counts.bad_sections + counts.bad_pes, 0);
    assert_in_range(box.pictures, 11 * 25, 12 * 25);
    assert_in_range(box.frames, 11 * 46, 12 * 47);
    box_close(&box);
}

/* Over a restart what has not changed keeps its sequence and its modules' versions; what has changed gets new
 * ones. */
static void test_restart(void **state)
{
    struct fixture *fixture = *state;
    struct box first, second, third;
    play_to_file(fixture, 4);
    box_open(&first, fixture);
    watch_file(&first, fixture);
    play_to_file(fixture, 4);
    box_open(&second, fixture);
    watch_file(&second, fixture);
    assert_true(box_sequence(&first, "commerce") > 0);
    assert_int_equal(box_sequence(&first, "commerce"), box_sequence(&second, "commerce"));
    fixture_write_product(fixture, "1300");
    play_to_file(fixture, 4);
    box_open(&third, fixture);
    watch_file(&third, fixture);
    assert_true(box_sequence(&third, "commerce") > box_sequence(&second, "commerce"));
    assert_int_equal(box_sequence(&third, "credit"), box_sequence(&second, "credit"));

    const char *const same[] = {"commerce/pictures/yogurt.jpg", "credit/reputable.json",
                                "community/pages/clinic.json"};
    for (size_t i = 0; i < 3; i++) {
        const struct dsmcc_entry *before = dsmcc_tree_find(first.tree, same[i]),
                                 *after = dsmcc_tree_find(third.tree, same[i]);
        assert_int_equal(before->module_id, after->module_id);
        assert_int_equal(before->module_version, after->module_version);
    }
    const char *changed = "commerce/catalogue/dairy.json";
    const struct dsmcc_entry *before = dsmcc_tree_find(second.tree, changed),
                             *after = dsmcc_tree_find(third.tree, changed);
    assert_int_equal(before->module_id, after->module_id);
    assert_int_not_equal(before->module_version, after->module_version);
    box_close(&first);
    box_close(&second);
    box_close(&third);
}

/* version_number of the tables in the file; -1: not there. */
struct versions {
    int pat, pmt, sdt, nit, ait;
};

static void on_table(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    struct versions *versions = context;
    int version = section[5] >> 1 & 31;
    (void)pid, (void)size;
    switch (section[0]) {
    case 0x00:
        versions->pat = version;
        break;
    case 0x02:
        versions->pmt = version;
        break;
    case 0x40:
        versions->nit = version;
        break;
    case 0x42:
        versions->sdt = version;
        break;
    case 0x74:
        versions->ait = version;
        break;
    default:
        break;
    }
}

static struct versions play_and_read_versions(struct fixture *fixture, struct box *box)
{
    static const uint16_t pids[] = {0x00, 0x10, 0x11, 256, 288};
    struct versions versions = {-1, -1, -1, -1, -1};
    play_to_file(fixture, 6);
    box_open(box, fixture);
    for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++)
        ts_demux_sections(box->demux, pids[i], on_table, &versions);
    watch_file(box, fixture);
    assert_true(versions.pat >= 0 && versions.pmt >= 0 && versions.sdt >= 0 && versions.nit >= 0 &&
                versions.ait >= 0);
    return versions;
}

static void change_channel(struct fixture *fixture, char *channel, const char *from, const char *to)
{
    char *at = strstr(channel, from);
    assert_true(at && strlen(from) == strlen(to));
    memcpy(at, to, strlen(to));
    fixture_write(fixture->content, "channel.json", channel);
}

/* A channel.json that changed over a restart raises the versions of the tables that say something else, and
 * no others; nothing in the carousel changes. */
static void test_restart_channel(void **state)
{
    struct fixture *fixture = *state;
    struct box boxes[4];
    char channel[sizeof(fixture_channel_json)];
    memcpy(channel, fixture_channel_json, sizeof(channel));
    struct versions first = play_and_read_versions(fixture, &boxes[0]);
    change_channel(fixture, channel, "甲", "丙"); /* an event: EIT alone */
    struct versions second = play_and_read_versions(fixture, &boxes[1]);
    assert_memory_equal(&first, &second, sizeof(first));
    change_channel(fixture, channel, "测试", "台站"); /* the provider: SDT alone */
    struct versions third = play_and_read_versions(fixture, &boxes[2]);
    assert_int_equal(third.sdt, (second.sdt + 1) & 31);
    third.sdt = second.sdt;
    assert_memory_equal(&second, &third, sizeof(second));
    change_channel(fixture, channel, "\"video_pid\": 257", "\"video_pid\": 259"); /* PMT alone */
    struct versions fourth = play_and_read_versions(fixture, &boxes[3]);
    assert_int_equal(fourth.pmt, (third.pmt + 1) & 31);
    assert_int_equal(fourth.pat, third.pat);
    assert_int_equal(fourth.ait, third.ait);
    for (int i = 1; i < 4; i++) {
        assert_int_equal(dsmcc_tree_count(boxes[i].tree), dsmcc_tree_count(boxes[0].tree));
        for (size_t j = 0; j < dsmcc_tree_count(boxes[0].tree); j++) {
            const struct dsmcc_entry *before = dsmcc_tree_entry(boxes[0].tree, j),
                                     *after = dsmcc_tree_entry(boxes[i].tree, j);
            assert_string_equal(before->path, after->path);
            assert_int_equal(before->module_id, after->module_id);
            assert_int_equal(before->module_version, after->module_version);
        }
    }
    for (int i = 0; i < 4; i++)
        box_close(&boxes[i]);
}

/* Without its state a playout goes on with a higher sequence all the same. */
static void test_lost_state(void **state)
{
    struct fixture *fixture = *state;
    struct box first, second;
    play_to_file(fixture, 3);
    box_open(&first, fixture);
    watch_file(&first, fixture);
    assert_true(file_remove_tree(fixture->state, NULL));
    clock_sleep_us(1100000); /* sequences of a lost state count seconds */
    play_to_file(fixture, 3);
    box_open(&second, fixture);
    watch_file(&second, fixture);
    assert_true(box_sequence(&second, "credit") > box_sequence(&first, "credit"));
    box_close(&first);
    box_close(&second);
}

/* A role with a bad document is left off air and said so, with file, place, expected and found; the others
 * are on. */
static void test_refused_at_start(void **state)
{
    struct fixture *fixture = *state;
    struct box box;
    fixture_write_product(fixture, "\"12.5\"");
    fixture_set(fixture, "publisher.credit.key=%s/keys/no-such.key", fixture->folder);
    play_to_file(fixture, 3);
    assert_true(was_heard(&fixture->heard,
                          "commerce/catalogue/dairy.json: products[0].price_fen: expected an integer"));
    assert_true(was_heard(&fixture->heard, "\"12.5\""));
    assert_true(was_heard(&fixture->heard, "commerce: no good version: it is left off air"));
    assert_true(was_heard(&fixture->heard, "no-such.key"));
    box_open(&box, fixture);
    watch_file(&box, fixture);
    check_role(&box, fixture, "community", 2);
    assert_int_equal(box_file(&box, "commerce", TRUST_MANIFEST_NAME).size, 0);
    assert_int_equal(box_file(&box, "credit", TRUST_MANIFEST_NAME).size, 0);
    box_close(&box);
}

/* A key whose certificate carries another role is no key for this one. */
static void test_wrong_role(void **state)
{
    struct fixture *fixture = *state;
    struct box box;
    fixture_set(fixture, "publisher.credit.key=%s/keys/commerce.key", fixture->folder);
    fixture_set(fixture, "publisher.credit.chain=%s/keys/commerce.pem", fixture->folder);
    play_to_file(fixture, 3);
    assert_true(was_heard(&fixture->heard, "credit: no good version"));
    box_open(&box, fixture);
    watch_file(&box, fixture);
    check_role(&box, fixture, "commerce", 4);
    assert_int_equal(box_file(&box, "credit", TRUST_MANIFEST_NAME).size, 0);
    box_close(&box);
}

/* On air: a bad document changes nothing, a good one comes with a higher sequence, events and names change
 * with channel.json. */
static void test_change_on_air(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct box box;
    pthread_t thread;
    struct tuner *tuner = tuner_open("udp://127.0.0.1:0", NULL);
    assert_non_null(tuner);
    snprintf(fixture->output, sizeof(fixture->output), "udp://127.0.0.1:%u", tuner_port(tuner));
    struct running running = {.fixture = fixture, .playout = fixture_playout(fixture, 0, &error)};
    if (!running.playout)
        fail_msg("%s", error.text);
    assert_int_equal(pthread_create(&thread, NULL, running_thread, &running), 0);
    box_open(&box, fixture);
    bool first = box_receive_until(&box, tuner, 0, NULL, NULL);
    int64_t sequence = box_sequence(&box, "commerce");

    fixture_write_product(fixture, "-1");
    bool refused = box_receive_until(&box, tuner, 0, &fixture->heard,
                                     "commerce: refused; the last good version stays on air");
    int64_t sequence_after = box_sequence(&box, "commerce");

    fixture_write_product(fixture, "1100");
    bool changed = box_receive_until(&box, tuner, sequence, NULL, NULL);
    struct bytes catalogue = box_file(&box, "commerce", "catalogue/dairy.json");
    bool cheaper = catalogue.data && memmem(catalogue.data, catalogue.size, "1100", 4);

    char channel[sizeof(fixture_channel_json)];
    memcpy(channel, fixture_channel_json, sizeof(channel));
    memcpy(strstr(channel, "甲"), "丙", 3);
    fixture_write(fixture->content, "channel.json", channel);
    bool renamed =
        box_receive_until(&box, tuner, 0, &fixture->heard, "channel.json on air: new versions of EIT");

    struct stat status;
    bool ready = stat(fixture->ready, &status) == 0;
    atomic_store(&fixture->stop, true);
    pthread_join(thread, NULL);
    playout_destroy(running.playout);
    box_close(&box);
    tuner_close(tuner);
    assert_true(running.good && first && sequence > 0 && ready);
    assert_true(refused && sequence_after == sequence);
    assert_true(changed && cheaper);
    assert_true(renamed);
}

/* UDP for a set time ends by itself, with every packet sent. */
static void test_udp_duration(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct box box;
    static uint8_t bytes[TUNER_READ_SIZE];
    struct tuner *tuner = tuner_open("udp://127.0.0.1:0", NULL);
    snprintf(fixture->output, sizeof(fixture->output), "udp://127.0.0.1:%u", tuner_port(tuner));
    struct playout *playout = fixture_playout(fixture, 0.3, &error);
    if (!playout)
        fail_msg("%s", error.text);
    assert_true(playout_run(playout, &fixture->stop, &error));
    playout_destroy(playout);
    box_open(&box, fixture);
    for (ssize_t size; (size = tuner_read(tuner, bytes, sizeof(bytes))) > 0;)
        ts_demux_push(box.demux, bytes, (size_t)size);
    struct ts_demux_counts counts;
    ts_demux_counts(box.demux, &counts);
    assert_int_equal(counts.packets, (300000 * 3 / 8 + 1315) / 1316 * 7);
    assert_int_equal(counts.continuity_errors, 0);
    box_close(&box);
    tuner_close(tuner);
}

static void expect_failure(struct fixture *fixture, const char *word)
{
    struct error error = {0};
    assert_null(fixture_playout(fixture, 1, &error));
    if (!strstr(error.text, word))
        fail_msg("expected \"%s\" in \"%s\"", word, error.text);
}

static void test_cannot_start(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *output, *word;
    } outputs[] = {
        {"dvb://1", "dvb://1: expected"},
        {"udp://127.0.0.1", "udp://127.0.0.1: expected HOST:PORT"},
        {"udp://127.0.0.1:0", "a port to send to"},
        {"udp://127.0.0.1:9?ttl=x", "ttl: expected 0 to 255"},
        {"udp://127.0.0.1:9?interface=no-such", "no network interface"},
        {"udp://127.0.0.1:9?buffer=9", "unknown option"},
        {"file:/no/such/folder/out.ts", "/no/such/folder/out.ts: "},
    };
    char good[sizeof(fixture->output)];
    strcpy(good, fixture->output);
    for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
        strcpy(fixture->output, outputs[i].output);
        expect_failure(fixture, outputs[i].word);
    }
    strcpy(fixture->output, good);
    fixture_write_clip(fixture, &(struct clip_stream){.pictures = 50, .picture_size = 20000});
    expect_failure(fixture, "do not fit");
    fixture_set(fixture, "live.clip=/no/such/clip.ts");
    expect_failure(fixture, "/no/such/clip.ts");
    fixture_set(fixture, "live.clip=");
    fixture_write(fixture->content, "channel.json", "{}");
    expect_failure(fixture, "channel.json");
    assert_true(was_heard(&fixture->heard, "service"));
}

static void test_check(void **state)
{
    struct fixture *fixture = *state;
    assert_true(desk_check(fixture->content));
    fixture_write(fixture->content, "community/pages/clinic.json", "{\"id\": 7}");
    assert_false(desk_check(fixture->content));
    assert_true(was_heard(&fixture->heard, "community/pages/clinic.json: id: expected"));
    fixture_write(fixture->content, "community/pages/clinic.json", fixture_page_json);
    assert_true(desk_check(fixture->content));
    fixture_write(fixture->content, "clip.ts", "no transport stream");
    assert_false(desk_check(fixture->content));
    assert_true(was_heard(&fixture->heard, "clip.ts: expected a transport stream"));
    assert_false(desk_check("/no/such/folder"));
}

#define YEAR_S INT64_C(31536000)
#define PATIENCE_US INT64_C(60000000)

/* Waits for a change that the desk has made ready, and puts it on air. */
static void take_change(struct desk *desk, struct on_air *on_air)
{
    struct desk_news news = {0};
    for (int64_t end_us = clock_monotonic_us() + PATIENCE_US; !desk_take(desk, &news);) {
        assert_true(clock_monotonic_us() < end_us);
        clock_sleep_us(1000);
    }
    assert_non_null(news.change);
    on_air_apply(on_air, news.change);
    desk_taken(desk);
}

/* The machine started with a wrong clock, a year ahead, which is then set right: boxes, which go by the
 * clock on air, would not take what is not valid yet. It is signed anew at once. */
static void test_clock_set_back(void **state)
{
    struct fixture *fixture = *state;
    struct error error = {0};
    struct edition *editions[CONTENT_ROLES];
    int64_t sequences[CONTENT_ROLES], wrong = clock_utc_s() + YEAR_S;
    struct board *board = board_create();
    assert_true(board && file_make_folder(fixture->state, &error));
    struct desk *desk = desk_create(&(struct desk_options){.folder = fixture->content,
                                                           .state_folder = fixture->state,
                                                           .config = fixture->config,
                                                           .board = board});
    assert_non_null(desk);
    struct channel *channel = desk_channel(desk);
    assert_non_null(channel);
    struct on_air *on_air = on_air_create(
        &(struct on_air_options){.carousel_id = 1, .bit_rate = 1000000, .frame = &channel->frame}, &error);
    assert_non_null(on_air);
    for (int role = 0; role < CONTENT_ROLES; role++) {
        editions[role] = desk_edition(desk, role, wrong);
        assert_true(editions[role] && editions[role]->valid_from > clock_utc_s());
        sequences[role] = editions[role]->sequence;
    }
    assert_true(on_air_put_first(on_air, editions, &error));
    for (int role = 0; role < CONTENT_ROLES; role++)
        desk_tell(desk, role, editions[role]);
    const struct tables_options tables = {.carousel_id = 1};
    const struct tables_memory memory = {0};
    assert_true(desk_watch(desk, &(struct desk_air){on_air, &channel->frame, &tables, &memory, false}));
    for (int role = 0; role < CONTENT_ROLES; role++)
        take_change(desk, on_air);
    desk_stop(desk);
    desk_destroy(desk);
    for (int role = 0; role < CONTENT_ROLES; role++) {
        const struct edition *edition = on_air_edition(on_air, role);
        assert_true(edition->valid_from <= clock_utc_s() && edition->valid_until > clock_utc_s());
        assert_true(edition->sequence > sequences[role]);
    }
    on_air_destroy(on_air);
    channel_destroy(channel);
    board_destroy(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read_back, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_restart, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_restart_channel, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_lost_state, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_refused_at_start, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_role, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_change_on_air, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_udp_duration, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_cannot_start, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_clock_set_back, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_check, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
