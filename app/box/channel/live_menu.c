/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/live_menu.h"

#include "ui/widget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OWN_ENTRIES 3
#define ITEMS_HEIGHT 530

struct live_menu {
    struct shell *shell;
    void (*list)(void *context);
    void *context;
    struct node *dialog; /* NULL: closed */
    struct node *items;  /* its column, which scrolls where there are many */
    struct entry {       /* of the dialog that is open */
        struct live_menu *menu;
        void (*act)(struct entry *entry);
        const struct programme_application *application;
        struct service_sound sound;
    } entries[PROGRAMME_APPLICATIONS + OWN_ENTRIES + SERVICE_SOUNDS_MAX];
    size_t count;
};

/* ---- the dialog ---- */

static void closed(void *context, int index)
{
    (void)index; /* BACK */
    ((struct live_menu *)context)->dialog = NULL;
}

void live_menu_close(struct live_menu *menu)
{
    node_destroy(menu->dialog);
    menu->dialog = NULL;
}

static void open_dialog(struct live_menu *menu, const char *icon, const char *title)
{
    live_menu_close(menu);
    menu->count = 0;
    menu->dialog =
        ui_dialog(shell_ui(menu->shell),
                  &(struct ui_dialog){.icon = icon, .title = tr(title), .closed = closed, .context = menu});
    menu->items =
        node_box(menu->dialog,
                 &(struct box){.scroll = true, .gap = 12, .padding = INSETS(6), .max_height = ITEMS_HEIGHT});
}

/* Closes before it acts: what it does may end the screen below. */
static void activate(struct node *node, void *context)
{
    (void)node;
    struct entry entry = *(struct entry *)context;
    live_menu_close(entry.menu);
    entry.act(&entry);
}

/* The first gets the focus. item's activate and context are set here. */
static struct entry *add(struct live_menu *menu, void (*act)(struct entry *entry), struct ui_item item)
{
    struct entry *entry = &menu->entries[menu->count++];
    *entry = (struct entry){.menu = menu, .act = act};
    item.activate = activate;
    item.context = entry;
    struct node *node = ui_item(menu->items, &item);
    if (menu->count == 1)
        node_focus(node);
    return entry;
}

/* ---- what the programme offers ---- */

/* One that has gone meanwhile does not open. */
static void open_offer(struct entry *entry)
{
    shell_open_offer(entry->menu->shell, entry->application);
}

static void add_offers(struct live_menu *menu)
{
    struct programme_offer offers[PROGRAMME_APPLICATIONS];
    size_t count = shell_offers(menu->shell, offers);
    for (size_t i = 0; i < count; i++) {
        const struct programme_application *application = offers[i].application;
        add(menu, open_offer, (struct ui_item){.icon = application->icon, .title = tr(application->name)})
            ->application = application;
    }
}

void live_menu_open_offers(struct live_menu *menu)
{
    struct programme_offer offers[PROGRAMME_APPLICATIONS];
    if (shell_offers(menu->shell, offers) == 0)
        return;
    open_dialog(menu, "menu", "live.offers");
    add_offers(menu);
}

/* ---- sounds ---- */

static const struct reception_service *with_sounds(const struct live_menu *menu)
{
    const struct reception_service *service = shell_service(menu->shell);
    return service && service->sound_count > 1 ? service : NULL;
}

bool live_menu_has_sounds(const struct live_menu *menu)
{
    return with_sounds(menu) != NULL;
}

static struct words language_name(const struct service_sound *sound, const char *otherwise)
{
    static const struct {
        const char *code, *name;
    } languages[] = {{"chi", "sound.chi"}, {"tib", "sound.tib"}, {"eng", "sound.eng"}, {"mon", "sound.mon"},
                     {"uig", "sound.uig"}, {"kaz", "sound.kaz"}, {"kor", "sound.kor"}, {"jpn", "sound.jpn"}};
    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
        if (sounds_same_language(sound->language, languages[i].code))
            return tr(languages[i].name);
    return tr1("sound.other", *sound->language ? sound->language : otherwise);
}

static void choose_sound(struct entry *entry)
{
    char number[16] = "";
    shell_choose_sound(entry->menu->shell, &entry->sound);
    ui_toast(shell_ui(entry->menu->shell), "volume", language_name(&entry->sound, number));
}

static void add_sound(struct live_menu *menu, const struct service_sound *sound)
{
    char number[16];
    snprintf(number, sizeof(number), "%zu", menu->count + 1);
    add(menu, choose_sound,
        (struct ui_item){.icon = sound->description ? "user" : "volume",
                         .title = language_name(sound, number),
                         .note = sound->description ? tr("sound.description") : lit(""),
                         .badge = sound->wanted ? tr("sound.now") : lit("")})
        ->sound = *sound;
    if (sound->wanted)
        node_focus(node_child(menu->items, node_count(menu->items) - 1));
}

void live_menu_open_sounds(struct live_menu *menu)
{
    const struct reception_service *service = with_sounds(menu);
    if (!service)
        return;
    open_dialog(menu, "volume", "sound.title");
    for (size_t i = 0; i < service->sound_count; i++)
        add_sound(menu, &service->sounds[i]);
}

/* ---- all of it ---- */

static void open_list(struct entry *entry)
{
    entry->menu->list(entry->menu->context);
}

static void open_guide(struct entry *entry)
{
    shell_open(entry->menu->shell, "guide", "");
}

static void open_sounds(struct entry *entry)
{
    live_menu_open_sounds(entry->menu);
}

void live_menu_open(struct live_menu *menu)
{
    open_dialog(menu, "menu", "live.menu");
    add_offers(menu);
    add(menu, open_list, (struct ui_item){.icon = "live", .title = tr("live.list")});
    add(menu, open_guide, (struct ui_item){.icon = "calendar", .title = tr("guide.title")});
    if (with_sounds(menu))
        add(menu, open_sounds, (struct ui_item){.icon = "volume", .title = tr("sound.title")});
}

struct live_menu *live_menu_create(struct shell *shell, void (*list)(void *context), void *context)
{
    struct live_menu *menu = calloc(1, sizeof(*menu));
    if (menu)
        *menu = (struct live_menu){.shell = shell, .list = list, .context = context};
    return menu;
}

void live_menu_destroy(struct live_menu *menu)
{
    if (!menu)
        return;
    live_menu_close(menu);
    free(menu);
}
