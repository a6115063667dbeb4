/* SPDX-License-Identifier: Apache-2.0 */
/* Files. Any thread may call it. */
#ifndef KOKONOR_BASE_FILE_H
#define KOKONOR_BASE_FILE_H

#include "base/buffer.h"
#include "base/error.h"

/* Appends the file's bytes to buffer (its maximum bounds the file). */
bool file_read(const char *path, struct buffer *buffer, struct error *error);
/* Writes data so that path holds either the old or the whole new bytes, also after a power cut: "path.new",
 * fsync, rename, fsync of the folder. Several may write one path, in any thread or process. */
bool file_write(const char *path, const void *data, size_t size, struct error *error);
/* Creates path and its parents; existing folders are fine. */
bool file_make_folder(const char *path, struct error *error);
/* Removes a folder and all below it; links are removed, not followed. A path that does not exist is fine. */
bool file_remove_tree(const char *path, struct error *error);
/* Calls each for every regular file below folder, each folder in byte order of its names ("a/b.json"); hidden
 * files and links are passed over; at most 16 levels and 100,000 files. each returns false to stop, and
 * file_walk then returns false. */
typedef bool file_walk_fn(void *context, const char *relative_path, uint64_t size);
bool file_walk(const char *folder, file_walk_fn *each, void *context, struct error *error);
/* Writes "folder/name" to path; false where it does not fit. */
bool file_join(char *path, size_t size, const char *folder, const char *name);

#endif
