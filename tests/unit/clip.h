/* SPDX-License-Identifier: Apache-2.0 */
/* Clips made by the ffmpeg command line while a test runs; nothing is left behind. */
#ifndef KOKONOR_TESTS_CLIP_H
#define KOKONOR_TESTS_CLIP_H

#include "base/buffer.h"

/* Whether ffmpeg can be run and has that encoder; otherwise says on standard output what is missing. */
bool clip_can(const char *encoder);
/* Appends what "ffmpeg ARGUMENTS -" writes; false where it failed or wrote nothing. */
bool clip_make(struct buffer *buffer, const char *arguments);

#endif
