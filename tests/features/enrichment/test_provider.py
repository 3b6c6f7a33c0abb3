from pathlib import Path
from typing import Any

import pytest

from features.enrichment.http import HttpProvider
from features.enrichment.provider import provider_of
from features.errors import InputError
from features.mapping import Enrichment, mapping_from

WEB = {"lead_key": "email", "url": "https://register.example/{key}", "secret": "REGISTER_KEY"}


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("REGISTER_KEY", "Bearer x")
    assert isinstance(provider_of("register", Enrichment.model_validate(WEB), tmp_path), HttpProvider)


@pytest.mark.parametrize("held", [None, ""])
def test_a_secret_that_is_not_there_is_called_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, held: str | None
) -> None:
    monkeypatch.delenv("REGISTER_KEY", raising=False)
    if held is not None:
        monkeypatch.setenv("REGISTER_KEY", held)
    with pytest.raises(
        InputError, match=r"enrichment\.register\.secret: .*variable REGISTER_KEY, found none"
    ):
        provider_of("register", Enrichment.model_validate(WEB), tmp_path)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"lead_key": "email"}, "give either path, or url"),
        ({"lead_key": "email", "path": "a.csv", "url": "https://x/{key}"}, "give either path, or url"),
        ({"lead_key": "email", "url": "sqlite://", "query": "SELECT 1"}, "holds :keys"),
        ({"lead_key": "email", "path": "a.csv", "query": "SELECT 1 IN :keys"}, "holds :keys"),
        ({"lead_key": "email", "path": "a.csv", "password": "x"}, "a known setting"),
    ],
)
def test_settings_that_describe_no_provider_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        mapping_from({"leads": {"path": "l.csv", "id": "id"}, "enrichment": {"register": settings}})


def test_a_frozen_mapping_knows_no_provider() -> None:
    content = {"leads": {"path": "l.csv", "id": "id"}, "enrichment": {"register": WEB}}
    mapping = mapping_from(content)
    assert list(mapping.enrichment) == ["register"]
    assert "register" not in mapping.frozen()
