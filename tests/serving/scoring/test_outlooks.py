"""An outlook of a real model as the answer that a caller receives."""

import json

import numpy as np
from small_company import dated_company

from models.what_if import Outlook, foretell
from serving.api.outlook_types import OutlookAnswer
from serving.scoring.outlooks import outlook_document


def test_the_answer_is_of_the_type_that_the_document_tells_with_shares_and_how_many_they_rest_on() -> None:
    company = dated_company()
    told = 0
    for lead in range(20):
        batch = company.history.at(np.asarray([lead]), np.asarray([company.history.extract_at]))
        found = foretell(company.scorer, batch)
        assert isinstance(found, Outlook)
        document = json.loads(json.dumps(outlook_document(found), allow_nan=False))
        answer = OutlookAnswer.model_validate(document, strict=True, extra="forbid")
        assert answer.such_leads is not None
        for one in answer.next:
            if one.share is None or one.share_low is None or one.share_high is None:
                assert answer.such_leads.leads < 20
                continue
            assert answer.such_leads.leads >= 20
            assert one.share_low <= one.share <= one.share_high
            assert f"score {answer.such_leads.score_from} to {answer.such_leads.score_to}" in one.sentence
            assert answer.such_leads.activity in one.sentence
            told += 1
    assert told > 50
