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

# Whatever dogpipe keeps is thrown away here, and not put into the home of who tries it.
DOGPIPE_HOME=$(mktemp -d)
export DOGPIPE_HOME
trap 'rm -rf "$DOGPIPE_HOME"; [ -z "$ticker" ] || kill "$ticker"' EXIT
python3 "$top/packaging/converse.py" "$build/src/dogpipe" "$build/src/dogpipe-sandbox"
