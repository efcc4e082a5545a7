#!/usr/bin/env python3
"""Disturbs every system call of a change of the token store, one at a time: the call fails, or the
process is killed in its place. Whatever happens, the file holds what it held before or what it should
hold after, for us alone; a change that says it is done is done; and the next change works.

Killing in the place of each call is killing after the one before it.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
FILE = "oauth_tokens.json"

# Not of the disk: nothing of ours decides by their outcome.
LEFT_OUT = {"brk", "mmap", "munmap", "mprotect", "madvise", "geteuid", "getpid", "getppid", "futex"}
# What these cannot do is left behind, and no harm.
CLEANING = {"unlink", "unlinkat"}
# A change in which one of these fails is no change.
VITAL = {"fsync", "pwrite64", "renameat", "renameat2", "mkdir", "mkdirat", "getrandom"}

Call = collections.namedtuple("Call", "position name count text")
Cell = collections.namedtuple("Cell", "state verb call fault always lasting")


# --- what is in the folder before

def grant(name):
    return {"profile": "default", "endpoint": "https://mcp.example/", "server": {"issuer": "i"},
            "client_id": name, "access_token": "t"}


def ours(*names):
    return json.dumps({"version": 1, "grants": [grant(name) for name in names], "registrations": []})


OLDER = json.dumps({"access_token": "t", "refresh_token": None, "resource_uri": "https://mcp.example/",
                    "client_id": "old", "cached_at": 1.5})
NEWER = json.dumps({"version": 2, "grants": ours("old")})


def put(path, text, age=0):
    path.write_text(text)
    path.chmod(0o600)
    os.utime(path, (time.time() - age,) * 2)


def put_leftovers(folder):
    put(folder / FILE, ours("old"))
    put(folder / (FILE + ".tmp-0000000000000000"), "x", age=90000)
    for year in range(2001, 2005):
        put(folder / f"{FILE}.corrupt-{year}0101T000000Z", "x")


STATES = {
    "missing": None,
    "ours": lambda folder: put(folder / FILE, ours("old")),
    "older client": lambda folder: put(folder / FILE, OLDER),
    "corrupt": lambda folder: put(folder / FILE, ours("old")[:-5]),
    "empty": lambda folder: put(folder / FILE, ""),
    "leftovers": put_leftovers,
    "newer": lambda folder: put(folder / FILE, NEWER),
}
BEFORE = {"missing": [], "ours": ["old"], "older client": ["old"], "corrupt": [], "empty": [],
          "leftovers": ["old"], "newer": None}


def lay_out(state, folder):
    if STATES[state]:
        folder.mkdir(mode=0o700)
        STATES[state](folder)


# --- what is in it after

class Broken(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Broken(what)


def names_in(folder):
    """The grants in the file, None for one that is not ours to judge, [] for none or a corrupt one."""
    path = folder / FILE
    if not path.exists():
        return []
    require(stat.S_IMODE(path.stat().st_mode) == 0o600, "the file is not for us alone")
    try:
        content = json.loads(path.read_text())
    except ValueError:
        return []
    if content.get("version", 1) != 1:
        return None
    if "version" not in content:
        return [content["client_id"]]
    return [each["client_id"] for each in content["grants"]]


def is_corrupt(folder):
    try:
        json.loads((folder / FILE).read_text())
    except FileNotFoundError:
        return False
    except ValueError:
        return True
    return False


# --- running the probe

def run(command):
    """Done within a minute or ended, with all that it has begun."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, start_new_session=True) as process:
        try:
            output, _ = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, output)


def strace(arguments, command, trace):
    return run(["strace", "-f", "-o", trace, *arguments, *command])


def calls_of(trace):
    """The system calls between the marks, with how many of the same name the process had made."""
    found, counts, inside = [], collections.Counter(), 0
    for line in pathlib.Path(trace).read_text().splitlines():
        match = re.match(r"\d+\s+(\w+)\((.*)", line)
        if not match:
            continue
        name = match[1]
        counts[name] += 1
        inside += name == "getppid"
        if inside == 1 and name not in LEFT_OUT:
            found.append(Call(len(found), name, counts[name], match[2]))
    return found


def publishes(call):
    return call.name.startswith("renameat") and f'"{FILE}")' in call.text.replace(", 0)", ")")


def require_order(calls, published):
    """On the disk before it has its name; and the name, too, before anybody says so."""
    changing = {"pwrite64", "ftruncate", "fsync"}  # write() is the log's
    before = [call.name for call in calls[:published] if call.name in changing]
    after = [call.name for call in calls[published + 1:] if call.name in changing]
    require(before[-1:] == ["fsync"], f"gets its name after {before}")
    require(after[:1] == ["fsync"], f"goes on after it has its name with {after}")


class Bench:
    def __init__(self, probe, root):
        self.probe = probe
        self.root = root

    def command(self, verb, folder, *rest):
        return [self.probe, verb, str(folder), *rest]

    def run(self, *command):
        return run(self.command(*command))

    def undisturbed(self, state, verb, always):
        home = tempfile.mkdtemp(dir=self.root)
        folder = pathlib.Path(home) / "state"
        lay_out(state, folder)
        trace = home + "/trace"
        done = strace(always, self.command(verb, folder, "new"), trace)
        wanted = 1 if state == "newer" and verb != "lock" else 0
        require(done.returncode == wanted, f"undisturbed {verb} in {state}: {done.stdout}")
        calls = calls_of(trace)
        shutil.rmtree(home)
        return calls

    def judge(self, cell, published):
        home = tempfile.mkdtemp(dir=self.root)
        folder = pathlib.Path(home) / "state"
        lay_out(cell.state, folder)
        trace = home + "/trace"
        inject = f"inject={cell.call.name}:{cell.fault}:when={cell.call.count}{'+' * cell.lasting}"
        done = strace([*cell.always, "-e", inject], self.command(cell.verb, folder, "new"), trace)
        killed = cell.fault == "signal=KILL"
        if not killed:
            require("(INJECTED)" in pathlib.Path(trace).read_text(), "nothing was injected")
        require(done.returncode == -9 if killed else done.returncode in (0, 1),
                f"exit status {done.returncode}: {done.stdout}")
        self.judge_content(cell, folder, done, killed, published)
        self.judge_next(cell, folder)
        shutil.rmtree(home)

    @staticmethod
    def judge_content(cell, folder, done, killed, published):
        before = BEFORE[cell.state]
        if before is None:
            require((folder / FILE).read_text() == NEWER, "the newer file was touched")
            require(killed or done.returncode == 1 or cell.verb == "lock", "claims a change")
            return
        now = names_in(folder)
        if cell.verb == "lock":
            require(now == before, "the lock changed the file")
            return
        after = before + ["new"]
        require(now in (before, after), f"the file holds {now}")
        past = published is not None and cell.call.position > published
        if killed:
            require(now == (after if past else before), f"killed: {now}")
        elif done.returncode == 0:
            require(now == after, "says it is done, and is not")
            require(cell.call.name not in VITAL or cell.fault == "error=EINTR",
                    f"says it is done after a failed {cell.call.name}")
        else:
            require(done.stdout.strip(), "fails without a reason")
            require(now == before or past, "failed, and did it")
        drafts = [path.name for path in folder.glob(FILE + ".tmp-*")] if folder.exists() else []
        if not killed and cell.call.name not in CLEANING:
            require(len(drafts) <= (cell.state == "leftovers"), f"left behind {drafts}")

    def judge_next(self, cell, folder):
        if BEFORE[cell.state] is None:
            return
        now = names_in(folder)
        command = self.command("change", folder, "next")
        if cell.always:
            self.age_empty_claim(folder)
            done = strace(cell.always, command, str(folder) + ".trace")
        else:
            done = self.run("change", folder, "next")
        require(done.returncode == 0, f"the next change: {done.returncode} {done.stdout}")
        require(names_in(folder) == now + ["next"], f"the next change made {names_in(folder)}")
        if cell.always:
            require(not (folder / (FILE + ".lock.claim")).exists(), "a claim stays")
        require(len(list(folder.glob(FILE + ".corrupt-*"))) <= 4, "too many corrupt files")

    @staticmethod
    def age_empty_claim(folder):
        """One that does not say whose it is: half a minute later nobody minds it."""
        claim = folder / (FILE + ".lock.claim")
        if claim.exists() and claim.stat().st_size == 0:
            os.utime(claim, (time.time() - 31,) * 2)


# --- the matrix

ERRORS = ["ENOSPC", "EIO", "EDQUOT", "EROFS", "EACCES", "EINTR"]
LASTING = ["EIO", "EROFS"]
# Where there are no locks: the calls of the claim that takes their place.
LOCKLESS = ("-e", "inject=fcntl:error=ENOLCK")


def faults(state, call, always):
    """Pairs: what happens at this call, and whether at all later ones of its name as well."""
    if state != "ours" or always:
        errors, lasting = ["EIO"], []
    else:
        errors, lasting = ERRORS, LASTING
    if call.name == "fcntl":
        errors = [error for error in errors if error != "EACCES"]  # how some say that it is held
    yield "signal=KILL", False
    for error in errors:
        yield f"error={error}", False
    for error in lasting:
        yield f"error={error}", True


def rows():
    for state in STATES:
        yield state, "change", ()
        yield state, "draft", ()
    yield "missing", "lock", ()
    yield "ours", "lock", ()
    yield "ours", "change", LOCKLESS
    yield "ours", "lock", LOCKLESS


def cells(bench):
    """Each fault with the position of the call by which the new file gets its name, if there is one."""
    for state, verb, always in rows():
        calls = bench.undisturbed(state, verb, always)
        require(len(calls) > 10, f"only {len(calls)} calls of {verb} in {state}")
        published = next((call.position for call in calls if publishes(call)), None)
        require((published is not None) == (verb != "lock" and BEFORE[state] is not None),
                f"{verb} in {state}: the file gets its name by call {published}")
        if published is not None:
            require_order(calls, published)
        for call in calls:
            if always and call.name == "fcntl":
                continue
            for fault, lasting in faults(state, call, always):
                yield Cell(state, verb, call, fault, always, lasting), published


def attempt(bench, cell, published):
    try:
        bench.judge(cell, published)
    except (Broken, OSError, ValueError, subprocess.TimeoutExpired) as error:
        return (f"{cell.verb} in {cell.state}{' without locks' if cell.always else ''}, {cell.fault} at "
                f"{cell.call.name} number {cell.call.count}: {error}\n    {cell.call.text}")
    return None


def can_trace():
    try:
        return subprocess.run(["strace", "-o", "/dev/null", "true"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        return False


def skip(why):
    print(f"SKIPPED: {why}. NOTHING WAS TESTED.")
    return SKIPPED


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--probe", required=True)
    parser.add_argument("--sanitized", action="store_true", help="the probe is")
    arguments = parser.parse_args()
    if arguments.sanitized:
        return skip("a sanitizer makes system calls of its own, and cannot bear that they fail")
    if not can_trace():
        return skip("there is no strace here, or it may not trace")
    with tempfile.TemporaryDirectory(prefix="dogpipe-faults-") as root:
        bench = Bench(arguments.probe, root)
        with concurrent.futures.ThreadPoolExecutor(2) as workers:
            try:
                futures = [workers.submit(attempt, bench, cell, published)
                           for cell, published in cells(bench)]
            except Broken as error:
                workers.shutdown(cancel_futures=True)
                print(error)
                return 1
            failures = [text for text in (future.result() for future in futures) if text]
    for text in failures:
        print(text)
    print(f"{len(futures)} faults, {len(failures)} broken promises")
    return 1 if failures or len(futures) < 1000 else 0


if __name__ == "__main__":
    sys.exit(main())
