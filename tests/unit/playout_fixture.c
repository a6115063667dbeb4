/* SPDX-License-Identifier: Apache-2.0 */
#include "playout_fixture.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_US INT64_C(60000000)

const char fixture_channel_json[1024] =
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
const char fixture_page_json[256] =
    "{\"id\": \"clinic\", \"section\": \"health\", \"title\": {\"zh\": "
    "\"门诊\"}, \"summary\": {\"zh\": \"时间\"},"
    " \"updated\": \"2026-11-01\", \"body\": [{\"text\": {\"zh\": \"周一\"}}]}";

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

bool was_heard(struct heard *heard, const char *word)
{
    pthread_mutex_lock(&heard->mutex);
    bool found = strstr(heard->text, word) != NULL;
    pthread_mutex_unlock(&heard->mutex);
    return found;
}

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

void fixture_write(const char *folder, const char *name, const char *text)
{
    write_bytes(folder, name, text, strlen(text));
}

void fixture_write_product(const struct fixture *fixture, const char *price)
{
    char text[1024];
    snprintf(text, sizeof(text), product_format, price);
    fixture_write(fixture->content, "commerce/catalogue/dairy.json", text);
}

void fixture_write_clip(const struct fixture *fixture, const struct clip_stream *options)
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
    fixture_write(fixture->content, "channel.json", fixture_channel_json);
    fixture_write(fixture->content, "commerce/categories.json", categories_json);
    fixture_write(fixture->content, "commerce/merchants.json", merchants_json);
    fixture_write_product(fixture, "1200");
    write_bytes(fixture->content, "commerce/pictures/yogurt.jpg", picture, sizeof(picture));
    fixture_write(fixture->content, "credit/reputable.json", credit_json);
    fixture_write(fixture->content, "community/directory.json", directory_json);
    fixture_write(fixture->content, "community/pages/clinic.json", fixture_page_json);
    fixture_write_clip(fixture, &(struct clip_stream){.pictures = 50, .frames = 90, .first_dts = 100000});
}

void fixture_set(struct fixture *fixture, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    assert_true(config_override(fixture->config, text, NULL));
}

int fixture_set_up(void **state)
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
        fixture_set(fixture, "publisher.%s.key=%s/keys/%s.key", roles[i], fixture->folder, roles[i]);
        fixture_set(fixture, "publisher.%s.chain=%s/keys/%s.pem", roles[i], fixture->folder, roles[i]);
    }
    write_content(fixture);
    pthread_mutex_init(&fixture->heard.mutex, NULL);
    log_set_sink(hear, &fixture->heard);
    return 0;
}

int fixture_tear_down(void **state)
{
    struct fixture *fixture = *state;
    log_set_sink(NULL, NULL);
    pthread_mutex_destroy(&fixture->heard.mutex);
    config_destroy(fixture->config);
    bool removed = file_remove_tree(fixture->folder, NULL);
    free(fixture);
    return removed ? 0 : -1;
}

struct playout *fixture_playout(struct fixture *fixture, double duration_s, struct error *error)
{
    const struct playout_options options = {.folder = fixture->content,
                                            .output = fixture->output,
                                            .state = fixture->state,
                                            .ready_file = fixture->ready,
                                            .control = fixture->control[0] ? fixture->control : NULL,
                                            .duration_s = duration_s,
                                            .config = fixture->config};
    return playout_create(&options, error);
}

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

void box_open(struct box *box, const struct fixture *fixture)
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

void box_close(struct box *box)
{
    dsmcc_tree_unref(box->tree);
    dsmcc_receiver_destroy(box->receiver);
    si_watcher_destroy(box->watcher);
    ts_demux_destroy(box->demux);
    trust_verifier_destroy(box->verifier);
}

struct bytes box_file(const struct box *box, const char *role, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", role, name);
    const struct dsmcc_entry *entry = box->tree ? dsmcc_tree_find(box->tree, path) : NULL;
    return entry ? entry->data : (struct bytes){0};
}

struct trust_manifest *box_verify(struct box *box, const char *role, struct error *error)
{
    struct trust_manifest *manifest = NULL;
    trust_verify(box->verifier, role, box_file(box, role, TRUST_MANIFEST_NAME),
                 box_file(box, role, TRUST_SIGNATURE_NAME), box_file(box, role, TRUST_CHAIN_NAME),
                 clock_utc_s(), NULL, &manifest, error);
    return manifest;
}

int64_t box_sequence(struct box *box, const char *role)
{
    struct trust_manifest *manifest = box_verify(box, role, NULL);
    int64_t sequence = manifest ? manifest->sequence : 0;
    trust_manifest_destroy(manifest);
    return sequence;
}

void *running_thread(void *context)
{
    struct running *running = context;
    struct error error = {0};
    running->good = playout_run(running->playout, &running->fixture->stop, &error);
    return NULL;
}

void box_receive(struct box *box, struct tuner *tuner)
{
    static uint8_t bytes[TUNER_READ_SIZE];
    struct pollfd poll_fd = {.fd = tuner_fd(tuner), .events = POLLIN};
    poll(&poll_fd, 1, 100);
    ssize_t size = tuner_read(tuner, bytes, sizeof(bytes));
    if (size > 0)
        ts_demux_push(box->demux, bytes, (size_t)size);
}

bool box_receive_until(struct box *box, struct tuner *tuner, int64_t sequence, struct heard *heard,
                       const char *word)
{
    int64_t end_us = clock_monotonic_us() + PATIENCE_US;
    unsigned trees = 0;
    while (clock_monotonic_us() < end_us) {
        box_receive(box, tuner);
        if (word && was_heard(heard, word))
            return true;
        if (!word && box->trees != trees && box_sequence(box, "commerce") > sequence)
            return true;
        trees = box->trees;
    }
    return false;
}
