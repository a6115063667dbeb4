/* SPDX-License-Identifier: Apache-2.0 */
/* What more than one table speaks of: limits, codecs, components, events. Plain data; whoever holds a struct
 * owns it. The limits are ours: a table that says more is cut there, counted and logged once. */
#ifndef KOKONOR_SI_MODEL_H
#define KOKONOR_SI_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SI_SERVICES_MAX 256       /* of one transport stream */
#define SI_COMPONENTS_MAX 32      /* of one service */
#define SI_STREAMS_MAX 128        /* transport streams of a network */
#define SI_STREAM_SERVICES_MAX 64 /* named by one service_list_descriptor */
#define SI_APPLICATIONS_MAX 16    /* of one AIT */
#define SI_SIGNALS_MAX 4          /* in one application_signalling_descriptor */
#define SI_CAROUSELS_MAX 64       /* of one transport stream */

#define SI_NAME_SIZE 192 /* bytes of UTF-8 with its NUL */
#define SI_TEXT_SIZE 768
#define SI_LANGUAGE_SIZE 4 /* ISO 639-2, three letters and a NUL; "" where unknown */

#define SI_LANGUAGES_MAX 4 /* further languages of one name */
#define SI_TRANSLATION_SIZE 128
#define SI_ACCESSES_MAX 8 /* CA systems of a service, a stream or the CAT */
#define SI_SUBTITLES_MAX 4
#define SI_LINKAGES_MAX 4
#define SI_DEFERRED_MAX 16

/* The multilingual_network_name, multilingual_bouquet_name (EN 300 468, 6.2.22 and 6.2.24) */
struct si_name {
    char language[SI_LANGUAGE_SIZE];
    char name[SI_TRANSLATION_SIZE];
};
struct si_names {
    size_t count;
    struct si_name entries[SI_LANGUAGES_MAX];
};

struct si_access {
    uint16_t system_id; /* CA_system_id */
    uint16_t pid;       /* of the ECMs (in a PMT) or EMMs (in the CAT) */
};

struct si_linkage {
    uint16_t transport_stream_id;
    uint16_t original_network_id;
    uint16_t service_id;
    uint8_t type; /* linkage_type */
};

/* A service's name and provider in one more language (multilingual_service_name_descriptor, 6.2.25) */
struct si_service_words {
    char language[SI_LANGUAGE_SIZE];
    char name[SI_TRANSLATION_SIZE];
    char provider[SI_TRANSLATION_SIZE];
};

/* What an SDT says of a service beside its name. */
struct si_service_details {
    size_t word_count;
    struct si_service_words words[SI_LANGUAGES_MAX];
    size_t ca_system_count; /* CA_identifier_descriptor */
    uint16_t ca_systems[SI_ACCESSES_MAX];
    size_t linkage_count;
    struct si_linkage linkages[SI_LINKAGES_MAX];
    bool has_data_broadcast; /* data_broadcast_descriptor */
    uint16_t data_broadcast_id;
    uint8_t data_broadcast_component_tag;
};

/* One entry of a deferred_association_tags_descriptor (TR 101 202, 4.7.7.4): the tag is of a stream of
 * another service. */
struct si_deferred {
    uint16_t association_tag;
    uint16_t transport_stream_id;
    uint16_t program_number;
    uint16_t original_network_id;
};

/* One entry of a subtitling or teletext descriptor. */
struct si_subtitle {
    char language[SI_LANGUAGE_SIZE];
    uint8_t type;              /* subtitling_type; of teletext: teletext_type */
    uint16_t composition_page; /* of teletext: magazine and page */
    uint16_t ancillary_page;
};

/* PIDs that EN 300 468, 5.1.3 fixes. */
#define SI_PID_PAT 0x0000
#define SI_PID_NIT 0x0010
#define SI_PID_SDT 0x0011
#define SI_PID_EIT 0x0012
#define SI_PID_TDT 0x0014
#define SI_PID_NONE 0x1FFF

/* private_data_specifier values under which tag 0x83 or 0x87 is a logical_channel_descriptor. */
#define SI_SPECIFIER_EACEM 0x00000028
#define SI_SPECIFIER_NORDIG 0x00000029

enum si_codec {
    SI_CODEC_UNKNOWN,
    SI_CODEC_MPEG1_VIDEO,
    SI_CODEC_MPEG2_VIDEO,
    SI_CODEC_MPEG4_VIDEO,
    SI_CODEC_H264,
    SI_CODEC_HEVC,
    SI_CODEC_AVS,
    SI_CODEC_AVS2,
    SI_CODEC_AVS3,
    SI_CODEC_VVC,
    SI_CODEC_AV1,
    SI_CODEC_VC1,
    SI_CODEC_DIRAC,
    SI_CODEC_MPEG_AUDIO,
    SI_CODEC_AAC,      /* ADTS */
    SI_CODEC_AAC_LATM, /* LATM/LOAS */
    SI_CODEC_AC3,
    SI_CODEC_EAC3,
    SI_CODEC_DTS,
    SI_CODEC_DRA,
    SI_CODEC_OPUS,
    SI_CODEC_AC4,
    SI_CODEC_MPEGH,
    SI_CODEC_TRUEHD,
    SI_CODEC_PCM, /* SMPTE 302M, or LPCM of a disc */
    SI_CODEC_AVS_AUDIO,
    SI_CODEC_TELETEXT,
    SI_CODEC_SUBTITLE,
    SI_CODEC_AIT,
    SI_CODEC_CAROUSEL,
    SI_CODEC_DATA,
    SI_CODEC_SPLICE, /* SCTE 35 */
    SI_CODEC_COUNT
};

/* "h264"; never NULL. */
const char *si_codec_str(enum si_codec codec);
bool si_codec_is_video(enum si_codec codec);
bool si_codec_is_audio(enum si_codec codec);

/* stream_type values (ISO/IEC 13818-1, Table 2-34) that a builder of PMTs needs. */
#define SI_STREAM_TYPE_MPEG2_VIDEO 0x02
#define SI_STREAM_TYPE_MPEG1_AUDIO 0x03
#define SI_STREAM_TYPE_PRIVATE_SECTIONS 0x05
#define SI_STREAM_TYPE_PRIVATE_PES 0x06
#define SI_STREAM_TYPE_DSMCC_UN 0x0B     /* object carousel */
#define SI_STREAM_TYPE_DSMCC_STREAM 0x0C /* stream descriptors */
#define SI_STREAM_TYPE_AAC_ADTS 0x0F
#define SI_STREAM_TYPE_AAC_LATM 0x11
#define SI_STREAM_TYPE_H264 0x1B
#define SI_STREAM_TYPE_HEVC 0x24

#define SI_DATA_BROADCAST_ID_OBJECT_CAROUSEL 0x0007
#define SI_DATA_BROADCAST_ID_HBBTV 0x0123

/* One entry of an application_signalling_descriptor (TS 102 809, 5.3.5.1). */
struct si_signal {
    uint16_t application_type; /* 15 bits */
    uint8_t version;           /* 5 bits */
};

/* One elementary stream of a PMT. Make one with si_component_init so that "absent" is said everywhere. */
struct si_component {
    uint16_t pid;
    uint8_t stream_type;
    enum si_codec
        codec;         /* said by stream_type and descriptors. Building looks at stream_type, and at codec
                          where that is 0x06: AC-3, E-AC-3, AAC, AVS and DRA are signalled by a descriptor */
    int component_tag; /* stream_identifier_descriptor; -1 none */
    char language[SI_LANGUAGE_SIZE];
    uint8_t audio_type; /* of the ISO_639_language_descriptor */
    bool has_carousel;  /* carousel_identifier_descriptor */
    uint32_t carousel_id;
    int association_tag;   /* association_tag_descriptor; -1 none: then the component_tag stands for it */
    int data_broadcast_id; /* data_broadcast_id_descriptor; -1 none */
    size_t signal_count;   /* > 0: an AIT is on this PID */
    struct si_signal signals[SI_SIGNALS_MAX];
    bool conditional_access; /* a CA_descriptor names it; read only */

    char second_language[SI_LANGUAGE_SIZE]; /* of the ISO_639_language_descriptor: two languages in one stream
                                             */
    size_t access_count;                    /* CA_descriptors of this stream alone */
    struct si_access accesses[SI_ACCESSES_MAX];
    size_t subtitle_count; /* SI_CODEC_SUBTITLE and SI_CODEC_TELETEXT */
    struct si_subtitle subtitles[SI_SUBTITLES_MAX];
    int profile,
        level; /* of the AVC, HEVC or AAC descriptor (AAC: profile_and_level, level -1); -1 unknown */
};

void si_component_init(struct si_component *component, uint16_t pid, uint8_t stream_type);

/* running_status (EN 300 468, Table 6) */
#define SI_RUNNING_UNDEFINED 0
#define SI_RUNNING_NOT 1
#define SI_RUNNING_SOON 2
#define SI_RUNNING_PAUSING 3
#define SI_RUNNING_YES 4

struct si_event {
    bool exists; /* false: the rest is empty */
    uint16_t event_id;
    int64_t start_utc_s; /* -1: undefined (all bits set on air) */
    int32_t duration_s;  /* -1: undefined */
    uint8_t running_status;
    bool scrambled;
    char language[SI_LANGUAGE_SIZE]; /* of name and text; building writes "chi" where it is "" */
    char name[SI_NAME_SIZE];
    char text[SI_TEXT_SIZE];
};

#endif
