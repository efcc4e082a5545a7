"""What the tests of the sign-in stand on: the real programs, a user's folder, and a browser.

A test file holds unittest cases and ends with stand.main(). Its command line: --dogpipe PROGRAM
--sandbox PROGRAM, the file's own options, then what unittest takes. What a test has measured it
says with stand.say(). Whatever a test waits for, it waits for with a bound, never for a time alone.
"""

import argparse
import base64
import contextlib
import ctypes
import fcntl
import http.client
import json
import os
import pathlib
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

sys.dont_write_bytecode = True  # the sources' folder stays as it is

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = os.path.realpath(sys.executable)
PATIENCE = 20  # seconds: far beyond what anything here takes on a busy machine
SKIPPED = 77
F_OFD_SETLK = 37
PASSED_ON = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LLVM_PROFILE_FILE")
TOOL = {"name": "search_datadog_docs",
        "arguments": {"query": "sign in", "telemetry": {"intent": "test the sign-in"}}}
SIGN_IN_REQUIRED, SIGN_IN_FAILED, TOKEN_STORE = -31001, -31002, -31014

options = argparse.Namespace()


def say(text):
    print(text, flush=True)


def skip_loudly(why):
    say(f"SKIPPED: {why}. NOTHING WAS TESTED.")
    sys.exit(SKIPPED)


def wait_for(condition, what, within=PATIENCE):
    """What `condition` gives as soon as it is true."""
    end = time.monotonic() + within
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError(f"not within {within} s: {what}")
        time.sleep(0.005)


def fetch(method, url, body=None, fields=None):
    """Status, headers and text of one answer; redirects are not followed."""
    parts = urllib.parse.urlsplit(url)
    target = parts.path + ("?" + parts.query if parts.query else "")
    with contextlib.closing(http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)) as connection:
        connection.request(method, target, body, fields or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode("utf-8", "replace")


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


# ---- processes


def processes():
    return [int(path.name) for path in pathlib.Path("/proc").iterdir() if path.name.isdigit()]


def words_of(pid, name="cmdline"):
    try:
        return pathlib.Path(f"/proc/{pid}/{name}").read_bytes().decode("utf-8", "replace").split("\0")[:-1]
    except OSError:
        return []


def is_ours(pid):
    """Whether this process has started it, or whoever did has ended since (see main())."""
    for _ in range(64):
        try:
            text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            return False
        pid = int(text.rpartition(")")[2].split()[1])
        if pid == os.getpid():
            return True
        if pid <= 1:
            return False
    return False


def is_running(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


class Program:
    def __init__(self, command, stderr_path, environment, stdin=subprocess.PIPE):
        self.stderr_path = stderr_path
        with open(stderr_path, "ab") as stderr:
            self.process = subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr,
                                            env=environment)
        self.pid = self.process.pid

    @property
    def stderr(self):
        return self.stderr_path.read_text(encoding="utf-8", errors="replace")

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, within=PATIENCE):
        return self.process.wait(within)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


# ---- the server


class Sandbox:
    def __init__(self, *switches):
        self.process = subprocess.Popen([options.sandbox, "--with-parent", *switches], stdout=subprocess.PIPE,
                                        text=True)
        self.url = self.process.stdout.readline().strip()
        self.app = self.process.stdout.readline().split()[1]
        self.origin = self.url.removesuffix("/v1/mcp")

    def do(self, what):
        status, _, _ = fetch("POST", f"{self.origin}/sandbox/{what}")
        assert status == 200, what

    @property
    def stats(self):
        return json.loads(fetch("GET", self.origin + "/sandbox/stats")[2])

    @property
    def oauth(self):
        return self.stats["oauth"]

    @property
    def requests(self):
        """All that anybody has asked for, sign-in included."""
        stats = self.stats
        oauth = stats["oauth"]
        asked = ("discoveries", "registrations", "authorizations", "codes_exchanged", "refreshes", "revocations",
                 "device_polls", "unexpected")
        return sum(stats["http"].values()) + sum(oauth[name] for name in asked)

    def accepts(self, token):
        fields = {"Authorization": "Bearer " + token, "Content-Type": "application/json",
                  "Accept": "application/json, text/event-stream"}
        return fetch("POST", self.url, '{"jsonrpc":"2.0","id":1,"method":"ping"}', fields)[0] != 401

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


# ---- the host


class Bridge(Program):
    """A dogpipe and its host. Answers are kept by id."""

    def __init__(self, command, stderr_path, environment):
        super().__init__(command, stderr_path, environment)
        self.answers, self.others, self.lines = {}, [], 0
        self.news = threading.Condition()
        self.over = False
        self.last_id = 0
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            message = json.loads(line)
            with self.news:
                self.lines += 1
                if "method" in message:
                    self.others.append(message)
                else:
                    assert message["id"] not in self.answers, f"a second answer: {line}"
                    self.answers[message["id"]] = message
                self.news.notify_all()
        with self.news:
            self.over = True
            self.news.notify_all()

    def write(self, message):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        self.process.stdin.flush()

    def send(self, method, params=None):
        self.last_id += 1
        message = {"id": self.last_id, "method": method}
        self.write(message if params is None else {**message, "params": params})
        return self.last_id

    def has_answered(self, number):
        return number in self.answers

    def answer(self, number, within=PATIENCE):
        with self.news:
            self.news.wait_for(lambda: number in self.answers or self.over, within)
            assert number in self.answers, f"request {number} is not answered: {self.stderr[-2000:]}"
            return self.answers[number]

    def ask(self, method, params=None, within=PATIENCE):
        return self.answer(self.send(method, params), within)

    def result(self, method, params=None, within=PATIENCE):
        answer = self.ask(method, params, within)
        assert "result" in answer, answer
        return answer["result"]

    def send_initialize(self):
        return self.send("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                                        "clientInfo": {"name": "sign_in_test", "version": "1"}})

    def open(self):
        """Initializes it; the result."""
        answer = self.answer(self.send_initialize())
        assert "result" in answer, answer
        self.write({"method": "notifications/initialized"})
        return answer["result"]

    def send_call(self):
        return self.send("tools/call", TOOL)

    def close(self, within=PATIENCE):
        """As a host does that is through; the exit status."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        return self.wait(within)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        super().end()


def is_good(answer):
    return "result" in answer and not answer["result"].get("isError", False)


# ---- the user


class Desk:
    """A user's folders, and the sandbox that they sign in to. Ends with all that it has started."""

    def __init__(self, *switches, sandbox=True):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="dogpipe-sign-in-"))
        self.home = self.scratch / "home"
        self.home.mkdir(mode=0o700)
        self.browser = self.scratch / "browser"
        self.browser.mkdir()
        self.programs = []
        self.sandbox = Sandbox(*switches) if sandbox else None
        self.environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        self.environment |= {"PATH": "/usr/bin:/bin", "HOME": str(self.scratch), "DOGPIPE_HOME": str(self.home),
                             "BROWSER": f"{PYTHON} -I {HERE / 'visitor.py'} {self.browser}"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in self.programs:
            program.end()
        (self.browser / "hold").unlink(missing_ok=True)
        left = self.settle()
        if self.sandbox:
            self.sandbox.end()
        shutil.rmtree(self.scratch)
        assert not left, f"processes are left: {left}"

    def strangers(self):
        """Workers and browsers of this user, whoever their parents are."""
        mine = {program.pid for program in self.programs}
        return [pid for pid in processes() if pid not in mine and self.is_here(pid) and is_running(pid)]

    def workers(self):
        return [pid for pid in self.strangers() if "worker" in words_of(pid)[1:2]]

    def is_here(self, pid):
        words = words_of(pid, "environ")
        if words:
            return f"HOME={self.scratch}" in words
        # dogpipe keeps its memory from others, and from its own user too. No test that is run by
        # another user than root has more than one desk at a time.
        return os.geteuid() != 0 and is_ours(pid)

    def settle(self, within=15):
        """Waits for them to end by themselves; ends those that do not, and gives their command lines."""
        with contextlib.suppress(AssertionError):
            wait_for(lambda: not self.strangers(), "the end of all workers", within)
        left = [(pid, words_of(pid)) for pid in self.strangers()]
        for pid, _ in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return left

    # ---- programs

    def command(self, *arguments):
        url = ["--url", self.sandbox.url] if self.sandbox else []
        return [options.dogpipe, *arguments, *url, "--allow-http"]

    def start(self, kind, command, environment=None):
        path = self.scratch / f"stderr-{len(self.programs)}"
        program = kind(command, path, environment or self.environment)
        self.programs.append(program)
        return program

    def bridge(self, *arguments, **more):
        return self.start(Bridge, self.command(*arguments), {**self.environment, **more})

    def verb(self, *arguments, **more):
        """Such as `dogpipe login`, to be fed and watched."""
        return self.start(Program, self.command(*arguments), {**self.environment, **more})

    def run(self, *arguments, text="", within=PATIENCE):
        """Such as `dogpipe status`, to its end."""
        done = subprocess.run(self.command(*arguments), env=self.environment, input=text, capture_output=True,
                              text=True, timeout=within, check=False)
        return done

    # ---- what is there

    @property
    def tokens_path(self):
        return self.home / "oauth_tokens.json"

    @property
    def tokens(self):
        """The file, or None without one."""
        try:
            text = self.tokens_path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return json.loads(text)

    @property
    def grant(self):
        """The only one."""
        grants = (self.tokens or {"grants": []})["grants"]
        assert len(grants) <= 1, f"{len(grants)} grants"
        return grants[0] if grants else {}

    def tokens_mode(self):
        return stat.S_IMODE(self.tokens_path.stat().st_mode)

    def read_log(self, name):
        try:
            text = (self.browser / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    @property
    def opened(self):
        """What has been opened in the browser so far."""
        return self.read_log("opened")

    @property
    def visits(self):
        """What the browser has come to the end of."""
        return self.read_log("visits")

    def hold_browser(self):
        (self.browser / "hold").touch()

    def let_browser(self):
        (self.browser / "hold").unlink()

    def locks(self):
        return sorted(self.home.glob("*.lock"))

    def held_locks(self):
        return [path.name for path in self.locks() if not is_lockable(path)]


def is_lockable(path):
    """By the open file descriptions' kind of lock, as dogpipe takes it."""
    with open(path, "r+b") as file:
        # struct flock: type, whence, start, length, pid
        wish = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        try:
            fcntl.fcntl(file, F_OFD_SETLK, wish)
        except OSError:
            return False
        return True



# ---- the command line


def main(*own):
    """`own`: options of the file, as (name, default, help)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dogpipe", required=True)
    parser.add_argument("--sandbox", required=True)
    for name, default, text in own:
        parser.add_argument(name, type=type(default), default=default, help=f"{text} (default {default})")
    rest = parser.parse_known_args(namespace=options)[1]
    options.dogpipe = os.path.abspath(options.dogpipe)
    options.sandbox = os.path.abspath(options.sandbox)
    # Whatever a bridge leaves behind becomes a child of this process.
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    unittest.main(module="__main__", argv=[sys.argv[0], *rest], verbosity=2)
