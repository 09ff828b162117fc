#!/usr/bin/env bash
# What two cores do in one row's step, for bench/RESULTS.md: bench/profile.sh FAMILY METHOD. Needs Linux perf and a build (./peftgrid bench --help).
# Prints "cores busy" and shares of their time: matrix products, packing of their operands, XLA's loops, TensorFlow's own, and the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v perf >/dev/null || { echo 'profile.sh needs perf (Debian: linux-perf)' >&2; exit 1; }
samples=$(mktemp)
ONEDNN_JIT_PROFILE=2 GLIBC_TUNABLES=glibc.malloc.hugetlb=1 node dist/bench/methods-step.js "$1" "$2" 100000 2 >/dev/null 2>&1 &
step=$!
trap 'kill $step 2>/dev/null; rm -f "$samples" /tmp/perf-$step.map' EXIT
sleep 15 # until the step is compiled
kill -0 $step 2>/dev/null || { echo "methods-step.js $1 $2 has failed" >&2; exit 1; }
busy=$(perf stat -x, -e task-clock -p $step -- sleep 5 2>&1 | awk -F, '/task-clock/ { printf "%.0f", $1 / 5000 / 2 * 100 }')
[ -n "$busy" ] || { echo 'perf counts no task-clock here' >&2; exit 1; }
perf record -q -F 1000 -o "$samples" -p $step -- sleep 8
perf report -i "$samples" --no-children --sort dso,sym --stdio 2>/dev/null | awk -v row="$1 $2" -v busy="$busy" '
  /%/ && !/^#/ {
    kind = "rest"
    if (/gemm_kern|xbyak_gemm/) kind = "products"
    else if (/_copy_|copy_[ab]/ && /jit_/) kind = "packing"
    else if (/\[JIT\]/ && !/jit_/) kind = "XLA"
    else if (/Eigen::/) kind = "loops"
    share[kind] += $1
  }
  END { printf "%s: cores busy %d %%; products %.0f, packing %.0f, XLA %.0f, loops %.0f, rest %.0f %%\n", row, busy, share["products"], share["packing"], share["XLA"], share["loops"], share["rest"] }'
