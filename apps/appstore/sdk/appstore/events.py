"""What the runner tells the store: one line of ASCII per event, a marker and a JSON object.

Kinds: `log` {level, text, source?}, `progress` {step, total, text?}, `output` {key, value, secret}, `error` {code,
message, ...}, `done` {ok, exit, implemented}. Text is masked and bounded; only the value of an output is not masked.
"""

import json
import os
import sys
import threading

from appstore.redact import Redactor

MARKER = "@appstore "
#: Characters of one text, and of everything that programs and the script say; beyond that only errors are told.
LONGEST = 4000
MOST = 8_000_000

redactor = Redactor()

_lock = threading.RLock()
_state = {"fd": None, "sent": 0, "full": False}


def open_on(fd):
    """Events go to this descriptor from now on; before, and in unit tests, to standard output."""
    _state["fd"] = fd


def emit(kind, **fields):
    """Sends one event. Never raises because the store is gone: what is done is not undone by that."""
    line = MARKER + json.dumps({"kind": kind, **fields}, ensure_ascii=True, separators=(",", ":")) + "\n"
    with _lock:
        data = line.encode("ascii")
        _state["sent"] += len(data)
        fd = _state["fd"]
        try:
            if fd is None:
                sys.stdout.write(line)
                sys.stdout.flush()
            while fd is not None and data:
                data = data[os.write(fd, data) :]
        except OSError:
            pass


def log(level, text, source=None):
    """A line, or several, of log."""
    with _lock:
        if _state["sent"] > MOST and level != "error":
            if not _state["full"]:
                _state["full"] = True
                emit("log", level="warn", text="more was said than the log takes; the rest is left out")
            return
    extra = {} if source is None else {"source": source}
    for line in str(text).splitlines() or [""]:
        emit("log", level=level, text=clip(redactor.text(line)), **extra)


def clip(text, longest=LONGEST):
    """The text without control characters, and cut where it is too long."""
    plain = "".join(c if c >= " " and c != "\x7f" or c == "\t" else "\ufffd" for c in text)
    return plain if len(plain) <= longest else plain[:longest] + f" [{len(plain) - longest} characters cut]"


def error(code, message, **fields):
    """Why the action failed. Codes: permission, script, request, unhealthy, timeout, cancelled."""
    emit("error", code=code, message=clip(redactor.text(str(message))), **fields)
