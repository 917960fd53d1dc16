"""Comparing addresses with what a manifest declares."""

import fnmatch
import re
import urllib.parse

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PORTS = {"http": 80, "https": 443}


def split(url):
    """Parts of an address, or None when it is none to fetch: a user in it, dots in its path, odd characters."""
    if not isinstance(url, str) or not re.fullmatch(r"[!-~]+", url) or "\\" in url:
        return None
    parts = urllib.parse.urlsplit(url)
    try:
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if port is None or not parts.hostname or "@" in parts.netloc:
        return None
    names = urllib.parse.unquote(parts.path).split("/")
    return None if ".." in names or "." in names else parts


def host(url):
    """Host of an address, or of `deb` lines the host of theirs; None when there is none."""
    found = re.search(r"https?://\S+", str(url))
    parts = split(found.group(0)) if found else None
    return parts.hostname if parts else None


def is_loopback(url):
    """Whether the address leads to this guest itself."""
    return host(url) in _LOOPBACK


def matches(url, pattern):
    """Whether a pattern with `*` covers an address. A star never reaches from the host into another one."""
    parts = split(url)
    found = re.fullmatch(r"(https?)://([^/?#]*)(.*)", pattern, re.S)
    if parts is None or found is None or parts.scheme != found.group(1):
        return False
    authority, rest = found.group(2), found.group(3)
    name, port = _authority(authority)
    if not rest and authority.endswith("*"):
        rest = "/*"
    own = parts.port or _PORTS[parts.scheme]
    if port != "*" and str(own) != (port or str(_PORTS[parts.scheme])):
        return False
    if not _host(parts.hostname, name.lower()):
        return False
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return fnmatch.fnmatchcase(path, rest or "/")


def is_below(url, entry):
    """Whether an address is a declared one, or below it, or matches its pattern."""
    if matches(url, entry):
        return True
    own, other = split(url), split(entry.rstrip("/")) if "*" not in entry else None
    if own is None or other is None or (own.scheme, own.netloc) != (other.scheme, other.netloc):
        return False
    return own.path.rstrip("/") == other.path or own.path.startswith(other.path + "/")


def _authority(authority):
    found = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::([0-9]*|\*))?", authority)
    name, port = (found.group(1), found.group(2)) if found else ("", "")
    # `https://example.com*` means that host and no longer one.
    return name.strip("[]").removesuffix("*") if len(name) > 1 else name, port


def _host(own, pattern):
    if pattern.startswith("*."):
        return own.endswith(pattern[1:]) and own != pattern[1:]
    return "*" not in pattern and own == pattern
