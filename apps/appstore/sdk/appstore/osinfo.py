"""What runs in this guest."""

import os


def release(path="/etc/os-release"):
    """Fields of os-release, unquoted; empty when there is none."""
    fields = {}
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                key, equals, value = line.strip().partition("=")
                if equals and not key.startswith("#"):
                    fields[key] = value.strip("\"'")
    except OSError:
        pass
    return fields


def detect_os(path="/etc/os-release"):
    """`debian` (and what derives from it), `alpine` or `unknown`."""
    fields = release(path)
    names = [fields.get("ID", ""), *fields.get("ID_LIKE", "").split()]
    if "alpine" in names:
        return "alpine"
    return "debian" if "debian" in names or "ubuntu" in names else "unknown"


def codename():
    """Code name of the release, such as bookworm."""
    return release().get("VERSION_CODENAME", "")


def service_manager():
    """`systemd` or `openrc` where one runs, else `direct`: services are then started by the SDK's own supervisor."""
    # Both: a guest of plain namespaces may see the directory of the host's systemd.
    if os.path.isdir("/run/systemd/system") and _first_process() == "systemd":
        return "systemd"
    return "openrc" if os.path.isdir("/run/openrc") else "direct"


def _first_process():
    """Name of the process 1."""
    try:
        with open("/proc/1/comm", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""
