/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/scan.h"
#include "base/clock.h"
#include "base/text.h"
#include "probe/scan_report.h"
#include "probe/source.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE                                                                                                \
    "scan [SOURCE] [--list FILE] [--tuner URL] [--network ID] [--wait S] [--charset gb18030|iso6937] "       \
    "[--json]\n(SOURCE: the home frequency, as a URL or in Hz; or --list, or both)"
#define TICK_MS 100

struct job {
    const char *source, *list, *base; /* base: the dvb:// URL that other frequencies are put into */
    bool json;
    enum si_charset charset;
    uint16_t network_id;
    double wait_s; /* 0: as the scan thinks */
    struct tuner_plan plan;
    struct tuner_carrier home; /* frequency_hz 0: not known, or none */
    struct tuner *tuner;       /* NULL: the present frequency cannot be tuned to */
    uint8_t chunk[TUNER_READ_SIZE];
    size_t tuned;
    struct probe_scan_line lines[SI_SCAN_FREQUENCIES_MAX];
};

static bool fail(const char *what, const char *reason)
{
    fprintf(stderr, "kokonor-probe scan: %s: %s\n", what, reason);
    return false;
}

/* ---- arguments ---- */

static bool read_wait(const char *text, double *seconds)
{
    char *end;
    *seconds = strtod(text, &end);
    return end != text && *end == '\0' && *seconds > 0 && *seconds <= 600;
}

static bool read_option(struct job *job, const char *option, const char *value)
{
    long number;
    if (strcmp(option, "--list") == 0)
        return (job->list = value) != NULL;
    if (strcmp(option, "--tuner") == 0)
        return (job->base = value) != NULL;
    if (strcmp(option, "--charset") == 0)
        return si_charset_from_name(value, &job->charset);
    if (strcmp(option, "--wait") == 0)
        return read_wait(value, &job->wait_s);
    if (strcmp(option, "--network") != 0 || !probe_number(value, 65535, &number))
        return false;
    job->network_id = (uint16_t)number;
    return true;
}

static bool read_arguments(struct job *job, int argc, char **argv)
{
    bool good = true;
    for (int i = 1; good && i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            job->json = true;
        } else if (strncmp(argv[i], "--", 2) != 0) {
            good = !job->source;
            job->source = argv[i];
        } else {
            good = i + 1 < argc && read_option(job, argv[i], argv[i + 1]);
            i++;
        }
    }
    if (good && (job->source || job->list))
        return true;
    fprintf(stderr, "usage: kokonor-probe %s\n", USAGE);
    return false;
}

/* The home frequency, where SOURCE is a number or a URL that says one; and what other frequencies are put
 * into. */
static bool find_home(struct job *job)
{
    struct error error = {""};
    char *end = NULL;
    unsigned long number = job->source ? strtoul(job->source, &end, 10) : 0;
    bool is_number = job->source && number > 0 && number <= UINT32_MAX && *end == '\0';
    const char *frontend = job->base ? job->base : "dvb://0/0";
    if (!job->source) {
        job->base = frontend;
        return true;
    }
    if (!is_number) {
        job->base = job->base ? job->base : job->source;
        if (!tuner_check(job->source, &error))
            return fail("SOURCE", error.text);
        tuner_plan_locate(&job->plan, job->source, &job->home);
        return text_copy(job->home.url, sizeof(job->home.url), job->source) ||
               fail("SOURCE", "the URL is too long");
    }
    const struct tuner_carrier *known = tuner_plan_find(&job->plan, (uint32_t)number);
    if (!known)
        return fail(job->source, "a frequency that the list does not have");
    job->home = *known;
    job->base = job->base || !known->url[0] ? frontend : known->url;
    return true;
}

/* ---- tuning ---- */

static struct si_cable cable_of(const struct tuner_carrier *carrier)
{
    return (struct si_cable){.frequency_hz = carrier->frequency_hz,
                             .symbol_rate = carrier->symbol_rate,
                             .modulation = si_modulation_from_str(carrier->modulation),
                             .fec_outer = SI_FEC_OUTER_RS,
                             .fec_inner = SI_FEC_INNER_NONE};
}

static bool find_url(const struct job *job, const struct si_cable *cable, char url[TUNER_URL_SIZE])
{
    struct tuner_carrier carrier = {.frequency_hz = cable->frequency_hz, .symbol_rate = cable->symbol_rate};
    if (cable->modulation != SI_MODULATION_UNDEFINED)
        text_copy(carrier.modulation, sizeof(carrier.modulation), si_modulation_str(cable->modulation));
    if (cable->frequency_hz == job->home.frequency_hz && job->home.url[0])
        return text_copy(url, TUNER_URL_SIZE, job->home.url);
    return tuner_plan_url(&job->plan, job->base, &carrier, url);
}

/* What the tuner has to say at last, and whether anything was there. */
static void leave(struct job *job)
{
    struct probe_scan_line *line = job->tuned ? &job->lines[job->tuned - 1] : NULL;
    if (line && job->tuner)
        line->has_status = tuner_status(job->tuner, &line->status);
    tuner_close(job->tuner);
    job->tuner = NULL;
}

static void on_tune(void *context, const struct si_cable *cable)
{
    struct job *job = context;
    struct error error = {""};
    leave(job);
    struct probe_scan_line *line = &job->lines[job->tuned++];
    if (!find_url(job, cable, line->url)) {
        line->url[0] = '\0';
        text_copy(line->problem, sizeof(line->problem), "no tuner receives this frequency");
        return;
    }
    job->tuner = tuner_open(line->url, &error);
    if (!job->tuner)
        text_copy(line->problem, sizeof(line->problem), error.text);
}

/* Takes what is there; false where nothing more will come from this frequency. */
static bool receive(struct job *job, struct si_scan *scan)
{
    if (!job->tuner)
        return false;
    struct pollfd descriptor = {.fd = tuner_fd(job->tuner), .events = POLLIN};
    if (poll(&descriptor, 1, TICK_MS) <= 0)
        return true;
    ssize_t got = tuner_read(job->tuner, job->chunk, sizeof(job->chunk));
    if (got > 0)
        si_scan_push(scan, job->chunk, (size_t)got, clock_monotonic_us());
    else if (got < 0 && errno != EAGAIN)
        text_copy(job->lines[job->tuned - 1].problem, sizeof(job->lines[0].problem), strerror(errno));
    return got > 0 || (got < 0 && errno == EAGAIN && !(descriptor.revents & (POLLERR | POLLHUP)));
}

static void run(struct job *job, struct si_scan *scan)
{
    struct si_scan_progress progress = {.done = false};
    while (!progress.done) {
        size_t tuned = job->tuned;
        if (!receive(job, scan) && tuned == job->tuned)
            si_scan_skip(scan, clock_monotonic_us());
        else
            si_scan_tick(scan, clock_monotonic_us());
        si_scan_progress(scan, &progress);
    }
    leave(job);
}

static struct si_scan *start(struct job *job)
{
    struct si_cable frequencies[SI_SCAN_FREQUENCIES_MAX];
    size_t count = 0;
    if (job->source)
        frequencies[count++] = cable_of(&job->home);
    for (size_t i = 0; !job->source && i < job->plan.count; i++)
        frequencies[count++] = cable_of(&job->plan.carriers[i]);
    const struct si_scan_options options = {.frequencies = frequencies,
                                            .frequency_count = count,
                                            .follow_network = job->source != NULL,
                                            .network_id = job->network_id,
                                            .charset = job->charset,
                                            .signal_timeout_us = (int64_t)(job->wait_s * 1e6),
                                            .tables_timeout_us = (int64_t)(job->wait_s * 1e6),
                                            .tune = on_tune,
                                            .context = job};
    return si_scan_create(&options, clock_monotonic_us());
}

/* ---- the end ---- */

/* From home all that the network names must be there; of a list, what has a signal. */
static bool is_complete(const struct job *job, const struct si_channels *channels)
{
    bool complete = channels->count > 0;
    for (size_t i = 0; i < job->tuned; i++) {
        const struct si_scan_result *result = &job->lines[i].result;
        complete = complete && (result->complete || (!job->source && !result->has_signal));
    }
    return complete;
}

static int report(struct job *job, const struct si_scan *scan)
{
    struct si_channels channels;
    si_channels_init(&channels);
    si_channels_merge(&channels, si_scan_found(scan));
    for (size_t i = 0; i < job->tuned; i++)
        si_scan_result(scan, i, &job->lines[i].result);
    const struct probe_scan_report report = {.source = job->source,
                                             .list = job->list,
                                             .count = job->tuned,
                                             .lines = job->lines,
                                             .channels = &channels,
                                             .complete = is_complete(job, &channels)};
    bool printed = job->json ? probe_scan_print_json(&report) : probe_scan_print_text(&report);
    if (!printed)
        fail("standard output", strerror(errno));
    int status = !printed ? PROBE_STATUS_ERROR : report.complete ? PROBE_STATUS_FOUND : PROBE_STATUS_NONE;
    si_channels_finish(&channels);
    return status;
}

int probe_scan(int argc, char **argv)
{
    int status = PROBE_STATUS_ERROR;
    struct error error = {""};
    struct job *job = calloc(1, sizeof(*job));
    if (!job) {
        fail("scan", "no memory");
        return status;
    }
    job->charset = SI_CHARSET_GB18030;
    if (!read_arguments(job, argc, argv))
        goto out;
    if (job->list && !tuner_plan_read(&job->plan, job->list, &error)) {
        fail("--list", error.text);
        goto out;
    }
    if (!find_home(job))
        goto out;
    struct si_scan *scan = start(job);
    if (!scan) {
        fail("scan", "no frequencies, or no memory");
        goto out;
    }
    run(job, scan);
    status = report(job, scan);
    si_scan_destroy(scan);
out:
    tuner_plan_finish(&job->plan);
    free(job);
    return status;
}
