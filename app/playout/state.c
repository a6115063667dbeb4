/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/state.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "playout/channel.h"
#include "trust/manifest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096
#define FILE_SIZE_MAX (1024 * 1024)
#define DIGEST_SIZE (2 * TRUST_SHA256_SIZE + 1)
#define STATE_NAME "tables" /* "VERSION SHA256\n" */

static bool digest_channel(const char *folder, char digest[DIGEST_SIZE])
{
    char path[PATH_SIZE];
    uint8_t sha256[TRUST_SHA256_SIZE];
    struct buffer buffer;
    buffer_init(&buffer, FILE_SIZE_MAX);
    bool good = file_join(path, sizeof(path), folder, CHANNEL_FILE) && file_read(path, &buffer, NULL) &&
                trust_sha256(buffer_view(&buffer), sha256);
    buffer_finish(&buffer);
    if (good)
        text_hex(sha256, sizeof(sha256), digest);
    return good;
}

/* What is kept; false where nothing is, or it makes no sense. */
static bool read_kept(const char *path, unsigned *version, char digest[DIGEST_SIZE])
{
    struct buffer buffer;
    struct stat status;
    if (stat(path, &status) < 0)
        return false;
    buffer_init(&buffer, 256);
    const char *text = file_read(path, &buffer, NULL) ? buffer_text(&buffer) : NULL;
    bool good = text && sscanf(text, "%u %64[0-9a-f]", version, digest) == 2 && *version < 32;
    buffer_finish(&buffer);
    if (!good)
        log_warning("%s: not what the playout wrote; the tables' version begins anew", path);
    return good;
}

unsigned state_table_version(const char *state_folder, const char *folder)
{
    char path[PATH_SIZE], now[DIGEST_SIZE] = "", kept[DIGEST_SIZE] = "", text[DIGEST_SIZE + 8];
    unsigned version = 0;
    struct error error = {0};
    if (!state_folder || !file_join(path, sizeof(path), state_folder, STATE_NAME) ||
        !digest_channel(folder, now))
        return 0;
    if (read_kept(path, &version, kept)) {
        if (!strcmp(now, kept))
            return version;
        version = (version + 1) & 31;
    } else {
        version = 0;
    }
    int size = snprintf(text, sizeof(text), "%u %s\n", version, now);
    if (!file_write(path, text, (size_t)size, &error))
        log_error("%s", error.text);
    return version;
}
