/* SPDX-License-Identifier: Apache-2.0 */
#include "content/keys.h"

#include "content/fields.h"
#include <stdlib.h>
#include <string.h>

static const char *const letters_of[10] = {"", "", "abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"};

char content_key_digit(char letter)
{
    static const char digits[] = "22233344455566677778889999";
    if (letter >= '0' && letter <= '9') {
        return letter;
    }
    return letter >= 'a' && letter <= 'z' ? digits[letter - 'a'] : '\0';
}

const char *content_digit_letters(char digit)
{
    return digit >= '0' && digit <= '9' ? letters_of[digit - '0'] : "";
}

bool content_key_is_good(const char *key)
{
    size_t length = 0;
    for (bool in_word = false; key[length] != '\0'; length++) {
        if (length >= CONTENT_KEY_SIZE_MAXIMUM) {
            return false;
        }
        if (content_key_digit(key[length]) != '\0') {
            in_word = true;
        } else if (key[length] == ' ' && in_word && key[length + 1] != '\0') {
            in_word = false;
        } else {
            return false;
        }
    }
    return length > 0;
}

size_t content_key_words(const char *key)
{
    size_t words = 1;
    for (; *key != '\0'; key++) {
        words += *key == ' ' ? 1 : 0;
    }
    return words;
}

/* The letters from key on, without spaces, as far as they count. */
static void run(const char *key, char letters[CONTENT_DIGITS_MAXIMUM + 1])
{
    size_t length = 0;
    for (; *key != '\0' && length < CONTENT_DIGITS_MAXIMUM; key++) {
        if (*key != ' ') {
            letters[length++] = *key;
        }
    }
    letters[length] = '\0';
}

static const char *next_word(const char *key)
{
    const char *space = strchr(key, ' ');
    return space != NULL ? space + 1 : NULL;
}

bool content_keys_each(const struct content_strings *keys, content_key_fn *found, void *context)
{
    for (size_t i = 0; i < keys->count; i++) {
        const char *key = keys->items[i];
        for (const char *word = key; word != NULL; word = next_word(word)) {
            char digits[CONTENT_DIGITS_MAXIMUM + 1];
            run(word, digits);
            for (char *at = digits; *at != '\0'; at++) {
                *at = content_key_digit(*at);
            }
            if (!found(context, digits, word == key)) {
                return false;
            }
        }
    }
    return true;
}

/* Whether the letters from word on answer the digits; they are then left in letters. */
static bool answers(const char *word, const char *digits, char letters[CONTENT_DIGITS_MAXIMUM + 1])
{
    size_t length = strlen(digits);
    run(word, letters);
    for (size_t i = 0; i < length; i++) {
        if (i >= CONTENT_DIGITS_MAXIMUM || letters[i] == '\0' || content_key_digit(letters[i]) != digits[i]) {
            letters[0] = '\0';
            return false;
        }
    }
    letters[length] = '\0';
    return true;
}

bool content_keys_letters(const struct content_strings *keys, const char *digits,
                          char letters[CONTENT_DIGITS_MAXIMUM + 1])
{
    letters[0] = '\0';
    for (size_t i = 0; i < keys->count; i++) {
        if (answers(keys->items[i], digits, letters)) {
            return true;
        }
    }
    for (size_t i = 0; i < keys->count; i++) {
        for (const char *word = next_word(keys->items[i]); word != NULL; word = next_word(word)) {
            if (answers(word, digits, letters)) {
                return true;
            }
        }
    }
    return false;
}

bool content_keys_add(struct content_strings *keys, const char *key)
{
    if (!content_key_is_good(key) || keys->count >= CONTENT_KEYS_MAXIMUM) {
        return false;
    }
    size_t words = content_key_words(key);
    for (size_t i = 0; i < keys->count; i++) {
        words += content_key_words(keys->items[i]);
        if (strcmp(keys->items[i], key) == 0) {
            return false;
        }
    }
    if (words > CONTENT_KEY_WORDS_MAXIMUM) {
        return false;
    }
    char **items = reallocarray(keys->items, keys->count + 1, sizeof *items);
    if (items != NULL) {
        keys->items = items;
    }
    char *own = items != NULL ? strdup(key) : NULL;
    if (own != NULL) {
        keys->items[keys->count++] = own;
    }
    return own != NULL;
}

/* The ASCII letters and digits of text as the words of a key; "" where there are none. */
static void latin_words(const char *text, char key[CONTENT_KEY_SIZE_MAXIMUM + 1])
{
    size_t length = 0;
    bool parted = false;
    for (; *text != '\0' && length + 2 <= CONTENT_KEY_SIZE_MAXIMUM; text++) {
        char letter = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        if (content_key_digit(letter) == '\0') {
            parted = length > 0;
            continue;
        }
        if (parted) {
            key[length++] = ' ';
            parted = false;
        }
        key[length++] = letter;
    }
    key[length] = '\0';
}

void content_keys_from_name(const struct content_text *name, struct content_strings *keys)
{
    const char *const texts[] = {name->zh, name->en, name->bo};
    *keys = (struct content_strings){0};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char key[CONTENT_KEY_SIZE_MAXIMUM + 1];
        if (texts[i] != NULL) {
            latin_words(texts[i], key);
            content_keys_add(keys, key);
        }
    }
}

void content_keys_finish(struct content_strings *keys)
{
    field_strings_finish(keys);
}
