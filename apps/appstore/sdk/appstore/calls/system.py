"""Time zone and kernel settings."""

import os
import re

from appstore import paths
from appstore.errors import CommandError, InputError


class System:
    """set_timezone, sysctl, disable_ipv6."""

    def set_timezone(self, name, **_options):
        """Sets the time zone by its name, such as Europe/Berlin."""
        if not re.fullmatch(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}", str(name)):
            raise InputError(f"{name!r} is no time zone")
        file = f"/usr/share/zoneinfo/{name}"
        if not os.path.isdir("/usr/share/zoneinfo"):
            self._install_packages(["tzdata"])
        if not os.path.isfile(file):
            raise InputError(f"there is no time zone {name}")
        os.symlink(file, "/etc/localtime.appstore")
        os.replace("/etc/localtime.appstore", "/etc/localtime")
        paths.write("/etc/timezone", f"{name}\n", 0o644)

    def sysctl(self, settings, **_options):
        """Keeps kernel settings for every start, and makes them now as far as the guest may."""
        file = f"/etc/sysctl.d/90-{self.name}.conf"
        self.permissions.check_path(file)
        lines = []
        for key, value in settings.items():
            if not re.fullmatch(r"[a-z0-9_]+(?:[./][A-Za-z0-9_*-]+)+", str(key)) or "\n" in str(value):
                raise InputError(f"{key!r} is no kernel setting")
            lines.append(f"{key} = {value}\n")
        kept = _other_settings(file, settings)
        paths.write(file, "".join([*kept, *lines]), 0o644)
        try:
            self._run(["sysctl", "-q", "-p", file])
        except CommandError as error:
            self.log.warn(f"not every kernel setting can be made in this guest: {error}")

    def disable_ipv6(self, **_options):
        """Turns IPv6 off."""
        self.sysctl({f"net.ipv6.conf.{which}.disable_ipv6": 1 for which in ("all", "default")})


def _other_settings(file, settings):
    """Lines of the file about other settings."""
    if not os.path.isfile(file):
        return []
    with open(file, encoding="utf-8") as lines:
        return [line for line in lines if line.split("=")[0].strip() not in settings]
