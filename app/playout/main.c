/* SPDX-License-Identifier: Apache-2.0 */
/* kokonor-playout: reads its command line and runs the head-end. */
#include "base/log.h"
#include "playout/ctl.h"
#include "playout/desk.h"
#include "playout/playout.h"
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_bool stop;

static void on_signal(int number)
{
    (void)number;
    atomic_store(&stop, true);
}

static void print_usage(FILE *out)
{
    fputs("usage: kokonor-playout --content FOLDER --output URL [options] [section.name=value ...]\n"
          "       kokonor-playout check FOLDER\n"
          "       kokonor-playout ctl --socket PATH status|reload|push FILE PATH|event NAME|stop\n"
          "\n"
          "Turns a content folder into a signed DVB transport stream of constant bit rate.\n"
          "\n"
          "  --content FOLDER    commerce/, credit/, community/ and channel.json\n"
          "  --output URL        udp://HOST:PORT[?interface=NAME&ttl=N], rtp://..., file:PATH, or - for "
          "standard "
          "output\n"
          "  --config FILE       settings: [mux] [live] [carousel] [publisher] [publisher.ROLE]\n"
          "  --duration SECONDS  end after so much stream; into a file as fast as it can be written\n"
          "  --state FOLDER      keeps sequences and versions over a restart\n"
          "  --control PATH      a socket for ctl, which talks to a running playout\n"
          "  --ready-file PATH   is written when the first packets are out\n"
          "  --verbose           logs more\n"
          "  --version, --help\n"
          "\n"
          "check tells every mistake in FOLDER and exits with 0 where all of it would go on air.\n",
          out);
}

enum {
    OPTION_CONTENT = 1,
    OPTION_OUTPUT,
    OPTION_CONFIG,
    OPTION_DURATION,
    OPTION_STATE,
    OPTION_READY,
    OPTION_CONTROL,
    OPTION_VERBOSE,
    OPTION_VERSION,
    OPTION_HELP
};

static const struct option long_options[] = {
    {"content", required_argument, NULL, OPTION_CONTENT},
    {"output", required_argument, NULL, OPTION_OUTPUT},
    {"config", required_argument, NULL, OPTION_CONFIG},
    {"duration", required_argument, NULL, OPTION_DURATION},
    {"state", required_argument, NULL, OPTION_STATE},
    {"control", required_argument, NULL, OPTION_CONTROL},
    {"ready-file", required_argument, NULL, OPTION_READY},
    {"verbose", no_argument, NULL, OPTION_VERBOSE},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

#define DURATION_MAX 1e9

static bool parse_duration(const char *text, double *seconds)
{
    char *end;
    *seconds = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*seconds) && *seconds > 0 && *seconds <= DURATION_MAX;
}

struct arguments {
    struct playout_options options;
    const char *config_path;
    int exit_status; /* -1: run */
};

static void take_option(struct arguments *arguments, int option)
{
    struct playout_options *options = &arguments->options;
    switch (option) {
    case OPTION_CONTENT:
        options->folder = optarg;
        break;
    case OPTION_OUTPUT:
        options->output = optarg;
        break;
    case OPTION_CONFIG:
        arguments->config_path = optarg;
        break;
    case OPTION_STATE:
        options->state = optarg;
        break;
    case OPTION_READY:
        options->ready_file = optarg;
        break;
    case OPTION_CONTROL:
        options->control = optarg;
        break;
    case OPTION_VERBOSE:
        log_set_level(LOG_LEVEL_DEBUG);
        break;
    case OPTION_DURATION:
        if (!parse_duration(optarg, &options->duration_s)) {
            fprintf(stderr, "--duration: expected seconds above 0, found \"%s\"\n", optarg);
            arguments->exit_status = 2;
        }
        break;
    case OPTION_VERSION:
        puts("kokonor-playout " KOKONOR_VERSION);
        arguments->exit_status = 0;
        break;
    case OPTION_HELP:
        print_usage(stdout);
        arguments->exit_status = 0;
        break;
    default:
        print_usage(stderr);
        arguments->exit_status = 2;
        break;
    }
}

/* The file first, then the words of the command line. */
static bool read_config(struct config *config, const char *path, char **words, int count, struct error *error)
{
    if (path && !config_load(config, path, error))
        return false;
    for (int i = 0; i < count; i++) {
        if (!config_override(config, words[i], error))
            return false;
    }
    return true;
}

static void catch_signals(void)
{
    const struct sigaction end = {.sa_handler = on_signal}, ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

static bool run(const struct playout_options *options, struct error *error)
{
    struct playout *playout = playout_create(options, error);
    bool good = playout && playout_run(playout, &stop, error);
    playout_destroy(playout);
    return good;
}

static int check(const char *folder)
{
    bool good = desk_check(folder);
    printf("%s: %s\n", folder, good ? "good" : "refused");
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.exit_status = -1};
    struct error error = {0};
    if (argc == 3 && !strcmp(argv[1], "check"))
        return check(argv[2]);
    if (argc > 1 && !strcmp(argv[1], "ctl"))
        return ctl_run(argc - 1, argv + 1);
    for (int option;
         arguments.exit_status < 0 && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;)
        take_option(&arguments, option);
    if (arguments.exit_status < 0 && (!arguments.options.folder || !arguments.options.output))
        take_option(&arguments, 0);
    if (arguments.exit_status >= 0)
        return arguments.exit_status;
    struct config *config = config_create();
    arguments.options.config = config;
    catch_signals();
    bool good = config && read_config(config, arguments.config_path, argv + optind, argc - optind, &error) &&
                run(&arguments.options, &error);
    config_destroy(config);
    if (!good)
        log_error("%s", error.text[0] ? error.text : "out of memory");
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
