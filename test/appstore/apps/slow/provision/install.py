from appstore import BaseApp, run


class Slow(BaseApp):
    def install(self):
        self.log.info("begun")
        self.run_command(["sleep", "4711"])


run(Slow)
