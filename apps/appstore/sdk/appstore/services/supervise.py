"""supervise.py [--detach] NAME: runs a service of /etc/appstore/services, and again when it ends.

For guests without systemd and OpenRC. It stands alone: a copy of it outlives the SDK that installed it. SIGTERM ends
the service and then this; what the service says goes to /var/log/NAME.log, of which the last 10 MB or so are kept.
"""

import fcntl
import grp
import json
import os
import pwd
import re
import shlex
import signal
import subprocess
import sys
import time

FOLDER = "/etc/appstore/services"
RUN = "/run/appstore"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LARGEST_LOG = 5_000_000
#: Seconds between SIGTERM and SIGKILL.
PATIENCE = 10

state = {"child": None, "ending": False}


def main(name):
    os.makedirs(RUN, mode=0o755, exist_ok=True)
    record = open(f"{RUN}/{name}.pid", "a", encoding="utf-8")
    try:
        fcntl.flock(record, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return  # another one supervises it
    record.truncate(0)
    record.write(f"{os.getpid()}\n")
    record.flush()
    signal.signal(signal.SIGTERM, end)
    try:
        while not state["ending"]:
            with open(f"{FOLDER}/{name}.json", encoding="utf-8") as file:
                service = json.load(file)
            status = run_once(name, service)
            again = service["restart"] == "always" or service["restart"].startswith("on-") and status != 0
            if state["ending"] or not again:
                return
            wait(max(0.1, service["delay"]))
    finally:
        os.unlink(f"{RUN}/{name}.pid")


def wait(seconds):
    """Sleeps, but not on when it is told to end."""
    until = time.monotonic() + seconds
    while not state["ending"] and time.monotonic() < until:
        time.sleep(0.1)


def run_once(name, service):
    """Runs the program to its end; 127 when it cannot be started."""
    log = open_log(f"/var/log/{name}.log")
    account = {}
    home = "/root"
    if service["user"]:
        entry = pwd.getpwnam(service["user"])
        gid = grp.getgrnam(service["group"]).gr_gid if service["group"] else entry.pw_gid
        account = {"user": entry.pw_uid, "group": gid, "extra_groups": os.getgrouplist(entry.pw_name, gid)}
        home = entry.pw_dir
    environment = {"PATH": PATH, "HOME": home, "LANG": "C.UTF-8"}
    for file in service["environment_files"]:
        environment.update(read_environment(file.lstrip("-"), file.startswith("-")))
    try:
        with log:
            state["child"] = subprocess.Popen(
                shlex.split(service["exec_start"].lstrip("-@:+!")),
                cwd=service["directory"] or "/",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **account,
            )
        return state["child"].wait()
    except OSError as error:
        with open_log(f"/var/log/{name}.log") as file:
            file.write(f"{error}\n".encode())
        return 127


def end(*_):
    state["ending"] = True
    child = state["child"]
    if child is None or child.poll() is not None:
        return
    signal_group(child, signal.SIGTERM)
    signal.signal(signal.SIGALRM, lambda *_: signal_group(child, signal.SIGKILL))
    signal.alarm(PATIENCE)


def signal_group(child, number):
    try:
        os.killpg(child.pid, number)
    except OSError:
        pass


def open_log(path):
    if os.path.exists(path) and os.path.getsize(path) > LARGEST_LOG:
        os.replace(path, path + ".1")
    return open(path, "ab")


def read_environment(path, optional):
    variables = {}
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                key, equals, value = line.rstrip("\n").partition("=")
                if equals and not key.lstrip().startswith("#"):
                    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                        value = re.sub(r"\\(.)", r"\1", value[1:-1])
                    variables[key.strip()] = value
    except FileNotFoundError:
        if not optional:
            raise
    return variables


def detach():
    """Goes on in a session of its own, with nobody waiting for it."""
    if os.fork() > 0:
        os._exit(0)
    os.setsid()


if __name__ == "__main__":
    if sys.argv[1] == "--detach":
        detach()
    main(sys.argv[-1])
