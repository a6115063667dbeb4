/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of member that the typed things share, read and written side by side. For this room's own files.
 */
#ifndef KOKONOR_CONTENT_FIELDS_H
#define KOKONOR_CONTENT_FIELDS_H

#include "content/document.h"

/* Bytes of UTF-8. */
#define FIELD_NAME_MAXIMUM 300
#define FIELD_LINE_MAXIMUM 1200
#define FIELD_PARAGRAPHS_MAXIMUM 12000
#define FIELD_NUMBER_MAXIMUM 128

/* The read functions report what is wrong and return an owned value, or NULL where it is absent, wrong or
 * memory ran out (reported). */
char *field_read_id(struct content_json *reader, const json_t *object, const char *key, bool required);
char *field_read_string(struct content_json *reader, const json_t *object, const char *key, bool required,
                        size_t maximum);
char *field_read_phone(struct content_json *reader, const json_t *object, const char *key, bool required);
char *field_read_area(struct content_json *reader, const json_t *object, const char *key, bool required);
/* A code whose check digit is wrong is a warning. */
char *field_read_uscc(struct content_json *reader, const json_t *object, const char *key, bool required);
/* "pictures/NAME.jpg" */
char *field_read_picture(struct content_json *reader, const json_t *object, const char *key);
void field_read_text(struct content_json *reader, const json_t *object, const char *key, bool required,
                     size_t maximum, struct content_text *text);
/* A text that is value itself, at the reader's present place. */
void field_read_text_value(struct content_json *reader, const json_t *value, size_t maximum,
                           struct content_text *text);
void field_read_date(struct content_json *reader, const json_t *object, const char *key, bool required,
                     struct content_date *date);
void field_read_areas(struct content_json *reader, const json_t *object, struct content_strings *areas);
void field_read_pictures(struct content_json *reader, const json_t *object, struct content_strings *pictures);
void field_read_keys(struct content_json *reader, const json_t *object, struct content_strings *keys);
/* The index of the member's word in words (count of them), fallback where absent or wrong. */
int field_read_word(struct content_json *reader, const json_t *object, const char *key, bool required,
                    const char *const *words, size_t count, int fallback);
/* calloc that reports; NULL also for count 0. */
void *field_allocate(struct content_json *reader, size_t count, size_t size);

bool field_is_picture(const char *path);

/* As content_notice_from_json for an entry of a list that the document names: notice->list is set, the rest
 * empty with amount_fen -1. */
bool credit_read_entry(struct content_json *reader, const json_t *object, struct content_notice *notice);

/* The write functions add a member where the value is present; false without memory. */
bool field_write_string(json_t *object, const char *key, const char *value);
bool field_write_text(json_t *object, const char *key, const struct content_text *text);
bool field_write_integer(json_t *object, const char *key, int64_t value);
bool field_write_date(json_t *object, const char *key, const struct content_date *date);
bool field_write_strings(json_t *object, const char *key, const struct content_strings *strings);
json_t *field_text_to_json(const struct content_text *text);

void field_strings_finish(struct content_strings *strings);

#endif
