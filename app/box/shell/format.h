/* SPDX-License-Identifier: Apache-2.0 */
/* Dates and money as the viewer reads them, in the language of the strings, local time (UTC+8). Main thread.
 */
#ifndef KOKONOR_SHELL_FORMAT_H
#define KOKONOR_SHELL_FORMAT_H

#include "content/text.h"
#include "ui/strings.h"
#include <stddef.h>
#include <stdint.h>

#define FORMAT_SIZE 96

void format_date(struct strings *strings, int64_t utc_s, char out[FORMAT_SIZE]);
void format_day(struct strings *strings, const struct content_date *date,
                char out[FORMAT_SIZE]); /* "" where it is empty */
void format_date_time(struct strings *strings, int64_t utc_s, char out[FORMAT_SIZE]);
/* Day and time in short, for the corner of the screen. */
void format_clock(struct strings *strings, int64_t utc_s, char out[FORMAT_SIZE]);
void format_time(int64_t utc_s, char out[FORMAT_SIZE]);                         /* "19:30" */
void format_money(struct strings *strings, int64_t fen, char out[FORMAT_SIZE]); /* "¥12.50" */

#endif
