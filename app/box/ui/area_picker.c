/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/area_picker.h"

#include "base/text.h"
#include "ui/ui.h"
#include "ui/widget.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS 2
#define CHOICES_MAX 64

struct picker {
    struct node *node;
    const struct divisions *divisions;
    char chosen[DIVISION_CODE_SIZE], within[DIVISION_CODE_SIZE];
    ui_area_fn *choose;
    void *context;
    struct choice {
        struct picker *picker;
        const char *code;
    } choices[CHOICES_MAX];
};

static void show(struct picker *picker, const char *focus);

static bool begins(const char *code, const char *with)
{
    return *with && !strncmp(code, with, strlen(with));
}

/* Down through the steps that leave no choice. */
static void enter(struct picker *picker, const char *within)
{
    text_copy(picker->within, sizeof(picker->within), within);
    while (divisions_count(picker->divisions, picker->within) == 1) {
        const char *only = divisions_code(picker->divisions, picker->within, 0);
        if (divisions_count(picker->divisions, only) == 0)
            return;
        text_copy(picker->within, sizeof(picker->within), only);
    }
}

static void pick(struct node *node, void *context)
{
    (void)node;
    const struct choice *choice = context;
    struct picker *picker = choice->picker;
    const char *code = choice->code;
    if (divisions_count(picker->divisions, code) == 0) {
        picker->choose(picker->node, code, picker->context);
        return;
    }
    enter(picker, code);
    show(picker, picker->chosen);
}

/* One step up, to where there is a choice; false at the first. */
static bool leave(struct picker *picker)
{
    char code[DIVISION_CODE_SIZE], above[DIVISION_CODE_SIZE];
    text_copy(code, sizeof(code), picker->within);
    while (*code) {
        divisions_above(picker->divisions, code, above);
        if (divisions_count(picker->divisions, above) > 1) {
            text_copy(picker->within, sizeof(picker->within), above);
            show(picker, code);
            return true;
        }
        text_copy(code, sizeof(code), above);
    }
    return false;
}

static bool key(struct node *node, struct key_event event, void *context)
{
    (void)node;
    return event.key == KEY_BACK && !event.repeat && leave(context);
}

static void show(struct picker *picker, const char *focus)
{
    const char *language = strings_language(ui_strings(ui_of(picker->node)));
    char path[DIVISION_PATH_SIZE];
    size_t count = divisions_count(picker->divisions, picker->within);
    node_clear(picker->node);
    divisions_path(picker->divisions, "", picker->within, language, path);
    node_lines(node_text(picker->node, lit(path), TYPE_CAPTION, COLOR_TEXT_SOFT), 1);
    struct node *grid = ui_grid(ui_scroll(picker->node, 0), COLUMNS, 16);
    for (size_t i = 0; i < count && i < CHOICES_MAX; i++) {
        struct choice *choice = &picker->choices[i];
        *choice = (struct choice){picker, divisions_code(picker->divisions, picker->within, i)};
        bool chosen = begins(picker->chosen, choice->code);
        struct node *item = ui_item(
            grid, &(struct ui_item){.icon = chosen ? "ok" : "place",
                                    .icon_color = chosen ? COLOR_GOOD : COLOR_ACCENT,
                                    .title = lit(divisions_name(picker->divisions, choice->code, language)),
                                    .activate = pick,
                                    .context = choice});
        if (i == 0 || begins(focus, choice->code))
            node_focus(item);
    }
}

struct node *ui_area_picker(struct node *parent, const struct ui_area_picker *options)
{
    struct picker *picker = calloc(1, sizeof(*picker));
    struct node *node = picker ? node_grow(ui_column(parent, 16), 1) : NULL;
    if (!node) {
        free(picker);
        return NULL;
    }
    picker->node = node;
    picker->divisions = options->divisions;
    picker->choose = options->choose;
    picker->context = options->context;
    text_copy(picker->chosen, sizeof(picker->chosen), options->chosen);
    char within[DIVISION_CODE_SIZE];
    if (options->within)
        text_copy(within, sizeof(within), options->within);
    else
        divisions_above(options->divisions, picker->chosen, within);
    enter(picker, within);
    node_set_data(node, picker, free);
    node_on_key(node, key, picker);
    show(picker, picker->chosen);
    return node;
}

const char *ui_area_picker_within(const struct node *node)
{
    const struct picker *picker = node_data(node);
    return picker ? picker->within : "";
}
