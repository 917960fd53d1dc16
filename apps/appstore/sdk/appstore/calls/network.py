"""HTTP, and releases on GitHub."""

import fnmatch
import time

from appstore import fetch, paths, urls
from appstore.errors import DownloadError


class Release(str):
    """A release: its tag as text, and the fields of GitHub's answer by name."""

    def __new__(cls, fields):
        new = super().__new__(cls, fields.get("tag_name", ""))
        new.fields = fields
        return new

    def __getitem__(self, key):
        return self.fields[key] if isinstance(key, str) else super().__getitem__(key)

    def get(self, key, default=None):
        return self.fields.get(key, default)

    @property
    def tag(self):
        return str(self)

    @property
    def assets(self):
        """Address by name of each file."""
        return {asset["name"]: asset["browser_download_url"] for asset in self.fields.get("assets", [])}


class Network:
    """wait_for_http, github_latest_release, github_download_release."""

    def wait_for_http(self, url, timeout=60, interval=2, **_options):
        """Whether the address answers with 200 to 299 before `timeout` seconds are over."""
        if not urls.is_loopback(url):
            self.permissions.check_url(url)
        end, last = time.monotonic() + float(timeout), "no success"
        while True:
            try:
                with fetch.open_url(url, timeout=max(1.0, min(10.0, end - time.monotonic())), verify=False) as response:
                    if 200 <= response.status < 300:
                        return True
            except DownloadError as error:
                last = error
            if time.monotonic() + float(interval) > end:
                self.log.warn(f"{url} did not answer in {timeout} s: {last}")
                return False
            time.sleep(float(interval))

    def github_latest_release(self, owner, repo=None, **_options):
        """The newest release of `owner`, `repo` or of `owner/repo`: its tag, with the other fields by name."""
        return self._release(_repository(owner, repo), "latest")

    def github_download_release(
        self, owner, repo=None, asset=None, path=None, *more, tag=None, version=None, digest=None, mode=None, **_options
    ):
        """Fetches the file of a release whose name has the pattern (with `*`) or contains the text. Returns its
        tag. Takes owner, repo, asset, path, or `owner/repo`, asset, path."""
        if "/" in owner and not (repo and path):
            repo, asset, path = None, repo if repo is not None else asset, asset if repo is not None else path
        name = _repository(owner, repo)
        which = tag or version or (more[0] if more else None)
        release = self._release(name, f"tags/{which}" if which and which != "latest" else "latest")
        found = [
            each for each in release.assets if fnmatch.fnmatchcase(each, asset) or "*" not in asset and asset in each
        ]
        if asset in found:
            found = [asset]
        if not found:
            raise DownloadError(f"release {release} of {name} has no file {asset!r}")
        target = self.permissions.check_path(path)
        self.log.info(f"downloading {found[0]} of {name} {release}")
        fetch.to_file(release.assets[found[0]], target, digest=digest, mode=paths.file_mode(mode, 0o644))
        return release

    def _release(self, name, which):
        """The web page of the repository, or the API's address of it, is what a manifest declares."""
        address = f"https://api.github.com/repos/{name}/releases/{which}"
        page = f"https://github.com/{name}/releases/{which}"
        if not any(urls.matches(each, pattern) for each in (address, page) for pattern in self.permissions.urls):
            self.permissions.check_url(address)
        self._trust()
        return Release(fetch.read_json(address, {"Accept": "application/vnd.github+json"}))


def _repository(owner, repo):
    name = owner if repo is None else f"{owner}/{repo}"
    if name.count("/") != 1 or not all(
        part.strip(".") and part.replace("-", "").replace("_", "").replace(".", "").isalnum()
        for part in name.split("/")
    ):
        raise DownloadError(f"{name!r} is no repository")
    return name
