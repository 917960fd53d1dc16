"""Runs one action of an app: `runner ACTION`, with the request on standard input or in a file.

    runner install < request.json
    runner install --request FILE     a file of root's with mode 0600, in a directory 0700; deleted once it is read

The request: {inputs, secrets: [keys], redact: [texts], env: {NAME: value}, timeout: seconds}. Events go to standard
output. Everything that the script and its programs say becomes log events, with secrets masked.

Exit status: 0 done; 1 the script failed; 2 it asked for what is not declared; 3 the request, the archive or an input is
not as it should be; 4 the app is not healthy; 124 the time limit passed; 130 it was cancelled.
"""

import json
import os
import runpy
import signal
import stat
import sys
import threading
import traceback

from appstore import events, programs, registry
from appstore.base import BaseApp
from appstore.errors import InputError, Interrupted, PermissionDeniedError
from appstore.inputs import AppInputs
from appstore.permissions import AppPermissions

ACTIONS = ("install", "configure", "healthcheck", "upgrade", "uninstall")
LARGEST_REQUEST = 4_000_000
#: Seconds for a script to end after it was told to.
PATIENCE = 10


def main(argv, home):
    """Runs and returns the exit status. `home`: the unpacked archive."""
    output = _Output()
    try:
        status = _guarded(argv, home)
    finally:
        programs.kill_all()
        output.close()
    events.emit("done", ok=status == 0, exit=status)
    return status


def _guarded(argv, home):
    try:
        action, source = _arguments(argv)
        request = read_request(source)
        permissions = AppPermissions.from_file(os.path.join(home, "permissions.json"))
    except (InputError, OSError, ValueError) as error:
        events.error("request", error)
        return 3
    _limit(request.get("timeout"))
    try:
        healthy = _act(action, request, permissions, home)
    except PermissionDeniedError as error:
        return _denied(permissions, error)
    except Interrupted as error:
        events.error(error.code, error)
        return 124 if error.code == "timeout" else 130
    except InputError as error:
        events.error("request", error)
        return 3
    except SystemExit as error:
        if error.code not in (None, 0):
            events.error("script", f"the script ended itself with {error.code}")
            return 1
        healthy = True
    except BaseException as error:  # noqa: B902 the script may raise what it likes
        if permissions.denied:
            return _denied(permissions, error)
        events.log("debug", "".join(traceback.format_exception(type(error), error, error.__traceback__)))
        events.error("script", f"{type(error).__name__}: {error}" if not isinstance(error, RuntimeError) else error)
        return 1
    finally:
        signal.alarm(0)
    if permissions.denied:
        return _denied(permissions, None)
    if not healthy:
        events.error("unhealthy", "the app says that it does not work")
        return 4
    return 0


def _act(action, request, permissions, home):
    values, secrets = request.get("inputs", {}), request.get("secrets", [])
    for text in request.get("redact", []):
        events.redactor.add(text)
    inputs = AppInputs(values, secrets)
    environment = {str(key): str(value) for key, value in request.get("env", {}).items()}
    programs.set_environment(environment)
    os.environ.update(environment)
    with open(os.path.join(home, "app.json"), encoding="utf-8") as file:
        app = json.load(file)
    folders = [os.path.join(home, name) for name in ("provision", "templates")]
    script = os.path.join(folders[0], app["script"])
    # As `python install.py` has it: modules beside the script can be imported.
    sys.path.insert(0, folders[0])
    sys.argv = [script]
    os.chdir(folders[0])
    runpy.run_path(script, run_name="__main__")
    chosen = registry.take()
    own = getattr(chosen, action) is not getattr(BaseApp, action)
    if not own and action not in ("upgrade", "install"):
        events.log("info", f"the app has no {action} of its own")
    result = getattr(chosen(inputs, permissions, name=app["id"], folders=folders), action)()
    return action != "healthcheck" or result is None or bool(result)


def _denied(permissions, error):
    kind, value, message = permissions.denied[-1] if permissions.denied else (error.kind, error.value, str(error))
    events.error("permission", message, permission=kind, value=events.clip(events.redactor.text(value), 500))
    return 2


def _arguments(argv):
    if len(argv) == 1 and argv[0] in ACTIONS:
        return argv[0], None
    if len(argv) == 3 and argv[0] in ACTIONS and argv[1] == "--request":
        return argv[0], argv[2]
    raise InputError(f"usage: runner {'|'.join(ACTIONS)} [--request FILE]")


def read_request(path):
    """The request from standard input, or from a file that only root could read and that is gone afterwards."""
    if path is None:
        data = sys.stdin.buffer.read(LARGEST_REQUEST + 1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
    else:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            facts = os.fstat(handle)
            folder = os.stat(os.path.dirname(os.path.abspath(path)))
            data = file.read(LARGEST_REQUEST + 1)
            os.unlink(path)
        if (
            not stat.S_ISREG(facts.st_mode)
            or facts.st_mode & 0o077
            or folder.st_mode & 0o077
            or facts.st_uid != os.getuid()
        ):
            raise InputError("others could read the request")
    if len(data) > LARGEST_REQUEST:
        raise InputError(f"the request is larger than {LARGEST_REQUEST} bytes")
    request = json.loads(data)
    kinds = {"inputs": dict, "secrets": list, "redact": list, "env": dict, "timeout": (int, float)}
    if not isinstance(request, dict) or any(
        not isinstance(request[key], kind) for key, kind in kinds.items() if key in request
    ):
        raise InputError("the request is not of its form")
    return request


def _limit(seconds):
    """Interrupts the script when time is up or SIGTERM came, and ends everything if it does not heed that."""

    def interrupt(code, message):
        programs.kill_all()
        threading.Thread(target=_insist, args=(124 if code == "timeout" else 130,), daemon=True).start()
        raise Interrupted(code, message)

    signal.signal(signal.SIGALRM, lambda *_: interrupt("timeout", f"the time limit of {seconds} s passed"))
    signal.signal(signal.SIGTERM, lambda *_: interrupt("cancelled", "it was told to end"))
    if seconds:
        signal.setitimer(signal.ITIMER_REAL, float(seconds))


def _insist(status):
    threading.Event().wait(PATIENCE)
    programs.kill_all()
    events.emit("done", ok=False, exit=status)
    os._exit(status)


class _Output:
    """Standard output and error of the script, and of programs that it starts by itself, become log events."""

    def __init__(self):
        events.open_on(os.dup(1))
        reading, writing = os.pipe()
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        os.close(writing)
        # New ones: what Python found out about the old descriptors, such as that one was a file, is no longer so.
        sys.stdout = open(1, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
        sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False)
        self._thread = threading.Thread(target=self._read, args=(reading,), daemon=True)
        self._thread.start()

    def _read(self, reading):
        with os.fdopen(reading, "rb") as stream:
            for line in iter(lambda: stream.readline(65_536), b""):
                programs.log_line("info", line, "script")

    def close(self):
        """What was said is told; a process that holds the pipe open is not waited for."""
        sys.stdout.flush()
        sys.stderr.flush()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.close(null)
        self._thread.join(programs.GRACE)
