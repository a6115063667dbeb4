/* SPDX-License-Identifier: Apache-2.0 */
/* The tuner of tests: bytes in memory. */
#include "tuner/backend.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct memory {
    int fd; /* an event that is always there */
    const uint8_t *data;
    size_t size, position, piece;
};

void *tuner_memory_create(const void *data, size_t size, size_t piece)
{
    assert(piece > 0);
    struct memory *memory = malloc(sizeof(*memory));
    if (!memory)
        return NULL;
    *memory = (struct memory){.fd = eventfd(1, EFD_CLOEXEC), .data = data, .size = size, .piece = piece};
    if (memory->fd < 0) {
        free(memory);
        return NULL;
    }
    return memory;
}

static void close_memory(void *state)
{
    struct memory *memory = state;
    close(memory->fd);
    free(memory);
}

static int memory_fd(const void *state)
{
    return ((const struct memory *)state)->fd;
}

static ssize_t read_memory(void *state, void *buffer, size_t size)
{
    struct memory *memory = state;
    size_t part = memory->size - memory->position;
    part = part < memory->piece ? part : memory->piece;
    part = part < size ? part : size;
    if (part > 0)
        memcpy(buffer, memory->data + memory->position, part);
    memory->position += part;
    return (ssize_t)part;
}

const struct tuner_backend tuner_backend_memory = {
    .close = close_memory, .fd = memory_fd, .read = read_memory};
