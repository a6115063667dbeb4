/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/ctl.h"
#include "base/file.h"
#include "playout/control.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Checking and signing a large folder takes its time. */
#define ANSWER_TIMEOUT_MS 120000

enum { DONE = 0, REFUSED = 1, USAGE = 2 };

struct request {
    json_t *json;
    struct buffer body;
    struct error error; /* set: nothing is sent */
};

typedef bool make_fn(struct request *request, int argc, char **argv);

static bool make_plain(struct request *request, int argc, char **argv)
{
    (void)request, (void)argv;
    return argc == 1;
}

static bool make_push(struct request *request, int argc, char **argv)
{
    if (argc != 3)
        return false;
    if (file_read(argv[1], &request->body, &request->error))
        json_object_set_new(request->json, "size", json_integer((json_int_t)request->body.size));
    json_object_set_new(request->json, "path", json_string(argv[2]));
    return true;
}

static bool make_event(struct request *request, int argc, char **argv)
{
    if (argc != 2 && (argc != 4 || strcmp(argv[2], "--payload") != 0))
        return false;
    json_object_set_new(request->json, "name", json_string(argv[1]));
    if (argc == 4)
        json_object_set_new(request->json, "payload", json_string(argv[3]));
    return true;
}

static const struct {
    const char *name, *arguments, *what;
    make_fn *make;
} commands[] = {
    {"status", "", "what is on air, buffers, what was refused last", make_plain},
    {"reload", "", "read the content folder again now", make_plain},
    {"push", "FILE PATH", "put FILE into the content folder and on air, if it is good", make_push},
    {"event", "NAME [--payload TEXT]", "make a stream event happen now", make_event},
    {"stop", "", "end", make_plain},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int print_usage(FILE *out)
{
    fputs("usage: kokonor-playout ctl --socket PATH COMMAND\n\n", out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %s %-*s %s\n", commands[i].name, 24 - (int)strlen(commands[i].name),
                commands[i].arguments, commands[i].what);
    return out == stdout ? DONE : USAGE;
}

static int print_answer(const json_t *answer)
{
    char *text = json_dumps(answer, JSON_INDENT(2));
    bool good = json_is_true(json_object_get(answer, "ok"));
    if (text)
        puts(text);
    free(text);
    return good ? DONE : REFUSED;
}

static int ask(const char *socket, make_fn *make, int argc, char **argv)
{
    struct request request = {.json = json_pack("{s:s}", "command", argv[0])};
    int status = USAGE;
    buffer_init(&request.body, CONTROL_BODY_MAX);
    if (!request.json || !make(&request, argc, argv)) {
        print_usage(stderr);
    } else {
        json_t *answer = NULL;
        if (!request.error.text[0])
            answer = control_ask(socket, request.json, buffer_view(&request.body), ANSWER_TIMEOUT_MS,
                                 &request.error);
        if (!answer)
            fprintf(stderr, "kokonor-playout: %s\n", request.error.text);
        status = answer ? print_answer(answer) : REFUSED;
        json_decref(answer);
    }
    json_decref(request.json);
    buffer_finish(&request.body);
    return status;
}

int ctl_run(int argc, char **argv)
{
    static const struct option options[] = {
        {"socket", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    const char *socket = NULL;
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
        if (option == 'h')
            return print_usage(stdout);
        if (option != 's')
            return print_usage(stderr);
        socket = optarg;
    }
    for (size_t i = 0; socket && optind < argc && i < COMMANDS; i++) {
        if (!strcmp(argv[optind], commands[i].name))
            return ask(socket, commands[i].make, argc - optind, argv + optind);
    }
    return print_usage(stderr);
}
