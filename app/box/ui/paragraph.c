/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/paragraph.h"
#include "base/text.h"
#include "ui/glyph.h"
#include <linebreak.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 65535
#define CACHE_MAX 512
#define BUCKETS 256
#define LINES_MAX 2000

struct placed {
    uint32_t glyph;
    int32_t x,
        y; /* in 1/64 pixel: in its cluster while shaping, then from the paragraph's left and the base line */
    int32_t advance;
    uint32_t cluster; /* byte of the text where it begins */
    uint8_t face;
};

struct line {
    size_t first, count; /* glyphs */
    int width;           /* 1/64 */
    int ascent, descent; /* 1/64 */
    int baseline;        /* pixels from the top */
};

struct paragraph {
    struct typesetter *typesetter;
    int references;
    uint64_t used; /* when, for the cache */
    uint32_t hash;
    struct paragraph *next; /* in its bucket */
    char *text;
    struct paragraph_style style;
    struct placed *glyphs;
    size_t glyph_count, glyph_room;
    struct line *lines;
    size_t line_count;
    int width, height;
    bool cut;
};

struct typesetter {
    struct glyphs *glyphs;
    hb_buffer_t *buffer;
    struct paragraph *buckets[BUCKETS];
    size_t cached;
    uint64_t clock;
};

/* ---- which font ---- */

static bool is_tibetan(uint32_t c)
{
    return c >= 0x0f00 && c <= 0x0fff;
}

static bool is_cjk(uint32_t c)
{
    return (c >= 0x2e80 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe4f) ||
           (c >= 0xff00 && c <= 0xffef) || (c >= 0x20000 && c <= 0x3ffff);
}

/* Punctuation that Chinese sets full width and others do not. */
static bool is_either(uint32_t c)
{
    return c == 0xb7 || c == 0x2014 || c == 0x2018 || c == 0x2019 || c == 0x201c || c == 0x201d ||
           c == 0x2026;
}

/* Marks and joiners stay with what they follow. */
static bool is_extending(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || c == 0x200c || c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f);
}

static enum script script_of(uint32_t c, enum script before, bool chinese)
{
    if (is_extending(c))
        return before;
    if (is_tibetan(c))
        return SCRIPT_TIBETAN;
    if (is_cjk(c) || (chinese && is_either(c)))
        return SCRIPT_CJK;
    if (c == ' ' || c == 0xa0)
        return before;
    return SCRIPT_LATIN;
}

static unsigned face_of(struct typesetter *typesetter, uint32_t c, unsigned before, bool chinese, bool bold)
{
    static const enum script order[] = {SCRIPT_LATIN, SCRIPT_CJK, SCRIPT_TIBETAN};
    enum script wanted = script_of(c, (enum script)(before / 2), chinese);
    if (is_extending(c) || glyphs_has(typesetter->glyphs, glyphs_face(wanted, bold), c))
        return glyphs_face(wanted, bold);
    for (size_t i = 0; i < 3; i++)
        if (glyphs_has(typesetter->glyphs, glyphs_face(order[i], bold), c))
            return glyphs_face(order[i], bold);
    return glyphs_face(wanted, bold);
}

static enum script language_script(const char *language)
{
    return strcmp(language, "bo") == 0   ? SCRIPT_TIBETAN
           : strcmp(language, "zh") == 0 ? SCRIPT_CJK
                                         : SCRIPT_LATIN;
}

/* ---- shaping ---- */

static bool add_glyph(struct paragraph *paragraph, struct placed glyph)
{
    if (paragraph->glyph_count == paragraph->glyph_room) {
        size_t room = paragraph->glyph_room ? paragraph->glyph_room * 2 : 32;
        struct placed *more = realloc(paragraph->glyphs, room * sizeof(*more));
        if (!more)
            return false;
        paragraph->glyphs = more;
        paragraph->glyph_room = room;
    }
    paragraph->glyphs[paragraph->glyph_count++] = glyph;
    return true;
}

static bool shape_run(struct paragraph *paragraph, const char *text, size_t size, size_t from, size_t to,
                      unsigned face)
{
    struct typesetter *typesetter = paragraph->typesetter;
    hb_buffer_t *buffer = typesetter->buffer;
    unsigned count;
    hb_buffer_clear_contents(buffer);
    hb_buffer_add_utf8(buffer, text, (int)size, (unsigned)from, (int)(to - from));
    hb_buffer_set_direction(buffer, HB_DIRECTION_LTR);
    hb_buffer_set_language(buffer, hb_language_from_string(paragraph->style.language, -1));
    hb_buffer_guess_segment_properties(buffer);
    hb_shape(glyphs_font(typesetter->glyphs, face, paragraph->style.size_px), buffer, NULL, 0);
    const hb_glyph_info_t *info = hb_buffer_get_glyph_infos(buffer, &count);
    const hb_glyph_position_t *position = hb_buffer_get_glyph_positions(buffer, &count);
    for (unsigned i = 0; i < count; i++) {
        struct placed glyph = {info[i].codepoint,     position[i].x_offset, -position[i].y_offset,
                               position[i].x_advance, info[i].cluster,      (uint8_t)face};
        if (!add_glyph(paragraph, glyph))
            return false;
    }
    return true;
}

/* Runs of one font, end to end; a line feed ends a run and gives no glyph. */
static bool shape_text(struct paragraph *paragraph, const char *text, size_t size)
{
    bool bold = paragraph->style.bold, chinese = strcmp(paragraph->style.language, "zh") == 0;
    for (const char *at = text; *at && !chinese;)
        chinese = is_cjk(text_next(&at));
    unsigned face = glyphs_face(language_script(paragraph->style.language), bold);
    size_t start = 0;
    const char *at = text;
    while (*at) {
        size_t here = (size_t)(at - text);
        uint32_t c = text_next(&at);
        unsigned next = c == '\n' ? face : face_of(paragraph->typesetter, c, face, chinese, bold);
        if (here > start && (next != face || c == '\n')) {
            if (!shape_run(paragraph, text, size, start, here, face))
                return false;
            start = here;
        }
        face = next;
        if (c == '\n') {
            if (!add_glyph(paragraph, (struct placed){.cluster = (uint32_t)here, .face = (uint8_t)face}))
                return false;
            start = (size_t)(at - text);
        }
    }
    return start == size || shape_run(paragraph, text, size, start, size, face);
}

/* ---- lines ---- */

/* The glyphs of one cluster cannot be parted: where the one at i ends. */
static size_t cluster_end(const struct paragraph *paragraph, size_t i, size_t count)
{
    size_t end = i + 1;
    while (end < count && paragraph->glyphs[end].cluster == paragraph->glyphs[i].cluster)
        end++;
    return end;
}

static int cluster_width(const struct paragraph *paragraph, size_t i, size_t end)
{
    int width = 0;
    for (; i < end; i++)
        width += paragraph->glyphs[i].advance;
    return width;
}

static bool is_space(const char *text, uint32_t byte)
{
    return text[byte] == ' ' || text[byte] == '\n' || text[byte] == '\t';
}

/* Sets the line's width without the spaces at its end. */
static void close_line(struct paragraph *paragraph, const char *text, struct line *line)
{
    size_t end = line->first + line->count;
    while (end > line->first && is_space(text, paragraph->glyphs[end - 1].cluster))
        end--;
    line->width = cluster_width(paragraph, line->first, end);
}

struct breaker {
    struct paragraph *paragraph;
    const char *text;
    const char *breaks; /* libunibreak's answer for each byte */
    size_t size;        /* bytes of text */
    size_t count;       /* glyphs of the text */
};

/* May or must a line end behind the cluster that ends before glyph end? */
static int break_behind(const struct breaker *b, size_t end)
{
    size_t byte = end < b->count ? b->paragraph->glyphs[end].cluster : b->size;
    return byte == 0 ? LINEBREAK_NOBREAK : b->breaks[byte - 1];
}

/* One line from glyph first: as many clusters as fit, back to the last place where a break is allowed; an
 * unbreakable stretch is cut where it is full. whole: breaks are not looked at (a last line that is cut
 * anyway). */
static size_t fill_line(const struct breaker *b, size_t first, int room, bool whole)
{
    size_t good = 0, i = first;
    int width = 0;
    while (i < b->count) {
        size_t end = cluster_end(b->paragraph, i, b->count);
        bool feed = b->text[b->paragraph->glyphs[i].cluster] == '\n';
        if (feed)
            return end;
        width += cluster_width(b->paragraph, i, end);
        if (room > 0 && width > room && !is_space(b->text, b->paragraph->glyphs[i].cluster)) {
            if (good > 0 && !whole)
                return good;
            return i > first ? i : end;
        }
        int rule = break_behind(b, end);
        if (rule == LINEBREAK_ALLOWBREAK)
            good = end;
        i = end;
    }
    return i;
}

/* Ends the line that begins at first with an ellipsis: drops clusters until it fits. */
static bool cut_line(struct breaker *b, struct line *line, int room)
{
    struct paragraph *paragraph = b->paragraph;
    unsigned face = glyphs_face(SCRIPT_LATIN, paragraph->style.bold);
    if (line->count > 0 && paragraph->glyphs[line->first].face / 2 == SCRIPT_CJK)
        face = paragraph->glyphs[line->first].face;
    size_t end = line->first + line->count;
    size_t mark = paragraph->glyph_count;
    if (!shape_run(paragraph, "\xe2\x80\xa6", 3, 0, 3, face))
        return false;
    int dots = cluster_width(paragraph, mark, paragraph->glyph_count);
    int width = cluster_width(paragraph, line->first, end);
    while (end > line->first &&
           (width + dots > room || is_space(b->text, paragraph->glyphs[end - 1].cluster))) {
        uint32_t cluster = paragraph->glyphs[end - 1].cluster;
        while (end > line->first && paragraph->glyphs[end - 1].cluster == cluster)
            width -= paragraph->glyphs[--end].advance;
    }
    /* The dots take the place of the first dropped glyphs; what follows belongs to no line. */
    size_t dots_count = paragraph->glyph_count - mark;
    memmove(&paragraph->glyphs[end], &paragraph->glyphs[mark], dots_count * sizeof(*paragraph->glyphs));
    paragraph->glyph_count = end + dots_count;
    line->count = end - line->first + dots_count;
    line->width = width + dots;
    paragraph->cut = true;
    return true;
}

static bool add_line(struct paragraph *paragraph, struct line line)
{
    if ((paragraph->line_count & 15) == 0) {
        struct line *more = realloc(paragraph->lines, (paragraph->line_count + 16) * sizeof(*more));
        if (!more)
            return false;
        paragraph->lines = more;
    }
    paragraph->lines[paragraph->line_count++] = line;
    return true;
}

static bool break_lines(struct paragraph *paragraph, const char *text, size_t size, const char *breaks)
{
    struct breaker b = {paragraph, text, breaks, size, paragraph->glyph_count};
    int room = paragraph->style.width * 64;
    size_t maximum = paragraph->style.max_lines > 0 ? (size_t)paragraph->style.max_lines : LINES_MAX;
    size_t first = 0;
    do {
        bool last = paragraph->line_count + 1 == maximum;
        struct line line = {.first = first};
        line.count = fill_line(&b, first, room, false) - first;
        bool more = first + line.count < b.count;
        if (last && more)
            line.count = fill_line(&b, first, room, true) - first;
        close_line(paragraph, text, &line);
        first += line.count;
        if (last && more &&
            !cut_line(&b, &line, room > 0 ? room : line.width + paragraph->style.size_px * 64))
            return false;
        if (!add_line(paragraph, line))
            return false;
        if (last)
            break;
    } while (first < b.count);
    return true;
}

/* ---- metrics ---- */

static void measure_line(struct paragraph *paragraph, struct line *line, struct face_metrics base)
{
    struct glyphs *glyphs = paragraph->typesetter->glyphs;
    int size_px = paragraph->style.size_px, pen = 0;
    line->ascent = base.ascent;
    line->descent = base.descent;
    for (size_t i = line->first; i < line->first + line->count; i++) {
        struct placed *glyph = &paragraph->glyphs[i];
        struct face_metrics metrics = glyphs_metrics(glyphs, glyph->face, size_px);
        hb_glyph_extents_t ink;
        if (metrics.ascent > line->ascent)
            line->ascent = metrics.ascent;
        if (metrics.descent > line->descent)
            line->descent = metrics.descent;
        if (glyph->glyph &&
            hb_font_get_glyph_extents(glyphs_font(glyphs, glyph->face, size_px), glyph->glyph, &ink)) {
            int top = ink.y_bearing - glyph->y + 64, bottom = -(ink.y_bearing + ink.height) + glyph->y + 64;
            line->ascent = top > line->ascent ? top : line->ascent;
            line->descent = bottom > line->descent ? bottom : line->descent;
        }
        glyph->x += pen;
        pen += glyph->advance;
    }
}

static void measure(struct paragraph *paragraph)
{
    enum script script = language_script(paragraph->style.language);
    struct face_metrics base = glyphs_metrics(
        paragraph->typesetter->glyphs, glyphs_face(script, paragraph->style.bold), paragraph->style.size_px);
    for (size_t i = 0; i < paragraph->line_count; i++) {
        struct line *line = &paragraph->lines[i];
        measure_line(paragraph, line, base);
        int ascent = (line->ascent + 63) / 64, descent = (line->descent + 63) / 64;
        line->baseline = paragraph->height + ascent;
        paragraph->height += ascent + descent;
        if ((line->width + 63) / 64 > paragraph->width)
            paragraph->width = (line->width + 63) / 64;
    }
}

/* ---- the cache ---- */

static uint32_t hash_of(const char *text, const struct paragraph_style *style)
{
    uint32_t hash = 2166136261u;
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 16777619u;
    hash = (hash ^ (uint32_t)style->size_px) * 16777619u;
    hash = (hash ^ (uint32_t)style->width) * 16777619u;
    hash = (hash ^ (uint32_t)(style->max_lines * 2 + style->bold)) * 16777619u;
    return hash ^ hash >> 15;
}

static bool same_style(const struct paragraph_style *a, const struct paragraph_style *b)
{
    return a->size_px == b->size_px && a->bold == b->bold && a->width == b->width &&
           a->max_lines == b->max_lines && a->align == b->align && strcmp(a->language, b->language) == 0;
}

static void destroy(struct paragraph *paragraph)
{
    free(paragraph->text);
    free(paragraph->glyphs);
    free(paragraph->lines);
    free(paragraph);
}

/* Throws out the half of the cache that was not used lately and that nobody holds. */
static void trim_cache(struct typesetter *typesetter)
{
    uint64_t limit = typesetter->clock > CACHE_MAX / 2 ? typesetter->clock - CACHE_MAX / 2 : 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        struct paragraph **at = &typesetter->buckets[i];
        while (*at) {
            struct paragraph *paragraph = *at;
            if (paragraph->references == 0 && paragraph->used < limit) {
                *at = paragraph->next;
                destroy(paragraph);
                typesetter->cached--;
            } else {
                at = &paragraph->next;
            }
        }
    }
}

static bool set(struct paragraph *paragraph)
{
    const char *text = paragraph->text;
    size_t size = strlen(text);
    char *breaks = malloc(size + 1);
    if (!breaks)
        return false;
    set_linebreaks_utf8((const utf8_t *)text, size, paragraph->style.language, breaks);
    bool good = shape_text(paragraph, text, size) && break_lines(paragraph, text, size, breaks);
    free(breaks);
    if (good)
        measure(paragraph);
    return good;
}

/* The valid beginning, at most TEXT_MAX bytes. */
static char *copy_text(const char *text)
{
    size_t size = strnlen(text, TEXT_MAX), good = 0;
    if (text_is_utf8(text, size))
        return strndup(text, size);
    while (good < size) {
        uint8_t lead = (uint8_t)text[good];
        size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        if (good + length > size || !text_is_utf8(text + good, length))
            break;
        good += length;
    }
    return strndup(text, good);
}

static struct paragraph *create(struct typesetter *typesetter, const char *text,
                                const struct paragraph_style *style)
{
    struct paragraph *paragraph = calloc(1, sizeof(*paragraph));
    if (!paragraph)
        return NULL;
    paragraph->typesetter = typesetter;
    paragraph->style = *style;
    paragraph->text = copy_text(text);
    if (paragraph->text && set(paragraph))
        return paragraph;
    destroy(paragraph);
    return NULL;
}

struct paragraph *typesetter_set(struct typesetter *typesetter, const char *text,
                                 const struct paragraph_style *style)
{
    uint32_t hash = hash_of(text, style);
    struct paragraph *paragraph = typesetter->buckets[hash % BUCKETS];
    while (paragraph && (paragraph->hash != hash || !same_style(&paragraph->style, style) ||
                         strcmp(paragraph->text, text) != 0))
        paragraph = paragraph->next;
    if (!paragraph) {
        if (typesetter->cached >= CACHE_MAX)
            trim_cache(typesetter);
        paragraph = create(typesetter, text, style);
        if (!paragraph)
            return NULL;
        paragraph->hash = hash;
        paragraph->next = typesetter->buckets[hash % BUCKETS];
        typesetter->buckets[hash % BUCKETS] = paragraph;
        typesetter->cached++;
    }
    paragraph->references++;
    paragraph->used = ++typesetter->clock;
    return paragraph;
}

void paragraph_release(struct paragraph *paragraph)
{
    if (paragraph)
        paragraph->references--;
}

struct typesetter *typesetter_create(IDirectFB *directfb, const char *fonts_ini, struct error *error)
{
    struct typesetter *typesetter = calloc(1, sizeof(*typesetter));
    if (!typesetter) {
        error_set(error, "text: out of memory");
        return NULL;
    }
    init_linebreak();
    typesetter->buffer = hb_buffer_create();
    typesetter->glyphs = glyphs_create(directfb, fonts_ini, error);
    if (typesetter->glyphs)
        return typesetter;
    typesetter_destroy(typesetter);
    return NULL;
}

void typesetter_destroy(struct typesetter *typesetter)
{
    if (!typesetter)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (typesetter->buckets[i]) {
            struct paragraph *paragraph = typesetter->buckets[i];
            typesetter->buckets[i] = paragraph->next;
            destroy(paragraph);
        }
    }
    glyphs_destroy(typesetter->glyphs);
    hb_buffer_destroy(typesetter->buffer);
    free(typesetter);
}

/* ---- looking and drawing ---- */

int paragraph_width(const struct paragraph *paragraph)
{
    return paragraph->width;
}

int paragraph_height(const struct paragraph *paragraph)
{
    return paragraph->height;
}

size_t paragraph_lines(const struct paragraph *paragraph)
{
    return paragraph->line_count;
}

bool paragraph_cut(const struct paragraph *paragraph)
{
    return paragraph->cut;
}

size_t paragraph_glyphs(const struct paragraph *paragraph)
{
    return paragraph->glyph_count;
}

int paragraph_ascent(const struct paragraph *paragraph)
{
    return paragraph->line_count > 0 ? paragraph->lines[0].baseline : 0;
}

int typesetter_line_height(struct typesetter *typesetter, const struct paragraph_style *style)
{
    struct face_metrics base = glyphs_metrics(
        typesetter->glyphs, glyphs_face(language_script(style->language), style->bold), style->size_px);
    return (base.ascent + 63) / 64 + (base.descent + 63) / 64;
}

struct rect paragraph_ink(struct paragraph *paragraph)
{
    struct rect all = {0};
    for (size_t l = 0; l < paragraph->line_count; l++) {
        const struct line *line = &paragraph->lines[l];
        for (size_t i = line->first; i < line->first + line->count; i++) {
            const struct placed *glyph = &paragraph->glyphs[i];
            hb_glyph_extents_t ink;
            hb_font_t *font =
                glyphs_font(paragraph->typesetter->glyphs, glyph->face, paragraph->style.size_px);
            if (!glyph->glyph || !hb_font_get_glyph_extents(font, glyph->glyph, &ink) || ink.width == 0)
                continue;
            int left = (glyph->x + ink.x_bearing) / 64,
                top = line->baseline + (glyph->y - ink.y_bearing) / 64;
            all = rect_union(all, (struct rect){left, top, ink.width / 64 + 1, -ink.height / 64 + 1});
        }
    }
    return all;
}

static int line_start(const struct paragraph *paragraph, const struct line *line, int width)
{
    int room = width * 64 - line->width;
    switch (paragraph->style.align) {
    case ALIGN_CENTER:
        return room > 0 ? room / 2 : 0;
    case ALIGN_END:
        return room > 0 ? room : 0;
    default:
        return 0;
    }
}

void paragraph_draw(struct paragraph *paragraph, IDirectFBSurface *canvas, int x, int y, int width,
                    uint32_t color)
{
    struct glyphs *glyphs = paragraph->typesetter->glyphs;
    glyphs_begin(glyphs, canvas, color);
    for (size_t l = 0; l < paragraph->line_count; l++) {
        const struct line *line = &paragraph->lines[l];
        int start = x * 64 + line_start(paragraph, line, width);
        for (size_t i = line->first; i < line->first + line->count; i++) {
            const struct placed *glyph = &paragraph->glyphs[i];
            if (glyph->glyph)
                glyphs_draw(glyphs, glyph->face, paragraph->style.size_px, glyph->glyph, start + glyph->x,
                            (y + line->baseline) * 64 + glyph->y);
        }
    }
    glyphs_end(glyphs);
}
