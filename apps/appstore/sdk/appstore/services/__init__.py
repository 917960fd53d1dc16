"""Services: one description, and a module for each kind of manager: install, enable, start, stop, restart, disable."""

from dataclasses import dataclass, field

from appstore import osinfo


@dataclass
class Service:
    """What a service runs. `environment` goes to a file that root alone reads, since unit files are readable to all."""

    name: str
    exec_start: str
    description: str = ""
    after: str = "network-online.target"
    user: str = ""
    group: str = ""
    working_directory: str = ""
    environment: dict = field(default_factory=dict)
    environment_file: str = ""
    restart: str = "always"
    restart_sec: int = 5
    type: str = "simple"
    capabilities: tuple = ()
    extra_unit: str = ""
    extra_service: str = ""


def manager():
    """The module for what starts services in this guest."""
    from appstore.services import direct, openrc, systemd

    return {"systemd": systemd, "openrc": openrc, "direct": direct}[osinfo.service_manager()]
