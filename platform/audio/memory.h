/* SPDX-License-Identifier: Apache-2.0 */
/* Inside this room: reading back what the memory device was given. */
#ifndef KOKONOR_AUDIO_MEMORY_H
#define KOKONOR_AUDIO_MEMORY_H

#include <stdint.h>

/* device is audio_backend_memory's. Copies the newest frames, at most count, oldest first; returns how many.
 */
int memory_read(const void *device, int16_t *frames, int count);

#endif
