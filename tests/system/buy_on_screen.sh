#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Buying what is on screen, by the programs themselves: the head-end lets a stream event happen, the box shows the product over the live
# picture, and an order is in the gateway after at most four presses. An event that points at nothing signed shows nothing. In the shop
# nothing pops up, but the product is there when the viewer comes back. The shop that the AIT offers opens with RED and closes with its
# control code.
# usage: buy_on_screen.sh SOURCE_FOLDER BUILD_FOLDER
set -euo pipefail
cd "$1"
built=$2
. toolchain/stage.sh
stage_open
cp -rL "$content" "$run/content" # channel.json changes
content=$run/content
stage_gateway
stage_box display.presenter=offscreen player.audio=null
stage_playout
ctl() { stage_ctl "$@" >>"$run/ctl.log"; }
presses=0
press() {
    presses=$((presses + 1))
    stage_press "key $1"
}
fail() {
    echo "$*" >&2
    exit 1
}
refused() { grep -c 'stream event is refused' "$run/box.log" || true; }
until_refused() {
    for ((i = 0; i < 150; i++)); do
        [ "$(refused)" -ge "$1" ] && return
        sleep 0.1
    done
    fail "expected $1 refusals in the box's log, found $(refused)"
}
stage_press "wait content 60" "key 1" "wait front live" "wait video 30" "wait offer shopping 30"

# What points at nothing that is signed: one refusal of each kind, and nothing on screen.
for payload in no-such-product 'Yak Yogurt' "$(printf 'a%.0s' {1..60})"; do
    before=$(refused)
    ctl event product --payload "$payload"
    until_refused $((before + 1))
done
if stage_press "wait product no-such-product 1" 2>/dev/null; then fail "a product that no signed content has is shown"; fi

# From the live picture to the order.
ctl event product --payload yak-yogurt
stage_press "wait product yak-yogurt 15" "wait front live" "shot $run/live.png"
press red
stage_press "wait front purchase"
press ok
stage_press "wait order queued"
[ $presses -le 4 ] || fail "$presses presses from the live picture to the order"
stage_press "wait order accepted 30"
bought=$(stage_orders "SELECT count(*) FROM orders JOIN order_lines ON order_lines.order_id = orders.id WHERE product = 'yak-yogurt' AND quantity = 1")
[ "$bought" = 1 ] || fail "expected one order of one yak-yogurt in the gateway, found $bought"
stage_press "key back" "wait front live"

# Not over another channel, but still there afterwards.
stage_press "key home" "key 2" "wait front shopping"
ctl event product --payload flower-honey
stage_press "wait product flower-honey 15" "wait front shopping" "key home" "key 1" "wait front live" "key red" "wait front purchase" "key back" "wait front live"
stage_press "key back" "wait front live" # hides it

# The shop that the programme offers, and its end.
stage_press "key red" "wait front shopping"
sed -i 's/"id": 2, "control": "autostart"/"id": 2, "control": "kill"/' "$content/channel.json"
ctl reload
stage_press "wait front live 15"
ctl stop
wait "${stage_pid[playout]}"
[ "$(stage_orders 'SELECT count(*) FROM orders')" = 1 ] || fail "more than one order"
echo "$presses presses"
