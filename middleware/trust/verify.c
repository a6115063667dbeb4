/* SPDX-License-Identifier: Apache-2.0 */
/* Path validation is OpenSSL's (RFC 5280) but for the times: those are compared here, against the broadcast
 * clock and without time_t, whose size in OpenSSL's interface differs from ours on 32-bit machines. */
#include "trust/verify.h"

#include "base/clock.h"
#include "trust/parts.h"
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROOTS_MAXIMUM 16

struct trust_verifier {
    STACK_OF(X509) * roots;
};

const char *trust_result_str(enum trust_result result)
{
    static const char *const texts[TRUST_RESULTS] = {
        [TRUST_ACCEPTED] = "accepted",
        [TRUST_UNCHANGED] = "unchanged since it was accepted",
        [TRUST_REFUSED_SIZE] = "a file of the manifest is too large",
        [TRUST_REFUSED_UNSIGNED] = "not signed",
        [TRUST_REFUSED_CHAIN] = "chain.pem is not a list of certificates",
        [TRUST_REFUSED_CERTIFICATE] = "the certificates do not lead to the operator's root",
        [TRUST_REFUSED_CERTIFICATE_TIME] = "a certificate is not valid at this time",
        [TRUST_REFUSED_KEY] = "the key is neither ECDSA on P-256 nor SM2",
        [TRUST_REFUSED_ROLE] = "the publisher has another role",
        [TRUST_REFUSED_SIGNATURE] = "the signature does not match the manifest",
        [TRUST_REFUSED_MANIFEST] = "signed, but not a manifest",
        [TRUST_REFUSED_EARLY] = "the manifest is not valid yet",
        [TRUST_REFUSED_LATE] = "the manifest is no longer valid",
        [TRUST_REFUSED_OLDER] = "the sequence is older than the last one accepted",
        [TRUST_REFUSED_REUSED] = "the sequence was accepted before with other content",
        [TRUST_REFUSED_CLOCK] = "the time is not known yet",
        [TRUST_FAILED] =
            "it could not be verified for want of memory or by a failure of the cryptographic library",
    };
    return (unsigned)result < TRUST_RESULTS ? texts[result] : "?";
}

static enum trust_result refuse(enum trust_result result, struct error *error, const char *particulars)
{
    if (particulars != NULL && particulars[0] != '\0') {
        error_set(error, "%s (%s)", trust_result_str(result), particulars);
    } else {
        error_set(error, "%s", trust_result_str(result));
    }
    return result;
}

struct trust_verifier *trust_verifier_create(struct bytes root_pem, struct error *error)
{
    struct trust_verifier *verifier = calloc(1, sizeof *verifier);
    if (verifier == NULL) {
        error_set(error, "the operator's root: out of memory");
        return NULL;
    }
    verifier->roots = trust_read_certificates(root_pem, ROOTS_MAXIMUM, "the operator's root", error);
    bool done = verifier->roots != NULL;
    for (int i = 0; done && i < sk_X509_num(verifier->roots); i++) {
        if (X509_check_ca(sk_X509_value(verifier->roots, i)) != 1) {
            done = error_set(error, "the operator's root: certificate %d is not a CA's", i + 1);
        }
    }
    if (!done) {
        trust_verifier_destroy(verifier);
        return NULL;
    }
    return verifier;
}

void trust_verifier_destroy(struct trust_verifier *verifier)
{
    if (verifier != NULL) {
        sk_X509_pop_free(verifier->roots, X509_free);
        free(verifier);
    }
}

static bool time_to_utc(const ASN1_TIME *time, int64_t *utc_s)
{
    struct tm civil;
    if (ASN1_TIME_to_tm(time, &civil) != 1) {
        return false;
    }
    struct clock_civil own = {.year = civil.tm_year + 1900,
                              .month = civil.tm_mon + 1,
                              .day = civil.tm_mday,
                              .hour = civil.tm_hour,
                              .minute = civil.tm_min,
                              .second = civil.tm_sec};
    *utc_s = clock_from_civil(&own, 0);
    return true;
}

static bool is_valid_at(const X509 *certificate, int64_t now_utc)
{
    int64_t from, until;
    return time_to_utc(X509_get0_notBefore(certificate), &from) &&
           time_to_utc(X509_get0_notAfter(certificate), &until) && from <= now_utc && now_utc <= until;
}

static bool is_strong(X509 *certificate)
{
    static const int signatures[] = {
        NID_ecdsa_with_SHA256,       NID_ecdsa_with_SHA384,
        NID_ecdsa_with_SHA512,       NID_SM2_with_SM3,
        NID_sha256WithRSAEncryption, NID_sha384WithRSAEncryption,
        NID_sha512WithRSAEncryption,
    };
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    bool known = false;
    for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
        known = known || X509_get_signature_nid(certificate) == signatures[i];
    }
    return known && key != NULL && EVP_PKEY_get_security_bits(key) >= 112;
}

static void name_of(const X509 *certificate, char *text, size_t size)
{
    text[0] = '\0';
    X509_NAME_oneline(X509_get_subject_name(certificate), text, (int)size);
}

/* Roots that are valid now, so that of two with the same name and key the living one is found; all where none
 * is, so that the reason given is the time. */
static X509_STORE *make_store(const struct trust_verifier *verifier, int64_t now_utc)
{
    X509_STORE *store = X509_STORE_new();
    int added = 0;
    bool done = store != NULL;
    for (int pass = 0; done && pass < 2 && added == 0; pass++) {
        for (int i = 0; done && i < sk_X509_num(verifier->roots); i++) {
            X509 *root = sk_X509_value(verifier->roots, i);
            if (pass == 1 || is_valid_at(root, now_utc)) {
                done = X509_STORE_add_cert(store, root) == 1;
                added++;
            }
        }
    }
    if (!done) {
        X509_STORE_free(store);
        return NULL;
    }
    return store;
}

/* What OpenSSL leaves open or allows out of old custom, for each certificate of the found chain, the root
 * (last) included. */
static enum trust_result check_links(STACK_OF(X509) * found, int64_t now_utc, struct error *error)
{
    char name[160];
    int count = sk_X509_num(found);
    for (int i = 0; i < count; i++) {
        X509 *certificate = sk_X509_value(found, i);
        name_of(certificate, name, sizeof name);
        if (!is_valid_at(certificate, now_utc)) {
            return refuse(TRUST_REFUSED_CERTIFICATE_TIME, error, name);
        }
        if (i > 0 && X509_check_ca(certificate) != 1) {
            return refuse(TRUST_REFUSED_CERTIFICATE, error, name);
        }
        if (i < count - 1 && !is_strong(certificate)) {
            return refuse(TRUST_REFUSED_CERTIFICATE, error, "a certificate's signature or key is too weak");
        }
    }
    return TRUST_ACCEPTED;
}

static enum trust_result check_publisher_use(X509 *publisher, struct error *error)
{
    if (X509_check_ca(publisher) != 0) {
        return refuse(TRUST_REFUSED_CERTIFICATE, error, "the publisher's certificate is a CA's");
    }
    if ((X509_get_extension_flags(publisher) & EXFLAG_KUSAGE) == 0 ||
        (X509_get_key_usage(publisher) & KU_DIGITAL_SIGNATURE) == 0) {
        return refuse(TRUST_REFUSED_CERTIFICATE, error,
                      "the publisher's certificate is not for digital signatures");
    }
    return TRUST_ACCEPTED;
}

static enum trust_result check_chain(const struct trust_verifier *verifier, STACK_OF(X509) * chain,
                                     int64_t now_utc, struct error *error)
{
    X509 *publisher = sk_X509_value(chain, 0);
    X509_STORE *store = make_store(verifier, now_utc);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    enum trust_result result = TRUST_FAILED;
    if (store == NULL || context == NULL || X509_STORE_CTX_init(context, store, publisher, chain) != 1) {
        refuse(TRUST_FAILED, error, NULL);
        goto out;
    }
    X509_STORE_CTX_set_flags(context, X509_V_FLAG_NO_CHECK_TIME);
    X509_STORE_CTX_set_depth(context, TRUST_CHAIN_INTERMEDIATES_MAXIMUM);
    if (X509_verify_cert(context) != 1) {
        result = refuse(TRUST_REFUSED_CERTIFICATE, error,
                        X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
        goto out;
    }
    result = check_links(X509_STORE_CTX_get0_chain(context), now_utc, error);
    if (result == TRUST_ACCEPTED) {
        result = check_publisher_use(publisher, error);
    }
out:
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return result;
}

static enum trust_result check_signature(X509 *publisher, struct bytes manifest_json, struct bytes signature,
                                         struct error *error)
{
    EVP_PKEY *key = X509_get0_pubkey(publisher);
    const EVP_MD *digest = key != NULL ? trust_key_digest(key) : NULL;
    EVP_PKEY_CTX *key_context;
    if (digest == NULL) {
        return refuse(TRUST_REFUSED_KEY, error, NULL);
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestVerifyInit(context, &key_context, digest, NULL, key) != 1 ||
        !trust_set_identity(key_context, key)) {
        EVP_MD_CTX_free(context);
        return refuse(TRUST_FAILED, error, trust_openssl_reason());
    }
    int verified =
        EVP_DigestVerify(context, signature.data, signature.size, manifest_json.data, manifest_json.size);
    EVP_MD_CTX_free(context);
    return verified == 1 ? TRUST_ACCEPTED : refuse(TRUST_REFUSED_SIGNATURE, error, NULL);
}

static enum trust_result check_manifest(const struct trust_manifest *manifest, const char *role,
                                        int64_t now_utc, const struct trust_last *last, struct error *error)
{
    char text[CLOCK_RFC3339_SIZE];
    if (strcmp(manifest->role, role) != 0) {
        return refuse(TRUST_REFUSED_ROLE, error, "the manifest names another role than its directory");
    }
    if (now_utc < manifest->valid_from) {
        clock_format_rfc3339(manifest->valid_from, text);
        return refuse(TRUST_REFUSED_EARLY, error, text);
    }
    if (now_utc > manifest->valid_until) {
        clock_format_rfc3339(manifest->valid_until, text);
        return refuse(TRUST_REFUSED_LATE, error, text);
    }
    if (last == NULL || manifest->sequence > last->sequence) {
        return TRUST_ACCEPTED;
    }
    if (manifest->sequence < last->sequence) {
        char particulars[64];
        snprintf(particulars, sizeof particulars, "%lld after %lld", (long long)manifest->sequence,
                 (long long)last->sequence);
        return refuse(TRUST_REFUSED_OLDER, error, particulars);
    }
    if (memcmp(manifest->sha256, last->manifest_sha256, sizeof manifest->sha256) != 0) {
        return refuse(TRUST_REFUSED_REUSED, error, NULL);
    }
    return TRUST_UNCHANGED;
}

static enum trust_result check_sizes(struct bytes manifest_json, struct bytes signature,
                                     struct bytes chain_pem, int64_t now_utc, struct error *error)
{
    if (manifest_json.size > TRUST_MANIFEST_SIZE_MAXIMUM) {
        return refuse(TRUST_REFUSED_SIZE, error, TRUST_MANIFEST_NAME);
    }
    if (signature.size > TRUST_SIGNATURE_SIZE_MAXIMUM) {
        return refuse(TRUST_REFUSED_SIZE, error, TRUST_SIGNATURE_NAME);
    }
    if (chain_pem.size > TRUST_CHAIN_SIZE_MAXIMUM) {
        return refuse(TRUST_REFUSED_SIZE, error, TRUST_CHAIN_NAME);
    }
    if (signature.size == 0 || chain_pem.size == 0) {
        return refuse(TRUST_REFUSED_UNSIGNED, error,
                      signature.size == 0 ? "no manifest.sig" : "no chain.pem");
    }
    if (now_utc <= 0) {
        return refuse(TRUST_REFUSED_CLOCK, error, NULL);
    }
    return TRUST_ACCEPTED;
}

/* All that comes before anything of the manifest is read. */
static enum trust_result check_signer(struct trust_verifier *verifier, const char *role,
                                      struct bytes manifest_json, struct bytes signature,
                                      struct bytes chain_pem, int64_t now_utc, struct error *error)
{
    struct error why = {.text = ""};
    STACK_OF(X509) *chain =
        trust_read_certificates(chain_pem, 1 + TRUST_CHAIN_INTERMEDIATES_MAXIMUM, TRUST_CHAIN_NAME, &why);
    if (chain == NULL) {
        return refuse(TRUST_REFUSED_CHAIN, error, why.text);
    }
    enum trust_result result = check_chain(verifier, chain, now_utc, error);
    if (result == TRUST_ACCEPTED && !trust_certificate_has_role(sk_X509_value(chain, 0), role)) {
        result = refuse(TRUST_REFUSED_ROLE, error, "the certificate does not carry the directory's role");
    }
    if (result == TRUST_ACCEPTED) {
        result = check_signature(sk_X509_value(chain, 0), manifest_json, signature, error);
    }
    sk_X509_pop_free(chain, X509_free);
    ERR_clear_error();
    return result;
}

enum trust_result trust_verify(struct trust_verifier *verifier, const char *role, struct bytes manifest_json,
                               struct bytes signature, struct bytes chain_pem, int64_t now_utc,
                               const struct trust_last *last, struct trust_manifest **manifest,
                               struct error *error)
{
    *manifest = NULL;
    enum trust_result result = check_sizes(manifest_json, signature, chain_pem, now_utc, error);
    if (result == TRUST_ACCEPTED) {
        result = check_signer(verifier, role, manifest_json, signature, chain_pem, now_utc, error);
    }
    if (result != TRUST_ACCEPTED) {
        return result;
    }
    struct error why = {.text = ""};
    struct trust_manifest *parsed = trust_manifest_parse(manifest_json, &why);
    if (parsed == NULL) {
        return refuse(TRUST_REFUSED_MANIFEST, error, why.text);
    }
    result = check_manifest(parsed, role, now_utc, last, error);
    if (result != TRUST_ACCEPTED && result != TRUST_UNCHANGED) {
        trust_manifest_destroy(parsed);
        return result;
    }
    *manifest = parsed;
    return result;
}
