"""The reference names everything that there is, and its examples are what they claim to be."""

import ast
import inspect
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from decisions.policy import policy_of_text
from features.mapping import Mapping, mapping_from
from features.pages import PROPERTIES
from features.vocabulary import VOCABULARY
from features.words import ENGLISH
from models.scorecard.points_card import PointsCard, Rule, Section, card_from
from serving.access.key import SCOPES
from serving.api import (
    answer_types,
    assignment_types,
    bodies,
    clock_types,
    decision_types,
    outlook_types,
    rep_types,
    said_types,
    simulation_types,
)
from serving.api.change_types import ChangesAnswer
from serving.api.event_fields import event_fields
from serving.api.lead_fields import lead_fields
from serving.api.operations import OPERATIONS
from serving.api.outcome_fields import outcome_fields
from serving.door.route import Route
from serving.door.routes import ROUTES
from serving.door.v1_routes import V1
from serving.scoring.asked_lead import AskedLead
from serving.scoring.bodies import (
    BatchAnswer,
    BatchBody,
    ExplainedScoreAnswer,
    ProblemAnswer,
    ScoreAnswer,
    ScoreBody,
)
from serving.scoring.requests import RequestReader
from serving.settings import Settings
from serving.wire.problems import KINDS
from serving.wire.values import Faults

PAGES = (
    "README.md", "docs/your-own-leads.md", "docs/audit.md", "docs/mapping.md", "docs/enrichment.md",
    "docs/api.md", "docs/api-v1.md", "docs/large-histories.md", "docs/operating.md",
    "docs/store.md", "docs/model-card.md", "docs/backtest.md", "docs/scorecard.md", "docs/evidence.md",
    "docs/changes.md",
    "docs/what-if.md",
    "docs/explanations.md",
    "docs/policy.md", "docs/routing.md", "docs/simulation.md", "docs/agreement.md",
    "docs/words.md", "docs/reasons.md", "docs/settings.md", "docs/deploying.md",
)  # fmt: skip
BODIES: dict[str, type[BaseModel]] = {
    "request": ScoreBody,
    "answer": ScoreAnswer,
    "batch": BatchBody,
    "problem": ProblemAnswer,
}
V1_BODIES: dict[str, type[BaseModel]] = {
    "put-lead": bodies.PutLeadBody,
    "put-leads": bodies.PutLeadsBody,
    "kept-lead": answer_types.KeptLeadAnswer,
    "stored-lead": answer_types.StoredLeadAnswer,
    "merge": bodies.MergeBody,
    "merged": answer_types.MergedLeadsAnswer,
    "events": bodies.EventsBody,
    "kept-events": answer_types.KeptEventsAnswer,
    "outcomes": bodies.OutcomesBody,
    "kept-outcomes": answer_types.KeptOutcomesAnswer,
    "job": bodies.ScoreJobBody,
    "score-job": answer_types.ScoreJobAnswer,
    "changes": ChangesAnswer,
    "rep": rep_types.RepBody,
    "time-off": rep_types.TimeOffBody,
    "assign": assignment_types.AssignBody,
    "assigned": assignment_types.AssignedAnswer,
    "queues": assignment_types.QueuesAnswer,
    "acknowledged": clock_types.AcknowledgedBody,
    "contacted": clock_types.ContactedBody,
    "kept-contact": clock_types.ContactedAnswer,
    "clocks": clock_types.ClocksAnswer,
    "notices": clock_types.NoticesAnswer,
    "decided": decision_types.DecidedAnswer,
    "bant": said_types.BantBody,
    "feedback": said_types.FeedbackBody,
    "stage": said_types.StageBody,
    "draft": decision_types.DraftBody,
    "policy-version": decision_types.PolicyVersionAnswer,
    "what-if": outlook_types.WhatIfBody,
    "simulate": simulation_types.SimulationBody,
    "outlook": outlook_types.OutlookAnswer,
}
V1_TYPES = [
    model
    for route in V1
    for model in (OPERATIONS[route.operation].body, *OPERATIONS[route.operation].answers.values())
    if isinstance(model, type) and model is not ExplainedScoreAnswer
]
FLAT = {"leads": {"path": "leads.csv", "id": "Lead ID"}, "outcomes": {"label": "Won"}}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The pydantic models that a type speaks of, those inside them too."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation)
    for inner in get_args(annotation):
        yield from models_in(inner)


def fields_of(*models: type[BaseModel]) -> list[str]:
    return sorted(
        {
            f"{inner.__name__}.{field.alias or name}"
            for model in models
            for inner in models_in(model)
            for name, field in inner.model_fields.items()
        }
    )


def under_v1(field: str) -> bool:
    """Whether the page about /v1 has to name a field: those of scores and problems are the other page's."""
    told_there = (ScoreAnswer, ExplainedScoreAnswer, ProblemAnswer)
    return field.partition(".")[0] not in {
        inner.__name__ for model in told_there for inner in models_in(model)
    }


V1_FIELDS = [field for field in fields_of(*V1_TYPES) if under_v1(field)]


def section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next of its level."""
    level = heading.partition(" ")[0]
    _, _, after = page.partition(f"\n{heading}\n")
    assert after, f"no heading '{heading}'"
    return re.split(rf"^#{{1,{len(level)}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def keys_in(text: str) -> set[str]:
    """What the first cells of the tables name as code."""
    first_cells = re.findall(r"^\| ([^|]+) \|", text, flags=re.MULTILINE)
    return {name for cell in first_cells for name in re.findall(r"`([^`]+)`", cell)}


def examples(root: Path, language: str, kind: str = "") -> list[tuple[str, str]]:
    fence = re.compile(rf"^```{language}{' ' + kind if kind else ''}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(page, text) for page in PAGES for text in fence.findall((root / page).read_text("utf-8"))]


@pytest.fixture(scope="module")
def mapping_page(root: Path) -> str:
    return (root / "docs" / "mapping.md").read_text("utf-8")


@pytest.fixture(scope="module")
def api_page(root: Path) -> str:
    return (root / "docs" / "api.md").read_text("utf-8")


@pytest.fixture(scope="module")
def v1_page(root: Path) -> str:
    return (root / "docs" / "api-v1.md").read_text("utf-8")


@pytest.mark.parametrize("name", list(Mapping.model_fields))
def test_every_key_of_a_section_stands_in_its_tables(mapping_page: str, name: str) -> None:
    [outer, *inner] = models_in(Mapping.model_fields[name].annotation)
    where = keys_in(section(mapping_page, f"## [{name}]"))
    if name != "training":
        where |= keys_in(section(mapping_page, "## Where a table comes from"))
    wanted = {field.alias or key for key, field in outer.model_fields.items()}
    wanted |= {key for model in inner if model.__name__ != "Constant" for key in model.model_fields}
    assert wanted - where == set()


def test_no_key_is_described_that_does_not_exist(mapping_page: str) -> None:
    known = {name.partition(".")[2] for name in fields_of(Mapping)}
    headings = [f"## [{name}]" for name in Mapping.model_fields] + ["## Where a table comes from"]
    assert {key for heading in headings for key in keys_in(section(mapping_page, heading))} - known == set()


@pytest.mark.parametrize(
    "field", fields_of(ScoreBody, BatchBody, ExplainedScoreAnswer, BatchAnswer, ProblemAnswer)
)
def test_every_field_of_the_api_is_named(api_page: str, field: str) -> None:
    name = field.partition(".")[2]
    prose = re.sub(r"^```.*?^```", "", api_page, flags=re.MULTILINE | re.DOTALL)
    assert re.search(rf'`(\{{")?{name}\b', prose), field


@pytest.mark.parametrize("field", V1_FIELDS)
def test_every_field_under_v1_is_named(v1_page: str, field: str) -> None:
    prose = re.sub(r"^```.*?^```", "", v1_page, flags=re.MULTILINE | re.DOTALL)
    assert re.search(rf"[`\"]{field.partition('.')[2]}\b", prose), field


@pytest.mark.parametrize("parameter", sorted({name for route in V1 for name in route.query}))
def test_every_parameter_under_v1_is_told(v1_page: str, parameter: str) -> None:
    assert re.search(rf"[`?]{parameter}\b", v1_page)


def test_every_field_of_a_score_stands_in_a_table(api_page: str) -> None:
    told = keys_in(section(api_page, "## POST /score"))
    assert {name.partition(".")[2] for name in fields_of(ScoreAnswer)} - told <= {"name", "version"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.methods[0]} {route.path}")
def test_every_route_is_described_with_what_it_asks_for(api_page: str, v1_page: str, route: Route) -> None:
    said = f"`{route.methods[0]} {route.path}`"
    page = v1_page if route.path.startswith("/v1/") else api_page
    line = next(line for line in section(page, "## Routes").splitlines() if said in line)
    asked = {"open": "nothing", "key": "a key", "session": "a sign-in"}[route.access]
    assert f"| {asked}" in line
    assert route.scope is None or f"scope `{route.scope}`" in line


def test_the_page_of_settings_is_the_one_that_the_fields_make(
    root: Path, script: Callable[[str], ModuleType]
) -> None:
    program = script("settings_page")
    made, kept = program.page(), (root / "docs" / "settings.md").read_text("utf-8")
    assert made == kept, f"docs/settings.md is stale: {program.COMMAND}"
    assert {name for name in Settings.model_fields if f"| `{name}` |" in kept} == set(Settings.model_fields)


def test_the_options_of_serve_that_are_settings_are_told_as_such(script: Callable[[str], ModuleType]) -> None:
    from leadlens.serve import serve

    asked = set(inspect.signature(serve).parameters) - {"settings"}
    assert asked == set(script("settings_page").OPTIONS)


def test_settings_in_the_pages_can_be_read(root: Path) -> None:
    texts = examples(root, "toml", "settings")
    for _, text in texts:
        assert set(tomllib.loads(text)) <= set(Settings.model_fields)
        Settings.model_validate(tomllib.loads(text))
    assert len(texts) >= 2


def test_every_scope_and_every_kind_of_problem_is_told(api_page: str) -> None:
    assert set(SCOPES) <= keys_in(section(api_page, "## Keys"))
    rows = re.findall(r"^\| (\d{3}) \| `([\w-]+)`", section(api_page, "## Problems"), flags=re.MULTILINE)
    assert {kind: int(status) for status, kind in rows} == {
        kind: status for kind, (status, _) in KINDS.items()
    }


def test_mappings_in_the_pages_can_be_read(root: Path) -> None:
    found = examples(root, "toml")
    for _, text in found:
        content = tomllib.loads(text)
        mapping_from(content if "leads" in content else {**FLAT, **content})
    assert len(found) >= 6


def test_policies_in_the_pages_can_be_read(root: Path) -> None:
    found = examples(root, "toml", "policy")
    for _, text in found:
        assert policy_of_text(text).name
    assert len(found) >= 2


def test_scorecards_in_the_pages_can_be_read_and_every_key_is_told(root: Path) -> None:
    for _, text in examples(root, "toml", "card"):
        assert card_from(tomllib.loads(text)) != PointsCard()
    told = keys_in(section((root / "docs" / "scorecard.md").read_text("utf-8"), "## The file"))
    keys = {field.alias or name for model in (Rule, Section) for name, field in model.model_fields.items()}
    assert keys - {"rules"} | {"threshold", "origin"} == told


@pytest.mark.parametrize("kind", [*BODIES, *V1_BODIES])
def test_bodies_in_the_pages_are_what_they_are_called(root: Path, kind: str) -> None:
    found = examples(root, "json", kind)
    for _, text in found:
        content, body = json.loads(text), {**BODIES, **V1_BODIES}[kind]
        body.model_validate(content, strict=True)
        assert set(content) == {field.alias or name for name, field in body.model_fields.items()}
    assert found


def test_the_effects_of_the_answer_in_the_page_add_up(root: Path) -> None:
    [(_, text)] = examples(root, "json", "answer")
    answer = json.loads(text)
    total = sum(reason["effect"] for reason in answer["reasons"])
    assert total == pytest.approx(answer["score"] - answer["baseline_score"])


def test_the_steps_of_the_changes_in_the_page_add_up(root: Path) -> None:
    [(_, text)] = examples(root, "json", "changes")
    told = json.loads(text)
    assert sum(step["effect"] for step in told["steps"]) == told["effect"]
    assert told["effect"] == told["until"]["score"] - told["since"]["score"]
    for step in told["steps"]:
        assert sum(reason["effect"] for reason in step["reasons"]) == step["effect"]


def test_the_requests_in_the_pages_are_understood(root: Path) -> None:
    """Under the mapping of the tutorial, by the very reader that the server uses."""
    tutorial = (root / "docs" / "your-own-leads.md").read_text("utf-8")
    [(_, toml)] = [found for found in examples(root, "toml") if found[0] == "docs/your-own-leads.md"]
    reader = RequestReader(mapping_from(tomllib.loads(toml)), event_limit=10, batch_limit=10)
    now = 1_800_000_000_000_000
    [curl] = re.findall(r"-d '(\{.*?\})'\n", tutorial, flags=re.DOTALL)
    for text in (curl, *(text for _, text in examples(root, "json", "request"))):
        assert reader.read(json.loads(text), now).warnings == ()
    [(_, batch)] = examples(root, "json", "batch")
    read = reader.read_batch(json.loads(batch), now)
    assert [lead.lead_id for lead in read if isinstance(lead, AskedLead)] == ["L-1", "L-2"]


def test_the_requests_under_v1_in_the_page_are_understood(root: Path) -> None:
    """By the very readers that the server uses, without a champion and under the tutorial's mapping."""
    [(_, toml)] = [found for found in examples(root, "toml") if found[0] == "docs/your-own-leads.md"]
    now = 1_800_000_000_000_000
    for mapping in (None, mapping_from(tomllib.loads(toml))):
        faults = Faults()
        content = {kind: json.loads(examples(root, "json", kind)[0][1]) for kind in V1_BODIES}
        lead = lead_fields(mapping)
        for body in (content["put-lead"], *content["put-leads"]["leads"]):
            assert lead.read(body, now, faults) is not None
        for kind, fields in (("events", event_fields(mapping)), ("outcomes", outcome_fields(mapping))):
            for item in content[kind][kind]:
                assert fields.read(item, now, faults) is not None
            assert list(fields.ignored(content[kind][kind])) == []
        assert faults == []


def test_commands_in_the_pages_name_the_program_where_it_is(root: Path) -> None:
    deploying = "docs/deploying.md"  # where it is elsewhere: tests/tooling/test_deploy.py looks at it
    found = [example for example in examples(root, "sh") if example[0] != deploying]
    lines = [line for _, text in found for line in text.splitlines() if "leadlens " in line]
    assert [line for line in lines if not line.startswith(".venv/bin/leadlens ")] == []
    assert len(lines) >= 10


def test_every_type_of_the_vocabulary_is_in_its_table() -> None:
    page = Path("docs/features.md").read_text("utf-8")
    for name, kind in VOCABULARY.items():
        who = "the lead" if kind.by == "lead" else "us"
        assert f"| `{name}` | {ENGLISH.did(name)} | {who} | {kind.channel} | {kind.step or '-'} |" in page


def test_every_standard_property_is_told() -> None:
    told = section(Path("docs/features.md").read_text("utf-8"), "### Standard properties")
    assert all(f"`{name}`" in told for name in PROPERTIES)


def acts_in(path: Path) -> Iterator[str]:
    """The acts that a file notes in the audit log, whether it calls `note_act` or hands it on."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            named = [word.value for word in node.keywords if word.arg == "act"]
            is_direct = isinstance(node.func, ast.Name) and node.func.id == "note_act"
            for value in (*named, *(node.args[3:4] if is_direct else ())):
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value


def test_every_act_of_the_audit_log_is_documented(root: Path) -> None:
    files = [path for wing in ("serving", "leadlens") for path in (root / wing).rglob("*.py")]
    noted = {act for path in files for act in acts_in(path)}
    assert {"key created", "version promoted", "history imported", "backup restored"} <= noted
    page = (root / "docs/api-v1.md").read_text("utf-8")
    table = page.partition("These are all acts:")[2].partition("\n## ")[0]
    told = {act for row in table.splitlines()[4:] for act in re.findall(r"`([^`]+)`", row.split("|")[1])}
    assert told == noted
