import base64
import hashlib
import io
import json
import tarfile

from support import AppInputs, Case
from unittest import mock
from appstore import events, keyrings, oci
from appstore.calls.network import Release
from appstore.errors import DownloadError, InputError
from appstore.redact import Redactor


class Inputs(Case):
    def test_values_have_the_kind_that_is_asked_for(self):
        inputs = AppInputs({"port": "8080", "n": 3.0, "flag": "off", "on": True, "text": 5, "empty": "", "none": None})
        self.assertEqual(
            [inputs.integer("port"), inputs.integer("n"), inputs.integer("empty", 7), inputs.integer("x", 9)],
            [8080, 3, 7, 9],
        )
        self.assertEqual(
            [inputs.boolean("flag"), inputs.boolean("on"), inputs.boolean("x", True), inputs.boolean("empty")],
            [False, True, True, False],
        )
        self.assertEqual(
            [inputs.string("on"), inputs.string("text"), inputs.string("none", "d"), inputs.string("n")],
            ["true", "5", "d", "3"],
        )
        for read, key in (
            (inputs.integer, "flag"),
            (inputs.integer, "on"),
            (inputs.boolean, "port"),
            (inputs.number, "flag"),
        ):
            with self.assertRaises(InputError):
                read(key)

    def test_a_large_number_keeps_every_digit(self):
        self.assertEqual(AppInputs({"n": "9007199254740993"}).integer("n"), 9007199254740993)


class Redaction(Case):
    def test_a_secret_is_masked_however_it_is_spelt(self):
        secret = 'p/ä"s s\\w$rd'
        redactor = Redactor()
        redactor.add(secret)
        for spelt in (
            secret,
            json.dumps(secret),
            repr(secret),
            "p%2F%C3%A4%22s%20s%5Cw%24rd",
            base64.b64encode(secret.encode()).decode(),
        ):
            self.assertNotIn("w$rd", redactor.text(f"x{spelt}y"), spelt)
            self.assertIn("***", redactor.text(f"x{spelt}y"), spelt)

    def test_a_secret_is_masked_at_any_place_of_base64(self):
        secret = "correct-horse-battery"
        redactor = Redactor()
        redactor.add(secret)
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            for before in ("", "a", "ab", "user:"):
                for after in ("", "x", "yz"):
                    spelt = encode((before + secret + after).encode()).decode()
                    self.assertRegex(redactor.text(spelt), r"^.{0,9}\*\*\*.{0,8}$", spelt)

    def test_a_short_secret_is_masked_where_it_stands_alone(self):
        redactor = Redactor()
        redactor.add("ab")
        self.assertEqual(redactor.text("ab cab ab."), "*** cab ***.")

    def test_lines_of_a_long_secret_are_masked_each(self):
        redactor = Redactor()
        redactor.add("-----BEGIN KEY-----\nabcdefgh\n-----END KEY-----")
        self.assertEqual(redactor.text("got abcdefgh"), "got ***")

    def test_an_output_is_whole_and_marked_when_it_holds_a_secret(self):
        app = self.app({"password": "hunter22"}, ["password"])
        app.log.info("password is hunter22")
        app.log.output("login", "admin / hunter22")
        app.log.output("url", "http://{{ip}}/")
        app.log.output("admin_password", "x")
        log, login, url, password = self.events()
        self.assertEqual(log["text"], "password is ***")
        self.assertEqual(
            (login["value"], login["secret"], url["secret"], password["secret"]),
            ("admin / hunter22", True, False, True),
        )

    def test_new_passwords_are_masked_too(self):
        app = self.app()
        password = app.random_password(20)
        app.log.info(f"made {password}")
        self.assertEqual(self.events()[0]["text"], "made ***")
        self.assertNotEqual(password, app.random_password(20))

    def test_control_characters_and_long_lines_do_not_get_out(self):
        events.log("info", "a\x1b[31mb\x00" + "x" * 10_000)
        text = self.events()[0]["text"]
        self.assertTrue(text.startswith("a\ufffd[31mb\ufffdxxx") and len(text) < 4100, text[:20])


class Known(Case):
    def test_pbkdf2_has_the_values_of_its_definition(self):
        made = self.app().pbkdf2_hash("password", salt=b"salt", iterations=1, algorithm="sha1")
        self.assertEqual(
            base64.b64decode(made["hash"]).hex(), "0c60c80f961f0e71f3a9b524af6012062fe037a6", "RFC 6070, case 1"
        )

    def test_pbkdf2_is_of_sha512_with_a_new_salt(self):
        one, two = self.app().pbkdf2_hash("secret"), self.app().pbkdf2_hash("secret")
        key = hashlib.pbkdf2_hmac("sha512", b"secret", base64.b64decode(one["salt"]), 100_000)
        self.assertEqual(base64.b64decode(one["hash"]), key)
        self.assertNotEqual(one["salt"], two["salt"])

    def test_a_key_loses_its_armour(self):
        data = bytes([0x99, 1, 2, 3] * 20)
        text = base64.encodebytes(data).decode()
        armour = (
            f"-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n\n{text}=AbCd\n-----END PGP PUBLIC KEY BLOCK-----\n"
        )
        self.assertEqual(keyrings.binary(armour.encode()), data)
        self.assertEqual(keyrings.binary(armour.replace("Comment: x\n", "").replace("\n", "\r\n").encode()), data)
        self.assertEqual(keyrings.binary(data), data)
        with self.assertRaises(DownloadError):
            keyrings.binary(b"<html>")

    def test_a_release_is_its_tag_and_its_fields(self):
        release = Release({"tag_name": "v1.2", "assets": [{"name": "a", "browser_download_url": "u"}]})
        self.assertEqual(
            (release, f"{release}", release["tag_name"], release.tag, release.assets),
            ("v1.2", "v1.2", "v1.2", "v1.2", {"a": "u"}),
        )


class Images(Case):
    """A registry of a few answers, each under its address."""

    def setUp(self):
        super().setUp()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            info = tarfile.TarInfo("app/tool")
            info.size = 4
            tar.addfile(info, io.BytesIO(b"tool"))
        self.layer = packed.getvalue()
        self.config = json.dumps({"config": {"Entrypoint": ["/app/tool"]}}).encode()
        self.name = lambda data: "sha256:" + hashlib.sha256(data).hexdigest()
        self.manifest = json.dumps(
            {"config": {"digest": self.name(self.config)}, "layers": [{"digest": self.name(self.layer)}]}
        ).encode()
        machine = oci._MACHINES[__import__("platform").machine().lower()]
        self.index = json.dumps(
            {"manifests": [{"digest": self.name(self.manifest), "platform": {"os": "linux", "architecture": machine}}]}
        ).encode()
        base = "https://registry-1.docker.io/v2/qmcgaw/gluetun"
        self.answers = {
            f"{base}/manifests/latest": self.index,
            f"{base}/manifests/{self.name(self.index)}": self.index,
            f"{base}/manifests/{self.name(self.manifest)}": self.manifest,
            f"{base}/blobs/{self.name(self.config)}": self.config,
            f"{base}/blobs/{self.name(self.layer)}": self.layer,
        }
        self.enterContext(mock.patch("appstore.fetch.open_url", self.open_url))

    def open_url(self, url, *_, **__):
        data = b'{"token":"t"}' if url.startswith("https://auth.docker.io/token?") else self.answers[url]
        response = io.BytesIO(data)
        response.headers = {}
        return response

    def pull(self, **options):
        app = self.app(urls=["https://auth.docker.io/*", "https://registry-1.docker.io/*"], paths=[self.folder])
        app.pull_oci_binary("qmcgaw/gluetun", f"{self.folder}/tool", **options)

    def test_what_an_image_runs_is_written_to_the_place(self):
        self.pull()
        self.assertEqual(self.text("tool"), "tool")
        self.pull(digest=self.name(self.index))

    def test_a_part_that_is_not_what_its_digest_says_is_refused(self):
        for part in (self.layer, self.config, self.manifest):
            address = next(url for url, data in self.answers.items() if data is part)
            with mock.patch.dict(self.answers, {address: part + b" "}), self.assertRaises(DownloadError):
                self.pull()
