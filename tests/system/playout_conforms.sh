#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Twenty seconds of the playout's own stream have no error of first or second priority of TR 101 290, with PCRs at most 40 ms apart.
# usage: playout_conforms.sh SOURCE_FOLDER BUILD_FOLDER
set -euo pipefail
cd "$1"
bin=$2/bin content=$2/demo/content
run=$(mktemp -d "${TMPDIR:-/tmp}/kokonor-conforms.XXXXXX")
trap 'rm -rf "$run"' EXIT
toolchain/certificates "$run/certificates" QH-TEST-0001
for role in commerce credit community; do
    printf '[publisher.%s]\nkey = %s\nchain = %s\n' $role "$run/certificates/$role.key" "$run/certificates/$role.pem"
done >"$run/playout.ini"
"$bin/kokonor-playout" --content "$content" --output "file:$run/stream.ts" --config "$run/playout.ini" --duration 20 2>"$run/playout.log" ||
    { cat "$run/playout.log"; exit 1; }
analyze() { "$bin/kokonor-probe" analyze "$run/stream.ts" --pcr-interval 40 "$@"; }
wrong() {
    echo "$1" >&2
    analyze >&2 || true
    exit 1
}
analyze --json >"$run/analysis.json" || wrong "errors of first priority"
grep -q '"priority_2_clean": true' "$run/analysis.json" || wrong "errors of second priority"
! grep -q '"measured": false' "$run/analysis.json" || wrong "something could not be measured"
grep -qE '"duration_s": (19\.9|20\.0)' "$run/analysis.json" || wrong "not twenty seconds"
analyze
