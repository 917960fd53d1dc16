"""Services in a guest without systemd and OpenRC, such as a bare namespace.

A service that the SDK made is a JSON file in /etc/appstore/services and runs below a supervisor of its own; one of a
package is its script in /etc/init.d. /etc/appstore/services/.enabled names what `/etc/appstore/start-services` starts,
which whatever serves such a guest as init calls when the guest starts.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

from appstore import paths, programs
from appstore.errors import CommandError
from appstore.services import environment

FOLDER = "/etc/appstore/services"
ENABLED = f"{FOLDER}/.enabled"
SUPERVISOR = "/usr/local/lib/appstore/supervise.py"
STARTER = "/etc/appstore/start-services"
RUN = "/run/appstore"

_STARTER = f"""#!/bin/sh
# Starts the enabled services of a guest that has no init for it.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
[ -e {ENABLED} ] || exit 0
while read -r name; do
  if [ -e {FOLDER}/"$name".json ]; then
    /usr/bin/env -i PATH="$PATH" python3 -I {SUPERVISOR} --detach "$name" </dev/null >/dev/null 2>&1
  elif [ -x /etc/init.d/"$name" ]; then
    /usr/bin/env -i PATH="$PATH" /etc/init.d/"$name" start </dev/null >/dev/null 2>&1
  fi
done <{ENABLED}
exit 0
"""


def install(service):
    os.makedirs(FOLDER, exist_ok=True)
    os.makedirs(os.path.dirname(SUPERVISOR), exist_ok=True)
    shutil.copyfile(os.path.join(os.path.dirname(__file__), "supervise.py"), SUPERVISOR)
    paths.write(STARTER, _STARTER, 0o755)
    files = [file for file in (service.environment_file, environment.write(service)) if file]
    description = {
        "exec_start": service.exec_start,
        "user": service.user,
        "group": service.group,
        "directory": service.working_directory,
        "environment_files": files,
        "restart": service.restart,
        "delay": float(service.restart_sec),
    }
    paths.write(f"{FOLDER}/{service.name}.json", json.dumps(description, indent=2) + "\n", 0o644)


def enable(name):
    paths.write(STARTER, _STARTER, 0o755)
    names = [entry for entry in _enabled() if entry != name]
    paths.write(ENABLED, "".join(f"{entry}\n" for entry in [*names, name]), 0o644)


def disable(name):
    stop(name)
    paths.write(ENABLED, "".join(f"{entry}\n" for entry in _enabled() if entry != name), 0o644)


def start(name):
    if is_active(name):
        return
    if not os.path.exists(f"{FOLDER}/{name}.json"):
        _init_d(name, "start")
        return
    # An empty environment, and no parent that waits: the service is no part of the operation that started it.
    subprocess.run(
        [sys.executable, "-I", SUPERVISOR, "--detach", name],
        env={"PATH": programs.environment()["PATH"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    for _ in range(150):
        if is_active(name):
            return
        time.sleep(0.1)
    raise CommandError(f"service {name} did not start; see /var/log/{name}.log", 1)


def stop(name):
    if not os.path.exists(f"{FOLDER}/{name}.json"):
        _init_d(name, "stop")
        return
    pid = _pid(name)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    for _ in range(150):
        if _pid(name) is None:
            return
        time.sleep(0.1)
    raise CommandError(f"service {name} did not stop", 1)


def restart(name):
    if os.path.exists(f"{FOLDER}/{name}.json"):
        stop(name)
        start(name)
    else:
        _init_d(name, "restart")


def is_active(name):
    if os.path.exists(f"{FOLDER}/{name}.json"):
        return _pid(name) is not None
    if not os.path.exists(f"/etc/init.d/{name}"):
        return False
    return programs.run([f"/etc/init.d/{name}", "status"], check=False, quiet=True).returncode == 0


def _init_d(name, word):
    script = f"/etc/init.d/{name}"
    if not os.path.exists(script):
        raise CommandError(f"service {name} is not known here", 5)
    # As above; `env -i` drops the mark, and the daemon itself leaves its parent.
    programs.run(["env", "-i", f"PATH={programs.environment()['PATH']}", script, word])


def _enabled():
    try:
        with open(ENABLED, encoding="utf-8") as file:
            return file.read().split()
    except FileNotFoundError:
        return []


def _pid(name):
    """Process id of the supervisor, told by its own record and by what runs under that id now."""
    try:
        with open(f"{RUN}/{name}.pid", encoding="utf-8") as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if SUPERVISOR.encode() in words and name.encode() in words else None
