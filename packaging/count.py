#!/usr/bin/env python3
"""count.py TESTLOG [PREFIX]: meson's testlog.json as `ok NAME`, `not ok NAME`, `skip NAME` lines.

A doctest binary and a runner that prints TAP or a closing line stand for as many tests as they ran.
"""

import json
import re
import sys

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
DOCTEST = re.compile(r"test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed")
TAP = re.compile(r"^(ok|not ok)\b(.*)$", re.MULTILINE)
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed", re.MULTILINE)
GOOD = ("OK", "EXPECTEDFAIL")


def several(output):
    """(passed, failed, names of the failed) of a test that is many, or None."""
    doctest = DOCTEST.search(output)
    if doctest:
        names = re.findall(r"^TEST CASE:\s*(.*)$", output, re.MULTILINE)
        return int(doctest[1]), int(doctest[2]), list(dict.fromkeys(names))
    tap = [(kind, rest) for kind, rest in TAP.findall(output) if "# SKIP" not in rest]
    if tap:
        failed = [rest.strip(" 0123456789-") for kind, rest in tap if kind == "not ok"]
        return len(tap) - len(failed), len(failed), failed
    closing = CLOSING.search(output)
    if closing:
        return int(closing[1]), int(closing[2]), []
    return None


def lines(test, prefix):
    name = prefix + test["name"].split(" / ")[-1].strip()
    result = test["result"]
    if result == "SKIP":
        yield f"skip {name} (skipped by itself)"
        return
    good = result in GOOD
    many = several(ESCAPES.sub("", test.get("stdout") or ""))
    if many is None:
        yield f"{'ok' if good else 'not ok'} {name}{'' if good else f' ({result.lower()})'}"
        return
    passed, failed, names = many
    yield f"count {passed} {failed} {name}"
    for item in names:
        yield f"#   {name}: {item}"
    # A crash or a sanitizer's finding at the end is a failure no case accounts for.
    if not good and failed == 0:
        yield f"not ok {name} ({result.lower()}, exit code {test.get('returncode')})"


def main(path, prefix=""):
    with open(path, encoding="utf-8") as log:
        tests = [json.loads(line) for line in log]
    for test in tests:
        for line in lines(test, prefix):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
