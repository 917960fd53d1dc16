"""Where `run(App)` leaves the class for the runner."""

from appstore.errors import InputError

_registered = []


def run(app):
    """Names the class of the app. The last line of install.py; the runner makes the object and calls its action."""
    from appstore.base import BaseApp

    if not (isinstance(app, type) and issubclass(app, BaseApp)):
        raise TypeError("run() takes a subclass of BaseApp")
    _registered.append(app)


def take():
    """The class that the script named; InputError unless it was exactly one."""
    if len(_registered) != 1:
        raise InputError(f"the script called run() {len(_registered)} times, not once")
    return _registered[0]
