/* SPDX-License-Identifier: Apache-2.0 */
/* Watching television: the list of channels, menu and sounds over the picture, volume, what is said where
 * there is no picture, and what the keys do. A golden picture of each state in Chinese and in Tibetan. */
#include "base/text.h"
#include "fixture.h"
#include "golden.h"
#include "inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1795428000) /* as the fixture's */
#define STREAM_HERE 1
#define STREAM_ELSEWHERE 2

struct bench {
    struct fixture *fixture;
    struct shell *shell;
    struct player *player;
    int64_t now_us;
};

/* ---- what the air brings ---- */

struct channel_line {
    uint16_t service_id;
    const char *zh, *bo, *now_zh, *now_bo; /* now NULL: it lies elsewhere */
    bool radio, scrambled, favourite;
    uint8_t groups;
};

static const struct channel_line lines[] = {
    {101, "青海湖", "མཚོ་སྔོན་པོ།", "高原新闻", "མཐོ་སྒང་གསར་འགྱུར།", false, false, true, 0},
    {102, "青海卫视", "མཚོ་སྔོན་བརྙན་འཕྲིན།", "三江之源", "གཙང་པོ་གསུམ་གྱི་འབྱུང་ཁུངས", false, false, false, 1},
    {103, "青海藏语卫视", "མཚོ་སྔོན་བོད་སྐད་བརྙན་འཕྲིན།", "牧区天地", "འབྲོག་སྡེའི་གནས་ཚུལ།", false, false, true, 1},
    {104, "电影频道", "གློག་བརྙན་གཏོང་ལམ།", "草原之夜", "རྩྭ་ཐང་གི་མཚན་མོ", false, true, false, 0},
    {105, "高原之声", "མཐོ་སྒང་གི་སྒྲ་དབྱངས།", "弹唱一小时", "སྒྲ་སྙན་ཆུ་ཚོད་གཅིག", true, false, false, 1},
    {106, "少儿频道", "བྱིས་པའི་གཏོང་ལམ།", NULL, NULL, false, false, false, 0},
    {107, "农牧频道", "ཞིང་འབྲོག་གཏོང་ལམ།", NULL, NULL, false, true, false, 0},
};
#define LINES (sizeof(lines) / sizeof(lines[0]))

static void set_names(char names[CONTENT_LANGUAGES][SI_NAME_SIZE], const char *zh, const char *bo)
{
    text_copy(names[CONTENT_ZH], SI_NAME_SIZE, zh);
    text_copy(names[CONTENT_BO], SI_NAME_SIZE, bo);
    text_copy(names[CONTENT_EN], SI_NAME_SIZE, zh);
}

static void add_sounds(struct reception_service *service)
{
    service->sounds[0] = (struct service_sound){.pid = 1, .language = "chi", .kind = SOUND_AAC_ADTS};
    service->sounds[1] =
        (struct service_sound){.pid = 2, .language = "bod", .kind = SOUND_MPEG, .wanted = true};
    service->sounds[2] =
        (struct service_sound){.pid = 3, .language = "chi", .description = true, .kind = SOUND_MPEG};
    service->sounds[3] = (struct service_sound){.pid = 4, .kind = SOUND_MPEG};
    service->sound_count = 4;
}

/* favourites: these as in the lines, else none. */
static struct reception_news *make_news(bool favourites)
{
    struct reception_news *news = calloc(1, sizeof(*news) + LINES * sizeof(news->services[0]));
    assert_non_null(news);
    news->signal = true;
    news->group_count = 1;
    set_names(news->groups[0].name, "青海本地", "མཚོ་སྔོན་ས་གནས།");
    news->service_count = LINES;
    for (size_t i = 0; i < LINES; i++) {
        struct reception_service *service = &news->services[i];
        const struct channel_line *line = &lines[i];
        service->service_id = line->service_id;
        service->original_network_id = 9;
        service->transport_stream_id = line->now_zh ? STREAM_HERE : STREAM_ELSEWHERE;
        service->number = (uint16_t)(i + 1);
        service->elsewhere = !line->now_zh;
        service->radio = line->radio;
        service->scrambled = line->scrambled;
        service->favourite = favourites && line->favourite;
        service->groups = line->groups;
        service->video = line->now_zh && !line->radio ? VIDEO_H264 : VIDEO_NONE;
        service->sound = line->now_zh ? SOUND_MPEG : SOUND_NONE;
        set_names(service->name, line->zh, line->bo);
        if (!line->now_zh)
            continue;
        service->present =
            (struct reception_event){.exists = true, .start_utc_s = NOW - 600, .duration_s = 1800};
        set_names(service->present.name, line->now_zh, line->now_bo);
    }
    add_sounds(&news->services[0]);
    return news;
}

/* ---- a box whose player is the test's ---- */

static int64_t read_clock(void *context)
{
    return ((struct bench *)context)->now_us;
}

static void open_bench(struct bench *bench, const char *language)
{
    struct error error = {""};
    *bench = (struct bench){.now_us = 1000000000};
    bench->player = player_create(
        &(struct player_options){
            .decoder = "software", .audio = "null", .clock = read_clock, .clock_context = bench},
        &error);
    assert_non_null(bench->player);
    bench->fixture = fixture_create_playing(language, true, bench->player);
    bench->shell = fixture_shell(bench->fixture);
    shell_take_news(bench->shell, make_news(true));
    assert_true(shell_open(bench->shell, "live", ""));
}

static void close_bench(struct bench *bench)
{
    fixture_destroy(bench->fixture);
    player_destroy(bench->player);
}

static void press(struct bench *bench, enum key key)
{
    fixture_press(bench->fixture, key);
}

static uint16_t watched(struct bench *bench)
{
    return shell_service(bench->shell)->service_id;
}

/* A picture came a moment ago, as far as the player knows: nothing is in its way. */
static void play_nothing(struct bench *bench)
{
    player_stop(bench->player);
    player_tick(bench->player);
}

static struct node *focus(struct bench *bench)
{
    return scene_focus(ui_scene(shell_ui(bench->shell)));
}

static bool has_dialog(struct bench *bench)
{
    return node_count(ui_layer(shell_ui(bench->shell), UI_LAYER_DIALOG)) > 0;
}

/* ---- pictures ---- */

static void begin_scrambled(struct bench *bench)
{
    player_start(bench->player, VIDEO_H264, SOUND_MPEG, 320, 180);
    player_set_scrambled(bench->player, true);
    player_tick(bench->player);
    shell_changed(bench->shell, SHELL_CHANGED_PLAYER);
}

/* Packets, but nothing in them that becomes a picture. */
static void begin_undecodable(struct bench *bench)
{
    static const uint8_t data[100];
    const struct ts_pes pes = {.data = data, .size = sizeof(data)};
    player_start(bench->player, VIDEO_H264, SOUND_NONE, 320, 180);
    player_tick(bench->player);
    bench->now_us += PLAYER_UNDECODABLE_US + 1;
    player_push_video(bench->player, &pes);
    player_tick(bench->player);
    shell_changed(bench->shell, SHELL_CHANGED_PLAYER);
}

static void no_favourites(struct bench *bench)
{
    shell_take_news(bench->shell, make_news(false));
}

static void many_sounds(struct bench *bench)
{
    struct reception_news *news = make_news(true);
    struct reception_service *service = &news->services[0];
    for (size_t i = service->sound_count; i < SERVICE_SOUNDS_MAX; i++)
        service->sounds[i] =
            (struct service_sound){.pid = (uint16_t)(i + 1), .language = "kor", .kind = SOUND_MPEG};
    service->sound_count = SERVICE_SOUNDS_MAX;
    shell_take_news(bench->shell, news);
}

static const struct state {
    const char *name;
    void (*begin)(struct bench *bench); /* may be NULL */
    enum key keys[6];
} states[] = {
    {"live-list", NULL, {KEY_OK, KEY_DOWN}},
    {"live-list-end", NULL, {KEY_OK, KEY_UP}},
    {"live-list-favourites", NULL, {KEY_OK, KEY_RIGHT}},
    {"live-list-no-favourites", no_favourites, {KEY_OK, KEY_RIGHT}},
    {"live-list-bouquet", NULL, {KEY_OK, KEY_LEFT, KEY_DOWN, KEY_YELLOW}},
    {"live-sounds", NULL, {KEY_MENU, KEY_DOWN, KEY_DOWN, KEY_OK}},
    {"live-sounds-many", many_sounds, {KEY_MENU, KEY_DOWN, KEY_DOWN, KEY_OK, KEY_UP, KEY_UP}},
    {"live-volume", NULL, {KEY_VOLUME_UP}},
    {"live-muted", NULL, {KEY_MUTE}},
    {"live-zero", NULL, {KEY_0}},
    {"live-scrambled", begin_scrambled, {0}},
    {"live-undecodable", begin_undecodable, {0}},
};

static int complaints;

static void complain(void *context, const char *text)
{
    print_error("%s: %s\n", (const char *)context, text);
    complaints++;
}

static void check_states(const char *language)
{
    int different = 0;
    complaints = 0;
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        char name[64];
        struct bench bench;
        snprintf(name, sizeof(name), "%s-%s", states[i].name, language);
        open_bench(&bench, language);
        if (states[i].begin)
            states[i].begin(&bench);
        for (size_t k = 0; k < 6 && states[i].keys[k]; k++)
            press(&bench, states[i].keys[k]);
        fixture_draw(bench.fixture);
        inspect(shell_ui(bench.shell), complain, name);
        if (strcmp(language, "en") != 0)
            different += !golden_check(fixture_display(bench.fixture), name);
        close_bench(&bench);
    }
    assert_int_equal(complaints, 0);
    assert_int_equal(different, 0);
}

static void chinese(void **state)
{
    (void)state;
    check_states("zh");
}

static void tibetan(void **state)
{
    (void)state;
    check_states("bo");
}

static void english(void **state)
{
    (void)state;
    check_states("en");
}

/* ---- keys ---- */

static void the_list_tunes(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, "zh");
    assert_int_equal(watched(&bench), 101);
    assert_null(focus(&bench));
    press(&bench, KEY_OK);
    assert_non_null(focus(&bench));
    press(&bench, KEY_DOWN);
    press(&bench, KEY_DOWN);
    assert_int_equal(watched(&bench), 101); /* looking is not tuning */
    press(&bench, KEY_OK);
    assert_int_equal(watched(&bench), 103);
    assert_null(focus(&bench)); /* it is closed */
    press(&bench, KEY_OK);      /* and begins on what is watched */
    press(&bench, KEY_DOWN);
    press(&bench, KEY_OK);
    assert_int_equal(watched(&bench), 104);
    press(&bench, KEY_OK);
    press(&bench, KEY_UP);
    press(&bench, KEY_UP);
    press(&bench, KEY_UP);
    press(&bench, KEY_UP); /* round to the last, which lies in another stream */
    press(&bench, KEY_OK);
    assert_int_equal(watched(&bench), 107);
    press(&bench, KEY_OK);
    press(&bench, KEY_BACK);
    assert_null(focus(&bench));
    assert_string_equal(shell_front(bench.shell), "live");
    press(&bench, KEY_BACK);
    assert_string_equal(shell_front(bench.shell), "portal");
    close_bench(&bench);
}

static void groups_are_turned_through(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, "bo");
    press(&bench, KEY_OK);
    press(&bench, KEY_RIGHT); /* favourites: 101 and 103 */
    press(&bench, KEY_DOWN);
    press(&bench, KEY_OK);
    assert_int_equal(watched(&bench), 103);
    press(&bench, KEY_OK); /* the same group again */
    press(&bench, KEY_RIGHT);
    press(&bench, KEY_OK); /* the only radio */
    assert_int_equal(watched(&bench), 105);
    press(&bench, KEY_OK);
    press(&bench, KEY_RIGHT); /* the bouquet: 102, 103, 105 */
    press(&bench, KEY_UP);
    press(&bench, KEY_OK);
    assert_int_equal(watched(&bench), 103);
    press(&bench, KEY_OK);
    press(&bench, KEY_RIGHT); /* all again */
    press(&bench, KEY_DOWN);
    press(&bench, KEY_BLUE); /* in another language it stays open, and where it was */
    assert_non_null(focus(&bench));
    press(&bench, KEY_OK);
    assert_int_equal(watched(&bench), 104);
    close_bench(&bench);
}

/* News that say the same leave the list alone; others do not lead the focus away. */
static void news_keep_the_place(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, "zh");
    press(&bench, KEY_OK);
    press(&bench, KEY_DOWN);
    press(&bench, KEY_DOWN);
    struct node *before = focus(&bench);
    shell_take_news(bench.shell, make_news(true));
    assert_ptr_equal(focus(&bench), before);
    shell_take_news(bench.shell, make_news(false));
    struct reception_news *news = make_news(true);
    news->service_count = 4; /* the network takes some away, and the first is another one now */
    news->services[0].service_id = 201;
    shell_take_news(bench.shell, news);
    press(&bench, KEY_OK);
    assert_int_equal(watched(&bench), 103);
    press(&bench, KEY_OK);
    news = make_news(true);
    news->service_count = 0;
    shell_take_news(bench.shell, news);
    press(&bench, KEY_OK); /* nothing to choose */
    press(&bench, KEY_YELLOW);
    press(&bench, KEY_UP);
    press(&bench, KEY_LEFT);
    press(&bench, KEY_BACK);
    assert_string_equal(shell_front(bench.shell), "live");
    close_bench(&bench);
}

static void zero_alone_is_the_last_channel(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, "zh");
    press(&bench, KEY_0); /* none was watched before */
    press(&bench, KEY_OK);
    assert_int_equal(watched(&bench), 101);
    press(&bench, KEY_4);
    press(&bench, KEY_OK);
    assert_int_equal(watched(&bench), 104);
    for (int i = 0; i < 3; i++) {
        press(&bench, KEY_0);
        press(&bench, KEY_OK);
        assert_int_equal(watched(&bench), i % 2 ? 104 : 101);
    }
    press(&bench, KEY_0); /* with more behind it it is a number */
    press(&bench, KEY_2);
    press(&bench, KEY_OK);
    assert_int_equal(watched(&bench), 102);
    assert_null(focus(&bench)); /* OK ended the number and opened nothing */
    close_bench(&bench);
}

static void the_menu_leads_everywhere(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, "zh");
    press(&bench, KEY_MENU);
    assert_true(has_dialog(&bench));
    press(&bench, KEY_OK); /* first the list of channels */
    assert_false(has_dialog(&bench));
    press(&bench, KEY_DOWN);
    press(&bench, KEY_OK);
    assert_int_equal(watched(&bench), 102);
    press(&bench, KEY_MENU);
    press(&bench, KEY_DOWN);
    press(&bench, KEY_OK);
    assert_string_equal(shell_front(bench.shell), "guide");
    press(&bench, KEY_BACK);
    press(&bench, KEY_OK); /* the list, then keys that lead out of it */
    press(&bench, KEY_INFO);
    assert_null(focus(&bench));
    press(&bench, KEY_INFO);
    assert_string_equal(shell_front(bench.shell), "guide");
    press(&bench, KEY_BACK);
    press(&bench, KEY_OK);
    press(&bench, KEY_VOLUME_UP); /* does not */
    assert_non_null(focus(&bench));
    press(&bench, KEY_CHANNEL_UP);
    assert_null(focus(&bench));
    assert_int_equal(watched(&bench), 103);
    close_bench(&bench);
}

/* Only where there is a choice; the sound that plays has the focus. */
static void sounds_are_chosen(void **state)
{
    (void)state;
    struct bench bench;
    open_bench(&bench, "zh");
    play_nothing(&bench);
    press(&bench, KEY_MENU);
    press(&bench, KEY_DOWN);
    press(&bench, KEY_DOWN);
    press(&bench, KEY_OK);
    assert_true(has_dialog(&bench));
    press(&bench, KEY_OK);
    assert_false(has_dialog(&bench));
    assert_string_equal(shell_front(bench.shell), "live");
    press(&bench, KEY_2); /* has no choice: the third entry is not there */
    press(&bench, KEY_OK);
    press(&bench, KEY_MENU);
    struct node *first = focus(&bench);
    press(&bench, KEY_DOWN);
    press(&bench, KEY_DOWN);
    assert_ptr_not_equal(focus(&bench), first);
    press(&bench, KEY_OK);
    assert_false(has_dialog(&bench));
    assert_string_equal(shell_front(bench.shell), "guide");
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chinese),
        cmocka_unit_test(tibetan),
        cmocka_unit_test(english),
        cmocka_unit_test(the_list_tunes),
        cmocka_unit_test(groups_are_turned_through),
        cmocka_unit_test(news_keep_the_place),
        cmocka_unit_test(zero_alone_is_the_last_channel),
        cmocka_unit_test(the_menu_leads_everywhere),
        cmocka_unit_test(sounds_are_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
