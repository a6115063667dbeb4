/* SPDX-License-Identifier: Apache-2.0 */
#include "dsmcc/receiver.h"
#include "base/log.h"
#include "dsmcc/acquire.h"
#include "dsmcc/walk.h"
#include <stdlib.h>
#include <string.h>

#define TAPS_MAX 32
#define UNANNOUNCED_MAX 64
/* What is taken from the cache with each section: enough for a screen, short enough for who waits. */
#define RECALL_BYTES (1u << 20)
/* Bindings that a walk may look at for each section since the last, where it is not the last one needed. */
#define BINDINGS_PER_SECTION 16

struct dsmcc_receiver {
    struct ts_demux *demux;
    uint16_t pid; /* of the DSI */
    struct ts_subscription *subscriptions[TAPS_MAX + 1];
    size_t subscription_count;
    struct dsmcc_tap_pid taps[TAPS_MAX];
    struct dsmcc_receiver_events events;
    struct dsmcc_receiver_counts counts; /* those not kept in acquisition */
    struct acquisition acquisition;
    bool has_gateway;
    struct dsmcc_dsi dsi;
    uint32_t dsi_crc;
    uint64_t dsi_tick;     /* the last DSI */
    uint64_t gateway_tick; /* when the gateway moved; 0: it did not since the start */
    bool of_data;          /* what is there without a gateway is a data carousel */
    bool changed;          /* since the last walk: what is announced, or the last module awaited came */
    bool complete;
    struct dsmcc_tree *candidate; /* whole, but not known to have been on air at one moment; NULL: none */
    struct dsmcc_tree *tree;
    char wanted[DSMCC_WANTED_MAX][DSMCC_PATH_SIZE_MAX + 1]; /* what is wanted most first */
    size_t wanted_count;
    uint32_t hopeless; /* bits of wanted that were complained of */
    uint64_t walked_tick;
    size_t walk_cost; /* bindings */
    bool blind;       /* the last walk missed a directory */
    struct dsmcc_unannounced unannounced[UNANNOUNCED_MAX];
    size_t unannounced_count;
    bool busy, doomed; /* a callback may destroy the receiver that calls it */
};

static void set_defaults(struct dsmcc_receiver_options *limits)
{
    static const struct dsmcc_receiver_options defaults = {.max_total_bytes = 64u << 20,
                                                           .max_module_bytes = DSMCC_MODULE_UNPACKED_MAX,
                                                           .max_modules = 2048,
                                                           .max_groups = 64,
                                                           .max_files = 20000,
                                                           .max_depth = 16,
                                                           .max_orphan_bytes = 256u << 10};
    limits->max_total_bytes = limits->max_total_bytes ? limits->max_total_bytes : defaults.max_total_bytes;
    limits->max_module_bytes =
        limits->max_module_bytes ? limits->max_module_bytes : defaults.max_module_bytes;
    limits->max_modules = limits->max_modules ? limits->max_modules : defaults.max_modules;
    limits->max_groups = limits->max_groups ? limits->max_groups : defaults.max_groups;
    limits->max_files = limits->max_files ? limits->max_files : defaults.max_files;
    limits->max_depth = limits->max_depth ? limits->max_depth : defaults.max_depth;
    limits->max_orphan_bytes =
        limits->max_orphan_bytes ? limits->max_orphan_bytes : defaults.max_orphan_bytes;
    if (limits->max_files > 1000000)
        limits->max_files = 1000000;
    if (limits->max_depth > DSMCC_DEPTH_MAX)
        limits->max_depth = DSMCC_DEPTH_MAX;
}

static void on_section(void *context, uint16_t pid, const uint8_t *section, size_t size)
{
    dsmcc_receiver_push_section(context, pid, section, size);
}

/* Most of what a carousel sends is here already: its blocks need neither be gathered nor checked. */
static bool want_section(void *context, uint16_t pid, const uint8_t head[TS_SECTION_HEAD_SIZE])
{
    struct dsmcc_receiver *receiver = context;
    struct dsmcc_ddb ddb;
    const struct acquisition *acquisition = &receiver->acquisition;
    if (!receiver->has_gateway || receiver->changed || receiver->candidate || acquisition->changed ||
        acquisition->early || acquisition->asking > 0 || !dsmcc_ddb_peek(head, &ddb) ||
        ddb.download_id != receiver->dsi.gateway.carousel_id ||
        !acquisition_ddb_is_known(&receiver->acquisition, pid, &ddb))
        return true;
    receiver->counts.sections++;
    return false;
}

/* Once a PID, however many tags it has. */
static bool subscribe(struct dsmcc_receiver *receiver, uint16_t pid, const struct dsmcc_tap_pid *before,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (before[i].pid == pid)
            return true;
    }
    struct ts_subscription *subscription = ts_demux_sections(receiver->demux, pid, on_section, receiver);
    if (!subscription)
        return false;
    ts_demux_set_want(subscription, want_section);
    receiver->subscriptions[receiver->subscription_count++] = subscription;
    return true;
}

static void on_complete(void *context, struct module *module);

struct dsmcc_receiver *dsmcc_receiver_create(struct ts_demux *demux, uint16_t pid,
                                             const struct dsmcc_tap_pid *taps, size_t tap_count,
                                             const struct dsmcc_receiver_options *options,
                                             const struct dsmcc_receiver_events *events)
{
    struct dsmcc_receiver_options limits = options ? *options : (struct dsmcc_receiver_options){0};
    struct dsmcc_receiver *receiver = tap_count <= TAPS_MAX ? calloc(1, sizeof *receiver) : NULL;
    if (!receiver)
        return NULL;
    set_defaults(&limits);
    if (events)
        receiver->events = *events;
    if (tap_count > 0)
        memcpy(receiver->taps, taps, tap_count * sizeof *taps);
    if (!acquisition_init(&receiver->acquisition, &limits, receiver->taps, tap_count)) {
        free(receiver);
        return NULL;
    }
    receiver->acquisition.completed = on_complete;
    receiver->acquisition.context = receiver;
    receiver->demux = demux;
    receiver->pid = pid;
    bool good = !demux || subscribe(receiver, pid, NULL, 0);
    for (size_t i = 0; demux && good && i < tap_count; i++)
        good = receiver->taps[i].pid == pid || subscribe(receiver, receiver->taps[i].pid, receiver->taps, i);
    if (!good) {
        dsmcc_receiver_destroy(receiver);
        return NULL;
    }
    return receiver;
}

void dsmcc_receiver_destroy(struct dsmcc_receiver *receiver)
{
    if (!receiver)
        return;
    for (size_t i = 0; i < receiver->subscription_count; i++)
        ts_demux_unsubscribe(receiver->demux, receiver->subscriptions[i]);
    receiver->subscription_count = 0;
    if (receiver->busy) {
        receiver->doomed = true;
        return;
    }
    acquisition_finish(&receiver->acquisition);
    dsmcc_tree_unref(receiver->candidate);
    dsmcc_tree_unref(receiver->tree);
    free(receiver);
}

static void status_of(const struct module *module, struct dsmcc_module_status *status)
{
    *status = (struct dsmcc_module_status){.carousel_id = module->download_id,
                                           .module_id = module->announced.module_id,
                                           .version = module->announced.version,
                                           .size = module->announced.size,
                                           .original_size = module->announced.original_size,
                                           .compressed = module->announced.compressed,
                                           .complete = module->state == MODULE_COMPLETE,
                                           .rejected = module->state == MODULE_REJECTED,
                                           .blocks = module->blocks,
                                           .blocks_have = module->have,
                                           .from_cache = module->from_cache};
}

static void note_unannounced(struct dsmcc_receiver *receiver, const struct dsmcc_ior *ior)
{
    for (size_t i = 0; i < receiver->unannounced_count; i++) {
        if (receiver->unannounced[i].module_id == ior->module_id)
            return;
    }
    if (receiver->unannounced_count < UNANNOUNCED_MAX)
        receiver->unannounced[receiver->unannounced_count++] =
            (struct dsmcc_unannounced){.module_id = ior->module_id, .transaction_id = ior->transaction_id};
}

static unsigned rank_of(const struct dsmcc_receiver *receiver, bool directory, const char *path)
{
    for (size_t i = 0; i < receiver->wanted_count; i++) {
        if (dsmcc_path_touches(path, receiver->wanted[i]))
            return RANKS - 1 - (unsigned)i;
    }
    return directory ? RANK_DIRECTORY : RANK_NONE;
}

/* dsmcc_lookup_fn of a walk that will be taken up again when what it misses has come. */
static struct dsmcc_blob *look_up(void *context, const struct dsmcc_ior *ior, enum dsmcc_kind kind,
                                  const char *path, uint8_t *version)
{
    struct dsmcc_receiver *receiver = context;
    struct module *module = acquisition_find(&receiver->acquisition, ior->carousel_id, ior->module_id);
    bool directory = kind == DSMCC_KIND_GATEWAY || kind == DSMCC_KIND_DIRECTORY;
    receiver->blind |= directory && (!module || !module->blob);
    if (!module) {
        note_unannounced(receiver, ior);
        return NULL;
    }
    unsigned rank = rank_of(receiver, directory, path);
    *version = module->announced.version;
    module->used = true;
    module->directory |= directory;
    module->rank = rank > module->rank ? rank : module->rank;
    acquisition_await(&receiver->acquisition, module);
    return module->blob;
}

static struct dsmcc_tree *walk_tree(struct dsmcc_receiver *receiver, bool *whole)
{
    struct dsmcc_walk walk = {.carousel_id = receiver->dsi.gateway.carousel_id,
                              .lookup = look_up,
                              .context = receiver,
                              .max_files = receiver->acquisition.limits.max_files,
                              .max_depth = receiver->acquisition.limits.max_depth};
    receiver->unannounced_count = 0;
    receiver->blind = false;
    acquisition_await_none(&receiver->acquisition);
    struct dsmcc_tree *tree = dsmcc_walk_tree(&walk, &receiver->dsi.gateway);
    *whole = tree && walk.whole;
    receiver->walked_tick = receiver->acquisition.tick;
    receiver->walk_cost = walk.looked_at;
    if (receiver->blind)
        acquisition_keep_ranks(&receiver->acquisition);
    struct dsmcc_receiver_counts *counts = &receiver->counts;
    counts->bad_names = walk.bad_names;
    counts->cycles = walk.cycles;
    counts->too_deep = walk.too_deep;
    counts->too_many = walk.too_many;
    counts->dangling = walk.dangling;
    counts->foreign = walk.foreign;
    return tree;
}

static void publish(struct dsmcc_receiver *receiver, struct dsmcc_tree *tree)
{
    const struct dsmcc_receiver_counts *counts = &receiver->counts;
    uint64_t dropped = counts->bad_names + counts->cycles + counts->too_deep + counts->foreign;
    receiver->complete = true;
    if (receiver->tree && dsmcc_tree_same(receiver->tree, tree)) {
        dsmcc_tree_unref(tree);
        return;
    }
    dsmcc_tree_unref(receiver->tree);
    receiver->tree = tree;
    log_info("carousel %u: complete, %zu files", dsmcc_tree_carousel_id(tree), dsmcc_tree_count(tree));
    if (dropped > 0)
        log_warning("carousel %u: %llu entries left out: bad name, cycle, too deep or of another carousel",
                    dsmcc_tree_carousel_id(tree), (unsigned long long)dropped);
    if (receiver->events.tree)
        receiver->events.tree(receiver->events.context, tree);
}

/* From when to when something was heard of, narrowed by what it must have been on air together with. */
struct moment {
    uint64_t first, last;
};

static void narrow(struct moment *moment, const struct acquisition *acquisition, const struct module *module)
{
    uint64_t last = acquisition_last_tick(acquisition, module);
    moment->first = module->first_tick > moment->first ? module->first_tick : moment->first;
    moment->last = last < moment->last ? last : moment->last;
}

/* Whether all that the last walk used was on air together: DIIs that change in one go are heard one after the
 * other, and until the last was heard the others may already speak of another state. */
static bool is_of_one_moment(const struct dsmcc_receiver *receiver)
{
    const struct acquisition *acquisition = &receiver->acquisition;
    struct moment moment = {receiver->gateway_tick, UINT64_MAX};
    for (size_t i = 0; i < acquisition->module_count; i++) {
        if (acquisition->modules[i]->used)
            narrow(&moment, acquisition, acquisition->modules[i]);
    }
    return moment.first <= moment.last;
}

static void make_way(struct dsmcc_receiver *receiver)
{
    acquisition_make_way(&receiver->acquisition);
    uint32_t hopeless = receiver->acquisition.hopeless;
    for (size_t i = 0; i < receiver->wanted_count; i++) {
        uint32_t bit = 1u << (RANKS - 1 - i);
        if ((hopeless & bit) && !(receiver->hopeless & bit))
            log_warning("carousel %u: \"%s\" cannot be whole within %zu bytes, and is not waited for",
                        receiver->dsi.gateway.carousel_id, receiver->wanted[i],
                        receiver->acquisition.limits.max_total_bytes);
    }
    receiver->hopeless |= hopeless;
}

/* A walk that finds more of what is wanted, but not all, may cost so much for so many sections. */
static bool early_walk_is_due(const struct dsmcc_receiver *receiver)
{
    const struct acquisition *acquisition = &receiver->acquisition;
    return acquisition->early &&
           (acquisition->tick - receiver->walked_tick + 1) * BINDINGS_PER_SECTION >= receiver->walk_cost;
}

/* Looks whether the tree is whole now, where that may have changed. */
static void look_again(struct dsmcc_receiver *receiver)
{
    if (!receiver->has_gateway || receiver->doomed)
        return;
    if (receiver->changed || receiver->acquisition.changed || early_walk_is_due(receiver)) {
        bool whole;
        receiver->changed = receiver->acquisition.changed = receiver->complete = false;
        dsmcc_tree_unref(receiver->candidate);
        receiver->candidate = NULL;
        struct dsmcc_tree *tree = walk_tree(receiver, &whole);
        if (whole)
            receiver->candidate = tree;
        else
            dsmcc_tree_unref(tree);
        make_way(receiver);
    }
    if (receiver->candidate && !receiver->doomed && is_of_one_moment(receiver)) {
        struct dsmcc_tree *tree = receiver->candidate;
        receiver->candidate = NULL;
        publish(receiver, tree);
    }
}

static bool same_gateway(const struct dsmcc_ior *a, const struct dsmcc_ior *b)
{
    return a->carousel_id == b->carousel_id && a->module_id == b->module_id &&
           dsmcc_key_equal(a->key, b->key);
}

/* Control messages of several carousels may share a PID. Once the one that was announced has been heard, it
 * is the one; before, any will do, for what is announced may be wrong. */
static bool is_of_neighbour(const struct dsmcc_receiver *receiver, const struct dsmcc_dsi *dsi)
{
    const struct dsmcc_receiver_options *options = &receiver->acquisition.limits;
    return options->has_carousel_id && receiver->has_gateway &&
           receiver->dsi.gateway.carousel_id == options->carousel_id &&
           dsi->gateway.carousel_id != options->carousel_id;
}

static void on_dsi(struct dsmcc_receiver *receiver, uint16_t pid, uint32_t crc, const struct dsmcc_dsi *dsi)
{
    if (pid != receiver->pid) { /* of the carousel that is at home there */
        receiver->counts.other_carousels++;
        return;
    }
    uint64_t before = receiver->dsi_tick;
    receiver->dsi_tick = receiver->acquisition.tick;
    receiver->changed |= acquisition_round(&receiver->acquisition, before, NULL);
    if (receiver->has_gateway && receiver->dsi_crc == crc)
        return;
    if (is_of_neighbour(receiver, dsi)) {
        receiver->counts.other_carousels++;
        return;
    }
    if (dsi->of_data && !receiver->has_gateway) {
        receiver->of_data = true;
        return;
    }
    if (dsi->gateway.foreign || dsi->gateway.kind != DSMCC_KIND_GATEWAY) {
        receiver->counts.bad_messages++;
        return;
    }
    bool moved = !receiver->has_gateway || !same_gateway(&receiver->dsi.gateway, &dsi->gateway);
    if (moved && receiver->has_gateway)
        receiver->gateway_tick = receiver->acquisition.tick;
    receiver->has_gateway = true;
    receiver->of_data = false;
    receiver->dsi = *dsi;
    receiver->dsi_crc = crc;
    if (moved) {
        acquisition_keep_only(&receiver->acquisition, dsi->gateway.carousel_id);
        receiver->changed = true;
    }
}

static bool of_our_carousel(struct dsmcc_receiver *receiver, uint32_t download_id)
{
    if (!receiver->has_gateway || receiver->dsi.gateway.carousel_id == download_id)
        return true;
    receiver->counts.other_carousels++;
    return false;
}

static void on_dii(struct dsmcc_receiver *receiver, uint16_t pid, uint32_t crc, struct dsmcc_dii *dii)
{
    if (!of_our_carousel(receiver, dii->download_id))
        return;
    struct dsmcc_dii whole = *dii;
    enum acquisition_result result = acquisition_dii(&receiver->acquisition, pid, crc, dii);
    if (result == ACQUISITION_BAD && !receiver->has_gateway && dsmcc_dii_is_of_data(whole))
        receiver->of_data = true;
    else if (result == ACQUISITION_BAD)
        receiver->counts.bad_messages++;
    else if (result == ACQUISITION_CHANGED)
        receiver->changed = true;
}

/* From acquisition, for a block, a DII that the cache or early blocks answer, or a walk that made way. */
static void on_complete(void *context, struct module *module)
{
    struct dsmcc_receiver *receiver = context;
    if (!receiver->events.module || receiver->doomed)
        return;
    struct dsmcc_module_status status;
    status_of(module, &status);
    receiver->events.module(receiver->events.context, &status);
}

static void on_ddb(struct dsmcc_receiver *receiver, uint16_t pid, const struct dsmcc_ddb *ddb)
{
    if (!of_our_carousel(receiver, ddb->download_id))
        return;
    acquisition_ddb(&receiver->acquisition, pid, ddb);
}

void dsmcc_receiver_push_section(struct dsmcc_receiver *receiver, uint16_t pid, const uint8_t *section,
                                 size_t size)
{
    struct dsmcc_message_any any;
    enum dsmcc_message message = dsmcc_message_read(section, size, &any);
    if (message == DSMCC_MESSAGE_NONE) {
        receiver->counts.other_sections++;
        return;
    }
    receiver->counts.sections++;
    receiver->acquisition.tick++;
    receiver->busy = true;
    if (message == DSMCC_MESSAGE_BAD)
        receiver->counts.bad_messages++;
    else if (message == DSMCC_MESSAGE_DSI)
        on_dsi(receiver, pid, any.crc, &any.dsi);
    else if (message == DSMCC_MESSAGE_DII)
        on_dii(receiver, pid, any.crc, &any.dii);
    else
        on_ddb(receiver, pid, &any.ddb);
    look_again(receiver);
    /* A module of the cache may hold the directory that says which one is wanted next. */
    for (size_t budget = RECALL_BYTES; !receiver->doomed;) {
        if (!acquisition_recall(&receiver->acquisition, &budget))
            break;
        look_again(receiver);
    }
    receiver->busy = false;
    if (receiver->doomed)
        dsmcc_receiver_destroy(receiver);
}

struct dsmcc_tree *dsmcc_receiver_tree(const struct dsmcc_receiver *receiver)
{
    return receiver->tree;
}

struct dsmcc_tree *dsmcc_receiver_partial_tree(struct dsmcc_receiver *receiver)
{
    bool whole;
    return receiver->has_gateway ? walk_tree(receiver, &whole) : NULL;
}

bool dsmcc_receiver_want(struct dsmcc_receiver *receiver, const char *const *paths, size_t count)
{
    if (count > DSMCC_WANTED_MAX)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strlen(paths[i]) > DSMCC_PATH_SIZE_MAX)
            return false;
    }
    for (size_t i = 0; i < count; i++)
        memcpy(receiver->wanted[i], paths[i], strlen(paths[i]) + 1);
    receiver->wanted_count = count;
    receiver->hopeless = 0;
    acquisition_forget_ranks(&receiver->acquisition);
    receiver->changed = true; /* at the next section */
    return true;
}

struct branch {
    struct dsmcc_receiver *receiver;
    struct moment moment;
};

/* dsmcc_lookup_fn that takes only what is there and leaves no trace. */
static struct dsmcc_blob *peek(void *context, const struct dsmcc_ior *ior, enum dsmcc_kind kind,
                               const char *path, uint8_t *version)
{
    struct branch *branch = context;
    const struct acquisition *acquisition = &branch->receiver->acquisition;
    const struct module *module = acquisition_find(acquisition, ior->carousel_id, ior->module_id);
    (void)kind;
    (void)path;
    if (!module)
        return NULL;
    *version = module->announced.version;
    narrow(&branch->moment, acquisition, module);
    return module->blob;
}

struct dsmcc_tree *dsmcc_receiver_branch(struct dsmcc_receiver *receiver, const char *path)
{
    struct branch branch = {receiver, {receiver->gateway_tick, UINT64_MAX}};
    struct dsmcc_walk walk = {.carousel_id = receiver->dsi.gateway.carousel_id,
                              .lookup = peek,
                              .context = &branch,
                              .max_files = receiver->acquisition.limits.max_files,
                              .max_depth = receiver->acquisition.limits.max_depth,
                              .branch = path};
    if (!receiver->has_gateway)
        return NULL;
    struct dsmcc_tree *tree = dsmcc_walk_tree(&walk, &receiver->dsi.gateway);
    const struct dsmcc_entry *first = tree ? dsmcc_tree_entry(tree, 0) : NULL;
    /* A file on the way to path is not what was asked for. */
    if (first && walk.whole && branch.moment.first <= branch.moment.last &&
        strlen(first->path) >= strlen(path))
        return tree;
    dsmcc_tree_unref(tree);
    return NULL;
}

void dsmcc_receiver_progress(const struct dsmcc_receiver *receiver, struct dsmcc_progress *progress)
{
    const struct acquisition *acquisition = &receiver->acquisition;
    *progress = (struct dsmcc_progress){.has_gateway = receiver->has_gateway,
                                        .complete = receiver->complete,
                                        .of_data = receiver->of_data,
                                        .carousel_id = receiver->dsi.gateway.carousel_id,
                                        .modules = acquisition->module_count,
                                        .modules_complete = acquisition->complete_count,
                                        .counts = receiver->counts};
    for (unsigned rank = RANK_WANTED; rank < RANKS; rank++)
        progress->wanted_too_large += acquisition->hopeless >> rank & 1;
    for (size_t i = 0; i < acquisition->group_count; i++)
        progress->groups += !acquisition->groups[i].gone;
    for (size_t i = 0; i < acquisition->module_count; i++) {
        const struct module *module = acquisition->modules[i];
        uint64_t have = (uint64_t)module->have * module->block_size;
        progress->bytes += module->announced.size;
        progress->bytes_have += have < module->announced.size ? have : module->announced.size;
        progress->modules_elsewhere += acquisition->tap_count > 0 && module->announced.has_tap &&
                                       module->pid == 0 && module->state != MODULE_COMPLETE;
    }
    if (!receiver->has_gateway && acquisition->module_count > 0)
        progress->carousel_id = acquisition->modules[0]->download_id;
    progress->counts.refused_modules = acquisition->refused;
    progress->counts.duplicate_blocks = acquisition->duplicate_blocks;
    progress->counts.other_versions = acquisition->other_versions;
    progress->counts.bad_blocks = acquisition->bad_blocks;
    progress->counts.unannounced_blocks = acquisition->unannounced_blocks;
    progress->counts.other_carousels += acquisition->other_pids;
    progress->counts.bad_modules = acquisition->bad_modules;
    progress->counts.early_blocks = acquisition->early_blocks;
    progress->counts.vanished_groups = acquisition->vanished;
    progress->counts.from_cache = acquisition->from_cache;
    progress->counts.cache_wrong = acquisition->cache_wrong;
}

bool dsmcc_receiver_module(const struct dsmcc_receiver *receiver, size_t index,
                           struct dsmcc_module_status *status)
{
    if (index >= receiver->acquisition.module_count)
        return false;
    status_of(receiver->acquisition.modules[index], status);
    return true;
}

size_t dsmcc_receiver_missing_blocks(const struct dsmcc_receiver *receiver, size_t index, uint16_t *blocks,
                                     size_t maximum)
{
    if (index >= receiver->acquisition.module_count)
        return 0;
    const struct module *module = receiver->acquisition.modules[index];
    size_t missing = 0;
    for (uint32_t block = 0; module->state == MODULE_PARTIAL && block < module->blocks; block++) {
        if (acquisition_has_block(module, block))
            continue;
        if (missing < maximum)
            blocks[missing] = (uint16_t)block;
        missing++;
    }
    return missing;
}

size_t dsmcc_receiver_unannounced(const struct dsmcc_receiver *receiver, struct dsmcc_unannounced *modules,
                                  size_t maximum)
{
    size_t count = receiver->unannounced_count < maximum ? receiver->unannounced_count : maximum;
    if (count > 0)
        memcpy(modules, receiver->unannounced, count * sizeof *modules);
    return count;
}
