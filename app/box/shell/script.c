/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/script.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAITS_MAX 8
#define LOOK_MS 20
#define SECONDS_DEFAULT 20
#define SECONDS_MAX 600

struct wait {
    struct remote_request *request; /* NULL: free */
    char condition[16], argument[PROGRAMME_ID_MAX + 1];
    int64_t until_us;
    uint64_t frames; /* shown when the line came */
};

struct script {
    struct shell *shell;
    uv_timer_t timer; /* runs only while something waits */
    struct wait waits[WAITS_MAX];
};

static bool content_is_here(const struct shell *shell)
{
    for (int role = 0; role < CONTENT_ROLES; role++) {
        struct store_accepted accepted;
        if (!store_reader_accepted(shell_reader(shell), role, &accepted))
            return false;
    }
    return true;
}

static bool order_is(const struct shell *shell, const char *name)
{
    const struct order *const *orders;
    enum order_state state;
    struct order_book *book = shell_orders(shell);
    if (!book || !order_state_parse(name, &state) || order_book_list(book, &orders) == 0)
        return false;
    enum order_state now = orders[0]->state;
    return now == state || (now > state && now != ORDER_REFUSED);
}

static bool product_is(const struct shell *shell, const char *id)
{
    int64_t left_ms;
    const char *product = shell_product(shell, &left_ms);
    return product && !strcmp(product, id);
}

static bool is_offered(const struct shell *shell, const char *channel)
{
    struct programme_offer offers[PROGRAMME_APPLICATIONS];
    size_t count = shell_offers(shell, offers);
    for (size_t i = 0; i < count; i++)
        if (!strcmp(offers[i].application->channel, channel))
            return true;
    return false;
}

static bool holds(const struct script *script, const struct wait *wait)
{
    const struct shell *shell = script->shell;
    if (!strcmp(wait->condition, "idle"))
        return ui_idle(shell_ui(shell));
    if (!strcmp(wait->condition, "content"))
        return content_is_here(shell);
    if (!strcmp(wait->condition, "video"))
        return shell_frames(shell) > wait->frames;
    if (!strcmp(wait->condition, "front"))
        return !strcmp(shell_front(shell), wait->argument);
    if (!strcmp(wait->condition, "product"))
        return product_is(shell, wait->argument);
    if (!strcmp(wait->condition, "offer"))
        return is_offered(shell, wait->argument);
    return order_is(shell, wait->argument);
}

static bool known_condition(const char *condition)
{
    static const char *const known[] = {"idle", "content", "video", "front", "order", "product", "offer"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (!strcmp(condition, known[i]))
            return true;
    return false;
}

static void look(uv_timer_t *timer)
{
    struct script *script = timer->data;
    bool waiting = false;
    for (size_t i = 0; i < WAITS_MAX; i++) {
        struct wait *wait = &script->waits[i];
        if (!wait->request)
            continue;
        bool late = clock_monotonic_us() >= wait->until_us;
        if (!late && !holds(script, wait)) {
            waiting = true;
            continue;
        }
        struct remote_request *request = wait->request;
        wait->request = NULL;
        remote_answer(request, late && !holds(script, wait) ? "waited in vain" : NULL);
    }
    if (!waiting)
        uv_timer_stop(timer);
}

static void start_wait(struct script *script, struct remote_request *request, const char *arguments)
{
    struct wait wait = {.request = request, .frames = shell_frames(script->shell)};
    char words[3][PROGRAMME_ID_MAX + 1] = {"", "", ""};
    int count = sscanf(arguments, "%48s %48s %48s", words[0], words[1], words[2]);
    bool has_argument = false;
    static const char *const with_argument[] = {"front", "order", "product", "offer"};
    for (size_t i = 0; i < sizeof(with_argument) / sizeof(with_argument[0]); i++)
        has_argument |= !strcmp(words[0], with_argument[i]);
    if (count < (has_argument ? 2 : 1) || !known_condition(words[0])) {
        remote_answer(
            request,
            "expected: wait idle|content|video|front CHANNEL|order STATE|product ID|offer CHANNEL [SECONDS]");
        return;
    }
    text_copy(wait.condition, sizeof(wait.condition), words[0]);
    text_copy(wait.argument, sizeof(wait.argument), words[1]);
    int seconds = atoi(words[has_argument ? 2 : 1]);
    wait.until_us = clock_monotonic_us() +
                    (int64_t)(seconds > 0 && seconds <= SECONDS_MAX ? seconds : SECONDS_DEFAULT) * 1000000;
    for (size_t i = 0; i < WAITS_MAX; i++) {
        if (script->waits[i].request)
            continue;
        script->waits[i] = wait;
        uv_timer_start(&script->timer, look, 0, LOOK_MS);
        return;
    }
    remote_answer(request, "too many waits");
}

static void take_shot(struct script *script, struct remote_request *request, const char *path)
{
    struct error error;
    struct ui *ui = shell_ui(script->shell);
    ui_finish_motion(ui);
    ui_draw(ui);
    remote_answer(request, display_save_png(ui_display(ui), path, &error) ? NULL : error.text);
}

void script_command(struct script *script, struct remote_request *request, const char *line)
{
    if (!strncmp(line, "shot ", 5))
        take_shot(script, request, line + 5);
    else if (!strncmp(line, "wait ", 5))
        start_wait(script, request, line + 5);
    else
        remote_answer(request, "expected: key NAME, shot PATH or wait CONDITION");
}

struct script *script_create(uv_loop_t *loop, struct shell *shell)
{
    struct script *script = calloc(1, sizeof(*script));
    if (!script)
        return NULL;
    script->shell = shell;
    uv_timer_init(loop, &script->timer);
    script->timer.data = script;
    return script;
}

static void closed(uv_handle_t *handle)
{
    free(handle->data);
}

void script_destroy(struct script *script)
{
    if (!script)
        return;
    for (size_t i = 0; i < WAITS_MAX; i++)
        if (script->waits[i].request)
            remote_answer(script->waits[i].request, "the box ends");
    uv_close((uv_handle_t *)&script->timer, closed);
}
