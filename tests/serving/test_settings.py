import inspect
from pathlib import Path

import pytest

from features.errors import InputError
from serving.settings import Settings, settings_from

PASSWORD = "s3cret-of-the-store"  # noqa: S105 - no password of anything


def written(folder: Path, text: str, name: str = "settings.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_an_option_wins_over_the_environment_that_over_the_file_and_that_over_the_default(
    tmp_path: Path,
) -> None:
    written(tmp_path, 'port = 1\nhost = "::1"\nworkers = 3\nlog_format = "json"\n')
    environment = {"LEADLENS_PORT": "4000", "LEADLENS_HOST": "0.0.0.0", "PORT": "1", "LEADLENS_WORKERS": ""}  # noqa: S104 - a value to be read, nothing listens
    settings = settings_from(environment, home=tmp_path, port=5000, host=None)
    assert (settings.port, settings.host, settings.workers) == (5000, "0.0.0.0", 3)  # noqa: S104 - as above
    assert (settings.log_format, settings.batch_limit_leads) == ("json", 1_000)


def test_the_file_is_the_one_that_is_named_and_else_that_of_the_home(tmp_path: Path) -> None:
    written(tmp_path / "home", "port = 1")
    by_variable, by_option = written(tmp_path, "port = 2", "b.toml"), written(tmp_path, "port = 3", "c.toml")
    environment = {"LEADLENS_HOME": str(tmp_path / "home")}
    assert settings_from(environment).port == 1
    environment["LEADLENS_SETTINGS"] = str(by_variable)
    assert settings_from(environment).port == 2
    assert settings_from(environment, settings_file=by_option).port == 3
    assert settings_from({}, home=tmp_path / "none").port == 3000


def test_paths_in_the_file_start_from_its_folder(tmp_path: Path) -> None:
    written(tmp_path, 'policy = "policy.toml"\njobs_folder = "/srv/files"\n')
    settings = settings_from({"LEADLENS_LEADS": "here.toml"}, home=tmp_path)
    assert (settings.policy, settings.jobs_folder) == (tmp_path / "policy.toml", Path("/srv/files"))
    assert settings.leads == Path("here.toml")


def test_the_service_listens_to_this_machine_alone_unless_told() -> None:
    assert (settings_from({}).host, settings_from({}).port) == ("127.0.0.1", 3000)


@pytest.mark.parametrize("port", ["http", "70000", "-1"])
def test_a_value_that_cannot_be_is_said_by_whoever_gave_it(tmp_path: Path, port: str) -> None:
    with pytest.raises(
        InputError, match=rf"variable LEADLENS_PORT: expected .*'{port}'.* Correct LEADLENS_PORT"
    ):
        settings_from({"LEADLENS_PORT": port})
    with pytest.raises(InputError, match=r"option --port: expected .*Correct the option"):
        settings_from({}, port=port)
    written(tmp_path, f'port = "{port}"')
    with pytest.raises(InputError, match=r"settings\.toml, port: expected .*Correct it in the file"):
        settings_from({}, home=tmp_path)


def test_every_wrong_name_is_said_at_once_with_what_may_be_meant(tmp_path: Path) -> None:
    written(tmp_path, "prot = 1\n[port]\nnumber = 1\n[server]\nport = 1\n")
    with pytest.raises(InputError) as refused:
        settings_from({"LEADLENS_WORKRES": "2", "LEADLENS_NOTHING": ""}, home=tmp_path)
    wrong, table, variable = map(str, refused.value.faults)
    assert wrong == (
        f"{tmp_path}/settings.toml, prot: expected the name of a setting, found another. "
        "Is port meant? Take it out, or correct its name."
    )
    assert "server: expected the name of a setting, found a table" in table
    assert "variable LEADLENS_WORKRES" in variable
    assert "Is LEADLENS_WORKERS meant?" in variable


def test_variables_of_other_parts_are_known() -> None:
    others = {"LEADLENS_PROVE": "1", "LEADLENS_DATA": "/data", "LEADLENS_TEST_NETWORK_RECORD": "/tmp/x"}  # noqa: S108 - not opened
    assert settings_from(others) == settings_from({})


@pytest.mark.parametrize(
    ("text", "found"),
    [("port = ", "Invalid value"), ("port = 1\nport = 2", "Cannot overwrite"), ("\udcff", "other bytes")],
    ids=["not TOML", "twice", "not UTF-8"],
)
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, text: str, found: str) -> None:
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(InputError, match=rf"settings\.toml: expected .*{found}"):
        settings_from({}, home=tmp_path)


def test_a_file_that_is_named_must_be_there_and_the_home_is_not_named_in_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml: expected a file of settings, found none"):
        settings_from({}, settings_file=tmp_path / "none.toml")
    written(tmp_path, 'home = "/elsewhere"')
    with pytest.raises(InputError, match="home: expected no home"):
        settings_from({}, home=tmp_path)


def test_what_may_hold_a_password_is_never_shown(tmp_path: Path) -> None:
    url = f"postgresql://leadlens:{PASSWORD}@db.example/leadlens"
    assert PASSWORD not in repr(settings_from({"LEADLENS_STORE_URL": url, "LEADLENS_TRACES_ENDPOINT": url}))
    for text in (
        f'store_url = ["{url}"]',
        f'store_url = "{url}',
        f'store_url = "{url}"\nport = "x"',
        f'"{url}"',
    ):
        written(tmp_path, text)
        with pytest.raises(InputError) as refused:
            settings_from({}, home=tmp_path)
        assert PASSWORD not in str(refused.value)


def test_a_certificate_and_its_key_are_given_together(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="tls_key is missing"):
        settings_from({}, tls_certificate=tmp_path / "cert.pem")
    with pytest.raises(InputError, match="tls_certificate is missing"):
        settings_from({"LEADLENS_TLS_KEY": "key.pem"})
    both = settings_from({"LEADLENS_TLS_KEY": "key.pem", "LEADLENS_TLS_CERTIFICATE": "cert.pem"})
    assert both.is_over_tls
    assert settings_from({}, behind_proxy=True).is_over_tls
    assert not settings_from({}).is_over_tls


def test_every_setting_has_one_sentence_of_help() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_no_proxy_is_trusted_unless_it_is_named_and_it_is_named_by_its_address() -> None:
    assert settings_from({}).trusted_proxies == ""
    told = settings_from({"LEADLENS_TRUSTED_PROXIES": " 127.0.0.1, 10.0.0.0/8,::1 "})
    assert told.trusted_proxies == "127.0.0.1,10.0.0.0/8,::1"
    for wrong in ("*", "proxy.example", "10.0.0.1/8"):
        with pytest.raises(InputError, match="LEADLENS_TRUSTED_PROXIES"):
            settings_from({"LEADLENS_TRUSTED_PROXIES": wrong})


def test_the_settings_are_read_through_one_door_by_every_command() -> None:
    """Whoever made Settings of his own would not see the file, and another store than the others."""
    for path in (*Path("leadlens").rglob("*.py"), *Path("serving").rglob("*.py")):
        if path != Path(inspect.getfile(Settings)).relative_to(Path.cwd()):
            assert "Settings(" not in path.read_text("utf-8"), path
