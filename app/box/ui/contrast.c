/* SPDX-License-Identifier: Apache-2.0 */
/* Which colours stand on which, and how well they can be told apart there. */
#include "ui/theme.h"

#define TEXT 45
#define LARGE 30

#define ALL_INKS(ground, under, tenths)                                                                      \
    {COLOR_TEXT, ground, under, tenths}, {COLOR_TEXT_SOFT, ground, under, tenths},                           \
        {COLOR_ACCENT, ground, under, tenths}, {COLOR_FOCUS, ground, under, tenths},                         \
        {COLOR_PRICE, ground, under, tenths}, {COLOR_GOOD, ground, under, tenths},                           \
        {COLOR_WARNING, ground, under, tenths},                                                              \
    {                                                                                                        \
        COLOR_BAD, ground, under, tenths                                                                     \
    }

const struct theme_pair theme_pairs[] = {
    /* what a screen says, on its backdrop, on cards and rows, focused or not, on dialogs and toasts */
    {COLOR_TEXT, COLOR_NONE, THEME_ON_BACKDROP, TEXT},
    {COLOR_TEXT_SOFT, COLOR_NONE, THEME_ON_BACKDROP, TEXT},
    {COLOR_PRICE, COLOR_NONE, THEME_ON_BACKDROP, TEXT},
    {COLOR_ACCENT, COLOR_NONE, THEME_ON_BACKDROP, LARGE},
    {COLOR_GOOD, COLOR_NONE, THEME_ON_BACKDROP, LARGE},
    {COLOR_WARNING, COLOR_NONE, THEME_ON_BACKDROP, LARGE},
    {COLOR_BAD, COLOR_NONE, THEME_ON_BACKDROP, LARGE},
    ALL_INKS(COLOR_SURFACE, THEME_ON_BACKDROP, TEXT),
    ALL_INKS(COLOR_SURFACE_TOP, THEME_ON_BACKDROP, TEXT),
    ALL_INKS(COLOR_SURFACE_FOCUS, THEME_ON_BACKDROP, TEXT),
    ALL_INKS(COLOR_SURFACE_RAISED, THEME_ON_BACKDROP, TEXT),
    /* over the moving picture */
    ALL_INKS(COLOR_SCRIM, THEME_ON_VIDEO, TEXT),
    /* the chosen tab; the icon in place of a picture */
    {COLOR_TEXT, COLOR_ACCENT_DEEP, THEME_ON_BACKDROP, TEXT},
    {COLOR_ACCENT, COLOR_ACCENT_DEEP, THEME_ON_BACKDROP, LARGE},
    /* focused buttons, tabs and keys */
    {COLOR_TEXT_DARK, COLOR_FOCUS, THEME_ON_BACKDROP, TEXT},
    {COLOR_TEXT_DARK, COLOR_FOCUS_DEEP, THEME_ON_BACKDROP, TEXT},
    /* the main button, badges, the fields of icons */
    {COLOR_TEXT_DARK, COLOR_ACCENT, THEME_ON_BACKDROP, TEXT},
    {COLOR_TEXT_DARK, COLOR_GOOD, THEME_ON_BACKDROP, TEXT},
    {COLOR_TEXT_DARK, COLOR_WARNING, THEME_ON_BACKDROP, TEXT},
    {COLOR_TEXT_DARK, COLOR_BAD, THEME_ON_BACKDROP, TEXT},
    {COLOR_TEXT_DARK, COLOR_TEXT_SOFT, THEME_ON_BACKDROP, TEXT},
    /* what a coloured key does, written on its colour */
    {COLOR_TEXT_DARK, COLOR_KEY_RED, THEME_ON_BACKDROP, TEXT},
    {COLOR_TEXT_DARK, COLOR_KEY_GREEN, THEME_ON_BACKDROP, LARGE},
    {COLOR_TEXT_DARK, COLOR_KEY_YELLOW, THEME_ON_BACKDROP, LARGE},
    {COLOR_TEXT_DARK, COLOR_KEY_BLUE, THEME_ON_BACKDROP, LARGE},
    /* the keys' caps in the line of hints, without words */
    {COLOR_KEY_RED, COLOR_NONE, THEME_ON_SHORE, LARGE},
    {COLOR_KEY_GREEN, COLOR_NONE, THEME_ON_SHORE, LARGE},
    {COLOR_KEY_YELLOW, COLOR_NONE, THEME_ON_SHORE, LARGE},
    {COLOR_KEY_BLUE, COLOR_NONE, THEME_ON_SHORE, LARGE},
    {COLOR_KEY_RED, COLOR_SCRIM, THEME_ON_VIDEO, LARGE},
    /* the focus ring, and the ground of what is chosen, against what is round them */
    {COLOR_FOCUS, COLOR_NONE, THEME_ON_BACKDROP, LARGE},
    {COLOR_FOCUS, COLOR_SHADE, THEME_ON_VIDEO, LARGE},
};
const size_t theme_pair_count = sizeof(theme_pairs) / sizeof(theme_pairs[0]);

double theme_pair_contrast(const struct theme *theme, const struct theme_pair *pair)
{
    /* The glow of the backdrop is mixed in by 0.38 at most, where the lake is near. */
    const uint32_t glow = theme_blend((theme->colors[COLOR_GLOW] & 0xffffff) | 0x60000000,
                                      theme->colors[COLOR_LAKE] | 0xff000000);
    const uint32_t backdrops[] = {theme->colors[COLOR_SKY], theme->colors[COLOR_LAKE],
                                  theme->colors[COLOR_MOUNTAIN], glow};
    const uint32_t pictures[] = {0xffffffff, 0xff808080, 0xff000000};
    const uint32_t *under = pair->under == THEME_ON_VIDEO ? pictures : backdrops;
    size_t count = pair->under == THEME_ON_VIDEO ? 3 : pair->under == THEME_ON_SHORE ? 2 : 4;
    double worst = 21;
    for (size_t i = 0; i < count; i++) {
        uint32_t ground = theme_blend(theme->colors[pair->ground], under[i] | 0xff000000);
        double contrast = theme_contrast(theme->colors[pair->ink] | 0xff000000, ground);
        worst = contrast < worst ? contrast : worst;
    }
    return worst;
}
