/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/edition.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "trust/sign.h"
#include "trust/verify.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DAY_S 86400
#define VALID_DAYS 7
/* A box whose clock is a little behind believes a new edition all the same. */
#define EARLY_S 600
#define KEY_SIZE_MAX 16384

static void split_areas(struct publisher *publisher)
{
    char *rest = publisher->area_text;
    for (char *area; (area = strsep(&rest, ", ")) && publisher->area_count < TRUST_AREAS_MAXIMUM;) {
        if (*area)
            publisher->areas[publisher->area_count++] = area;
    }
}

void publisher_read(struct publisher *publisher, const struct config *config, enum content_role role)
{
    char section[64];
    memset(publisher, 0, sizeof(*publisher));
    publisher->role = role;
    snprintf(section, sizeof(section), "publisher.%s", content_role_str(role));
    if (!config_path(config, section, "key", publisher->key, sizeof(publisher->key)))
        publisher->key[0] = '\0';
    if (!config_path(config, section, "chain", publisher->chain, sizeof(publisher->chain)))
        publisher->chain[0] = '\0';
    text_copy(publisher->area_text, sizeof(publisher->area_text),
              config_string(config, section, "areas", ""));
    split_areas(publisher);
    publisher->valid_s = DAY_S * config_integer(config, "publisher", "valid_days", VALID_DAYS, 1, 3650);
}

/* The three files as state_folder/ROLE/NAME; false where the path is too long or there is no folder. */
static bool kept_path(char *path, size_t size, const char *state_folder, enum content_role role,
                      const char *name)
{
    char folder[EDITION_PATH_SIZE];
    return state_folder && file_join(folder, sizeof(folder), state_folder, content_role_str(role)) &&
           file_join(path, size, folder, name);
}

static bool read_kept(struct buffer *buffer, const char *state_folder, enum content_role role,
                      const char *name)
{
    char path[EDITION_PATH_SIZE + 64];
    struct stat status;
    return kept_path(path, sizeof(path), state_folder, role, name) && stat(path, &status) == 0 &&
           file_read(path, buffer, NULL);
}

/* A file's path below its role's folder. */
static const char *below_role(const struct content_set *set, const struct content_file *file)
{
    return file->path + strlen(content_role_str(set->role)) + 1;
}

static bool names_exactly(const struct trust_manifest *manifest, const struct content_set *set)
{
    if (manifest->file_count != set->count || strcmp(manifest->role, content_role_str(set->role)))
        return false;
    for (size_t i = 0; i < set->count; i++) {
        if (!trust_manifest_check_file(manifest, below_role(set, &set->files[i]), set->files[i].bytes, NULL))
            return false;
    }
    return true;
}

static bool same_areas(const struct trust_manifest *manifest, const struct publisher *publisher)
{
    if (manifest->area_count != publisher->area_count)
        return false;
    for (size_t i = 0; i < publisher->area_count; i++) {
        if (strcmp(manifest->areas[i], publisher->areas[i]))
            return false;
    }
    return true;
}

static int64_t renewal(int64_t valid_from, int64_t valid_until)
{
    return valid_from + (valid_until - valid_from) / 2;
}

int64_t edition_renewal(const struct edition *edition)
{
    return renewal(edition->valid_from, edition->valid_until);
}

/* Whether what is kept may go on air as it is. *last_sequence is the kept manifest's, 0 where there is none.
 */
static bool take_kept(struct edition *edition, const struct publisher *publisher, const char *state_folder,
                      int64_t now_utc, int64_t *last_sequence)
{
    enum content_role role = publisher->role;
    struct buffer chain;
    buffer_init(&chain, TRUST_CHAIN_SIZE_MAXIMUM);
    *last_sequence = 0;
    struct trust_manifest *manifest = NULL;
    if (read_kept(&edition->manifest, state_folder, role, TRUST_MANIFEST_NAME))
        manifest = trust_manifest_parse(buffer_view(&edition->manifest), NULL);
    bool good = false;
    if (manifest) {
        *last_sequence = manifest->sequence;
        edition->sequence = manifest->sequence;
        edition->valid_from = manifest->valid_from;
        edition->valid_until = manifest->valid_until;
        good = read_kept(&edition->signature, state_folder, role, TRUST_SIGNATURE_NAME) &&
               read_kept(&chain, state_folder, role, TRUST_CHAIN_NAME) && chain.size == edition->chain.size &&
               memcmp(chain.data, edition->chain.data, chain.size) == 0 &&
               names_exactly(manifest, edition->set) && same_areas(manifest, publisher) &&
               now_utc >= manifest->valid_from && now_utc < edition_renewal(edition);
    }
    trust_manifest_destroy(manifest);
    buffer_finish(&chain);
    return good;
}

static bool build_manifest(struct edition *edition, const struct publisher *publisher, struct error *error)
{
    const struct content_set *set = edition->set;
    struct trust_source *sources = calloc(set->count + 1, sizeof(*sources));
    if (!sources)
        return error_set(error, "%s: out of memory", content_role_str(set->role));
    for (size_t i = 0; i < set->count; i++)
        sources[i] =
            (struct trust_source){.path = below_role(set, &set->files[i]), .bytes = set->files[i].bytes};
    bool good = trust_manifest_build(content_role_str(set->role), edition->sequence, edition->valid_from,
                                     edition->valid_until, publisher->areas, publisher->area_count, sources,
                                     set->count, &edition->manifest, error);
    free(sources);
    return good;
}

static bool keep_file(const struct buffer *buffer, const char *state_folder, enum content_role role,
                      const char *name, struct error *error)
{
    char path[EDITION_PATH_SIZE + 64];
    if (!kept_path(path, sizeof(path), state_folder, role, name))
        return error_set(error, "%s: the path is too long", state_folder);
    return file_write(path, buffer->data, buffer->size, error);
}

/* The manifest goes last: it vouches for the sequence, and without matching signature it is only made anew.
 */
static bool keep(const struct edition *edition, const char *state_folder, struct error *error)
{
    char folder[EDITION_PATH_SIZE];
    enum content_role role = edition->set->role;
    if (!state_folder)
        return true;
    if (!file_join(folder, sizeof(folder), state_folder, content_role_str(role)))
        return error_set(error, "%s: the path is too long", state_folder);
    return file_make_folder(folder, error) &&
           keep_file(&edition->signature, state_folder, role, TRUST_SIGNATURE_NAME, error) &&
           keep_file(&edition->chain, state_folder, role, TRUST_CHAIN_NAME, error) &&
           keep_file(&edition->manifest, state_folder, role, TRUST_MANIFEST_NAME, error);
}

static bool sign_new(struct edition *edition, const struct publisher *publisher, struct bytes key,
                     const char *state_folder, int64_t last_sequence, int64_t now_utc, struct error *error)
{
    buffer_clear(&edition->manifest);
    buffer_clear(&edition->signature);
    edition->sequence = last_sequence + 1 > now_utc ? last_sequence + 1 : now_utc;
    edition->valid_from = now_utc - EARLY_S;
    edition->valid_until = now_utc + publisher->valid_s;
    return trust_check_publisher(key, buffer_view(&edition->chain), content_role_str(publisher->role),
                                 error) &&
           build_manifest(edition, publisher, error) &&
           trust_sign(key, buffer_view(&edition->manifest), &edition->signature, error) &&
           keep(edition, state_folder, error);
}

static bool read_credentials(struct edition *edition, const struct publisher *publisher, struct buffer *key,
                             struct error *error)
{
    const char *role = content_role_str(publisher->role);
    if (!publisher->key[0] || !publisher->chain[0])
        return error_set(error, "%s: expected key and chain in section [publisher.%s], found %s", role, role,
                         publisher->key[0] ? "no chain" : "no key");
    return file_read(publisher->key, key, error) && file_read(publisher->chain, &edition->chain, error);
}

struct edition *edition_make(struct content_set *set, const struct publisher *publisher,
                             const char *state_folder, int64_t now_utc, struct error *error)
{
    struct edition *edition = calloc(1, sizeof(*edition));
    if (!edition) {
        content_set_destroy(set);
        error_set(error, "%s: out of memory", content_role_str(publisher->role));
        return NULL;
    }
    struct buffer key;
    int64_t last_sequence;
    buffer_init(&key, KEY_SIZE_MAX);
    edition->set = set;
    buffer_init(&edition->manifest, TRUST_MANIFEST_SIZE_MAXIMUM);
    buffer_init(&edition->signature, TRUST_SIGNATURE_SIZE_MAXIMUM);
    buffer_init(&edition->chain, TRUST_CHAIN_SIZE_MAXIMUM);
    bool good = read_credentials(edition, publisher, &key, error);
    if (good && !take_kept(edition, publisher, state_folder, now_utc, &last_sequence))
        good = sign_new(edition, publisher, buffer_view(&key), state_folder, last_sequence, now_utc, error);
    if (key.data)
        explicit_bzero(key.data, key.capacity);
    buffer_finish(&key);
    if (good)
        return edition;
    edition_destroy(edition);
    return NULL;
}

void edition_destroy(struct edition *edition)
{
    if (!edition)
        return;
    content_set_destroy(edition->set);
    buffer_finish(&edition->manifest);
    buffer_finish(&edition->signature);
    buffer_finish(&edition->chain);
    free(edition);
}
