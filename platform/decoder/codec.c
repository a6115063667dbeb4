/* SPDX-License-Identifier: Apache-2.0 */
#define CODEC_KEEP_NAMES
#include "codec.h"
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number
#define LIBRARY "libavcodec.so." TEXT(LIBAVCODEC_VERSION_MAJOR)

static struct codec_calls calls; /* written once, under once */
static struct error refusal;
static bool usable;

/* A function's address through a pointer to data, which POSIX allows and ISO C does not. */
static bool find(void *library, const char *name, void *call)
{
    void *address = dlsym(library, name);
    memcpy(call, &address, sizeof(address));
    return address || error_set(&refusal, "%s has no %s", LIBRARY, name);
}

/* Never closed: threads of the library may live as long as the process. */
static void open_library(void)
{
    void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);
    if (!library) {
        error_set(&refusal, "%s", dlerror());
        return;
    }
    usable = true;
#define CALL(name) usable = usable && find(library, #name, &calls.call_##name);
    CODEC_CALLS(CALL)
#undef CALL
}

bool codec_open(struct error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_library);
    return usable || error_set(error, "decoder: %s", refusal.text);
}

const struct codec_calls *codec_calls(void)
{
    return &calls;
}
