/* SPDX-License-Identifier: Apache-2.0 */
/* One viewer. LibVNCServer reads and writes messages whole and waits for a viewer that stalls in the middle
 * of one, so each viewer has a thread (and a "screen" of the library) of its own: it can keep only itself
 * waiting. */
#include "base/clock.h"
#include "base/log.h"
#include "display/vnc.h"
#include "remote/keysym.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <rfb/rfb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#define STALL_MS 10000         /* in the middle of a message, or when it takes nothing */
#define PASSWORD_MS 60000      /* to show it */
#define GUESSES 5              /* wrong ones in a row, then none is looked at ... */
#define GUESS_PAUSE_US 2000000 /* ... for so long */

/* ---- what LibVNCServer calls, in the session's thread ---- */

static struct vnc_session *session_of(rfbClientPtr client)
{
    return client->screen->screenData;
}

static bool may_guess(struct vnc *vnc)
{
    pthread_mutex_lock(&vnc->guess_lock);
    bool may = clock_monotonic_us() >= vnc->closed_until_us;
    pthread_mutex_unlock(&vnc->guess_lock);
    return may;
}

static void count_guess(struct vnc *vnc, bool right)
{
    pthread_mutex_lock(&vnc->guess_lock);
    vnc->guesses = right ? 0 : vnc->guesses + 1;
    if (vnc->guesses >= GUESSES)
        vnc->closed_until_us = clock_monotonic_us() + GUESS_PAUSE_US;
    pthread_mutex_unlock(&vnc->guess_lock);
}

/* The first message after the right password may already ask for pixels: they are there from here on. */
static rfbBool check_password(rfbClientPtr client, const char *response, int length)
{
    struct vnc_session *session = session_of(client);
    if (!may_guess(session->vnc)) {
        log_warning("vnc: too many wrong passwords, one from %s is not looked at", session->peer);
        return FALSE;
    }
    bool right = rfbCheckPasswordByList(client, response, length);
    count_guess(session->vnc, right);
    if (!right)
        log_warning("vnc: a wrong password from %s", session->peer);
    if (!right || !vnc_join(session))
        return FALSE;
    session->rfb->frameBuffer = (char *)session->pixels;
    atomic_store(&session->authentic, true);
    log_info("vnc: %s watches", session->peer);
    return TRUE;
}

static void on_key(rfbBool down, rfbKeySym symbol, rfbClientPtr client)
{
    struct vnc_session *session = session_of(client);
    enum key key = key_from_keysym((uint32_t)symbol);
    if (key == KEY_NONE)
        return;
    if (down)
        vnc_push_key(session->vnc, (struct key_event){key, session->down[key]});
    session->down[key] = down;
}

static void on_release_all(rfbClientPtr client)
{
    memset(session_of(client)->down, 0, sizeof(session_of(client)->down));
}

static void on_pointer(int buttons, int x, int y, rfbClientPtr client)
{
    (void)buttons; /* a television has no pointer */
    (void)x;
    (void)y;
    (void)client;
}

static void on_gone(rfbClientPtr client)
{
    struct vnc_session *session = session_of(client);
    free(client->wsctx); /* which LibVNCServer 0.9.14 forgets */
    client->wsctx = NULL;
    if (atomic_load(&session->authentic))
        log_info("vnc: %s left", session->peer);
    session->client = NULL;
}

static void say_nothing(const char *format, ...)
{
    (void)format; /* the library reports each oddity of each viewer */
}

/* ---- the thread ---- */

static void mark_dirty(struct vnc_session *session)
{
    struct rect dirty[VNC_DIRTY];
    size_t count = vnc_take_dirty(session, dirty);
    for (size_t i = 0; i < count; i++)
        rfbMarkRectAsModified(session->rfb, dirty[i].x, dirty[i].y, dirty[i].x + dirty[i].w,
                              dirty[i].y + dirty[i].h);
}

/* False where the viewer has had its time. */
static bool wait_for_work(struct vnc_session *session)
{
    struct pollfd fds[2] = {{session->wake, POLLIN, 0}, {session->client->sock, POLLIN, 0}};
    int64_t wait = -1;
    if (!atomic_load(&session->authentic)) {
        wait = PASSWORD_MS - (clock_monotonic_us() - session->since_us) / 1000;
        if (wait <= 0)
            return false;
    }
    int ready = poll(fds, 2, (int)wait);
    uint64_t count;
    if (ready > 0 && fds[0].revents && read(session->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
        return false;
    return ready > 0 || (ready < 0 && errno == EINTR);
}

/* The beginning is made with the library by ourselves, over a pair of sockets: else it would look for TLS at
 * the other end (and compute for seconds where it finds the like of it), wait for each byte of a request, and
 * forget memory where the other end is quick to leave. Then the real connection takes the place of the pair's
 * end. Returns that descriptor, which the library closes; -1 where it has closed it already. */
static int begin(struct vnc_session *session, int near, int far)
{
    char text[VNC_HEAD];
    const char *first = session->head_size ? session->head : "RFB ";
    size_t size = session->head_size ? session->head_size : 4;
    if (near >= FD_SETSIZE || send(far, first, size, 0) != (ssize_t)size) { /* the library uses select() */
        close(near);
        return -1;
    }
    session->client = rfbNewClient(session->rfb, near);
    if (!session->client)
        return -1;
    session->client->clientGoneHook = on_gone;
    ssize_t answer = recv(far, text, sizeof(text), MSG_DONTWAIT);
    bool good = answer > 0 && send(session->fd, text, (size_t)answer, MSG_NOSIGNAL) == answer;
    if (good && session->head_size) /* the library has read its copy */
        good = recv(session->fd, text, session->head_size, 0) == (ssize_t)session->head_size;
    if (!good || dup3(session->fd, near, O_CLOEXEC) < 0)
        atomic_store(&session->stop, true);
    return near;
}

static void serve(struct vnc_session *session)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return;
    int begun = begin(session, pair[0], pair[1]);
    close(pair[1]);
    if (begun < 0)
        return;
    while (session->client && !atomic_load(&session->stop) && wait_for_work(session)) {
        mark_dirty(session);
        rfbProcessEvents(session->rfb, 0);
    }
    if (session->client) {
        rfbCloseClient(session->client);
        rfbProcessEvents(session->rfb, 0); /* which clears away closed clients */
    }
}

static void *run(void *context)
{
    struct vnc_session *session = context;
    sigset_t all;
    pthread_setname_np(pthread_self(), "vnc-viewer");
    sigfillset(&all); /* signals are main's; a write to a viewer that left is an error, not SIGPIPE */
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    serve(session);
    session->rfb->frameBuffer = NULL;
    vnc_leave(session);
    atomic_store(&session->ended, true);
    vnc_door_wake(session->vnc->door);
    return NULL;
}

/* ---- from outside ---- */

bool vnc_session_prepare(struct vnc_session *session)
{
    const struct vnc *vnc = session->vnc;
    session->fd = session->wake = -1;
    rfbLog = rfbErr = say_nothing;
    rfbGetExtensionIterator(); /* makes its lock, once, while there is one thread */
    rfbReleaseExtensionIterator();
    rfbScreenInfoPtr rfb = rfbGetScreen(NULL, NULL, vnc->width, vnc->height, 8, 3, 4);
    if (!rfb)
        return false;
    rfb->screenData = session;
    rfb->desktopName = vnc->title;
    rfb->serverFormat.depth = 24;
    rfb->serverFormat.redShift = 16;
    rfb->serverFormat.greenShift = 8;
    rfb->serverFormat.blueShift = 0;
    rfb->alwaysShared = TRUE;
    rfb->cursor = NULL;
    rfb->deferUpdateTime = 0;
    rfb->maxClientWait = STALL_MS;
    rfb->authPasswdData = (void *)vnc->passwords;
    rfb->passwordCheck = check_password;
    rfb->kbdAddEvent = on_key;
    rfb->kbdReleaseAllKeys = on_release_all;
    rfb->ptrAddEvent = on_pointer;
    rfb->permitFileTransfer = FALSE;
    FD_ZERO(&rfb->allFds);
    session->rfb = rfb;
    return true;
}

void vnc_session_finish(struct vnc_session *session)
{
    if (session->rfb)
        rfbScreenCleanup(session->rfb);
    session->rfb = NULL;
}

static void note_peer(struct vnc_session *session)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);
    if (getpeername(session->fd, (struct sockaddr *)&address, &size) != 0 ||
        getnameinfo((struct sockaddr *)&address, size, session->peer, sizeof(session->peer), NULL, 0,
                    NI_NUMERICHOST) != 0)
        strcpy(session->peer, "somewhere");
}

bool vnc_session_start(struct vnc_session *session, int connection, const char *head, size_t head_size)
{
    int yes = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    session->fd = connection;
    session->head_size = head_size;
    memcpy(session->head, head, head_size);
    note_peer(session);
    session->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    session->since_us = clock_monotonic_us();
    atomic_store(&session->stop, false);
    atomic_store(&session->ended, false);
    atomic_store(&session->authentic, false);
    memset(session->down, 0, sizeof(session->down));
    session->rfb->maxFd = 0;
    session->used = session->wake >= 0 && pthread_create(&session->thread, NULL, run, session) == 0;
    if (!session->used) {
        if (session->wake >= 0)
            close(session->wake);
        close(connection);
        session->wake = session->fd = -1;
    }
    return session->used;
}

void vnc_session_stop(struct vnc_session *session)
{
    atomic_store(&session->stop, true);
    shutdown(session->fd, SHUT_RDWR);
    vnc_wake(session->wake);
}

void vnc_session_join(struct vnc_session *session)
{
    pthread_join(session->thread, NULL);
    close(session->fd);
    close(session->wake);
    session->fd = session->wake = -1;
    session->used = false;
}
