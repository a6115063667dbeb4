/* SPDX-License-Identifier: Apache-2.0 */
/* DVB text of any bytes: the result is UTF-8 that fits, and encoding what was decoded keeps it. The first
 * byte chooses table and room. */
#include "base/log.h"
#include "base/text.h"
#include "si/text.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct si_text *texts[2];
    char out[3 * 512 + 1], again[sizeof(out)];
    uint8_t encoded[2 * sizeof(out)];
    if (size == 0)
        return 0;
    log_set_level(LOG_LEVEL_ERROR);
    unsigned which = data[0] & 1;
    size_t room = data[0] & 2 ? 1 + data[0] / 4u : sizeof(out);
    if (!texts[which])
        texts[which] = si_text_create(which ? SI_CHARSET_ISO6937 : SI_CHARSET_GB18030);
    require(texts[which] != NULL);
    size_t bytes = size - 1 < 512 ? size - 1 : 512;
    size_t length = si_text_decode(texts[which], data + 1, bytes, out, room);
    require(length < room && strlen(out) == length && text_is_utf8(out, length));
    size_t encoded_size = si_text_encode(out, encoded, sizeof(encoded));
    si_text_decode(texts[which], encoded, encoded_size, again, sizeof(again));
    require(strcmp(out, again) == 0);
    size_t cut = data[0] / 3u;
    encoded_size = si_text_encode(out, encoded, cut);
    require(encoded_size <= cut);
    si_text_decode(texts[which], encoded, encoded_size, again, sizeof(again));
    require(strncmp(out, again, strlen(again)) == 0);
    /* The bytes as if they were UTF-8 from a document. */
    memcpy(again, data + 1, bytes);
    again[bytes] = '\0';
    encoded_size = si_text_encode(again, encoded, sizeof(encoded));
    require(encoded_size <= 3 * bytes + 1);
    return 0;
}
