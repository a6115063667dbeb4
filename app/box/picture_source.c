/* SPDX-License-Identifier: Apache-2.0 */
#include "box/picture_source.h"

#include <string.h>

bool picture_source_give(struct store_reader *reader, const char *key, struct buffer *out)
{
    enum content_role role;
    char name[16];
    const char *slash = strchr(key, '/');
    if (!slash || (size_t)(slash - key) >= sizeof(name))
        return false;
    memcpy(name, key, (size_t)(slash - key));
    name[slash - key] = 0;
    return content_role_from_str(name, &role) && store_picture(reader, role, slash + 1, out);
}
