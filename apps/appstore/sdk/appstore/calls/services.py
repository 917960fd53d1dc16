"""Services, by whatever starts them in this guest."""

import re

from appstore import services
from appstore.errors import InputError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,127}")
#: Lines of a unit that a script may not smuggle in: what is run is `exec_start`, and as whom `user`.
_RESERVED = re.compile(r"\s*(Exec\w*|User|Group|Environment\w*|RootDirectory|\[)", re.I)


class Services:
    """create_service, enable_service, start_service, restart_service, stop_service, disable_service."""

    def create_service(
        self,
        name,
        exec_start=None,
        description="",
        after="network-online.target",
        user="",
        group="",
        working_directory="",
        environment=None,
        environment_file="",
        restart="always",
        restart_sec=5,
        type="simple",
        capabilities=(),
        extra_unit="",
        extra_service="",
        enable=True,
        start=True,
        **options,
    ):
        """Makes a service, starts it now and at every start of the guest."""
        name = self._service(name)
        service = services.Service(
            name=name,
            exec_start=_line("exec_start", exec_start or options.get("command") or ""),
            description=_line("description", description),
            after=_line("after", after or ""),
            user=_line("user", user or ""),
            group=_line("group", group or ""),
            working_directory=_line("working_directory", working_directory or options.get("working_dir") or ""),
            environment=dict(environment or {}),
            environment_file=_line("environment_file", environment_file or ""),
            restart=_line("restart", restart or "no"),
            restart_sec=int(restart_sec),
            type=_line("type", options.get("service_type") or type),
            capabilities=tuple(_line("capabilities", each) for each in capabilities or ()),
            extra_unit=_extra("extra_unit", extra_unit),
            extra_service=_extra("extra_service", extra_service),
        )
        if not service.exec_start:
            raise InputError(f"service {name} has no exec_start")
        manager = services.manager()
        manager.install(service)
        if enable:
            manager.enable(name)
        if start:
            manager.restart(name)
        self.log.info(f"service {name} is set up")

    def enable_service(self, name, **_options):
        """Starts a service, now and at every start of the guest."""
        name, manager = self._service(name), services.manager()
        manager.enable(name)
        manager.start(name)

    def start_service(self, name, **_options):
        services.manager().start(self._service(name))

    def restart_service(self, name, **_options):
        """Restarts a service, after its unit was read again."""
        services.manager().restart(self._service(name))

    def stop_service(self, name, **_options):
        services.manager().stop(self._service(name))

    def disable_service(self, name, **_options):
        """Stops a service for good."""
        services.manager().disable(self._service(name))

    def service_active(self, name, **_options):
        """Whether a service runs."""
        return services.manager().is_active(self._service(name))

    def _service(self, name):
        self.permissions.check_service(name)
        plain = str(name).removesuffix(".service")
        if not _NAME.fullmatch(plain):
            raise InputError(f"{name!r} is no name of a service")
        return plain


def _line(field, value):
    text = str(value)
    if re.search(r"[\n\r\0]", text):
        raise InputError(f"{field} of a service has one line")
    return text.strip()


def _extra(field, value):
    text = value if isinstance(value, str) else "\n".join(value or ())
    for line in text.splitlines():
        if _RESERVED.match(line) or line.rstrip().endswith("\\"):
            raise InputError(f"{field} may not hold {line.strip()!r}")
    return text
