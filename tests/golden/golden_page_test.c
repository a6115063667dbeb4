/* SPDX-License-Identifier: Apache-2.0 */
/* The page of golden pictures: what it lists, in which order, and that it lists nothing that has gone. */
#include "base/file.h"
#include "golden_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static uint32_t pixels[4] = {0xff102030, 0xff102030, 0xff405060, 0xff405060};
static const struct image image = {2, 2, pixels};

static bool there(const char *folder, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return access(path, R_OK) == 0;
}

static void expect_page(const char *folder, const char *const *parts, size_t count)
{
    char path[256];
    struct buffer page;
    snprintf(path, sizeof(path), "%s/index.html", folder);
    buffer_init(&page, 1 << 20);
    assert_true(file_read(path, &page, NULL));
    const char *at = buffer_text(&page);
    assert_null(strstr(at, folder)); /* its pictures lie beside it, wherever that is */
    for (size_t i = 0; i < count; i++) {
        at = strstr(at, parts[i]);
        if (!at)
            fail_msg("the page does not say \"%s\" after \"%s\"", parts[i], i ? parts[i - 1] : "");
    }
    buffer_finish(&page);
}
#define EXPECT_PAGE(folder, ...)                                                                             \
    expect_page(folder, (const char *const[]){__VA_ARGS__},                                                  \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void page(void **state)
{
    (void)state;
    char folder[] = "/tmp/kokonor-page-XXXXXX";
    assert_non_null(mkdtemp(folder));
    golden_page_add(folder, "alike-zh", &image, &image, 0, true);
    EXPECT_PAGE(folder, "0 of 1 pictures differ", "alike-zh");
    golden_page_add(folder, "portal-bo", &image, &image, 123, false);
    golden_page_add(folder, "new-zh", NULL, NULL, -1, false);
    EXPECT_PAGE(folder, "2 of 3 pictures differ", "new-zh", "nothing to compare with", "portal-bo",
                "123 pixels differ", "src=\"portal-bo.expected.png\"", "src=\"portal-bo.actual.png\"",
                "src=\"portal-bo.diff.png\"", "alike-zh", "0 pixels differ");
    assert_true(there(folder, "portal-bo.expected.png") && there(folder, "portal-bo.diff.png"));
    assert_false(there(folder, "new-zh.expected.png"));

    golden_page_add(folder, "portal-bo", &image, &image, 0, true); /* it is right now */
    EXPECT_PAGE(folder, "1 of 3 pictures differ", "new-zh", "alike-zh", "portal-bo");
    golden_page_drop(folder, "portal-bo");
    assert_false(there(folder, "portal-bo.expected.png") || there(folder, "portal-bo.diff.png"));
    golden_page_drop(folder, "new-zh");
    golden_page_drop(folder, "never-there");
    EXPECT_PAGE(folder, "0 of 1 pictures differ");
    golden_page_drop(folder, "alike-zh");
    assert_false(there(folder, "index.html"));
    assert_true(file_remove_tree(folder, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(page)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
