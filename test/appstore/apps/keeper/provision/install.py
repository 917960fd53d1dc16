"""Tells its secrets, spelled in several ways, wherever it can; keeps them in two files."""

import base64
import json
import sys
import urllib.parse

from appstore import BaseApp, run

KEPT = "/opt/keeper/password"
GENERATED = "/opt/keeper/generated"


class Keeper(BaseApp):
    def install(self):
        self.create_dir("/opt/keeper", mode="0700")
        generated = self.random_password(32)
        self.write_config(GENERATED, "$text\n", text=generated, mode="0600")
        self.log.output("generated", generated)
        self.tell(generated)
        self.keep()

    def configure(self):
        self.keep()

    def upgrade(self):
        self.keep()

    def healthcheck(self):
        self.tell(self.generated())
        self.tell(self.inputs.secret("password"))
        return True

    def keep(self):
        password = self.inputs.secret("password")
        self.write_config(KEPT, "$text\n", text=password, mode="0600")
        self.tell(password)
        self.log.output("plain", f"the password is {password}")
        self.log.output("template", "the password is {{password}}")
        if self.inputs.string("manner") == "fails":
            raise RuntimeError(f"it fails with {password} and {self.generated()}")

    def generated(self):
        with open(GENERATED, encoding="utf-8") as file:
            return file.read().strip()

    def tell(self, secret):
        print(f"printed {secret}")
        print(f"on standard error {secret}", file=sys.stderr)
        self.log.info(f"log {secret}")
        self.log.warn(json.dumps({"json": secret}))
        self.log.info(f"https://someone:{urllib.parse.quote(secret, safe='')}@example.org/")
        self.log.info(base64.b64encode(f"user:{secret}".encode()).decode())
        self.log.progress(1, 2, f"progress {secret}")
        self.run_command(["cat"], input_text=f"of a program {secret}\n")


run(Keeper)
