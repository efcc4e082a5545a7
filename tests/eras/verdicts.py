"""How the era of a server is found out, what is kept of it, and what is no evidence at all."""

import concurrent.futures
import json
import time
import unittest

import hosts  # first: it says where stand is
from hosts import MODERN, Host, ModernHost, Stage
import stand
from stand import TOOL, Desk, say, wait_for

LEGACY = "2025-11-25"
BOTH = ("--supported", "2026-07-28,2025-11-25")
SERVERS = {"legacy": ("--era", "legacy"), "modern": ("--era", "modern"), "dual": ("--era", "dual"),
           "dual, lists both": ("--era", "dual", *BOTH)}
NOT_FOUND = -32601
OPENING = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "eras_test", "version": "1"}}


class AnyHost(ModernHost):
    """Speaks either era, message by message."""

    def check_result(self, raw, result):
        pass

    def plain(self, method, params=None):
        number = self.await_id(self.next_id())
        self.write({"id": number, "method": method, "params": params or {}})
        return self.answer(number)

    def initialize(self):
        answer = self.plain("initialize", OPENING)
        assert answer["result"]["protocolVersion"] == LEGACY, answer
        self.write({"method": "notifications/initialized"})
        return answer["result"]


def any_host(stage, *arguments):
    usual = hosts.HOSTS[MODERN]
    hosts.HOSTS["any"] = (AnyHost, usual[1])
    host = stage.host("any", *arguments)
    host.revision = MODERN
    return host


def asked_before_the_answer(stage, host, ask):
    """The first answer, and what the server was asked until then, probes and all."""
    before = len(stage.journal)
    answer = ask(host)
    return answer, stage.asked_for()[before:]


def initialize(host):
    return host.result("initialize", {**OPENING, "protocolVersion": host.revision})


def list_tools(host):
    return host.result("tools/list")


def discover(host):
    return host.ask("server/discover")


def verdict(stage):
    """As it is stored: of the only server."""
    kept = (stage.servers or {"servers": []})["servers"]
    assert len(kept) <= 1, kept
    return kept[0].get("era") if kept else None


class TheFirstStart(unittest.TestCase):
    """And the second, which knows what the first has found out."""

    # The host, what it begins with, and by server: what is asked the first time, and the second.
    STARTS = [
        (LEGACY, initialize, {
            "legacy": (["server/discover", "initialize"], ["initialize"], "legacy"),
            "modern": (["server/discover", "server/discover"], ["server/discover"], "modern_only"),
            "dual": (["server/discover", "server/discover"], ["server/discover"], "modern_only"),
            "dual, lists both": (["server/discover", "initialize"], ["initialize"], "modern"),
        }),
        (MODERN, list_tools, {
            "legacy": (["server/discover", "initialize", "notifications/initialized", "tools/list"],
                       ["initialize", "notifications/initialized", "tools/list"], "legacy"),
            "modern": (["server/discover", "tools/list"], ["tools/list"], "modern_only"),
            "dual": (["server/discover", "tools/list"], ["tools/list"], "modern_only"),
            "dual, lists both": (["server/discover", "tools/list"], ["tools/list"], "modern"),
        }),
        (MODERN, discover, {
            "legacy": (["server/discover"], [], "legacy"),
            "modern": (["server/discover"], ["server/discover"], "modern_only"),
            "dual": (["server/discover"], ["server/discover"], "modern_only"),
            "dual, lists both": (["server/discover"], ["server/discover"], "modern"),
        }),
    ]

    def test_finds_out_what_the_second_knows(self):
        say("\n| host | begins with | server | first start | second start | verdict |\n|---|---|---|---|---|---|")
        for revision, ask, by_server in self.STARTS:
            for server, (first, second, era) in by_server.items():
                with self.subTest(host=revision, begins=ask.__name__, server=server), Stage(*SERVERS[server]) as stage:
                    found = []
                    for _ in range(2):
                        host = stage.host(revision)
                        found.append([one for one in asked_before_the_answer(stage, host, ask)[1] if one != "GET"])
                        stage.leave(host)
                        found.append(verdict(stage))
                    say(f"| {revision} | {ask.__name__} | {server} | {', '.join(found[0])} | "
                        f"{', '.join(found[2]) or 'nothing'} | {found[1]} |")
                    self.assertEqual(found, [first, era, second, era])

    def test_has_what_comes_with_it_wait_in_order(self):
        """A host that writes all it has at once."""
        for server, switches in SERVERS.items():
            with self.subTest(server=server), Stage(*switches) as stage:
                host = stage.host(LEGACY)
                opening = host.send("initialize", OPENING)
                host.notify("notifications/initialized")
                numbers = [host.send("tools/list"), host.send("tools/call", TOOL), host.send("ping")]
                for number in (opening, *numbers):
                    self.assertIn("result", host.answer(number))
                stage.leave(host)

    def test_of_several_modern_requests_asks_once(self):
        for server, switches in SERVERS.items():
            with self.subTest(server=server), Stage(*switches) as stage:
                host = stage.host(MODERN)
                for number in [host.send("tools/call", TOOL) for _ in range(8)]:
                    self.assertIn("result", host.answer(number))
                self.assertEqual(stage.asked_for().count("server/discover"), 1)
                self.assertLessEqual(stage.asked_for().count("initialize"), 1)
                stage.leave(host)


class Discover(unittest.TestCase):
    def test_pins_nothing(self):
        """On one pipe: discover, initialize, a request of either era, discover."""
        for server, switches in SERVERS.items():
            with self.subTest(server=server), Stage(*switches) as stage:
                host = any_host(stage)
                for _ in range(2):
                    answer = host.ask("server/discover")
                    if server == "legacy":
                        self.assertEqual(answer["error"]["code"], NOT_FOUND)
                    else:
                        self.assertIn(MODERN, answer["result"]["supportedVersions"])
                    if host.last_id == 1:
                        self.assertIn("serverInfo", host.initialize())
                    self.assertIn("tools", host.plain("tools/list")["result"])
                    self.assertEqual(host.ask("tools/list")["result"]["resultType"], "complete")
                stage.leave(host)

    def test_can_be_overtaken_by_nothing_and_stops_nothing(self):
        """A host that does not wait for the answer."""
        for server, switches in SERVERS.items():
            with self.subTest(server=server), Stage(*switches, "--slow-init", "200") as stage:
                host = any_host(stage)
                number = host.send("server/discover")
                self.assertIn("serverInfo", host.initialize())
                host.answer(number)
                self.assertIn("tools", host.plain("tools/list")["result"])
                stage.leave(host)

    def check_signed_out(self, *switches):
        """Without a token: no browser, no worker. What opens the browser is initialize."""
        with Desk("--trials", *switches) as desk:
            host = desk.start(lambda *arguments: AnyHost(*arguments, MODERN, {}), desk.command())
            began = time.monotonic()
            self.assertEqual(host.ask("server/discover")["error"]["code"], NOT_FOUND)
            took = time.monotonic() - began
            self.assertEqual((desk.opened, desk.workers()), ([], []))
            self.assertFalse((desk.home / "servers.json").exists())
            self.assertIn("serverInfo", host.initialize())
            self.assertEqual(len(desk.opened), 1)
            self.assertIn("content", host.plain("tools/call", TOOL)["result"])
            self.assertEqual(host.ask("tools/list")["result"]["resultType"], "complete")
            self.assertEqual(host.close(), 0)
            self.assertEqual(host.faults, [])
            self.assertEqual(len(desk.opened), 1)
            return took

    def test_of_somebody_who_is_not_signed_in_opens_no_browser(self):
        for server, switches in SERVERS.items():
            with self.subTest(server=server):
                took = self.check_signed_out(*switches)
                say(f"server/discover, not signed in, server {server}: answered in {took * 1000:.0f} ms, no browser")

    def test_of_a_server_that_hangs_is_answered_before_hosts_give_up(self):
        with Stage("--era", "modern", "--fault", "hang@server/discover:1") as stage:
            host = any_host(stage)
            began = time.monotonic()
            self.assertEqual(host.ask("server/discover")["error"]["code"], NOT_FOUND)
            took = time.monotonic() - began
            self.assertLess(took, 10, "the first of them gives up then")
            self.assertIsNone(verdict(stage))
            self.assertIn("serverInfo", host.initialize())
            self.assertIn(MODERN, host.result("server/discover")["supportedVersions"])
            stage.leave(host)
            say(f"server/discover, the server hangs: answered after {took:.1f} s")


class NoEvidence(unittest.TestCase):
    """The credential, the network, a server in trouble."""

    FAULTS = ("401", "403", "429-bare", "500", "502", "503", "504", "close", "reset", "cut", "html", "202",
              "bad-json", "redirect")

    def check(self, fault, era):
        with Stage("--era", era, "--fault", f"{fault}@server/discover:1") as stage:
            host = any_host(stage)
            self.assertEqual(host.ask("server/discover")["error"]["code"], NOT_FOUND)
            found = [verdict(stage)]
            answer = host.ask("server/discover")
            self.assertEqual("result" in answer, era != "legacy", answer)
            stage.leave(host)
            found.append(verdict(stage))
        with Stage("--era", era, "--fault", f"{fault}@server/discover:1") as stage:
            host = any_host(stage)
            self.assertIn("serverInfo", host.initialize())
            self.assertIn("content", host.plain("tools/call", TOOL)["result"])
            stage.leave(host)
            found.append(verdict(stage))
        with Stage("--era", era, "--fault", f"{fault}@server/discover:1") as stage:
            stage.probed_by_requests = 1
            host = any_host(stage)
            # A legacy server refuses what it cannot be asked in that way; then the era is found out anew.
            first = host.ask("tools/call", TOOL)
            self.assertEqual("result" in first, era != "legacy", first)
            self.assertEqual(host.ask("tools/call", TOOL)["result"]["resultType"], "complete")
            stage.leave(host)
            found.append(verdict(stage))
        return found

    def test_is_what_says_nothing_about_the_era(self):
        expected = {"legacy": [None, "legacy", "legacy", "legacy"],
                    "modern": [None, "modern_only", "modern_only", "modern_only"]}
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            checks = {(fault, era): pool.submit(self.check, fault, era) for fault in self.FAULTS for era in expected}
            for (fault, era), check in checks.items():
                with self.subTest(fault=fault, era=era):
                    self.assertEqual(check.result(), expected[era])
        say(f"no evidence: {', '.join(self.FAULTS)}")

    def test_is_a_server_that_does_not_answer_initialize_in_time(self):
        """It is asked in another way then, and what it says to that counts."""
        for era, known in (("legacy", "legacy"), ("modern", "modern_only")):
            with self.subTest(era=era), Stage("--era", era, "--fault", "hang@server/discover:1") as stage:
                host = any_host(stage)
                began = time.monotonic()
                self.assertIn("serverInfo", host.initialize())
                took = time.monotonic() - began
                self.assertLess(took, 5, "the first hosts give up then")
                stage.leave(host)
                self.assertEqual(verdict(stage), known)
                say(f"initialize, a {era} server hangs at the probe: answered after {took:.1f} s")


class WhatTheUserHasDecided(unittest.TestCase):
    def test_legacy_is_never_probed(self):
        with Stage("--era", "dual") as stage:
            for revision, begin, asked in (
                    (LEGACY, initialize, ["initialize"]),
                    (MODERN, discover, []),
                    (MODERN, list_tools, ["initialize", "notifications/initialized", "tools/list"])):
                host = stage.host(revision, "--protocol-era", "legacy")
                found = [one for one in asked_before_the_answer(stage, host, begin)[1] if one != "GET"]
                self.assertEqual(found, asked)
                stage.leave(host)

    def test_legacy_is_not_helped_where_the_server_is_modern(self):
        with Stage("--era", "modern") as stage:
            host = any_host(stage, "--protocol-era", "legacy")
            self.assertEqual(host.plain("initialize", OPENING)["error"]["code"], -32022)
            self.assertEqual(host.ask("server/discover")["error"]["code"], NOT_FOUND)
            self.assertIn("error", host.ask("tools/list"))
            stage.leave(host)
            # The GET looks for HTTP+SSE, the older of the transports.
            self.assertEqual(set(stage.asked_for()), {"initialize", "GET"})

    def test_modern_is_never_probed(self):
        with Stage("--era", "dual", *BOTH) as stage:
            for revision, begin, asked in ((LEGACY, initialize, ["server/discover"]),
                                           (MODERN, discover, ["server/discover"]),
                                           (MODERN, list_tools, ["tools/list"])):
                host = stage.host(revision, "--protocol-era", "modern")
                self.assertEqual(asked_before_the_answer(stage, host, begin)[1], asked)
                stage.leave(host)
            self.assertEqual(stage.count("requests", "initialize"), 0)

    def test_a_synthesized_discover_leads_a_modern_host_to_a_legacy_server(self):
        with Stage("--era", "legacy") as stage:
            host = any_host(stage, "--synthesize-discover")
            found = host.result("server/discover")
            self.assertEqual(found["supportedVersions"], [MODERN])
            self.assertEqual((found["resultType"], found["ttlMs"], found["cacheScope"]), ("complete", 0, "private"))
            self.assertEqual(found["_meta"][hosts.PREFIX + "serverInfo"]["name"], "datadog-mcp-sandbox")
            self.assertLessEqual({"tools", "resources", "prompts", "logging"}, set(found["capabilities"]))
            self.assertEqual(host.ask("tools/call", TOOL)["result"]["resultType"], "complete")
            self.assertIn("serverInfo", host.initialize())
            self.assertIn("tools", host.plain("tools/list")["result"])
            stage.leave(host)
            self.assertEqual(stage.asked_for().count("server/discover"), 1)


class AVerdictThatIsWrong(unittest.TestCase):
    """The server has become another one since."""

    def check(self, before, after):
        with Stage("--era", before) as stage:
            host = stage.host(MODERN)
            host.result("tools/list")
            stage.leave(host)
            port = stage.sandbox.url.split(":")[2].split("/")[0]
            stage.sandbox.end()
            stage.sandbox = stand.Sandbox("--trials", "--era", after, "--port", port)
            opened = any_host(stage)
            self.assertIn("serverInfo", opened.initialize())
            self.assertIn("content", opened.plain("tools/call", TOOL)["result"])
            stage.leave(opened)
            return verdict(stage)

    def test_is_mended_by_initialize(self):
        self.assertEqual(self.check("legacy", "modern"), "modern_only")
        self.assertEqual(self.check("modern", "legacy"), "legacy")

    def check_modern(self, before, after):
        with Stage("--era", before) as stage:
            host = stage.host(MODERN)
            host.result("tools/list")
            stage.leave(host)
            port = stage.sandbox.url.split(":")[2].split("/")[0]
            stage.sandbox.end()
            stage.sandbox = stand.Sandbox("--trials", "--era", after, "--port", port)
            stage.probed_by_requests = 1
            host = stage.host(MODERN)
            answers = [host.ask("tools/list") for _ in range(3)]
            stage.leave(host)
            return ["result" in answer for answer in answers], verdict(stage), answers[0]

    def test_is_mended_by_a_modern_request(self):
        for before, after, known in (("legacy", "modern", "modern_only"), ("modern", "legacy", "legacy")):
            with self.subTest(before=before, after=after):
                served, era, first = self.check_modern(before, after)
                # The first is refused, and says with what; the second has the era found out anew.
                self.assertEqual((served, era), ([False, True, True], known), first)


if __name__ == "__main__":
    stand.main()
