/* SPDX-License-Identifier: Apache-2.0 */
/* Application information table (ETSI TS 102 809, 5.3.4), read and built. No state; any thread. */
#ifndef KOKONOR_SI_AIT_H
#define KOKONOR_SI_AIT_H

#include "si/model.h"
#include "si/sections.h"

#define SI_TABLE_AIT 0x74
#define SI_APPLICATION_TYPE_HBBTV 0x0010

enum si_control_code {
    SI_CONTROL_AUTOSTART = 1,
    SI_CONTROL_PRESENT = 2,
    SI_CONTROL_DESTROY = 3,
    SI_CONTROL_KILL = 4,
    SI_CONTROL_PREFETCH = 5,
    SI_CONTROL_REMOTE = 6,
    SI_CONTROL_DISABLED = 7,
    SI_CONTROL_PLAYBACK_AUTOSTART = 8
};

#define SI_PROTOCOL_OBJECT_CAROUSEL 0x0001
#define SI_PROTOCOL_HTTP 0x0003
#define SI_PATH_SIZE 256
#define SI_TRANSPORTS_MAX 4

/* transport_protocol_descriptor (5.3.6) */
struct si_transport {
    uint16_t protocol; /* SI_PROTOCOL_ */
    uint8_t label;
    int component_tag;      /* object carousel of this service: its PID's component_tag; else -1 */
    char url[SI_PATH_SIZE]; /* HTTP: base URL; else "" */
};

struct si_application {
    uint32_t organisation_id;
    uint16_t application_id;
    uint8_t control_code; /* enum si_control_code */
    uint8_t priority;
    bool service_bound;
    uint8_t visibility; /* 0..3; 3: to viewer and applications */
    bool has_profile;   /* the first of the application_descriptor */
    uint16_t profile;
    uint8_t version_major, version_minor, version_micro;
    char language[SI_LANGUAGE_SIZE]; /* of the first name */
    char name[SI_NAME_SIZE];
    char path[SI_PATH_SIZE]; /* simple_application_location: initial path */
    size_t transport_count;
    struct si_transport transports[SI_TRANSPORTS_MAX];
    struct si_names names; /* the name in further languages */
    int usage;             /* application_usage_descriptor (HbbTV: 0x01 digital text); 0 none */
};

struct si_ait {
    uint16_t application_type; /* 15 bits */
    bool test;
    size_t application_count;
    struct si_application applications[SI_APPLICATIONS_MAX];
};

/* One section whose CRC_32 was right. */
struct si_ait_header {
    uint16_t application_type;
    uint8_t version;
    uint8_t section_number;
    uint8_t last_section_number;
};

/* Reads a section and appends its applications to ait (same application_type: the caller begins a new ait
 * with each sub-table and version). False, and ait as before: not a current AIT section or broken. A broken
 * descriptor, and an application over the limit, is passed over. A name is UTF-8 on air; where it is not,
 * text decodes it (NULL: broken bytes become U+FFFD). */
struct si_text;
bool si_ait_read_header(const uint8_t *section, size_t size, struct si_ait_header *header);
bool si_ait_read(const uint8_t *section, size_t size, struct si_text *text, struct si_ait *ait);

/* "autostart"; "reserved" where the standard gives the code no meaning. */
const char *si_control_code_str(unsigned control_code);
/* The application's name in language (ISO 639-2), else its first. */
const char *si_application_name(const struct si_application *application, const char *language);

/* Appends as many sections as the applications need. False (nothing appended): an application that does not
 * fit a section of 1,024 bytes, no memory or the list is full. */
bool si_build_ait(struct si_sections *out, const struct si_ait *ait, unsigned version);

#endif
