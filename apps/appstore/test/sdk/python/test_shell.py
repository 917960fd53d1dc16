import random
import subprocess

from support import Case
from appstore import PermissionDeniedError
from appstore.commands import of_line


class ShellLines(Case):
    def test_programs_and_files_of_a_line_are_found(self):
        for line, programs, files in [
            ("ls -l /opt", ["ls"], []),
            ("a b | c d && e; f || g &", ["a", "c", "e", "f", "g"], []),
            ("X=1 Y=2 tool --flag=$X 'a;b'", ["tool"], []),
            ("tool >/opt/out 2>&1 </etc/passwd", ["tool"], ["/opt/out"]),
            ("tool >>log 2>/dev/null", ["tool"], ["log"]),
            ("[ -f /x ] && cd /opt && echo done", [], []),
        ]:
            self.assertEqual(of_line(line), (programs, files), line)

    def test_what_cannot_be_told_by_reading_is_refused(self):
        for line in [
            "echo $(id)",
            "echo `id`",
            'echo "$(id)"',
            "cat <<X",
            "cat <(id)",
            "a\nb",
            "$X y",
            "/b?n/ls",
            "{ id; }",
            "(id)",
            "if true; then id; fi",
            "for i in 1; do id; done",
            "eval id",
            ". /tmp/x",
            "source x",
            "exec id",
            "f() { id; }",
            "! id",
            "PATH=/tmp ls",
            "LD_PRELOAD=/tmp/x ls",
            "command id",
            "trap id EXIT",
            "~/x",
            "echo $'\\'; id #'",
            "a >$X",
            "'",
        ]:
            with self.assertRaises(ValueError, msg=line):
                of_line(line)

    def test_only_declared_programs_and_files_run(self):
        app = self.app(commands=["echo", "cat"], paths=[self.folder])
        app.run_shell(f"echo hello >{self.folder}/out")
        self.assertEqual(self.text("out"), "hello\n")
        for line in ["id", "echo x; id", "cat /etc/passwd | id", "cat x >/etc/out", "cat x >out"]:
            with self.assertRaises(PermissionDeniedError, msg=line):
                app.run_shell(line)

    def test_a_line_that_is_declared_as_a_whole_runs_and_no_other(self):
        app = self.app(commands=["echo $((1 + 1))"])
        self.assertEqual(app.run_shell("echo $((1 + 1))").stdout, "2\n")
        with self.assertRaises(PermissionDeniedError):
            app.run_shell("echo $((1 + 2))")

    def test_a_declared_shell_may_run_everything(self):
        self.assertEqual(self.app(commands=["sh"]).run_shell("for i in 1 2; do echo $i; done").stdout, "1\n2\n")

    def test_no_line_of_random_words_runs_what_was_not_found_in_it(self):
        chance = random.Random(7)
        pieces = [
            "echo",
            "evil",
            " ",
            " ",
            ";",
            "&&",
            "|",
            "||",
            "'",
            '"',
            "\\",
            "x",
            "=",
            ">",
            "/dev/null",
            "#",
            "&",
            "(",
            ")",
            "{",
            "}",
            "\t",
            "A=1",
            "[",
            "!",
        ]
        ran = 0
        for _ in range(1500):
            line = "".join(chance.choice(pieces) for _ in range(chance.randrange(1, 12)))
            try:
                programs, files = of_line(line)
            except ValueError:
                continue
            if not programs or "evil" in programs or files:
                continue
            shown = subprocess.run(
                ["/bin/sh", "-c", f"evil() {{ printf ran-evil; }}\n{line}"],
                cwd=self.folder,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=10,
            )
            ran += 1
            self.assertNotIn(b"ran-evil", shown.stdout + shown.stderr, line)
        self.assertGreater(ran, 20)
