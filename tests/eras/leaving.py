"""The host closes its end while a subscription is open: all ends in order, at once."""

import json
import time
import unittest

import hosts  # first: it says where stand is
from hosts import LISTS, MODERN, PREFIX, Stage
import stand
from stand import TOOL, say

PROMPT = 1.0  # seconds
SERVERS = {"legacy": ("--era", "legacy"), "legacy, stateless": ("--era", "legacy", "--stateless"),
           "modern": ("--era", "modern"), "dual": ("--era", "dual")}


class Leaving(unittest.TestCase):
    def leave(self, stage, host):
        began = time.monotonic()
        stage.leave(host)
        return time.monotonic() - began

    def promptly(self, once):
        """Of three times one must be prompt: the machine may be busy."""
        took = []
        while not took or (took[-1] >= PROMPT and len(took) < 3):
            took.append(once())
        self.assertLess(took[-1], PROMPT, took)
        return took[-1]

    def check_listens(self, switches):
        with Stage(*switches) as stage:
            host = stage.host(MODERN)
            numbers = [host.listen(LISTS, number=number) for number in (1, "1", "a/b")]
            since = host.mark()
            took = self.leave(stage, host)
            for number in numbers:
                result = host.answers[json.dumps(number)]["result"]
                self.assertEqual(result, {"resultType": "complete", "_meta": {PREFIX + "subscriptionId": number}})
            # Told in both ways: by the result, and behind it as of a stream that was closed.
            told = [message.get("params", {}).get("requestId", message.get("id"))
                    for _, message in host.lines[since:]]
            self.assertEqual(sorted(told, key=repr), sorted(numbers * 2, key=repr))
            stage.sandbox.do("list-changed")
            self.assertEqual(stage.count("open_listens"), 0)
            if switches == SERVERS["legacy"]:
                self.assertEqual(stage.count("sessions_ended"), 1)
            return took

    def test_with_subscriptions_open_is_prompt_and_graceful(self):
        for server, switches in SERVERS.items():
            with self.subTest(server=server):
                took = self.promptly(lambda: self.check_listens(switches))
                say(f"end of input, a host of {MODERN} with 3 subscriptions, server {server}: {took * 1000:.0f} ms")

    def check_legacy(self, switches, revision):
        with Stage(*switches) as stage:
            host = stage.host(revision)
            host.open()
            host.hear(LISTS, ("datadog://mcp/whoami",))
            took = self.leave(stage, host)
            self.assertEqual(stage.count("open_listens"), 0)
            return took

    def test_of_a_legacy_host_is_as_prompt(self):
        for server, switches in SERVERS.items():
            for revision in ("2025-11-25", "2025-03-26"):
                with self.subTest(server=server, revision=revision):
                    took = self.promptly(lambda: self.check_legacy(switches, revision))
                    say(f"end of input, a host of {revision}, server {server}: {took * 1000:.0f} ms")

    def test_waits_for_a_call_and_answers_it(self):
        for server, switches in SERVERS.items():
            for revision in hosts.HOSTS:
                with self.subTest(server=server, revision=revision), Stage(*switches) as stage:
                    host = stage.host(revision)
                    host.open()
                    host.result("tools/list")
                    if host.modern:
                        host.listen(LISTS)
                    arguments = {**TOOL["arguments"], "_sandbox": {"delay_ms": 100}}
                    number = host.send("tools/call", {"name": TOOL["name"], "arguments": arguments})
                    stage.leave(host)
                    self.assertIn("content", host.answers[json.dumps(number)]["result"])

    def test_while_a_question_is_parked_keeps_nobody_waiting(self):
        """An intermediate result that the host never comes back to."""
        for server, switches in SERVERS.items():
            with self.subTest(server=server), Stage(*switches) as stage:
                host = stage.host(MODERN)
                number = host.send("tools/call", {"name": "ask_form", "arguments": {}})
                result = host.answer(number)["result"]
                wanted = "complete" if server == "legacy, stateless" else "input_required"
                self.assertEqual(result["resultType"], wanted)
                took = self.leave(stage, host)
                say(f"end of input, a question parked, server {server}: {took * 1000:.0f} ms")


if __name__ == "__main__":
    stand.main()
