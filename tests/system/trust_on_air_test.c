/* SPDX-License-Identifier: Apache-2.0 */
/* From a publisher's folder over a carousel into the box's store: what is not signed by the right publisher,
 * or is older than what was accepted, or was damaged on the way, does not exist for the box, and the log says
 * so once. */
#include "../unit/si_test_stream.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "dsmcc/builder.h"
#include "dsmcc/receiver.h"
#include "reception/intake.h"
#include "reception/reception.h"
#include "si/pat.h"
#include "si/pmt.h"
#include "si/tdt.h"
#include "store/query.h"
#include "trust/sign.h"
#include "ts/section.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY 86400
#define CAROUSEL_PID 0x300

static const char categories_json[] =
    "{\"categories\":[{\"id\":\"dairy\",\"name\":{\"zh\":\"奶制品\"},\"order\":1}]}";
static const char merchants_json[] = "{\"merchants\":[{\"id\":\"lake\",\"name\":{\"zh\":"
                                     "\"湖畔合作社（虚构）\"},\"uscc\":\"91630104MA7500012R\","
                                     "\"area\":\"630104\",\"phone\":\"0970-5550001\"}]}";
static const char catalogue_json[] =
    "{\"category\":\"dairy\",\"products\":[{\"id\":\"yogurt\",\"merchant\":\"lake\",\"name\":{\"zh\":"
    "\"牦牛酸奶\"},"
    "\"unit\":{\"zh\":\"500 "
    "克\"},\"summary\":{\"zh\":\"浓\"},\"description\":{\"zh\":\"很浓\"},\"origin\":{\"zh\":\"刚察\"},"
    "\"price_fen\":1800,\"stock\":10,\"pictures\":[\"pictures/yogurt.jpg\"]}]}";

static char folder[] = "/tmp/kokonor-air-XXXXXX";
static char picture[30000]; /* noise: it stays several packets and blocks long */

struct keys {
    struct buffer root, key, chain;
};
static struct keys commerce, credit, stranger;
static int64_t now; /* when the certificates were made; stands still */

static uint32_t random_state = 1;

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

static void load(struct buffer *buffer, const char *where, const char *name)
{
    char path[256];
    struct error error;
    snprintf(path, sizeof(path), "%s/%s/%s", folder, where, name);
    buffer_init(buffer, 65536);
    if (!file_read(path, buffer, &error))
        fail_msg("%s", error.text);
}

static void load_keys(struct keys *keys, const char *where, const char *role)
{
    char name[32];
    load(&keys->root, where, "root.pem");
    snprintf(name, sizeof(name), "%s.key", role);
    load(&keys->key, where, name);
    snprintf(name, sizeof(name), "%s.pem", role);
    load(&keys->chain, where, name);
}

static int make_operators(void **state)
{
    (void)state;
    char command[512];
    if (!mkdtemp(folder))
        return -1;
    snprintf(command, sizeof(command),
             "%s/toolchain/certificates %s/ours && %s/toolchain/certificates %s/others", SOURCE_DIR, folder,
             SOURCE_DIR, folder);
    if (system(command))
        return -1;
    now = clock_utc_s();
    load_keys(&commerce, "ours", "commerce");
    load_keys(&credit, "ours", "credit");
    load_keys(&stranger, "others", "commerce");
    for (size_t i = 0; i < sizeof(picture); i++)
        picture[i] = (char)next_random();
    return 0;
}

static int remove_operators(void **state)
{
    (void)state;
    struct keys *all[] = {&commerce, &credit, &stranger};
    for (size_t i = 0; i < 3; i++) {
        buffer_finish(&all[i]->root);
        buffer_finish(&all[i]->key);
        buffer_finish(&all[i]->chain);
    }
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

/* What is put on air; a member that is zero means the proper thing. */
struct publication {
    int64_t sequence; /* 1 */
    int64_t valid_from, valid_until;
    const struct keys *signer; /* commerce */
    const char *role;          /* in the manifest */
    bool no_signature, no_chain, other_catalogue, no_picture;
};

struct air {
    struct ts_demux *demux;
    struct dsmcc_receiver *receiver;
    struct dsmcc_builder *builder;
    struct ts_sectioner sectioner;
    struct dsmcc_tree *tree;
};

static void on_tree(void *context, struct dsmcc_tree *tree)
{
    struct air *air = context;
    dsmcc_tree_unref(air->tree);
    air->tree = dsmcc_tree_ref(tree);
}

static void air_start(struct air *air)
{
    *air = (struct air){.demux = ts_demux_create(), .builder = dsmcc_builder_create(NULL)};
    const struct dsmcc_receiver_events events = {.context = air, .tree = on_tree};
    air->receiver = dsmcc_receiver_create(air->demux, CAROUSEL_PID, NULL, 0, NULL, &events);
    ts_sectioner_init(&air->sectioner, CAROUSEL_PID);
}

static void air_stop(struct air *air)
{
    dsmcc_tree_unref(air->tree);
    dsmcc_receiver_destroy(air->receiver);
    dsmcc_builder_destroy(air->builder);
    ts_demux_destroy(air->demux);
}

static void put_on_air(struct air *air, const struct publication *what)
{
    struct error error;
    struct buffer manifest, signature;
    const struct keys *signer = what->signer ? what->signer : &commerce;
    const struct trust_source named[] = {
        {"catalogue/dairy.json", {(const uint8_t *)catalogue_json, strlen(catalogue_json)}},
        {"categories.json", {(const uint8_t *)categories_json, strlen(categories_json)}},
        {"merchants.json", {(const uint8_t *)merchants_json, strlen(merchants_json)}},
        {"pictures/yogurt.jpg", {(const uint8_t *)picture, sizeof(picture)}},
    };
    buffer_init(&manifest, TRUST_MANIFEST_SIZE_MAXIMUM);
    buffer_init(&signature, 1024);
    if (!trust_manifest_build(what->role ? what->role : "commerce", what->sequence ? what->sequence : 1,
                              what->valid_from ? what->valid_from : now - DAY,
                              what->valid_until ? what->valid_until : now + DAY, NULL, 0, named, 4, &manifest,
                              &error) ||
        !trust_sign(buffer_view(&signer->key), buffer_view(&manifest), &signature, &error))
        fail_msg("%s", error.text);

    struct dsmcc_source files[8];
    size_t count = 0;
    files[count++] =
        (struct dsmcc_source){.path = "commerce/manifest.json", .data = manifest.data, .size = manifest.size};
    if (!what->no_signature)
        files[count++] = (struct dsmcc_source){
            .path = "commerce/manifest.sig", .data = signature.data, .size = signature.size};
    if (!what->no_chain)
        files[count++] = (struct dsmcc_source){
            .path = "commerce/chain.pem", .data = signer->chain.data, .size = signer->chain.size};
    const char *catalogue =
        what->other_catalogue ? "{\"category\":\"dairy\",\"products\":[]}" : catalogue_json;
    files[count++] = (struct dsmcc_source){
        .path = "commerce/catalogue/dairy.json", .data = catalogue, .size = strlen(catalogue)};
    files[count++] = (struct dsmcc_source){
        .path = "commerce/categories.json", .data = categories_json, .size = strlen(categories_json)};
    files[count++] = (struct dsmcc_source){
        .path = "commerce/merchants.json", .data = merchants_json, .size = strlen(merchants_json)};
    if (!what->no_picture)
        files[count++] = (struct dsmcc_source){
            .path = "commerce/pictures/yogurt.jpg", .data = picture, .size = sizeof(picture)};
    if (!dsmcc_builder_set_tree(air->builder, files, count, &error))
        fail_msg("%s", error.text);
    buffer_finish(&manifest);
    buffer_finish(&signature);
}

/* Sends packets until a tree newer than the present one is complete, or as many as said. */
static bool receive_tree(struct air *air, size_t packets)
{
    const struct dsmcc_tree *before = air->tree;
    for (size_t i = 0; i < packets && air->tree == before; i++) {
        uint8_t packet[TS_PACKET_SIZE];
        assert_true(ts_sectioner_packet(&air->sectioner, packet, dsmcc_builder_next_section, air->builder));
        ts_demux_push(air->demux, packet, sizeof(packet));
    }
    return air->tree != before;
}

/* ---- the box's side ---- */

struct side {
    struct store *store;
    struct store_reader *reader;
    struct settings *settings;
    struct intake *intake;
    char path[256], household[256];
};

static int warnings;
static char last_warning[1024];

static void count_warnings(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)module;
    if (level <= LOG_LEVEL_WARNING) {
        warnings++;
        snprintf(last_warning, sizeof(last_warning), "%s", text);
    }
}

static void side_run(struct side *side)
{
    struct error error = {""};
    side->store = store_open(side->path, &error);
    side->reader = side->store ? store_reader_create(side->store, &error) : NULL;
    side->settings = settings_open(side->household, &error);
    side->intake = side->reader && side->settings
                       ? intake_create(buffer_view(&commerce.root), side->store, side->settings, &error)
                       : NULL;
    if (!side->intake)
        fail_msg("%s", error.text);
}

static void side_end(struct side *side)
{
    intake_destroy(side->intake);
    settings_close(side->settings);
    store_reader_destroy(side->reader);
    store_close(side->store);
}

static void side_start(struct side *side, const char *name)
{
    snprintf(side->path, sizeof(side->path), "%s/%s.db", folder, name);
    snprintf(side->household, sizeof(side->household), "%s/%s-household.db", folder, name);
    side_run(side);
    warnings = 0;
    log_set_sink(count_warnings, NULL);
}

static void side_stop(struct side *side)
{
    log_set_sink(NULL, NULL);
    side_end(side);
}

static void side_restart(struct side *side)
{
    side_end(side);
    side_run(side);
}

/* content.db and its journal disappear while the box is off. */
static void side_lose_content(struct side *side)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    side_end(side);
    for (size_t i = 0; i < 3; i++) {
        char path[300];
        snprintf(path, sizeof(path), "%s%s", side->path, ends[i]);
        if (remove(path) != 0 && i == 0)
            fail_msg("%s is not there", path);
    }
    side_run(side);
}

static size_t products_shown(struct side *side)
{
    const struct store_scope scope = {.area = "", .utc_s = now};
    struct store_products products =
        store_products(side->reader, &scope, NULL, false, (struct store_slice){0});
    size_t count = products.count;
    store_products_destroy(&products);
    return count;
}

static void assert_picture_is_right(struct side *side)
{
    struct buffer bytes;
    buffer_init(&bytes, sizeof(picture) + 1);
    assert_true(store_picture(side->reader, CONTENT_COMMERCE, "pictures/yogurt.jpg", &bytes));
    assert_int_equal(bytes.size, sizeof(picture));
    assert_memory_equal(bytes.data, picture, sizeof(picture));
    buffer_finish(&bytes);
}

static void signed_content_is_shown(void **state)
{
    (void)state;
    struct air air;
    struct side side;
    air_start(&air);
    side_start(&side, "good");
    put_on_air(&air, &(struct publication){0});
    assert_true(receive_tree(&air, 5000));
    assert_true(intake_tree(side.intake, air.tree, now));
    assert_int_equal(products_shown(&side), 1);
    assert_picture_is_right(&side);
    assert_false(intake_tree(side.intake, air.tree, now)); /* the same again changes nothing */
    assert_int_equal(warnings, 0);
    side_stop(&side);
    air_stop(&air);
}

static void refused_content_is_not_shown(void **state)
{
    (void)state;
    const struct {
        const char *name;
        struct publication publication;
        int64_t clock;
        enum trust_result result;
    } cases[] = {
        {"unsigned", {.no_signature = true}, now, TRUST_REFUSED_UNSIGNED},
        {"no chain", {.no_chain = true}, now, TRUST_REFUSED_UNSIGNED},
        {"another operator", {.signer = &stranger}, now, TRUST_REFUSED_CERTIFICATE},
        {"another role's publisher", {.signer = &credit}, now, TRUST_REFUSED_ROLE},
        {"another role's manifest", {.role = "credit"}, now, TRUST_REFUSED_ROLE},
        {"not yet valid", {.valid_from = now + 10}, now, TRUST_REFUSED_EARLY},
        {"no longer valid", {.valid_until = now - 10}, now, TRUST_REFUSED_LATE},
        {"no clock", {0}, 0, TRUST_REFUSED_CLOCK},
        {"a document changed after signing", {.other_catalogue = true}, now, TRUST_FAILED},
        {"a file is missing", {.no_picture = true}, now, TRUST_FAILED},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct air air;
        struct side side;
        char name[32];
        snprintf(name, sizeof(name), "refused-%zu", i);
        air_start(&air);
        side_start(&side, name);
        put_on_air(&air, &cases[i].publication);
        assert_true(receive_tree(&air, 5000));
        for (int again = 0; again < 3; again++)
            assert_false(intake_tree(side.intake, air.tree, cases[i].clock));
        struct intake_role role;
        intake_role(side.intake, CONTENT_COMMERCE, &role);
        if (role.result != cases[i].result || warnings != 1 || products_shown(&side) != 0 || !role.reason[0])
            fail_msg("%s: result \"%s\", %d warnings, %zu products", cases[i].name,
                     trust_result_str(role.result), warnings, products_shown(&side));
        struct buffer bytes;
        buffer_init(&bytes, sizeof(picture));
        assert_false(store_picture(side.reader, CONTENT_COMMERCE, "pictures/yogurt.jpg", &bytes));
        buffer_finish(&bytes);
        side_stop(&side);
        air_stop(&air);
    }
}

static void a_wrong_signature_is_refused(void **state)
{
    (void)state;
    struct air air;
    struct side side;
    air_start(&air);
    side_start(&side, "wrong-signature");
    /* our chain, but the stranger's signature: right certificate, wrong key */
    struct keys mixed = {.root = commerce.root, .key = stranger.key, .chain = commerce.chain};
    put_on_air(&air, &(struct publication){.signer = &mixed});
    assert_true(receive_tree(&air, 5000));
    assert_false(intake_tree(side.intake, air.tree, now));
    struct intake_role role;
    intake_role(side.intake, CONTENT_COMMERCE, &role);
    assert_int_equal(role.result, TRUST_REFUSED_SIGNATURE);
    assert_int_equal(warnings, 1);
    assert_int_equal(products_shown(&side), 0);
    side_stop(&side);
    air_stop(&air);
}

static void an_older_manifest_changes_nothing_also_after_a_restart(void **state)
{
    (void)state;
    struct air air;
    struct side side;
    air_start(&air);
    side_start(&side, "older");
    put_on_air(&air, &(struct publication){.sequence = 7});
    assert_true(receive_tree(&air, 5000));
    assert_true(intake_tree(side.intake, air.tree, now));

    side_restart(&side);
    put_on_air(&air, &(struct publication){.sequence = 6});
    assert_true(receive_tree(&air, 5000));
    assert_false(intake_tree(side.intake, air.tree, now));
    struct intake_role role;
    intake_role(side.intake, CONTENT_COMMERCE, &role);
    assert_int_equal(role.result, TRUST_REFUSED_OLDER);
    assert_int_equal(role.sequence, 7);
    assert_int_equal(warnings, 1);
    assert_int_equal(products_shown(&side), 1);
    put_on_air(&air,
               &(struct publication){.sequence = 7, .valid_until = now + 2 * DAY}); /* 7 again, other bytes */
    assert_true(receive_tree(&air, 5000));
    assert_false(intake_tree(side.intake, air.tree, now));
    assert_int_equal(warnings, 2);
    side_stop(&side);
    air_stop(&air);
}

/* Puts a manifest with the sequence on air and lets the box take it. */
static enum trust_result offer(struct air *air, struct side *side, int64_t sequence, int64_t valid_until)
{
    struct intake_role role;
    put_on_air(air, &(struct publication){.sequence = sequence, .valid_until = valid_until});
    assert_true(receive_tree(air, 5000));
    intake_tree(side->intake, air->tree, now);
    intake_role(side->intake, CONTENT_COMMERCE, &role);
    return role.result;
}

static void an_older_manifest_stays_refused_when_the_content_is_lost(void **state)
{
    (void)state;
    struct air air;
    struct side side;
    struct intake_role role;
    air_start(&air);
    side_start(&side, "lost");
    assert_int_equal(offer(&air, &side, 7, now + DAY), TRUST_ACCEPTED);

    side_lose_content(&side);
    assert_int_equal(products_shown(&side), 0);
    assert_int_equal(offer(&air, &side, 6, now + DAY), TRUST_REFUSED_OLDER);
    assert_int_equal(offer(&air, &side, 7, now + 2 * DAY), TRUST_REFUSED_REUSED); /* 7, but not that 7 */
    intake_role(side.intake, CONTENT_COMMERCE, &role);
    assert_int_equal(role.sequence, 0); /* of what stands in the store */
    assert_int_equal(products_shown(&side), 0);
    assert_int_equal(warnings, 2);
    assert_int_equal(offer(&air, &side, 7, now + DAY), TRUST_ACCEPTED); /* the very same fills it again */
    assert_int_equal(products_shown(&side), 1);
    assert_picture_is_right(&side);
    assert_false(intake_tree(side.intake, air.tree, now));

    side_lose_content(&side);
    assert_int_equal(offer(&air, &side, 8, now + DAY), TRUST_ACCEPTED); /* so does a newer one */
    assert_int_equal(products_shown(&side), 1);
    side_lose_content(&side);
    assert_int_equal(offer(&air, &side, 7, now + DAY), TRUST_REFUSED_OLDER);
    assert_int_equal(warnings, 3);
    side_stop(&side);
    air_stop(&air);
}

/* The power went between the store's commit and the settings', or the settings were replaced. */
static void the_settings_catch_up_with_the_store(void **state)
{
    (void)state;
    struct air air;
    struct side side;
    struct error error;
    air_start(&air);
    side_start(&side, "catch-up");
    assert_int_equal(offer(&air, &side, 7, now + DAY), TRUST_ACCEPTED);
    assert_true(settings_set(side.settings, "trust.accepted.commerce", NULL, &error));
    side_restart(&side);
    side_lose_content(&side);
    assert_int_equal(offer(&air, &side, 6, now + DAY), TRUST_REFUSED_OLDER);

    warnings = 0; /* a value that says nothing is told, and outlived by what the store knows */
    assert_int_equal(offer(&air, &side, 7, now + DAY), TRUST_ACCEPTED);
    assert_true(settings_set(side.settings, "trust.accepted.commerce", "7 0123", &error));
    side_restart(&side);
    assert_int_equal(warnings, 1);
    side_lose_content(&side);
    assert_int_equal(offer(&air, &side, 6, now + DAY), TRUST_REFUSED_OLDER);
    side_stop(&side);
    air_stop(&air);
}

static void a_flood_of_refusals_does_not_flood_the_log(void **state)
{
    (void)state;
    struct air air;
    struct side side;
    struct intake_role role;
    air_start(&air);
    side_start(&side, "flood");
    for (int i = 1; i <= 60; i++)
        assert_int_equal(offer(&air, &side, i, now - 1 - i), TRUST_REFUSED_LATE);
    intake_role(side.intake, CONTENT_COMMERCE, &role);
    assert_int_equal(role.refused_count, 60);
    assert_int_equal(warnings, 20);
    assert_true(intake_wants_again(side.intake)); /* the clock may have been wrong */
    assert_int_equal(offer(&air, &side, 100, now + DAY), TRUST_ACCEPTED);
    assert_false(intake_wants_again(side.intake));
    assert_int_equal(offer(&air, &side, 99, now + DAY), TRUST_REFUSED_OLDER);
    assert_int_equal(warnings, 21); /* told again */
    assert_false(intake_wants_again(side.intake));
    side_stop(&side);
    air_stop(&air);
}

/* ---- by the reception thread, over UDP ---- */

/* PAT and PMT of a service that is the carousel, and the time. */
static void add_tables(struct test_stream *tables, int64_t utc_s)
{
    struct si_sections sections;
    si_sections_init(&sections);
    struct si_pat pat = {.transport_stream_id = 1, .nit_pid = SI_PID_NIT, .program_count = 1};
    pat.programs[0] = (struct si_pat_program){1, 0x100};
    assert_true(si_build_pat(&sections, &pat, 0));
    test_stream_add(tables, SI_PID_PAT, &sections);
    struct si_pmt *pmt = calloc(1, sizeof(*pmt));
    assert_non_null(pmt);
    pmt->program_number = 1;
    pmt->pcr_pid = SI_PID_NONE;
    pmt->component_count = 1;
    si_component_init(&pmt->components[0], CAROUSEL_PID, SI_STREAM_TYPE_DSMCC_UN);
    si_sections_clear(&sections);
    assert_true(si_build_pmt(&sections, pmt, 0));
    test_stream_add(tables, 0x100, &sections);
    free(pmt);
    si_sections_clear(&sections);
    assert_true(si_build_tdt(&sections, utc_s));
    test_stream_add(tables, SI_PID_TDT, &sections);
    si_sections_finish(&sections);
}

static int connect_to(const struct reception *reception)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(reception_port(reception)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

/* Sends tables with the time and some of the carousel again and again, until the role is seen with the
 * result. */
static void broadcast_until(struct air *air, struct reception *reception, int64_t utc_s,
                            enum trust_result wanted)
{
    struct test_stream *tables = test_stream_create(SI_CHARSET_GB18030);
    int fd = connect_to(reception);
    int64_t until = clock_monotonic_us() + 30 * INT64_C(1000000);
    bool done = false;
    while (!done) {
        if (clock_monotonic_us() > until)
            fail_msg("the manifest was not %s", trust_result_str(wanted));
        add_tables(tables, utc_s);
        for (size_t at = 0; at < tables->packets.size; at += TS_PACKET_SIZE)
            assert_int_equal(send(fd, tables->packets.data + at, TS_PACKET_SIZE, 0), TS_PACKET_SIZE);
        buffer_clear(&tables->packets);
        for (int i = 0; i < 50; i++) {
            uint8_t packet[TS_PACKET_SIZE];
            assert_true(
                ts_sectioner_packet(&air->sectioner, packet, dsmcc_builder_next_section, air->builder));
            assert_int_equal(send(fd, packet, sizeof(packet), 0), sizeof(packet));
        }
        clock_sleep_us(5000);
        struct reception_news *news = reception_take_news(reception);
        done = news && news->roles[CONTENT_COMMERCE].seen && news->roles[CONTENT_COMMERCE].result == wanted;
        reception_news_destroy(news);
    }
    close(fd);
    test_stream_destroy(tables);
}

/* A box that was told a wrong time refuses, and accepts the same carousel once the time is right. */
static void a_wrong_clock_put_right_brings_the_content(void **state)
{
    (void)state;
    struct air air;
    struct side side;
    struct error error = {""};
    air_start(&air);
    side_start(&side, "clock");
    put_on_air(&air, &(struct publication){0});
    const struct reception_options options = {.tuner_url = "udp://127.0.0.1:0",
                                              .operator_root = buffer_view(&commerce.root),
                                              .store = side.store,
                                              .settings = side.settings};
    struct reception *reception = reception_create(&options, &error);
    if (!reception)
        fail_msg("%s", error.text);
    broadcast_until(&air, reception, now - 3 * DAY, TRUST_REFUSED_CERTIFICATE_TIME);
    broadcast_until(&air, reception, now, TRUST_ACCEPTED);
    reception_destroy(reception);
    assert_int_equal(products_shown(&side), 1);
    assert_picture_is_right(&side);
    assert_int_equal(warnings, 1);
    side_stop(&side);
    air_stop(&air);
}

/* One packet onto a bad cable: lost, doubled, out of step, or with some bits turned over. */
static void send_over_bad_cable(struct air *air, unsigned badness)
{
    uint8_t packet[TS_PACKET_SIZE];
    assert_true(ts_sectioner_packet(&air->sectioner, packet, dsmcc_builder_next_section, air->builder));
    uint32_t luck = next_random() % 1000;
    if (luck < badness)
        return;
    if (luck < 2 * badness)
        ts_demux_push(air->demux, packet, sizeof(packet));
    if (luck >= 2 * badness && luck < 4 * badness)
        for (uint32_t flips = 1 + next_random() % 4; flips; flips--)
            packet[next_random() % sizeof(packet)] ^= (uint8_t)(1u << next_random() % 8);
    ts_demux_push(air->demux, packet,
                  luck >= 4 * badness && luck < 5 * badness ? next_random() % sizeof(packet)
                                                            : sizeof(packet));
}

static void a_bad_cable_brings_the_right_files_or_none(void **state)
{
    (void)state;
    size_t completed = 0;
    for (unsigned badness = 0; badness <= 40; badness += 8) {
        struct air air;
        struct side side;
        char name[32];
        snprintf(name, sizeof(name), "cable-%u", badness);
        air_start(&air);
        side_start(&side, name);
        put_on_air(&air, &(struct publication){0});
        for (int i = 0; i < 8000; i++)
            send_over_bad_cable(&air, badness);
        if (air.tree) {
            completed++;
            assert_true(intake_tree(side.intake, air.tree, now));
            assert_int_equal(products_shown(&side), 1);
            assert_picture_is_right(&side);
        } else {
            assert_int_equal(products_shown(&side), 0);
        }
        assert_int_equal(warnings, 0);
        side_stop(&side);
        air_stop(&air);
    }
    assert_true(completed >= 3); /* else the test has tested nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_content_is_shown),
        cmocka_unit_test(refused_content_is_not_shown),
        cmocka_unit_test(a_wrong_signature_is_refused),
        cmocka_unit_test(an_older_manifest_changes_nothing_also_after_a_restart),
        cmocka_unit_test(an_older_manifest_stays_refused_when_the_content_is_lost),
        cmocka_unit_test(the_settings_catch_up_with_the_store),
        cmocka_unit_test(a_flood_of_refusals_does_not_flood_the_log),
        cmocka_unit_test(a_wrong_clock_put_right_brings_the_content),
        cmocka_unit_test(a_bad_cable_brings_the_right_files_or_none),
    };
    return cmocka_run_group_tests(tests, make_operators, remove_operators);
}
