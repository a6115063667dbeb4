# SPDX-License-Identifier: Apache-2.0
# For toolchain/demo and the system tests, to be sourced: a throw-away operator on loopback, in a folder of its own. The sourcing script
# sets $built (a build folder) and calls the functions; everything that was started ends with it, however it ends.
#   $run       the folder: certificates/, gateway.db, box/, NAME.log of each program
#   stage_box  may be called again after a stage_kill box: the same box starts anew

stage_pids=()
declare -A stage_pid=()

# Ends what was started; a program that does not end well by itself, or a sanitizer's report in a log, makes a good run a bad one.
stage_finish() {
    local status=$?
    trap - EXIT INT TERM HUP
    local pid ended
    for pid in "${stage_pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${stage_pids[@]}"; do
        for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
        kill -9 "$pid" 2>/dev/null || true
        ended=0
        wait "$pid" 2>/dev/null || ended=$?
        if [ $ended -ne 0 ] && [ $status -eq 0 ]; then
            echo "a program ended with status $ended" >&2
            status=1
        fi
    done
    if grep -lE 'Sanitizer|runtime error' "$run"/*.log >&2 && [ $status -eq 0 ]; then status=1; fi
    if [ $status -ne 0 ] && [ "${stage_quiet:-no}" = no ]; then
        for log in "$run"/*.log; do
            [ -s "$log" ] || continue
            echo "--- ${log##*/}"
            tail -n 30 "$log"
        done >&2
    fi
    rm -rf "$run"
    exit $status
}

stage_open() {
    bin=$built/bin content=$built/demo/content
    box_id=QH-DEMO-0001 area=632521 # a fictional box in Gonghe county, Hainan prefecture
    run=$(mktemp -d "${TMPDIR:-/tmp}/kokonor-stage.XXXXXX")
    trap stage_finish EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    toolchain/certificates "$run/certificates" "$box_id"
    stage_configure
    "$bin/kokonor-gateway" import --config "$run/gateway.ini" --content "$content" >"$run/import.log" 2>&1
    "$bin/kokonor-gateway" subscriber add --config "$run/gateway.ini" --box "$box_id" --name "才让（演示）" \
        --phone 0974-5550001 --address "青海省海南州共和县倒淌河镇（演示地址）" >>"$run/import.log" 2>&1
}

stage_configure() {
    cat >"$run/gateway.ini" <<INI
[gateway]
listen = 127.0.0.1
port = 0
port_file = $run/gateway.port
certificate = $run/certificates/gateway.pem
key = $run/certificates/gateway.key
client_ca = $run/certificates/root.pem
database = $run/gateway.db
INI
    local role
    for role in commerce credit community; do
        printf '[publisher.%s]\nkey = %s\nchain = %s\n' $role "$run/certificates/$role.key" "$run/certificates/$role.pem"
    done >"$run/playout.ini"
}

# stage_start NAME COMMAND...: in the background, its log in $run/NAME.log
stage_start() {
    local name=$1
    shift
    "$@" >>"$run/$name.log" 2>&1 &
    stage_pid[$name]=$!
    stage_pids+=($!)
}

# stage_wait FILE NAME: until the program NAME has written FILE
stage_wait() {
    for _ in $(seq 300); do
        [ -s "$1" ] && return
        kill -0 "${stage_pid[$2]}" 2>/dev/null || break
        sleep 0.1
    done
    echo "$2 did not start" >&2
    exit 1
}

# stage_kill NAME: the plug is pulled
stage_kill() {
    local pid kept=()
    kill -9 "${stage_pid[$1]}" 2>/dev/null || true
    wait "${stage_pid[$1]}" 2>/dev/null || true
    for pid in "${stage_pids[@]}"; do [ "$pid" = "${stage_pid[$1]}" ] || kept+=("$pid"); done
    stage_pids=("${kept[@]}")
}

# stage_gateway [PORT]: on any free port, or again on the one it had
stage_gateway() {
    rm -f "$run/gateway.port"
    stage_start gateway "$bin/kokonor-gateway" serve --config "$run/gateway.ini" --set "gateway.port=${1:-0}"
    stage_wait "$run/gateway.port" gateway
    gateway_port=$(cat "$run/gateway.port")
}

# stage_box [SECTION.NAME=VALUE ...]: after stage_gateway; $stage_ini: more lines for its configuration, which others cannot read
stage_box() {
    rm -f "$run/box.port"
    cat >"$run/box.ini" <<INI
[box]
id = $box_id
area = $area
data = $run/box
ready_file = $run/box.port
[tuner]
url = udp://127.0.0.1:${box_port:-0}
[trust]
root = $run/certificates/root.pem
[gateway]
url = https://localhost:$gateway_port
ca = $run/certificates/root.pem
certificate = $run/certificates/$box_id.pem
key = $run/certificates/$box_id.key
[remote]
socket = $run/remote
${stage_ini:-}
INI
    stage_start box "$bin/kokonor-box" --config "$run/box.ini" "$@"
    stage_wait "$run/box.port" box
    box_port=$(cat "$run/box.port")
}

# stage_browser [SECTION.NAME=VALUE ...]: a box whose screen is seen in a browser; sets $web_port, $vnc_port and $password
stage_browser() {
    password=$(head -c 512 /dev/urandom | LC_ALL=C tr -dc a-hjkmnp-z2-9 | cut -c 1-8)
    stage_ini="[display]
presenter = vnc
vnc_password = $password
address_file = $run/box.address"
    stage_box "$@"
    read -r _ web_port _ vnc_port <"$run/box.address"
}

# stage_playout: after stage_box
stage_playout() {
    stage_start playout "$bin/kokonor-playout" --content "$content" --config "$run/playout.ini" --state "$run/playout" \
        --output "udp://127.0.0.1:$box_port" --ready-file "$run/playout.ready" --control "$run/playout.socket"
    stage_wait "$run/playout.ready" playout
}

# stage_press LINE...: keys, pictures and waits for the box, one after the other
stage_press() { printf '%s\n' "$@" | "$bin/kokonor-box" remote "$run/remote"; }

# stage_ctl COMMAND...: asks the running playout
stage_ctl() { "$bin/kokonor-playout" ctl --socket "$run/playout.socket" "$@"; }

stage_orders() { sqlite3 -readonly "$run/gateway.db" "$1"; }
