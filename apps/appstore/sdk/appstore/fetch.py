"""Fetching: https only (http from this guest itself), bounded, and compared with a digest where one is given."""

import hashlib
import http.client
import json
import os
import ssl
import tempfile
import urllib.error
import urllib.request

from appstore import urls
from appstore.errors import DownloadError

#: Bytes of a file, and of an answer that is read as text.
LARGEST = 20_000_000_000
LARGEST_TEXT = 16_000_000
TIMEOUT = 60
AGENT = "appstore-sdk/1"


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = 8

    def redirect_request(self, request, response, code, message, headers, target):
        if not target.startswith("https://") and not urls.is_loopback(target):
            raise DownloadError(f"{request.full_url} leads to {target}, which is not https")
        new = super().redirect_request(request, response, code, message, headers, target)
        if new is not None and urls.host(target) != urls.host(request.full_url):
            # A token is for the host that it was given to.
            new.headers.pop("Authorization", None)
            new.unredirected_hdrs.pop("Authorization", None)
        return new


def open_url(url, headers=None, timeout=TIMEOUT, verify=True):
    """The answer, to be closed. DownloadError for every failure. `verify=False` is for this guest's own services."""
    if urls.split(url) is None or not (url.startswith("https://") or urls.is_loopback(url)):
        raise DownloadError(f"{url} is not an https address")
    context = ssl.create_default_context()
    if not verify and urls.is_loopback(url):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    handlers = [_Redirects(), urllib.request.HTTPSHandler(context=context)]
    if urls.is_loopback(url):
        handlers.append(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, headers={"User-Agent": AGENT, **(headers or {})})
    try:
        return urllib.request.build_opener(*handlers).open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        error.close()
        raise DownloadError(f"{url} answered {error.code}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DownloadError(f"{url} cannot be fetched: {error}") from error


def read(url, headers=None, largest=LARGEST_TEXT, digest=None):
    """The whole answer as bytes, and its headers."""
    with open_url(url, headers) as response:
        try:
            data = response.read(largest + 1)
        except (OSError, http.client.HTTPException) as error:
            raise DownloadError(f"{url} broke off: {error}") from error
        if len(data) > largest:
            raise DownloadError(f"{url} is larger than {largest} bytes")
        if digest is not None:
            _compare(url, digest, hashlib.new(_algorithm(digest), data).hexdigest())
        return data, response.headers


def read_json(url, headers=None):
    data, _ = read(url, headers)
    try:
        return json.loads(data)
    except ValueError:
        raise DownloadError(f"{url} did not answer with JSON") from None


def to_file(url, path, *, digest=None, largest=None, mode=0o644, headers=None):
    """Writes the answer to a file, which is there only when all of it came. The digest is `sha256:` and hexadecimal."""
    largest = LARGEST if largest is None else int(largest)
    algorithm = _algorithm(digest)
    directory = os.path.dirname(path)
    os.makedirs(directory, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=directory, prefix=".appstore-")
    try:
        with os.fdopen(handle, "wb") as file, open_url(url, headers) as response:
            size, checksum = 0, hashlib.new(algorithm)
            announced = response.headers.get("Content-Length")
            try:
                while chunk := response.read(1 << 20):
                    size += len(chunk)
                    if size > largest:
                        raise DownloadError(f"{url} is larger than {largest} bytes")
                    checksum.update(chunk)
                    file.write(chunk)
            except (ConnectionError, TimeoutError, http.client.HTTPException) as error:
                raise DownloadError(f"{url} broke off: {error}") from error
            if announced is not None and announced.isdigit() and size != int(announced):
                raise DownloadError(f"{url} broke off after {size} of {announced} bytes")
            if digest is not None:
                _compare(url, digest, checksum.hexdigest())
            os.fchmod(file.fileno(), mode)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    return checksum.hexdigest() if algorithm == "sha256" else None


def _algorithm(digest):
    name = "sha256" if digest is None or ":" not in digest else digest.split(":", 1)[0].lower()
    if name not in ("sha256", "sha384", "sha512"):
        raise DownloadError(f"digests of kind {name} are not taken")
    return name


def _compare(url, expected, seen):
    if expected.rsplit(":", 1)[-1].strip().lower() != seen:
        raise DownloadError(f"{url} is not what its digest says: it has {seen}")
