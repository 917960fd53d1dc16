"""Packages of the distribution and of PyPI, and repositories."""

import os
import re

from appstore import fetch, keyrings, osinfo, paths
from appstore.errors import InputError

_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem")
_APT = ["apt-get", "-y", "-qq", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
_KEEP = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"]
_PIP_FLAGS = {
    "--upgrade",
    "-U",
    "--pre",
    "--no-cache-dir",
    "--no-deps",
    "--quiet",
    "-q",
    "--prefer-binary",
    "--force-reinstall",
}
_COMPONENTS = {"contrib", "non-free", "non-free-firmware", "universe", "multiverse", "restricted"}
KEYRINGS = "/usr/share/keyrings"


class Packages:
    """pkg_install, apt_install, pip_install, create_venv, enable_repo, add_apt_key, add_apt_repo and
    add_apt_repository."""

    _lists_fresh = False

    def pkg_install(self, *packages, **_options):
        """Installs packages by apt or apk, whichever the guest has."""
        names = _flat(packages)
        for name in names:
            self.permissions.check_package(name)
        self._install_packages(names)

    def apt_install(self, *packages, **_options):
        """Installs packages by apt."""
        if self.os == "alpine":
            raise InputError("apt_install in a guest that has apk; pkg_install works in both")
        self.pkg_install(*packages)

    def pip_install(self, *packages, venv="/opt/venv", upgrade=False, **_options):
        """Installs packages of PyPI into a virtual environment, which is made when it is missing."""
        arguments = ["--upgrade"] if upgrade else []
        words = iter(_flat(packages))
        for word in words:
            if word in ("-r", "--requirement"):
                arguments += ["-r", self._requirements(next(words, ""))]
            elif word in ("-i", "--index-url", "--extra-index-url", "-f", "--find-links"):
                self.permissions.check_url(address := next(words, ""))
                arguments += [word, address]
            elif word.startswith("-"):
                if word not in _PIP_FLAGS:
                    self.permissions.deny("pip", word, f"option '{word}' of pip")
                arguments.append(word)
            else:
                self.permissions.check_pip_package(word)
                arguments.append(word)
        directory = self.create_venv(venv)
        self._run(
            [f"{directory}/bin/python", "-m", "pip", "install", "--no-input", "--progress-bar", "off", *arguments]
        )

    def create_venv(self, path="/opt/venv", **_options):
        """Makes a virtual environment of Python, unless it is there. Returns its path."""
        directory = self.permissions.check_path(path)
        if os.path.exists(f"{directory}/bin/pip"):
            return directory
        if (
            self.os == "debian"
            and self._run(["python3", "-c", "import ensurepip, venv"], check=False, quiet=True).returncode
        ):
            self._install_packages(["python3-venv"])
        self._run(["python3", "-m", "venv", directory])
        return directory

    def enable_repo(self, name, **_options):
        """Turns on a part of the distribution's repositories, such as `community` (Alpine) or `contrib` (Debian)."""
        if self.os == "alpine":
            self._enable_alpine(name)
        elif name in _COMPONENTS:
            self._enable_debian(name)
        else:
            raise InputError(f"{name!r} is no part of this distribution's repositories")
        Packages._lists_fresh = False

    def add_apt_key(self, url, path=None, name=None, **_options):
        """Fetches the key of a repository. Returns the file, below /usr/share/keyrings unless said."""
        self.permissions.check_key_url(url)
        target = path or f"{KEYRINGS}/{_slug(name or url.split('/')[2])}.gpg"
        if os.path.dirname(paths.resolve(target)) not in (KEYRINGS, "/etc/apt/keyrings", "/etc/apt/trusted.gpg.d"):
            self.permissions.check_path(target)
        self._trust()
        data, _ = fetch.read(url, largest=1_000_000)
        paths.write(target, keyrings.binary(data) if target.endswith(".gpg") else data, 0o644)
        return target

    def add_apt_repo(self, line, name=None, **_options):
        """Adds a line of sources.list; the name of its file may come first or second."""
        if name is not None and not line.startswith("deb") and str(name).startswith("deb"):
            line, name = name, line
        self.permissions.check_apt_repo(line)
        file = _slug(str(name or line.split("//")[-1]).removesuffix(".list"))
        paths.write(f"/etc/apt/sources.list.d/{file}.list", line + "\n", 0o644)
        Packages._lists_fresh = False

    def add_apt_repository(self, url, key_url=None, name=None, suite=None, components="main", arch=None, **_options):
        """Adds a repository with its key. `suite` is the code name of the release unless said."""
        name = _slug(name or url.split("/")[2])
        words = components if isinstance(components, str) else " ".join(components)
        suite = suite or osinfo.codename()
        line = f"deb {url} {suite}" + ("" if suite.endswith("/") else f" {words}")
        self.permissions.check_apt_repo(line)
        options = [f"arch={arch}"] if arch else []
        if key_url:
            options.append(f"signed-by={self.add_apt_key(key_url, name=name)}")
        signed = line.replace("deb ", f"deb [{' '.join(options)}] ", 1) if options else line
        paths.write(f"/etc/apt/sources.list.d/{name}.list", signed + "\n", 0o644)
        Packages._lists_fresh = False

    def _trust(self):
        """Makes sure that there are certificates of authorities; a bare system has none."""
        if not any(map(os.path.exists, _BUNDLES)):
            self._install_packages(["ca-certificates"])

    def _install_packages(self, names):
        if not names:
            return
        if self.os == "alpine":
            self._run(["apk", "add", "--no-cache", *names])
            return
        if not Packages._lists_fresh:
            self._run([*_APT, "update"])
            Packages._lists_fresh = True
        self._run([*_APT, *_KEEP, "install", "--", *names])

    def _requirements(self, path):
        """A file of requirements, each of which is checked; options in it are refused."""
        with open(path, encoding="utf-8") as file:
            for line in file:
                word = re.split(r"(?:^|\s)#", line)[0].strip()
                if word.startswith("-"):
                    self.permissions.deny("pip", word, f"option '{word}' in {path}")
                if word:
                    self.permissions.check_pip_package(word)
        return path

    def _enable_alpine(self, name):
        if not re.fullmatch(r"main|community|testing", name):
            raise InputError(f"{name!r} is no repository of Alpine")
        file = "/etc/apk/repositories"
        with open(file, encoding="utf-8") as lines:
            entries = lines.read().splitlines()
        own = [entry for entry in entries if re.match(r"#?\s*https?://\S+/[a-z]+\s*$", entry)]
        if any(not entry.startswith("#") and entry.rstrip().endswith(f"/{name}") for entry in own):
            return
        base = next((entry.lstrip("# ").rsplit("/", 1)[0] for entry in own), None)
        if base is None:
            raise InputError(f"{file} names no repository to derive {name} from")
        if name == "testing":
            base = base.rsplit("/", 1)[0] + "/edge"
        paths.write(file, "\n".join([*entries, f"{base}/{name}"]) + "\n")

    def _enable_debian(self, name):
        folder = "/etc/apt/sources.list.d"
        files = ["/etc/apt/sources.list"] + [f"{folder}/{entry}" for entry in ("debian.sources", "ubuntu.sources")]
        for file in filter(os.path.isfile, files):
            with open(file, encoding="utf-8") as lines:
                text = lines.read()
            kind = (
                r"^(Components:.*)$"
                if file.endswith(".sources")
                else r"^(deb\s+(?:\[[^\]]*\]\s+)?\S+\s+\S+\s+main\b.*)$"
            )
            paths.write(file, re.sub(kind, lambda found: _with_word(found.group(1), name), text, flags=re.M))


def _with_word(line, word):
    return line if word in line.split() else f"{line} {word}"


def _flat(packages):
    """Names, however they were given: several, lists, or several in one text."""
    flat = []
    for package in packages:
        flat += _flat(package) if isinstance(package, (list, tuple)) else [str(package)]
    return flat


def _slug(text):
    return re.sub(r"[^a-z0-9.-]+", "-", str(text).lower()).strip("-.")[:64] or "repository"
