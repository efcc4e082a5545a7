"""The files of a scenario folder: how they are read and what can stand in them.

Every file but `exit` is a list of lines; `#` at the start of a line makes it a comment. In every line:

    @include NAME X      the file lib/NAME.<name of this file>, @1 in it being X (2025-11-25 if left out)
    @each A B: LINE      LINE once for each number from A to B, @n in it being that number
    @repeat<N>TEXT<>     TEXT, N times
    @byte<c3 28>         these bytes; also @lf, @cr, @bom
    @url @port           the server; @elsewhere: another of its addresses, where nothing may arrive
    @closed              a port that refuses connections
    @home                the folder that the program takes for its own: a copy of <scenario>/home
"""

import hashlib
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
LONG = 2000  # longer texts are kept as their digest
BYTES = {"lf": b"\n", "cr": b"\r", "bom": b"\xef\xbb\xbf"}


class Mistake(Exception):
    """In a scenario, not in what it tests."""


def decode(data):
    return data.decode("utf-8", "surrogateescape")


def encode(text):
    return text.encode("utf-8", "surrogateescape")


def read_lines(folder, name):
    """Lines not yet filled in: what @repeat stands for can be big."""
    path = folder / name
    return list(included(decode(path.read_bytes()), name)) if path.exists() else []


def included(text, name):
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("#"):
            continue
        if match := re.match(r"( *)@each (\d+) (\d+): (.*)", line):
            indent, first, last, rest = match.groups()
            for n in range(int(first), int(last) + 1):
                yield indent + rest.replace("@n", str(n))
        elif match := re.match(r"@include (\S+) ?(.*)", line):
            lib = decode((HERE / "lib" / f"{match[1]}.{name}").read_bytes())
            yield from included(lib.replace("@1", match[2] or "2025-11-25"), name)
        else:
            yield line


def filled_in(text, values):
    if "@" not in text:
        return text
    for name, value in values.items():
        text = text.replace("@" + name, value)
    for name, value in BYTES.items():
        text = text.replace("@" + name, decode(value))
    text = re.sub(r"@byte<([0-9a-f ]+)>", lambda m: decode(bytes.fromhex(m[1])), text)
    return re.sub(r"@repeat<(\d+)>(.*?)<>", lambda m: m[2] * int(m[1]), text)


def shortened(data):
    """A line or body to keep and to compare: itself, or its digest with a legible beginning."""
    if len(data) <= LONG:
        return decode(data)
    digest = hashlib.sha256(data).hexdigest()[:16]
    return f"{decode(data[:120])}... {len(data)} bytes, sha256 {digest}"


def matches(expected, got):
    """`@*` stands for anything inside one JSON string: the wording of an error, mostly."""
    if "@*" not in expected:
        return expected == got
    inside = r'(?:[^"\\]|\\.)*'
    return re.fullmatch(inside.join(map(re.escape, expected.split("@*"))), got) is not None


def all_match(expected, got):
    """In order, apart from the lines between @unordered and @ordered."""
    got, group, loose = list(got), [], False
    for line in [*expected, "@ordered"]:
        if line == "@unordered":
            loose = True
        elif line == "@ordered":
            for one in group:
                found = next((i for i, text in enumerate(got[: len(group)]) if matches(one, text)), None)
                if found is None:
                    return False
                got[found] = None
            got = got[len(group) :]
            group, loose = [], False
        elif loose:
            group.append(line)
        elif not got or not matches(line, got.pop(0)):
            return False
    return not got
