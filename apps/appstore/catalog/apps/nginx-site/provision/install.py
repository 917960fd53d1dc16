"""A static site, served by nginx from Debian."""

from appstore import BaseApp, run

# Debian's package enables this site. It is written before the package is installed, which then keeps it: so nginx never
# tries port 80, which another guest may have.
SITE = "/etc/nginx/sites-available/default"


class NginxSite(BaseApp):
    def install(self):
        self.log.progress(1, 3, "writing the site")
        self.create_dir("/srv/site", mode="0755")
        self.render_template("index.html.template", "/srv/site/index.html", preserve_existing=True)
        self.write_site()
        self.log.progress(2, 3, "installing nginx")
        self.pkg_install("nginx-light")
        self.log.progress(3, 3, "starting nginx")
        self.serve()

    def configure(self):
        self.write_site()
        self.serve()

    def healthcheck(self):
        return self.wait_for_http(f"http://127.0.0.1:{self.inputs.integer('port', 8092)}/", timeout=30)

    def write_site(self):
        self.create_dir("/etc/nginx/sites-available")
        self.render_template(
            "site.conf",
            SITE,
            port=self.inputs.integer("port", 8092),
            server_name=self.inputs.string("server_name") or "_",
            listing=self.inputs.boolean("listing"),
        )

    def serve(self):
        self.run_command(["/usr/sbin/nginx", "-t", "-q"])
        self.enable_service("nginx")
        self.restart_service("nginx")


run(NginxSite)
