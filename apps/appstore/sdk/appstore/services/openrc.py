"""Services of OpenRC."""

import re
import shlex

from appstore import paths, programs
from appstore.services import environment

FOLDER = "/etc/init.d"


def script(service, environment_file=None):
    """Text of the script in /etc/init.d."""
    program, *arguments = shlex.split(service.exec_start)
    lines = [
        "#!/sbin/openrc-run",
        "",
        f"name={shlex.quote(service.name)}",
        f"description={shlex.quote(service.description or service.name)}",
        f"command={shlex.quote(program)}",
        f"command_args={shlex.quote(' '.join(map(shlex.quote, arguments)))}",
        'pidfile="/run/${RC_SVCNAME}.pid"',
    ]
    if service.restart == "no":
        lines.append("command_background=true")
    else:
        lines += ["supervisor=supervise-daemon", f"respawn_delay={int(service.restart_sec)}", "respawn_max=0"]
    if service.user:
        account = service.user + (f":{service.group}" if service.group else "")
        lines.append(f"command_user={shlex.quote(account)}")
    if service.working_directory:
        lines.append(f"directory={shlex.quote(service.working_directory)}")
    if service.capabilities:
        names = ",".join(f"^{name.lower()}" for name in service.capabilities)
        lines.append(f"capabilities={shlex.quote(names)}")
    lines += [f'output_log="/var/log/{service.name}.log"', f'error_log="/var/log/{service.name}.log"']
    for file in (service.environment_file, environment_file):
        if file:
            lines += ["set -a", f". {shlex.quote(file)}", "set +a"]
    lines += ["", "depend() {", "    need net", "}", ""]
    return "\n".join(lines)


def install(service):
    file = f"{FOLDER}/{service.name}"
    paths.write(file, script(service, environment.write(service)), 0o755)


def enable(name):
    programs.run(["rc-update", "add", _plain(name), "default"])


def start(name):
    programs.run(["rc-service", "--ifstopped", _plain(name), "start"])


def restart(name):
    programs.run(["rc-service", _plain(name), "restart"])


def stop(name):
    programs.run(["rc-service", "--ifstarted", _plain(name), "stop"])


def disable(name):
    stop(name)
    programs.run(["rc-update", "del", _plain(name), "default"], check=False)


def is_active(name):
    return programs.run(["rc-service", _plain(name), "status"], check=False, quiet=True).returncode == 0


def _plain(name):
    return re.sub(r"\.service$", "", name)
