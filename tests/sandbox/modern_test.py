"""Drives the modern wire (2026-07-28) of dogpipe-sandbox, alone and beside the legacy one.
Usage: modern_test.py <dogpipe-sandbox>"""

import base64
import contextlib
import http.client
import json
import os
import sys
import time
import unittest

sys.dont_write_bytecode = True  # the source folder stays as it is

import sandbox_test
from sandbox_test import BOTH, INTENT, Answer, Listener, Sandbox

VERSION = "2026-07-28"
PREFIX = "io.modelcontextprotocol/"
ALL = {"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}}
ANSWERS = {"form-1": {"action": "accept", "content": {"environment": "staging"}},
           "sample-1": {"role": "assistant", "content": {"type": "text", "text": "Fine."}, "model": "m"},
           "sample-2": {"role": "assistant", "content": {"type": "text", "text": "Two."}, "model": "m"},
           "roots-1": {"roots": []}, "roots-2": {"roots": []}, "url-1": {"action": "accept"}}
DONE = {"resultType": "complete", "content": [{"type": "text", "text": "done"}]}


def sentinel(text):
    return "=?base64?" + base64.b64encode(text.encode()).decode() + "?="


class Client:
    """Errors of the server are answers, not exceptions."""

    def __init__(self, sandbox, capabilities=None, **meta):
        self.sandbox, self.path = sandbox, "/v1/mcp"
        self.meta = {PREFIX + "protocolVersion": VERSION, PREFIX + "clientCapabilities": capabilities or {}, **meta}
        self.last_id = 0

    def message(self, method, params=None, id=None, meta=None):
        self.last_id += 1
        params = {**(params or {}), "_meta": {**self.meta, **(meta or {})}}
        return {"jsonrpc": "2.0", "id": self.last_id if id is None else id, "method": method, "params": params}

    def fields(self, message):
        params = message.get("params", {})
        fields = {**self.sandbox.key, "Content-Type": "application/json", "Accept": BOTH,
                  "MCP-Protocol-Version": params.get("_meta", {}).get(PREFIX + "protocolVersion", VERSION),
                  "Mcp-Method": message["method"]}
        name = params.get("uri" if message["method"] == "resources/read" else "name")
        if name and message["method"] in ("tools/call", "prompts/get", "resources/read"):
            fields["Mcp-Name"] = name if name.isascii() else sentinel(name)
        return fields

    def post(self, message, changes=None):
        fields = {**self.fields(message), **(changes or {})} if isinstance(message, dict) else {
            **self.sandbox.key, "Content-Type": "application/json", "Accept": BOTH, "MCP-Protocol-Version": VERSION}
        fields = {name: value for name, value in fields.items() if value is not None}
        return self.sandbox.request("POST", self.path, json.dumps(message), fields)

    def send(self, method, params=None, changes=None, **more):
        return self.post(self.message(method, params, **more), changes)

    def call(self, name="list_hosts", arguments=None, changes=None, id=None, meta=None, retry=None, **wishes):
        arguments = {**INTENT, **(arguments or {})}
        if wishes:
            arguments["_sandbox"] = wishes
        return self.send("tools/call", {"name": name, "arguments": arguments, **(retry or {})}, changes, id=id, meta=meta)

    @contextlib.contextmanager
    def stream(self, message):
        with self.sandbox.connect() as connection:
            connection.request("POST", self.path, json.dumps(message), self.fields(message))
            yield Listener(connection.getresponse())

    def listen(self, id="sub", **kinds):
        return self.stream(self.message("subscriptions/listen", {"notifications": kinds}, id=id))


def retry_of(result, **inputs):
    """What a retry has besides the original params."""
    retry = {"requestState": result["requestState"]} if "requestState" in result else {}
    if "inputRequests" in result:
        retry["inputResponses"] = {key: inputs.get(key, ANSWERS.get(key)) for key in result["inputRequests"]}
    return retry


def wait_for(condition):
    for _ in range(250):
        if condition():
            return True
        time.sleep(0.02)
    return False


class Case(unittest.TestCase):
    maxDiff = None

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.json["error"]["code"]), (status, code), answer.body)
        return answer.json["error"]


class TheEnvelope(Case):
    def test_discovery_says_what_there_is(self):
        with Sandbox("--era", "modern") as sandbox:
            answer = Client(sandbox).send("server/discover", id="d")
            result = answer.json["result"]
            self.assertEqual((answer.status, answer.json["id"]), (200, "d"))
            info = result["_meta"][PREFIX + "serverInfo"]
            self.assertEqual(info["name"], "datadog-mcp-sandbox")
            del result["_meta"]
            self.assertTrue(result.pop("instructions"))
            self.assertEqual(result, {
                "resultType": "complete", "ttlMs": 300000, "cacheScope": "private", "supportedVersions": [VERSION],
                "capabilities": {"tools": {"listChanged": True}, "resources": {"subscribe": True, "listChanged": True},
                                 "logging": {}, "prompts": {"listChanged": True}, "completions": {}}})

    def test_what_can_be_kept_says_for_how_long(self):
        with Sandbox("--era", "modern", "--ttl", "5", "--cache-scope", "public", "--no-server-info") as sandbox:
            client = Client(sandbox)
            for method, params in (("tools/list", {}), ("prompts/list", {}), ("resources/list", {}),
                                   ("resources/templates/list", {}), ("server/discover", {}),
                                   ("resources/read", {"uri": "datadog://mcp/whoami"})):
                result = client.send(method, params).json["result"]
                self.assertEqual([result[k] for k in ("resultType", "ttlMs", "cacheScope")], ["complete", 5, "public"])
                self.assertNotIn("_meta", result)
            for method, params in (("prompts/get", {"name": "summarise_service", "arguments": {"service": "x"}}),
                                   ("completion/complete", {"ref": {"type": "ref/prompt", "name": "summarise_service"},
                                                            "argument": {"name": "service", "value": "pay"}})):
                result = client.send(method, params).json["result"]
                self.assertEqual(result["resultType"], "complete")
                self.assertNotIn("ttlMs", result)
            self.assertNotIn("ttlMs", client.call().json["result"])

    def test_both_members_of_the_meta_are_required(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox)
            for meta in (None, {}, {PREFIX + "protocolVersion": VERSION}, {PREFIX + "clientCapabilities": {}},
                         {**client.meta, PREFIX + "protocolVersion": 20260728},
                         {**client.meta, PREFIX + "clientCapabilities": []},
                         {**client.meta, PREFIX + "logLevel": "loud"}):
                message = client.message("tools/list", id="m")
                message["params"] = {"_meta": meta} if meta is not None else {}
                answer = client.post(message)
                self.refused(answer, 400, -32602)
                self.assertEqual(answer.json["id"], "m")

    def test_fields_must_say_what_the_body_says(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox)
            uri = {"uri": "datadog://mcp/whoami"}
            prompt = {"name": "summarise_service", "arguments": {"service": "x"}}
            for method, params, changes in (
                    ("tools/list", {}, {"MCP-Protocol-Version": None}),
                    ("tools/list", {}, {"MCP-Protocol-Version": "2025-11-25"}),
                    ("tools/list", {}, {"Mcp-Method": None}),
                    ("tools/list", {}, {"Mcp-Method": "Tools/List"}),
                    ("tools/call", {"name": "list_hosts"}, {"Mcp-Name": None}),
                    ("tools/call", {"name": "list_hosts"}, {"Mcp-Name": "list_host"}),
                    ("tools/call", {"name": "list_hosts"}, {"Mcp-Name": sentinel("list_host")}),
                    ("tools/call", {"name": "list_hosts"}, {"Mcp-Name": "=?base64?%?="}),
                    ("prompts/get", prompt, {"Mcp-Name": "x"}),
                    ("resources/read", uri, {"Mcp-Name": "datadog://mcp/toolsets"})):
                self.refused(client.send(method, params, changes), 400, -32020)
            for method, params, changes in (
                    ("tools/list", {}, {"Mcp-Method": None, "mCP-mETHOD": "tools/list"}),
                    ("tools/call", {"name": "list_hosts"}, {"Mcp-Name": sentinel("list_hosts")}),
                    ("prompts/get", prompt, {}), ("resources/read", uri, {})):
                self.assertIn("result", client.send(method, params, changes).json)

    def test_other_versions_are_refused_with_those_that_are_served(self):
        with Sandbox("--era", "modern", "--modern-version", "2027-01-01") as sandbox:
            client = Client(sandbox)
            error = self.refused(client.send("tools/list"), 400, -32022)
            self.assertEqual(error["data"], {"supported": ["2027-01-01"], "requested": VERSION})
            client.meta[PREFIX + "protocolVersion"] = "2027-01-01"
            self.assertEqual(client.send("tools/list").status, 200)

    def test_what_belongs_to_sessions_is_not_there(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox)
            initialize = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
                "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}}
            error = self.refused(client.post(initialize, {"MCP-Protocol-Version": None}), 400, -32022)
            self.assertEqual(error["data"], {"supported": [VERSION], "requested": "2025-11-25"})
            for method in ("GET", "DELETE", "PUT"):
                answer = sandbox.request(method, "/v1/mcp", None, {**sandbox.key, "Accept": "text/event-stream"})
                self.assertEqual((answer.status, answer.fields["Allow"]), (405, "POST"))
            for method in ("ping", "logging/setLevel", "resources/subscribe", "tasks/list", "nothing"):
                answer = client.send(method, id="u")
                self.refused(answer, 404, -32601)
                self.assertEqual(answer.json["id"], "u")

    def test_only_single_requests_and_notifications_are_taken(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox)
            for body in ([client.message("tools/list")], {"jsonrpc": "2.0", "id": 1, "result": {}, "method": None}):
                answer = sandbox.request("POST", "/v1/mcp", json.dumps(body), client.fields(client.message("tools/list")))
                self.refused(answer, 400, -32600)
                self.assertNotIn("id", answer.json)
            cancelled = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
            answer = client.post(cancelled, {"Mcp-Session-Id": "x"})
            self.assertEqual((answer.status, answer.body), (202, ""))
            self.assertEqual(sandbox.ask("stats")["violations"],
                             {"notifications/cancelled by POST": 1, "session id on the modern wire": 1})

    def test_a_missing_resource_and_a_missing_tool_are_invalid_params(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox)
            error = self.refused(client.send("resources/read", {"uri": "x:y"}), 200, -32602)
            self.assertEqual(error["data"], {"uri": "x:y"})
            self.refused(client.call("no_such_tool"), 200, -32602)

    def test_templates_prompts_and_completion_have_answers(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox)
            template = client.send("resources/templates/list").json["result"]["resourceTemplates"][0]
            completion = client.send("completion/complete", {
                "ref": {"type": "ref/resource", "uri": template["uriTemplate"]},
                "argument": {"name": "service", "value": "payments"}}).json["result"]["completion"]
            uri = template["uriTemplate"].replace("{service}", completion["values"][0])
            read = client.send("resources/read", {"uri": uri}).json["result"]["contents"][0]
            self.assertEqual(json.loads(read["text"])["service"], "payments-api")
            names = [p["name"] for p in client.send("prompts/list").json["result"]["prompts"]]
            self.assertEqual(names, ["investigate_incident", "summarise_service", "compare_environments"])
            self.refused(client.send("prompts/get", {"name": "summarise_service"}), 200, -32602)
            self.refused(client.send("prompts/get", {"name": "nothing"}), 200, -32602)


class MirroredArguments(Case):
    ARGUMENTS = {"region": "eu", "limit": -7, "dry_run": True, "target": {"host": "日本", "port": 1}, "query": "q"}
    FIELDS = {"Mcp-Param-Region": "eu", "Mcp-Param-Limit": "-7", "Mcp-Param-Dry-Run": "true",
              "Mcp-Param-Target-Host": sentinel("日本")}

    def test_each_must_be_there_and_equal(self):
        with Sandbox("--era", "modern", "--trials") as sandbox:
            client = Client(sandbox)
            def call(changes, arguments=self.ARGUMENTS):
                return client.call("route_by_header", arguments, {**self.FIELDS, **changes})
            echoed = json.loads(call({}).json["result"]["content"][0]["text"])
            self.assertEqual(echoed, {**INTENT, **self.ARGUMENTS})
            for changes in ({"mcp-param-REGION": "eu", "Mcp-Param-Region": None}, {"Mcp-Param-Limit": "-7.0"},
                            {"Mcp-Param-Region": sentinel("eu")}, {"Mcp-Param-Unknown": "x"}):
                self.assertIn("result", call(changes).json, changes)
            for changes in [{name: None} for name in self.FIELDS] + [
                    {"Mcp-Param-Region": "EU"}, {"Mcp-Param-Limit": "-8"}, {"Mcp-Param-Limit": "minus seven"},
                    {"Mcp-Param-Dry-Run": "True"}, {"Mcp-Param-Target-Host": "=?base64?5pel?="},
                    {"Mcp-Param-Target-Host": "=?base64?5pel5pys"}]:
                self.refused(call(changes), 400, -32020)

    def test_without_the_argument_there_must_be_no_field(self):
        with Sandbox("--era", "modern", "--trials") as sandbox:
            client = Client(sandbox)
            self.assertIn("result", client.call("route_by_header", {"region": None}).json)
            self.refused(client.call("route_by_header", {"region": None}, {"Mcp-Param-Region": "null"}), 400, -32020)
            self.assertIn("result", client.call("route_by_header", {"region": ""}, {"Mcp-Param-Region": ""}).json)
            self.refused(client.call("route_by_header", {"region": ""}), 400, -32020)

    def test_a_name_that_is_not_ascii_takes_the_sentinel(self):
        with Sandbox("--era", "modern", "--trials") as sandbox:
            client = Client(sandbox)
            self.assertIn("result", client.call("déjà vu").json)
            self.refused(client.call("déjà vu", changes={"Mcp-Name": "déjà vu".encode()}), 400, -32020)

    def test_the_list_can_go_out_of_date_once_or_always(self):
        def listed(client):
            tools = client.send("tools/list").json["result"]["tools"]
            schema = next(t for t in tools if t["name"] == "route_by_header")["inputSchema"]
            return schema["properties"]["region"]["x-mcp-header"]
        for how, works in (("once", True), ("always", False)):
            with Sandbox("--era", "modern", "--trials", "--shift-schema", how) as sandbox:
                client = Client(sandbox)
                for field, good in (("Region", False), ("Area", works)):
                    self.assertEqual(listed(client), field)
                    answer = client.call("route_by_header", {"region": "eu"}, {"Mcp-Param-" + field: "eu"})
                    self.assertEqual(answer.status, 200 if good else 400)

    def test_invalid_tools_stand_beside_good_ones(self):
        with Sandbox("--era", "modern", "--invalid-tools", "--trials", "--page-size", "7") as sandbox:
            client, names, cursor = Client(sandbox), [], {}
            while cursor is not None:
                page = client.send("tools/list", cursor).json["result"]
                names += [tool["name"] for tool in page["tools"]]
                cursor = {"cursor": page["nextCursor"]} if "nextCursor" in page else None
            self.assertEqual(len([n for n in names if n.startswith("bad_header_")]), 14)
            self.assertIn("list_hosts", names)
            self.assertIn("route_by_header", names)
        with Sandbox() as sandbox:
            self.assertFalse([t for t in sandbox.session().tools() if t["name"].startswith("bad_")])


class Rounds(Case):
    def asked(self, answer):
        result = answer.json["result"]
        self.assertEqual(result["resultType"], "input_required", result)
        return result

    def test_each_question_is_asked_and_its_answer_taken(self):
        methods = {"ask_form": "elicitation/create", "ask_url": "elicitation/create",
                   "ask_model": "sampling/createMessage", "ask_roots": "roots/list"}
        with Sandbox("--era", "modern", "--trials") as sandbox:
            client = Client(sandbox, ALL)
            for tool, method in methods.items():
                result = self.asked(client.call(tool))
                (key, question), = result["inputRequests"].items()
                self.assertEqual(question["method"], method)
                self.assertNotIn("elicitationId", question["params"])
                done = client.call(tool, retry=retry_of(result)).json["result"]
                self.assertEqual(done["resultType"], "complete")
                self.assertEqual(json.loads(done["content"][1]["text"]), ANSWERS[key])
            self.assertEqual(sandbox.ask("stats")["violations"], {})
            self.assertEqual(sandbox.ask("stats")["input_rounds"], 4)

    def test_several_at_once_in_several_rounds_and_none_at_all(self):
        with Sandbox("--era", "modern", "--trials") as sandbox:
            client = Client(sandbox, ALL)
            def rounds(tool):
                keys, retry = [], {}
                while True:
                    result = client.call(tool, retry=retry).json["result"]
                    if result["resultType"] == "complete":
                        return keys, len(result["content"]) - 1
                    keys.append(sorted(result.get("inputRequests", {})))
                    retry = retry_of(result)
            self.assertEqual(rounds("ask_together"), ([["form-1", "sample-2"]], 2))
            self.assertEqual(rounds("ask_in_turn"), ([["form-1"], ["roots-2", "sample-1"], ["form-1"]], 4))
            self.assertEqual(rounds("ask_again"), ([[], []], 0))
            self.assertEqual(sandbox.ask("stats")["violations"], {})

    def test_only_the_last_round_is_an_execution(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox, ALL)
            wishes = {"ask": [["form"], ["url"]], "nonce": "n"}
            result = self.asked(client.call(**wishes))
            result = self.asked(client.call(retry=retry_of(result), **wishes))
            self.assertEqual(sandbox.ask("ledger"), {})
            client.call(retry=retry_of(result), **wishes)
            self.assertEqual(sandbox.ask("ledger"), {"n": 1})

    def test_prompts_and_resources_ask_too(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox, ALL)
            for method, params in (("prompts/get", {"name": "compare_environments"}),
                                   ("resources/read", {"uri": "datadog://mcp/asked"})):
                result = self.asked(client.send(method, params))
                done = client.send(method, {**params, **retry_of(result)})
                self.assertIn("staging", done.body)

    def test_a_state_with_another_byte_is_invalid(self):
        with Sandbox("--era", "modern", "--trials") as sandbox:
            client = Client(sandbox, ALL)
            retry = retry_of(self.asked(client.call("ask_form")))
            state = retry["requestState"]
            for i in list(range(0, len(state), 13)) + [len(state) - 1]:
                changed = state[:i] + ("A" if state[i] != "A" else "B") + state[i + 1:]
                self.refused(client.call("ask_form", retry={**retry, "requestState": changed}), 200, -32602)
            for changed in ("", state[:-1], state + "=", state.upper(), 7, None):
                self.refused(client.call("ask_form", retry={**retry, "requestState": changed}), 200, -32602)
            self.refused(client.call("ask_url", retry=retry), 200, -32602)
            self.refused(client.call("ask_form", {"x": 1}, retry=retry), 200, -32602)
            self.assertEqual(client.call("ask_form", retry=retry).json["result"]["resultType"], "complete")
        with Sandbox("--era", "modern", "--trials") as sandbox:
            self.refused(Client(sandbox, ALL).call("ask_form", retry=retry), 200, -32602)

    def test_what_a_retry_does_wrong_is_noted(self):
        with Sandbox("--era", "modern", "--trials") as sandbox:
            client = Client(sandbox, ALL)
            retry = retry_of(self.asked(client.call("ask_together", id=7)))
            client.call("ask_together", retry=retry, id="7")
            self.assertEqual(sandbox.ask("stats")["violations"], {})
            client.call("ask_together", retry=retry, id=7)
            again = self.asked(client.call("ask_together", retry={
                **retry, "inputResponses": {"form-1": ANSWERS["form-1"]}}))
            self.assertEqual(sorted(again["inputRequests"]), ["form-1", "sample-2"])
            client.call("ask_together", retry={**retry, "inputResponses": {**retry["inputResponses"], "x": {}}})
            client.call("ask_form", retry=retry)
            self.assertEqual(sandbox.ask("stats")["violations"], {
                "id of an earlier round": 1, "inputResponses are missing": 1,
                "inputResponses that nobody asked for": 1, "requestState of another request": 1})

    def test_questions_can_come_without_a_state(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox, ALL)
            result = self.asked(client.call(elicit="form", no_state=True))
            self.assertNotIn("requestState", result)
            done = client.call(elicit="form", no_state=True, retry=retry_of(result)).json["result"]
            self.assertEqual(done["resultType"], "complete")

    def test_what_the_client_cannot_do_is_named(self):
        with Sandbox("--era", "modern", "--trials") as sandbox:
            for tool, capabilities, needed in (
                    ("ask_form", {"elicitation": {"url": {}}}, {"elicitation": {"form": {}}}),
                    ("ask_url", {"elicitation": {}}, {"elicitation": {"url": {}}}),
                    ("ask_together", {"roots": {}}, {"elicitation": {"form": {}}, "sampling": {}}),
                    ("ask_roots", {}, {"roots": {}})):
                error = self.refused(Client(sandbox, capabilities).call(tool), 400, -32021)
                self.assertEqual(error["data"], {"requiredCapabilities": needed})
            self.assertIn("inputRequests", Client(sandbox, {"elicitation": {}}).call("ask_form").json["result"])


class TheStreamOfACall(Case):
    def messages(self, answer):
        return [json.loads(e["data"]) for e in answer.events if e["data"]]

    def test_progress_and_logs_come_where_they_were_asked_for(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox)
            silent = client.call(progress=3, log=2)
            self.assertEqual(silent.type, "application/json")
            answer = client.call(progress=3, log=2, meta={"progressToken": 0, PREFIX + "logLevel": "debug"})
            self.assertEqual(answer.fields["X-Accel-Buffering"], "no")
            messages = self.messages(answer)
            self.assertEqual([m["params"]["progress"] for m in messages[:3]], [1, 2, 3])
            self.assertEqual(messages[0]["params"]["progressToken"], 0)
            self.assertEqual([m["method"] for m in messages[3:5]], ["notifications/message"] * 2)
            self.assertEqual(messages[5]["result"]["resultType"], "complete")
            self.assertEqual({e["id"] for e in answer.events}, {None})
            quiet = client.call(log=2, meta={PREFIX + "logLevel": "error"})
            self.assertEqual(len(self.messages(quiet)), 1)

    def test_progress_goes_on_over_the_rounds_unless_it_starts_again(self):
        with Sandbox("--era", "modern") as sandbox:
            for wishes, values in (({}, [1, 2, 3, 4]), ({"progress_restarts": True}, [1, 2, 1, 2])):
                client = Client(sandbox, ALL)
                found, retry = [], {}
                for _ in range(2):
                    messages = self.messages(client.call(progress=2, elicit="form", meta={"progressToken": "t"},
                                                         retry=retry, **wishes))
                    found += [m["params"]["progress"] for m in messages[:-1]]
                    retry = retry_of(messages[-1]["result"])
                self.assertEqual(found, values)

    def test_a_closed_stream_stops_the_work(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox)
            for wishes in ({"sse": True}, {}):
                message = client.message("tools/call", {"name": "list_hosts", "arguments": {
                    **INTENT, "_sandbox": {"delay_ms": 1000, "nonce": "never", **wishes}}})
                with sandbox.connect() as connection:
                    connection.request("POST", "/v1/mcp", json.dumps(message), client.fields(message))
                    begun = sandbox.ask("stats")["works_stopped"] + 1
                    self.assertTrue(wait_for(lambda: sandbox.ask("stats")["works_begun"] == begun))
                self.assertTrue(wait_for(lambda: sandbox.ask("stats")["works_stopped"] == begun))
            time.sleep(1.1)  # when it would have been done
            stats = sandbox.ask("stats")
            self.assertEqual((stats["cancelled"], stats["works_done"], stats["open_streams"]), (2, 0, 0))
            self.assertEqual(sandbox.ask("ledger"), {})

    def test_streams_break_before_and_after_the_work(self):
        for how, counted in (("before", {}), ("after", {"n": 1})):
            for suffix in ("", "-notified"):
                with Sandbox("--era", "modern", "--break-calls", how + suffix + ":1") as sandbox:
                    client = Client(sandbox)
                    with self.assertRaises(http.client.IncompleteRead) as cut:
                        client.call(nonce="n", meta={"progressToken": 1})
                    self.assertEqual(b"progress" in cut.exception.partial, suffix != "")
                    self.assertEqual(sandbox.ask("ledger"), counted)
                    self.assertEqual(client.call(nonce="again").status, 200)
        with Sandbox("--era", "modern") as sandbox:
            with self.assertRaises(http.client.IncompleteRead) as cut:
                Client(sandbox).call(nonce="n", **{"break": "after-notified"}, meta={PREFIX + "logLevel": "info"})
            self.assertIn(b"breaking", cut.exception.partial)

    def test_what_may_not_come_can_be_made_to(self):
        with Sandbox("--era", "modern", "--trials") as sandbox:
            client = Client(sandbox)
            messages = self.messages(client.call(stray=True))
            self.assertEqual([m.get("method") for m in messages],
                             ["roots/list", "notifications/tools/list_changed", None])
            self.assertEqual(client.call(result_type="task").json["result"]["resultType"], "task")
            self.assertNotIn("resultType", client.call(result_type="").json["result"])
            result = client.call("list_numbers").json["result"]
            self.assertEqual(result["structuredContent"], [1, 2, 3])
            for fault, code in (("header-mismatch", -32020), ("capability-missing", -32021),
                                ("version-unsupported", -32022)):
                self.refused(client.call(fault=fault), 400, code)
            answer = sandbox.request("POST", "/v1/mcp", "{", client.fields(client.message("tools/list")))
            self.refused(answer, 400, -32700)
            self.assertNotIn("id", answer.json)

    def test_faults_quirks_and_the_rate_limit_are_of_both_wires(self):
        with Sandbox("--era", "modern", "--rate-limit", "3/60", "--sse", "always", "--fault", "503@tools/list:2") as sandbox:
            client = Client(sandbox)
            self.assertEqual(client.send("tools/list").json["result"]["resultType"], "complete")
            self.assertEqual(client.send("tools/list").status, 503)
            self.assertEqual(client.call(fault="502", nonce="f").status, 502)
            self.assertEqual([client.call(nonce="c").status for _ in range(4)], [200, 200, 200, 429])
            self.assertEqual(sandbox.ask("ledger"), {"f": 1, "c": 3})
            self.assertEqual(client.send("server/discover").type, "text/event-stream")
        with Sandbox("--era", "modern", "--forbid-calls", "scope") as sandbox:
            self.assertIn("insufficient_scope", Client(sandbox).call().fields["WWW-Authenticate"])


class Listening(Case):
    ACK = "notifications/subscriptions/acknowledged"

    def test_only_the_kinds_that_were_asked_for_come_each_with_its_tag(self):
        with Sandbox("--era", "modern", "--trials") as sandbox:
            client = Client(sandbox)
            with contextlib.ExitStack() as stack:
                few = stack.enter_context(client.listen(id=1, toolsListChanged=True, promptsListChanged=False,
                                                        resourceSubscriptions=["datadog://mcp/whoami", "no:such"]))
                many = stack.enter_context(client.listen(id="1", toolsListChanged=True, promptsListChanged=True,
                                                         resourcesListChanged=True))
                meta = {"_meta": {PREFIX + "subscriptionId": 1}}
                self.assertEqual(few.messages(1)[0], {"jsonrpc": "2.0", "method": self.ACK, "params": {
                    "notifications": {"toolsListChanged": True, "resourceSubscriptions": ["datadog://mcp/whoami"]},
                    **meta}})
                self.assertEqual(many.messages(1)[0]["method"], self.ACK)
                client.call("update_resource", {"uri": "datadog://mcp/toolsets"})
                client.call("update_resource", {"uri": "datadog://mcp/whoami"})
                for name in ("prompts", "resources"):
                    client.call("change_list", {"list": name})
                client.call(list_changed=True)
                self.assertEqual([(m["method"], m["params"]) for m in few.messages(2)], [
                    ("notifications/resources/updated", {"uri": "datadog://mcp/whoami", **meta}),
                    ("notifications/tools/list_changed", meta)])
                self.assertEqual([(m["method"], m["params"]) for m in many.messages(3)], [
                    (f"notifications/{kind}/list_changed", {"_meta": {PREFIX + "subscriptionId": "1"}})
                    for kind in ("prompts", "resources", "tools")])
                self.assertEqual(sandbox.ask("stats")["open_listens"], 2)
            self.assertTrue(wait_for(lambda: sandbox.ask("stats")["open_listens"] == 0))
            self.assertEqual(sandbox.ask("stats")["listens"], 2)

    def test_a_filter_is_required_and_may_be_empty(self):
        with Sandbox("--era", "modern") as sandbox:
            client = Client(sandbox)
            self.refused(client.send("subscriptions/listen"), 400, -32602)
            with client.listen() as stream:
                self.assertEqual(stream.messages(1)[0]["params"]["notifications"], {})

    def test_the_server_can_end_it_with_a_result_or_break_it(self):
        with Sandbox("--era", "modern", "--no-server-info") as sandbox:
            client = Client(sandbox)
            with client.listen(id=5) as stream:
                stream.messages(1)
                sandbox.request("POST", "/sandbox/end-listens")
                self.assertEqual(stream.messages(2), [{"jsonrpc": "2.0", "id": 5, "result": {
                    "resultType": "complete", "_meta": {PREFIX + "subscriptionId": 5}}}])
            with client.listen() as stream:
                stream.messages(1)
                sandbox.request("POST", "/sandbox/kill-listens")
                with self.assertRaises(http.client.IncompleteRead):
                    stream.response.read()

    def test_a_switch_breaks_it_after_some_events(self):
        with Sandbox("--era", "modern", "--cut-listen-after", "2") as sandbox:
            client = Client(sandbox)
            for _ in range(2):
                with client.listen(toolsListChanged=True) as stream:
                    stream.messages(1)
                    sandbox.request("POST", "/sandbox/list-changed")
                    with self.assertRaises(http.client.IncompleteRead):
                        stream.response.read()
            self.assertEqual(sandbox.ask("stats")["open_listens"], 0)

    def test_tests_can_announce_every_kind(self):
        with Sandbox("--era", "modern") as sandbox:
            with Client(sandbox).listen(promptsListChanged=True, resourcesListChanged=True,
                                        resourceSubscriptions=["datadog://mcp/whoami"]) as stream:
                for path in ("list-changed?list=prompts", "list-changed?list=resources",
                             "resource-updated?uri=datadog://mcp/whoami"):
                    self.assertEqual(sandbox.request("POST", "/sandbox/" + path).status, 200)
                self.assertEqual([m["method"].split("/", 1)[1] for m in stream.messages(4)[1:]],
                                 ["prompts/list_changed", "resources/list_changed", "resources/updated"])
            self.assertEqual(sandbox.request("POST", "/sandbox/list-changed?list=x").status, 404)


class BothWires(Case):
    def test_each_request_says_which_wire_it_is_for(self):
        with Sandbox("--era", "dual") as sandbox:
            client, session = Client(sandbox), sandbox.session()
            self.assertEqual(session.initialized["protocolVersion"], "2025-11-25")
            legacy = session.call().json["result"]
            modern = client.call("search_logs", {"query": "service:payments-api"}).json["result"]
            self.assertEqual(legacy["content"], modern["content"])
            self.assertEqual((legacy.get("resultType"), modern["resultType"]), (None, "complete"))
            self.assertEqual(session.send("ping").json["result"], {})
            self.refused(client.send("ping"), 404, -32601)
            self.refused(client.send("initialize"), 404, -32601)
            self.assertEqual(client.send("server/discover").json["result"]["supportedVersions"], [VERSION])
            self.refused(client.post({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}), 400, -32602)
            self.assertEqual(sandbox.ask("stats")["violations"], {})
            session.post({"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"Mcp-Method": "ping"})
            self.assertEqual(sandbox.ask("stats")["violations"], {"modern field on the legacy wire": 1})

    def test_a_probe_is_no_violation_on_the_legacy_wire(self):
        with Sandbox("--era", "legacy") as sandbox:
            client = Client(sandbox)
            self.assertEqual(client.send("server/discover").status, 400)
            self.assertEqual(sandbox.ask("stats")["violations"], {})
            client.send("tools/list")
            self.assertEqual(sandbox.ask("stats")["violations"], {"modern field on the legacy wire": 1})

    def test_the_journal_keeps_what_was_sent(self):
        with Sandbox("--era", "dual") as sandbox:
            Client(sandbox).send("tools/list")
            (entry,) = sandbox.ask("journal")
            self.assertEqual((entry["method"], entry["path"]), ("POST", "/v1/mcp"))
            self.assertEqual(entry["fields"]["Mcp-Method"], "tools/list")
            self.assertNotIn("Authorization", entry["fields"])
            self.assertEqual(json.loads(entry["body"])["method"], "tools/list")

    def test_changes_reach_the_streams_of_both(self):
        with Sandbox("--era", "dual") as sandbox:
            client, session = Client(sandbox), sandbox.session()
            with session.listen() as get, client.listen(toolsListChanged=True,
                                                        resourceSubscriptions=["datadog://mcp/whoami"]) as listen:
                listen.messages(1)
                client.call(resource_updated="datadog://mcp/whoami")  # to which the session has not subscribed
                client.call(list_changed=True)
                session.call(list_changed=True)
                self.assertEqual([m["method"] for m in get.messages(2)], ["notifications/tools/list_changed"] * 2)
                self.assertEqual([m["method"].split("/", 1)[1] for m in listen.messages(3)],
                                 ["resources/updated", "tools/list_changed", "tools/list_changed"])
                session.send("resources/subscribe", {"uri": "datadog://mcp/whoami"})
                client.call(resource_updated="datadog://mcp/whoami")
                self.assertEqual(get.messages(1)[0]["params"], {"uri": "datadog://mcp/whoami"})

    def test_other_versions_can_be_listed(self):
        with Sandbox("--era", "dual", "--supported", "2025-11-25,2025-06-18") as sandbox:
            client, listed = Client(sandbox), ["2025-11-25", "2025-06-18"]
            self.assertEqual(client.send("server/discover").json["result"]["supportedVersions"], listed)
            client.meta[PREFIX + "protocolVersion"] = "2099-01-01"
            error = self.refused(client.send("tools/list"), 400, -32022)
            self.assertEqual(error["data"], {"supported": listed, "requested": "2099-01-01"})

    def test_the_legacy_leg_can_be_without_sessions(self):
        with Sandbox("--era", "dual", "--stateless") as sandbox:
            fields = {**sandbox.key, "Content-Type": "application/json", "Accept": BOTH}
            def post(method, params, version=None):
                body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
                more = {"MCP-Protocol-Version": version} if version else {}
                return sandbox.request("POST", "/v1/mcp", body, {**fields, **more})
            opened = post("initialize", {"protocolVersion": "2025-06-18", "capabilities": ALL})
            self.assertEqual(opened.json["result"]["protocolVersion"], "2025-06-18")
            self.assertNotIn("Mcp-Session-Id", opened.fields)
            self.assertIn("tools", post("tools/list", {}, "2025-06-18").json["result"])
            call = {"name": "list_hosts", "arguments": {**INTENT, "_sandbox": {"elicit": "form", "sse": True}}}
            self.assertIn("refused", post("tools/call", call, "2025-06-18").json["result"]["content"][1]["text"])
            for method in ("GET", "DELETE"):
                answer = sandbox.request(method, "/v1/mcp", None, {**sandbox.key, "Accept": "text/event-stream"})
                self.assertEqual(answer.status, 405)
            self.assertIn("result", Client(sandbox).call().json)


    def test_a_legacy_server_meets_a_probe_as_old_servers_do(self):
        for switches, status, code in (([], 400, -32000), (["--stateless"], 400, -32000),
                                       (["--stateless", "--ignore-version"], 200, -32601)):
            with Sandbox(*switches) as sandbox:
                self.refused(Client(sandbox).send("server/discover"), status, code)


class TheLegacyLeg(Case):
    """What the legacy wire has besides sandbox_test.py."""

    def test_every_core_method_has_an_answer(self):
        with Sandbox("--trials") as sandbox:
            session = sandbox.session()
            self.assertIn("completions", session.initialized["capabilities"])
            for method, params in (("prompts/list", {}), ("resources/templates/list", {}),
                                   ("prompts/get", {"name": "summarise_service", "arguments": {"service": "x"}}),
                                   ("resources/read", {"uri": "datadog://mcp/services/payments-api"}),
                                   ("completion/complete", {"ref": {"type": "ref/prompt", "name": "x"},
                                                            "argument": {"name": "service", "value": ""}})):
                self.assertIn("result", session.send(method, params).json, method)
            self.assertNotIn("list_numbers", [tool["name"] for tool in session.tools()])

    def test_questions_of_one_round_are_asked_at_once(self):
        with Sandbox("--trials") as sandbox:
            session = sandbox.session(capabilities=ALL)
            with sandbox.connect() as connection:
                body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call",
                        "params": {"name": "ask_together", "arguments": {}}}
                connection.request("POST", "/v1/mcp", json.dumps(body), session.fields)
                listener = Listener(connection.getresponse())
                form, sample = listener.messages(2)
                self.assertEqual([form["method"], sample["method"]], ["elicitation/create", "sampling/createMessage"])
                session.post({"jsonrpc": "2.0", "id": sample["id"], "result": {"n": 2}})
                session.post({"jsonrpc": "2.0", "id": form["id"], "result": {"n": 1}})
                content = listener.messages(1)[0]["result"]["content"]
                self.assertEqual([c["text"] for c in content], ["done", '{"n":1}', '{"n":2}'])

    def test_prompts_ask_within_their_own_stream(self):
        with Sandbox("--trials") as sandbox:
            session = sandbox.session(capabilities=ALL)
            with sandbox.connect() as connection:
                body = {"jsonrpc": "2.0", "id": 7, "method": "prompts/get", "params": {"name": "compare_environments"}}
                connection.request("POST", "/v1/mcp", json.dumps(body), session.fields)
                listener = Listener(connection.getresponse())
                session.post({"jsonrpc": "2.0", "id": listener.messages(1)[0]["id"], "result": {"action": "decline"}})
                self.assertIn("decline", json.dumps(listener.messages(1)[0]["result"]["messages"]))

    def test_tests_can_ask_out_of_turn(self):
        with Sandbox() as sandbox:
            session = sandbox.session(capabilities=ALL)
            with session.listen() as get:
                for what, method in (("ping", "ping"), ("form", "elicitation/create")):
                    sandbox.request("POST", "/sandbox/ask?what=" + what)
                    question = get.messages(1)[0]
                    self.assertEqual(question["method"], method)
                    session.post({"jsonrpc": "2.0", "id": question["id"], "result": {"to": what}})
                self.assertEqual([a["result"] for a in sandbox.ask("stats")["answers"]], [{"to": "ping"}, {"to": "form"}])
            self.assertEqual(sandbox.request("POST", "/sandbox/ask?what=x").status, 404)

    def test_what_is_asked_by_the_get_stream_needs_no_stream_of_its_own(self):
        with Sandbox() as sandbox:
            answer = sandbox.session(capabilities=ALL).call(elicit="form", via="get")
            self.assertEqual(answer.type, "application/json")
            self.assertIn("no stream to ask on", answer.body)

    def test_logs_can_come_by_the_get_stream(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            with session.listen() as get:
                self.assertEqual(len([e for e in session.call(log=1, log_via="get").events if e["data"]]), 1)
                self.assertEqual(get.messages(1)[0]["method"], "notifications/message")

    def test_the_end_of_a_question_by_url_can_be_told(self):
        with Sandbox("--trials") as sandbox:
            session = sandbox.session(capabilities=ALL)
            with sandbox.connect() as connection:
                body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call",
                        "params": {"name": "ask_url", "arguments": {"_sandbox": {"complete": True}}}}
                connection.request("POST", "/v1/mcp", json.dumps(body), session.fields)
                listener = Listener(connection.getresponse())
                question = listener.messages(1)[0]
                session.post({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "accept"}})
                told, last = listener.messages(2)
                self.assertEqual(told["method"], "notifications/elicitation/complete")
                self.assertEqual(told["params"], {"elicitationId": question["params"]["elicitationId"]})
                self.assertIn("result", last)

    def test_a_question_by_url_can_be_a_refusal_the_first_time(self):
        for switches, wishes in ((["--url-required"], {}), ([], {"url_required": True})):
            with Sandbox("--trials", *switches) as sandbox:
                session = sandbox.session(capabilities=ALL)
                error = session.call("ask_url", id=3, **wishes).json["error"]
                self.assertEqual(error["code"], -32042)
                (elicitation,) = error["data"]["elicitations"]
                self.assertEqual(elicitation["mode"], "url")
                self.assertTrue(elicitation["elicitationId"])
                self.assertIn("result", session.call("ask_url", id=4, **wishes).json)


if __name__ == "__main__":
    if len(sys.argv) > 1 and os.access(sys.argv[1], os.X_OK):
        sandbox_test.PROGRAM = sys.argv.pop(1)
    unittest.main()
