/* SPDX-License-Identifier: Apache-2.0 */
#include "playout/key_readings.h"

#include <stddef.h>

/* By code point. */
static const struct {
    uint32_t character;
    const char *readings;
} table[] = {
    {U'乐', "le yue"},      {U'什', "shi shen"},    {U'仇', "chou qiu"},    {U'会', "hui kuai"},
    {U'传', "chuan zhuan"}, {U'伽', "jia ga"},      {U'侗', "dong tong"},   {U'便', "bian pian"},
    {U'俞', "yu shu"},      {U'刨', "pao bao"},     {U'券', "quan xuan"},   {U'剥', "bao bo"},
    {U'匙', "chi shi"},     {U'区', "qu ou"},       {U'单', "dan shan"},    {U'卜', "bu bo"},
    {U'卡', "ka qia"},      {U'厦', "xia sha"},     {U'参', "shen can"},    {U'呢', "ni ne"},
    {U'咀', "ju zui"},      {U'咖', "ka ga"},       {U'嚼', "jiao jue"},    {U'囤', "tun dun"},
    {U'圈', "quan juan"},   {U'地', "di"},          {U'埔', "pu bu"},       {U'堡', "bao pu"},
    {U'塞', "sai se"},      {U'夹', "jia ga"},      {U'娜', "na nuo"},      {U'宿', "su xiu"},
    {U'尉', "wei yu"},      {U'屏', "ping bing"},   {U'差', "cha chai"},    {U'巷', "xiang hang"},
    {U'弄', "nong long"},   {U'弹', "tan dan"},     {U'强', "qiang jiang"}, {U'戛', "ga jia"},
    {U'扎', "zha za"},      {U'折', "zhe she"},     {U'拓', "tuo ta"},      {U'择', "ze zhai"},
    {U'提', "ti di"},       {U'攒', "zan cuan"},    {U'晟', "cheng sheng"}, {U'曾', "zeng ceng"},
    {U'朝', "chao zhao"},   {U'术', "shu zhu"},     {U'朴', "pu piao"},     {U'枸', "gou ju"},
    {U'柏', "bai bo"},      {U'查', "cha zha"},     {U'栅', "zha shan"},    {U'校', "xiao jiao"},
    {U'核', "he hu"},       {U'棱', "leng ling"},   {U'槟', "bin bing"},    {U'模', "mo mu"},
    {U'歙', "she xi"},      {U'殷', "yin yan"},     {U'沓', "ta da"},       {U'泊', "bo po"},
    {U'泌', "mi bi"},       {U'泷', "long shuang"}, {U'洗', "xi xian"},     {U'浒', "hu xu"},
    {U'涡', "wo guo"},      {U'渑', "mian sheng"},  {U'澄', "cheng deng"},  {U'炮', "pao bao"},
    {U'熟', "shu shou"},    {U'爪', "zhao zhua"},   {U'牟', "mu mou"},      {U'率', "lu shuai"},
    {U'畜', "xu chu"},      {U'番', "fan pan"},     {U'盖', "gai ge"},      {U'盛', "sheng cheng"},
    {U'省', "sheng xing"},  {U'石', "shi dan"},     {U'种', "zhong chong"}, {U'秘', "mi bi"},
    {U'秤', "cheng ping"},  {U'粘', "zhan nian"},   {U'粥', "zhou yu"},     {U'系', "xi ji"},
    {U'纤', "xian qian"},   {U'给', "gei ji"},      {U'缪', "miu miao"},    {U'翟', "zhai di"},
    {U'膀', "bang pang"},   {U'臭', "chou xiu"},    {U'色', "se shai"},     {U'芥', "jie gai"},
    {U'茄', "qie jia"},     {U'茜', "xi qian"},     {U'荠', "qi ji"},       {U'落', "luo lao"},
    {U'蔓', "man wan"},     {U'薄', "bo bao"},      {U'藏', "zang cang"},   {U'虹', "hong jiang"},
    {U'蚌', "bang beng"},   {U'蛤', "ge ha"},       {U'血', "xue xie"},     {U'行', "xing hang"},
    {U'褪', "tui tun"},     {U'见', "jian xian"},   {U'觉', "jue jiao"},    {U'角', "jiao jue"},
    {U'解', "jie xie"},     {U'调', "tiao diao"},   {U'谷', "gu yu"},       {U'贾', "jia gu"},
    {U'车', "che ju"},      {U'还', "hai huan"},    {U'郇', "xun huan"},    {U'都', "du dou"},
    {U'重', "zhong chong"}, {U'铅', "qian yan"},    {U'长', "chang zhang"}, {U'阿', "a e"},
    {U'降', "jiang xiang"}, {U'隗', "wei kui"},     {U'露', "lu lou"},      {U'颉', "xie jie"},
    {U'颤', "chan zhan"},   {U'食', "shi si"},      {U'骑', "qi ji"},       {U'鹄', "hu gu"},
    {U'龟', "gui jun"},
};

const char *key_readings(uint32_t character)
{
    size_t low = 0, high = sizeof(table) / sizeof(table[0]);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (table[middle].character == character)
            return table[middle].readings;
        if (table[middle].character < character)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
