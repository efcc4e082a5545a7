"""Drives the HTTP+SSE wire (2024-11-05) of dogpipe-sandbox. Usage: sse_test.py <dogpipe-sandbox>"""

import contextlib
import http.client
import json
import os
import sys
import unittest
import urllib.parse

sys.dont_write_bytecode = True  # the source folder stays as it is

import sandbox_test
from sandbox_test import INTENT, Answer, Sandbox


class Link:
    """A client on one stream."""

    def __init__(self, sandbox, response):
        self.sandbox, self.response = sandbox, response

    def event(self):
        event = {}
        while line := self.response.readline().decode().rstrip("\r\n"):
            name, _, value = line.partition(": ")
            event[name] = value
        return event

    def message(self):
        event = self.event()
        assert event["event"] == "message", event
        return json.loads(event["data"])

    def begin(self):
        self.address = self.event()["data"]
        self.send("initialize", {"protocolVersion": "2024-11-05", "capabilities": {"sampling": {}, "roots": {}},
                                 "clientInfo": {"name": "t", "version": "1"}}, id=0)
        return self.message()["result"]

    def post(self, message):
        url = urllib.parse.urlsplit(urllib.parse.urljoin(self.sandbox.url, self.address))
        with contextlib.closing(http.client.HTTPConnection(url.hostname, url.port, timeout=10)) as connection:
            connection.request("POST", url.path + "?" + url.query, json.dumps(message),
                               {**self.sandbox.key, "Content-Type": "application/json"})
            return Answer(connection.getresponse())

    def send(self, method, params=None, id=1):
        answer = self.post({"jsonrpc": "2.0", "id": id, "method": method, "params": params or {}})
        assert (answer.status, answer.body) == (202, ""), (answer.status, answer.body)

    def call(self, id=1, **wishes):
        self.send("tools/call", {"name": "list_hosts", "arguments": {**INTENT, "_sandbox": wishes}}, id)


@contextlib.contextmanager
def link_to(sandbox):
    with sandbox.connect() as connection:
        connection.request("GET", "/v1/mcp", headers={**sandbox.key, "Accept": "text/event-stream"})
        response = connection.getresponse()
        assert response.status == 200, response.status
        yield Link(sandbox, response)


class TheOldWire(unittest.TestCase):
    def test_answers_come_by_the_stream(self):
        with Sandbox("--era", "sse") as sandbox, link_to(sandbox) as link:
            result = link.begin()
            self.assertEqual(result["protocolVersion"], "2024-11-05")
            self.assertEqual(link.post({"jsonrpc": "2.0", "method": "notifications/initialized"}).status, 202)
            link.send("ping", id="p")
            self.assertEqual(link.message(), {"jsonrpc": "2.0", "id": "p", "result": {}})
            for id in (1, 2):
                link.call(id, nonce="n")
                self.assertEqual(link.message()["id"], id)
            self.assertEqual(sandbox.ask("ledger"), {"n": 2})
            link.send("nothing")
            self.assertEqual(link.message()["error"]["code"], -32601)

    def test_the_server_asks_and_announces_on_the_same_stream(self):
        with Sandbox("--era", "sse") as sandbox, link_to(sandbox) as link:
            link.begin()
            link.call(5, sample=True, log=1, list_changed="prompts")
            self.assertEqual(link.message()["method"], "notifications/message")
            self.assertEqual(link.message()["method"], "notifications/prompts/list_changed")
            question = link.message()
            self.assertEqual(question["method"], "sampling/createMessage")
            link.post({"jsonrpc": "2.0", "id": question["id"], "result": {"model": "m"}})
            self.assertEqual(link.message()["result"]["content"][1]["text"], '{"model":"m"}')
            sandbox.request("POST", "/sandbox/list-changed")
            self.assertEqual(link.message()["method"], "notifications/tools/list_changed")

    def test_the_address_is_relative_absolute_or_elsewhere(self):
        for how, pattern in (("relative", "/v1/mcp/messages"), ("absolute", r"http://127\.0\.0\.1:\d+/v1/mcp/messages"),
                             ("foreign", r"http://localhost:\d+/v1/mcp/messages")):
            with Sandbox("--era", "sse", "--sse-endpoint", how) as sandbox, link_to(sandbox) as link:
                event = link.event()
                self.assertEqual(event["event"], "endpoint")
                self.assertRegex(event["data"], "^" + pattern + "\\?session=[0-9a-f]{32}$")
        with Sandbox("--era", "sse", "--sse-endpoint", "absolute") as sandbox, link_to(sandbox) as link:
            self.assertIn("capabilities", link.begin())
            self.assertEqual(sandbox.ask("stats")["violations"], {})

    def test_who_follows_an_address_elsewhere_is_noted(self):
        with Sandbox("--era", "sse", "--sse-endpoint", "foreign") as sandbox, link_to(sandbox) as link:
            link.begin()
            self.assertEqual(sandbox.ask("stats")["violations"], {"POST to an endpoint of another origin": 1})

    def test_a_post_to_the_stream_is_refused_as_asked(self):
        for how, kind in (("405", "application/json"), ("404", "text/html")):
            with Sandbox("--era", "sse", "--sse-post", how) as sandbox:
                answer = sandbox.request("POST", "/v1/mcp", "{}", {**sandbox.key, "Content-Type": "application/json"})
                self.assertEqual((answer.status, answer.type.split(";")[0]), (int(how), kind))

    def test_credentials_and_the_session_are_required(self):
        with Sandbox("--era", "sse") as sandbox, link_to(sandbox) as link:
            fields = {**sandbox.key, "Content-Type": "application/json"}
            address = link.event()["data"]
            ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}'
            self.assertEqual(sandbox.request("POST", address, ping, {}).status, 401)
            self.assertEqual(sandbox.request("POST", address, ping, fields).status, 400)
            self.assertEqual(sandbox.request("POST", address[:-1] + "x", ping, fields).status, 404)
            self.assertEqual(sandbox.request("GET", "/v1/mcp").status, 401)
            self.assertEqual(sandbox.request("DELETE", "/v1/mcp", None, sandbox.key).status, 405)

    def test_the_stream_can_be_cut_and_its_session_is_gone(self):
        with Sandbox("--era", "sse", "--cut-get-after", "2") as sandbox:
            with link_to(sandbox) as link:
                link.begin()
                link.send("ping")
                with self.assertRaises(http.client.IncompleteRead):
                    link.response.read()
                self.assertEqual(link.post({"jsonrpc": "2.0", "id": 1, "method": "ping"}).status, 404)

    def test_other_wires_do_not_have_its_addresses(self):
        with Sandbox() as sandbox:
            self.assertEqual(sandbox.request("POST", "/v1/mcp/messages?session=1", "{}", sandbox.key).status, 404)


if __name__ == "__main__":
    if len(sys.argv) > 1 and os.access(sys.argv[1], os.X_OK):
        sandbox_test.PROGRAM = sys.argv.pop(1)
    unittest.main()
