/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/glyph.h"
#include "base/config.h"
#include "base/log.h"
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H
#include <hb-ot.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ATLAS_WIDTH 1024
#define ATLAS_HEIGHT 1024
#define TABLE_SIZE 8192 /* a power of two, twice as many as fit the atlas */
#define TABLE_MAX (TABLE_SIZE / 2)
#define FONTS_MAX 96
#define BATCH_MAX 128

struct face {
    FT_Face ft;
    hb_face_t *hb;
    int scale, ascent, descent; /* per cent */
    bool subpixel;              /* placed in quarters of a pixel; ideographs stand on whole ones */
    int size_px;                /* that FreeType is set to */
};

struct font {
    unsigned face;
    int size_px;
    hb_font_t *hb;
};

struct entry {
    uint64_t key; /* 0: free */
    int16_t x, y, w, h;
    int16_t left, top;
};

struct glyphs {
    FT_Library library;
    struct face faces[FACE_COUNT];
    struct font fonts[FONTS_MAX];
    size_t font_count;
    IDirectFBSurface *atlas;
    struct entry table[TABLE_SIZE];
    size_t entries;
    int shelf_x, shelf_y, shelf_h;
    uint8_t coverage[256]; /* light text on dark looks thinner than it is: a little more */
    IDirectFBSurface *canvas;
    DFBRectangle from[BATCH_MAX];
    DFBPoint to[BATCH_MAX];
    int batched;
};

static const char *const script_names[SCRIPT_COUNT] = {"latin", "cjk", "tibetan"};

static bool open_face(struct glyphs *glyphs, const struct config *config, const char *list, unsigned number,
                      struct error *error)
{
    struct face *face = &glyphs->faces[number];
    const char *section = script_names[number / 2];
    const char *path = config_string(config, section, number % 2 ? "bold" : "regular", NULL);
    if (!path)
        return error_set(error, "%s: [%s] %s is missing", list, section, number % 2 ? "bold" : "regular");
    int index = (int)config_integer(config, section, "face", 0, 0, 63);
    if (FT_New_Face(glyphs->library, path, index, &face->ft) != 0)
        return error_set(error, "%s: cannot be read as a font; install the package %s, or name another in %s",
                         path, config_string(config, section, "package", "that has it"), list);
    hb_blob_t *blob = hb_blob_create_from_file(path);
    face->hb = hb_face_create(blob, (unsigned)index);
    hb_blob_destroy(blob);
    face->scale = (int)config_integer(config, section, "scale", 100, 50, 200);
    face->ascent = (int)config_integer(config, section, "ascent", 100, 50, 300);
    face->descent = (int)config_integer(config, section, "descent", 30, 0, 300);
    face->subpixel = number / 2 != SCRIPT_CJK;
    return true;
}

static bool create_atlas(struct glyphs *glyphs, IDirectFB *directfb, struct error *error)
{
    DFBSurfaceDescription description = {
        .flags = DSDESC_CAPS | DSDESC_WIDTH | DSDESC_HEIGHT | DSDESC_PIXELFORMAT,
        .caps = DSCAPS_SYSTEMONLY,
        .width = ATLAS_WIDTH,
        .height = ATLAS_HEIGHT,
        .pixelformat = DSPF_A8,
    };
    DFBResult result = directfb->CreateSurface(directfb, &description, &glyphs->atlas);
    return result == DFB_OK || error_set(error, "text: no glyph atlas: %s", DirectFBErrorString(result));
}

struct glyphs *glyphs_create(IDirectFB *directfb, const char *fonts_ini, struct error *error)
{
    struct glyphs *glyphs = calloc(1, sizeof(*glyphs));
    struct config *config = config_create();
    bool good = glyphs && config && config_load(config, fonts_ini, error);
    if (good && FT_Init_FreeType(&glyphs->library) != 0)
        good = error_set(error, "text: FreeType does not start");
    for (unsigned i = 0; good && i < FACE_COUNT; i++)
        good = open_face(glyphs, config, fonts_ini, i, error);
    good = good && create_atlas(glyphs, directfb, error);
    for (int i = 0; good && i < 256; i++)
        glyphs->coverage[i] = (uint8_t)lround(255 * pow(i / 255.0, 0.82));
    config_destroy(config);
    if (good)
        return glyphs;
    glyphs_destroy(glyphs);
    return NULL;
}

void glyphs_destroy(struct glyphs *glyphs)
{
    if (!glyphs)
        return;
    for (size_t i = 0; i < glyphs->font_count; i++)
        hb_font_destroy(glyphs->fonts[i].hb);
    for (size_t i = 0; i < FACE_COUNT; i++) {
        hb_face_destroy(glyphs->faces[i].hb);
        if (glyphs->faces[i].ft)
            FT_Done_Face(glyphs->faces[i].ft);
    }
    if (glyphs->library)
        FT_Done_FreeType(glyphs->library);
    if (glyphs->atlas)
        glyphs->atlas->Release(glyphs->atlas);
    free(glyphs);
}

unsigned glyphs_face(enum script script, bool bold)
{
    return (unsigned)script * 2 + bold;
}

bool glyphs_has(struct glyphs *glyphs, unsigned face, uint32_t code_point)
{
    return FT_Get_Char_Index(glyphs->faces[face].ft, code_point) != 0;
}

const char *glyphs_family(struct glyphs *glyphs, unsigned face)
{
    return glyphs->faces[face].ft->family_name;
}

hb_font_t *glyphs_font(struct glyphs *glyphs, unsigned face, int size_px)
{
    for (size_t i = 0; i < glyphs->font_count; i++)
        if (glyphs->fonts[i].face == face && glyphs->fonts[i].size_px == size_px)
            return glyphs->fonts[i].hb;
    if (glyphs->font_count == FONTS_MAX) /* more sizes than any theme has: begin again */
        while (glyphs->font_count > 0)
            hb_font_destroy(glyphs->fonts[--glyphs->font_count].hb);
    hb_font_t *font = hb_font_create(glyphs->faces[face].hb);
    int em = size_px * 64 * glyphs->faces[face].scale / 100;
    hb_ot_font_set_funcs(font);
    hb_font_set_scale(font, em, em);
    glyphs->fonts[glyphs->font_count++] = (struct font){face, size_px, font};
    return font;
}

struct face_metrics glyphs_metrics(struct glyphs *glyphs, unsigned face, int size_px)
{
    int em = size_px * 64 * glyphs->faces[face].scale / 100;
    return (struct face_metrics){em * glyphs->faces[face].ascent / 100,
                                 em * glyphs->faces[face].descent / 100};
}

static void flush(struct glyphs *glyphs)
{
    if (glyphs->batched > 0)
        glyphs->canvas->BatchBlit(glyphs->canvas, glyphs->atlas, glyphs->from, glyphs->to, glyphs->batched);
    glyphs->batched = 0;
}

static void reset_atlas(struct glyphs *glyphs)
{
    flush(glyphs); /* what is in the batch is drawn with the atlas as it was */
    memset(glyphs->table, 0, sizeof(glyphs->table));
    glyphs->entries = 0;
    glyphs->shelf_x = glyphs->shelf_y = glyphs->shelf_h = 0;
    log_debug("glyph atlas full, begun again");
}

/* Room on shelves: as high as their highest glyph, filled from the left. */
static bool find_room(struct glyphs *glyphs, struct entry *entry)
{
    if (glyphs->shelf_x + entry->w > ATLAS_WIDTH) {
        glyphs->shelf_x = 0;
        glyphs->shelf_y += glyphs->shelf_h;
        glyphs->shelf_h = 0;
    }
    if (glyphs->shelf_y + entry->h > ATLAS_HEIGHT)
        return false;
    entry->x = (int16_t)glyphs->shelf_x;
    entry->y = (int16_t)glyphs->shelf_y;
    glyphs->shelf_x += entry->w + 1;
    if (entry->h + 1 > glyphs->shelf_h)
        glyphs->shelf_h = entry->h + 1;
    return true;
}

static void copy_bitmap(struct glyphs *glyphs, const FT_Bitmap *bitmap, const struct entry *entry)
{
    void *pixels;
    int pitch;
    if (glyphs->atlas->Lock(glyphs->atlas, DSLF_WRITE, &pixels, &pitch) != DFB_OK)
        return;
    for (int y = 0; y < entry->h; y++) {
        uint8_t *out = (uint8_t *)pixels + (size_t)(entry->y + y) * (size_t)pitch + entry->x;
        const uint8_t *in = bitmap->buffer + (ptrdiff_t)y * bitmap->pitch;
        for (int x = 0; x < entry->w; x++)
            out[x] = glyphs->coverage[in[x]];
    }
    glyphs->atlas->Unlock(glyphs->atlas);
}

/* Rasterises into entry; false where there is no room left. */
static bool rasterise(struct glyphs *glyphs, struct face *face, int size_px, uint32_t glyph, unsigned quarter,
                      struct entry *entry)
{
    FT_GlyphSlot slot = face->ft->glyph;
    if (face->size_px != size_px)
        FT_Set_Char_Size(face->ft, 0, size_px * 64 * face->scale / 100, 72, 72);
    face->size_px = size_px;
    if (FT_Load_Glyph(face->ft, glyph, FT_LOAD_NO_BITMAP | FT_LOAD_NO_HINTING) != 0)
        return true;
    FT_Outline_Translate(&slot->outline, quarter * 16, 0);
    if (FT_Render_Glyph(slot, FT_RENDER_MODE_NORMAL) != 0 || slot->bitmap.pixel_mode != FT_PIXEL_MODE_GRAY)
        return true;
    if (slot->bitmap.width > ATLAS_WIDTH / 2 || slot->bitmap.rows > ATLAS_HEIGHT / 2)
        return true;
    entry->w = (int16_t)slot->bitmap.width;
    entry->h = (int16_t)slot->bitmap.rows;
    entry->left = (int16_t)slot->bitmap_left;
    entry->top = (int16_t)slot->bitmap_top;
    if (entry->w == 0 || entry->h == 0)
        return true;
    if (!find_room(glyphs, entry))
        return false;
    copy_bitmap(glyphs, &slot->bitmap, entry);
    return true;
}

static const struct entry *find_entry(struct glyphs *glyphs, unsigned face, int size_px, uint32_t glyph,
                                      unsigned quarter)
{
    uint64_t key =
        1ull << 63 | (uint64_t)face << 56 | (uint64_t)quarter << 48 | (uint64_t)size_px << 32 | glyph;
    size_t at = (size_t)(key * 0x9e3779b97f4a7c15ull >> 40) & (TABLE_SIZE - 1);
    while (glyphs->table[at].key && glyphs->table[at].key != key)
        at = (at + 1) & (TABLE_SIZE - 1);
    if (glyphs->table[at].key)
        return &glyphs->table[at];
    struct entry entry = {.key = key};
    if (glyphs->entries >= TABLE_MAX ||
        !rasterise(glyphs, &glyphs->faces[face], size_px, glyph, quarter, &entry)) {
        reset_atlas(glyphs);
        return find_entry(glyphs, face, size_px, glyph, quarter);
    }
    glyphs->entries++;
    glyphs->table[at] = entry;
    return &glyphs->table[at];
}

void glyphs_begin(struct glyphs *glyphs, IDirectFBSurface *canvas, uint32_t color)
{
    DFBSurfaceBlittingFlags flags = DSBLIT_COLORIZE | DSBLIT_BLEND_ALPHACHANNEL;
    if (color >> 24 != 0xff)
        flags |= DSBLIT_BLEND_COLORALPHA;
    glyphs->canvas = canvas;
    glyphs->batched = 0;
    canvas->SetBlittingFlags(canvas, flags);
    canvas->SetColor(canvas, color >> 16 & 0xff, color >> 8 & 0xff, color & 0xff, color >> 24);
}

void glyphs_draw(struct glyphs *glyphs, unsigned face, int size_px, uint32_t glyph, int x, int y)
{
    unsigned quarter = 0;
    int pixel = (x + 32) >> 6;
    if (glyphs->faces[face].subpixel) {
        int quarters = (x + 8) >> 4;
        pixel = quarters >> 2;
        quarter = (unsigned)quarters & 3;
    }
    const struct entry *entry = find_entry(glyphs, face, size_px, glyph, quarter);
    if (entry->w == 0)
        return;
    glyphs->from[glyphs->batched] = (DFBRectangle){entry->x, entry->y, entry->w, entry->h};
    glyphs->to[glyphs->batched] = (DFBPoint){pixel + entry->left, ((y + 32) >> 6) - entry->top};
    if (++glyphs->batched == BATCH_MAX)
        flush(glyphs);
}

void glyphs_end(struct glyphs *glyphs)
{
    flush(glyphs);
    glyphs->canvas = NULL;
}
