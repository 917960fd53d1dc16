"""What the tests of the SDK share."""

import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stdout

SDK = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../../sdk"))
sys.path.insert(0, SDK)
sys.dont_write_bytecode = True

from appstore import AppInputs, AppPermissions, BaseApp, events  # noqa: E402

MARKER = "@appstore "


class Case(unittest.TestCase):
    """A test with a directory of its own, `self.folder`, and with events collected by `self.events()`."""

    def setUp(self):
        self.folder = os.path.realpath(self.enterContext(tempfile.TemporaryDirectory(dir="/var/tmp")))
        self.said = self.enterContext(redirect_stdout(io.StringIO()))
        events.redactor.__init__()

    def events(self):
        return parse(self.said.getvalue())

    def app(self, inputs=None, secrets=(), folders=(), **lists):
        class App(BaseApp):
            def install(self):
                pass

        return App(AppInputs(inputs or {}, secrets), AppPermissions(**lists), name="notes", folders=folders)

    def file(self, name, text="", mode=0o644):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def text(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()


def parse(text):
    return [json.loads(line[len(MARKER) :]) for line in text.splitlines() if line.startswith(MARKER)]


def archive(folder, script, permissions=None, files=None):
    """Lays out an unpacked archive as the store makes it."""
    os.makedirs(f"{folder}/provision", exist_ok=True)
    os.symlink(SDK, f"{folder}/sdk")
    os.symlink(f"{SDK}/runner", f"{folder}/entry")
    with open(f"{SDK}/runner", encoding="utf-8") as source, open(f"{folder}/runner", "w", encoding="utf-8") as file:
        file.write(source.read())
    for name, text in {
        "provision/install.py": script,
        "permissions.json": json.dumps(permissions or {}),
        "app.json": json.dumps({"id": "notes", "script": "install.py"}),
        **(files or {}),
    }.items():
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)


def run(folder, action="install", request=None, arguments=(), **options):
    """Runs the runner of an archive. Returns (exit status, events, everything that it wrote)."""
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-u", f"{folder}/runner", action, *arguments],
        input=json.dumps(request if request is not None else {}).encode(),
        capture_output=True,
        timeout=60,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        **options,
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    return done.returncode, parse(said), said
