"""A page that nginx serves, and a small service beside it."""

import os

from appstore import BaseApp, run


class Page(BaseApp):
    def install(self):
        self.log.progress(1, 3, "Installing nginx")
        self.apt_install("nginx-light")

        self.log.progress(2, 3, "Making the clock")
        self.create_user("page", system=True, home="/opt/page")
        self.create_dir("/opt/page", owner="page:page", mode="0750")
        self.deploy_provision_file("clock.py", "/opt/page/clock.py", mode="0755")
        password = self.inputs.secret("password")
        assert os.environ["PAGE_PASSWORD"] == password
        self.create_service(
            "page-clock",
            exec_start="/usr/bin/python3 /opt/page/clock.py",
            description="Clock of the page",
            user="page",
            environment={"PASSWORD": password},
            restart_sec=1,
        )

        self.log.progress(3, 3, "Writing the page")
        self.configure()
        print(f"installed with {password}")
        self.log.output("login", f"admin / {password}")

    def configure(self):
        port = self.inputs.integer("http_port", 8080)
        self.render_template("index.html", "/var/www/page/index.html", title=self.inputs.string("title"), greeting="")
        self.render_template("site.conf", "/etc/nginx/sites-enabled/default", port=port)
        self.run_command(["nginx", "-t"])
        self.enable_service("nginx")
        self.restart_service("nginx")

    def healthcheck(self) -> bool:
        port = self.inputs.integer("http_port", 8080)
        return self.wait_for_http(f"http://127.0.0.1:{port}/", timeout=3, interval=1)

    def uninstall(self):
        self.disable_service("page-clock")


run(Page)
