#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demonstration where there is no display: one line with an address and a password, a page and a screen behind it, and nothing
# left when it is interrupted.
# usage: demo_browser.sh SOURCE_FOLDER BUILD_FOLDER
set -euo pipefail
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tmp"
export TMPDIR=$work/tmp
unset DISPLAY

setsid toolchain/demo --built "$2" >"$work/log" 2>&1 &
demo=$!
for _ in $(seq 600); do
    grep -q 'http://' "$work/log" && break
    kill -0 $demo || { cat "$work/log" >&2; exit 1; }
    sleep 0.05
done
pattern='^The television: http://127\.0\.0\.1:([0-9]+)/#([a-z2-9]{8}) \(password ([a-z2-9]{8}); VNC viewers: 127\.0\.0\.1:([0-9]+)\)\. Ctrl-C ends it\.$'
[[ $(cat "$work/log") =~ $pattern ]] || { cat "$work/log" >&2; exit 1; }
web=${BASH_REMATCH[1]} password=${BASH_REMATCH[2]} vnc=${BASH_REMATCH[4]}
[ "$password" = "${BASH_REMATCH[3]}" ]
if pgrep -af -- "$password" >&2; then
    echo "others can read the password" >&2
    exit 1
fi

exec 3<>"/dev/tcp/127.0.0.1/$web"
printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
page=$(cat <&3 | tr -d '\r')
exec 3>&-
case $page in "HTTP/1.1 200 OK"*'id="remote"'*) ;; *) echo "no page: $page" >&2; exit 1 ;; esac
exec 3<>"/dev/tcp/127.0.0.1/$vnc"
read -r greeting <&3
exec 3>&-
[ "$greeting" = "RFB 003.008" ] || { echo "no screen: $greeting" >&2; exit 1; }

kill -TERM $demo # Ctrl-C is ignored by what a script starts in the background
status=0
wait $demo || status=$?
[ $status -eq 143 ] || { echo "the interrupted demonstration ended with $status" >&2; cat "$work/log" >&2; exit 1; }
left=$(ls "$work/tmp")
[ -z "$left" ] || { echo "left behind: $left" >&2; exit 1; }
if pgrep -f "$work/tmp" >&2; then
    echo "processes were left behind" >&2
    exit 1
fi
