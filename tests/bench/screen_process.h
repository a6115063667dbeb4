/* SPDX-License-Identifier: Apache-2.0 */
/* A program that is measured, with all processes that it starts. Single thread; one at a time. */
#ifndef KOKONOR_BENCH_SCREEN_PROCESS_H
#define KOKONOR_BENCH_SCREEN_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* Starts argv (ended by NULL; found on PATH), its output into the file log. 0 where it cannot. */
pid_t process_start(char *const *argv, const char *log);
/* Ends it and what it started, gently first. */
void process_stop(pid_t pid);

struct process_use {
    double cpu_s;   /* user and system, of processes that live */
    double pss_mib; /* proportional set size: what is shared counts in parts */
    int processes;
};
/* Of pid and everything below it. */
struct process_use process_look(pid_t pid);
bool process_lives(pid_t pid);

#endif
