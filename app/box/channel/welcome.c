/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/welcome.h"

#include "base/text.h"
#include "shell/shell.h"
#include "ui/area_picker.h"
#include "ui/widget.h"

#include <stdlib.h>
#include <string.h>

struct welcome {
    struct view *view;
    struct shell *shell;
    struct language {
        struct welcome *welcome;
        enum content_language language;
    } languages[CONTENT_LANGUAGES];
    struct node *picker; /* NULL: the language is asked for */
};

static void build(struct welcome *welcome, bool area);

static void choose_language(struct node *node, void *context)
{
    (void)node;
    const struct language *chosen = context;
    struct welcome *welcome = chosen->welcome;
    shell_set_language(welcome->shell, chosen->language);
    if (ui_divisions(shell_ui(welcome->shell)))
        build(welcome, true);
    else
        shell_back(welcome->shell); /* there is nothing to choose from: the settings may offer it later */
}

static void choose_area(struct node *picker, const char *code, void *context)
{
    (void)picker;
    struct shell *shell = ((struct welcome *)context)->shell;
    shell_set_area(shell, code);
    shell_back(shell);
}

/* Each in its own language, whatever the language of the screen is. */
static void build_languages(struct welcome *welcome, struct node *body)
{
    static const struct {
        const char *name, *note;
    } doors[CONTENT_LANGUAGES] = {[CONTENT_ZH] = {"settings.language.zh", "welcome.choose.zh"},
                                  [CONTENT_BO] = {"settings.language.bo", "welcome.choose.bo"},
                                  [CONTENT_EN] = {"settings.language.en", "welcome.choose.en"}};
    int radius = ui_theme(shell_ui(welcome->shell))->radius;
    const struct style plain = {.fill = COLOR_SURFACE, .border = COLOR_LINE, .radius = radius};
    const struct style focused = {
        .fill = COLOR_SURFACE_FOCUS, .fill_top = COLOR_SURFACE_RAISED, .radius = radius};
    struct node *middle =
        node_grow(node_box(body, &(struct box){.gap = 28, .along = ALIGN_CENTER, .across = ALIGN_CENTER}), 1);
    ui_icon(middle, "language", 96, COLOR_ACCENT);
    struct node *row = node_size(ui_grid(middle, CONTENT_LANGUAGES, 24), 1080, 0);
    for (int i = 0; i < CONTENT_LANGUAGES; i++) {
        welcome->languages[i] = (struct language){welcome, (enum content_language)i};
        struct node *button = node_box(row, &(struct box){.gap = 12,
                                                          .padding = INSETS_XY(16, 40),
                                                          .along = ALIGN_CENTER,
                                                          .across = ALIGN_CENTER,
                                                          .style = plain,
                                                          .focus_style = focused,
                                                          .use_focus_style = true});
        node_lines(node_text(button, tr(doors[i].name), TYPE_HERO, COLOR_TEXT), 1);
        node_lines(node_text(button, tr(doors[i].note), TYPE_BODY, COLOR_TEXT_SOFT), 2);
        node_lift(node_on_activate(button, choose_language, &welcome->languages[i]), true);
        if (shell_language(welcome->shell) == (enum content_language)i)
            node_focus(button);
    }
}

static void build_area(struct welcome *welcome, struct node *body, const char *within)
{
    welcome->picker =
        ui_area_picker(body, &(struct ui_area_picker){.divisions = ui_divisions(shell_ui(welcome->shell)),
                                                      .chosen = shell_area(welcome->shell),
                                                      .within = within,
                                                      .choose = choose_area,
                                                      .context = welcome});
}

static void build(struct welcome *welcome, bool area)
{
    char within[DIVISION_CODE_SIZE] = "";
    if (welcome->picker)
        text_copy(within, sizeof(within), ui_area_picker_within(welcome->picker));
    struct node *screen = view_screen(welcome->view);
    welcome->picker = NULL;
    ui_header(screen, tr(area ? "welcome.area" : "welcome.title"), lit(NULL));
    struct node *body = ui_body(screen);
    if (area)
        build_area(welcome, body, within);
    else
        build_languages(welcome, body);
    ui_hints(screen, (struct ui_hint[]){{KEY_OK, tr("hint.select")}, {KEY_BACK, tr("hint.back")}},
             area ? 2 : 1);
}

static void *open_welcome(struct view *view, const char *argument)
{
    struct welcome *welcome = calloc(1, sizeof(*welcome));
    if (!welcome)
        return NULL;
    welcome->view = view;
    welcome->shell = view_shell(view);
    build(welcome, !strcmp(argument, "area") && ui_divisions(shell_ui(welcome->shell)));
    return welcome;
}

/* The way out is to choose; only the sound may be changed meanwhile. */
static bool key(void *self, struct key_event event)
{
    struct welcome *welcome = self;
    if (event.key == KEY_VOLUME_UP || event.key == KEY_VOLUME_DOWN || event.key == KEY_MUTE)
        return false;
    if (event.key == KEY_BACK && !event.repeat && welcome->picker)
        build(welcome, false);
    return true;
}

static void changed(void *self, unsigned changes)
{
    struct welcome *welcome = self;
    if (changes & SHELL_CHANGED_LANGUAGE)
        build(welcome, welcome->picker != NULL);
}

const struct channel channel_welcome = {"welcome", open_welcome, key, NULL, changed, free};
