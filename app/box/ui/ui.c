/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/ui.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "ui/desk.h"
#include "ui/inside.h"
#include "ui/widget.h"
#include <stdlib.h>
#include <string.h>

#define PICTURE_BYTES_MAX (48u << 20)
#define TOAST_LEVEL_WIDTH 320
#define TOAST_LEVEL_TOP 40
#define TOAST_MS 3000
#define FRAME_MS 16

/* The loop's handles outlive the interface by a turn. */
struct beat {
    uv_prepare_t prepare; /* draws before the loop sleeps */
    uv_timer_t toast;
    uv_timer_t frame; /* runs while something moves */
    int handles;
    struct ui *ui; /* NULL: gone */
};

struct ui {
    struct display *display;
    uv_loop_t *loop;
    struct theme themes[THEME_SCHEMES]; /* as they were loaded */
    struct theme theme;                 /* the one that is shown, at its size */
    enum theme_scheme scheme;
    struct strings *strings;
    struct divisions *divisions; /* NULL: not read yet, or it cannot be */
    char *divisions_path;        /* NULL once it was tried */
    struct kit kit;              /* handed to the scene */
    struct scene *scene;
    struct node *layers[UI_LAYER_COUNT];
    struct node *toast;
    IDirectFBSurface *backdrop;
    struct beat *beat;
    char clock[96];
};

static void picture_arrived(void *context, const char *key);

static bool load(struct ui *ui, const struct ui_options *options, struct error *error)
{
    char path[4096], over[4096];
    if (!file_join(path, sizeof(path), options->resources, "theme/theme.ini") ||
        !file_join(over, sizeof(over), options->resources, "theme/contrast.ini") ||
        !theme_load(&ui->themes[THEME_LAKE], path, error) ||
        !theme_load_over(&ui->themes[THEME_CONTRAST], path, over, error))
        return false;
    ui->theme = ui->themes[THEME_LAKE];
    file_join(path, sizeof(path), options->resources, "strings");
    ui->strings = strings_load(path, error);
    if (!ui->strings)
        return false;
    if (options->language && !strings_set_language(ui->strings, options->language))
        log_warning("no strings in \"%s\"", options->language);
    ui->kit.directfb = display_directfb(ui->display);
    ui->kit.canvas = display_canvas(ui->display);
    ui->kit.theme = &ui->theme;
    file_join(path, sizeof(path), options->resources, "fonts/fonts.ini");
    ui->kit.typesetter = typesetter_create(ui->kit.directfb, path, error);
    if (!ui->kit.typesetter)
        return false;
    file_join(path, sizeof(path), options->resources, "divisions.json");
    ui->divisions_path = strdup(path);
    file_join(path, sizeof(path), options->resources, "icons");
    ui->kit.icons = icons_create(ui->kit.directfb, path);
    ui->kit.pictures = pictures_create(&(struct pictures_options){
        .directfb = ui->kit.directfb,
        .loop = ui->loop,
        .maximum_bytes = PICTURE_BYTES_MAX,
        .provide = options->picture,
        .context = options->picture_context,
        .arrived = picture_arrived,
        .arrived_context = ui,
    });
    return (ui->kit.icons && ui->kit.pictures) || error_set(error, "ui: out of memory");
}

static void before_sleep(uv_prepare_t *prepare)
{
    struct beat *beat = prepare->data;
    if (beat->ui)
        ui_draw(beat->ui);
}

/* The picture is drawn before the loop sleeps, as ever. */
static void next_frame(uv_timer_t *timer)
{
    struct beat *beat = timer->data;
    if (beat->ui && beat->ui->scene->motions.count > 0)
        beat->ui->scene->draw_dirty = true;
    else
        uv_timer_stop(timer);
}

static bool start_beat(struct ui *ui, struct error *error)
{
    if (!ui->loop)
        return true;
    struct beat *beat = calloc(1, sizeof(*beat));
    if (!beat)
        return error_set(error, "ui: out of memory");
    uv_prepare_init(ui->loop, &beat->prepare);
    uv_timer_init(ui->loop, &beat->toast);
    uv_timer_init(ui->loop, &beat->frame);
    beat->handles = 3;
    beat->prepare.data = beat->toast.data = beat->frame.data = beat;
    beat->ui = ui;
    ui->beat = beat;
    uv_prepare_start(&beat->prepare, before_sleep);
    uv_unref((uv_handle_t *)&beat->prepare);
    return true;
}

struct ui *ui_create(const struct ui_options *options, struct error *error)
{
    struct ui *ui = calloc(1, sizeof(*ui));
    if (!ui) {
        error_set(error, "ui: out of memory");
        return NULL;
    }
    ui->display = options->display;
    ui->loop = options->loop;
    if (load(ui, options, error)) {
        ui->scene = scene_create(ui, ui->display, &ui->theme, ui->strings, &ui->kit);
        for (int i = 0; ui->scene && i < UI_LAYER_COUNT; i++)
            ui->layers[i] = node_box(scene_root(ui->scene), &(struct box){.layout = LAYOUT_STACK});
        if (!ui->scene || !ui->layers[UI_LAYER_COUNT - 1])
            error_set(error, "ui: out of memory");
        else if (start_beat(ui, error)) {
            if (ui->loop && !options->still)
                motions_begin(ui->scene, NULL, NULL);
            return ui;
        }
    }
    ui_destroy(ui);
    return NULL;
}

static void beat_closed(uv_handle_t *handle)
{
    struct beat *beat = handle->data;
    if (--beat->handles == 0)
        free(beat);
}

void ui_destroy(struct ui *ui)
{
    if (!ui)
        return;
    if (ui->beat) {
        ui->beat->ui = NULL;
        uv_close((uv_handle_t *)&ui->beat->prepare, beat_closed);
        uv_close((uv_handle_t *)&ui->beat->toast, beat_closed);
        uv_close((uv_handle_t *)&ui->beat->frame, beat_closed);
    }
    scene_destroy(ui->scene);
    pictures_destroy(ui->kit.pictures);
    icons_destroy(ui->kit.icons);
    typesetter_destroy(ui->kit.typesetter);
    strings_destroy(ui->strings);
    divisions_destroy(ui->divisions);
    free(ui->divisions_path);
    if (ui->backdrop)
        ui->backdrop->Release(ui->backdrop);
    free(ui);
}

struct scene *ui_scene(struct ui *ui)
{
    return ui->scene;
}

const struct theme *ui_theme(const struct ui *ui)
{
    return &ui->theme;
}

int ui_text_px(const struct ui *ui, int px)
{
    return theme_text_px(&ui->theme, px);
}

int ui_less_px(const struct ui *ui, int px)
{
    return theme_less_px(&ui->theme, px);
}

bool ui_text_large(const struct ui *ui)
{
    return ui->theme.size != THEME_NORMAL;
}

struct strings *ui_strings(struct ui *ui)
{
    return ui->strings;
}

const struct divisions *ui_divisions(struct ui *ui)
{
    struct error error;
    if (ui->divisions_path) {
        ui->divisions = divisions_load(ui->divisions_path, &error);
        if (!ui->divisions)
            log_warning("no areas to choose from: %s", error.text);
        free(ui->divisions_path);
        ui->divisions_path = NULL;
    }
    return ui->divisions;
}

struct display *ui_display(struct ui *ui)
{
    return ui->display;
}

struct ui *ui_of(const struct node *node)
{
    return node ? node->scene->ui : NULL;
}

struct node *ui_layer(struct ui *ui, enum ui_layer layer)
{
    return ui->layers[layer];
}

IDirectFBSurface **ui_backdrop(struct ui *ui)
{
    return &ui->backdrop;
}

const char *ui_clock(const struct ui *ui)
{
    return ui->clock;
}

bool ui_key(struct ui *ui, struct key_event event)
{
    return scene_key(ui->scene, event);
}

static void forget_shown(struct node *node, void *context)
{
    (void)context;
    if (node->kind == NODE_TEXT)
        node_touch(node);
}

bool ui_set_language(struct ui *ui, const char *language)
{
    if (!strings_set_language(ui->strings, language))
        return false;
    ui->scene->language++;
    ui->scene->layout_dirty = true;
    node_each(scene_root(ui->scene), forget_shown, NULL);
    return true;
}

static void forget_look(struct node *node, void *context)
{
    (void)context;
    node_touch_layout(node);
}

void ui_set_look(struct ui *ui, enum theme_scheme scheme, enum theme_size size)
{
    if (scheme == ui->scheme && size == ui->theme.size)
        return;
    if (scheme != ui->scheme && ui->backdrop) {
        ui->backdrop->Release(ui->backdrop);
        ui->backdrop = NULL;
    }
    const struct theme_motion motion = ui->theme.motion; /* may have been turned off */
    ui->scheme = scheme;
    ui->theme = ui->themes[scheme];
    ui->theme.motion = motion;
    theme_set_size(&ui->theme, size);
    ui->scene->language++; /* long lists measure their rows again */
    node_each(scene_root(ui->scene), forget_look, NULL);
}

enum theme_scheme ui_scheme(const struct ui *ui)
{
    return ui->scheme;
}

static void set_clock(struct node *node, void *context)
{
    if (node->is_clock)
        node_set_words(node, lit(context));
}

void ui_set_clock(struct ui *ui, const char *text)
{
    if (strncmp(ui->clock, text, sizeof(ui->clock) - 1) == 0)
        return;
    text_copy(ui->clock, sizeof(ui->clock), text);
    node_each(scene_root(ui->scene), set_clock, ui->clock);
}

void ui_draw(struct ui *ui)
{
    scene_draw(ui->scene, NULL, 0, NULL);
    if (ui->beat && ui->scene->motions.count > 0 && !uv_is_active((uv_handle_t *)&ui->beat->frame))
        uv_timer_start(&ui->beat->frame, next_frame, FRAME_MS, FRAME_MS);
}

void ui_finish_motion(struct ui *ui)
{
    motions_finish(ui->scene);
}

bool ui_idle(const struct ui *ui)
{
    return !scene_needs_draw(ui->scene) && !pictures_busy(ui->kit.pictures) && ui->scene->motions.count == 0;
}

static void redraw_picture(struct node *node, void *context)
{
    const char *key = context;
    if (node->kind != NODE_PICTURE || !node->name || strcmp(node->name, key) != 0)
        return;
    node_touch(node);
    if (node->waits && !rect_empty(node->drawn.rect)) /* over the placeholder that was there */
        motion_start(node, MOTION_PICTURE, 255, node->scene->theme->motion.picture_ms);
}

static void picture_arrived(void *context, const char *key)
{
    struct ui *ui = context;
    node_each(scene_root(ui->scene), redraw_picture, (void *)key);
}

static void ask_again(struct node *node, void *context)
{
    const char *prefix = context;
    if (node->kind == NODE_PICTURE && node->name && strncmp(node->name, prefix, strlen(prefix)) == 0)
        node_touch(node);
}

void ui_pictures_changed(struct ui *ui, const char *prefix)
{
    pictures_forget(ui->kit.pictures, prefix);
    node_each(scene_root(ui->scene), ask_again, (void *)prefix);
}

/* ---- toasts ---- */

static void toast_over(uv_timer_t *timer)
{
    struct beat *beat = timer->data;
    if (!beat->ui)
        return;
    node_depart(beat->ui->toast, true);
    beat->ui->toast = NULL;
}

void ui_toast(struct ui *ui, const char *icon, struct words words)
{
    bool another = ui->toast != NULL;
    node_destroy(ui->toast);
    ui->toast = node_box(ui->layers[UI_LAYER_TOAST], &(struct box){.layout = LAYOUT_ROW,
                                                                   .gap = 16,
                                                                   .padding = INSETS_XY(32, 18),
                                                                   .margin = {0, 0, 0, 96},
                                                                   .max_width = 1000,
                                                                   .across = ALIGN_CENTER,
                                                                   .place_x = ALIGN_CENTER,
                                                                   .place_y = ALIGN_END,
                                                                   .style = {.fill = COLOR_SURFACE_RAISED,
                                                                             .border = COLOR_ACCENT,
                                                                             .border_width = 2,
                                                                             .radius = 16,
                                                                             .shadow = 24}});
    if (icon)
        node_icon(ui->toast, icon, 40, COLOR_ACCENT);
    node_text(ui->toast, words, TYPE_BODY, COLOR_TEXT);
    if (!another)
        node_arrive(ui->toast, ARRIVE_RISE);
    if (ui->beat)
        uv_timer_start(&ui->beat->toast, toast_over, TOAST_MS, 0);
}

void ui_toast_level(struct ui *ui, const char *icon, struct words words, int permille)
{
    ui_toast(ui, icon, words);
    node_margin(node_place(ui->toast, ALIGN_CENTER, ALIGN_START), 0, TOAST_LEVEL_TOP, 0, 0);
    struct node *room = node_box(ui->toast, &(struct box){.width = TOAST_LEVEL_WIDTH});
    ui_progress(room, permille);
}
