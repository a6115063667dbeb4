/* SPDX-License-Identifier: Apache-2.0 */
/* "kokonor-box --render": any screen, or a publisher's document, drawn into a PNG by the box's own channels
 * over a folder of content; without tuner, gateway, household or trust. Main thread; leaves nothing behind
 * but the picture. */
#ifndef KOKONOR_BOX_PREVIEW_H
#define KOKONOR_BOX_PREVIEW_H

/* argv[0] is "--render". What is wrong is on standard error. The exit status: 0 the picture is written; 1 the
 * content has a mistake, or lacks what was asked for, or the picture cannot be drawn or written; 2 a wrong
 * argument. resources: the folder of theme, words, fonts and icons where the arguments name none. */
int preview_run(int argc, char **argv, const char *resources);

#endif
