"""Examples of an artifact: the same each time, of nobody, and wrong as soon as the scorer is another."""

import json
from dataclasses import replace

import numpy as np
import pytest
from small_company import Company

from models.artifact import AnyScorer
from models.examples import EXAMPLES, differences, examples_of
from models.scorecard.built_in import built_in_scorecard
from models.scorer import LeadScorer


@pytest.fixture(params=["dated", "flat", "points"])
def scorer(request: pytest.FixtureRequest, company: Company, flat: Company) -> AnyScorer:
    return {"dated": company.scorer, "flat": flat.scorer, "points": built_in_scorecard()}[request.param]


def test_examples_are_the_same_each_time_and_the_scorer_passes_them(scorer: AnyScorer) -> None:
    examples = examples_of(scorer)
    assert examples == examples_of(scorer)
    assert len(examples) == EXAMPLES
    read = json.loads(json.dumps(examples, allow_nan=False))
    assert differences(scorer, read) == []


def test_examples_tell_leads_apart_and_reach_what_a_model_asks(company: Company) -> None:
    examples = examples_of(company.scorer)
    scores = {example["expected"]["score"] for example in examples}
    assert len(scores) > 8
    assert {column.name for column in company.scorer.spec.columns if not column.is_derived} <= {
        name for example in examples for name, cell in example["cells"].items() if cell is not None
    }
    assert any(event["detail"] for example in examples for event in example["events"])


def changed(scorer: LeadScorer, **parts: object) -> LeadScorer:
    held = {name: getattr(scorer, name) for name in (
        "name", "version", "mapping", "spec", "booster", "calibration", "population", "blend", "words",
    )}  # fmt: skip
    return LeadScorer(**(held | parts))


def test_another_calibration_or_population_is_found_out(company: Company) -> None:
    own = company.scorer
    examples = examples_of(own)
    curve = own.calibration.probability
    other = replace(own.calibration, probability=replace(curve, y=np.minimum(curve.y + 1e-7, curve.above)))
    found = differences(changed(own, calibration=other), examples)
    assert found
    assert all(": probability" in one for one in found)
    ranks = replace(own.population, margin=replace(own.population.margin, x=own.population.margin.x + 0.3))
    assert any(": score is " in one for one in differences(changed(own, population=ranks), examples))


def test_another_expected_number_is_found_out(company: Company) -> None:
    for name, value in (("margin", 1e-6), ("log_odds", 1e-6), ("effects", 1e-3), ("score", 1)):
        examples = examples_of(company.scorer)
        told = examples[9]["expected"]
        told[name] = (
            [one + value for one in told[name]] if isinstance(told[name], list) else told[name] + value
        )
        [found] = differences(company.scorer, examples)
        assert found.startswith(f"example 10: {name} is ")


def test_no_lead_is_in_the_examples(company: Company) -> None:
    text = json.dumps(examples_of(company.scorer))
    leads = company.tables.leads
    assert not [address for address in leads["email"] if address in text]
    assert not [lead for lead in leads["lead_id"] if lead in text]
