/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/channel_text.h"
#include "base/text.h"
#include <string.h>

void channel_text_read(struct content_json *reader, const json_t *object, const char *key, bool required,
                       const enum content_language languages[CONTENT_LANGUAGES], char *out, size_t size)
{
    memset(out, 0, CONTENT_LANGUAGES * size);
    const json_t *texts = content_json_object(reader, object, key, required);
    if (!texts)
        return;
    size_t mark = content_json_enter_key(reader, key);
    for (int i = 0; i < CONTENT_LANGUAGES; i++) {
        bool needed = languages[i] == CONTENT_ZH;
        const char *text =
            content_json_string(reader, texts, content_language_str(languages[i]), needed, 1, size - 1);
        if (text)
            text_copy(out + (size_t)i * size, size, text);
    }
    content_json_leave(reader, mark);
}

void channel_text_fail(struct content_json *reader, const json_t *object, const char *key,
                       const char *expected)
{
    size_t mark = content_json_enter_key(reader, key);
    content_json_fail(reader, expected, json_object_get(object, key));
    content_json_leave(reader, mark);
}

const char *channel_text_first(const char *texts, size_t size)
{
    for (int i = 0; i < CONTENT_LANGUAGES; i++) {
        if (texts[(size_t)i * size])
            return texts + (size_t)i * size;
    }
    return "";
}
