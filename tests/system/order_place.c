/* SPDX-License-Identifier: Apache-2.0 */
#include "order_place.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "store/database.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { START_MS = 30000, BOX_MS = 30000 };

/* Two authorities; the second is a stranger's. ca signs the gateway (localhost alone) and two boxes. */
static const char make_certificates[] =
    "set -e\n"
    "key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out $1.key; }\n"
    "authority() { key $1; openssl req -x509 -new -key $1.key -out $1.pem -subj /CN=$1 -days 2 "
    "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign; }\n"
    "leaf() { key $1; openssl req -new -key $1.key -subj /CN=$2 -out $1.csr; printf \"$4\" > $1.ext; "
    "openssl x509 -req -in $1.csr -CA $3.pem -CAkey $3.key -days 2 -extfile $1.ext -out $1.pem -set_serial "
    "0x$(openssl rand -hex 8); }\n"
    "authority ca\n"
    "authority strangers\n"
    "leaf gateway gateway ca 'subjectAltName=DNS:localhost\\nextendedKeyUsage=serverAuth\\n'\n"
    "leaf box box-1 ca 'extendedKeyUsage=clientAuth\\n'\n"
    "leaf unsubscribed box-9 ca 'extendedKeyUsage=clientAuth\\n'\n"
    "leaf server_as_box box-1 ca 'extendedKeyUsage=serverAuth\\n'\n"
    "leaf stranger box-1 strangers 'extendedKeyUsage=clientAuth\\n'\n";

static const char catalogue[] =
    "{\"category\":\"dairy\",\"products\":[{\"id\":\"yak-yogurt\",\"merchant\":\"haibei-dairy\",\"name\":{"
    "\"zh\":\"牦牛酸奶\"},"
    "\"unit\":{\"zh\":\"杯\"},\"summary\":{\"zh\":\"草原酸奶\"},\"description\":{\"zh\":\"草原酸奶\"},"
    "\"origin\":{\"zh\":\"海北\"},"
    "\"price_fen\":1250,\"stock\":5,\"pictures\":[\"pictures/yak-yogurt.jpg\"]}]}";

static void make_file(const struct place *place, const char *folder, const char *name, const char *text)
{
    char path[256], full[256];
    struct error error = {""};
    assert_true(file_join(path, sizeof path, place->folder, folder));
    assert_true(file_make_folder(path, &error));
    assert_true(file_join(full, sizeof full, path, name));
    assert_true(file_write(full, text, strlen(text), &error));
}

struct place *place_open(void)
{
    struct place *place = calloc(1, sizeof *place);
    char command[256], content[96];
    assert_non_null(place);
    strcpy(place->folder, "/tmp/kokonor-orders-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    make_file(place, "", "certificates.sh", make_certificates);
    snprintf(command, sizeof command, "cd %s && sh certificates.sh >certificates.log 2>&1", place->folder);
    if (system(command) != 0) {
        snprintf(command, sizeof command, "cat %s/certificates.log", place->folder);
        assert_int_equal(system(command), -1);
    }
    make_file(place, "content/commerce/catalogue", "dairy.json", catalogue);
    snprintf(content, sizeof content, "%s/content", place->folder);
    const char *const import[] = {"import", "--content", content, NULL};
    const char *const subscribe[] = {"subscriber", "add",    "--box",   "box-1", "--name", "才让",
                                     "--address",  "门源县", "--phone", "1",     NULL};
    assert_int_equal(place_command(place, import), 0);
    assert_int_equal(place_command(place, subscribe), 0);
    return place;
}

void place_close(struct place *place)
{
    if (place->gateway) {
        place_stop_gateway(place, SIGKILL);
    }
    assert_true(file_remove_tree(place->folder, NULL));
    free(place);
}

/* --- the gateway
 * ------------------------------------------------------------------------------------------------------------
 */

static void become_gateway(const struct place *place, const char *const *words)
{
    const char *arguments[32];
    char database[128], log[128];
    int count = 0;
    arguments[count++] = GATEWAY_PROGRAM;
    while (*words && count < 28) {
        arguments[count++] = *words++;
    }
    snprintf(database, sizeof database, "%s/gateway.db", place->folder);
    arguments[count++] = "--database";
    arguments[count++] = database;
    arguments[count] = NULL;
    snprintf(log, sizeof log, "%s/gateway.log", place->folder);
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing stays behind, even if the test is killed */
    execv(GATEWAY_PROGRAM, (char **)arguments);
    _exit(127);
}

int place_command(const struct place *place, const char *const *words)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        become_gateway(place, words);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int read_port(const char *path)
{
    char text[32] = "";
    FILE *file = fopen(path, "r");
    if (file) {
        if (!fgets(text, sizeof text, file)) {
            text[0] = '\0';
        }
        fclose(file);
    }
    return atoi(text);
}

void place_start_gateway(struct place *place, const char *fault)
{
    char certificate[128], key[128], ca[128], port[64], port_file[128];
    const char *words[] = {"serve", "--set", certificate, "--set",       key,       "--set",
                           ca,      "--set", port,        "--port-file", port_file, fault ? "--set" : NULL,
                           fault,   NULL};
    assert_int_equal(place->gateway, 0);
    snprintf(certificate, sizeof certificate, "gateway.certificate=%s/gateway.pem", place->folder);
    snprintf(key, sizeof key, "gateway.key=%s/gateway.key", place->folder);
    snprintf(ca, sizeof ca, "gateway.client_ca=%s/ca.pem", place->folder);
    snprintf(port, sizeof port, "gateway.port=%d", place->port);
    snprintf(port_file, sizeof port_file, "%s/port", place->folder);
    unlink(port_file);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        become_gateway(place, words);
    }
    place->gateway = child;
    int64_t end_us = clock_monotonic_us() + START_MS * INT64_C(1000);
    int found = 0;
    while ((found = read_port(port_file)) == 0 && clock_monotonic_us() < end_us &&
           waitpid(child, NULL, WNOHANG) == 0) {
        clock_sleep_us(5000);
    }
    assert_true(found > 0);
    assert_true(place->port == 0 || place->port == found);
    place->port = found;
}

int place_wait_gateway(struct place *place)
{
    int status = 0;
    assert_int_equal(waitpid(place->gateway, &status, 0), place->gateway);
    place->gateway = 0;
    return status;
}

int place_stop_gateway(struct place *place, int signal_number)
{
    assert_int_equal(kill(place->gateway, signal_number), 0);
    return place_wait_gateway(place);
}

/* --- its database
 * -----------------------------------------------------------------------------------------------------------
 */

static void query(const struct place *place, const char *sql, const char *value, char *text, size_t size)
{
    char path[128];
    struct error error = {""};
    snprintf(path, sizeof path, "%s/gateway.db", place->folder);
    struct database *database = database_open_reader(path, &error);
    assert_non_null(database);
    sqlite3_stmt *statement = database_prepare(database, sql);
    assert_non_null(statement);
    if (value) {
        sqlite3_bind_text(statement, 1, value, -1, SQLITE_TRANSIENT);
    }
    text[0] = '\0';
    if (database_step(database, statement, NULL)) {
        snprintf(text, size, "%s", database_column_text(statement, 0));
    }
    database_reset(statement);
    database_close(database);
}

int place_count_orders(const struct place *place)
{
    char text[64];
    query(place, "SELECT count(*) FROM orders", NULL, text, sizeof text);
    return atoi(text);
}

int64_t place_stock(const struct place *place, const char *product)
{
    char text[64];
    query(place, "SELECT stock FROM products WHERE id = ?1", product, text, sizeof text);
    return atoll(text);
}

void place_number(const struct place *place, char number[64])
{
    query(place, "SELECT number FROM orders ORDER BY id DESC", NULL, number, 64);
}

/* --- a box
 * ------------------------------------------------------------------------------------------------------------------
 */

struct box {
    const struct box_run *run;
    uv_loop_t loop;
    uv_timer_t timer;
    struct link *link;
    struct order_book *book;
    bool placing, refreshing;
    int result;
};

static void at_step(void *context, const char *name)
{
    const struct box_run *run = context;
    if (run->kill_at && strcmp(run->kill_at, name) == 0) {
        kill(getpid(), SIGKILL);
    }
}

static void stop_box(struct box *box, int result)
{
    if (!box->book) {
        return;
    }
    box->result = result;
    order_book_destroy(box->book);
    box->book = NULL;
    link_destroy(box->link);
    uv_timer_stop(&box->timer);
    uv_close((uv_handle_t *)&box->timer, NULL);
}

static void look(struct box *box)
{
    const struct order *const *orders;
    size_t count = order_book_list(box->book, &orders);
    for (size_t i = 0; i < count; i++) {
        if (orders[i]->state == ORDER_QUEUED || orders[i]->state == ORDER_SENT) {
            return;
        }
    }
    if (!box->placing && !box->refreshing) {
        stop_box(box, count ? (int)orders[0]->state : BOX_EMPTY);
    }
}

static void on_changed(void *context, const struct order *order)
{
    struct box *box = context;
    if (!order) {
        box->refreshing = false;
    }
    if (box->book) {
        look(box);
    }
}

static void on_placed(void *context, const struct order *order, const char *error)
{
    struct box *box = context;
    (void)error;
    box->placing = false;
    if (!order) {
        stop_box(box, BOX_FAILED);
    }
}

static void on_give_up(uv_timer_t *timer)
{
    stop_box(timer->data, BOX_WAITING);
}

static struct link *make_link(const struct place *place, uv_loop_t *loop, const struct asking *who)
{
    char url[96], ca[128], certificate[128], key[128];
    struct error error = {""};
    snprintf(url, sizeof url, "https://%s:%d", who->host ? who->host : "localhost", place->port);
    snprintf(ca, sizeof ca, "%s/%s.pem", place->folder, who->ca ? who->ca : "ca");
    snprintf(certificate, sizeof certificate, "%s/%s.pem", place->folder,
             who->certificate ? who->certificate : "");
    snprintf(key, sizeof key, "%s/%s.key", place->folder, who->certificate ? who->certificate : "");
    const struct link_options options = {.base_url = url,
                                         .ca_path = ca,
                                         .certificate_path = who->certificate ? certificate : NULL,
                                         .key_path = who->certificate ? key : NULL,
                                         .response_maximum = who->response_maximum};
    struct link *link = link_create(loop, &options, &error);
    if (!link) {
        fprintf(stderr, "%s\n", error.text);
    }
    return link;
}

static bool start_box(struct box *box, const struct place *place)
{
    char path[128];
    const struct box_run *run = box->run;
    const struct asking who = {.certificate = run->certificate, .host = run->host};
    struct error error = {""};
    snprintf(path, sizeof path, "%s/household.db", place->folder);
    box->link = make_link(place, &box->loop, &who);
    const struct order_book_options options = {.database_path = path,
                                               .link = box->link,
                                               .changed = on_changed,
                                               .context = box,
                                               .retry_first_ms = 20,
                                               .retry_maximum_ms = 100,
                                               .step = at_step,
                                               .step_context = (void *)run};
    box->book = box->link ? order_book_create(&box->loop, &options, &error) : NULL;
    if (!box->book) {
        fprintf(stderr, "%s\n", error.text);
        return false;
    }
    const struct order_line line = {.product = "yak-yogurt",
                                    .name_zh = "牦牛酸奶",
                                    .unit_price_fen = run->price_fen ? run->price_fen : 1250,
                                    .quantity = run->quantity ? run->quantity : 1};
    const struct order_request request = {.lines = &line, .line_count = 1};
    box->placing = run->place;
    box->refreshing = run->refresh;
    return !run->place || order_place(box->book, &request, on_placed, box, &error);
}

static int be_box(const struct place *place, const struct box_run *run)
{
    struct box box = {.run = run, .result = BOX_FAILED};
    if (uv_loop_init(&box.loop) != 0 || uv_timer_init(&box.loop, &box.timer) != 0 ||
        !start_box(&box, place)) {
        return BOX_FAILED;
    }
    box.timer.data = &box;
    uv_timer_start(&box.timer, on_give_up, (uint64_t)(run->give_up_ms ? run->give_up_ms : BOX_MS), 0);
    if (run->refresh) {
        order_book_refresh(box.book);
    } else {
        look(&box);
    }
    uv_run(&box.loop, UV_RUN_DEFAULT);
    return uv_loop_close(&box.loop) == 0 ? box.result : BOX_FAILED;
}

pid_t box_start(const struct place *place, const struct box_run *run)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        log_set_level(LOG_LEVEL_ERROR);
        exit(be_box(place, run)); /* exit, not _exit: the leak check runs */
    }
    return child;
}

int box_wait(pid_t box)
{
    int status = 0;
    assert_int_equal(waitpid(box, &status, 0), box);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int box_run(const struct place *place, const struct box_run *run)
{
    return box_wait(box_start(place, run));
}

/* --- one request
 * ------------------------------------------------------------------------------------------------------------
 */

static void keep_answer(void *context, const struct link_response *response)
{
    struct answer *answer = context;
    answer->result = response->result;
    answer->status = response->status;
    answer->size = response->body.size < sizeof answer->body ? response->body.size : sizeof answer->body - 1;
    if (answer->size) {
        memcpy(answer->body, response->body.data, answer->size);
    }
    answer->body[answer->size] = '\0';
}

void place_ask(const struct place *place, const struct asking *asking, struct answer *answer)
{
    static const char *const filler[] = {"X-0", "X-1", "X-2", "X-3", "X-4",
                                         "X-5", "X-6", "X-7", "X-8", "X-9"};
    uv_loop_t loop;
    struct link_header headers[16] = {{"Content-Type", "application/json"},
                                      {"Idempotency-Key", asking->key ? asking->key : "none"}};
    size_t count = 2;
    for (int i = 0; i < asking->more_headers && i < 10; i++) {
        headers[count++] = (struct link_header){filler[i], "x"};
    }
    assert_int_equal(uv_loop_init(&loop), 0);
    struct link *link = make_link(place, &loop, asking);
    assert_non_null(link);
    answer->result = LINK_BROKEN;
    assert_non_null(
        link_request(link, asking->method, asking->path, headers, count, asking->body, keep_answer, answer));
    uv_run(&loop, UV_RUN_DEFAULT);
    link_destroy(link);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}
