/* SPDX-License-Identifier: Apache-2.0 */
/* How everything looks: colours, type scale and measures by role, read once from resources/theme.
 * Nothing in the program names a colour or a size; it names a role. */
#ifndef KOKONOR_UI_THEME_H
#define KOKONOR_UI_THEME_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(ENUM, name in theme.ini) */
#define THEME_COLORS(X)                                                                                      \
    X(SKY, sky)                     /* top of the backdrop */                                                \
    X(LAKE, lake)                   /* bottom of the backdrop */                                             \
    X(MOUNTAIN, mountain)           /* drawn into the backdrop */                                            \
    X(GLOW, glow)                   /* light in the backdrop */                                              \
    X(SURFACE, surface)             /* cards and rows */                                                     \
    X(SURFACE_TOP, surface_top)     /* where their gradient begins */                                        \
    X(SURFACE_RAISED, raised)       /* dialogs, toasts, things on cards */                                   \
    X(SURFACE_FOCUS, surface_focus) /* a focused card or row */                                              \
    X(LINE, line)                   /* thin separators and borders */                                        \
    X(TEXT, text)                                                                                            \
    X(TEXT_SOFT, text_soft) /* second in rank */                                                             \
    X(TEXT_DARK, text_dark) /* on gold, turquoise and white */                                               \
    X(ACCENT, accent)       /* turquoise: what belongs to the lake */                                        \
    X(ACCENT_DEEP, accent_deep)                                                                              \
    X(FOCUS, focus) /* gold: where the remote is */                                                          \
    X(FOCUS_DEEP, focus_deep)                                                                                \
    X(PRICE, price)                                                                                          \
    X(GOOD, good)                                                                                            \
    X(WARNING, warning)                                                                                      \
    X(BAD, bad)                                                                                              \
    X(KEY_RED, key_red)                                                                                      \
    X(KEY_GREEN, key_green)                                                                                  \
    X(KEY_YELLOW, key_yellow)                                                                                \
    X(KEY_BLUE, key_blue)                                                                                    \
    X(SHADE, shade) /* half transparent, over what a dialog stands before */                                 \
    X(SCRIM, scrim) /* under text over a moving picture */                                                   \
    X(SHADOW, shadow)                                                                                        \
    X(WHITE, white)                                                                                          \
    X(BLACK, black)

enum theme_color {
    COLOR_NONE,
#define THEME_ENUM(upper, lower) COLOR_##upper,
    THEME_COLORS(THEME_ENUM)
#undef THEME_ENUM
        COLOR_COUNT
};

/* Sizes in pixels of the 1280x720 picture; all but CAPTION are 28 or more. */
#define THEME_TYPES(X)                                                                                       \
    X(CAPTION, caption) /* notes under pictures, hints: never the message itself */                          \
    X(BODY, body)                                                                                            \
    X(STRONG, strong)   /* body, bold */                                                                     \
    X(TITLE, title)     /* of a card or a dialog */                                                          \
    X(HEADING, heading) /* of a screen */                                                                    \
    X(HERO, hero)       /* one large thing: a price on its page, an order number */

enum theme_type {
#define THEME_ENUM(upper, lower) TYPE_##upper,
    THEME_TYPES(THEME_ENUM)
#undef THEME_ENUM
        TYPE_COUNT
};

struct theme_motion {
    bool on;
    int scroll_ms, lift_ms;   /* how long a list slides, a focused card rises; 0: it does not */
    int screen_ms, arrive_ms; /* a new screen; a dialog, a short message, a banner */
    int picture_ms;           /* a picture that has arrived */
    int hurry_ms;             /* keys that follow each other faster move everything at once */
    int rise;                 /* in pixels, of what is new */
    int curve;                /* 1: even; the more, the faster at first and the softer in the end */
};

struct theme_font {
    int size_px;
    bool bold;
};

/* What the viewer chooses in the settings. */
enum theme_scheme { THEME_LAKE, THEME_CONTRAST, THEME_SCHEMES };
enum theme_size { THEME_NORMAL, THEME_LARGE, THEME_LARGEST, THEME_SIZES };

struct theme {
    struct theme_motion motion;
    uint32_t colors[COLOR_COUNT];        /* 0xAARRGGBB; COLOR_NONE is 0 */
    struct theme_font types[TYPE_COUNT]; /* at the chosen size of text */
    int radius;                          /* of cards */
    int radius_small;                    /* of buttons, badges and pictures */
    int gap;                             /* between cards */
    int gap_small;                       /* inside them */
    int safe_x, safe_y;                  /* the 5 % of the picture that a television may cut off */
    int ring;                            /* width of the focus ring */
    int lift;                            /* how far a focused card rises */
    enum theme_size size;
    int normal_px[TYPE_COUNT];          /* of types */
    int percent[THEME_SIZES];           /* of them, by size */
    int percent_headlines[THEME_SIZES]; /* of HEADING and HERO, which are large anyway */
};

/* Fills theme from the file, at normal size. Every role must be there and sensible: false with error naming
 * the first that is not. */
bool theme_load(struct theme *theme, const char *path, struct error *error);
/* The same with a second file, whose values are taken before those of the first; NULL: none. */
bool theme_load_over(struct theme *theme, const char *path, const char *over, struct error *error);
/* Sets the type scale. */
void theme_set_size(struct theme *theme, enum theme_size size);
/* A length that has to hold text: as long as the body text at its size has become, against the normal one. */
int theme_text_px(const struct theme *theme, int px);
/* One that gives way where text has grown: pictures beside it, gaps. */
int theme_less_px(const struct theme *theme, int px);
/* "lake", "contrast"; "normal", "large", "largest": as they are kept. */
const char *theme_scheme_str(enum theme_scheme scheme);
const char *theme_size_str(enum theme_size size);
/* False, and nothing changes, where text is none of them. */
bool theme_scheme_from_str(const char *text, enum theme_scheme *scheme);
bool theme_size_from_str(const char *text, enum theme_size *size);
/* "surface", "body": the role's name in theme.ini. */
const char *theme_color_name(enum theme_color color);
/* WCAG 2 contrast ratio, 1.0 to 21.0, of two opaque colours. */
double theme_contrast(uint32_t a, uint32_t b);
/* a over b, b opaque. */
uint32_t theme_blend(uint32_t a, uint32_t b);

/* ---- what stands on what (contrast.c) ---- */

/* The shore is the bottom of the backdrop, where hints are. Ink on a ground, as widgets put them; a ground
 * that lets through lies on under, and NONE there is the backdrop, wherever that is worst. Each text and icon
 * of a screen is one of these: a test looks. */
struct theme_pair {
    enum theme_color ink, ground;
    enum { THEME_ON_BACKDROP, THEME_ON_SHORE, THEME_ON_VIDEO } under;
    int tenths; /* the least contrast, times ten: 45 for text, 30 for icons, and text that is bold and as
                   large as all bold text here */
};
extern const struct theme_pair theme_pairs[];
extern const size_t theme_pair_count;
/* The worst that the pair can look like. */
double theme_pair_contrast(const struct theme *theme, const struct theme_pair *pair);

#endif
