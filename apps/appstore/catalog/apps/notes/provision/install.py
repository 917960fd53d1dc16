"""A small server of its own, with a database on a volume."""

from appstore import BaseApp, run


class Notes(BaseApp):
    def install(self):
        self.log.progress(1, 3, "making the account and its folders")
        self.create_user("notes", home="/var/lib/notes")
        self.create_dir("/var/lib/notes", owner="notes:notes", mode="0750")
        self.create_dir("/opt/notes")
        self.log.progress(2, 3, "copying the server")
        self.deploy_provision_file("notes.py", "/opt/notes/notes.py", mode="0644")
        self.write_settings()
        self.log.progress(3, 3, "starting it")
        self.serve()

    def configure(self):
        self.write_settings()
        self.restart_service("notes")

    def upgrade(self):
        self.deploy_provision_file("notes.py", "/opt/notes/notes.py", mode="0644")
        self.write_settings()
        self.serve()

    def healthcheck(self):
        port = self.inputs.integer("port", 8091)
        return self.wait_for_http(f"http://127.0.0.1:{port}/health", timeout=30)

    def write_settings(self):
        key = self.pbkdf2_hash(self.inputs.secret("password"), algorithm="sha256", length=32)
        settings = {
            "NOTES_TITLE": self.inputs.string("title", "Notes"),
            "NOTES_PORT": self.inputs.integer("port", 8091),
            "NOTES_PUBLIC": self.inputs.boolean("public"),
            "NOTES_SALT": key["salt"],
            "NOTES_HASH": key["hash"],
            "NOTES_ROUNDS": key["iterations"],
        }
        self.create_dir("/etc/notes")
        self.write_env_file("/etc/notes/notes.env", settings, mode="0640", owner="root:notes")

    def serve(self):
        self.create_service(
            "notes",
            exec_start="/usr/bin/python3 -I /opt/notes/notes.py",
            description="Notes",
            user="notes",
            working_directory="/var/lib/notes",
            environment_file="/etc/notes/notes.env",
        )


run(Notes)
