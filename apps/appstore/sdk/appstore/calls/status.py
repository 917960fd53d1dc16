"""A small page about an app that has none of its own."""

import json
import os
import re

from appstore import paths, urls
from appstore.errors import InputError


class StatusPage:
    """status_page."""

    def status_page(self, port, title, api_url, fields=None, bind="0.0.0.0", name=None, **_options):
        """Serves a page with fields of a JSON answer, as service `<title>-status`. Names of nested fields have dots."""
        slug = re.sub(r"[^a-z0-9]+", "-", str(name or title).lower()).strip("-")
        service = slug if slug.endswith("-status") else f"{slug}-status"
        self.permissions.check_service(service)
        if not urls.is_loopback(api_url):
            self.permissions.check_url(api_url)
        if not 1 <= int(port) <= 65_535:
            raise InputError("a port is a number from 1 to 65535")
        folder = f"/etc/{service}"
        with open(os.path.join(os.path.dirname(os.path.dirname(__file__)), "status_server.py"), "rb") as file:
            paths.write(f"{folder}/server.py", file.read(), 0o644)
        settings = {
            "port": int(port),
            "bind": bind,
            "title": str(title),
            "api_url": api_url,
            "fields": dict(fields or {}),
        }
        paths.write(f"{folder}/settings.json", json.dumps(settings, indent=2) + "\n", 0o644)
        self.create_service(
            service,
            exec_start=f"/usr/bin/python3 -I {folder}/server.py {folder}/settings.json",
            description=f"{re.sub(r'[^ -~]', ' ', str(title))} status page",
            restart="always",
        )
