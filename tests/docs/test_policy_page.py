"""The page about the policy names everything that a policy may say, and every name that it may ask for."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from decisions.deciding import Decision
from decisions.policy import Policy
from decisions.policy.attributes import Kind
from decisions.policy.names import DERIVED, LAST, OF_LEAD, OF_SCORE


@pytest.fixture(scope="module")
def named(root: Path) -> set[str]:
    page = (root / "docs" / "policy.md").read_text("utf-8")
    text = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([^`]+)`", text))


def models_in(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}.union(*(models_in(one.annotation) for one in annotation.model_fields.values()))
    return set().union(*map(models_in, get_args(annotation)))


def test_every_name_that_a_condition_may_ask_for_is_explained(named: set[str]) -> None:
    assert {*OF_SCORE, *OF_LEAD, *DERIVED, *LAST} - named == set()


def test_every_kind_of_attribute_is_explained(named: set[str]) -> None:
    assert {*get_args(Kind)} - named == set()


@pytest.mark.parametrize(
    "section", [name for name in Policy.model_fields if name not in {"clocks", "routing"}]
)
def test_every_key_of_a_section_is_explained(named: set[str], root: Path, section: str) -> None:
    models = models_in(Policy.model_fields[section].annotation)
    keys = {key for model in models for key in model.model_fields}
    said = (root / "docs" / "policy.md").read_text("utf-8")
    assert keys - named == set()
    assert models == set() or section == "score_threshold_by_rung" or f"[{section}]" in said


def test_every_member_of_a_decision_is_explained(named: set[str]) -> None:
    assert {*Decision.__struct_fields__} - named == set()
