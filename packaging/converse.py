#!/usr/bin/env python3
"""converse.py DOGPIPE SANDBOX: a small MCP host that shows a conversation through dogpipe.

Starts the sandbox on a free port and dogpipe in front of it, signs in with a stand-in for a browser,
says what a host says, prints both directions so that a person can follow, lets the access token
expire, starts dogpipe once more, ends both, and exits with 0 if everything was answered, with one
sign-in and one refresh.
"""

import json
import os
import queue
import re
import signal
import shutil
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request

PATIENCE = 20  # seconds for any one answer
TOOLS = """
ask_docs search_logs list_metrics get_metrics get_monitors list_services list_spans get_trace
list_incidents get_incident get_events list_dashboards list_hosts search_rum_events
get_synthetics_tests
""".split()
WIDTH = min(shutil.get_terminal_size((100, 24)).columns, 110)
HOST, BRIDGE = "host --> ", "host <-- "


def show(arrow, text, lines=2):
    """One message, wrapped and cut to a few lines."""
    text = re.sub(r"\s+", " ", text)
    wrapped = textwrap.wrap(text, WIDTH - len(arrow), break_on_hyphens=False) or [""]
    if len(wrapped) > lines:
        wrapped[lines - 1] = wrapped[lines - 1][: WIDTH - len(arrow) - 4] + " ..."
    for number, line in enumerate(wrapped[:lines]):
        print((arrow if number == 0 else " " * len(arrow)) + line, flush=True)


class Failure(Exception):
    pass


class Program:
    """A child process whose stdout arrives line by line; ended by its own pid."""

    def __init__(self, command, env=None):
        self.name = os.path.basename(command[0])
        self.process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def line(self):
        try:
            line = self.lines.get(timeout=PATIENCE)
        except queue.Empty:
            raise Failure(f"{self.name}: nothing for {PATIENCE} s") from None
        if line is None:
            raise Failure(f"{self.name} ended with {self.process.wait()}")
        return line.decode("utf-8", "replace").rstrip("\n")

    def say(self, message):
        self.process.stdin.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
        self.process.stdin.flush()

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Host:
    def __init__(self, dogpipe):
        self.dogpipe = dogpipe
        self.next_id = 1

    def notify(self, method):
        show(HOST, method)
        self.dogpipe.say({"jsonrpc": "2.0", "method": method})

    def ask(self, method, params, shown):
        show(HOST, f"{method} {shown}")
        number, self.next_id = self.next_id, self.next_id + 1
        self.dogpipe.say({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while True:
            message = json.loads(self.dogpipe.line())
            if message.get("id") == number and "method" not in message:
                break
            show(BRIDGE, f"({message.get('method')})", 1)
        if "error" in message:
            raise Failure(f"{method}: {json.dumps(message['error'], ensure_ascii=False)}")
        return message["result"]


def value_for(schema):
    """Something a schema allows; enough for the sandbox's tools."""
    if "default" in schema:
        return schema["default"]
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    if kind == "array":
        return [value_for(schema.get("items", {}))]
    if kind == "object":
        wanted = schema.get("required", [])
        return {key: value_for(schema.get("properties", {}).get(key, {})) for key in wanted}
    return "*"


def arguments_for(tool):
    """What the tool requires, and what to look for."""
    properties = tool["inputSchema"].get("properties", {})
    wanted = [key for key in tool["inputSchema"].get("required", []) if key != "telemetry"]
    if "query" in properties and "query" not in wanted:
        wanted.append("query")
    return {key: value_for(properties.get(key, {})) for key in wanted}


def text_of(result):
    parts = [item.get("text", f"({item['type']})") for item in result.get("content", [])]
    return " ".join(parts)


def greet(host):
    hello = host.ask(
        "initialize",
        {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "try", "version": "1"},
        },
        "(protocol 2025-11-25)",
    )
    server = hello["serverInfo"]
    offers = ", ".join(sorted(hello["capabilities"]))
    show(BRIDGE, f"{server['name']} {server['version']}, protocol {hello['protocolVersion']}; offers {offers}")
    host.notify("notifications/initialized")


def call_every_tool(host):
    tools = host.ask("tools/list", {}, "")["tools"]
    show(BRIDGE, f"{len(tools)} tools: " + ", ".join(tool["name"] for tool in tools), 6)
    by_name = {tool["name"]: tool for tool in tools}
    for name in TOOLS:
        if name not in by_name:
            raise Failure(f"the tool {name} is not on the list")
        arguments = arguments_for(by_name[name])
        why = {"telemetry": {"intent": "show every tool once"}}
        shown = json.dumps(arguments, ensure_ascii=False) if arguments else ""
        result = host.ask("tools/call", {"name": name, "arguments": {**arguments, **why}}, f"{name} {shown}")
        show(BRIDGE, text_of(result))
        if result.get("isError"):
            raise Failure(f"{name} answered with an error")


def who_am_i(host):
    result = host.ask("resources/read", {"uri": "datadog://mcp/whoami"}, "datadog://mcp/whoami")
    person = json.loads(result["contents"][0]["text"])
    show(BRIDGE, f"{person['user_email']}, {person['org_name']}")


def leave(dogpipe):
    """Hosts end a server by closing its input."""
    began = time.monotonic()
    dogpipe.process.stdin.close()
    try:
        code = dogpipe.process.wait(5)
    except subprocess.TimeoutExpired:
        raise Failure("dogpipe is still there 5 s after the end of its input") from None
    took = (time.monotonic() - began) * 1000
    print(f"\nThe host closed its end; dogpipe left with {code} after {took:.0f} ms.\n")
    if code != 0:
        raise Failure(f"dogpipe's exit code is {code}")


class Stage:
    """The programs, and what the sandbox has counted."""

    def __init__(self, dogpipe_binary, sandbox_binary):
        self.programs = []
        self.binary = dogpipe_binary
        # Access tokens that end, and refresh tokens that are good for one time.
        sandbox = self.start([sandbox_binary, "--port", "0", "--rotate", "--revocation"])
        self.url = sandbox.line()
        # Settings of who tries it (a real site, a real key) must not reach the sandbox.
        private = ("DD_", "DATADOG_", "DOGPIPE_")
        self.env = {key: value for key, value in os.environ.items() if not key.startswith(private)}
        browser = os.path.join(os.path.dirname(os.path.abspath(__file__)), "browser.py")
        self.env.update(BROWSER=f"{sys.executable} {browser}", DOGPIPE_HOME=os.environ["DOGPIPE_HOME"])

    def start(self, command, env=None):
        self.programs.append(Program(command, env))
        return self.programs[-1]

    def dogpipe(self, *arguments):
        return [self.binary, *arguments, "--url", self.url, "--allow-http"]

    def ask_sandbox(self, path, method):
        request = urllib.request.Request(self.url.replace("/v1/mcp", path), method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
            return json.loads(reply.read() or b"{}")

    def require(self, **wanted):
        counted = self.ask_sandbox("/sandbox/stats", "GET")["oauth"]
        got = {name: counted[name] for name in wanted}
        if got != wanted:
            raise Failure(f"the sandbox has counted {got}, not {wanted}")

    def stop(self):
        for program in reversed(self.programs):
            program.stop()


def play(stage):
    print(f"\nhost <-> dogpipe <-> {stage.url} (dogpipe-sandbox)")
    print("Nobody is signed in yet: the first request opens a browser (here a stand-in that agrees).\n")
    dogpipe = stage.start(stage.dogpipe(), stage.env)
    host = Host(dogpipe)
    greet(host)
    stage.require(authorizations=1)
    call_every_tool(host)
    stage.ask_sandbox("/sandbox/expire-tokens", "POST")
    print("\nThe access token has expired; the host does not notice:\n")
    who_am_i(host)
    stage.require(authorizations=1, refreshes=1)
    leave(dogpipe)
    print("Started once more, with the stored sign-in:\n")
    dogpipe = stage.start(stage.dogpipe(), stage.env)
    greet(Host(dogpipe))
    leave(dogpipe)
    stage.require(authorizations=1, refreshes=1)
    for verb in ("status", "logout"):
        print(f"dogpipe {verb}:", flush=True)
        subprocess.run(stage.dogpipe(verb), env=stage.env, timeout=PATIENCE, check=True)


def main(dogpipe_binary, sandbox_binary):
    stage = Stage(dogpipe_binary, sandbox_binary)
    try:
        play(stage)
        return 0
    except (Failure, BrokenPipeError, subprocess.SubprocessError, OSError) as failure:
        print(f"\nfailed: {failure}", file=sys.stderr)
        return 1
    finally:
        stage.stop()


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")
    # So that being ended ends the programs, too.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda signum, frame: sys.exit(128 + signum))
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
