/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/folder.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool folder_open(struct folder *folder, const char *path, struct error *error)
{
    folder->path = path;
    folder->descriptor = -1;
    if (!file_make_folder(path, error))
        return false;
    folder->descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder->descriptor >= 0 || error_set(error, "%s: %s", path, strerror(errno));
}

void folder_close(struct folder *folder)
{
    if (folder->descriptor >= 0)
        close(folder->descriptor);
    folder->descriptor = -1;
}

static bool fail(const struct folder *folder, const char *relative_path, const char *reason,
                 struct error *error)
{
    return error_set(error, "%s/%s: %s", folder->path, relative_path, reason);
}

/* One step down; closes parent. -1 on failure. */
static int enter(int parent, const char *name)
{
    int child = -1;
    if (mkdirat(parent, name, 0777) == 0 || errno == EEXIST)
        child = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int reason = errno;
    close(parent);
    errno = reason;
    return child;
}

static bool write_all(int file, struct bytes data)
{
    size_t written = 0;
    while (written < data.size) {
        ssize_t size = write(file, data.data + written, data.size - written);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return false;
        written += (size_t)size;
    }
    return true;
}

/* O_EXCL follows no link, and what was there is gone before. */
static bool replace(int parent, const char *name, struct bytes data)
{
    if (unlinkat(parent, name, 0) != 0 && errno != ENOENT)
        return false;
    int file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file < 0)
        return false;
    bool good = write_all(file, data);
    int reason = errno;
    good = close(file) == 0 && good;
    if (!good)
        errno = reason;
    return good;
}

static bool name_is_safe(const char *name)
{
    return name[0] != 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

bool folder_write(const struct folder *folder, const char *relative_path, struct bytes data,
                  struct error *error)
{
    char path[PATH_MAX];
    size_t size = strlen(relative_path);
    if (size >= sizeof path)
        return fail(folder, relative_path, "path too long", error);
    memcpy(path, relative_path, size + 1);
    int parent = fcntl(folder->descriptor, F_DUPFD_CLOEXEC, 0);
    char *name = path;
    for (char *slash; parent >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
        *slash = 0;
        if (!name_is_safe(name)) {
            close(parent);
            return fail(folder, relative_path, "would lead out of the folder", error);
        }
        parent = enter(parent, name);
    }
    if (parent < 0)
        return fail(folder, relative_path, strerror(errno), error);
    bool safe = name_is_safe(name);
    bool good = safe && replace(parent, name, data);
    int reason = errno;
    close(parent);
    return good ||
           fail(folder, relative_path, safe ? strerror(reason) : "would lead out of the folder", error);
}
