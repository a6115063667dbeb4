/* SPDX-License-Identifier: Apache-2.0 */
/* Hears at once that something below a folder changed (inotify). Belongs to one thread; holds one file
 * descriptor. */
#ifndef KOKONOR_PLAYOUT_FOLDER_WATCH_H
#define KOKONOR_PLAYOUT_FOLDER_WATCH_H

#include <stdbool.h>

#define FOLDER_WATCH_FOLDERS_MAX 4096

struct folder_watch;

/* Watches folder and all below it, hidden ones excepted. NULL where the kernel cannot (its limits, a file
 * system without it, more than FOLDER_WATCH_FOLDERS_MAX folders): then only looking again helps. */
struct folder_watch *folder_watch_create(const char *folder);
void folder_watch_destroy(struct folder_watch *watch); /* NULL does nothing */
/* For poll: readable when folder_watch_take has something. */
int folder_watch_fd(const struct folder_watch *watch);

enum folder_change {
    FOLDER_SAME,
    FOLDER_WRITING, /* a file was written to and is still open */
    FOLDER_CHANGED, /* a file was closed, moved or removed, or a folder came or went */
    FOLDER_LOST     /* as FOLDER_CHANGED, and this watch hears no more of it all: make a new one */
};
/* What happened since the last call; does not wait. */
enum folder_change folder_watch_take(struct folder_watch *watch);

#endif
