/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/identity.h"
#include "base/log.h"
#include <gnutls/x509.h>
#include <string.h>

static bool is_verified(gnutls_session_t session)
{
    gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                     .data = (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT};
    unsigned status = ~0u;
    return gnutls_certificate_verify_peers(session, &purpose, 1, &status) == 0 && status == 0;
}

static int verify(gnutls_session_t session)
{
    if (is_verified(session)) {
        return 0;
    }
    log_warning("a client certificate was refused: not from the boxes' CA, out of date, or not for a client");
    gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE);
    return GNUTLS_E_CERTIFICATE_ERROR;
}

void identity_require(gnutls_session_t session)
{
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_verify_function(session, verify);
}

bool identity_read(gnutls_session_t session, char box[LEDGER_BOX_MAXIMUM + 1])
{
    unsigned count = 0;
    gnutls_x509_crt_t certificate;
    size_t size = LEDGER_BOX_MAXIMUM + 1;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    if (!chain || count == 0 || !is_verified(session) || gnutls_x509_crt_init(&certificate) != 0) {
        return false;
    }
    bool good =
        gnutls_x509_crt_import(certificate, &chain[0], GNUTLS_X509_FMT_DER) == 0 &&
        gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, box, &size) == 0 &&
        strlen(box) == size && ledger_is_box(box);
    gnutls_x509_crt_deinit(certificate);
    return good;
}
