"""The class that an app's install.py derives from."""

import os

from appstore import osinfo
from appstore.calls.commands import Commands
from appstore.calls.files import Files
from appstore.calls.images import Images
from appstore.calls.network import Network
from appstore.calls.packages import Packages
from appstore.calls.secrets import Secrets
from appstore.calls.services import Services
from appstore.calls.status import StatusPage
from appstore.calls.system import System
from appstore.calls.users import Users
from appstore.inputs import AppInputs
from appstore.log import AppLogger
from appstore.permissions import AppPermissions


class BaseApp(Packages, Files, Services, Users, Commands, System, Network, Secrets, Images, StatusPage):
    """`inputs`, `permissions` and `log`; and one method for each action, of which `install` is a must.

    `name` is the id of the app, `os` is debian, alpine or unknown, `folders` hold the app's own files.
    """

    def __init__(self, inputs=None, permissions=None, *, name="app", folders=()):
        self.inputs = inputs if inputs is not None else AppInputs()
        self.permissions = permissions if permissions is not None else AppPermissions()
        self.log = AppLogger()
        self.name = name
        self.os = osinfo.detect_os()
        self.folders = tuple(os.fspath(folder) for folder in folders)

    def install(self):
        """Installs the app in a fresh guest, or in one with volumes of an earlier install."""
        raise NotImplementedError("an app has an install method")

    def configure(self):
        """Applies changed inputs to the app that is installed."""

    def healthcheck(self):
        """Returns whether the app works; None counts as yes."""
        return True

    def upgrade(self):
        """Brings an older version of the app to this one; `install` again unless an app has its own way."""
        self.install()

    def uninstall(self):
        """Gives up what lies outside of the guest, before that is destroyed."""
