/* SPDX-License-Identifier: Apache-2.0 */
/* Which box speaks: the client certificate of a TLS session. The session's thread. */
#ifndef KOKONOR_GATEWAY_IDENTITY_H
#define KOKONOR_GATEWAY_IDENTITY_H

#include "gateway/ledger.h"
#include <gnutls/gnutls.h>

/* Makes the handshake fail unless the client shows a certificate, for TLS clients, of the CA that the session
 * trusts. To be called before the handshake. */
void identity_require(gnutls_session_t session);
/* The CN of the verified certificate; false where there is none or it is no name of a box. */
bool identity_read(gnutls_session_t session, char box[LEDGER_BOX_MAXIMUM + 1]);

#endif
