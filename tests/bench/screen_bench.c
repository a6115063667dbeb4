/* SPDX-License-Identifier: Apache-2.0 */
/* The shop on a screen, measured from outside as a viewer would: the real box on an X server of its own, with
 * 2,000 and with 10,000 products, and the same work as a web page in Chromium where that is installed. Prints
 * each figure beside its goal. It fails where the box does not start, where a key changes nothing, or where
 * something is drawn while nothing changes; not for being slow.
 *
 * screen_bench --make FOLDER COUNT writes FOLDER/box.ini and the shop, for another harness to start the box
 * on.
 */
#include "base/file.h"
#include "base/log.h"
#include "screen_process.h"
#include "screen_shop.h"
#include "screen_watch.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WIDTH 1280
#define HEIGHT 720
#define SKIP 77
#define QUIET_MS 600
#define LATENCY_KEYS 64
#define RUN_KEYS 200
#define RUN_STEP_MS 50
#define IDLE_MS 5000
#define STARTS 5
#define PAGE_READY 0x12fe34 /* what the web page paints at the bottom right when it is complete */

enum { UP = 0xff52, DOWN = 0xff54, LEFT = 0xff51, RIGHT = 0xff53 };

struct figures {
    double first_ms, pss_mib, median_ms, p95_ms, cpu_s, end_pss_mib;
    int processes, idle_frames, silent_keys;
};

struct subject {
    const char *name;
    char *argv[24];
    char log[512];
    bool marks; /* it paints PAGE_READY when it is complete; else complete is when nothing changes any more */
    uint32_t enter[4]; /* to the grid of products */
};

static const struct figures goal = {
    .first_ms = 62, .pss_mib = 40, .median_ms = 2, .p95_ms = 5, .cpu_s = 0.44, .end_pss_mib = 40};

/* ---- measuring ---- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double part(double *values, int count, double share)
{
    qsort(values, (size_t)count, sizeof(*values), ascending);
    return count ? values[(int)(share * (count - 1) + 0.5)] : NAN;
}

/* From exec to the last change of the first picture; negative where none came. */
static double start(struct watch *watch, const struct subject *subject, pid_t *pid)
{
    watch_forget(watch);
    double begin = watch_now_ms(), last = -1, at;
    *pid = process_start(subject->argv, subject->log);
    while (*pid && process_lives(*pid) && watch_now_ms() < begin + 60000) {
        if (watch_change(watch, last < 0 ? 20 : QUIET_MS, &at)) {
            last = at;
            if (subject->marks && watch_pixel(watch, WIDTH - 5, HEIGHT - 5) == PAGE_READY)
                return at - begin;
        } else if (last >= 0 && !subject->marks) {
            return last - begin;
        }
    }
    return -1;
}

static double press(struct watch *watch, uint32_t key, double limit_ms)
{
    double begin = watch_now_ms(), at = -1;
    watch_press(watch, key);
    bool changed = watch_change(watch, limit_ms, &at);
    watch_release(watch, key);
    return changed ? at - begin : -1;
}

static void measure_latency(struct watch *watch, struct figures *figures)
{
    static const uint32_t keys[] = {RIGHT, RIGHT, RIGHT, DOWN, LEFT, LEFT, LEFT, UP};
    double times[LATENCY_KEYS] = {0};
    int count = 0;
    for (int i = 0; i < LATENCY_KEYS; i++) {
        watch_quiet(watch, 120, 3000);
        watch_change(watch, 1 + i * 7 % 17, NULL); /* at no fixed place in anyone's frame */
        double time = press(watch, keys[i % 8], 1000);
        if (time >= 0)
            times[count++] = time;
        else
            figures->silent_keys++;
    }
    figures->median_ms = part(times, count, 0.5);
    figures->p95_ms = part(times, count, 0.95);
}

static void measure_run(struct watch *watch, pid_t pid, struct figures *figures)
{
    static const uint32_t keys[] = {RIGHT, RIGHT, RIGHT, DOWN, LEFT, LEFT, LEFT, DOWN};
    watch_quiet(watch, QUIET_MS, 5000);
    double before = process_look(pid).cpu_s, begin = watch_now_ms();
    for (int i = 0; i < RUN_KEYS; i++) {
        watch_press(watch, keys[i % 8]);
        watch_release(watch, keys[i % 8]);
        double left = begin + (i + 1) * RUN_STEP_MS - watch_now_ms();
        if (left > 0)
            usleep((useconds_t)(left * 1000));
    }
    watch_quiet(watch, QUIET_MS, 5000);
    figures->cpu_s = process_look(pid).cpu_s - before;
}

/* The clock on the screen may change at a full minute: that is a change, not idling. */
static void measure_idle(struct watch *watch, struct figures *figures)
{
    int left = 60 - (int)(time(NULL) % 60);
    if (left * 1000 < IDLE_MS + 2000)
        sleep((unsigned)left + 1);
    watch_quiet(watch, QUIET_MS, 10000);
    double until = watch_now_ms() + IDLE_MS;
    while (watch_now_ms() < until)
        figures->idle_frames += watch_change(watch, until - watch_now_ms(), NULL);
}

static bool measure(struct watch *watch, const struct subject *subject, struct figures *figures)
{
    double firsts[STARTS];
    pid_t pid = 0;
    *figures = (struct figures){0};
    for (int i = 0; i < STARTS; i++) {
        firsts[i] = start(watch, subject, &pid);
        if (firsts[i] < 0 || i + 1 < STARTS) {
            process_stop(pid);
            watch_quiet(watch, 100, 1000);
        }
        if (firsts[i] < 0) {
            printf("%s did not show a picture; see %s\n", subject->name, subject->log);
            return false;
        }
    }
    figures->first_ms = part(firsts, STARTS, 0.5);
    watch_quiet(watch, QUIET_MS, 2000);
    struct process_use use = process_look(pid);
    figures->pss_mib = use.pss_mib;
    figures->processes = use.processes;
    measure_idle(watch, figures);
    for (int i = 0; i < 4 && subject->enter[i]; i++) {
        press(watch, subject->enter[i], 300);
        watch_quiet(watch, 200, 3000);
    }
    measure_latency(watch, figures);
    measure_run(watch, pid, figures);
    figures->end_pss_mib = process_look(pid).pss_mib;
    process_stop(pid);
    watch_quiet(watch, 100, 1000);
    return true;
}

/* ---- the subjects ---- */

/* An operator whose key nobody keeps: the box wants one, nothing here is signed by it. */
static bool make_root(const char *folder, struct error *error)
{
    char command[512];
    snprintf(command, sizeof(command),
             "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=bench "
             "-keyout %s/root.key -out %s/root.pem >/dev/null 2>&1",
             folder, folder);
    return system(command) == 0 || error_set(error, "openssl made no certificate in %s", folder);
}

static bool make_box(const char *folder, size_t products, struct error *error)
{
    char path[512], text[1024];
    int length = snprintf(text, sizeof(text),
                          "[box]\nid = BENCH\narea = 632521\ndata = %s\nstart = shopping\n[tuner]\nurl = "
                          "udp://127.0.0.1:0\n[trust]\nroot = %s/root.pem\n[display]\npresenter = x11\n",
                          folder, folder);
    return screen_shop_make(folder, DEMO_CONTENT "/commerce/pictures", products, error) &&
           file_join(path, sizeof(path), folder, "box.ini") &&
           file_write(path, text, (size_t)length, error) && make_root(folder, error);
}

static void print(const char *name, const struct figures *own, const struct figures *other)
{
    const struct {
        const char *what;
        double value, goal, other;
    } rows[] = {
        {"first complete picture, ms", own->first_ms, goal.first_ms, other->first_ms},
        {"memory after start, MiB PSS", own->pss_mib, goal.pss_mib, other->pss_mib},
        {"memory after 200 moves, MiB PSS", own->end_pss_mib, goal.end_pss_mib, other->end_pss_mib},
        {"key to pixels, median ms", own->median_ms, goal.median_ms, other->median_ms},
        {"key to pixels, p95 ms", own->p95_ms, goal.p95_ms, other->p95_ms},
        {"CPU s of 200 moves at 20 a second", own->cpu_s, goal.cpu_s, other->cpu_s},
        {"frames while idle for 5 s", own->idle_frames, goal.idle_frames, other->idle_frames},
    };
    printf("%s\n  %-36s %10s %10s %10s\n", name, "", "measured", "goal", "Chromium");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        printf("  %-36s %10.2f %10.2f ", rows[i].what, rows[i].value, rows[i].goal);
        if (other->first_ms > 0)
            printf("%10.2f", rows[i].other);
        else
            printf("%10s", "-");
        printf("%s\n", rows[i].value <= rows[i].goal ? "" : "  missed");
    }
    fflush(stdout);
}

static bool bench_box(struct watch *watch, size_t products, const struct figures *other)
{
    char folder[] = "/tmp/kokonor-screen-XXXXXX", config[64], name[64];
    struct error error = {""};
    struct figures figures;
    if (!mkdtemp(folder) || !make_box(folder, products, &error)) {
        printf("%s\n", error.text);
        return false;
    }
    snprintf(config, sizeof(config), "%s/box.ini", folder);
    snprintf(name, sizeof(name), "kokonor-box, %zu products", products);
    struct subject subject = {.name = name,
                              .argv = {KOKONOR_BOX, "--config", config},
                              .enter = {RIGHT, DOWN}}; /* to the tab of all products, into the grid */
    snprintf(subject.log, sizeof(subject.log), "%s/box.log", folder);
    bool good = measure(watch, &subject, &figures);
    if (good) {
        print(name, &figures, other);
        if (figures.idle_frames > 0 || figures.silent_keys > 0)
            printf("  %d keys changed nothing, %d frames for nothing\n", figures.silent_keys,
                   figures.idle_frames);
        good = figures.idle_frames == 0 && figures.silent_keys == 0;
        file_remove_tree(folder, NULL);
    }
    return good;
}

static bool on_path(const char *program)
{
    char command[128];
    snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", program);
    return system(command) == 0;
}

/* The page needs a server; both are told to use a folder that goes. */
static void bench_chromium(struct watch *watch, struct figures *figures)
{
    char folder[] = "/tmp/kokonor-screen-XXXXXX", data[128], url[64], port[8], server_log[64];
    char *const server[] = {"node", BENCH_DIR "/serve.js", port, NULL};
    *figures = (struct figures){0};
    if (access(BENCH_DIR "/shop/index.html", R_OK) != 0 || !on_path("chromium") || !on_path("node")) {
        printf("no Chromium beside it: that needs chromium, node and %s\n", BENCH_DIR "/shop");
        return;
    }
    if (!mkdtemp(folder))
        return;
    snprintf(port, sizeof(port), "%d", 20000 + (int)(getpid() % 20000));
    snprintf(url, sizeof(url), "http://127.0.0.1:%s/", port);
    snprintf(data, sizeof(data), "--user-data-dir=%s/profile", folder);
    snprintf(server_log, sizeof(server_log), "%s/server.log", folder);
    pid_t pid = process_start(server, server_log);
    usleep(500000);
    struct subject subject = {.name = "Chromium",
                              .argv = {"chromium", "--no-sandbox", "--disable-gpu", "--no-first-run",
                                       "--disable-extensions", "--disable-background-networking",
                                       "--disable-component-update", "--disable-sync",
                                       "--no-default-browser-check", data, "--window-position=0,0",
                                       "--window-size=1280,720", "--kiosk", url},
                              .marks = true};
    snprintf(subject.log, sizeof(subject.log), "%s/chromium.log", folder);
    if (!measure(watch, &subject, figures))
        *figures = (struct figures){0};
    process_stop(pid);
    file_remove_tree(folder, NULL);
}

static int make(const char *folder, size_t products)
{
    struct error error = {""};
    if (file_make_folder(folder, &error) && make_box(folder, products, &error)) {
        printf("%s --config %s/box.ini\n", KOKONOR_BOX, folder);
        return 0;
    }
    fprintf(stderr, "screen_bench: %s\n", error.text);
    return 1;
}

int main(int argc, char **argv)
{
    struct figures chromium;
    log_set_level(LOG_LEVEL_WARNING);
    if (argc == 4 && !strcmp(argv[1], "--make"))
        return make(argv[2], (size_t)atoi(argv[3]));
    struct watch *watch = watch_create(WIDTH, HEIGHT);
    if (!watch)
        return SKIP;
    bench_chromium(watch, &chromium);
    bool good = bench_box(watch, 2000, &chromium);
    good = bench_box(watch, 10000, &chromium) && good;
    watch_destroy(watch);
    return good ? 0 : 1;
}
