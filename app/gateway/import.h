/* SPDX-License-Identifier: Apache-2.0 */
/* Products from a content folder (commerce/catalogue/NAME.json) into the ledger. Any thread. */
#ifndef KOKONOR_GATEWAY_IMPORT_H
#define KOKONOR_GATEWAY_IMPORT_H

#include "gateway/ledger.h"

/* All of them or, with a mistake named in error, none. *count: how many are on sale now. Stock of products
 * that the ledger knows stays unless reset_stock. */
bool import_content(struct ledger *ledger, const char *folder, bool reset_stock, size_t *count,
                    struct error *error);

#endif
