import shlex
import subprocess

from support import Case
from appstore import PermissionDeniedError, services
from appstore.errors import InputError
from appstore.services import openrc, systemd

FULL = services.Service(
    name="vpn",
    exec_start="/opt/vpn/run --port 80",
    description="VPN",
    user="vpn",
    working_directory="/opt/vpn",
    environment_file="/etc/vpn/env",
    restart="on-failure",
    restart_sec=10,
    capabilities=("CAP_NET_ADMIN", "CAP_NET_RAW"),
    extra_unit="Documentation=https://example.com",
    extra_service="LimitNOFILE=65535",
)


class Units(Case):
    def test_a_unit_says_what_was_asked_for(self):
        text = systemd.unit(FULL, "/etc/appstore/environment/vpn")
        for line in [
            "Description=VPN",
            "After=network-online.target",
            "Wants=network-online.target",
            "Documentation=https://example.com",
            "ExecStart=/opt/vpn/run --port 80",
            "User=vpn",
            "WorkingDirectory=/opt/vpn",
            "EnvironmentFile=/etc/vpn/env",
            "EnvironmentFile=/etc/appstore/environment/vpn",
            "Restart=on-failure",
            "RestartSec=10",
            "LimitNOFILE=65535",
            "AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW",
            "CapabilityBoundingSet=CAP_NET_ADMIN CAP_NET_RAW",
            "WantedBy=multi-user.target",
        ]:
            self.assertIn(line, text.splitlines())

    def test_a_script_of_openrc_is_shell_that_says_the_same(self):
        text = openrc.script(FULL, "/etc/appstore/environment/vpn")
        subprocess.run(["/bin/sh", "-n"], input=text.encode(), check=True)
        for line in [
            "command=/opt/vpn/run",
            "command_args='--port 80'",
            "supervisor=supervise-daemon",
            "command_user=vpn",
            ". /etc/vpn/env",
        ]:
            self.assertIn(line, text.splitlines())

    def test_no_word_of_a_service_becomes_shell_in_the_script(self):
        evil = "$(touch pwned) `touch pwned` \"; touch pwned; '"
        service = services.Service(
            name="x", exec_start=shlex.join([f"/bin/{evil}", evil]), description=evil, working_directory=evil
        )
        done = subprocess.run(["/bin/sh"], input=openrc.script(service).encode(), cwd=self.folder, capture_output=True)
        self.assertEqual(done.stderr, b"")
        self.assertEqual(subprocess.run(["ls", self.folder], capture_output=True).stdout, b"")

    def test_only_declared_services_are_made_and_no_line_is_smuggled_in(self):
        app = self.app(services=["x"])
        with self.assertRaises(PermissionDeniedError):
            app.create_service("ssh", exec_start="/bin/true")
        for more in (
            {"description": "a\nExecStartPre=/bin/evil"},
            {"exec_start": "/bin/true\nUser=root"},
            {"user": "a\nb"},
            {"extra_service": "ExecStartPre=/bin/evil"},
            {"extra_unit": "[Service]"},
            {"extra_service": "LimitNOFILE=1 \\"},
            {"exec_start": ""},
        ):
            with self.assertRaises(InputError, msg=more):
                app.create_service("x", **{"exec_start": "/bin/true", **more})
        with self.assertRaises(InputError):
            self.app(services=["../x"]).create_service("../x", exec_start="/bin/true")
