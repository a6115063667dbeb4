/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/about.h"

#include "shell/shell.h"
#include "ui/widget.h"

#include <stdlib.h>

struct about {
    struct view *view;
    struct shell *shell;
};

static void build(struct about *about)
{
    char area[DIVISION_PATH_SIZE];
    struct ui *ui = shell_ui(about->shell);
    const char *code = shell_area(about->shell), *id = shell_box_id(about->shell);
    divisions_path(ui_divisions(ui), "", code, strings_language(ui_strings(ui)), area);
    struct node *screen = view_screen(about->view);
    ui_header(screen, tr("settings.about"), lit(NULL));
    struct node *panel = ui_panel(ui_scroll(ui_body(screen), 0), 14);
    ui_text(panel, tr("app.name"), TYPE_TITLE);
    ui_fact(panel, tr("settings.version"), lit(shell_version(about->shell)));
    ui_fact(panel, tr("settings.box_id"), *id ? lit(id) : tr("common.unknown"));
    ui_fact(panel, tr("settings.area"), *area ? lit(area) : tr("common.unknown"));
    ui_fact(panel, tr("about.licence"), lit("Apache-2.0"));
    ui_note(panel, tr("about.licence.note"));
    ui_hints(screen, (struct ui_hint[]){{KEY_BACK, tr("hint.back")}, {KEY_BLUE, tr("hint.blue")}}, 2);
}

static void *open_about(struct view *view, const char *argument)
{
    (void)argument;
    struct about *about = calloc(1, sizeof(*about));
    if (!about)
        return NULL;
    about->view = view;
    about->shell = view_shell(view);
    build(about);
    return about;
}

static void changed(void *self, unsigned changes)
{
    if (changes & SHELL_CHANGED_LANGUAGE)
        build(self);
}

const struct channel channel_about = {"about", open_about, NULL, NULL, changed, free};
