/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/layout.h"
#include "base/clock.h"
#include "base/reader.h"
#include "base/text.h"
#include "si/descriptor.h"
#include "si/tdt.h"
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 48
#define TEXT_SIZE 4096

/* Bits of bytes, most significant first. */
struct bits {
    struct reader reader;
    unsigned rest;  /* the byte under way */
    unsigned count; /* bits of it not yet taken */
};

/* The object that takes the fields, and those it stands in. */
struct scope {
    json_t *object;
    const struct scope *outer;
};

struct decoder {
    enum layout_context context;
    struct si_text *text;
};

static uint64_t take(struct bits *bits, unsigned count)
{
    uint64_t value = 0;
    while (count > 0) {
        if (bits->count == 0) {
            bits->rest = reader_u8(&bits->reader);
            bits->count = 8;
        }
        unsigned now = count < bits->count ? count : bits->count;
        value = value << now | (bits->rest >> (bits->count - now) & ((1u << now) - 1));
        bits->count -= now;
        count -= now;
    }
    return bits->reader.failed ? 0 : value;
}

static bool at_end(const struct bits *bits)
{
    return bits->reader.failed || (bits->count == 0 && reader_left(&bits->reader) == 0);
}

/* The next size bytes; a field of bytes begins at a whole byte. */
static struct bytes take_bytes(struct bits *bits, size_t size)
{
    bits->count = 0;
    return reader_bytes(&bits->reader, size);
}

/* length_bits 0: all that are left. */
static struct bytes take_counted(struct bits *bits, unsigned length_bits)
{
    size_t size = length_bits ? (size_t)take(bits, length_bits) : reader_left(&bits->reader);
    return take_bytes(bits, size);
}

json_t *layout_hex(struct bytes bytes)
{
    char *hex = malloc(2 * bytes.size + 1);
    if (!hex)
        return json_null();
    text_hex(bytes.data, bytes.size, hex);
    json_t *json = json_string(hex);
    free(hex);
    return json;
}

static json_t *read_text(struct decoder *decoder, struct bytes bytes)
{
    char utf8[TEXT_SIZE];
    si_text_decode(decoder->text, bytes.data, bytes.size, utf8, sizeof(utf8));
    return json_string(utf8);
}

json_t *layout_utf8(struct bytes bytes)
{
    json_t *json = text_is_plain((const char *)bytes.data, bytes.size)
                       ? json_stringn((const char *)bytes.data, bytes.size)
                       : NULL;
    return json ? json : layout_hex(bytes);
}

static json_t *read_time(uint64_t mjd)
{
    char text[CLOCK_RFC3339_SIZE];
    int64_t utc_s = si_time_from_mjd(mjd);
    if (utc_s < 0)
        return json_null();
    clock_format_rfc3339(utc_s, text);
    return json_string(text);
}

static json_t *read_bcd(struct bits *bits, unsigned digits)
{
    uint64_t value = 0;
    bool good = true;
    for (unsigned i = 0; i < digits; i++) {
        unsigned digit = (unsigned)take(bits, 4);
        good &= digit <= 9;
        value = value * 10 + digit;
    }
    return good ? json_integer((json_int_t)value) : json_null();
}

static json_t *read_duration(struct bits *bits)
{
    int64_t parts[3];
    for (unsigned i = 0; i < 3; i++) {
        unsigned byte = (unsigned)take(bits, 8);
        if (byte >> 4 > 9 || (byte & 15) > 9) {
            take(bits, 8 * (2 - i));
            return json_null();
        }
        parts[i] = (int64_t)(byte >> 4) * 10 + (byte & 15);
    }
    return json_integer(parts[0] * 3600 + parts[1] * 60 + parts[2]);
}

static json_t *read_number(struct bits *bits, unsigned width, bool hexadecimal)
{
    uint64_t value = take(bits, width);
    if (!hexadecimal)
        return json_integer((json_int_t)value);
    return json_sprintf("0x%0*llx", (int)((width + 3) / 4), (unsigned long long)value);
}

static json_t *read_address(struct bytes bytes)
{
    if (bytes.size != 4)
        return json_null();
    return json_sprintf("%u.%u.%u.%u", (unsigned)bytes.data[0], (unsigned)bytes.data[1],
                        (unsigned)bytes.data[2], (unsigned)bytes.data[3]);
}

static json_t *read_value(struct decoder *decoder, const char *type, struct bits *bits)
{
    char kind = type[0];
    if (kind >= '1' && kind <= '9') {
        char *end;
        unsigned width = (unsigned)strtoul(type, &end, 10);
        return read_number(bits, width, *end == 'x');
    }
    unsigned number = (unsigned)strtoul(type + 1, NULL, 10);
    char letters[SI_LANGUAGE_SIZE];
    switch (kind) {
    case 'T':
        return read_text(decoder, take_counted(bits, number));
    case 'U':
        return layout_utf8(take_counted(bits, number));
    case 'L':
        si_language_copy(letters, take_bytes(bits, 3));
        letters[3] = '\0';
        return json_string(letters);
    case 'M':
        return read_time(take(bits, 40));
    case 'S':
        return read_duration(bits);
    case 'B':
        return read_bcd(bits, number);
    case 'X':
        return layout_hex(take_counted(bits, number));
    case 'H':
        return layout_hex(take_bytes(bits, number));
    case 'I':
        return read_address(take_bytes(bits, 4));
    case '=':
        return json_integer((json_int_t)take_counted(bits, 0).size);
    default: /* 'D' */
        return layout_descriptors(take_counted(bits, number), decoder->context, decoder->text);
    }
}

static void run(struct decoder *decoder, const char *layout, struct bits *bits, const struct scope *scope);

/* Behind the bracket that closes what begins at layout. */
static const char *behind(const char *layout, char open, char close)
{
    unsigned depth = 1;
    for (; *layout && depth > 0; layout++) {
        depth += *layout == open;
        depth -= *layout == close;
    }
    return layout;
}

/* A field that was read before, by its name of size bytes; 0 where there is none. */
static unsigned long long value_of(const struct scope *scope, const char *name, size_t size)
{
    for (; scope; scope = scope->outer) {
        const json_t *found = json_object_getn(scope->object, name, size);
        if (json_is_string(found))
            return strtoull(json_string_value(found), NULL, 0);
        if (found)
            return (unsigned long long)json_integer_value(found);
    }
    return 0;
}

static void read_entry(struct decoder *decoder, const char *inside, struct bits *bits,
                       const struct scope *outer, json_t *array)
{
    const struct scope scope = {json_object(), outer};
    run(decoder, inside, bits, &scope);
    json_array_append_new(array, scope.object);
}

static json_t *read_loop(struct decoder *decoder, const char *inside, unsigned length_bits, struct bits *bits,
                         const struct scope *scope)
{
    struct bytes bytes = take_counted(bits, length_bits);
    struct bits loop = {0};
    reader_init(&loop.reader, bytes.data, bytes.size);
    json_t *array = json_array();
    while (!at_end(&loop)) {
        size_t before = reader_left(&loop.reader);
        read_entry(decoder, inside, &loop, scope, array);
        if (reader_left(&loop.reader) == before)
            break;
    }
    if (loop.reader.failed)
        bits->reader.failed = true;
    return array;
}

/* Ends with the bytes, whatever count says. */
static json_t *read_times(struct decoder *decoder, const char *inside, unsigned long long count,
                          struct bits *bits, const struct scope *scope)
{
    json_t *array = json_array();
    for (unsigned long long i = 0; i < count && !bits->reader.failed; i++) {
        size_t before = reader_left(&bits->reader);
        unsigned bits_before = bits->count;
        read_entry(decoder, inside, bits, scope, array);
        if (reader_left(&bits->reader) == before && bits->count == bits_before)
            break;
    }
    return array;
}

/* layout is behind the '?'. Returns where the next field begins. */
static const char *read_condition(struct decoder *decoder, const char *layout, struct bits *bits,
                                  const struct scope *scope)
{
    const char *inside = layout + strcspn(layout, "(") + 1;
    bool holds;
    if (layout[0] == '+') {
        holds = !at_end(bits);
    } else {
        bool negated = layout[0] == '!';
        const char *name = layout + negated;
        size_t size = strcspn(name, "=(");
        unsigned long long value = value_of(scope, name, size);
        holds = name[size] == '=' ? value == strtoull(name + size + 1, NULL, 0) : (value != 0) != negated;
    }
    inside += strspn(inside, " ");
    if (holds)
        run(decoder, inside, bits, scope);
    return behind(inside, '(', ')');
}

static void copy_word(char *word, size_t room, const char *from, size_t size)
{
    size = size < room ? size : room - 1;
    memcpy(word, from, size);
    word[size] = '\0';
}

/* One field; layout is at its name. Returns where the next begins. */
static const char *read_field(struct decoder *decoder, const char *layout, struct bits *bits,
                              const struct scope *scope)
{
    if (*layout == '?')
        return read_condition(decoder, layout + 1, bits, scope);
    char name[NAME_SIZE], type[NAME_SIZE];
    size_t size = strcspn(layout, ":[");
    copy_word(name, sizeof(name), layout, size);
    bool loop = layout[size] == '[';
    layout += size + 1;
    size = strcspn(layout, " ])");
    copy_word(type, sizeof(type), layout, size);
    layout += size;
    json_t *value;
    if (loop) {
        layout += *layout == ' ';
        value = type[0] == '='
                    ? read_times(decoder, layout, value_of(scope, type + 1, strlen(type + 1)), bits, scope)
                    : read_loop(decoder, layout, (unsigned)strtoul(type, NULL, 10), bits, scope);
        layout = behind(layout, '[', ']');
    } else {
        value = read_value(decoder, type, bits);
    }
    if ((bits->reader.failed && !loop) || name[0] == '-')
        json_decref(value);
    else
        json_object_set_new(scope->object, name, value);
    return layout;
}

static void run(struct decoder *decoder, const char *layout, struct bits *bits, const struct scope *scope)
{
    while (*layout && *layout != ']' && *layout != ')' && !bits->reader.failed) {
        layout = read_field(decoder, layout, bits, scope);
        layout += strspn(layout, " ");
    }
}

bool layout_read(const char *layout, struct bytes bytes, enum layout_context context, struct si_text *text,
                 json_t *object)
{
    struct decoder decoder = {context, text};
    struct bits bits = {0};
    const struct scope scope = {object, NULL};
    reader_init(&bits.reader, bytes.data, bytes.size);
    run(&decoder, layout, &bits, &scope);
    if (bits.reader.failed)
        return false;
    if (reader_left(&bits.reader) > 0)
        json_object_set_new(object, "more", layout_hex(take_counted(&bits, 0)));
    return true;
}

#define TAG_REGISTRATION 0x05
#define TAG_EXTENSION 0x7F
#define TAG_PRIVATE_FIRST 0x80
#define TAG_SHARED_FIRST 0x40

/* Fields of body, or all of it as hex. */
static void describe_body(const struct layout_descriptor *known, struct bytes body,
                          enum layout_context context, struct si_text *text, json_t *json)
{
    if (known && layout_read(known->body, body, context, text, json))
        return;
    if (known)
        json_object_set_new(json, "broken", json_true());
    json_object_set_new(json, "hex", layout_hex(body));
}

/* What is behind the descriptor_tag_extension, where its layout is known (EN 300 468, 6.2.18). */
static bool describe_extension(struct bytes body, struct si_text *text, json_t *json)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    uint8_t tag = reader_u8(&reader);
    const struct layout_descriptor *known =
        reader.failed ? NULL : layout_find_descriptor(LAYOUT_EXTENSION, tag, 0);
    if (!known)
        return false;
    json_object_set_new(json, "extension_tag", json_sprintf("0x%02x", (unsigned)tag));
    json_object_set_new(json, "extension", json_string(known->name));
    describe_body(known, reader_bytes(&reader, reader_left(&reader)), LAYOUT_EXTENSION, text, json);
    return true;
}

/* registration: the format_identifier before it in the loop, 0 without. */
static json_t *describe(const struct si_descriptor *found, uint32_t registration, enum layout_context context,
                        struct si_text *text)
{
    bool shared = context == LAYOUT_AIT || context == LAYOUT_UNT || context == LAYOUT_INT;
    const struct layout_descriptor *known = layout_find_descriptor(context, found->tag, found->specifier);
    if (!known && shared && found->tag >= TAG_SHARED_FIRST)
        known = layout_find_descriptor(LAYOUT_SI, found->tag, found->specifier);
    if (!known && registration)
        known = layout_find_descriptor(context, found->tag, registration);
    json_t *json = json_object();
    json_object_set_new(json, "tag", json_integer(found->tag));
    json_object_set_new(json, "descriptor", known ? json_string(known->name) : json_null());
    if (found->tag >= TAG_PRIVATE_FIRST && found->specifier && context != LAYOUT_SPLICE)
        json_object_set_new(json, "private_data_specifier",
                            json_sprintf("0x%08lx", (unsigned long)found->specifier));
    if (!known || found->tag != TAG_EXTENSION || !describe_extension(found->body, text, json))
        describe_body(known, found->body, context, text, json);
    return json;
}

static uint32_t registration_of(const struct si_descriptor *found, uint32_t before)
{
    struct reader reader;
    reader_init(&reader, found->body.data, found->body.size);
    uint32_t format_identifier = reader_u32(&reader);
    return found->tag == TAG_REGISTRATION && !reader.failed ? format_identifier : before;
}

json_t *layout_descriptors(struct bytes loop, enum layout_context context, struct si_text *text)
{
    struct reader reader;
    reader_init(&reader, loop.data, loop.size);
    json_t *array = json_array();
    size_t whole = 0; /* bytes of whole descriptors */
    uint32_t registration = 0;
    for (struct si_descriptor descriptor = {0}; si_descriptor_next(&reader, &descriptor);) {
        json_array_append_new(array, describe(&descriptor, registration, context, text));
        registration = registration_of(&descriptor, registration);
        whole = reader.position;
    }
    if (whole < loop.size) {
        reader_init(&reader, loop.data, loop.size);
        reader_skip(&reader, whole);
        json_array_append_new(array, json_pack("{s:b, s:o}", "broken", 1, "hex",
                                               layout_hex(reader_bytes(&reader, reader_left(&reader)))));
    }
    return array;
}
