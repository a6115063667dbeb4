/* SPDX-License-Identifier: Apache-2.0 */
/* What a builder holds: the modules and control messages on air. Private to dsmcc, for the builder, its
 * schedule and its state. */
#ifndef KOKONOR_DSMCC_CAROUSEL_H
#define KOKONOR_DSMCC_CAROUSEL_H

#include "dsmcc/message.h"
#include "dsmcc/plan.h"

#define HASH_SIZE 32             /* SHA-256 */
#define FREQUENCY_OF_WEIGHT 256u /* the frequency of a module with weight 1 */
#define BLOCKS_MAX 255
#define GROUPS_MAX ((MODULE_ID_MAX + DSMCC_DII_MODULES_MAX - 1) / DSMCC_DII_MODULES_MAX)

/* A module's place: its version is kept when it is taken off the air, so that its id can be used again. */
struct on_air {
    bool live;
    bool known; /* version and sent_hash are of something that was on air */
    uint8_t version;
    uint8_t sent_hash[HASH_SIZE]; /* of data */
    uint8_t raw_hash[HASH_SIZE];  /* of what data unpacks to; where data is set */
    bool compressed;
    uint32_t original_size;
    uint8_t *data; /* as sent */
    uint32_t size;
    uint32_t frequency; /* of sending, at least 1 */
    bool by_rule;       /* frequency is the square root rule's */
    uint64_t demand;    /* of its files together */
    size_t objects;
    bool carried; /* the same as before and on air then: carousel_replace takes its place in the schedule over
                   */
    /* The schedule's. */
    uint64_t last;
    uint64_t sent;
    unsigned urgent;     /* times that it is still to be sent in front; 1 in a module made anew */
    uint32_t next_block; /* where it was interrupted */
};

/* A DSI or DII. */
struct control {
    bool live;
    bool known;
    uint16_t version;
    uint8_t hash[HASH_SIZE]; /* of the message in version 0 */
    uint32_t transaction_id;
    struct buffer section;
};

struct carousel {
    struct plan plan;
    struct on_air *modules; /* by module id, 0 unused */
    size_t module_count;    /* of places, 1 + the highest id */
    struct control dsi;
    struct control *groups; /* a DII for each DSMCC_DII_MODULES_MAX module ids, by their order */
    size_t group_count;
};

struct schedule {
    uint64_t now;          /* bytes of blocks sent so far */
    uint16_t current;      /* module under way, 0: none */
    size_t control;        /* next control section: 0 the DSI, then the DIIs; beyond them: none now */
    size_t since_control;  /* section bytes */
    uint64_t first_round;  /* bytes of blocks in which everything is sent once after the start */
    struct buffer section; /* the one given last */
};

struct dsmcc_builder {
    struct dsmcc_builder_options options;
    struct carousel carousel;
    struct schedule schedule;
    bool started; /* dsmcc_builder_set_tree succeeded once */
    size_t modules_changed;
};

/* carousel_make builds next from the files, taking over from previous what did not change; previous stays
 * whole, and nothing of the schedule in it is read, so that another thread may go on sending it. On success
 * carousel_replace puts it in previous's place. */
bool carousel_make(struct carousel *next, const struct carousel *previous,
                   const struct dsmcc_builder_options *options, const struct dsmcc_source *files,
                   size_t count, size_t *modules_changed, struct error *error);
void carousel_replace(struct carousel *previous, struct carousel *next);
void carousel_finish(struct carousel *carousel);
/* What dsmcc_builder_export appends, of any carousel. */
void state_export(const struct dsmcc_builder_options *options, const struct carousel *carousel,
                  struct buffer *state);
/* The reference that the DSI and directories hold of an object. */
struct dsmcc_ior carousel_ior(const struct dsmcc_builder_options *options, enum dsmcc_kind kind,
                              uint16_t module_id, uint32_t key);

/* How often a module of size bytes should be sent by the square root rule, in units of FREQUENCY_OF_WEIGHT.
 */
uint32_t schedule_frequency(uint64_t demand, uint32_t size);
/* Raises the rarest frequencies that are the rule's to what the options' longest_interval asks for. */
void schedule_bound(struct carousel *carousel, const struct dsmcc_builder_options *options);
/* After carousel_replace: marked modules go out in front where urgent says so, else in their turn. */
void schedule_changed(struct dsmcc_builder *builder, bool urgent);

#endif
