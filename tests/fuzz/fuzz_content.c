/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses the kind of document, the rest is it. What parses must come through a round trip
 * unchanged. */
#include "content/document.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(void *context, enum content_severity severity, const char *text)
{
    (void)severity;
    *(size_t *)context += strlen(text);
}

static void round_trip(const struct content_document *document, const char *path)
{
    struct buffer once, twice;
    struct error error;
    buffer_init(&once, 4 * CONTENT_DOCUMENT_SIZE_MAXIMUM);
    buffer_init(&twice, 4 * CONTENT_DOCUMENT_SIZE_MAXIMUM);
    if (!content_document_write(document, &once)) {
        abort();
    }
    if (once.size <= CONTENT_DOCUMENT_SIZE_MAXIMUM) { /* indenting may make it too long to be read again */
        struct content_document *again = content_document_parse(buffer_view(&once), path, NULL, NULL, &error);
        if (again == NULL || !content_document_write(again, &twice) || once.size != twice.size ||
            memcmp(once.data, twice.data, once.size) != 0) {
            abort();
        }
        content_document_destroy(again);
    }
    buffer_finish(&once);
    buffer_finish(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {
        "commerce/categories.json", "commerce/merchants.json", "commerce/catalogue/a.json",
        "credit/reputable.json",    "credit/dishonest.json",   "community/directory.json",
        "community/pages/a.json",
    };
    struct error error;
    size_t heard = 0;
    if (size == 0) {
        return 0;
    }
    const char *path = paths[data[0] % (sizeof paths / sizeof paths[0])];
    struct content_document *document =
        content_document_parse((struct bytes){data + 1, size - 1}, path, ignore, &heard, &error);
    if (document != NULL) {
        round_trip(document, path);
        content_document_destroy(document);
    }
    return 0;
}
