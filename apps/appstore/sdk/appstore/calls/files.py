"""Files, directories, templates and archives."""

import grp
import os
import pwd
import re
import shutil
import tempfile

from appstore import archives, fetch, paths, templates
from appstore.errors import InputError


class Files:
    """write_config, render_template, provision_file, deploy_provision_file, write_env_file, create_dir, chown,
    download, extract_tar, download_and_extract, create_symlink."""

    def write_config(self, *place, preserve_existing=False, **variables):
        """write_config(path, template, **variables): writes a file from the text of a template; see `templates`.
        `preserve_existing` leaves one that is there. A variable `mode` such as "0640" that the template does not use is
        the mode of the file."""
        path, text = _named(place, variables, "path", "template")
        mode = None if re.search(r"\$\{?mode\b", str(text)) else variables.pop("mode", None)
        self._write(path, templates.render(str(text), variables), preserve_existing, mode, None)

    def render_template(self, *place, preserve_existing=False, **variables):
        """render_template(name, path, **variables): `write_config` from a template of the app's `provision/` or
        `templates/`."""
        name, path = _named(place, variables, "name", "path")
        self.write_config(path, self.provision_file(name), preserve_existing=preserve_existing, **variables)

    def provision_file(self, name):
        """Text of a file of the app."""
        with open(self._own_file(name), encoding="utf-8") as file:
            return file.read()

    def deploy_provision_file(self, name, path, mode=None, owner=None, preserve_existing=False, **_options):
        """Copies a file of the app as it is."""
        with open(self._own_file(name), "rb") as file:
            self._write(path, file.read(), preserve_existing, mode, owner)

    def write_env_file(self, path, variables, mode="0640", owner=None, preserve_existing=False, **_options):
        """Writes KEY=VALUE lines, as systemd's EnvironmentFile= reads them; empty values are left out."""
        lines = []
        for key, value in variables.items():
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", str(key)):
                raise InputError(f"{key!r} is no name of a variable")
            text = "" if value is None else ("true" if value else "false") if isinstance(value, bool) else str(value)
            if text:
                lines.append(f"{key}={_env_value(text)}\n")
        self._write(path, "".join(lines), preserve_existing, mode, owner)

    def create_dir(self, path, owner=None, mode=None, **_options):
        """Makes a directory and those on the way; ones that are there keep mode and owner unless said."""
        target = self.permissions.check_path(path)
        os.makedirs(target, exist_ok=True)
        if mode is not None:
            os.chmod(target, paths.file_mode(mode, 0o755))
        if owner:
            os.chown(target, *_ids(owner))

    def chown(self, path, owner, recursive=False, **_options):
        """Gives a path to `user` or `user:group`; links are not followed."""
        target = self.permissions.check_path(path)
        uid, gid = _ids(owner)
        os.chown(target, uid, gid, follow_symlinks=False)
        if recursive:
            for _, directories, files, at in os.fwalk(target, follow_symlinks=False):
                for name in directories + files:
                    os.chown(name, uid, gid, dir_fd=at, follow_symlinks=False)

    def download(
        self,
        url,
        path,
        mode=None,
        owner=None,
        digest=None,
        sha256=None,
        max_bytes=None,
        preserve_existing=False,
        **_options,
    ):
        """Fetches a file. `digest`: `sha256:…` or the hexadecimal digits that it must have."""
        self.permissions.check_url(url)
        target = self.permissions.check_path(path)
        if preserve_existing and os.path.exists(target):
            return target
        self.log.info(f"downloading {url}")
        self._trust()
        number = paths.file_mode(mode, 0o644)
        fetch.to_file(url, target, digest=digest or sha256, largest=max_bytes, mode=number)
        if owner:
            os.chown(target, *_ids(owner))
        return target

    def extract_tar(self, archive, path, strip=0, strip_components=0, members=None, owner=None, **_options):
        """Unpacks a tar or zip file into a directory. `strip`: names taken off the beginning of each path."""
        target = self.permissions.check_path(path)
        count = archives.extract(archive, target, int(strip or strip_components), members)
        if owner:
            self.chown(target, owner, recursive=True)
        self.log.info(f"unpacked {count} members into {target}")

    def download_and_extract(
        self, url, path, strip=0, strip_components=0, members=None, owner=None, digest=None, sha256=None, **_options
    ):
        """Fetches an archive and unpacks it."""
        folder = tempfile.mkdtemp(prefix="appstore-")
        try:
            archive = self.download(url, f"{folder}/archive", digest=digest, sha256=sha256)
            self.extract_tar(archive, path, strip=strip or strip_components, members=members, owner=owner)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def create_symlink(self, target, link, **_options):
        """Makes `link` lead to `target`; a link that is there is replaced, a file or directory is not."""
        parent = self.permissions.check_path(os.path.dirname(os.path.normpath(link)))
        place = os.path.join(parent, os.path.basename(os.path.normpath(link)))
        self.permissions.check_path(os.path.dirname(place) + "/.")
        if os.path.lexists(place) and not os.path.islink(place):
            raise FileExistsError(f"{link} is there and no link")
        temporary = f"{place}.appstore-{os.getpid()}"
        os.symlink(target, temporary)
        os.replace(temporary, place)

    def _write(self, path, data, preserve_existing, mode, owner):
        target = self.permissions.check_path(path)
        if preserve_existing and os.path.exists(target):
            self.log.info(f"{path} is kept as it is")
            return
        paths.write(target, data, mode)
        if owner:
            os.chown(target, *_ids(owner))

    def _own_file(self, name):
        """A file of the app by a relative name without `..`; links of the app's folder lead nowhere else."""
        for folder in self.folders:
            root = os.path.realpath(folder)
            path = os.path.realpath(os.path.join(root, str(name)))
            if not os.path.isabs(str(name)) and paths.is_within(path, root) and os.path.isfile(path):
                return path
        raise FileNotFoundError(f"the app has no file {name!r} in provision/ or templates/")


def _named(place, variables, *names):
    """Arguments by position, or else by name: a template may have variables of any name."""
    if len(place) > len(names):
        raise TypeError(f"takes {' and '.join(names)}, then variables by name")
    return [*place, *(variables.pop(name) for name in names[len(place) :])]


def _env_value(text):
    if "\n" in text or "\r" in text or "\0" in text:
        raise InputError("a value of an environment file has one line")
    if re.fullmatch(r"[\w@%+=:,./{}*-]*", text, re.A):
        return text
    escaped = re.sub(r'([\\"$`])', r"\\\1", text)
    return f'"{escaped}"'


def _ids(owner):
    """(uid, gid) of `user`, `user:group` or `:group`, by name or number; -1 leaves it as it is."""
    user, colon, group = str(owner).partition(":")
    uid = -1 if not user else int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid
    if group:
        gid = int(group) if group.isdigit() else grp.getgrnam(group).gr_gid
    else:
        gid = pwd.getpwuid(uid).pw_gid if colon and uid >= 0 else -1
    return uid, gid
