/* SPDX-License-Identifier: Apache-2.0 */
/* The BIOP messages that a module is made of: directories, files, streams (TR 101 202, 4.7.4; TS 102 809,
 * B.2.2). Read and built side by side. No state; any thread. Views point into the module that was read. */
#ifndef KOKONOR_DSMCC_BIOP_H
#define KOKONOR_DSMCC_BIOP_H

#include "dsmcc/ior.h"

#define DSMCC_BINDINGS_MAX 512 /* of a directory */

struct dsmcc_object {
    struct dsmcc_key key;
    enum dsmcc_kind kind;
    struct bytes info; /* objectInfo */
    struct bytes body; /* messageBody */
};

/* Reads the message at reader and moves behind it. False, reader failed: broken, nothing behind it can be
 * found. */
bool dsmcc_object_read(struct reader *reader, struct dsmcc_object *object);
/* The content of a FILE; false where the body is broken. */
bool dsmcc_object_content(const struct dsmcc_object *object, struct bytes *content);

struct dsmcc_binding {
    struct bytes name; /* without its NUL; not checked: dsmcc_name_is_good */
    enum dsmcc_kind kind;
    struct dsmcc_ior ior;
};
/* Over the bindings of a GATEWAY or DIRECTORY. */
struct dsmcc_bindings {
    struct reader reader;
    unsigned left;
};
bool dsmcc_bindings_begin(const struct dsmcc_object *object, struct dsmcc_bindings *bindings);
/* The next one; false at the end, or, bindings->reader.failed, where the rest is broken. A name of several
 * components, which DVB does not allow, is given as an empty name. */
bool dsmcc_bindings_next(struct dsmcc_bindings *bindings, struct dsmcc_binding *binding);

/* What the two appends below will take. */
size_t dsmcc_file_size(size_t content_size);
size_t dsmcc_binding_size(size_t name_size, bool file);
size_t dsmcc_directory_size(size_t bindings_size);

/* Any message, with a key of 4 bytes; info at most 65,535 bytes. */
size_t dsmcc_object_size(size_t info_size, size_t body_size);
void dsmcc_object_append(struct buffer *buffer, enum dsmcc_kind kind, uint32_t key, struct bytes info,
                         struct bytes body);
/* A file message with a key of 4 bytes. */
void dsmcc_file_append(struct buffer *buffer, uint32_t key, const void *content, size_t size);
/* Begins a GATEWAY or DIRECTORY message of count bindings, which must follow; then end it with what begin
 * returned. */
size_t dsmcc_directory_begin(struct buffer *buffer, enum dsmcc_kind kind, uint32_t key, size_t count);
/* name: 1 .. 254 bytes; the kind is that of ior, whose key has 4 bytes. */
void dsmcc_binding_append(struct buffer *buffer, const char *name, size_t name_size,
                          const struct dsmcc_ior *ior);
void dsmcc_directory_end(struct buffer *buffer, size_t begin);

#endif
