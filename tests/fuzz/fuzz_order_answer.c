/* SPDX-License-Identifier: Apache-2.0 */
/* The gateway's answers as a box reads them. The first byte chooses status and type, the rest is the body. */
#include "base/log.h"
#include "order/message.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void no_log(void *context, enum log_level level, const char *module, const char *text)
{
    (void)context;
    (void)level;
    (void)module;
    (void)text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 201, 400, 403, 409, 422, 429, 503};
    static const char *const types[] = {"application/json", "application/problem+json"};
    struct order_answer answer;
    struct order_states states;
    log_set_sink(no_log, NULL);
    if (size == 0) {
        return 0;
    }
    struct link_response response = {.result = LINK_ANSWERED,
                                     .status = statuses[data[0] & 7],
                                     .content_type = types[data[0] >> 3 & 1],
                                     .body = {data + 1, size - 1},
                                     .retry_after_s = -1,
                                     .error = ""};
    if (order_message_read(&response, 1, &answer) == ORDER_VERDICT_FINAL && answer.state < ORDER_ACCEPTED) {
        abort();
    }
    order_message_read_states(&response, 1, &states);
    return 0;
}
