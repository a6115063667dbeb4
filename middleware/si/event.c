/* SPDX-License-Identifier: Apache-2.0 */
#include "si/event.h"
#include "base/text.h"
#include "si/bcd.h"
#include "si/descriptor.h"
#include "si/tdt.h"
#include "si/writer.h"
#include <string.h>

#define TAG_SHORT_EVENT 0x4D
#define TAG_EXTENDED_EVENT 0x4E
#define TAG_COMPONENT 0x50
#define TAG_CONTENT 0x54
#define TAG_PARENTAL_RATING 0x55

#define UNDEFINED_TIME UINT64_C(0xFFFFFFFFFF)
#define EXTENDED_PARTS 16 /* descriptor_number has four bits */

bool si_event_next(struct reader *loop, struct si_event_view *view)
{
    if (reader_left(loop) == 0)
        return false;
    memset(view, 0, sizeof(*view));
    view->event_id = reader_u16(loop);
    uint64_t start = (uint64_t)reader_u8(loop) << 32;
    start |= reader_u32(loop);
    view->start_utc_s = si_time_from_mjd(start);
    view->duration_s = si_duration_from_bcd(reader_u24(loop));
    uint16_t word = reader_u16(loop);
    view->running_status = (uint8_t)(word >> 13);
    view->scrambled = word & 0x1000;
    view->descriptors = reader_bytes(loop, word & 0x0FFF);
    return !loop->failed;
}

static struct reader loop_of(const struct si_event_view *view)
{
    struct reader loop;
    reader_init(&loop, view->descriptors.data, view->descriptors.size);
    return loop;
}

/* The parts of a short_event_descriptor; false where it is cut. */
static bool cut_short(struct bytes body, char language[SI_LANGUAGE_SIZE], struct bytes *name,
                      struct bytes *text)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    struct bytes code = reader_bytes(&reader, 3);
    *name = reader_bytes(&reader, reader_u8(&reader));
    *text = reader_bytes(&reader, reader_u8(&reader));
    si_language_copy(language, code);
    return !reader.failed;
}

size_t si_event_languages(const struct si_event_view *view, char (*languages)[SI_LANGUAGE_SIZE],
                          size_t maximum)
{
    struct reader loop = loop_of(view);
    struct si_descriptor descriptor = {0};
    struct bytes name, text;
    size_t count = 0;
    while (count < maximum && si_descriptor_next(&loop, &descriptor))
        if (descriptor.tag == TAG_SHORT_EVENT && cut_short(descriptor.body, languages[count], &name, &text))
            count++;
    return count;
}

/* How well a language answers the wish; 0: it is only better than none. */
static int rank(const char *language, const char *wanted, bool fallback)
{
    if (wanted && si_language_matches(language, wanted))
        return 2;
    return fallback && si_language_matches(language, "eng") ? 1 : 0;
}

bool si_event_words(const struct si_event_view *view, struct si_text *text, const char *language,
                    bool fallback, struct si_event_words *words)
{
    struct reader loop = loop_of(view);
    struct si_descriptor descriptor = {0};
    struct bytes name = {NULL, 0}, about = {NULL, 0};
    int best = -1;
    memset(words, 0, sizeof(*words));
    while (best < 2 && si_descriptor_next(&loop, &descriptor)) {
        char code[SI_LANGUAGE_SIZE] = "";
        struct bytes name_here, about_here;
        if (descriptor.tag != TAG_SHORT_EVENT || !cut_short(descriptor.body, code, &name_here, &about_here))
            continue;
        int here = rank(code, language, fallback);
        if (here <= best)
            continue;
        best = here;
        name = name_here;
        about = about_here;
        memcpy(words->language, code, sizeof(code));
    }
    if (best < 0)
        return false;
    si_text_decode(text, name.data, name.size, words->name, sizeof(words->name));
    si_text_decode(text, about.data, about.size, words->text, sizeof(words->text));
    return true;
}

void si_event_fill(const struct si_event_view *view, struct si_text *text, const char *language,
                   struct si_event *event)
{
    struct si_event_words words;
    memset(event, 0, sizeof(*event));
    event->exists = true;
    event->event_id = view->event_id;
    event->start_utc_s = view->start_utc_s;
    event->duration_s = view->duration_s;
    event->running_status = view->running_status;
    event->scrambled = view->scrambled;
    if (!si_event_words(view, text, language, false, &words))
        return;
    strcpy(event->language, words.language);
    strcpy(event->name, words.name);
    strcpy(event->text, words.text);
}

/* One extended_event_descriptor's head; false where it is cut. */
static bool cut_extended(struct bytes body, unsigned *number, char language[SI_LANGUAGE_SIZE],
                         struct reader *items, struct bytes *text)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    *number = reader_u8(&reader) >> 4;
    struct bytes code = reader_bytes(&reader, 3);
    *items = reader_sub(&reader, reader_u8(&reader));
    *text = reader_bytes(&reader, reader_u8(&reader));
    si_language_copy(language, code);
    return !reader.failed;
}

struct output {
    struct si_text *text;
    char *at;
    size_t left;      /* with the NUL */
    uint8_t selector; /* of the first part */
};

static void put_plain(struct output *out, const char *text)
{
    size_t size = strlen(text);
    if (size >= out->left)
        return;
    memcpy(out->at, text, size + 1);
    out->at += size;
    out->left -= size;
}

/* A part that goes on without a selector is written in the table of the first. */
static void put_text(struct output *out, struct bytes part, bool first)
{
    uint8_t joined[256];
    if (first)
        out->selector = part.size > 0 && part.data[0] < 0x20 && part.data[0] != 0x10 ? part.data[0] : 0;
    if (part.size > 0 && part.data[0] >= 0x20 && out->selector && part.size < sizeof(joined)) {
        joined[0] = out->selector;
        memcpy(joined + 1, part.data, part.size);
        part = (struct bytes){joined, part.size + 1};
    }
    size_t size = si_text_decode(out->text, part.data, part.size, out->at, out->left);
    out->at += size;
    out->left -= size;
}

static void put_items(struct output *out, struct reader *items)
{
    while (reader_left(items) >= 2) {
        struct bytes description = reader_bytes(items, reader_u8(items));
        struct bytes item = reader_bytes(items, reader_u8(items));
        if (items->failed)
            return;
        put_text(out, description, true);
        put_plain(out, description.size ? ": " : "");
        put_text(out, item, true);
        put_plain(out, "\n");
    }
}

size_t si_event_extended(const struct si_event_view *view, struct si_text *text, const char *language,
                         char *out, size_t out_size)
{
    struct bytes parts[EXTENDED_PARTS] = {{NULL, 0}};
    struct reader items[EXTENDED_PARTS];
    bool have[EXTENDED_PARTS] = {false};
    char chosen[SI_LANGUAGE_SIZE] = "";
    int best = -1;
    memset(items, 0, sizeof(items));
    struct reader loop = loop_of(view);
    for (struct si_descriptor d = {0}; si_descriptor_next(&loop, &d);) {
        unsigned number;
        char code[SI_LANGUAGE_SIZE] = "";
        struct reader list;
        struct bytes part;
        if (d.tag != TAG_EXTENDED_EVENT || !cut_extended(d.body, &number, code, &list, &part))
            continue;
        int here = rank(code, language, true);
        if (here > best) {
            best = here;
            strcpy(chosen, code);
            memset(have, 0, sizeof(have));
        }
        if (strcmp(chosen, code) != 0 || have[number])
            continue;
        have[number] = true;
        parts[number] = part;
        items[number] = list;
    }
    struct output output = {.text = text, .at = out, .left = out_size};
    out[0] = '\0';
    for (size_t i = 0; i < EXTENDED_PARTS; i++)
        if (have[i])
            put_items(&output, &items[i]);
    bool first = true;
    for (size_t i = 0; i < EXTENDED_PARTS; i++) {
        if (!have[i])
            continue;
        put_text(&output, parts[i], first);
        first = false;
    }
    return (size_t)(output.at - out);
}

size_t si_event_contents(const struct si_event_view *view, struct si_content *contents, size_t maximum)
{
    struct reader loop = loop_of(view);
    size_t count = 0;
    for (struct si_descriptor d = {0}; si_descriptor_next(&loop, &d);) {
        for (size_t i = 0; d.tag == TAG_CONTENT && i + 2 <= d.body.size && count < maximum; i += 2)
            contents[count++] =
                (struct si_content){d.body.data[i] >> 4, d.body.data[i] & 15, d.body.data[i + 1]};
    }
    return count;
}

size_t si_event_ratings(const struct si_event_view *view, struct si_rating *ratings, size_t maximum)
{
    struct reader loop = loop_of(view);
    size_t count = 0;
    for (struct si_descriptor d = {0}; si_descriptor_next(&loop, &d);) {
        struct reader body;
        reader_init(&body, d.body.data, d.body.size);
        while (d.tag == TAG_PARENTAL_RATING && reader_left(&body) >= 4 && count < maximum) {
            memset(&ratings[count], 0, sizeof(ratings[count]));
            si_language_copy(ratings[count].country, reader_bytes(&body, 3));
            ratings[count++].rating = reader_u8(&body);
        }
    }
    return count;
}

int si_rating_age(const struct si_rating *rating)
{
    return rating->rating >= 1 && rating->rating <= 15 ? rating->rating + 3 : 0;
}

static void read_component(struct reader *body, struct si_text *text, struct si_event_component *component)
{
    uint8_t content = reader_u8(body);

    component->stream_content =
        (content & 15) == 0x9 || (content & 15) == 0xB ? content : (uint8_t)(content & 15);

    component->component_type = reader_u8(body);
    component->component_tag = reader_u8(body);
    si_language_copy(component->language, reader_bytes(body, 3));
    struct bytes words = reader_bytes(body, reader_left(body));
    si_text_decode(text, words.data, words.size, component->text, sizeof(component->text));
}

/* A multilingual_component_descriptor gives names to the component of its tag. */
static void take_component_names(struct bytes body, struct si_text *text,
                                 struct si_event_component *components, size_t count)
{
    for (size_t i = 0; body.size > 1 && i < count; i++)
        if (components[i].component_tag == body.data[0])
            si_names_read((struct bytes){body.data + 1, body.size - 1}, text, &components[i].names);
}

size_t si_event_components(const struct si_event_view *view, struct si_text *text,
                           struct si_event_component *components, size_t maximum)
{
    struct reader loop = loop_of(view);
    size_t count = 0;
    for (struct si_descriptor d = {0}; si_descriptor_next(&loop, &d);) {
        if (d.tag != TAG_COMPONENT || d.body.size < 6 || count == maximum)
            continue;
        struct reader body;
        reader_init(&body, d.body.data, d.body.size);
        memset(&components[count], 0, sizeof(components[count]));
        read_component(&body, text, &components[count++]);
    }
    loop = loop_of(view);
    for (struct si_descriptor d = {0}; si_descriptor_next(&loop, &d);)
        if (d.tag == SI_TAG_MULTILINGUAL_COMPONENT)
            take_component_names(d.body, text, components, count);
    return count;
}

size_t si_event_linkages(const struct si_event_view *view, struct si_linkage *linkages, size_t maximum)
{
    struct reader loop = loop_of(view);
    size_t count = 0;
    for (struct si_descriptor d = {0}; count < maximum && si_descriptor_next(&loop, &d);)
        if (d.tag == SI_TAG_LINKAGE && si_linkage_read(d.body, &linkages[count]))
            count++;
    return count;
}

static void write_short(struct buffer *buffer, const struct si_event_source_words *words)
{
    size_t body = si_descriptor_begin(buffer, TAG_SHORT_EVENT);
    si_write_language(buffer, words->language);
    /* 250 bytes are left for both; the name is the shorter and matters more. */
    size_t name_size = si_write_text(buffer, words->name ? words->name : "", 192);
    si_write_text(buffer, words->text ? words->text : "", 250 - name_size);
    si_descriptor_end(buffer, body);
}

/* How many bytes of text, whole characters, are at most room bytes on air: a newline has three there. */
static size_t fitting(const char *text, size_t room)
{
    size_t used = 1; /* the selector */
    const char *at = text;
    while (*at) {
        const char *next = at;
        if (text_next(&next) == 0 || next == at)
            break;
        used += *at == '\n' ? 3 : (size_t)(next - at);
        if (used > room)
            break;
        at = next;
    }
    return (size_t)(at - text);
}

static void write_extended(struct buffer *buffer, const struct si_event_source_words *words)
{
    enum { ROOM = 255 - 6 };
    size_t sizes[EXTENDED_PARTS], count = 0;
    for (const char *at = words->extended; count < EXTENDED_PARTS && *at; at += sizes[count++]) {
        sizes[count] = fitting(at, ROOM);
        if (sizes[count] == 0)
            break;
    }
    const char *at = words->extended;
    for (size_t i = 0; i < count; at += sizes[i++]) {
        char part[ROOM + 1];
        memcpy(part, at, sizes[i]);
        part[sizes[i]] = '\0';
        size_t body = si_descriptor_begin(buffer, TAG_EXTENDED_EVENT);
        buffer_u8(buffer, (unsigned)(i << 4 | (count - 1)));
        si_write_language(buffer, words->language);
        buffer_u8(buffer, 0); /* no items */
        si_write_text(buffer, part, ROOM);
        si_descriptor_end(buffer, body);
    }
}

static void write_component(struct buffer *buffer, const struct si_event_component *component)
{
    size_t body = si_descriptor_begin(buffer, TAG_COMPONENT);
    buffer_u8(buffer,
              component->stream_content > 15 ? component->stream_content : 0xF0u | component->stream_content);
    buffer_u8(buffer, component->component_type);
    buffer_u8(buffer, component->component_tag);
    si_write_language(buffer, component->language);
    uint8_t text[200];
    buffer_append(buffer, text, si_text_encode(component->text, text, sizeof(text)));
    si_descriptor_end(buffer, body);
    if (component->names.count == 0)
        return;
    body = si_descriptor_begin(buffer, SI_TAG_MULTILINGUAL_COMPONENT);
    buffer_u8(buffer, component->component_tag);
    for (size_t i = 0; i < component->names.count && i < SI_LANGUAGES_MAX; i++) {
        si_write_language(buffer, component->names.entries[i].language);
        si_write_text(buffer, component->names.entries[i].name, 254 / SI_LANGUAGES_MAX - 4);
    }
    si_descriptor_end(buffer, body);
}

static void write_kind(struct buffer *buffer, const struct si_event_source *source)
{
    if (source->content_count > 0) {
        size_t body = si_descriptor_begin(buffer, TAG_CONTENT);
        for (size_t i = 0; i < source->content_count; i++) {
            buffer_u8(buffer, (source->contents[i].level_1 & 15u) << 4 | (source->contents[i].level_2 & 15u));
            buffer_u8(buffer, source->contents[i].user);
        }
        si_descriptor_end(buffer, body);
    }
    if (source->rating_count > 0) {
        size_t body = si_descriptor_begin(buffer, TAG_PARENTAL_RATING);
        for (size_t i = 0; i < source->rating_count; i++) {
            si_write_language(buffer, source->ratings[i].country);
            buffer_u8(buffer, source->ratings[i].rating);
        }
        si_descriptor_end(buffer, body);
    }
}

void si_event_write(struct buffer *buffer, const struct si_event_source *source, bool extended)
{
    buffer_u16(buffer, source->event_id);
    uint64_t start = source->start_utc_s < 0 ? UNDEFINED_TIME : si_time_to_mjd(source->start_utc_s);
    buffer_u8(buffer, (unsigned)(start >> 32 & 0xFF));
    buffer_u32(buffer, (uint32_t)start);
    buffer_u24(buffer, si_duration_to_bcd(source->duration_s));
    size_t loop = si_loop_begin(buffer);
    for (size_t i = 0; i < source->word_count; i++)
        write_short(buffer, &source->words[i]);
    for (size_t i = 0; extended && i < source->word_count; i++)
        if (source->words[i].extended && source->words[i].extended[0])
            write_extended(buffer, &source->words[i]);
    for (size_t i = 0; i < source->component_count; i++)
        write_component(buffer, &source->components[i]);
    write_kind(buffer, source);
    for (size_t i = 0; i < source->linkage_count; i++)
        si_linkage_write(buffer, &source->linkages[i]);
    si_loop_end(buffer, loop, (source->running_status & 7u) << 1 | (source->scrambled ? 1u : 0));
}
