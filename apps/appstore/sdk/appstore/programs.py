"""Running programs: what they say becomes log lines, is kept within bounds, and they end when the action does."""

import os
import signal
import subprocess
import threading
import time

from appstore import events
from appstore.commands import DIRECTORIES
from appstore.errors import CommandError

#: Bytes of each output that the caller gets: the last ones.
KEPT = 16_000_000
#: Seconds that are waited for output after the program itself ended; a service that it left behind may hold it open.
GRACE = 2.0

_running = set()
_extra = {}


def set_environment(variables):
    """What the manifest sets for the script's programs."""
    _extra.update(variables)


def environment(more=None):
    """The environment of a program: nothing of the caller's but the mark by which the broker ends an operation."""
    base = {
        "PATH": ":".join(DIRECTORIES),
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "DEBIAN_FRONTEND": "noninteractive",
        "NEEDRESTART_SUSPEND": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    mark = os.environ.get("PRIVEXEC_OPERATION")
    if mark:
        base["PRIVEXEC_OPERATION"] = mark
    given = {str(key): str(value) for key, value in {**_extra, **_changed(), **(more or {})}.items()}
    return {**base, **given}


_start = dict(os.environ)


def _changed():
    """What the script itself put into os.environ."""
    return {key: value for key, value in os.environ.items() if _start.get(key) != value and key not in _extra}


def kill_all():
    """Ends every program that runs now, with what it started in its session."""
    for process in list(_running):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except OSError:
            pass


def run(argv, *, check=True, cwd=None, env=None, input_text=None, timeout=None, quiet=False, account=None):
    """Runs a program and waits. Returns a CompletedProcess with text; CommandError when it fails and `check` is set.
    `timeout` in seconds. `account`: (uid, gid, groups) that it runs as. `quiet`: nothing of its output is logged."""
    name = os.path.basename(argv[0])
    if any(events.redactor.holds_secret(word) for word in argv):
        events.log("warn", f"an argument of {name} holds a secret, which every account of the guest can see")
    events.log("debug", "$ " + " ".join(argv))
    user = {} if account is None else {"user": account[0], "group": account[1], "extra_groups": account[2]}
    if isinstance(input_text, str):
        input_text = input_text.encode()
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL if input_text is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd or "/",
            env=environment(env),
            start_new_session=True,
            **user,
        )
    except FileNotFoundError:
        return _ended(argv, 127, "", f"{argv[0]}: not found", check)
    _running.add(process)
    try:
        readers = [
            _Reader(process.stdout, name, "info", quiet),
            _Reader(process.stderr, name, "info", quiet),
        ]
        if input_text is not None:
            _feed(process.stdin, input_text)
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.wait()
            raise CommandError(f"{name} took longer than {timeout} s", -9) from None
        end = time.monotonic() + GRACE
        for reader in readers:
            reader.join(max(0.0, end - time.monotonic()))
    except BaseException:
        _kill(process)
        raise
    finally:
        _running.discard(process)
    return _ended(argv, status, readers[0].text(), readers[1].text(), check)


def _ended(argv, status, stdout, stderr, check):
    if status != 0 and check:
        said = (stderr.strip() or stdout.strip()).splitlines()[-3:]
        words = f"{os.path.basename(argv[0])} ended with {status}" + (": " + " / ".join(said) if said else "")
        raise CommandError(events.clip(events.redactor.text(words), 1000), status, stdout, stderr)
    return subprocess.CompletedProcess(argv, status, stdout, stderr)


def _feed(stream, data):
    def write():
        try:
            stream.write(data)
            stream.close()
        except OSError:
            pass  # the program need not read its input

    threading.Thread(target=write, daemon=True).start()


def _kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        pass


class _Reader(threading.Thread):
    """Takes one output: keeps its end, and logs it line by line."""

    def __init__(self, stream, source, level, quiet):
        super().__init__(daemon=True)
        self._stream, self._source, self._level, self._quiet = stream, source, level, quiet
        self._kept, self._size = [], 0
        self.start()

    def run(self):
        try:
            for line in iter(lambda: self._stream.readline(65_536), b""):
                self._kept.append(line)
                self._size += len(line)
                while self._size > KEPT:
                    self._size -= len(self._kept.pop(0))
                if not self._quiet:
                    log_line(self._level, line, self._source)
        except (OSError, ValueError):
            pass
        finally:
            self._stream.close()

    def text(self):
        return b"".join(list(self._kept)).decode("utf-8", "replace")


def log_line(level, line, source):
    """A line of output; of one that was painted over and over, such as a progress bar, the last state."""
    text = line.decode("utf-8", "replace").rstrip("\r\n").split("\r")[-1]
    if text.strip():
        events.log(level, text, source)
