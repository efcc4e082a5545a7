"""The real program before a server of 2024-11-05. Usage: http_sse_bridge_test.py <dogpipe> <dogpipe-sandbox>"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source folder stays as it is

import sandbox_test
from sandbox_test import INTENT, Sandbox

DOGPIPE = ""
CLAIM = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
         "io.modelcontextprotocol/clientCapabilities": {"sampling": {}},
         "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"}}


class Host:
    def __init__(self, sandbox, home, *switches):
        environment = {"HOME": home, "DOGPIPE_HOME": home, "DOGPIPE_TOKEN": "sandbox-token"}
        environment |= {name: os.environ[name] for name in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
        self.process = subprocess.Popen([DOGPIPE, "--url", sandbox.url, "--allow-http", *switches], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)

    def say(self, method, params=None, **id):
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **id, "method": method, "params": params or {}}) + "\n")
        self.process.stdin.flush()

    def hear(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, method, params=None, id=1):
        self.say(method, params, id=id)
        answer = self.hear()
        assert answer["id"] == id, answer
        return answer

    def open(self):
        params = {"protocolVersion": "2025-11-25", "capabilities": {"sampling": {}},
                  "clientInfo": {"name": "t", "version": "1"}}
        answer = self.ask("initialize", params, id="i")
        self.say("notifications/initialized")
        return answer

    def call(self, id=1, meta=None, **wishes):
        arguments = {**INTENT, "_sandbox": wishes}
        return self.ask("tools/call", {"name": "list_hosts", "arguments": arguments, **({"_meta": meta} if meta else {})}, id)


@contextlib.contextmanager
def host_of(sandbox, *switches):
    with tempfile.TemporaryDirectory() as home:
        host = Host(sandbox, home, *switches)
        try:
            yield host
            host.process.stdin.close()
            assert host.process.wait(10) == 0, host.process.returncode
        finally:
            if host.process.poll() is None:
                host.process.kill()
            host.process.wait()
            host.process.stdout.close()
            if not host.process.stdin.closed:
                host.process.stdin.close()


class BeforeAServerOfTheOldWire(unittest.TestCase):
    def test_a_host_of_2025_is_served(self):
        for endpoint in ("relative", "absolute"):
            for post in ("405", "404"):
                with Sandbox("--era", "sse", "--sse-endpoint", endpoint, "--sse-post", post) as sandbox, \
                        host_of(sandbox, "--transport", "sse-first") as host:
                    self.assertEqual(host.open()["result"]["protocolVersion"], "2025-11-25")
                    self.assertIn("content", host.call(5, nonce="n")["result"])
                    self.assertEqual(sandbox.ask("ledger"), {"n": 1})
                    self.assertEqual(sandbox.ask("stats")["violations"], {})

    def test_a_host_of_2026_is_served(self):
        with Sandbox("--era", "sse") as sandbox, host_of(sandbox) as host:
            result = host.call(7, CLAIM, nonce="n")["result"]
            self.assertEqual(result["resultType"], "complete")
            self.assertEqual(host.ask("tools/list", {"_meta": CLAIM}, 8)["result"]["resultType"], "complete")
            self.assertEqual(sandbox.ask("ledger"), {"n": 1})
            self.assertEqual(host.call(9, CLAIM, sample=True)["result"]["resultType"], "input_required")
            self.assertEqual(sandbox.ask("stats")["violations"], {})

    def test_an_address_elsewhere_is_refused(self):
        with Sandbox("--era", "sse", "--sse-endpoint", "foreign") as sandbox, host_of(sandbox) as host:
            error = host.open()["error"]
            self.assertEqual(error["code"], -31011)
            self.assertIn("another origin", error["message"])
            self.assertEqual(sandbox.ask("stats")["violations"], {})

    def test_a_stream_that_is_cut_is_opened_again(self):
        with Sandbox("--era", "sse", "--cut-get-after", "3") as sandbox, host_of(sandbox) as host:
            host.open()
            for id in range(4):
                host.say("tools/list", id=id)
                while (answer := host.hear()).get("id") != id:
                    self.assertIn("list_changed", answer["method"])
                self.assertIn("tools", answer["result"])


if __name__ == "__main__":
    DOGPIPE = os.path.abspath(sys.argv.pop(1))
    sandbox_test.PROGRAM = sys.argv.pop(1)
    unittest.main()
