"""Passwords."""

import base64
import hashlib
import secrets
import string

from appstore import events
from appstore.errors import InputError


class Secrets:
    """random_password, pbkdf2_hash."""

    def random_password(self, length=24, symbols=False, alphabet=None, **_options):
        """A new password of letters and digits. It is masked in everything that is told, but for outputs."""
        if not 8 <= int(length) <= 1024:
            raise InputError("a password has 8 to 1024 characters")
        characters = alphabet or string.ascii_letters + string.digits + ("-_.:+=" if symbols else "")
        password = "".join(secrets.choice(characters) for _ in range(int(length)))
        events.redactor.add(password)
        return password

    def pbkdf2_hash(self, password, salt=None, iterations=100_000, algorithm="sha512", length=None, **options):
        """`{salt, hash}` in base 64 of PBKDF2, of 64 bytes and SHA-512 unless said, as qBittorrent takes it."""
        events.redactor.add(str(password))
        raw = secrets.token_bytes(int(options.get("salt_length", 16))) if salt is None else salt
        raw = raw.encode() if isinstance(raw, str) else raw
        key = hashlib.pbkdf2_hmac(
            algorithm, str(password).encode(), raw, int(iterations), length or options.get("dklen")
        )
        return {
            "salt": base64.b64encode(raw).decode(),
            "hash": base64.b64encode(key).decode(),
            "iterations": int(iterations),
            "algorithm": algorithm,
        }
