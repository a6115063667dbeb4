/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/playout.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
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
#define TABLES_BIT_RATE 150000

struct playout {
    struct playout_options options;
    struct channel *channel;
    struct desk *desk;
    struct clip *clip;
    struct live *live;
    struct tables *tables;
    struct on_air *on_air;
    struct mux *mux;
    struct output *output;
    struct sender *sender; /* NULL: as fast as the output takes it */
    unsigned table_version;
    int64_t bit_rate, carousel_bit_rate;
    uint64_t datagrams, datagrams_wanted; /* wanted 0: no end */
    int64_t next_chores_us;
    uint64_t late_logged;
    bool is_ready;
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
                                         .config = config,
                                         .language = language};
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
    int64_t rate = live_bit_rate(playout->clip), room = playout->bit_rate - TABLES_BIT_RATE;
    if (rate > room * LIVE_SHARE_PERCENT / 100)
        return error_set(error, "%s: its %" PRId64 " bit/s do not fit a stream of %" PRId64 " bit/s", path,
                         rate, playout->bit_rate);
    if (rate + playout->carousel_bit_rate > room)
        log_warning("the carousel's %" PRId64 " bit/s do not fit beside the clip's %" PRId64
                    ": it gets what is left of %" PRId64,
                    playout->carousel_bit_rate, rate, playout->bit_rate);
    const struct live_options options = {.clip = playout->clip,
                                         .video_pid = frame->video_pid,
                                         .audio_pid = frame->audio_pid,
                                         .time_base_90khz = MUX_PCR_START_90KHZ,
                                         .first_dts_27mhz = FIRST_DTS_27MHZ};
    playout->live = live_create(&options);
    return playout->live || error_set(error, "%s: out of memory", path);
}

static bool make_tables(struct playout *playout, struct error *error)
{
    const struct config *config = playout->options.config;
    playout->table_version = state_table_version(playout->options.state, playout->options.folder);
    const struct tables_options options = {
        .has_video = playout->clip != NULL,
        .has_audio = playout->clip && playout->clip->frame_count > 0,
        .carousel_id = (uint32_t)config_integer(config, "carousel", "id", 1, 1, UINT32_MAX),
        .organisation_id =
            (uint32_t)config_integer(config, "application", "organisation_id", 0x4B4B, 1, UINT32_MAX),
        .application_id = (uint16_t)config_integer(config, "application", "application_id", 1, 1, 0xFFFD),
        .version = playout->table_version};
    playout->tables = tables_create(playout->channel, &options, error);
    if (!playout->tables)
        return false;
    playout->on_air = on_air_create(options.carousel_id, playout->options.state, error);
    return playout->on_air != NULL;
}

static void log_put(const struct playout *playout, const struct edition *edition)
{
    struct dsmcc_builder_info info;
    on_air_info(playout->on_air, &info);
    log_info("%s on air: sequence %" PRId64 ", %zu files; the carousel has %zu modules, %" PRIu64
             " bytes, %zu of them changed",
             content_role_str(edition->set->role), edition->sequence, edition->set->count, info.modules,
             info.module_bytes, info.modules_changed);
}

/* Takes edition. */
static void put(struct playout *playout, struct edition *edition)
{
    struct error error = {0};
    enum content_role role = edition->set->role;
    bool had = on_air_edition(playout->on_air, role) != NULL;
    if (on_air_put(playout->on_air, edition, &error))
        log_put(playout, on_air_edition(playout->on_air, role));
    else
        log_error("%s: %s; %s", content_role_str(role), error.text,
                  had ? "the last good version stays on air" : "it stays off air");
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
        if (editions[role] && together)
            log_put(playout, editions[role]);
        else if (editions[role])
            put(playout, editions[role]);
    }
}

static bool open_output(struct playout *playout, struct error *error)
{
    playout->output = output_open(playout->options.output, error);
    if (!playout->output)
        return false;
    const struct mux_options options = {.bit_rate = playout->bit_rate,
                                        .carousel_bit_rate = playout->carousel_bit_rate,
                                        .pcr_pid = playout->channel->frame.pcr_pid,
                                        .carousel_pid = playout->channel->frame.carousel_pid,
                                        .tables = playout->tables,
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
        return true;
    playout->sender = sender_create(playout->output, playout->bit_rate);
    return playout->sender || error_set(error, "sender: out of memory or no thread");
}

struct playout *playout_create(const struct playout_options *options, struct error *error)
{
    struct playout *playout = calloc(1, sizeof(*playout));
    if (!playout) {
        error_set(error, "out of memory");
        return NULL;
    }
    playout->options = *options;
    if ((options->state && !file_make_folder(options->state, error)) || !load_channel(playout, error) ||
        !load_live(playout, error) || !make_tables(playout, error)) {
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
    sender_destroy(playout->sender, false);
    desk_destroy(playout->desk);
    output_close(playout->output);
    mux_destroy(playout->mux);
    on_air_destroy(playout->on_air);
    tables_destroy(playout->tables);
    live_destroy(playout->live);
    clip_destroy(playout->clip);
    channel_destroy(playout->channel);
    free(playout);
}

/* Takes channel: names and events go on air, a new frame waits for a restart. */
static void change_channel(struct playout *playout, struct channel *channel)
{
    struct error error = {0};
    if (memcmp(&channel->frame, &playout->channel->frame, sizeof(channel->frame))) {
        log_warning(CHANNEL_FILE
                    ": PIDs, ids, tuning, rates and clip change with the next start; names and events now");
        channel->frame = playout->channel->frame;
    }
    unsigned version = state_table_version(playout->options.state, playout->options.folder);
    if (version == playout->table_version)
        version = (version + 1) & 31;
    if (tables_set_channel(playout->tables, channel, version, &error)) {
        channel_destroy(playout->channel);
        playout->channel = channel;
        playout->table_version = version;
        log_info(CHANNEL_FILE " on air: tables of version %u", version);
    } else {
        log_error("%s; the last good " CHANNEL_FILE " stays on air", error.text);
        channel_destroy(channel);
    }
}

static void take_news(struct playout *playout)
{
    struct desk_news news;
    while (desk_take(playout->desk, &news)) {
        if (news.edition)
            put(playout, news.edition);
        if (news.channel)
            change_channel(playout, news.channel);
    }
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

static void write_ready(struct playout *playout)
{
    struct error error = {0};
    if (playout->is_ready || sender_count(playout->sender) == 0)
        return;
    playout->is_ready = true;
    log_info("sending %" PRId64 " bit/s to %s", playout->bit_rate, playout->options.output);
    if (playout->options.ready_file && !file_write(playout->options.ready_file, "ready\n", 6, &error))
        log_error("%s", error.text);
}

/* What is done some ten times a second between packets. */
static void do_chores(struct playout *playout)
{
    int64_t now_us = clock_monotonic_us();
    if (now_us < playout->next_chores_us)
        return;
    playout->next_chores_us = now_us + CHORES_EVERY_US;
    take_news(playout);
    set_clock(playout);
    log_late(playout);
    write_ready(playout);
}

static void fill(struct playout *playout, uint8_t data[OUTPUT_SIZE])
{
    for (size_t i = 0; i < OUTPUT_PACKETS; i++)
        mux_packet(playout->mux, data + i * TS_PACKET_SIZE);
    playout->datagrams++;
}

static bool is_over(const struct playout *playout, const atomic_bool *stop)
{
    return atomic_load(stop) ||
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
    if (!desk_watch(playout->desk))
        return error_set(error, "no thread to watch the content folder");
    while (!is_over(playout, stop)) {
        fill(playout, data);
        do {
            if (sender_failed(playout->sender, error))
                return false;
            do_chores(playout);
        } while (!sender_push(playout->sender, data, PUSH_TIMEOUT_MS) && !atomic_load(stop));
    }
    bool whole = !atomic_load(stop);
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
