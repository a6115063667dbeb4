/* SPDX-License-Identifier: Apache-2.0 */
/* Golden pictures: what a display shows now against what a person has looked at and found good
 * (tests/golden/expected/NAME.png). A difference leaves NAME.actual.png and NAME.diff.png in the build's
 * golden folder. KOKONOR_GOLDEN_UPDATE=1 in the environment writes the expected picture anew instead: look at
 * it before committing it. Single thread. */
#ifndef KOKONOR_GOLDEN_GOLDEN_H
#define KOKONOR_GOLDEN_GOLDEN_H

#include "display/display.h"

/* name: "gallery-shop-zh". True where the picture is as expected (or was written); else why is on standard
 * error. */
bool golden_check(struct display *display, const char *name);

/* A folder with theme, fonts, strings and icons, as programs get it. */
#define GOLDEN_RESOURCES KOKONOR_BUILD_DIR "/resources"

#endif
