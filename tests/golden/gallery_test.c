/* SPDX-License-Identifier: Apache-2.0 */
/* Every widget, in Chinese and in Tibetan. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include "base/file.h"
#include "display/image.h"
#include "golden.h"
#include "ui/inside.h"
#include "ui/widget.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world {
    struct display *display;
    struct ui *ui;
    bool bo;
    char folder[64];
};

static void nothing(struct node *node, void *context)
{
    (void)node;
    (void)context;
}

/* "1" to "9": a sun over hills, each in its own colours. */
static bool picture(void *context, const char *key, struct buffer *out)
{
    static const uint32_t skies[] = {0x8ec9e8, 0xf4c27a, 0xb9a5d8, 0x9fd8b0};
    static const uint32_t hills[] = {0x3d7a55, 0x8a4b38, 0x4a3f78, 0x2f6a7c};
    const struct world *world = context;
    enum { WIDTH = 320, HEIGHT = 200 };
    uint32_t *pixels = malloc(WIDTH * HEIGHT * 4);
    unsigned kind = (unsigned)(key[0] - '0') % 4;
    char path[128];
    if (!pixels || key[0] < '0' || key[0] > '9')
        return free(pixels), false;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            int dx = x - 230, dy = y - 60, hill = 120 + abs(x % 160 - 80) / 2 - (int)kind * 6;
            pixels[y * WIDTH + x] = 0xff000000 | (y > hill                  ? hills[kind]
                                                  : dx * dx + dy * dy < 900 ? 0xfff4d8
                                                                            : skies[kind]);
        }
    snprintf(path, sizeof(path), "%s/picture.png", world->folder);
    bool good =
        image_write_png(path, pixels, WIDTH, HEIGHT, WIDTH * 4, true, NULL) && file_read(path, out, NULL);
    free(pixels);
    return good;
}

static struct words say(const struct world *world, const char *zh, const char *bo)
{
    return lit(world->bo ? bo : zh);
}

static void page_shop(struct world *world)
{
    static const char *const zh[] = {"青海湖牦牛酸奶", "手工石磨青稞炒面（五公斤装）",
                                     "茶卡湖盐",       "柴达木枸杞 500 g",
                                     "高原牦牛肉干",   "加牙藏毯",
                                     "门源菜籽油",     "玉树黑陶茶壶"};
    static const char *const bo[] = {"མཚོ་སྔོན་གཡག་ཞོ།", "ལག་བཟོའི་རྩམ་པ་བསྒྲུབས་མ།", "ཚྭ་ཀའི་མཚོ་ཚྭ།",  "འདྲེ་ཚེར་མ། 500 g",
                                     "གཡག་ཤ་སྐམ་པོ།",  "བོད་ཀྱི་གྲུམ་ཙེ།",          "པད་མ་ཁའི་སྣུམ།", "ཡུལ་ཤུལ་རྫ་མ།"};
    const struct words tabs[] = {
        say(world, "今日推荐", "དེ་རིང་གི་འོས་སྦྱོར།"), say(world, "全部", "ཡོངས་རྫོགས།"),
        say(world, "牦牛乳品", "འོ་མའི་ཟས་རིགས།"),  say(world, "青稞粮油", "འབྲུ་རིགས།"),
        say(world, "枸杞药材", "སྨན་རྩྭ།"),         say(world, "牛羊肉", "ཤ་རིགས།"),
        say(world, "手工艺品", "ལག་ཤེས་བཟོ་རིགས།"), say(world, "日用百货", "ཉིན་རེའི་མཁོ་ཆས།")};
    struct node *screen = ui_screen(world->ui);
    ui_header(screen, say(world, "高原商城", "མཐོ་སྒང་ཚོང་ར།"), say(world, "乳制品", "འོ་མའི་ཐོན་རྫས།"));
    struct node *body = ui_body(screen);
    ui_tabs(body, tabs, 8, 1, NULL, NULL);
    struct node *grid = ui_grid(ui_scroll(body, 0), 4, 20), *tile;
    for (int i = 0; i < 8; i++) {
        char key[2] = {(char)('0' + i), 0};
        tile = ui_tile(grid,
                       &(struct ui_tile){.picture = i < 6 ? key : NULL,
                                         .icon = "craft",
                                         .title = lit(world->bo ? bo[i] : zh[i]),
                                         .price_fen = 1250 + i * 777,
                                         .old_price_fen = i % 3 == 0 ? 1990 : 0,
                                         .badge = i == 2 ? say(world, "守信商家", "ཡིད་རྟོན་ཚོང་པ།") : lit(NULL),
                                         .activate = nothing});
        if (i == 1)
            node_focus(tile);
    }
    ui_hints(screen,
             (struct ui_hint[]){{KEY_OK, say(world, "打开", "ཁ་ཕྱེ་བ།")},
                                {KEY_BACK, say(world, "返回", "ཕྱིར་ལོག")},
                                {KEY_RED, say(world, "看电视", "བརྙན་འཕྲིན།")},
                                {KEY_GREEN, say(world, "购物车", "ཉོ་འཁོར།")},
                                {KEY_YELLOW, say(world, "订单", "མངག་ཐོ།")},
                                {KEY_BLUE, say(world, "语言", "སྐད་ཡིག")}},
             6);
}

static void page_pieces(struct world *world)
{
    struct node *screen = ui_screen(world->ui);
    ui_header(screen, say(world, "首页", "གདོང་ངོས།"), lit(NULL));
    struct node *row = node_box(ui_body(screen), &(struct box){.layout = LAYOUT_ROW, .grow = 1, .gap = 28});
    struct node *left = node_grow(ui_column(row, 18), 1), *right = node_grow(ui_column(row, 16), 1);
    struct node *grid = ui_grid(left, 2, 18);
    ui_card(grid, &(struct ui_card){"live", say(world, "看电视", "བརྙན་འཕྲིན།"),
                                    say(world, "本地频道，正在直播", "ས་གནས་ཀྱི་རྒྱུན་ལམ།"), COLOR_ACCENT, 1,
                                    nothing, NULL});
    node_focus(ui_card(grid, &(struct ui_card){"shop", say(world, "高原商城", "མཐོ་སྒང་ཚོང་ར།"),
                                               say(world, "牧场好货送到家", "འབྲོག་པའི་ཐོན་རྫས་ཁྱིམ་དུ་སྐྱེལ།"),
                                               COLOR_FOCUS, 2, nothing, NULL}));
    struct node *panel = ui_panel(left, 8);
    ui_fact(panel, say(world, "产地", "ཐོན་ཁུངས།"), say(world, "海北州 刚察县", "མཚོ་བྱང་། རྐང་ཚ་རྫོང་།"));
    ui_fact(panel, say(world, "规格", "ཚད།"), lit("6 × 180 g"));
    ui_line(panel);
    ui_progress(panel, 620);
    ui_price(panel, 1250, 1990, TYPE_HERO);
    struct node *buttons = ui_row(right, 16);
    node_grow(ui_button(buttons, BUTTON_PRIMARY, "cart", say(world, "购买", "ཉོ་བ།"), nothing, NULL), 1);
    node_grow(ui_button(buttons, BUTTON_PLAIN, NULL, say(world, "收藏", "ཉར་ཚགས།"), nothing, NULL), 1);
    ui_button(right, BUTTON_DANGER, NULL, say(world, "取消订单", "མངག་ཐོ་འདོར་བ།"), nothing, NULL);
    node_disable(ui_button(right, BUTTON_PLAIN, "truck", say(world, "已经发货", "ཟོང་བསྐུར་ཟིན།"), nothing, NULL),
                 true);
    struct node *quantity = ui_row(right, 20);
    ui_text(quantity, say(world, "数量", "གྲངས་འབོར།"), TYPE_BODY);
    ui_stepper(quantity, 1, 1, 9, NULL, NULL);
    ui_badge(quantity, say(world, "有货", "ཟོང་ཡོད།"), COLOR_GOOD);
    ui_choice(right, say(world, "语言", "སྐད་ཡིག"), (struct words[]){lit("中文"), lit("བོད་ཡིག")}, 2, world->bo,
              NULL, NULL);
    ui_progress(right, -1);
}

static void page_list(struct world *world)
{
    struct node *screen = ui_screen(world->ui);
    ui_header(screen, say(world, "信用公示", "ཡིད་རྟོན་སྒྲོག་བསྒྲགས།"), say(world, "失信名单", "ཡིད་རྟོན་བརླག་པའི་མིང་ཐོ།"));
    struct node *scroll = ui_scroll(ui_body(screen), 14);
    const struct ui_item items[] = {
        {.icon = "good",
         .title = say(world, "刚察县雪域乳业有限公司", "རྐང་ཚ་རྫོང་གངས་ལྗོངས་འོ་ཟས་ཚད་ཡོད་ཀུང་སི།"),
         .note = say(world, "青发改信〔2026〕17 号", "ཡིག་ཨང་། 2026-17"),
         .badge = say(world, "守信", "ཡིད་རྟོན།"),
         .badge_color = COLOR_GOOD,
         .icon_color = COLOR_GOOD,
         .activate = nothing},
        {.icon = "warning",
         .title = say(world, "某某建筑工程有限公司西宁分公司第一项目部",
                      "ཟི་ལིང་ཨར་སྐྲུན་བཟོ་སྐྲུན་ཚད་ཡོད་ཀུང་སིའི་ཡན་ལག་ལས་ཁུངས།"),
         .note = say(world, "拖欠农民工工资，经责令改正仍未履行", "ཞིང་པ་བཟོ་པའི་གླ་ཆ་མ་སྤྲད་པ།"),
         .badge = say(world, "严重失信", "ཚབས་ཆེན།"),
         .badge_color = COLOR_BAD,
         .icon_color = COLOR_BAD,
         .activate = nothing},
        {.picture = "1",
         .title = say(world, "订单 K20261123-0007", "མངག་ཐོ། K20261123-0007"),
         .note = say(world, "已发货，预计明天送到", "ཟོང་བསྐུར་ཟིན། སང་ཉིན་འབྱོར།"),
         .value = lit("¥45.00"),
         .activate = nothing},
        {.icon = "phone", .title = say(world, "急救电话", "མྱུར་སྐྱོབ་ཁ་པར།"), .value = lit("120")},
        {.icon = "office", .title = say(world, "县政务服务中心", "རྫོང་གི་ཞབས་ཞུ་ལྟེ་གནས།"), .activate = nothing},
        {.icon = "travel", .title = say(world, "班车时刻", "རླངས་འཁོར་གྱི་དུས་ཚོད།"), .activate = nothing},
        {.icon = "farming", .title = say(world, "种养技术", "འདེབས་གསོའི་ལག་རྩལ།"), .activate = nothing},
    };
    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
        struct node *item = ui_item(scroll, &items[i]);
        if (i == 1)
            node_focus(item);
    }
    ui_hints(
        screen,
        (struct ui_hint[]){{KEY_OK, say(world, "查看", "ལྟ་བ།")}, {KEY_BACK, say(world, "返回", "ཕྱིར་ལོག")}}, 2);
}

static void page_dialog(struct world *world)
{
    page_list(world);
    struct node *content = ui_dialog(
        world->ui,
        &(struct ui_dialog){.icon = "question",
                            .title = say(world, "确认购买？", "ཉོ་རྒྱུ་གཏན་འཁེལ་ལམ།"),
                            .text = say(world, "青海湖牦牛酸奶 2 份，货到付款。我们会把货送到您登记的地址。",
                                        "མཚོ་སྔོན་གཡག་ཞོ་ ༢། ཟོང་འབྱོར་རྗེས་དངུལ་སྤྲོད་པ། ཐོ་འགོད་བྱས་པའི་ས་གནས་སུ་སྐྱེལ།"),
                            .buttons = {{say(world, "确认", "གཏན་འཁེལ།"), BUTTON_PRIMARY},
                                        {say(world, "取消", "འདོར་བ།"), BUTTON_PLAIN}},
                            .button_count = 2});
    ui_price(content, 2500, 0, TYPE_HERO);
    ui_toast(world->ui, "good", say(world, "已放入购物车", "ཉོ་འཁོར་དུ་བཅུག་ཟིན།"));
}

static void page_text(struct world *world)
{
    struct node *screen = ui_screen(world->ui);
    ui_header(screen, say(world, "社区服务", "སྡེ་ཁུལ་ཞབས་ཞུ།"), say(world, "办理医保", "སྨན་བཅོས་འགན་བཅོལ།"));
    struct node *row = node_box(ui_body(screen), &(struct box){.layout = LAYOUT_ROW, .grow = 1, .gap = 48});
    struct node *text = node_grow(ui_scroll(row, 14), 3), *side = node_grow(ui_column(row, 16), 2);
    ui_text(text, say(world, "需要哪些材料", "མཁོ་བའི་ཡིག་ཆ།"), TYPE_TITLE);
    ui_paragraph(
        text,
        say(world,
            "请带身份证（或户口簿）、近期照片两张，到县政务服务中心二楼“医保”窗口办理；工作日 9:00–17:30 "
            "开放。老人和行动不便的人可以请家人代办。",
            "ཐོབ་ཐང་ལག་ཁྱེར་དང་པར་གཉིས་ཁྱེར་ནས་རྫོང་གི་ཞབས་ཞུ་ལྟེ་གནས་ཐོག་ས་གཉིས་པའི་སྒེའུ་ཁུང་དུ་སྒྲུབ་པ། ལས་ཀའི་ཉིན་མོར་ 9:00–17:30 "
            "བར་སྒོ་ཕྱེ། རྒན་པོ་དང་འགྲོ་མི་ཐུབ་མཁན་ཚོས་ཁྱིམ་མིས་ཚབ་བྱས་ཆོག"));
    ui_paragraph(text, lit("西宁 Xining ཟི་ལིང་། 海拔 2,261 m · བསྒྲུབས་ཧཱུྃ་རྐྱུ།"));
    ui_note(text, say(world, "更新于 2026 年 11 月 23 日", "2026 ལོའི་ཟླ་ 11 ཚེས་ 23 ཉིན་གསར་བསྒྱུར།"));
    struct node *scan = node_box(side, &(struct box){.gap = 12, .across = ALIGN_CENTER});
    ui_qr(scan, "https://example.com/pay/K20261123-0007", 200);
    node_lines(ui_note(scan, say(world, "用手机扫一扫", "ཁ་པར་གྱིས་བཤེར་བ།")), 1);
    ui_empty(side, "signal", say(world, "没有信号", "བརྡ་རྟགས་མེད།"), lit(NULL));
}

struct page {
    const char *name;
    void (*build)(struct world *world);
};

static void open_world(struct world *world, const struct page *page, bool bo)
{
    struct error error = {""};
    *world = (struct world){.bo = bo, .folder = "/tmp/kokonor-gallery-XXXXXX"};
    assert_non_null(mkdtemp(world->folder));
    world->display = display_create(&(struct display_options){.presenter = "offscreen"}, &error);
    if (!world->display)
        fail_msg("%s", error.text);
    world->ui = ui_create(&(struct ui_options){.display = world->display,
                                               .resources = GOLDEN_RESOURCES,
                                               .language = bo ? "bo" : "zh",
                                               .picture = picture,
                                               .picture_context = world},
                          &error);
    if (!world->ui)
        fail_msg("%s", error.text);
    ui_set_clock(world->ui, "19:42");
    page->build(world);
    ui_draw(world->ui);
}

static void close_world(struct world *world)
{
    ui_destroy(world->ui);
    display_destroy(world->display);
    file_remove_tree(world->folder, NULL);
}

static void check(void **state)
{
    const struct page *page = *state;
    for (int bo = 0; bo <= 1; bo++) {
        struct world world;
        char name[64];
        open_world(&world, page, bo);
        snprintf(name, sizeof(name), "gallery-%s-%s", page->name, bo ? "bo" : "zh");
        bool good = golden_check(world.display, name);
        close_world(&world);
        assert_true(good);
    }
}

struct shift {
    struct world *world;
    const char *picture;
    int moved, missed;
};

/* What a person would call a piece: words, icons, pictures, and what takes the focus. */
static bool is_piece(const struct node *node)
{
    if (node->kind == NODE_TEXT)
        return node->words.key || (node->words.text && *node->words.text);
    return node->focusable || node->kind == NODE_ICON || node->kind == NODE_PICTURE ||
           node->kind == NODE_CUSTOM;
}

static void shift_piece(struct shift *shift, struct node *node, int x, int y)
{
    long pixels;
    int from_x = node->offset_x, from_y = node->offset_y;
    node_offset(node, from_x + x, from_y + y);
    ui_draw(shift->world->ui);
    shift->moved++;
    if (golden_same(shift->world->display, shift->picture, &pixels)) {
        print_error("%s: %s at %d,%d %dx%d moved by %d,%d: only %ld pixels differ\n", shift->picture,
                    node->kind == NODE_TEXT   ? node_shown_text(node)
                    : node->kind == NODE_ICON ? node->name
                                              : "a piece",
                    node->at.x, node->at.y, node->at.w, node->at.h, x, y, pixels);
        shift->missed++;
    }
    node_offset(node, from_x, from_y);
}

static void shift_all(struct shift *shift, struct node *node)
{
    if (node->hidden || node->opacity == 0)
        return;
    if (is_piece(node) && rect_contains(node->cut, node->at)) {
        shift_piece(shift, node, 1, 0);
        shift_piece(shift, node, 0, 1);
    }
    for (size_t i = 0; i < node->count; i++)
        shift_all(shift, node->children[i]);
}

/* The comparison is strict enough: whatever moves by one pixel is noticed. */
static void one_pixel(void **state)
{
    const struct page *page = *state;
    struct world world;
    char name[64];
    snprintf(name, sizeof(name), "gallery-%s-zh", page->name);
    struct shift shift = {.world = &world, .picture = name};
    open_world(&world, page, false);
    assert_true(golden_same(world.display, name, NULL));
    shift_all(&shift, scene_root(ui_scene(world.ui)));
    ui_draw(world.ui);
    assert_true(golden_same(world.display, name, NULL)); /* all is back in its place */
    close_world(&world);
    print_message("%s: %d moves, %d not noticed\n", name, shift.moved, shift.missed);
    assert_true(shift.moved > 20);
    assert_int_equal(shift.missed, 0);
}

int main(void)
{
    static struct page pages[] = {{"shop", page_shop},
                                  {"pieces", page_pieces},
                                  {"list", page_list},
                                  {"dialog", page_dialog},
                                  {"text", page_text}};
    const struct CMUnitTest tests[] = {
        {"shop", check, NULL, NULL, &pages[0]},
        {"pieces", check, NULL, NULL, &pages[1]},
        {"list", check, NULL, NULL, &pages[2]},
        {"dialog", check, NULL, NULL, &pages[3]},
        {"text", check, NULL, NULL, &pages[4]},
        {"one pixel of a piece", one_pixel, NULL, NULL, &pages[1]},
        {"one pixel of a list", one_pixel, NULL, NULL, &pages[2]},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
