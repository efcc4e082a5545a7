"""The host of a scenario: starts the program and plays the file `stdin`, each line as it stands, but

    !wait N              until stdout has had N lines in all
    !wait-for CONDITION  until the server has seen it (Server.wait_for)
    !mark NAME           for a `wait-for mark NAME` of the server
    !raw TEXT            TEXT without a line end
    !close               ends stdin; at the end of the file this comes by itself, after as many lines
                         as `stdout` has
    !signal NAME         TERM, INT, HUP or KILL
    !stop-reading        stdout, until !read
    !close-stdout        the host does not read any more
    !memory BYTES        the program's peak so far must be less (not asked of a sanitized build)
    !exit                wait for the program's end
    !kill-parent         ends the process that has started the program (with `parent helper`)
    !unanswered ID       one request of this id gets no answer

What stands at the three ends is in the file `plumbing`: `stdin file`, `stdin socket`, `stdout file`,
`stdout socket`, `stdout full` (a full disk), `one socket` (for both), `parent helper`. Otherwise two pipes.
"""

import fcntl
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import script
from server import PATIENCE

HELPER = """
import os, subprocess, sys
program = subprocess.Popen(sys.argv[3:])
os.write(int(sys.argv[1]), b"%d\\n" % program.pid)
os.read(int(sys.argv[2]), 1)
"""


class Pipes:
    """The program's ends and ours. Ours of the program's are kept to see what becomes of their flags."""

    def __init__(self, plumbing, folder):
        kind = dict(line.split(" ", 1) for line in plumbing if line)
        self.shared = kind.get("one") == "socket"
        self.stdin_path = folder / "stdin" if kind.get("stdin") == "file" else None
        self.stdout_path = folder / "stdout" if kind.get("stdout") == "file" else None
        self.sockets = []
        if self.shared:
            self.stdin = self.stdout = self.pair()
            self.to, self.back = self.sockets[0].fileno(), os.dup(self.sockets[0].fileno())
            return
        if self.stdin_path:
            self.stdin_path.touch()
            self.stdin, self.to = os.open(self.stdin_path, os.O_RDONLY), None
        elif kind.get("stdin") == "socket":
            self.stdin, self.to = self.pair(), self.sockets[-1].fileno()
        else:
            self.stdin, self.to = os.pipe()
        if self.stdout_path:
            self.stdout = os.open(self.stdout_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            self.back = os.open(self.stdout_path, os.O_RDONLY)
        elif kind.get("stdout") == "full":
            self.stdout, self.back = os.open("/dev/full", os.O_WRONLY), os.open("/dev/null", os.O_RDONLY)
        elif kind.get("stdout") == "socket":
            self.stdout, self.back = self.pair(), self.sockets[-1].fileno()
        else:
            self.back, self.stdout = os.pipe()

    def pair(self):
        ours, theirs = socket.socketpair()
        self.sockets.append(ours)
        return theirs.detach()

    def flags(self):
        return [fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK for fd in (self.stdin, self.stdout)]

    def close_program_ends(self):
        for fd in {self.stdin, self.stdout}:
            os.close(fd)


class Host:
    def __init__(self, server, folder, plumbing, values):
        self.server, self.values, self.changed = server, values, server.changed
        self.pipes = Pipes(plumbing, folder)
        self.helper = "parent helper" in plumbing
        self.lines, self.read_lines, self.problems = [], 0, []
        self.sent, self.raw, self.unanswered = [], bytearray(), []  # messages in order; !raw; ids
        self.reading, self.ended, self.code = True, False, None
        self.stderr_path = folder / "stderr"
        self.closed = self.finished = self.hang_up = False

    # ---- the program

    def start(self, command, environment):
        self.before = self.pipes.flags()
        stderr = os.open(self.stderr_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        ends = dict(stdin=self.pipes.stdin, stdout=self.pipes.stdout, stderr=stderr, env=environment)
        if self.helper:
            self.start_by_helper(command, ends)
        else:
            self.process = subprocess.Popen(command, **ends)
            self.pid = self.process.pid
        os.close(stderr)
        threading.Thread(target=self.read_stdout, daemon=True).start()

    def start_by_helper(self, command, ends):
        tell, hold = os.pipe(), os.pipe()
        helper = [sys.executable, "-c", HELPER, str(tell[1]), str(hold[0]), *command]
        self.parent = subprocess.Popen(helper, pass_fds=(tell[1], hold[0]), **ends)
        self.pid = int(os.read(tell[0], 20))
        self.process, self.hold = None, hold[1]
        for fd in (*tell, hold[0]):
            os.close(fd)

    def poll(self):
        """The exit code once there is one; a signal as "signal N"."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG) if not self.parent_lives() else (0, 0)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                self.code = f"signal {-code}" if code < 0 else str(code)
                if self.process:
                    self.process.returncode = code
        return self.code

    def parent_lives(self):
        return self.helper and self.parent.returncode is None

    def wait_for_end(self):
        deadline = time.monotonic() + PATIENCE
        while self.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        if self.code is None:
            self.problems.append(f"still running after {PATIENCE} s")
            self.kill()

    def kill(self):
        if self.helper:
            self.do_kill_parent("")
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            while self.poll() is None:
                time.sleep(0.002)

    # ---- its output

    def read_stdout(self):
        rest, scanned, to_file = bytearray(), 0, self.pipes.stdout_path is not None
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.reading or self.ended)
            if self.hang_up:
                os.close(self.pipes.back)
                break
            ended = self.ended
            data = b""
            if to_file or select.select([self.pipes.back], [], [], 0.05)[0]:
                try:
                    data = os.read(self.pipes.back, 1 << 20)
                except OSError:
                    break
                if not data and not to_file:
                    break
            elif ended:
                break
            if to_file and not data:
                if ended:
                    break
                time.sleep(0.005)
            rest += data
            while (end := rest.find(b"\n", scanned)) >= 0:
                self.take_line(bytes(rest[:end]))
                del rest[: end + 1]
                scanned = 0
            scanned = len(rest)
        if rest:
            self.problems.append(f"stdout ends within a line: {script.shortened(bytes(rest))}")
        with self.changed:
            self.ended = "read"
            self.changed.notify_all()

    def take_line(self, line):
        self.on_line(line)
        with self.changed:
            self.lines.append(script.shortened(line))
            self.changed.notify_all()

    def end(self):
        """After the program: everything that it wrote has been read then."""
        if not self.finished:
            self.finished = True
            if self.before != self.pipes.flags():
                self.problems.append("O_NONBLOCK was left set on stdin or stdout")
            self.pipes.close_program_ends()
        with self.changed:
            self.ended = self.ended or True
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.ended == "read", PATIENCE)

    # ---- what the host does

    def play(self, lines, expected):
        for line in lines:
            if not line.startswith("!"):
                self.say(line)
                continue
            name, _, rest = line[1:].partition(" ")
            getattr(self, "do_" + name.replace("-", "_"))(script.filled_in(rest, self.values))
        if not self.closed and self.poll() is None:
            self.do_wait(expected)
            self.do_close("")
        if self.code is None:
            self.wait_for_end()

    def play_to_file(self, lines):
        for line in lines:
            if line.startswith("!raw "):
                self.do_raw(script.filled_in(line[5:], self.values))
            else:
                self.say(line)

    def say(self, line):
        message = script.encode(script.filled_in(line, self.values))
        self.sent.append(message)
        self.write(message + b"\n")

    def write(self, data):
        if self.pipes.stdin_path:
            with self.pipes.stdin_path.open("ab") as file:
                file.write(data)
            return
        left, deadline = memoryview(data), time.monotonic() + PATIENCE
        while left:
            if time.monotonic() > deadline or self.poll() is not None:
                self.problems.append("the program does not read its stdin")
                return
            if select.select([], [self.pipes.to], [], 0.05)[1]:
                left = left[os.write(self.pipes.to, left[:4096]) :]

    def until(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while True:
            with self.changed:
                if self.changed.wait_for(condition, 0.05):
                    return
            if self.poll() is not None and not self.ended:
                self.end()
            if self.ended == "read" or time.monotonic() > deadline:
                if not condition():
                    self.problems.append(f"waited in vain for {what}")
                return

    def do_wait(self, text):
        count = int(text)
        self.until(lambda: len(self.lines) >= count, f"{count} lines on stdout")

    def do_wait_for(self, text):
        self.server.wait_for(text)

    def do_mark(self, text):
        self.server.mark(text)

    def do_raw(self, text):
        self.raw += script.encode(text)
        self.write(script.encode(text))

    def do_close(self, _):
        self.closed = True
        if self.pipes.shared:
            self.pipes.sockets[0].shutdown(socket.SHUT_WR)
        elif self.pipes.sockets and self.pipes.to == self.pipes.sockets[0].fileno():
            self.pipes.sockets[0].shutdown(socket.SHUT_WR)
        elif self.pipes.to is not None:
            os.close(self.pipes.to)

    def do_signal(self, text):
        self.closed = True  # nothing comes by itself any more
        os.kill(self.pid, getattr(signal, "SIG" + text))

    def do_stop_reading(self, _):
        with self.changed:
            self.reading = False

    def do_read(self, _):
        with self.changed:
            self.reading = True
            self.changed.notify_all()

    def do_close_stdout(self, _):
        self.closed = True
        self.hang_up = True  # by the thread that reads: closed elsewhere, it would stay open in there
        self.until(lambda: self.ended == "read", "the end of reading")

    def do_memory(self, text):
        if b"__asan_init" in Path(f"/proc/{self.pid}/exe").read_bytes():
            return  # its memory is mostly the sanitizer's
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            peak = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
        if peak >= int(text):
            self.problems.append(f"peak memory is {peak} bytes, not less than {text}")

    def do_exit(self, _):
        self.wait_for_end()

    def do_kill_parent(self, _):
        if self.parent_lives():
            os.close(self.hold)
            self.parent.wait()
        self.closed = True

    def do_unanswered(self, text):
        self.unanswered.append(text)
