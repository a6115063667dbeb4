/* SPDX-License-Identifier: Apache-2.0 */
#include "tuner/plan.h"
#include "base/file.h"
#include "base/text.h"
#include "tuner/tuner.h"
#include "tuner/url.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAN_SIZE_MAX (256u * 1024)
#define FIELDS_MAX 4

static bool read_number(const char *text, uint32_t *number)
{
    char *end;
    if (!text || *text < '0' || *text > '9')
        return false;
    unsigned long long value = strtoull(text, &end, 10);
    *number = (uint32_t)value;
    return *end == '\0' && value <= UINT32_MAX;
}

/* Cuts line at its blanks; how many fields there are, FIELDS_MAX + 1: too many. */
static size_t split(char *line, char *fields[FIELDS_MAX])
{
    size_t count = 0;
    char *rest = line, *field;
    while ((field = strtok_r(rest, " \t\r", &rest))) {
        if (count == FIELDS_MAX)
            return FIELDS_MAX + 1;
        fields[count++] = field;
    }
    return count;
}

/* What a frontend can be tuned to is known where its URLs are. */
static bool check_carrier(const struct tuner_carrier *carrier, struct error *error)
{
    char url[TUNER_URL_SIZE];
    return tuner_plan_url(NULL, "dvb://0/0", carrier, url) && tuner_check(url, error);
}

static bool read_line(struct tuner_plan *plan, char *line, struct error *error)
{
    char *fields[FIELDS_MAX] = {NULL};
    struct tuner_carrier carrier = {0};
    size_t count = split(line, fields);
    if (count == 0)
        return true;
    if (count < 3 || count > FIELDS_MAX || !read_number(fields[0], &carrier.frequency_hz) ||
        !read_number(fields[1], &carrier.symbol_rate) ||
        !text_copy(carrier.modulation, sizeof(carrier.modulation), fields[2]))
        return error_set(error, "expected FREQUENCY_HZ SYMBOL_RATE MODULATION [URL]");
    if (!check_carrier(&carrier, error))
        return false;
    if (fields[3] && !text_copy(carrier.url, sizeof(carrier.url), fields[3]))
        return error_set(error, "the URL is longer than %d bytes", TUNER_URL_SIZE - 1);
    if (carrier.url[0] && !tuner_check(carrier.url, error))
        return false;
    if (tuner_plan_find(plan, carrier.frequency_hz))
        return error_set(error, "%" PRIu32 " Hz is there twice", carrier.frequency_hz);
    if (plan->count == TUNER_CARRIERS_MAX)
        return error_set(error, "more than %d frequencies", TUNER_CARRIERS_MAX);
    plan->carriers[plan->count++] = carrier;
    return true;
}

static bool parse(struct tuner_plan *plan, char *text, struct error *error)
{
    struct error reason = {""};
    unsigned number = 1;
    for (char *line = text; line; number++) {
        char *next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        line[strcspn(line, "#")] = '\0';
        if (!read_line(plan, line, &reason))
            return error_set(error, "line %u: %.400s", number, reason.text);
        line = next;
    }
    return true;
}

bool tuner_plan_parse(struct tuner_plan *plan, struct bytes text, struct error *error)
{
    *plan = (struct tuner_plan){0};
    if (text.size > PLAN_SIZE_MAX || (text.size > 0 && memchr(text.data, 0, text.size)))
        return error_set(error, "not a text of at most %u bytes", PLAN_SIZE_MAX);
    char *copy = malloc(text.size + 1);
    plan->carriers = calloc(TUNER_CARRIERS_MAX, sizeof(plan->carriers[0]));
    bool good = copy && plan->carriers;
    if (good) {
        if (text.size > 0)
            memcpy(copy, text.data, text.size);
        copy[text.size] = '\0';
        good = parse(plan, copy, error);
    } else {
        error_set(error, "no memory");
    }
    free(copy);
    if (!good)
        tuner_plan_finish(plan);
    return good;
}

bool tuner_plan_read(struct tuner_plan *plan, const char *path, struct error *error)
{
    struct error reason = {""};
    struct buffer text;
    *plan = (struct tuner_plan){0};
    buffer_init(&text, PLAN_SIZE_MAX);
    bool good = file_read(path, &text, error);
    if (good && !tuner_plan_parse(plan, buffer_view(&text), &reason))
        good = error_set(error, "%.100s: %s", path, reason.text);
    buffer_finish(&text);
    return good;
}

void tuner_plan_finish(struct tuner_plan *plan)
{
    free(plan->carriers);
    *plan = (struct tuner_plan){0};
}

static bool is_near(uint32_t a, uint32_t b)
{
    return (a > b ? a - b : b - a) < TUNER_SAME_HZ;
}

const struct tuner_carrier *tuner_plan_find(const struct tuner_plan *plan, uint32_t frequency_hz)
{
    for (size_t i = 0; i < plan->count; i++)
        if (is_near(plan->carriers[i].frequency_hz, frequency_hz))
            return &plan->carriers[i];
    return NULL;
}

bool tuner_plan_locate(const struct tuner_plan *plan, const char *text, struct tuner_carrier *carrier)
{
    struct tuner_url url;
    *carrier = (struct tuner_carrier){0};
    for (size_t i = 0; plan && i < plan->count; i++) {
        if (!strcmp(plan->carriers[i].url, text)) {
            *carrier = plan->carriers[i];
            return true;
        }
    }
    if (!tuner_url_parse(text, &url, NULL) || strcmp(url.scheme, "dvb") ||
        !read_number(tuner_url_option(&url, "frequency", NULL), &carrier->frequency_hz) ||
        !read_number(tuner_url_option(&url, "symbol_rate", NULL), &carrier->symbol_rate) ||
        !text_copy(carrier->modulation, sizeof(carrier->modulation),
                   tuner_url_option(&url, "modulation", "auto"))) {
        *carrier = (struct tuner_carrier){0};
        return false;
    }
    return true;
}

/* base, a dvb:// URL, with the frequency of carrier and the other options that it has. */
static bool retune(const struct tuner_url *base, const struct tuner_carrier *carrier,
                   char text[TUNER_URL_SIZE])
{
    static const char *const replaced[] = {"frequency", "symbol_rate", "modulation"};
    int used =
        snprintf(text, TUNER_URL_SIZE, "dvb://%s?frequency=%" PRIu32 "&symbol_rate=%" PRIu32 "&modulation=%s",
                 base->rest, carrier->frequency_hz, carrier->symbol_rate,
                 carrier->modulation[0] ? carrier->modulation : "auto");
    for (size_t i = 0; i < base->option_count && used > 0 && used < TUNER_URL_SIZE; i++) {
        const struct tuner_url_option *option = &base->options[i];
        bool keep = true;
        for (size_t k = 0; k < sizeof(replaced) / sizeof(replaced[0]); k++)
            keep = keep && strcmp(option->name, replaced[k]);
        if (keep)
            used +=
                snprintf(text + used, (size_t)(TUNER_URL_SIZE - used), "&%s=%s", option->name, option->value);
    }
    return used > 0 && used < TUNER_URL_SIZE;
}

bool tuner_plan_url(const struct tuner_plan *plan, const char *base, const struct tuner_carrier *carrier,
                    char url[TUNER_URL_SIZE])
{
    struct tuner_url parts;
    const struct tuner_carrier *known = plan ? tuner_plan_find(plan, carrier->frequency_hz) : NULL;
    if (carrier->url[0] || (known && known->url[0]))
        return text_copy(url, TUNER_URL_SIZE, carrier->url[0] ? carrier->url : known->url);
    return carrier->frequency_hz > 0 && tuner_url_parse(base, &parts, NULL) && !strcmp(parts.scheme, "dvb") &&
           retune(&parts, carrier, url);
}
