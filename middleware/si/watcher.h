/* SPDX-License-Identifier: Apache-2.0 */
/* Follows the service information of one transport stream and keeps a current model of it. Belongs to the
 * thread that feeds the demultiplexer. What accessors return is the watcher's, and valid until the next push
 * to the demultiplexer. */
#ifndef KOKONOR_SI_WATCHER_H
#define KOKONOR_SI_WATCHER_H

#include "si/ait.h"
#include "si/model.h"
#include "si/nit.h"
#include "si/text.h"
#include "ts/demux.h"

struct si_service {
    uint16_t service_id;
    uint16_t pmt_pid; /* SI_PID_NONE: the PAT does not name it (not on air now) */

    bool has_sdt; /* the following six are known */
    uint8_t type;
    uint8_t running_status;
    bool scrambled;
    char name[SI_NAME_SIZE];
    char provider[SI_NAME_SIZE];

    bool has_pmt; /* the following are known */
    uint16_t pcr_pid;
    uint16_t ait_pid; /* of the first AIT; SI_PID_NONE: none */
    size_t component_count;
    struct si_component components[SI_COMPONENTS_MAX];

    struct si_event present, following; /* exists false: unknown or none */
    const struct si_ait *ait;           /* NULL: not seen yet or none */
};

struct si_clock {
    int64_t utc_s;        /* as the last TDT or TOT said */
    int64_t monotonic_us; /* clock_monotonic_us() when it came */
    bool has_offset;
    int offset_s; /* local time - UTC, of the TOT */
};

struct si_carousel {
    uint16_t service_id;
    uint16_t pid;
    bool has_id; /* false: stream_type 0x0B without a carousel_identifier_descriptor */
    uint32_t carousel_id;
    int component_tag;   /* -1 none */
    int association_tag; /* the association_tag, else the component_tag, else -1 */
    int data_broadcast_id;
};

#define SI_CHANGED_NETWORK 0x01u      /* NIT */
#define SI_CHANGED_SERVICES 0x02u     /* PAT, PMT, SDT: which there are, names, components */
#define SI_CHANGED_EVENTS 0x04u       /* present or following of some service */
#define SI_CHANGED_CLOCK 0x08u        /* a TDT or TOT came */
#define SI_CHANGED_APPLICATIONS 0x10u /* an AIT */

/* Called after the model changed, with the SI_CHANGED_ bits. It may destroy the watcher. */
typedef void si_changed_fn(void *context, unsigned changed);

struct si_watcher_options {
    enum si_charset charset;
    const char *country;    /* whose local time of the TOT, three letters; NULL: "CHN". The first of the TOT
                               where it is not there */
    si_changed_fn *changed; /* may be NULL */
    void *context;
};

struct si_watcher;

/* Subscribes to PAT, NIT, SDT, EIT and TDT and then to what they name. options may be NULL. demux must
 * outlive the watcher. NULL without memory. */
struct si_watcher *si_watcher_create(struct ts_demux *demux, const struct si_watcher_options *options);
void si_watcher_destroy(struct si_watcher *watcher);
/* Forgets the model, for another transport stream (together with ts_demux_reset). changed is not called.
 * False without memory: then only destroy is left. */
bool si_watcher_reset(struct si_watcher *watcher);

/* False until a PAT came. */
bool si_watcher_stream_id(const struct si_watcher *watcher, uint16_t *transport_stream_id);
/* From the SDT; false until one came. */
bool si_watcher_original_network_id(const struct si_watcher *watcher, uint16_t *original_network_id);
/* NULL until a NIT came. */
const struct si_nit *si_watcher_network(const struct si_watcher *watcher);
/* Services in ascending service_id. index < count. */
size_t si_watcher_service_count(const struct si_watcher *watcher);
const struct si_service *si_watcher_service(const struct si_watcher *watcher, size_t index);
/* NULL where there is none. */
const struct si_service *si_watcher_find_service(const struct si_watcher *watcher, uint16_t service_id);
/* NULL until a TDT or TOT came. */
const struct si_clock *si_watcher_clock(const struct si_watcher *watcher);
/* True when the PAT came and every service that it names has its PMT, and the SDT came. */
bool si_watcher_is_complete(const struct si_watcher *watcher);

/* Object carousels: components of stream_type 0x0B, and others with a carousel_identifier_descriptor. Write
 * up to maximum and return how many were written; over a whole stream each PID comes once. */
size_t si_service_carousels(const struct si_service *service, struct si_carousel *carousels, size_t maximum);
size_t si_watcher_carousels(const struct si_watcher *watcher, struct si_carousel *carousels, size_t maximum);
/* The first video component, and the audio component in language (or, with NULL or where there is none, the
 * first). NULL: none. */
const struct si_component *si_service_video(const struct si_service *service);
const struct si_component *si_service_audio(const struct si_service *service, const char *language);
/* The component with this component_tag; NULL: none. */
const struct si_component *si_service_component(const struct si_service *service, int component_tag);

struct si_watcher_counts {
    uint64_t bad_sections; /* not well formed, whichever table */
    uint64_t over_limit;   /* services, components, transport streams, AITs left out */
};
void si_watcher_counts(const struct si_watcher *watcher, struct si_watcher_counts *counts);

#endif
