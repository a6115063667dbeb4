/* SPDX-License-Identifier: Apache-2.0 */
/* RTP datagrams of any kind, in any order: what comes out is whole transport packets, no more than came in,
 * and it comes to an end. The input: a window, then datagrams, each behind its size in two bytes; a size of 0
 * lets time pass. */
#include "base/reader.h"
#include "tuner/rtp_order.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PACKET 188

static void require(bool truth)
{
    if (!truth)
        abort();
}

struct input {
    struct reader reader;
    size_t taken; /* bytes */
};

static ssize_t receive(void *context, void *buffer, size_t size)
{
    struct input *input = context;
    size_t length = reader_u16(&input->reader);
    if (length > reader_left(&input->reader))
        length = reader_left(&input->reader);
    if (input->reader.failed || length == 0) {
        errno = EAGAIN;
        return -1;
    }
    struct bytes bytes = reader_bytes(&input->reader, length);
    length = length < size ? length : size; /* as recv() cuts */
    memcpy(buffer, bytes.data, length);
    input->taken += length;
    return (ssize_t)length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[TUNER_READ_SIZE];
    struct input input = {.taken = 0};
    reader_init(&input.reader, data, size);
    unsigned window = reader_u8(&input.reader) + 1u;
    size_t room = reader_u16(&input.reader) + 1u, given = 0;
    struct rtp_order *order = rtp_order_create(window);
    int64_t now_us = 1000000;
    while (order) {
        ssize_t got = rtp_order_read(order, out, room, now_us, receive, &input);
        require(got != 0 && got <= (ssize_t)room);
        for (ssize_t at = 0; at < got; at += PACKET)
            require(got - at >= PACKET);
        if (got > 0)
            require(out[0] == 0x47);
        else
            require(errno == EAGAIN || errno == EINVAL);
        given += got > 0 ? (size_t)got : 0;
        require(given <= input.taken);
        if (got < 0 && errno == EINVAL)
            break; /* the next datagram is larger than the room */
        if (got < 0 && input.reader.failed && rtp_order_due_us(order) == 0)
            break;
        now_us += 60000;
    }
    struct tuner_status status;
    if (order)
        rtp_order_status(order, &status);
    require(!order || status.datagrams_bad <= status.datagrams);
    rtp_order_destroy(order);
    return 0;
}
