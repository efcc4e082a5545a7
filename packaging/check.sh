#!/usr/bin/env bash
# Every test there is: unit tests and scenarios (meson), then third parties in front of and behind
# the real binary (tests/e2e), then the official conformance suite (tests/conformance): its client
# scenarios, and its server scenarios with the bridge in between. Ends with the line
# `N passed, N failed`; who could not play is named on a line before it.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=referees.sh
. "$(dirname "$0")/referees.sh"

usage() {
  cat <<'END'
usage: packaging/check.sh [--long] [--skip-missing]
  --long          besides: everything again under the address and undefined-behaviour sanitizers,
                  a clang build without a warning, clang-tidy, every fuzzer for a minute
  --skip-missing  go on without the third parties whose programs cannot be installed
END
}

results=$build/results
long=false
skip_missing=false
while [ $# -gt 0 ]; do
  case $1 in
    --long) long=true ;;
    --skip-missing) skip_missing=true ;;
    --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

# --- the suites: each leaves `ok`, `not ok`, `skip` and `count` lines in $results -----------------

# tests_of_meson FOLDER PREFIX ARGUMENTS...
tests_of_meson() {
  local folder=$1 prefix=$2 log=$1/meson-logs/testlog.json status=0
  shift 2
  rm -f "$log"
  step "Running ${prefix}unit tests and scenarios" \
    meson test -C "$folder" --no-rebuild --print-errorlogs "$@" || status=$?
  if [ -s "$log" ]; then
    python3 "$top/packaging/count.py" "$log" "$prefix" >>"$results"
  else
    say "not ok ${prefix}meson test (left no results, ended with $status)" >>"$results"
  fi
}

# referee TITLE PREFIX COMMAND...: its lines are results, whatever else it prints only explains them.
referee() {
  local title=$1 prefix=$2 status=0 step_tail=0
  shift 2
  step "$title" "$@" || status=$?
  sed -E "s/^(ok|not ok|skip) /&$prefix/" "$step_log" >>"$results"
  # Ended by a signal or an uncaught error: it could not say so itself.
  if [ "$status" -ne 0 ] && ! grep -q '^not ok ' "$step_log"; then
    say "not ok $title (ended with $status)" >>"$results"
  fi
}

# third_parties FOLDER PREFIX
third_parties() {
  local folder=$1 prefix=$2
  export DOGPIPE_BIN=$folder/src/dogpipe DOGPIPE_SANDBOX_BIN=$folder/src/dogpipe-sandbox
  referee "Running ${prefix}third parties" "$prefix" "$node" "$referees/e2e/run.mjs"
  referee "Running ${prefix}conformance suite" "$prefix" alone "$node" "$referees/conformance/run.mjs"
  referee "Running ${prefix}server scenarios" "$prefix" alone "$node" "$referees/conformance/servers.mjs"
}

# one NAME COMMAND...: a check that passes or fails as a whole.
one() {
  if step "$@"; then
    say "ok $1" >>"$results"
  else
    say "not ok $1" >>"$results"
    return 1
  fi
}

without_third_parties() {
  local why=$1 file
  node=
  say "Without the third parties: $why"
  for file in "$top"/tests/e2e/referees/*.mjs "$top/tests/conformance"; do
    say "skip $(basename "$file" .mjs) ($why)" >>"$results"
  done
  # On a build server nobody would miss them: there it is a failure.
  if [ -n "${CI:-}" ]; then say "not ok third parties ($why)" >>"$results"; fi
}

# --- --long --------------------------------------------------------------------------------------

under_sanitizers() {
  local folder=$build/long/sanitized
  one "sanitized build" build_in "$folder" -Dbuildtype=debugoptimized -Db_lundef=false \
    -Db_sanitize=address,undefined -Dcpp_args=-fno-sanitize-recover=all || return 0
  export ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
  tests_of_meson "$folder" "sanitized " --timeout-multiplier 5
  if [ -n "$node" ]; then third_parties "$folder" "sanitized "; fi
  unset ASAN_OPTIONS UBSAN_OPTIONS
}

# With whatever version Debian's `clang` is.
under_clang() {
  local folder=$build/long/clang options=(-Dwerror=true)
  if [ -d "$top/tests/fuzz" ]; then options+=(-Dfuzz=true); fi
  CXX=clang++ one "clang build, warnings are errors" build_in "$folder" "${options[@]}" || return 0
  one "clang-tidy" run-clang-tidy -quiet -p "$folder" "^$top/src/" || return 0
}

build_in() {
  local folder=$1
  shift
  { [ -e "$folder/build.ninja" ] || meson setup "$folder" "$top" "$@"; } && ninja -C "$folder"
}

fuzzers() {
  local target name corpus
  for target in "$build"/long/clang/tests/fuzz/*; do
    if [ ! -f "$target" ] || [ ! -x "$target" ]; then continue; fi
    name=$(basename "$target")
    corpus=$build/long/corpus/$name
    mkdir -p "$corpus"
    local seeds=()
    if [ -d "$top/tests/fuzz/corpus/$name" ]; then seeds=("$top/tests/fuzz/corpus/$name"); fi
    one "fuzzing $name" "$target" -max_total_time=60 -timeout=10 -rss_limit_mb=2048 \
      -artifact_prefix="$build/long/$name-" "$corpus" "${seeds[@]}" || continue
  done
}

needs_to_be_long() {
  cat <<'END'
command:clang++              clang                  clang               clang           llvm
command:run-clang-tidy       clang-tidy             clang-tools-extra   clang           llvm
END
}

# The fuzzers' run-time is in a package that carries clang's version in its name.
needs_to_fuzz() {
  local version
  version=$(clang++ -dumpversion | cut -d. -f1)
  say "folder:$(clang++ -print-resource-dir)/lib/linux libclang-rt-$version-dev compiler-rt compiler-rt llvm"
}

# --- the closing lines ---------------------------------------------------------------------------

closing_lines() {
  local passed failed skipped
  passed=$(awk '/^ok /{n++} /^count /{n+=$2} END{print n+0}' "$results")
  failed=$(awk '/^not ok /{n++} /^count /{n+=$3} END{print n+0}' "$results")
  skipped=$(sed -n 's/^skip //p' "$results" | sort -u)
  printf '\n'
  grep -E '^(not ok |#   )' "$results" || :  # none: all is well
  if [ -n "$skipped" ]; then
    say "$(wc -l <<<"$skipped") skipped: $(paste -sd ';' <<<"$skipped" | sed 's/;/; /g')"
  fi
  say "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# -------------------------------------------------------------------------------------------------

mkdir -p "$logs"
: >"$results"
DOGPIPE_HOME=$(mktemp -d)  # of tests that have none of their own
export DOGPIPE_HOME
trap 'rm -rf "$DOGPIPE_HOME"; [ -z "$ticker" ] || kill "$ticker"' EXIT

if "$skip_missing"; then
  install_needs "$(needs_to_build)"
else
  install_needs "$(needs_to_build && needs_to_check)"
fi
node=

if ! { configure "$build" && compile "$build"; }; then
  say "not ok build" >>"$results"
  closing_lines || exit 1
fi
tests_of_meson "$build" ""
if ! have npm; then
  without_third_parties "no npm"
elif ! find_node; then
  without_third_parties "no Node.js that is new enough"
elif ! lay_out_referees; then
  without_third_parties "their packages could not be fetched"
else
  third_parties "$build" ""
fi

if "$long"; then
  under_sanitizers
  install_needs "$(needs_to_be_long)"
  if [ -d "$top/tests/fuzz" ]; then install_needs "$(needs_to_fuzz)"; fi
  under_clang
  fuzzers
fi

closing_lines
