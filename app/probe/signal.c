/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/signal.h"

static json_t *real_or_null(bool has, double value)
{
    return has ? json_real(value) : json_null();
}

static json_t *count_or_null(bool has, uint64_t count)
{
    return has ? json_integer((json_int_t)count) : json_null();
}

json_t *probe_describe_signal(bool has, const struct tuner_status *status)
{
    if (!has)
        return json_null();
    return json_pack(
        "{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "locked", status->locked,
        "strength_dbm", real_or_null(status->has_strength_dbm, status->strength_mdbm / 1000.0),
        "strength_permille", count_or_null(status->has_strength, status->strength_permille), "cnr_db",
        real_or_null(status->has_cnr_db, status->cnr_mdb / 1000.0), "cnr_permille",
        count_or_null(status->has_cnr, status->cnr_permille), "bit_error_rate",
        real_or_null(status->has_ber, status->ber), "bit_errors",
        count_or_null(status->has_bit_errors, status->bit_errors), "uncorrected_blocks",
        count_or_null(status->has_uncorrected, status->uncorrected_blocks), "overruns",
        (json_int_t)status->overruns, "datagrams", (json_int_t)status->datagrams, "datagrams_lost",
        (json_int_t)status->datagrams_lost, "datagrams_late", (json_int_t)status->datagrams_late,
        "datagrams_reordered", (json_int_t)status->datagrams_reordered, "datagrams_bad",
        (json_int_t)status->datagrams_bad);
}
