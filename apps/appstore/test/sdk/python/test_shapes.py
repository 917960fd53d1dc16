import inspect

from support import Case
from appstore import BaseApp

#: Calls as scripts of the existing catalog make them: name, number of positional arguments, names of the others.
SHAPES = [
    ("pkg_install", 20, ()),
    ("apt_install", 3, ()),
    ("pip_install", 2, ("venv",)),
    ("create_venv", 1, ()),
    ("enable_repo", 1, ()),
    ("add_apt_key", 1, ()),
    ("add_apt_key", 2, ()),
    ("add_apt_repo", 2, ()),
    ("add_apt_repository", 1, ("key_url", "name", "suite")),
    ("pull_oci_binary", 1, ("dest",)),
    ("pull_oci_binary", 2, ("tag",)),
    ("write_config", 2, ("torrent_port", "download_path", "password_hash", "owner", "name", "url", "title", "text")),
    ("render_template", 2, ("preserve_existing", "friendly_name", "http_port", "template", "variables")),
    ("provision_file", 1, ()),
    ("deploy_provision_file", 2, ("mode",)),
    ("write_env_file", 2, ("mode",)),
    ("create_dir", 1, ("owner", "mode")),
    ("chown", 2, ("recursive",)),
    ("download", 2, ()),
    ("extract_tar", 2, ()),
    ("download_and_extract", 2, ("strip",)),
    ("create_symlink", 2, ()),
    (
        "create_service",
        1,
        (
            "exec_start",
            "description",
            "after",
            "user",
            "working_directory",
            "environment",
            "environment_file",
            "restart",
            "restart_sec",
            "capabilities",
            "type",
            "extra_unit",
            "extra_service",
        ),
    ),
    ("enable_service", 1, ()),
    ("restart_service", 1, ()),
    ("create_user", 1, ("system", "home", "shell")),
    ("add_user_to_group", 2, ()),
    ("run_command", 1, ("check", "cwd", "env", "input_text", "quiet")),
    ("run_shell", 1, ("check", "cwd", "env")),
    ("run_installer_script", 1, ()),
    ("run_as_user", 2, ()),
    ("set_timezone", 1, ()),
    ("sysctl", 1, ()),
    ("disable_ipv6", 0, ()),
    ("wait_for_http", 1, ("timeout", "interval")),
    ("github_latest_release", 2, ()),
    ("github_download_release", 4, ()),
    ("random_password", 1, ()),
    ("pbkdf2_hash", 1, ()),
    ("status_page", 0, ("port", "title", "api_url", "fields")),
]


class Shapes(Case):
    def test_calls_are_taken_as_existing_scripts_make_them(self):
        for name, count, names in SHAPES:
            try:
                inspect.signature(getattr(BaseApp, name)).bind(None, *range(count), **dict.fromkeys(names))
            except TypeError as error:
                self.fail(f"{name}: {error}")

    def test_variables_of_templates_may_have_any_name(self):
        app = self.app(paths=[self.folder])
        app.write_config(
            f"{self.folder}/x",
            "$path $template $self $mode $owner",
            **{"path": 1, "template": 2, "mode": 3, "owner": 4},
        )
        self.assertEqual(self.text("x"), "1 2 $self 3 4")
