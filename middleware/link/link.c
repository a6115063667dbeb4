/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl tells which sockets and which timer it waits for; libuv waits for them. The two meet in
 * watch_socket and set_timer. Done callbacks run outside libcurl, in report_done, so they may start, cancel
 * and destroy. */
#include "link/link.h"
#include "base/file.h"
#include "base/log.h"
#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

enum {
    CALLS_MAXIMUM = 64,
    HEADERS_MAXIMUM = 16,
    PATH_MAXIMUM = 1024,
    URL_MAXIMUM = 256,
    CONNECTIONS_MAXIMUM = 2,
    PEM_MAXIMUM = 256 * 1024,
    DEFAULT_RESPONSE_MAXIMUM = 1024 * 1024,
    DEFAULT_CONNECT_MS = 10000,
    DEFAULT_TOTAL_MS = 30000,
};

struct link_call {
    struct link_call *next;
    struct link *link;
    CURL *easy;
    struct curl_slist *headers;
    struct buffer body;
    bool too_large;
    char error[CURL_ERROR_SIZE];
    link_done_fn *done;
    void *context;
};

/* A socket of libcurl's; lives until its handle is closed, which may be after the link. */
struct watch {
    uv_poll_t poll;
    struct watch *next;
    struct link *link; /* NULL once closing */
    curl_socket_t socket;
};

struct link {
    uv_loop_t *loop;
    CURLM *multi;
    uv_timer_t *timer; /* its own allocation: it outlives the link until closed */
    struct link_call *calls;
    size_t call_count;
    struct watch *watches;
    bool reporting; /* report_done is under way: link_destroy leaves the freeing to it */
    bool destroyed;
    char base_url[URL_MAXIMUM];
    char *ca_path, *certificate_path, *key_path;
    size_t response_maximum;
    long connect_timeout_ms, total_timeout_ms;
};

const char *link_result_str(enum link_result result)
{
    static const char *const names[] = {"answered",  "unreachable", "timed out",
                                        "untrusted", "too large",   "broken"};
    return (unsigned)result < sizeof names / sizeof *names ? names[result] : "?";
}

/* --- what libcurl waits for
 * ------------------------------------------------------------------------------------------------- */

static void report_done(struct link *link);
static void free_link(struct link *link);

static void free_handle(uv_handle_t *handle)
{
    free(handle->data);
}

static void close_watch(struct watch *watch)
{
    for (struct watch **at = &watch->link->watches; *at; at = &(*at)->next) {
        if (*at == watch) {
            *at = watch->next;
            break;
        }
    }
    watch->link = NULL;
    uv_poll_stop(&watch->poll);
    uv_close((uv_handle_t *)&watch->poll, free_handle);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    struct link *link = watch->link;
    int flags = 0, running;
    if (!link) {
        return;
    }
    if (status < 0) {
        flags = CURL_CSELECT_ERR;
    } else {
        flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
        flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
    }
    curl_multi_socket_action(link->multi, watch->socket, flags, &running);
    report_done(link);
}

static struct watch *open_watch(struct link *link, curl_socket_t socket)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch) {
        return NULL;
    }
    watch->link = link;
    watch->socket = socket;
    if (uv_poll_init_socket(link->loop, &watch->poll, socket) != 0) {
        free(watch);
        return NULL;
    }
    watch->poll.data = watch;
    watch->next = link->watches;
    link->watches = watch;
    return watch;
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *socket_context)
{
    struct link *link = context;
    struct watch *watch = socket_context;
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watch) {
            curl_multi_assign(link->multi, socket, NULL);
            close_watch(watch);
        }
        return 0;
    }
    if (!watch) {
        watch = open_watch(link, socket);
        if (!watch) {
            return -1;
        }
        curl_multi_assign(link->multi, socket, watch);
    }
    int events = 0;
    events |= what & CURL_POLL_IN ? UV_READABLE : 0;
    events |= what & CURL_POLL_OUT ? UV_WRITABLE : 0;
    return uv_poll_start(&watch->poll, events, on_socket) == 0 ? 0 : -1;
}

static void on_timer(uv_timer_t *timer)
{
    struct link *link = *(struct link **)timer->data;
    int running;
    curl_multi_socket_action(link->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    report_done(link);
}

static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct link *link = context;
    (void)multi;
    if (timeout_ms < 0) {
        uv_timer_stop(link->timer);
    } else {
        uv_timer_start(link->timer, on_timer, (uint64_t)timeout_ms, 0);
    }
    return 0;
}

/* --- the end of a call
 * ------------------------------------------------------------------------------------------------------ */

static void free_call(struct link_call *call)
{
    if (call->easy) {
        curl_easy_cleanup(call->easy);
    }
    curl_slist_free_all(call->headers);
    buffer_finish(&call->body);
    free(call);
}

/* Takes the call out of the link; it is then the taker's to free. */
static void take_call(struct link_call *call)
{
    struct link *link = call->link;
    for (struct link_call **at = &link->calls; *at; at = &(*at)->next) {
        if (*at == call) {
            *at = call->next;
            link->call_count--;
            break;
        }
    }
    curl_multi_remove_handle(link->multi, call->easy);
}

static enum link_result result_of(const struct link_call *call, CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return LINK_ANSWERED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        return LINK_UNREACHABLE;
    case CURLE_OPERATION_TIMEDOUT:
        return LINK_TIMED_OUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return LINK_UNTRUSTED;
    case CURLE_FILESIZE_EXCEEDED:
        return LINK_TOO_LARGE;
    default:
        break;
    }
    if (call->too_large) {
        return LINK_TOO_LARGE;
    }
    /* With TLS 1.3 the gateway's refusal of our certificate arrives as an alert when we already think to be
     * connected. */
    if ((code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR) && strstr(call->error, " alert ")) {
        return LINK_UNTRUSTED;
    }
    return LINK_BROKEN;
}

static void fill_response(struct link_call *call, CURLcode code, struct link_response *response)
{
    struct curl_header *header;
    curl_off_t retry_after = 0;
    char *content_type = NULL;
    long status = 0;
    *response = (struct link_response){
        .result = result_of(call, code), .retry_after_s = -1, .content_type = "", .error = ""};
    if (response->result != LINK_ANSWERED) {
        response->error = call->error[0] ? call->error : curl_easy_strerror(code);
        return;
    }
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(call->easy, CURLINFO_CONTENT_TYPE, &content_type);
    response->status = (int)status;
    response->body = buffer_view(&call->body);
    response->content_type = content_type ? content_type : "";
    if (curl_easy_header(call->easy, "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
        curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &retry_after) == CURLE_OK) {
        response->retry_after_s = retry_after < 0 ? 0 : retry_after;
    }
}

static void report_done(struct link *link)
{
    CURLMsg *message;
    int left;
    link->reporting = true;
    while (!link->destroyed && (message = curl_multi_info_read(link->multi, &left))) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        CURLcode code = message->data.result;
        struct link_call *call = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
        take_call(call);
        struct link_response response;
        fill_response(call, code, &response);
        call->done(call->context, &response);
        free_call(call);
    }
    link->reporting = false;
    if (link->destroyed) {
        free_link(link);
    }
}

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    struct link_call *call = context;
    buffer_append(&call->body, data, size * count);
    if (call->body.failed) {
        call->too_large = true;
        return 0;
    }
    return size * count;
}

/* --- starting a call
 * -------------------------------------------------------------------------------------------------------- */

static bool is_visible(const char *text, size_t maximum)
{
    size_t size = strnlen(text, maximum + 1);
    if (size == 0 || size > maximum) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] <= 0x20 || (unsigned char)text[i] >= 0x7f) {
            return false;
        }
    }
    return true;
}

static bool add_header(struct link_call *call, const char *name, const char *value)
{
    struct buffer line;
    buffer_init(&line, 4096);
    buffer_printf(&line, "%s: %s", name, value);
    const char *text = buffer_text(&line);
    struct curl_slist *longer = NULL;
    if (text && !strpbrk(text, "\r\n") && is_visible(name, 64)) {
        longer = curl_slist_append(call->headers, text);
    }
    if (longer) {
        call->headers = longer;
    }
    buffer_finish(&line);
    return longer != NULL;
}

static bool add_headers(struct link_call *call, const struct link_header *headers, size_t count)
{
    if (count > HEADERS_MAXIMUM) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!add_header(call, headers[i].name, headers[i].value)) {
            return false;
        }
    }
    struct curl_slist *longer =
        curl_slist_append(call->headers, "Expect:"); /* no extra round trip before a body */
    if (longer) {
        call->headers = longer;
    }
    return longer != NULL;
}

/* What every call has in common: whom we trust, who we are, and how long and how much. */
static bool set_common(struct link_call *call)
{
    const struct link *link = call->link;
    CURL *easy = call->easy;
    bool good = true;
#define SET(option, value) good = curl_easy_setopt(easy, option, value) == CURLE_OK && good
    SET(CURLOPT_PRIVATE, (void *)call);
    SET(CURLOPT_ERRORBUFFER, call->error);
    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a cancelled call does not wait for a name server */
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_CAINFO, link->ca_path);
    SET(CURLOPT_CAPATH, NULL);
    if (link->certificate_path) {
        SET(CURLOPT_SSLCERT, link->certificate_path);
        SET(CURLOPT_SSLKEY, link->key_path);
    }
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_CONNECTTIMEOUT_MS, link->connect_timeout_ms);
    SET(CURLOPT_TIMEOUT_MS, link->total_timeout_ms);
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)link->response_maximum);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, (void *)call);
    SET(CURLOPT_USERAGENT, "kokonor-box");
#undef SET
    return good;
}

static bool set_request(struct link_call *call, const char *method, const char *path, struct bytes body)
{
    char url[URL_MAXIMUM + PATH_MAXIMUM + 1];
    int size = snprintf(url, sizeof url, "%s%s", call->link->base_url, path);
    if (size < 0 || (size_t)size >= sizeof url) {
        return false;
    }
    bool good = curl_easy_setopt(call->easy, CURLOPT_URL, url) == CURLE_OK &&
                curl_easy_setopt(call->easy, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK &&
                curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers) == CURLE_OK;
    if (good && body.size) {
        good = curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size) == CURLE_OK &&
               curl_easy_setopt(call->easy, CURLOPT_COPYPOSTFIELDS, (const char *)body.data) == CURLE_OK;
    } else if (good && strcmp(method, "POST") == 0) {
        good = curl_easy_setopt(call->easy, CURLOPT_COPYPOSTFIELDS, "") == CURLE_OK;
    }
    return good && curl_easy_setopt(call->easy, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK;
}

struct link_call *link_request(struct link *link, const char *method, const char *path,
                               const struct link_header *headers, size_t header_count, struct bytes body,
                               link_done_fn *done, void *context)
{
    if (link->destroyed || link->call_count >= CALLS_MAXIMUM || !is_visible(method, 16) || path[0] != '/' ||
        !is_visible(path, PATH_MAXIMUM)) {
        return NULL;
    }
    struct link_call *call = calloc(1, sizeof *call);
    if (!call) {
        return NULL;
    }
    call->link = link;
    call->done = done;
    call->context = context;
    buffer_init(&call->body, link->response_maximum);
    call->easy = curl_easy_init();
    if (!call->easy || !add_headers(call, headers, header_count) || !set_common(call) ||
        !set_request(call, method, path, body) ||
        curl_multi_add_handle(link->multi, call->easy) != CURLM_OK) {
        free_call(call);
        return NULL;
    }
    call->next = link->calls;
    link->calls = call;
    link->call_count++;
    return call;
}

void link_cancel(struct link_call *call)
{
    if (call) {
        take_call(call);
        free_call(call);
    }
}

/* --- the link itself
 * -------------------------------------------------------------------------------------------------------- */

static bool check_url(const char *url, struct error *error)
{
    static const char scheme[] = "https://";
    static const char host_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
    const char *host = url && strncmp(url, scheme, strlen(scheme)) == 0 ? url + strlen(scheme) : "";
    if (!*host || strlen(url) >= URL_MAXIMUM || host[strspn(host, host_bytes)] != '\0') {
        return error_set(error, "gateway address \"%.100s\": expected https://HOST:PORT without a path",
                         url ? url : "");
    }
    return true;
}

static bool check_pem(const char *what, const char *path, struct error *error)
{
    struct buffer pem;
    struct error cause = {""};
    buffer_init(&pem, PEM_MAXIMUM);
    bool good = path && file_read(path, &pem, &cause);
    if (!good) {
        error_set(error, "%s: %s", what, path ? cause.text : "no file is named");
    } else {
        const char *text = buffer_text(&pem);
        good = (text && strstr(text, "-----BEGIN ")) ||
               error_set(error, "%s: %s holds no PEM block; expected -----BEGIN", what, path);
        if (pem.data) {
            explicit_bzero(pem.data, pem.size);
        }
    }
    buffer_finish(&pem);
    return good;
}

static bool check_options(const struct link_options *options, struct error *error)
{
    if (!options->certificate_path != !options->key_path) {
        return error_set(error, "the box's certificate and its key must be named together");
    }
    return check_url(options->base_url, error) && check_pem("gateway CA", options->ca_path, error) &&
           (!options->certificate_path || (check_pem("box certificate", options->certificate_path, error) &&
                                           check_pem("box key", options->key_path, error)));
}

static char *copy(const char *text, bool *good)
{
    char *made = text ? strdup(text) : NULL;
    *good = *good && (!text || made);
    return made;
}

static uv_timer_t *make_timer(struct link *link)
{
    /* The handle and, behind it, the one pointer that its callback follows. */
    struct {
        uv_timer_t timer;
        struct link *link;
    } *both = calloc(1, sizeof *both);
    if (!both) {
        return NULL;
    }
    if (uv_timer_init(link->loop, &both->timer) != 0) {
        free(both);
        return NULL;
    }
    both->link = link;
    both->timer.data = &both->link;
    return &both->timer;
}

static void free_timer(uv_handle_t *handle)
{
    free(handle);
}

struct link *link_create(uv_loop_t *loop, const struct link_options *options, struct error *error)
{
    if (!check_options(options, error)) {
        return NULL;
    }
    struct link *link = calloc(1, sizeof *link);
    if (!link || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(link);
        error_set(error, "the return channel cannot start: no memory");
        return NULL;
    }
    bool good = true;
    link->loop = loop;
    link->ca_path = copy(options->ca_path, &good);
    link->certificate_path = copy(options->certificate_path, &good);
    link->key_path = copy(options->key_path, &good);
    memcpy(link->base_url, options->base_url, strlen(options->base_url) + 1);
    link->response_maximum = options->response_maximum ? options->response_maximum : DEFAULT_RESPONSE_MAXIMUM;
    link->connect_timeout_ms = options->connect_timeout_ms ? options->connect_timeout_ms : DEFAULT_CONNECT_MS;
    link->total_timeout_ms = options->total_timeout_ms ? options->total_timeout_ms : DEFAULT_TOTAL_MS;
    link->multi = curl_multi_init();
    link->timer = make_timer(link);
    if (!good || !link->multi || !link->timer) {
        link_destroy(link);
        error_set(error, "the return channel cannot start: no memory");
        return NULL;
    }
    curl_multi_setopt(link->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(link->multi, CURLMOPT_SOCKETDATA, link);
    curl_multi_setopt(link->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(link->multi, CURLMOPT_TIMERDATA, link);
    curl_multi_setopt(link->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)CONNECTIONS_MAXIMUM);
    curl_multi_setopt(link->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAXIMUM);
    log_debug("return channel to %s", link->base_url);
    return link;
}

static void free_link(struct link *link)
{
    if (link->multi) {
        curl_multi_cleanup(link->multi);
    }
    while (link->watches) {
        close_watch(link->watches);
    }
    if (link->timer) {
        uv_timer_stop(link->timer);
        uv_close((uv_handle_t *)link->timer, free_timer);
    }
    free(link->ca_path);
    free(link->certificate_path);
    free(link->key_path);
    free(link);
    curl_global_cleanup();
}

void link_destroy(struct link *link)
{
    if (!link) {
        return;
    }
    while (link->calls) {
        link_cancel(link->calls);
    }
    link->destroyed = true;
    if (!link->reporting) {
        free_link(link);
    }
}
