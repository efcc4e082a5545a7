"""Whoever comes to the door of an open sign-in with something else than its answer changes nothing."""

import contextlib
import http.client
import itertools
import json
import pathlib
import random
import re
import threading
import time
import unittest
import urllib.parse

import stand
from stand import Desk, fetch, options, say, wait_for


def resident_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+) kB", text)[1])


class Door:
    """Of a `dogpipe login` that waits for its browser."""

    def __init__(self, desk):
        self.login = desk.verb("login", "--json", "--no-browser")
        self.url = json.loads(self.login.process.stdout.readline())["authorization_url"]
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.url).query))
        self.redirect, self.state = query["redirect_uri"], query["state"]
        parts = urllib.parse.urlsplit(self.redirect)
        self.port, self.path, self.host = parts.port, parts.path, parts.netloc

    def good(self):
        """What the browser would be sent to; the user has agreed."""
        status, fields, _ = fetch("GET", self.url)
        assert status == 302, status
        return urllib.parse.urlsplit(fields["Location"])

    def ask(self, method, target, fields=None):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, target, headers={"Host": self.host, **(fields or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()


def bad_visits(door, chance):
    """(kind, method, target, header fields), without end."""
    state, path = door.state, door.path
    code = lambda: f"{chance.getrandbits(128):032x}"
    made = lambda **query: path + "?" + urllib.parse.urlencode(query)
    kinds = [
        ("wrong state", lambda: ("GET", made(code=code(), state=code()))),
        ("empty state", lambda: ("GET", made(code=code(), state=""))),
        ("no state", lambda: ("GET", made(code=code()))),
        ("truncated state", lambda: ("GET", made(code=code(), state=state[:chance.randrange(1, len(state))]))),
        ("longer state", lambda: ("GET", made(code=code(), state=state + "A"))),
        ("state in other case", lambda: ("GET", made(code=code(), state=state.swapcase()))),
        ("two states", lambda: ("GET", made(code=code(), state=code()) + "&state=" + state)),
        ("refusal, wrong state", lambda: ("GET", made(error="access_denied", state=code()))),
        ("refusal, no state", lambda: ("GET", made(error="access_denied"))),
        ("other path", lambda: ("GET", "/" + code() + "?" + urllib.parse.urlencode({"code": code(), "state": state}))),
        ("path below", lambda: ("GET", path + "/x?" + urllib.parse.urlencode({"code": code(), "state": state}))),
        ("POST", lambda: ("POST", made(code=code(), state=state))),
        ("HEAD", lambda: ("HEAD", made(code=code(), state=state))),
        ("no query", lambda: ("GET", path)),
        ("page of the end", lambda: ("GET", "/done")),
        ("other host", lambda: ("GET", made(code=code(), state=state), {"Host": "evil.example"})),
    ]
    for name, make in itertools.cycle(kinds):
        yield (name, *make(), {})[:4]


class BadCallbacks(unittest.TestCase):
    def test_do_not_disturb_the_good_one_which_is_good_once(self):
        seed = options.seed or random.randrange(1, 1 << 30)
        with Desk("--auto-consent", "--slow-token", "400") as desk:
            # Of a sanitizer's memory only what is in use counts, not what it keeps to catch errors with.
            own = desk.environment.get("ASAN_OPTIONS", "")
            desk.environment["ASAN_OPTIONS"] = own + ":quarantine_size_mb=1:thread_local_quarantine_size_kb=64"
            door = Door(desk)
            self.throw_at(door, 200, seed)  # what it needs once, it has now
            before = resident_kib(door.login.pid)
            began = time.monotonic()
            statuses = self.throw_at(door, options.count, seed)
            took = time.monotonic() - began
            grown = resident_kib(door.login.pid) - before
            self.assertLess(grown, 10 * 1024)
            self.assertLessEqual(set(statuses), {400, 404, 405})
            self.assertIsNone(door.login.process.poll())
            self.assertEqual(desk.sandbox.oauth["codes_exchanged"], 0)

            good = door.good()
            target = good.path + "?" + good.query
            shown = []
            visitor = threading.Thread(target=lambda: shown.append(door.ask("GET", target)))
            visitor.start()
            # While the code is being redeemed ...
            wait_for(lambda: desk.sandbox.oauth["codes_exchanged"] == 1, "the code to be redeemed")
            self.assertEqual(door.ask("GET", target)[0], 400)
            visitor.join()
            self.assertEqual(shown[0][0], 302)
            self.assertNotIn("code", shown[0][1]["Location"])
            # ... and after, as long as anybody is at home.
            with contextlib.suppress(ConnectionError):
                self.assertEqual(door.ask("GET", target)[0], 400)
            self.assertEqual(door.ask("GET", shown[0][1]["Location"])[0], 200)
            self.assertEqual(door.login.wait(), 0)
            outcome = json.loads(door.login.process.stdout.readline())
            self.assertTrue(outcome["signed_in"] and outcome["stored"])
            self.assertEqual(desk.sandbox.oauth["codes_exchanged"], 1)
            self.assertTrue(desk.sandbox.accepts(desk.grant["access_token"]))
            say(f"{options.count} bad callbacks in {took:.1f} s (seed {seed}): {statuses}; grown by {grown} KiB; "
                "the good one was taken, its replay refused")

    def throw_at(self, door, count, seed):
        visits = bad_visits(door, random.Random(seed))
        statuses = {}
        for name, method, target, fields in itertools.islice(visits, count):
            status, _, body = door.ask(method, target, fields)
            self.assertNotEqual(status // 100, 2, name)
            self.assertNotIn(door.state.encode(), body, name)
            statuses[status] = statuses.get(status, 0) + 1
        return statuses

    def test_with_the_state_are_taken_as_the_answer(self):
        with Desk() as desk:
            door = Door(desk)
            target = door.path + "?" + urllib.parse.urlencode({"error": "access_denied", "state": door.state})
            self.assertEqual(door.ask("GET", target)[0], 302)
            self.assertEqual(door.login.wait(), 3)
            self.assertIsNone(desk.tokens and desk.grant.get("access_token"))


if __name__ == "__main__":
    stand.main(("--count", 5000, "bad callbacks"), ("--seed", 0, "of their contents; 0 chooses one"))
