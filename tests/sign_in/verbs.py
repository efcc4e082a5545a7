"""What a user does about the sign-in by hand: login in all its ways, and logout."""

import json
import time
import unittest
import urllib.parse

import stand
from stand import Desk, fetch, say, wait_for

LTD, LABS = "7be2a1c4-2f0d-4f7a-bb7e-3a9d5f60c002", "c41d90f6-5b1e-4a0c-8e27-91d2b7e3a004"
SIGN_IN_NEEDED = 3


def line_of(program):
    return json.loads(program.process.stdout.readline())


class Login(unittest.TestCase):
    def assert_nothing_kept(self, desk):
        self.assertEqual((desk.tokens or {"grants": []})["grants"], [])

    def test_with_a_browser_stores_tokens_and_says_for_whom(self):
        with Desk() as desk:
            began = time.monotonic()
            done = desk.run("login", "--json")
            say(f"login: {(time.monotonic() - began) * 1000:.0f} ms, browser included")
            self.assertEqual(done.returncode, 0, done.stderr)
            url, outcome = map(json.loads, done.stdout.splitlines())
            self.assertEqual(desk.opened[0]["arguments"], [url["authorization_url"]])
            self.assertEqual((outcome["signed_in"], outcome["organization"]), (True, LTD))
            self.assertTrue(desk.sandbox.accepts(desk.grant["access_token"]))
            status = json.loads(desk.run("status", "--json").stdout)
            self.assertEqual([one["state"] for one in status["profiles"]], ["signed_in"])

    def test_by_pasting_opens_no_browser(self):
        with Desk("--auto-consent") as desk:
            login = desk.verb("login", "--paste", "--json")
            _, fields, _ = fetch("GET", line_of(login)["authorization_url"])
            for wrong in ("", "http://localhost/callback?code=x&state=wrong", fields["Location"].replace("state=", "x=")):
                login.process.stdin.write(wrong.encode() + b"\n")
            login.process.stdin.flush()
            wait_for(lambda: login.stderr.count("not the address") == 2, "two complaints")
            login.process.stdin.write(fields["Location"].encode() + b"\n")
            login.process.stdin.flush()
            self.assertEqual(login.wait(), 0, login.stderr)
            self.assertTrue(line_of(login)["signed_in"])
            self.assertEqual(desk.opened, [])
            self.assertTrue(desk.sandbox.accepts(desk.grant["access_token"]))
            say("login --paste: signed in, no browser")

    def test_that_was_pasted_whole_by_a_pipe_works_as_well(self):
        with Desk("--auto-consent") as desk:
            login = desk.verb("login", "--paste", "--json")
            _, fields, _ = fetch("GET", line_of(login)["authorization_url"])
            login.process.stdin.write(fields["Location"].encode() + b"\n")
            login.process.stdin.close()
            self.assertEqual(login.wait(), 0, login.stderr)
            self.assertTrue(desk.grant["access_token"])

    def test_with_a_device_opens_no_browser(self):
        with Desk("--device", "--device-interval", "1") as desk:
            login = desk.verb("login", "--device", "--json")
            shown = line_of(login)
            self.assertEqual(fetch("POST", desk.sandbox.origin + "/sandbox/approve-device?"
                                   + urllib.parse.urlencode({"user_code": shown["user_code"]}))[0], 200)
            self.assertEqual(login.wait(), 0, login.stderr)
            self.assertTrue(line_of(login)["signed_in"])
            self.assertEqual(desk.opened, [])
            self.assertTrue(desk.sandbox.accepts(desk.grant["access_token"]))
            say(f"login --device: signed in after {desk.sandbox.oauth['device_polls']} polls, no browser")

    def test_with_a_device_that_is_refused_keeps_nothing(self):
        with Desk("--device", "--device-interval", "1") as desk:
            login = desk.verb("login", "--device", "--json")
            fetch("POST", desk.sandbox.origin + "/sandbox/deny-device?user_code=" + line_of(login)["user_code"])
            self.assertEqual(login.wait(), SIGN_IN_NEEDED)
            self.assert_nothing_kept(desk)

    def refused(self, switches, *arguments, organization=None, login_status=SIGN_IN_NEEDED):
        """Signs in by `login` and by a bridge: neither may end well."""
        with Desk(*switches) as desk:
            if organization:
                (desk.browser / "organization").write_text(organization)
            done = desk.run("login", "--json", *arguments)
            self.assertEqual(done.returncode, login_status, done.stdout + done.stderr)
            self.assertEqual(json.loads(done.stderr.splitlines()[-1])["error"]["code"], "auth_required")
            self.assert_nothing_kept(desk)
            bridge = desk.bridge(*arguments)
            error = bridge.answer(bridge.send_initialize())["error"]
            self.assertEqual(error["code"], stand.SIGN_IN_FAILED)
            self.assert_nothing_kept(desk)
            self.assertEqual(len(desk.opened), 2)
            # Whoever has seen one tab does not want another for each request.
            again = bridge.answer(bridge.send_initialize())["error"]
            self.assertEqual(again["code"], stand.SIGN_IN_FAILED)
            self.assertEqual(len(desk.opened), 2)
            return error["message"]

    def test_at_another_site_than_the_profiles_is_refused(self):
        message = self.refused(["--wrong-site", "--site", "us3.datadoghq.com"], "--site", "us3")
        self.assertIn("site", message)
        say(f"wrong site: {message}")

    def test_at_the_right_site_is_not(self):
        with Desk("--site", "us3.datadoghq.com") as desk:
            self.assertEqual(desk.run("login", "--json", "--site", "us3").returncode, 0)
            self.assertEqual(desk.grant["site"], "us3.datadoghq.com")

    def test_to_another_organization_than_the_profiles_is_refused(self):
        with Desk() as desk:
            done = desk.run("login", "--json", "--organization", LABS)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(desk.grant["organization"], LABS)

        unknown = "00000000-0000-4000-8000-000000000000"
        message = self.refused([], "--organization", unknown)
        say(f"unknown organization: {message}")

    def test_whose_return_names_another_organization_is_refused(self):
        with Desk("--auto-consent") as desk:
            login = desk.verb("login", "--json", "--no-browser", "--organization", LABS)
            url = line_of(login)["authorization_url"]
            self.assertIn("dd_oid=" + LABS, url)
            _, fields, _ = fetch("GET", url.replace("dd_oid=" + LABS, "dd_oid=" + LTD))
            self.assertEqual(fetch("GET", fields["Location"])[0], 302)
            self.assertEqual(login.wait(), SIGN_IN_NEEDED)
            self.assert_nothing_kept(desk)
            self.assertEqual(desk.sandbox.oauth["codes_exchanged"], 0)
            self.assertIn("organization", login.stderr)

    def test_that_the_server_says_is_for_another_organization_is_refused(self):
        with Desk("--auto-consent") as desk:
            login = desk.verb("login", "--json", "--no-browser", "--organization", LABS)
            url = line_of(login)["authorization_url"]
            _, fields, _ = fetch("GET", url.replace("dd_oid=" + LABS, "dd_oid=" + LTD))
            # The return does not say so.
            self.assertIn("dd_oid=" + LTD, fields["Location"])
            back = fields["Location"].replace("dd_oid=" + LTD, "dd_oid=" + LABS)
            self.assertEqual(fetch("GET", back)[0], 302)
            self.assertEqual(login.wait(), SIGN_IN_NEEDED)
            self.assert_nothing_kept(desk)

    def test_that_is_open_already_is_joined(self):
        with Desk() as desk:
            desk.hold_browser()
            bridge = desk.bridge()
            number = bridge.send_initialize()
            wait_for(lambda: desk.opened, "a browser")
            login = desk.verb("login")
            wait_for(lambda: "open already" in login.stderr, "the second login to see the first")
            self.assertIn(desk.opened[0]["arguments"][0], login.stderr)
            desk.let_browser()
            self.assertEqual(login.wait(), 0, login.stderr)
            self.assertIn("Signed in", login.stderr)
            self.assertIn("result", bridge.answer(number))
            self.assertEqual(len(desk.opened), 1)


class Logout(unittest.TestCase):
    def sign_in_and_out(self, *switches):
        desk = Desk(*switches)
        with desk:
            self.assertEqual(desk.run("login", "--json").returncode, 0)
            grant = desk.grant
            done = desk.run("logout", "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            text = desk.tokens_path.read_text(encoding="utf-8")
            for name in ("access_token", "refresh_token"):
                self.assertTrue(grant[name])
                self.assertNotIn(grant[name], text)
            for path in desk.home.rglob("*"):
                if path.is_file():
                    self.assertNotIn(grant["refresh_token"], path.read_text(encoding="utf-8", errors="replace"))
            bridge = desk.bridge("--no-oauth")
            error = bridge.answer(bridge.send_initialize())["error"]
            self.assertEqual(error["code"], stand.SIGN_IN_REQUIRED)
            return json.loads(done.stdout), desk.sandbox.oauth["revocations"], desk.sandbox.accepts(grant["access_token"])

    def test_revokes_and_forgets(self):
        told, revocations, good = self.sign_in_and_out("--revocation")
        self.assertTrue(told["revoked"])
        self.assertGreaterEqual(revocations, 1)
        self.assertFalse(good)
        say(f"logout: {revocations} revocations, no token left in the file")

    def test_forgets_where_nothing_can_be_revoked(self):
        told, revocations, _ = self.sign_in_and_out()
        self.assertEqual((told["revoked"], revocations), (False, 0))

    def test_of_nobody_is_no_error(self):
        with Desk() as desk:
            self.assertEqual(desk.run("logout").returncode, 0)


if __name__ == "__main__":
    stand.main()
