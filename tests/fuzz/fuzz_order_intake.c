/* SPDX-License-Identifier: Apache-2.0 */
/* Orders as the gateway reads them. */
#include "gateway/intake.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct intake intake;
    if (intake_parse((struct bytes){data, size}, &intake, NULL)) {
        int64_t sum = 0;
        for (size_t i = 0; i < intake.line_count; i++) {
            sum += intake.lines[i].quantity * intake.lines[i].unit_price_fen;
        }
        if (intake.line_count == 0 || sum != intake.total_fen) {
            abort();
        }
    }
    return 0;
}
