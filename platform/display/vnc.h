/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the presenter over the network, to each other. Threads: main (vnc.c), one at the door that
 * lets connections in (vnc_door.c), one a viewer in which LibVNCServer may wait for it (vnc_session.c), and
 * libmicrohttpd's (vnc_web.c). All of them sleep while nobody is connected and nothing changes. */
#ifndef KOKONOR_DISPLAY_VNC_H
#define KOKONOR_DISPLAY_VNC_H

#include "display/presenter.h"
#include <pthread.h>
#include <stdatomic.h>

#define VNC_SESSIONS 12 /* threads at most */
#define VNC_HEAD 4000   /* bytes of a browser's request; LibVNCServer takes 4,095 */
#define VNC_VIEWERS 8   /* above, those who have not shown the password yet must go */
#define VNC_DIRTY 32    /* rectangles that wait for a viewer; more become one */
#define VNC_KEYS 64     /* that wait for main; more are dropped */
#define VNC_PASSWORD_MIN 6
#define VNC_PASSWORD_MAX 8 /* RFB looks at no more (RFC 6143, 7.2.2) */

struct vnc;

struct vnc_session {
    struct vnc *vnc;
    struct _rfbScreenInfo *rfb; /* LibVNCServer's, made once: it renews a lock of the process with each */
    struct _rfbClientRec *client;
    pthread_t thread;
    bool used;               /* the thread is to be joined; the door's */
    atomic_bool stop, ended; /* stop: to the thread; ended: by the thread */
    atomic_bool authentic;   /* has shown the password */
    int64_t since_us;        /* monotonic, when it came */
    int fd;                  /* ours, of the connection: shutdown() on it ends the thread's waiting */
    int wake;                /* eventfd: dirty, or stop */
    uint32_t *pixels;        /* what LibVNCServer sends from; the thread's */
    char peer[64];           /* its address, for the log */
    char head[VNC_HEAD];     /* a browser's request, which still stands in the connection */
    size_t head_size;        /* 0: no browser, but a VNC viewer */
    bool down[KEY_COUNT];    /* held buttons; the thread's */
    bool joined;             /* the rest: under the frame's lock. Wants dirty rectangles */
    struct rect dirty[VNC_DIRTY];
    size_t dirty_count;
};

/* The picture that sessions copy from; there only while someone watches. */
struct vnc_frame {
    pthread_mutex_t lock;
    uint32_t *pixels;
    size_t viewers;
    bool whole; /* main has given all of it */
};

struct vnc {
    int width, height;
    char title[64], password[VNC_PASSWORD_MAX + 1], *passwords[2];
    struct vnc_frame frame;
    struct vnc_session sessions[VNC_SESSIONS];
    pthread_mutex_t keys_lock;
    struct key_event keys[VNC_KEYS];
    size_t keys_count;
    int events; /* eventfd: keys, or the whole picture is wanted */
    pthread_mutex_t guess_lock;
    int guesses; /* wrong passwords since the last right one */
    int64_t closed_until_us;
    struct vnc_door *door;
    struct vnc_web *web;
};

/* ---- vnc.c ---- */

/* A viewer begins and ends to watch. join gives the session its pixels; false without memory. Its thread. */
bool vnc_join(struct vnc_session *session);
void vnc_leave(struct vnc_session *session);
/* Takes what has changed since: copied into session->pixels, its rectangles in out. Its thread. */
size_t vnc_take_dirty(struct vnc_session *session, struct rect out[VNC_DIRTY]);
/* A key for main. Any thread. */
void vnc_push_key(struct vnc *vnc, struct key_event event);
/* Adds one to an eventfd. Any thread. */
void vnc_wake(int event_fd);

/* ---- vnc_session.c ---- */

/* Once for each session, before any thread. */
bool vnc_session_prepare(struct vnc_session *session);
void vnc_session_finish(struct vnc_session *session);
/* Serves the connection, which is the session's from here, in a thread. head: the WebSocket request that a
 * browser has sent and nobody has taken from the connection yet; none for a VNC viewer. The door's. */
bool vnc_session_start(struct vnc_session *session, int connection, const char *head, size_t head_size);
/* Tells the thread to end: it does soon, whatever its viewer does. */
void vnc_session_stop(struct vnc_session *session);
/* Waits for the thread; the session may start anew. */
void vnc_session_join(struct vnc_session *session);

/* ---- vnc_door.c ---- */

struct vnc_door *vnc_door_open(struct vnc *vnc, const struct display_options *options, struct error *error);
void vnc_door_close(struct vnc_door *door);
int vnc_door_web_port(const struct vnc_door *door);
int vnc_door_vnc_port(const struct vnc_door *door);
/* A session has ended. Any thread. */
void vnc_door_wake(struct vnc_door *door);

/* ---- vnc_web.c ---- */

struct vnc_web *vnc_web_open(const struct display_options *options, struct error *error);
void vnc_web_close(struct vnc_web *web);
/* Answers the connection, which has sent a request that nobody has read yet, and closes it. Any thread. */
void vnc_web_serve(struct vnc_web *web, int connection);

#endif
