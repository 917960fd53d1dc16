"""Services of systemd."""

from appstore import paths, programs
from appstore.services import environment

FOLDER = "/etc/systemd/system"


def unit(service, environment_file=None):
    """Text of the unit."""
    lines = ["[Unit]", f"Description={service.description or service.name}"]
    if service.after:
        lines.append(f"After={service.after}")
        if "network-online.target" in service.after:
            lines.append("Wants=network-online.target")
    lines += service.extra_unit.splitlines()
    lines += ["", "[Service]", f"Type={service.type}", f"ExecStart={service.exec_start}"]
    lines += [f"{key}={value}" for key, value in (("User", service.user), ("Group", service.group)) if value]
    if service.working_directory:
        lines.append(f"WorkingDirectory={service.working_directory}")
    lines += [f"EnvironmentFile={file}" for file in (service.environment_file, environment_file) if file]
    lines += [f"Restart={service.restart}", f"RestartSec={service.restart_sec}"]
    if service.capabilities:
        names = " ".join(service.capabilities)
        lines += [f"AmbientCapabilities={names}", f"CapabilityBoundingSet={names}"]
    lines += service.extra_service.splitlines()
    return "\n".join([*lines, "", "[Install]", "WantedBy=multi-user.target", ""])


def install(service):
    paths.write(f"{FOLDER}/{service.name}.service", unit(service, environment.write(service)), 0o644)
    _systemctl("daemon-reload")


def enable(name):
    _systemctl("enable", name)


def start(name):
    _systemctl("start", name)


def restart(name):
    _systemctl("daemon-reload")
    _systemctl("restart", name)


def stop(name):
    _systemctl("stop", name)


def disable(name):
    _systemctl("disable", "--now", name)


def is_active(name):
    return programs.run(["systemctl", "is-active", "--quiet", f"{name}"], check=False, quiet=True).returncode == 0


def _systemctl(*words):
    programs.run(["systemctl", "--no-pager", *words])
