/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/community.h"

#include "channel/detail.h"
#include "channel/rows.h"
#include "shell/format.h"
#include "shell/shell.h"
#include "ui/widget.h"

#include <stdio.h>
#include <stdlib.h>

#define CELL_GAP 18

/* ---- sections and pages ---- */

struct community {
    struct view *view;
    struct shell *shell;
    struct store_sections sections;
    size_t tab;
    struct node *scroll;
    struct rows rows;
};

static void fill(struct community *community)
{
    enum content_language language = shell_language(community->shell);
    struct store_scope scope = shell_scope(community->shell);
    const struct content_section *section = &community->sections.items[community->tab].section;
    struct store_pages pages = store_pages(shell_reader(community->shell), &scope, section->id,
                                           (struct store_slice){.limit = ROWS_MAX});
    node_clear(community->scroll);
    if (pages.count == 0)
        ui_empty(community->scroll, "community", tr("community.none"), lit(NULL));
    for (size_t i = 0; i < pages.count; i++) {
        const struct content_page *page = &pages.items[i];
        char updated[FORMAT_SIZE];
        format_day(ui_strings(shell_ui(community->shell)), &page->updated, updated);
        struct row *row = rows_add(&community->rows, community->shell, "page", page->id);
        if (!row)
            break;
        struct node *node = ui_item(community->scroll,
                                    &(struct ui_item){.icon = section->icon ? section->icon : "community",
                                                      .title = lit(content_text_get(&page->title, language)),
                                                      .note = lit(content_text_get(&page->summary, language)),
                                                      .value = lit(updated),
                                                      .activate = rows_open,
                                                      .context = row});
        rows_placed(&community->rows, row, node);
    }
    store_pages_destroy(&pages);
}

static void select_section(struct node *tabs, size_t index, void *context)
{
    (void)tabs;
    struct community *community = context;
    community->tab = index;
    rows_restart(&community->rows);
    fill(community);
}

static void build(struct community *community)
{
    enum content_language language = shell_language(community->shell);
    struct store_scope scope = shell_scope(community->shell);
    rows_restart(&community->rows);
    store_sections_destroy(&community->sections);
    community->sections = store_sections(shell_reader(community->shell), &scope);
    size_t count = community->sections.count;
    struct node *screen = view_screen(community->view);
    ui_header(screen, tr("community.title"), lit(NULL));
    struct node *body = ui_body(screen);
    struct words *tabs = count ? calloc(count, sizeof(*tabs)) : NULL;
    if (tabs) {
        if (community->tab >= count)
            community->tab = 0;
        for (size_t i = 0; i < count; i++)
            tabs[i] = lit(content_text_get(&community->sections.items[i].section.name, language));
        ui_tabs(body, tabs, count, community->tab, select_section, community);
        free(tabs);
        community->scroll = ui_scroll(body, 14);
        fill(community);
    } else {
        struct store_accepted accepted;
        bool received = store_reader_accepted(shell_reader(community->shell), CONTENT_COMMUNITY, &accepted);
        ui_empty(body, "community", tr(received ? "community.none" : "common.receiving"),
                 received ? lit(NULL) : tr("shopping.receiving.hint"));
    }
    ui_hints(screen,
             (struct ui_hint[]){{KEY_OK, tr("hint.open")},
                                {KEY_BACK, tr("hint.back")},
                                {KEY_RED, tr("hint.red")},
                                {KEY_BLUE, tr("hint.blue")}},
             4);
}

static void *open_community(struct view *view, const char *argument)
{
    (void)argument;
    struct community *community = calloc(1, sizeof(*community));
    if (!community)
        return NULL;
    community->view = view;
    community->shell = view_shell(view);
    view_wants(view, content_role_str(CONTENT_COMMUNITY));
    build(community);
    return community;
}

static void changed(void *self, unsigned changes)
{
    if (changes & (SHELL_CHANGED_CONTENT | SHELL_CHANGED_LANGUAGE))
        build(self);
}

static void close_community(void *self)
{
    struct community *community = self;
    store_sections_destroy(&community->sections);
    free(community);
}

const struct channel channel_community = {"community", open_community, NULL, NULL, changed, close_community};

/* ---- one page ---- */

static void add_table(struct node *parent, const struct content_block *block, enum content_language language)
{
    struct node *panel = ui_panel(parent, 10);
    for (size_t row = 0; row <= block->rows; row++) {
        const struct content_text *cells =
            row == 0 ? block->titles : &block->cells[(row - 1) * block->columns];
        struct node *grid = ui_grid(panel, (int)block->columns, CELL_GAP);
        for (size_t column = 0; column < block->columns; column++)
            node_lines(node_text(grid, lit(content_text_get(&cells[column], language)),
                                 row == 0 ? TYPE_STRONG : TYPE_BODY, row == 0 ? COLOR_ACCENT : COLOR_TEXT),
                       0);
        if (row < block->rows)
            ui_line(panel);
    }
}

static void add_block(struct node *parent, const struct content_block *block, enum content_language language)
{
    char key[160];
    switch (block->kind) {
    case CONTENT_BLOCK_HEADING:
        node_lines(ui_text(parent, lit(content_text_get(&block->text, language)), TYPE_TITLE), 0);
        break;
    case CONTENT_BLOCK_TEXT:
        ui_paragraph(parent, lit(content_text_get(&block->text, language)));
        break;
    case CONTENT_BLOCK_PICTURE:
        snprintf(key, sizeof(key), "%s/%s", content_role_str(CONTENT_COMMUNITY), block->value);
        ui_picture(parent, key, 640, 360);
        break;
    case CONTENT_BLOCK_PHONE: {
        struct node *panel = ui_panel(parent, 4);
        struct node *row = ui_row(panel, 16);
        ui_icon(row, "phone", 40, COLOR_ACCENT);
        node_grow(node_lines(ui_text(row, lit(content_text_get(&block->text, language)), TYPE_BODY), 2), 1);
        ui_text(row, lit(block->value), TYPE_TITLE);
        break;
    }
    case CONTENT_BLOCK_TABLE:
        add_table(parent, block, language);
        break;
    }
}

static void build_page(struct detail *view)
{
    struct store_scope scope = shell_scope(view->shell);
    enum content_language language = shell_language(view->shell);
    struct content_page *page = store_page(shell_reader(view->shell), &scope, view->id);
    struct node *screen = view_screen(view->view);
    ui_header(screen, tr("community.title"), lit(NULL));
    struct node *body = ui_body(screen);
    if (page) {
        char updated[FORMAT_SIZE];
        struct node *scroll = ui_scroll(body, 16);
        node_lines(ui_text(scroll, lit(content_text_get(&page->title, language)), TYPE_HEADING), 2);
        format_day(ui_strings(shell_ui(view->shell)), &page->updated, updated);
        ui_note(scroll, tr1("community.updated", updated));
        for (size_t i = 0; i < page->body_count; i++)
            add_block(scroll, &page->body[i], language);
    } else {
        ui_empty(body, "community", tr("community.none"), lit(NULL));
    }
    ui_hints(screen, (struct ui_hint[]){{KEY_BACK, tr("hint.back")}, {KEY_BLUE, tr("hint.blue")}}, 2);
    store_page_destroy(page);
}

static void *open_page(struct view *view, const char *argument)
{
    view_wants(view, content_role_str(CONTENT_COMMUNITY));
    return detail_open(view, argument, build_page, SHELL_CHANGED_CONTENT | SHELL_CHANGED_LANGUAGE);
}

const struct channel channel_page = {"page", open_page, NULL, NULL, detail_changed, free};
