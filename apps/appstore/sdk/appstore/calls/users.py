"""Accounts."""

import grp
import os
import pwd

from appstore.errors import InputError


class Users:
    """create_user, add_user_to_group."""

    def create_user(self, name, system=True, home=None, shell=None, groups=(), create_home=None, uid=None, **_options):
        """Makes an account with a group of the same name, unless it is there."""
        self.permissions.check_user(name)
        if _exists(pwd.getpwnam, name):
            self.log.info(f"user {name} is there")
        else:
            self._make_user(name, system, home, shell, uid)
        wanted = create_home if create_home is not None else home is not None
        if home and wanted and not os.path.isdir(home):
            entry = pwd.getpwnam(name)
            os.makedirs(home, mode=0o755)
            os.chown(home, entry.pw_uid, entry.pw_gid)
        for group in [groups] if isinstance(groups, str) else groups:
            self.add_user_to_group(name, group)

    def add_user_to_group(self, user, group, **_options):
        """Adds an account that is declared, or was made by a package, to a group; not to root's."""
        if user not in self.permissions.users and not _is_service(user):
            self.permissions.check_user(user)
        if group in ("root", "sudo", "wheel", "shadow", "disk"):
            raise InputError(f"nobody is added to group {group}")
        if not _exists(grp.getgrnam, group):
            self._run(
                [
                    "addgroup" if self.os == "alpine" else "groupadd",
                    *(["-S"] if self.os == "alpine" else ["--system"]),
                    group,
                ]
            )
        argv = ["addgroup", user, group] if self.os == "alpine" else ["usermod", "-a", "-G", group, user]
        self._run(argv)

    def _make_user(self, name, system, home, shell, uid):
        shell = shell or ("/sbin/nologin" if self.os == "alpine" else "/usr/sbin/nologin")
        number = [] if uid is None else ["-u", str(int(uid))]
        if self.os == "alpine":
            if not _exists(grp.getgrnam, name):
                self._run(["addgroup", *(["-S"] if system else []), name])
            where = ["-h", home] if home else []
            self._run(
                ["adduser", "-D", "-H", *(["-S"] if system else []), "-s", shell, "-G", name, *where, *number, name]
            )
            return
        group = ["--gid", name] if _exists(grp.getgrnam, name) else ["--user-group"]
        where = ["--home-dir", home] if home else []
        self._run(
            [
                "useradd",
                *(["--system"] if system else []),
                *group,
                "--no-create-home",
                "--shell",
                shell,
                *where,
                *number,
                name,
            ]
        )


def _exists(look, name):
    try:
        look(name)
    except KeyError:
        return False
    return True


def _is_service(user):
    return _exists(pwd.getpwnam, user) and 0 < pwd.getpwnam(user).pw_uid < 1000
