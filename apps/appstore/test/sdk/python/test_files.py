import io
import os
import stat
import tarfile
import zipfile

from support import Case
from appstore import PermissionDeniedError
from appstore.errors import DownloadError, InputError


class Files(Case):
    def mode(self, name):
        return stat.S_IMODE(os.stat(os.path.join(self.folder, name)).st_mode)

    def test_a_template_is_rendered_with_names_and_sections(self):
        app = self.app(paths=[self.folder])
        app.write_config(
            f"{self.folder}/a/conf",
            "listen $port ${host};$$uri $uri\n{{#tls}}\ntls on\n{{/tls}}\n{{^tls}}\ntls off\n{{/tls}}\nflag $tls\n",
            port=80,
            host="x",
            tls=False,
        )
        self.assertEqual(self.text("a/conf"), "listen 80 x;$uri $uri\ntls off\nflag false\n")

    def test_sections_nest_and_one_without_its_end_is_refused(self):
        app = self.app(paths=[self.folder])
        app.write_config(f"{self.folder}/n", "{{#a}}1{{#b}}2{{/b}}{{^b}}3{{/b}}{{/a}}", a=True, b=False)
        self.assertEqual(self.text("n"), "13")
        with self.assertRaises(ValueError):
            app.write_config(f"{self.folder}/n", "{{#a}}1", a=True)

    def test_values_are_not_rendered_again(self):
        app = self.app(paths=[self.folder])
        app.write_config(f"{self.folder}/v", "$a", a="$b {{#c}}", b="secret")
        self.assertEqual(self.text("v"), "$b {{#c}}")

    def test_files_of_the_app_are_read_from_its_folders_only(self):
        self.file("p/provision/site.conf", "port $port")
        self.file("p/templates/page.html", "<$port>")
        self.file("secret", "no")
        os.symlink(f"{self.folder}/secret", f"{self.folder}/p/provision/link")
        app = self.app(
            paths=[f"{self.folder}/out"], folders=[f"{self.folder}/p/provision", f"{self.folder}/p/templates"]
        )
        app.render_template("site.conf", f"{self.folder}/out/a", port=1)
        app.render_template("page.html", f"{self.folder}/out/b", port=2, mode="0600")
        app.deploy_provision_file("site.conf", f"{self.folder}/out/c", mode="0755")
        self.assertEqual([self.text(f"out/{name}") for name in "abc"], ["port 1", "<2>", "port $port"])
        self.assertEqual([self.mode(f"out/{name}") for name in "abc"], [0o644, 0o600, 0o755])
        for name in ("link", "../../secret", f"{self.folder}/secret", "missing"):
            with self.assertRaises(FileNotFoundError):
                app.provision_file(name)

    def test_what_is_there_is_preserved_when_that_is_asked_for(self):
        app = self.app(paths=[self.folder])
        self.file("kept", "old")
        app.write_config(f"{self.folder}/kept", "new", preserve_existing=True)
        self.assertEqual(self.text("kept"), "old")
        app.write_config(f"{self.folder}/kept", "new")
        self.assertEqual(self.text("kept"), "new")

    def test_nothing_is_written_through_a_link_that_leads_outside(self):
        os.mkdir(f"{self.folder}/app")
        self.file("victim", "old")
        os.symlink(f"{self.folder}/victim", f"{self.folder}/app/link")
        app = self.app(paths=[f"{self.folder}/app"])
        for write in (
            lambda: app.write_config(f"{self.folder}/app/link", "new"),
            lambda: app.write_env_file(f"{self.folder}/app/link", {"A": "b"}),
            lambda: app.chown(f"{self.folder}/app/link", "0"),
            lambda: app.create_dir(f"{self.folder}/app/link/x"),
        ):
            with self.assertRaises(PermissionDeniedError):
                write()
        self.assertEqual(self.text("victim"), "old")

    def test_an_environment_file_is_readable_by_few_and_has_one_line_each(self):
        app = self.app(paths=[self.folder])
        app.write_env_file(f"{self.folder}/env", {"A": "b", "Q": 'x "y" $z', "EMPTY": "", "NONE": None, "T": True})
        self.assertEqual(self.text("env"), 'A=b\nQ="x \\"y\\" \\$z"\nT=true\n')
        self.assertEqual(self.mode("env"), 0o640)
        for bad in ({"A": "x\nB=y"}, {"A B": "x"}, {"A\n": "x"}):
            with self.assertRaises(InputError):
                app.write_env_file(f"{self.folder}/env", bad)

    def test_a_link_is_replaced_and_a_file_is_not(self):
        app = self.app(paths=[self.folder])
        app.create_symlink("/etc/hostname", f"{self.folder}/l")
        app.create_symlink("/etc/hosts", f"{self.folder}/l")
        self.assertEqual(os.readlink(f"{self.folder}/l"), "/etc/hosts")
        self.file("f")
        with self.assertRaises(FileExistsError):
            app.create_symlink("/etc/hosts", f"{self.folder}/f")
        with self.assertRaises(PermissionDeniedError):
            self.app(paths=[f"{self.folder}/x"]).create_symlink("/etc/hosts", f"{self.folder}/l")

    def test_owners_are_changed_without_following_links(self):
        self.file("app/a")
        self.file("victim")
        os.symlink(f"{self.folder}/victim", f"{self.folder}/app/link")
        self.app(paths=[f"{self.folder}/app"]).chown(f"{self.folder}/app", "1234:1235", recursive=True)
        self.assertEqual((os.stat(f"{self.folder}/app/a").st_uid, os.stat(f"{self.folder}/app/a").st_gid), (1234, 1235))
        self.assertEqual(os.lstat(f"{self.folder}/app/link").st_uid, 1234)
        self.assertEqual(os.stat(f"{self.folder}/victim").st_uid, 0)


class Archives(Case):
    def tar(self, *members):
        path = f"{self.folder}/archive.tar.gz"
        with tarfile.open(path, "w:gz") as tar:
            for name, kind, value in members:
                info = tarfile.TarInfo(name)
                info.type, info.mode = kind, 0o6755
                if kind == tarfile.REGTYPE:
                    info.size = len(value)
                    tar.addfile(info, io.BytesIO(value))
                else:
                    info.linkname = value
                    tar.addfile(info)
        return path

    def test_a_tar_file_is_unpacked_without_set_user_id_bits(self):
        path = self.tar(("./top/bin/tool", tarfile.REGTYPE, b"x"), ("top/lib", tarfile.SYMTYPE, "bin/tool"))
        self.app(paths=[f"{self.folder}/out"]).extract_tar(path, f"{self.folder}/out", strip=1)
        self.assertEqual(self.text("out/bin/tool"), "x")
        self.assertEqual(stat.S_IMODE(os.stat(f"{self.folder}/out/bin/tool").st_mode), 0o755)
        self.assertEqual(os.readlink(f"{self.folder}/out/lib"), "bin/tool")

    def test_nothing_is_unpacked_outside(self):
        victim = self.file("victim", "old")
        for members in (
            [("../victim", tarfile.REGTYPE, b"new")],
            [("a/../../victim", tarfile.REGTYPE, b"new")],
            [("l", tarfile.SYMTYPE, victim)],
            [("l", tarfile.SYMTYPE, ".."), ("l/victim", tarfile.REGTYPE, b"new")],
            [("h", tarfile.LNKTYPE, "../victim")],
            [("d", tarfile.CHRTYPE, "")],
            [("d", tarfile.FIFOTYPE, "")],
        ):
            with self.assertRaises(DownloadError, msg=members):
                self.app(paths=[f"{self.folder}/out"]).extract_tar(self.tar(*members), f"{self.folder}/out")
        self.assertEqual(self.text("victim"), "old")

    def test_a_link_that_is_there_already_is_not_followed_outside(self):
        os.makedirs(f"{self.folder}/out")
        os.makedirs(f"{self.folder}/other")
        os.symlink(f"{self.folder}/other", f"{self.folder}/out/link")
        with self.assertRaises(DownloadError):
            self.app(paths=[f"{self.folder}/out"]).extract_tar(
                self.tar(("link/x", tarfile.REGTYPE, b"new")), f"{self.folder}/out"
            )
        self.assertEqual(os.listdir(f"{self.folder}/other"), [])

    def test_a_zip_file_is_unpacked_alike(self):
        path = f"{self.folder}/archive.zip"
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("top/a", "x")
        self.app(paths=[f"{self.folder}/out"]).extract_tar(path, f"{self.folder}/out", strip=1)
        self.assertEqual(self.text("out/a"), "x")
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("../victim", "x")
        with self.assertRaises(DownloadError):
            self.app(paths=[f"{self.folder}/out"]).extract_tar(path, f"{self.folder}/out")

    def test_something_else_is_no_archive(self):
        with self.assertRaises(DownloadError):
            self.app(paths=[self.folder]).extract_tar(self.file("text", "not an archive"), f"{self.folder}/out")
