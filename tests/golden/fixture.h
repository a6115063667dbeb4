/* SPDX-License-Identifier: Apache-2.0 */
/* A box without air, gateway, clock or threads of its own: the demo content in a store, three orders, one
 * service, and a fixed time; so that its screens are the same each time. The test owns it. */
#ifndef KOKONOR_TESTS_FIXTURE_H
#define KOKONOR_TESTS_FIXTURE_H

#include "shell/shell.h"

struct fixture;

/* with_content false: the box of the first minute: nothing received, nothing ordered, no signal. Fails the
 * test where it cannot. */
struct fixture *fixture_create(const char *language, bool with_content);
/* With a player, which stays the test's and outlives the fixture. */
struct fixture *fixture_create_playing(const char *language, bool with_content, struct player *player);
void fixture_destroy(struct fixture *fixture);

struct shell *fixture_shell(struct fixture *fixture);
struct display *fixture_display(struct fixture *fixture);
/* News of a search for channels. */
enum fixture_scan { FIXTURE_SCAN_RUNNING, FIXTURE_SCAN_DONE, FIXTURE_SCAN_NONE };
void fixture_scan(struct fixture *fixture, enum fixture_scan scan);
void fixture_press(struct fixture *fixture, enum key key);
/* What the air brings for the service: the product event with this payload, or the AIT's applications, each a
 * letter: s shopping, c credit, m community; a capital starts by itself. */
void fixture_event(struct fixture *fixture, const char *payload);
void fixture_applications(struct fixture *fixture, const char *letters);
/* Lets the order book's writes reach the disk. */
void fixture_settle(struct fixture *fixture);
/* Draws until nothing is left to draw. */
void fixture_draw(struct fixture *fixture);

#endif
