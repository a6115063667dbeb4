/* SPDX-License-Identifier: Apache-2.0 */
#include "reception/carousel.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "dsmcc/cache.h"
#include "dsmcc/receiver.h"
#include "reception/intake.h"
#include "si/taps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAPS_MAX 32 /* of a receiver */
/* A stream that names another carousel all the time (two senders on one address) is followed no faster. */
#define SETTLE_US 1000000
/* A tree that may be accepted later is tried again when a time table comes: soon where that has set the
 * clock, else less and less often. */
#define AGAIN_SOON_US 1000000
#define AGAIN_FIRST_US 10000000
#define AGAIN_MAX_US INT64_C(3600000000)

/* As the stream announces it. */
struct announced {
    struct si_carousel info;
    struct dsmcc_tap_pid taps[SI_COMPONENTS_MAX];
    size_t tap_count;
    uint16_t stream_id; /* what the cache keeps it under */
};

/* The manifest of a role's directory that was taken since the carousel is followed. */
struct taken {
    bool known;
    uint8_t manifest_sha256[TRUST_SHA256_SIZE];
};

struct carousel {
    struct ts_demux *demux;
    const struct si_watcher *watcher;
    struct interaction *interaction;
    uint32_t carousel_id; /* 0: the first that is announced */
    size_t max_bytes;
    struct intake *intake;
    struct dsmcc_cache *cache; /* NULL: none */
    struct dsmcc_receiver *receiver;
    struct announced followed; /* what receiver follows */
    int64_t followed_us;       /* since when */
    struct dsmcc_tree *again;  /* may be accepted later; NULL: none */
    int64_t tried_us, again_wait_us;
    struct taken taken[CONTENT_ROLES];
    struct wanted screens, wanted; /* what they show; what the receiver was told, none before */
    bool changed, modules_changed;
};

static int64_t utc_now(const struct carousel *carousel)
{
    const struct si_clock *clock = si_watcher_clock(carousel->watcher);
    if (clock)
        return clock->utc_s + (clock_monotonic_us() - clock->monotonic_us) / 1000000;
    return clock_plausible_utc_s();
}

static int64_t cache_clock(void *context)
{
    return utc_now(context);
}

/* Without it everything comes from the air, as ever. */
static void open_cache(struct carousel *carousel, const struct reception_options *reception)
{
    struct error error;
    const struct dsmcc_cache_options options = {.folder = reception->cache_folder,
                                                .max_bytes = reception->cache_bytes,
                                                .utc_s = cache_clock,
                                                .context = carousel};
    if (!options.folder)
        return;
    carousel->cache = dsmcc_cache_open(&options, &error);
    if (!carousel->cache)
        log_warning("carousel modules are not kept: %s", error.text);
}

static void take_tree(struct carousel *carousel, struct dsmcc_tree *tree, int64_t again_wait_us)
{
    intake_tree(carousel->intake, tree, utc_now(carousel));
    struct dsmcc_tree *old = carousel->again;
    carousel->again = intake_wants_again(carousel->intake) ? dsmcc_tree_ref(tree) : NULL;
    dsmcc_tree_unref(old);
    carousel->again_wait_us = again_wait_us < AGAIN_MAX_US ? again_wait_us : AGAIN_MAX_US;
    carousel->tried_us = clock_monotonic_us();
    carousel->changed = true;
}

static void on_tree(void *context, struct dsmcc_tree *tree)
{
    struct carousel *carousel = context;
    interaction_take_tree(carousel->interaction, tree);
    take_tree(carousel, tree, utc_now(carousel) ? AGAIN_FIRST_US : 0);
}

void carousel_try_again(struct carousel *carousel)
{
    int64_t wait_us = carousel->again_wait_us;
    if (!carousel->again || !si_watcher_clock(carousel->watcher) ||
        clock_monotonic_us() - carousel->tried_us < wait_us)
        return;
    take_tree(carousel, carousel->again, wait_us < AGAIN_FIRST_US ? AGAIN_FIRST_US : 2 * wait_us);
}

static void on_module(void *context, const struct dsmcc_module_status *module)
{
    struct carousel *carousel = context;
    (void)module;
    carousel->changed = carousel->modules_changed = true;
}

/* Tells receiver and intake what comes first, where that has changed. */
static void update_wanted(struct carousel *carousel)
{
    bool come[CONTENT_ROLES];
    enum content_role order[CONTENT_ROLES];
    const char *paths[DSMCC_WANTED_MAX];
    struct wanted wanted = carousel->screens;
    for (int role = 0; role < CONTENT_ROLES; role++)
        come[role] = carousel->taken[role].known;
    wanted_add_roles(&wanted, come);
    wanted_roles(&wanted, order);
    intake_order(carousel->intake, order);
    if (!carousel->receiver || wanted_same(&wanted, &carousel->wanted))
        return;
    carousel->wanted = wanted;
    for (size_t i = 0; i < wanted.count; i++)
        paths[i] = wanted.paths[i];
    dsmcc_receiver_want(carousel->receiver, paths, wanted.count);
}

static bool is_taken(struct carousel *carousel, const struct dsmcc_tree *branch, enum content_role role)
{
    char path[64];
    struct taken now = {.known = true}, *before = &carousel->taken[role];
    snprintf(path, sizeof(path), "%s/%s", content_role_str(role), TRUST_MANIFEST_NAME);
    const struct dsmcc_entry *manifest = dsmcc_tree_find(branch, path);
    if (!manifest || !trust_sha256(manifest->data, now.manifest_sha256))
        return false;
    if (before->known && !memcmp(before->manifest_sha256, now.manifest_sha256, TRUST_SHA256_SIZE))
        return true;
    *before = now;
    return false;
}

/* A role's directory is taken as soon as it is whole, however long the rest of the carousel takes; what is
 * wanted most first. */
void carousel_take(struct carousel *carousel)
{
    enum content_role order[CONTENT_ROLES];
    if (!carousel->modules_changed || !carousel->receiver)
        return;
    carousel->modules_changed = false;
    wanted_roles(&carousel->wanted, order);
    for (int i = 0; i < CONTENT_ROLES; i++) {
        enum content_role role = order[i];
        struct dsmcc_tree *branch = dsmcc_receiver_branch(carousel->receiver, content_role_str(role));
        if (branch && utc_now(carousel) && !is_taken(carousel, branch, role))
            intake_branch(carousel->intake, branch, role, utc_now(carousel));
        dsmcc_tree_unref(branch);
    }
    update_wanted(carousel);
}

static bool find_carousel(const struct carousel *carousel, struct si_carousel *found)
{
    struct si_carousel carousels[SI_CAROUSELS_MAX];
    size_t count = si_watcher_carousels(carousel->watcher, carousels, SI_CAROUSELS_MAX);
    for (size_t i = 0; i < count; i++) {
        uint32_t wanted = carousel->carousel_id;
        if (wanted == 0 || (carousels[i].has_id && carousels[i].carousel_id == wanted)) {
            *found = carousels[i];
            return true;
        }
    }
    return false;
}

/* The PIDs that the taps of the carousel's service may name. */
static size_t taps_of(const struct carousel *carousel, uint16_t service_id, struct dsmcc_tap_pid *taps,
                      size_t maximum)
{
    const struct si_service *service = si_watcher_find_service(carousel->watcher, service_id);
    struct si_tap found[TAPS_MAX];
    size_t count =
        service ? si_service_taps(carousel->watcher, service, found, maximum < TAPS_MAX ? maximum : TAPS_MAX)
                : 0;
    for (size_t i = 0; i < count; i++)
        taps[i] = (struct dsmcc_tap_pid){.association_tag = found[i].association_tag, .pid = found[i].pid};
    return count;
}

static bool is_followed(const struct carousel *carousel, const struct announced *found)
{
    const struct announced *now = &carousel->followed;
    return carousel->receiver && found->info.pid == now->info.pid &&
           found->info.carousel_id == now->info.carousel_id && found->stream_id == now->stream_id &&
           found->tap_count == now->tap_count &&
           !memcmp(found->taps, now->taps, now->tap_count * sizeof(now->taps[0]));
}

static struct dsmcc_receiver *make_receiver(struct carousel *carousel, const struct announced *found)
{
    const struct dsmcc_receiver_options options = {.max_total_bytes = carousel->max_bytes,
                                                   .cache = carousel->cache,
                                                   .cache_scope = found->stream_id,
                                                   .has_carousel_id = found->info.has_id,
                                                   .carousel_id = found->info.carousel_id};
    const struct dsmcc_receiver_events events = {.context = carousel, .tree = on_tree, .module = on_module};
    return dsmcc_receiver_create(carousel->demux, found->info.pid, found->taps, found->tap_count, &options,
                                 &events);
}

bool carousel_follow(struct carousel *carousel)
{
    struct announced found = {0};
    if (!find_carousel(carousel, &found.info))
        return true; /* one that has left the PMT is kept: it may come back, and what it brought stays valid
                      */
    found.tap_count = taps_of(carousel, found.info.service_id, found.taps, SI_COMPONENTS_MAX);
    si_watcher_stream_id(carousel->watcher, &found.stream_id);
    if (is_followed(carousel, &found))
        return true;
    int64_t now = clock_monotonic_us();
    if (carousel->receiver && now - carousel->followed_us < SETTLE_US)
        return false;
    carousel->followed_us = now;
    dsmcc_receiver_destroy(carousel->receiver);
    carousel->receiver = make_receiver(carousel, &found);
    carousel->followed = found;
    carousel->changed = true;
    carousel->wanted.count = 0;
    memset(carousel->taken, 0, sizeof(carousel->taken));
    update_wanted(carousel);
    if (carousel->receiver)
        log_info("object carousel %u on PID %u", (unsigned)found.info.carousel_id, found.info.pid);
    else
        log_error("the object carousel on PID %u is not received: no memory", found.info.pid);
    return true;
}

void carousel_leave(struct carousel *carousel)
{
    dsmcc_receiver_destroy(carousel->receiver);
    carousel->receiver = NULL;
}

void carousel_clock_set(struct carousel *carousel)
{
    if (carousel->again_wait_us > AGAIN_SOON_US)
        carousel->again_wait_us = AGAIN_SOON_US;
}

void carousel_want(struct carousel *carousel, const struct wanted *screens)
{
    carousel->screens = *screens;
    update_wanted(carousel);
}

bool carousel_take_changed(struct carousel *carousel)
{
    bool changed = carousel->changed;
    carousel->changed = false;
    return changed;
}

static void tell_progress(const struct carousel *carousel, struct reception_news *news)
{
    struct dsmcc_progress progress;
    news->has_carousel = carousel->receiver != NULL;
    if (!carousel->receiver)
        return;
    dsmcc_receiver_progress(carousel->receiver, &progress);
    news->modules = progress.modules;
    news->modules_complete = progress.modules_complete;
    news->carousel_bytes = progress.bytes;
    news->carousel_bytes_have = progress.bytes_have;
    const struct dsmcc_receiver_counts *counts = &progress.counts;
    news->carousel_rejects = counts->bad_messages + counts->bad_blocks + counts->refused_modules +
                             counts->bad_modules + counts->bad_names + counts->cycles + counts->too_deep +
                             counts->too_many + counts->dangling;
}

void carousel_tell(const struct carousel *carousel, struct reception_news *news)
{
    tell_progress(carousel, news);
    for (int role = 0; role < CONTENT_ROLES; role++) {
        struct intake_role state;
        intake_role(carousel->intake, role, &state);
        news->roles[role] = (struct reception_role){.seen = state.seen,
                                                    .result = state.result,
                                                    .sequence = state.sequence,
                                                    .refused_count = state.refused_count};
        text_copy(news->roles[role].reason, sizeof(news->roles[role].reason), state.reason);
    }
}

struct carousel *carousel_create(const struct carousel_options *options, struct error *error)
{
    const struct reception_options *reception = options->reception;
    struct carousel *carousel = calloc(1, sizeof(*carousel));
    if (!carousel) {
        error_set(error, "reception: no memory");
        return NULL;
    }
    carousel->demux = options->demux;
    carousel->watcher = options->watcher;
    carousel->interaction = options->interaction;
    carousel->carousel_id = reception->carousel_id;
    carousel->max_bytes = reception->carousel_bytes;
    carousel->intake = intake_create(reception->operator_root, reception->store, reception->settings, error);
    if (!carousel->intake) {
        free(carousel);
        return NULL;
    }
    open_cache(carousel, reception);
    return carousel;
}

void carousel_destroy(struct carousel *carousel)
{
    if (!carousel)
        return;
    dsmcc_receiver_destroy(carousel->receiver);
    dsmcc_cache_close(carousel->cache);
    dsmcc_tree_unref(carousel->again);
    intake_destroy(carousel->intake);
    free(carousel);
}
