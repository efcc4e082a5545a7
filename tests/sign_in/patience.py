"""A sign-in that stays open: hosts hear of it before they give up, and may come back when it is done."""

import shlex
import time
import unittest

import stand
from stand import Desk, say, wait_for


class AnOpenSignIn(unittest.TestCase):
    def test_is_an_answer_after_25_s_and_finished_later_all_the_same(self):
        with Desk() as desk:
            desk.hold_browser()
            bridge = desk.bridge()
            began = time.monotonic()
            number = bridge.send_initialize()
            slowest, pings = 0.0, 0
            while not bridge.has_answered(number):
                asked = time.monotonic()
                self.assertEqual(bridge.result("ping", within=2), {})
                slowest, pings = max(slowest, time.monotonic() - asked), pings + 1
                self.assertLess(time.monotonic() - began, 29, "hosts give up from 30 s on")
                with bridge.news:
                    bridge.news.wait(0.25)
            took = time.monotonic() - began
            error = bridge.answer(number)["error"]
            self.assertEqual(error["code"], stand.SIGN_IN_REQUIRED)
            self.assertGreater(took, 24)
            self.assertEqual(error["data"]["url"], desk.opened[0]["arguments"][0])
            command = shlex.split(error["data"]["loginCommand"])
            self.assertEqual(command[:2], ["dogpipe", "login"])
            self.assertIn(desk.sandbox.url, command)
            self.assertIn(error["data"]["url"], error["message"])
            self.assertEqual(len(desk.opened), 1)

            desk.let_browser()
            wait_for(lambda: desk.grant.get("access_token"), "tokens")
            other = desk.bridge()
            other.open()
            self.assertTrue(stand.is_good(other.answer(other.send_call())))
            # The first one goes on as well, with what it was told to try again.
            bridge.open()
            self.assertTrue(stand.is_good(bridge.answer(bridge.send_call())))
            self.assertEqual((bridge.close(), other.close()), (0, 0))
            self.assertEqual(len(desk.opened), 1)
            say(f"an open sign-in: -31001 after {took:.1f} s, {pings} pings, the slowest in "
                f"{slowest * 1000:.1f} ms")


if __name__ == "__main__":
    stand.main()
