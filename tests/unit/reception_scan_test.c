/* SPDX-License-Identifier: Apache-2.0 */
/* The reception thread in a network of three streams: the search for channels, what it leaves alone, and
 * watching services of one stream after the other. */
#include "base/clock.h"
#include "base/file.h"
#include "network_air.h"
#include "reception/reception.h"
#include "si/channels.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define PATIENCE_S 30
#define OPTIONS "pace=none"

static char folder[] = "/tmp/kokonor-search-XXXXXX";
static char list[64], channels[64], home[128];
static struct buffer root;

static int make_network(void **state)
{
    (void)state;
    char command[512], path[256];
    struct error error;
    if (!mkdtemp(folder))
        return -1;
    snprintf(command, sizeof(command), "%s/toolchain/certificates %s/keys", SOURCE_DIR, folder);
    snprintf(path, sizeof(path), "%s/keys/root.pem", folder);
    snprintf(list, sizeof(list), "%s/frequencies", folder);
    snprintf(channels, sizeof(channels), "%s/channels.json", folder);
    network_air_write(folder, OPTIONS, true);
    network_air_url(folder, OPTIONS, 0, home, sizeof(home));
    buffer_init(&root, 65536);
    return system(command) == 0 && file_read(path, &root, &error) ? 0 : -1;
}

static int remove_network(void **state)
{
    (void)state;
    buffer_finish(&root);
    return file_remove_tree(folder, NULL) ? 0 : -1;
}

struct box {
    struct store *store;
    struct player *player;
    struct reception *reception;
    struct reception_news *news; /* the last that were taken */
    sem_t woken;
};

static void wake(void *context)
{
    sem_post(&((struct box *)context)->woken);
}

static void open_box(struct box *box, const char *url, const char *list_path)
{
    char path[256];
    struct error error = {""};
    *box = (struct box){0};
    sem_init(&box->woken, 0, 0);
    snprintf(path, sizeof(path), "%s/content.db", folder);
    box->store = store_open(path, &error);
    box->player = player_create(&(struct player_options){.decoder = "software", .audio = "null"}, &error);
    const struct reception_options options = {.tuner_url = url,
                                              .charset = SI_CHARSET_GB18030,
                                              .operator_root = buffer_view(&root),
                                              .store = box->store,
                                              .player = box->player,
                                              .wake = wake,
                                              .context = box,
                                              .channels_path = channels,
                                              .list_path = list_path};
    if (box->store && box->player)
        box->reception = reception_create(&options, &error);
    if (!box->reception)
        fail_msg("%s", error.text);
}

static void close_box(struct box *box)
{
    reception_destroy(box->reception);
    player_destroy(box->player);
    store_close(box->store);
    reception_news_destroy(box->news);
    sem_destroy(&box->woken);
}

typedef bool news_fn(const struct reception_news *news, unsigned argument);

static void wait_news(struct box *box, news_fn *wanted, unsigned argument)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    while (!box->news || !wanted(box->news, argument)) {
        if (sem_timedwait(&box->woken, &until))
            fail_msg("the news did not come");
        struct reception_news *news = reception_take_news(box->reception);
        if (!news)
            continue;
        reception_news_destroy(box->news);
        box->news = news;
    }
}

static void wait_playing(struct box *box, bool playing)
{
    struct player_status status = {0};
    int64_t until = clock_monotonic_us() + PATIENCE_S * INT64_C(1000000);
    do {
        if (clock_monotonic_us() > until)
            fail_msg("the player does not %s", playing ? "start" : "stop");
        clock_sleep_us(2000);
        player_get_status(box->player, &status);
    } while ((status.state != PLAYER_STOPPED) != playing);
}

static const struct reception_service *service_of(const struct reception_news *news, unsigned id)
{
    for (size_t i = 0; i < news->service_count; i++)
        if (news->services[i].service_id == id)
            return &news->services[i];
    return NULL;
}

static bool is_here(const struct reception_news *news, unsigned id)
{
    const struct reception_service *service = service_of(news, id);
    return service && !service->elsewhere && service->transport_stream_id && service->video == VIDEO_H264;
}

static bool is_done(const struct reception_news *news, unsigned run)
{
    return news->search.run == run && news->search.phase == SEARCH_DONE;
}

static bool is_running(const struct reception_news *news, unsigned run)
{
    return news->search.run == run && news->search.phase == SEARCH_RUNNING;
}

static bool is_no_search(const struct reception_news *news, unsigned argument)
{
    (void)argument;
    return news->search.phase == SEARCH_NONE;
}

static struct reception_key key_of(unsigned stream)
{
    return (struct reception_key){NETWORK_AIR_ID, (uint16_t)(stream + 1), NETWORK_AIR_TELEVISION(stream)};
}

static void read_list(struct si_channels *stored)
{
    struct buffer json;
    struct error error;
    buffer_init(&json, 1 << 20);
    si_channels_init(stored);
    assert_true(file_read(channels, &json, &error));
    assert_true(si_channels_read(stored, buffer_view(&json), &error));
    buffer_finish(&json);
}

static void search(struct box *box)
{
    unsigned run = reception_search(box->reception);
    wait_news(box, is_done, run);
}

/* ---- */

static void the_network_is_found(void **state)
{
    (void)state;
    struct box box;
    struct si_channels stored;
    remove(channels);
    open_box(&box, home, list);
    wait_news(&box, is_here, NETWORK_AIR_TELEVISION(0));
    assert_int_equal(box.news->service_count, 2); /* more is not known */
    search(&box);
    assert_int_equal(box.news->search.frequencies, NETWORK_AIR_STREAMS + 1);
    assert_int_equal(box.news->search.finished, NETWORK_AIR_STREAMS + 1);
    assert_int_equal(box.news->search.with_signal, NETWORK_AIR_STREAMS);
    assert_int_equal(box.news->search.channels, 2 * NETWORK_AIR_STREAMS);
    assert_int_equal(box.news->search.name_count, 2 * NETWORK_AIR_STREAMS);
    assert_string_equal(box.news->search.names[0].text[CONTENT_ZH], "radio 31"); /* the newest first */
    assert_true(box.news->search.names[0].radio && !box.news->search.names[1].radio);
    assert_int_equal(box.news->service_count, 2 * NETWORK_AIR_STREAMS);
    for (unsigned i = 0; i < NETWORK_AIR_STREAMS; i++) {
        assert_int_equal(box.news->services[i].number, i + 1);
        assert_int_equal(box.news->services[i].service_id, NETWORK_AIR_TELEVISION(i));
        assert_int_equal(box.news->services[i].elsewhere, i > 0);
    }
    assert_string_equal(box.news->services[2].name[CONTENT_BO], "television 30");
    close_box(&box);
    read_list(&stored);
    assert_int_equal(stored.count, 2 * NETWORK_AIR_STREAMS);
    assert_int_equal(stored.channels[2].cable.frequency_hz, NETWORK_AIR_HZ(2));
    si_channels_finish(&stored);
}

/* What the viewer did to the list outlives a search; the list of a box that starts is there at once. */
static void favourites_stay(void **state)
{
    (void)state;
    struct box box;
    struct si_channels stored;
    struct buffer json;
    struct error error;
    read_list(&stored);
    assert_true(si_channels_set_favourite(&stored, 2, true));
    assert_true(si_channels_set_number(&stored, 2, 88));
    buffer_init(&json, 1 << 20);
    assert_true(si_channels_write(&stored, &json));
    assert_true(file_write(channels, json.data, json.size, &error));
    buffer_finish(&json);
    si_channels_finish(&stored);
    open_box(&box, home, list);
    wait_news(&box, is_here, NETWORK_AIR_TELEVISION(0));
    for (int i = 0; i < 2; i++) {
        const struct reception_service *service = service_of(box.news, NETWORK_AIR_TELEVISION(2));
        assert_true(service && service->favourite && service->elsewhere);
        assert_int_equal(service->number, 88);
        search(&box);
    }
    close_box(&box);
    remove(channels);
}

static bool is_marked(const struct reception_news *news, unsigned id)
{
    const struct reception_service *service = service_of(news, id);
    return service && service->favourite;
}

static bool is_unmarked(const struct reception_news *news, unsigned id)
{
    return !is_marked(news, id);
}

/* Also in a stream that is not received. */
static void the_viewer_marks_favourites(void **state)
{
    (void)state;
    struct box box;
    struct si_channels stored;
    open_box(&box, home, list);
    search(&box);
    const struct reception_key unknown = {NETWORK_AIR_ID, 99, NETWORK_AIR_TELEVISION(2)};
    const struct reception_key here = key_of(0), elsewhere = key_of(2);
    reception_set_favourite(box.reception, &unknown, true);
    reception_set_favourite(box.reception, &here, true);
    reception_set_favourite(box.reception, &elsewhere, true);
    wait_news(&box, is_marked, NETWORK_AIR_TELEVISION(0));
    wait_news(&box, is_marked, NETWORK_AIR_TELEVISION(2));
    reception_set_favourite(box.reception, &here, false);
    wait_news(&box, is_unmarked, NETWORK_AIR_TELEVISION(0));
    assert_false(service_of(box.news, NETWORK_AIR_TELEVISION(0))->radio);
    assert_true(service_of(box.news, NETWORK_AIR_RADIO(0))->radio);
    assert_true(service_of(box.news, NETWORK_AIR_RADIO(2))->radio);
    close_box(&box);
    read_list(&stored);
    size_t marked = 0;
    for (size_t i = 0; i < stored.count; i++)
        marked += stored.channels[i].favourite;
    assert_int_equal(marked, 1);
    si_channels_finish(&stored);
    remove(channels);
}

static void services_of_other_streams_are_watched(void **state)
{
    (void)state;
    struct box box;
    open_box(&box, home, list);
    search(&box);
    static const unsigned way[] = {1, 2, 0, 2};
    for (size_t i = 0; i < sizeof(way) / sizeof(way[0]); i++) {
        struct reception_key key = key_of(way[i]);
        reception_watch(box.reception, &key, 320, 180);
        wait_news(&box, is_here, key.service_id);
        wait_playing(&box, true);
        assert_int_equal(box.news->service_count, 2 * NETWORK_AIR_STREAMS);
        assert_int_equal(box.news->tuner.frequency_hz, NETWORK_AIR_HZ(way[i]));
        for (unsigned k = 0; k < NETWORK_AIR_STREAMS; k++)
            assert_int_equal(service_of(box.news, NETWORK_AIR_TELEVISION(k))->elsewhere, k != way[i]);
    }
    struct reception_key unknown = {NETWORK_AIR_ID, 99, NETWORK_AIR_TELEVISION(2)};
    reception_watch(box.reception, &unknown, 320, 180); /* the number is here, the service is not */
    wait_playing(&box, false);
    reception_play(box.reception, NETWORK_AIR_TELEVISION(2), 320, 180); /* of whatever is received */
    wait_playing(&box, true);
    close_box(&box);
}

/* A search goes on where nothing comes; ended or in vain it leaves the list alone. */
static void a_search_in_vain(void **state)
{
    (void)state;
    struct box box;
    struct si_channels stored;
    open_box(&box, "udp://127.0.0.1:0", NULL);
    wait_news(&box, is_no_search, 0);
    assert_int_equal(box.news->service_count, 2 * NETWORK_AIR_STREAMS); /* as stored by the test before */
    unsigned run = reception_search(box.reception);
    wait_news(&box, is_running, run);
    reception_end_search(box.reception);
    wait_news(&box, is_no_search, 0);
    search(&box);
    assert_int_equal(box.news->search.channels, 0);
    assert_int_equal(box.news->search.with_signal, 0);
    assert_int_equal(box.news->service_count, 2 * NETWORK_AIR_STREAMS);
    close_box(&box);
    read_list(&stored);
    assert_int_equal(stored.count, 2 * NETWORK_AIR_STREAMS);
    si_channels_finish(&stored);
    /* and the box may go in the middle of it */
    open_box(&box, home, list);
    reception_search(box.reception);
    close_box(&box);
}

static void a_bad_list_is_an_error(void **state)
{
    (void)state;
    struct error error = {""};
    char path[128];
    snprintf(path, sizeof(path), "%s/bad", folder);
    assert_true(file_write(path, "307000000 many\n", 15, &error));
    const struct reception_options options = {
        .tuner_url = home, .operator_root = buffer_view(&root), .list_path = path};
    struct box box;
    open_box(&box, home, NULL);
    struct reception_options with_store = options;
    with_store.store = box.store;
    assert_null(reception_create(&with_store, &error));
    assert_non_null(strstr(error.text, "line 1"));
    close_box(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_network_is_found),
        cmocka_unit_test(favourites_stay),
        cmocka_unit_test(the_viewer_marks_favourites),
        cmocka_unit_test(services_of_other_streams_are_watched),
        cmocka_unit_test(a_search_in_vain),
        cmocka_unit_test(a_bad_list_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_network, remove_network);
}
