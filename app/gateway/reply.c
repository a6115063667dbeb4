/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/reply.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

enum { UNAVAILABLE_RETRY_S = 5 };

struct words {
    int status;
    const char *code, *zh, *bo, *en;
};

static const struct words problems[PROBLEM_COUNT] = {
    [PROBLEM_PRICE_CHANGED] = {409, "price_changed", "价格已变动", "རིན་གོང་འགྱུར་འདུག", "The price has changed"},
    [PROBLEM_OUT_OF_STOCK] = {409, "out_of_stock", "库存不足", "ཟོང་གི་གྲངས་མི་འདང་", "Not enough in stock"},
    [PROBLEM_UNKNOWN_PRODUCT] = {409, "unknown_product", "该商品已停售", "ཟོང་འདི་བཙོང་མཚམས་བཞག་འདུག",
                                 "This product is no longer sold"},
    [PROBLEM_NOT_A_SUBSCRIBER] = {403, "not_a_subscriber", "本机顶盒尚未开通购物服务，请联系有线网络营业厅",
                                  "སྒམ་འདིའི་ཉོ་སྒྲུབ་ཞབས་ཞུ་ད་དུང་ཁ་ཕྱེ་མེད། སྐུད་ཡོད་དྲ་རྒྱའི་ལས་ཁང་དང་འབྲེལ་བ་གནོས།",
                                  "Shopping is not open for this box"},
    [PROBLEM_KEY_REUSED] = {422, "key_reused", "订单标识已用于另一订单",
                            "མངགས་འཛིན་གྱི་རྟགས་འདི་མངགས་འཛིན་གཞན་ཞིག་ལ་བེད་སྤྱད་ཟིན་འདུག",
                            "This Idempotency-Key came with another request before"},
    [PROBLEM_INVALID] = {400, "invalid", "请求无效", "རེ་འདུན་འདི་ནོར་འདུག", "The request is not valid"},
    [PROBLEM_NOT_FOUND] = {404, "not_found", "未找到", "རྙེད་མ་བྱུང་", "Not found"},
    [PROBLEM_METHOD] = {405, "method_not_allowed", "不支持该操作", "བྱ་འགུལ་འདི་མི་ཆོག",
                        "The method is not allowed here"},
    [PROBLEM_TOO_LARGE] = {413, "too_large", "请求过大", "རེ་འདུན་ཆེ་དྲགས་འདུག", "The request is too large"},
    [PROBLEM_MEDIA_TYPE] = {415, "media_type", "请求格式不支持", "རེ་འདུན་གྱི་རྣམ་གཞག་མི་འཚམ",
                            "Expected application/json"},
    [PROBLEM_TOO_MANY_HEADERS] = {431, "too_many_headers", "请求头过多", "རེ་འདུན་གྱི་མགོ་བྱང་མང་དྲགས་འདུག",
                                  "The request has too many headers"},
    [PROBLEM_UNAVAILABLE] = {503, "unavailable", "服务暂时不可用，请稍后再试",
                             "ཞབས་ཞུ་གནས་སྐབས་མི་འཐོབ། ཅུང་ཙམ་འགོར་རྗེས་ཡང་བསྐྱར་གནོས།",
                             "The service cannot do this now"},
};

const char *problem_code(enum problem problem)
{
    return problems[problem].code;
}

void reply_init(struct reply *reply)
{
    memset(reply, 0, sizeof *reply);
    buffer_init(&reply->body, REPLY_BODY_MAXIMUM);
}

void reply_finish(struct reply *reply)
{
    buffer_finish(&reply->body);
}

static void begin(struct reply *reply, int status, const char *type)
{
    reply->status = status;
    text_copy(reply->type, sizeof reply->type, type);
    reply->location[0] = reply->allow[0] = '\0';
    reply->retry_after_s = 0;
    reply->replay = false;
    buffer_clear(&reply->body);
}

static bool append(struct reply *reply, const json_t *body)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    if (text) {
        buffer_append_string(&reply->body, text);
    }
    free(text);
    return text && !reply->body.failed;
}

void reply_json(struct reply *reply, int status, json_t *body)
{
    begin(reply, status, "application/json");
    if (!append(reply, body)) {
        reply_problem(reply, PROBLEM_UNAVAILABLE, "no memory", NULL);
    }
    json_decref(body);
}

void reply_problem(struct reply *reply, enum problem problem, const char *detail, json_t *lines)
{
    const struct words *words = &problems[problem];
    char type[64] = "urn:kokonor:problem:";
    strcat(type, words->code);
    json_t *body = json_pack("{s:s, s:s, s:i, s:s, s:{s:s, s:s, s:s}}", "type", type, "title", words->en,
                             "status", words->status, "code", words->code, "text", "zh", words->zh, "bo",
                             words->bo, "en", words->en);
    if (body && detail) {
        json_object_set_new(body, "detail", json_string(detail));
    }
    if (body && lines) {
        json_object_set(body, "lines", lines);
    }
    begin(reply, words->status, "application/problem+json");
    if (!append(reply, body)) {
        buffer_clear(&reply->body); /* no memory: the status alone has to do */
        reply->status = 503;
    }
    if (reply->status == 503) {
        reply->retry_after_s = UNAVAILABLE_RETRY_S;
    }
    json_decref(lines);
    json_decref(body);
}
