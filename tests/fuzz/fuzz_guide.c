/* SPDX-License-Identifier: Apache-2.0 */
/* EIT sections with a right CRC_32 but otherwise any bytes, into a guide with a small ceiling; then
 * everything that can be asked of it. Records: a 16-bit size and a section without its CRC_32. */
#include "base/log.h"
#include "base/reader.h"
#include "base/text.h"
#include "si/guide.h"
#include "ts/crc32.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CEILING 30000
#define VIEWS_MAX 64

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void require_text(const char *text, size_t room)
{
    size_t size = strnlen(text, room);
    require(size < room && text_is_utf8(text, size));
}

static void look_at(const struct si_event_view *view, struct si_text *text)
{
    static const char *const languages[] = {"chi", "tib", NULL};
    char found[4][SI_LANGUAGE_SIZE], extended[600];
    struct si_content contents[4];
    struct si_rating ratings[4];
    struct si_event_component components[4];
    struct si_linkage linkages[4];
    require(view->start_utc_s >= -1 && view->duration_s >= -1);
    size_t count = si_event_languages(view, found, 4);
    for (size_t i = 0; i < count; i++)
        require_text(found[i], SI_LANGUAGE_SIZE);
    for (size_t i = 0; i < 3; i++) {
        struct si_event_words words;
        require(si_event_words(view, text, languages[i], true, &words) == (count > 0));
        require_text(words.name, sizeof(words.name));
        require_text(words.text, sizeof(words.text));
        require(si_event_extended(view, text, languages[i], extended, sizeof(extended)) < sizeof(extended));
        require_text(extended, sizeof(extended));
    }
    require(si_event_contents(view, contents, 4) <= 4);
    count = si_event_ratings(view, ratings, 4);
    for (size_t i = 0; i < count; i++)
        require(si_rating_age(&ratings[i]) >= 0 && si_rating_age(&ratings[i]) <= 18);
    count = si_event_components(view, text, components, 4);
    for (size_t i = 0; i < count; i++) {
        require_text(components[i].text, sizeof(components[i].text));
        require(components[i].names.count <= SI_LANGUAGES_MAX);
    }
    require(si_event_linkages(view, linkages, 4) <= 4);
}

static void ask(const struct si_guide *guide, struct si_text *text)
{
    struct si_event_view views[VIEWS_MAX];
    require(si_guide_bytes(guide) <= CEILING);
    for (size_t i = 0; i < si_guide_service_count(guide); i++) {
        struct si_guide_service service;
        struct si_guide_coverage coverage;
        si_guide_service(guide, i, &service);
        si_guide_coverage(guide, &service, &coverage);
        bool all_days = coverage.tables > 0;
        for (unsigned day = 0; day < SI_SCHEDULE_DAYS_MAX; day++)
            all_days &= si_guide_day_complete(guide, &service, day);
        require(!all_days || coverage.complete);
        size_t count = si_guide_schedule(guide, &service, 0, INT64_MAX, views, VIEWS_MAX);
        require(count <= VIEWS_MAX);
        for (size_t k = 0; k < count; k++) {
            require(k == 0 || views[k - 1].start_utc_s <= views[k].start_utc_s);
            look_at(&views[k], text);
        }
        if (si_guide_present(guide, &service, false, views))
            look_at(views, text);
        if (si_guide_present(guide, &service, true, views))
            look_at(views, text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    log_set_level(LOG_LEVEL_ERROR);
    struct si_guide *guide = si_guide_create(CEILING);
    struct si_text *text = si_text_create(size & 1 ? SI_CHARSET_GB18030 : SI_CHARSET_ISO6937);
    require(guide && text);
    struct reader reader;
    reader_init(&reader, data, size);
    while (reader_left(&reader) > 2) {
        uint8_t section[4096];
        size_t wanted = reader_u16(&reader) % (sizeof(section) - 4), left = reader_left(&reader);
        struct bytes body = reader_bytes(&reader, wanted < left ? wanted : left);
        memcpy(section, body.data, body.size);
        if (body.size > 2) {
            section[1] = (uint8_t)(0xF0 | (body.size + 1) >> 8);
            section[2] = (uint8_t)(body.size + 1);
        }
        uint32_t crc = ts_crc32(section, body.size);
        for (size_t i = 0; i < 4; i++)
            section[body.size + i] = (uint8_t)(crc >> (24 - 8 * i));
        si_guide_push(guide, section, body.size + 4);
    }
    ask(guide, text);
    si_guide_clear(guide);
    require(si_guide_bytes(guide) == 0);
    si_text_destroy(text);
    si_guide_destroy(guide);
    return 0;
}
