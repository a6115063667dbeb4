/* SPDX-License-Identifier: Apache-2.0 */
#include "screen_shop.h"
#include "base/file.h"
#include "store/store.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PICTURES 8
#define MERCHANTS 24
#define PER_DOCUMENT 500

struct name {
    const char *zh, *bo;
};

static const struct name categories[] = {
    {"食品", "ཟས་རིགས།"},  {"茶饮", "ཇ་རིགས།"}, {"服饰", "གྱོན་གོས།"},  {"家居", "ཁྱིམ་ཆས།"}, {"家电", "གློག་ཆས།"},
    {"工艺品", "ལག་ཤེས།"}, {"药材", "སྨན་རྫས།"}, {"数码", "གྲངས་ཆས།"}, {"农牧", "ཞིང་འབྲོག"},
};
#define CATEGORIES (sizeof(categories) / sizeof(categories[0]))

static const struct name places[] = {
    {"共和", "གསེར་ཆེན་"}, {"刚察", "རྐང་ཚ་"}, {"贵德", "ཁྲི་ཀ་"},   {"同德", "ཐུང་ཏེ་"},
    {"天峻", "ཐེམ་ཆེན་"},  {"祁连", "ཆི་ལེན་"}, {"玉树", "ཡུས་ཧྲུའུ་"},
};

static const struct name things[] = {
    {"糌粑", "རྩམ་པ།"},   {"酥油", "མར།"},       {"牦牛肉干", "གཡག་ཤ་སྐམ་པོ།"},
    {"砖茶", "ཇ་པར་མ།"}, {"藏袍", "བོད་ཆས།"},    {"羊毛围巾", "བལ་གྱི་སྐེ་དཀྲིས།"},
    {"木碗", "ཤིང་ཕོར།"},  {"电热毯", "གློག་གདན།"}, {"唐卡", "ཐང་ཀ"},
    {"藏香", "བོད་སྤོས།"},  {"收音机", "རླུང་འཕྲིན།"}, {"太阳能板", "ཉི་ནུས་གློག་པང་།"},
};
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* A file as an ingest takes it. The bench trusts itself: the digest only has to differ from file to file. */
static bool put(struct store *store, const char *path, const void *data, size_t size, struct error *error)
{
    uint8_t digest[STORE_SHA256_SIZE] = {0};
    for (size_t i = 0; path[i]; i++)
        digest[i % sizeof(digest)] = (uint8_t)(digest[i % sizeof(digest)] * 31 + path[i]);
    return store_ingest_file(store, path, digest, (struct bytes){data, size}, error);
}

static bool put_text(struct store *store, const char *path, FILE *file, char **text, size_t *size,
                     struct error *error)
{
    bool good = fclose(file) == 0 && put(store, path, *text, *size, error);
    free(*text);
    return good;
}

static bool put_categories(struct store *store, struct error *error)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return error_set(error, "out of memory");
    fputs("{\"categories\":[", file);
    for (size_t i = 0; i < CATEGORIES; i++)
        fprintf(file,
                "%s{\"id\":\"c%zu\",\"name\":{\"zh\":\"%s\",\"bo\":\"%s\"},\"order\":%zu,\"icon\":\"shop\"}",
                i ? "," : "", i, categories[i].zh, categories[i].bo, i + 1);
    fputs("]}", file);
    return put_text(store, "commerce/categories.json", file, &text, &size, error);
}

static bool put_merchants(struct store *store, struct error *error)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return error_set(error, "out of memory");
    fputs("{\"merchants\":[", file);
    for (int i = 0; i < MERCHANTS; i++)
        fprintf(file,
                "%s{\"id\":\"m%d\",\"name\":{\"zh\":\"高原合作社%d\",\"bo\":\"མཉམ་ལས་ཁང་%d\"},\"uscc\":"
                "\"93632224MADEM0011C\",\"area\":\"632224\",\"phone\":\"0970-5550101\",\"about\":{\"zh\":"
                "\"测量用的合作社，虚构\"}}",
                i ? "," : "", i, i, i);
    fputs("]}", file);
    return put_text(store, "commerce/merchants.json", file, &text, &size, error);
}

/* Deterministic, from the number alone. */
static unsigned scatter(size_t number)
{
    uint64_t mixed = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
    return (unsigned)(mixed >> 40);
}

static void write_product(FILE *file, size_t number)
{
    const struct name *place = &places[scatter(number) % COUNT(places)];
    const struct name *thing = &things[scatter(number * 7 + 3) % COUNT(things)];
    unsigned price = 500 + scatter(number * 3 + 1) % 90000;
    fprintf(
        file,
        "{\"id\":\"p%zu\",\"merchant\":\"m%zu\",\"name\":{\"zh\":\"%s%s 第%zu号\",\"bo\":\"%s%s\"},"
        "\"unit\":{\"zh\":\"一份\",\"bo\":\"གཅིག\"},\"summary\":{\"zh\":\"当地合作社供货，货到付款\",\"bo\":"
        "\"ས་གནས་ཀྱི་མཉམ་ལས་ཁང་།\"},\"description\":{\"zh\":"
        "\"选用当地原料，手工制作，干净结实。七日内可以退换。\"},"
        "\"origin\":{\"zh\":\"青海\",\"bo\":\"མཚོ་སྔོན།\"},\"price_fen\":%u,",
        number, number % MERCHANTS, place->zh, thing->zh, number, place->bo, thing->bo, price);
    if (number % 5 == 0)
        fprintf(file, "\"old_price_fen\":%u,", price + price / 4);
    fprintf(file, "\"stock\":100,\"pictures\":[\"pictures/p%zu.jpg\"],\"featured\":%s}",
            (size_t)(scatter(number * 11) % PICTURES), number % 50 == 0 ? "true" : "false");
}

static bool put_products(struct store *store, size_t category, size_t part, size_t first, size_t count,
                         struct error *error)
{
    char *text = NULL, path[64];
    size_t size;
    FILE *file = open_memstream(&text, &size);
    if (!file)
        return error_set(error, "out of memory");
    fprintf(file, "{\"category\":\"c%zu\",\"products\":[", category);
    for (size_t i = 0; i < count; i++) {
        fputs(i ? "," : "", file);
        write_product(file, first + i);
    }
    fputs("]}", file);
    snprintf(path, sizeof(path), "commerce/catalogue/c%zu-%02zu.json", category, part);
    return put_text(store, path, file, &text, &size, error);
}

static bool put_catalogue(struct store *store, size_t products, struct error *error)
{
    size_t number = 0;
    for (size_t category = 0; category < CATEGORIES; category++) {
        size_t left = products * (category + 1) / CATEGORIES - number;
        for (size_t part = 0; left > 0; part++) {
            size_t count = left < PER_DOCUMENT ? left : PER_DOCUMENT;
            if (!put_products(store, category, part, number, count, error))
                return false;
            number += count;
            left -= count;
        }
    }
    return true;
}

struct gallery {
    struct store *store;
    const char *folder;
    struct error *error;
    int count;
};

static bool put_picture(void *context, const char *relative_path, uint64_t size)
{
    struct gallery *gallery = context;
    char path[1024], name[64];
    struct buffer bytes;
    const char *dot = strrchr(relative_path, '.');
    if (gallery->count == PICTURES || !dot || strcmp(dot, ".jpg"))
        return true;
    if (!file_join(path, sizeof(path), gallery->folder, relative_path))
        return error_set(gallery->error, "%s: too long", gallery->folder);
    snprintf(name, sizeof(name), "commerce/pictures/p%d.jpg", gallery->count++);
    buffer_init(&bytes, (size_t)size + 1);
    bool good = file_read(path, &bytes, gallery->error) &&
                put(gallery->store, name, bytes.data, bytes.size, gallery->error);
    buffer_finish(&bytes);
    return good;
}

bool screen_shop_make(const char *folder, const char *pictures, size_t products, struct error *error)
{
    char path[1024];
    int64_t now = (int64_t)time(NULL);
    if (!file_join(path, sizeof(path), folder, "content.db"))
        return error_set(error, "%s: too long", folder);
    struct store *store = store_open(path, error);
    if (!store)
        return false;
    struct gallery gallery = {store, pictures, error, 0};
    const struct store_accepted accepted = {
        .sequence = 1, .valid_from = now - 86400, .valid_until = now + 86400, .accepted_at = now};
    bool good = store_ingest_begin(store, CONTENT_COMMERCE, &accepted, error) &&
                put_categories(store, error) && put_merchants(store, error) &&
                put_catalogue(store, products, error) && file_walk(pictures, put_picture, &gallery, error);
    if (good && gallery.count < PICTURES)
        good = error_set(error, "%s: expected %d pictures", pictures, PICTURES);
    good = good && store_ingest_commit(store, error);
    store_close(store);
    return good;
}
