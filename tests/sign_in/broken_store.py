"""Folders and files that are not as they should be: nothing is lost, nothing is sent that must not be."""

import ctypes
import json
import os
import unittest

import stand
from stand import Desk, is_good, say

CLONE_NEWNS = 0x00020000
MS_RDONLY, MS_REMOUNT, MS_BIND = 1, 32, 4096


class ACorruptFile(unittest.TestCase):
    def check(self, spoil):
        with Desk() as desk:
            self.assertEqual(desk.run("login", "--json").returncode, 0)
            spoiled = spoil(desk.tokens_path.read_bytes())
            desk.tokens_path.write_bytes(spoiled)
            before = desk.sandbox.oauth["authorizations"]
            bridge = desk.bridge()
            bridge.open()
            self.assertTrue(is_good(bridge.answer(bridge.send_call())))
            self.assertEqual(bridge.close(), 0)
            self.assertEqual(desk.settle(), [])
            self.assertEqual(desk.sandbox.oauth["authorizations"] - before, 1)
            [aside] = desk.home.glob("oauth_tokens.json.corrupt-*")
            self.assertEqual(aside.read_bytes(), spoiled)
            self.assertEqual(aside.stat().st_mode & 0o777, 0o600)
            self.assertTrue(desk.grant["access_token"])
            self.assertEqual(desk.tokens_mode(), 0o600)
            warnings = [line for line in bridge.stderr.splitlines() if "taken for empty" in line]
            self.assertEqual(len(warnings), 1, bridge.stderr)
            self.assertIn(str(desk.tokens_path), warnings[0])
            # Healed: the next one needs nobody.
            asked = desk.sandbox.requests
            other = desk.bridge()
            other.answer(other.send_initialize())
            self.assertEqual(desk.sandbox.requests - asked, 1)

    def test_that_was_cut_costs_one_sign_in_and_is_kept(self):
        self.check(lambda text: text[:len(text) // 2])

    def test_of_zeroes_costs_one_sign_in_and_is_kept(self):
        self.check(lambda text: b"\0" * len(text))

    def test_of_another_shape_costs_one_sign_in_and_is_kept(self):
        self.check(lambda text: b'{"version":1,"grants":{"a":[]}}')


class AFileThatOthersMayTouch(unittest.TestCase):
    def check(self, open_up, path_of, named):
        with Desk() as desk:
            self.assertEqual(desk.run("login", "--json").returncode, 0)
            token = desk.grant["access_token"]
            before = desk.sandbox.oauth["authorizations"]
            open_up(desk)
            content = desk.tokens_path.read_bytes()
            bridge = desk.bridge("--log-level", "debug")
            number = bridge.send_initialize()
            error = bridge.answer(number)["error"]
            self.assertEqual(error["code"], stand.TOKEN_STORE)
            self.assertIn(str(path_of(desk)), error["message"])
            self.assertIn(named, error["message"])
            stats = desk.sandbox.stats
            self.assertNotIn(token, json.dumps(stats["last_fields"]))
            # Neither used, nor repaired behind the user's back.
            self.assertEqual(stats["http"]["POST"], stats["refused"].get("401", 0) + self.posts_of_login)
            self.assertEqual(desk.tokens_path.read_bytes(), content)
            self.assertIn(str(path_of(desk)), bridge.stderr)
            self.assertIn(named, bridge.stderr)
            self.assertNotIn(token, bridge.stderr)
            done = desk.run("status")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(str(path_of(desk)), done.stderr)
            self.assertEqual(desk.sandbox.oauth["authorizations"], before)
            say(f"{error['code']}: {error['message']}")

    def setUp(self):
        with Desk() as desk:
            desk.run("login", "--json")
            self.posts_of_login = desk.sandbox.stats["http"]["POST"] - desk.sandbox.stats["refused"].get("401", 0)

    def test_are_not_used_if_others_can_read_them(self):
        self.check(lambda desk: desk.tokens_path.chmod(0o644), lambda desk: desk.tokens_path, "chmod 600")

    def test_are_not_used_if_the_folder_is_open(self):
        self.check(lambda desk: desk.home.chmod(0o777), lambda desk: desk.home, "chmod go-w")


class AFolderThatCannotBeWritten(unittest.TestCase):
    def check(self, desk, environment=None):
        bridge = desk.bridge(**(environment or {}))
        bridge.open()
        self.assertTrue(is_good(bridge.answer(bridge.send_call())))
        for _ in range(3):
            desk.sandbox.do("expire-tokens")
            self.assertTrue(is_good(bridge.answer(bridge.send_call())))
        oauth = desk.sandbox.oauth
        self.assertEqual((oauth["authorizations"], oauth["refreshes_granted"], oauth["refresh_reuse"]), (1, 3, 0))
        self.assertEqual(len(desk.opened), 1)
        self.assertEqual(bridge.close(), 0)
        lines = bridge.stderr.splitlines()
        self.assertEqual(len(lines), 1, bridge.stderr)
        self.assertIn("nothing can be stored", lines[0])
        return lines[0]

    def test_because_it_is_none_is_no_place_for_a_sign_in(self):
        with Desk() as desk:
            desk.home.rmdir()
            desk.home.write_text("not a folder")
            bridge = desk.bridge()
            error = bridge.answer(bridge.send_initialize())["error"]
            self.assertEqual(error["code"], stand.TOKEN_STORE)
            self.assertIn(str(desk.home), error["message"])
            self.assertEqual(bridge.close(), 0)
            self.assertEqual((desk.opened, desk.sandbox.oauth["authorizations"]), ([], 0))
            self.assertEqual(desk.home.read_text(), "not a folder")
            say(f"a file in the folder's place: {error['message']}")

    def test_because_it_is_mounted_for_reading_keeps_the_sign_in_in_memory(self):
        with Desk("--rotate") as desk:
            if not mount_for_reading(desk.home):
                self.skipTest("NOTHING WAS TESTED: nothing can be mounted here")
            try:
                say("a folder for reading: " + self.check(desk))
                self.assertEqual(list(desk.home.iterdir()), [])
            finally:
                ctypes.CDLL(None).umount2(os.fsencode(desk.home), 2)


def mount_for_reading(folder):
    """In a name space of this process alone; whether that can be done."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNS) != 0:
        return False
    libc.mount(b"none", b"/", None, ctypes.c_ulong(1 << 18 | 1 << 14), None)  # nothing gets out
    path = os.fsencode(folder)
    return libc.mount(path, path, None, ctypes.c_ulong(MS_BIND), None) == 0 and libc.mount(
        None, path, None, ctypes.c_ulong(MS_REMOUNT | MS_BIND | MS_RDONLY), None) == 0


if __name__ == "__main__":
    stand.main()
