# shellcheck shell=bash
# The third parties of check.sh: what they need, Node.js and the npm packages. Sourced after lib.sh.
# shellcheck disable=SC2154  # top, build: from lib.sh

referees=$build/referees

needs_to_check() {
  cat <<'END'
command:nginx                nginx-light            nginx               nginx           nginx
command:tinyproxy            tinyproxy-bin          tinyproxy           tinyproxy       tinyproxy
command:openssl              openssl                openssl             openssl         openssl
command:strace               strace                 strace              strace          strace
node:                        npm                    nodejs-npm          npm             node
END
}

# Older ones than this run neither the inspector nor the conformance suite.
new_enough='const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 19) ? 0 : 1)'

is_new_enough() { have "$1" && "$1" -e "$new_enough"; }

# npm is enough where node is too old: it brings a newer one.
have_node() { have npm && have node; }

# fetch TITLE FOLDER: what package.json and package-lock.json in FOLDER say, if it is not there yet.
fetch() {
  local title=$1 folder=$2 wanted
  wanted=$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum)
  if [ "$(cat "$folder/node_modules/.complete" 2>/dev/null)" = "$wanted" ]; then return 0; fi
  step "$title" npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --no-update-notifier &&
    printf '%s\n' "$wanted" >"$folder/node_modules/.complete"
}

# Sets $node to a Node.js that is new enough, fetched into the build tree where the machine has none.
find_node() {
  if is_new_enough node; then
    node=$(command -v node)
    return 0
  fi
  mkdir -p "$build/node" &&
    cp "$top"/tests/e2e/node/package*.json "$build/node/" &&
    fetch "Fetching a newer Node.js" "$build/node" || return 1
  for node in "$build"/node/node_modules/node-linux-*/bin/node; do
    # Not every npm makes a package's program executable.
    chmod +x "$node" && is_new_enough "$node" && return 0
  done
  return 1
}

# The scripts run from a copy in the build tree, next to their node_modules, so that the source tree
# stays as it was.
lay_out_referees() {
  mkdir -p "$referees" &&
    rm -rf "$referees/e2e" "$referees/conformance" &&
    cp -R "$top/tests/e2e" "$top/tests/conformance" "$referees/" &&
    cp "$top"/tests/e2e/package*.json "$referees/" &&
    fetch "Fetching the third parties" "$referees"
}

# Runs a command in a network of its own with nothing but loopback, where that is permitted: the
# conformance suite's servers listen on every interface there is.
alone() {
  local up='
import fcntl, os, socket, struct, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up, running
os.execvp(sys.argv[1], sys.argv[1:])'
  local how
  for how in "-n" "-rn"; do
    if unshare "$how" true 2>/dev/null; then
      unshare "$how" python3 -c "$up" "$@"
      return
    fi
  done
  "$@"
}
