"""Keys of repositories, as apt wants them."""

import base64
import binascii
import re

from appstore.errors import DownloadError

_ARMOUR = re.compile(rb"-----BEGIN PGP PUBLIC KEY BLOCK-----\s*\n(?:[!-9;-~]+: [^\n]*\n)*\s*\n(.*?)-----END PGP", re.S)


def binary(data):
    """Keys without their ASCII armour; ones that have none stay as they are (RFC 9580, 6.2)."""
    blocks = _ARMOUR.findall(data.replace(b"\r\n", b"\n"))
    if not blocks:
        if not data or data[0] < 0x80:
            raise DownloadError("that is no public key")
        return data
    try:
        return b"".join(
            base64.b64decode(re.sub(rb"\n=[A-Za-z0-9+/]{4}\s*$", b"", block), validate=False) for block in blocks
        )
    except binascii.Error:
        raise DownloadError("the public key is damaged") from None
