/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_SIZE_MAX (256 * 1024)
#define SETTINGS_MAX 1000

struct setting {
    char *section, *name, *value;
};

struct config {
    struct setting *settings;
    size_t count;
    char folder[512]; /* of the file loaded last; "" before */
};

struct config *config_create(void)
{
    return calloc(1, sizeof(struct config));
}

void config_destroy(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config->count; i++) {
        free(config->settings[i].section);
        free(config->settings[i].name);
        free(config->settings[i].value);
    }
    free(config->settings);
    free(config);
}

static struct setting *find(const struct config *config, const char *section, const char *name)
{
    for (size_t i = 0; i < config->count; i++)
        if (!strcmp(config->settings[i].section, section) && !strcmp(config->settings[i].name, name))
            return &config->settings[i];
    return NULL;
}

static bool set(struct config *config, const char *section, const char *name, const char *value)
{
    char *copy = strdup(value);
    struct setting *setting = find(config, section, name);
    if (copy && setting) {
        free(setting->value);
        setting->value = copy;
        return true;
    }
    if (!copy || config->count == SETTINGS_MAX)
        goto fail;
    if (config->count % 32 == 0) {
        struct setting *grown = realloc(config->settings, (config->count + 32) * sizeof(*grown));
        if (!grown)
            goto fail;
        config->settings = grown;
    }
    struct setting added = {strdup(section), strdup(name), copy};
    if (!added.section || !added.name) {
        free(added.section);
        free(added.name);
        goto fail;
    }
    config->settings[config->count++] = added;
    return true;
fail:
    free(copy);
    return false;
}

static int on_setting(void *context, const char *section, const char *name, const char *value)
{
    return set(context, section, name, value ? value : "");
}

bool config_load(struct config *config, const char *path, struct error *error)
{
    struct buffer text;
    buffer_init(&text, FILE_SIZE_MAX);
    bool ok = file_read(path, &text, error);
    if (ok) {
        const char *slash = strrchr(path, '/');
        size_t length = slash ? (size_t)(slash - path) : 1;
        ok = length < sizeof(config->folder) || error_set(error, "%s: the path is too long", path);
        if (ok) {
            memcpy(config->folder, slash ? path : ".", length);
            config->folder[length] = 0;
            const char *terminated = buffer_text(&text);
            int line = terminated ? ini_parse_string(terminated, on_setting, config) : -1;
            if (line)
                ok = error_set(error, "%s: line %d: expected \"name = value\" or \"[section]\"", path, line);
        }
    }
    buffer_finish(&text);
    return ok;
}

bool config_override(struct config *config, const char *assignment, struct error *error)
{
    char section[64], name[64];
    const char *equals = strchr(assignment, '=');
    const char *dot = equals ? memrchr(assignment, '.', (size_t)(equals - assignment)) : NULL;
    if (!dot || dot == assignment || dot + 1 == equals || (size_t)(dot - assignment) >= sizeof(section) ||
        (size_t)(equals - dot - 1) >= sizeof(name))
        return error_set(error, "\"%s\": expected section.name=value", assignment);
    text_copy(section, (size_t)(dot - assignment) + 1, assignment);
    text_copy(name, (size_t)(equals - dot), dot + 1);
    return set(config, section, name, equals + 1) ||
           error_set(error, "\"%s\": too many settings", assignment);
}

const char *config_string(const struct config *config, const char *section, const char *name,
                          const char *fallback)
{
    const struct setting *setting = find(config, section, name);
    return setting ? setting->value : fallback;
}

int64_t config_integer(const struct config *config, const char *section, const char *name, int64_t fallback,
                       int64_t low, int64_t high)
{
    const char *text = config_string(config, section, name, NULL);
    if (!text)
        return fallback;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 0);
    if (errno || end == text || *end || value < low || value > high) {
        log_warning("%s.%s: expected a whole number from %" PRId64 " to %" PRId64 ", found \"%s\"; %" PRId64
                    " is used",
                    section, name, low, high, text, fallback);
        return fallback;
    }
    return value;
}

bool config_boolean(const struct config *config, const char *section, const char *name, bool fallback)
{
    static const char *const words[2][4] = {{"no", "false", "off", "0"}, {"yes", "true", "on", "1"}};
    const char *text = config_string(config, section, name, NULL);
    if (!text)
        return fallback;
    for (int value = 0; value < 2; value++)
        for (int i = 0; i < 4; i++)
            if (!strcasecmp(text, words[value][i]))
                return value;
    log_warning("%s.%s: expected yes or no, found \"%s\"; %s is used", section, name, text,
                fallback ? "yes" : "no");
    return fallback;
}

bool config_path(const struct config *config, const char *section, const char *name, char *path, size_t size)
{
    const char *text = config_string(config, section, name, NULL);
    if (!text || !*text)
        return false;
    if (text[0] == '/' || !config->folder[0])
        return text_copy(path, size, text);
    return file_join(path, size, config->folder, text);
}
