from pathlib import Path

import pandas as pd
import pytest
from command_line import done, leadlens
from company_register import register

MAPPING = """
[leads]
path = "leads.csv"
id = "lead_id"
created_at = "created_at"

[enrichment.register]
lead_key = "email"
url = "$REGISTER_URL"
secret = "REGISTER_KEY"

[enrichment.list]
lead_key = "email"
path = "companies.csv"
key = "domain"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    emails = ["a@acme.example", "b@acme.example", "c@gmail.com", "d@b.example"]
    lines = [f"{number},2024-01-01,{email}" for number, email in enumerate(emails)]
    (tmp_path / "leads.csv").write_text("\n".join(["lead_id,created_at,email", *lines]) + "\n")
    (tmp_path / "companies.csv").write_text("domain,employees\nacme.example,7\n")
    (tmp_path / "leadlens.toml").write_text(MAPPING)
    return tmp_path


def test_a_provider_is_asked_once_about_each_company(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with register() as companies:
        companies.knows("acme.example", (200, {"employees": 7}))
        monkeypatch.setenv("REGISTER_URL", companies.url)
        monkeypatch.setenv("REGISTER_KEY", "Bearer s3cret")
        run = done("enrich", "--provider", "register", "--out", "accounts.parquet", folder=folder)
        again = done("enrich", "--provider", "register", "--out", "accounts.parquet", folder=folder)
        assert [(key, headers["Authorization"]) for key, headers in companies.asked] == [
            ("acme.example", "Bearer s3cret"),
            ("b.example", "Bearer s3cret"),
        ]
    assert "asked about 2 companies, of which 1 is known" in run.out
    assert "0 of 2 companies" in run.err
    assert "2 companies stood there before" in again.out
    table = pd.read_parquet(folder / "accounts.parquet")
    assert table["key"].tolist() == ["acme.example", "b.example"]
    assert (pd.Timestamp.now("UTC") - table["known_from"]).max() < pd.Timedelta(minutes=5)
    assert "s3cret" not in run.said + again.said


def test_a_file_is_a_provider_too_and_is_asked_again_when_told(folder: Path) -> None:
    words = ("enrich", "--provider", "list", "--out", "accounts.parquet")
    done(*words, folder=folder)
    assert "asked about 2 companies" in done(*words, "--refresh", "0 days", folder=folder).out
    assert "asked about 0 companies" in done(*words, "--refresh", "90d", folder=folder).out
    assert len(pd.read_parquet(folder / "accounts.parquet")) == 4


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--provider", "nobody"), 1, "expected a provider 'nobody', found register, list"),
        (("--provider", "register"), 1, "the environment variable REGISTER_KEY"),
        (("--provider", "list", "--refresh", "soon"), 2, "expected a length of time such as '90 days'"),
    ],
)
def test_what_cannot_be_asked_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int, said: str
) -> None:
    monkeypatch.delenv("REGISTER_KEY", raising=False)
    run = leadlens("enrich", *words, "--out", "accounts.parquet", folder=folder)
    assert run.code == code
    assert said in " ".join(run.said.replace("│", " ").split())
    assert not (folder / "accounts.parquet").exists()
