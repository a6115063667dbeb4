/* SPDX-License-Identifier: Apache-2.0 */
/* What a tuner knows of its reception, as JSON. */
#ifndef KOKONOR_PROBE_SIGNAL_H
#define KOKONOR_PROBE_SIGNAL_H

#include "tuner/tuner.h"
#include <jansson.h>

/* A new reference, the caller's; null where has is false. */
json_t *probe_describe_signal(bool has, const struct tuner_status *status);

#endif
