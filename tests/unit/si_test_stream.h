/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of si: a transport stream made of tables, and a watcher that looks at it. The test owns both. */
#ifndef KOKONOR_TESTS_SI_TEST_STREAM_H
#define KOKONOR_TESTS_SI_TEST_STREAM_H

#include "si/sections.h"
#include "si/watcher.h"

struct test_stream {
    struct ts_demux *demux;
    struct si_watcher *watcher;
    struct buffer packets; /* not yet pushed */
    uint8_t counters[TS_PID_COUNT];
    unsigned calls;   /* of the changed callback */
    unsigned changed; /* the bits of all calls since they were last cleared */
};

/* Fails the test where it cannot. charset is the watcher's. */
struct test_stream *test_stream_create(enum si_charset charset);
void test_stream_destroy(struct test_stream *stream);
/* Appends the sections in packets of pid, the last one stuffed. */
void test_stream_add(struct test_stream *stream, uint16_t pid, const struct si_sections *sections);
void test_stream_add_section(struct test_stream *stream, uint16_t pid, const uint8_t *section, size_t size);
/* Feeds the demultiplexer with what was added, and forgets it. */
void test_stream_push(struct test_stream *stream);

#endif
