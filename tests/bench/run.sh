#!/bin/sh
# Measures dogpipe beside the floor, and beside mcp-remote where there is one. Everything runs on
# loopback, with a certificate authority made for this run and thrown away after it.
# Fails only on wrong bytes, lost events or crashes, never on a figure.
set -eu

usage() {
  cat <<'END'
usage: tests/bench/run.sh [options]
  --quick             one short round
  --rounds N          rounds to take medians of (3)
  --dogpipe PATH      the program to judge; else src/dogpipe or dogpipe in the build directory
  --mcp-remote PATH   a peer to show beside it; else mcp-remote on the PATH, if any
  --build DIR         the meson build directory (build)
  --out FILE.json     where to write every figure of every round
  --pipes             talk through pipes instead of socketpairs
  --no-tls, --no-plain, --only MEASUREMENT, --keep-stderr
END
}

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/build
dogpipe=
mcp_remote=$(command -v mcp-remote || true)
quick=
rounds=
need() { [ "$1" -ge 2 ] || { usage >&2; exit 2; }; }

extra=$(mktemp)
work=$(mktemp -d)
trap 'rm -rf "$work" "$extra"' EXIT
trap 'exit 130' INT TERM

absolute() { case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac }
while [ $# -gt 0 ]; do
  case $1 in
    --quick) quick=--quick ;;
    --rounds) need $#; rounds=$2; shift ;;
    --dogpipe) need $#; dogpipe=$(absolute "$2"); shift ;;
    --mcp-remote) need $#; mcp_remote=$(absolute "$2"); shift ;;
    --build) need $#; build=$(absolute "$2"); shift ;;
    --out) need $#; printf '%s\n%s\n' --out "$(absolute "$2")" >>"$extra"; shift ;;
    --only) need $#; printf '%s\n%s\n' "$1" "$2" >>"$extra"; shift ;;
    --pipes | --no-tls | --no-plain | --keep-stderr) echo "$1" >>"$extra" ;;
    --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done
[ -n "$rounds" ] || rounds=$([ -n "$quick" ] && echo 1 || echo 3)

[ -f "$build/build.ninja" ] || { echo "run.sh: no meson build in $build (meson setup)" >&2; exit 1; }
meson compile -C "$build" bench-server bench-floor bench-driver >"$work/build.log" 2>&1 ||
  { cat "$work/build.log" >&2; exit 1; }
# Where meson puts them depends on the layout it was told to use.
bench=$build/tests/bench
[ -x "$bench/bench-driver" ] || bench=$(dirname "$(find "$build" -name bench-driver -type f | head -n 1)")

if [ -z "$dogpipe" ]; then
  for candidate in "$build/src/dogpipe" "$build/dogpipe" "$build/src/cli/dogpipe"; do
    if [ -x "$candidate" ]; then dogpipe=$candidate; break; fi
  done
fi

for program in "$dogpipe" "$mcp_remote"; do
  [ -z "$program" ] || [ -x "$program" ] || { echo "run.sh: cannot run $program" >&2; exit 2; }
done

# A CA, and a certificate from it for localhost. Elliptic curves: signing must not show in a start.
make_certificates() {
  curve='ec -pkeyopt ec_paramgen_curve:P-256'
  # shellcheck disable=SC2086
  openssl req -x509 -newkey $curve -nodes -keyout ca.key -out ca.pem -days 2 \
    -subj '/CN=bench CA' 2>/dev/null
  # shellcheck disable=SC2086
  openssl req -newkey $curve -nodes -keyout server.key -out server.csr -subj /CN=localhost \
    2>/dev/null
  echo 'subjectAltName=DNS:localhost,IP:127.0.0.1' >server.ext
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
    -extfile server.ext -out server.pem 2>/dev/null
}

# Trust as a system has it, and our CA in its midst: a hashed directory, and one large file.
make_system_trust() {
  mkdir trust
  for certificate in /usr/share/ca-certificates/mozilla/*.crt; do
    [ -f "$certificate" ] || return 1
    cp "$certificate" trust/
  done
  cp ca.pem trust/bench-ca.pem
  openssl rehash trust 2>/dev/null
  cat trust/*.crt ca.pem >bundle.pem
}

cd "$work"
mkdir home
make_certificates || { echo "run.sh: openssl cannot make certificates" >&2; exit 1; }
set -- --server "$bench/bench-server" --home "$work/home" --rounds "$rounds" \
  --cert "$work/server.pem" --key "$work/server.key" --one-ca "$work/ca.pem"
if make_system_trust; then
  set -- "$@" --ca-dir "$work/trust" --ca-bundle "$work/bundle.pem"
else
  echo "run.sh: start with system certificates skipped: no ca-certificates here" >&2
fi
[ -z "$quick" ] || set -- "$@" --quick

set -- "$@" --subject "floor=$bench/bench-floor --url {url} {trust}"
if [ -n "$dogpipe" ]; then
  # Lifted, or the result of 64 MB would be refused.
  set -- "$@" --subject "dogpipe=$dogpipe --url {url} {http} {ca} --max-message 134217728"
else
  echo "run.sh: no dogpipe found; the floor is measured alone" >&2
fi
[ -z "$mcp_remote" ] ||
  set -- "$@" --peer "mcp-remote=$mcp_remote {url} {http} --transport http-only --silent"
while IFS= read -r word; do set -- "$@" "$word"; done <"$extra"

"$bench/bench-driver" "$@"
