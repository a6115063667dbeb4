/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/key_maker.h"

#include "base/log.h"
#include "playout/key_readings.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>
#include <unicode/utrans.h>

#define TEXT_MAXIMUM 640 /* UTF-16 units of a name, whose UTF-8 has 300 bytes, after folding */
#define UNITS_MAXIMUM 64
#define WORD_SIZE 32
#define READING_SIZE 8
#define READINGS_MAXIMUM 3
#define WAYS_MAXIMUM 7

struct key_maker {
    UTransliterator *latin; /* Han to pinyin, Latin to ASCII */
    UBreakIterator *words;
    const UNormalizer2 *fold; /* NFKC and case; ICU's own */
};

struct key_maker *key_maker_create(struct error *error)
{
    UChar id[64];
    UErrorCode code = U_ZERO_ERROR;
    struct key_maker *maker = calloc(1, sizeof(*maker));
    if (!maker) {
        error_set(error, "search keys: out of memory");
        return NULL;
    }
    u_uastrcpy(id, "Han-Latin; Latin-ASCII; Lower");
    maker->latin = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &code);
    maker->words = ubrk_open(UBRK_WORD, "zh", NULL, 0, &code);
    maker->fold = unorm2_getNFKCCasefoldInstance(&code);
    if (U_SUCCESS(code))
        return maker;
    error_set(error, "search keys: ICU: %s", u_errorName(code));
    key_maker_destroy(maker);
    return NULL;
}

void key_maker_destroy(struct key_maker *maker)
{
    if (!maker)
        return;
    if (maker->latin)
        utrans_close(maker->latin);
    if (maker->words)
        ubrk_close(maker->words);
    free(maker);
}

/* ---- a key as it grows ---- */

struct key {
    char text[CONTENT_KEY_SIZE_MAXIMUM + 1];
    size_t length;
    bool parted; /* a word ends here, if anything follows */
};

/* False, and nothing changes, where it would become too long. */
static bool append(struct key *key, const char *letters, size_t count)
{
    size_t space = key->parted && key->length > 0 ? 1 : 0;
    if (key->length + space + count > CONTENT_KEY_SIZE_MAXIMUM)
        return false;
    if (space)
        key->text[key->length++] = ' ';
    memcpy(key->text + key->length, letters, count);
    key->length += count;
    key->text[key->length] = '\0';
    key->parted = false;
    return true;
}

/* ---- Chinese ---- */

/* A character with its readings, or a run of Latin letters and digits, which has one and is a word. */
struct unit {
    bool is_character, begins_word;
    size_t reading_count;
    char readings[READINGS_MAXIMUM][WORD_SIZE];
};

struct units {
    struct unit items[UNITS_MAXIMUM];
    size_t count;
    bool in_run; /* the last one is a run of Latin that may go on */
};

static struct unit *next_unit(struct units *units, bool is_character, bool begins_word)
{
    if (units->count >= UNITS_MAXIMUM)
        return NULL;
    struct unit *unit = &units->items[units->count++];
    *unit = (struct unit){.is_character = is_character, .begins_word = begins_word};
    units->in_run = !is_character;
    return unit;
}

/* The letters and digits of ASCII that ICU makes of a character; "" where there are none. */
static void to_latin(struct key_maker *maker, UChar32 character, char out[READING_SIZE])
{
    UChar text[32];
    int32_t length = 0, limit;
    UErrorCode code = U_ZERO_ERROR;
    size_t count = 0;
    UBool failed = false;
    U16_APPEND(text, length, 32, character, failed);
    limit = length;
    utrans_transUChars(maker->latin, text, &length, 32, 0, &limit, &code);
    for (int32_t i = 0; U_SUCCESS(code) && !failed && i < length && count + 1 < READING_SIZE; i++) {
        if (text[i] < 0x80 && content_key_digit((char)text[i]))
            out[count++] = (char)text[i];
    }
    out[count] = '\0';
}

static void add_character(struct key_maker *maker, struct units *units, UChar32 character, bool begins_word)
{
    char reading[READING_SIZE] = "";
    const char *known = key_readings((uint32_t)character);
    if (!known) {
        to_latin(maker, character, reading);
        known = reading;
    }
    struct unit *unit = *known ? next_unit(units, true, begins_word) : NULL;
    while (unit && *known && unit->reading_count < READINGS_MAXIMUM) {
        size_t size = strcspn(known, " ");
        snprintf(unit->readings[unit->reading_count++], WORD_SIZE, "%.*s", (int)size, known);
        known += size + (known[size] == ' ' ? 1 : 0);
    }
}

static void add_latin(struct units *units, const char *letters)
{
    struct unit *unit = units->in_run ? &units->items[units->count - 1] : next_unit(units, false, true);
    if (!unit)
        return;
    size_t length = strlen(unit->readings[0]);
    snprintf(unit->readings[0] + length, WORD_SIZE - length, "%s", letters);
    unit->reading_count = 1;
}

static void read_units(struct key_maker *maker, const UChar *text, int32_t length, struct units *units)
{
    UErrorCode code = U_ZERO_ERROR;
    ubrk_setText(maker->words, text, length, &code);
    for (int32_t i = 0; U_SUCCESS(code) && i < length;) {
        char latin[READING_SIZE];
        UChar32 character;
        UErrorCode unknown = U_ZERO_ERROR;
        bool begins_word = ubrk_isBoundary(maker->words, i);
        U16_NEXT(text, i, length, character);
        UScriptCode script = uscript_getScript(character, &unknown);
        if (script == USCRIPT_HAN) {
            add_character(maker, units, character, begins_word);
            continue;
        }
        latin[0] = '\0';
        if (script == USCRIPT_LATIN || (character < 0x80 && content_key_digit((char)character)))
            to_latin(maker, character, latin);
        if (latin[0])
            add_latin(units, latin);
        else
            units->in_run = false;
    }
}

/* The name read in one of its ways. The first ambiguous characters vary first. */
static void add_way(const struct units *units, size_t way, struct content_strings *keys)
{
    struct key initials = {.text = ""}, pinyin = {.text = ""};
    size_t radix = 1;
    for (size_t i = 0; i < units->count; i++) {
        const struct unit *unit = &units->items[i];
        const char *reading = unit->readings[way / radix % unit->reading_count];
        radix *= unit->reading_count;
        initials.parted = true;
        append(&initials, reading, unit->is_character ? 1 : strlen(reading));
        pinyin.parted = unit->begins_word || (i > 0 && !units->items[i - 1].is_character);
        append(&pinyin, reading, strlen(reading));
    }
    content_keys_add(keys, initials.text);
    content_keys_add(keys, pinyin.text);
}

static size_t ways_of(const struct units *units)
{
    size_t ways = 1;
    for (size_t i = 0; i < units->count && ways < WAYS_MAXIMUM; i++)
        ways *= units->items[i].reading_count;
    return ways < WAYS_MAXIMUM ? ways : WAYS_MAXIMUM;
}

static void read_name(struct key_maker *maker, const char *name, struct units *units)
{
    UChar raw[TEXT_MAXIMUM], text[TEXT_MAXIMUM];
    int32_t length = 0;
    UErrorCode code = U_ZERO_ERROR;
    units->count = 0;
    units->in_run = false;
    if (!name)
        return;
    u_strFromUTF8(raw, TEXT_MAXIMUM, &length, name, -1, &code);
    length = unorm2_normalize(maker->fold, raw, length, text, TEXT_MAXIMUM, &code);
    if (U_SUCCESS(code))
        read_units(maker, text, length, units);
}

/* ---- Tibetan ---- */

/* The first letter in Wylie of U+0F40 to U+0F6C; ' is a-chung. */
static const char wylie[] = "kkggnccj?nttddnttddnppbbmttddwzz'yrlssshakrkr";
_Static_assert(sizeof(wylie) == 0x6c - 0x40 + 2, "a letter each");

static bool is_consonant(UChar32 character)
{
    return character >= 0x0f40 && character <= 0x0f6c && character != 0x0f48;
}

static char vowel(UChar32 sign)
{
    switch (sign) {
    case 0x0f72:
        return 'i';
    case 0x0f74:
        return 'u';
    case 0x0f7a:
        return 'e';
    case 0x0f7c:
        return 'o';
    default:
        return 'a';
    }
}

/* The letter of a syllable that begins with character; next is the one behind it. */
static char first_letter(UChar32 character, UChar32 next)
{
    char letter = wylie[character - 0x0f40];
    if (letter == '\'' && is_consonant(next))
        return wylie[next - 0x0f40] == '\'' ? 'a' : wylie[next - 0x0f40];
    return letter == '\'' || letter == 'a' ? vowel(next) : letter;
}

static void add_tibetan(const char *name, struct content_strings *keys)
{
    struct key key = {.text = ""};
    int32_t length = (int32_t)strlen(name);
    bool in_syllable = false, in_run = false;
    for (int32_t i = 0; i < length;) {
        UChar32 character, next = 0;
        U8_NEXT(name, i, length, character);
        int32_t behind = i;
        if (i < length)
            U8_NEXT(name, behind, length, next);
        bool is_digit = character >= 0x0f20 && character <= 0x0f29;
        char ascii = is_digit                               ? (char)('0' + character - 0x0f20)
                     : character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a')
                     : character > 0 && character < 0x80    ? (char)character
                                                            : '\0';
        bool is_sign = character >= 0x0f71 && character <= 0x0fbc; /* vowels and what is written below */
        if (content_key_digit(ascii)) {
            key.parted = !in_run;
            append(&key, &ascii, 1);
        } else if (is_consonant(character) && !in_syllable) {
            char letter = first_letter(character, next);
            key.parted = true;
            append(&key, &letter, 1);
        }
        in_run = content_key_digit(ascii) != '\0';
        in_syllable = is_consonant(character) || (is_sign && in_syllable);
    }
    content_keys_add(keys, key.text);
}

/* ---- all of a name ---- */

void key_maker_add(struct key_maker *maker, const struct content_text *name, struct content_strings *keys)
{
    struct units chinese, english;
    read_name(maker, name->zh, &chinese);
    read_name(maker, name->en, &english);
    if (chinese.count > 0)
        add_way(&chinese, 0, keys);
    if (english.count > 0)
        add_way(&english, 0, keys);
    if (name->bo)
        add_tibetan(name->bo, keys);
    for (size_t way = 1; way < ways_of(&chinese); way++)
        add_way(&chinese, way, keys);
}

/* ---- documents ---- */

static char *text_of(json_t *name, const char *language)
{
    return (char *)json_string_value(json_object_get(name, language)); /* only read */
}

/* Gives a product or notice its keys; those that it has stay in front. */
static bool fill_thing(struct key_maker *maker, json_t *thing)
{
    struct content_strings keys = {0};
    json_t *name = json_object_get(thing, "name"), *array = json_array(), *own;
    const struct content_text text = {text_of(name, "zh"), text_of(name, "bo"), text_of(name, "en")};
    size_t index;
    bool good = array != NULL;
    json_array_foreach(json_object_get(thing, "keys"), index, own)
    {
        if (json_is_string(own))
            content_keys_add(&keys, json_string_value(own));
    }
    key_maker_add(maker, &text, &keys);
    for (size_t i = 0; good && i < keys.count; i++)
        good = json_array_append_new(array, json_string(keys.items[i])) == 0;
    if (good && keys.count > 0)
        good = json_object_set(thing, "keys", array) == 0;
    json_decref(array);
    content_keys_finish(&keys);
    return good;
}

static bool fill_document(struct key_maker *maker, struct content_set *set, const struct content_file *file,
                          const char *array, struct error *error)
{
    json_t *root = json_loadb((const char *)file->bytes.data, file->bytes.size, 0, NULL), *thing;
    size_t index;
    bool good = root != NULL;
    json_array_foreach(json_object_get(root, array), index, thing)
    {
        good = good && fill_thing(maker, thing);
    }
    char *text = good ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    if (!text)
        return error_set(error, "%s: out of memory, or no JSON", file->path);
    size_t size = strlen(text);
    good = size <= CONTENT_DOCUMENT_SIZE_MAXIMUM
               ? content_set_put(set, file->path, (struct bytes){(const uint8_t *)text, size}, error)
               : error_set(error, "%s: %zu bytes with its search keys, expected at most %d", file->path, size,
                           CONTENT_DOCUMENT_SIZE_MAXIMUM);
    free(text);
    return good;
}

void key_maker_fill(struct key_maker *maker, struct content_set *set)
{
    for (size_t i = 0; maker && i < set->count; i++) {
        struct error error = {""};
        enum content_document_kind kind = content_document_kind_of_path(set->files[i].path);
        const char *array = kind == CONTENT_CATALOGUE     ? "products"
                            : kind == CONTENT_CREDIT_LIST ? "entries"
                                                          : NULL;
        if (array && !fill_document(maker, set, &set->files[i], array, &error))
            log_warning("%s; it goes on air without search keys", error.text);
    }
}
