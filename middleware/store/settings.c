/* SPDX-License-Identifier: Apache-2.0 */
#include "store/settings.h"

#include "base/log.h"
#include "base/text.h"
#include "store/database.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

extern const char store_settings_sql[];

struct setting {
    char *name, *value;
};

/* Two locks, so that a get never waits for a set's flush: disk is held over the write, memory over a look
 * only. disk comes first. */
struct settings {
    pthread_mutex_t disk, memory;
    struct database *database;
    struct setting items[SETTINGS_COUNT_MAXIMUM];
    size_t count;
};

static struct setting *find(struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->count; i++) {
        if (strcmp(settings->items[i].name, name) == 0) {
            return &settings->items[i];
        }
    }
    return NULL;
}

static bool load(struct settings *settings, struct error *error)
{
    bool failed = false;
    sqlite3_stmt *statement =
        database_prepare(settings->database, "SELECT name, value FROM setting ORDER BY name");
    while (database_step(settings->database, statement, &failed)) {
        if (settings->count == SETTINGS_COUNT_MAXIMUM) {
            log_warning("more than %d settings; the rest is passed over", SETTINGS_COUNT_MAXIMUM);
            database_reset(statement);
            break;
        }
        struct setting *setting = &settings->items[settings->count++];
        setting->name = database_column_copy(statement, 0);
        setting->value = database_column_copy(statement, 1);
        if (setting->name == NULL || setting->value == NULL) {
            database_reset(statement);
            return error_set(error, "settings: out of memory");
        }
    }
    return failed ? error_set(error, "settings: cannot be read from the database") : true;
}

struct settings *settings_open(const char *path, struct error *error)
{
    static const char *const steps[] = {store_settings_sql};
    static const struct database_schema schema = {.name = "settings", .version = 1, .steps = steps};
    struct settings *settings = calloc(1, sizeof *settings);
    if (settings == NULL) {
        error_set(error, "%s: out of memory", path);
        return NULL;
    }
    pthread_mutex_init(&settings->disk, NULL);
    pthread_mutex_init(&settings->memory, NULL);
    settings->database = database_open(path, &schema, DATABASE_KEEP, DATABASE_FULL, error);
    if (settings->database == NULL || !load(settings, error)) {
        settings_close(settings);
        return NULL;
    }
    return settings;
}

void settings_close(struct settings *settings)
{
    if (settings == NULL) {
        return;
    }
    for (size_t i = 0; i < settings->count; i++) {
        free(settings->items[i].name);
        free(settings->items[i].value);
    }
    database_close(settings->database);
    pthread_mutex_destroy(&settings->memory);
    pthread_mutex_destroy(&settings->disk);
    free(settings);
}

bool settings_get(struct settings *settings, const char *name, const char *fallback, char *value, size_t size)
{
    pthread_mutex_lock(&settings->memory);
    const struct setting *setting = find(settings, name);
    text_copy(value, size, setting != NULL ? setting->value : fallback != NULL ? fallback : "");
    pthread_mutex_unlock(&settings->memory);
    return setting != NULL;
}

static bool write_row(struct settings *settings, const char *name, const char *value, struct error *error)
{
    sqlite3_stmt *statement = database_prepare(
        settings->database, value != NULL ? "INSERT INTO setting (name, value) VALUES (?1, ?2) "
                                            "ON CONFLICT (name) DO UPDATE SET value = ?2"
                                          : "DELETE FROM setting WHERE name = ?1");
    if (statement == NULL) {
        return error_set(error, "settings: the database cannot take %s", name);
    }
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    if (value != NULL) {
        sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
    }
    bool done = database_run(settings->database, statement, error);
    sqlite3_clear_bindings(statement);
    return done;
}

/* Takes name and value over. memory is held. */
static void remember(struct settings *settings, char *name, char *value)
{
    struct setting *setting = find(settings, name);
    if (setting == NULL && value != NULL) {
        settings->items[settings->count++] = (struct setting){name, value};
        return;
    }
    free(name);
    if (setting == NULL) {
        return;
    }
    free(setting->value);
    setting->value = value;
    if (value == NULL) {
        free(setting->name);
        *setting = settings->items[--settings->count];
    }
}

bool settings_set(struct settings *settings, const char *name, const char *value, struct error *error)
{
    size_t length = strlen(name);
    if (length == 0 || length > SETTINGS_NAME_MAXIMUM ||
        (value != NULL && strlen(value) > SETTINGS_VALUE_MAXIMUM)) {
        return error_set(error, "settings: name or value of \"%.64s\" is too long", name);
    }
    char *own_name = strdup(name), *own_value = value != NULL ? strdup(value) : NULL;
    bool done = false;
    pthread_mutex_lock(&settings->disk);
    /* Only a set changes the items, and disk is held: looking needs no second lock. */
    if (own_name == NULL || (value != NULL && own_value == NULL)) {
        error_set(error, "settings: out of memory");
    } else if (find(settings, name) == NULL && settings->count == SETTINGS_COUNT_MAXIMUM) {
        error_set(error, "settings: more than %d of them", SETTINGS_COUNT_MAXIMUM);
    } else {
        done = write_row(settings, name, value, error);
    }
    if (done) {
        pthread_mutex_lock(&settings->memory);
        remember(settings, own_name, own_value);
        pthread_mutex_unlock(&settings->memory);
    } else {
        free(own_name);
        free(own_value);
    }
    pthread_mutex_unlock(&settings->disk);
    return done;
}
