"""Errors of the SDK."""


class PermissionDeniedError(Exception):
    """The manifest does not declare what the script asked for. The runner exits with 2, also if the script caught it."""

    def __init__(self, kind, value, message):
        super().__init__(message)
        self.kind = kind
        self.value = value


class CommandError(RuntimeError):
    """A program ended with a status other than 0. `returncode`, `stdout` and `stderr` are the program's."""

    def __init__(self, message, returncode, stdout="", stderr=""):
        super().__init__(message)
        self.returncode = returncode
        self.stdout = stdout
        self.stderr = stderr


class DownloadError(RuntimeError):
    """Something could not be fetched, is larger than allowed, or is not what its digest says."""


class InputError(ValueError):
    """An input, or the request of the store, is not of its kind. The runner exits with 3."""


class Interrupted(BaseException):
    """Time limit or cancel. No Exception, so that a script's own handlers do not swallow it."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
