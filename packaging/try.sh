#!/usr/bin/env bash
# Builds dogpipe and shows it at work: against dogpipe-sandbox, a stand-in for Datadog's MCP server
# on this machine, so that neither an account nor the network is needed.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"

if [ $# -gt 0 ]; then
  say "usage: packaging/try.sh   (no arguments; installs what is missing, builds, shows a conversation)"
  exit 2
fi

install_needs "$(needs_to_build)"
configure "$build"
compile "$build" src/dogpipe src/dogpipe-sandbox

# Whatever dogpipe keeps, it keeps in the build tree here, and not in the home of who tries it.
export DOGPIPE_HOME=$build/try
(umask 077 && mkdir -p "$DOGPIPE_HOME")
exec python3 "$top/packaging/converse.py" "$build/src/dogpipe" "$build/src/dogpipe-sandbox"
