/* SPDX-License-Identifier: Apache-2.0 */
/* A shop of any size for a box that is measured: its content.db, made through the store as reception would.
 * Names, prices and merchants are made from the item's number, pictures are the demo's. Single thread. */
#ifndef KOKONOR_BENCH_SCREEN_SHOP_H
#define KOKONOR_BENCH_SCREEN_SHOP_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

/* Makes folder/content.db with so many products in nine categories; the folder must exist. pictures: a folder
 * of .jpg files, of which eight are used. */
bool screen_shop_make(const char *folder, const char *pictures, size_t products, struct error *error);

#endif
