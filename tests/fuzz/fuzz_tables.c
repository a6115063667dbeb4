/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a section, through the layouts of every table and descriptor: what comes out is JSON. */
#include "probe/tables.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct si_text *text = si_text_create(SI_CHARSET_GB18030);
    json_t *json = probe_section(data, size < 4096 ? size : 4096, text);
    char *line = json_dumps(json, JSON_COMPACT);
    if (!line)
        abort();
    free(line);
    json_decref(json);
    si_text_destroy(text);
    return 0;
}
