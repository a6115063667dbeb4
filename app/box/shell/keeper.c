/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/keeper.h"

#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct keeper {
    uv_work_t work;
    uv_loop_t *loop;
    struct settings *settings;
    const char *name;
    char wanted[64], writing[64]; /* writing belongs to the worker while busy */
    bool busy, orphan;            /* orphan: the owner is gone, the last write frees it */
};

static void write_value(uv_work_t *work)
{
    struct keeper *keeper = work->data;
    struct error error;
    if (!settings_set(keeper->settings, keeper->name, keeper->writing, &error))
        log_warning("setting %s is not kept: %s", keeper->name, error.text);
}

static void written(uv_work_t *work, int status);

static void start(struct keeper *keeper)
{
    memcpy(keeper->writing, keeper->wanted, sizeof(keeper->writing));
    keeper->work.data = keeper;
    keeper->busy = uv_queue_work(keeper->loop, &keeper->work, write_value, written) == 0;
}

static void written(uv_work_t *work, int status)
{
    (void)status;
    struct keeper *keeper = work->data;
    keeper->busy = false;
    if (strcmp(keeper->writing, keeper->wanted))
        start(keeper);
    if (keeper->orphan && !keeper->busy)
        free(keeper);
}

void keeper_set(struct keeper *keeper, const char *value)
{
    if (!keeper)
        return;
    text_copy(keeper->wanted, sizeof(keeper->wanted), value);
    if (!keeper->busy)
        start(keeper);
}

struct keeper *keeper_create(uv_loop_t *loop, struct settings *settings, const char *name)
{
    struct keeper *keeper = calloc(1, sizeof(*keeper));
    if (keeper)
        *keeper = (struct keeper){.loop = loop, .settings = settings, .name = name};
    return keeper;
}

void keeper_destroy(struct keeper *keeper)
{
    if (keeper && keeper->busy)
        keeper->orphan = true;
    else
        free(keeper);
}
