"""`self.log` of an app."""

import re

from appstore import events

_SECRET_KEY = re.compile(r"pass(word|phrase|wd)?|secret|token|api_?key|private_?key|credential", re.I)


class AppLogger:
    """Structured messages of the script."""

    def debug(self, message):
        events.log("debug", message)

    def info(self, message):
        events.log("info", message)

    def warn(self, message):
        events.log("warn", message)

    warning = warn

    def error(self, message):
        """An error that the script goes on after; raise to fail."""
        events.log("error", message)

    def progress(self, step, total, message=""):
        """Step `step` of `total` begins; both from 1."""
        step, total = int(step), int(total)
        if not 0 <= step <= total <= 100_000:
            raise ValueError("progress() takes a step from 0 to the total")
        events.emit("progress", step=step, total=total, text=events.clip(events.redactor.text(str(message))))

    def output(self, key, value):
        """A value that the owner of the install shall know, such as a URL. One that holds a secret is kept as one."""
        text = str(value)
        if len(text) > 16_000:
            raise ValueError("an output has at most 16,000 characters")
        secret = bool(_SECRET_KEY.search(str(key))) or events.redactor.holds_secret(text)
        events.emit("output", key=str(key)[:128], value=text, secret=secret)
