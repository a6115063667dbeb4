/* SPDX-License-Identifier: Apache-2.0 */
/* libespeak-ng, opened at run time: a box without spoken help has neither its code nor its data in memory,
 * and one without the library runs all the same. Unloading it also matters: version 1.51 cannot be started a
 * second time with the state that its termination leaves. */
#include "base/file.h"
#include "base/log.h"
#include "speech/speech.h"

#include <dlfcn.h>
#include <espeak-ng/espeak_ng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY "libespeak-ng.so.1"
#define BLOCK_MS 50
#define WORDS_A_MINUTE 160
#define PATH_MAX_HERE 4096

struct espeak {
    void *library;
    __typeof__(espeak_ng_InitializePath) *initialize_path;
    __typeof__(espeak_ng_Initialize) *initialize;
    __typeof__(espeak_ng_ClearErrorContext) *clear_error;
    __typeof__(espeak_ng_InitializeOutput) *initialize_output;
    __typeof__(espeak_ng_GetSampleRate) *sample_rate;
    __typeof__(espeak_ng_SetVoiceByName) *set_voice;
    __typeof__(espeak_ng_SetParameter) *set_parameter;
    __typeof__(espeak_ng_Synthesize) *synthesize;
    __typeof__(espeak_ng_Terminate) *terminate;
    __typeof__(espeak_SetSynthCallback) *set_callback;
    __typeof__(espeak_Info) *info;
    bool initialized;
    int rate;
};

/* Of one text, while it is spoken. */
struct saying {
    speech_sound_fn *sound;
    void *context;
    int rate;
    bool enough;
};

static bool find(struct espeak *espeak, const char *name, void *function, struct error *error)
{
    void *address = dlsym(espeak->library, name);
    memcpy(function, &address, sizeof(address)); /* ISO C has no cast from an object to a function */
    return address || error_set(error, LIBRARY ": it has no %s", name);
}

static bool load(struct espeak *espeak, struct error *error)
{
    espeak->library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!espeak->library)
        return error_set(error, "%s", dlerror());
    return find(espeak, "espeak_ng_InitializePath", &espeak->initialize_path, error) &&
           find(espeak, "espeak_ng_Initialize", &espeak->initialize, error) &&
           find(espeak, "espeak_ng_ClearErrorContext", &espeak->clear_error, error) &&
           find(espeak, "espeak_ng_InitializeOutput", &espeak->initialize_output, error) &&
           find(espeak, "espeak_ng_GetSampleRate", &espeak->sample_rate, error) &&
           find(espeak, "espeak_ng_SetVoiceByName", &espeak->set_voice, error) &&
           find(espeak, "espeak_ng_SetParameter", &espeak->set_parameter, error) &&
           find(espeak, "espeak_ng_Synthesize", &espeak->synthesize, error) &&
           find(espeak, "espeak_ng_Terminate", &espeak->terminate, error) &&
           find(espeak, "espeak_SetSynthCallback", &espeak->set_callback, error) &&
           find(espeak, "espeak_Info", &espeak->info, error);
}

static void unload(struct espeak *espeak)
{
    if (espeak->initialized)
        espeak->terminate();
    if (espeak->library)
        dlclose(espeak->library);
    espeak->library = NULL;
    espeak->initialized = false;
}

/* The library itself would end the program where its data is missing. */
static bool has_data(struct espeak *espeak, struct error *why)
{
    static const char *const files[] = {"phontab",     "phonindex", "phondata",
                                        "intonations", "cmn_dict",  "en_dict"};
    const char *folder = NULL;
    char path[PATH_MAX_HERE];
    espeak->initialize_path(NULL);
    espeak->info(&folder);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (!folder || !file_join(path, sizeof(path), folder, files[i]) || access(path, R_OK) != 0)
            return error_set(why, "%s/%s: espeak-ng's data is not there", folder ? folder : "", files[i]);
    return true;
}

static bool possible(struct error *why)
{
    struct espeak espeak = {0};
    bool good = load(&espeak, why) && has_data(&espeak, why);
    unload(&espeak);
    return good;
}

static int hear(short *samples, int count, espeak_EVENT *events)
{
    struct saying *saying = events->user_data;
    if (!samples || count <= 0 || !saying)
        return 0;
    saying->enough = !saying->sound(saying->context, samples, count, saying->rate);
    return saying->enough;
}

static bool start(struct espeak *espeak, struct error *error)
{
    espeak_ng_ERROR_CONTEXT context = NULL;
    espeak_ng_STATUS status = espeak->initialize(&context);
    espeak->clear_error(&context);
    if (status != ENS_OK)
        return error_set(error, "espeak-ng does not start: 0x%x", (unsigned)status);
    espeak->initialized = true;
    status = espeak->initialize_output(ENOUTPUT_MODE_SYNCHRONOUS, BLOCK_MS, NULL);
    if (status != ENS_OK)
        return error_set(error, "espeak-ng makes no sound: 0x%x", (unsigned)status);
    espeak->rate = espeak->sample_rate();
    espeak->set_callback(hear);
    return espeak->rate > 0 || error_set(error, "espeak-ng has no sample rate");
}

static void close_espeak(void *voice)
{
    unload(voice);
    free(voice);
}

static void *open_espeak(struct error *error)
{
    struct espeak *espeak = calloc(1, sizeof(*espeak));
    if (!espeak) {
        error_set(error, "espeak-ng: out of memory");
        return NULL;
    }
    if (load(espeak, error) && has_data(espeak, error) && start(espeak, error))
        return espeak;
    close_espeak(espeak);
    return NULL;
}

static bool speak(struct espeak *espeak, bool latin, const char *text, struct saying *saying)
{
    /* The other Mandarin voice, "cmn", loads English for every Chinese text and never frees it (1.51). */
    const char *name = latin ? "en" : "cmn-latn-pinyin";
    if (espeak->set_voice(name) != ENS_OK) {
        log_warning("espeak-ng has no voice \"%s\"", name);
        return false;
    }
    espeak->set_parameter(espeakRATE, WORDS_A_MINUTE, 0);
    espeak_ng_STATUS status =
        espeak->synthesize(text, strlen(text) + 1, 0, POS_CHARACTER, 0, espeakCHARS_UTF8, NULL, saying);
    return status == ENS_OK || status == ENS_SPEECH_STOPPED;
}

/* How much of text is of one kind: Chinese, or anything else; spaces and commas go with what is before. */
static size_t piece_at(const char *text, bool *latin)
{
    size_t length = strspn(text, " ,");
    *latin = (unsigned char)text[length] < 0x80;
    while (text[length] &&
           (text[length] == ' ' || text[length] == ',' || ((unsigned char)text[length] < 0x80) == *latin))
        length++;
    return length;
}

static bool say(void *voice, enum speech_language language, const char *text, speech_sound_fn *sound,
                void *context)
{
    struct espeak *espeak = voice;
    struct saying saying = {sound, context, espeak->rate, false};
    char piece[SPEECH_TEXT_MAX];
    if (language == SPEECH_ENGLISH)
        return speak(espeak, true, text, &saying);
    while (*text && !saying.enough) {
        bool latin;
        size_t length = piece_at(text, &latin);
        snprintf(piece, sizeof(piece), "%.*s", (int)length, text);
        if (!speak(espeak, latin, piece, &saying))
            return false;
        text += length;
    }
    return true;
}

const struct speech_engine speech_engine_espeak = {"espeak", possible, open_espeak, close_espeak, say};
