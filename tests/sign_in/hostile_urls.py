"""Authorization URLs that an authorization server could try on us, through the real program.

Each comes in the metadata of a server of our own, while a bridge wants to sign in. Either the browser
is started with exactly one argument, an address that only a browser can make anything of, or it is not
started and the host is told so.
"""

import concurrent.futures
import contextlib
import http.server
import json
import os
import random
import re
import signal
import threading
import time
import unittest
import urllib.parse

import stand
from stand import Desk, options, say, wait_for

# What may stand in a URL that is handed to programs, some of which are shell scripts. Of RFC 3986
# without apostrophe and dollar.
SAFE = re.compile(r"https?://(\[[0-9a-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~!&()*+,;=:@/?%-]*)?")
HERE = re.compile(r"localhost|\[::1\]|127(\.(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])){3}", re.IGNORECASE)
DATADOG = (".datadoghq.com", ".datadoghq.eu", ".ddog-gov.com")
SHELL = ["$(touch X)", "`touch X`", ";touch X", "|touch X", "&touch X", "&&touch X", "\ntouch X", "\r\ntouch X",
         "'; touch X; '", '"; touch X; "', "$IFS", "${HOME}", "%0atouch X", "%00", "\0", "\t", " ", "  --x", "\\", "\\\\x\\y",
         "<", ">", "^", "!", "*", "?x", "[a]", "{a,b}", "~", "#x", "%", "%s", "%n%n%n", "%1", "%ComSpec%", "\x1b[2J", "\x07",
         "\x7f", "\u202e", "\u2028", "\ufeff", "\ud7ff", "\u00e9", "\uff1f"]
SCHEMES = ["javascript", "JaVaScRiPt", "data", "file", "vbscript", "ms-msdt", "search-ms", "smb", "ftp", "ssh", "telnet", "tel",
           "mailto", "about", "chrome", "view-source", "blob", "ws", "wss", "intent", "itms", "x-apple", "vscode", "cursor",
           "shell", "jar", "ldap", "gopher", "dict", "cmd", "steam", "ms-excel", "java\tscript", "java\nscript", " http",
           "\thttp", "http ", "ht\ttp", "http\0", "htt\u0440", "\uff48ttp", "hxxp", "http+unix", "-http", "--http", ""]
FLAGS = ["-h", "--help", "-e calc", "--profile=/tmp/x", "--remote-debugging-port=1", "-new-instance", "--", "-",
         "--renderer-cmd-prefix=touch X", "--gpu-launcher=touch X", "--version", "@response.txt", "~/x", "../x", "./x", "/etc/passwd",
         "C:\\Windows\\System32\\calc.exe", "\\\\evil.example\\share\\x.exe", "//evil.example/x", "calc", "calc.exe", "x.desktop"]


def made_up(origin, chance):
    """About 400 of them; `origin` is that of a server that may be used."""
    host = origin.removeprefix("http://")
    port = host.rpartition(":")[2]
    paths = [f"{origin}/authorize{text}" for text in SHELL]
    paths += [f"{origin}/{text}/authorize" for text in SHELL]
    paths += [f"{origin}/authorize?next={text}" for text in SHELL]
    paths += [f"http://127.0.0.1{text}:{port}/authorize" for text in SHELL]
    paths += [f"{text}{origin}/authorize" for text in SHELL]
    schemes = [f"{scheme}:{rest}" for scheme in SCHEMES
               for rest in (f"//{host}/authorize", "alert(1)", "///etc/passwd")]
    users = [f"http://{user}@{where}/authorize" for user in ("a", "a:b", "127.0.0.1", "-x", "%40", "a@b", "")
             for where in (host, "evil.example", "[::1]:" + port)]
    hosts = ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.1%2eevil.example", "127.0.0.", "127.0.0.1.", "127.0.0.1.2",
             "0x7f.1", "2130706433", "127.1", "0177.0.0.1", "169.254.169.254", "10.0.0.1", "192.168.0.1", "[fd00::1]",
             "[::ffff:10.0.0.1]", "metadata.google.internal", "mcp.datadoghq.com.evil.example", "evildatadoghq.com",
             "datadoghq.com", "app.datadoghq.com", "xn--80ak6aa92e.com", "127。0。0。1", "localhos\u0074", "LOCALHOST", "localhost.",
             "-oProxyCommand=x", "--help", "", ".", "..", "a b", "a\tb", "[", "]", "[::1", "::1", "[::1]]", "%6c%6fcalhost"]
    hosts = [f"{scheme}://{each}/authorize" for each in hosts for scheme in ("http", "https")]
    ports = [f"http://127.0.0.1:{each}/authorize"
             for each in ("0", "-1", "65536", "99999999999999999999", "x", "", "80 80", "+80", "0x50", "8\t0", "80@evil.example:1")]
    shapes = ["", " ", "http", "http:", "http:/", "http://", "http:///", "http:authorize", "//", "/authorize", "?", "#",
              origin.replace("//", "/"), origin.replace("//", "///"), origin.replace("//", "\\\\"), origin.upper() + "/A",
              origin + "\\authorize", origin + "/../../authorize", origin + "/./authorize", origin + "/%2e%2e/authorize",
              origin + "//authorize", origin + "/authorize#" + origin, origin + "/authorize?state=mine&code_challenge=x",
              origin + "/authorize?redirect_uri=http://evil.example/", origin + "/authorize?response_type=token",
              origin + "/" + "a" * 5000, origin + "/" + "a" * 200000, origin + "/authorize?" + "a=b&" * 3000,
              origin + "/authorize", origin + "/authorize?audience=x", origin + ";/authorize"]
    rest = [{"a": 1}, ["http://127.0.0.1/"], 7, True, None]
    everything = paths + schemes + users + hosts + ports + shapes + FLAGS + rest
    while len(everything) < options.count:
        text = f"{origin}/authorize?x={chance.choice(SHELL)}"
        at = chance.randrange(len(text))
        everything.append(text[:at] + chance.choice(SHELL + FLAGS) + text[at:])
    return everything if options.count == 0 else everything[:max(options.count, 1)]


class Server(http.server.ThreadingHTTPServer):
    """An MCP server at /N/mcp and an authorization server for it, whose authorization endpoint `endpoints` says."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.endpoints = {}
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self, status, document, fields=None):
        body = json.dumps(document).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": len(body), **(fields or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        origin = self.server.origin
        kind, _, rest = self.path.removeprefix("/.well-known/").partition("/")
        lane = rest.partition("/")[0]
        if kind == "oauth-protected-resource" and lane in self.server.endpoints:
            return self.answer(200, {"resource": f"{origin}/{lane}/mcp", "authorization_servers": [f"{origin}/{lane}"]})
        if kind == "oauth-authorization-server" and lane in self.server.endpoints:
            return self.answer(200, {"issuer": f"{origin}/{lane}", "authorization_endpoint": self.server.endpoints[lane],
                                     "token_endpoint": origin + "/token", "registration_endpoint": origin + "/register",
                                     "code_challenge_methods_supported": ["S256"],
                                     "token_endpoint_auth_methods_supported": ["none"]})
        return self.answer(404, {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/register":
            return self.answer(201, {"client_id": "client", **json.loads(body)})
        return self.answer(401, {}, {"WWW-Authenticate": "Bearer"})

    def log_message(self, *_):
        pass


class Lane:
    """Bridges that try one URL after the other, as long as none of them is opened."""

    def __init__(self, name, server):
        self.name, self.server = name, server
        self.desk = Desk(sandbox=False)
        self.log = self.desk.scratch / "argv"
        script = self.desk.scratch / "record"
        # Of a shell, since it starts in no time: the arguments, each ended by a zero byte, and an empty one.
        script.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" '' >> {self.log}.new && mv {self.log}.new {self.log}\n")
        script.chmod(0o755)
        self.desk.environment["BROWSER"] = str(script)
        self.bridge = None

    def end(self):
        self.let_go()
        self.desk.__exit__()

    def let_go(self):
        """The bridge, and the worker that waits for a browser that will not come back."""
        if self.bridge:
            self.bridge.end()
            for pid in self.desk.strangers():
                with contextlib.suppress(ProcessLookupError):  # the browser's, which ends by itself
                    os.kill(pid, signal.SIGTERM)
            wait_for(lambda: not self.desk.strangers(), "the worker's end")
        self.bridge = None

    def recorded(self):
        if not self.log.exists():
            return None
        words = self.log.read_bytes().decode("utf-8", "surrogateescape").split("\0")
        return words[:-2]

    def attempt(self, endpoint):
        """What became of it: the arguments of the browser, or the error of the host."""
        self.server.endpoints[self.name] = endpoint
        if not self.bridge:
            self.bridge = self.desk.start(stand.Bridge, [options.dogpipe, "--url", f"{self.server.origin}/{self.name}/mcp",
                                                         "--allow-http"])
        number = self.bridge.send_initialize()
        wait_for(lambda: self.bridge.has_answered(number) or self.recorded() is not None, f"an outcome of {endpoint!r:.200}")
        if not self.bridge.has_answered(number):
            words = self.recorded()
            self.let_go()
            self.log.unlink()
            return words, None
        return self.recorded(), self.bridge.answer(number)


def judge(endpoint, words, answer):
    """What is wrong, or None."""
    if words is None:
        code = answer.get("error", {}).get("code")
        if code not in (stand.SIGN_IN_REQUIRED, stand.SIGN_IN_FAILED):
            return f"not opened, and the host got {answer}"
        return None
    if answer is not None:
        return f"opened, and yet {answer}"
    if len(words) != 1:
        return f"{len(words)} arguments: {words}"
    if not SAFE.fullmatch(words[0]):
        return f"not a plain address: {words[0]!r:.300}"
    parts = urllib.parse.urlsplit(words[0])
    host = parts.netloc.rpartition("@")[2]
    host = host if host.endswith("]") else re.sub(r":\d+$", "", host)
    trusted = HERE.fullmatch(host) or (parts.scheme == "https" and ("." + host).endswith(DATADOG))
    if not trusted:
        return f"a stranger's: {words[0]!r:.300}"
    query = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
    for name in ("state", "code_challenge", "redirect_uri", "response_type", "client_id"):
        if len(query.get(name, [])) != 1:
            return f"{name} stands {len(query.get(name, []))} times in {words[0]!r:.600}"
    return None


class HostileUrls(unittest.TestCase):
    def test_open_nothing_but_a_plain_address_of_the_authorization_server(self):
        seed = options.seed or random.randrange(1, 1 << 30)
        server = Server()
        urls = made_up(server.origin, random.Random(seed))
        began = time.monotonic()
        lanes = [Lane(str(number), server) for number in range(2)]
        opened, problems = 0, []

        def run(lane, mine):
            outcomes = []
            for url in mine:
                words, answer = lane.attempt(url)
                outcomes.append((url, words, judge(url, words, answer), answer))
            return outcomes

        try:
            with concurrent.futures.ThreadPoolExecutor(len(lanes)) as pool:
                running = [pool.submit(run, lane, urls[at::len(lanes)]) for at, lane in enumerate(lanes)]
                outcomes = [one for each in running for one in each.result()]
        finally:
            for lane in lanes:
                lane.end()
            server.shutdown()
            server.server_close()
        codes = {}
        for url, words, problem, answer in outcomes:
            opened += words is not None
            if answer:
                code = answer.get("error", {}).get("code")
                codes[code] = codes.get(code, 0) + 1
            if problem:
                problems.append(f"{url!r:.200}: {problem}")
        self.assertEqual(problems, [], f"seed {seed}\n" + "\n".join(problems))
        self.assertGreater(opened, 5, "the harmless ones are opened")
        self.assertGreater(len(outcomes) - opened, len(outcomes) // 2)
        say(f"{len(outcomes)} authorization URLs in {time.monotonic() - began:.1f} s (seed {seed}): {opened} opened, each as one "
            f"plain argument; the others not, and the host told so: {codes}")


if __name__ == "__main__":
    stand.main(("--count", 0, "URLs; 0: all there are"), ("--seed", 0, "of those that are made up; 0 chooses one"))
