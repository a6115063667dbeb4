#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A child with the remote: many keys in no order, in every language, while content arrives. The box stays, HOME still leads to the
# portal, and whatever was ordered in passing stands in the gateway's database once.
# usage: monkey.sh SOURCE_FOLDER BUILD_FOLDER [SEED [KEYS]]
set -euo pipefail
cd "$1"
built=$2
. toolchain/stage.sh
stage_open
stage_gateway
stage_box display.presenter=offscreen player.audio=null
stage_playout

keys=(up down left right ok ok ok back home 1 2 3 4 5 6 red green yellow blue channel_up channel_down info menu mute volume_up volume_down)
RANDOM=${3:-4}
for ((i = 0; i < ${4:-1500}; i++)); do echo "key ${keys[RANDOM % ${#keys[@]}]}"; done >"$run/keys"
"$bin/kokonor-box" remote "$run/remote" <"$run/keys"
stage_press "wait content 60"
"$bin/kokonor-box" remote "$run/remote" <"$run/keys"
stage_press "key home" "wait front portal" "wait idle"

for _ in $(seq 100); do
    waiting=$(sqlite3 -readonly "$run/box/household.db" "SELECT count(*) FROM outbox")
    [ "$waiting" = 0 ] && break
    sleep 0.2
done
here=$(sqlite3 -readonly "$run/box/household.db" "SELECT count(*) FROM orders WHERE state = 'accepted'")
there=$(stage_orders "SELECT count(*) FROM orders")
echo "$((2 * ${4:-1500})) keys, $here orders"
[ "$waiting" = 0 ] && [ "$here" = "$there" ] || { echo "left in the outbox $waiting, at the box $here, at the gateway $there" >&2; exit 1; }
