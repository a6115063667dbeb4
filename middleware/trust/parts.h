/* SPDX-License-Identifier: Apache-2.0 */
/* What signing and verifying share. For this room's own files. */
#ifndef KOKONOR_TRUST_PARTS_H
#define KOKONOR_TRUST_PARTS_H

#include "base/buffer.h"
#include "base/error.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

bool trust_role_is_name(const char *role);

/* The digest for a key that Kokonor signs with: SHA-256 for an EC key on P-256, SM3 for an SM2 key; NULL for
 * any other. */
const EVP_MD *trust_key_digest(const EVP_PKEY *key);
/* Gives an SM2 signing or verifying context the customary identity (GM/T 0009); does nothing for other keys.
 */
bool trust_set_identity(EVP_PKEY_CTX *context, const EVP_PKEY *key);
/* The same identity for the signature on a certificate, where that is SM2 with SM3. */
bool trust_certificate_set_identity(X509 *certificate);
/* True where certificate has subjectAltName URI "urn:kokonor:role:ROLE". */
bool trust_certificate_has_role(X509 *certificate, const char *role);
/* Reads PEM certificates, at most maximum. An owned stack, or NULL and a reason. */
STACK_OF(X509) *
    trust_read_certificates(struct bytes pem, int maximum, const char *name, struct error *error);
/* OpenSSL's last reason, for a message; clears its queue. */
const char *trust_openssl_reason(void);

#endif
