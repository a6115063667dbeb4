/* SPDX-License-Identifier: Apache-2.0 */
#include "content/area.h"

#include <string.h>

bool content_area_is_code(const char *code)
{
    size_t length = strspn(code, "0123456789");
    return code[length] == '\0' && length >= CONTENT_AREA_MINIMUM && length <= CONTENT_AREA_MAXIMUM;
}

bool content_area_matches(const char *const *areas, size_t count, const char *own_code)
{
    if (count == 0) {
        return true;
    }
    if (own_code == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (areas[i][0] != '\0' && strncmp(own_code, areas[i], strlen(areas[i])) == 0) {
            return true;
        }
    }
    return false;
}
