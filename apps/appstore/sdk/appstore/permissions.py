"""What the manifest declares, and whether a call stays within it. Whatever is not declared is refused."""

import fnmatch
import json
import re

from appstore import commands, paths, urls
from appstore.errors import InputError, PermissionDeniedError

LISTS = ("packages", "pip", "urls", "paths", "services", "users", "commands", "installer_scripts", "apt_repos")
#: Directories that every app may write to.
ALWAYS = ("/tmp", "/opt/venv")

_PACKAGE = re.compile(r"([A-Za-z0-9][A-Za-z0-9.+_-]*)((?::[a-z0-9]+)?(?:[=<>~@/][A-Za-z0-9.+:~_@=<>-]*)*)")
_PIP = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?:\[[A-Za-z0-9,._ -]*\])?\s*((?:[=<>!~]=?.*|;.*)?)")
_REPOSITORY = re.compile(r"deb(?:-src)?\s+(?:\[([^\[\]\n]*)\]\s+)?(\S+)\s+\S[^\n]*")


class AppPermissions:
    """The nine lists of a manifest. `denied` holds every refusal, also one that the script caught."""

    def __init__(self, **lists):
        for name in LISTS:
            value = lists.get(name) or []
            if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
                raise InputError(f"permissions.{name} is not a list of texts")
            setattr(self, name, value)
        self.denied = []
        # Links that are there before the script ran are the guest's; ones it makes later widen nothing.
        self._roots = [paths.resolve(path) for path in (*ALWAYS, *self.paths) if path.startswith("/")]

    @classmethod
    def from_dict(cls, data):
        """From a mapping with the names of the lists; other names are left out."""
        if not isinstance(data, dict):
            raise InputError("permissions are not an object")
        return cls(**{name: data[name] for name in LISTS if name in data})

    @classmethod
    def from_file(cls, path):
        with open(path, encoding="utf-8") as file:
            return cls.from_dict(json.load(file))

    def deny(self, kind, value, words):
        """Records a refusal and raises it."""
        message = f"{words} is not declared in permissions.{kind}"
        self.denied.append((kind, str(value), message))
        raise PermissionDeniedError(kind, str(value), message)

    def check_package(self, package):
        """A package of the distribution, perhaps with a version."""
        found = _PACKAGE.fullmatch(str(package))
        if found is None or not _matches(found.group(1), self.packages):
            self.deny("packages", package, f"package '{package}'")

    def check_pip_package(self, package):
        """A package of PyPI, perhaps with a version; names are compared as PyPI does."""
        found = _PIP.fullmatch(str(package).strip())
        if found is None or not _matches(_pip(found.group(1)), map(_pip, self.pip)):
            self.deny("pip", package, f"pip package '{package}'")

    def check_url(self, url):
        """An address to fetch from; what it redirects to is not compared."""
        if not any(urls.matches(url, pattern) for pattern in (*self.urls, *self.installer_scripts)):
            self.deny("urls", url, f"URL '{url}'")

    def check_path(self, path):
        """A path to write to, links followed. Returns it resolved."""
        resolved = paths.resolve(path)
        if not any(paths.is_within(resolved, root) for root in self._roots):
            self.deny("paths", path, f"path '{path}'" + ("" if resolved == path else f" (which is {resolved})"))
        return resolved

    def check_service(self, service):
        name = str(service).removesuffix(".service")
        if name not in (entry.removesuffix(".service") for entry in self.services):
            self.deny("services", service, f"service '{service}'")

    def check_user(self, user):
        if user not in self.users:
            self.deny("users", user, f"user '{user}'")

    def check_command(self, command):
        """A program, by name or path. Returns the path that is run; see `commands.locate`."""
        # Anybody may write to /tmp, so a program there is not the app's.
        roots = [root for root in self._roots if root != paths.resolve("/tmp")]
        allowed, path = commands.locate(str(command), self.commands, roots)
        if not allowed:
            self.deny("commands", command, f"command '{command}'")
        return path

    def check_installer_script(self, url):
        if url not in self.installer_scripts and not any(urls.matches(url, pattern) for pattern in self.urls):
            self.deny("installer_scripts", url, f"installer script '{url}'")

    def check_apt_repo(self, line):
        """A line of sources.list: declared whole, or by its address."""
        line = str(line)
        if line in self.apt_repos:
            return
        found = _REPOSITORY.fullmatch(line)
        unsafe = found is None or re.search(r"trusted|allow-insecure|allow-weak|check-", found.group(1) or "")
        if unsafe or not any(urls.is_below(found.group(2), entry) for entry in self.apt_repos):
            self.deny("apt_repos", line, f"repository '{line}'")

    def check_key_url(self, url):
        """Where a repository's key comes from: declared, or on the host of a declared repository."""
        hosts = {urls.host(entry) for entry in self.apt_repos} - {None}
        if urls.host(url) not in hosts or not str(url).startswith("https://"):
            self.check_url(url)


def _matches(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _pip(name):
    return re.sub(r"[-_.]+", "-", name).lower()
