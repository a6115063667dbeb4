/* SPDX-License-Identifier: Apache-2.0 */
/* What is on screen now and who gets the key: a stack of views, each a channel with an argument. The portal
 * lies at the bottom; BACK leads one step out, HOME to the portal. Also all that channels may ask for. Main
 * thread only. What it lends stays its own. */
#ifndef KOKONOR_SHELL_SHELL_H
#define KOKONOR_SHELL_SHELL_H

#include "content/text.h"
#include "order/order.h"
#include "reception/reception.h"
#include "shell/channel.h"
#include "shell/programme.h"
#include "shell/spoken.h"
#include "store/query.h"
#include "store/settings.h"
#include "ui/ui.h"

struct shell;

struct shell_options {
    uv_loop_t *loop; /* NULL: nothing happens by itself (golden pictures) */
    struct ui *ui;
    struct store_reader *reader;
    struct settings *settings;             /* may be NULL */
    struct order_book *orders;             /* may be NULL */
    struct reception *reception;           /* may be NULL: nothing comes from the air */
    struct player *player;                 /* may be NULL */
    const char *area;                      /* the household's GB/T 2260 code; "" unknown */
    const char *box_id;                    /* for the settings page */
    const struct channel *const *channels; /* ends with NULL; the first is the portal */
    int64_t (*utc)(void *context);         /* NULL: the broadcast clock, else the machine's */
    void *utc_context;
    /* Borrowed; NULL: nothing can be read aloud here. */
    const struct speech_options *speech;
    struct link *link;   /* the return channel; may be NULL: there is none */
    const char *version; /* of the program, a constant; NULL: "" */
};

struct shell *shell_create(const struct shell_options *options); /* opens the portal; NULL without memory */
void shell_destroy(struct shell *shell);

/* ---- what main tells it ---- */

void shell_key(struct shell *shell, struct key_event event);
void shell_changed(struct shell *shell, unsigned changes);
/* Takes the news; they are the shell's. */
void shell_take_news(struct shell *shell, struct reception_news *news);
/* Takes the answer to shell_ask_programmes; it is the shell's. */
void shell_take_programmes(struct shell *shell, struct programmes *programmes);
/* A stream event of the air (reception_take_event); it stays the caller's. */
void shell_take_event(struct shell *shell, const struct interaction_event *event);
/* The player has a frame or another status. */
void shell_player_wake(struct shell *shell);

/* ---- what channels ask ---- */

/* Opens a channel over the present one. False where there is none of that name or it will not open. */
bool shell_open(struct shell *shell, const char *channel, const char *argument);
/* One step out; at the portal nothing. */
void shell_back(struct shell *shell);
void shell_home(struct shell *shell);
/* The name of the channel in front. */
const char *shell_front(const struct shell *shell);

struct ui *shell_ui(const struct shell *shell);
struct store_reader *shell_reader(const struct shell *shell);
struct store_scope shell_scope(const struct shell *shell);
struct order_book *shell_orders(const struct shell *shell); /* may be NULL */
struct link *shell_link(const struct shell *shell);         /* may be NULL */
const struct reception_news *
shell_news(const struct shell *shell); /* NULL until there are some; valid until the next */
/* Asks the guide; the answer comes with SHELL_CHANGED_GUIDE, and again whenever the broadcast changes it. */
void shell_ask_programmes(struct shell *shell, const struct programmes_wish *wish);
/* The newest answer, perhaps to a former wish; NULL: none. Valid until the next. */
const struct programmes *shell_programmes(const struct shell *shell);
enum content_language shell_language(const struct shell *shell);
/* Changes it at once everywhere, and keeps it. */
void shell_set_language(struct shell *shell, enum content_language language);
/* The same for the colours and the size of text. */
void shell_set_look(struct shell *shell, enum theme_scheme scheme, enum theme_size size);
const char *shell_area(const struct shell *shell); /* "" unknown */
/* Another code: what is for the household changes at once, everywhere; it is kept. */
void shell_set_area(struct shell *shell, const char *area);
const char *shell_box_id(const struct shell *shell);
const char *shell_version(const struct shell *shell);
int64_t shell_utc(const struct shell *shell); /* 0: unknown */
/* Frames shown since the start, for scripts that wait for a picture. */
uint64_t shell_frames(const struct shell *shell);

/* The service that the viewer watches: kept, and given to the player where a view shows video. NULL without
 * any. */
const struct reception_service *shell_service(const struct shell *shell);
/* One service up or down, round the list; false where there is no other. */
bool shell_zap(struct shell *shell, int step);
/* The service that the viewer knows by this number; false, and nothing changes, where there is none. */
bool shell_tune(struct shell *shell, unsigned number);
/* Any service that the news tell of. It is kept, and watched again after a restart. */
void shell_watch(struct shell *shell, const struct reception_key *key);
/* The service that was watched before the present one, which becomes the one before; false, and nothing
 * changes, where there is none or it is not received any more. */
bool shell_watch_last(struct shell *shell);
/* The news tell what became of it. */
void shell_set_favourite(struct shell *shell, const struct reception_key *key, bool favourite);
/* Searches the network for channels; the news tell of it as the run that is returned (reception_search). 0:
 * there is no reception. */
unsigned shell_scan(struct shell *shell);
void shell_end_scan(struct shell *shell); /* the channels stay as they were */
bool shell_player_status(const struct shell *shell, struct player_status *status);
/* Changes the volume by so many of 100 steps, ends muting, shows both and keeps them; returns the new one. */
int shell_volume(struct shell *shell, int step);
bool shell_mute(struct shell *shell); /* mutes, or ends it; returns whether it is muted now */
bool shell_muted(const struct shell *shell);
/* Plays this sound of the service that is watched, and what is nearest to it of others; kept. */
void shell_choose_sound(struct shell *shell, const struct service_sound *sound);

/* Spoken help: whether this box has a voice that would be heard, and whether it is switched on. Switching is
 * kept. */
bool shell_can_speak(const struct shell *shell);
bool shell_speaks(const struct shell *shell);
void shell_set_speaks(struct shell *shell, bool on);

/* ---- what the programme asks for ---- */

/* The product that the programme shows now, and for how long yet; NULL: none. */
const char *shell_product(const struct shell *shell, int64_t *left_ms);
void shell_dismiss_product(struct shell *shell);
/* The channels that the programme offers, see programme_offers. */
size_t shell_offers(const struct shell *shell, struct programme_offer offers[PROGRAMME_APPLICATIONS]);
/* Opens one over the present channel. It closes, and all opened from it, when the programme ends it; a toast
 * says so. */
bool shell_open_offer(struct shell *shell, const struct programme_application *application);
void shell_programme_counts(const struct shell *shell, struct programme_counts *counts);

/* ---- views ---- */

struct shell *view_shell(const struct view *view);
/* A new screen for the view; the one it had is destroyed. */
struct node *view_screen(struct view *view);
struct node *view_overlay(struct view *view);
/* The service's pictures go to this video node of the view's screen while the view is in front. */
void view_video(struct view *view, struct node *video, int width, int height);

/* What the view shows comes from this directory or file of the carousel ("commerce"): of what is received it
 * comes first while the view is open, and before what views below it want. At most VIEW_WANTS_MAX, each
 * once; path must outlive the view. */
#define VIEW_WANTS_MAX 4
void view_wants(struct view *view, const char *path);

/* Calls the channel's tick once after ms, if the view is in front then, else as soon as it is again. */
void view_tick_in(struct view *view, int64_t ms);

#endif
