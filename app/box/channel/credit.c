/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/credit.h"

#include "base/text.h"
#include "channel/detail.h"
#include "channel/rows.h"
#include "channel/search.h"
#include "shell/format.h"
#include "shell/shell.h"
#include "ui/widget.h"

#include <stdlib.h>
#include <string.h>

/* By enum content_grade. */
static const char *const grades[] = {NULL, "credit.grade.minor", "credit.grade.general",
                                     "credit.grade.serious"};

/* ---- the lists ---- */

struct credit {
    struct view *view;
    struct shell *shell;
    enum content_list list;
    struct node *scroll;
    struct rows rows;
};

static enum theme_color list_color(enum content_list list)
{
    return list == CONTENT_REPUTABLE ? COLOR_GOOD : COLOR_BAD;
}

static struct words badge_of(const struct content_notice *notice)
{
    if (notice->state == CONTENT_UNDER_OBJECTION)
        return tr("credit.state.under_objection");
    return notice->grade == CONTENT_GRADE_NONE ? lit("") : tr(grades[notice->grade]);
}

static void fill(struct credit *credit)
{
    enum content_language language = shell_language(credit->shell);
    struct store_scope scope = shell_scope(credit->shell);
    struct store_notices notices = store_notices(shell_reader(credit->shell), &scope, credit->list,
                                                 (struct store_slice){.limit = ROWS_MAX});
    node_clear(credit->scroll);
    struct store_accepted accepted;
    bool received = store_reader_accepted(shell_reader(credit->shell), CONTENT_CREDIT, &accepted);
    if (notices.count == 0)
        ui_empty(credit->scroll, "credit", tr(received ? "credit.none" : "common.receiving"),
                 received ? lit(NULL) : tr("shopping.receiving.hint"));
    else
        ui_note(credit->scroll,
                tr(credit->list == CONTENT_REPUTABLE ? "credit.reputable.hint" : "credit.dishonest.hint"));
    for (size_t i = 0; i < notices.count; i++) {
        const struct content_notice *notice = &notices.items[i];
        char listed[FORMAT_SIZE];
        format_day(ui_strings(shell_ui(credit->shell)), &notice->listed_on, listed);
        struct row *row = rows_add(&credit->rows, credit->shell, "notice", notice->id);
        if (!row)
            break;
        struct node *node = ui_item(
            credit->scroll, &(struct ui_item){.icon = notice->list == CONTENT_REPUTABLE ? "good" : "warning",
                                              .title = lit(content_text_get(&notice->name, language)),
                                              .note = lit(content_text_get(&notice->reason, language)),
                                              .value = lit(listed),
                                              .badge = badge_of(notice),
                                              .badge_color = list_color(notice->list),
                                              .icon_color = list_color(notice->list),
                                              .activate = rows_open,
                                              .context = row});
        rows_placed(&credit->rows, row, node);
    }
    store_notices_destroy(&notices);
}

static void select_list(struct node *tabs, size_t index, void *context)
{
    (void)tabs;
    struct credit *credit = context;
    credit->list = index == 0 ? CONTENT_REPUTABLE : CONTENT_DISHONEST;
    rows_restart(&credit->rows);
    fill(credit);
}

static void build(struct credit *credit)
{
    rows_restart(&credit->rows);
    struct node *screen = view_screen(credit->view);
    ui_header(screen, tr("credit.title"), lit(NULL));
    struct node *body = ui_body(screen);
    ui_tabs(body, (struct words[]){tr("credit.reputable"), tr("credit.dishonest")}, 2,
            credit->list == CONTENT_REPUTABLE ? 0 : 1, select_list, credit);
    credit->scroll = ui_scroll(body, 14);
    fill(credit);
    ui_hints(screen,
             (struct ui_hint[]){{KEY_OK, tr("hint.open")},
                                {KEY_NONE, tr("hint.search")},
                                {KEY_BACK, tr("hint.back")},
                                {KEY_BLUE, tr("hint.blue")}},
             4);
}

static bool key(void *self, struct key_event event)
{
    return search_begin(((struct credit *)self)->shell, event);
}

static void *open_credit(struct view *view, const char *argument)
{
    struct credit *credit = calloc(1, sizeof(*credit));
    if (!credit)
        return NULL;
    credit->view = view;
    credit->shell = view_shell(view);
    view_wants(view, content_role_str(CONTENT_CREDIT));
    credit->list = !strcmp(argument, "dishonest") ? CONTENT_DISHONEST : CONTENT_REPUTABLE;
    build(credit);
    return credit;
}

static void changed(void *self, unsigned changes)
{
    if (changes & (SHELL_CHANGED_CONTENT | SHELL_CHANGED_LANGUAGE))
        build(self);
}

const struct channel channel_credit = {"credit", open_credit, key, NULL, changed, free};

/* ---- one notice ---- */

static void fact_text(struct node *panel, const char *label, const char *value)
{
    if (value && *value)
        ui_fact(panel, tr(label), lit(value));
}

static void fact_day(struct shell *shell, struct node *panel, const char *label,
                     const struct content_date *date)
{
    char text[FORMAT_SIZE];
    format_day(ui_strings(shell_ui(shell)), date, text);
    fact_text(panel, label, text);
}

static void add_facts(struct shell *shell, struct node *panel, const struct content_notice *notice)
{
    static const char *const states[] = {"credit.state.published", "credit.state.under_objection",
                                         "credit.state.repaired", "credit.state.expired"};
    static const char *const fulfilments[] = {NULL, "credit.fulfilment.fulfilled", "credit.fulfilment.partly",
                                              "credit.fulfilment.unfulfilled"};
    enum content_language language = shell_language(shell);
    char money[FORMAT_SIZE];
    fact_text(panel, "credit.uscc", notice->uscc);
    fact_text(panel, "credit.legal_representative", notice->legal_representative);
    if (notice->grade)
        ui_fact(panel, tr("credit.grade"), tr(grades[notice->grade]));
    if (notice->fulfilment)
        ui_fact(panel, tr("credit.fulfilment"), tr(fulfilments[notice->fulfilment]));
    if (notice->amount_fen >= 0) {
        format_money(ui_strings(shell_ui(shell)), notice->amount_fen, money);
        fact_text(panel, "credit.amount", money);
    }
    fact_text(panel, "credit.decided_by", content_text_get(&notice->decided_by, language));
    fact_text(panel, "credit.document", notice->document_number);
    fact_day(shell, panel, "credit.document_date", &notice->document_date);
    fact_day(shell, panel, "credit.listed_on", &notice->listed_on);
    fact_day(shell, panel, "credit.until", &notice->max_until);
    ui_fact(panel, tr("credit.state"), tr(states[notice->state]));
}

static void build_page(struct detail *page)
{
    struct store_scope scope = shell_scope(page->shell);
    enum content_language language = shell_language(page->shell);
    struct content_notice *notice = store_notice(shell_reader(page->shell), &scope, page->id);
    struct node *screen = view_screen(page->view);
    ui_header(screen, tr("credit.title"),
              notice ? tr(notice->list == CONTENT_REPUTABLE ? "credit.reputable" : "credit.dishonest")
                     : lit(NULL));
    struct node *body = ui_body(screen);
    if (notice) {
        struct node *scroll = ui_scroll(body, 16);
        struct node *head = ui_row(scroll, 20);
        ui_icon(head, notice->list == CONTENT_REPUTABLE ? "good" : "warning", 64, list_color(notice->list));
        node_grow(node_lines(ui_text(head, lit(content_text_get(&notice->name, language)), TYPE_HEADING), 2),
                  1);
        struct node *why = ui_panel(scroll, 8);
        node_lines(node_text(why, lit(content_text_get(&notice->reason, language)), TYPE_STRONG,
                             list_color(notice->list)),
                   0);
        if (!content_text_is_absent(&notice->detail))
            ui_paragraph(why, lit(content_text_get(&notice->detail, language)));
        add_facts(page->shell, ui_panel(scroll, 10), notice);
        ui_note(scroll, tr("credit.source_note"));
    } else {
        ui_empty(body, "credit", tr("credit.none"), lit(NULL));
    }
    ui_hints(screen, (struct ui_hint[]){{KEY_BACK, tr("hint.back")}, {KEY_BLUE, tr("hint.blue")}}, 2);
    store_notice_destroy(notice);
}

static void *open_page(struct view *view, const char *argument)
{
    view_wants(view, content_role_str(CONTENT_CREDIT));
    return detail_open(view, argument, build_page, SHELL_CHANGED_CONTENT | SHELL_CHANGED_LANGUAGE);
}

const struct channel channel_notice = {"notice", open_page, NULL, NULL, detail_changed, free};
