"""Paths as the kernel will see them, and writing that leaves either the old file or the new one."""

import errno
import os
import tempfile


def resolve(path):
    """The path with every link on the way followed, as far as it exists. Relative ones and NUL are refused."""
    text = os.fspath(path)
    if not isinstance(text, str) or not text.startswith("/") or "\0" in text:
        raise ValueError(f"not an absolute path: {text!r}")
    return os.path.realpath(text)


def is_within(path, root):
    """Whether a path is the root or below it; both resolved."""
    return root == "/" or path == root or path.startswith(root + "/")


def file_mode(mode, default):
    """A mode given as a number, `0755` or `0o755`."""
    if mode is None:
        return default
    number = mode if isinstance(mode, int) else int(str(mode).lower().replace("0o", ""), 8)
    if not 0 <= number <= 0o7777:
        raise ValueError(f"not a file mode: {mode!r}")
    return number


def write(path, data, mode=None):
    """Replaces a file by one rename. A link at the end is followed, to where it was allowed. Without a mode it stays as
    it was, or is 0644."""
    target = resolve(path)
    directory = os.path.dirname(target)
    os.makedirs(directory, exist_ok=True)
    old = os.stat(target) if os.path.isfile(target) else None
    number = file_mode(mode, 0o644 if old is None else old.st_mode & 0o7777)
    handle, temporary = tempfile.mkstemp(dir=directory, prefix=".appstore-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
            if old is not None and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
                _keep_owner(file.fileno(), old)
            os.fchmod(file.fileno(), number)
        os.replace(temporary, target)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
    return target


def _keep_owner(handle, old):
    """Gives the new file to the owner of the old one, unless that has no number in this guest."""
    try:
        os.fchown(handle, old.st_uid, old.st_gid)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EINVAL):
            raise
