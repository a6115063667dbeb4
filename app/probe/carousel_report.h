/* SPDX-License-Identifier: Apache-2.0 */
/* What kokonor-probe carousel says of a carousel, as JSON. One thread. */
#ifndef KOKONOR_PROBE_CAROUSEL_REPORT_H
#define KOKONOR_PROBE_CAROUSEL_REPORT_H

#include "dsmcc/receiver.h"
#include <jansson.h>

/* Each the caller's; NULL without memory. tree may be NULL. */
json_t *carousel_report_modules(const struct dsmcc_receiver *receiver);
json_t *carousel_report_files(const struct dsmcc_tree *tree);
/* Stream and stream-event objects with their taps and events. */
json_t *carousel_report_streams(const struct dsmcc_tree *tree);
json_t *carousel_report_missing(const struct dsmcc_receiver *receiver);
json_t *carousel_report_rejects(const struct dsmcc_receiver_counts *counts);

#endif
