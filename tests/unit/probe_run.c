/* SPDX-License-Identifier: Apache-2.0 */
#include "probe_run.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARGUMENTS_MAX 16

static int call(int (*command)(int argc, char **argv), const char *const *arguments)
{
    char *copies[ARGUMENTS_MAX + 1] = {NULL};
    int count = 0;
    for (; count < ARGUMENTS_MAX && arguments[count]; count++)
        copies[count] = strdup(arguments[count]);
    char *given[ARGUMENTS_MAX + 1]; /* getopt changes the order */
    memcpy(given, copies, sizeof given);
    int status = command(count, given);
    for (int i = 0; i < count; i++)
        free(copies[i]);
    return status;
}

/* Standard output goes to caught, which is then at its beginning. */
static int call_into(FILE *caught, int (*command)(int argc, char **argv), const char *const *arguments)
{
    fflush(stdout);
    int saved = caught ? dup(STDOUT_FILENO) : -1;
    int status = -1;
    if (saved >= 0 && dup2(fileno(caught), STDOUT_FILENO) >= 0) {
        status = call(command, arguments);
        fflush(stdout);
        dup2(saved, STDOUT_FILENO);
    }
    if (saved >= 0)
        close(saved);
    if (caught)
        rewind(caught);
    return status;
}

int probe_run(int (*command)(int argc, char **argv), const char *const *arguments, json_t **printed)
{
    FILE *caught = tmpfile();
    int status = call_into(caught, command, arguments);
    if (printed)
        *printed = caught ? json_loadf(caught, 0, NULL) : NULL;
    if (caught)
        fclose(caught);
    return status;
}

int probe_run_lines(int (*command)(int argc, char **argv), const char *const *arguments, json_t **lines)
{
    FILE *caught = tmpfile();
    int status = call_into(caught, command, arguments);
    *lines = json_array();
    for (json_t *line; caught && (line = json_loadf(caught, JSON_DISABLE_EOF_CHECK, NULL)) != NULL;)
        json_array_append_new(*lines, line);
    if (caught)
        fclose(caught);
    return status;
}

int probe_run_text(int (*command)(int argc, char **argv), const char *const *arguments, char *text,
                   size_t size)
{
    FILE *caught = tmpfile();
    int status = call_into(caught, command, arguments);
    text[caught ? fread(text, 1, size - 1, caught) : 0] = '\0';
    if (caught)
        fclose(caught);
    return status;
}
