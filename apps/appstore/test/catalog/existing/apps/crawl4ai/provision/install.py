from appstore import BaseApp, run


class App(BaseApp):
    def install(self):
        self.log.info("nothing to do")


run(App)
