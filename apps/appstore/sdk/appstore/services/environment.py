"""Environment of a service, in a file for root alone."""

import os
import re

from appstore import paths
from appstore.errors import InputError

FOLDER = "/etc/appstore/environment"


def write(service):
    """Writes the file and returns its path; None when there is nothing to write."""
    path = f"{FOLDER}/{service.name}"
    if not service.environment:
        if os.path.exists(path):
            os.unlink(path)
        return None
    lines = []
    for key, value in service.environment.items():
        text = "" if value is None else str(value)
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", str(key)) or re.search(r"[\n\r\0]", text):
            raise InputError(f"variable {key!r} of service {service.name} is not one name and one line")
        escaped = re.sub(r'([\\"$`])', r"\\\1", text)
        lines.append(f'{key}="{escaped}"\n')
    os.makedirs(FOLDER, mode=0o700, exist_ok=True)
    paths.write(path, "".join(lines), 0o600)
    return path
