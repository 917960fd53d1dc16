"""Running programs that the manifest declares."""

import os
import pwd
import shlex
import shutil
import tempfile

from appstore import commands, fetch, programs
from appstore.errors import InputError


#: Programs by name, with their packages, that every guest of the older store had.
_BASE = {"curl": "curl", "wget": "wget", "gpg": "gnupg", "zstd": "zstd"}


class Commands:
    """run_command, run_shell, run_installer_script, run_as_user."""

    def run_command(
        self, command, check=True, cwd=None, env=None, input_text=None, timeout=None, quiet=False, **options
    ):
        """Runs a program with arguments, by no shell. Returns a CompletedProcess with text. `timeout` in seconds."""
        argv = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
        if not argv:
            raise InputError("an empty command")
        argv[0] = self._program(argv[0])
        given = input_text if input_text is not None else options.get("input")
        return self._run(argv, check=check, cwd=cwd, env=env, input_text=given, timeout=timeout, quiet=quiet)

    def run_shell(
        self, command, check=True, cwd=None, env=None, input_text=None, timeout=None, quiet=False, **_options
    ):
        """Runs a line of shell. It is declared as a whole, or every program in it is and every file that it writes lies
        below a declared path; what cannot be told by reading it needs the shell itself among the commands."""
        text = str(command).strip()
        shell = "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"
        declared = self.permissions.commands
        if text not in declared and not any(name in declared for name in commands.SHELLS):
            shell = "/bin/sh"
            try:
                names, files = commands.of_line(text)
            except ValueError as error:
                self.permissions.deny("commands", text, f"shell line '{text}' ({error})")
            for name in names:
                self._program(name)
            for file in files:
                self.permissions.check_path(os.path.join(cwd or "/", file))
        return self._run(
            [shell, "-c", text], check=check, cwd=cwd, env=env, input_text=input_text, timeout=timeout, quiet=quiet
        )

    def run_installer_script(self, url, args=(), env=None, digest=None, sha256=None, timeout=None, **_options):
        """Fetches a script and runs it as root. What it does is its own; only where it comes from is checked."""
        self.permissions.check_installer_script(url)
        self._need(*_BASE)
        self.log.info(f"running installer {url}")
        self._trust()
        folder = tempfile.mkdtemp(prefix="appstore-")
        file = f"{folder}/installer"
        try:
            fetch.to_file(url, file, digest=digest or sha256, largest=16_000_000, mode=0o700)
            shell = "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"
            return self._run([shell, file, *map(str, args)], env=env, timeout=timeout)
        finally:
            if os.path.exists(file):
                os.unlink(file)
            os.rmdir(folder)

    def run_as_user(
        self, user, command, check=True, cwd=None, env=None, input_text=None, timeout=None, quiet=False, **_options
    ):
        """Runs a program as another account than root. It may do less than root, so it need not be declared."""
        argv = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
        if not argv:
            raise InputError("an empty command")
        argv[0] = self._program(argv[0])
        entry = pwd.getpwnam(str(user))
        account = (entry.pw_uid, entry.pw_gid, os.getgrouplist(entry.pw_name, entry.pw_gid))
        home = entry.pw_dir if os.path.isdir(entry.pw_dir) else "/"
        own = {"HOME": home, "USER": entry.pw_name, "LOGNAME": entry.pw_name, **(env or {})}
        return self._run(
            argv,
            check=check,
            cwd=cwd or home,
            env=own,
            input_text=input_text,
            timeout=timeout,
            quiet=quiet,
            account=account,
        )

    def _program(self, name):
        """The path of a program that is declared; one of those that scripts take for granted is installed."""
        path = self.permissions.check_command(name)
        if not os.path.exists(path) and os.path.basename(path) in _BASE:
            self._need(os.path.basename(path))
            path = self.permissions.check_command(name)
        return path

    def _need(self, *names):
        """Installs programs that a bare system has not, and that scripts of the catalog take for granted."""
        missing = [package for name, package in _BASE.items() if name in names and not shutil.which(name)]
        if missing:
            self._install_packages([*missing, "ca-certificates"])

    def _run(self, argv, **options):
        """Runs a program that the SDK itself chose, or that was checked."""
        return programs.run(argv, **options)
