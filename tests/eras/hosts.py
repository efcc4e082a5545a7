"""Hosts of either era, and what they stand on: the real programs, a folder of their own, a server.

A LegacyHost opens with initialize and is asked by requests; a ModernHost claims 2026-07-28 in every
request and is asked by intermediate results. Both have the same verbs, so that one piece of a test
fits both: ask, call, cancel, hear, changes. Each watches what it is sent, and its stage says in the
end what was not in order (see Stage.close).
"""

import collections
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sign_in"))

import stand  # noqa: E402
from stand import wait_for  # noqa: E402

PREFIX = "io.modelcontextprotocol/"
MODERN = "2026-07-28"
LISTS = ("tools", "prompts", "resources")
UPDATED = "notifications/resources/updated"
KEPT = ("tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read",
        "server/discover")
ID = re.compile(rb'"id":("(?:[^"\\]|\\.)*"|-?[0-9.eE+-]+|null)')

FORM = {"action": "accept", "content": {"environment": "staging"}}
URL = {"action": "accept"}
SAMPLE = {"role": "assistant", "model": "none", "content": {"type": "text", "text": "It was the cache."}}
ROOTS = {"roots": [{"uri": "file:///here", "name": "here"}]}


def list_changed(name):
    return f"notifications/{name}/list_changed"


def reply_to(method, params):
    if method == "elicitation/create":
        return URL if params.get("mode") == "url" else FORM
    return {"sampling/createMessage": SAMPLE, "roots/list": ROOTS, "ping": {}}[method]


class Host:
    """A dogpipe and who sits in front of it. Ids are numbers from 1 on, unless a test writes its own."""

    def __init__(self, command, stderr_path, environment, revision, capabilities):
        self.revision = revision
        self.capabilities = capabilities
        self.stderr_path = stderr_path
        self.lines = []  # what has come, in order: the bytes, and the message
        self.answers = {}  # by the id as JSON text
        self.awaited = collections.Counter()
        self.silenced = set()  # ids that were cancelled
        self.faults = []  # what the bridge should not have written
        self.asked = []  # (method, params) of what the server wanted to know
        self.last_id = 0
        self.news = threading.Condition()
        self.writing = threading.Lock()
        with open(stderr_path, "ab") as stderr:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
                                            env=environment)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.over = False
        self.reader.start()

    # ---- lines

    def read(self):
        for raw in self.process.stdout:
            try:
                message = json.loads(raw)
            except ValueError:
                message = None
            with self.news:
                self.lines.append((raw, message))
                for one in message if isinstance(message, list) else [message]:
                    self.take(raw, one)
                self.news.notify_all()
        with self.news:
            self.over = True
            self.news.notify_all()

    def fault(self, what, raw):
        self.faults.append(f"{what}: {raw.decode('utf-8', 'replace').strip()[:300]}")

    def take(self, raw, message):
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0" or not raw.endswith(b"\n"):
            return self.fault("no JSON-RPC", raw)
        if "method" in message:
            self.take_call(raw, message)
        elif ("result" in message) == ("error" in message):
            self.fault("neither a call nor an answer", raw)
        elif "id" in message:
            self.take_answer(raw, message)

    def take_call(self, raw, message):
        if "id" in message:
            self.take_request(raw, message)

    def take_request(self, raw, message):
        raise NotImplementedError

    def take_answer(self, raw, message):
        key = json.dumps(message["id"])
        self.awaited[key] -= 1
        if self.awaited[key] < 0 or key in self.silenced:
            self.fault("an answer that nobody waits for", raw)
        if "result" in message:
            self.check_result(raw, message["result"])
        self.answers[key] = message

    def check_result(self, raw, result):
        raise NotImplementedError

    def write_raw(self, line):
        with self.writing:
            self.process.stdin.write(line if isinstance(line, bytes) else line.encode())
            self.process.stdin.flush()

    def write(self, message):
        self.write_raw(json.dumps({"jsonrpc": "2.0", **message}) + "\n")

    # ---- requests

    def params(self, params, **meta):
        """What `params` become in this era; `meta` are members of _meta, without the prefix."""
        raise NotImplementedError

    def await_id(self, number):
        with self.news:
            self.awaited[json.dumps(number)] += 1
            self.answers.pop(json.dumps(number), None)
        return number

    def next_id(self):
        with self.news:
            self.last_id += 1
            return self.last_id

    def send(self, method, params=None, number=None, **meta):
        number = self.await_id(self.next_id() if number is None else number)
        self.write({"id": number, "method": method, "params": self.params(params or {}, **meta)})
        return number

    def notify(self, method, params=None):
        self.write({"method": method, "params": self.params(params or {})})

    def answer(self, number, within=stand.PATIENCE):
        key = json.dumps(number)
        with self.news:
            self.news.wait_for(lambda: key in self.answers or self.over, within)
            assert key in self.answers, f"request {key} is not answered: {self.stderr[-1500:]}"
            return self.answers[key]

    def is_answered(self, number):
        return json.dumps(number) in self.answers

    def ask(self, method, params=None, **meta):
        return self.answer(self.send(method, params, **meta))

    def result(self, method, params=None, **meta):
        answer = self.ask(method, params, **meta)
        assert "result" in answer, answer
        return answer["result"]

    def call(self, name, arguments=None, **meta):
        return self.result("tools/call", {"name": name, "arguments": arguments or {}}, **meta)

    def error(self, method, params=None, **meta):
        answer = self.ask(method, params, **meta)
        assert "error" in answer, answer
        return answer["error"]

    def cancel(self, number):
        with self.news:
            self.silenced.add(json.dumps(number))
        self.notify("notifications/cancelled", {"requestId": number, "reason": "the user has changed their mind"})

    # ---- notifications

    def mark(self):
        return len(self.lines)

    def notes(self, method, since=0):
        return [message.get("params", {}) for _, message in self.lines[since:]
                if isinstance(message, dict) and message.get("method") == method]

    def wait_for(self, condition, what, within=stand.PATIENCE):
        with self.news:
            self.news.wait_for(lambda: condition() or self.over, within)
            assert condition(), f"not within {within} s: {what}; {self.stderr[-1500:]}"
            return condition()

    def wait_for_note(self, method, since):
        return self.wait_for(lambda: self.notes(method, since), method)[0]

    # ---- the end

    @property
    def pid(self):
        return self.process.pid

    @property
    def stderr(self):
        return self.stderr_path.read_text(encoding="utf-8", errors="replace")

    def close(self, within=stand.PATIENCE):
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        status = self.process.wait(within)
        self.reader.join()
        return status

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()


class LegacyHost(Host):
    modern = False

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.held = []
        self.hold_until = 1  # so many requests of the server are answered together
        self.opened = None

    def params(self, params, **meta):
        plain = {"progressToken": meta["progressToken"]} if "progressToken" in meta else {}
        return {**params, "_meta": {**params.get("_meta", {}), **plain}} if plain else params

    def open(self):
        """Returns the result of initialize."""
        self.opened = self.result("initialize", {"protocolVersion": self.revision, "capabilities": self.capabilities,
                                                 "clientInfo": {"name": "eras_test", "version": "1"}})
        self.notify("notifications/initialized")
        return self.opened

    def take_call(self, raw, message):
        self.check_plain(raw)
        super().take_call(raw, message)

    def take_request(self, raw, message):
        params = message.get("params", {})
        self.asked.append((message["method"], params))
        self.held.append({"id": message["id"], "result": reply_to(message["method"], params)})
        if len(self.held) < self.hold_until:
            return
        for response in self.held:
            self.write(response)
        self.held.clear()

    def check_result(self, raw, result):
        self.check_plain(raw)
        if any(name in result for name in ("resultType", "ttlMs", "cacheScope", "inputRequests")):
            self.fault("a result of 2026-07-28", raw)

    def check_plain(self, raw):
        if PREFIX.encode() in raw:
            self.fault("of 2026-07-28", raw)

    def hear(self, lists=(), uris=()):
        """Changes of lists come by themselves, once the server has a stream for them."""
        for uri in uris:
            assert self.result("resources/subscribe", {"uri": uri}) == {}
        return uris

    def stop_hearing(self, uris):
        for uri in uris:
            assert self.result("resources/unsubscribe", {"uri": uri}) == {}

    def set_level(self, level):
        assert self.result("logging/setLevel", {"level": level}) == {}
        return {}


class ModernHost(Host):
    modern = True

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.rounds = 0  # intermediate results
        self.listens = {}  # by the id as JSON text: what was acknowledged, or None

    def claim(self, **meta):
        return {PREFIX + "protocolVersion": self.revision, PREFIX + "clientCapabilities": self.capabilities,
                PREFIX + "clientInfo": {"name": "eras_test", "version": "1"},
                **{(PREFIX if key == "logLevel" else "") + key: value for key, value in meta.items()}}

    def params(self, params, **meta):
        return {**params, "_meta": {**params.get("_meta", {}), **self.claim(**meta)}}

    def open(self):
        """There is nothing to open."""

    def take_request(self, raw, message):
        self.fault("a request", raw)

    def check_result(self, raw, result):
        if "resultType" not in result:
            self.fault("a result without resultType", raw)

    def take_call(self, raw, message):
        super().take_call(raw, message)
        method, params = message["method"], message.get("params", {})
        if method == "notifications/subscriptions/acknowledged":
            self.listens[json.dumps(params["_meta"][PREFIX + "subscriptionId"])] = params["notifications"]
        elif method == UPDATED or method.endswith("/list_changed"):
            key = json.dumps(params.get("_meta", {}).get(PREFIX + "subscriptionId"))
            if key not in self.listens or key in self.silenced:
                self.fault("a change for no subscription", raw)

    # Asked by an intermediate result, it makes the same request again with what it has to say.
    def ask(self, method, params=None, **meta):
        answer = super().ask(method, params, **meta)
        while answer.get("result", {}).get("resultType") == "input_required":
            result = answer["result"]
            self.rounds += 1
            again = dict(params or {})
            if "requestState" in result:
                again["requestState"] = result["requestState"]
            if "inputRequests" in result:
                again["inputResponses"] = {}
            for key, wish in result.get("inputRequests", {}).items():
                self.asked.append((wish["method"], wish.get("params", {})))
                again["inputResponses"][key] = reply_to(wish["method"], wish.get("params", {}))
            answer = super().ask(method, again, **meta)
        return answer

    def listen(self, lists=(), uris=(), number=None):
        """Opens a subscription; its id, as soon as it is acknowledged."""
        wish = {f"{name}ListChanged": True for name in lists}
        if uris:
            wish["resourceSubscriptions"] = list(uris)
        number = self.send("subscriptions/listen", {"notifications": wish}, number)
        self.wait_for(lambda: json.dumps(number) in self.listens or self.is_answered(number), "an acknowledgement")
        return number

    def hear(self, lists=(), uris=()):
        number = self.listen(lists, uris)
        granted = dict(self.listens[json.dumps(number)])
        assert sorted(granted.pop("resourceSubscriptions", ())) == sorted(uris), granted
        assert granted == {f"{name}ListChanged": True for name in lists}, granted
        return number

    def stop_hearing(self, number):
        self.cancel(number)

    def set_level(self, level):
        return {"logLevel": level}


EVERYTHING = {"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {"listChanged": True}}
# Of elicitation nobody had heard at the time.
EARLIER = {"sampling": {}, "roots": {"listChanged": True}}
HOSTS = {"2025-11-25": (LegacyHost, EVERYTHING), "2025-03-26": (LegacyHost, EARLIER),
         MODERN: (ModernHost, EVERYTHING)}


class Stage:
    """A server, a user's folder, and one host after the other. Ends with all that it has started."""

    def __init__(self, *switches, trials=True, **environment):
        self.sandbox = stand.Sandbox(*(["--trials"] if trials else []), *switches)
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="dogpipe-eras-"))
        self.home = self.scratch / "home"
        self.home.mkdir(mode=0o700)
        self.hosts = []
        self.probed_by_requests = 0  # requests of 2026-07-28 that a legacy server may get to see
        self.environment = {name: os.environ[name] for name in stand.PASSED_ON if name in os.environ}
        self.environment |= {"PATH": "/usr/bin:/bin", "HOME": str(self.scratch), "DOGPIPE_HOME": str(self.home),
                             "DOGPIPE_TOKEN": "sandbox-token", **environment}

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for host in self.hosts:
            host.end()
        violations = self.stats["violations"]
        if self.probed_by_requests:
            assert violations.pop("modern field on the legacy wire", 0) <= self.probed_by_requests
        self.sandbox.end()
        shutil.rmtree(self.scratch)
        faults = [fault for host in self.hosts for fault in host.faults]
        if kind is None:
            assert not violations, f"what a client must not do: {violations}"
            assert not faults, faults

    def host(self, revision, *arguments, capabilities=None):
        kind, usual = HOSTS[revision]
        command = [stand.options.dogpipe, "--url", self.sandbox.url, "--allow-http", *arguments]
        host = kind(command, self.scratch / f"stderr-{len(self.hosts)}", self.environment, revision,
                    usual if capabilities is None else capabilities)
        self.hosts.append(host)
        return host

    def leave(self, host):
        """The host is through: the end must be in order, and nothing be left unanswered."""
        status = host.close()
        assert status == 0, f"exit {status}: {host.stderr[-1500:]}"
        left = [key for key, count in host.awaited.items() if count > 0 and key not in host.silenced]
        assert not left, f"never answered: {left}"

    @property
    def stats(self):
        return self.sandbox.stats

    @property
    def journal(self):
        return json.loads(stand.fetch("GET", self.sandbox.origin + "/sandbox/journal")[2])

    @property
    def ledger(self):
        return json.loads(stand.fetch("GET", self.sandbox.origin + "/sandbox/ledger")[2])

    @property
    def servers(self):
        """What is kept about servers."""
        path = self.home / "servers.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def asked_for(self):
        """The messages of each POST, and other requests by their verb, in order."""
        return [self.message_of(request) for request in self.journal]

    @staticmethod
    def message_of(request):
        if request["method"] != "POST":
            return request["method"]
        message = json.loads(request["body"])
        return message.get("method", "response") if isinstance(message, dict) else "batch"

    def count(self, *path):
        value = self.stats
        for name in path:
            value = value.get(name, 0) if isinstance(value, dict) else 0
        return value

    def wait_for_count(self, least, *path):
        return wait_for(lambda: self.count(*path) >= least, f"{'/'.join(path)} >= {least}: {self.count(*path)}")
