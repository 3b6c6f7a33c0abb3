"""The service speaks in the words of its home."""

import logging
from pathlib import Path

import pytest
from small_company import a_batch

from models.score import Score
from serving.scoring.champion import load_local


def told(home: Path) -> list[str]:
    [score] = load_local(home).score(a_batch({"employees": ["420"], "email": ["a@acme.example"]}))
    assert isinstance(score, Score)
    return [reason.text for reason in score.reasons]


def test_reasons_are_said_in_the_words_of_the_home(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "words.toml").write_text(
        '[email]\ncompany = "writes from work"\n[columns.gone]\nname = "X"\n', encoding="utf-8"
    )
    with caplog.at_level(logging.WARNING):
        assert "Writes from work" in told(tmp_path)
    assert "words for the column 'gone'" in caplog.text


def test_words_that_cannot_be_read_keep_nobody_from_being_scored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "words.toml").write_text('[sentences]\ndidd = "x"\n', encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        assert "E-mail address at a company's own domain" in told(tmp_path)
    assert "Is 'sentences.did' meant?" in caplog.text
