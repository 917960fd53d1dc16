"""SDK of the app store: what an app's install.py may ask of the guest that it runs in, as root.

    from appstore import BaseApp, run

    class Notes(BaseApp):
        def install(self):
            self.pkg_install("nginx")
            self.enable_service("nginx")

    run(Notes)

Every call is checked against what the manifest declares. That catches mistakes and documents intent; it is no sandbox:
the script is Python that root runs in the guest, and what confines it is the guest.
"""

from appstore.base import BaseApp
from appstore.errors import CommandError, PermissionDeniedError
from appstore.inputs import AppInputs
from appstore.permissions import AppPermissions
from appstore.registry import run

__all__ = ["AppInputs", "AppPermissions", "BaseApp", "CommandError", "PermissionDeniedError", "run"]
