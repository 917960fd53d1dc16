"""Takes secrets out of everything that leaves the guest as text."""

import base64
import json
import re
import urllib.parse

MASK = "***"
#: Shorter secrets are masked only where they stand alone; else every "a" of the log would go.
SHORTEST = 4


class Redactor:
    """Knows secrets, also as JSON, URLs and base 64 spell them, and masks them in text."""

    def __init__(self):
        self._secrets = set()
        self._pattern = None

    def add(self, value):
        """Learns a secret; each line of one with several counts."""
        text = value if isinstance(value, str) else str(value)
        if not text.strip():
            return
        self._secrets.add(text)
        self._secrets.update(line.strip() for line in text.splitlines() if len(line.strip()) >= SHORTEST)
        self._pattern = None

    def holds_secret(self, text):
        """Whether a secret, or a part of one that is masked, stands in the text."""
        return self.text(text) != text

    def text(self, text):
        """The text with every secret masked."""
        if not self._secrets:
            return text
        if self._pattern is None:
            spellings = {spelling for secret in self._secrets for spelling in _spellings(secret)}
            ordered = sorted(spellings, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(_expression, ordered)))
        return self._pattern.sub(MASK, text)


def _expression(text):
    if len(text) >= SHORTEST:
        return re.escape(text)
    return rf"(?<![A-Za-z0-9]){re.escape(text)}(?![A-Za-z0-9])"


def _spellings(secret):
    yield secret
    if len(secret) < SHORTEST:
        return
    data = secret.encode("utf-8", "surrogateescape")
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    yield urllib.parse.quote(data, safe="")
    yield urllib.parse.quote(data)
    yield urllib.parse.quote_plus(data)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(data).decode().rstrip("=")
        yield from _within(data, encode)


def _within(data, encode):
    """As it is spelled among other bytes, without what depends on these."""
    for shift in (0, 1, 2):
        text = encode(b"\0" * shift + data).decode().rstrip("=")
        inner = text[shift and shift + 1 : len(text) - (0 if (shift + len(data)) % 3 == 0 else 1)]
        if len(inner) >= 8:
            yield inner
