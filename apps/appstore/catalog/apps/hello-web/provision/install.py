"""One page, served by Python itself."""

import html

from appstore import BaseApp, run

FOLDER = "/srv/hello-web"


class HelloWeb(BaseApp):
    def install(self):
        self.log.progress(1, 2, "writing the page")
        self.create_dir(FOLDER)
        self._page()
        self.log.progress(2, 2, "starting the server")
        self._service()

    def configure(self):
        self._page()
        self._service()

    def healthcheck(self):
        return self.wait_for_http(f"http://127.0.0.1:{self._port()}/", timeout=30)

    def _port(self):
        return self.inputs.integer("port", 8090)

    def _page(self):
        greeting = html.escape(self.inputs.string("greeting", "Hello"))
        color = self.inputs.string("color", "teal")
        self.render_template("index.html.template", f"{FOLDER}/index.html", greeting=greeting, color=color)

    def _service(self):
        # It runs as root of the guest: a guest of plain namespaces may have no other account.
        self.create_service(
            "hello-web",
            exec_start=f"/usr/bin/python3 -m http.server {self._port()} --directory {FOLDER}",
            description="Hello Web",
        )


run(HelloWeb)
