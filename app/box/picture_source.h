/* SPDX-License-Identifier: Apache-2.0 */
/* Where the screens' pictures come from: the store. Main thread. */
#ifndef KOKONOR_BOX_PICTURE_SOURCE_H
#define KOKONOR_BOX_PICTURE_SOURCE_H

#include "store/query.h"

/* The bytes of "ROLE/pictures/x.jpg", appended to out; false where there is none (see ui_picture_fn). */
bool picture_source_give(struct store_reader *reader, const char *key, struct buffer *out);

#endif
