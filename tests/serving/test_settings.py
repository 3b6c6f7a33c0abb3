from pathlib import Path

import pytest

from features.errors import InputError
from serving.settings import Settings, settings_from


def test_an_argument_wins_over_the_environment_and_that_over_defaults() -> None:
    environment = {"LEADLENS_PORT": "4000", "LEADLENS_HOST": "0.0.0.0", "LEADLENS_HOME": "/h", "PORT": "1"}  # noqa: S104 - a value to be read, nothing listens
    settings = settings_from(environment, port=5000, host=None)
    assert (settings.port, settings.host, settings.home) == (5000, "0.0.0.0", Path("/h"))  # noqa: S104 - as above
    assert settings.batch_limit_leads == 1_000


def test_the_service_listens_to_this_machine_alone_unless_told() -> None:
    assert (settings_from({}).host, settings_from({}).port) == ("127.0.0.1", 3000)


@pytest.mark.parametrize("port", ["http", "70000", "-1"])
def test_a_setting_that_cannot_be_names_itself_and_its_variable(port: str) -> None:
    with pytest.raises(InputError, match=r"setting port: .*LEADLENS_PORT"):
        settings_from({"LEADLENS_PORT": port})


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
