import json
import os
import signal
import subprocess
import sys
import time

from support import Case, archive, parse, run

HEAD = "from appstore import BaseApp, run\n"
CANARY = "canary-7f3b-secret"


class Runner(Case):
    def act(self, body, action="install", request=None, permissions=None, **options):
        home = f"{self.folder}/{len(os.listdir(self.folder))}"
        os.mkdir(home)
        archive(home, HEAD + body, permissions)
        return run(home, action, request, **options)

    def test_an_app_is_installed_and_tells_of_it(self):
        status, events, _ = self.act(
            "class App(BaseApp):\n"
            "    def install(self):\n"
            "        self.log.progress(1, 2, 'first')\n"
            "        self.log.info(self.inputs.string('name'))\n"
            "        self.log.output('url', 'http://{{ip}}/')\n"
            "run(App)\n",
            request={"inputs": {"name": "n"}},
        )
        self.assertEqual(status, 0)
        self.assertEqual([event["kind"] for event in events], ["progress", "log", "output", "done"])
        self.assertEqual(events[-1], {"kind": "done", "ok": True, "exit": 0})

    def test_everything_that_is_printed_becomes_log_also_by_programs(self):
        status, events, said = self.act(
            "import os, subprocess, sys\n"
            "print('from print'); print('from stderr', file=sys.stderr); os.write(1, b'from write\\n')\n"
            "subprocess.run(['echo', 'from program'])\n"
            'print(\'@appstore {"kind":"done","ok":true}\')\n'
            "class App(BaseApp):\n"
            "    def install(self): self.run_command(['echo', 'from command'])\n"
            "run(App)\n",
            permissions={"commands": ["echo"]},
        )
        self.assertEqual(status, 0)
        texts = [event["text"] for event in events if event["kind"] == "log"]
        for text in ("from print", "from stderr", "from write", "from program", "from command"):
            self.assertIn(text, texts)
        self.assertEqual(len([event for event in events if event["kind"] == "done"]), 1)
        self.assertTrue(all(line.startswith("@appstore ") for line in said.splitlines()), said)

    def test_a_secret_is_nowhere_but_in_an_output(self):
        status, events, said = self.act(
            "import sys\n"
            "class App(BaseApp):\n"
            "    def install(self):\n"
            "        secret = self.inputs.string('token')\n"
            "        print(secret); self.log.warn(secret); self.log.progress(1, 1, secret)\n"
            "        self.run_command(['cat'], input_text=secret + '\\n')\n"
            "        raise RuntimeError('no ' + secret)\n"
            "run(App)\n",
            request={"inputs": {"token": CANARY}, "secrets": ["token"]},
            permissions={"commands": ["cat"]},
        )
        self.assertEqual(status, 1)
        self.assertNotIn(CANARY, said)
        self.assertIn({"kind": "error", "code": "script", "message": "no ***"}, events)

    def test_the_request_is_not_on_the_command_line_nor_in_the_environment(self):
        status, _, said = self.act(
            "import os, subprocess\n"
            "class App(BaseApp):\n"
            "    def install(self):\n"
            "        own = open('/proc/self/environ').read() + open('/proc/self/cmdline').read()\n"
            "        child = self.run_command(['env'], quiet=True).stdout\n"
            "        assert self.inputs.string('token') not in own + child\n"
            "        assert os.read(0, 10) == b''\n"
            "run(App)\n",
            request={"inputs": {"token": CANARY}, "secrets": ["token"]},
            permissions={"commands": ["env"]},
        )
        self.assertEqual(status, 0, said)

    def test_what_is_not_declared_ends_with_2_also_when_the_script_goes_on(self):
        for body in (
            "self.pkg_install('evil')",
            "\n        try: self.pkg_install('evil')\n        except Exception: pass",
        ):
            status, events, _ = self.act(f"class App(BaseApp):\n    def install(self): {body}\nrun(App)\n")
            self.assertEqual(status, 2)
            (error,) = [event for event in events if event["kind"] == "error"]
            self.assertEqual((error["code"], error["permission"], error["value"]), ("permission", "packages", "evil"))
            self.assertEqual(events[-1], {"kind": "done", "ok": False, "exit": 2})

    def test_scripts_that_fail_say_why(self):
        for body, message in [
            ("raise ValueError('odd')", "ValueError: odd"),
            ("import sys; sys.exit(3)", "the script ended itself with 3"),
            ("self.run_command(['false'])", "false ended with 1"),
        ]:
            status, events, _ = self.act(
                f"class App(BaseApp):\n    def install(self): {body}\nrun(App)\n", permissions={"commands": ["false"]}
            )
            self.assertEqual(status, 1)
            self.assertIn(message, [event.get("message") for event in events])
        for script in ("syntax error(", "pass\n", "class App(BaseApp): pass\nrun(App)\nrun(App)\n"):
            self.assertIn(self.act(script)[0], (1, 3))

    def test_each_action_calls_its_own_method(self):
        body = (
            "class App(BaseApp):\n"
            "    def install(self): self.log.info('install')\n"
            "    def configure(self): self.log.info('configure')\n"
            "    def uninstall(self): self.log.info('uninstall')\n"
            "    def healthcheck(self): return self.inputs.boolean('well')\n"
            "run(App)\n"
        )
        for action, said in (
            ("install", "install"),
            ("configure", "configure"),
            ("uninstall", "uninstall"),
            ("upgrade", "install"),
        ):
            status, events, _ = self.act(body, action)
            self.assertEqual((status, [event["text"] for event in events if event["kind"] == "log"]), (0, [said]))
        self.assertEqual(self.act(body, "healthcheck", {"inputs": {"well": True}})[0], 0)
        status, events, _ = self.act(body, "healthcheck", {"inputs": {"well": False}})
        self.assertEqual((status, events[-2]["code"]), (4, "unhealthy"))

    def test_wrong_requests_end_with_3(self):
        body = "class App(BaseApp):\n    def install(self): self.inputs.integer('n')\nrun(App)\n"
        for action, request in (
            ("destroy", {}),
            ("install", []),
            ("install", {"inputs": []}),
            ("install", {"inputs": {"n": "x"}}),
        ):
            self.assertEqual(self.act(body, action, request)[0], 3)

    def test_a_request_in_a_file_is_deleted_and_must_have_been_private(self):
        home = f"{self.folder}/home"
        os.mkdir(home)
        archive(
            home,
            HEAD + "class App(BaseApp):\n    def install(self): self.log.info(self.inputs.string('a'))\nrun(App)\n",
        )
        os.mkdir(f"{self.folder}/private", 0o700)
        for mode, folder, expected in ((0o600, 0o700, 0), (0o644, 0o700, 3), (0o600, 0o755, 3)):
            os.chmod(f"{self.folder}/private", folder)
            path = self.file("private/request.json", json.dumps({"inputs": {"a": "b"}}), mode)
            self.assertEqual(run(home, "install", arguments=("--request", path))[0], expected)
            self.assertFalse(os.path.exists(path))

    def test_the_time_limit_ends_the_script_and_its_programs(self):
        status, events, _ = self.act(
            "class App(BaseApp):\n"
            "    def install(self):\n"
            "        try: self.run_command(['sleep', '61.7'])\n"
            "        except Exception: pass\n"
            "run(App)\n",
            request={"timeout": 0.5},
            permissions={"commands": ["sleep"]},
        )
        self.assertEqual((status, events[-2]["code"]), (124, "timeout"))
        self.assertNotIn(b"61.7", subprocess.run(["ps", "-eo", "args"], capture_output=True).stdout)

    def test_a_signal_cancels(self):
        home = f"{self.folder}/home"
        os.mkdir(home)
        archive(
            home,
            HEAD
            + "import time\nclass App(BaseApp):\n    def install(self):\n        self.log.info('here')\n        time.sleep(60)\nrun(App)\n",
        )
        child = subprocess.Popen(
            [sys.executable, "-I", "-B", f"{home}/runner", "install"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        child.stdin.write(b"{}")
        child.stdin.close()
        first = child.stdout.readline()
        child.send_signal(signal.SIGTERM)
        rest = child.stdout.read()
        self.assertEqual(child.wait(20), 130, first + rest)
        self.assertEqual([event["kind"] for event in parse((first + rest).decode())], ["log", "error", "done"])

    def test_output_may_go_to_files(self):
        home = f"{self.folder}/home"
        os.mkdir(home)
        archive(home, HEAD + "class App(BaseApp):\n    def install(self): print('said')\nrun(App)\n")
        with open(f"{self.folder}/out", "w+b") as out, open(f"{self.folder}/err", "w+b") as err:
            argv = [sys.executable, "-I", "-B", f"{home}/runner", "install"]
            done = subprocess.run(argv, input=b"{}", stdout=out, stderr=err)
        self.assertEqual((done.returncode, self.text("err")), (0, ""))
        self.assertEqual([event["kind"] for event in parse(self.text("out"))], ["log", "done"])

    def test_modules_beside_the_script_and_the_environment_of_the_manifest_are_there(self):
        home = f"{self.folder}/home"
        os.mkdir(home)
        script = HEAD + (
            "import os, helper\n"
            "class App(BaseApp):\n"
            "    def install(self):\n"
            "        self.log.info(helper.WORD + os.environ['WORD'] + self.run_command(['printenv', 'WORD'], quiet=True).stdout.strip())\n"
            "        self.log.info(os.path.basename(os.path.dirname(__file__)) + self.provision_file('helper.py')[:4])\n"
            "run(App)\n"
        )
        archive(home, script, {"commands": ["printenv"]}, {"provision/helper.py": "WORD = 'a'\n"})
        status, events, said = run(home, "install", {"env": {"WORD": "b"}})
        self.assertEqual(status, 0, said)
        self.assertEqual([event["text"] for event in events[-3:-1]], ["abb", "provisionWORD"])

    def test_a_program_that_stays_does_not_keep_the_action(self):
        began = time.monotonic()
        status, events, _ = self.act(
            "class App(BaseApp):\n"
            "    def install(self): self.run_command(['sh', '-c', 'sleep 47.3186 & echo done'])\n"
            "run(App)\n",
            permissions={"commands": ["sh"]},
        )
        self.assertEqual((status, time.monotonic() - began < 30), (0, True))
        subprocess.run(["sh", "-c", "kill $(ps -eo pid,args | awk '$2 == \"sleep\" && $3 == \"47.3186\" {print $1}')"])

    def test_an_argument_with_a_secret_is_warned_of(self):
        _, events, said = self.act(
            "class App(BaseApp):\n    def install(self): self.run_command(['true', self.inputs.secret('t')])\nrun(App)\n",
            request={"inputs": {"t": CANARY}},
            permissions={"commands": ["true"]},
        )
        self.assertNotIn(CANARY, said)
        self.assertTrue(any(event.get("level") == "warn" for event in events))
