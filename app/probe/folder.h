/* SPDX-License-Identifier: Apache-2.0 */
/* A folder that files from outside are written below, and nowhere else: no link on the way is followed. One
 * thread. */
#ifndef KOKONOR_PROBE_FOLDER_H
#define KOKONOR_PROBE_FOLDER_H

#include "base/buffer.h"
#include "base/error.h"

struct folder {
    const char *path; /* the caller's, must outlive the folder */
    int descriptor;
};

/* Makes path where it is missing (a link in path itself is the caller's wish). On failure nothing is to be
 * closed. */
bool folder_open(struct folder *folder, const char *path, struct error *error);
void folder_close(struct folder *folder);
/* Writes relative_path ("a/b.json"), with the folders that it needs; an existing file or link of that name is
 * replaced. False, also for a path that would lead out of the folder, through a link, or onto an existing
 * folder. */
bool folder_write(const struct folder *folder, const char *relative_path, struct bytes data,
                  struct error *error);

#endif
