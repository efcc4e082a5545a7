"""The first use signs in with one browser, the second with none, and neither killing nor closing spoils it."""

import signal
import time
import unittest

import stand
from stand import Desk, is_running, say, wait_for


class FirstUse(unittest.TestCase):
    def test_takes_one_browser_and_the_second_use_none(self):
        with Desk() as desk:
            began = time.monotonic()
            result = desk.bridge().open()
            first = time.monotonic() - began
            self.assertIn("serverInfo", result)
            self.assertEqual(len(desk.opened), 1)
            oauth = desk.sandbox.oauth
            self.assertEqual((oauth["authorizations"], oauth["codes_exchanged"], oauth["refreshes"]), (1, 1, 0))
            self.assertEqual(desk.tokens_mode(), 0o600)
            desk.programs[0].close()
            self.assertEqual(desk.settle(), [])
            say(f"first use: {first * 1000:.0f} ms to initialize, 1 browser, "
                f"{oauth['discoveries']} discoveries, {oauth['unexpected']} requests for what is not there")

            before = desk.sandbox.requests
            began = time.monotonic()
            bridge = desk.bridge()
            answer = bridge.answer(bridge.send_initialize())
            second = time.monotonic() - began
            self.assertEqual(desk.sandbox.requests - before, 1)
            self.assertIn("result", answer)
            self.assertEqual(bridge.result("ping"), {})
            self.assertEqual(desk.sandbox.requests - before, 1)
            self.assertEqual(bridge.close(), 0)
            self.assertEqual(len(desk.opened), 1)
            say(f"second use: {second * 1000:.0f} ms to initialize, 1 request, no browser")

    def test_of_a_bridge_that_is_killed_is_the_next_ones(self):
        with Desk() as desk:
            desk.hold_browser()
            first = desk.bridge()
            first.send_initialize()
            began = time.monotonic()
            wait_for(lambda: time.monotonic() - began > 0.01, "10 ms")
            second = desk.bridge()
            number = second.send_initialize()
            wait_for(lambda: time.monotonic() - began > 1, "a second")
            wait_for(lambda: desk.opened, "a browser")
            first.signal(signal.SIGKILL)
            first.wait()
            self.assertEqual(len(desk.opened), 1)
            self.assertFalse(second.has_answered(number))
            desk.let_browser()
            answer = second.answer(number)
            self.assertIn("result", answer)
            self.assertEqual(second.close(), 0)
            self.assertEqual(desk.settle(), [])
            self.assertEqual(len(desk.opened), 1)
            self.assertEqual(desk.sandbox.oauth["authorizations"], 1)
            self.assertEqual(desk.held_locks(), [])
            say("two bridges at once, one killed: 1 browser")


class LeavingDuringASignIn(unittest.TestCase):
    def check(self, how, leave, status):
        with Desk() as desk:
            desk.hold_browser()
            bridge = desk.bridge()
            bridge.send_initialize()
            wait_for(lambda: desk.opened, "a browser")
            [worker] = desk.workers()
            began = time.monotonic()
            leave(bridge)
            code = bridge.wait()
            took = time.monotonic() - began
            self.assertLess(took, 2)
            self.assertEqual(code, status)
            self.assertTrue(is_running(worker))
            self.assertEqual(desk.grant, {})
            desk.let_browser()
            wait_for(lambda: desk.grant.get("access_token"), "tokens")
            self.assertEqual(desk.settle(), [])
            self.assertEqual([visit["status"] for visit in desk.visits], [200])
            next_one = desk.bridge()
            next_one.open()
            self.assertEqual(next_one.close(), 0)
            self.assertEqual(len(desk.opened), 1)
            say(f"{how} during a sign-in: gone after {took * 1000:.0f} ms, the sign-in goes on")

    def test_at_the_end_of_input(self):
        self.check("the end of input", lambda bridge: bridge.process.stdin.close(), 0)

    def test_by_a_signal(self):
        self.check("SIGTERM", lambda bridge: bridge.signal(signal.SIGTERM), 128 + signal.SIGTERM)


if __name__ == "__main__":
    stand.main()
