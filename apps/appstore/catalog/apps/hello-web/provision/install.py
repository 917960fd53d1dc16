"""One page, served by Python itself."""

import html

from appstore import BaseApp, run

FOLDER = "/srv/hello-web"


class HelloWeb(BaseApp):
    def install(self):
        self.log.progress(1, 2, "writing the page")
        self.create_dir(FOLDER)
        self.write_page()
        self.log.progress(2, 2, "starting the server")
        self.serve()

    def configure(self):
        self.write_page()
        self.serve()

    def healthcheck(self):
        return self.wait_for_http(f"http://127.0.0.1:{self.port()}/", timeout=30)

    def port(self):
        return self.inputs.integer("port", 8090)

    def write_page(self):
        greeting = html.escape(self.inputs.string("greeting", "Hello"))
        color = self.inputs.string("color", "teal")
        self.render_template("index.html.template", f"{FOLDER}/index.html", greeting=greeting, color=color)

    def serve(self):
        # It runs as root of the guest: a guest of plain namespaces may have no other account.
        self.create_service(
            "hello-web",
            exec_start=f"/usr/bin/python3 -m http.server {self.port()} --directory {FOLDER}",
            description="Hello Web",
        )


run(HelloWeb)
