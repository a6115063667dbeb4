/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/settings.h"

#include "shell/shell.h"
#include "ui/widget.h"

#include <stdlib.h>
#include <string.h>

/* Opens the page for engineers; the manual tells it. */
#define ENGINEER_CODE "2580"

struct settings_page {
    struct view *view;
    struct shell *shell;
    char typed[sizeof(ENGINEER_CODE)]; /* the last digits */
};

static void select_language(struct node *choice, size_t index, void *context)
{
    (void)choice;
    shell_set_language(((struct settings_page *)context)->shell, (enum content_language)index);
}

static void select_size(struct node *choice, size_t index, void *context)
{
    (void)choice;
    struct shell *shell = ((struct settings_page *)context)->shell;
    shell_set_look(shell, ui_scheme(shell_ui(shell)), (enum theme_size)index);
}

static void select_scheme(struct node *choice, size_t index, void *context)
{
    (void)choice;
    struct shell *shell = ((struct settings_page *)context)->shell;
    shell_set_look(shell, (enum theme_scheme)index, ui_theme(shell_ui(shell))->size);
}

/* The rows behind which a page lies; their contexts are these and the page's shell. */
static void open_area(struct node *item, void *context)
{
    (void)item;
    shell_open(((struct settings_page *)context)->shell, "area", "");
}

static void open_scan(struct node *item, void *context)
{
    (void)item;
    shell_open(((struct settings_page *)context)->shell, "scan", "");
}

static void select_speech(struct node *choice, size_t index, void *context)
{
    (void)choice;
    shell_set_speaks(((struct settings_page *)context)->shell, index == 1);
}

/* Only where there is a voice. */
static void add_speech(struct settings_page *page, struct node *parent)
{
    const struct words states[] = {tr("settings.speech.off"), tr("settings.speech.on")};
    if (!shell_can_speak(page->shell))
        return;
    size_t state = shell_speaks(page->shell) ? 1 : 0;
    struct node *choice = ui_choice(parent, tr("settings.speech"), states, 2, state, select_speech, page);
    node_lines(ui_note(node_child(choice, 0), tr("settings.speech.note")), 1); /* under its title */
}

static void add_look(struct settings_page *page, struct node *parent)
{
    const struct ui *ui = shell_ui(page->shell);
    const struct words sizes[] = {tr("settings.text_size.normal"), tr("settings.text_size.large"),
                                  tr("settings.text_size.largest")};
    const struct words schemes[] = {tr("settings.theme.lake"), tr("settings.theme.contrast")};
    ui_choice(parent, tr("settings.text_size"), sizes, THEME_SIZES, ui_theme(ui)->size, select_size, page);
    ui_choice(parent, tr("settings.theme"), schemes, THEME_SCHEMES, ui_scheme(ui), select_scheme, page);
}

static void open_network(struct node *item, void *context)
{
    (void)item;
    shell_open(((struct settings_page *)context)->shell, "network", "");
}

static void open_about(struct node *item, void *context)
{
    (void)item;
    shell_open(((struct settings_page *)context)->shell, "about", "");
}

/* The last step of the way there says enough: "Gonghe". */
static struct words area_words(const struct settings_page *page)
{
    struct ui *ui = shell_ui(page->shell);
    const char *code = shell_area(page->shell);
    const char *name = divisions_name(ui_divisions(ui), code, strings_language(ui_strings(ui)));
    return name ? lit(name) : *code ? lit(code) : tr("common.unknown");
}

static void add_rows(struct settings_page *page, struct node *list)
{
    ui_item(list, &(struct ui_item){.icon = "place",
                                    .title = tr("settings.area"),
                                    .note = tr("settings.area.hint"),
                                    .value = area_words(page),
                                    .activate = open_area,
                                    .context = page});
    ui_item(list, &(struct ui_item){.icon = "search",
                                    .title = tr("scan.title"),
                                    .note = tr("scan.hint"),
                                    .activate = open_scan,
                                    .context = page});
    ui_item(list, &(struct ui_item){.icon = "signal",
                                    .title = tr("network.title"),
                                    .note = tr("network.hint"),
                                    .activate = open_network,
                                    .context = page});
    ui_item(list, &(struct ui_item){.icon = "info",
                                    .title = tr("settings.about"),
                                    .note = tr("about.hint"),
                                    .activate = open_about,
                                    .context = page});
}

static void build(struct settings_page *page)
{
    struct node *screen = view_screen(page->view);
    ui_header(screen, tr("settings.title"), lit(NULL));
    struct node *list = ui_scroll(ui_body(screen), 12);
    const struct words languages[] = {tr("settings.language.zh"), tr("settings.language.bo"),
                                      tr("settings.language.en")};
    node_focus(ui_choice(list, tr("settings.language"), languages, CONTENT_LANGUAGES,
                         shell_language(page->shell), select_language, page));
    add_look(page, list);
    add_speech(page, list);
    add_rows(page, list);
    ui_hints(screen, (struct ui_hint[]){{KEY_BACK, tr("hint.back")}, {KEY_BLUE, tr("hint.blue")}}, 2);
}

static void *open_settings(struct view *view, const char *argument)
{
    (void)argument;
    struct settings_page *page = calloc(1, sizeof(*page));
    if (!page)
        return NULL;
    page->view = view;
    page->shell = view_shell(view);
    build(page);
    return page;
}

/* Digits that are the code, one behind the other, whatever was typed before. */
static bool key(void *self, struct key_event event)
{
    struct settings_page *page = self;
    if (event.key < KEY_0 || event.key > KEY_9 || event.repeat)
        return false;
    memmove(page->typed, page->typed + 1, sizeof(page->typed) - 2);
    page->typed[sizeof(page->typed) - 2] = (char)('0' + event.key - KEY_0);
    if (!memcmp(page->typed, ENGINEER_CODE, sizeof(page->typed) - 1)) {
        memset(page->typed, 0, sizeof(page->typed));
        shell_open(page->shell, "diagnostics", "");
    }
    return true;
}

static void changed(void *self, unsigned changes)
{
    if (changes & (SHELL_CHANGED_LANGUAGE | SHELL_CHANGED_CONTENT))
        build(self);
}

const struct channel channel_settings = {"settings", open_settings, key, NULL, changed, free};
