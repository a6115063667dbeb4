/* SPDX-License-Identifier: Apache-2.0 */
/* Golden pictures: what a display shows now against what a person has looked at and found good
 * (tests/golden/expected/NAME.png). A difference leaves both and NAME.diff.png in the build's golden folder,
 * and index.html there shows them side by side. Single thread. */
#ifndef KOKONOR_GOLDEN_GOLDEN_H
#define KOKONOR_GOLDEN_GOLDEN_H

#include "display/display.h"

/* The environment variable KOKONOR_GOLDEN_UPDATE=1 writes the expected picture anew instead: look at it
 * before committing it. KOKONOR_GOLDEN_PAGE=1 has the page show every picture that is compared, also those
 * that are as expected.
 *
 * Pictures are of 1280x720: that is what the box draws; a screen of another size gets this one scaled
 * (display/scale.h, tested there), so pictures of other sizes would tell of scaling alone. */

/* name: "gallery-shop-zh". True where the picture is as expected (or was written); else why is on standard
 * error. */
bool golden_check(struct display *display, const char *name);

/* The same picture, as far as golden_check would say; nothing is written anywhere. pixels (may be NULL) gets
 * how many differ. False also where either picture cannot be had. */
bool golden_same(struct display *display, const char *name, long *pixels);
/* The same for a PNG that a program wrote. */
bool golden_same_file(const char *path, const char *name, long *pixels);

/* A folder with theme, fonts, strings and icons, as programs get it. */
#define GOLDEN_RESOURCES KOKONOR_BUILD_DIR "/resources"

#endif
