"""Many bridges on one folder, under rotation with detection of reuse: one refresh for each expiry, ever."""

import collections
import random
import signal
import threading
import time
import unittest

import stand
from stand import Desk, is_good, options, say, wait_for


class Crowd:
    def __init__(self, desk, size):
        self.desk = desk
        first = desk.bridge()
        first.open()
        self.bridges = [first] + [desk.bridge() for _ in range(size - 1)]
        for bridge in self.bridges[1:]:
            bridge.open()
        self.killed = set()
        self.times = []

    def kill_one(self, chance):
        """And puts a new one in its place, which may come upon an expiry while it starts."""
        at = chance.randrange(len(self.bridges))
        victim = self.bridges[at]
        self.killed.add(victim)
        victim.signal(signal.SIGKILL)
        victim.wait()
        fresh = self.desk.bridge()
        fresh.open()
        self.bridges[at] = fresh

    def round(self):
        """All tokens expire, and everybody calls. Whoever lives has an answer."""
        self.desk.sandbox.do("expire-tokens")
        present = list(self.bridges)
        began = time.monotonic()
        sent = []
        for bridge in present:
            try:
                sent.append((bridge, bridge.send_call()))
            except OSError:
                assert bridge in self.killed, bridge.stderr
        outcomes = collections.Counter()
        for bridge, number in sent:
            try:
                answer = bridge.answer(number)
            except AssertionError:
                if bridge not in self.killed:
                    raise
                outcomes["killed"] += 1
                continue
            outcomes["good" if is_good(answer) else str(answer)] += 1
        self.times.append(time.monotonic() - began)
        return outcomes


class OneRefreshForEachExpiry(unittest.TestCase):
    def check_after(self, desk, outcomes, before):
        oauth = desk.sandbox.oauth
        self.assertEqual(set(outcomes) - {"killed"}, {"good"})
        self.assertEqual(oauth["refresh_reuse"], 0)
        self.assertEqual(oauth["refreshes"] - before["refreshes"], options.count)
        self.assertEqual(oauth["refreshes_granted"] - before["refreshes_granted"], options.count)
        self.assertEqual(len(desk.opened), 1)
        self.assertEqual(oauth["authorizations"], 1)

    def test_as_soon_as_a_call_has_been_answered(self):
        """The worker may still be at the disk with the token that is to be renewed already."""
        with Desk("--rotate") as desk:
            crowd = Crowd(desk, 1)
            before = desk.sandbox.oauth
            outcomes = collections.Counter()
            for _ in range(options.count):
                outcomes += crowd.round()
            self.check_after(desk, outcomes, before)
            say(f"1 bridge, {options.count} expiries: {sum(crowd.times) / options.count * 1000:.0f} ms a call with its refresh")

    def test_with_all_bridges_left_in_peace(self):
        with Desk("--rotate") as desk:
            crowd = Crowd(desk, options.bridges)
            before = desk.sandbox.oauth
            outcomes = collections.Counter()
            for _ in range(options.count):
                outcomes += crowd.round()
            self.check_after(desk, outcomes, before)
            self.assertEqual(outcomes["good"], options.bridges * options.count)
            self.assertEqual([bridge.close() for bridge in crowd.bridges], [0] * options.bridges)
            say(f"{options.bridges} bridges, {options.count} expiries: {options.count} refreshes, 0 reuse, "
                f"1 browser, {outcomes['good']} calls answered; {sum(crowd.times) / options.count * 1000:.0f} ms "
                f"a round, the longest {max(crowd.times) * 1000:.0f} ms")

    def test_with_a_bridge_killed_now_and_then(self):
        seed = options.seed or random.randrange(1, 1 << 30)
        chance = random.Random(seed)
        with Desk("--rotate") as desk:
            crowd = Crowd(desk, options.bridges)
            before = desk.sandbox.oauth
            over = threading.Event()
            kills, troubles = [], []

            def kill_now_and_then():
                while not over.wait(options.kill_every):
                    try:
                        crowd.kill_one(chance)
                        kills.append(time.monotonic())
                    except Exception as trouble:  # a thread's failure is the test's
                        troubles.append(trouble)
                        return

            killer = threading.Thread(target=kill_now_and_then)
            killer.start()
            outcomes = collections.Counter()
            try:
                for _ in range(options.count):
                    outcomes += crowd.round()
            finally:
                over.set()
                killer.join()
            self.assertEqual(troubles, [], f"seed {seed}")
            self.assertGreater(len(kills), 0)
            # What a killed bridge has begun is ended by its worker.
            wait_for(lambda: not desk.strangers(), "the end of all workers")
            self.check_after(desk, outcomes, before)

            asked = desk.sandbox.requests
            newcomer = desk.bridge()
            newcomer.answer(newcomer.send_initialize())
            self.assertEqual(desk.sandbox.requests - asked, 1)
            for bridge in [newcomer, *crowd.bridges]:
                self.assertEqual(bridge.close(), 0)
            self.assertEqual(desk.settle(), [])
            self.assertEqual(desk.held_locks(), [])
            drafts = list(desk.home.glob("*.tmp-*"))
            self.assertEqual(drafts, [])
            say(f"the same with {len(kills)} bridges killed (seed {seed}): {options.count} refreshes, 0 reuse, "
                f"1 browser, {outcomes['good']} calls answered, {outcomes['killed']} died with their bridge, "
                f"0 of {len(desk.locks())} locks held; {sum(crowd.times) / options.count * 1000:.0f} ms a round")


if __name__ == "__main__":
    stand.main(("--count", 50, "expiries"), ("--bridges", 20, "bridges side by side"),
               ("--kill-every", 0.5, "seconds between two kills"), ("--seed", 0, "of the kills; 0 chooses one"))
