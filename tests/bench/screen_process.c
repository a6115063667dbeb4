/* SPDX-License-Identifier: Apache-2.0 */
#include "screen_process.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TREE_MAX 64

pid_t process_start(char *const *argv, const char *log)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* what loses its parent becomes ours */
    pid_t pid = fork();
    if (pid != 0)
        return pid > 0 ? pid : 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int out = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execvp(argv[0], argv);
    _exit(127);
}

struct stat_line {
    pid_t parent;
    char state;
    double cpu_s;
};

static bool read_stat(pid_t pid, struct stat_line *line)
{
    char path[64], text[1024];
    unsigned long user, system;
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    size_t got = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[got] = 0;
    const char *rest = strrchr(text, ')');
    if (!rest || sscanf(rest + 2, "%c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &line->state,
                        &line->parent, &user, &system) != 4)
        return false;
    line->cpu_s = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    return true;
}

static bool is_in(const pid_t *pids, int count, pid_t pid)
{
    for (int i = 0; i < count; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

/* pid and what is below it; parents have smaller places than their children. */
static int tree(pid_t pid, pid_t pids[TREE_MAX])
{
    int count = 0, before;
    pids[count++] = pid;
    do {
        before = count;
        DIR *folder = opendir("/proc");
        const struct dirent *entry;
        while (folder && (entry = readdir(folder)) != NULL && count < TREE_MAX) {
            struct stat_line line;
            pid_t one = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
            if (one && !is_in(pids, count, one) && read_stat(one, &line) && line.state != 'Z' &&
                is_in(pids, count, line.parent))
                pids[count++] = one;
        }
        if (folder)
            closedir(folder);
    } while (count > before);
    return count;
}

static double pss_of(pid_t pid)
{
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "Pss: %ld", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return (double)kib / 1024;
}

struct process_use process_look(pid_t pid)
{
    pid_t pids[TREE_MAX];
    struct process_use use = {.processes = tree(pid, pids)};
    for (int i = 0; i < use.processes; i++) {
        struct stat_line line;
        if (read_stat(pids[i], &line))
            use.cpu_s += line.cpu_s;
        use.pss_mib += pss_of(pids[i]);
    }
    return use;
}

bool process_lives(pid_t pid)
{
    struct stat_line line;
    return read_stat(pid, &line) && line.state != 'Z';
}

void process_stop(pid_t pid)
{
    pid_t pids[TREE_MAX];
    int count = tree(pid, pids);
    for (int i = 0; i < count; i++)
        kill(pids[i], SIGTERM);
    for (int waits = 0; waits < 100; waits++) {
        bool any = false;
        for (int i = 0; i < count; i++) {
            waitpid(pids[i], NULL, WNOHANG);
            any |= process_lives(pids[i]);
        }
        if (!any)
            return;
        usleep(30000);
    }
    for (int i = 0; i < count; i++)
        kill(pids[i], SIGKILL);
    waitpid(pid, NULL, 0);
}
