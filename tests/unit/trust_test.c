/* SPDX-License-Identifier: Apache-2.0 */
/* Every key and certificate here is made for one run, in memory. */
#include "trust/sign.h"
#include "trust/verify.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1795450680) /* 2026-11-23T16:18:00Z */
#define YEAR (365 * INT64_C(86400))

/* How to make a certificate; the zero of each member is what is usual. */
struct wish {
    const char *group; /* NULL: P-256; "RSA" */
    const char *role;  /* NULL: none */
    const char *usage; /* NULL: digitalSignature for a publisher, keyCertSign for a CA; "": no extension */
    bool is_ca, no_constraints;
    int64_t from, until; /* 0: a year before and after NOW */
};

struct identity {
    EVP_PKEY *key;
    X509 *certificate;
    struct buffer key_pem, pem;
};

static void to_asn1(ASN1_TIME *time, int64_t utc_s)
{
    struct tm civil;
    time_t seconds = (time_t)utc_s;
    char text[20];
    assert_non_null(gmtime_r(&seconds, &civil));
    assert_true(strftime(text, sizeof text, "%Y%m%d%H%M%SZ", &civil) > 0);
    assert_int_equal(ASN1_TIME_set_string_X509(time, text), 1);
}

static void extend(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void sign_certificate(X509 *certificate, EVP_PKEY *key)
{
    static const char id[] = "1234567812345678";
    bool is_sm2 = EVP_PKEY_is_a(key, "SM2");
    EVP_PKEY_CTX *key_context;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, &key_context, is_sm2 ? EVP_sm3() : EVP_sha256(), NULL, key),
                     1);
    if (is_sm2) {
        assert_int_equal(EVP_PKEY_CTX_set1_id(key_context, id, (int)strlen(id)), 1);
    }
    assert_true(X509_sign_ctx(certificate, context) > 0);
    EVP_MD_CTX_free(context);
}

static void take_pem(BIO *bio, struct buffer *pem)
{
    char *data;
    long size = BIO_get_mem_data(bio, &data);
    buffer_init(pem, 65536);
    buffer_append(pem, data, (size_t)size);
    BIO_free(bio);
}

static EVP_PKEY *make_key(const char *group)
{
    if (group != NULL && strcmp(group, "RSA") == 0) {
        return EVP_RSA_gen(2048);
    }
    if (group != NULL && strcmp(group, "SM2") == 0) {
        return EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    }
    return EVP_EC_gen(group != NULL ? group : "P-256");
}

/* issuer NULL: its own. */
static struct identity make(const char *name, const struct wish *wish, const struct identity *issuer)
{
    static long serial = 1;
    struct identity self = {.key = make_key(wish->group), .certificate = X509_new()};
    assert_non_null(self.key);
    X509 *certificate = self.certificate, *signer = issuer != NULL ? issuer->certificate : certificate;
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    to_asn1(X509_getm_notBefore(certificate), wish->from != 0 ? wish->from : NOW - YEAR);
    to_asn1(X509_getm_notAfter(certificate), wish->until != 0 ? wish->until : NOW + YEAR);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(signer));
    X509_set_pubkey(certificate, self.key);
    if (!wish->no_constraints) {
        extend(certificate, signer, NID_basic_constraints,
               wish->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    }
    const char *usage = wish->usage != NULL ? wish->usage
                        : wish->is_ca       ? "critical,keyCertSign"
                                            : "critical,digitalSignature";
    if (usage[0] != '\0') {
        extend(certificate, signer, NID_key_usage, usage);
    }
    if (wish->role != NULL) {
        char uri[80];
        snprintf(uri, sizeof uri, "DNS:publisher.example,URI:urn:kokonor:role:%s", wish->role);
        extend(certificate, signer, NID_subject_alt_name, uri);
    }
    sign_certificate(certificate, issuer != NULL ? issuer->key : self.key);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
    take_pem(bio, &self.pem);
    bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, self.key, NULL, NULL, 0, NULL, NULL), 1);
    take_pem(bio, &self.key_pem);
    return self;
}

static void drop(struct identity *identity)
{
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
    buffer_finish(&identity->pem);
    buffer_finish(&identity->key_pem);
}

/* What a publisher puts on air, and who believes it. */
struct air {
    struct identity root, middle, publisher;
    struct buffer manifest, signature, chain;
    struct trust_verifier *verifier;
};

static const uint8_t salt[] = "salt", barley[] = "barley";
static const struct trust_source sources[] = {{"catalogue/dairy.json", {barley, 6}},
                                              {"categories.json", {salt, 4}}};

static void build_manifest(struct buffer *manifest, const char *role, int64_t sequence, int64_t from,
                           int64_t until)
{
    static const char *const areas[] = {"63", "6222"};
    struct error error = {.text = ""};
    buffer_init(manifest, TRUST_MANIFEST_SIZE_MAXIMUM);
    bool built = trust_manifest_build(role, sequence, from, until, areas, 2, sources, 2, manifest, &error);
    assert_string_equal(error.text, "");
    assert_true(built);
}

static void sign_air(struct air *air)
{
    struct error error = {.text = ""};
    buffer_init(&air->signature, TRUST_SIGNATURE_SIZE_MAXIMUM);
    bool is_signed = trust_sign(buffer_view(&air->publisher.key_pem), buffer_view(&air->manifest),
                                &air->signature, &error);
    assert_string_equal(error.text, "");
    assert_true(is_signed);
}

/* middle and publisher NULL: the usual ones of group. */
static struct air make_air(const char *group, const struct wish *middle, const struct wish *publisher)
{
    struct air air = {0};
    struct error error = {.text = ""};
    struct wish root = {.group = group, .is_ca = true}, usual_middle = {.group = group, .is_ca = true},
                usual_publisher = {.group = group, .role = "commerce"};
    air.root = make("Operator root", &root, NULL);
    air.middle = make("Operator publishers", middle != NULL ? middle : &usual_middle, &air.root);
    air.publisher = make("Shop", publisher != NULL ? publisher : &usual_publisher, &air.middle);
    buffer_init(&air.chain, TRUST_CHAIN_SIZE_MAXIMUM + 100);
    buffer_append(&air.chain, air.publisher.pem.data, air.publisher.pem.size);
    buffer_append(&air.chain, air.middle.pem.data, air.middle.pem.size);
    build_manifest(&air.manifest, "commerce", 7, NOW - 60, NOW + 3600);
    air.verifier = trust_verifier_create(buffer_view(&air.root.pem), &error);
    assert_non_null(air.verifier);
    return air;
}

static void drop_air(struct air *air)
{
    drop(&air->root);
    drop(&air->middle);
    drop(&air->publisher);
    buffer_finish(&air->manifest);
    buffer_finish(&air->signature);
    buffer_finish(&air->chain);
    trust_verifier_destroy(air->verifier);
}

static enum trust_result verify_at(struct air *air, const char *role, int64_t now,
                                   const struct trust_last *last)
{
    struct trust_manifest *manifest = (void *)1;
    struct error error = {.text = ""};
    enum trust_result result =
        trust_verify(air->verifier, role, buffer_view(&air->manifest), buffer_view(&air->signature),
                     buffer_view(&air->chain), now, last, &manifest, &error);
    bool believed = result == TRUST_ACCEPTED || result == TRUST_UNCHANGED;
    assert_int_equal(manifest != NULL, believed);
    assert_int_equal(error.text[0] == '\0', believed);
    if (!believed) {
        assert_non_null(strstr(error.text, trust_result_str(result)));
    }
    trust_manifest_destroy(manifest);
    return result;
}

static enum trust_result verify(struct air *air)
{
    return verify_at(air, "commerce", NOW, NULL);
}

static void a_manifest_survives_a_round_trip(void **state)
{
    struct error error = {.text = ""};
    struct buffer json;
    (void)state;
    build_manifest(&json, "commerce", 7, NOW - 60, NOW + 3600);
    struct trust_manifest *manifest = trust_manifest_parse(buffer_view(&json), &error);
    assert_non_null(manifest);
    assert_string_equal(manifest->role, "commerce");
    assert_int_equal(manifest->sequence, 7);
    assert_int_equal(manifest->valid_from, NOW - 60);
    assert_int_equal(manifest->valid_until, NOW + 3600);
    assert_int_equal(manifest->area_count, 2);
    assert_string_equal(manifest->areas[1], "6222");
    assert_int_equal(manifest->file_count, 2);
    assert_non_null(trust_manifest_find(manifest, "categories.json"));
    assert_null(trust_manifest_find(manifest, "categories.jso"));
    assert_true(trust_manifest_check_file(manifest, "categories.json", sources[1].bytes, &error));
    assert_string_equal(error.text, "");
    assert_false(trust_manifest_check_file(manifest, "categories.json", sources[0].bytes, &error));
    assert_string_equal(error.text, "categories.json: expected 4 bytes, found 6");
    assert_false(trust_manifest_check_file(manifest, "categories.json", (struct bytes){barley, 4}, &error));
    assert_string_equal(error.text, "categories.json: its SHA-256 is not the manifest's");
    assert_false(trust_manifest_check_file(manifest, "other.json", sources[1].bytes, &error));
    assert_string_equal(error.text, "other.json: the manifest of commerce does not name it");
    trust_manifest_destroy(manifest);
    buffer_finish(&json);
}

#define DIGEST "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
#define MANIFEST(format, role, sequence, from, until, areas, files)                                          \
    "{\"format\": " format ", \"role\": " role ", \"sequence\": " sequence ", \"valid_from\": " from         \
    ", \"valid_until\": " until ", \"areas\": " areas ", \"files\": " files "}"
#define OPEN "\"2026-01-01T00:00:00Z\""
#define CLOSE "\"2027-01-01T00:00:00+08:00\""
#define FILE_OF(path, size, digest) "{\"path\": " path ", \"size\": " size ", \"sha256\": " digest "}"
#define WITH_FILES(files) MANIFEST("1", "\"credit\"", "1", OPEN, CLOSE, "[]", "[" files "]")

static void bad_manifests_are_refused(void **state)
{
    static const struct {
        const char *json, *message;
    } bad[] = {
        {"", "manifest.json: expected 1 to"},
        {"[", "manifest.json: line 1"},
        {"[]", "manifest.json: expected an object"},
        {MANIFEST("2", "\"credit\"", "1", OPEN, CLOSE, "[]", "[]"), "manifest.json: format: expected 1"},
        {MANIFEST("1", "\"Credit\"", "1", OPEN, CLOSE, "[]", "[]"), "manifest.json: role: expected"},
        {MANIFEST("1", "\"\"", "1", OPEN, CLOSE, "[]", "[]"), "manifest.json: role: expected"},
        {MANIFEST("1", "\"abcdefghijklmnopq\"", "1", OPEN, CLOSE, "[]", "[]"),
         "manifest.json: role: expected"},
        {MANIFEST("1", "\"credit\"", "0", OPEN, CLOSE, "[]", "[]"), "manifest.json: sequence: expected"},
        {MANIFEST("1", "\"credit\"", "9007199254740992", OPEN, CLOSE, "[]", "[]"),
         "manifest.json: sequence: expected"},
        {MANIFEST("1", "\"credit\"", "1.0", OPEN, CLOSE, "[]", "[]"), "manifest.json: sequence: expected"},
        {MANIFEST("1", "\"credit\"", "1", "\"2026-01-01\"", CLOSE, "[]", "[]"),
         "manifest.json: valid_from: expected"},
        {MANIFEST("1", "\"credit\"", "1", OPEN, "\"soon\"", "[]", "[]"),
         "manifest.json: valid_until: expected"},
        {MANIFEST("1", "\"credit\"", "1", CLOSE, OPEN, "[]", "[]"),
         "manifest.json: valid_until: expected a time not before"},
        {MANIFEST("1", "\"credit\"", "1", OPEN, CLOSE, "[\"6\"]", "[]"), "manifest.json: areas: expected"},
        {MANIFEST("1", "\"credit\"", "1", OPEN, CLOSE, "{}", "[]"), "manifest.json: areas: expected"},
        {MANIFEST("1", "\"credit\"", "1", OPEN, CLOSE, "[]", "{}"), "manifest.json: files: expected"},
        {WITH_FILES("7"), "manifest.json: files[0].path: expected"},
        {WITH_FILES(FILE_OF("\"/a\"", "1", DIGEST)), "manifest.json: files[0].path: expected"},
        {WITH_FILES(FILE_OF("\"a/../b\"", "1", DIGEST)), "manifest.json: files[0].path: expected"},
        {WITH_FILES(FILE_OF("\"a//b\"", "1", DIGEST)), "manifest.json: files[0].path: expected"},
        {WITH_FILES(FILE_OF("\"a/\"", "1", DIGEST)), "manifest.json: files[0].path: expected"},
        {WITH_FILES(FILE_OF("\".a\"", "1", DIGEST)), "manifest.json: files[0].path: expected"},
        {WITH_FILES(FILE_OF("\"a b\"", "1", DIGEST)), "manifest.json: files[0].path: expected"},
        {WITH_FILES(FILE_OF("\"manifest.json\"", "1", DIGEST)), "manifest.json: files[0].path: expected"},
        {WITH_FILES(FILE_OF("\"a\"", "-1", DIGEST)), "manifest.json: files[0].size: expected"},
        {WITH_FILES(FILE_OF("\"a\"", "8388609", DIGEST)), "manifest.json: files[0].size: expected"},
        {WITH_FILES(FILE_OF("\"a\"", "1", "\"00\"")), "manifest.json: files[0].sha256: expected"},
        {WITH_FILES(FILE_OF("\"a\"", "1", DIGEST) "," FILE_OF("\"a\"", "2", DIGEST)),
         "manifest.json: a: expected each path"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error error = {.text = ""};
        assert_null(
            trust_manifest_parse((struct bytes){(const uint8_t *)bad[i].json, strlen(bad[i].json)}, &error));
        if (strncmp(error.text, bad[i].message, strlen(bad[i].message)) != 0) {
            fail_msg("expected \"%s\", found \"%s\"", bad[i].message, error.text);
        }
    }
    /* The frame of the table is itself right. */
    const char *good =
        WITH_FILES(FILE_OF("\"a/b-c_d.json\"", "0", DIGEST) "," FILE_OF("\"a\"", "8388608", DIGEST));
    struct trust_manifest *manifest =
        trust_manifest_parse((struct bytes){(const uint8_t *)good, strlen(good)}, NULL);
    assert_non_null(manifest);
    assert_string_equal(manifest->files[0].path, "a");
    trust_manifest_destroy(manifest);
}

static void large_manifests_are_refused(void **state)
{
    struct error error = {.text = ""};
    struct buffer json;
    (void)state;
    buffer_init(&json, 4 * TRUST_MANIFEST_SIZE_MAXIMUM);
    buffer_append_string(&json, "{\"format\": 1, \"role\": \"credit\", \"sequence\": 1, \"valid_from\": " OPEN
                                ", \"valid_until\": " CLOSE ", \"files\": [");
    for (int i = 0; i < 40; i++) {
        buffer_printf(&json, "%s{\"path\": \"f%d\", \"size\": 8388608, \"sha256\": " DIGEST "}",
                      i > 0 ? "," : "", i);
    }
    buffer_append_string(&json, "]}");
    assert_null(trust_manifest_parse(buffer_view(&json), &error));
    assert_string_equal(error.text, "manifest.json: files: expected at most 256 MiB in all");
    for (int i = 0; i < TRUST_MANIFEST_SIZE_MAXIMUM; i++) {
        buffer_u8(&json, ' ');
    }
    assert_null(trust_manifest_parse(buffer_view(&json), &error));
    assert_non_null(strstr(error.text, "expected 1 to 1048576 bytes"));
    buffer_finish(&json);
}

static void the_builder_builds_only_what_parses(void **state)
{
    static const struct trust_source twice[] = {{"a", {salt, 4}}, {"a", {salt, 4}}},
                                     outside[] = {{"../a", {salt, 4}}};
    struct error error = {.text = ""};
    struct buffer json;
    (void)state;
    buffer_init(&json, TRUST_MANIFEST_SIZE_MAXIMUM);
    assert_false(trust_manifest_build("credit", 1, NOW, NOW + 1, NULL, 0, twice, 2, &json, &error));
    buffer_clear(&json);
    assert_false(trust_manifest_build("credit", 1, NOW, NOW + 1, NULL, 0, outside, 1, &json, &error));
    buffer_clear(&json);
    assert_false(trust_manifest_build("credit", 0, NOW, NOW + 1, NULL, 0, sources, 2, &json, &error));
    buffer_clear(&json);
    assert_false(trust_manifest_build("credit", 1, NOW, NOW - 1, NULL, 0, sources, 2, &json, &error));
    buffer_clear(&json);
    assert_false(trust_manifest_build("Credit", 1, NOW, NOW + 1, NULL, 0, sources, 2, &json, &error));
    buffer_clear(&json);
    assert_true(trust_manifest_build("credit", 1, NOW, NOW, NULL, 0, sources, 2, &json, &error));
    buffer_finish(&json);
    buffer_init(&json, 100);
    assert_false(trust_manifest_build("credit", 1, NOW, NOW + 1, NULL, 0, sources, 2, &json, &error));
    buffer_finish(&json);
}

static void both_algorithms_are_believed(void **state)
{
    static const char *const groups[] = {"P-256", "SM2"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct error error = {.text = ""};
        struct air air = make_air(groups[i], NULL, NULL);
        sign_air(&air);
        assert_int_equal(verify(&air), TRUST_ACCEPTED);
        assert_true(trust_check_publisher(buffer_view(&air.publisher.key_pem), buffer_view(&air.chain),
                                          "commerce", &error));
        assert_false(trust_check_publisher(buffer_view(&air.publisher.key_pem), buffer_view(&air.chain),
                                           "credit", &error));
        assert_non_null(strstr(error.text, "urn:kokonor:role:credit"));
        assert_false(trust_check_publisher(buffer_view(&air.root.key_pem), buffer_view(&air.chain),
                                           "commerce", &error));
        assert_non_null(strstr(error.text, "belongs to another key"));
        drop_air(&air);
    }
}

static void other_keys_are_refused(void **state)
{
    static const char *const groups[] = {"P-384", "secp256k1", "RSA"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct error error = {.text = ""};
        struct wish publisher = {.group = groups[i], .role = "commerce"};
        struct air air = make_air(NULL, NULL, &publisher);
        buffer_init(&air.signature, TRUST_SIGNATURE_SIZE_MAXIMUM);
        assert_false(trust_sign(buffer_view(&air.publisher.key_pem), buffer_view(&air.manifest),
                                &air.signature, &error));
        assert_non_null(strstr(error.text, "neither ECDSA on P-256 nor SM2"));
        buffer_append_string(&air.signature, "anything");
        assert_int_equal(verify(&air), TRUST_REFUSED_KEY);
        drop_air(&air);
    }
}

static void one_flipped_bit_is_refused(void **state)
{
    static const char *const groups[] = {"P-256", "SM2"};
    (void)state;
    for (size_t g = 0; g < 2; g++) {
        struct air air = make_air(groups[g], NULL, NULL);
        sign_air(&air);
        for (size_t bit = 0; bit < 8 * air.manifest.size; bit += 97) {
            air.manifest.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(verify(&air), TRUST_REFUSED_SIGNATURE);
            air.manifest.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t bit = 0; bit < 8 * air.signature.size; bit += 13) {
            air.signature.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(verify(&air), TRUST_REFUSED_SIGNATURE);
            air.signature.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t cut = 1; cut < air.signature.size; cut += 7) {
            air.signature.size -= cut;
            assert_int_equal(verify(&air), TRUST_REFUSED_SIGNATURE);
            air.signature.size += cut;
        }
        assert_int_equal(verify(&air), TRUST_ACCEPTED);
        drop_air(&air);
    }
}

/* A flip in the armour's line ends or in base64's unused bits changes nothing that is signed; what counts is
 * that no flip is believed with other certificates than those that were sent. */
static void flipped_chains_bring_no_other_key(void **state)
{
    (void)state;
    struct air air = make_air(NULL, NULL, NULL);
    sign_air(&air);
    unsigned refused = 0, tried = 0;
    for (size_t bit = 0; bit < 8 * air.chain.size; bit += 41) {
        air.chain.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum trust_result result = verify(&air);
        tried++;
        if (result != TRUST_ACCEPTED) {
            refused++;
            assert_true(result == TRUST_REFUSED_CHAIN || result == TRUST_REFUSED_CERTIFICATE ||
                        result == TRUST_REFUSED_CERTIFICATE_TIME || result == TRUST_REFUSED_ROLE ||
                        result == TRUST_REFUSED_SIGNATURE || result == TRUST_REFUSED_KEY);
        } else {
            BIO *bio = BIO_new_mem_buf(air.chain.data, (int)air.chain.size);
            X509 *first = PEM_read_bio_X509(bio, NULL, NULL, NULL);
            assert_non_null(first);
            assert_int_equal(X509_cmp(first, air.publisher.certificate), 0);
            X509_free(first);
            BIO_free(bio);
        }
        air.chain.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(refused > tried * 8 / 10);
    drop_air(&air);
}

static void the_unsigned_is_refused(void **state)
{
    (void)state;
    struct air air = make_air(NULL, NULL, NULL);
    buffer_init(&air.signature, TRUST_SIGNATURE_SIZE_MAXIMUM);
    assert_int_equal(verify(&air), TRUST_REFUSED_UNSIGNED);
    buffer_append_string(&air.signature, "no signature at all");
    assert_int_equal(verify(&air), TRUST_REFUSED_SIGNATURE);
    buffer_clear(&air.chain);
    assert_int_equal(verify(&air), TRUST_REFUSED_UNSIGNED);
    buffer_append_string(&air.chain, "-----BEGIN NOTHING-----\n");
    assert_int_equal(verify(&air), TRUST_REFUSED_CHAIN);
    drop_air(&air);
}

static void another_publishers_signature_is_refused(void **state)
{
    struct wish other = {.role = "commerce"};
    (void)state;
    struct air air = make_air(NULL, NULL, NULL);
    struct identity stranger = make("Other shop", &other, &air.middle);
    buffer_init(&air.signature, TRUST_SIGNATURE_SIZE_MAXIMUM);
    assert_true(trust_sign(buffer_view(&stranger.key_pem), buffer_view(&air.manifest), &air.signature, NULL));
    assert_int_equal(verify(&air), TRUST_REFUSED_SIGNATURE);
    drop(&stranger);
    drop_air(&air);
}

static void another_role_is_refused(void **state)
{
    static const char *const roles[] = {NULL, "credit", "commerc", "commerceX"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct wish publisher = {.role = roles[i]};
        struct air air = make_air(NULL, NULL, &publisher);
        sign_air(&air);
        assert_int_equal(verify(&air), TRUST_REFUSED_ROLE);
        drop_air(&air);
    }
    /* The shop's manifest found in the directory of the credit publisher, and a credit manifest signed by the
     * shop. */
    struct air air = make_air(NULL, NULL, NULL);
    sign_air(&air);
    assert_int_equal(verify_at(&air, "credit", NOW, NULL), TRUST_REFUSED_ROLE);
    buffer_finish(&air.manifest);
    buffer_finish(&air.signature);
    build_manifest(&air.manifest, "credit", 7, NOW, NOW + 1);
    sign_air(&air);
    assert_int_equal(verify(&air), TRUST_REFUSED_ROLE);
    drop_air(&air);
}

static void sequences_only_rise(void **state)
{
    (void)state;
    struct air air = make_air(NULL, NULL, NULL);
    struct trust_last last = {.sequence = 0};
    sign_air(&air);
    assert_int_equal(verify_at(&air, "commerce", NOW, &last), TRUST_ACCEPTED);
    last.sequence = 6;
    assert_int_equal(verify_at(&air, "commerce", NOW, &last), TRUST_ACCEPTED);
    last.sequence = 8;
    assert_int_equal(verify_at(&air, "commerce", NOW, &last), TRUST_REFUSED_OLDER);
    last.sequence = 7;
    assert_int_equal(verify_at(&air, "commerce", NOW, &last), TRUST_REFUSED_REUSED);
    assert_true(trust_sha256(buffer_view(&air.manifest), last.manifest_sha256));
    assert_int_equal(verify_at(&air, "commerce", NOW, &last), TRUST_UNCHANGED);
    assert_int_equal(verify_at(&air, "commerce", NOW + 3601, &last), TRUST_REFUSED_LATE);
    drop_air(&air);
}

static void times_are_kept(void **state)
{
    (void)state;
    struct air air = make_air(NULL, NULL, NULL);
    sign_air(&air);
    assert_int_equal(verify_at(&air, "commerce", NOW - 61, NULL), TRUST_REFUSED_EARLY);
    assert_int_equal(verify_at(&air, "commerce", NOW - 60, NULL), TRUST_ACCEPTED);
    assert_int_equal(verify_at(&air, "commerce", NOW + 3600, NULL), TRUST_ACCEPTED);
    assert_int_equal(verify_at(&air, "commerce", NOW + 3601, NULL), TRUST_REFUSED_LATE);
    assert_int_equal(verify_at(&air, "commerce", 0, NULL), TRUST_REFUSED_CLOCK);
    assert_int_equal(verify_at(&air, "commerce", -5, NULL), TRUST_REFUSED_CLOCK);
    assert_int_equal(verify_at(&air, "commerce", NOW + YEAR + 1, NULL), TRUST_REFUSED_CERTIFICATE_TIME);
    assert_int_equal(verify_at(&air, "commerce", NOW - YEAR - 1, NULL), TRUST_REFUSED_CERTIFICATE_TIME);
    drop_air(&air);
    struct wish expired = {.role = "commerce", .until = NOW - 1},
                early = {.role = "commerce", .from = NOW + 1}, old_middle = {.is_ca = true, .until = NOW - 1};
    air = make_air(NULL, NULL, &expired);
    sign_air(&air);
    assert_int_equal(verify(&air), TRUST_REFUSED_CERTIFICATE_TIME);
    drop_air(&air);
    air = make_air(NULL, NULL, &early);
    sign_air(&air);
    assert_int_equal(verify(&air), TRUST_REFUSED_CERTIFICATE_TIME);
    drop_air(&air);
    air = make_air(NULL, &old_middle, NULL);
    sign_air(&air);
    assert_int_equal(verify(&air), TRUST_REFUSED_CERTIFICATE_TIME);
    drop_air(&air);
}

static void foreign_roots_are_refused(void **state)
{
    static const char *const groups[] = {"P-256", "SM2"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct air own = make_air(groups[i], NULL, NULL), foreign = make_air(groups[i], NULL, NULL);
        sign_air(&foreign);
        struct trust_verifier *verifier = foreign.verifier;
        foreign.verifier = own.verifier;
        assert_int_equal(verify(&foreign), TRUST_REFUSED_CERTIFICATE);
        /* Sending the foreign root along helps nothing. */
        buffer_append(&foreign.chain, foreign.root.pem.data, foreign.root.pem.size);
        assert_int_equal(verify(&foreign), TRUST_REFUSED_CERTIFICATE);
        foreign.verifier = verifier;
        assert_int_equal(verify(&foreign), TRUST_ACCEPTED);
        drop_air(&own);
        drop_air(&foreign);
    }
}

static void only_cas_certify_and_only_publishers_publish(void **state)
{
    static const struct wish middles[] = {
        {.is_ca = false},
        {.is_ca = false, .usage = "critical,keyCertSign"},
        {.is_ca = true, .usage = "critical,digitalSignature"},
        {.no_constraints = true, .usage = "critical,keyCertSign"},
        {.no_constraints = true, .usage = ""},
    };
    static const struct wish publishers[] = {
        {.role = "commerce", .usage = "critical,keyEncipherment"},
        {.role = "commerce", .usage = ""},
        {.role = "commerce", .is_ca = true, .usage = "critical,keyCertSign,digitalSignature"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof middles / sizeof middles[0]; i++) {
        struct air air = make_air(NULL, &middles[i], NULL);
        sign_air(&air);
        assert_int_equal(verify(&air), TRUST_REFUSED_CERTIFICATE);
        drop_air(&air);
    }
    for (size_t i = 0; i < sizeof publishers / sizeof publishers[0]; i++) {
        struct air air = make_air(NULL, NULL, &publishers[i]);
        sign_air(&air);
        assert_int_equal(verify(&air), TRUST_REFUSED_CERTIFICATE);
        drop_air(&air);
    }
}

static void missing_and_many_certificates_are_refused(void **state)
{
    (void)state;
    struct air air = make_air(NULL, NULL, NULL);
    sign_air(&air);
    size_t whole = air.chain.size;
    air.chain.size = air.publisher.pem.size; /* without the intermediate */
    assert_int_equal(verify(&air), TRUST_REFUSED_CERTIFICATE);
    air.chain.size = whole;
    for (int i = 0; i < TRUST_CHAIN_INTERMEDIATES_MAXIMUM - 1; i++) {
        buffer_append(&air.chain, air.middle.pem.data, air.middle.pem.size);
    }
    assert_int_equal(verify(&air), TRUST_ACCEPTED);
    buffer_append(&air.chain, air.middle.pem.data, air.middle.pem.size);
    assert_int_equal(verify(&air), TRUST_REFUSED_CHAIN);
    drop_air(&air);
}

static void oversized_files_are_refused(void **state)
{
    (void)state;
    struct air air = make_air(NULL, NULL, NULL);
    sign_air(&air);
    uint8_t *large = calloc(1, TRUST_MANIFEST_SIZE_MAXIMUM + 1);
    struct trust_manifest *manifest;
    struct bytes files[3] = {buffer_view(&air.manifest), buffer_view(&air.signature),
                             buffer_view(&air.chain)};
    static const size_t sizes[] = {TRUST_MANIFEST_SIZE_MAXIMUM + 1, TRUST_SIGNATURE_SIZE_MAXIMUM + 1,
                                   TRUST_CHAIN_SIZE_MAXIMUM + 1};
    for (size_t i = 0; i < 3; i++) {
        struct bytes usual = files[i];
        files[i] = (struct bytes){large, sizes[i]};
        assert_int_equal(
            trust_verify(air.verifier, "commerce", files[0], files[1], files[2], NOW, NULL, &manifest, NULL),
            TRUST_REFUSED_SIZE);
        assert_null(manifest);
        files[i] = usual;
    }
    free(large);
    drop_air(&air);
}

static void signed_nonsense_is_no_manifest(void **state)
{
    (void)state;
    struct air air = make_air(NULL, NULL, NULL);
    buffer_clear(&air.manifest);
    buffer_append_string(&air.manifest, "{\"format\": 1}");
    sign_air(&air);
    assert_int_equal(verify(&air), TRUST_REFUSED_MANIFEST);
    drop_air(&air);
}

static void roots_change_over(void **state)
{
    struct error error = {.text = ""};
    struct wish old_root = {.is_ca = true, .until = NOW - 1};
    (void)state;
    struct air air = make_air(NULL, NULL, NULL);
    struct identity old = make("Operator root", &old_root, NULL);
    struct buffer roots;
    buffer_init(&roots, 65536);
    buffer_append(&roots, old.pem.data, old.pem.size);
    buffer_append(&roots, air.root.pem.data, air.root.pem.size);
    trust_verifier_destroy(air.verifier);
    air.verifier = trust_verifier_create(buffer_view(&roots), &error);
    assert_non_null(air.verifier);
    sign_air(&air);
    assert_int_equal(verify(&air), TRUST_ACCEPTED);
    assert_null(trust_verifier_create(buffer_view(&air.publisher.pem), &error));
    assert_non_null(strstr(error.text, "is not a CA's"));
    assert_null(trust_verifier_create((struct bytes){(const uint8_t *)"x", 1}, &error));
    assert_non_null(strstr(error.text, "holds no certificate"));
    buffer_finish(&roots);
    drop(&old);
    drop_air(&air);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_survives_a_round_trip),
        cmocka_unit_test(bad_manifests_are_refused),
        cmocka_unit_test(large_manifests_are_refused),
        cmocka_unit_test(the_builder_builds_only_what_parses),
        cmocka_unit_test(both_algorithms_are_believed),
        cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(one_flipped_bit_is_refused),
        cmocka_unit_test(flipped_chains_bring_no_other_key),
        cmocka_unit_test(the_unsigned_is_refused),
        cmocka_unit_test(another_publishers_signature_is_refused),
        cmocka_unit_test(another_role_is_refused),
        cmocka_unit_test(sequences_only_rise),
        cmocka_unit_test(times_are_kept),
        cmocka_unit_test(foreign_roots_are_refused),
        cmocka_unit_test(only_cas_certify_and_only_publishers_publish),
        cmocka_unit_test(missing_and_many_certificates_are_refused),
        cmocka_unit_test(oversized_files_are_refused),
        cmocka_unit_test(signed_nonsense_is_no_manifest),
        cmocka_unit_test(roots_change_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
