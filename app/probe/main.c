/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-probe: the engineer's eye on a transport stream, with the box's own code. */
#include "probe/analyze.h"
#include "probe/applications.h"
#include "probe/carousel.h"
#include "probe/events.h"
#include "probe/scan.h"
#include "probe/services.h"
#include "probe/tables.h"
#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    int (*function)(int argc, char **argv);
    const char *help;
};

static const struct command commands[] = {
    {"services", probe_services,
     "services SOURCE                             network, services and events, as JSON"},
    {"tables", probe_tables,
     "tables SOURCE [--pid N] [--table-id N] [--all]\n"
     "                                              every section decoded, a line of JSON each"},
    {"events", probe_events, "events SOURCE [--service N]                 the programme guide, as JSON"},
    {"applications", probe_applications,
     "applications SOURCE                         the application information tables, as JSON"},
    {"carousel", probe_carousel,
     "carousel SOURCE [--pid N] [--carousel ID] [--service N] [--output DIR]   files of an object carousel, "
     "and what is missing, as JSON"},
    {"scan", probe_scan,
     "scan [SOURCE] [--list FILE] [--tuner URL] [--network ID] [--wait S] [--json]\n"
     "                                              the channels of a cable network, from its home frequency "
     "or over a list"},
    {"analyze", probe_analyze,
     "analyze FILE|URL [--duration S] [--pcr-interval MS] [--json]\n"
     "                                              rates, continuity, PCRs and TR 101 290"},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_usage(FILE *file)
{
    fprintf(file, "usage: kokonor-probe COMMAND ...\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(file, "  %s\n", commands[i].help);
    fprintf(file, "  --version\n\nExit status: 0 found whole, 1 nothing or not all, 2 usage or I/O error.\n");
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("kokonor-probe %s\n", KOKONOR_VERSION);
        return 0;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].function(argc - 1, argv + 1);
    fprintf(stderr, "kokonor-probe: no such command: %s\n", argv[1]);
    print_usage(stderr);
    return 2;
}
