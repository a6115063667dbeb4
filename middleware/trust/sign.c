/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/sign.h"

#include "base/clock.h"
#include "base/text.h"
#include "trust/parts.h"
#include "trust/verify.h"
#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

static json_t *source_to_json(const struct trust_source *source)
{
    uint8_t digest[TRUST_SHA256_SIZE];
    char hex[2 * TRUST_SHA256_SIZE + 1];
    if (!trust_sha256(source->bytes, digest)) {
        return NULL;
    }
    text_hex(digest, sizeof digest, hex);
    return json_pack("{s:s, s:I, s:s}", "path", source->path, "size", (json_int_t)source->bytes.size,
                     "sha256", hex);
}

static int append(const char *text, size_t size, void *json)
{
    buffer_append(json, text, size);
    return 0;
}

bool trust_manifest_build(const char *role, int64_t sequence, int64_t valid_from, int64_t valid_until,
                          const char *const *areas, size_t area_count, const struct trust_source *files,
                          size_t file_count, struct buffer *json, struct error *error)
{
    char from[CLOCK_RFC3339_SIZE], until[CLOCK_RFC3339_SIZE];
    size_t start = json->size;
    clock_format_rfc3339(valid_from, from);
    clock_format_rfc3339(valid_until, until);
    json_t *area_array = json_array(), *file_array = json_array();
    bool done = area_array != NULL && file_array != NULL;
    for (size_t i = 0; done && i < area_count; i++) {
        done = json_array_append_new(area_array, json_string(areas[i])) == 0;
    }
    for (size_t i = 0; done && i < file_count; i++) {
        done = json_array_append_new(file_array, source_to_json(&files[i])) == 0;
    }
    /* O takes no reference on failure, so both arrays stay ours. */
    json_t *root = done ? json_pack("{s:i, s:s, s:I, s:s, s:s, s:O, s:O}", "format", 1, "role", role,
                                    "sequence", (json_int_t)sequence, "valid_from", from, "valid_until",
                                    until, "areas", area_array, "files", file_array)
                        : NULL;
    done = root != NULL && json_dump_callback(root, append, json, JSON_INDENT(1)) == 0 && !json->failed;
    json_decref(root);
    json_decref(area_array);
    json_decref(file_array);
    if (!done) {
        return error_set(error, "manifest of %s: does not fit, a name in it is not UTF-8, or out of memory",
                         role);
    }
    /* What no box would read must not leave. */
    struct trust_manifest *manifest =
        trust_manifest_parse((struct bytes){json->data + start, json->size - start}, error);
    bool is_same =
        manifest != NULL && manifest->valid_from == valid_from && manifest->valid_until == valid_until;
    if (manifest != NULL && !is_same) {
        error_set(error, "manifest of %s: its times cannot be written", role);
    }
    trust_manifest_destroy(manifest);
    return is_same;
}

/* No pass phrase is ever asked for on a terminal. */
static int no_pass_phrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

static EVP_PKEY *read_key(struct bytes pem, struct error *error)
{
    ERR_clear_error();
    BIO *bio = pem.size <= INT32_MAX ? BIO_new_mem_buf(pem.data, (int)pem.size) : NULL;
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL) : NULL;
    BIO_free(bio);
    if (key == NULL) {
        error_set(error, "the publisher's key cannot be read: %s", trust_openssl_reason());
    } else if (trust_key_digest(key) == NULL) {
        error_set(error, "the publisher's key is neither ECDSA on P-256 nor SM2");
        EVP_PKEY_free(key);
        key = NULL;
    }
    ERR_clear_error();
    return key;
}

bool trust_sign(struct bytes key_pem, struct bytes manifest_json, struct buffer *signature,
                struct error *error)
{
    uint8_t der[TRUST_SIGNATURE_SIZE_MAXIMUM];
    size_t size = sizeof der;
    EVP_PKEY_CTX *key_context;
    EVP_PKEY *key = read_key(key_pem, error);
    if (key == NULL) {
        return false;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL &&
                EVP_DigestSignInit(context, &key_context, trust_key_digest(key), NULL, key) == 1 &&
                trust_set_identity(key_context, key) &&
                EVP_DigestSign(context, der, &size, manifest_json.data, manifest_json.size) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    if (!done) {
        return error_set(error, "the manifest cannot be signed: %s", trust_openssl_reason());
    }
    buffer_append(signature, der, size);
    return !signature->failed || error_set(error, "the signature does not fit its buffer");
}

bool trust_check_publisher(struct bytes key_pem, struct bytes chain_pem, const char *role,
                           struct error *error)
{
    STACK_OF(X509) *chain =
        trust_read_certificates(chain_pem, 1 + TRUST_CHAIN_INTERMEDIATES_MAXIMUM, TRUST_CHAIN_NAME, error);
    EVP_PKEY *key = chain != NULL ? read_key(key_pem, error) : NULL;
    bool done = key != NULL;
    if (done && X509_check_private_key(sk_X509_value(chain, 0), key) != 1) {
        done = error_set(error, "%s: its first certificate belongs to another key", TRUST_CHAIN_NAME);
    }
    if (done && !trust_certificate_has_role(sk_X509_value(chain, 0), role)) {
        done = error_set(error, "%s: its first certificate does not carry urn:kokonor:role:%s",
                         TRUST_CHAIN_NAME, role);
    }
    EVP_PKEY_free(key);
    sk_X509_pop_free(chain, X509_free);
    ERR_clear_error();
    return done;
}
