/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/detail.h"

#include "base/text.h"

#include <stdlib.h>

void *detail_open(struct view *view, const char *id, detail_build_fn *build, unsigned concerns)
{
    struct detail *detail = calloc(1, sizeof(*detail));
    if (!detail)
        return NULL;
    detail->view = view;
    detail->shell = view_shell(view);
    detail->build = build;
    detail->concerns = concerns;
    text_copy(detail->id, sizeof(detail->id), id);
    build(detail);
    return detail;
}

void detail_changed(void *self, unsigned changes)
{
    struct detail *detail = self;
    if (changes & detail->concerns)
        detail->build(detail);
}
