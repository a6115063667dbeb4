#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two demonstrations side by side; one is interrupted in the middle, the other ends well; neither leaves a process or a folder behind.
# usage: demo_interrupted.sh SOURCE_FOLDER BUILD_FOLDER
set -euo pipefail
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"
export TMPDIR=$work/tmp

setsid toolchain/demo --tour --built "$2" --output "$work/a" >"$work/a.log" 2>&1 &
first=$!
setsid toolchain/demo --tour --built "$2" --output "$work/b" >"$work/b.log" 2>&1 &
second=$!
for _ in $(seq 300); do
    [ -e "$work/a/02-live.png" ] && break
    kill -0 $first || { cat "$work/a.log" >&2; exit 1; }
    sleep 0.05
done
kill -TERM $first
status=0
wait $first || status=$?
[ $status -eq 143 ] || { echo "the interrupted demonstration ended with $status" >&2; exit 1; }
wait $second || { cat "$work/b.log" >&2; exit 1; }
[ -e "$work/b/14-portal-other-language.png" ] || { echo "the other demonstration left no pictures" >&2; exit 1; }

left=$(ls "$work/tmp")
[ -z "$left" ] || { echo "left behind: $left" >&2; exit 1; }
if pgrep -f "$work/tmp" >&2; then
    echo "processes were left behind" >&2
    exit 1
fi
