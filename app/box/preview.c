/* SPDX-License-Identifier: Apache-2.0 */
#include "box/preview.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "box/picture_source.h"
#include "box/preview_content.h"
#include "channel/channels.h"
#include "content/area.h"
#include "shell/shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS_MAX 64
#define SCREEN_SIZE 32
#define ARGUMENT_SIZE 96
#define DRAWS_MAX 1000

struct options {
    const char *what, *content, *language, *area, *output, *resources, *time, *size, *keys;
    char screen[SCREEN_SIZE], argument[ARGUMENT_SIZE]; /* of what, or of the document */
    bool is_file;
    struct preview_file file; /* in use where is_file */
    int64_t utc_s;
    int width, height; /* 0: of the picture */
    enum key pressed[KEYS_MAX];
    size_t pressed_count;
};

struct preview {
    const struct options *options;
    char folder[64]; /* of its database; "": none yet */
    struct store *store;
    struct store_reader *reader;
    struct display *display;
    struct ui *ui;
    struct shell *shell;
    struct order_book *orders;
    uv_loop_t loop; /* of the order book alone */
    bool has_loop;
};

/* ---- arguments ---- */

static bool is_channel(const char *name)
{
    for (size_t i = 0; channels[i]; i++)
        if (!strcmp(channels[i]->name, name))
            return true;
    return false;
}

static bool refuse_screen(const char *name, struct error *error)
{
    char known[400] = "";
    for (size_t i = 0; channels[i]; i++) {
        size_t length = strlen(known);
        snprintf(known + length, sizeof(known) - length, "%s%s", i ? ", " : "", channels[i]->name);
    }
    return error_set(error, "--render: expected %s, or a document FILE.json, found \"%s\"", known, name);
}

/* What shows a document: its own page, or the list that it shapes. */
static void screen_of_file(struct options *options)
{
    static const char *const screens[][2] = {
        [CONTENT_CATEGORIES] = {"shopping", "shopping"},  [CONTENT_MERCHANTS] = {"shopping", "shopping"},
        [CONTENT_CATALOGUE] = {"product", "shopping"},    [CONTENT_CREDIT_LIST] = {"notice", "credit"},
        [CONTENT_DIRECTORY] = {"community", "community"}, [CONTENT_PAGE] = {"page", "community"},
    };
    const struct preview_file *file = &options->file;
    text_copy(options->screen, sizeof(options->screen), screens[file->kind][!*file->entry]);
    text_copy(options->argument, sizeof(options->argument), file->entry);
    if (!*options->area)
        options->area = file->area;
}

/* "product:yak-yogurt"; "purchase:yak-yogurt" buys one, "purchase:yak-yogurt 2" two. */
static bool read_screen(struct options *options, struct error *error)
{
    const char *colon = strchr(options->what, ':');
    size_t length = colon ? (size_t)(colon - options->what) : strlen(options->what);
    if (length >= sizeof(options->screen))
        return refuse_screen(options->what, error);
    memcpy(options->screen, options->what, length);
    options->screen[length] = 0;
    if (!is_channel(options->screen))
        return refuse_screen(options->screen, error);
    const char *more = !strcmp(options->screen, "purchase") && colon && !strchr(colon, ' ') ? " 1" : "";
    int written =
        snprintf(options->argument, sizeof(options->argument), "%s%s", colon ? colon + 1 : "", more);
    return written < (int)sizeof(options->argument) ||
           error_set(error, "--render: \"%s\" is too long", options->what);
}

static bool read_keys(struct options *options, struct error *error)
{
    char name[24];
    int used = 0;
    for (const char *at = options->keys; at && sscanf(at, " %23[^, ]%n", name, &used) == 1; at += used) {
        enum key key = key_from_name(name);
        if (key == KEY_NONE || options->pressed_count == KEYS_MAX)
            return error_set(error,
                             "--keys: expected at most %d of up, down, left, right, ok, back, home, 0 to 9, "
                             "red, green, yellow, blue ..., found \"%s\"",
                             KEYS_MAX, name);
        options->pressed[options->pressed_count++] = key;
        at += strspn(at + used, ", ");
    }
    return true;
}

static bool read_values(struct options *options, struct error *error)
{
    char end;
    enum content_language language;
    options->is_file = strstr(options->what, ".json") != NULL;
    if (!options->is_file && !read_screen(options, error))
        return false;
    if (!options->output)
        return error_set(error, "-o: expected the picture to write, such as -o screen.png");
    if (!content_language_from_str(options->language, &language))
        return error_set(error, "--language: expected zh, bo or en, found \"%s\"", options->language);
    if (*options->area && !content_area_is_code(options->area))
        return error_set(error, "--area: expected a GB/T 2260 code of 2 to 12 digits, found \"%s\"",
                         options->area);
    if (options->time && !clock_parse_rfc3339(options->time, &options->utc_s))
        return error_set(error, "--time: expected a time such as 2026-11-23T18:00:00+08:00, found \"%s\"",
                         options->time);
    if (options->size &&
        (sscanf(options->size, "%5dx%5d%c", &options->width, &options->height, &end) != 2 ||
         options->width < 320 || options->width > 3840 || options->height < 180 || options->height > 2160))
        return error_set(error, "--size: expected 320x180 to 3840x2160, found \"%s\"", options->size);
    return read_keys(options, error);
}

static bool read_arguments(struct options *options, int argc, char **argv, struct error *error)
{
    const struct {
        const char *name, **value;
    } known[] = {{"--render", &options->what},
                 {"--content", &options->content},
                 {"--language", &options->language},
                 {"--area", &options->area},
                 {"--time", &options->time},
                 {"--size", &options->size},
                 {"--keys", &options->keys},
                 {"--resources", &options->resources},
                 {"-o", &options->output}};
    for (int i = 0; i < argc; i += 2) {
        size_t k = 0;
        while (k < sizeof(known) / sizeof(known[0]) && strcmp(argv[i], known[k].name) != 0)
            k++;
        if (k == sizeof(known) / sizeof(known[0]))
            return error_set(
                error,
                "\"%s\": expected --render, --content, --language, --area, --time, --size, --keys, "
                "--resources or -o",
                argv[i]);
        if (i + 1 == argc)
            return error_set(error, "%s: expected a value behind it", argv[i]);
        *known[k].value = argv[i + 1];
    }
    return read_values(options, error);
}

/* ---- drawing ---- */

static bool give_picture(void *context, const char *key, struct buffer *out)
{
    return picture_source_give(((struct preview *)context)->reader, key, out);
}

static int64_t given_time(void *context)
{
    return ((struct preview *)context)->options->utc_s;
}

/* Mistakes in the content go to standard error, a line each. */
static void print_report(void *context, enum content_severity severity, const char *text)
{
    (void)context;
    fprintf(stderr, "%s%s\n", severity == CONTENT_WARNING ? "warning: " : "", text);
}

static bool open_content(struct preview *preview, struct error *error)
{
    char path[PREVIEW_PATH_SIZE], household[PREVIEW_PATH_SIZE];
    const struct options *options = preview->options;
    const char *temporary = getenv("TMPDIR");
    int length = snprintf(preview->folder, sizeof(preview->folder), "%s/kokonor-render-XXXXXX",
                          temporary && *temporary && strlen(temporary) < 32 ? temporary : "/tmp");
    if (length >= (int)sizeof(preview->folder) || !mkdtemp(preview->folder)) {
        preview->folder[0] = 0;
        return error_set(error, "/tmp: no folder for the preview's database can be made there");
    }
    if (!file_join(path, sizeof(path), preview->folder, "content.db") ||
        !file_join(household, sizeof(household), preview->folder, "household.db"))
        return error_set(error, "%s: too long", preview->folder);
    preview->store = store_open(path, error);
    const char *folder = options->content ? options->content : options->is_file ? options->file.folder : NULL;
    if (!preview->store ||
        !preview_content_fill(preview->store, folder, options->is_file ? &options->file : NULL,
                              options->utc_s, print_report, NULL, error))
        return false;
    preview->reader = store_reader_create(preview->store, error);
    preview->has_loop = uv_loop_init(&preview->loop) == 0;
    if (!preview->reader || !preview->has_loop)
        return preview->reader ? error_set(error, "no descriptors left for a loop") : false;
    preview->orders =
        order_book_create(&preview->loop, &(struct order_book_options){.database_path = household}, error);
    return preview->orders != NULL;
}

/* As a box has it that receives its content, but no channel. */
static struct reception_news *make_news(int64_t utc_s)
{
    struct reception_news *news = calloc(1, sizeof(*news));
    if (!news)
        return NULL;
    news->signal = true;
    news->utc_s = utc_s;
    for (int role = 0; role < CONTENT_ROLES; role++)
        news->roles[role] = (struct reception_role){.seen = true, .result = TRUST_ACCEPTED, .sequence = 1};
    return news;
}

static bool open_shell(struct preview *preview, struct error *error)
{
    const struct options *options = preview->options;
    const struct display_options display = {
        .presenter = "offscreen", .output_width = options->width, .output_height = options->height};
    preview->display = display_create(&display, error);
    const struct ui_options ui = {.display = preview->display,
                                  .resources = options->resources,
                                  .language = options->language,
                                  .picture = give_picture,
                                  .picture_context = preview};
    preview->ui = preview->display ? ui_create(&ui, error) : NULL;
    if (!preview->ui)
        return false;
    const struct shell_options shell = {.ui = preview->ui,
                                        .reader = preview->reader,
                                        .orders = preview->orders,
                                        .area = options->area,
                                        .box_id = "",
                                        .channels = channels,
                                        .utc = given_time,
                                        .utc_context = preview};
    preview->shell = shell_create(&shell);
    struct reception_news *news = preview->shell ? make_news(options->utc_s) : NULL;
    if (!news)
        return error_set(error, "no memory for the screen");
    shell_take_news(preview->shell, news);
    return true;
}

/* A box that is asked for what it has not shows that it has not; a publisher wants to be told. */
static bool is_there(const struct preview *preview)
{
    const struct options *options = preview->options;
    struct store_scope scope = shell_scope(preview->shell);
    char id[ARGUMENT_SIZE];
    snprintf(id, sizeof(id), "%.*s", (int)strcspn(options->argument, " "), options->argument);
    bool there = true;
    if (!strcmp(options->screen, "product") || !strcmp(options->screen, "purchase")) {
        struct store_product *product = store_product(preview->reader, &scope, id);
        there = product != NULL;
        store_product_destroy(product);
    } else if (!strcmp(options->screen, "notice")) {
        struct content_notice *notice = store_notice(preview->reader, &scope, id);
        there = notice != NULL;
        store_notice_destroy(notice);
    } else if (!strcmp(options->screen, "page")) {
        struct content_page *page = store_page(preview->reader, &scope, id);
        there = page != NULL;
        store_page_destroy(page);
    }
    return there;
}

static bool draw(struct preview *preview, struct error *error)
{
    const struct options *options = preview->options;
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(options->utc_s, time);
    if (!is_there(preview))
        return error_set(error, "%s:%s: a box in area \"%s\" is shown none of that id at %s", options->screen,
                         options->argument, options->area, time);
    if (strcmp(options->screen, shell_front(preview->shell)) != 0 &&
        !shell_open(preview->shell, options->screen, options->argument))
        return error_set(error, "%s:%s: does not open", options->screen, options->argument);
    for (size_t i = 0; i < options->pressed_count; i++) {
        shell_key(preview->shell, (struct key_event){.key = options->pressed[i]});
        uv_run(&preview->loop, UV_RUN_DEFAULT); /* an order reaches the book */
    }
    for (int i = 0; i < DRAWS_MAX && !ui_idle(preview->ui); i++)
        ui_draw(preview->ui);
    return display_save_png(preview->display, options->output, error);
}

static void close_preview(struct preview *preview)
{
    shell_destroy(preview->shell);
    ui_destroy(preview->ui);
    display_destroy(preview->display);
    order_book_destroy(preview->orders);
    if (preview->has_loop) {
        uv_run(&preview->loop, UV_RUN_DEFAULT);
        uv_loop_close(&preview->loop);
    }
    store_reader_destroy(preview->reader);
    store_close(preview->store);
    if (*preview->folder)
        file_remove_tree(preview->folder, NULL);
}

int preview_run(int argc, char **argv, const char *resources)
{
    struct error error = {""};
    struct options options = {.language = "zh", .area = "", .resources = resources, .utc_s = clock_utc_s()};
    log_set_level(LOG_LEVEL_WARNING);
    if (!read_arguments(&options, argc, argv, &error)) {
        fprintf(stderr, "kokonor-box: %s\n", error.text);
        return 2;
    }
    struct preview preview = {.options = &options};
    bool good = !options.is_file || preview_file_read(&options.file, options.what, &error);
    if (good && options.is_file)
        screen_of_file(&options);
    good = good && open_content(&preview, &error) && open_shell(&preview, &error) && draw(&preview, &error);
    close_preview(&preview);
    if (options.is_file)
        preview_file_finish(&options.file);
    if (!good)
        fprintf(stderr, "kokonor-box: %s\n", error.text);
    return good ? 0 : 1;
}
