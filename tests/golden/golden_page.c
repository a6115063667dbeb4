/* SPDX-License-Identifier: Apache-2.0 */
#include "golden_page.h"

#include "base/buffer.h"
#include "base/file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 4096
#define SCREENS_MAX 512
#define PAGE_MAX (1u << 20)

/* The state of a screen in the folder is a small file, NAME.screen: "differs 123" or "same 0". */
struct listed {
    char name[96];
    bool differs;
    long pixels;
};

struct list {
    const char *folder;
    struct listed screens[SCREENS_MAX];
    size_t count;
};

static void path_of(char path[PATH_SIZE], const char *folder, const char *name, const char *kind)
{
    snprintf(path, PATH_SIZE, "%s/%s.%s", folder, name, kind);
}

static bool list_one(void *context, const char *relative_path, uint64_t size)
{
    struct list *list = context;
    char path[PATH_SIZE], state[16];
    const char *end = strstr(relative_path, ".screen");
    (void)size;
    if (!end || strcmp(end, ".screen") != 0 || list->count == SCREENS_MAX)
        return true;
    struct listed *screen = &list->screens[list->count];
    snprintf(path, sizeof(path), "%s/%s", list->folder, relative_path);
    FILE *file = fopen(path, "r");
    if (!file)
        return true; /* another test has dropped it meanwhile */
    if (fscanf(file, "%15s %ld", state, &screen->pixels) == 2) {
        snprintf(screen->name, sizeof(screen->name), "%.*s", (int)(end - relative_path), relative_path);
        screen->differs = strcmp(state, "same") != 0;
        list->count++;
    }
    fclose(file);
    return true;
}

static int by_state_and_name(const void *a, const void *b)
{
    const struct listed *one = a, *other = b;
    if (one->differs != other->differs)
        return one->differs ? -1 : 1;
    return strcmp(one->name, other->name);
}

__attribute__((format(printf, 2, 3))) static void put(struct buffer *page, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    buffer_append(page, text, strlen(text));
}

static void put_picture(struct buffer *page, const char *name, const char *kind, const char *title)
{
    put(page,
        "<figure><a href=\"%s.%s.png\"><img loading=\"lazy\" src=\"%s.%s.png\" alt=\"none\"></a>"
        "<figcaption>%s</figcaption></figure>\n",
        name, kind, name, kind, title);
}

static void put_screen(struct buffer *page, const struct listed *screen)
{
    put(page, "<section class=\"%s\" id=\"%s\"><h2>%s <small>", screen->differs ? "differs" : "same",
        screen->name, screen->name);
    if (screen->pixels < 0)
        put(page, "nothing to compare with, or of another size");
    else
        put(page, "%ld pixels differ", screen->pixels);
    put(page, "</small></h2><div>\n");
    put_picture(page, screen->name, "expected", "expected");
    put_picture(page, screen->name, "actual", "found");
    put_picture(page, screen->name, "diff", "difference");
    put(page, "</div></section>\n");
}

static const char head[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Kokonor: golden pictures</title>\n"
    "<style>body{background:#101820;color:#e8eef2;font:16px sans-serif;margin:24px}"
    "section>div{display:grid;grid-template-columns:repeat(3,1fr);gap:12px}"
    "figure{margin:0}img{width:100%;display:block;background:#000}figcaption{color:#9fb3c0;padding:4px 0}"
    "h2{font-size:20px;margin:24px 0 8px}small{color:#9fb3c0;font-weight:normal}"
    ".differs h2{color:#ff8080}</style>\n";

/* Written anew as a whole; the last of several tests has seen all. */
static void write_page(const char *folder)
{
    struct list *list = calloc(1, sizeof(*list));
    struct buffer page;
    struct error error = {""};
    char path[PATH_SIZE];
    size_t differing = 0;
    if (!list)
        return;
    list->folder = folder;
    buffer_init(&page, PAGE_MAX);
    file_walk(folder, list_one, list, NULL);
    qsort(list->screens, list->count, sizeof(list->screens[0]), by_state_and_name);
    for (size_t i = 0; i < list->count; i++)
        differing += list->screens[i].differs;
    buffer_append(&page, head, sizeof(head) - 1);
    put(&page, "<h1>%zu of %zu pictures differ</h1>\n", differing, list->count);
    for (size_t i = 0; i < list->count; i++)
        put_screen(&page, &list->screens[i]);
    snprintf(path, sizeof(path), "%s/index.html", folder);
    if (list->count == 0)
        remove(path);
    else if (!file_write(path, page.data, page.size, &error))
        fprintf(stderr, "golden: %s\n", error.text);
    buffer_finish(&page);
    free(list);
}

static void save(const char *folder, const char *name, const char *kind, const struct image *image)
{
    char path[PATH_SIZE];
    struct error error = {""};
    path_of(path, folder, name, kind);
    if (!image)
        remove(path);
    else if (!image_write_png(path, image->pixels, image->width, image->height, image->width * 4, false,
                              &error))
        fprintf(stderr, "golden: %s\n", error.text);
}

void golden_page_add(const char *folder, const char *name, const struct image *expected,
                     const struct image *diff, long pixels, bool good)
{
    char path[PATH_SIZE], state[48];
    struct error error = {""};
    save(folder, name, "expected.png", expected);
    save(folder, name, "diff.png", diff);
    path_of(path, folder, name, "screen");
    int length = snprintf(state, sizeof(state), "%s %ld\n", good ? "same" : "differs", pixels);
    if (!file_write(path, state, (size_t)length, &error))
        fprintf(stderr, "golden: %s\n", error.text);
    write_page(folder);
}

void golden_page_drop(const char *folder, const char *name)
{
    static const char *const kinds[] = {"actual.png", "expected.png", "diff.png"};
    char path[PATH_SIZE];
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        path_of(path, folder, name, kinds[i]);
        remove(path);
    }
    path_of(path, folder, name, "screen");
    if (remove(path) == 0)
        write_page(folder);
}
