"""Drives the real dogpipe-sandbox through what it promises. Usage: sandbox_test.py <dogpipe-sandbox>"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest

PROGRAM = os.environ.get("DOGPIPE_SANDBOX_BIN", "dogpipe-sandbox")
BOTH = "application/json, text/event-stream"
INTENT = {"telemetry": {"intent": "test the sandbox"}}
CLASSIC = """ask_docs get_events get_incident get_metrics get_monitors get_synthetics_tests get_trace
list_dashboards list_hosts list_incidents list_metrics list_services list_spans search_logs
search_rum_events""".split()

WIDGETS = "get_metrics get_datadog_metric get_datadog_dashboard upsert_datadog_dashboard".split()


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.fields = response.headers
        self.type = response.getheader("Content-Type", "")
        self.body = response.read().decode()

    @property
    def events(self):
        return read_events(self.body)

    @property
    def json(self):
        if self.type.startswith("text/event-stream"):
            return [json.loads(e["data"]) for e in self.events if e["data"]][-1]
        return json.loads(self.body)


def read_events(text):
    events = []
    for block in re.split(r"\r\n\r\n|\n\n|\r\r", text):
        event = {"id": None, "data": None, "retry": None}
        for line in re.split(r"\r\n|\n|\r", block):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                event["data"] = value if event["data"] is None else event["data"] + "\n" + value
            elif name in event:
                event[name] = value
        if any(v is not None for v in event.values()):
            events.append(event)
    return events


class Sandbox:
    def __init__(self, *switches):
        self.process = subprocess.Popen([PROGRAM, *switches], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        self.port = int(re.fullmatch(r"http://127\.0\.0\.1:(\d+)/v1/mcp", self.url)[1])
        self.key = {"Authorization": "Bearer sandbox-token"}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.code = self.process.wait(5)
        self.process.stdout.close()

    def connect(self):
        return contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10))

    def request(self, method, path, body=None, fields=None):
        with self.connect() as connection:
            connection.request(method, path, body, fields or {})
            return Answer(connection.getresponse())

    def ask(self, path):
        return self.request("GET", "/sandbox/" + path).json

    def session(self, **options):
        return Session(self, **options)


class Session:
    """A small client. Errors of the server are answers, not exceptions."""

    def __init__(self, sandbox, version="2025-11-25", capabilities=None, path="/v1/mcp", fields=None):
        self.sandbox, self.path = sandbox, path
        self.fields = {**sandbox.key, "Content-Type": "application/json", "Accept": BOTH, **(fields or {})}
        params = {"protocolVersion": version, "capabilities": capabilities or {},
                  "clientInfo": {"name": "test", "version": "1"}}
        self.opened = self.send("initialize", params, id=0)
        self.initialized = self.opened.json["result"]
        self.fields["Mcp-Session-Id"] = self.opened.fields["Mcp-Session-Id"]
        self.fields["MCP-Protocol-Version"] = self.initialized["protocolVersion"]

    def post(self, message, fields=None):
        body = message if isinstance(message, (str, bytes)) else json.dumps(message)
        return self.sandbox.request("POST", self.path, body, {**self.fields, **(fields or {})})

    def send(self, method, params=None, id=1):
        message = {"jsonrpc": "2.0", "id": id, "method": method}
        if params is not None:
            message["params"] = params
        return self.post(message)

    def call(self, name="search_logs", id=1, meta=None, **wishes):
        arguments = {**INTENT, "query": "service:payments-api"}
        if wishes:
            arguments["_sandbox"] = wishes
        params = {"name": name, "arguments": arguments}
        if meta:
            params["_meta"] = meta
        return self.send("tools/call", params, id)

    def tools(self):
        return self.send("tools/list").json["result"]["tools"]

    @contextlib.contextmanager
    def listen(self, last_event_id=None):
        fields = {k: v for k, v in self.fields.items() if k != "Content-Type"}
        fields["Accept"] = "text/event-stream"
        if last_event_id:
            fields["Last-Event-ID"] = last_event_id
        with self.sandbox.connect() as connection:
            connection.request("GET", self.path, headers=fields)
            yield Listener(connection.getresponse())


class Listener:
    def __init__(self, response):
        self.status, self.response = response.status, response

    def messages(self, count):
        found = []
        while len(found) < count:
            line = self.response.readline()
            if not line:
                break
            if line.startswith(b"data: {"):
                found.append(json.loads(line[6:]))
        return found


def example_arguments(tool):
    schema = tool["inputSchema"]
    arguments = dict(INTENT)
    for name in schema["required"]:
        if name != "telemetry":
            wanted = schema["properties"][name]
            arguments[name] = wanted.get("default", (wanted.get("examples") or [[]])[0])
    return arguments


class TheDoor(unittest.TestCase):
    def refused(self, fields, *switches):
        with Sandbox(*switches) as sandbox:
            fields = {"Content-Type": "application/json", "Accept": BOTH, **fields}
            return sandbox.request("POST", "/v1/mcp", "{}", fields)

    def test_without_credentials_there_is_datadogs_401_without_a_challenge(self):
        answer = self.refused({})
        self.assertEqual((answer.status, answer.type), (401, "application/json"))
        self.assertEqual(answer.body, '{"errors":["Unauthorized"]}')
        self.assertNotIn("WWW-Authenticate", answer.fields)

    def test_the_challenge_is_a_switch(self):
        self.assertIn("resource_metadata=", self.refused({}, "--challenge").fields["WWW-Authenticate"])

    def test_keys_open_in_both_spellings_and_only_as_a_pair(self):
        with Sandbox() as sandbox:
            for mark in "-_":
                keys = {f"DD{mark}API{mark}KEY": "sandbox-api-key",
                        f"DD{mark}APPLICATION{mark}KEY": "sandbox-application-key"}
                sandbox.key = keys
                self.assertEqual(sandbox.session().opened.status, 200)
                keys.popitem()
                self.assertEqual(sandbox.request("POST", "/v1/mcp", "{}", keys).status, 401)

    def test_both_paths_serve_and_others_do_not_exist(self):
        with Sandbox() as sandbox:
            self.assertEqual(sandbox.session(path="/api/unstable/mcp-server/mcp").opened.status, 200)
            self.assertEqual(sandbox.request("POST", "/mcp", "{}", sandbox.key).status, 404)

    def test_media_types_are_checked(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            self.assertEqual(session.post(ping, {"Accept": "application/json"}).status, 406)
            self.assertEqual(session.post(ping, {"Accept": "*/*"}).status, 200)
            self.assertEqual(session.post(ping, {"Content-Type": "text/plain"}).status, 415)

    def test_calls_can_be_forbidden_in_three_ways(self):
        for how, status in (("status", 403), ("scope", 403), ("result", 200)):
            with Sandbox("--forbid-calls", how) as sandbox:
                answer = sandbox.session().call()
                self.assertEqual(answer.status, status)
                self.assertEqual("insufficient_scope" in answer.fields.get("WWW-Authenticate", ""), how == "scope")
                if how == "result":
                    self.assertTrue(answer.json["result"]["isError"])

    def test_the_rate_limit_counts_calls(self):
        for after, pattern in (("3", "3"), ("none", None), ("date", r"\w{3}, \d\d \w{3} \d{4} .* GMT")):
            with Sandbox("--rate-limit", "2/60", "--retry-after", after) as sandbox:
                session = sandbox.session()
                answers = [session.call() for _ in range(3)]
                self.assertEqual([a.status for a in answers], [200, 200, 429])
                self.assertEqual(session.send("ping").status, 200)
                told = answers[2].fields.get("Retry-After")
                self.assertTrue(told is None if pattern is None else re.fullmatch(pattern, told))


class Sessions(unittest.TestCase):
    def test_revisions_are_negotiated(self):
        with Sandbox() as sandbox:
            for offered, spoken in (("2024-11-05", "2024-11-05"), ("2025-03-26", "2025-03-26"),
                                    ("2025-06-18", "2025-06-18"), ("2026-07-28", "2025-11-25")):
                session = sandbox.session(version=offered)
                self.assertEqual(session.initialized["protocolVersion"], spoken)
        with Sandbox("--protocol", "2025-06-18") as sandbox:
            self.assertEqual(sandbox.session().initialized["protocolVersion"], "2025-06-18")

    def test_the_session_and_the_revision_are_required(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            self.assertRegex(session.fields["Mcp-Session-Id"], "^[0-9a-f]{32}$")
            self.assertEqual(session.send("ping").json, {"jsonrpc": "2.0", "id": 1, "result": {}})
            session.fields["MCP-Protocol-Version"] = "2024-01-01"
            self.assertEqual(session.send("ping").status, 400)
            del session.fields["Mcp-Session-Id"]
            self.assertEqual(session.send("ping").status, 400)

    def test_a_dead_session_is_refused_as_asked(self):
        for status in ("400", "401", "404"):
            for body in ("json", "jsonrpc", "html", "empty", "text"):
                with Sandbox("--dead-session", status, "--dead-session-body", body) as sandbox:
                    session = sandbox.session()
                    self.assertEqual(sandbox.request("POST", "/sandbox/kill-sessions").status, 200)
                    answer = session.send("ping")
                    self.assertEqual(answer.status, int(status))
                    self.assertEqual(answer.body == "", body == "empty")
                    self.assertEqual("html" in answer.type, body == "html")

    def test_a_session_can_die_after_some_requests(self):
        with Sandbox("--kill-session-after", "2") as sandbox:
            session = sandbox.session()
            self.assertEqual([session.send("ping").status for _ in range(4)], [200, 200, 404, 404])
            self.assertEqual(sandbox.session().send("ping").status, 200)

    def test_delete_ends_it(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            self.assertEqual(sandbox.request("DELETE", "/v1/mcp", None, session.fields).status, 200)
            self.assertEqual(session.send("ping").status, 404)
            self.assertEqual(sandbox.ask("stats")["sessions_ended"], 1)

    def test_batches_belong_to_one_revision(self):
        batch = [{"jsonrpc": "2.0", "id": 1, "method": "ping"}, {"jsonrpc": "2.0", "method": "notifications/x"},
                 {"jsonrpc": "2.0", "id": "b", "method": "ping"}]
        with Sandbox() as sandbox:
            answer = sandbox.session(version="2025-03-26").post(batch)
            self.assertEqual([r["id"] for r in answer.json], [1, "b"])
            self.assertEqual(sandbox.session().post(batch).status, 400)

    def test_notifications_and_odd_messages(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            answer = session.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
            self.assertEqual((answer.status, answer.body), (202, ""))
            self.assertEqual(session.post("{").json["error"]["code"], -32700)
            self.assertEqual(session.post("{}").json["error"]["code"], -32600)
            unknown = session.send("completion/complete", {}, id="x")
            self.assertEqual((unknown.status, unknown.json["error"]["code"], unknown.json["id"]), (200, -32601, "x"))
            exact = session.post('{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}')
            self.assertIn('"id":9007199254740993,', exact.body)


class Catalogue(unittest.TestCase):
    def names(self, sandbox, query="", **fields):
        session = sandbox.session(path="/v1/mcp" + query, fields=fields)
        return {tool["name"] for tool in session.tools()}

    def test_every_tool_answers_its_examples(self):
        with Sandbox() as sandbox:
            session = sandbox.session(path="/v1/mcp?toolsets=all,classic,apm,remote-actions")
            tools = session.tools()
            self.assertTrue(set(CLASSIC) <= {tool["name"] for tool in tools})
            for tool in tools:
                params = {"name": tool["name"], "arguments": example_arguments(tool)}
                result = session.send("tools/call", params).json["result"]
                self.assertFalse(result.get("isError"), tool["name"])
                self.assertRegex(result["content"][0]["text"], "^<METADATA>\n  <count>")
                self.assertEqual("structuredContent" in result, tool["name"] in WIDGETS, tool["name"])
                self.assertEqual(tool["annotations"].get("readOnlyHint", False),
                                 not re.match("create_|edit_|upsert_|submit_|datadog_remote", tool["name"]))

    def test_toolsets_come_by_query_and_by_field(self):
        with Sandbox() as sandbox:
            everything = self.names(sandbox)
            self.assertIn("search_datadog_logs", everything)
            self.assertIn("search_logs", everything)
            self.assertEqual(self.names(sandbox, "?toolsets=classic"), set(CLASSIC))
            self.assertEqual(self.names(sandbox, **{"X-Datadog-MCP-Toolsets": "classic"}), set(CLASSIC))
            self.assertEqual(self.names(sandbox, **{"X-Datadog-MCP-Toolsets": ""}), everything)
            fewer = self.names(sandbox, "?toolsets=classic&omit_tools=ask_docs%2Cno_such_tool,get_trace")
            self.assertEqual(set(CLASSIC) - fewer, {"ask_docs", "get_trace"})
            self.assertNotIn("apm_search_spans", self.names(sandbox, "?toolsets=all"))

    def test_lists_can_be_late_paged_and_renamed(self):
        with Sandbox("--late-tools", "2", "--page-size", "10", "--rename-tools") as sandbox:
            session = sandbox.session()
            self.assertEqual(session.tools(), [])
            time.sleep(0.7)
            names, cursor = [], {}
            while True:
                page = session.send("tools/list", cursor).json["result"]
                names += [tool["name"] for tool in page["tools"]]
                if "nextCursor" not in page:
                    break
                cursor = {"cursor": page["nextCursor"]}
            self.assertGreater(len(names), 30)
            self.assertIn("search_logs", names)
            second = sandbox.session()
            self.assertEqual(second.call("search_logs").json["error"]["code"], -32602)
            self.assertIn("result", second.call("search_logs_v2").json)

    def test_the_intent_is_required(self):
        with Sandbox() as sandbox:
            result = sandbox.session().send("tools/call", {"name": "list_hosts", "arguments": {}}).json["result"]
            self.assertTrue(result["isError"])
            self.assertIn("telemetry.intent", result["content"][0]["text"])

    def test_resources(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            uris = [r["uri"] for r in session.send("resources/list").json["result"]["resources"]]
            texts = [json.loads(session.send("resources/read", {"uri": u}).json["result"]["contents"][0]["text"])
                     for u in uris]
            self.assertEqual(texts[0]["dd_site"], "datadoghq.com")
            self.assertIn("core", texts[1]["aliases"]["all"]["expandsTo"])
            self.assertEqual(session.send("resources/subscribe", {"uri": uris[0]}).json["result"], {})
            self.assertEqual(session.send("logging/setLevel", {"level": "error"}).json["result"], {})
            self.assertEqual(session.send("prompts/list").json["error"]["code"], -32601)


class TheWorld(unittest.TestCase):
    def text(self, session, name, **arguments):
        params = {"name": name, "arguments": {**INTENT, **arguments}}
        return session.send("tools/call", params).json["result"]["content"][0]["text"]

    def test_answers_repeat_for_a_seed_and_differ_between_seeds(self):
        def answers(seed):
            with Sandbox("--seed", seed) as sandbox:
                session = sandbox.session()
                return [session.send("tools/call", {"name": t["name"], "arguments": example_arguments(t)}).body
                        for t in session.tools()]
        self.assertEqual(answers("7"), answers("7"))
        self.assertNotEqual(answers("7"), answers("8"))

    def test_one_story_can_be_followed_from_the_incident_to_the_log(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            incident = self.text(session, "get_incident", incident_id="IR-482")
            trace_id = re.search(r"Trace ([0-9a-f]{32})", incident)[1]
            trace = self.text(session, "get_trace", trace_id=trace_id)
            self.assertIn("payments-api", trace)
            logs = self.text(session, "search_logs", query=f"trace_id:{trace_id} status:error", limit=1000)
            self.assertIn("HikariPool-1", logs)
            self.assertIn("checkout-api", logs)
            self.assertIn("/checkout", self.text(session, "search_rum_events", query=f"trace_id:{trace_id}"))
            self.assertIn("4.18.0 deployed", self.text(session, "get_events", query="source:deployment"))

    def test_long_answers_are_cut_with_a_note_that_leads_on(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            rows, at = [], 0
            while True:
                text = self.text(session, "search_logs", query="*", limit=200, max_tokens=1000, start_at=at)
                rows += text[text.index("<TSV_DATA>"):].split("\n")[2:-2]
                more = re.search(r"<next_start_at>(\d+)<", text)
                if not more:
                    break
                self.assertIn("truncated", text)
                at = int(more[1])
            self.assertEqual(len(rows), len(set(rows)))
            self.assertEqual(int(re.search(r"<total>(\d+)<", text)[1]), len(rows))


class Streams(unittest.TestCase):
    def test_json_by_default_and_events_on_demand(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            self.assertEqual(session.call().type, "application/json")
            streamed = session.call(sse=True)
            self.assertEqual(streamed.type, "text/event-stream")
            self.assertEqual(streamed.json["result"], session.call().json["result"])
            self.assertEqual((streamed.events[0]["data"], streamed.events[0]["id"]), ("", "s1-1"))
        with Sandbox("--sse", "always", "--sse-line-end", "crlf", "--retry", "250", "--multi-line-sse") as sandbox:
            answer = sandbox.session().send("ping")
            self.assertEqual(answer.events[0]["retry"], "250")
            self.assertGreater(answer.events[-1]["data"].count("\n"), 2)
            self.assertEqual(answer.json["result"], {})
        with Sandbox("--sse", "never") as sandbox:
            self.assertEqual(sandbox.session().call(sse=True).type, "application/json")

    def test_progress_and_logs_come_before_the_result(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            messages = [json.loads(e["data"]) for e in
                        session.call(progress=600, log=2, meta={"progressToken": "t"}).events if e["data"]]
            self.assertEqual([m["params"]["progress"] for m in messages[:600]], list(range(1, 601)))
            self.assertEqual(messages[0]["params"]["progressToken"], "t")
            self.assertEqual([m["method"] for m in messages[600:602]], ["notifications/message"] * 2)
            self.assertIn("result", messages[602])
            session.send("logging/setLevel", {"level": "warning"})
            self.assertEqual(len([e for e in session.call(log=2).events if e["data"]]), 1)

    def test_a_cut_stream_is_resumed_by_its_last_event(self):
        for switches in (["--cut-stream-after", "3"], ["--cut-stream-after", "3", "--cut-style", "end"]):
            with Sandbox(*switches) as sandbox:
                session = sandbox.session()
                with sandbox.connect() as connection:
                    arguments = {**INTENT, "query": "*", "_sandbox": {"progress": 5, "nonce": "n"}}
                    body = {"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": {
                        "name": "search_logs", "arguments": arguments, "_meta": {"progressToken": 1}}}
                    connection.request("POST", "/v1/mcp", json.dumps(body), session.fields)
                    response = connection.getresponse()
                    try:
                        first = response.read()
                        self.assertIn("end", switches)
                    except http.client.IncompleteRead as cut:
                        first = cut.partial
                        self.assertNotIn("end", switches)
                events = read_events(first.decode())
                self.assertEqual(len(events), 4)  # the first only has an id
                with session.listen(last_event_id=events[-1]["id"]) as rest:
                    messages = rest.messages(9)
                self.assertEqual([m["params"]["progress"] for m in messages[:-1]], [4, 5])
                self.assertEqual(messages[-1]["id"], 5)
                self.assertEqual(sandbox.ask("ledger"), {"n": 1})
                self.assertEqual(sandbox.ask("stats")["resumed_streams"], 1)

    def test_the_get_stream_carries_what_belongs_to_no_request(self):
        with Sandbox("--late-tools", "1", "--late-tools-notify") as sandbox:
            session = sandbox.session()
            with session.listen() as stream:
                self.assertEqual(stream.messages(1)[0]["method"], "notifications/tools/list_changed")
                session.call(list_changed=True, resource_updated="datadog://mcp/whoami")
                self.assertEqual([m["method"].split("/", 1)[1] for m in stream.messages(2)],
                                 ["tools/list_changed", "resources/updated"])
                self.assertEqual(sandbox.ask("stats")["open_streams"], 1)
            for _ in range(50):
                if sandbox.ask("stats")["open_streams"] == 0:
                    break
                time.sleep(0.02)
            self.assertEqual(sandbox.ask("stats")["open_streams"], 0)
        with Sandbox("--no-get") as sandbox:
            with sandbox.session().listen() as stream:
                self.assertEqual(stream.status, 405)

    def test_a_get_stream_that_is_cut_goes_on_where_it_stopped(self):
        with Sandbox("--cut-get-after", "1") as sandbox:
            session = sandbox.session()
            with session.listen() as stream:
                session.call(list_changed=True)
                with self.assertRaises(http.client.IncompleteRead):
                    stream.response.read()
            session.call(resource_updated="x")
            with session.listen(last_event_id="s1-1") as stream:
                self.assertEqual(stream.messages(1)[0]["params"], {"uri": "x"})


class Questions(unittest.TestCase):
    ABLE = {"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}}

    def exchange(self, session, listener, answers):
        asked = []
        for result in answers:
            question = listener.messages(1)[0]
            asked.append(question)
            reply = {"jsonrpc": "2.0", "id": question["id"], "result": result}
            assert session.post(reply).status == 202
        return asked

    def call_and_answer(self, session, wishes, answers):
        with session.sandbox.connect() as connection:
            body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {
                "name": "list_hosts", "arguments": {**INTENT, "_sandbox": wishes}}}
            connection.request("POST", "/v1/mcp", json.dumps(body), session.fields)
            listener = Listener(connection.getresponse())
            return self.exchange(session, listener, answers), listener.messages(1)[0]

    def test_the_users_answer_reaches_the_result(self):
        with Sandbox() as sandbox:
            session = sandbox.session(capabilities=self.ABLE)
            answers = [{"action": "accept", "content": {"environment": "staging"}}, {"model": "m"}, {"roots": []}, {}]
            wishes = {"elicit": "form", "sample": True, "roots": True, "ping": True}
            asked, last = self.call_and_answer(session, wishes, answers)
            self.assertEqual([q["method"] for q in asked],
                             ["elicitation/create", "sampling/createMessage", "roots/list", "ping"])
            self.assertEqual([json.loads(c["text"]) for c in last["result"]["content"][1:]], answers)
            asked, _ = self.call_and_answer(session, {"elicit": "url"}, [{"action": "decline"}])
            self.assertEqual(asked[0]["params"]["mode"], "url")

    def test_what_the_client_cannot_do_is_not_asked(self):
        with Sandbox() as sandbox:
            content = sandbox.session().call(elicit="form").json["result"]["content"]
            self.assertIn("refused", content[1]["text"])

    def test_questions_can_come_on_the_get_stream(self):
        with Sandbox("--server-requests", "get") as sandbox:
            session = sandbox.session(capabilities=self.ABLE)
            with session.listen() as stream, sandbox.connect() as connection:
                body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {
                    "name": "list_hosts", "arguments": {**INTENT, "_sandbox": {"elicit": "form"}}}}
                connection.request("POST", "/v1/mcp", json.dumps(body), session.fields)
                self.exchange(session, stream, [{"action": "cancel"}])
                self.assertIn("cancel", Answer(connection.getresponse()).body)


class Faults(unittest.TestCase):
    def test_a_close_without_a_byte_is_counted_once(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            with sandbox.connect() as connection:
                connection.request("POST", "/v1/mcp", '{"jsonrpc":"2.0","id":1,"method":"ping"}', session.fields)
                connection.getresponse().read()
                body = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
                    "name": "list_hosts", "arguments": {**INTENT, "_sandbox": {"fault": "close", "nonce": "once"}}}}
                connection.request("POST", "/v1/mcp", json.dumps(body), session.fields)
                with self.assertRaises(http.client.RemoteDisconnected):
                    connection.getresponse()
            self.assertEqual(sandbox.ask("ledger"), {"once": 1})

    def test_connections_break_in_the_ways_asked(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            for fault in ("cut", "wrong-length", "cut-sse"):
                with self.assertRaises(http.client.IncompleteRead):
                    session.call(fault=fault)
            for fault in ("reset", "reset-sse"):
                with self.assertRaises(ConnectionResetError):
                    session.call(fault=fault)

    def test_statuses_and_bodies(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            for fault, status in (("202", 202), ("204", 204), ("empty", 200), ("html", 200), ("502", 502),
                                  ("500", 500), ("503", 503), ("redirect", 307), ("429", 429), ("rpc-400", 400)):
                self.assertEqual(session.call(fault=fault).status, status)
            self.assertEqual(session.call(fault="503").fields["Retry-After"], "1")
            twice = [json.loads(e["data"]) for e in session.call(fault="duplicate", id=4).events]
            self.assertEqual([m["id"] for m in twice], [4, 4])
            foreign = [json.loads(e["data"]) for e in session.call(fault="foreign-id", id=4).events]
            self.assertEqual([m["id"] for m in foreign], ["sandbox-foreign", 4])
            self.assertEqual(session.call(fault="no-answer").events, [])

    def test_a_refusal_is_not_an_execution(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            session.call(fault="429", nonce="refused")
            session.call(fault="502", nonce="unclear")
            session.call(nonce="done")
            self.assertEqual(sandbox.ask("ledger"), {"unclear": 1, "done": 1})

    def test_faults_can_be_planned(self):
        with Sandbox("--fault", "503@2", "--fault", "502@tools/call:2", "--fault", "401@ping") as sandbox:
            session = sandbox.session()
            self.assertEqual(session.call().status, 503)
            self.assertEqual([session.call().status for _ in range(2)], [502, 200])
            self.assertEqual([session.send("ping").status for _ in range(2)], [401, 401])

    def test_cancelled_calls_get_no_response(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            with sandbox.connect() as connection:
                body = {"jsonrpc": "2.0", "id": "long", "method": "tools/call", "params": {
                    "name": "list_hosts", "arguments": {**INTENT, "_sandbox": {"delay_ms": 60000, "sse": True}}}}
                connection.request("POST", "/v1/mcp", json.dumps(body), session.fields)
                response = connection.getresponse()
                session.post({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "long"}})
                self.assertNotIn(b"result", response.read())
            self.assertEqual(sandbox.ask("stats")["cancelled"], 1)


class Sizes(unittest.TestCase):
    def test_texts_of_a_given_size_and_raw_json_come_through(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            for size in (0, 1, 100_000, 5_000_000):
                for sse in (False, True):
                    result = session.call(bytes=size, sse=sse).json["result"]
                    self.assertEqual(len(result["content"][0]["text"]), size)
            odd = r'[9007199254740993,-0,1e400,0.30000000000000004,"\ud800",{"a":1,"a":2}]'
            self.assertIn('"structuredContent":{"raw":' + odd + "}", session.call(raw=odd).body)
            self.assertGreater(session.call(pretty=True).body.count("\n"), 5)

    def test_the_last_body_can_be_read_back(self):
        with Sandbox() as sandbox:
            session = sandbox.session()
            body = '{"jsonrpc":"2.0","id":1e2,"method":"ping","params":{"x":"\\u00e9 \u2028","d":' + "[" * 500 + "]" * 500 + "}}"
            session.post(body.encode())
            self.assertEqual(sandbox.request("GET", "/sandbox/last").body, body)

    def test_many_connections_wait_at_once(self):
        with Sandbox("--slow-calls", "300") as sandbox:
            session = sandbox.session()
            body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
                "name": "list_hosts", "arguments": INTENT}})
            with contextlib.ExitStack() as stack:
                connections = [stack.enter_context(sandbox.connect()) for _ in range(200)]
                began = time.monotonic()
                for connection in connections:
                    connection.request("POST", "/v1/mcp", body, session.fields)
                for connection in connections:
                    self.assertEqual(connection.getresponse().status, 200)
                self.assertLess(time.monotonic() - began, 5)


class TheProgram(unittest.TestCase):
    def test_it_leaves_at_once_when_told_whatever_is_open(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            sandbox = Sandbox("--slow-init", "60000")
            with sandbox.connect() as connection:
                connection.request("POST", "/v1/mcp", '{"jsonrpc":"2.0","id":1,"method":"initialize"}',
                                   {**sandbox.key, "Content-Type": "application/json", "Accept": BOTH})
                time.sleep(0.1)
                sandbox.process.send_signal(number)
                self.assertEqual(sandbox.process.wait(2), 0)
                with self.assertRaises((http.client.RemoteDisconnected, ConnectionResetError)):
                    connection.getresponse()
            sandbox.process.stdout.close()

    def test_it_leaves_with_its_parent(self):
        script = ("import subprocess,sys\n"
                  "p=subprocess.Popen([sys.argv[1],'--with-parent'],stdout=subprocess.PIPE)\n"
                  "p.stdout.readline(); print(p.pid,flush=True)")
        with subprocess.Popen([sys.executable, "-c", script, PROGRAM], stdout=subprocess.PIPE, text=True) as parent:
            pid = int(parent.stdout.readline())
        for _ in range(100):
            try:
                with open(f"/proc/{pid}/stat") as stat:
                    if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                        return
            except (FileNotFoundError, ProcessLookupError):
                return
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        self.fail("it is still there")

    def test_help_names_every_switch_and_errors_are_explained(self):
        page = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
        for word in ("--late-tools", "--fault", "wrong-length", "_sandbox", "/sandbox/ledger", "--retry-after",
                     "--era", "--break-calls", "--sse-endpoint", "/sandbox/kill-listens", "header-mismatch"):
            self.assertIn(word, page)
        for wrong in (["--nothing"], ["--port"], ["--sse", "sometimes"], ["--fault", "close"], ["--rate-limit", "x/1"]):
            run = subprocess.run([PROGRAM, *wrong], capture_output=True, text=True)
            self.assertEqual(run.returncode, 2, wrong)
            self.assertIn(wrong[0], run.stderr)

    def test_a_request_needs_exactly_one_host(self):
        with Sandbox() as sandbox:
            for hosts in ("", "Host: a\r\nHost: b\r\n"):
                with socket.create_connection(("127.0.0.1", sandbox.port), timeout=5) as raw:
                    raw.sendall(f"GET /sandbox/stats HTTP/1.1\r\n{hosts}\r\n".encode())
                    self.assertIn(b" 400 ", raw.recv(100))


if __name__ == "__main__":
    if len(sys.argv) > 1 and os.access(sys.argv[1], os.X_OK):
        PROGRAM = sys.argv.pop(1)
    unittest.main()
