#!/usr/bin/env python3
"""Holds every #include of src/ against the table of rooms: which room may see which.

The table is written down here once more on purpose. A new arrow between rooms is a decision, and this
is where it is made.
"""

import pathlib
import re
import sys

MAY_INCLUDE = {
    "base": [],
    "json": ["base"],
    "crypto": ["base"],
    "event": ["base"],
    "http": ["event", "base"],
    "rpc": ["json", "base"],
    "mcp": ["rpc", "json", "crypto", "base"],
    "auth": ["http", "json", "crypto", "event", "base", "mcp/revision.h"],
    "bridge": ["mcp", "rpc", "http", "event", "json", "crypto", "base", "auth/authorizer.h"],
    "sandbox": ["json", "crypto", "event", "base"],
    "cli": ["bridge", "auth", "mcp", "rpc", "http", "event", "json", "crypto", "base"],
    "": ["cli", "base"],  # main.cc
}

# A foreign library's headers, and the only files that may include them.
DOORS = {
    r"uv\.h": r"event/",
    r"curl/.*": r"http/",
    r"openssl/.*": r"crypto/",
    r"rapidjson/.*": r"json/",
    r"CLI/.*": r"cli/options\.cc$",
    r"spdlog/.*": r"base/log\.cc$",
    r"microhttpd\.h": r"event/http_server\.cc$",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def wrong_includes(root):
    for path in sorted(root.rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        name = path.relative_to(root).as_posix()
        room = name.rpartition("/")[0].partition("/")[0]
        for kind, header in INCLUDE.findall(path.read_text()):
            if kind == '"':
                allowed = MAY_INCLUDE[room] + ([room] if room else [])
                if header.partition("/")[0] not in allowed and header not in allowed:
                    yield f"{name} includes {header}: {room or 'main'} may not see that room"
            for pattern, door in DOORS.items():
                if re.fullmatch(pattern, header) and not re.match(door, name):
                    yield f"{name} includes <{header}>: its only door is {door}"


def main():
    root = pathlib.Path(sys.argv[1])
    rooms = {path.name for path in root.iterdir() if path.is_dir()}
    wrong = [f"src/{room} is not in the table of rooms" for room in sorted(rooms - set(MAY_INCLUDE))]
    wrong += wrong_includes(root)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
