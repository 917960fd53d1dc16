import os

from support import AppPermissions, Case
from appstore import PermissionDeniedError
from appstore.errors import InputError


class Permissions(Case):
    def allowed(self, check, *values, **lists):
        for value in values:
            getattr(AppPermissions(**lists), check)(value)

    def refused(self, check, *values, **lists):
        for value in values:
            with self.assertRaises(PermissionDeniedError, msg=value):
                getattr(AppPermissions(**lists), check)(value)

    def test_nothing_is_allowed_unless_it_is_declared(self):
        for check, value in [
            ("check_package", "nginx"),
            ("check_pip_package", "flask"),
            ("check_url", "https://example.com/"),
            ("check_path", "/opt/app"),
            ("check_service", "nginx"),
            ("check_user", "app"),
            ("check_command", "ls"),
            ("check_installer_script", "https://example.com/i.sh"),
            ("check_apt_repo", "deb https://example.com/ stable main"),
        ]:
            self.refused(check, value)

    def test_lists_that_are_no_lists_of_texts_are_refused(self):
        for value in ("nginx", [1], {"a": 1}):
            with self.assertRaises(InputError):
                AppPermissions(packages=value)

    def test_packages_match_by_name_or_pattern_whatever_their_version(self):
        self.allowed("check_package", "nginx", "nginx=1.22.1-9", "nginx/bookworm", "nginx:amd64", packages=["nginx"])
        self.allowed("check_package", "jellyfin", "jellyfin-server", packages=["jellyfin*"])
        self.refused(
            "check_package", "apache2", "nginx-", "-oAPT::x=y", "", "nginx curl", "./nginx.deb", packages=["nginx"]
        )

    def test_names_of_pypi_are_compared_as_pypi_does(self):
        self.allowed("check_pip_package", "Flask", "flask>=2,<3", "flask[async]==3.0", packages=[], pip=["flask"])
        self.allowed("check_pip_package", "ruamel_yaml", pip=["Ruamel.YAML"])
        self.refused(
            "check_pip_package", "flask @ https://evil.example/f.whl", "git+https://x/y", "./flask", pip=["flask"]
        )

    def test_a_star_in_an_address_never_reaches_another_host(self):
        self.allowed("check_url", "https://example.com/a/b?c=d", urls=["https://example.com/*"])
        self.allowed("check_url", "https://dl.example.com/x", urls=["https://*.example.com/*"])
        self.allowed("check_url", "https://example.com/docker-swag.git", urls=["https://example.com/docker-swag*"])
        self.allowed("check_url", "http://127.0.0.1:8000/v1/ip", urls=["http://127.0.0.1:*"])
        self.refused(
            "check_url", "https://example.com.evil.org/", "https://example.community/", urls=["https://example.com*"]
        )
        self.refused("check_url", "https://evil.org/https://example.com/", urls=["https://*example.com/*", "https://*"])
        self.refused("check_url", "http://example.com/x", "https://example.com:8443/x", urls=["https://example.com/*"])
        self.refused(
            "check_url",
            "https://example.com/a/../b",
            "https://example.com/a/%2e%2e/b",
            urls=["https://example.com/a/*"],
        )
        self.refused(
            "check_url",
            "https://example.com@evil.org/",
            "https://example.com\\@evil.org/",
            urls=["https://example.com/*"],
        )

    def test_paths_match_whole_names_with_dots_taken_out(self):
        self.allowed("check_path", "/opt/app", "/opt/app/a/b", "/tmp/x", "/opt/venv/bin", paths=["/opt/app/"])
        self.refused("check_path", "/opt/app-2", "/opt/app/../../etc/passwd", "/opt", paths=["/opt/app/"])
        self.allowed("check_path", "/gluetun-entrypoint", "/etc/shadow", paths=["/"])
        with self.assertRaises(ValueError):
            AppPermissions(paths=["/"]).check_path("etc/passwd")

    def test_links_are_followed_before_a_path_is_compared(self):
        os.mkdir(f"{self.folder}/app")
        os.mkdir(f"{self.folder}/other")
        os.symlink(f"{self.folder}/other", f"{self.folder}/app/link")
        self.allowed("check_path", f"{self.folder}/app/new", paths=[f"{self.folder}/app"])
        self.refused("check_path", f"{self.folder}/app/link", f"{self.folder}/app/link/x", paths=[f"{self.folder}/app"])

    def test_a_link_that_is_made_later_does_not_move_a_declared_path(self):
        permissions = AppPermissions(paths=[f"{self.folder}/app"])
        os.mkdir(f"{self.folder}/other")
        os.symlink(f"{self.folder}/other", f"{self.folder}/app")
        with self.assertRaises(PermissionDeniedError):
            permissions.check_path(f"{self.folder}/app/x")

    def test_services_match_with_and_without_their_ending(self):
        self.allowed("check_service", "nginx", "nginx.service", services=["nginx"])
        self.refused("check_service", "ssh", "nginx2", services=["nginx"])

    def test_a_declared_name_is_the_program_of_the_system_or_below_a_declared_path(self):
        self.allowed("check_command", "ls", "/bin/ls", "/usr/bin/ls", commands=["ls"])
        self.file("app/bin/tool", mode=0o755)
        self.allowed("check_command", f"{self.folder}/app/bin/tool", commands=["tool"], paths=[f"{self.folder}/app"])
        self.refused("check_command", f"{self.folder}/app/bin/tool", commands=["tool"])
        self.refused("check_command", "/tmp/ls", "./ls", "/usr/bin/../bin/ls", "ls -l", "", commands=["ls"])

    def test_a_declared_path_or_pattern_is_that_program(self):
        self.allowed("check_command", "/opt/app/bin/setup", commands=["/opt/app/bin/*"])
        self.refused("check_command", "/opt/app/other/../bin/setup", "setup", commands=["/opt/app/bin/*"])

    def test_repositories_match_by_line_or_address(self):
        line = "deb [signed-by=/usr/share/keyrings/x.gpg] https://example.com/deb stable main"
        self.allowed("check_apt_repo", line, apt_repos=["https://example.com/deb"])
        self.allowed("check_apt_repo", line, apt_repos=["https://example.com/*"])
        self.allowed(
            "check_apt_repo",
            "deb https://example.com/deb stable main",
            apt_repos=["deb https://example.com/deb stable main"],
        )
        self.refused(
            "check_apt_repo", "deb https://example.com/debian stable main", apt_repos=["https://example.com/deb"]
        )
        self.refused(
            "check_apt_repo",
            "deb [trusted=yes] https://example.com/deb stable main",
            apt_repos=["https://example.com/deb"],
        )
        self.refused("check_apt_repo", line + "\ndeb https://evil.org/ x y", apt_repos=["https://example.com/deb"])

    def test_a_key_may_come_from_the_host_of_a_declared_repository(self):
        self.allowed("check_key_url", "https://example.com/key.gpg", apt_repos=["https://example.com/deb"])
        self.refused(
            "check_key_url", "http://example.com/key.gpg", "https://evil.org/key", apt_repos=["https://example.com/deb"]
        )

    def test_every_refusal_is_kept(self):
        permissions = AppPermissions()
        for _ in range(2):
            with self.assertRaises(PermissionDeniedError):
                permissions.check_user("app")
        self.assertEqual([kind for kind, *_ in permissions.denied], ["users", "users"])
