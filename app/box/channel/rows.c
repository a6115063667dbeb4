/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/rows.h"

#include "base/text.h"
#include "shell/shell.h"

#include <string.h>

void rows_restart(struct rows *rows)
{
    rows->focused[0] = 0;
    for (size_t i = 0; i < rows->count; i++)
        if (rows->items[i].node && node_focused(rows->items[i].node))
            text_copy(rows->focused, sizeof(rows->focused), rows->items[i].id);
    rows->count = 0;
}

struct row *rows_add(struct rows *rows, struct shell *shell, const char *opens, const char *id)
{
    if (rows->count == ROWS_MAX)
        return NULL;
    struct row *row = &rows->items[rows->count++];
    *row = (struct row){.shell = shell, .opens = opens};
    text_copy(row->id, sizeof(row->id), id);
    return row;
}

void rows_placed(struct rows *rows, struct row *row, struct node *node)
{
    row->node = node;
    if (!strcmp(row->id, rows->focused))
        node_focus(node);
}

void rows_open(struct node *node, void *context)
{
    (void)node;
    const struct row *row = context;
    shell_open(row->shell, row->opens, row->id);
}
