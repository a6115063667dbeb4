/* SPDX-License-Identifier: Apache-2.0 */
/* The reception thread: tuner, service information, carousel, trust, and ingest into the store; it also feeds
 * the player. Main creates it, asks for a service and takes its news; all else happens on the thread. Nothing
 * from the air is parsed elsewhere. */
#ifndef KOKONOR_RECEPTION_RECEPTION_H
#define KOKONOR_RECEPTION_RECEPTION_H

#include "base/error.h"
#include "player/player.h"
#include "reception/interaction.h"
#include "reception/programmes.h"
#include "reception/search.h"
#include "reception/sounds.h"
#include "si/watcher.h"
#include "store/settings.h"
#include "store/store.h"
#include "trust/verify.h"

struct reception;

struct reception_options {
    const char *tuner_url;       /* "udp://127.0.0.1:5000", a file's path ...; needed during the call only, at
                                    most 511 bytes */
    enum si_charset charset;     /* of SI texts without a selector */
    uint32_t carousel_id;        /* 0: the first object carousel that the stream announces */
    struct bytes operator_root;  /* PEM; needed during the call only */
    struct store *store;         /* written by this thread alone */
    struct settings *settings;   /* keeps what was accepted last (intake.h); may be NULL */
    struct player *player;       /* fed by this thread alone; NULL: none */
    void (*wake)(void *context); /* news can be taken; called on the thread, must not wait */
    void *context;
    const char
        *channels_path; /* the list of channels, kept (numbers.h); needed during the call only; NULL: none */
    const char *cache_folder;   /* of carousel modules, over zaps and restarts (dsmcc/cache.h); NULL: none */
    source_open_fn *open_tuner; /* stands in for tuner_open; NULL: tuner_open */
    const char *list_path; /* frequency list of the network (tuner/plan.h); needed during the call only; NULL:
                              none */
    /* Ceilings, 0: 64 MiB each. What is wanted is kept within them (reception_want). */
    size_t carousel_bytes; /* memory for the modules of a carousel (dsmcc/receiver.h); the last complete tree
                              is kept beside it */
    uint64_t cache_bytes;  /* disk for cache_folder */
};

/* Opens the tuner and starts the thread. A tuner that this machine does not give now is tried again and
 * again; the news say so. NULL with error set on failure. */
struct reception *reception_create(const struct reception_options *options, struct error *error);
/* Ends the thread. NULL does nothing. */
void reception_destroy(struct reception *reception);

/* What main has asked to play: service_id 0 plays nothing. width and height of the frames wanted. */
void reception_play(struct reception *reception, uint16_t service_id, int width, int height);
/* What the screens show, the front one first: directories and files of the carousel ("commerce",
 * "community/pictures/x.jpg"). The list takes the place of the one before; at most WANTED_MAX (wanted.h)
 * paths of at most 191 bytes count. They are kept, unpacked and verified before all else; without any, what
 * has not come yet is. */
void reception_want(struct reception *reception, const char *const *paths, size_t count);
/* The service whose applications and stream events are followed, whatever is played meanwhile; 0: none. Until
 * the first call it is the one that is played. */
void reception_follow(struct reception *reception, uint16_t service_id);
/* A service wherever it lies; both ids of the stream 0: in the one that is received. */
struct reception_key {
    uint16_t original_network_id, transport_stream_id, service_id;
};
/* The same for a service of another stream: reception tunes to where the list of channels has it. */
void reception_watch(struct reception *reception, const struct reception_key *service, int width, int height);
/* Searches the network for channels, from the tuner's URL through the NIT and over the frequency list. The
 * news tell how far it is, as the run that is returned. What it finds goes into the list of channels, numbers
 * and favourites stay; a search that finds nothing changes nothing. It ends by listening where it did before.
 */
unsigned reception_search(struct reception *reception);
void reception_end_search(struct reception *reception); /* the list stays as it was */
/* Which of a service's sounds is played, from now on and of every service; what plays changes at once, and
 * its pictures go on. */
void reception_prefer_sound(struct reception *reception, const struct sound_wish *wish);
/* Marks a channel of the list, or takes the mark away; the news tell it. Nothing where the list does not have
 * it. Of more than RECEPTION_MARKS_MAX that wait the oldest is lost. */
#define RECEPTION_MARKS_MAX 16
void reception_set_favourite(struct reception *reception, const struct reception_key *service,
                             bool favourite);
/* The UDP port that was listened on at first (tests and demonstrations open port 0); 0 for other tuners. */
uint16_t reception_port(const struct reception *reception);

/* An event of the programme in the screens' languages; where the broadcast lacks one, in the first that it
 * has. */
struct reception_event {
    bool exists;
    int64_t start_utc_s; /* -1: undefined */
    int32_t duration_s;  /* -1: undefined */
    char name[CONTENT_LANGUAGES][SI_NAME_SIZE];
};

struct reception_service {
    uint16_t service_id;
    uint16_t number; /* that the viewer knows it by; 0: not known yet */
    bool favourite;
    char name[CONTENT_LANGUAGES][SI_NAME_SIZE];
    enum video_kind video;
    enum sound_kind sound;
    bool scrambled;
    struct reception_event present, following;
    uint16_t original_network_id, transport_stream_id; /* 0: not known yet */
    bool elsewhere; /* not in the stream that is received: video, sound and events are not known */
    bool radio;
    uint8_t groups;     /* bit n: it is in groups[n] of the news */
    size_t sound_count; /* 0 where it lies elsewhere */
    struct service_sound sounds[SERVICE_SOUNDS_MAX];
};

/* A bouquet of the network. */
#define RECEPTION_GROUPS_MAX 8
struct reception_group {
    char name[CONTENT_LANGUAGES][SI_NAME_SIZE];
};

/* One role's directory as last seen on air. */
struct reception_role {
    bool seen;
    enum trust_result result;
    char reason[160];       /* English, for the diagnostics page; "" where accepted */
    int64_t sequence;       /* in the store; 0: nothing accepted yet */
    uint64_t refused_count; /* manifests refused since the start */
};

/* The stream as it is now. Immutable once taken; the taker's, freed with reception_news_destroy. */
struct reception_news {
    bool signal; /* packets came within the last second */
    /* The broadcast clock, and the monotonic time when it came; utc_s 0: unknown. New ones bring news where
     * it was set, not where it merely went on. */
    int64_t utc_s, utc_at_us;
    struct search_state search; /* that runs, or has come to its end */
    struct source_state tuner;  /* its status is asked for every two seconds */
    char network[SI_NAME_SIZE];
    struct ts_demux_counts counts;
    bool has_carousel;
    size_t modules, modules_complete;
    uint64_t carousel_bytes, carousel_bytes_have;
    /* Refused since the start, in tables and in the carousel: for the engineer. */
    uint64_t si_rejects, carousel_rejects;
    struct interaction_state interaction;
    struct reception_role roles[CONTENT_ROLES];
    size_t group_count;
    struct reception_group groups[RECEPTION_GROUPS_MAX];
    size_t service_count;
    /* Those with pictures or sound that the network does not hide, also of other streams, by number; without
     * numbers by service_id. */
    struct reception_service services[];
};

/* The newest news, or NULL where there is none since the last call. */
struct reception_news *reception_take_news(struct reception *reception);
void reception_news_destroy(struct reception_news *news);

/* What main asks of the guide: answered at once, and again when the broadcast says other things, until the
 * next wish (service_id 0: none). */
void reception_ask_programmes(struct reception *reception, const struct programmes_wish *wish);
/* The newest answer to the last wish, or NULL where there is none since the last call. The taker's. */
struct programmes *reception_take_programmes(struct reception *reception);

/* The oldest stream event that was not taken yet, or NULL: each once, in their order; wake is called for
 * each. Of more than RECEPTION_EVENTS_MAX that wait the oldest are lost, and counted. Freed with free. */
#define RECEPTION_EVENTS_MAX 64
struct interaction_event *reception_take_event(struct reception *reception);

#endif
