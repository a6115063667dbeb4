/* SPDX-License-Identifier: Apache-2.0 */
#include "tuner/url.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

/* Copies size bytes of text with %XX decoded; false where they do not fit or an escape is broken. */
static bool decode(const char *text, size_t size, char *out, size_t out_size)
{
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)text[i];
        if (byte == '%') {
            char digits[3] = {0};
            if (size - i < 3)
                return false;
            memcpy(digits, text + i + 1, 2);
            if (!text_unhex(digits, &byte, 1) || byte == 0)
                return false;
            i += 2;
        }
        if (used + 1 >= out_size)
            return false;
        out[used++] = (char)byte;
    }
    out[used] = '\0';
    return true;
}

static bool parse_option(struct tuner_url *url, const char *text, size_t size)
{
    const char *equals = memchr(text, '=', size);
    if (!equals || url->option_count == TUNER_URL_OPTIONS_MAX)
        return false;
    struct tuner_url_option *option = &url->options[url->option_count++];
    size_t name = (size_t)(equals - text);
    return decode(text, name, option->name, sizeof(option->name)) &&
           decode(equals + 1, size - name - 1, option->value, sizeof(option->value));
}

bool tuner_url_parse(const char *text, struct tuner_url *url, struct error *error)
{
    memset(url, 0, sizeof(*url));
    const char *mark = strstr(text, "://");
    if (!mark) {
        strcpy(url->scheme, "file");
        if (*text == '\0' || !text_copy(url->rest, sizeof(url->rest), text))
            return error_set(error, "%s: expected a URL or a path of 1 to %d bytes", text,
                             TUNER_URL_PART_SIZE - 1);
        return true;
    }
    if (!decode(text, (size_t)(mark - text), url->scheme, sizeof(url->scheme)))
        return error_set(error, "%s: the scheme is too long", text);
    const char *rest = mark + 3;
    size_t size = strcspn(rest, "?");
    if (!decode(rest, size, url->rest, sizeof(url->rest)))
        return error_set(error, "%s: too long, or a %%XX escape is broken", text);
    const char *at = rest + size;
    while (*at) {
        at++; /* '?' or '&' */
        size = strcspn(at, "&");
        if (size > 0 && !parse_option(url, at, size))
            return error_set(error, "%s: expected options as name=value&name=value", text);
        at += size;
    }
    return true;
}

bool tuner_url_address(const struct tuner_url *url, char *host, size_t size, uint16_t *port,
                       struct error *error)
{
    const char *colon = strrchr(url->rest, ':');
    char *end = NULL;
    unsigned long number = colon && colon[1] >= '0' && colon[1] <= '9' ? strtoul(colon + 1, &end, 10) : 65536;
    if (number > 65535 || *end)
        return error_set(error, "%s://%s: expected HOST:PORT with a port of 0 to 65535", url->scheme,
                         url->rest);
    const char *start = url->rest;
    size_t length = (size_t)(colon - start);
    if (length >= 2 && start[0] == '[' && start[length - 1] == ']') {
        start++;
        length -= 2;
    }
    if (length >= size)
        return error_set(error, "%s://%s: the host is too long", url->scheme, url->rest);
    memcpy(host, start, length);
    host[length] = '\0';
    *port = (uint16_t)number;
    return true;
}

const char *tuner_url_option(const struct tuner_url *url, const char *name, const char *fallback)
{
    for (size_t i = 0; i < url->option_count; i++) {
        if (!strcmp(url->options[i].name, name))
            return url->options[i].value;
    }
    return fallback;
}

bool tuner_url_check_options(const struct tuner_url *url, const char *const *known, struct error *error)
{
    for (size_t i = 0; i < url->option_count; i++) {
        const char *const *name = known;
        while (*name && strcmp(*name, url->options[i].name))
            name++;
        if (!*name)
            return error_set(error, "%s://%s: unknown option \"%s\"", url->scheme, url->rest,
                             url->options[i].name);
    }
    return true;
}
