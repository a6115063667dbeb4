/* SPDX-License-Identifier: Apache-2.0 */
/* A DVB-C frontend, its demultiplexer and the stream behind them, by version 5 of the Linux DVB API with the
 * readings of version 3 where a driver has no others. */
#include "tuner/dvb.h"
#include "base/log.h"
#include "tuner/backend.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/dvb/dmx.h>
#include <linux/dvb/frontend.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WHOLE_STREAM 0x2000 /* the PID that stands for all */
#define PIDS_MAX 32
#define KERNEL_BUFFER (4ul * 1024 * 1024)
#define NUMBER_MAX 63 /* of adapters, frontends, demultiplexers */

struct dvb {
    const struct tuner_dvb_system *system;
    int frontend, demux, dvr;
    uint64_t overruns;
};

struct tuning {
    unsigned adapter, frontend, demux;
    uint32_t frequency_hz, symbol_rate;
    enum fe_modulation modulation;
    size_t pid_count; /* 0: the whole stream */
    uint16_t pids[PIDS_MAX];
};

static int system_open(const char *path, int flags)
{
    return open(path, flags);
}

static int system_ioctl(int fd, unsigned long request, void *argument)
{
    return ioctl(fd, request, argument);
}

static const struct tuner_dvb_system linux_system = {
    .open = system_open, .close = close, .ioctl = system_ioctl, .read = read};

static bool parse_number(const char *text, unsigned long minimum, unsigned long maximum,
                         unsigned long *number)
{
    char *end;
    errno = 0;
    if (!text || *text < '0' || *text > '9')
        return false;
    *number = strtoul(text, &end, 0);
    return errno == 0 && *end == '\0' && *number >= minimum && *number <= maximum;
}

/* "ADAPTER/FRONTEND" */
static bool parse_place(const struct tuner_url *url, struct tuning *tuning)
{
    char adapter[8] = "";
    const char *slash = strchr(url->rest, '/');
    unsigned long number;
    if (!slash || (size_t)(slash - url->rest) >= sizeof(adapter))
        return false;
    memcpy(adapter, url->rest, (size_t)(slash - url->rest));
    if (!parse_number(adapter, 0, NUMBER_MAX, &number))
        return false;
    tuning->adapter = (unsigned)number;
    if (!parse_number(slash + 1, 0, NUMBER_MAX, &number))
        return false;
    tuning->frontend = (unsigned)number;
    return true;
}

static bool parse_modulation(const char *text, enum fe_modulation *modulation)
{
    static const struct {
        const char *name;
        enum fe_modulation modulation;
    } known[] = {{"16QAM", QAM_16},   {"32QAM", QAM_32},   {"64QAM", QAM_64},
                 {"128QAM", QAM_128}, {"256QAM", QAM_256}, {"auto", QAM_AUTO}};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!strcasecmp(text, known[i].name)) {
            *modulation = known[i].modulation;
            return true;
        }
    }
    return false;
}

/* "0+17+0x100" */
static bool parse_pids(const char *text, struct tuning *tuning)
{
    char number[16];
    while (*text) {
        size_t size = strcspn(text, "+");
        unsigned long pid;
        if (size == 0 || size >= sizeof(number) || tuning->pid_count == PIDS_MAX)
            return false;
        memcpy(number, text, size);
        number[size] = '\0';
        if (!parse_number(number, 0, WHOLE_STREAM - 1, &pid))
            return false;
        tuning->pids[tuning->pid_count++] = (uint16_t)pid;
        text += size + (text[size] == '+');
    }
    return true;
}

static bool parse_tuning(const struct tuner_url *url, struct tuning *tuning, struct error *error)
{
    static const char *const known[] = {"frequency", "symbol_rate", "modulation", "demux", "pids", NULL};
    unsigned long frequency, symbol_rate, demux;
    if (!tuner_url_check_options(url, known, error))
        return false;
    if (!parse_place(url, tuning))
        return error_set(error, "dvb://%s: expected ADAPTER/FRONTEND as two numbers", url->rest);
    if (!parse_number(tuner_url_option(url, "frequency", NULL), 40000000, 1100000000, &frequency))
        return error_set(error, "dvb://%s: frequency: expected Hz, 40000000 to 1100000000", url->rest);
    if (!parse_number(tuner_url_option(url, "symbol_rate", NULL), 450000, 7500000, &symbol_rate))
        return error_set(error, "dvb://%s: symbol_rate: expected symbols a second, 450000 to 7500000",
                         url->rest);
    if (!parse_modulation(tuner_url_option(url, "modulation", "auto"), &tuning->modulation))
        return error_set(error, "dvb://%s: modulation: expected 16QAM, 32QAM, 64QAM, 128QAM, 256QAM or auto",
                         url->rest);
    if (!parse_number(tuner_url_option(url, "demux", "0"), 0, NUMBER_MAX, &demux))
        return error_set(error, "dvb://%s: demux: expected a number", url->rest);
    if (!parse_pids(tuner_url_option(url, "pids", ""), tuning))
        return error_set(error, "dvb://%s: pids: expected at most %d PIDs as 0+17+0x100", url->rest,
                         PIDS_MAX);
    tuning->frequency_hz = (uint32_t)frequency;
    tuning->symbol_rate = (uint32_t)symbol_rate;
    tuning->demux = (unsigned)demux;
    return true;
}

static bool check_dvb(const struct tuner_url *url, struct error *error)
{
    struct tuning tuning = {0};
    return parse_tuning(url, &tuning, error);
}

static void close_dvb(void *state)
{
    struct dvb *dvb = state;
    if (dvb->dvr >= 0)
        dvb->system->close(dvb->dvr);
    if (dvb->demux >= 0)
        dvb->system->close(dvb->demux);
    if (dvb->frontend >= 0)
        dvb->system->close(dvb->frontend);
    free(dvb);
}

/* /dev/dvb/adapterA/NAMEN, or -1 with a reason in error. */
static int open_device(const struct dvb *dvb, unsigned adapter, const char *name, unsigned number, int flags,
                       struct error *error)
{
    char path[64];
    snprintf(path, sizeof(path), "/dev/dvb/adapter%u/%s%u", adapter, name, number);
    int fd = dvb->system->open(path, flags | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        error_set(error, "%s: %s", path, strerror(errno));
    return fd;
}

static bool set_properties(const struct dvb *dvb, struct dtv_property *properties, uint32_t count)
{
    struct dtv_properties list = {.num = count, .props = properties};
    return dvb->system->ioctl(dvb->frontend, FE_SET_PROPERTY, &list) >= 0;
}

static bool tune(struct dvb *dvb, const struct tuning *tuning, struct error *error)
{
    struct dtv_property clear[] = {{.cmd = DTV_CLEAR}};
    struct dtv_property wanted[] = {
        {.cmd = DTV_DELIVERY_SYSTEM, .u.data = SYS_DVBC_ANNEX_A},
        {.cmd = DTV_FREQUENCY, .u.data = tuning->frequency_hz},
        {.cmd = DTV_SYMBOL_RATE, .u.data = tuning->symbol_rate},
        {.cmd = DTV_MODULATION, .u.data = tuning->modulation},
        {.cmd = DTV_INVERSION, .u.data = INVERSION_AUTO},
        {.cmd = DTV_INNER_FEC, .u.data = FEC_NONE}, /* a cable has none (EN 300 429) */
        {.cmd = DTV_TUNE},
    };
    dvb->frontend = open_device(dvb, tuning->adapter, "frontend", tuning->frontend, O_RDWR, error);
    if (dvb->frontend < 0)
        return false;
    if (!set_properties(dvb, clear, 1) || !set_properties(dvb, wanted, sizeof(wanted) / sizeof(wanted[0])))
        return error_set(error, "frontend %u/%u: tuning to DVB-C %u Hz: %s", tuning->adapter,
                         tuning->frontend, tuning->frequency_hz, strerror(errno));
    return true;
}

/* The whole stream, or the first PID and then the others, to the dvr device. */
static bool filter(struct dvb *dvb, const struct tuning *tuning, struct error *error)
{
    const struct tuner_dvb_system *system = dvb->system;
    dvb->demux = open_device(dvb, tuning->adapter, "demux", tuning->demux, O_RDWR, error);
    if (dvb->demux < 0)
        return false;
    dvb->dvr = open_device(dvb, tuning->adapter, "dvr", tuning->demux, O_RDONLY, error);
    if (dvb->dvr < 0)
        return false;
    if (system->ioctl(dvb->dvr, DMX_SET_BUFFER_SIZE, (void *)KERNEL_BUFFER) < 0)
        log_warning("the dvr device keeps its small buffer: %s", strerror(errno));
    struct dmx_pes_filter_params parameters = {.pid = tuning->pid_count ? tuning->pids[0] : WHOLE_STREAM,
                                               .input = DMX_IN_FRONTEND,
                                               .output = DMX_OUT_TS_TAP,
                                               .pes_type = DMX_PES_OTHER,
                                               .flags = DMX_IMMEDIATE_START};
    if (system->ioctl(dvb->demux, DMX_SET_PES_FILTER, &parameters) < 0)
        return error_set(error, "demux %u/%u: %s: %s%s", tuning->adapter, tuning->demux,
                         tuning->pid_count ? "filter" : "the whole stream", strerror(errno),
                         tuning->pid_count ? "" : "; name the PIDs with pids=");
    for (size_t i = 1; i < tuning->pid_count; i++) {
        uint16_t pid = tuning->pids[i];
        if (system->ioctl(dvb->demux, DMX_ADD_PID, &pid) < 0)
            return error_set(error, "demux %u/%u: PID %u: %s", tuning->adapter, tuning->demux, pid,
                             strerror(errno));
    }
    return true;
}

static void *open_over(const struct tuner_url *url, const struct tuner_dvb_system *system,
                       struct error *error)
{
    struct tuning tuning = {0};
    if (!parse_tuning(url, &tuning, error))
        return NULL;
    struct dvb *dvb = calloc(1, sizeof(*dvb));
    if (!dvb) {
        error_set(error, "dvb://%s: out of memory", url->rest);
        return NULL;
    }
    *dvb = (struct dvb){.system = system, .frontend = -1, .demux = -1, .dvr = -1};
    if (tune(dvb, &tuning, error) && filter(dvb, &tuning, error))
        return dvb;
    close_dvb(dvb);
    return NULL;
}

static void *open_dvb(const struct tuner_url *url, struct error *error)
{
    return open_over(url, &linux_system, error);
}

struct tuner *tuner_open_dvb(const char *text, const struct tuner_dvb_system *system, struct error *error)
{
    struct tuner_url url;
    if (!tuner_url_parse(text, &url, error))
        return NULL;
    void *state = open_over(&url, system, error);
    return state ? tuner_create(&tuner_backend_dvb, state) : NULL;
}

static int dvb_fd(const void *state)
{
    return ((const struct dvb *)state)->dvr;
}

static ssize_t read_dvb(void *state, void *buffer, size_t size)
{
    struct dvb *dvb = state;
    for (;;) {
        ssize_t got = dvb->system->read(dvb->dvr, buffer, size);
        if (got >= 0 || (errno != EINTR && errno != EOVERFLOW))
            return got;
        if (errno == EOVERFLOW && dvb->overruns++ == 0)
            log_warning("the kernel's buffer ran over: bytes were lost");
    }
}

/* How the driver measures a statistic; FE_SCALE_NOT_AVAILABLE where it does not. */
static unsigned scale_of(const struct dtv_property *property)
{
    return property->u.st.len > 0 ? property->u.st.stat[0].scale : FE_SCALE_NOT_AVAILABLE;
}

static uint64_t count_of(const struct dtv_property *property)
{
    return property->u.st.stat[0].uvalue;
}

/* In 0.001 dB, or in thousandths of the driver's scale. */
static void read_level(const struct dtv_property *property, bool *has_db, int *mdb, bool *has,
                       unsigned *permille)
{
    if ((*has_db = scale_of(property) == FE_SCALE_DECIBEL))
        *mdb = (int)property->u.st.stat[0].svalue;
    if ((*has = scale_of(property) == FE_SCALE_RELATIVE))
        *permille = (unsigned)(count_of(property) * 1000 / 65535);
}

/* The statistics of version 5, those that the driver has. */
static void read_statistics(struct dvb *dvb, struct tuner_status *status)
{
    struct dtv_property strength = {.cmd = DTV_STAT_SIGNAL_STRENGTH}, cnr = {.cmd = DTV_STAT_CNR};
    struct dtv_property errors = {.cmd = DTV_STAT_PRE_ERROR_BIT_COUNT},
                        bits = {.cmd = DTV_STAT_PRE_TOTAL_BIT_COUNT},
                        blocks = {.cmd = DTV_STAT_ERROR_BLOCK_COUNT};
    struct dtv_property *const all[] = {&strength, &cnr, &errors, &bits, &blocks};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct dtv_properties one = {.num = 1, .props = all[i]};
        if (dvb->system->ioctl(dvb->frontend, FE_GET_PROPERTY, &one) < 0)
            all[i]->u.st.len = 0;
    }
    read_level(&strength, &status->has_strength_dbm, &status->strength_mdbm, &status->has_strength,
               &status->strength_permille);
    read_level(&cnr, &status->has_cnr_db, &status->cnr_mdb, &status->has_cnr, &status->cnr_permille);
    status->has_ber =
        scale_of(&errors) == FE_SCALE_COUNTER && scale_of(&bits) == FE_SCALE_COUNTER && count_of(&bits) > 0;
    if (status->has_ber)
        status->ber = (double)count_of(&errors) / (double)count_of(&bits);
    if ((status->has_uncorrected = scale_of(&blocks) == FE_SCALE_COUNTER))
        status->uncorrected_blocks = count_of(&blocks);
}

/* The readings of version 3, in the driver's own scale, for what is still unknown. */
static void read_old_values(struct dvb *dvb, struct tuner_status *status)
{
    uint16_t value = 0;
    uint32_t count = 0;
    if (!status->has_strength && !status->has_strength_dbm &&
        dvb->system->ioctl(dvb->frontend, FE_READ_SIGNAL_STRENGTH, &value) >= 0) {
        status->has_strength = true;
        status->strength_permille = value * 1000u / 65535;
    }
    if (!status->has_cnr && !status->has_cnr_db &&
        dvb->system->ioctl(dvb->frontend, FE_READ_SNR, &value) >= 0) {
        status->has_cnr = true;
        status->cnr_permille = value * 1000u / 65535;
    }
    if (!status->has_ber && dvb->system->ioctl(dvb->frontend, FE_READ_BER, &count) >= 0) {
        status->has_bit_errors = true;
        status->bit_errors = count;
    }
    if (!status->has_uncorrected &&
        dvb->system->ioctl(dvb->frontend, FE_READ_UNCORRECTED_BLOCKS, &count) >= 0) {
        status->has_uncorrected = true;
        status->uncorrected_blocks = count;
    }
}

static bool dvb_status(void *state, struct tuner_status *status)
{
    struct dvb *dvb = state;
    enum fe_status bits = 0;
    if (dvb->system->ioctl(dvb->frontend, FE_READ_STATUS, &bits) < 0)
        return false;
    status->locked = bits & FE_HAS_LOCK;
    status->overruns = dvb->overruns;
    read_statistics(dvb, status);
    read_old_values(dvb, status);
    return true;
}

const struct tuner_backend tuner_backend_dvb = {.scheme = "dvb",
                                                .check = check_dvb,
                                                .open = open_dvb,
                                                .close = close_dvb,
                                                .fd = dvb_fd,
                                                .read = read_dvb,
                                                .status = dvb_status};
