/* SPDX-License-Identifier: Apache-2.0 */
/* Credit notices. Publication ends by itself at the grade's maximum, counted from the deciding document:
 * three months for minor, one year for general, three years for serious (NDRC Order 36 on credit repair, in
 * force since 2026-04-01). */
#include "content/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const list_words[] = {"reputable", "dishonest"};
static const char *const grade_words[] = {"", "minor", "general", "serious"};
static const char *const state_words[] = {"published", "under_objection", "repaired", "expired"};
static const char *const fulfilment_words[] = {"", "fulfilled", "partly", "unfulfilled"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *const notice_members[] = {
    "id",        "list",      "name",      "uscc",       "legal_representative", "area",
    "grade",     "reason",    "detail",    "decided_by", "document_number",      "document_date",
    "listed_on", "min_until", "max_until", "state",      "fulfilment",           "amount_fen",
    "merchant",  "keys",      NULL};

static const char *word(const char *const *words, size_t count, unsigned index)
{
    return index < count ? words[index] : "?";
}

const char *content_list_str(enum content_list list)
{
    return word(list_words, COUNT(list_words), list);
}

const char *content_grade_str(enum content_grade grade)
{
    return word(grade_words, COUNT(grade_words), grade);
}

const char *content_state_str(enum content_state state)
{
    return word(state_words, COUNT(state_words), state);
}

const char *content_fulfilment_str(enum content_fulfilment fulfilment)
{
    return word(fulfilment_words, COUNT(fulfilment_words), fulfilment);
}

bool content_notice_in_force(const struct content_notice *notice, const struct content_date *today)
{
    if (notice->state != CONTENT_PUBLISHED && notice->state != CONTENT_UNDER_OBJECTION) {
        return false;
    }
    return notice->max_until.text[0] == '\0' || strcmp(today->text, notice->max_until.text) < 0;
}

/* The same day so many months later; it may be a day that does not exist, which compares rightly all the
 * same. */
static struct content_date later(const struct content_date *date, int months)
{
    struct content_date result;
    int month = atoi(date->text) * 12 + atoi(date->text + 5) - 1 + months;
    snprintf(result.text, sizeof result.text, "%04u-%02u-%.2s", (unsigned)(month / 12) % 10000,
             (unsigned)(month % 12 + 1), date->text + 8);
    return result;
}

static void warn_term(struct content_json *reader, const struct content_notice *notice)
{
    static const int months[] = {
        [CONTENT_GRADE_MINOR] = 3, [CONTENT_GRADE_GENERAL] = 12, [CONTENT_GRADE_SERIOUS] = 36};
    if (notice->list != CONTENT_DISHONEST) {
        return;
    }
    size_t mark = content_json_enter_key(reader, "max_until");
    if (notice->max_until.text[0] == '\0') {
        content_json_say(reader, CONTENT_WARNING,
                         "is absent: the notice will be shown until it is withdrawn");
    } else if (notice->grade != CONTENT_GRADE_NONE && notice->document_date.text[0] != '\0') {
        struct content_date limit = later(&notice->document_date, months[notice->grade]);
        if (strcmp(notice->max_until.text, limit.text) > 0) {
            content_json_say(reader, CONTENT_WARNING,
                             "is %s, beyond %d months after the document's date for grade %s",
                             notice->max_until.text, months[notice->grade], content_grade_str(notice->grade));
        }
    }
    content_json_leave(reader, mark);
    if (notice->legal_representative != NULL && strpbrk(notice->legal_representative, "*xX") == NULL &&
        strstr(notice->legal_representative, "\u67d0") == NULL &&
        strstr(notice->legal_representative, "\uff0a") == NULL &&
        strstr(notice->legal_representative, "\u00d7") == NULL) {
        mark = content_json_enter_key(reader, "legal_representative");
        content_json_say(reader, CONTENT_WARNING, "shows a person's whole name; mask it as your rules ask");
        content_json_leave(reader, mark);
    }
}

static void check_dates(struct content_json *reader, const struct content_notice *notice)
{
    const char *low = notice->min_until.text, *high = notice->max_until.text;
    if (low[0] != '\0' && high[0] != '\0' && strcmp(low, high) > 0) {
        size_t mark = content_json_enter_key(reader, "max_until");
        content_json_say(reader, CONTENT_ERROR, "expected a date not before min_until %s, found \"%s\"", low,
                         high);
        content_json_leave(reader, mark);
    }
}

static void check_grade(struct content_json *reader, const json_t *object,
                        const struct content_notice *notice)
{
    if (notice->list == CONTENT_REPUTABLE && notice->grade != CONTENT_GRADE_NONE) {
        size_t mark = content_json_enter_key(reader, "grade");
        content_json_fail(reader, "no grade on the reputable list", json_object_get(object, "grade"));
        content_json_leave(reader, mark);
    }
}

bool credit_read_entry(struct content_json *reader, const json_t *object, struct content_notice *notice)
{
    unsigned before = reader->errors;
    if (!content_json_is_object(reader, object)) {
        return false;
    }
    notice->id = field_read_id(reader, object, "id", true);
    field_read_text(reader, object, "name", true, FIELD_NAME_MAXIMUM, &notice->name);
    notice->uscc = field_read_uscc(reader, object, "uscc", true);
    notice->legal_representative =
        field_read_string(reader, object, "legal_representative", false, FIELD_NAME_MAXIMUM);
    notice->area = field_read_area(reader, object, "area", true);
    notice->grade = (enum content_grade)field_read_word(reader, object, "grade", false, grade_words,
                                                        COUNT(grade_words), 0);
    field_read_text(reader, object, "reason", true, FIELD_LINE_MAXIMUM, &notice->reason);
    field_read_text(reader, object, "detail", true, FIELD_PARAGRAPHS_MAXIMUM, &notice->detail);
    field_read_text(reader, object, "decided_by", true, FIELD_NAME_MAXIMUM, &notice->decided_by);
    notice->document_number =
        field_read_string(reader, object, "document_number", true, FIELD_NUMBER_MAXIMUM);
    field_read_date(reader, object, "document_date", true, &notice->document_date);
    field_read_date(reader, object, "listed_on", true, &notice->listed_on);
    field_read_date(reader, object, "min_until", false, &notice->min_until);
    field_read_date(reader, object, "max_until", false, &notice->max_until);
    notice->state = (enum content_state)field_read_word(reader, object, "state", true, state_words,
                                                        COUNT(state_words), CONTENT_EXPIRED);
    notice->fulfilment = (enum content_fulfilment)field_read_word(
        reader, object, "fulfilment", false, fulfilment_words, COUNT(fulfilment_words), 0);
    notice->amount_fen =
        content_json_integer(reader, object, "amount_fen", false, -1, 0, INT64_C(1000000000000000));
    notice->merchant = field_read_id(reader, object, "merchant", false);
    field_read_keys(reader, object, &notice->keys);
    content_json_warn_unknown(reader, object, notice_members);
    check_dates(reader, notice);
    check_grade(reader, object, notice);
    warn_term(reader, notice);
    return reader->errors == before;
}

bool content_notice_from_json(struct content_json *reader, const json_t *object,
                              struct content_notice *notice)
{
    unsigned before = reader->errors;
    *notice = (struct content_notice){.amount_fen = -1};
    if (!content_json_is_object(reader, object)) {
        return false;
    }
    notice->list = (enum content_list)field_read_word(reader, object, "list", true, list_words,
                                                      COUNT(list_words), CONTENT_REPUTABLE);
    credit_read_entry(reader, object, notice);
    return reader->errors == before;
}

json_t *content_notice_to_json(const struct content_notice *notice)
{
    const char *grade = notice->grade != CONTENT_GRADE_NONE ? content_grade_str(notice->grade) : NULL;
    const char *fulfilment =
        notice->fulfilment != CONTENT_FULFILMENT_NONE ? content_fulfilment_str(notice->fulfilment) : NULL;
    json_t *object = json_object();
    if (object == NULL || !field_write_string(object, "id", notice->id) ||
        !field_write_string(object, "list", content_list_str(notice->list)) ||
        !field_write_text(object, "name", &notice->name) ||
        !field_write_string(object, "uscc", notice->uscc) ||
        !field_write_string(object, "legal_representative", notice->legal_representative) ||
        !field_write_string(object, "area", notice->area) || !field_write_string(object, "grade", grade) ||
        !field_write_text(object, "reason", &notice->reason) ||
        !field_write_text(object, "detail", &notice->detail) ||
        !field_write_text(object, "decided_by", &notice->decided_by) ||
        !field_write_string(object, "document_number", notice->document_number) ||
        !field_write_date(object, "document_date", &notice->document_date) ||
        !field_write_date(object, "listed_on", &notice->listed_on) ||
        !field_write_date(object, "min_until", &notice->min_until) ||
        !field_write_date(object, "max_until", &notice->max_until) ||
        !field_write_string(object, "state", content_state_str(notice->state)) ||
        !field_write_string(object, "fulfilment", fulfilment) ||
        (notice->amount_fen >= 0 && !field_write_integer(object, "amount_fen", notice->amount_fen)) ||
        !field_write_string(object, "merchant", notice->merchant) ||
        !field_write_strings(object, "keys", &notice->keys)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

void content_notice_finish(struct content_notice *notice)
{
    free(notice->id);
    content_text_finish(&notice->name);
    free(notice->uscc);
    free(notice->legal_representative);
    free(notice->area);
    content_text_finish(&notice->reason);
    content_text_finish(&notice->detail);
    content_text_finish(&notice->decided_by);
    free(notice->document_number);
    free(notice->merchant);
    field_strings_finish(&notice->keys);
    *notice = (struct content_notice){0};
}
