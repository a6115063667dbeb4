/* SPDX-License-Identifier: Apache-2.0 */
/* The return channel: HTTPS requests with mutual TLS to one gateway, driven by a libuv loop without ever
 * blocking it. The loop's thread alone may call it. The link owns its calls; a done callback may cancel calls
 * and destroy the link. Connections are kept alive and shared (HTTP/1.1, or HTTP/2 where the gateway offers
 * it). Retrying is the caller's: backoff.h. */
#ifndef KOKONOR_LINK_LINK_H
#define KOKONOR_LINK_LINK_H

#include "base/buffer.h"
#include "base/error.h"
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct link;
struct link_call;

/* Every string is copied. Paths are PEM files. */
struct link_options {
    const char *base_url; /* "https://gateway.example:8443"; https only, no path, no final slash */
    const char *ca_path;  /* the certificates that may sign the gateway's; no others count */
    const char
        *certificate_path;   /* this box's certificate (chain); NULL together with key_path: none is shown */
    const char *key_path;    /* its private key */
    size_t response_maximum; /* bytes of a response body; 0: 1 MiB */
    int connect_timeout_ms;  /* name, connection and TLS; 0: 10,000 */
    int total_timeout_ms;    /* the whole call; 0: 30,000 */
};

/* How a call ended, as far as the transport is concerned. */
enum link_result {
    LINK_ANSWERED,    /* a whole HTTP response is here, whatever its status */
    LINK_UNREACHABLE, /* no connection: name, route, refused */
    LINK_TIMED_OUT,
    LINK_UNTRUSTED, /* TLS failed: the gateway's certificate or name, or ours was refused */
    LINK_TOO_LARGE, /* the response was over the maximum */
    LINK_BROKEN, /* the connection ended before the response did; the gateway may have acted on the request */
};
/* A short English word for the log. */
const char *link_result_str(enum link_result result);

struct link_header {
    const char *name;
    const char *value;
};

/* Borrowed: valid during the callback only. */
struct link_response {
    enum link_result result;
    int status;               /* HTTP status; 0 unless result is LINK_ANSWERED */
    struct bytes body;        /* empty unless LINK_ANSWERED */
    const char *content_type; /* "" where there is none */
    int64_t retry_after_s;    /* 0 or more as the gateway asked (seconds or date form); -1: it did not */
    const char *error;        /* English, for the log; "" where LINK_ANSWERED */
};

/* Called once per call, on the loop, never from within link_request. Not called for a cancelled call. */
typedef void link_done_fn(void *context, const struct link_response *response);

/* Checks the options and that the PEM files can be read. NULL with error set on failure. The program
 * must ignore SIGPIPE. The loop stays the
 * caller's and must outlive the link. */
struct link *link_create(uv_loop_t *loop, const struct link_options *options, struct error *error);
/* Cancels every call without calling back. The loop must still be run (uv_run until it returns 0, or as it
 * runs anyway) so that the handles can close. NULL is fine. */
void link_destroy(struct link *link);

/* Starts a call. method: "GET" or "POST" ... ; path begins with '/', and holds no space or control character;
 * headers and body are copied; a body of size 0 sends none. At most 64 calls wait at a time. Returns NULL
 * (nothing starts, done is never called) where an argument breaks these rules or there is no memory; else the
 * call, which is the link's and ends with done or link_cancel. */
struct link_call *link_request(struct link *link, const char *method, const char *path,
                               const struct link_header *headers, size_t header_count, struct bytes body,
                               link_done_fn *done, void *context);
/* Ends a call that has not called back yet: done is not called. The gateway may have acted on it already.
 * NULL is fine. */
void link_cancel(struct link_call *call);

#endif
