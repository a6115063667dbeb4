/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config.h"
#include "base/file.h"
#include "base/log.h"
#include "gateway/import.h"
#include "gateway/ledger.h"
#include "gateway/lifecycle.h"
#include "gateway/server.h"
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 1024, ARGUMENTS_MAXIMUM = 64, GRACE_MS = 10000, ORDERS_LISTED = 1000 };

static const char usage[] =
    "kokonor-gateway COMMAND [--config FILE] [--database FILE] [--set section.name=value] ...\n"
    "\n"
    "  serve [--port-file FILE]              answer boxes over HTTPS until SIGTERM\n"
    "  import --content FOLDER [--reset-stock]\n"
    "                                        put the products of FOLDER/commerce/catalogue on sale\n"
    "  subscriber add --box ID --name NAME --address ADDRESS --phone PHONE\n"
    "  subscriber suspend|resume --box ID\n"
    "  order list                            one JSON object a line, newest first\n"
    "  order show NUMBER\n"
    "  order set-state NUMBER STATE\n"
    "  help, version\n"
    "\n"
    "Settings, section [gateway]: listen (127.0.0.1), port (8443; 0: any free), port_file, certificate, "
    "key,\n"
    "client_ca, database, threads (4), connections (1000), connections_per_address (100), idle_s (30).\n";

struct arguments {
    struct config *config;
    char *words[ARGUMENTS_MAXIMUM]; /* what is neither an option nor its value */
    int word_count;
    const char *content, *box, *name, *address, *phone;
    bool reset_stock;
};

static bool set_value(struct config *config, const char *name, const char *value, struct error *error)
{
    char assignment[PATH_SIZE + 64];
    if (snprintf(assignment, sizeof assignment, "%s=%s", name, value) >= (int)sizeof assignment) {
        return error_set(error, "%s: the value is too long", name);
    }
    return config_override(config, assignment, error);
}

/* A path given on the command line is relative to the working folder, one in the file to the file. */
static bool set_path(struct config *config, const char *name, const char *path, struct error *error)
{
    char absolute[PATH_SIZE], here[PATH_SIZE];
    if (path[0] == '/') {
        return set_value(config, name, path, error);
    }
    char *folder = realpath(".", NULL);
    bool good = folder && snprintf(here, sizeof here, "%s", folder) < (int)sizeof here;
    free(folder);
    return (good && file_join(absolute, sizeof absolute, here, path) &&
            set_value(config, name, absolute, error)) ||
           error_set(error, "%s: the path is too long", path);
}

static bool take_option(struct arguments *arguments, const char *option, const char *value,
                        struct error *error)
{
    const struct {
        const char *option;
        const char **to;
    } texts[] = {{"--content", &arguments->content},
                 {"--box", &arguments->box},
                 {"--name", &arguments->name},
                 {"--address", &arguments->address},
                 {"--phone", &arguments->phone}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (strcmp(texts[i].option, option) == 0) {
            *texts[i].to = value;
            return true;
        }
    }
    if (strcmp(option, "--config") == 0) {
        return true; /* read first, so that the others override it */
    }
    if (strcmp(option, "--set") == 0) {
        return config_override(arguments->config, value, error);
    }
    if (strcmp(option, "--database") == 0) {
        return set_path(arguments->config, "gateway.database", value, error);
    }
    if (strcmp(option, "--port-file") == 0) {
        return set_path(arguments->config, "gateway.port_file", value, error);
    }
    return error_set(error, "%s is not known", option);
}

static bool load_config(struct arguments *arguments, int count, char **words, struct error *error)
{
    for (int i = 0; i + 1 < count; i++) {
        if (strcmp(words[i], "--config") == 0 && !config_load(arguments->config, words[i + 1], error)) {
            return false;
        }
    }
    return true;
}

static bool parse(struct arguments *arguments, int count, char **words, struct error *error)
{
    if (count > ARGUMENTS_MAXIMUM) {
        return error_set(error, "more than %d arguments", ARGUMENTS_MAXIMUM);
    }
    if (!load_config(arguments, count, words, error)) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        if (strncmp(words[i], "--", 2) != 0) {
            arguments->words[arguments->word_count++] = words[i];
        } else if (strcmp(words[i], "--reset-stock") == 0) {
            arguments->reset_stock = true;
        } else if (i + 1 >= count) {
            return error_set(error, "%s needs a value", words[i]);
        } else if (!take_option(arguments, words[i], words[i + 1], error)) {
            return false;
        } else {
            i++;
        }
    }
    return true;
}

/* --- commands
 * ---------------------------------------------------------------------------------------------------------------
 */

static struct ledger *open_ledger(const struct arguments *arguments, struct error *error)
{
    char path[PATH_SIZE];
    if (!config_path(arguments->config, "gateway", "database", path, sizeof path)) {
        error_set(error, "no database is named: --database FILE, or database in [gateway]");
        return NULL;
    }
    return ledger_open(path, error);
}

static void kill_at(void *context, const char *name)
{
    if (strcmp(name, context) == 0) {
        raise(SIGKILL);
    }
}

/* [test] crash_after = before_commit | commit: killed at that step of the first order. lose_replies = N: so
 * many orders are done and not answered. For the system tests alone. */
static unsigned prepare_faults(const struct config *config, struct ledger *ledger)
{
    const char *crash = config_string(config, "test", "crash_after", "");
    unsigned lose = (unsigned)config_integer(config, "test", "lose_replies", 0, 0, 1000);
    if (crash[0] || lose) {
        log_warning("faults for tests are on: crash_after \"%s\", lose_replies %u", crash, lose);
    }
    if (crash[0]) {
        ledger_on_step(ledger, kill_at, (void *)crash);
    }
    return lose;
}

static struct server *start(const struct config *config, struct ledger *ledger, struct error *error)
{
    char certificate[PATH_SIZE] = "", key[PATH_SIZE] = "", client_ca[PATH_SIZE] = "";
    config_path(config, "gateway", "certificate", certificate, sizeof certificate);
    config_path(config, "gateway", "key", key, sizeof key);
    config_path(config, "gateway", "client_ca", client_ca, sizeof client_ca);
    const struct server_options options = {
        .address = config_string(config, "gateway", "listen", "127.0.0.1"),
        .port = (int)config_integer(config, "gateway", "port", 8443, 0, 65535),
        .certificate_path = certificate,
        .key_path = key,
        .client_ca_path = client_ca,
        .threads = (unsigned)config_integer(config, "gateway", "threads", 4, 1, 64),
        .connections = (unsigned)config_integer(config, "gateway", "connections", 1000, 1, 100000),
        .connections_per_address =
            (unsigned)config_integer(config, "gateway", "connections_per_address", 100, 1, 100000),
        .idle_s = (unsigned)config_integer(config, "gateway", "idle_s", 30, 1, 3600),
        .lose_replies = prepare_faults(config, ledger),
    };
    return server_start(ledger, &options, error);
}

static bool write_port(const struct config *config, int port, struct error *error)
{
    char path[PATH_SIZE], text[16];
    if (!config_path(config, "gateway", "port_file", path, sizeof path)) {
        return true;
    }
    return file_write(path, text, (size_t)snprintf(text, sizeof text, "%d\n", port), error);
}

static bool serve(struct arguments *arguments, struct error *error)
{
    sigset_t signals;
    int signal_number = 0;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* in the server's threads too: they come to sigwait */
    signal(SIGPIPE, SIG_IGN);
    struct ledger *ledger = open_ledger(arguments, error);
    struct server *server = ledger ? start(arguments->config, ledger, error) : NULL;
    bool good = server && write_port(arguments->config, server_port(server), error);
    if (good) {
        log_info("answering on %s port %d",
                 config_string(arguments->config, "gateway", "listen", "127.0.0.1"), server_port(server));
        sigwait(&signals, &signal_number);
        log_info("stopping: finishing what was begun");
    }
    server_stop(server, GRACE_MS);
    ledger_close(ledger);
    return good;
}

static bool import(struct arguments *arguments, struct error *error)
{
    size_t count = 0;
    if (!arguments->content) {
        return error_set(error, "import needs --content FOLDER");
    }
    struct ledger *ledger = open_ledger(arguments, error);
    bool good = ledger && import_content(ledger, arguments->content, arguments->reset_stock, &count, error);
    if (good) {
        printf("%zu products on sale\n", count);
    }
    ledger_close(ledger);
    return good;
}

static bool subscriber(struct arguments *arguments, struct error *error)
{
    const char *verb = arguments->word_count == 2 ? arguments->words[1] : "";
    bool add = strcmp(verb, "add") == 0, resume = strcmp(verb, "resume") == 0;
    if (!add && !resume && strcmp(verb, "suspend") != 0) {
        return error_set(error, "subscriber: expected add, suspend or resume");
    }
    if (!arguments->box || (add && (!arguments->name || !arguments->address || !arguments->phone))) {
        return error_set(error, add ? "subscriber add needs --box, --name, --address and --phone"
                                    : "subscriber needs --box");
    }
    struct ledger *ledger = open_ledger(arguments, error);
    bool good = ledger && (add ? ledger_add_subscriber(ledger, arguments->box, arguments->name,
                                                       arguments->address, arguments->phone, error)
                               : ledger_set_subscriber(ledger, arguments->box, resume, error));
    ledger_close(ledger);
    return good;
}

static bool run_order(struct ledger *ledger, const struct arguments *arguments, struct error *error)
{
    char *const *words = arguments->words + 1;
    int count = arguments->word_count - 1;
    if (count == 1 && strcmp(words[0], "list") == 0) {
        return ledger_print_orders(ledger, ORDERS_LISTED, stdout, error);
    }
    if (count == 2 && strcmp(words[0], "show") == 0) {
        return ledger_print_order(ledger, words[1], stdout, error);
    }
    if (count == 3 && strcmp(words[0], "set-state") == 0) {
        return lifecycle_is_state(words[2]) ? ledger_set_state(ledger, words[1], words[2], error)
                                            : error_set(error, "\"%s\" is no state of an order", words[2]);
    }
    return error_set(error, "order: expected list, show NUMBER or set-state NUMBER STATE");
}

static bool order(struct arguments *arguments, struct error *error)
{
    struct ledger *ledger = open_ledger(arguments, error);
    bool good = ledger && run_order(ledger, arguments, error);
    ledger_close(ledger);
    return good;
}

static bool help(struct arguments *arguments, struct error *error)
{
    (void)arguments;
    (void)error;
    return fputs(usage, stdout) >= 0;
}

static bool version(struct arguments *arguments, struct error *error)
{
    (void)arguments;
    (void)error;
    return puts("kokonor-gateway " KOKONOR_VERSION) >= 0;
}

static const struct {
    const char *name;
    bool (*run)(struct arguments *arguments, struct error *error);
} commands[] = {{"serve", serve}, {"import", import}, {"subscriber", subscriber},
                {"order", order}, {"help", help},     {"version", version}};

static bool run(struct arguments *arguments, struct error *error)
{
    for (size_t i = 0; arguments->word_count > 0 && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, arguments->words[0]) == 0) {
            return commands[i].run(arguments, error);
        }
    }
    fputs(usage, stderr);
    return error_set(error, "expected a command");
}

int main(int argc, char **argv)
{
    struct error error = {""};
    struct arguments arguments = {.config = config_create()};
    bool good = arguments.config && parse(&arguments, argc - 1, argv + 1, &error) && run(&arguments, &error);
    if (!good) {
        fprintf(stderr, "kokonor-gateway: %s\n", error.text[0] ? error.text : "no memory");
    }
    config_destroy(arguments.config);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
