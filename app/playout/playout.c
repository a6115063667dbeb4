/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/playout.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "playout/control.h"
#include "playout/desk.h"
#include "playout/mux.h"
#include "playout/on_air.h"
#include "playout/sender.h"
#include "playout/state.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PUSH_TIMEOUT_MS 100
#define CHORES_EVERY_US 100000
#define FIRST_DTS_27MHZ (INT64_C(27000) * 900)
/* Pictures and sound may need this share of what the carousel and tables leave on average; the rest is for
 * their peaks. */
#define LIVE_SHARE_PERCENT 95

struct playout {
    struct playout_options options;
    struct channel *channel;
    struct desk *desk;
    struct clip *clip;
    struct live *live;
    struct tables *tables;
    struct on_air *on_air;
    struct events *events; /* NULL: the channel has none */
    struct mux *mux;
    struct output *output;
    struct sender *sender; /* NULL: as fast as the output takes it */
    struct board *board;
    struct control *control; /* NULL: none */
    struct tables_options table_options;
    struct tables_memory table_memory;
    int64_t bit_rate, carousel_bit_rate;
    uint64_t datagrams, datagrams_wanted; /* wanted 0: no end */
    int64_t next_chores_us;
    uint64_t late_logged;
    bool is_ready;
    atomic_bool stop; /* asked for by the control socket */
};

static bool load_channel(struct playout *playout, struct error *error)
{
    const struct config *config = playout->options.config;
    enum content_language language = CONTENT_ZH;
    const char *name = config_string(config, "live", "language", "zh");
    if (!content_language_from_str(name, &language))
        log_warning("[live] language: expected zh, bo or en, found \"%s\"; zh is used", name);
    const struct desk_options options = {.folder = playout->options.folder,
                                         .state_folder = playout->options.state,
                                         .ready_file = playout->options.ready_file,
                                         .config = config,
                                         .language = language,
                                         .board = playout->board};
    playout->desk = desk_create(&options);
    if (!playout->desk)
        return error_set(error, "out of memory, or a folder's path is too long");
    playout->channel = desk_channel(playout->desk);
    if (!playout->channel)
        return error_set(error, "%s: no good " CHANNEL_FILE, playout->options.folder);
    const struct channel_frame *frame = &playout->channel->frame;
    playout->bit_rate = config_integer(config, "mux", "bit_rate", frame->bit_rate, 500000, 100000000);
    playout->carousel_bit_rate =
        config_integer(config, "mux", "carousel_bit_rate", frame->carousel_bit_rate, 50000, 100000000);
    return true;
}

static bool load_live(struct playout *playout, struct error *error)
{
    char path[EDITION_PATH_SIZE];
    const struct channel_frame *frame = &playout->channel->frame;
    if (!config_path(playout->options.config, "live", "clip", path, sizeof(path))) {
        if (!frame->clip[0])
            return true;
        if (!file_join(path, sizeof(path), playout->options.folder, frame->clip))
            return error_set(error, "%s: the clip's path is too long", frame->clip);
    }
    playout->clip = clip_load(path, error);
    if (!playout->clip)
        return false;
    const struct live_options options = {.clip = playout->clip,
                                         .video_pid = frame->video_pid,
                                         .audio_pid = frame->audio_pid,
                                         .time_base_90khz = MUX_PCR_START_90KHZ,
                                         .first_dts_27mhz = FIRST_DTS_27MHZ};
    playout->live = live_create(&options);
    return playout->live || error_set(error, "%s: out of memory", path);
}

/* Whether everything has room beside each other. */
static bool check_rates(const struct playout *playout, struct error *error)
{
    int64_t tables = tables_bit_rate(playout->tables);
    int64_t live = playout->clip ? live_bit_rate(playout->clip) : 0, room = playout->bit_rate - tables;
    if (tables > TABLES_BIT_RATE_MAX)
        return error_set(error,
                         CHANNEL_FILE ": its tables need %" PRId64
                                      " bit/s, a receiver takes %d: name fewer events "
                                      "or services",
                         tables, TABLES_BIT_RATE_MAX);
    if (live > room * LIVE_SHARE_PERCENT / 100)
        return error_set(error, "the clip's %" PRId64 " bit/s do not fit a stream of %" PRId64 " bit/s", live,
                         playout->bit_rate);
    if (live + playout->carousel_bit_rate > room)
        log_warning("the carousel's %" PRId64 " bit/s do not fit beside the clip's %" PRId64
                    " and the tables' %" PRId64 ": it gets what is left of %" PRId64,
                    playout->carousel_bit_rate, live, tables, playout->bit_rate);
    return true;
}

static bool make_tables(struct playout *playout, struct error *error)
{
    const struct config *config = playout->options.config;
    playout->table_options = (struct tables_options){
        .has_video = playout->clip != NULL,
        .has_audio = playout->clip && playout->clip->frame_count > 0,
        .carousel_id = (uint32_t)config_integer(config, "carousel", "id", 1, 1, UINT32_MAX),
        .organisation_id =
            (uint32_t)config_integer(config, "application", "organisation_id", 0x4B4B, 1, UINT32_MAX),
        .application_id = (uint16_t)config_integer(config, "application", "application_id", 1, 1, 0xFFFD)};
    state_read_tables(playout->options.state, &playout->table_memory);
    playout->tables = tables_create(playout->channel, &playout->table_options, &playout->table_memory, error);
    if (!playout->tables || !check_rates(playout, error))
        return false;
    state_write_tables(playout->options.state, &playout->table_memory);
    const struct channel_frame *frame = &playout->channel->frame;
    const struct on_air_options options = {.carousel_id = playout->table_options.carousel_id,
                                           .bit_rate = playout->carousel_bit_rate,
                                           .frame = frame,
                                           .state_folder = playout->options.state,
                                           .longest_interval = (unsigned)config_integer(
                                               config, "carousel", "longest_interval", 210, 100, 10000)};
    playout->on_air = on_air_create(&options, error);
    if (frame->event_pid)
        playout->events = events_create(frame, MUX_PCR_START_90KHZ, playout->options.state);
    return playout->on_air &&
           (!frame->event_pid || playout->events || error_set(error, "stream events: out of memory"));
}

static void log_put(const struct playout *playout, enum content_role role)
{
    struct dsmcc_builder_info info;
    const struct edition *edition = on_air_edition(playout->on_air, role);
    on_air_info(playout->on_air, &info);
    log_info("%s on air: sequence %" PRId64 ", %zu files; the carousel has %zu modules, %" PRIu64
             " bytes, %zu of them changed",
             content_role_str(role), edition->sequence, edition->set->count, info.modules, info.module_bytes,
             info.modules_changed);
}

/* Takes edition. */
static void put(struct playout *playout, struct edition *edition)
{
    struct error error = {0};
    enum content_role role = edition->set->role;
    struct dsmcc_change *change = on_air_prepare(playout->on_air, edition, &error);
    if (change)
        on_air_apply(playout->on_air, change);
    else
        log_error("%s: %s; it stays off air", content_role_str(role), error.text);
}

/* Every role together; one by one where that fails, so that one role's fault is not the others'. */
static void put_all(struct playout *playout)
{
    struct edition *editions[CONTENT_ROLES];
    struct error error = {0};
    for (int role = 0; role < CONTENT_ROLES; role++) {
        editions[role] = desk_edition(playout->desk, role, clock_utc_s());
        if (!editions[role])
            log_error("%s: no good version: it is left off air", content_role_str(role));
    }
    bool together = on_air_put_first(playout->on_air, editions, &error);
    for (int role = 0; role < CONTENT_ROLES; role++) {
        if (editions[role] && !together)
            put(playout, editions[role]);
        desk_tell(playout->desk, role, on_air_edition(playout->on_air, role));
        if (on_air_edition(playout->on_air, role))
            log_put(playout, role);
    }
}

static bool open_output(struct playout *playout, struct error *error)
{
    playout->output = output_open(playout->options.output, error);
    if (!playout->output)
        return false;
    output_set_bit_rate(playout->output, playout->bit_rate);
    const struct mux_options options = {.bit_rate = playout->bit_rate,
                                        .carousel_bit_rate = playout->carousel_bit_rate,
                                        .pcr_pid = playout->channel->frame.pcr_pid,
                                        .carousel_pid = playout->channel->frame.carousel_pid,
                                        .tables = playout->tables,
                                        .events = playout->events,
                                        .live = playout->live,
                                        .carousel = on_air_next_section,
                                        .carousel_context = playout->on_air,
                                        .utc_ms = clock_utc_ms()};
    playout->mux = mux_create(&options);
    if (!playout->mux)
        return error_set(error, "multiplexer: out of memory");
    double datagram_s = OUTPUT_SIZE * 8.0 / (double)playout->bit_rate;
    if (playout->options.duration_s > 0)
        playout->datagrams_wanted = (uint64_t)(playout->options.duration_s / datagram_s + 0.999999);
    if (playout->options.duration_s > 0 && !output_is_live(playout->output))
        return !playout->options.control ||
               error_set(error, "a control socket goes with a stream in its own time, not with a file");
    playout->sender = sender_create(playout->output, playout->bit_rate);
    return playout->sender || error_set(error, "sender: out of memory or no thread");
}

/* ---- the control socket: its thread waits for the desk, never the multiplexer ---- */

static json_t *tell_status(struct playout *playout)
{
    struct status *copy = malloc(sizeof(*copy));
    if (!copy)
        return NULL;
    *copy = *board_lock(playout->board);
    board_unlock(playout->board);
    json_t *answer = json_pack("{s:b, s:o}", "ok", 1, "status", status_json(copy));
    free(copy);
    return answer;
}

/* Takes mistakes. */
static json_t *tell_result(bool good, json_t *mistakes)
{
    json_t *list = json_array(), *text;
    size_t i;
    json_array_foreach(mistakes, i, text)
        json_array_append_new(list, status_mistake_json(json_string_value(text)));
    json_decref(mistakes);
    json_t *answer = json_pack("{s:b, s:o}", "ok", good, "mistakes", list);
    if (answer && !good)
        json_object_set_new(answer, "error", json_string("refused; what was on air stays on air"));
    return answer;
}

static json_t *push(struct playout *playout, const json_t *request, struct bytes body)
{
    const char *path = json_string_value(json_object_get(request, "path"));
    if (!path)
        return control_error("path: expected ROLE/NAME or channel.json");
    json_t *mistakes = json_array();
    return tell_result(desk_push(playout->desk, path, body, mistakes), mistakes);
}

static json_t *trigger(struct playout *playout, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "name"));
    const char *payload = json_string_value(json_object_get(request, "payload"));
    struct error error = {0};
    if (!playout->events)
        return control_error("expected event_pid in the service of " CHANNEL_FILE ", found none");
    if (!name)
        return control_error("name: expected an event's name");
    if (!events_trigger(playout->events, name, payload ? payload : "", &error))
        return control_error("%s", error.text);
    log_info("stream event \"%s\"", name);
    board_lock(playout->board)->events++;
    board_unlock(playout->board);
    return json_pack("{s:b}", "ok", 1);
}

static json_t *handle(void *context, const json_t *request, struct bytes body)
{
    struct playout *playout = context;
    const char *command = json_string_value(json_object_get(request, "command"));
    if (!command)
        return control_error("command: expected status, reload, push, event or stop, found none");
    if (!strcmp(command, "status"))
        return tell_status(playout);
    if (!strcmp(command, "push"))
        return push(playout, request, body);
    if (!strcmp(command, "event"))
        return trigger(playout, request);
    if (!strcmp(command, "reload")) {
        json_t *mistakes = json_array();
        return tell_result(desk_reload(playout->desk, mistakes), mistakes);
    }
    if (!strcmp(command, "stop")) {
        atomic_store(&playout->stop, true);
        return json_pack("{s:b}", "ok", 1);
    }
    return control_error("command: expected status, reload, push, event or stop, found \"%s\"", command);
}

static bool open_control(struct playout *playout, struct error *error)
{
    if (!playout->options.control)
        return true;
    playout->control = control_open(playout->options.control, handle, playout, error);
    return playout->control != NULL;
}

struct playout *playout_create(const struct playout_options *options, struct error *error)
{
    struct playout *playout = calloc(1, sizeof(*playout));
    if (!playout) {
        error_set(error, "out of memory");
        return NULL;
    }
    playout->options = *options;
    playout->board = board_create();
    if (!playout->board || (options->state && !file_make_folder(options->state, error)) ||
        !load_channel(playout, error) || !load_live(playout, error) || !make_tables(playout, error)) {
        playout_destroy(playout);
        return NULL;
    }
    put_all(playout);
    if (!open_output(playout, error)) {
        playout_destroy(playout);
        return NULL;
    }
    return playout;
}

void playout_destroy(struct playout *playout)
{
    if (!playout)
        return;
    if (playout->desk)
        desk_stop(playout->desk); /* the control socket's thread may wait for it */
    control_close(playout->control);
    sender_destroy(playout->sender, false);
    desk_destroy(playout->desk);
    output_close(playout->output);
    mux_destroy(playout->mux);
    events_destroy(playout->events);
    on_air_destroy(playout->on_air);
    tables_destroy(playout->tables);
    live_destroy(playout->live);
    clip_destroy(playout->clip);
    channel_destroy(playout->channel);
    board_destroy(playout->board);
    free(playout);
}

static void tell_carousel(struct playout *playout)
{
    struct dsmcc_builder_info info;
    on_air_info(playout->on_air, &info);
    board_lock(playout->board)->carousel = info;
    board_unlock(playout->board);
}

/* Puts what the desk has made ready on air: a matter of moving pointers. */
static void take_news(struct playout *playout)
{
    struct desk_news news;
    if (!desk_take(playout->desk, &news))
        return;
    if (news.change)
        on_air_apply(playout->on_air, news.change);
    if (news.tables) {
        tables_replace(playout->tables, news.tables);
    }
    if (news.carousel_bit_rate > 0) {
        mux_set_carousel_bit_rate(playout->mux, news.carousel_bit_rate);
        playout->carousel_bit_rate = news.carousel_bit_rate;
    }
    tell_carousel(playout);
    desk_taken(playout->desk);
}

/* Ties the stream's time to the wall clock's, which may be set at any time. */
static void set_clock(struct playout *playout)
{
    int64_t due_us = sender_due_us(playout->sender, mux_time_us(playout->mux));
    if (due_us >= 0)
        mux_set_utc_ms(playout->mux, clock_utc_ms() + (due_us - clock_monotonic_us()) / 1000);
}

static void log_late(struct playout *playout)
{
    struct live_counts counts;
    if (!playout->live)
        return;
    live_counts(playout->live, &counts);
    if (counts.late > playout->late_logged && playout->late_logged == 0)
        log_error("pictures or sound came too late for their decoding: the stream's bit rate is too low for "
                  "this clip");
    playout->late_logged = counts.late;
}

static void tell_ready(struct playout *playout)
{
    if (playout->is_ready || sender_count(playout->sender) == 0)
        return;
    playout->is_ready = true;
    log_info("sending %" PRId64 " bit/s to %s", playout->bit_rate, playout->options.output);
    desk_sending(playout->desk);
}

static void tell_board(struct playout *playout)
{
    struct dsmcc_builder_info info;
    on_air_info(playout->on_air, &info);
    struct status *status = board_lock(playout->board);
    status->bit_rate = playout->bit_rate;
    status->carousel_bit_rate = playout->carousel_bit_rate;
    status->carousel = info;
    mux_counts(playout->mux, &status->mux);
    if (playout->live)
        live_counts(playout->live, &status->live);
    status->sent = sender_count(playout->sender);
    sender_held(playout->sender, &status->held, &status->capacity);
    board_unlock(playout->board);
}

/* What is done some ten times a second between packets. Nothing here, nor in take_news, waits for a disk or
 * for the desk. */
static void do_chores(struct playout *playout)
{
    int64_t now_us = clock_monotonic_us();
    take_news(playout);
    if (now_us < playout->next_chores_us)
        return;
    playout->next_chores_us = now_us + CHORES_EVERY_US;
    set_clock(playout);
    log_late(playout);
    tell_ready(playout);
    tell_board(playout);
}

static void fill(struct playout *playout, uint8_t data[OUTPUT_SIZE])
{
    for (size_t i = 0; i < OUTPUT_PACKETS; i++)
        mux_packet(playout->mux, data + i * TS_PACKET_SIZE);
    playout->datagrams++;
}

static bool is_stopped(const struct playout *playout, const atomic_bool *stop)
{
    return atomic_load(stop) || atomic_load(&playout->stop);
}

static bool is_over(const struct playout *playout, const atomic_bool *stop)
{
    return is_stopped(playout, stop) ||
           (playout->datagrams_wanted && playout->datagrams == playout->datagrams_wanted);
}

static bool run_fast(struct playout *playout, const atomic_bool *stop, struct error *error)
{
    uint8_t data[OUTPUT_SIZE];
    while (!is_over(playout, stop)) {
        fill(playout, data);
        if (!output_write(playout->output, data, OUTPUT_SIZE, error))
            return false;
    }
    log_late(playout);
    if (playout->options.ready_file)
        return file_write(playout->options.ready_file, "ready\n", 6, error);
    return true;
}

static bool run_paced(struct playout *playout, const atomic_bool *stop, struct error *error)
{
    uint8_t data[OUTPUT_SIZE];
    const struct desk_air air = {
        .on_air = playout->on_air,
        .frame = &playout->channel->frame,
        .tables = &playout->table_options,
        .memory = &playout->table_memory,
        .fixed_carousel_bit_rate = config_string(playout->options.config, "mux", "carousel_bit_rate", NULL)};
    if (!desk_watch(playout->desk, &air))
        return error_set(error, "no thread to watch the content folder");
    if (!open_control(playout, error))
        return false;
    while (!is_over(playout, stop)) {
        fill(playout, data);
        do {
            if (sender_failed(playout->sender, error))
                return false;
            do_chores(playout);
        } while (!sender_push(playout->sender, data, PUSH_TIMEOUT_MS) && !is_stopped(playout, stop));
    }
    bool whole = !is_stopped(playout, stop);
    sender_destroy(playout->sender, whole);
    playout->sender = NULL;
    return true;
}

bool playout_run(struct playout *playout, const atomic_bool *stop, struct error *error)
{
    bool good = playout->sender ? run_paced(playout, stop, error) : run_fast(playout, stop, error);
    struct mux_counts counts;
    mux_counts(playout->mux, &counts);
    log_info("%" PRIu64 " packets: %" PRIu64 " of pictures and sound, %" PRIu64 " of the carousel, %" PRIu64
             " of tables, %" PRIu64 " null",
             counts.packets, counts.live_packets, counts.carousel_packets, counts.table_packets,
             counts.null_packets);
    return good;
}
