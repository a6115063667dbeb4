/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "base/file.h"
#include "base/text.h"
#include "channel/channels.h"
#include "decoder/still.h"
#include "playout/key_maker.h"
#include "si/ait.h"
#include "store/database.h"
#include "trust/manifest.h"
#include "ui/inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1795428000) /* 2026-11-23T10:00:00Z, 18:00 in Qinghai */

struct fixture {
    char folder[64];
    uv_loop_t loop; /* of the order book alone */
    struct display *display;
    struct ui *ui;
    struct store *store;
    struct store_reader *reader;
    struct order_book *orders;
    struct shell *shell;
    bool with_content;
};

/* ---- content ---- */

/* As the playout would send it, search keys included. */
static void ingest_role(struct store *store, enum content_role role, struct key_maker *keys)
{
    struct error error = {""};
    const struct store_accepted accepted = {
        .sequence = 1, .valid_from = NOW - 86400, .valid_until = NOW + 86400, .accepted_at = NOW};
    struct content_set *set = content_set_load(DEMO_CONTENT, role, &error);
    bool good = set && set->count > 0 && store_ingest_begin(store, role, &accepted, &error);
    if (good)
        key_maker_fill(keys, set);
    for (size_t i = 0; good && i < set->count; i++) {
        const struct content_file *file = &set->files[i];
        uint8_t digest[TRUST_SHA256_SIZE];
        good = trust_sha256(file->bytes, digest) &&
               store_ingest_file(store, file->path, digest, file->bytes, &error);
    }
    if (!good || !store_ingest_commit(store, &error))
        fail_msg("%s/%s: %s", DEMO_CONTENT, content_role_str(role), error.text);
    content_set_destroy(set);
}

static void ingest_demo(struct store *store)
{
    struct error error = {""};
    struct key_maker *keys = key_maker_create(&error);
    if (!keys)
        fail_msg("%s", error.text);
    for (int role = 0; role < CONTENT_ROLES; role++)
        ingest_role(store, role, keys);
    key_maker_destroy(keys);
}

/* ---- orders ---- */

static const char orders_sql[] =
    "INSERT INTO orders (key, number, state, reason, created_s, true_s, total_fen, payment, delivery_name, "
    "delivery_phone, "
    "delivery_address) VALUES"
    " ('00000000-0000-4000-8000-000000000001', '2611-1000018', 'delivered', 'none', 1795000000, 1795300000, "
    "5600, 'cod', '', '', ''),"
    " ('00000000-0000-4000-8000-000000000002', '2611-2000023', 'accepted', 'none', 1795420000, 1795420002, "
    "12800, 'cod', '', '', ''),"
    " ('00000000-0000-4000-8000-000000000003', '', 'queued', 'none', 1795427000, 0, 3600, 'cod', '', '', '');"
    "INSERT INTO order_lines (key, line, product, name_zh, name_bo, name_en, unit_price_fen, quantity) VALUES"
    " ('00000000-0000-4000-8000-000000000001', 0, 'a', '青稞面', 'ནས་ཕྱེ།', 'Barley flour', 2800, 2),"
    " ('00000000-0000-4000-8000-000000000002', 0, 'b', '柴达木枸杞', 'ཚྭ་འདམ་འདྲེ་ཚེར་འབྲས་བུ།', 'Wolfberries', "
    "12800, 1),"
    " ('00000000-0000-4000-8000-000000000003', 0, 'c', '牦牛酸奶', 'འབྲི་ཞོ།', 'Yak yogurt', 1800, 2);"
    "INSERT INTO outbox (key, body) VALUES ('00000000-0000-4000-8000-000000000003', '{}');";

static void open_orders(struct fixture *fixture, bool with_content)
{
    char path[128];
    struct error error = {""};
    snprintf(path, sizeof(path), "%s/household.db", fixture->folder);
    const struct order_book_options options = {.database_path = path};
    fixture->orders = order_book_create(&fixture->loop, &options, &error);
    if (!fixture->orders)
        fail_msg("%s", error.text);
    if (!with_content)
        return;
    order_book_destroy(fixture->orders); /* the tables are there now */
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    if (sqlite3_exec(database, orders_sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(database));
    sqlite3_close(database);
    fixture->orders = order_book_create(&fixture->loop, &options, &error);
    if (!fixture->orders)
        fail_msg("%s", error.text);
}

/* ---- the rest ---- */

static void set_names(char names[CONTENT_LANGUAGES][SI_NAME_SIZE], const char *zh, const char *bo,
                      const char *en)
{
    text_copy(names[CONTENT_ZH], SI_NAME_SIZE, zh);
    text_copy(names[CONTENT_BO], SI_NAME_SIZE, bo);
    text_copy(names[CONTENT_EN], SI_NAME_SIZE, en);
}

static void set_event(struct reception_event *event, int64_t start_s, int32_t duration_s)
{
    event->exists = true;
    event->start_utc_s = start_s;
    event->duration_s = duration_s;
}

static struct reception_news *make_news(void)
{
    struct reception_news *news = calloc(1, sizeof(*news) + sizeof(news->services[0]));
    assert_non_null(news);
    news->signal = true;
    news->tuner = (struct source_state){.frequency_hz = 307000000,
                                        .has_status = true,
                                        .status = {.locked = true,
                                                   .has_strength_dbm = true,
                                                   .strength_mdbm = -43500,
                                                   .has_cnr_db = true,
                                                   .cnr_mdb = 34100,
                                                   .has_ber = true,
                                                   .ber = 2.5e-7,
                                                   .has_uncorrected = true}};
    news->counts.packets = 123456;
    news->has_carousel = true;
    news->modules = news->modules_complete = 42;
    for (int role = 0; role < CONTENT_ROLES; role++)
        news->roles[role] = (struct reception_role){.seen = true, .result = TRUST_ACCEPTED, .sequence = 1};
    news->service_count = 1;
    struct reception_service *service = &news->services[0];
    service->service_id = 101;
    service->number = 1;
    service->video = VIDEO_H264;
    service->sound = SOUND_AAC_ADTS;
    set_names(service->name, "青海湖 · 演示频道", "མཚོ་སྔོན་པོ · དཔེ་སྟོན།", "Kokonor demonstration");
    set_event(&service->present, NOW - 600, 1800);
    set_names(service->present.name, "高原新闻", "མཐོ་སྒང་གསར་འགྱུར།", "Highland news");
    set_event(&service->following, NOW + 1200, 2700);
    set_names(service->following.name, "牧区天地", "འབྲོག་སྡེའི་གནས་ཚུལ།", "On the pastures");
    return news;
}

/* Today's, as the guide would answer. */
static struct programmes *make_programmes(void)
{
    static const struct {
        int hour, minute, minutes, age;
        const char *zh, *bo, *text_zh, *text_bo;
    } day[] = {
        {16, 30, 60, 0, "青海湖的四季", "མཚོ་སྔོན་པོའི་དུས་བཞི", "跟着护湖员看湟鱼洄游。", "ཉ་དང་བྱ་ལ་ལྟ།"},
        {17, 50, 30, 0, "高原新闻", "མཐོ་སྒང་གསར་འགྱུར།", "今天的大事小情，说给您听。", "དེ་རིང་གི་གསར་འགྱུར།"},
        {18, 20, 45, 0, "牧区天地", "འབྲོག་སྡེའི་གནས་ཚུལ།",
         "兽医讲解冬季牛羊保膘与防疫要点。\n主讲：卓玛（虚构人物）", "ཕྱུགས་སྨན་པས་དགུན་ཁའི་རིམས་འགོག་འགྲེལ་བཤད་བྱེད།"},
        {19, 5, 90, 12, "纪录片：三江之源", "གཙང་པོ་གསུམ་གྱི་འབྱུང་ཁུངས", "长江、黄河、澜沧江从这里出发。",
         "འབྲི་ཆུ་དང་རྨ་ཆུ། རྫ་ཆུ་བཅས་འདི་ནས་འབབ།"},
        {20, 35, 30, 0, "健康一点通", "བདེ་ཐང་ཤེས་བྱ", "", ""},
    };
    const int64_t midnight = NOW - 18 * 3600;
    size_t count = sizeof(day) / sizeof(day[0]);
    struct programmes *programmes = calloc(1, sizeof(*programmes) + count * sizeof(programmes->items[0]));
    assert_non_null(programmes);
    programmes->wish = (struct programmes_wish){101, midnight, midnight + 86400};
    programmes->count = count;
    for (size_t i = 0; i < count; i++)
        programmes->items[i] = (struct programme){
            .event_id = (uint16_t)(i + 1),
            .start_utc_s = midnight + day[i].hour * 3600 + day[i].minute * 60,
            .duration_s = day[i].minutes * 60,
            .age = day[i].age,
            .name = {[CONTENT_ZH] = day[i].zh, [CONTENT_BO] = day[i].bo, [CONTENT_EN] = day[i].zh},
            .text = {
                [CONTENT_ZH] = day[i].text_zh, [CONTENT_BO] = day[i].text_bo, [CONTENT_EN] = day[i].text_zh}};
    return programmes;
}

static bool give_picture(void *context, const char *key, struct buffer *out)
{
    struct fixture *fixture = context;
    for (int role = 0; role < CONTENT_ROLES; role++) {
        const char *name = content_role_str(role);
        size_t length = strlen(name);
        if (!strncmp(key, name, length) && key[length] == '/')
            return store_picture(fixture->reader, role, key + length + 1, out);
    }
    return false;
}

static int64_t fixed_time(void *context)
{
    (void)context;
    return NOW;
}

struct fixture *fixture_create(const char *language, bool with_content)
{
    return fixture_create_playing(language, with_content, NULL);
}

struct fixture *fixture_create_playing(const char *language, bool with_content, struct player *player)
{
    struct error error = {""};
    char path[128];
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->with_content = with_content;
    strcpy(fixture->folder, "/tmp/kokonor-golden-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    uv_loop_init(&fixture->loop);
    snprintf(path, sizeof(path), "%s/content.db", fixture->folder);
    fixture->store = store_open(path, &error);
    fixture->reader = fixture->store ? store_reader_create(fixture->store, &error) : NULL;
    fixture->display = display_create(&(struct display_options){.presenter = "offscreen"}, &error);
    if (!fixture->reader || !fixture->display)
        fail_msg("%s", error.text);
    if (with_content)
        ingest_demo(fixture->store);
    open_orders(fixture, with_content);
    fixture->ui = ui_create(&(struct ui_options){.display = fixture->display,
                                                 .resources = RESOURCES,
                                                 .language = language,
                                                 .picture = give_picture,
                                                 .picture_context = fixture},
                            &error);
    if (!fixture->ui)
        fail_msg("%s", error.text);
    fixture->shell = shell_create(&(struct shell_options){.ui = fixture->ui,
                                                          .reader = fixture->reader,
                                                          .orders = fixture->orders,
                                                          .player = player,
                                                          .area = "632521",
                                                          .box_id = "QH-DEMO-0001",
                                                          .version = "1.0.0",
                                                          .channels = channels,
                                                          .utc = fixed_time});
    assert_non_null(fixture->shell);
    if (with_content) {
        shell_take_news(fixture->shell, make_news());
        shell_take_programmes(fixture->shell, make_programmes());
    }
    return fixture;
}

void fixture_destroy(struct fixture *fixture)
{
    shell_destroy(fixture->shell);
    ui_destroy(fixture->ui);
    display_destroy(fixture->display);
    order_book_destroy(fixture->orders);
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&fixture->loop), 0);
    store_reader_destroy(fixture->reader);
    store_close(fixture->store);
    assert_true(file_remove_tree(fixture->folder, NULL));
    free(fixture);
}

struct shell *fixture_shell(struct fixture *fixture)
{
    return fixture->shell;
}

struct display *fixture_display(struct fixture *fixture)
{
    return fixture->display;
}

static void add_name(struct search_state *state, bool radio, const char *zh, const char *bo, const char *en)
{
    struct search_name *name = &state->names[state->name_count++];
    set_names(name->text, zh, bo, en);
    name->radio = radio;
}

void fixture_scan(struct fixture *fixture, enum fixture_scan scan)
{
    bool running = scan == FIXTURE_SCAN_RUNNING;
    struct reception_news *news = make_news();
    struct search_state *state = &news->search;
    *state = (struct search_state){.phase = running ? SEARCH_RUNNING : SEARCH_DONE,
                                   .frequencies = 24,
                                   .finished = running ? 9 : 24,
                                   .frequency_hz = running ? 379000000 : 0};
    if (scan != FIXTURE_SCAN_NONE) {
        state->channels = running ? 38 : 112;
        add_name(state, false, "青海卫视", "མཚོ་སྔོན་བརྙན་འཕྲིན།", "Qinghai Television");
        add_name(state, false, "青海藏语卫视", "མཚོ་སྔོན་བོད་སྐད་བརྙན་འཕྲིན།", "Qinghai Tibetan Television");
        add_name(state, true, "高原之声", "མཐོ་སྒང་གི་སྒྲ་དབྱངས།", "Voice of the highland");
        add_name(state, false, "牧区频道", "འབྲོག་སྡེའི་གཏོང་ལམ།", "On the pastures");
        add_name(state, false, "少儿频道", "བྱིས་པའི་གཏོང་ལམ།", "For children");
    }
    shell_take_news(fixture->shell, news);
}

void fixture_press(struct fixture *fixture, enum key key)
{
    shell_key(fixture->shell, (struct key_event){.key = key});
}

void fixture_event(struct fixture *fixture, const char *payload)
{
    struct interaction_event event = {.service_id = 101, .event_id = 1, .size = strlen(payload)};
    text_copy(event.name, sizeof(event.name), PROGRAMME_PRODUCT_EVENT);
    memcpy(event.payload, payload, event.size);
    shell_take_event(fixture->shell, &event);
}

void fixture_applications(struct fixture *fixture, const char *letters)
{
    struct reception_news *news = make_news();
    news->interaction.service_id = 101;
    news->interaction.ait = INTERACTION_AIT_HERE;
    for (; *letters; letters++) {
        size_t index = strchr("scm", *letters | 0x20) - "scm";
        news->interaction.signalled[news->interaction.signalled_count++] = (struct interaction_application){
            .organisation_id = programme_applications[index].organisation_id,
            .application_id = programme_applications[index].application_id,
            .control_code = *letters & 0x20 ? SI_CONTROL_PRESENT : SI_CONTROL_AUTOSTART,
            .service_bound = true};
    }
    shell_take_news(fixture->shell, news);
}

void fixture_settle(struct fixture *fixture)
{
    uv_run(&fixture->loop, UV_RUN_DEFAULT);
}

/* Stands in for the player: a still, cut to each video node. */
static void show_video(struct node *node, const struct buffer *still)
{
    if (node->hidden)
        return;
    if (node->kind == NODE_VIDEO) {
        struct still frame;
        struct rect rect = node_rect(node);
        struct error error;
        if (!still_decode_fit(still->data, still->size, rect.w, rect.h, STILL_COVER, &frame, &error))
            fail_msg("%s", error.text);
        node_video_show(node, frame.pixels, frame.width, frame.height, frame.stride * (int)sizeof(uint32_t));
        still_finish(&frame);
    }
    for (size_t i = 0; i < node->count; i++)
        show_video(node->children[i], still);
}

void fixture_draw(struct fixture *fixture)
{
    if (fixture->with_content) {
        struct buffer still;
        buffer_init(&still, 1 << 20);
        assert_true(store_picture(fixture->reader, CONTENT_COMMUNITY, "pictures/vaccination.jpg", &still));
        show_video(scene_root(ui_scene(fixture->ui)), &still);
        buffer_finish(&still);
    }

    for (int i = 0; i < 100 && !ui_idle(fixture->ui); i++)
        ui_draw(fixture->ui);
    assert_true(ui_idle(fixture->ui));
}
