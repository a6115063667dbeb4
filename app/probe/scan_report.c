/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/scan_report.h"
#include "probe/signal.h"
#include "probe/source.h"
#include <stdio.h>
#include <string.h>

static json_t *text_or_null(const char *text)
{
    return text && *text ? probe_text(text) : json_null();
}

static json_t *number_or_null(bool has, unsigned number)
{
    return has ? json_integer(number) : json_null();
}

static json_t *describe_line(const struct probe_scan_line *line)
{
    const struct si_scan_result *result = &line->result;
    const struct si_cable *cable = &result->cable;
    return json_pack(
        "{s:o, s:o, s:s, s:o, s:o, s:b, s:b, s:o, s:o, s:I, s:o}", "frequency_hz",
        number_or_null(cable->frequency_hz > 0, cable->frequency_hz), "symbol_rate",
        number_or_null(cable->symbol_rate > 0, cable->symbol_rate), "modulation",
        si_modulation_str(cable->modulation), "url", text_or_null(line->url), "problem",
        text_or_null(line->problem), "signal", result->has_signal, "complete", result->complete,
        "transport_stream_id", number_or_null(result->has_stream_id, result->transport_stream_id),
        "original_network_id", number_or_null(result->has_stream_id, result->original_network_id), "channels",
        (json_int_t)result->channels, "tuner", probe_describe_signal(line->has_status, &line->status));
}

static json_t *describe_names(const struct si_names *names)
{
    json_t *json = json_object();
    for (size_t i = 0; i < names->count; i++)
        json_object_set_new(json, names->entries[i].language, json_string(names->entries[i].name));
    return json;
}

static json_t *describe_channel(const struct si_channel *channel)
{
    return json_pack("{s:i, s:o, s:s, s:s, s:o, s:i, s:b, s:b, s:i, s:i, s:i, s:o}", "number",
                     (int)channel->number, "lcn", number_or_null(channel->lcn > 0, channel->lcn), "name",
                     channel->name, "provider", channel->provider, "names", describe_names(&channel->names),
                     "type", (int)channel->type, "scrambled", (int)channel->scrambled, "hidden",
                     (int)channel->hidden, "original_network_id", (int)channel->original_network_id,
                     "transport_stream_id", (int)channel->transport_stream_id, "service_id",
                     (int)channel->service_id, "frequency_hz",
                     number_or_null(channel->cable.frequency_hz > 0, channel->cable.frequency_hz));
}

bool probe_scan_print_json(const struct probe_scan_report *report)
{
    json_t *frequencies = json_array(), *channels = json_array();
    for (size_t i = 0; i < report->count; i++)
        json_array_append_new(frequencies, describe_line(&report->lines[i]));
    for (size_t i = 0; i < report->channels->count; i++)
        json_array_append_new(channels, describe_channel(&report->channels->channels[i]));
    json_t *json = json_pack("{s:o, s:o, s:b, s:o, s:o}", "source", text_or_null(report->source), "list",
                             text_or_null(report->list), "complete", report->complete, "frequencies",
                             frequencies, "channels", channels);
    bool good =
        json && json_dumpf(json, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF && fflush(stdout) == 0;
    json_decref(json);
    return good;
}

static void print_frequency(uint32_t frequency_hz)
{
    if (frequency_hz)
        printf("%4u.%04u", frequency_hz / 1000000, frequency_hz % 1000000 / 100);
    else
        printf("%9s", "?");
}

static void print_line(const struct probe_scan_line *line)
{
    const struct si_scan_result *result = &line->result;
    print_frequency(result->cable.frequency_hz);
    printf("  %7u  %-9s  %-6s  %-8s  ", result->cable.symbol_rate,
           si_modulation_str(result->cable.modulation), result->has_signal ? "yes" : "no",
           result->complete     ? "complete"
           : result->has_signal ? "missing"
                                : "-");
    if (result->has_stream_id)
        printf("%5u/%-5u", result->original_network_id, result->transport_stream_id);
    else
        printf("%-11s", "-");
    printf("  %8zu  %s\n", result->channels, line->problem[0] ? line->problem : line->url);
}

bool probe_scan_print_text(const struct probe_scan_report *report)
{
    printf("      MHz  symbols  modulation signal  tables    stream       channels  from\n");
    for (size_t i = 0; i < report->count; i++)
        print_line(&report->lines[i]);
    printf("\nnumber   lcn        MHz  network/stream/service  type  name\n");
    for (size_t i = 0; i < report->channels->count; i++) {
        const struct si_channel *channel = &report->channels->channels[i];
        printf("%6u  %4u  ", channel->number, channel->lcn);
        print_frequency(channel->cable.frequency_hz);
        printf("  %7u/%6u/%7u  0x%02x  %s%s%s\n", channel->original_network_id, channel->transport_stream_id,
               channel->service_id, channel->type, channel->name, channel->scrambled ? " (scrambled)" : "",
               channel->hidden ? " (hidden)" : "");
    }
    printf("\n%zu channels; %s\n", report->channels->count,
           report->complete ? "everything was found whole" : "not everything was found whole");
    return fflush(stdout) == 0 && !ferror(stdout);
}
