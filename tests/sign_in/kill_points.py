"""Kills the worker of a refresh in the place of each of its system calls, under rotation.

In the place of a call is before it and after the one before it, so that the two together are every
point at which a process can be killed as far as others can tell. Whenever it happens, the token file
holds what it held or what it should hold, for its user alone, and the next bridge answers; a browser is
needed for that only if the server had spent the refresh token and nobody had kept the new one.
"""

import collections
import concurrent.futures
import hashlib
import json
import os
import re
import stat
import subprocess
import time
import unittest
import urllib.parse

import stand
from stand import Desk, fetch, options, say, wait_for

# What nobody outside can see.
LEFT_OUT = {"brk", "mmap", "munmap", "mprotect", "madvise", "futex", "rt_sigaction", "rt_sigprocmask", "geteuid",
            "getuid", "getpid", "gettid", "clock_gettime", "getrlimit", "prlimit64", "sched_getaffinity", "set_robust_list",
            "rseq", "sysinfo", "uname", "exit_group", "exit"}
VERIFIER = "v" * 50
REDIRECT = "http://localhost:1/callback"

Call = collections.namedtuple("Call", "position name count text")


def can_trace():
    if os.geteuid() != 0:
        return False  # dogpipe keeps its memory from others of the same user
    try:
        return subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", "inject=getppid:signal=KILL:when=1", "true"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
    except FileNotFoundError:
        return False


class Lane:
    """A user whose token has expired, again and again."""

    def __init__(self):
        self.desk = Desk("--rotate", "--auto-consent")
        done = self.desk.run("login", "--json")
        assert done.returncode == 0, done.stderr
        self.model = self.desk.tokens
        self.reset()

    def end(self):
        self.desk.__exit__()

    def new_tokens(self):
        """Of a sign-in of its own, without a browser."""
        sandbox, client = self.desk.sandbox, self.model["grants"][0]["client_id"]
        challenge = hashlib.sha256(VERIFIER.encode()).digest()
        query = {"response_type": "code", "client_id": client, "redirect_uri": REDIRECT, "code_challenge_method": "S256",
                 "code_challenge": stand.base64url(challenge), "state": "s", "resource": sandbox.origin}
        _, fields, _ = fetch("GET", sandbox.app + "/oauth2/v1/authorize?" + urllib.parse.urlencode(query))
        code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(fields["Location"]).query))["code"]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "client_id": client,
                "code_verifier": VERIFIER}
        status, _, text = fetch("POST", sandbox.app + "/api/v2/oauth2/token", urllib.parse.urlencode(form),
                                {"Content-Type": "application/x-www-form-urlencoded"})
        assert status == 200, text
        return json.loads(text)

    def reset(self):
        """A folder as a sign-in leaves it, with the access token expired."""
        for path in self.desk.home.iterdir():
            path.unlink()
        tokens = self.new_tokens()
        content = json.loads(json.dumps(self.model))
        content["grants"][0] |= {name: tokens[name] for name in ("access_token", "refresh_token")}
        self.old = json.dumps(content)
        self.desk.tokens_path.write_text(self.old, encoding="utf-8")
        self.desk.tokens_path.chmod(0o600)
        self.desk.sandbox.do("expire-tokens")
        self.granted = self.desk.sandbox.oauth["refreshes_granted"]
        self.authorized = self.desk.sandbox.oauth["authorizations"]

    def errand(self):
        token = json.loads(self.old)["grants"][0]["access_token"]
        settings = {"values": {"--url": self.desk.sandbox.url}, "switches": ["DOGPIPE_ALLOW_HTTP"], "headers": [],
                    "variables": {}}
        return json.dumps({"task": "refresh", "settings": settings, "stale": hashlib.sha256(token.encode()).hexdigest(),
                           "challenge": {"resource_metadata": "", "scope": "", "error": ""}, "scope_before": ""})

    def work(self, *tracing):
        environment = {**self.desk.environment, "ASAN_OPTIONS": "detect_leaks=0"}  # it needs ptrace for itself
        return subprocess.run(["strace", "-f", *tracing, options.dogpipe, "worker"], input=self.errand(), env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=stand.PATIENCE, check=False)

    def calls(self):
        """Of an undisturbed refresh, in order, from the reading of the errand on."""
        trace = self.desk.scratch / "trace"
        done = self.work("-o", str(trace))
        assert '"ended":"done"' in done.stdout, done.stdout + done.stderr
        found, counts, begun = [], collections.Counter(), False
        for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
            match = re.match(r"(\d+)\s+(\w+)\((.*)", line)
            if not match:
                continue
            _, name, text = match.groups()
            counts[name] += 1
            begun = begun or (name == "read" and text.startswith("0,"))
            if begun and name not in LEFT_OUT:
                found.append(Call(len(found), name, counts[name], text))
        return found

    def judge(self, call):
        """Kills it there: whether the token had been spent, whether the new one is kept, how the next fares."""
        self.reset()
        done = self.work("-o", "/dev/null", "-e", f"inject={call.name}:signal=KILL:when={call.count}")
        reached = done.returncode == -9
        path = self.desk.tokens_path
        text = path.read_text(encoding="utf-8")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, "the file is not for us alone"
        for draft in self.desk.home.glob("*.tmp-*"):
            assert stat.S_IMODE(draft.stat().st_mode) == 0o600, "a draft is not for us alone"
        kept = text != self.old
        if kept:
            before, after = json.loads(self.old)["grants"][0], json.loads(text)["grants"][0]
            changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
            assert {"access_token", "refresh_token"} <= changed, f"neither old nor new: {changed}"
            assert changed <= {"access_token", "refresh_token", "issued_at", "expires_at", "refreshed_at", "generation",
                               "granted_scope"}, f"neither old nor new: {changed}"
        assert reached or kept, done.stdout
        bridge = self.desk.bridge()
        began = time.monotonic()
        bridge.open()
        took = time.monotonic() - began
        assert bridge.close() == 0
        self.desk.programs.remove(bridge)
        bridge.end()
        wait_for(lambda: not self.desk.strangers(), "the end of all workers")
        oauth = self.desk.sandbox.oauth
        granted = oauth["refreshes_granted"] - self.granted
        browsers = oauth["authorizations"] - self.authorized
        assert self.desk.held_locks() == [], self.desk.held_locks()
        return reached, kept, granted, browsers, took


class KilledRefreshes(unittest.TestCase):
    def test_lose_no_sign_in_but_while_the_answer_is_nobodys(self):
        lanes = [Lane() for _ in range(2)]
        try:
            self.check(lanes)
        finally:
            for lane in lanes:
                lane.end()

    def check(self, lanes):
        calls = lanes[0].calls()
        asked = next(call for call in calls if call.name in ("sendto", "sendmsg", "write", "writev") and "POST " in call.text)
        named = next(call for call in calls if call.name.startswith("rename") and 'oauth_tokens.json"' in call.text
                     and call.position > asked.position)
        chosen = calls[::max(1, options.every)]
        began = time.monotonic()

        def run(lane, mine):
            return [(call, self.attempt(lane, call)) for call in mine]

        with concurrent.futures.ThreadPoolExecutor(len(lanes)) as pool:
            running = [pool.submit(run, lane, chosen[at::len(lanes)]) for at, lane in enumerate(lanes)]
            outcomes = sorted((one for each in running for one in each.result()), key=lambda one: one[0].position)
        problems, browsers, missed, slowest = [], [], 0, 0.0
        for call, outcome in outcomes:
            if isinstance(outcome, str):
                problems.append(f"{call.name} number {call.count}: {outcome}\n    {call.text:.200}")
                continue
            reached, kept, _, opened, took = outcome
            slowest = max(slowest, took)
            missed += not reached
            if opened:
                browsers.append(call)
            if opened > 1 or (opened and (kept or not asked.position < call.position <= named.position)):
                problems.append(f"{call.name} number {call.count}: {opened} browsers, kept: {kept}\n    {call.text:.200}")
        self.assertEqual(problems, [], "\n".join(problems))
        self.assertGreater(len(outcomes), 20)
        self.assertLess(missed, len(outcomes) // 4)
        by_name = collections.Counter(call.name for call in browsers)
        between = [call for call in chosen if asked.position < call.position <= named.position]
        say(f"{len(outcomes)} kills in {time.monotonic() - began:.1f} s (of {len(calls)} calls), {missed} not come to; a browser was "
            f"needed after {len(browsers)}, all among the {len(between)} calls between sending the refresh and naming the file: "
            f"{dict(by_name)}; the next initialize took at most {slowest * 1000:.0f} ms")

    @staticmethod
    def attempt(lane, call):
        try:
            return lane.judge(call)
        except (AssertionError, OSError, ValueError, subprocess.TimeoutExpired) as error:
            return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    if not can_trace():
        stand.skip_loudly("there is no strace here, or it may not trace (only root may trace dogpipe)")
    stand.main(("--every", 1, "kill at every so many calls"),)
