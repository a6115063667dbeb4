/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/area.h"

#include "base/text.h"
#include "shell/shell.h"
#include "ui/area_picker.h"
#include "ui/widget.h"

#include <stdlib.h>

struct area_page {
    struct view *view;
    struct shell *shell;
    struct node *picker;
};

static void choose(struct node *picker, const char *code, void *context)
{
    (void)picker;
    struct shell *shell = ((struct area_page *)context)->shell;
    shell_set_area(shell, code);
    ui_toast(shell_ui(shell), "ok", tr("toast.saved"));
    shell_back(shell);
}

static void build(struct area_page *page)
{
    char within[DIVISION_CODE_SIZE];
    if (page->picker) /* as far as the viewer had come */
        text_copy(within, sizeof(within), ui_area_picker_within(page->picker));
    const struct divisions *divisions = ui_divisions(shell_ui(page->shell));
    const struct ui_area_picker options = {.divisions = divisions,
                                           .chosen = shell_area(page->shell),
                                           .within = page->picker ? within : NULL,
                                           .choose = choose,
                                           .context = page};
    struct node *screen = view_screen(page->view);
    ui_header(screen, tr("settings.area"), lit(NULL));
    struct node *body = ui_body(screen);
    page->picker = NULL;
    if (divisions)
        page->picker = ui_area_picker(body, &options);
    else
        ui_empty(body, "place", tr("area.none"), tr("error.generic"));
    ui_hints(screen,
             (struct ui_hint[]){
                 {KEY_OK, tr("hint.select")}, {KEY_BACK, tr("area.up")}, {KEY_BLUE, tr("hint.blue")}},
             3);
}

static void *open_area(struct view *view, const char *argument)
{
    (void)argument;
    struct area_page *page = calloc(1, sizeof(*page));
    if (!page)
        return NULL;
    page->view = view;
    page->shell = view_shell(view);
    build(page);
    return page;
}

static void changed(void *self, unsigned changes)
{
    if (changes & SHELL_CHANGED_LANGUAGE)
        build(self);
}

const struct channel channel_area = {"area", open_area, NULL, NULL, changed, free};
