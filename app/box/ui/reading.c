/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/reading.h"
#include "base/text.h"
#include "ui/inside.h"
#include "ui/widget.h"
#include <ctype.h>
#include <string.h>

/* What of a focused piece is collected in which order. */
enum part { PART_TITLE, PART_FACTS, PART_NOTES, PART_ALL };

struct collector {
    char *out;
    size_t size, length;
    enum part part;
    const struct node *title; /* the text that says what it is */
    const struct node *skip;  /* a subtree that is not collected */
    bool outside;             /* only what cannot have the focus */
    char digit;               /* that opens a card */
};

static void add_line(struct collector *collector, const char *text)
{
    size_t room = collector->size - collector->length;
    if (!*text || room < 2)
        return;
    if (collector->length > 0) {
        collector->out[collector->length++] = '\n';
        room--;
    }
    text_copy(collector->out + collector->length, room, text);
    collector->length += strlen(collector->out + collector->length);
}

static void add_words(struct collector *collector, const struct node *node, struct words words)
{
    char text[READING_SIZE];
    if (words.key) {
        strings_format(node->scene->strings, words.key, words.arguments, WORDS_ARGUMENTS, text, sizeof(text));
        add_line(collector, text);
    } else if (words.text) {
        add_line(collector, words.text);
    }
}

static bool is_note(const struct node *text)
{
    return text->type == TYPE_CAPTION && text->color == COLOR_TEXT_SOFT;
}

/* The digit in a card's corner. */
static bool is_digit(const struct node *text)
{
    const char *shown = text->words.text;
    return is_note(text) && shown && isdigit((unsigned char)shown[0]) && !shown[1];
}

static bool belongs(const struct collector *collector, const struct node *text)
{
    switch (collector->part) {
    case PART_TITLE:
        return text == collector->title;
    case PART_FACTS:
        return text != collector->title && !is_note(text);
    case PART_NOTES:
        return text != collector->title && is_note(text);
    default:
        return true;
    }
}

static void add_text(struct collector *collector, const struct node *node)
{
    if (node->is_clock || !belongs(collector, node))
        return;
    if (collector->part == PART_NOTES && is_digit(node))
        collector->digit = node->words.text[0];
    else if (node->strike && node->words.text)
        add_words(collector, node, tr1("shopping.was", node->words.text));
    else
        add_words(collector, node, node->words);
}

static void collect(struct collector *collector, struct node *node)
{
    if (node->hidden || node->destroyed || node->opacity == 0 || node == collector->skip)
        return;
    if (collector->outside && node_first_focusable(node) == node)
        return;
    if (node->kind == NODE_TEXT)
        add_text(collector, node);
    for (size_t i = 0; i < node->count; i++)
        collect(collector, node->children[i]);
}

/* The first text below node that is shown and of that size; type < 0: of any but the smallest. */
static const struct node *find_text(const struct node *node, int type)
{
    if (node->hidden || node->destroyed || node->opacity == 0)
        return NULL;
    if (node->kind == NODE_TEXT && !node->is_clock &&
        (type < 0 ? node->type != TYPE_CAPTION : (int)node->type == type) &&
        (node->words.key || (node->words.text && *node->words.text)))
        return node;
    for (size_t i = 0; i < node->count; i++) {
        const struct node *found = find_text(node->children[i], type);
        if (found)
            return found;
    }
    return NULL;
}

/* ---- what has the focus ---- */

static const char *find_icon(const struct node *node)
{
    if (node->kind == NODE_ICON && node->name)
        return node->name;
    for (size_t i = 0; i < node->count; i++) {
        const char *name = find_icon(node->children[i]);
        if (name)
            return name;
    }
    return NULL;
}

/* Keys that carry a picture alone. */
static void read_icon(struct collector *collector, const struct node *node)
{
    const char *icon = find_icon(node);
    if (icon && strcmp(icon, "erase") == 0)
        add_words(collector, node, tr("speech.erase"));
    else if (icon && strcmp(icon, "close") == 0)
        add_words(collector, node, tr("speech.clear"));
}

static void read_focus(struct node *node, struct collector *collector)
{
    if (node->box.scroll) {
        collector->part = PART_ALL;
        collect(collector, node);
        add_words(collector, node, tr("speech.scroll"));
        return;
    }
    collector->title = find_text(node, -1);
    for (int part = PART_TITLE; part <= PART_NOTES; part++) {
        collector->part = (enum part)part;
        collect(collector, node);
    }
    if (collector->length == 0)
        read_icon(collector, node);
    if (collector->digit) {
        const char digit[2] = {collector->digit, 0};
        add_words(collector, node, tr1("speech.digit", digit));
    }
    if (!node->activate && node->on_key)
        add_words(collector, node, tr("speech.change"));
}

/* ---- where that is ---- */

/* The row with the title, and a dialog's question: what is above the first thing that can have the focus. */
static const struct node *read_title(struct node *scope, struct collector *collector)
{
    const struct node *heading = find_text(scope, TYPE_HEADING);
    if (!heading && scope->modal)
        heading = find_text(scope, TYPE_TITLE);
    if (!heading || !heading->parent)
        return NULL;
    const struct node *row = heading->parent;
    if (scope->modal || row->parent != scope) { /* not a header: a large word in the middle of something */
        add_words(collector, heading, heading->words);
        return heading;
    }
    collector->part = PART_ALL;
    for (size_t i = 0; i < row->count; i++)
        collect(collector, row->children[i]);
    return row;
}

/* The hints of a screen are its last row; what a picture of a key means is not to be said. */
static void read_rest(struct node *scope, struct collector *collector)
{
    collector->part = PART_ALL;
    collector->outside = true;
    size_t count = scope->modal || scope->count < 2 ? scope->count : scope->count - 1;
    for (size_t i = 0; i < count; i++)
        collect(collector, scope->children[i]);
}

void scene_read(struct scene *scene, const char *language, struct reading *reading)
{
    char shown[8];
    memset(reading, 0, sizeof(*reading));
    struct node *scope = scene_scope(scene), *focus = scene_focus(scene);
    if (!scope)
        return;
    reading->scope = scope;
    reading->focus = focus;
    text_copy(shown, sizeof(shown), strings_language(scene->strings));
    strings_set_language(scene->strings, language);
    struct collector title = {.out = reading->title, .size = sizeof(reading->title)};
    struct collector text = {.out = reading->text, .size = sizeof(reading->text)};
    struct collector rest = {.out = reading->rest, .size = sizeof(reading->rest)};
    rest.skip = read_title(scope, &title);
    if (focus)
        read_focus(focus, &text);
    read_rest(scope, &rest);
    strings_set_language(scene->strings, shown);
}
