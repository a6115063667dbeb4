/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a publisher's manifest counts: its chain, its role, its signature, its time and its sequence. Fails
 * closed, with a reason. A verifier is used by one thread at a time; it belongs to who created it. */
#ifndef KOKONOR_TRUST_VERIFY_H
#define KOKONOR_TRUST_VERIFY_H

#include "trust/manifest.h"

#define TRUST_SIGNATURE_SIZE_MAXIMUM 256
#define TRUST_CHAIN_SIZE_MAXIMUM (32 * 1024)
#define TRUST_CHAIN_INTERMEDIATES_MAXIMUM 4

/* The names of the three files in a role's directory. */
#define TRUST_MANIFEST_NAME "manifest.json"
#define TRUST_SIGNATURE_NAME "manifest.sig"
#define TRUST_CHAIN_NAME "chain.pem"

enum trust_result {
    TRUST_ACCEPTED,
    TRUST_UNCHANGED,           /* the very manifest accepted before, still valid */
    TRUST_REFUSED_SIZE,        /* manifest, signature or chain beyond its maximum */
    TRUST_REFUSED_UNSIGNED,    /* no signature or no chain */
    TRUST_REFUSED_CHAIN,       /* chain.pem is no list of certificates, or one too many */
    TRUST_REFUSED_CERTIFICATE, /* the chain does not lead to the operator's root, or a link of it may not do
                                  what it does */
    TRUST_REFUSED_CERTIFICATE_TIME, /* a certificate is not yet or no longer valid */
    TRUST_REFUSED_KEY,              /* neither ECDSA P-256 nor SM2 */
    TRUST_REFUSED_ROLE,             /* the certificate's or the manifest's role is not the directory's */
    TRUST_REFUSED_SIGNATURE,        /* the signature is not over these bytes by this key */
    TRUST_REFUSED_MANIFEST,         /* signed, but no manifest */
    TRUST_REFUSED_EARLY,            /* before valid_from */
    TRUST_REFUSED_LATE,             /* after valid_until */
    TRUST_REFUSED_OLDER,            /* sequence below the last accepted */
    TRUST_REFUSED_REUSED,           /* the last accepted sequence with other bytes */
    TRUST_REFUSED_CLOCK,            /* the time is not known yet */
    TRUST_FAILED,                   /* no memory or the cryptographic library failed */
    TRUST_RESULTS,
};

/* A sentence without subject: "signature does not match the manifest". */
const char *trust_result_str(enum trust_result result);

struct trust_verifier;

/* root_pem: one or more root certificates of the operator, the only anchors. NULL and a reason in error where
 * there is none. */
struct trust_verifier *trust_verifier_create(struct bytes root_pem, struct error *error);
void trust_verifier_destroy(struct trust_verifier *verifier);

/* What was accepted last for a role; sequence 0 where nothing was. */
struct trust_last {
    int64_t sequence;
    uint8_t manifest_sha256[TRUST_SHA256_SIZE];
};

/* Verifies the three files found in role's directory. now_utc: the broadcast clock, seconds since 1970, 0 or
 * less where unknown. last may be NULL. *manifest is the caller's to destroy after ACCEPTED or UNCHANGED and
 * NULL after anything else; error, which may be NULL, then holds the reason with its particulars (which
 * certificate, which dates, which field). */
enum trust_result trust_verify(struct trust_verifier *verifier, const char *role, struct bytes manifest_json,
                               struct bytes signature, struct bytes chain_pem, int64_t now_utc,
                               const struct trust_last *last, struct trust_manifest **manifest,
                               struct error *error);

#endif
