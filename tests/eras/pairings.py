"""Which of what MCP has crosses the bridge, for each host on each server, and why not what does not.

Prints a table for each host, for people to read, and fails where it is not the expected one.
"""

import concurrent.futures
import dataclasses
import traceback
import unittest

import hosts  # first: it says where stand is
import crossings
from crossings import CROSSES, NO_SUCH_WIRE, Crossing
from hosts import MODERN, Stage
import stand

BOTH = ("--supported", "2026-07-28,2025-11-25")
SERVERS = {
    "legacy": ("--era", "legacy"),
    "legacy, stateless": ("--era", "legacy", "--stateless"),
    "modern": ("--era", "modern"),
    "dual": ("--era", "dual"),
    "dual, stateless": ("--era", "dual", "--stateless"),
    "dual, lists both": ("--era", "dual", *BOTH),
    "dual, stateless, lists both": ("--era", "dual", "--stateless", *BOTH),
    "HTTP+SSE": ("--era", "sse"),
}

# How a message goes. "legacy": both sides are; "up": the server alone is modern; "down": the host alone is;
# "modern": both are. A question mark behind: the server has no sessions. A star: it is of 2024-11-05.
LEGACY_HOST = ("legacy", "legacy?", "up", "up", "up", "legacy", "legacy?", "legacy*")
MODERN_HOST = ("down", "down?", "modern", "modern", "modern", "modern", "modern", "down*")
WAYS = {revision: dict(zip(SERVERS, MODERN_HOST if revision == MODERN else LEGACY_HOST)) for revision in hosts.HOSTS}

NO_STREAM = "a server without sessions has no stream of its own"
NO_SESSION = "a server without sessions does not remember what the client can do"
ONLY_MODERN = "only the wire of 2026-07-28 has it"
ONLY_LEGACY = "the wire of 2026-07-28 has no such thing"
ELICITATION = "2025-03-26 has no elicitation: the host cannot have declared it"


@dataclasses.dataclass
class Cell:
    what: str
    why: str = ""  # where it is not simply CROSSES


def no(what, why):
    return Cell(what, why)


UNTRIED = no("not tried", "the sandbox does not play it on HTTP+SSE")


@dataclasses.dataclass
class Row:
    title: str
    run: object
    # By way, or by (revision, way); what is not here crosses.
    instead: dict = dataclasses.field(default_factory=dict)
    # Without them it shares the stage with the other rows.
    alone: bool = False
    on_sse: bool = True  # the sandbox can play it on HTTP+SSE
    switches: dict = dataclasses.field(default_factory=dict)  # by way, without the question mark
    capabilities: object = None

    def expected(self, revision, way):
        if way.endswith("*") and not self.on_sse:
            return UNTRIED
        plain = way.rstrip("*")
        for key in ((revision, way), way, (revision, plain), plain):
            if key in self.instead:
                return self.instead[key]
        return Cell(CROSSES)


def ways(cell, *names):
    return {name: cell for name in names}


def of_host(revision, cell, *names):
    return {(revision, name): cell for name in names}


MISSING_MODERN = ways(no(NO_SUCH_WIRE, ONLY_MODERN), "legacy", "legacy?", "down", "down?")
MISSING_LEGACY = ways(no(NO_SUCH_WIRE, ONLY_LEGACY), "up", "modern")
STATELESS = ways(no("no stream", NO_STREAM), "legacy?", "down?")
UNKNOWN_CLIENT = ways(no("the server goes without", NO_SESSION), "legacy?", "down?")
NO_ELICITATION = (of_host("2025-03-26", no("the server goes without", ELICITATION), "legacy")
                  | of_host("2025-03-26", no("-32603", ELICITATION), "up"))
PARTLY_ELICITATION = NO_ELICITATION | of_host("2025-03-26", no("the others are asked", ELICITATION), "legacy")
LEGACY_HOSTS_ONLY = ways(no(NO_SUCH_WIRE, "only hosts of 2026-07-28 have it"), "legacy", "legacy?", "up")
MODERN_HOST_HAS_NONE = ways(no(NO_SUCH_WIRE, "hosts of 2026-07-28 do not say it"), "down", "down?", "modern")

ROWS = [
    Row("wire to the server", crossings.wire,
        ways(no("2025-11-25", "what the host asked for"), "legacy", "legacy?")
        | of_host("2025-03-26", no("2025-03-26", "what the host asked for"), "legacy", "legacy?")
        | ways(no("2025-11-25", "the newest that the server opens with initialize"), "down", "down?")
        | ways(no("none", "on HTTP+SSE there was no field for it"), "legacy*", "down*")
        | of_host("2025-03-26", no("none", "on HTTP+SSE there was no field for it"), "legacy*")
        | ways(no("2026-07-28", "the server's only one, or the host's"), "up", "modern")),
    Row("tools/list, tools/call", crossings.tools),
    Row("prompts/list, prompts/get", crossings.prompts),
    Row("resources/list, templates, read", crossings.resources),
    Row("code of a resource that is not there", crossings.no_resource,
        ways(no("-32002", "that of the host's era"), "legacy", "legacy?", "up")
        | ways(no("-32602", "that of the host's era"), "down", "down?", "modern")),
    Row("completion/complete", crossings.completion),
    Row("numbers and escapes byte for byte", crossings.numbers),
    Row("errors of tools", crossings.errors),
    Row("code of an unknown method", crossings.unknown_method,
        ways(no("-32601", "in every era"), "legacy", "legacy?", "up", "down", "down?", "modern")),
    Row("ping of the host", crossings.ping,
        ways(no("{}", "the bridge answers"), "legacy", "legacy?", "up")
        | ways(no("-32601", "2026-07-28 has none"), "down", "down?", "modern")),
    Row("ids of every kind, byte for byte", crossings.ids),
    Row("batches", crossings.batches,
        of_host("2025-11-25", no("refused", "2025-03-26 alone has batches"), "legacy", "legacy?", "up")
        | ways(no("refused", "2025-03-26 alone has batches"), "down", "down?", "modern")
        | of_host("2025-03-26", Cell(CROSSES), "legacy", "legacy?", "up")),
    Row("progress, in order, before the answer", crossings.progress),
    Row("log lines of a host that has named no level", crossings.log_unwanted,
        ways(no("2 lines", "a legacy server decides for itself"), "legacy", "legacy?")
        | ways(no("0 lines", "without a level in the request there are none"), "up", "down", "down?", "modern")),
    Row("log lines from the level that the host has set", crossings.log,
        ways(no("whatever the level", "a server without sessions forgets the level"), "legacy?")),
    Row("log lines outside of requests", crossings.log_elsewhere,
        MISSING_LEGACY | STATELESS
        | ways(no("dropped", "2026-07-28 has log lines on the way to an answer alone"), "down")
        | ways(Cell(CROSSES), "down*")),  # all comes on one stream: it is that of the call, too
    Row("what has no place on a call's stream", crossings.stray,
        MISSING_MODERN | ways(no("dropped", "2026-07-28 forbids it"), "up", "modern")),
    Row("cancellation stops the work", crossings.cancellation,
        ways(no("the server works on", "a server without sessions cannot know what is meant"), "legacy?", "down?")),
    Row("elicitation by form", crossings.question("ask_form", hosts.FORM), UNKNOWN_CLIENT | NO_ELICITATION),
    Row("elicitation by URL", crossings.question_by_url, UNKNOWN_CLIENT | NO_ELICITATION),
    Row("sampling", crossings.question("ask_model", hosts.SAMPLE), UNKNOWN_CLIENT),
    Row("roots", crossings.question("ask_roots", hosts.ROOTS), UNKNOWN_CLIENT),
    Row("two questions at once", crossings.together, UNKNOWN_CLIENT | PARTLY_ELICITATION),
    Row("questions in turn", crossings.question("ask_in_turn", hosts.FORM, hosts.SAMPLE, hosts.ROOTS, hosts.FORM),
        UNKNOWN_CLIENT | PARTLY_ELICITATION),
    Row("a round without a question", crossings.again, MISSING_MODERN),
    Row("questions of prompts/get and resources/read", crossings.elsewhere_asked, UNKNOWN_CLIENT | NO_ELICITATION),
    Row("questions out of turn", crossings.roots_out_of_turn,
        MISSING_LEGACY | STATELESS
        | ways(no("-32602", "2026-07-28 has questions on the way to an answer alone"), "down"), on_sse=False),
    Row("ping of the server", crossings.ping_out_of_turn, MISSING_LEGACY | STATELESS, on_sse=False),
    Row("-32042, a page has to be visited first", crossings.url_required,
        MISSING_LEGACY
        | ways(no("-32042", "the host knows it"), "legacy", "legacy?")
        | of_host("2025-03-26", no("the server goes without", ELICITATION), "legacy", "legacy?")
        | ways(no("asked", "as an intermediate result"), "down", "down?")),
    Row("notifications/elicitation/complete", crossings.url_complete,
        MISSING_LEGACY
        | ways(no("dropped", "a server without sessions has not asked"), "legacy?", "down?")
        | ways(no("dropped", "2026-07-28 has no such notification"), "down")
        | of_host("2025-03-26", no("dropped", ELICITATION), "legacy", "legacy?")),
    Row("the host's roots have changed", crossings.roots_changed,
        MODERN_HOST_HAS_NONE | ways(no("dropped", "a server of 2026-07-28 asks each time"), "up")),
    Row("list_changed of tools, prompts, resources", crossings.list_changes, STATELESS),
    Row("list_changed announced by a call", crossings.announced_in_calls),
    Row("resources/updated until unsubscribed", crossings.resource_updates, STATELESS, on_sse=False),
    Row("subscription ids of every kind", crossings.subscription_ids, LEGACY_HOSTS_ONLY
        | ways(no("no stream", NO_STREAM), "down?")),
    Row("subscription to an unknown resource", crossings.unknown_resource,
        ways(no("granted", "the server grants everything"), "legacy", "legacy?", "down", "down?")
        | ways(no("not granted", "the server does not acknowledge it"), "up", "modern")),
    Row("arguments in header fields", crossings.custom_fields, MISSING_MODERN),
    Row("structured content that is no object", crossings.arrays,
        MISSING_MODERN | ways(no("as text", "illegal before 2026-07-28"), "up")),
    Row("a resultType that nobody knows", crossings.other_result_types,
        MISSING_MODERN | ways(no("passed on", "the host's to judge"), "modern")
        | ways(no("-32603", "the host cannot judge it"), "up")),
    Row("tools with a wrong x-mcp-header", crossings.invalid_tools,
        ways(no("0 of 14 left", "2026-07-28 wants them left out"), "up", "modern")
        | ways(no("14 of 14 left", "nobody mirrors on this wire"), "legacy", "legacy?", "down", "down?"),
        alone=True, on_sse=False, switches=ways(("--invalid-tools",), "legacy", "up", "down", "modern")),
    Row("schema that has changed: -32020 is healed", crossings.shifted_schema, MISSING_MODERN,
        alone=True, on_sse=False, switches=ways(("--shift-schema", "once"), "legacy", "up", "down", "modern")),
    Row("a call whose stream breaks", crossings.broken_call,
        ways(no("run 1x, -31009", "it may have changed something"), "legacy", "legacy?", "up", "down", "down?",
             "modern"),
        alone=True, on_sse=False, switches=ways(("--break-calls", "after:1"), "up", "modern")
        | ways(("--fault", "cut-sse@tools/call:1"), "legacy", "down")),
    Row("a call that only reads, whose stream breaks", crossings.broken_reading_call,
        ways(no("run 2x, answered", "that harms nobody"), "legacy", "legacy?", "up", "down", "down?", "modern"),
        alone=True, on_sse=False, switches=ways(("--break-calls", "after:1"), "up", "modern")
        | ways(("--fault", "cut-sse@tools/call:1"), "legacy", "down")),
    Row("streams that are cut: nothing is missed", crossings.cut_subscription, STATELESS,
        alone=True, on_sse=False, switches=ways(("--cut-listen-after", "2"), "up", "modern")
        | ways(("--cut-get-after", "2"), "legacy", "down")),
    Row("a session that is lost", crossings.lost_session, MISSING_LEGACY
        | ways(no(NO_SUCH_WIRE, "it has none"), "legacy?", "down?"), alone=True, on_sse=False),
    Row("questions to a host that can do nothing", crossings.undeclared,
        ways(no("the server goes without", "it knows"), "legacy", "legacy?", "down", "down?")
        | ways(no("-32603", "an error that legacy hosts know"), "up")
        | ways(no("-32021", "the server's own error"), "modern"), alone=True, capabilities={}),
]


def failure():
    return "FAILED\n" + traceback.format_exc(limit=-2)


def play(rows, revision, server):
    """What has come of them; several share one stage."""
    way = WAYS[revision][server]
    plain = way.rstrip("?*")
    with Stage(*SERVERS[server], *rows[0].switches.get(plain, ())) as stage:
        host = stage.host(revision, capabilities=rows[0].capabilities)
        host.open()
        crossing = Crossing(stage, host, plain in ("up", "modern"), not way.endswith("?"))
        found = []
        for row in rows:
            try:
                untried = row.expected(revision, way) is UNTRIED
                found.append(UNTRIED.what if untried else row.run(crossing))
            except Exception:  # one row that goes wrong leaves the others their cells
                found.append(failure())
        stage.leave(host)
        if crossing.up_to_modern:
            others = {verb: stage.count("http", verb) for verb in ("GET", "DELETE")}
            assert others == {"GET": 0, "DELETE": 0}, others
            assert stage.count("requests", "initialize") == 0
    return found


def play_safely(rows, revision, server):
    try:
        return play(rows, revision, server)
    except Exception:
        return [failure()] * len(rows)


def groups():
    return [[row for row in ROWS if not row.alone]] + [[row] for row in ROWS if row.alone]


def play_all():
    """By title, revision and server."""
    table = {}
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        plays = {(revision, server, number): pool.submit(play_safely, rows, revision, server)
                 for number, rows in enumerate(groups()) for revision in hosts.HOSTS for server in SERVERS}
        for (revision, server, number), play_ in plays.items():
            for row, what in zip(groups()[number], play_.result()):
                table[row.title, revision, server] = what
    return table


class Notes:
    """Reasons, numbered as they come."""

    def __init__(self):
        self.reasons = []

    def mark(self, why):
        if not why:
            return ""
        if why not in self.reasons:
            self.reasons.append(why)
        return f" ({self.reasons.index(why) + 1})"


def print_table(table):
    notes = Notes()
    for revision in hosts.HOSTS:
        stand.say(f"\n## A host of {revision}\n\n| | {' | '.join(SERVERS)} |\n|---|{'---|' * len(SERVERS)}")
        for row in ROWS:
            cells = []
            for server in SERVERS:
                found = table[row.title, revision, server].split("\n")[0]
                expected = row.expected(revision, WAYS[revision][server])
                cells.append(found + (notes.mark(expected.why) if found == expected.what else " **!**"))
            stand.say(f"| {row.title} | {' | '.join(cells)} |")
    stand.say("")
    for number, why in enumerate(notes.reasons, 1):
        stand.say(f"{number}. {why}")
    stand.say("")


class WhatCrosses(unittest.TestCase):
    maxDiff = None

    def test_is_what_the_table_says(self):
        table = play_all()
        print_table(table)
        wrong = [f"{row.title}, host {revision}, server {server}: {table[row.title, revision, server]}\n"
                 f"    instead of: {row.expected(revision, WAYS[revision][server]).what}"
                 for row in ROWS for revision in hosts.HOSTS for server in SERVERS
                 if table[row.title, revision, server] != row.expected(revision, WAYS[revision][server]).what]
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    def test_needs_no_reason_and_all_else_has_one(self):
        for row in ROWS:
            for revision in hosts.HOSTS:
                for way in set(WAYS[revision].values()):
                    cell = row.expected(revision, way)
                    self.assertEqual(cell.what == CROSSES, cell.why == "", (row.title, revision, way))


if __name__ == "__main__":
    stand.main()
