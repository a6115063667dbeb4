/* SPDX-License-Identifier: Apache-2.0 */
#include "rfb_client.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <rfb/rfb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_S 20

int tcp_open(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval patience = {PATIENCE_S, 0};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

bool tcp_send(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool tcp_receive(int fd, void *data, size_t size)
{
    return size == 0 || recv(fd, data, size, MSG_WAITALL) == (ssize_t)size;
}

size_t tcp_receive_all(int fd, char *text, size_t size)
{
    size_t used = 0;
    ssize_t got;
    while (used < size - 1 && (got = recv(fd, text + used, size - 1 - used, 0)) > 0)
        used += (size_t)got;
    text[used] = 0;
    return used;
}

static uint16_t u16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static bool show_password(int fd, const char *password)
{
    uint8_t count, types[255], challenge[16], result[4];
    char version[13] = "", word[9] = "";
    strncpy(word, password, sizeof(word) - 1);
    if (!tcp_receive(fd, version, 12) || strncmp(version, "RFB 003.00", 10) != 0 ||
        !tcp_send(fd, "RFB 003.008\n", 12) || !tcp_receive(fd, &count, 1) || !tcp_receive(fd, types, count) ||
        !memchr(types, 2, count) || memchr(types, 1, count) || !tcp_send(fd, "\2", 1) ||
        !tcp_receive(fd, challenge, sizeof(challenge)))
        return false;
    rfbEncryptBytes(challenge, word);
    return tcp_send(fd, challenge, sizeof(challenge)) && tcp_receive(fd, result, sizeof(result)) &&
           memcmp(result, "\0\0\0\0", 4) == 0;
}

bool rfb_open(struct rfb_client *client, int port, const char *password)
{
    /* 32 bits a pixel, 24 of them colour, least byte first, true colour, 255 each, shifts 16 8 0; raw only */
    static const uint8_t wishes[] = {0,  0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255,
                                     16, 8, 0, 0, 0,  0,  2, 0, 0, 1,   0, 0,   0, 0};
    uint8_t init[24];
    char name[256];
    *client = (struct rfb_client){.fd = tcp_open(port)};
    if (client->fd < 0 || !show_password(client->fd, password) || !tcp_send(client->fd, "\1", 1) ||
        !tcp_receive(client->fd, init, sizeof(init)) || init[20] || init[21] || init[22] ||
        !tcp_receive(client->fd, name, init[23]))
        return false;
    client->width = u16(init);
    client->height = u16(init + 2);
    client->pixels = calloc((size_t)client->width * (size_t)client->height, sizeof(uint32_t));
    return client->pixels && tcp_send(client->fd, wishes, sizeof(wishes));
}

void rfb_finish(struct rfb_client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    free(client->pixels);
    *client = (struct rfb_client){.fd = -1};
}

bool rfb_ask(struct rfb_client *client, bool incremental)
{
    uint8_t message[10] = {3, incremental};
    message[6] = (uint8_t)(client->width >> 8);
    message[7] = (uint8_t)client->width;
    message[8] = (uint8_t)(client->height >> 8);
    message[9] = (uint8_t)client->height;
    return tcp_send(client->fd, message, sizeof(message));
}

static bool take_rectangle(struct rfb_client *client, size_t *area)
{
    uint8_t head[12];
    if (!tcp_receive(client->fd, head, sizeof(head)) || memcmp(head + 8, "\0\0\0\0", 4) != 0)
        return false;
    int x = u16(head), y = u16(head + 2), w = u16(head + 4), h = u16(head + 6);
    if (x + w > client->width || y + h > client->height)
        return false;
    for (int row = y; row < y + h; row++) {
        uint32_t *line = client->pixels + (size_t)row * (size_t)client->width + x;
        if (!tcp_receive(client->fd, line, (size_t)w * 4))
            return false;
        for (int i = 0; i < w; i++) {
            uint8_t b[4];
            memcpy(b, &line[i], 4);
            line[i] = (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
        }
    }
    *area += (size_t)w * (size_t)h;
    return true;
}

bool rfb_take(struct rfb_client *client, size_t *area)
{
    uint8_t head[4];
    *area = 0;
    if (!tcp_receive(client->fd, head, sizeof(head)) || head[0] != 0)
        return false;
    for (int i = u16(head + 2); i > 0; i--)
        if (!take_rectangle(client, area))
            return false;
    return true;
}

bool rfb_waits(const struct rfb_client *client)
{
    return poll(&(struct pollfd){client->fd, POLLIN, 0}, 1, 0) > 0;
}

bool rfb_key(struct rfb_client *client, uint32_t symbol, bool down)
{
    uint8_t message[8] = {4,
                          down,
                          0,
                          0,
                          (uint8_t)(symbol >> 24),
                          (uint8_t)(symbol >> 16),
                          (uint8_t)(symbol >> 8),
                          (uint8_t)symbol};
    return tcp_send(client->fd, message, sizeof(message));
}
