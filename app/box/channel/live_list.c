/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/live_list.h"

#include "ui/widget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 620
#define OWN_GROUPS 3 /* before the network's */
enum { GROUP_ALL, GROUP_FAVOURITES, GROUP_RADIO };

struct live_list {
    struct shell *shell;
    live_list_chosen_fn *chosen;
    void *context;
    struct node *panel, *name, *place, *body, *items;
    size_t group;
    struct row {
        size_t index; /* of the news' services */
        struct reception_key key;
    } * rows; /* of the group */
    size_t count;
    uint64_t shown; /* stands for all that the rows say */
};

static const struct reception_service *service_of(const struct live_list *list, size_t row)
{
    const struct reception_news *news = shell_news(list->shell);
    return row < list->count && list->rows[row].index < news->service_count
               ? &news->services[list->rows[row].index]
               : NULL;
}

static struct reception_key key_of(const struct reception_service *service)
{
    return (struct reception_key){service->original_network_id, service->transport_stream_id,
                                  service->service_id};
}

static bool is_same(const struct reception_key *a, const struct reception_key *b)
{
    return a->service_id == b->service_id && a->transport_stream_id == b->transport_stream_id &&
           a->original_network_id == b->original_network_id;
}

/* ---- groups ---- */

static bool is_in(size_t group, const struct reception_service *service)
{
    switch (group) {
    case GROUP_ALL:
        return true;
    case GROUP_FAVOURITES:
        return service->favourite;
    case GROUP_RADIO:
        return service->radio;
    default:
        return service->groups >> (group - OWN_GROUPS) & 1;
    }
}

static size_t group_count(const struct live_list *list)
{
    const struct reception_news *news = shell_news(list->shell);
    return OWN_GROUPS + (news ? news->group_count : 0);
}

/* Without radio there is no such group; favourites are always there, to say how a channel becomes one. */
static bool is_offered(const struct live_list *list, size_t group)
{
    const struct reception_news *news = shell_news(list->shell);
    for (size_t i = 0; group == GROUP_RADIO && news && i < news->service_count; i++)
        if (news->services[i].radio)
            return true;
    return group != GROUP_RADIO;
}

static void collect(struct live_list *list)
{
    const struct reception_news *news = shell_news(list->shell);
    size_t total = news ? news->service_count : 0;
    struct row *rows = realloc(list->rows, (total + 1) * sizeof(*rows));
    list->count = 0;
    if (!rows)
        return;
    list->rows = rows;
    for (size_t i = 0; i < total; i++)
        if (is_in(list->group, &news->services[i]))
            rows[list->count++] = (struct row){i, key_of(&news->services[i])};
}

/* ---- what the rows say ---- */

static uint64_t mix(uint64_t sum, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ byte[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    return sum;
}

static uint64_t what_is_shown(const struct live_list *list)
{
    const struct reception_service *watched = shell_service(list->shell);
    enum content_language language = shell_language(list->shell);
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < list->count; i++) {
        const struct reception_service *service = service_of(list, i);
        const uint16_t ids[] = {service->original_network_id,
                                service->transport_stream_id,
                                service->service_id,
                                service->number,
                                service->favourite,
                                service->scrambled,
                                service->radio,
                                service == watched};
        const char *event = service->present.exists ? service->present.name[language] : "";
        sum = mix(sum, ids, sizeof(ids));
        sum = mix(sum, service->name[language], strlen(service->name[language]) + 1);
        sum = mix(sum, event, strlen(event) + 1);
    }
    return sum;
}

static void pick(struct node *node, void *context)
{
    struct live_list *list = context;
    const struct reception_service *service = service_of(list, ui_items_index(node));
    if (!service)
        return;
    const struct reception_key key = key_of(service);
    list->chosen(list->context, &key);
}

static void make_row(struct node *parent, size_t index, void *context)
{
    struct live_list *list = context;
    const struct reception_service *service = service_of(list, index);
    enum content_language language = shell_language(list->shell);
    char title[SI_NAME_SIZE + 16] = "";
    if (!service)
        return;
    bool watched = service == shell_service(list->shell);
    if (service->number)
        snprintf(title, sizeof(title), "%u  %s", service->number, service->name[language]);
    else
        snprintf(title, sizeof(title), "%s", service->name[language]);
    ui_item(parent, &(struct ui_item){.icon = service->favourite ? "star"
                                              : service->radio   ? "volume"
                                                                 : "live",
                                      .title = lit(title),
                                      .note = service->present.exists ? lit(service->present.name[language])
                                                                      : tr("live.no_programme"),
                                      .badge = watched              ? tr("live.list.watched")
                                               : service->scrambled ? tr("live.list.scrambled")
                                                                    : lit(""),
                                      .badge_color = watched ? COLOR_ACCENT : COLOR_TEXT_SOFT,
                                      .icon_color = service->favourite ? COLOR_FOCUS : COLOR_ACCENT,
                                      .activate = pick,
                                      .context = list});
}

static struct words group_name(const struct live_list *list)
{
    static const char *const names[OWN_GROUPS] = {"live.list.all", "live.list.favourites", "live.list.radio"};
    const struct reception_news *news = shell_news(list->shell);
    if (list->group < OWN_GROUPS)
        return tr(names[list->group]);
    return lit(news->groups[list->group - OWN_GROUPS].name[shell_language(list->shell)]);
}

/* focus: this channel where it is in the group, else the first. */
static void fill(struct live_list *list, const struct reception_key *focus)
{
    char place[48];
    size_t index = 0;
    node_set_words(list->name, group_name(list));
    snprintf(place, sizeof(place), "%zu", list->count);
    node_set_words(list->place, lit(place));
    node_clear(list->body);
    list->items = NULL;
    if (list->count == 0) {
        bool favourites = list->group == GROUP_FAVOURITES;
        ui_empty(list->body, favourites ? "star" : "live",
                 tr(favourites ? "live.list.no_favourites" : "live.list.none"),
                 tr(favourites ? "live.list.no_favourites.hint" : "live.list.none.hint"));
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct reception_key key = key_of(service_of(list, i));
        if (focus && is_same(&key, focus))
            index = i;
    }
    struct node *scroll = ui_scroll(list->body, 8);
    list->items = ui_items(
        scroll,
        &(struct ui_items){.columns = 1, .gap = 8, .count = list->count, .make = make_row, .context = list});
    ui_items_focus(list->items, index);
}

static void show(struct live_list *list, const struct reception_key *focus)
{
    collect(list);
    list->shown = what_is_shown(list);
    fill(list, focus);
}

/* The channel that has the focus, else the one that is watched. */
static struct reception_key focused_key(const struct live_list *list)
{
    size_t row = ui_items_focused(list->items);
    const struct reception_service *watched = shell_service(list->shell);
    if (row < list->count)
        return list->rows[row].key;
    return watched ? key_of(watched) : (struct reception_key){0};
}

void live_list_refresh(struct live_list *list)
{
    const struct reception_key focus = focused_key(list);
    if (list->group >= group_count(list) || !is_offered(list, list->group))
        list->group = GROUP_ALL;
    collect(list);
    if (what_is_shown(list) != list->shown)
        show(list, &focus);
}

/* ---- keys ---- */

static void turn(struct live_list *list, int step)
{
    const struct reception_key focus = focused_key(list);
    size_t count = group_count(list);
    do
        list->group = (list->group + count + (size_t)(step > 0 ? 1 : count - 1)) % count;
    while (!is_offered(list, list->group));
    show(list, &focus);
}

/* At an end of the list: on to the other. */
static void wrap(struct live_list *list, bool up)
{
    if (list->count > 0)
        ui_items_focus(list->items, up ? list->count - 1 : 0);
}

/* The star comes with the news; the toast says at once what was understood. */
static void mark(struct live_list *list)
{
    const struct reception_service *service = service_of(list, ui_items_focused(list->items));
    if (!service)
        return;
    const struct reception_key key = key_of(service);
    const char *name = service->name[shell_language(list->shell)];
    bool favourite = !service->favourite;
    shell_set_favourite(list->shell, &key, favourite);
    ui_toast(shell_ui(list->shell), "star", tr1(favourite ? "live.list.marked" : "live.list.unmarked", name));
}

bool live_list_key(struct live_list *list, struct key_event event)
{
    switch (event.key) {
    case KEY_LEFT:
    case KEY_RIGHT:
        turn(list, event.key == KEY_RIGHT ? 1 : -1);
        return true;
    case KEY_UP:
    case KEY_DOWN:
        wrap(list, event.key == KEY_UP);
        return true;
    case KEY_YELLOW:
        if (!event.repeat)
            mark(list);
        return true;
    case KEY_OK:
        return true; /* on an empty list */
    default:
        return false;
    }
}

/* ---- life ---- */

static void build(struct live_list *list, struct node *parent)
{
    list->panel = node_place(node_box(parent, &(struct box){.width = WIDTH,
                                                            .padding = INSETS_XY(20, 18),
                                                            .gap = 12,
                                                            .style = {.fill = COLOR_SCRIM, .radius = 16}}),
                             ALIGN_START, ALIGN_STRETCH);
    struct node *head = ui_row(list->panel, 12);
    node_icon(head, "left", 32, COLOR_TEXT_SOFT);
    list->name = node_text(head, lit(""), TYPE_TITLE, COLOR_TEXT);
    node_grow(node_align(node_lines(list->name, 1), ALIGN_CENTER), 1);
    list->place = node_text(head, lit(""), TYPE_CAPTION, COLOR_TEXT_SOFT);
    node_icon(head, "right", 32, COLOR_TEXT_SOFT);
    list->body = node_grow(ui_column(list->panel, 0), 1);
    ui_hints(list->panel,
             (struct ui_hint[]){{KEY_OK, tr("live.list.watch")}, {KEY_YELLOW, tr("live.list.mark")}}, 2);
}

struct live_list *live_list_open(struct node *parent, struct shell *shell, size_t group,
                                 live_list_chosen_fn *chosen, void *context)
{
    struct live_list *list = calloc(1, sizeof(*list));
    if (!list)
        return NULL;
    *list = (struct live_list){.shell = shell, .chosen = chosen, .context = context, .group = group};
    if (list->group >= group_count(list) || !is_offered(list, list->group))
        list->group = GROUP_ALL;
    build(list, parent);
    const struct reception_key focus = focused_key(list);
    show(list, &focus);
    return list;
}

void live_list_close(struct live_list *list)
{
    if (!list)
        return;
    node_destroy(list->panel);
    free(list->rows);
    free(list);
}

size_t live_list_group(const struct live_list *list)
{
    return list->group;
}
