/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/wanted.h"

#include "base/text.h"

#include <string.h>

static bool holds(const struct wanted *wanted, const char *path)
{
    for (size_t i = 0; i < wanted->count; i++)
        if (!strcmp(wanted->paths[i], path))
            return true;
    return false;
}

static void add(struct wanted *wanted, const char *path, size_t maximum)
{
    size_t size = strlen(path);
    if (wanted->count < maximum && size > 0 && size < WANTED_PATH_SIZE && !holds(wanted, path))
        text_copy(wanted->paths[wanted->count++], WANTED_PATH_SIZE, path);
}

void wanted_set(struct wanted *wanted, const char *const *paths, size_t count)
{
    wanted->count = 0;
    for (size_t i = 0; i < count; i++)
        add(wanted, paths[i], WANTED_MAX);
}

bool wanted_same(const struct wanted *a, const struct wanted *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = !strcmp(a->paths[i], b->paths[i]);
    return same;
}

void wanted_add_roles(struct wanted *wanted, const bool come[CONTENT_ROLES])
{
    for (int now = 0; now < 2; now++) {
        for (int role = 0; role < CONTENT_ROLES; role++)
            if (come[role] == (now == 1))
                add(wanted, content_role_str(role), DSMCC_WANTED_MAX);
    }
}

static bool is_of(const char *path, const char *directory)
{
    size_t size = strlen(directory);
    return !strncmp(path, directory, size) && (path[size] == 0 || path[size] == '/');
}

void wanted_roles(const struct wanted *wanted, enum content_role order[CONTENT_ROLES])
{
    size_t count = 0;
    bool done[CONTENT_ROLES] = {false};
    /* Behind the list, as it were, each role. */
    for (size_t i = 0; i < wanted->count + CONTENT_ROLES; i++) {
        for (int role = 0; role < CONTENT_ROLES; role++) {
            const char *directory = content_role_str(role);
            const char *path = i < wanted->count ? wanted->paths[i] : content_role_str(i - wanted->count);
            if (done[role] || !is_of(path, directory))
                continue;
            done[role] = true;
            order[count++] = role;
        }
    }
}
