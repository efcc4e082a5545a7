#!/usr/bin/env python3
"""Writes src/order.ld: the functions that a bridge runs when it starts and talks, for the linker to
lay side by side. Run it when the start has changed much; a name that is no longer there does no harm, and
a new function only lies further off.

usage: tests/bench/order.py BUILD_DIR

Wants valgrind, and dogpipe and dogpipe-sandbox built there with -Dorder=false: valgrind knows no names but
those of the section .text.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HEAD = """\
/* What a bridge runs when it starts and talks, side by side: the kernel maps 64 KiB around each page
   touched, and nine tenths of the program are for rarer things. Made by tests/bench/order.py. */
SECTIONS
{
  .text.often :
  {
    *crt1.o(.text) *crtbegin*.o(.text)
    *(.text.startup .text.startup.*)
    *(
"""
TAIL = """\
    )
  }
}
INSERT BEFORE .text;
"""

SESSION = [
    {"id": 1, "method": "initialize", "params": {"protocolVersion": "2025-11-25", "capabilities": {},
                                                 "clientInfo": {"name": "order", "version": "1"}}},
    {"method": "notifications/initialized"},
    {"id": 2, "method": "tools/list"},
    {"id": 3, "method": "ping"},
    {"id": 4, "method": "tools/call", "params": {"name": "search_datadog_monitors", "arguments": {}}},
]


def talk(bridge):
    for message in SESSION:
        bridge.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        bridge.stdin.flush()
        while "id" in message and json.loads(bridge.stdout.readline()).get("id") != message["id"]:
            pass
    bridge.stdin.close()
    bridge.wait()


def profile(programs, folder):
    out = folder / "callgrind.out"
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "DOGPIPE_HOME": str(folder),
                   "DOGPIPE_TOKEN": "sandbox-token"}
    with subprocess.Popen([programs / "dogpipe-sandbox"], stdout=subprocess.PIPE, text=True) as sandbox:
        url = sandbox.stdout.readline().strip()
        command = ["valgrind", "-q", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out}",
                   programs / "dogpipe", "--url", url, "--allow-http"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, env=environment) as bridge:
            talk(bridge)
        sandbox.terminate()
    return out.read_text()


def functions_run(text):
    """The symbols of dogpipe itself. A name follows its number only where it is first seen."""
    names = {"ob": {}, "fn": {}}
    ours = False
    for line in text.splitlines():
        match = re.match(r"(c?)(ob|fn)=\((\d+)\)(?: (.*))?", line)
        if not match:
            continue
        called, kind, number, name = match.groups()
        name = names[kind].setdefault(number, name)
        if called:
            continue
        if kind == "ob":
            ours = name.endswith("/dogpipe")
        elif ours:
            yield name


def section(symbol):
    """Where -ffunction-sections puts it, whichever of its clones and aliases this was."""
    symbol = re.sub(r"'\d+$", "", symbol)
    stem = re.sub(r"\.(isra|constprop|part|lto_priv)\..*", ".*", symbol)
    return ".text." + re.sub(r"(?<=[A-Za-z0-9_])([CD])[0-5](?=[EI])", r"\1?", stem)


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    programs = pathlib.Path(sys.argv[1]).resolve() / "src"
    with tempfile.TemporaryDirectory() as folder:
        symbols = set(functions_run(profile(programs, pathlib.Path(folder))))
    wanted = sorted({section(s) for s in symbols if re.match(r"_[_Z]", s) and ".cold" not in s})
    if len(wanted) < 100:
        sys.exit("order.py: hardly a name seen: was dogpipe built with -Dorder=false?")
    lines = [f"      {name}\n" for name in wanted]
    (root / "src" / "order.ld").write_text(HEAD + "".join(lines) + TAIL)
    print(f"{len(wanted)} functions")


if __name__ == "__main__":
    main()
