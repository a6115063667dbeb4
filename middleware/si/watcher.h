/* SPDX-License-Identifier: Apache-2.0 */
/* Follows the service information of one transport stream and keeps a current model of it. Belongs to the
 * thread that feeds the demultiplexer. What accessors return is the watcher's, and valid until the next push
 * to the demultiplexer. */
#ifndef KOKONOR_SI_WATCHER_H
#define KOKONOR_SI_WATCHER_H

#include "si/ait.h"
#include "si/cat.h"
#include "si/guide.h"
#include "si/model.h"
#include "si/nit.h"
#include "si/sdt.h"
#include "si/tdt.h"
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

    bool eit_present_following, eit_schedule; /* as the SDT says */
    struct si_service_details details;        /* of the SDT: other languages, CA systems, linkages */
    size_t access_count;                      /* of the PMT: CA_descriptors of the whole program */
    struct si_access accesses[SI_ACCESSES_MAX];
    size_t deferred_count;
    struct si_deferred deferred[SI_DEFERRED_MAX];
};

struct si_clock {
    int64_t utc_s;        /* as the last TDT or TOT said */
    int64_t monotonic_us; /* clock_monotonic_us() when it came */
    bool has_offset;
    int offset_s;            /* local time - UTC, of the TOT */
    struct si_region region; /* of the TOT, with the change that it announces; where has_offset */
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
#define SI_CHANGED_OTHERS 0x20u       /* CAT, NIT and SDT of others, BAT */
#define SI_CHANGED_GUIDE 0x40u        /* the guide, where one is asked for */

/* Called after the model changed, with the SI_CHANGED_ bits. It may destroy the watcher. */
typedef void si_changed_fn(void *context, unsigned changed);

struct si_watcher_options {
    enum si_charset charset;
    const char *country;    /* whose local time of the TOT, three letters; NULL: "CHN". The first of the TOT
                               where it is not there */
    si_changed_fn *changed; /* may be NULL */
    void *context;
    const char
        *language;      /* ISO 639-2, of the present and following events' words; NULL: the first there is */
    unsigned region;    /* country_region_id within the country; 0 */
    size_t guide_bytes; /* > 0: keep a guide of all EITs within so many bytes */
    size_t archive_bytes; /* ceiling for CAT, NIT and SDT other and BAT; 0: 256 KiB */
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

/* NULL where none was asked for. Its views are read with the watcher's text. */
const struct si_guide *si_watcher_guide(const struct si_watcher *watcher);
struct si_text *si_watcher_text(const struct si_watcher *watcher);
/* The service as a guide knows it; false until SDT and PAT came. */
bool si_watcher_guide_service(const struct si_watcher *watcher, uint16_t service_id,
                              struct si_guide_service *service);
/* False until a CAT came. */
bool si_watcher_cat(const struct si_watcher *watcher, struct si_cat *cat);
/* Whole tables of others: table_id SI_TABLE_NIT_OTHER, SI_TABLE_BAT or SI_TABLE_SDT_OTHER; index < count.
 * They are read when asked for; false: no such one. */
size_t si_watcher_other_count(const struct si_watcher *watcher, uint8_t table_id);
bool si_watcher_read_network(const struct si_watcher *watcher, uint8_t table_id, size_t index,
                             struct si_nit *nit);
bool si_watcher_read_other_services(const struct si_watcher *watcher, size_t index, struct si_sdt *sdt);
/* The logical channel number that the NIT gives the service; 0: none. hidden may be NULL. */
uint16_t si_watcher_lcn(const struct si_watcher *watcher, uint16_t service_id, bool *hidden);

/* The name (or provider) in language, ISO 639-2, else as the SDT's service_descriptor says it. */
const char *si_service_name(const struct si_service *service, const char *language);
const char *si_service_provider(const struct si_service *service, const char *language);
/* The component that an association_tag is of (TR 101 202, 4.7.7.3; TS 102 809, B.3.1.2): deferred tags
 * first. NULL with *deferred set: a stream of another service. NULL without: none. deferred may be NULL. */
const struct si_component *si_service_association(const struct si_service *service, uint16_t association_tag,
                                                  const struct si_deferred **deferred);

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
