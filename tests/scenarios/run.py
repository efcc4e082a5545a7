#!/usr/bin/env python3
"""Whole conversations through the real program, between a host and a server that are both scripts.

    run.py --binary DOGPIPE FOLDER...      run.py --binary DOGPIPE --all      (or DOGPIPE_BIN)

A folder is a scenario. Its files, each of which can be missing:

    server     what the server plays (server.py)       stdin      what the host does (host.py)
    stdout     the lines that must come, whole         requests   the requests that must arrive, whole
    args       arguments, one a line, beside --url and --allow-http, or instead of them after @bare
    env        NAME=VALUE; nothing is inherited        home/      files of the program's own folder
    exit       the exit code, else 0                   plumbing   what the ends are (host.py)
    stderr     `must RE`, `may RE`, `never RE`; a line that no must or may matches is one too many.
               Without this file stderr must be empty. `file NAME` before them: of that file in @home.

In `stdout`, @* is any text within a JSON string, and lines between @unordered and @ordered may come in
any order. In `requests` a line is a request, `VERB METHOD`, and `<N` after it says that its body is the
Nth message of the host, byte for byte; otherwise `body TEXT` below it may. Below it, too: `name: value`,
a header field, `(none)` for its absence, `:path` for the address. GETs run beside everything else, so their place among the
others does not count; `@unordered` at the top says this of all.

Checked besides, always: each line of stdout is one JSON-RPC message; each request of the host has one
answer; stderr is printable ASCII; a word canary-KIND-... is seen in its own place only; what HTTP asks
of every request; no process is left; O_NONBLOCK is as it was.
"""

import argparse
import collections
import ctypes
import difflib
import json
import os
import re
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True  # the sources' folder stays as it is

import script
from host import Host
from server import Server, raw_members

# The header field where such a canary belongs; those without one have another place of their own.
PLACES = {"token": "authorization", "apikey": "dd-api-key", "appkey": "dd-application-key",
          "session": "mcp-session-id", "field": "x-canary"}
CANARY = re.compile(r"canary-([a-z]+)-")
PASSED_ON = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE")


class Scenario:
    def __init__(self, folder, binary):
        self.folder, self.binary, self.problems = folder, binary, []
        self.answers, self.values = collections.Counter(), {}

    def lines(self, name):
        return script.read_lines(self.folder, name)

    def filled(self, name):
        return [script.filled_in(line, self.values) for line in self.lines(name)]

    def run(self):
        with tempfile.TemporaryDirectory(prefix="scenario-") as scratch:
            self.scratch = Path(scratch)
            server = Server(self.lines("server"), self.values)
            try:
                self.play(server)
            finally:
                server.close()
        return self.problems

    def play(self, server):
        refusing = socket.socket()  # bound, never listening
        refusing.bind(("127.0.0.1", 0))
        self.values["closed"] = str(refusing.getsockname()[1])
        self.lay_out_home()
        host = Host(server, self.scratch, self.filled("plumbing"), self.values)
        host.on_line = self.look_at_line
        expected = self.expected("stdout")
        if host.pipes.stdin_path:  # it has an end, which a program may come upon at once
            host.play_to_file(self.lines("stdin"))
        host.start(self.command(), self.environment())
        try:
            if host.pipes.stdin_path:
                host.wait_for_end()
            else:
                host.play(self.lines("stdin"), sum(line not in ("@unordered", "@ordered") for line in expected))
        finally:
            host.kill()
            host.end()
            server.settle()
        self.problems += host.problems + server.problems
        if left := server.unused():
            self.problems.append(f"the server was not asked for {', '.join(left)}")
        self.check_stdout(host, expected)
        self.check_requests(server, host)
        wanted = (self.lines("exit") or ["0"])[0]
        if host.code != wanted:
            self.problems.append(f"exit code {host.code}, not {wanted}")
        self.check_texts(host)
        self.check_no_process_left()

    # ---- what it is started with

    def lay_out_home(self):
        home = self.scratch / "home"
        self.values["home"] = str(home)
        home.mkdir(mode=0o700)
        self.planted = {}
        for path in sorted((self.folder / "home").glob("*")):
            text = script.filled_in(script.decode(path.read_bytes()), self.values)
            target = home / path.name.replace("dot.", ".")
            target.write_bytes(script.encode(text))
            target.chmod(0o600)
            self.planted[target] = text

    def command(self):
        args = self.filled("args")
        if args[:1] == ["@bare"]:
            return [self.binary, *args[1:]]
        return [self.binary, "--url", self.values["url"], "--allow-http", *args]

    def environment(self):
        passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        own = {"HOME": str(self.scratch), "DOGPIPE_HOME": self.values["home"]}
        return passed | own | dict(line.split("=", 1) for line in self.filled("env"))

    # ---- what is checked

    def expected(self, name):
        return [script.shortened(script.encode(script.filled_in(line, self.values)))
                for line in self.lines(name)]

    def look_at_line(self, line):
        try:
            text = line.decode("utf-8")
            message = json.loads(text)
            parts = message if isinstance(message, list) else [message]
            assert parts and all(part["jsonrpc"] == "2.0" for part in parts)
            single = [text] if isinstance(message, dict) else list(self.elements(text))
        except (ValueError, AssertionError, KeyError, TypeError, RecursionError):
            self.problems.append(f"stdout has a line that is no JSON-RPC message: {script.shortened(line)}")
            return
        for part, its_text in zip(parts, single):
            if "method" not in part and "id" in part:
                self.answers[raw_members(its_text)["id"]] += 1

    @staticmethod
    def elements(text):
        at = 1
        while text[at] != "]":
            _, end = json.JSONDecoder().raw_decode(text, at)
            yield text[at:end]
            at = end + (text[end] == ",")

    def check_stdout(self, host, expected):
        if not script.all_match(expected, host.lines):
            self.differ("stdout", [line for line in expected if line not in ("@unordered", "@ordered")],
                        host.lines)
        asked = collections.Counter()
        for line in [*host.sent, *host.raw.split(b"\n")]:
            asked.update(self.request_ids(script.decode(line)))
        asked.subtract(host.unanswered)
        for one in {*asked, *self.answers}:
            if asked[one] != self.answers[one] and one not in ("", "null"):
                self.problems.append(f"request {one[:60]} has {self.answers[one]} answers, not {asked[one]}")

    def request_ids(self, text):
        """Of every message that can be read so far as to be answered."""
        try:
            text = text.strip()
            if text.startswith("["):
                for element in self.elements(text):
                    yield from self.request_ids(element)
            else:
                members = raw_members(text)
                if "method" in members and "id" in members:
                    yield members["id"]
        except (ValueError, IndexError, RecursionError):
            return

    def check_requests(self, server, host):
        wanted = self.wanted_requests(host)
        unordered = "@unordered" in self.lines("requests")
        lanes = [("", lambda label: True)] if unordered else [
            ("", lambda label: label != "GET"), (" (GET)", lambda label: label == "GET")]
        for name, belongs in lanes:
            expected = [one for one in wanted if belongs(one[0])]
            seen = [one for one in server.seen if belongs(one.label)]
            if unordered:
                expected.sort(key=lambda one: (one[0], one[1] or ""))
                seen.sort(key=lambda one: (one.label, one.body))
            left, right = self.paired(expected, seen)
            if left != right:
                self.differ("requests" + name, left, right)
        for request in server.seen:
            self.check_manners(request)

    def wanted_requests(self, host):
        wanted = []
        for line in self.filled("requests"):
            if not line.strip() or line == "@unordered":
                continue
            if not line.startswith(" "):
                label, _, number = line.partition(" <")
                sent = host.sent[int(number) - 1].strip() if number else None
                body = None if sent is None else script.shortened(sent)
                wanted.append([label, body, {}])
            elif line.startswith("  body "):
                wanted[-1][1] = script.shortened(script.encode(line[7:]))
            else:
                name, _, value = line.strip().partition(": ")
                wanted[-1][2][name] = value
        return wanted

    @staticmethod
    def paired(wanted, seen):
        """Both as lines, of what was seen only as much as was asked for."""
        left, right = [], []
        for label, body, fields in wanted:
            left += [label] + [f"  {name}: {value}" for name, value in fields.items()]
            left += [] if body is None else ["  body " + body]
        for at, request in enumerate(seen):
            _, body, fields = wanted[at] if at < len(wanted) else ("", "", {})
            right += [request.label] + [f"  {name}: {request.header(name)}" for name in fields]
            if body is not None:
                same = script.matches(body, request.body)
                right += ["  body " + (body if same else request.body)]
        return left, right

    def check_manners(self, request):
        post = request.verb == "POST"
        accept = {"POST": "application/json, text/event-stream", "GET": "text/event-stream"}
        rules = [("accept", accept.get(request.verb, request.header("accept"))),
                 ("content-type", "application/json" if post else "(none)"),
                 ("origin", "(none)"), ("cookie", "(none)"), ("expect", "(none)")]
        for name, value in rules:
            if request.header(name) != value:
                self.problems.append(f"{request.label}: {name} is {request.header(name)}, not {value}")
        for name, value in request.headers:
            for kind in CANARY.findall(value):
                if PLACES.get(kind) != name.lower():
                    self.problems.append(f"{request.label}: a {kind} stands in {name}")
        for kind in set(CANARY.findall(request.path)) - {"query"}:
            self.problems.append(f"{request.label}: a {kind} stands in its address")
        for kind in set(CANARY.findall(request.body_start)) - {"body"}:
            self.problems.append(f"{request.label}: a {kind} stands in its body")

    def check_texts(self, host):
        stderr = host.stderr_path.read_bytes()
        blocks = {"": []}
        name = ""
        for line in self.filled("stderr"):
            if line.startswith("file "):
                name = line[5:]
                blocks[name] = []
            elif line.strip():
                blocks[name].append(line.split(" ", 1))
        for name, rules in blocks.items():
            path = self.scratch / "home" / name
            data = stderr if not name else path.read_bytes() if path.exists() else b""
            self.check_text(name or "stderr", data, rules)
        for path in (self.scratch / "home").rglob("*"):
            if path.is_file() and path not in self.planted and CANARY.search(script.decode(path.read_bytes())):
                self.problems.append(f"{path.name} holds a canary")
        for kind in {kind for line in host.lines for kind in CANARY.findall(line)} - {"body"}:
            self.problems.append(f"stdout holds a {kind}")

    def check_text(self, name, data, rules):
        lines = script.decode(data).splitlines()
        if re.search(rb"[^\x20-\x7e\n]", data) or CANARY.search(script.decode(data)):
            self.problems.append(f"{name} holds a canary or what is not printable ASCII:\n" + ascii(data[:2000]))
        for rule, pattern in rules:
            found = any(re.search(pattern, line) for line in lines)
            if (rule == "must" and not found) or (rule == "never" and found):
                self.problems.append(f"{name} {'lacks' if rule == 'must' else 'has'} {pattern}:\n" + "\n".join(lines))
        known = [pattern for rule, pattern in rules if rule != "never"]
        for line in lines:
            if not any(re.search(pattern, line) for pattern in known):
                self.problems.append(f"{name} has a line too many: {line}")

    def check_no_process_left(self):
        deadline = time.monotonic() + 1
        while True:
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
            if not children:
                return
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
        self.problems.append(f"{len(children)} processes are left")
        for pid in map(int, children):
            os.kill(pid, 9)
            os.waitpid(pid, 0)

    def differ(self, what, wanted, got):
        got = [next((one for one in wanted if script.matches(one, line)), line) for line in got]
        diff = list(difflib.unified_diff(wanted, got, "wanted", "got", n=1, lineterm=""))[:60]
        self.problems.append(f"{what} is not as wanted:\n" + "\n".join(diff))


def printable(text):
    return text.encode("ascii", "backslashreplace").decode("ascii")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--binary", default=os.environ.get("DOGPIPE_BIN"))
    parser.add_argument("--all", action="store_true")
    parser.add_argument("folders", nargs="*", type=Path)
    options = parser.parse_args()
    folders = options.folders
    if options.all:
        folders = sorted(path for path in script.HERE.iterdir()
                         if path.is_dir() and path.name not in ("lib", "__pycache__"))
        listed = set(re.findall(r"(?m)^ *'([a-z0-9-]+)',?$", (script.HERE / "meson.build").read_text("utf-8")))
        if missing := {folder.name for folder in folders} ^ listed:
            sys.exit(f"meson.build and the folders differ in {sorted(missing)}")
    if not options.binary or not folders:
        parser.error("--binary and a folder, or --all")
    # Whatever the program leaves behind becomes a child of this process.
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    failed = 0
    for folder in folders:
        problems = Scenario(folder.resolve(), shutil.which(options.binary) or options.binary).run()
        failed += bool(problems)
        if options.all or problems:
            print(f"{'not ok' if problems else 'ok'} {folder.name}")
        for problem in problems:
            print("  " + printable(problem).replace("\n", "\n  "))
    if options.all:
        print(f"{len(folders) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
