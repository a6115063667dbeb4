/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an order, one step at a time:
 *
 *   order_place    check, make key and body                                  memory only
 *   JOB_ADD        order, lines and body in one transaction                  queued, on disk
 *   JOB_MARK       state sent in one transaction                             sent, on disk
 *   start_call     the link gets key and body                                the gateway may act
 *   on_answer      what it means: final, or try again later with the same key
 *   JOB_SETTLE     answer in, outbox entry out, in one transaction           accepted or refused, on disk
 *
 * A program that dies between any two of them finds the order in the outbox at its next start and goes on
 * from there; the gateway answers a key that it knows with its first answer. Jobs run one after the other on
 * a worker; everything else is on the loop. */
#include "base/clock.h"
#include "base/log.h"
#include "order/message.h"
#include "order/outbox.h"
#include <stdlib.h>
#include <string.h>

enum {
    SHOWN_MAXIMUM = 500,
    UNANSWERED_MAXIMUM = 100,
    RETRY_FIRST_MS = 2000,
    RETRY_MAXIMUM_MS = 300000,
};

enum job_kind { JOB_ADD, JOB_MARK, JOB_SETTLE, JOB_UPDATE };

struct job {
    uv_work_t work;
    uv_sem_t finished; /* for order_book_destroy alone */
    struct job *next;
    struct order_book *book; /* NULL once the book is gone */
    struct order_outbox *outbox;
    enum job_kind kind;
    struct order_record *record; /* JOB_ADD: owned. JOB_MARK, JOB_SETTLE: the book's, untouched by the worker.
                                    JOB_UPDATE: NULL */
    char key[TEXT_UUID_SIZE];
    struct order_answer answer;
    struct order_states states;
    order_placed_fn *placed;
    void *context;
    bool good;
    struct error error;
};

/* Handles outlive the book until they are closed. */
struct book_timer {
    uv_timer_t timer;
    struct order_book *book;
};

struct order_book {
    uv_loop_t *loop;
    struct link *link;
    struct order_outbox *outbox;
    order_changed_fn *changed;
    void *context;
    order_step_fn *step;
    void *step_context;
    int64_t retry_first_ms, retry_maximum_ms;
    struct order_record **records; /* newest first */
    size_t count, capacity;
    const struct order **shown; /* the same, as lent */
    struct book_timer *timer;
    struct job *running, *first, *last; /* jobs */
    size_t adding;                      /* JOB_ADD among them */
    struct link_call *refresh;
    unsigned depth; /* of our callbacks into the caller, during which the book is not freed */
    bool destroyed;
};

static void consider_sending(struct order_book *book);
static void free_book(struct order_book *book);

static uint32_t random_bits(void)
{
    uint32_t bits = 0;
    uv_random(NULL, NULL, &bits, sizeof bits, 0, NULL);
    return bits;
}

static int64_t now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

static void step(const struct order_book *book, const char *name)
{
    if (book->step) {
        book->step(book->step_context, name);
    }
}

/* Everything on the loop that may call back runs between these two; leave returns false where the book is
 * gone. */
static void enter(struct order_book *book)
{
    book->depth++;
}

static bool leave(struct order_book *book)
{
    book->depth--;
    if (book->destroyed && book->depth == 0) {
        free_book(book);
        return false;
    }
    return !book->destroyed;
}

static void tell(struct order_book *book, const struct order_record *record)
{
    if (book->changed && !book->destroyed) {
        book->changed(book->context, record ? &record->order : NULL);
    }
}

/* --- the list
 * ---------------------------------------------------------------------------------------------------------------
 */

static bool make_room(struct order_book *book)
{
    if (book->count < book->capacity) {
        return true;
    }
    size_t capacity = book->capacity ? book->capacity * 2 : 16;
    struct order_record **records = realloc(book->records, capacity * sizeof *records);
    if (records) {
        book->records = records;
    }
    const struct order **shown = realloc(book->shown, capacity * sizeof *shown);
    if (shown) {
        book->shown = shown;
    }
    if (!records || !shown) {
        return false;
    }
    book->capacity = capacity;
    return true;
}

/* Takes the record, into the place at index. There is room. */
static void insert_record(struct order_book *book, size_t index, struct order_record *record)
{
    memmove(book->records + index + 1, book->records + index, (book->count - index) * sizeof *book->records);
    memmove(book->shown + index + 1, book->shown + index, (book->count - index) * sizeof *book->shown);
    book->records[index] = record;
    book->shown[index] = &record->order;
    book->count++;
}

/* The oldest answered orders go when there are too many; they stay on disk. */
static void trim(struct order_book *book)
{
    for (size_t i = book->count; i > 0 && book->count > SHOWN_MAXIMUM + UNANSWERED_MAXIMUM; i--) {
        struct order_record *record = book->records[i - 1];
        if (record->body || record->writing) {
            continue;
        }
        order_record_destroy(record);
        memmove(book->records + i - 1, book->records + i, (book->count - i) * sizeof *book->records);
        memmove(book->shown + i - 1, book->shown + i, (book->count - i) * sizeof *book->shown);
        book->count--;
    }
}

static size_t count_unanswered(const struct order_book *book)
{
    size_t count = book->adding;
    for (size_t i = 0; i < book->count; i++) {
        count += book->records[i]->body != NULL;
    }
    return count;
}

size_t order_book_list(const struct order_book *book, const struct order *const **orders)
{
    *orders = book->shown;
    return book->count < SHOWN_MAXIMUM ? book->count : SHOWN_MAXIMUM;
}

const struct order *order_book_find(const struct order_book *book, const char *key_or_number)
{
    for (size_t i = 0; key_or_number[0] && i < book->count; i++) {
        const struct order *order = book->shown[i];
        if (strcmp(order->key, key_or_number) == 0 || strcmp(order->number, key_or_number) == 0) {
            return order;
        }
    }
    return NULL;
}

/* --- jobs on a worker
 * ------------------------------------------------------------------------------------------------------- */

static void after_job(uv_work_t *work, int status);

static void run_job(uv_work_t *work)
{
    struct job *job = work->data;
    switch (job->kind) {
    case JOB_ADD:
        job->good = order_outbox_add(job->outbox, job->record, &job->error);
        break;
    case JOB_MARK:
        job->good = order_outbox_mark_sent(job->outbox, job->key, &job->error);
        break;
    case JOB_SETTLE:
        job->good = order_outbox_settle(job->outbox, &job->answer, &job->error);
        break;
    case JOB_UPDATE:
        job->good = order_outbox_update(job->outbox, &job->states, &job->error);
        break;
    }
    uv_sem_post(&job->finished);
}

static struct job *make_job(struct order_book *book, enum job_kind kind, struct order_record *record)
{
    struct job *job = calloc(1, sizeof *job);
    if (!job) {
        return NULL;
    }
    if (uv_sem_init(&job->finished, 0) != 0) {
        free(job);
        return NULL;
    }
    job->work.data = job;
    job->book = book;
    job->outbox = book->outbox;
    job->kind = kind;
    job->record = record;
    if (record) {
        text_copy(job->key, sizeof job->key, record->order.key);
    }
    return job;
}

static void free_job(struct job *job)
{
    if (job->kind == JOB_ADD) {
        order_record_destroy(job->record);
    }
    uv_sem_destroy(&job->finished);
    free(job);
}

static void start_jobs(struct order_book *book)
{
    if (book->running || !book->first) {
        return;
    }
    book->running = book->first;
    book->first = book->first->next;
    if (!book->first) {
        book->last = NULL;
    }
    uv_queue_work(book->loop, &book->running->work, run_job, after_job); /* fails only without a function */
}

static void queue_job(struct order_book *book, struct job *job)
{
    if (job->record) {
        job->record->writing = true;
    }
    if (book->last) {
        book->last->next = job;
    } else {
        book->first = job;
    }
    book->last = job;
    start_jobs(book);
}

/* --- sending
 * ----------------------------------------------------------------------------------------------------------------
 */

static void on_timer(uv_timer_t *timer)
{
    struct order_book *book = ((struct book_timer *)timer->data)->book;
    enter(book);
    consider_sending(book);
    leave(book);
}

static bool is_idle(const struct order_record *record)
{
    return record->body && !record->call && !record->writing;
}

static void set_timer(struct order_book *book)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < book->count; i++) {
        if (is_idle(book->records[i]) && book->records[i]->due_ms < due) {
            due = book->records[i]->due_ms;
        }
    }
    if (due == INT64_MAX || !book->link) {
        uv_timer_stop(&book->timer->timer);
        return;
    }
    int64_t wait = due - now_ms();
    uv_timer_start(&book->timer->timer, on_timer, wait > 0 ? (uint64_t)wait : 0, 0);
}

static void try_later(struct order_book *book, struct order_record *record, int64_t retry_after_s)
{
    int64_t wait = backoff_next_ms(&record->backoff, retry_after_s, random_bits());
    record->due_ms = now_ms() + wait;
    set_timer(book);
    if (!record->order.waiting) {
        record->order.waiting = true;
        tell(book, record);
    }
}

static void settle(struct order_book *book, struct order_record *record, const struct link_response *response)
{
    struct job *job = make_job(book, JOB_SETTLE, record);
    if (!job) {
        try_later(book, record, -1);
        return;
    }
    text_copy(job->answer.key, sizeof job->answer.key, record->order.key);
    if (order_message_read(response, clock_utc_s(), &job->answer) == ORDER_VERDICT_FINAL) {
        queue_job(book, job);
        return;
    }
    log_info("order not answered (%s%s%s, status %d), will be sent again", link_result_str(response->result),
             response->error[0] ? ": " : "", response->error, response->status);
    free_job(job);
    try_later(book, record, response->retry_after_s);
}

static void on_answer(void *context, const struct link_response *response)
{
    struct order_record *record = context;
    struct order_book *book = record->book;
    enter(book);
    record->call = NULL;
    step(book, "answered");
    settle(book, record, response);
    leave(book);
}

static void start_call(struct order_book *book, struct order_record *record)
{
    const struct link_header headers[] = {
        {"Content-Type", "application/json"},
        {"Accept", "application/json, application/problem+json"},
        {"Idempotency-Key", record->order.key},
    };
    struct bytes body = {(const uint8_t *)record->body, record->body_size};
    record->call = link_request(book->link, "POST", "/v1/orders", headers, sizeof headers / sizeof *headers,
                                body, on_answer, record);
    if (!record->call) {
        try_later(book, record, -1);
        return;
    }
    step(book, "handed");
}

static void send_record(struct order_book *book, struct order_record *record)
{
    if (record->order.state == ORDER_SENT) {
        start_call(book, record);
        return;
    }
    struct job *job = make_job(book, JOB_MARK, record);
    if (!job) {
        try_later(book, record, -1);
        return;
    }
    queue_job(book, job);
}

/* Sends what is due, the oldest first. */
static void consider_sending(struct order_book *book)
{
    int64_t now = now_ms();
    for (size_t i = book->count; i > 0 && book->link && !book->destroyed; i--) {
        /* A callback may add orders at the front meanwhile; the next round of the timer finds what this one
         * passes over. */
        struct order_record *record = i <= book->count ? book->records[i - 1] : NULL;
        if (record && is_idle(record) && record->due_ms <= now) {
            send_record(book, record);
        }
    }
    if (!book->destroyed) {
        set_timer(book);
    }
}

/* --- after a job, on the loop
 * ----------------------------------------------------------------------------------------------- */

static void begin_sending(struct order_book *book, struct order_record *record, int64_t delay_ms)
{
    record->book = book;
    backoff_init(&record->backoff, book->retry_first_ms, book->retry_maximum_ms);
    record->due_ms = now_ms() + delay_ms;
}

static void after_add(struct order_book *book, struct job *job)
{
    struct order_record *record = NULL;
    book->adding--;
    if (job->good) {
        record = job->record;
        job->record = NULL;
        record->writing = false;
        begin_sending(book, record, 0);
        insert_record(book, 0, record); /* order_place made the room */
        trim(book);
    } else {
        log_error("an order could not be stored and was not sent: %s", job->error.text);
    }
    job->placed(job->context, record ? &record->order : NULL, record ? NULL : job->error.text);
    if (record) {
        tell(book, record);
    }
}

static void after_mark(struct order_book *book, struct job *job)
{
    struct order_record *record = job->record;
    record->writing = false;
    if (!job->good) {
        log_error("an order could not be marked as sent: %s", job->error.text);
        try_later(book, record, -1);
        return;
    }
    record->order.state = ORDER_SENT;
    start_call(book, record);
    tell(book, record);
}

static void after_settle(struct order_book *book, struct job *job)
{
    struct order_record *record = job->record;
    record->writing = false;
    if (!job->good) {
        log_error("the answer to an order could not be stored, it will be asked for again: %s",
                  job->error.text);
        try_later(book, record, -1);
        return;
    }
    order_record_apply(record, &job->answer);
    log_info("order %s %s", record->order.number[0] ? record->order.number : "-",
             order_state_str(record->order.state));
    tell(book, record);
}

static void after_update(struct order_book *book, struct job *job)
{
    if (!job->good) {
        log_error("the states of orders could not be stored: %s", job->error.text);
        return;
    }
    for (size_t i = 0; i < job->states.count; i++) {
        for (size_t k = 0; k < book->count; k++) {
            struct order *order = &book->records[k]->order;
            if (strcmp(order->number, job->states.items[i].number) == 0) {
                order->state = job->states.items[i].state;
                order->true_s = job->states.true_s;
            }
        }
    }
    tell(book, NULL);
}

static void after_job(uv_work_t *work, int status)
{
    static void (*const after[])(struct order_book *, struct job *) = {[JOB_ADD] = after_add,
                                                                       [JOB_MARK] = after_mark,
                                                                       [JOB_SETTLE] = after_settle,
                                                                       [JOB_UPDATE] = after_update};
    struct job *job = work->data;
    struct order_book *book = job->book;
    (void)status; /* cancelled by order_book_destroy alone, and then the book is gone */
    if (book) {
        enter(book);
        book->running = NULL;
        after[job->kind](book, job);
        if (!book->destroyed) {
            start_jobs(book);
            consider_sending(book);
        }
        leave(book);
    }
    free_job(job);
}

/* --- what the caller asks
 * --------------------------------------------------------------------------------------------------- */

bool order_place(struct order_book *book, const struct order_request *request, order_placed_fn *placed,
                 void *context, struct error *error)
{
    int64_t total_fen;
    if (!order_request_check(request, &total_fen, error)) {
        return false;
    }
    if (count_unanswered(book) >= UNANSWERED_MAXIMUM) {
        return error_set(error, "%d orders wait for an answer already", UNANSWERED_MAXIMUM);
    }
    book->count += book->adding; /* room for this one and for those under way */
    bool room = make_room(book);
    book->count -= book->adding;
    struct order_record *record = room ? order_record_make(request, total_fen, clock_utc_s(), error) : NULL;
    if (!record) {
        return room ? false : error_set(error, "the order cannot be made: no memory");
    }
    struct job *job = make_job(book, JOB_ADD, record);
    if (!job) {
        order_record_destroy(record);
        return error_set(error, "the order cannot be made: no memory");
    }
    step(book, "made");
    job->placed = placed;
    job->context = context;
    book->adding++;
    queue_job(book, job);
    return true;
}

static void on_states(void *context, const struct link_response *response)
{
    struct order_book *book = context;
    book->refresh = NULL;
    struct job *job = make_job(book, JOB_UPDATE, NULL);
    if (job && order_message_read_states(response, clock_utc_s(), &job->states)) {
        queue_job(book, job);
        return;
    }
    log_info("states of orders not known (%s, status %d)", link_result_str(response->result),
             response->status);
    if (job) {
        free_job(job);
    }
}

void order_book_refresh(struct order_book *book)
{
    static const struct link_header headers[] = {{"Accept", "application/json, application/problem+json"}};
    if (!book->link) {
        return;
    }
    if (!book->refresh) {
        book->refresh = link_request(book->link, "GET", "/v1/orders", headers, 1, (struct bytes){NULL, 0},
                                     on_states, book);
    }
    enter(book);
    for (size_t i = 0; i < book->count; i++) {
        book->records[i]->due_ms = now_ms();
    }
    consider_sending(book);
    leave(book);
}

/* --- the book itself
 * -------------------------------------------------------------------------------------------------------- */

struct loading {
    struct order_book *book;
    bool good;
};

static void load_record(void *context, struct order_record *record)
{
    struct loading *loading = context;
    struct order_book *book = loading->book;
    if (!make_room(book)) {
        loading->good = false;
        order_record_destroy(record);
        return;
    }
    /* Many boxes start together after a power cut: none sends at once. */
    begin_sending(book, record, record->body ? random_bits() % (uint64_t)book->retry_first_ms : 0);
    insert_record(book, book->count, record);
}

static struct book_timer *make_timer(struct order_book *book)
{
    struct book_timer *timer = calloc(1, sizeof *timer);
    if (timer && uv_timer_init(book->loop, &timer->timer) != 0) {
        free(timer);
        timer = NULL;
    }
    if (timer) {
        timer->book = book;
        timer->timer.data = timer;
    }
    return timer;
}

static void free_timer(uv_handle_t *handle)
{
    free(handle->data);
}

static void free_book(struct order_book *book)
{
    if (book->timer) {
        uv_timer_stop(&book->timer->timer);
        uv_close((uv_handle_t *)&book->timer->timer, free_timer);
    }
    for (size_t i = 0; i < book->count; i++) {
        order_record_destroy(book->records[i]);
    }
    order_outbox_close(book->outbox);
    free(book->records);
    free(book->shown);
    free(book);
}

struct order_book *order_book_create(uv_loop_t *loop, const struct order_book_options *options,
                                     struct error *error)
{
    struct order_book *book = calloc(1, sizeof *book);
    if (!book) {
        error_set(error, "the orders cannot be opened: no memory");
        return NULL;
    }
    book->loop = loop;
    book->link = options->link;
    book->changed = options->changed;
    book->context = options->context;
    book->step = options->step;
    book->step_context = options->step_context;
    book->retry_first_ms = options->retry_first_ms > 0 ? options->retry_first_ms : RETRY_FIRST_MS;
    book->retry_maximum_ms = options->retry_maximum_ms > 0 ? options->retry_maximum_ms : RETRY_MAXIMUM_MS;
    book->timer = make_timer(book);
    book->outbox = order_outbox_open(options->database_path, book->step, book->step_context, error);
    struct loading loading = {book, true};
    if (!book->timer || !book->outbox ||
        !order_outbox_load(book->outbox, SHOWN_MAXIMUM, load_record, &loading, error) || !loading.good) {
        if (error && (!book->timer || !loading.good)) {
            error_set(error, "the orders cannot be opened: no memory");
        }
        free_book(book);
        return NULL;
    }
    set_timer(book);
    return book;
}

static void end_jobs(struct order_book *book)
{
    struct job *running = book->running;
    if (running) {
        if (uv_cancel((uv_req_t *)&running->work) != 0) {
            uv_sem_wait(&running->finished);
        }
        running->book = NULL; /* after_job frees it */
        book->running = NULL;
    }
    while (book->first) {
        struct job *job = book->first;
        book->first = job->next;
        free_job(job);
    }
    book->last = NULL;
}

void order_book_destroy(struct order_book *book)
{
    if (!book || book->destroyed) {
        return;
    }
    book->destroyed = true;
    end_jobs(book);
    link_cancel(book->refresh);
    for (size_t i = 0; i < book->count; i++) {
        link_cancel(book->records[i]->call);
        book->records[i]->call = NULL;
    }
    if (book->depth == 0) {
        free_book(book);
    }
}
