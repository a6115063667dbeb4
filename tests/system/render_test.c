/* SPDX-License-Identifier: Apache-2.0 */
/* "kokonor-box --render" by the program itself: it draws what the golden pictures show, tells a publisher
 * where a document is wrong, and leaves nothing behind. */
#include "base/file.h"
#include "display/image.h"
#include "golden.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define COMMAND_SIZE 4096
#define SAID_SIZE 16384
#define CONTEXT " --area 632521 --time 2026-11-23T18:00:00+08:00"

struct run {
    char folder[64];      /* of this test; temporary/ below it is the program's TMPDIR */
    char said[SAID_SIZE]; /* standard error of the last run */
};

static int set_up(void **state)
{
    struct run *run = calloc(1, sizeof(*run));
    char path[96];
    assert_non_null(run);
    *state = run;
    strcpy(run->folder, "/tmp/kokonor-rt-XXXXXX");
    assert_non_null(mkdtemp(run->folder));
    snprintf(path, sizeof(path), "%s/temporary", run->folder);
    return file_make_folder(path, NULL) ? 0 : -1;
}

static bool is_empty(const char *path)
{
    DIR *folder = opendir(path);
    size_t count = 0;
    while (folder && readdir(folder))
        count++;
    if (folder)
        closedir(folder);
    return folder && count == 2;
}

static int tear_down(void **state)
{
    struct run *run = *state;
    char path[96];
    snprintf(path, sizeof(path), "%s/temporary", run->folder);
    bool clean = is_empty(path);
    if (!clean)
        print_error("a database of the preview was left behind\n");
    file_remove_tree(run->folder, NULL);
    free(run);
    return clean ? 0 : -1;
}

static void __attribute__((format(printf, 2, 3))) shell(struct run *run, const char *format, ...)
{
    char command[COMMAND_SIZE];
    va_list arguments;
    (void)run;
    va_start(arguments, format);
    vsnprintf(command, sizeof(command), format, arguments);
    va_end(arguments);
    if (system(command) != 0)
        fail_msg("%s", command);
}

/* The exit status of "kokonor-box ARGUMENTS -o FOLDER/screen.png"; what it said is in run->said. */
static int __attribute__((format(printf, 2, 3))) render(struct run *run, const char *format, ...)
{
    char command[COMMAND_SIZE], arguments[COMMAND_SIZE / 2];
    va_list list;
    va_start(list, format);
    vsnprintf(arguments, sizeof(arguments), format, list);
    va_end(list);
    snprintf(command, sizeof(command), "TMPDIR=%s/temporary " BOX " %s -o %s/screen.png 2>&1", run->folder,
             arguments, run->folder);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    run->said[fread(run->said, 1, SAID_SIZE - 1, pipe)] = 0;
    int status = pclose(pipe);
    if (strstr(run->said, "Sanitizer") || strstr(run->said, "runtime error"))
        fail_msg("%s", run->said);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void expect_drawn(struct run *run, int status)
{
    if (status != 0)
        fail_msg("status %d: %s", status, run->said);
}

static void expect_said(const struct run *run, const char *text)
{
    if (!strstr(run->said, text))
        fail_msg("expected \"%s\", it said: %s", text, run->said);
}

static bool is_golden(const struct run *run, const char *name, const char *language)
{
    char path[96], golden[64];
    snprintf(path, sizeof(path), "%s/screen.png", run->folder);
    snprintf(golden, sizeof(golden), "%s-%s", name, language);
    return golden_same_file(path, golden, NULL);
}

static void draws_what_the_box_shows(void **state)
{
    static const struct {
        const char *screen, *golden;
    } screens[] = {
        {"product:yak-yogurt", "product"},
        {"product:tibetan-carpet --keys up", "product-plain"},
        {"notice:good-lakeside-dairy", "notice"},
        {"page:cattle-vaccination", "page"},
        {"page:cattle-vaccination --keys down,down,down", "page-below"},
        {"'purchase:yak-yogurt 2'", "confirm"},
        {"credit", "credit"},
        {"credit:dishonest --keys down", "credit-dishonest"},
        {"community", "community"},
        {"orders", "first-orders"},
        {"search", "search"},
        {DEMO_CONTENT "/commerce/catalogue/dairy.json", "product"},
        {DEMO_CONTENT "/commerce/catalogue/craft.json:tibetan-carpet --keys up", "product-plain"},
        {DEMO_CONTENT "/credit/reputable.json:good-lakeside-dairy", "notice"},
        {DEMO_CONTENT "/community/pages/cattle-vaccination.json", "page"},
    };
    static const char *const languages[] = {"zh", "bo"};
    struct run *run = *state;
    int different = 0;
    for (size_t i = 0; i < sizeof(screens) / sizeof(screens[0]); i++) {
        for (int l = 0; l < 2; l++) {
            expect_drawn(run, render(run, "--render %s --content " DEMO_CONTENT CONTEXT " --language %s",
                                     screens[i].screen, languages[l]));
            if (!is_golden(run, screens[i].golden, languages[l])) {
                print_error("%s is not the picture %s-%s\n", screens[i].screen, screens[i].golden,
                            languages[l]);
                different++;
            }
        }
    }
    assert_int_equal(different, 0);
}

static void draws_a_screen_of_another_size(void **state)
{
    struct run *run = *state;
    struct image image;
    struct error error = {""};
    char path[96];
    snprintf(path, sizeof(path), "%s/screen.png", run->folder);
    expect_drawn(run, render(run, "--render portal --size 1920x1080 --content " DEMO_CONTENT));
    if (!image_read_png(path, &image, &error))
        fail_msg("%s", error.text);
    assert_int_equal(image.width, 1920);
    assert_int_equal(image.height, 1080);
    image_finish(&image);
}

/* Every screen that the refusal lists can be drawn, in each language. */
static void every_known_screen_draws(void **state)
{
    struct run *run = *state;
    char known[SAID_SIZE];
    assert_int_equal(render(run, "--render shop --content " DEMO_CONTENT), 2);
    expect_said(run, "found \"shop\"");
    const char *list = strstr(run->said, "expected ");
    assert_non_null(list);
    strcpy(known, list + strlen("expected "));
    *strstr(known, ", or ") = 0;
    int count = 0;
    for (char *rest = NULL, *name = strtok_r(known, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
        const char *id = !strcmp(name, "product") || !strcmp(name, "purchase") ? ":yak-yogurt"
                         : !strcmp(name, "notice")                             ? ":good-lakeside-dairy"
                         : !strcmp(name, "page")                               ? ":cattle-vaccination"
                                                                               : "";
        expect_drawn(run,
                     render(run, "--render %s%s --content " DEMO_CONTENT CONTEXT " --language en", name, id));
        count++;
    }
    assert_true(count >= 16);
}

/* A draft that lies anywhere takes the place of the document of its name. */
static void draws_a_draft(void **state)
{
    struct run *run = *state;
    shell(run,
          "sed 's/牦牛老酸奶/冬季新品牦牛老酸奶/' " DEMO_CONTENT
          "/commerce/catalogue/dairy.json >%s/dairy.json",
          run->folder);
    expect_drawn(
        run, render(run, "--render %s/dairy.json:yak-yogurt --content " DEMO_CONTENT CONTEXT, run->folder));
    assert_false(is_golden(run, "product", "zh"));
    expect_drawn(
        run, render(run, "--render %s/dairy.json:yak-yogurt --language bo --content " DEMO_CONTENT CONTEXT,
                    run->folder));
    assert_true(is_golden(run, "product", "bo"));
    /* Without --area it is shown where it is for. */
    expect_drawn(run, render(run,
                             "--render %s/dairy.json --language bo --content " DEMO_CONTENT
                             " --time 2026-11-23T18:00:00+08:00",
                             run->folder));
    assert_true(is_golden(run, "product", "bo"));
    assert_int_equal(render(run, "--render %s/dairy.json", run->folder),
                     1); /* without merchants and pictures */
    expect_said(run, "commerce/catalogue/dairy.json: products[0].");
    shell(run, "echo '{\"a\": 1}' >%s/other.json", run->folder);
    assert_int_equal(render(run, "--render %s/other.json --content " DEMO_CONTENT, run->folder), 1);
    expect_said(run, "other.json: expected a catalogue");
    shell(run, "echo '{\"products\": [' >%s/dairy.json", run->folder);
    assert_int_equal(render(run, "--render %s/dairy.json --content " DEMO_CONTENT, run->folder), 1);
    expect_said(run, "dairy.json");
}

static void tells_where_a_document_is_wrong(void **state)
{
    struct run *run = *state;
    char path[96];
    snprintf(path, sizeof(path), "%s/screen.png", run->folder);
    shell(run,
          "cp -rL " DEMO_CONTENT
          " %s/content && sed -i '0,/\"price_fen\": [0-9]*/s//\"price_fen\": \"12.5\"/' "
          "%s/content/commerce/catalogue/dairy.json",
          run->folder, run->folder);
    assert_int_equal(render(run, "--render shopping --content %s/content", run->folder), 1);
    expect_said(run, "commerce/catalogue/dairy.json: products[0].price_fen: expected");
    expect_said(run, "found \"12.5\"");
    shell(run,
          "cp " DEMO_CONTENT "/commerce/catalogue/dairy.json %s/content/commerce/catalogue/ && "
          "rm %s/content/commerce/pictures/yak-yogurt.jpg",
          run->folder, run->folder);
    assert_int_equal(render(run, "--render product:yak-yogurt --content %s/content", run->folder), 1);
    expect_said(run,
                "commerce/catalogue/dairy.json: products[0].pictures[0]: expected a picture file of the set");
    struct image image = {0};
    assert_false(image_read_png(path, &image, NULL));
}

static void refuses_what_is_not_there(void **state)
{
    static const struct {
        const char *arguments, *said;
        int status;
    } cases[] = {
        {"--render product:no-such --content " DEMO_CONTENT, "product:no-such: a box in area \"\"", 1},
        {"--render purchase:no-such --content " DEMO_CONTENT, "purchase:no-such", 1},
        {"--render page:no-such --content " DEMO_CONTENT, "page:no-such", 1},
        {"--render notice:no-such --content " DEMO_CONTENT, "notice:no-such", 1},
        {"--render portal --content /tmp/no-such-folder", "/tmp/no-such-folder: expected the folder", 1},
        {"--render /tmp/no-such.json", "/tmp/no-such.json", 1},
        {"--render portal --language fr", "--language: expected zh, bo or en", 2},
        {"--render portal --area 6a", "--area: expected", 2},
        {"--render portal --time noon", "--time: expected", 2},
        {"--render portal --size 99x99", "--size: expected", 2},
        {"--render portal --keys up,sideways", "found \"sideways\"", 2},
        {"--render portal --colour red", "\"--colour\": expected --render", 2},
        {"--render portal --resources /tmp/no-such-folder", "/tmp/no-such-folder", 1},
        {"--render portal -o /tmp/no-such-folder/x.png --area 63", "", 0}, /* the last -o counts */
    };
    struct run *run = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int status = render(run, "%s", cases[i].arguments);
        if (status != cases[i].status)
            fail_msg("%s: expected status %d, found %d: %s", cases[i].arguments, cases[i].status, status,
                     run->said);
        expect_said(run, cases[i].said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(draws_what_the_box_shows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(draws_a_screen_of_another_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_known_screen_draws, set_up, tear_down),
        cmocka_unit_test_setup_teardown(draws_a_draft, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tells_where_a_document_is_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_there, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
