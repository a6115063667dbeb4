/* SPDX-License-Identifier: Apache-2.0 */
/* One file a module, named by what identifies it, "SCOPE-DOWNLOAD-MODULE.module" in hexadecimal:
 *   "KKMC" format u16=1 version u8 compressed u8 scope u64 download_id u32 module_id u16 size u32
 *   original_size u32 transaction_id u32 stored_at u64 SHA-256[32] of all that and the bytes, bytes */
#include "dsmcc/cache.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/queue.h"
#include "base/reader.h"
#include "dsmcc/message.h"
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC 0x4B4B4D43u
#define FORMAT 1
#define HASH_SIZE 32
#define FACTS_SIZE (4 + 2 + 1 + 1 + 8 + 4 + 2 + 4 + 4 + 4 + 8)
#define HEADER_SIZE (FACTS_SIZE + HASH_SIZE)
#define NAME_SIZE 64
#define PATH_SIZE 1024
#define SUFFIX ".module"
#define WAITING_MAX 256              /* jobs before the writer */
#define WAITING_BYTES_MAX (8u << 20) /* what they may hold */
#define DII_VERSIONS 0x4000u         /* bits 16..29 of a transactionId */
#define MODULE_VERSIONS 256u

struct place {
    uint64_t scope;
    uint32_t download_id;
    uint16_t module_id;
};

struct entry {
    struct place place;
    uint64_t size; /* of the file */
    uint64_t used; /* by an own clock: the smallest goes first */
};

struct dsmcc_cache {
    char folder[PATH_SIZE];
    struct dsmcc_cache_options options;
    pthread_t thread;
    bool has_thread;
    struct queue *queue;
    pthread_mutex_t lock;  /* all below, and the files */
    struct entry *entries; /* by place */
    size_t count;
    uint64_t bytes, clock, waiting_bytes;
    struct dsmcc_cache_info info;
};

/* What the writer is to do. */
struct job {
    struct dsmcc_cache *cache;
    struct place place;
    size_t size;
    uint8_t file[];
};

static int compare_places(const struct place *a, const struct place *b)
{
    if (a->scope != b->scope)
        return a->scope < b->scope ? -1 : 1;
    if (a->download_id != b->download_id)
        return a->download_id < b->download_id ? -1 : 1;
    return a->module_id < b->module_id ? -1 : a->module_id > b->module_id;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return compare_places(&x->place, &y->place);
}

static struct place place_of(const struct dsmcc_cache_key *key)
{
    return (struct place){key->scope, key->download_id, key->module_id};
}

static bool path_of(const struct dsmcc_cache *cache, const struct place *place, char path[PATH_SIZE])
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%016" PRIx64 "-%08" PRIx32 "-%04x" SUFFIX, place->scope, place->download_id,
             place->module_id);
    return file_join(path, PATH_SIZE, cache->folder, name);
}

/* Index of the first entry not before place. */
static size_t position(const struct dsmcc_cache *cache, const struct place *place)
{
    size_t low = 0, high = cache->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_places(&cache->entries[middle].place, place) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct entry *find(struct dsmcc_cache *cache, const struct place *place)
{
    size_t index = position(cache, place);
    return index < cache->count && compare_places(&cache->entries[index].place, place) == 0
               ? &cache->entries[index]
               : NULL;
}

/* The file too. */
static void remove_entry(struct dsmcc_cache *cache, struct entry *entry)
{
    char path[PATH_SIZE];
    if (path_of(cache, &entry->place, path))
        unlink(path);
    cache->bytes -= entry->size;
    size_t index = (size_t)(entry - cache->entries);
    memmove(entry, entry + 1, (cache->count - index - 1) * sizeof *entry);
    cache->count--;
}

static void evict_one(struct dsmcc_cache *cache)
{
    struct entry *oldest = &cache->entries[0];
    for (size_t i = 1; i < cache->count; i++)
        oldest = cache->entries[i].used < oldest->used ? &cache->entries[i] : oldest;
    remove_entry(cache, oldest);
    cache->info.evicted++;
}

static void make_room(struct dsmcc_cache *cache, uint64_t size)
{
    while (cache->count > 0 &&
           (cache->count >= cache->options.max_entries || cache->bytes + size > cache->options.max_bytes))
        evict_one(cache);
}

static void add_entry(struct dsmcc_cache *cache, const struct place *place, uint64_t size, uint64_t used)
{
    size_t index = position(cache, place);
    memmove(cache->entries + index + 1, cache->entries + index,
            (cache->count - index) * sizeof *cache->entries);
    cache->entries[index] = (struct entry){*place, size, used};
    cache->count++;
    cache->bytes += size;
}

/* ---- files ---- */

static void append_facts(struct buffer *file, const struct dsmcc_cache_key *key, int64_t stored_at)
{
    buffer_u32(file, MAGIC);
    buffer_u16(file, FORMAT);
    buffer_u8(file, key->version);
    buffer_u8(file, key->compressed);
    buffer_u64(file, key->scope);
    buffer_u32(file, key->download_id);
    buffer_u16(file, key->module_id);
    buffer_u32(file, key->size);
    buffer_u32(file, key->original_size);
    buffer_u32(file, key->transaction_id);
    buffer_u64(file, (uint64_t)stored_at);
}

static bool hash_file(struct bytes facts, struct bytes data, uint8_t digest[HASH_SIZE])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(context, facts.data, facts.size) == 1 &&
                EVP_DigestUpdate(context, data.data, data.size) == 1 &&
                EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

struct facts {
    struct dsmcc_cache_key key;
    int64_t stored_at;
    struct bytes data;
};

static bool read_file(struct bytes file, struct facts *facts)
{
    struct reader reader;
    uint8_t digest[HASH_SIZE];
    reader_init(&reader, file.data, file.size);
    bool good = reader_u32(&reader) == MAGIC;
    good &= reader_u16(&reader) == FORMAT;
    facts->key.version = reader_u8(&reader);
    facts->key.compressed = reader_u8(&reader) != 0;
    facts->key.scope = reader_u64(&reader);
    facts->key.download_id = reader_u32(&reader);
    facts->key.module_id = reader_u16(&reader);
    facts->key.size = reader_u32(&reader);
    facts->key.original_size = reader_u32(&reader);
    facts->key.transaction_id = reader_u32(&reader);
    facts->stored_at = (int64_t)reader_u64(&reader);
    struct bytes hash = reader_bytes(&reader, HASH_SIZE);
    facts->data = reader_bytes(&reader, reader_left(&reader));
    return good && !reader.failed && facts->data.size == facts->key.size &&
           hash_file((struct bytes){file.data, FACTS_SIZE}, facts->data, digest) &&
           memcmp(digest, hash.data, HASH_SIZE) == 0;
}

/* ---- what counts ---- */

static int64_t utc_now(const struct dsmcc_cache *cache)
{
    return cache->options.utc_s ? cache->options.utc_s(cache->options.context) : clock_plausible_utc_s();
}

static unsigned dii_version(uint32_t transaction_id)
{
    return transaction_id >> 16 & (DII_VERSIONS - 1);
}

/* Less than 256 changes of the DII cannot be 256 changes of the module. */
static bool version_counts(uint32_t then, uint32_t now)
{
    return dsmcc_identification(then) == dsmcc_identification(now) &&
           ((dii_version(now) - dii_version(then)) & (DII_VERSIONS - 1)) < MODULE_VERSIONS;
}

/* Without a clock the age cannot be told: the versions and the air must do. */
static bool age_counts(const struct dsmcc_cache *cache, int64_t stored_at)
{
    int64_t now = utc_now(cache);
    return now == 0 ||
           (stored_at > 0 && stored_at <= now + 86400 && now - stored_at <= cache->options.max_age_s);
}

static bool same_module(const struct dsmcc_cache_key *a, const struct dsmcc_cache_key *b)
{
    return a->scope == b->scope && a->download_id == b->download_id && a->module_id == b->module_id &&
           a->version == b->version && a->compressed == b->compressed && a->size == b->size &&
           a->original_size == b->original_size;
}

/* What becomes of an entry that was looked at. */
enum verdict { VERDICT_GOOD, VERDICT_OTHER, VERDICT_EXPIRED, VERDICT_DAMAGED };

static enum verdict judge(const struct dsmcc_cache *cache, const struct dsmcc_cache_key *key,
                          struct bytes file, struct facts *facts)
{
    struct place place = place_of(key), found;
    if (!read_file(file, facts))
        return VERDICT_DAMAGED;
    found = place_of(&facts->key);
    if (compare_places(&place, &found) != 0)
        return VERDICT_DAMAGED; /* under another's name */
    if (!same_module(key, &facts->key))
        return VERDICT_OTHER;
    return version_counts(facts->key.transaction_id, key->transaction_id) &&
                   age_counts(cache, facts->stored_at)
               ? VERDICT_GOOD
               : VERDICT_EXPIRED;
}

static bool get_locked(struct dsmcc_cache *cache, const struct dsmcc_cache_key *key, struct buffer *data)
{
    char path[PATH_SIZE];
    struct place place = place_of(key);
    struct entry *entry = find(cache, &place);
    struct facts facts;
    struct buffer file;
    if (!entry || entry->size != (uint64_t)key->size + HEADER_SIZE || !path_of(cache, &place, path)) {
        cache->info.misses++;
        return false;
    }
    buffer_init(&file, key->size + HEADER_SIZE);
    enum verdict verdict =
        file_read(path, &file, NULL) ? judge(cache, key, buffer_view(&file), &facts) : VERDICT_DAMAGED;
    if (verdict == VERDICT_GOOD) {
        entry->used = ++cache->clock;
        utimensat(AT_FDCWD, path, NULL, 0); /* so the next start knows what was used */
        buffer_append(data, facts.data.data, facts.data.size);
        cache->info.hits++;
    } else {
        cache->info.misses++;
        cache->info.damaged += verdict == VERDICT_DAMAGED;
        cache->info.expired += verdict == VERDICT_EXPIRED;
        if (verdict == VERDICT_DAMAGED)
            log_warning("%s: damaged, removed", path);
        if (verdict != VERDICT_OTHER)
            remove_entry(cache, entry);
    }
    buffer_finish(&file);
    return verdict == VERDICT_GOOD && !data->failed;
}

bool dsmcc_cache_get(struct dsmcc_cache *cache, const struct dsmcc_cache_key *key, struct buffer *data)
{
    pthread_mutex_lock(&cache->lock);
    bool found = get_locked(cache, key, data);
    pthread_mutex_unlock(&cache->lock);
    return found;
}

void dsmcc_cache_remove(struct dsmcc_cache *cache, const struct dsmcc_cache_key *key)
{
    struct place place = place_of(key);
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = find(cache, &place);
    if (entry)
        remove_entry(cache, entry);
    pthread_mutex_unlock(&cache->lock);
}

void dsmcc_cache_info(struct dsmcc_cache *cache, struct dsmcc_cache_info *info)
{
    pthread_mutex_lock(&cache->lock);
    *info = cache->info;
    info->entries = cache->count;
    info->bytes = cache->bytes;
    pthread_mutex_unlock(&cache->lock);
}

/* ---- the writer ---- */

static void note_gone(struct dsmcc_cache *cache, size_t size, bool written)
{
    cache->waiting_bytes -= size;
    cache->info.written += written;
    cache->info.dropped += !written;
}

/* queue_destroy's and a full queue's; the cache's lock is not held. */
static void drop_job(void *message)
{
    struct job *job = message;
    pthread_mutex_lock(&job->cache->lock);
    note_gone(job->cache, job->size, false);
    pthread_mutex_unlock(&job->cache->lock);
    free(job);
}

/* Outside the lock, since the disk may take long; file_write makes it atomic. */
static void write_job(struct dsmcc_cache *cache, struct job *job)
{
    char path[PATH_SIZE];
    struct error error;
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = find(cache, &job->place);
    if (entry)
        remove_entry(cache, entry);
    make_room(cache, job->size);
    pthread_mutex_unlock(&cache->lock);
    bool good = path_of(cache, &job->place, path) && file_write(path, job->file, job->size, &error);
    pthread_mutex_lock(&cache->lock);
    note_gone(cache, job->size, good);
    if (good)
        add_entry(cache, &job->place, job->size, ++cache->clock);
    bool first = !good && cache->info.dropped == 1;
    pthread_mutex_unlock(&cache->lock);
    if (first)
        log_warning("the cache of modules cannot be written: %s", error.text);
    free(job);
}

static void *run(void *context)
{
    struct dsmcc_cache *cache = context;
    struct job *job;
    while ((job = queue_wait(cache->queue, -1))) /* none: closed, and what was pushed before is written */
        write_job(cache, job);
    return NULL;
}

static struct job *make_job(struct dsmcc_cache *cache, const struct dsmcc_cache_key *key, struct bytes data)
{
    size_t size = HEADER_SIZE + data.size;
    struct job *job = malloc(sizeof *job + size);
    if (!job)
        return NULL;
    *job = (struct job){.cache = cache, .place = place_of(key), .size = size};
    struct buffer facts;
    buffer_init(&facts, FACTS_SIZE);
    append_facts(&facts, key, utc_now(cache));
    bool good = !facts.failed && hash_file(buffer_view(&facts), data, job->file + FACTS_SIZE);
    if (good) {
        memcpy(job->file, facts.data, FACTS_SIZE);
        memcpy(job->file + HEADER_SIZE, data.data, data.size);
    }
    buffer_finish(&facts);
    if (good)
        return job;
    free(job);
    return NULL;
}

void dsmcc_cache_put(struct dsmcc_cache *cache, const struct dsmcc_cache_key *key, struct bytes data)
{
    size_t size = HEADER_SIZE + data.size;
    pthread_mutex_lock(&cache->lock);
    bool room = data.size == key->size && size <= cache->options.max_bytes &&
                cache->waiting_bytes + size <= WAITING_BYTES_MAX;
    cache->waiting_bytes += room ? size : 0;
    cache->info.dropped += !room;
    pthread_mutex_unlock(&cache->lock);
    if (!room)
        return;
    struct job *job = make_job(cache, key, data);
    if (job) {
        queue_push(cache->queue, job, true);
        return;
    }
    pthread_mutex_lock(&cache->lock);
    note_gone(cache, size, false);
    pthread_mutex_unlock(&cache->lock);
}

/* ---- life ---- */

/* Also of a file under way when the power went: its name goes on after SUFFIX, and *whole is false. */
static bool parse_name(const char *name, struct place *place, bool *whole)
{
    char again[NAME_SIZE];
    unsigned module_id;
    if (sscanf(name, "%16" SCNx64 "-%8" SCNx32 "-%4x", &place->scope, &place->download_id, &module_id) != 3)
        return false;
    place->module_id = (uint16_t)module_id;
    snprintf(again, sizeof again, "%016" PRIx64 "-%08" PRIx32 "-%04x" SUFFIX, place->scope,
             place->download_id, module_id);
    *whole = strcmp(name, again) == 0;
    return strncmp(name, again, strlen(again)) == 0;
}

/* A found file, with its time of use until all are known. */
static void note_file(struct dsmcc_cache *cache, DIR *folder, const char *name)
{
    struct stat status;
    struct place place;
    bool whole;
    if (!parse_name(name, &place, &whole) ||
        fstatat(dirfd(folder), name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
        return;
    if (!whole) {
        unlinkat(dirfd(folder), name, 0);
        return;
    }
    /* One more than allowed fits for the moment; then the least used goes. */
    cache->entries[cache->count++] =
        (struct entry){place, (uint64_t)status.st_size,
                       (uint64_t)status.st_mtim.tv_sec * 1000000000u + (uint64_t)status.st_mtim.tv_nsec};
    cache->bytes += (uint64_t)status.st_size;
    if (cache->count > cache->options.max_entries || cache->bytes > cache->options.max_bytes)
        evict_one(cache);
}

static bool scan(struct dsmcc_cache *cache, struct error *error)
{
    DIR *folder = opendir(cache->folder);
    if (!folder)
        return error_set(error, "%s: the cache of modules cannot be read", cache->folder);
    for (const struct dirent *entry; (entry = readdir(folder));)
        note_file(cache, folder, entry->d_name);
    closedir(folder);
    qsort(cache->entries, cache->count, sizeof *cache->entries, compare_entries);
    for (size_t i = 0; i < cache->count; i++)
        cache->clock = cache->entries[i].used > cache->clock ? cache->entries[i].used : cache->clock;
    return true;
}

static bool start(struct dsmcc_cache *cache, struct error *error)
{
    cache->entries = calloc(cache->options.max_entries + 2, sizeof *cache->entries);
    cache->queue = queue_create(WAITING_MAX, drop_job, NULL, NULL);
    if (!cache->entries || !cache->queue)
        return error_set(error, "no memory for a cache of modules");
    if (!file_make_folder(cache->folder, error) || !scan(cache, error))
        return false;
    cache->has_thread = pthread_create(&cache->thread, NULL, run, cache) == 0;
    return cache->has_thread || error_set(error, "no thread for a cache of modules");
}

struct dsmcc_cache *dsmcc_cache_open(const struct dsmcc_cache_options *options, struct error *error)
{
    struct dsmcc_cache *cache = calloc(1, sizeof *cache);
    if (!cache) {
        error_set(error, "no memory for a cache of modules");
        return NULL;
    }
    pthread_mutex_init(&cache->lock, NULL);
    cache->options = *options;
    cache->options.folder = cache->folder;
    cache->options.max_bytes = options->max_bytes ? options->max_bytes : 64u << 20;
    cache->options.max_entries = options->max_entries ? options->max_entries : 4096;
    cache->options.max_age_s = options->max_age_s ? options->max_age_s : 14 * 86400;
    bool fits = strlen(options->folder) + NAME_SIZE < sizeof cache->folder;
    if (fits)
        memcpy(cache->folder, options->folder, strlen(options->folder) + 1);
    else
        error_set(error, "%s: too long for a cache's folder", options->folder);
    if (fits && start(cache, error))
        return cache;
    dsmcc_cache_close(cache);
    return NULL;
}

void dsmcc_cache_close(struct dsmcc_cache *cache)
{
    if (!cache)
        return;
    if (cache->has_thread) {
        queue_close(cache->queue);
        pthread_join(cache->thread, NULL);
    }
    queue_destroy(cache->queue);
    pthread_mutex_destroy(&cache->lock);
    free(cache->entries);
    free(cache);
}
