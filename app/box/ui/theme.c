/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/theme.h"
#include "base/config.h"
#include "base/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const color_names[COLOR_COUNT] = {[COLOR_NONE] = "none",
#define NAME(upper, lower) [COLOR_##upper] = #lower,
                                                     THEME_COLORS(NAME)
#undef NAME
};

static const char *const type_names[TYPE_COUNT] = {
#define NAME(upper, lower) [TYPE_##upper] = #lower,
    THEME_TYPES(NAME)
#undef NAME
};

static const char *const scheme_names[THEME_SCHEMES] = {"lake", "contrast"};
static const char *const size_names[THEME_SIZES] = {"normal", "large", "largest"};

const char *theme_color_name(enum theme_color color)
{
    return color_names[color];
}

const char *theme_scheme_str(enum theme_scheme scheme)
{
    return scheme_names[scheme];
}

const char *theme_size_str(enum theme_size size)
{
    return size_names[size];
}

bool theme_scheme_from_str(const char *text, enum theme_scheme *scheme)
{
    for (int i = 0; i < THEME_SCHEMES; i++) {
        if (strcmp(text, scheme_names[i]) != 0)
            continue;
        *scheme = (enum theme_scheme)i;
        return true;
    }
    return false;
}

bool theme_size_from_str(const char *text, enum theme_size *size)
{
    for (int i = 0; i < THEME_SIZES; i++) {
        if (strcmp(text, size_names[i]) != 0)
            continue;
        *size = (enum theme_size)i;
        return true;
    }
    return false;
}

/* "#rrggbb" or "#rrggbbaa" */
static bool parse_color(const char *text, uint32_t *color)
{
    uint8_t part[4] = {0, 0, 0, 0xff};
    size_t digits = text ? strlen(text) : 0;
    if ((digits != 7 && digits != 9) || text[0] != '#' || !text_unhex(text + 1, part, (digits - 1) / 2))
        return false;
    *color = (uint32_t)part[3] << 24 | (uint32_t)part[0] << 16 | (uint32_t)part[1] << 8 | part[2];
    return true;
}

static bool load_colors(struct theme *theme, const struct config *config, const char *path,
                        struct error *error)
{
    for (int i = COLOR_NONE + 1; i < COLOR_COUNT; i++) {
        const char *text = config_string(config, "color", color_names[i], NULL);
        if (!parse_color(text, &theme->colors[i]))
            return error_set(error, "%s: [color] %s: expected #rrggbb or #rrggbbaa, found %s", path,
                             color_names[i], text ? text : "nothing");
    }
    return true;
}

static bool load_motion(struct theme *theme, const struct config *config, const char *path,
                        struct error *error)
{
    struct theme_motion *motion = &theme->motion;
    const struct {
        const char *name;
        int *value, low, high;
    } values[] = {
        {"scroll_ms", &motion->scroll_ms, 0, 1000},
        {"lift_ms", &motion->lift_ms, 0, 1000},
        {"screen_ms", &motion->screen_ms, 0, 1000},
        {"arrive_ms", &motion->arrive_ms, 0, 1000},
        {"picture_ms", &motion->picture_ms, 0, 1000},
        {"hurry_ms", &motion->hurry_ms, 0, 1000},
        {"rise", &motion->rise, 0, 100},
        {"curve", &motion->curve, 1, 6},
    };
    motion->on = config_boolean(config, "motion", "on", true);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        *values[i].value =
            (int)config_integer(config, "motion", values[i].name, -1, values[i].low, values[i].high);
        if (*values[i].value < 0)
            return error_set(error, "%s: [motion] %s: expected %d to %d", path, values[i].name, values[i].low,
                             values[i].high);
    }
    return true;
}

static bool load_types(struct theme *theme, const struct config *config, const char *path,
                       struct error *error)
{
    for (int i = 0; i < TYPE_COUNT; i++) {
        char bold[32];
        snprintf(bold, sizeof(bold), "%s_bold", type_names[i]);
        theme->normal_px[i] = (int)config_integer(config, "type", type_names[i], 0, 18, 120);
        theme->types[i].bold = config_boolean(config, "type", bold, false);
        if (theme->normal_px[i] == 0)
            return error_set(error, "%s: [type] %s: expected a size of 18 to 120 pixels", path,
                             type_names[i]);
    }
    return true;
}

static bool load_sizes(struct theme *theme, const struct config *config, const char *path,
                       struct error *error)
{
    theme->percent[THEME_NORMAL] = theme->percent_headlines[THEME_NORMAL] = 100;
    for (int i = THEME_NORMAL + 1; i < THEME_SIZES; i++) {
        char headlines[32];
        snprintf(headlines, sizeof(headlines), "%s_headlines", size_names[i]);
        theme->percent[i] = (int)config_integer(config, "size", size_names[i], 0, 100, 160);
        theme->percent_headlines[i] = (int)config_integer(config, "size", headlines, 0, 100, 160);
        if (!theme->percent[i] || !theme->percent_headlines[i])
            return error_set(error, "%s: [size] %s: expected 100 to 160 percent", path,
                             theme->percent[i] ? headlines : size_names[i]);
    }
    theme_set_size(theme, THEME_NORMAL);
    return true;
}

static bool load_measures(struct theme *theme, const struct config *config, const char *path,
                          struct error *error)
{
    const struct {
        const char *name;
        int *value;
    } measures[] = {
        {"radius", &theme->radius}, {"radius_small", &theme->radius_small},
        {"gap", &theme->gap},       {"gap_small", &theme->gap_small},
        {"safe_x", &theme->safe_x}, {"safe_y", &theme->safe_y},
        {"ring", &theme->ring},     {"lift", &theme->lift},
    };
    if (!load_motion(theme, config, path, error))
        return false;
    for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
        *measures[i].value = (int)config_integer(config, "measure", measures[i].name, -1, 0, 200);
        if (*measures[i].value < 0)
            return error_set(error, "%s: [measure] %s: expected 0 to 200 pixels", path, measures[i].name);
    }
    return true;
}

bool theme_load_over(struct theme *theme, const char *path, const char *over, struct error *error)
{
    struct config *config = config_create();
    memset(theme, 0, sizeof(*theme));
    if (!config)
        return error_set(error, "%s: out of memory", path);
    bool good = config_load(config, path, error) && (!over || config_load(config, over, error));
    path = over ? over : path;
    good = good && load_colors(theme, config, path, error) && load_types(theme, config, path, error) &&
           load_sizes(theme, config, path, error) && load_measures(theme, config, path, error);
    config_destroy(config);
    return good;
}

bool theme_load(struct theme *theme, const char *path, struct error *error)
{
    return theme_load_over(theme, path, NULL, error);
}

void theme_set_size(struct theme *theme, enum theme_size size)
{
    theme->size = size;
    for (int i = 0; i < TYPE_COUNT; i++) {
        bool headline = i == TYPE_HEADING || i == TYPE_HERO;
        int percent = headline ? theme->percent_headlines[size] : theme->percent[size];
        theme->types[i].size_px = (theme->normal_px[i] * percent + 50) / 100;
    }
}

int theme_text_px(const struct theme *theme, int px)
{
    return (px * theme->percent[theme->size] + 50) / 100;
}

int theme_less_px(const struct theme *theme, int px)
{
    return px * 100 / theme->percent[theme->size];
}

static double linear(uint32_t channel)
{
    double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

static double luminance(uint32_t color)
{
    return 0.2126 * linear(color >> 16 & 0xff) + 0.7152 * linear(color >> 8 & 0xff) +
           0.0722 * linear(color & 0xff);
}

double theme_contrast(uint32_t a, uint32_t b)
{
    double la = luminance(a), lb = luminance(b);
    return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}

uint32_t theme_blend(uint32_t a, uint32_t b)
{
    uint32_t alpha = a >> 24, out = 0xff000000;
    for (int shift = 0; shift <= 16; shift += 8) {
        uint32_t top = a >> shift & 0xff, bottom = b >> shift & 0xff;
        out |= (top * alpha + bottom * (255 - alpha) + 127) / 255 << shift;
    }
    return out;
}
