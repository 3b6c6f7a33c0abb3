import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from decisions.agreement import agreement_of, as_markdown, as_text
from decisions.agreement.content import Agreement, Section, Table
from decisions.policy import Policy, policy_of_text

KEPT = Path(__file__).parent / "default_agreement.md"
DAY = re.compile(r"^(\d+) (days|hours|seconds)$")
A_WHOLE_POLICY = policy_of_text(
    """
[handoff]
a_day = 12
segments = [{ dimension = "size", value = "enterprise", score = 55, probability = 0.15 }]
[qualification]
answers = 2
[required]
fields = ["phone", "country"]
[stages.PQL]
off = true
"""
)


def told(policy: Policy) -> str:
    """The agreement without the line that names the policy by its digest."""
    return "\n".join(
        line for line in as_markdown(agreement_of(policy)).splitlines() if policy.sha256[:12] not in line
    )


def test_the_agreement_of_the_default_policy_is_the_one_that_was_read_by_people() -> None:
    """A change of it is looked at: write it anew by what this test prints."""
    made = as_markdown(agreement_of(Policy())).replace(Policy().sha256[:12], "DIGEST")
    assert made == KEPT.read_text("utf-8"), made


def numbers_in(content: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each number and length of time of a policy, with another in its place."""
    if isinstance(content, dict):
        for name, inner in content.items():
            yield from numbers_in(inner, (*place, name))
    elif isinstance(content, list):
        for at, inner in enumerate(content):
            yield from numbers_in(inner, (*place, at))
    elif isinstance(content, bool) or content is None:
        return
    elif isinstance(content, int | float):
        yield place, content + (0.01 if isinstance(content, float) else 1)
    elif (found := DAY.match(content)) and place[-1] != "value":
        yield place, f"{int(found[1]) + 1} {found[2]}"


def changed(content: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    if isinstance(content, list):
        return [changed(one, place[1:], value) if at == place[0] else one for at, one in enumerate(content)]
    return {**content, place[0]: changed(content[place[0]], place[1:], value)}


@pytest.mark.parametrize("policy", [Policy(), A_WHOLE_POLICY], ids=["the default", "a whole one"])
def test_every_number_of_a_policy_that_changes_changes_the_agreement(policy: Policy) -> None:
    before = told(policy)
    asked = 0
    for place, value in numbers_in(policy.content):
        other = Policy.model_validate(changed(policy.content, place, value))
        assert told(other) != before, place
        asked += 1
    assert asked >= 60


@pytest.mark.parametrize("section", ["disqualifiers", "signals", "stages", "routes", "tracks"])
def test_every_condition_that_changes_changes_the_agreement(section: str) -> None:
    policy = Policy()
    before = told(policy)
    for name, one in policy.content[section].items():
        for key in ("when", "enter", "leave"):
            if one.get(key):
                place = (section, name, key)
                text = f"({one[key]}) && age_days > 1.0"
                assert told(Policy.model_validate(changed(policy.content, place, text))) != before, place


@pytest.mark.parametrize("by", ["score", "probability", "capacity", "value"])
def test_what_tells_that_a_lead_is_for_sales_is_said(by: str) -> None:
    policy = policy_of_text(f'[handoff]\nby = "{by}"\na_day = 9')
    said = told(policy)
    assert {
        "score": "It is told by the score.",
        "probability": "It is told by the probability: 0.2 or more.",
        "capacity": "It is told by what sales has room for: the best 9 a day, by score.",
        "value": "It is told by the value: 0 or more, the best 9 a day.",
    }[by] in said
    assert ("Stated, but not what tells it" in said) is True


def test_what_is_switched_off_is_not_agreed_on() -> None:
    said = told(policy_of_text("[stages.MQL]\noff = true\n[disqualifiers.student]\noff = true"))
    assert "MQL is not used." in said
    assert "Not used: MQL." in said
    assert "is a student" not in said


def test_required_fields_are_named() -> None:
    assert "Nothing has to be known" in told(Policy())
    assert "Before a handover these are known: phone, country." in told(A_WHOLE_POLICY)


def test_the_plain_text_says_the_same_and_keeps_to_its_width() -> None:
    agreement = agreement_of(A_WHOLE_POLICY)
    plain, marked = as_text(agreement), as_markdown(agreement)
    assert max(map(len, plain.splitlines())) <= 100
    for section in agreement.sections:
        assert f"{section.title}\n{'-' * len(section.title)}" in plain
        assert f"## {section.title}" in marked
    words = re.findall(r"\w+", marked.replace("|---", ""))
    assert set(words) - set(re.findall(r"\w+", plain)) == set()


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    table = Table(("a", "b"), (("x || y", "z"),))
    marked = as_markdown(Agreement("t", (), (Section("s", (table,)),)))
    assert "| x \\|\\| y | z |" in marked
