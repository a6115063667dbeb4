/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/settings.h"

#include "shell/format.h"
#include "shell/shell.h"
#include "ui/widget.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct settings_page {
    struct view *view;
    struct shell *shell;
    struct node *facts; /* NULL: the settings are shown */
    bool left_facts;    /* for the settings */
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

static void fact_number(struct node *panel, const char *label, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, number);
    ui_fact(panel, tr(label), lit(text));
}

/* In the unit that the driver has. */
static void fact_level(struct node *panel, const char *label, bool has_db, int mdb, const char *unit,
                       bool has_permille, unsigned permille)
{
    char text[24];
    if (has_db)
        snprintf(text, sizeof(text), "%.1f %s", mdb / 1000.0, unit);
    else
        snprintf(text, sizeof(text), "%u %%", permille / 10);
    if (has_db || has_permille)
        ui_fact(panel, tr(label), lit(text));
}

static void show_tuner(struct node *panel, const struct source_state *tuner)
{
    const struct tuner_status *status = &tuner->status;
    char text[32];
    if (tuner->condition == SOURCE_BROKEN) {
        ui_fact(panel, tr("settings.diagnostics.tuner"), tr("settings.diagnostics.tuner.broken"));
        ui_note(panel, lit(tuner->problem)); /* English: for the engineer who is called */
    }
    snprintf(text, sizeof(text), "%.1f MHz", tuner->frequency_hz / 1e6);
    if (tuner->frequency_hz)
        ui_fact(panel, tr("settings.diagnostics.frequency"), lit(text));
    if (!tuner->has_status)
        return;
    fact_level(panel, "settings.diagnostics.strength", status->has_strength_dbm, status->strength_mdbm, "dBm",
               status->has_strength, status->strength_permille);
    fact_level(panel, "settings.diagnostics.quality", status->has_cnr_db, status->cnr_mdb, "dB",
               status->has_cnr, status->cnr_permille);
    snprintf(text, sizeof(text), "%.1e", status->ber);
    if (status->has_ber)
        ui_fact(panel, tr("settings.diagnostics.ber"), lit(text));
    if (status->has_uncorrected)
        fact_number(panel, "settings.diagnostics.uncorrected", status->uncorrected_blocks);
    if (status->datagrams)
        fact_number(panel, "settings.diagnostics.lost", status->datagrams_lost);
    if (status->overruns)
        fact_number(panel, "settings.diagnostics.overruns", status->overruns);
}

static void show_trust(struct node *panel, const struct reception_news *news)
{
    uint64_t refused = 0;
    for (int role = 0; role < CONTENT_ROLES; role++)
        refused += news->roles[role].refused_count;
    fact_number(panel, "settings.diagnostics.refused", refused);
    for (int role = 0; role < CONTENT_ROLES; role++) {
        char text[256];
        if (!news->roles[role].reason[0])
            continue;
        snprintf(text, sizeof(text), "%s/: %s", content_role_str(role), news->roles[role].reason);
        ui_note(panel, lit(text)); /* English: for the engineer who is called */
    }
}

static uint64_t refused_events(const struct shell *shell)
{
    struct programme_counts counts;
    uint64_t refused = 0;
    shell_programme_counts(shell, &counts);
    for (int i = 0; i < PROGRAMME_REFUSALS; i++)
        refused += counts.refused[i];
    return refused;
}

static void show_facts(struct settings_page *page)
{
    struct shell *shell = page->shell;
    const struct reception_news *news = shell_news(shell);
    struct player_status status;
    struct node *panel = page->facts;
    char text[64];
    node_clear(panel);
    ui_text(panel, tr("settings.diagnostics"), TYPE_TITLE);
    ui_fact(panel, tr("settings.box_id"), lit(shell_box_id(shell)));
    ui_fact(panel, tr("settings.area"), *shell_area(shell) ? lit(shell_area(shell)) : tr("common.unknown"));
    bool signal = news && news->signal;
    ui_fact(panel, tr("settings.diagnostics.signal"),
            tr(signal ? "settings.diagnostics.locked" : "settings.diagnostics.unlocked"));
    if (news) {
        show_tuner(panel, &news->tuner);
        fact_number(panel, "settings.diagnostics.services", news->service_count);
        fact_number(panel, "settings.diagnostics.packets", news->counts.packets);
        fact_number(panel, "settings.diagnostics.errors",
                    news->counts.transport_errors + news->counts.continuity_errors +
                        news->counts.bad_sections);
        snprintf(text, sizeof(text), "%zu / %zu", news->modules_complete, news->modules);
        ui_fact(panel, tr("settings.diagnostics.carousel"), lit(text));
        fact_number(panel, "settings.diagnostics.rejected",
                    news->si_rejects + news->carousel_rejects + news->interaction.bad_sections);
        fact_number(panel, "settings.diagnostics.applications", news->interaction.applications);
        fact_number(panel, "settings.diagnostics.events", news->interaction.events);
        fact_number(panel, "settings.diagnostics.events_refused",
                    refused_events(shell) + news->interaction.lost);
        fact_number(panel, "settings.diagnostics.catalogue",
                    (uint64_t)news->roles[CONTENT_COMMERCE].sequence);
        show_trust(panel, news);
    }
    if (shell_player_status(shell, &status) && *status.decoder)
        ui_fact(panel, tr("settings.diagnostics.decoder"), lit(status.decoder));
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

static void open_facts(struct node *item, void *context)
{
    (void)item;
    struct settings_page *page = context;
    page->left_facts = true;
    struct node *screen = view_screen(page->view);
    ui_header(screen, tr("settings.title"), lit(NULL));
    page->facts = ui_panel(ui_scroll(ui_body(screen), 16), 10);
    show_facts(page);
    ui_hints(screen, (struct ui_hint[]){{KEY_BACK, tr("hint.back")}, {KEY_BLUE, tr("hint.blue")}}, 2);
}

static void build(struct settings_page *page)
{
    page->facts = NULL;
    struct node *screen = view_screen(page->view);
    ui_header(screen, tr("settings.title"), lit(NULL));
    struct node *scroll = ui_scroll(ui_body(screen), 16);
    const struct words languages[] = {tr("settings.language.zh"), tr("settings.language.bo"),
                                      tr("settings.language.en")};
    node_focus(ui_choice(scroll, tr("settings.language"), languages, CONTENT_LANGUAGES,
                         shell_language(page->shell), select_language, page));
    add_look(page, scroll);
    add_speech(page, scroll);
    struct node *facts = ui_item(scroll, &(struct ui_item){.icon = "signal",
                                                           .title = tr("settings.diagnostics"),
                                                           .note = tr("settings.diagnostics.hint"),
                                                           .activate = open_facts,
                                                           .context = page});
    if (page->left_facts)
        node_focus(facts);
    page->left_facts = false;
    ui_item(scroll, &(struct ui_item){.icon = "search",
                                      .title = tr("scan.title"),
                                      .note = tr("scan.hint"),
                                      .activate = open_scan,
                                      .context = page});
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

static bool key(void *self, struct key_event event)
{
    struct settings_page *page = self;
    if (event.key != KEY_BACK || !page->facts)
        return false;
    build(page);
    return true;
}

static void changed(void *self, unsigned changes)
{
    struct settings_page *page = self;
    if ((changes & SHELL_CHANGED_LANGUAGE) && page->facts)
        open_facts(NULL, page);
    else if (changes & SHELL_CHANGED_LANGUAGE)
        build(page);
    else if ((changes & SHELL_CHANGED_NEWS) && page->facts)
        show_facts(page);
}

const struct channel channel_settings = {"settings", open_settings, key, NULL, changed, free};
