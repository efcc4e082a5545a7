"""Where secrets are seen: in the token file, on the wire, and nowhere else, however much is logged."""

import base64
import contextlib
import http.server
import json
import os
import pathlib
import threading
import unittest
import urllib.parse

import stand
from stand import Desk, fetch, is_good, say, wait_for

FORM = "application/x-www-form-urlencoded"


class Recorder(http.server.ThreadingHTTPServer):
    """Stands in front of a token endpoint and keeps what passes."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Passing)
        self.url = f"http://127.0.0.1:{self.server_port}/token"
        self.target = None
        self.secrets = {}  # value: what it is
        self.revoked = 0
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def keep(self, values):
        for name in ("access_token", "refresh_token", "code", "code_verifier", "client_secret", "token", "device_code"):
            if values.get(name):
                self.secrets.setdefault(values[name], name)


class Passing(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.keep(dict(urllib.parse.parse_qsl(body)))
        fields = {"Content-Type": FORM}
        if basic := self.headers["Authorization"]:
            fields["Authorization"] = basic
            encoded = basic.partition(" ")[2]
            self.server.secrets.setdefault(encoded, "basic authentication")
            self.server.secrets.setdefault(base64.b64decode(encoded).decode().partition(":")[2], "client_secret")
        status, _, text = fetch("POST", self.server.target, body, fields)
        self.server.keep(json.loads(text))
        answer = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Places:
    """Everything somebody could read, by name."""

    def __init__(self):
        self.texts = {}

    def add(self, name, text):
        self.texts[f"{name} ({len(self.texts)})"] = text

    def add_process(self, name, pid):
        for file in ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                self.add(f"{name}'s {file}", pathlib.Path(f"/proc/{pid}/{file}").read_bytes().decode("utf-8", "replace"))

    def add_folder(self, desk):
        """But for the token file, and what is going to be it."""
        for path in desk.home.rglob("*"):
            if path.name == desk.tokens_path.name or path.name.startswith(desk.tokens_path.name + ".tmp-"):
                continue
            if path.is_file():
                self.add(path.name, path.read_text(encoding="utf-8", errors="replace"))

    def find(self, secrets):
        found = []
        for value, kind in secrets.items():
            for form in {value, urllib.parse.quote(value, safe=""), base64.b64encode(value.encode()).decode().rstrip("=")}:
                found += [f"a {kind} in {name}" for name, text in self.texts.items() if form in text]
        return found


class Secrets(unittest.TestCase):
    def start(self, *switches):
        recorder = Recorder()
        self.addCleanup(recorder.server_close)
        self.addCleanup(recorder.shutdown)
        desk = Desk("--as-field", "token_endpoint=" + json.dumps(recorder.url), *switches)
        legacy = "--legacy-oauth" in switches
        recorder.target = (desk.sandbox.origin + "/api/unstable/mcp-server/token" if legacy
                           else desk.sandbox.app + "/api/v2/oauth2/token")
        return recorder, desk

    def sign_in_slowly(self, desk, bridge, places):
        """With a look at everybody while they are at it."""
        desk.hold_browser()
        number = bridge.send_initialize()
        [seen] = wait_for(lambda: desk.opened, "a browser")
        [worker] = desk.workers()
        for name, pid in (("bridge", bridge.pid), ("worker", worker), ("browser", seen["pid"])):
            places.add_process(name, pid)
        places.add("browser's own view", json.dumps(seen))
        places.add_folder(desk)
        desk.let_browser()
        self.assertIn("result", bridge.answer(number))
        bridge.write({"method": "notifications/initialized"})
        return seen

    def expire_slowly(self, desk, bridge, places):
        desk.sandbox.do("expire-tokens")
        number = bridge.send_call()
        for worker in wait_for(desk.workers, "a worker, which the token endpoint keeps waiting"):
            places.add_process("refreshing worker", worker)
        places.add_folder(desk)
        self.assertTrue(is_good(bridge.answer(number)))

    def check(self, *switches, to_file, kinds):
        recorder, desk = self.start("--rotate", "--revocation", "--slow-token", "150", *switches)
        places = Places()
        with desk:
            logging = ["--log-level", "trace", *(["--log-file", str(desk.home / "log")] if to_file else [])]
            bridge = desk.bridge(*logging)
            seen = self.sign_in_slowly(desk, bridge, places)
            for _ in range(3):
                self.expire_slowly(desk, bridge, places)
            wait_for(lambda: not desk.strangers(), "the end of all workers")
            stored = desk.tokens
            grant = desk.grant
            recorder.keep(grant)
            for registration in stored["registrations"]:
                recorder.keep(registration)
            self.assertIn(grant["access_token"], recorder.secrets)
            self.assertEqual(bridge.close(), 0)
            for verb in (["status"], ["status", "--json"], ["logout", "--json"]):
                done = desk.run(*verb, *logging)
                places.add(" ".join(verb), done.stdout + done.stderr)
            places.add("bridge's stderr", bridge.stderr)
            places.add("bridge's answers", json.dumps([bridge.answers, bridge.others]))
            places.add_folder(desk)
            self.assertEqual(list(desk.home.glob("*.tmp-*")), [])
            log = (desk.home / "log").read_text(encoding="utf-8") if to_file else bridge.stderr
            self.assertGreaterEqual(len(log.splitlines()), 8, "there is something to look through")
        self.assertEqual(places.find(recorder.secrets), [])
        self.assertLessEqual(kinds, set(recorder.secrets.values()))
        # What is started for the user keeps nothing of ours: no socket of the listener, no lock.
        self.assertEqual(set(seen["descriptors"]), {"0", "1", "2"}, seen["descriptors"])
        self.assertEqual(set(seen["descriptors"].values()), {"/dev/null"})
        self.assertEqual([name for name in seen["environment"] if name.startswith(("DOGPIPE", "DD_", "DATADOG", "BROWSER"))], [])
        # A search that finds nothing must be able to find something.
        self.assertTrue(with_text(seen["arguments"][0]).find({seen["arguments"][0][8:60]: "address"}))
        counts = sorted({kind: list(recorder.secrets.values()).count(kind) for kind in recorder.secrets.values()}.items())
        say(f"{len(recorder.secrets)} secrets ({', '.join(f'{count} {kind}' for kind, count in counts)}) in none of "
            f"{len(places.texts)} places, {sum(map(len, places.texts.values())) >> 10} KiB")

    def test_of_a_public_client_are_in_no_log_file(self):
        self.check(to_file=True, kinds={"code", "code_verifier", "access_token", "refresh_token"})

    def test_of_a_public_client_are_not_on_stderr(self):
        self.check(to_file=False, kinds={"code", "code_verifier", "access_token", "refresh_token"})

    def test_of_a_client_with_a_secret_are_nowhere_either(self):
        self.check("--legacy-oauth", to_file=True,
                   kinds={"code", "code_verifier", "access_token", "refresh_token", "client_secret",
                          "basic authentication"})

    def test_that_the_user_has_set_go_to_no_other_process(self):
        recorder, desk = self.start()
        secret = "canary-of-the-client-secret"
        places = Places()
        with desk:
            desk.hold_browser()
            bridge = desk.bridge("--log-level", "trace", "--log-file", str(desk.home / "log"), "--client-id",
                                 "3f6c1d28-94ab-4c5d-8b7e-6a52d0e17005", DATADOG_CLIENT_SECRET=secret,
                                 DD_API_KEY="canary-of-the-api-key")
            number = bridge.send_initialize()
            [seen] = wait_for(lambda: desk.opened, "a browser")
            [worker] = desk.workers()
            places.add_process("worker", worker)
            places.add_process("browser", seen["pid"])
            places.add("browser's own view", json.dumps(seen))
            desk.let_browser()
            error = bridge.answer(number)["error"]  # nobody but the sandbox's own clients has a secret
            self.assertEqual(error["code"], stand.SIGN_IN_FAILED)
            wait_for(lambda: not desk.strangers(), "the end of all workers")
            places.add("stderr", bridge.stderr)
            places.add_folder(desk)
            places.add("token file", json.dumps(desk.tokens))
            places.add("answer", json.dumps(error))
        self.assertIn(secret, recorder.secrets, "it was sent to the token endpoint")
        wanted = {secret: "client secret", "canary-of-the-api-key": "API key",
                  **{value: kind for value, kind in recorder.secrets.items()}}
        self.assertEqual(places.find(wanted), [])


def with_text(text):
    places = Places()
    places.add("here", text)
    return places


if __name__ == "__main__":
    if os.geteuid() != 0:
        stand.skip_loudly("only root can look into the environment of dogpipe's processes")
    stand.main()
