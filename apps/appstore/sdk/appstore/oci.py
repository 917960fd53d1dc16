"""Files out of container images, from a registry, by no container engine. Every part is compared with its digest."""

import json
import os
import platform
import re
import tarfile
import tempfile
import urllib.parse

from appstore import fetch
from appstore.errors import DownloadError

_TYPES = ", ".join(
    [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]
)
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "armv7l": "arm"}
HUB = "registry-1.docker.io"
HUB_TOKENS = "https://auth.docker.io/token"
LARGEST_LAYER = 4_000_000_000


def parse(image):
    """(registry, repository) of a name as `docker pull` takes it."""
    first, slash, rest = image.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        registry, name = first, rest
    else:
        registry, name = HUB, image if slash else f"library/{image}"
    if registry == "docker.io":
        registry = HUB
    if not re.fullmatch(r"[a-z0-9]+(?:[._/-]+[a-z0-9]+)*", name):
        raise DownloadError(f"{image!r} is no image")
    return registry, name


def addresses(image):
    """Addresses that are asked, to be declared by the manifest."""
    registry, name = parse(image)
    own = [f"https://{registry}/v2/{name}/manifests/latest"]
    return [f"{HUB_TOKENS}?service=registry.docker.io", *own] if registry == HUB else own


def pull(image, target, *, tag="latest", digest=None, path=None, mode=0o755):
    """Writes one file of an image: `path`, else what the image runs, else what is called like the target. Returns its
    path in the image. `digest` pins the image: `sha256:…` of its index or manifest."""
    registry, name = parse(image)
    if digest is None and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", tag):
        raise DownloadError(f"{tag!r} is no tag")
    base = f"https://{registry}/v2/{name}"
    headers = {"Accept": _TYPES, **_token(registry, name)}
    manifest = _manifest(base, headers, digest or tag)
    config = json.loads(
        fetch.read(f"{base}/blobs/{manifest['config']['digest']}", headers, digest=manifest["config"]["digest"])[0]
    )
    wanted = _wanted(path, config.get("config") or {}, target)
    for layer in reversed(manifest["layers"]):
        found = _from_layer(base, headers, layer, wanted, target, mode)
        if found:
            return found
    raise DownloadError(f"image {image} has no file {' or '.join('/' + each for each in wanted)}")


def _token(registry, name):
    """What a registry wants of callers without an account."""
    if registry == HUB:
        realm, service = HUB_TOKENS, "registry.docker.io"
    else:
        realm, service = f"https://{registry}/token", registry
    query = urllib.parse.urlencode({"service": service, "scope": f"repository:{name}:pull"})
    try:
        answer = fetch.read_json(f"{realm}?{query}")
    except DownloadError:
        if registry == HUB:
            raise
        return {}
    return {"Authorization": f"Bearer {answer.get('token') or answer.get('access_token', '')}"}


def _manifest(base, headers, reference):
    digest = reference if reference.startswith("sha256:") else None
    data, _ = fetch.read(f"{base}/manifests/{reference}", headers, digest=digest)
    document = json.loads(data)
    if "manifests" not in document:
        return document
    machine = _MACHINES.get(platform.machine().lower())
    for each in document["manifests"]:
        where = each.get("platform", {})
        if where.get("os") == "linux" and where.get("architecture") == machine:
            return _manifest(base, headers, each["digest"])
    raise DownloadError(f"the image has nothing for linux on {platform.machine()}")


def _wanted(path, config, target):
    if path:
        return [path.strip("/")]
    runs = [words[0] for words in (config.get("Entrypoint"), config.get("Cmd")) if words and words[0].startswith("/")]
    return [word.strip("/") for word in runs] or [os.path.basename(target)]


def _from_layer(base, headers, layer, wanted, target, mode):
    with tempfile.TemporaryDirectory(prefix="appstore-") as folder:
        file = f"{folder}/layer"
        fetch.to_file(
            f"{base}/blobs/{layer['digest']}", file, digest=layer["digest"], largest=LARGEST_LAYER, headers=headers
        )
        with tarfile.open(file, "r:*") as tar:
            for member in tar:
                name = member.name.removeprefix("./").strip("/")
                if member.isreg() and (
                    name in wanted or len(wanted) == 1 and "/" not in wanted[0] and os.path.basename(name) == wanted[0]
                ):
                    _save(tar.extractfile(member), target, mode)
                    return f"/{name}"
    return None


def _save(source, target, mode):
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".appstore-")
    with os.fdopen(handle, "wb") as file:
        while chunk := source.read(1 << 20):
            file.write(chunk)
        os.fchmod(file.fileno(), mode)
    os.replace(temporary, target)
