"""What can cross between a host and a server: one function a row of the table in pairings.py.

Each takes a Crossing, tries one thing, and returns what came of it in a word or two: CROSSES, or what
there was instead. It raises AssertionError where what happened is neither.
"""

import base64
import dataclasses
import json

from hosts import (FORM, ID, LISTS, MODERN, PREFIX, ROOTS, SAMPLE, UPDATED, URL, Host, Stage, list_changed)
from stand import TOOL, wait_for

CROSSES = "yes"
NO_SUCH_WIRE = "n/a"

WHOAMI = "datadog://mcp/whoami"
TOOLSETS = "datadog://mcp/toolsets"
ASKED = "datadog://mcp/asked"


@dataclasses.dataclass
class Crossing:
    stage: Stage
    host: Host
    up_to_modern: bool  # the wire to the server is that of 2026-07-28
    sessions: bool  # and if not, it has sessions

    @property
    def modern(self):
        return self.host.modern

    def wait_for_stream(self):
        """Until the server can say something of its own; False if it never will."""
        if self.up_to_modern:
            return self.stage.wait_for_count(1, "open_listens") > 0
        if not self.sessions:
            self.stage.wait_for_count(1, "refused", "405")
            return False
        return self.stage.wait_for_count(1, "open_streams") > 0

    def announce(self, name):
        """Has the server announce a list; what the host has been told by then."""
        since = self.host.mark()
        self.stage.sandbox.do(f"list-changed?list={name}")
        self.host.wait_for_note(list_changed(name), since)
        return [message["method"] for _, message in self.host.lines[since:]]


def wishes(name=TOOL["name"], **wished):
    """Arguments for a call that wishes something of the sandbox."""
    plain = TOOL["arguments"] if name == TOOL["name"] else {}
    return {**plain, "_sandbox": wished}


def call(crossing, meta=None, **wished):
    return crossing.host.call(TOOL["name"], wishes(**wished), **(meta or {}))


def texts(result):
    return [part["text"] for part in result["content"]]


def before_answer(host, since, answer_of):
    """The notifications between `since` and the answer, and none may come behind it."""
    with host.news:
        lines = [message for _, message in host.lines[since:]]
    place = next(at for at, message in enumerate(lines) if message.get("id") == answer_of)
    return [message for message in lines[:place] if "method" in message]


# ---- what every server has


def wire(crossing):
    crossing.host.call(**TOOL)
    fields = [request["fields"] for request in crossing.stage.journal
              if crossing.stage.message_of(request) == "tools/call"][-1]
    fields = {name.lower(): value for name, value in fields.items()}
    assert ("mcp-method" in fields) == crossing.up_to_modern, fields
    return fields.get("mcp-protocol-version", "none")


def kept(crossing, result):
    """Results that can be kept say for how long, since 2026-07-28."""
    if crossing.modern:
        assert isinstance(result["ttlMs"], int) and result["cacheScope"] in ("private", "public"), result
        assert result["_meta"][PREFIX + "serverInfo"]["name"], result
    return result


def tools(crossing):
    listed = kept(crossing, crossing.host.result("tools/list"))["tools"]
    names = [tool["name"] for tool in listed]
    assert TOOL["name"] in names and "ask_form" in names, names
    called = crossing.host.call(**TOOL)
    assert texts(called)[0] and not called.get("isError"), called
    assert texts(crossing.host.call("d\u00e9j\u00e0 vu")) == ["done"]
    return CROSSES


def prompts(crossing):
    listed = kept(crossing, crossing.host.result("prompts/list"))["prompts"]
    assert "summarise_service" in [prompt["name"] for prompt in listed]
    got = crossing.host.result("prompts/get", {"name": "summarise_service", "arguments": {"service": "\u65e5\u672c"}})
    assert got["messages"][0]["content"]["text"].endswith(": \u65e5\u672c"), got
    return CROSSES


def resources(crossing):
    host = crossing.host
    assert WHOAMI in [one["uri"] for one in kept(crossing, host.result("resources/list"))["resources"]]
    [template] = kept(crossing, host.result("resources/templates/list"))["resourceTemplates"]
    assert template["uriTemplate"].endswith("{service}")
    [content] = kept(crossing, host.result("resources/read", {"uri": WHOAMI}))["contents"]
    assert json.loads(content["text"])["user_email"] == "sandbox@example.com"
    return CROSSES


def no_resource(crossing):
    return str(crossing.host.error("resources/read", {"uri": "datadog://mcp/nothing"})["code"])


def completion(crossing):
    completed = crossing.host.result("completion/complete", {
        "ref": {"type": "ref/prompt", "name": "summarise_service"}, "argument": {"name": "service", "value": ""}})
    assert completed["completion"]["total"] == len(completed["completion"]["values"]) > 0
    return CROSSES


def numbers(crossing):
    """The bytes of what a tool gives are left as they are."""
    raw = '{"a":1e400,"b":9007199254740993,"c":1.10,"d":"\\ud800 \\u00e9\\/"}'
    since = crossing.host.mark()
    call(crossing, raw=raw)
    lines = [line for line, _ in crossing.host.lines[since:]]
    assert f'"structuredContent":{{"raw":{raw}}}'.encode() in lines[-1], lines[-1]
    return CROSSES


def errors(crossing):
    assert call(crossing, is_error=True)["isError"] is True
    error = crossing.host.error("tools/call", {"name": TOOL["name"], "arguments": wishes(error=-31999)})
    assert (error["code"], error["message"]) == (-31999, "an error was asked for"), error
    assert crossing.host.error("tools/call", {"name": "no such tool", "arguments": {}})["code"] == -32602
    return CROSSES


def unknown_method(crossing):
    return str(crossing.host.error("nobody/knows")["code"])


def ping(crossing):
    before = crossing.stage.count("requests", "ping")
    answer = crossing.host.ask("ping")
    assert crossing.stage.count("requests", "ping") - before <= (1 if crossing.modern else 0)
    return "{}" if answer.get("result") == {} else str(answer["error"]["code"])


def ids(crossing):
    """Of every kind, as they were written, at the same time; modern hosts may use them again."""
    host = crossing.host
    raw_ids = ["0", "-1", '""', "9007199254740993", '"101"', "101", '"a/b"', '"\\u00e9"', '"\u65e5 \\" \\\\ \\/"']
    for _ in range(2 if crossing.modern else 1):
        keys = [host.await_id(json.loads(raw)) for raw in raw_ids]
        since = host.mark()
        params = json.dumps(host.params({}))
        for raw in raw_ids:
            host.write_raw(f'{{"jsonrpc":"2.0","id":{raw},"method":"tools/list","params":{params}}}\n')
        for key in keys:
            host.answer(key)
        with host.news:
            answered = [ID.search(line)[1].decode() for line, message in host.lines[since:] if "id" in message]
        assert sorted(answered) == sorted(raw_ids), answered
    return CROSSES


def batches(crossing):
    host = crossing.host
    if host.revision != "2025-03-26":
        before = crossing.stage.count("requests", "tools/list")
        number = host.await_id(host.next_id())
        message = {"jsonrpc": "2.0", "id": number, "method": "tools/list", "params": host.params({})}
        host.write_raw(json.dumps([message]) + "\n")
        assert host.answer(number)["error"]["code"] == -32600
        assert crossing.stage.count("requests", "tools/list") == before
        return "refused"
    numbers_of = [host.await_id(host.next_id()) for _ in range(3)]
    first, second, third = numbers_of
    since = host.mark()
    messages = [{"jsonrpc": "2.0", "id": first, "method": "tools/call", "params": {**TOOL, "arguments":
                                                                              wishes(delay_ms=50)}},
                {"jsonrpc": "2.0", "method": "notifications/roots/list_changed"},
                {"jsonrpc": "2.0", "id": second, "method": "ping"},
                {"jsonrpc": "2.0", "id": third, "method": "tools/list"}]
    host.write_raw(json.dumps(messages) + "\n")
    host.answer(first)
    host.write_raw(json.dumps([messages[1], messages[1]]) + "\n")
    host.result("ping")
    with host.news:
        arrays = [message for _, message in host.lines[since:] if isinstance(message, list)]
    assert [sorted(one["id"] for one in array) for array in arrays] == [numbers_of], arrays
    return CROSSES


# ---- what comes on the way to an answer


def progress(crossing):
    since = crossing.host.mark()
    number = crossing.host.send("tools/call", {"name": TOOL["name"], "arguments": wishes(progress=4)},
                                progressToken="a token")
    crossing.host.answer(number)
    told = [message["params"] for message in before_answer(crossing.host, since, number)
            if message["method"] == "notifications/progress"]
    assert [(one["progressToken"], one["progress"]) for one in told] == [("a token", at) for at in (1, 2, 3, 4)], told
    return CROSSES


def log_lines(crossing, level):
    """What a call with two lines at info tells a host that wants `level`."""
    since = crossing.host.mark()
    number = crossing.host.send("tools/call", {"name": TOOL["name"], "arguments": wishes(log=2)},
                                **crossing.host.set_level(level))
    crossing.host.answer(number)
    return [message["params"]["data"] for message in before_answer(crossing.host, since, number)
            if message["method"] == "notifications/message"]


def log(crossing):
    both = ["line 1 of 2", "line 2 of 2"]
    assert log_lines(crossing, "info") == both
    assert log_lines(crossing, "debug") == both
    quiet = log_lines(crossing, "error")
    if quiet:
        return "whatever the level"
    assert log_lines(crossing, "info") == both
    return CROSSES


def log_unwanted(crossing):
    """A host that has named no level."""
    since = crossing.host.mark()
    call(crossing, log=2)
    return f"{len(crossing.host.notes('notifications/message', since))} lines"


def log_elsewhere(crossing):
    """A line on the server's own stream, where it has one; what comes behind it shows that it is through."""
    if crossing.up_to_modern:
        return NO_SUCH_WIRE
    if not crossing.wait_for_stream():
        return "no stream"
    subscription = crossing.host.hear(("tools",))
    meta = crossing.host.set_level("info")
    since = crossing.host.mark()
    call(crossing, meta, log=1, log_via="get")
    crossing.announce("tools")
    lines = crossing.host.notes("notifications/message", since)
    crossing.host.stop_hearing(subscription)
    return CROSSES if lines else "dropped"


def stray(crossing):
    """A request and a list_changed on the stream of a call, where neither may be."""
    if not crossing.up_to_modern:
        return NO_SUCH_WIRE
    since = crossing.host.mark()
    call(crossing, stray=True)
    with crossing.host.news:
        lines = [message for _, message in crossing.host.lines[since:] if "method" in message]
    return "dropped" if not lines else json.dumps(lines)


# ---- cancelling


def cancellation(crossing):
    stopped = "works_stopped" if crossing.up_to_modern else "cancelled"
    stage, host = crossing.stage, crossing.host
    began = stage.count("requests", "tools/call")
    before, posted = stage.count(stopped), stage.count("requests", "notifications/cancelled")
    number = host.send("tools/call", {"name": TOOL["name"], "arguments": wishes(delay_ms=600000)})
    stage.wait_for_count(began + 1, "requests", "tools/call")
    if crossing.up_to_modern:
        stage.wait_for_count(1, "works_begun")
    host.cancel(number)
    if crossing.up_to_modern:
        stage.wait_for_count(before + 1, stopped)
        assert stage.count("requests", "notifications/cancelled") == posted
    else:
        stage.wait_for_count(posted + 1, "requests", "notifications/cancelled")
        if stage.count(stopped) == before:
            return "the server works on"
    host.result("tools/list")
    assert not host.is_answered(number)
    return CROSSES


# ---- what the server wants to know


def question(tool, *replies):
    """`replies` are those that the result must show, in their order."""

    def ask(crossing):
        host = crossing.host
        asked, rounds = len(host.asked), crossing.stage.count("input_rounds")
        answer = host.ask("tools/call", {"name": tool, "arguments": {}})
        if "error" in answer:
            assert len(host.asked) == asked
            return str(answer["error"]["code"])
        done, *given = texts(answer["result"])
        given = [json.loads(one) for one in given]
        assert done == "done", answer
        refused = sum("refused" in one for one in given)
        if refused:
            assert len(host.asked) - asked == len(given) - refused
            return "the server goes without" if refused == len(given) else "the others are asked"
        assert given == list(replies), given
        assert len(host.asked) - asked == len(replies), host.asked[asked:]
        if crossing.up_to_modern:
            assert crossing.stage.count("input_rounds") > rounds
        return CROSSES

    return ask


def question_by_url(crossing):
    what = question("ask_url", URL)(crossing)
    if what != CROSSES:
        return what
    method, params = crossing.host.asked[-1]
    assert (method, params["url"]) == ("elicitation/create", "https://app.datadoghq.com/sandbox/grant")
    assert ("elicitationId" in params) == (not crossing.modern), params
    return CROSSES


def together(crossing):
    """Both questions are there before the first is answered."""
    host = crossing.host
    if not host.modern and "elicitation" in host.capabilities:
        host.hold_until = 2
    what = question("ask_together", FORM, SAMPLE)(crossing)
    host.hold_until = 1
    return what


def again(crossing):
    """The server only wants to be called again, twice."""
    rounds = crossing.stage.count("input_rounds")
    assert texts(crossing.host.call("ask_again")) == ["done"]
    if not crossing.up_to_modern:
        return NO_SUCH_WIRE
    assert crossing.stage.count("input_rounds") - rounds == 2
    return CROSSES


def elsewhere_asked(crossing):
    """By prompts/get and by resources/read."""
    host = crossing.host
    asked = len(host.asked)
    answers = [host.ask("prompts/get", {"name": "compare_environments"}), host.ask("resources/read", {"uri": ASKED})]
    if all("error" in answer for answer in answers):
        assert answers[0]["error"]["code"] == answers[1]["error"]["code"]
        return str(answers[0]["error"]["code"])
    told = [json.loads(answers[0]["result"]["messages"][1]["content"]["text"]),
            json.loads(answers[1]["result"]["contents"][0]["text"])["answers"][0]]
    if "refused" in told[0] and "refused" in told[1]:
        return "the server goes without"
    assert told == [FORM, FORM] and len(host.asked) - asked == 2, told
    return CROSSES


def unasked(crossing, what, reply):
    """A question out of turn, on the server's own stream."""
    if crossing.up_to_modern:
        return NO_SUCH_WIRE
    if not crossing.wait_for_stream():
        return "no stream"
    before = len(crossing.stage.stats["answers"])
    crossing.stage.sandbox.do(f"ask?what={what}")
    wait_for(lambda: len(crossing.stage.stats["answers"]) > before, "the answer")
    answer = crossing.stage.stats["answers"][-1]
    if "error" in answer:
        return str(answer["error"]["code"])
    assert answer["result"] == reply, answer
    return CROSSES


def roots_out_of_turn(crossing):
    return unasked(crossing, "roots", ROOTS)


def ping_out_of_turn(crossing):
    return unasked(crossing, "ping", {})


def url_required(crossing):
    """-32042 of 2025-11-25: the call is refused until a page was visited."""
    if crossing.up_to_modern:
        return NO_SUCH_WIRE
    asked = len(crossing.host.asked)
    answer = crossing.host.ask("tools/call", {"name": "ask_url", "arguments": wishes("ask_url", url_required=True)})
    if "error" in answer:
        assert answer["error"]["data"]["elicitations"][0]["mode"] == "url", answer
        return str(answer["error"]["code"])
    if len(crossing.host.asked) == asked:
        return "the server goes without"
    assert crossing.host.asked[-1][1]["mode"] == "url"
    return "asked"


def url_complete(crossing):
    """The server says that the page has done its work."""
    if crossing.up_to_modern:
        return NO_SUCH_WIRE
    since = crossing.host.mark()
    crossing.host.call("ask_url", wishes("ask_url", complete=True))
    return CROSSES if crossing.host.notes("notifications/elicitation/complete", since) else "dropped"


def roots_changed(crossing):
    """What the host says of its roots."""
    if crossing.modern:
        return NO_SUCH_WIRE
    before = crossing.stage.count("requests", "notifications/roots/list_changed")
    crossing.host.notify("notifications/roots/list_changed")
    crossing.host.result("tools/list")
    if crossing.up_to_modern:
        assert crossing.stage.count("requests", "notifications/roots/list_changed") == before
        return "dropped"
    crossing.stage.wait_for_count(before + 1, "requests", "notifications/roots/list_changed")
    return CROSSES


# ---- what has changed


def list_changes(crossing):
    subscription = crossing.host.hear(LISTS)
    if not crossing.wait_for_stream():
        return "no stream"
    for name in LISTS:
        assert crossing.announce(name) == [list_changed(name)]
    crossing.host.stop_hearing(subscription)
    return CROSSES


def announced_in_calls(crossing):
    """By a tool that changes something, wherever the server can say it."""
    subscription = crossing.host.hear(LISTS)
    crossing.wait_for_stream()
    for name in LISTS:
        since = crossing.host.mark()
        crossing.host.call("change_list", {"list": name, "_sandbox": {"sse": True}})
        crossing.host.wait_for_note(list_changed(name), since)
    crossing.host.stop_hearing(subscription)
    return CROSSES


def resource_updates(crossing):
    host, stage = crossing.host, crossing.stage
    subscription = host.hear(uris=(WHOAMI, TOOLSETS))
    if not crossing.wait_for_stream():
        return "no stream"
    for uri in (TOOLSETS, WHOAMI):
        since = host.mark()
        stage.sandbox.do(f"resource-updated?uri={uri}")
        assert host.wait_for_note(UPDATED, since)["uri"] == uri
    gone = stage.count("requests", "resources/unsubscribe")
    open_before = stage.count("open_listens")
    host.stop_hearing(subscription)
    if crossing.modern and crossing.up_to_modern:
        wait_for(lambda: stage.count("open_listens") < open_before, "the end of the subscription")
    elif crossing.modern:
        stage.wait_for_count(gone + 2, "requests", "resources/unsubscribe")
    fence = host.hear(("tools",))
    since = host.mark()
    stage.sandbox.do(f"resource-updated?uri={WHOAMI}")
    assert crossing.announce("tools") == [list_changed("tools")]
    assert not host.notes(UPDATED, since)
    host.stop_hearing(fence)
    return CROSSES


def subscription_ids(crossing):
    """Of every kind, two at a time: each gets what it wants, under its own id."""
    if not crossing.modern:
        return NO_SUCH_WIRE
    if not crossing.up_to_modern and not crossing.sessions:
        return "no stream"
    host = crossing.host
    numbers_of = [host.listen(lists, number=number)
                  for number, lists in (("7", ("tools",)), (7, ("prompts",)), ("a/b", ("tools", "prompts")))]
    assert [host.listens[json.dumps(number)] for number in numbers_of] == [
        {"toolsListChanged": True}, {"promptsListChanged": True},
        {"toolsListChanged": True, "promptsListChanged": True}]
    crossing.wait_for_stream()
    if crossing.up_to_modern:
        crossing.stage.wait_for_count(3, "open_listens")
    for name, told in (("tools", ["7", "a/b"]), ("prompts", [7, "a/b"])):
        since = host.mark()
        crossing.stage.sandbox.do(f"list-changed?list={name}")
        host.wait_for(lambda: len(host.notes(list_changed(name), since)) >= 2, "both")
        got = [note["_meta"][PREFIX + "subscriptionId"] for note in host.notes(list_changed(name), since)]
        assert sorted(got, key=repr) == sorted(told, key=repr), got
    for number in numbers_of:
        host.cancel(number)
    return CROSSES


def unknown_resource(crossing):
    """A subscription to what the server does not know."""
    uri = "datadog://mcp/nothing"
    if crossing.modern:
        number = crossing.host.listen(("tools",), (uri,))
        granted = crossing.host.listens[json.dumps(number)]
        crossing.host.cancel(number)
        return "granted" if uri in granted.get("resourceSubscriptions", ()) else "not granted"
    answer = crossing.host.ask("resources/subscribe", {"uri": uri})
    if "error" in answer:
        return "not granted"
    crossing.host.stop_hearing((uri,))
    return "granted"


# ---- what only the wire of 2026-07-28 has


def custom_fields(crossing):
    host = crossing.host
    host.result("tools/list")
    arguments = {"region": "eu", "limit": -7, "dry_run": True, "target": {"host": " \u00fcber", "port": 1},
                 "query": "q"}
    assert json.loads(texts(host.call("route_by_header", arguments))[0]) == arguments
    fields = {name.lower(): value for name, value in crossing.stage.stats["last_fields"].items()}
    mirrored = {name: value for name, value in fields.items() if name.startswith("mcp-param-")}
    if not mirrored:
        return NO_SUCH_WIRE
    coded = base64.b64encode(" \u00fcber".encode()).decode()
    assert mirrored == {"mcp-param-region": "eu", "mcp-param-limit": "-7", "mcp-param-dry-run": "true",
                        "mcp-param-target-host": f"=?base64?{coded}?="}, mirrored
    return CROSSES


def arrays(crossing):
    """Structured content that is no object, legal since 2026-07-28."""
    if not crossing.up_to_modern:
        return NO_SUCH_WIRE
    [tool] = [one for one in crossing.host.result("tools/list")["tools"] if one["name"] == "list_numbers"]
    result = crossing.host.call("list_numbers")
    assert json.loads(texts(result)[0]) == [1, 2, 3]
    if crossing.modern:
        assert result["structuredContent"] == [1, 2, 3] and tool["outputSchema"]["type"] == "array"
        return CROSSES
    assert "structuredContent" not in result and "outputSchema" not in tool, (result, tool)
    return "as text"


def other_result_types(crossing):
    """A resultType that nobody knows yet is the host's to judge."""
    if not crossing.up_to_modern:
        return NO_SUCH_WIRE
    answer = crossing.host.ask("tools/call", {"name": TOOL["name"], "arguments": wishes(result_type="thoughtful")})
    if "error" in answer:
        return str(answer["error"]["code"])
    assert answer["result"]["resultType"] == "thoughtful", answer
    return "passed on"


# ---- servers with a fault; each on a stage of its own


def invalid_tools(crossing):
    names = [tool["name"] for tool in crossing.host.result("tools/list")["tools"]]
    assert TOOL["name"] in names
    bad = [name for name in names if name.startswith("bad_header")]
    assert len(bad) in (0, 14), bad
    return f"{len(bad)} of 14 left"


def shifted_schema(crossing):
    """The list is out of date as soon as it is read: -32020, once, unseen by the host."""
    host, stage = crossing.host, crossing.stage
    host.result("tools/list")
    refused = stage.count("refused", "400")
    arguments = {"region": "eu", "query": "q"}
    assert json.loads(texts(host.call("route_by_header", arguments))[0]) == arguments
    if not crossing.up_to_modern:
        return NO_SUCH_WIRE
    assert (stage.count("refused", "400") - refused, stage.count("requests", "tools/list")) == (1, 2), stage.stats
    fields = {name.lower(): value for name, value in stage.stats["last_fields"].items()}
    assert (fields["mcp-param-area"], fields["mcp-param-query"]) == ("eu", "q"), fields
    assert texts(host.call("route_by_header", arguments))
    assert stage.count("refused", "400") - refused == 1
    return CROSSES


def broken_call(crossing):
    """The stream breaks behind the work; nobody has said that the tool only reads."""
    answer = crossing.host.ask("tools/call", {"name": TOOL["name"], "arguments": wishes(nonce="one")})
    error = answer["error"]
    assert error["data"]["source"] == "dogpipe" and error["data"]["executed"] == "unknown", error
    crossing.host.call(**TOOL)
    return f"run {crossing.stage.ledger['one']}x, {error['code']}"


def broken_reading_call(crossing):
    """The same, behind a list that says that it only reads."""
    crossing.host.result("tools/list")
    crossing.host.call(TOOL["name"], wishes(nonce="one"))
    return f"run {crossing.stage.ledger['one']}x, answered"


def cut_subscription(crossing):
    """The server's stream ends after two events, whenever it is opened: nothing is missed."""
    host = crossing.host
    host.hear(LISTS, (WHOAMI,))
    if not crossing.wait_for_stream():
        return "no stream"
    since = host.mark()
    for name in LISTS:
        crossing.stage.sandbox.do(f"list-changed?list={name}")
    crossing.stage.sandbox.do(f"resource-updated?uri={WHOAMI}")
    for method in (*map(list_changed, LISTS), UPDATED):
        host.wait_for_note(method, since)
    opened = crossing.stage.count("listens" if crossing.up_to_modern else "resumed_streams")
    assert opened >= (2 if crossing.up_to_modern else 1), opened
    return CROSSES


def lost_session(crossing):
    """The server forgets its sessions: the host gets its answer, and hears that it may have missed something."""
    host, stage = crossing.host, crossing.stage
    if crossing.up_to_modern or not crossing.sessions:
        return NO_SUCH_WIRE
    host.hear(LISTS, (WHOAMI,))
    crossing.wait_for_stream()
    host.result("tools/list")
    since = host.mark()
    stage.sandbox.do("kill-sessions")
    assert host.result("tools/list")["tools"]
    for name in LISTS:
        host.wait_for_note(list_changed(name), since)
    assert stage.count("sessions_opened") == 2
    stage.wait_for_count(2, "requests", "resources/subscribe")
    crossing.wait_for_stream()
    wait_for(lambda: stage.count("http", "GET") >= 2 and stage.count("open_streams") >= 1, "another stream")
    since = host.mark()
    stage.sandbox.do(f"resource-updated?uri={WHOAMI}")
    assert host.wait_for_note(UPDATED, since)["uri"] == WHOAMI
    return CROSSES


def undeclared(crossing):
    """The host can do nothing, and the server asks all the same."""
    answers = {crossing.host.ask("tools/call", {"name": tool, "arguments": {}}).get("error", {}).get("code", 0)
               for tool in ("ask_form", "ask_url", "ask_model", "ask_roots")}
    assert len(answers) == 1 and not crossing.host.asked, answers
    [code] = answers
    return str(code) if code else "the server goes without"


assert MODERN  # the revision whose wire `up_to_modern` means
