"""Unpacking archives of strangers: nothing leaves the directory, no device, no set-uid bit, no owner of theirs."""

import os
import stat
import tarfile
import zipfile

from appstore import paths
from appstore.errors import DownloadError

#: Members, and bytes of all of them.
MOST_MEMBERS = 500_000
LARGEST = 40_000_000_000


def extract(archive, directory, strip=0, members=None):
    """Unpacks a tar (plain, gz, bz2, xz) or zip file. `strip` names are taken off each path; `members` limits it to
    paths below these. Returns how many files were written."""
    os.makedirs(directory, exist_ok=True)
    root = os.path.realpath(directory)
    if zipfile.is_zipfile(archive):
        return _zip(archive, root, strip, members)
    try:
        return _tar(archive, root, strip, members)
    except (tarfile.TarError, EOFError) as error:
        raise DownloadError(f"{archive} cannot be unpacked: {error}") from error


def _tar(archive, root, strip, wanted):
    count, total = 0, 0
    with tarfile.open(archive, "r:*") as tar:
        for member in tar:
            count, total = count + 1, total + member.size
            _bound(archive, count, total)
            name = _name(member.name, strip, wanted)
            if name is None:
                continue
            target = _inside(root, name)
            if member.isdir():
                os.makedirs(target, exist_ok=True)
            elif member.issym():
                _link(root, target, member.linkname)
            elif member.islnk():
                source = _name(member.linkname, strip, None)
                if source is None:
                    raise DownloadError(f"{member.name} links to what is not unpacked")
                _make_room(target)
                os.link(_inside(root, source), target, follow_symlinks=False)
            elif member.isreg():
                _write(target, tar.extractfile(member), member.mode)
            else:
                raise DownloadError(f"{member.name} is no file, directory or link")
    return count


def _zip(archive, root, strip, wanted):
    with zipfile.ZipFile(archive) as file:
        entries = file.infolist()
        _bound(archive, len(entries), sum(entry.file_size for entry in entries))
        for entry in entries:
            name = _name(entry.filename, strip, wanted)
            if name is None:
                continue
            target, mode = _inside(root, name), entry.external_attr >> 16
            if entry.is_dir():
                os.makedirs(target, exist_ok=True)
            elif stat.S_ISLNK(mode):
                _link(root, target, file.read(entry).decode())
            else:
                with file.open(entry) as source:
                    _write(target, source, mode or 0o644)
        return len(entries)


def _bound(archive, count, total):
    if count > MOST_MEMBERS or total > LARGEST:
        raise DownloadError(f"{archive} holds more than is unpacked")


def _name(name, strip, wanted):
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in name:
        raise DownloadError(f"a member is called {name!r}")
    parts = parts[strip:]
    if not parts:
        return None
    path = "/".join(parts)
    if wanted and not any(paths.is_within(path, str(entry).strip("/")) for entry in wanted):
        return None
    return path


def _inside(root, name):
    """Where a member goes; links that were unpacked before are followed, and must stay inside."""
    target = os.path.join(root, name)
    parent = os.path.realpath(os.path.dirname(target))
    if not paths.is_within(parent, root):
        raise DownloadError(f"{name} would be written outside")
    os.makedirs(parent, exist_ok=True)
    return os.path.join(parent, os.path.basename(target))


def _link(root, target, leads_to):
    end = os.path.realpath(os.path.join(os.path.dirname(target), leads_to))
    if os.path.isabs(leads_to) or not paths.is_within(end, root):
        raise DownloadError(f"link {target} leads outside")
    _make_room(target)
    os.symlink(leads_to, target)


def _make_room(target):
    if os.path.islink(target) or os.path.isfile(target):
        os.unlink(target)


def _write(target, source, mode):
    _make_room(target)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        while chunk := source.read(1 << 20):
            file.write(chunk)
        os.fchmod(file.fileno(), mode & 0o777)
