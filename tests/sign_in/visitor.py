#!/usr/bin/env python3
"""visitor.py FOLDER URL...: the browser of the sign-in tests.

Writes a line of JSON into FOLDER/opened as soon as it runs: its arguments after FOLDER, its
environment, its command line and its descriptors. Waits as long as there is FOLDER/hold, and then
does what packaging/browser.py does, whose log FOLDER/visits is; with FOLDER/blind it does nothing.
"""

import json
import os
import pathlib
import runpy
import sys
import time

sys.dont_write_bytecode = True  # the sources' folder stays as it is

BROWSER = pathlib.Path(__file__).resolve().parents[2] / "packaging" / "browser.py"


def descriptors():
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            found[name] = os.readlink("/proc/self/fd/" + name)
        except FileNotFoundError:
            pass  # the one that listed the others
    return found


def main():
    held = descriptors()  # before anything of ours is open
    folder, urls = pathlib.Path(sys.argv[1]), sys.argv[2:]
    seen = {"pid": os.getpid(), "arguments": urls, "environment": dict(os.environ), "descriptors": held,
            "command": pathlib.Path("/proc/self/cmdline").read_bytes().decode("utf-8", "replace")}
    line = (json.dumps(seen) + "\n").encode()
    log = os.open(folder / "opened", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(log, line)
    os.close(log)
    while (folder / "hold").exists():
        time.sleep(0.01)
    if (folder / "blind").exists():
        return
    sys.argv = [str(BROWSER), "--log", str(folder / "visits"), *urls]
    if (folder / "organization").exists():
        sys.argv[1:1] = ["--org", (folder / "organization").read_text()]
    runpy.run_path(str(BROWSER), run_name="__main__")


if __name__ == "__main__":
    main()
