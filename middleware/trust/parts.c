/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/parts.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

static const char sm2_identity[] = "1234567812345678";

const EVP_MD *trust_key_digest(const EVP_PKEY *key)
{
    char group[32] = "";
    if (EVP_PKEY_is_a(key, "SM2")) {
        return EVP_sm3();
    }
    if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
        strcmp(group, "prime256v1") == 0) {
        return EVP_sha256();
    }
    return NULL;
}

bool trust_set_identity(EVP_PKEY_CTX *context, const EVP_PKEY *key)
{
    return !EVP_PKEY_is_a(key, "SM2") ||
           EVP_PKEY_CTX_set1_id(context, sm2_identity, (int)strlen(sm2_identity)) == 1;
}

bool trust_certificate_set_identity(X509 *certificate)
{
    if (X509_get_signature_nid(certificate) != NID_SM2_with_SM3) {
        return true;
    }
    ASN1_OCTET_STRING *identity = ASN1_OCTET_STRING_new();
    if (identity == NULL || ASN1_OCTET_STRING_set(identity, (const unsigned char *)sm2_identity,
                                                  (int)strlen(sm2_identity)) != 1) {
        ASN1_OCTET_STRING_free(identity);
        return false;
    }
    X509_set0_distinguishing_id(certificate, identity);
    return true;
}

bool trust_certificate_has_role(X509 *certificate, const char *role)
{
    char wanted[64];
    bool found = false;
    int length = snprintf(wanted, sizeof wanted, "urn:kokonor:role:%s", role);
    if (length < 0 || length >= (int)sizeof wanted) {
        return false;
    }
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_URI) {
            const ASN1_IA5STRING *uri = name->d.uniformResourceIdentifier;
            found = found || (ASN1_STRING_length(uri) == length &&
                              memcmp(ASN1_STRING_get0_data(uri), wanted, (size_t)length) == 0);
        }
    }
    GENERAL_NAMES_free(names);
    return found;
}

const char *trust_openssl_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason != NULL ? reason : "no reason given";
}

/* The queue then holds no error only where reading ended at the end of the text. */
static bool ended_well(void)
{
    unsigned long last = ERR_peek_last_error();
    return ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
}

STACK_OF(X509) * trust_read_certificates(struct bytes pem, int maximum, const char *name, struct error *error)
{
    STACK_OF(X509) *certificates = sk_X509_new_null();
    BIO *bio = pem.size <= INT32_MAX ? BIO_new_mem_buf(pem.data, (int)pem.size) : NULL;
    X509 *certificate;
    bool done = certificates != NULL && bio != NULL;
    ERR_clear_error();
    if (!done) {
        error_set(error, "%s: out of memory", name);
    }
    while (done && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        if (sk_X509_num(certificates) == maximum) {
            done = error_set(error, "%s: holds more than %d certificates", name, maximum);
            X509_free(certificate);
        } else if (!trust_certificate_set_identity(certificate) ||
                   sk_X509_push(certificates, certificate) <= 0) {
            done = error_set(error, "%s: out of memory", name);
            X509_free(certificate);
        }
    }
    if (done && !ended_well()) {
        done = error_set(error, "%s: certificate %d cannot be read: %s", name, sk_X509_num(certificates) + 1,
                         trust_openssl_reason());
    }
    if (done && sk_X509_num(certificates) == 0) {
        done = error_set(error, "%s: holds no certificate", name);
    }
    ERR_clear_error();
    BIO_free(bio);
    if (!done) {
        sk_X509_pop_free(certificates, X509_free);
        return NULL;
    }
    return certificates;
}
