/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/folder_watch.h"
#include "base/file.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define LEVELS_MAX 16 /* as file_walk */
#define EVENTS                                                                                               \
    (IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF |     \
     IN_MOVE_SELF | IN_ONLYDIR)

struct folder_watch {
    int fd;
    unsigned folders;
};

static bool add_folder(struct folder_watch *watch, const char *path, unsigned level);

static bool add_below(struct folder_watch *watch, DIR *directory, const char *path, unsigned level)
{
    const struct dirent *entry;
    bool good = true;
    while (good && (entry = readdir(directory))) {
        char child[PATH_SIZE];
        struct stat status;
        if (entry->d_name[0] == '.' || !file_join(child, sizeof(child), path, entry->d_name) ||
            lstat(child, &status) < 0 || !S_ISDIR(status.st_mode))
            continue;
        good = add_folder(watch, child, level + 1);
    }
    return good;
}

/* A folder that is gone meanwhile is no failure: its parent tells. */
static bool add_folder(struct folder_watch *watch, const char *path, unsigned level)
{
    if (level > LEVELS_MAX)
        return true;
    if (++watch->folders > FOLDER_WATCH_FOLDERS_MAX)
        return false;
    if (inotify_add_watch(watch->fd, path, EVENTS) < 0)
        return level > 0 && (errno == ENOENT || errno == ENOTDIR);
    DIR *directory = opendir(path);
    if (!directory)
        return level > 0;
    bool good = add_below(watch, directory, path, level);
    closedir(directory);
    return good;
}

struct folder_watch *folder_watch_create(const char *folder)
{
    struct folder_watch *watch = calloc(1, sizeof(*watch));
    if (!watch)
        return NULL;
    watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch->fd >= 0 && add_folder(watch, folder, 0))
        return watch;
    folder_watch_destroy(watch);
    return NULL;
}

void folder_watch_destroy(struct folder_watch *watch)
{
    if (!watch)
        return;
    if (watch->fd >= 0)
        close(watch->fd);
    free(watch);
}

int folder_watch_fd(const struct folder_watch *watch)
{
    return watch->fd;
}

static enum folder_change kind_of(uint32_t mask)
{
    if (mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED) || mask & IN_ISDIR)
        return FOLDER_LOST;
    /* What was only created is written to or closed next; a link into the folder is a creation, too. */
    return mask & (IN_MODIFY | IN_CREATE) ? FOLDER_WRITING : FOLDER_CHANGED;
}

enum folder_change folder_watch_take(struct folder_watch *watch)
{
    union {
        struct inotify_event event;
        char bytes[16384];
    } space;
    enum folder_change change = FOLDER_SAME;
    for (ssize_t size; (size = read(watch->fd, space.bytes, sizeof(space.bytes))) > 0;) {
        for (size_t at = 0; at + sizeof(struct inotify_event) <= (size_t)size;) {
            struct inotify_event event;
            memcpy(&event, space.bytes + at, sizeof(event));
            at += sizeof(event) + event.len;
            enum folder_change kind = kind_of(event.mask);
            /* The last word counts between writing and closed: another file may still be open then, which
             * its next write tells. */
            if (kind == FOLDER_LOST || change != FOLDER_LOST)
                change = kind;
        }
    }
    return change;
}
