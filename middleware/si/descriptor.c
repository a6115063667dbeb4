/* SPDX-License-Identifier: Apache-2.0 */
#include "si/descriptor.h"
#include "si/writer.h"
#include <string.h>
#include <strings.h>

bool si_descriptor_next(struct reader *loop, struct si_descriptor *descriptor)
{
    if (reader_left(loop) < 2)
        return false;
    descriptor->tag = reader_u8(loop);
    descriptor->body = reader_bytes(loop, reader_u8(loop));
    if (loop->failed)
        return false;
    if (descriptor->tag == SI_TAG_PRIVATE_DATA_SPECIFIER) {
        struct reader body;
        reader_init(&body, descriptor->body.data, descriptor->body.size);
        uint32_t specifier = reader_u32(&body);
        descriptor->specifier = body.failed ? 0 : specifier;
    }
    return true;
}

void si_language_copy(char language[SI_LANGUAGE_SIZE], struct bytes code)
{
    bool good = code.size >= 3;
    for (size_t i = 0; good && i < 3; i++)
        good = code.data[i] >= 0x21 && code.data[i] <= 0x7E;
    memcpy(language, good ? (const char *)code.data : "und", 3);
    language[3] = '\0';
}

/* ISO 639-2: the bibliographic code of the languages that have two. */
static const char *const pairs[][2] = {
    {"zho", "chi"}, {"bod", "tib"}, {"fra", "fre"}, {"deu", "ger"}, {"ces", "cze"},
    {"nld", "dut"}, {"ell", "gre"}, {"fas", "per"}, {"slk", "slo"}, {"cym", "wel"},
    {"eus", "baq"}, {"hye", "arm"}, {"isl", "ice"}, {"kat", "geo"}, {"mkd", "mac"},
    {"mri", "mao"}, {"msa", "may"}, {"mya", "bur"}, {"ron", "rum"}, {"sqi", "alb"},
};

static const char *canonical(const char *language)
{
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (strcasecmp(language, pairs[i][0]) == 0)
            return pairs[i][1];
    return language;
}

bool si_language_matches(const char *a, const char *b)
{
    return strcasecmp(canonical(a), canonical(b)) == 0;
}

/* Head-ends repeat a network's descriptors in each section of its table. */
static bool has_language(const struct si_names *names, const char *language)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->entries[i].language, language) == 0)
            return true;
    return false;
}

void si_names_read(struct bytes body, struct si_text *text, struct si_names *names)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    while (reader_left(&reader) >= 4 && names->count < SI_LANGUAGES_MAX) {
        struct bytes code = reader_bytes(&reader, 3);
        struct bytes name = reader_bytes(&reader, reader_u8(&reader));
        char language[SI_LANGUAGE_SIZE] = "";
        if (reader.failed)
            return;
        si_language_copy(language, code);
        if (has_language(names, language))
            continue;
        struct si_name *entry = &names->entries[names->count++];
        strcpy(entry->language, language);
        si_text_decode(text, name.data, name.size, entry->name, sizeof(entry->name));
    }
}

void si_names_write(struct buffer *buffer, uint8_t tag, const struct si_names *names)
{
    if (names->count == 0)
        return;
    size_t body = si_descriptor_begin(buffer, tag);
    size_t share = 255 / (names->count < SI_LANGUAGES_MAX ? names->count : SI_LANGUAGES_MAX) - 4;
    for (size_t i = 0; i < names->count && i < SI_LANGUAGES_MAX; i++) {
        si_write_language(buffer, names->entries[i].language);
        si_write_text(buffer, names->entries[i].name, share);
    }
    si_descriptor_end(buffer, body);
}

const char *si_names_get(const struct si_names *names, const char *language, const char *fallback)
{
    for (size_t i = 0; language && i < names->count; i++)
        if (si_language_matches(names->entries[i].language, language) && names->entries[i].name[0])
            return names->entries[i].name;
    return fallback;
}

bool si_linkage_read(struct bytes body, struct si_linkage *linkage)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    linkage->transport_stream_id = reader_u16(&reader);
    linkage->original_network_id = reader_u16(&reader);
    linkage->service_id = reader_u16(&reader);
    linkage->type = reader_u8(&reader);
    return !reader.failed;
}

void si_linkage_write(struct buffer *buffer, const struct si_linkage *linkage)
{
    size_t body = si_descriptor_begin(buffer, SI_TAG_LINKAGE);
    buffer_u16(buffer, linkage->transport_stream_id);
    buffer_u16(buffer, linkage->original_network_id);
    buffer_u16(buffer, linkage->service_id);
    buffer_u8(buffer, linkage->type);
    si_descriptor_end(buffer, body);
}

bool si_access_read(struct bytes body, struct si_access *access)
{
    struct reader reader;
    reader_init(&reader, body.data, body.size);
    access->system_id = reader_u16(&reader);
    access->pid = reader_u16(&reader) & 0x1FFF;
    return !reader.failed;
}

void si_access_write(struct buffer *buffer, const struct si_access *access)
{
    size_t body = si_descriptor_begin(buffer, SI_TAG_CA);
    buffer_u16(buffer, access->system_id);
    buffer_u16(buffer, 0xE000u | (access->pid & 0x1FFFu));
    si_descriptor_end(buffer, body);
}
