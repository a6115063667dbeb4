/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-box: what a household's set-top box runs. Here its parts are made, joined on one loop, and ended.
 */
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "box/picture_source.h"
#include "box/preview.h"
#include "channel/channels.h"
#include "link/link.h"
#include "remote/client.h"
#include "shell/script.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 1024
#define PEM_SIZE_MAX (64 * 1024)

struct program {
    struct config *config;
    uv_loop_t loop;
    struct display *display;
    struct store *store;
    struct store_reader *reader;
    struct settings *settings;
    struct link *link;
    struct order_book *orders;
    struct player *player;
    struct reception *reception;
    struct ui *ui;
    struct shell *shell;
    struct remote *remote;
    struct script *script;
    struct speech_options speech;
    uv_async_t news_async, player_async;
    uv_signal_t interrupt, terminate;
    unsigned generations[CONTENT_ROLES];
};

/* ---- events from other threads and devices ---- */

static void on_news(uv_async_t *async)
{
    struct program *program = async->data;
    bool content = false;
    for (int role = 0; role < CONTENT_ROLES; role++) {
        unsigned generation = store_generation(program->store, role);
        content |= generation != program->generations[role];
        program->generations[role] = generation;
    }
    struct reception_news *news = program->reception ? reception_take_news(program->reception) : NULL;
    if (!program->shell) {
        reception_news_destroy(news);
        return;
    }
    if (news)
        shell_take_news(program->shell, news);
    if (content)
        shell_changed(program->shell, SHELL_CHANGED_CONTENT);
    struct programmes *programmes = program->reception ? reception_take_programmes(program->reception) : NULL;
    if (programmes)
        shell_take_programmes(program->shell, programmes);
    struct interaction_event *event; /* behind the content that it may point at */
    while (program->reception && (event = reception_take_event(program->reception))) {
        shell_take_event(program->shell, event);
        free(event);
    }
}

static void wake_news(void *context)
{
    uv_async_send(&((struct program *)context)->news_async);
}

static void store_changed(void *context, enum content_role role)
{
    (void)role;
    uv_async_send(&((struct program *)context)->news_async);
}

static void on_player(uv_async_t *async)
{
    struct program *program = async->data;
    if (program->shell)
        shell_player_wake(program->shell);
}

static void wake_player(void *context)
{
    uv_async_send(&((struct program *)context)->player_async);
}

static void on_order(void *context, const struct order *order)
{
    (void)order;
    struct program *program = context;
    if (program->shell)
        shell_changed(program->shell, SHELL_CHANGED_ORDERS);
}

static void on_key(void *context, struct key_event event)
{
    shell_key(((struct program *)context)->shell, event);
}

static void on_command(void *context, struct remote_request *request, const char *line)
{
    script_command(((struct program *)context)->script, request, line);
}

static void on_display_key(void *context, struct key_event event)
{
    remote_send(((struct program *)context)->remote, event);
}

static void on_window_closed(void *context)
{
    uv_stop(&((struct program *)context)->loop);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    uv_stop(handle->loop);
}

static bool give_picture(void *context, const char *key, struct buffer *out)
{
    return picture_source_give(((struct program *)context)->reader, key, out);
}

/* ---- making the parts ---- */

static bool data_path(const struct program *program, const char *name, char path[PATH_SIZE],
                      struct error *error)
{
    char folder[PATH_SIZE];
    if (!config_path(program->config, "box", "data", folder, sizeof(folder)))
        return error_set(error, "box.data: expected the folder where the box keeps its databases");
    return file_make_folder(folder, error) &&
           (file_join(path, PATH_SIZE, folder, name) || error_set(error, "%s: too long", folder));
}

static bool open_databases(struct program *program, struct error *error)
{
    char content[PATH_SIZE], household[PATH_SIZE];
    if (!data_path(program, "content.db", content, error) ||
        !data_path(program, "household.db", household, error))
        return false;
    program->store = store_open(content, error);
    if (!program->store)
        return false;
    store_on_change(program->store, store_changed, program);
    program->reader = store_reader_create(program->store, error);
    program->settings = program->reader ? settings_open(household, error) : NULL;
    return program->settings != NULL;
}

/* Without a gateway in the configuration orders wait in the outbox; a wrong one is an error. */
static bool open_link(struct program *program, struct error *error)
{
    char ca[PATH_SIZE], certificate[PATH_SIZE], key[PATH_SIZE];
    const char *url = config_string(program->config, "gateway", "url", NULL);
    if (!url) {
        log_warning("gateway.url is not set: orders wait in the outbox");
        return true;
    }
    if (!config_path(program->config, "gateway", "ca", ca, sizeof(ca)) ||
        !config_path(program->config, "gateway", "certificate", certificate, sizeof(certificate)) ||
        !config_path(program->config, "gateway", "key", key, sizeof(key)))
        return error_set(
            error, "gateway.ca, gateway.certificate, gateway.key: expected PEM files beside gateway.url");
    const struct link_options options = {
        .base_url = url, .ca_path = ca, .certificate_path = certificate, .key_path = key};
    program->link = link_create(&program->loop, &options, error);
    return program->link != NULL;
}

static bool open_orders(struct program *program, struct error *error)
{
    char path[PATH_SIZE];
    if (!open_link(program, error) || !data_path(program, "household.db", path, error))
        return false;
    const struct order_book_options options = {
        .database_path = path, .link = program->link, .changed = on_order, .context = program};
    program->orders = order_book_create(&program->loop, &options, error);
    return program->orders != NULL;
}

static bool open_reception(struct program *program, struct error *error)
{
    char root_path[PATH_SIZE], cache[PATH_SIZE], channels_path[PATH_SIZE], list[PATH_SIZE];
    struct buffer root;
    const char *url = config_string(program->config, "tuner", "url", NULL);
    if (!url || !config_path(program->config, "trust", "root", root_path, sizeof(root_path)))
        return error_set(error, "tuner.url and trust.root: both must be set");
    const struct player_options play = {
        .decoder = config_string(program->config, "player", "decoder", "auto"),
        .audio = config_string(program->config, "player", "audio", "auto"),
        .audio_device = config_string(program->config, "player", "audio_device", NULL),
        .wake = wake_player,
        .wake_context = program};
    program->player = player_create(&play, error);
    if (!program->player || !data_path(program, "cache", cache, error) ||
        !data_path(program, "channels.json", channels_path, error))
        return false;
    buffer_init(&root, PEM_SIZE_MAX);
    if (file_read(root_path, &root, error)) {
        const char *charset = config_string(program->config, "tuner", "charset", "gb18030");
        const struct reception_options options = {
            .tuner_url = url,
            .charset = strcmp(charset, "iso6937") ? SI_CHARSET_GB18030 : SI_CHARSET_ISO6937,
            .carousel_id = (uint32_t)config_integer(program->config, "tuner", "carousel", 0, 0, UINT32_MAX),
            .operator_root = buffer_view(&root),
            .store = program->store,
            .settings = program->settings,
            .player = program->player,
            .wake = wake_news,
            .context = program,
            .channels_path = channels_path,
            .list_path = config_path(program->config, "tuner", "list", list, sizeof(list)) ? list : NULL,
            .cache_folder = config_boolean(program->config, "box", "cache", true) ? cache : NULL,
            .carousel_bytes = (size_t)config_integer(program->config, "box", "carousel_mib", 64, 1, 1024)
                              << 20,
            .cache_bytes = (uint64_t)config_integer(program->config, "box", "cache_mib", 64, 1, 65536) << 20};
        program->reception = reception_create(&options, error);
    }
    buffer_finish(&root);
    return program->reception != NULL;
}

/* display.output = 1920x1080; display_create knows the bounds. */
static bool output_size(const struct config *config, int size[2], struct error *error)
{
    char end;
    const char *text = config_string(config, "display", "output", NULL);
    return !text || sscanf(text, "%5dx%5d%c", &size[0], &size[1], &end) == 2 ||
           error_set(error, "display.output: expected WIDTHxHEIGHT such as 1920x1080, found \"%s\"", text);
}

/* As the household chose it, else as the operator did. */
static void set_look(struct program *program)
{
    char scheme[16], size[16];
    enum theme_scheme chosen_scheme = THEME_LAKE;
    enum theme_size chosen_size = THEME_NORMAL;
    settings_get(program->settings, "theme", config_string(program->config, "box", "theme", "lake"), scheme,
                 sizeof(scheme));
    settings_get(program->settings, "text_size", config_string(program->config, "box", "text_size", "normal"),
                 size, sizeof(size));
    if (!theme_scheme_from_str(scheme, &chosen_scheme))
        log_warning("box.theme: expected lake or contrast, found \"%s\"", scheme);
    if (!theme_size_from_str(size, &chosen_size))
        log_warning("box.text_size: expected normal, large or largest, found \"%s\"", size);
    ui_set_look(program->ui, chosen_scheme, chosen_size);
}

static bool open_screen(struct program *program, struct error *error)
{
    char resources[PATH_SIZE], language[8];
    if (!config_path(program->config, "box", "resources", resources, sizeof(resources)))
        snprintf(resources, sizeof(resources), "%s", KOKONOR_RESOURCES);
    const struct config *config = program->config;
    int output[2] = {0, 0};
    if (!output_size(config, output, error))
        return false;
    const struct display_options display = {
        .presenter = config_string(program->config, "display", "presenter", "auto"),
        .width = (int)config_integer(program->config, "display", "width", 1280, 320, 3840),
        .height = (int)config_integer(program->config, "display", "height", 720, 180, 2160),
        .device = config_string(config, "display", "device", NULL),
        .output_width = output[0],
        .output_height = output[1],
        .vnc = {.password = config_string(config, "display", "vnc_password", NULL),
                .listen = config_string(config, "display", "vnc_listen", NULL),
                .port = (int)config_integer(config, "display", "vnc_port", 0, 0, UINT16_MAX),
                .web_port = (int)config_integer(config, "display", "web_port", 0, 0, UINT16_MAX),
                .resources = resources,
                .novnc = config_string(config, "display", "novnc", NULL)}};
    program->display = display_create(&display, error);
    if (!program->display)
        return false;
    settings_get(program->settings, "language", config_string(program->config, "box", "language", "zh"),
                 language, sizeof(language));
    const struct ui_options options = {.display = program->display,
                                       .loop = &program->loop,
                                       .resources = resources,
                                       .language = language,
                                       .picture = give_picture,
                                       .picture_context = program,
                                       .still = !config_boolean(config, "display", "motion", true)};
    program->ui = ui_create(&options, error);
    if (program->ui)
        set_look(program);
    return program->ui != NULL;
}

/* Where nobody would hear it, or without espeak-ng, there is no spoken help: its setting does not appear. */
static const struct speech_options *find_voice(struct program *program)
{
    struct error why = {""};
    program->speech = (struct speech_options){
        .engine = config_string(program->config, "speech", "engine", "auto"),
        .audio = config_string(program->config, "player", "audio", "auto"),
        .audio_device = config_string(program->config, "player", "audio_device", NULL)};
    if (speech_possible(&program->speech, &why))
        return &program->speech;
    log_info("no spoken help: %s", why.text);
    return NULL;
}

/* Until an area was chosen, by the household or by the operator, a start is the first one. */
static bool welcome(struct program *program)
{
    bool has_language = config_string(program->config, "box", "language", NULL) != NULL;
    return shell_open(program->shell, "welcome", has_language ? "area" : "");
}

static bool open_shell(struct program *program, struct error *error)
{
    char area[16];
    settings_get(program->settings, "area", config_string(program->config, "box", "area", ""), area,
                 sizeof(area));
    const struct shell_options options = {.loop = &program->loop,
                                          .link = program->link,
                                          .version = KOKONOR_VERSION,
                                          .ui = program->ui,
                                          .reader = program->reader,
                                          .settings = program->settings,
                                          .orders = program->orders,
                                          .reception = program->reception,
                                          .player = program->player,
                                          .area = area,
                                          .box_id = config_string(program->config, "box", "id", ""),
                                          .channels = channels,
                                          .speech = find_voice(program)};
    program->shell = shell_create(&options);
    program->script = program->shell ? script_create(&program->loop, program->shell) : NULL;
    if (!program->script)
        return error_set(error, "no memory for the screen");
    const char *start = config_string(program->config, "box", "start", channels[0]->name);
    if (strcmp(start, shell_front(program->shell)) != 0 && !shell_open(program->shell, start, ""))
        return error_set(error, "box.start: \"%s\" is no channel", start);
    return *area || welcome(program) || error_set(error, "no memory for the screen");
}

static bool open_remote(struct program *program, struct error *error)
{
    char socket[PATH_SIZE];
    const char *evdev = config_string(program->config, "remote", "evdev", NULL);
    const struct remote_options options = {
        .loop = &program->loop, .key = on_key, .command = on_command, .context = program};
    program->remote = remote_create(&options);
    if (!program->remote)
        return error_set(error, "no memory for the remote");
    if (evdev && !remote_attach(program->remote, "evdev", evdev, error))
        return false;
    if (config_path(program->config, "remote", "socket", socket, sizeof(socket)) &&
        !remote_attach(program->remote, "socket", socket, error))
        return false;
    return display_watch(program->display, &program->loop, on_display_key, on_window_closed, program, error);
}

static bool open_box(struct program *program, struct error *error)
{
    return open_databases(program, error) && open_orders(program, error) && open_screen(program, error) &&
           open_reception(program, error) && open_shell(program, error) && open_remote(program, error);
}

/* Also half-opened: each destroy takes NULL. First what wishes (screens), then what fulfils (threads, which
 * may wake main until they are joined), then what both used; handles close while the loop runs out. */
static void close_box(struct program *program)
{
    remote_destroy(program->remote);
    script_destroy(program->script);
    struct shell *shell = program->shell;
    program->shell = NULL;
    shell_destroy(shell);
    ui_destroy(program->ui);
    reception_destroy(program->reception);
    player_destroy(program->player);
    order_book_destroy(program->orders);
    link_destroy(program->link);
    display_destroy(program->display);
    uv_close((uv_handle_t *)&program->news_async, NULL);
    uv_close((uv_handle_t *)&program->player_async, NULL);
    uv_close((uv_handle_t *)&program->interrupt, NULL);
    uv_close((uv_handle_t *)&program->terminate, NULL);
    uv_run(&program->loop, UV_RUN_DEFAULT);
    uv_loop_close(&program->loop);
    settings_close(program->settings);
    store_reader_destroy(program->reader);
    store_close(program->store);
    config_destroy(program->config);
}

/* False where the machine has no descriptors left: nothing can be closed then. */
static bool start_handles(struct program *program)
{
    signal(SIGPIPE, SIG_IGN);
    if (uv_loop_init(&program->loop) || uv_async_init(&program->loop, &program->news_async, on_news) ||
        uv_async_init(&program->loop, &program->player_async, on_player) ||
        uv_signal_init(&program->loop, &program->interrupt) ||
        uv_signal_init(&program->loop, &program->terminate))
        return false;
    program->news_async.data = program->player_async.data = program;
    return uv_signal_start(&program->interrupt, on_signal, SIGINT) == 0 &&
           uv_signal_start(&program->terminate, on_signal, SIGTERM) == 0;
}

/* Scripts learn here where the screen is to be found, that the box is up, and on which UDP port it listens.
 */
static bool write_ready_file(struct program *program, struct error *error)
{
    char path[PATH_SIZE], address[48], text[64];
    display_address(program->display, address, sizeof(address));
    int length = snprintf(text, sizeof(text), "%s\n", address);
    if (config_path(program->config, "display", "address_file", path, sizeof(path)) &&
        !file_write(path, text, (size_t)length, error))
        return false;
    if (!config_path(program->config, "box", "ready_file", path, sizeof(path)))
        return true;
    length = snprintf(text, sizeof(text), "%u\n", reception_port(program->reception));
    return file_write(path, text, (size_t)length, error);
}

static int run_remote(int argc, char **argv)
{
    struct error error;
    if (argc != 3) {
        fprintf(stderr, "usage: kokonor-box remote SOCKET < SCRIPT\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    if (remote_client_run(argv[2], stdin, &error))
        return 0;
    fprintf(stderr, "kokonor-box: %s\n", error.text);
    return 1;
}

static const char usage[] =
    "kokonor-box " KOKONOR_VERSION ": the set-top box\n"
    "usage: kokonor-box --config FILE [SECTION.NAME=VALUE ...]\n"
    "       kokonor-box remote SOCKET < SCRIPT   keys, pictures and waits for a running box\n"
    "       kokonor-box --render SCREEN[:ARGUMENT]|FILE.json[:ID] --content FOLDER -o FILE.png\n"
    "                   [--language zh|bo|en] [--area CODE] [--time RFC3339] [--size WxH]\n"
    "                   [--keys KEY,KEY...] [--resources FOLDER]\n"
    "                                            what a box would show of a publisher's folder\n";

static bool read_arguments(struct program *program, int argc, char **argv, struct error *error)
{
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--config") && i + 1 < argc) {
            if (!config_load(program->config, argv[++i], error))
                return false;
        } else if (!config_override(program->config, argv[i], error)) {
            return false;
        }
    }
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    const char *level = config_string(program->config, "log", "level", "info");
    for (int i = 0; i < 4; i++) {
        if (!strcmp(level, levels[i])) {
            log_set_level((enum log_level)i);
            return true;
        }
    }
    return error_set(error, "log.level: expected error, warning, info or debug, found \"%s\"", level);
}

/* Decoded pictures come and go on several threads: their memory goes back to the machine at once, instead of
 * being kept for each thread. */
static void keep_memory_small(void)
{
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TRIM_THRESHOLD, 128 * 1024);
#endif
}

int main(int argc, char **argv)
{
    static struct program program;
    struct error error = {""};
    keep_memory_small();
    if (argc > 1 && !strcmp(argv[1], "remote"))
        return run_remote(argc, argv);
    if (argc > 1 && !strcmp(argv[1], "--render"))
        return preview_run(argc - 1, argv + 1, KOKONOR_RESOURCES);
    if (argc < 2 || !strcmp(argv[1], "--help")) {
        fputs(usage, argc < 2 ? stderr : stdout);
        return argc < 2 ? 2 : 0;
    }
    program.config = config_create();
    if (!program.config || !read_arguments(&program, argc, argv, &error)) {
        fprintf(stderr, "kokonor-box: %s\n", error.text);
        config_destroy(program.config);
        return 2;
    }
    if (!start_handles(&program)) {
        fprintf(stderr, "kokonor-box: no descriptors left for its loop\n");
        return 1;
    }
    bool ok = open_box(&program, &error) && write_ready_file(&program, &error);
    if (ok) {
        log_info("kokonor-box %s is up, shown by %s", KOKONOR_VERSION,
                 display_presenter_name(program.display));
        uv_run(&program.loop, UV_RUN_DEFAULT);
    } else {
        log_error("%s", error.text);
    }
    close_box(&program);
    return ok ? 0 : 1;
}
