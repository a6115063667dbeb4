/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/analyze.h"
#include "base/clock.h"
#include "probe/signal.h"
#include "probe/source.h"
#include "ts/monitor.h"
#include "tuner/tuner.h"
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum status { STATUS_CLEAN, STATUS_ERRORS, STATUS_FAILED };

#define LIVE_DURATION_S 10
#define DURATION_MAX_S (31 * 24 * 3600)
#define POLL_MS 100

struct arguments {
    const char *input;
    int64_t duration_us; /* 0: not given */
    unsigned pcr_interval_ms;
    bool json;
};

struct analysis {
    const struct arguments *arguments;
    struct ts_demux *demux;
    struct ts_monitor *monitor;
    struct tuner *tuner; /* NULL: a file */
    int64_t duration_us; /* watched: stream time of a file, else by the clock */
};

static bool fail(const char *reason)
{
    fprintf(stderr, "kokonor-probe analyze: %s\n", reason);
    return false;
}

static bool fail_usage(const char *reason)
{
    fail(reason);
    fprintf(stderr,
            "usage: kokonor-probe analyze FILE|URL [--duration SECONDS] [--pcr-interval MS] [--json]\n");
    return false;
}

static bool parse_number(const char *text, double maximum, double *number)
{
    char *end;
    errno = 0;
    *number = strtod(text, &end);
    return errno == 0 && end != text && *end == 0 && *number > 0 && *number <= maximum;
}

static bool parse_arguments(int argc, char **argv, struct arguments *arguments)
{
    static const struct option options[] = {{"duration", required_argument, NULL, 'd'},
                                            {"pcr-interval", required_argument, NULL, 'p'},
                                            {"json", no_argument, NULL, 'j'},
                                            {0}};
    double number;
    *arguments = (struct arguments){0};
    optind = 0; /* GNU: from the start, also when called again */
    opterr = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'j') {
            arguments->json = true;
        } else if (option == 'd') {
            if (!parse_number(optarg, DURATION_MAX_S, &number))
                return fail_usage("--duration: expected seconds");
            arguments->duration_us = (int64_t)(number * 1e6);
        } else if (option == 'p') {
            if (!parse_number(optarg, 10000, &number) || number < 1)
                return fail_usage("--pcr-interval: expected 1 to 10000 milliseconds");
            arguments->pcr_interval_ms = (unsigned)number;
        } else {
            return fail_usage("unknown option, or one without its value");
        }
    }
    if (argc - optind != 1)
        return fail_usage("expected one FILE or URL");
    arguments->input = argv[optind];
    return true;
}

static bool read_file(struct analysis *analysis, uint8_t *bytes)
{
    const struct arguments *arguments = analysis->arguments;
    FILE *file = fopen(arguments->input, "rb");
    bool good = file != NULL;
    for (size_t got; good && (got = fread(bytes, 1, TUNER_READ_SIZE, file)) > 0;) {
        ts_demux_push(analysis->demux, bytes, got);
        if (arguments->duration_us && ts_monitor_time_us(analysis->monitor) >= arguments->duration_us)
            break;
    }
    good = good && !ferror(file);
    if (!good)
        fprintf(stderr, "kokonor-probe analyze: %s: %s\n", arguments->input, strerror(errno));
    if (file)
        fclose(file);
    ts_monitor_finish(analysis->monitor);
    analysis->duration_us = ts_monitor_time_us(analysis->monitor);
    return good;
}

/* One look at the tuner. False: the end, or an error, which *good tells. */
static bool read_once(struct analysis *analysis, uint8_t *bytes, bool *good)
{
    struct pollfd fd = {.fd = tuner_fd(analysis->tuner), .events = POLLIN};
    if (poll(&fd, 1, POLL_MS) < 0 && errno != EINTR)
        return *good = fail(strerror(errno));
    ssize_t got = tuner_read(analysis->tuner, bytes, TUNER_READ_SIZE);
    ts_monitor_arrive(analysis->monitor, clock_monotonic_us());
    if (got > 0)
        ts_demux_push(analysis->demux, bytes, (size_t)got);
    if (got < 0 && errno != EAGAIN)
        return *good = fail(strerror(errno));
    return got != 0;
}

static bool watch(struct analysis *analysis, uint8_t *bytes)
{
    const struct arguments *arguments = analysis->arguments;
    int64_t length_us = arguments->duration_us ? arguments->duration_us : INT64_C(1000000) * LIVE_DURATION_S;
    struct error error = {0};
    analysis->tuner = tuner_open(arguments->input, &error);
    if (!analysis->tuner)
        return fail(error.text);
    bool good = true;
    int64_t start_us = clock_monotonic_us();
    while (clock_monotonic_us() - start_us < length_us && read_once(analysis, bytes, &good))
        ;
    analysis->duration_us = clock_monotonic_us() - start_us;
    ts_monitor_arrive(analysis->monitor, start_us + analysis->duration_us);
    ts_monitor_finish(analysis->monitor);
    return good;
}

static uint64_t errors_of_priority(const struct ts_monitor *monitor, int priority)
{
    uint64_t errors = 0;
    for (int check = 0; check < TS_MONITOR_CHECK_COUNT; check++) {
        struct ts_monitor_result result;
        ts_monitor_result(monitor, check, &result);
        errors += ts_monitor_check_priority(check) == priority ? result.errors : 0;
    }
    return errors;
}

static int64_t bit_rate(const struct analysis *analysis, uint64_t packets)
{
    if (analysis->duration_us <= 0)
        return -1;
    return (int64_t)((double)packets * TS_PACKET_SIZE * 8 * 1e6 / (double)analysis->duration_us + 0.5);
}

static json_t *number_or_null(int64_t number)
{
    return number < 0 ? json_null() : json_integer(number);
}

static json_t *describe_transport(const struct ts_demux_counts *counts)
{
    const struct {
        const char *name;
        uint64_t count;
    } kinds[] = {
        {"bytes_skipped", counts->bytes_skipped},
        {"sync_losses", counts->sync_losses},
        {"sync_byte_errors", counts->sync_byte_errors},
        {"transport_errors", counts->transport_errors},
        {"bad_headers", counts->bad_headers},
        {"scrambled", counts->scrambled},
        {"duplicates", counts->duplicates},
        {"continuity_errors", counts->continuity_errors},
        {"discontinuities", counts->discontinuities},
        {"bad_sections", counts->bad_sections},
    };
    json_t *transport = json_object();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        json_object_set_new(transport, kinds[i].name, json_integer((json_int_t)kinds[i].count));
    return transport;
}

static json_t *describe_pids(const struct analysis *analysis)
{
    json_t *pids = json_array();
    for (uint16_t pid = 0; pid < TS_PID_COUNT; pid++) {
        struct ts_pid_counts counts;
        if (!ts_demux_pid_counts(analysis->demux, pid, &counts))
            continue;
        json_array_append_new(
            pids,
            json_pack("{s:i, s:s, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "pid", (int)pid, "role",
                      ts_monitor_pid_role(analysis->monitor, pid), "packets", (json_int_t)counts.packets,
                      "bytes", (json_int_t)(counts.packets * TS_PACKET_SIZE), "bit_rate",
                      number_or_null(bit_rate(analysis, counts.packets)), "continuity_errors",
                      (json_int_t)counts.continuity_errors, "duplicates", (json_int_t)counts.duplicates,
                      "scrambled", (json_int_t)counts.scrambled, "transport_errors",
                      (json_int_t)counts.transport_errors, "discontinuities",
                      (json_int_t)counts.discontinuities, "crc_errors", (json_int_t)counts.crc_errors));
    }
    return pids;
}

static json_t *describe_pcrs(const struct ts_monitor *monitor)
{
    json_t *pcrs = json_array();
    struct ts_monitor_pcr pcr;
    for (size_t i = 0; ts_monitor_pcr(monitor, i, &pcr); i++)
        json_array_append_new(
            pcrs, json_pack("{s:i, s:I, s:I, s:f, s:f, s:b, s:o, s:o}", "pid", (int)pcr.pid, "count",
                            (json_int_t)pcr.count, "discontinuities", (json_int_t)pcr.discontinuities,
                            "interval_mean_ms", (double)pcr.interval_mean_us / 1000, "interval_max_ms",
                            (double)pcr.interval_max_us / 1000, "constant_rate", pcr.constant_rate,
                            "jitter_max_ns", number_or_null(pcr.constant_rate ? pcr.accuracy_max_ns : -1),
                            "inaccurate", number_or_null(pcr.constant_rate ? (int64_t)pcr.inaccurate : -1)));
    return pcrs;
}

static json_t *describe_checks(const struct ts_monitor *monitor)
{
    json_t *checks = json_array();
    for (int check = 0; check < TS_MONITOR_CHECK_COUNT; check++) {
        struct ts_monitor_result result;
        ts_monitor_result(monitor, check, &result);
        bool has = result.errors > 0;
        json_array_append_new(checks,
                              json_pack("{s:s, s:s, s:i, s:b, s:I, s:o, s:o, s:o, s:s?}", "number",
                                        ts_monitor_check_number(check), "name", ts_monitor_check_str(check),
                                        "priority", ts_monitor_check_priority(check), "measured",
                                        result.measured, "errors", (json_int_t)result.errors, "first_s",
                                        has ? json_real((double)result.first_us / 1e6) : json_null(),
                                        "last_s", has ? json_real((double)result.last_us / 1e6) : json_null(),
                                        "last_pid", number_or_null(has ? result.last_pid : -1),
                                        "not_measured", ts_monitor_not_measured(monitor, check)));
    }
    return json_pack("{s:b, s:b, s:o}", "priority_1_clean", errors_of_priority(monitor, 1) == 0,
                     "priority_2_clean", errors_of_priority(monitor, 2) == 0, "checks", checks);
}

/* null for a file, and for tuners that know nothing. */
static json_t *describe_tuner(struct tuner *tuner)
{
    struct tuner_status status;
    return probe_describe_signal(tuner && tuner_status(tuner, &status), &status);
}

static json_t *describe(const struct analysis *analysis, const struct ts_demux_counts *counts)
{
    return json_pack(
        "{s:o, s:I, s:I, s:f, s:o, s:o, s:o, s:o, s:o, s:o}", "input", probe_text(analysis->arguments->input),
        "packet_size", (json_int_t)ts_demux_stride(analysis->demux), "packets", (json_int_t)counts->packets,
        "duration_s", (double)analysis->duration_us / 1e6, "bit_rate",
        number_or_null(bit_rate(analysis, counts->packets)), "transport", describe_transport(counts), "pids",
        describe_pids(analysis), "pcr", describe_pcrs(analysis->monitor), "tr_101_290",
        describe_checks(analysis->monitor), "tuner", describe_tuner(analysis->tuner));
}

static void print_pids(const struct analysis *analysis)
{
    printf("\n   PID  role        packets     bit/s  continuity  duplicates  scrambled  errored\n");
    for (uint16_t pid = 0; pid < TS_PID_COUNT; pid++) {
        struct ts_pid_counts counts;
        if (ts_demux_pid_counts(analysis->demux, pid, &counts))
            printf("0x%04X  %-7s %11" PRIu64 " %9" PRId64 " %11" PRIu64 " %11" PRIu64 " %10" PRIu64
                   " %8" PRIu64 "\n",
                   (unsigned)pid, ts_monitor_pid_role(analysis->monitor, pid), counts.packets,
                   bit_rate(analysis, counts.packets), counts.continuity_errors, counts.duplicates,
                   counts.scrambled, counts.transport_errors);
    }
}

static void print_text(const struct analysis *analysis, const struct ts_demux_counts *counts)
{
    printf("%s: %" PRIu64 " packets of %zu bytes, %.3f s, %" PRId64 " bit/s\n", analysis->arguments->input,
           counts->packets, ts_demux_stride(analysis->demux), (double)analysis->duration_us / 1e6,
           bit_rate(analysis, counts->packets));
    print_pids(analysis);
    printf("\n   PID     PCRs  mean ms   max ms  jitter ns\n");
    struct ts_monitor_pcr pcr;
    for (size_t i = 0; ts_monitor_pcr(analysis->monitor, i, &pcr); i++) {
        printf("0x%04X %8" PRIu64 " %8.1f %8.1f", (unsigned)pcr.pid, pcr.count,
               (double)pcr.interval_mean_us / 1000, (double)pcr.interval_max_us / 1000);
        if (pcr.constant_rate)
            printf(" %10" PRId64 "\n", pcr.accuracy_max_ns);
        else
            printf("  not of constant rate\n");
    }
    printf("\nTR 101 290\n");
    for (int check = 0; check < TS_MONITOR_CHECK_COUNT; check++) {
        struct ts_monitor_result result;
        ts_monitor_result(analysis->monitor, check, &result);
        printf("%-5s %-34s ", ts_monitor_check_number(check), ts_monitor_check_str(check));
        if (result.errors > 0)
            printf("%" PRIu64 " from %.3f to %.3f s\n", result.errors, (double)result.first_us / 1e6,
                   (double)result.last_us / 1e6);
        else if (result.measured)
            printf("none\n");
        else
            printf("not measured: %s\n", ts_monitor_not_measured(analysis->monitor, check));
    }
}

static bool print(const struct analysis *analysis, const struct ts_demux_counts *counts)
{
    bool good = true;
    if (analysis->arguments->json) {
        json_t *json = describe(analysis, counts);
        good = json && json_dumpf(json, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;
        json_decref(json);
    } else {
        print_text(analysis, counts);
    }
    return fflush(stdout) == 0 && !ferror(stdout) && good ? true : fail("the result could not be written");
}

static enum status analyze(struct analysis *analysis, bool live)
{
    uint8_t *bytes = malloc(TUNER_READ_SIZE);
    if (!bytes) {
        fail("no memory");
        return STATUS_FAILED;
    }
    bool good = live ? watch(analysis, bytes) : read_file(analysis, bytes);
    free(bytes);
    struct ts_demux_counts counts;
    ts_demux_counts(analysis->demux, &counts);
    if (!good || !print(analysis, &counts))
        return STATUS_FAILED;
    return counts.packets > 0 && errors_of_priority(analysis->monitor, 1) == 0 ? STATUS_CLEAN : STATUS_ERRORS;
}

int probe_analyze(int argc, char **argv)
{
    struct arguments arguments;
    if (!parse_arguments(argc, argv, &arguments))
        return STATUS_FAILED;
    bool live = strstr(arguments.input, "://") != NULL;
    enum status status = STATUS_FAILED;
    const struct ts_monitor_options options = {.live = live,
                                               .pcr_interval_max_ms = arguments.pcr_interval_ms};
    struct analysis analysis = {.arguments = &arguments, .demux = ts_demux_create()};
    if (analysis.demux)
        analysis.monitor = ts_monitor_create(analysis.demux, &options);
    if (analysis.monitor)
        status = analyze(&analysis, live);
    else
        fail("no memory");
    tuner_close(analysis.tuner);
    ts_monitor_destroy(analysis.monitor);
    ts_demux_destroy(analysis.demux);
    return status;
}
