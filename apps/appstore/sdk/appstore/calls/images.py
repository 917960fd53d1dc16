"""Files out of container images."""

import os

from appstore import oci, paths, programs


class Images:
    """pull_oci_binary."""

    def pull_oci_binary(self, image, dest, tag="latest", digest=None, path=None, binary=None, mode="0755", **_options):
        """Fetches what an image runs, or the file `path` of it, to `dest`. `digest` pins the image."""
        for address in oci.addresses(image):
            self.permissions.check_url(address)
        target = self.permissions.check_path(dest)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        self._trust()
        found = oci.pull(image, target, tag=tag, digest=digest, path=path or binary, mode=paths.file_mode(mode, 0o755))
        self.log.info(f"{found} of {image}:{digest or tag} is {dest}")
        said = programs.run(["ldd", target], check=False, quiet=True)
        missing = [line.split()[0] for line in said.stdout.splitlines() if line.rstrip().endswith("=> not found")]
        if missing:
            self.log.warn(f"{dest} needs libraries that this guest has not: {', '.join(missing)}")
