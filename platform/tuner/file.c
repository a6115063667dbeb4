/* SPDX-License-Identifier: Apache-2.0 */
/* A transport stream file, played at the pace of its own clock or as fast as it is read. */
#include "base/clock.h"
#include "base/log.h"
#include "tuner/backend.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define PACKET_SIZE 188
#define SYNC_BYTE 0x47
#define STRIDE_MAX 204
#define WINDOW_PACKETS 256
#define WINDOW_SIZE (WINDOW_PACKETS * STRIDE_MAX)
/* Packets between two PCRs may be given so early, together: fewer wakings. */
#define EARLY_US 2000
/* A PCR that goes back, or further ahead than this, starts a new time base (ISO/IEC 13818-1 asks for one
 * every 100 ms). */
#define PCR_STEP_MAX_US 1000000
/* Bytes without a PCR after which pacing is given up. */
#define PCR_SEARCH_SIZE (8 * 1024 * 1024)
#define PID_NONE 0xFFFF

struct file {
    int fd;
    int timer; /* readable: there is something to read */
    bool paced, loop;
    bool ended;
    uint8_t window[WINDOW_SIZE];
    size_t fill, position; /* bytes in the window, and given */
    size_t stride;         /* bytes from one packet to the next: 188, 192 or 204 */
    size_t sync;           /* where in the window a first packet begins */
    uint16_t pcr_pid;      /* the first that had a PCR */
    size_t searched;       /* bytes looked through for it */
    bool anchored;
    int64_t anchor_pcr_us, anchor_us; /* this PCR was, or should have been, given at this monotonic time */
    int64_t last_pcr_us;
    int64_t interval_us;      /* between the two PCRs before, 0: unknown */
    int64_t interval_packets; /* and the packets there */
    int64_t packets_since;    /* the last PCR, its own included */
};

/* Makes the descriptor readable at_us by the monotonic clock; 0 or the past: now. */
static void wake_at(struct file *file, int64_t at_us)
{
    /* A value of zero would disarm the timer. */
    int64_t us = at_us > 0 ? at_us : 1;
    const struct itimerspec when = {.it_value = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000}};
    timerfd_settime(file->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static bool read_options(const struct tuner_url *url, bool *paced, bool *looping, struct error *error)
{
    static const char *const known[] = {"pace", "loop", NULL};
    if (!tuner_url_check_options(url, known, error))
        return false;
    const char *pace = tuner_url_option(url, "pace", "pcr"), *loop = tuner_url_option(url, "loop", "no");
    *paced = !strcmp(pace, "pcr");
    *looping = !strcmp(loop, "yes");
    if (!*paced && strcmp(pace, "none"))
        return error_set(error, "file://%s: pace: expected pcr or none, found \"%s\"", url->rest, pace);
    if (!*looping && strcmp(loop, "no"))
        return error_set(error, "file://%s: loop: expected yes or no, found \"%s\"", url->rest, loop);
    return true;
}

static bool check_file(const struct tuner_url *url, struct error *error)
{
    bool paced, looping;
    return read_options(url, &paced, &looping, error);
}

static void close_file(void *state)
{
    struct file *file = state;
    if (file->fd >= 0)
        close(file->fd);
    if (file->timer >= 0)
        close(file->timer);
    free(file);
}

static bool open_descriptors(struct file *file, const struct tuner_url *url, struct error *error)
{
    struct stat status;
    file->fd = open(url->rest, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file->fd < 0 || fstat(file->fd, &status) < 0)
        return error_set(error, "%s: %s", url->rest, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return error_set(error, "%s: expected a regular file", url->rest);
    file->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (file->timer < 0)
        return error_set(error, "%s: timer: %s", url->rest, strerror(errno));
    wake_at(file, 0);
    return true;
}

static void *open_file(const struct tuner_url *url, struct error *error)
{
    struct file *file = calloc(1, sizeof(*file));
    if (!file) {
        error_set(error, "%s: out of memory", url->rest);
        return NULL;
    }
    file->fd = file->timer = -1;
    file->pcr_pid = PID_NONE;
    file->stride = PACKET_SIZE;
    if (!read_options(url, &file->paced, &file->loop, error) || !open_descriptors(file, url, error)) {
        close_file(file);
        return NULL;
    }
    return file;
}

static int file_fd(const void *state)
{
    return ((const struct file *)state)->timer;
}

/* Finds where in the window packets begin, and how far apart they are; without three in a row it stays as it
 * was. Leaves whole packets in the window, so that the next one begins with a packet too. */
static bool align(struct file *file)
{
    static const size_t strides[] = {PACKET_SIZE, 192, STRIDE_MAX};
    bool found = false;
    for (size_t at = 0; !found && at < STRIDE_MAX; at++) {
        for (size_t i = 0; !found && i < 3; i++) {
            found = at + 2 * strides[i] < file->fill && file->window[at] == SYNC_BYTE &&
                    file->window[at + strides[i]] == SYNC_BYTE &&
                    file->window[at + 2 * strides[i]] == SYNC_BYTE;
            if (found) {
                file->sync = at;
                file->stride = strides[i];
            }
        }
    }
    if (file->fill <= file->sync || file->fill < WINDOW_SIZE)
        return true; /* the file's end */
    size_t behind = (file->fill - file->sync) % file->stride;
    file->fill -= behind;
    return lseek(file->fd, -(off_t)behind, SEEK_CUR) >= 0;
}

/* Fills the empty window, from the start again where the file loops. False: an error, errno says which. */
static bool refill(struct file *file)
{
    bool rewound = false;
    file->fill = file->position = 0;
    while (file->fill < WINDOW_SIZE) {
        ssize_t got = read(file->fd, file->window + file->fill, WINDOW_SIZE - file->fill);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        file->fill += (size_t)got;
        if (got > 0)
            continue;
        /* A file that is empty when read from its start has nothing to loop over. */
        if (!file->loop || rewound || file->fill > 0)
            break;
        if (lseek(file->fd, 0, SEEK_SET) < 0)
            return false;
        rewound = true;
    }
    file->ended = file->fill == 0;
    file->sync = 0;
    return align(file);
}

/* The PCR of the packet at bytes, in microseconds, or -1. The platform knows of transport packets only this.
 */
static int64_t packet_pcr_us(struct file *file, const uint8_t *bytes)
{
    bool has_pcr =
        bytes[0] == 0x47 && !(bytes[1] & 0x80) && (bytes[3] & 0x20) && bytes[4] >= 7 && (bytes[5] & 0x10);
    uint16_t pid = (uint16_t)((bytes[1] & 0x1F) << 8 | bytes[2]);
    if (!has_pcr || (file->pcr_pid != PID_NONE && pid != file->pcr_pid))
        return -1;
    file->pcr_pid = pid;
    int64_t base = (int64_t)bytes[6] << 25 | bytes[7] << 17 | bytes[8] << 9 | bytes[9] << 1 | bytes[10] >> 7;
    return base * 100 / 9;
}

/* When the packet behind the last PCR and packets_since others is due: as the packets between the two PCRs
 * before, yet not later than one such interval. */
static int64_t due_between(const struct file *file)
{
    int64_t behind = file->packets_since * file->interval_us / file->interval_packets;
    if (behind > file->interval_us)
        behind = file->interval_us;
    return file->anchor_us + file->last_pcr_us - file->anchor_pcr_us + behind - EARLY_US;
}

static void note_pcr(struct file *file, int64_t pcr_us, bool follows)
{
    file->interval_us = follows ? pcr_us - file->last_pcr_us : 0;
    file->interval_packets = file->packets_since;
    file->packets_since = 1;
    file->last_pcr_us = pcr_us;
}

static bool wait_until(struct file *file, int64_t due_us, int64_t now_us)
{
    if (due_us <= now_us)
        return false;
    wake_at(file, due_us);
    return true;
}

/* Whether the packet at bytes is due; where not, the descriptor becomes readable when it is. */
static bool is_due(struct file *file, const uint8_t *bytes)
{
    int64_t pcr_us = packet_pcr_us(file, bytes), now_us = clock_monotonic_us();
    if (pcr_us < 0) {
        if (file->pcr_pid == PID_NONE && (file->searched += PACKET_SIZE) > PCR_SEARCH_SIZE) {
            log_warning("no PCR in %d bytes: the file is played as fast as it is read", PCR_SEARCH_SIZE);
            file->paced = false;
        }
        if (file->interval_us > 0 && file->interval_packets > 0 &&
            wait_until(file, due_between(file), now_us))
            return false;
        file->packets_since++;
        return true;
    }
    int64_t step_us = pcr_us - file->last_pcr_us;
    bool follows = file->anchored && step_us >= 0 && step_us <= PCR_STEP_MAX_US;
    if (!follows) {
        file->anchored = true;
        file->anchor_pcr_us = pcr_us;
        file->anchor_us = now_us;
    }
    if (wait_until(file, file->anchor_us + pcr_us - file->anchor_pcr_us, now_us))
        return false;
    note_pcr(file, pcr_us, follows);
    return true;
}

/* How many bytes of the window may be given now: all of them, or, paced, whole packets up to one that is not
 * due, with what lies between packets. */
static size_t due_bytes(struct file *file, size_t size)
{
    size_t left = file->fill - file->position;
    size = left < size ? left : size;
    if (!file->paced)
        return size;
    if (file->position < file->sync) /* what lies in front of the first packet */
        return file->sync - file->position < size ? file->sync - file->position : size;
    if (left < file->stride) /* the rest of a file that was cut */
        return size;
    size_t due = 0;
    while (due + file->stride <= size && is_due(file, file->window + file->position + due))
        due += file->stride;
    return due;
}

static ssize_t read_file(void *state, void *buffer, size_t size)
{
    struct file *file = state;
    if (size < file->stride) {
        errno = EINVAL;
        return -1;
    }
    if (file->position == file->fill && !file->ended && !refill(file))
        return -1;
    if (file->ended)
        return 0;
    size_t due = due_bytes(file, size);
    if (due == 0) {
        errno = EAGAIN;
        return -1;
    }
    memcpy(buffer, file->window + file->position, due);
    file->position += due;
    return (ssize_t)due;
}

const struct tuner_backend tuner_backend_file = {.scheme = "file",
                                                 .check = check_file,
                                                 .open = open_file,
                                                 .close = close_file,
                                                 .fd = file_fd,
                                                 .read = read_file};
