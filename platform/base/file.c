/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define WALK_DEPTH_MAX 16
#define WALK_FILES_MAX 100000

bool file_join(char *path, size_t size, const char *folder, const char *name)
{
    int length = snprintf(path, size, "%s/%s", folder, name);
    return length >= 0 && (size_t)length < size;
}

bool file_read(const char *path, struct buffer *buffer, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(error, "%s: cannot be opened: %s", path, strerror(errno));
    uint8_t chunk[16384];
    ssize_t got;
    while ((got = read(fd, chunk, sizeof(chunk))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        buffer_append(buffer, chunk, (size_t)got);
        if (buffer->failed)
            break;
    }
    int why = errno;
    close(fd);
    if (buffer->failed)
        return error_set(error, "%s: larger than the %zu bytes allowed", path, buffer->maximum);
    return got == 0 || error_set(error, "%s: cannot be read: %s", path, strerror(why));
}

static bool write_all(int fd, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

static void sync_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    int fd = open(folder[0] ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* The file to write to, empty and this writer's alone; -1: errno says why. Always of one name, so that power
 * cuts leave one behind at most. */
static int open_temporary(const char *path)
{
    for (;;) {
        struct stat opened, named;
        int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
        if (fd < 0)
            return -1;
        while (flock(fd, LOCK_EX) < 0 && errno == EINTR) {
        }
        /* Who had it before may have given it its name, or removed it. */
        bool same = fstat(fd, &opened) == 0 && lstat(path, &named) == 0 && opened.st_ino == named.st_ino &&
                    opened.st_dev == named.st_dev;
        if (same && ftruncate(fd, 0) == 0)
            return fd;
        int why = errno;
        close(fd);
        errno = why;
        if (same)
            return -1;
    }
}

bool file_write(const char *path, const void *data, size_t size, struct error *error)
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof(temporary), "%s.new", path);
    if (length < 0 || (size_t)length >= sizeof(temporary))
        return error_set(error, "%s: the path is too long", path);
    int fd = open_temporary(temporary);
    if (fd < 0)
        return error_set(error, "%s: cannot be created: %s", temporary, strerror(errno));
    bool ok = write_all(fd, data, size) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    ok = ok && rename(temporary, path) == 0;
    int why = errno;
    if (!ok)
        unlink(temporary); /* while it is still locked */
    close(fd);
    if (!ok) {
        return error_set(error, "%s: cannot be written: %s", path, strerror(why));
    }
    sync_folder_of(path);
    return true;
}

bool file_make_folder(const char *path, struct error *error)
{
    char part[PATH_MAX];
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof(part))
        return error_set(error, "\"%s\": not a path", path);
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (part[i] != '/' && part[i] != 0)
            continue;
        char kept = part[i];
        part[i] = 0;
        if (mkdir(part, 0755) < 0 && errno != EEXIST)
            return error_set(error, "%s: cannot be made: %s", part, strerror(errno));
        part[i] = kept;
    }
    struct stat status;
    if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
        return error_set(error, "%s: not a folder", path);
    return true;
}

static bool remove_below(int parent, const char *name, int depth)
{
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
        return true;
    if (depth == 64)
        return false;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (!folder) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool ok = true;
    for (struct dirent *entry; ok && (entry = readdir(folder));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ok = remove_below(fd, entry->d_name, depth + 1);
    closedir(folder);
    return ok && unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

bool file_remove_tree(const char *path, struct error *error)
{
    return remove_below(AT_FDCWD, path, 0) ||
           error_set(error, "%s: cannot be removed: %s", path, strerror(errno));
}

struct walk {
    file_walk_fn *each;
    void *context;
    struct error *error;
    const char *root;
    size_t files;
};

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool walk_folder(struct walk *walk, const char *relative, int depth);

static bool walk_entry(struct walk *walk, const char *relative, const char *name, int depth)
{
    char path[PATH_MAX], below[PATH_MAX];
    if (*relative ? !file_join(below, sizeof(below), relative, name)
                  : snprintf(below, sizeof(below), "%s", name) >= (int)sizeof(below))
        return error_set(walk->error, "%s/%s: the path is too long", walk->root, relative);
    if (!file_join(path, sizeof(path), walk->root, below))
        return error_set(walk->error, "%s/%s: the path is too long", walk->root, below);
    struct stat status;
    if (lstat(path, &status) < 0)
        return error_set(walk->error, "%s: %s", path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return walk_folder(walk, below, depth + 1);
    if (!S_ISREG(status.st_mode))
        return true;
    if (++walk->files > WALK_FILES_MAX)
        return error_set(walk->error, "%s: more than %d files", walk->root, WALK_FILES_MAX);
    return walk->each(walk->context, below, (uint64_t)status.st_size);
}

static bool walk_folder(struct walk *walk, const char *relative, int depth)
{
    char path[PATH_MAX];
    if (depth > WALK_DEPTH_MAX)
        return error_set(walk->error, "%s/%s: folders nested too deep", walk->root, relative);
    if (*relative ? !file_join(path, sizeof(path), walk->root, relative)
                  : snprintf(path, sizeof(path), "%s", walk->root) >= (int)sizeof(path))
        return error_set(walk->error, "%s/%s: the path is too long", walk->root, relative);
    struct dirent **entries;
    int count = scandir(path, &entries, not_hidden, by_bytes);
    if (count < 0)
        return error_set(walk->error, "%s: cannot be listed: %s", path, strerror(errno));
    bool ok = true;
    for (int i = 0; i < count; i++) {
        ok = ok && walk_entry(walk, relative, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

bool file_walk(const char *folder, file_walk_fn *each, void *context, struct error *error)
{
    struct walk walk = {.each = each, .context = context, .error = error, .root = folder};
    return walk_folder(&walk, "", 0);
}
