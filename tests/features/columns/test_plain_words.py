import pytest

from features.columns.plain_words import any_of, plain


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  Vice-President,  Sales ", "vice president sales"),
        ("Geschäftsführer", "geschaftsfuhrer"),
        ("GROSSE STRASSE", "grosse strasse"),
        ("Größe", "grosse"),
        ("Président-Directeur Général", "president directeur general"),
        ("paid_social", "paid social"),
        ("R&D / F&E", "r&d f&e"),
        ("", ""),
        ("***", ""),
    ],
)
def test_case_accents_and_what_stands_between_words_make_no_difference(text: str, words: str) -> None:
    assert plain(text) == words


@pytest.mark.parametrize(
    ("phrases", "words", "found"),
    [
        (["event"], "the event hall", True),
        (["event"], "eventually", False),
        (["event*"], "eventually", True),
        (["event*"], "nonevent", False),
        (["\\w*messe*"], "hausmessen berlin", True),
        (["trade ?fair"], "tradefair", True),
        (["d"], "r&d", False),
    ],
)
def test_phrases_are_found_as_whole_words(phrases: list[str], words: str, found: bool) -> None:
    assert (any_of(phrases).search(words) is not None) is found
