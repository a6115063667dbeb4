#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A running head-end: a document pushed over the control socket is in the box's store soon after, a bad one is refused with its place
# and changes nothing, and a stream event reaches the box under its name.
# usage: pushed.sh SOURCE_FOLDER BUILD_FOLDER
set -euo pipefail
cd "$1"
built=$2
. toolchain/stage.sh
stage_open
cp -rL "$content" "$run/content" # a push writes into it
content=$run/content
stage_gateway
stage_box display.presenter=offscreen player.audio=null
stage_playout
stage_press "wait content 60" "key 1" "wait front live" "wait video 30"
ctl() { "$bin/kokonor-playout" ctl --socket "$run/playout.socket" "$@"; }
price() { sqlite3 -readonly "$run/box/content.db" "SELECT json_extract(json, '\$.price_fen') FROM product WHERE id = 'yak-yogurt'" 2>/dev/null || true; }
# until SECONDS COMMAND...: waits for a command to succeed
until_true() {
    local tenths=$(($1 * 10))
    shift
    for ((i = 0; i < tenths; i++)); do
        "$@" && return
        sleep 0.1
    done
    echo "in vain: $*" >&2
    exit 1
}

[ "$(price)" = 3600 ]
sed '0,/"price_fen": 3600/s//"price_fen": 3500/' "$content/commerce/catalogue/dairy.json" >"$run/dairy.json"
ctl push "$run/dairy.json" commerce/catalogue/dairy.json
pushed() { [ "$(price)" = 3500 ]; }
until_true 15 pushed

sed 's/"price_fen": 3500/"price_fen": "dear"/' "$run/dairy.json" >"$run/bad.json"
if ctl push "$run/bad.json" commerce/catalogue/dairy.json >"$run/refusal" 2>&1; then
    echo "a bad document was taken" >&2
    exit 1
fi
grep -q 'products\[0\]\.price_fen.*dear' "$run/refusal" || { cat "$run/refusal" >&2; exit 1; }

ctl event product
event_came() { grep -q 'stream event 0x[0-9a-f]* product' "$run/box.log"; }
until_true 15 event_came
sleep 1
[ "$(price)" = 3500 ] # the bad one has changed nothing
ctl status >"$run/status.json"
ctl stop
wait "${stage_pid[playout]}"
