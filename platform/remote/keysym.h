/* SPDX-License-Identifier: Apache-2.0 */
/* A desk's keyboard as a remote control: what each X key symbol (X11 protocol, appendix A; RFB speaks the
 * same) means. Any thread. */
#ifndef KOKONOR_REMOTE_KEYSYM_H
#define KOKONOR_REMOTE_KEYSYM_H

#include "remote/key.h"
#include <stdint.h>

/* KEY_NONE for a symbol that no button stands for. */
enum key key_from_keysym(uint32_t symbol);

#endif
