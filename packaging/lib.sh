# shellcheck shell=bash
# What try.sh and check.sh share: progress, missing packages, the build. Sourced, not run.

# shellcheck disable=SC2034  # some of these are for those who source it
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$top/build
logs=$build/logs
# Debian keeps nginx and friends where an ordinary user's PATH does not look.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
ticker=
trap '[ -z "$ticker" ] || kill "$ticker"' EXIT

# --- progress -----------------------------------------------------------------------------------

# A terminal gets one moving line a step, a log gets plain lines.
live() { [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; }

say() { printf '%s\n' "$*"; }

tick() {
  local title=$1 log=$2
  while :; do
    printf '\r\033[K%s ... %s' "$title" "$(tail -n 1 "$log" | tr -cd '[:print:]' | cut -c1-50)"
    sleep 0.2
  done
}

# step TITLE COMMAND...: its output goes to a log ($step_log), the end of which ($step_tail lines) is
# shown should it fail.
step_tail=60
step() {
  local title=$1 log began=$SECONDS status=0
  shift
  mkdir -p "$logs"
  log=$logs/$(printf '%s' "$title" | tr -c 'a-zA-Z0-9\n' '-').log
  step_log=$log
  : >"$log"
  if live; then
    tick "$title" "$log" &
    ticker=$!
  else
    say "$title ..."
  fi
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ -n "$ticker" ]; then
    kill "$ticker"
    wait "$ticker" 2>/dev/null || :  # it was just killed: its status says nothing
    ticker=
    printf '\r\033[K'
  fi
  if [ "$status" -eq 0 ]; then
    say "$title: done in $((SECONDS - began)) s"
  else
    tail -n "$step_tail" "$log"
    say "$title: failed with $status after $((SECONDS - began)) s; all of it in ${log#"$top/"}"
  fi
  return "$status"
}

# --- what the machine must have -----------------------------------------------------------------

# A line a need: how to look for it, then its package for apt, dnf, pacman and brew. Looked for is
# the thing itself, so that what was installed in some other way counts.
needs_to_build() {
  cat <<'END'
command:c++                  g++                    gcc-c++             gcc             gcc
command:meson                meson                  meson               meson           meson
command:ninja                ninja-build            ninja-build         ninja           ninja
command:pkg-config           pkg-config             pkgconf-pkg-config  pkgconf         pkgconf
module:libcurl               libcurl4-openssl-dev   libcurl-devel       curl            curl
module:libcrypto             libssl-dev             openssl-devel       openssl         openssl@3
module:libuv                 libuv1-dev             libuv-devel         libuv           libuv
module:fmt                   libfmt-dev             fmt-devel           fmt             fmt
module:RapidJSON             rapidjson-dev          rapidjson-devel     rapidjson       rapidjson
header:doctest/doctest.h     doctest-dev            doctest-devel       doctest         doctest
module:CLI11                 libcli11-dev           cli11-devel         cli11           cli11
module:spdlog                libspdlog-dev          spdlog-devel        spdlog          spdlog
module:libmicrohttpd         libmicrohttpd-dev      libmicrohttpd-devel libmicrohttpd   libmicrohttpd
command:python3              python3                python3             python          python
certificates:                ca-certificates        ca-certificates     ca-certificates ca-certificates
END
}

have() { command -v "$1" >/dev/null 2>&1; }

have_module() { have pkg-config && pkg-config --exists "$1"; }

have_header() { have c++ && printf '#include <%s>\n' "$1" | c++ -fsyntax-only -x c++ - 2>/dev/null; }

have_certificates() {
  local place
  for place in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/cert.pem; do
    [ ! -s "$place" ] || return 0
  done
  return 1
}

is_met() {
  case $1 in
    command:*) have "${1#*:}" ;;
    module:*) have_module "${1#*:}" ;;
    header:*) have_header "${1#*:}" ;;
    certificates:) have_certificates ;;
    node:) have_node ;;
    folder:*) [ -d "${1#*:}" ] ;;
    *) say "unknown need $1" >&2 && exit 70 ;;
  esac
}

# unmet COLUMN <needs: the packages of that column for what is not there.
unmet() {
  local column=$1 need names=()
  while read -r -a need; do
    is_met "${need[0]}" || names+=("${need[$column]}")
  done
  printf '%s\n' "${names[@]}" | sed '/^$/d' | sort -u
}

is_debian() { have apt-get && grep -qsE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release; }

# Sets as_root to what makes a command run as root; fails where nothing does without asking a
# person who is not there.
become_root() {
  as_root=()
  if [ "$(id -u)" -eq 0 ]; then return 0; fi
  have sudo || return 1
  if sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
  elif [ -t 0 ] && [ -t 1 ]; then
    say "Packages are missing; sudo may ask for your password to install them: $*"
    sudo -v || return 1
    as_root=(sudo)
  else
    return 1
  fi
}

# Only the programs are wanted: packages that bring a service (nginx) must neither start it now nor
# at the next boot.
# shellcheck disable=SC2016  # the inner shell expands it
apt_script='
set -e
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap "rm -f $policy" EXIT
  printf "#!/bin/sh\nexit 101\n" >"$policy"
  chmod 755 "$policy"
fi
apt-get -o DPkg::Lock::Timeout=120 update
apt-get -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@"
case " $* " in
  *" nginx-light "*) [ ! -d /run/systemd/system ] || systemctl disable nginx ;;
esac
'

# install_needs NEEDS: installs what is missing, or says how and ends with 3.
install_needs() {
  local packages
  mapfile -t packages < <(unmet 1 <<<"$1")
  [ "${#packages[@]}" -gt 0 ] || return 0
  if ! is_debian; then
    say "This machine lacks something, and is not Debian. One of these should help:"
    say "  dnf install $(unmet 2 <<<"$1" | tr '\n' ' ')"
    say "  pacman -S --needed $(unmet 3 <<<"$1" | tr '\n' ' ')"
    say "  brew install $(unmet 4 <<<"$1" | tr '\n' ' ')"
    exit 3
  fi
  if ! become_root "${packages[*]}"; then
    say "Packages are missing, and installing them takes root. Run this, then try again:"
    say "  apt-get update && apt-get install -y --no-install-recommends ${packages[*]}"
    exit 3
  fi
  step "Installing ${#packages[@]} packages" "${as_root[@]}" sh -c "$apt_script" sh "${packages[@]}"
}

# --- build --------------------------------------------------------------------------------------

# configure FOLDER MESON_OPTIONS...: once; meson looks after changes by itself later.
configure() {
  local folder=$1
  shift
  [ ! -e "$folder/build.ninja" ] || return 0
  step "Configuring $(basename "$folder")" meson setup "$folder" "$top" "$@"
}

# compile FOLDER TARGETS...
compile() {
  local folder=$1
  shift
  step "Compiling $(basename "$folder")" ninja -C "$folder" "$@"
}
