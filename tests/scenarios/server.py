"""The HTTP server of a scenario, on loopback: it plays the file `server` and remembers what came.

    on POST tools/call             what to do with the first such request that no other block has taken;
      ACTION                       also `on POST tools/call id=5`, `on GET`, `on DELETE`
    always POST ping               with every such request that no `on` block takes
      ACTION

A scenario that has no block for server/discover is about a server that opens with initialize, and it
starts where that is asked: the question and the server's refusal of it are not remembered.

The method is that of the JSON-RPC message, or (response), (batch), (unreadable). Actions:

    status N [REASON] · header NAME: VALUE            for the head of the response
    length N                                          a Content-Length that is not the body's
    json TEXT · gzip TEXT · body TYPE TEXT · empty    the whole body; @id is the request's own id
    json: (lines deeper by two follow) · body TYPE:   the same, of several lines
    event TEXT · comment TEXT · raw TEXT              pieces of an event stream, which begins by itself;
    id X · retry N · name X · data TEXT · dispatch    the fields of an event one by one
    head                                              the head of an event stream, and nothing yet
    end                                               of the stream; the connection stays (the default)
    cut · reset                                       the connection, by FIN or RST, before its end
    hang                                              say nothing more until the peer goes
    gone                                              wait for the peer to close the connection
    reused                                            insist that the connection has served before
    mark NAME · wait-for CONDITION                    see Server.wait_for
"""

import gzip
import json
import re
import select
import socket
import struct
import threading
import time

import script

PATIENCE = 10  # seconds for anything that ought to happen
PROBE = "POST server/discover"


NOT_EXPECTED = [("status", "500"), ("empty", "")]
UNKNOWN_METHOD = [
    ("status", "404"),
    ("json", '{"jsonrpc":"2.0","id":@id,"error":{"code":-32601,"message":"no such method"}}'),
]


class Gone(Exception):
    """The peer, or the whole scenario."""


def raw_members(text):
    """The members of a JSON object in their own bytes."""
    decoder, members, at = json.JSONDecoder(), {}, 1

    def space(at):
        while text[at] in " \t\r\n":
            at += 1
        return at

    at = space(at)
    while text[at] != "}":
        key, at = decoder.raw_decode(text, space(at))
        at = space(space(at) + 1)
        _, end = decoder.raw_decode(text, at)
        members[key] = text[at:end]
        at = space(end)
        at += text[at] == ","
        at = space(at)
    return members


class Request:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.verb, self.path, _ = lines[0].split(" ", 2)
        self.headers = [tuple(line.split(": ", 1) if ": " in line else (line[:-1], "")) for line in lines[1:]]
        self.id, self.method = "", ""
        self.body = script.shortened(body)
        self.body_start = script.decode(body[:100_000])
        if self.verb == "POST":
            self.read(script.decode(body).strip())

    def read(self, text):
        try:
            members = raw_members(text) if text.startswith("{") else None
        except (ValueError, IndexError):
            self.method = "(unreadable)"
            return
        if members is None:
            self.method = "(batch)"
        elif "method" not in members:
            self.method = "(response)"
        else:
            self.method = json.loads(members["method"])
        self.id = (members or {}).get("id", "")

    @property
    def label(self):
        return f"{self.verb} {self.method}".strip()

    def header(self, name):
        if name == ":path":
            return self.path
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(found) if found else "(none)"


class Block:
    def __init__(self, line):
        when, _, what = line.partition(" ")
        self.label, _, its_id = what.partition(" id=")
        self.id = its_id or None
        if when not in ("on", "always"):
            raise script.Mistake(f"server: {line}")
        self.lasting, self.used, self.actions = when == "always", False, []

    def takes(self, request):
        return self.label == request.label and self.id in (None, request.id)


def read_blocks(lines):
    blocks, lines = [], [line for line in lines if line.strip()]
    while lines:
        line = lines.pop(0)
        if not line.startswith(" "):
            blocks.append(Block(line))
            continue
        name, _, rest = line.strip().partition(" ")
        if line.endswith(":") and name in ("json:", "body"):
            text = []
            while lines and lines[0].startswith("    "):
                text.append(lines.pop(0)[4:])
            name, rest = name.rstrip(":"), f"{rest.rstrip(':')} " * (name == "body") + "\n".join(text)
        blocks[-1].actions.append((name, rest))
    return blocks


class Server:
    def __init__(self, lines, values):
        self.blocks, self.values = read_blocks(lines), values
        self.asked = {block.label for block in self.blocks}
        self.changed = threading.Condition()
        self.seen, self.marks, self.problems, self.over = [], set(), [], False
        self.accepted, self.open_connections = set(), 0
        self.listeners = [self.listen(), self.listen()]
        port, other = (one.getsockname()[1] for one in self.listeners)
        values.update(port=str(port), url=f"http://127.0.0.1:{port}/mcp",
                      elsewhere=f"http://127.0.0.1:{other}/mcp")
        for listener in self.listeners:
            threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    @staticmethod
    def listen():
        return socket.create_server(("127.0.0.1", 0), backlog=256)

    def accept(self, listener):
        while True:
            try:
                connection, peer = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.changed:
                self.accepted.add(peer)
                self.open_connections += 1
                self.changed.notify_all()
            Connection(self, connection, listener is self.listeners[1]).start()

    def settle(self):
        """The peer has ended: what it sent last may not have been read yet."""
        with self.changed:
            self.over = True
            self.changed.notify_all()
        for listener in self.listeners:
            with socket.create_connection(listener.getsockname()) as last:  # after all that wait there
                address = last.getsockname()
                with self.changed:
                    self.changed.wait_for(lambda: address in self.accepted, PATIENCE)
        with self.changed:
            if not self.changed.wait_for(lambda: self.open_connections == 0, PATIENCE):
                self.problems.append("connections are left open")

    def close(self):
        with self.changed:
            self.over = True
            self.changed.notify_all()
        for listener in self.listeners:
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listener.close()

    def complain(self, text):
        with self.changed:
            self.problems.append(text)
            self.changed.notify_all()

    def mark(self, name):
        with self.changed:
            self.marks.add(name)
            self.changed.notify_all()

    def arrived(self, request, elsewhere):
        """The actions to answer with."""
        with self.changed:
            if request.label == PROBE and not elsewhere and PROBE not in self.asked:
                return UNKNOWN_METHOD
            self.seen.append(request)
            self.changed.notify_all()
            if elsewhere:
                self.problems.append(f"{request.label} arrived where nothing may arrive")
                return NOT_EXPECTED
            for lasting in (False, True):
                for block in self.blocks:
                    if block.lasting == lasting and not block.used and block.takes(request):
                        block.used = not lasting
                        return block.actions
            self.problems.append(f"{request.label} id={request.id} was not expected")
            return NOT_EXPECTED

    def wait_for(self, condition):
        """`mark NAME`, or `POST tools/call [xN]`: that many such requests have arrived."""
        label, _, count = condition.partition(" x")

        def met():
            if label.startswith("mark "):
                return label[5:] in self.marks
            return sum(one.label == label for one in self.seen) >= int(count or 1)

        with self.changed:
            if not self.changed.wait_for(lambda: self.over or met(), PATIENCE):
                self.problems.append(f"waited in vain for {condition}")

    def unused(self):
        return [block.label for block in self.blocks if not block.used and not block.lasting]


class Connection(threading.Thread):
    def __init__(self, server, connection, elsewhere):
        super().__init__(daemon=True)
        self.server, self.socket, self.elsewhere = server, connection, elsewhere
        self.buffer, self.served = bytearray(), 0

    def run(self):
        try:
            while request := self.read_request():
                self.served += 1
                Reply(self, request).play(self.server.arrived(request, self.elsewhere))
        except (Gone, OSError):
            pass
        except Exception as error:  # a thread of its own: nobody else would say so
            self.server.complain(f"server: {type(error).__name__}: {error}")
        finally:
            self.socket.close()
            with self.server.changed:
                self.server.open_connections -= 1
                self.server.changed.notify_all()

    def more(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise Gone
        self.buffer += data

    def read_request(self):
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        end = self.buffer.index(b"\r\n\r\n")
        head = bytes(self.buffer[:end])
        del self.buffer[: end + 4]
        if re.search(rb"(?im)^expect: *100-continue", head):
            self.socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if re.search(rb"(?im)^transfer-encoding: *chunked", head):
            return Request(head, self.read_chunks())
        length = re.search(rb"(?im)^content-length: *(\d+)", head)
        return Request(head, self.take(int(length[1]) if length else 0))

    def take(self, size):
        while len(self.buffer) < size:
            self.more()
        body = bytes(self.buffer[:size])
        del self.buffer[:size]
        return body

    def read_chunks(self):
        body = bytearray()
        while True:
            while b"\r\n" not in self.buffer:
                self.more()
            size = int(self.take(self.buffer.index(b"\r\n") + 2).split(b";")[0], 16)
            body += self.take(size)
            self.take(2)
            if size == 0:
                return bytes(body)

    def send(self, data):
        if not select.select([], [self.socket], [], 0.5)[1]:
            self.server.mark("stalled")  # the peer does not read
        left = memoryview(data)
        while left:
            if self.server.over:
                raise Gone
            if select.select([], [self.socket], [], 0.5)[1]:
                left = left[self.socket.send(left[: 1 << 16]) :]
            else:
                self.server.mark("stalled")

    def wait_until_gone(self, patience):
        deadline = time.monotonic() + patience
        while not self.server.over and time.monotonic() < deadline:
            if select.select([self.socket], [], [], 0.1)[0]:
                if not self.socket.recv(1, socket.MSG_PEEK):
                    return True
                raise script.Mistake("the next request came on a connection that hangs")
        return self.server.over


class Reply:
    def __init__(self, connection, request):
        self.connection, self.server = connection, connection.server
        self.values = {**self.server.values, "id": request.id}
        self.status, self.fields, self.length = "200 OK", [], None
        self.streaming = self.answered = False

    def play(self, actions):
        for name, rest in actions:
            text = script.filled_in(rest, self.values)
            getattr(self, "do_" + name.replace("-", "_"))(text)
        if self.streaming:
            self.do_end("")
        elif not self.answered:
            raise Gone  # closes without a byte

    def head(self, fields):
        lines = [f"HTTP/1.1 {self.status}", *self.fields, *fields]
        self.connection.send(script.encode("\r\n".join(lines) + "\r\n\r\n"))
        self.answered = True

    def whole(self, kind, body):
        length = len(body) if self.length is None else self.length
        self.head([f"Content-Type: {kind}"] * bool(kind) + [f"Content-Length: {length}"])
        self.connection.send(body)

    def stream(self, data):
        if not self.streaming:
            self.head(["Content-Type: text/event-stream", "Transfer-Encoding: chunked"])
            self.streaming = True
        if data:
            self.connection.send(b"%x\r\n%s\r\n" % (len(data), data))

    def do_status(self, text):
        self.status = text if " " in text else text + " Whatever"

    def do_header(self, text):
        self.fields.append(text)

    def do_length(self, text):
        self.length = int(text)

    def do_json(self, text):
        self.whole("application/json", script.encode(text))

    def do_body(self, text):
        kind, _, body = text.partition(" ")
        self.whole(kind, script.encode(body))

    def do_gzip(self, text):
        self.fields.append("Content-Encoding: gzip")
        self.whole("application/json", gzip.compress(script.encode(text), 1))

    def do_empty(self, _):
        if self.status.startswith("204"):
            return self.head([])
        self.whole("", b"")

    def do_head(self, _):
        self.stream(b"")

    def do_event(self, text):
        self.stream(script.encode(f"data: {text}\n\n"))

    def do_comment(self, text):
        self.stream(script.encode(f": {text}\n\n"))

    def do_raw(self, text):
        self.stream(script.encode(text))

    def do_id(self, text):
        self.stream(script.encode(f"id: {text}\n"))

    def do_retry(self, text):
        self.stream(script.encode(f"retry: {text}\n"))

    def do_name(self, text):
        self.stream(script.encode(f"event: {text}\n"))

    def do_data(self, text):
        self.stream(script.encode(f"data: {text}\n"))

    def do_dispatch(self, _):
        self.stream(b"\n")

    def do_end(self, _):
        self.stream(b"")
        self.connection.send(b"0\r\n\r\n")
        self.streaming = False

    def do_cut(self, _):
        raise Gone

    def do_reset(self, _):
        self.connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone

    def do_hang(self, _):
        self.connection.wait_until_gone(3 * PATIENCE)
        raise Gone

    def do_gone(self, _):
        if not self.connection.wait_until_gone(PATIENCE):
            self.server.complain("the peer did not close the connection")
        raise Gone

    def do_reused(self, _):
        if self.connection.served == 1:
            self.server.complain("the connection is a new one")

    def do_mark(self, text):
        self.server.mark(text)

    def do_wait_for(self, text):
        self.server.wait_for(text)
