/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/state.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096
#define FILE_SIZE_MAX (64 * 1024)
#define STATE_NAME "tables" /* lines of "PAT VERSION SHA256" and, of sub-tables, "BAT:ID VERSION SHA256" */

static bool read_subtable(char *name, uint8_t number, const char *hex, struct tables_memory *memory)
{
    char *end = NULL, *id = strchr(name, ':');
    *id++ = '\0';
    unsigned long value = strtoul(id, &end, 10);
    if (*end || end == id || value > UINT32_MAX || memory->subtable_count == TABLES_SUBTABLES_MAX)
        return false;
    struct tables_subtable *subtable = &memory->subtables[memory->subtable_count];
    subtable->kind = strcmp(name, tables_kind_names[TABLES_BAT]) ? TABLES_SDT_OTHER : TABLES_BAT;
    subtable->id = (uint32_t)value;
    subtable->version.number = number;
    subtable->version.known = text_unhex(hex, subtable->version.sha256, TRUST_SHA256_SIZE);
    memory->subtable_count += subtable->version.known;
    return subtable->version.known && !strcmp(name, tables_kind_names[subtable->kind]);
}

static bool read_line(const char *line, struct tables_memory *memory)
{
    char name[32], hex[2 * TRUST_SHA256_SIZE + 1];
    unsigned number;
    if (sscanf(line, "%31s %u %64[0-9a-f]", name, &number, hex) != 3 || number > 31)
        return false;
    if (strchr(name, ':'))
        return read_subtable(name, (uint8_t)number, hex, memory);
    for (int kind = 0; kind < TABLES_KINDS; kind++) {
        struct tables_version *version = &memory->versions[kind];
        if (strcmp(name, tables_kind_names[kind]) != 0)
            continue;
        version->number = (uint8_t)number;
        version->known = text_unhex(hex, version->sha256, sizeof(version->sha256));
        return version->known;
    }
    return true; /* a table that only another release knows */
}

void state_read_tables(const char *state_folder, struct tables_memory *memory)
{
    char path[PATH_SIZE];
    struct stat status;
    struct buffer buffer;
    memset(memory, 0, sizeof(*memory));
    if (!state_folder || !file_join(path, sizeof(path), state_folder, STATE_NAME) || stat(path, &status) < 0)
        return;
    buffer_init(&buffer, FILE_SIZE_MAX);
    bool good = file_read(path, &buffer, NULL) && buffer_text(&buffer);
    for (const char *line = good ? buffer_text(&buffer) : ""; good && *line;) {
        good = read_line(line, memory);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    buffer_finish(&buffer);
    if (good)
        return;
    memset(memory, 0, sizeof(*memory));
    log_warning("%s: not what the playout wrote; the tables' versions begin anew", path);
}

void state_write_tables(const char *state_folder, const struct tables_memory *memory)
{
    char path[PATH_SIZE], hex[2 * TRUST_SHA256_SIZE + 1];
    struct error error = {0};
    struct buffer buffer;
    if (!state_folder)
        return;
    buffer_init(&buffer, FILE_SIZE_MAX);
    for (int kind = 0; kind < TABLES_KINDS; kind++) {
        text_hex(memory->versions[kind].sha256, TRUST_SHA256_SIZE, hex);
        buffer_printf(&buffer, "%s %u %s\n", tables_kind_names[kind], memory->versions[kind].number, hex);
    }
    for (size_t i = 0; i < memory->subtable_count; i++) {
        const struct tables_subtable *subtable = &memory->subtables[i];
        text_hex(subtable->version.sha256, TRUST_SHA256_SIZE, hex);
        buffer_printf(&buffer, "%s:%" PRIu32 " %u %s\n", tables_kind_names[subtable->kind], subtable->id,
                      subtable->version.number, hex);
    }
    if (buffer.failed || !file_join(path, sizeof(path), state_folder, STATE_NAME))
        log_error("%s: the tables' versions cannot be kept", state_folder);
    else if (!file_write(path, buffer.data, buffer.size, &error))
        log_error("%s; after a restart the tables' versions may say a change where there is none",
                  error.text);
    buffer_finish(&buffer);
}
