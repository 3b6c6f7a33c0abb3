import pytest

from features.vocabulary import CHANNELS, STEPS, TOUCH_TYPES, VOCABULARY, channel_of, step_of
from features.words import ENGLISH
from features.words.catalogue import english

NAMED = (
    "page_view", "form_submitted", "newsletter_signup", "content_download", "asset_shared", "referral_made",
    "chat", "question_asked", "social_follow", "ad_click", "unsubscribe", "email_sent", "email_opened",
    "email_clicked", "email_replied", "email_bounced", "webinar_registered", "webinar_attended",
    "event_registered", "event_attended", "demo_requested", "quote_requested", "proposal_requested",
    "meeting_booked", "meeting_held", "meeting_no_show", "call", "sms", "trial_started", "feature_used",
    "usage_limit_hit", "team_invited", "upgrade_prompt_engaged", "support_ticket", "third_party_intent",
    "sales_contacted",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_the_common_types_are_known_with_their_channel_and_their_words(name: str) -> None:
    kind = VOCABULARY[name]
    assert ENGLISH.did(name)[0].islower()
    assert kind.channel in CHANNELS


def test_every_channel_has_a_name() -> None:
    assert {key.split(".")[1] for key in english().templates if key.startswith("channels.")} == set(CHANNELS)


@pytest.mark.parametrize("name", sorted(VOCABULARY))
def test_only_what_the_lead_does_itself_takes_it_a_step(name: str) -> None:
    kind = VOCABULARY[name]
    expected = 0 if kind.by == "us" or kind.step is None else STEPS.index(kind.step) + 1
    assert step_of(name) == expected
    assert (name in TOUCH_TYPES) == (kind.by == "us")


@pytest.mark.parametrize(
    ("key", "step"),
    [
        ("page_view.blog", 1), ("page_view.customers", 2), ("page_view.Pricing", 3), ("page_view.imprint", 1),
        ("support_ticket", 0), ("support_ticket.buying_signal", 3), ("email_opened.pricing", 1),
        ("email_sent.pricing", 0), ("badge_scanned", 0), ("badge_scanned.pricing", 0),
    ],
)  # fmt: skip
def test_pages_and_buying_signals_say_how_near_to_buying(key: str, step: int) -> None:
    assert step_of(key) == step


def test_a_type_that_is_not_in_the_vocabulary_has_no_channel() -> None:
    assert channel_of("badge_scanned") is None
    assert channel_of("email_replied.spring") == "email"
