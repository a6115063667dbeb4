/* SPDX-License-Identifier: Apache-2.0 */
/* A network's frequency list and the tuners' URLs, which a person writes: what is read says each frequency
 * once, is found again, and leads to a URL that can be read or to none. */
#include "tuner/plan.h"
#include "tuner/tuner.h"
#include "tuner/url.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_carrier(const struct tuner_plan *plan, const struct tuner_carrier *carrier)
{
    char url[TUNER_URL_SIZE];
    struct tuner_carrier located;
    struct error error;
    require(tuner_plan_find(plan, carrier->frequency_hz) == carrier);
    require(memchr(carrier->url, 0, sizeof(carrier->url)) &&
            memchr(carrier->modulation, 0, sizeof(carrier->modulation)));
    if (!tuner_plan_url(plan, "dvb://0/0?frequency=306000000&symbol_rate=6875000", carrier, url))
        return;
    require(memchr(url, 0, sizeof(url)));
    tuner_check(url, &error);
    tuner_plan_locate(plan, url, &located);
}

static void check_url(const char *text)
{
    struct tuner_url url;
    struct error error;
    char host[64];
    uint16_t port;
    tuner_check(text, &error);
    if (!tuner_url_parse(text, &url, &error))
        return;
    require(url.option_count <= TUNER_URL_OPTIONS_MAX);
    tuner_url_address(&url, host, sizeof(host), &port, &error);
    require(tuner_url_option(&url, "pace", "none") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tuner_plan plan = {0};
    struct error error;
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    if (tuner_plan_parse(&plan, (struct bytes){data, size}, &error)) {
        require(plan.count <= TUNER_CARRIERS_MAX);
        for (size_t i = 0; i < plan.count; i++)
            check_carrier(&plan, &plan.carriers[i]);
    } else {
        require(plan.count == 0);
    }
    tuner_plan_finish(&plan);
    check_url(text);
    free(text);
    return 0;
}
