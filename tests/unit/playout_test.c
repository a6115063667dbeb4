/* SPDX-License-Identifier: Apache-2.0 */
/* A content folder through the whole playout, and back through the code of the box. */
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "clip_stream.h"
#include "dsmcc/receiver.h"
#include "playout/desk.h"
#include "playout/playout.h"
#include "si/watcher.h"
#include "trust/verify.h"
#include "tuner/tuner.h"
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_US INT64_C(60000000)

static const char channel_json[] =
    "{\"service\": {\"name\": {\"zh\": \"青海湖\"}, \"provider\": {\"zh\": \"测试\"}, \"service_id\": 101, "
    "\"pmt_pid\": 256,"
    " \"pcr_pid\": 257, \"video_pid\": 257, \"audio_pid\": 258, \"carousel_pid\": 272, \"ait_pid\": 288},"
    "\"network\": {\"name\": {\"zh\": \"网络\"}, \"network_id\": 65281, \"original_network_id\": 65281,"
    " \"transport_stream_id\": 1, \"frequency_hz\": 323000000, \"symbol_rate\": 6875000, \"modulation\": "
    "\"64QAM\"},"
    "\"bit_rates\": {\"transport\": 3000000, \"carousel\": 1500000},"
    "\"events\": [{\"minutes\": 30, \"title\": {\"zh\": \"甲\"}}, {\"minutes\": 30, \"title\": {\"zh\": "
    "\"乙\"}}],"
    "\"clip\": \"clip.ts\"}";

static const char categories_json[] = "{\"categories\": [{\"id\": \"dairy\", \"name\": {\"zh\": \"奶制品\"}, "
                                      "\"order\": 1, \"icon\": \"milk\"}]}";
static const char merchants_json[] =
    "{\"merchants\": [{\"id\": \"lakeside\", \"name\": {\"zh\": \"青湖\"}, \"uscc\": \"93632224MADEM0011C\","
    " \"area\": \"632224\", \"phone\": \"0970-5550101\"}]}";
static const char product_format[] =
    "{\"category\": \"dairy\", \"products\": [{\"id\": \"yogurt\", \"merchant\": \"lakeside\", \"name\": "
    "{\"zh\": \"酸奶\"},"
    " \"unit\": {\"zh\": \"杯\"}, \"summary\": {\"zh\": \"好\"}, \"description\": {\"zh\": \"很好\"}, "
    "\"origin\": {\"zh\": \"青海\"},"
    " \"price_fen\": %s, \"stock\": 10, \"pictures\": [\"pictures/yogurt.jpg\"]}]}";
static const char credit_json[] = "{\"list\": \"reputable\", \"entries\": [{\"id\": \"good\", \"name\": "
                                  "{\"zh\": \"青湖\"}, \"uscc\": \"93632224MADEM0011C\","
                                  " \"area\": \"632224\", \"reason\": {\"zh\": \"好\"}, \"detail\": {\"zh\": "
                                  "\"很好\"}, \"decided_by\": {\"zh\": \"局\"},"
                                  " \"document_number\": \"1\", \"document_date\": \"2026-04-16\", "
                                  "\"listed_on\": \"2026-04-20\", \"state\": \"published\"}]}";
static const char directory_json[] =
    "{\"sections\": [{\"id\": \"health\", \"name\": {\"zh\": \"健康\"}, \"order\": 1, \"icon\": \"heart\"}]}";
static const char page_json[] = "{\"id\": \"clinic\", \"section\": \"health\", \"title\": {\"zh\": "
                                "\"门诊\"}, \"summary\": {\"zh\": \"时间\"},"
                                " \"updated\": \"2026-11-01\", \"body\": [{\"text\": {\"zh\": \"周一\"}}]}";

/* What the log said, from any thread. */
struct heard {
    pthread_mutex_t mutex;
    char text[65536];
    size_t size;
};

static void hear(void *context, enum log_level level, const char *module, const char *text)
{
    struct heard *heard = context;
    (void)level, (void)module;
    pthread_mutex_lock(&heard->mutex);
    int written = snprintf(heard->text + heard->size, sizeof(heard->text) - heard->size, "%s\n", text);
    if (written > 0 && (size_t)written < sizeof(heard->text) - heard->size)
        heard->size += (size_t)written;
    pthread_mutex_unlock(&heard->mutex);
}

static bool was_heard(struct heard *heard, const char *word)
{
    pthread_mutex_lock(&heard->mutex);
    bool found = strstr(heard->text, word) != NULL;
    pthread_mutex_unlock(&heard->mutex);
    return found;
}

struct fixture {
    char folder[64], content[96], state[96], stream[96], ready[96], output[128];
    struct config *config;
    struct heard heard;
    atomic_bool stop;
};

static void write_bytes(const char *folder, const char *name, const void *data, size_t size)
{
    char path[256], parent[256];
    struct error error = {0};
    assert_true(file_join(path, sizeof(path), folder, name));
    strcpy(parent, path);
    *strrchr(parent, '/') = '\0';
    if (!file_make_folder(parent, &error) || !file_write(path, data, size, &error))
        fail_msg("%s", error.text);
}

static void write_text(const char *folder, const char *name, const char *text)
{
    write_bytes(folder, name, text, strlen(text));
}

static void write_product(const struct fixture *fixture, const char *price)
{
    char text[1024];
    snprintf(text, sizeof(text), product_format, price);
    write_text(fixture->content, "commerce/catalogue/dairy.json", text);
}

static void write_clip(const struct fixture *fixture, const struct clip_stream *options)
{
    struct buffer clip;
    buffer_init(&clip, 16 << 20);
    clip_stream_append(&clip, options);
    write_bytes(fixture->content, "clip.ts", clip.data, clip.size);
    buffer_finish(&clip);
}

static void write_content(const struct fixture *fixture)
{
    static uint8_t picture[60000] = {0xFF, 0xD8, 0xFF, 0xE0};
    for (size_t i = 4; i < sizeof(picture); i++)
        picture[i] = (uint8_t)(i * i >> 7);
    picture[sizeof(picture) - 2] = 0xFF;
    picture[sizeof(picture) - 1] = 0xD9;
    write_text(fixture->content, "channel.json", channel_json);
    write_text(fixture->content, "commerce/categories.json", categories_json);
    write_text(fixture->content, "commerce/merchants.json", merchants_json);
    write_product(fixture, "1200");
    write_bytes(fixture->content, "commerce/pictures/yogurt.jpg", picture, sizeof(picture));
    write_text(fixture->content, "credit/reputable.json", credit_json);
    write_text(fixture->content, "community/directory.json", directory_json);
    write_text(fixture->content, "community/pages/clinic.json", page_json);
    write_clip(fixture, &(struct clip_stream){.pictures = 50, .frames = 90, .first_dts = 100000});
}

static void set(struct fixture *fixture, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    assert_true(config_override(fixture->config, text, NULL));
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    char command[256];
    *state = fixture;
    strcpy(fixture->folder, "/tmp/kokonor-playout-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->content, sizeof(fixture->content), "%s/content", fixture->folder);
    snprintf(fixture->state, sizeof(fixture->state), "%s/state", fixture->folder);
    snprintf(fixture->stream, sizeof(fixture->stream), "%s/out.ts", fixture->folder);
    snprintf(fixture->ready, sizeof(fixture->ready), "%s/ready", fixture->folder);
    snprintf(fixture->output, sizeof(fixture->output), "file:%s", fixture->stream);
    snprintf(command, sizeof(command), "%s/toolchain/certificates %s/keys >/dev/null 2>&1", SOURCE_DIR,
             fixture->folder);
    assert_int_equal(system(command), 0);
    fixture->config = config_create();
    static const char *const roles[] = {"commerce", "credit", "community"};
    for (int i = 0; i < 3; i++) {
        set(fixture, "publisher.%s.key=%s/keys/%s.key", roles[i], fixture->folder, roles[i]);
        set(fixture, "publisher.%s.chain=%s/keys/%s.pem", roles[i], fixture->folder, roles[i]);
    }
    write_content(fixture);
    pthread_mutex_init(&fixture->heard.mutex, NULL);
    log_set_sink(hear, &fixture->heard);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    log_set_sink(NULL, NULL);
    pthread_mutex_destroy(&fixture->heard.mutex);
    config_destroy(fixture->config);
    bool removed = file_remove_tree(fixture->folder, NULL);
    free(fixture);
    return removed ? 0 : -1;
}

static struct playout *open_playout(struct fixture *fixture, double duration_s, struct error *error)
{
    const struct playout_options options = {.folder = fixture->content,
                                            .output = fixture->output,
                                            .state = fixture->state,
                                            .ready_file = fixture->ready,
                                            .duration_s = duration_s,
                                            .config = fixture->config};
    return playout_create(&options, error);
}

static void play_to_file(struct fixture *fixture, double duration_s)
{
    struct error error = {0};
    struct playout *playout = open_playout(fixture, duration_s, &error);
    if (!playout)
        fail_msg("%s", error.text);
    if (!playout_run(playout, &fixture->stop, &error))
        fail_msg("%s", error.text);
    playout_destroy(playout);
}

/* A box's look at the stream. */
struct box {
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct dsmcc_receiver *receiver;
    struct dsmcc_tree *tree; /* the last complete one */
    unsigned trees;
    uint64_t pictures, frames;
    struct trust_verifier *verifier;
};

static void on_tree(void *context, struct dsmcc_tree *tree)
{
    struct box *box = context;
    dsmcc_tree_unref(box->tree);
    box->tree = dsmcc_tree_ref(tree);
    box->trees++;
}

static void on_pes(void *context, const struct ts_pes *pes)
{
    struct box *box = context;
    assert_false(pes->lost);
    *(pes->pid == 257 ? &box->pictures : &box->frames) += 1;
}

static void open_box(struct box *box, const struct fixture *fixture)
{
    char path[128];
    struct buffer root;
    memset(box, 0, sizeof(*box));
    box->demux = ts_demux_create();
    box->watcher = si_watcher_create(box->demux, NULL);
    const struct dsmcc_receiver_events events = {.context = box, .tree = on_tree};
    box->receiver = dsmcc_receiver_create(box->demux, 272, NULL, 0, NULL, &events);
    ts_demux_pes(box->demux, 257, on_pes, box);
    ts_demux_pes(box->demux, 258, on_pes, box);
    buffer_init(&root, 65536);
    snprintf(path, sizeof(path), "%s/keys/root.pem", fixture->folder);
    assert_true(file_read(path, &root, NULL));
    box->verifier = trust_verifier_create(buffer_view(&root), NULL);
    assert_non_null(box->verifier);
    buffer_finish(&root);
}

static void close_box(struct box *box)
{
    dsmcc_tree_unref(box->tree);
    dsmcc_receiver_destroy(box->receiver);
    si_watcher_destroy(box->watcher);
    ts_demux_destroy(box->demux);
    trust_verifier_destroy(box->verifier);
}

static void watch_file(struct box *box, const struct fixture *fixture)
{
    struct buffer stream;
    buffer_init(&stream, 64 << 20);
    assert_true(file_read(fixture->stream, &stream, NULL));
    ts_demux_push(box->demux, stream.data, stream.size);
    buffer_finish(&stream);
}

static struct bytes file_of(const struct box *box, const char *role, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", role, name);
    const struct dsmcc_entry *entry = box->tree ? dsmcc_tree_find(box->tree, path) : NULL;
    return entry ? entry->data : (struct bytes){0};
}

/* The role's manifest as a box takes it, the caller's; NULL where it does not. */
static struct trust_manifest *verify(struct box *box, const char *role, struct error *error)
{
    struct trust_manifest *manifest = NULL;
    trust_verify(box->verifier, role, file_of(box, role, TRUST_MANIFEST_NAME),
                 file_of(box, role, TRUST_SIGNATURE_NAME), file_of(box, role, TRUST_CHAIN_NAME),
                 clock_utc_s(), NULL, &manifest, error);
    return manifest;
}

static int64_t sequence_of(struct box *box, const char *role)
{
    struct trust_manifest *manifest = verify(box, role, NULL);
    int64_t sequence = manifest ? manifest->sequence : 0;
    trust_manifest_destroy(manifest);
    return sequence;
}

/* Each file that the manifest names is on air, is what it says, and is what stands in the folder. */
static void check_role(struct box *box, const struct fixture *fixture, const char *role, size_t files)
{
    struct error error = {0};
    struct trust_manifest *manifest = verify(box, role, &error);
    if (!manifest)
        fail_msg("%s: %s", role, error.text);
    assert_int_equal(manifest->file_count, files);
    for (size_t i = 0; i < files; i++) {
        const char *name = manifest->files[i].path;
        struct bytes bytes = file_of(box, role, name);
        char path[256];
        struct buffer original;
        assert_true(trust_manifest_check_file(manifest, name, bytes, NULL));
        buffer_init(&original, 1 << 20);
        snprintf(path, sizeof(path), "%s/%s/%s", fixture->content, role, name);
        assert_true(file_read(path, &original, NULL));
        assert_int_equal(original.size, bytes.size);
        assert_memory_equal(original.data, bytes.data, bytes.size);
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
    open_box(&box, fixture);
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
    close_box(&box);
}

/* Over a restart what has not changed keeps its sequence and its modules' versions; what has changed gets new
 * ones. */
static void test_restart(void **state)
{
    struct fixture *fixture = *state;
    struct box first, second, third;
    play_to_file(fixture, 4);
    open_box(&first, fixture);
    watch_file(&first, fixture);
    play_to_file(fixture, 4);
    open_box(&second, fixture);
    watch_file(&second, fixture);
    assert_true(sequence_of(&first, "commerce") > 0);
    assert_int_equal(sequence_of(&first, "commerce"), sequence_of(&second, "commerce"));
    write_product(fixture, "1300");
    play_to_file(fixture, 4);
    open_box(&third, fixture);
    watch_file(&third, fixture);
    assert_true(sequence_of(&third, "commerce") > sequence_of(&second, "commerce"));
    assert_int_equal(sequence_of(&third, "credit"), sequence_of(&second, "credit"));

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
    close_box(&first);
    close_box(&second);
    close_box(&third);
}

/* Without its state a playout goes on with a higher sequence all the same. */
static void test_lost_state(void **state)
{
    struct fixture *fixture = *state;
    struct box first, second;
    play_to_file(fixture, 3);
    open_box(&first, fixture);
    watch_file(&first, fixture);
    assert_true(file_remove_tree(fixture->state, NULL));
    clock_sleep_us(1100000); /* sequences of a lost state count seconds */
    play_to_file(fixture, 3);
    open_box(&second, fixture);
    watch_file(&second, fixture);
    assert_true(sequence_of(&second, "credit") > sequence_of(&first, "credit"));
    close_box(&first);
    close_box(&second);
}

/* A role with a bad document is left off air and said so, with file, place, expected and found; the others
 * are on. */
static void test_refused_at_start(void **state)
{
    struct fixture *fixture = *state;
    struct box box;
    write_product(fixture, "\"12.5\"");
    set(fixture, "publisher.credit.key=%s/keys/no-such.key", fixture->folder);
    play_to_file(fixture, 3);
    assert_true(was_heard(&fixture->heard,
                          "commerce/catalogue/dairy.json: products[0].price_fen: expected an integer"));
    assert_true(was_heard(&fixture->heard, "\"12.5\""));
    assert_true(was_heard(&fixture->heard, "commerce: no good version: it is left off air"));
    assert_true(was_heard(&fixture->heard, "no-such.key"));
    open_box(&box, fixture);
    watch_file(&box, fixture);
    check_role(&box, fixture, "community", 2);
    assert_int_equal(file_of(&box, "commerce", TRUST_MANIFEST_NAME).size, 0);
    assert_int_equal(file_of(&box, "credit", TRUST_MANIFEST_NAME).size, 0);
    close_box(&box);
}

/* A key whose certificate carries another role is no key for this one. */
static void test_wrong_role(void **state)
{
    struct fixture *fixture = *state;
    struct box box;
    set(fixture, "publisher.credit.key=%s/keys/commerce.key", fixture->folder);
    set(fixture, "publisher.credit.chain=%s/keys/commerce.pem", fixture->folder);
    play_to_file(fixture, 3);
    assert_true(was_heard(&fixture->heard, "credit: no good version"));
    open_box(&box, fixture);
    watch_file(&box, fixture);
    check_role(&box, fixture, "commerce", 4);
    assert_int_equal(file_of(&box, "credit", TRUST_MANIFEST_NAME).size, 0);
    close_box(&box);
}

struct running {
    struct fixture *fixture;
    struct playout *playout;
    bool good;
};

static void *run(void *context)
{
    struct running *running = context;
    struct error error = {0};
    running->good = playout_run(running->playout, &running->fixture->stop, &error);
    return NULL;
}

/* Receives until the commerce edition's sequence is above sequence, or, with a word, until the log said it.
 */
static bool receive_until(struct box *box, struct tuner *tuner, int64_t sequence, struct heard *heard,
                          const char *word)
{
    static uint8_t bytes[TUNER_READ_SIZE];
    int64_t end_us = clock_monotonic_us() + PATIENCE_US;
    unsigned trees = 0;
    while (clock_monotonic_us() < end_us) {
        struct pollfd poll_fd = {.fd = tuner_fd(tuner), .events = POLLIN};
        poll(&poll_fd, 1, 100);
        ssize_t size = tuner_read(tuner, bytes, sizeof(bytes));
        if (size > 0)
            ts_demux_push(box->demux, bytes, (size_t)size);
        if (word && was_heard(heard, word))
            return true;
        if (!word && box->trees != trees && sequence_of(box, "commerce") > sequence)
            return true;
        trees = box->trees;
    }
    return false;
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
    struct running running = {.fixture = fixture, .playout = open_playout(fixture, 0, &error)};
    if (!running.playout)
        fail_msg("%s", error.text);
    assert_int_equal(pthread_create(&thread, NULL, run, &running), 0);
    open_box(&box, fixture);
    bool first = receive_until(&box, tuner, 0, NULL, NULL);
    int64_t sequence = sequence_of(&box, "commerce");

    write_product(fixture, "-1");
    bool refused = receive_until(&box, tuner, 0, &fixture->heard,
                                 "commerce: refused; the last good version stays on air");
    int64_t sequence_after = sequence_of(&box, "commerce");

    write_product(fixture, "1100");
    bool changed = receive_until(&box, tuner, sequence, NULL, NULL);
    struct bytes catalogue = file_of(&box, "commerce", "catalogue/dairy.json");
    bool cheaper = catalogue.data && memmem(catalogue.data, catalogue.size, "1100", 4);

    char channel[sizeof(channel_json)];
    memcpy(channel, channel_json, sizeof(channel));
    memcpy(strstr(channel, "甲"), "丙", 3);
    write_text(fixture->content, "channel.json", channel);
    bool renamed = receive_until(&box, tuner, 0, &fixture->heard, "channel.json on air: tables of version 1");

    struct stat status;
    bool ready = stat(fixture->ready, &status) == 0;
    atomic_store(&fixture->stop, true);
    pthread_join(thread, NULL);
    playout_destroy(running.playout);
    close_box(&box);
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
    struct playout *playout = open_playout(fixture, 0.3, &error);
    if (!playout)
        fail_msg("%s", error.text);
    assert_true(playout_run(playout, &fixture->stop, &error));
    playout_destroy(playout);
    open_box(&box, fixture);
    for (ssize_t size; (size = tuner_read(tuner, bytes, sizeof(bytes))) > 0;)
        ts_demux_push(box.demux, bytes, (size_t)size);
    struct ts_demux_counts counts;
    ts_demux_counts(box.demux, &counts);
    assert_int_equal(counts.packets, (300000 * 3 / 8 + 1315) / 1316 * 7);
    assert_int_equal(counts.continuity_errors, 0);
    close_box(&box);
    tuner_close(tuner);
}

static void expect_failure(struct fixture *fixture, const char *word)
{
    struct error error = {0};
    assert_null(open_playout(fixture, 1, &error));
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
    write_clip(fixture, &(struct clip_stream){.pictures = 50, .picture_size = 20000});
    expect_failure(fixture, "do not fit");
    set(fixture, "live.clip=/no/such/clip.ts");
    expect_failure(fixture, "/no/such/clip.ts");
    set(fixture, "live.clip=");
    write_text(fixture->content, "channel.json", "{}");
    expect_failure(fixture, "channel.json");
    assert_true(was_heard(&fixture->heard, "service"));
}

static void test_check(void **state)
{
    struct fixture *fixture = *state;
    assert_true(desk_check(fixture->content));
    write_text(fixture->content, "community/pages/clinic.json", "{\"id\": 7}");
    assert_false(desk_check(fixture->content));
    assert_true(was_heard(&fixture->heard, "community/pages/clinic.json: id: expected"));
    write_text(fixture->content, "community/pages/clinic.json", page_json);
    assert_true(desk_check(fixture->content));
    write_text(fixture->content, "clip.ts", "no transport stream");
    assert_false(desk_check(fixture->content));
    assert_true(was_heard(&fixture->heard, "clip.ts: expected a transport stream"));
    assert_false(desk_check("/no/such/folder"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_restart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lost_state, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused_at_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_role, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_change_on_air, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_udp_duration, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cannot_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_check, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
