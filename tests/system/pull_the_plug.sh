#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The real programs, and the plug pulled at moments that nobody chose: the box right after OK, the gateway while an order is on its way.
# In the end every order that the box has on its disk stands in the gateway's database exactly once, and no other does.
# usage: pull_the_plug.sh SOURCE_FOLDER BUILD_FOLDER
set -euo pipefail
cd "$1"
built=$2
. toolchain/stage.sh
stage_open
stage_gateway
stage_box display.presenter=offscreen player.audio=null
stage_playout
stage_press "wait content 60"

to_confirmation() { stage_press "key home" "key 2" "wait front shopping" "key down" "key ok" "wait front product" "key ok" "wait front purchase"; }

for delay in 0 0 0.002 0.004 0.008 0.015 0.03 0.06 0.12; do
    to_confirmation
    stage_press "key ok"
    sleep $delay
    stage_kill box
    stage_box display.presenter=offscreen player.audio=null
done
for delay in 0 0.005 0.02; do
    to_confirmation
    stage_press "key ok"
    sleep $delay
    stage_kill gateway
    stage_gateway "$gateway_port"
done
stage_kill gateway
to_confirmation
stage_press "key ok" "wait order queued"
sleep 0.5
stage_kill box
stage_gateway "$gateway_port"
stage_box display.presenter=offscreen player.audio=null
stage_press "wait order accepted 60"

# the older ones may still be in their back-off
for _ in $(seq 300); do
    waiting=$(sqlite3 -readonly "$run/box/household.db" "SELECT count(*) FROM outbox")
    [ "$waiting" = 0 ] && break
    sleep 0.2
done
box_orders=$(sqlite3 -readonly "$run/box/household.db" "SELECT number FROM orders WHERE state = 'accepted' ORDER BY number")
gateway_orders=$(stage_orders "SELECT number FROM orders ORDER BY number")
count=$(stage_orders "SELECT count(*) FROM orders")
echo "orders at the box and at the gateway: $count; left in the outbox: $waiting"
[ "$waiting" = 0 ] || { echo "an order never arrived" >&2; exit 1; }
[ "$box_orders" = "$gateway_orders" ] || { printf 'the box has\n%s\nthe gateway has\n%s\n' "$box_orders" "$gateway_orders" >&2; exit 1; }
[ "$count" -ge 4 ] || { echo "too few orders were made for this to mean anything" >&2; exit 1; }
