import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.cells import CellRules, cell_rules
from features.columns.emails import is_disposable, kind_of_domain
from features.columns.names import EMAIL
from features.duplicates.addresses import are_of_roles, is_of_role, one_spelling, spelling_of
from features.duplicates.contacts import contact_columns, plain_text, plain_texts
from features.mapping import mapping_from
from features.quality.contacts import contact_findings
from features.tables import Tables
from serving.contacts import REMEDIES, Contact, ContactFinding, Normalised, check_contacts

MAPPING = mapping_from({"leads": {"path": "leads.csv", "id": "lead_id", "created_at": "created_at"}})
KINDS = tuple(REMEDIES)
TEXTS = st.one_of(
    st.text(alphabet='ab.-_+@ü"1 \u0301İ', max_size=8),
    st.builds("{}@{}".format, st.sampled_from(["ada", "A.da", "a..b", "INFO", "no-reply", "jose\u0301", "ü"]),
              st.sampled_from(["acme.example", "Mailinator.com", "x.mailinator.com", "acme", "ü.example"])),
)  # fmt: skip
NUMBERS = st.one_of(
    st.none(),
    st.sampled_from(["+49 30 901820", "030 901820", "12", "n/a", " ", 4930901820, 12.0, "+49", True]),
    st.lists(st.just("030 901820"), max_size=2),
)  # fmt: skip
COUNTRIES = st.sampled_from([None, "DE", "us", "Deutschland", "Atlantis", "UK", "-"])


def kinds_in(cells: dict[str, object]) -> list[tuple[str, str]]:
    return [(said.column, said.kind) for said in check_contacts(cells).findings]


def test_what_is_in_order_gets_its_one_spelling_and_can_be_looked_up() -> None:
    checked = check_contacts(
        {"E-Mail": " Ada@Example.ORG", "phone": "030 901820", "country": "Germany", "age": 7}
    )
    assert checked.findings == ()
    assert checked.normalised == (Normalised("E-Mail", "ada@example.org"), Normalised("phone", "+4930901820"))
    assert checked.contacts == (Contact("email", "ada@example.org"), Contact("phone", "+4930901820"))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"email": "ada@acme"}, "email_invalid"),
        ({"work_email": "ada at acme.example"}, "email_invalid"),
        ({"reached by": "ada..b@acme.example"}, "email_invalid"),
        ({"email": "ada@mailinator.com"}, "email_disposable"),
        ({"email": "info@acme.example"}, "email_of_role"),
        ({"phone": "12", "country": "DE"}, "phone_invalid"),
        ({"phone": "+49 1"}, "phone_invalid"),
        ({"Mobile": "030 901820"}, "phone_without_country"),
        ({"Mobile": "030 901820", "country": "Atlantis"}, "phone_without_country"),
    ],
)
def test_what_is_odd_is_said_with_its_remedy_and_tells_nobody_apart(cells: dict[str, str], kind: str) -> None:
    checked = check_contacts(cells)
    [column] = [name for name in cells if name != "country"]
    assert checked.findings == (ContactFinding(column, kind, repr(cells[column]), REMEDIES[kind]),)  # type: ignore[arg-type, index]  # one of KINDS
    assert checked.contacts == ()


def test_an_address_that_is_a_task_s_in_a_disposable_mailbox_is_said_to_be_both() -> None:
    assert kinds_in({"email": "info@mailinator.com"}) == [
        ("email", "email_disposable"),
        ("email", "email_of_role"),
    ]


def test_cells_that_are_not_known_or_are_several_values_are_not_judged() -> None:
    cells = {"email": None, "work_email": "n/a", "phone": ["030 901820"], "fax": "keine Angabe", "mobile": ""}
    assert check_contacts(cells, cell_rules(("Keine Angabe",))).findings == ()


@pytest.mark.parametrize(
    "name",
    ["email", "E-Mail", "Work Email", "lead_email", "e_mail_address", "email2", "Mail", "Email ID", "correo"],
)
def test_columns_of_addresses_are_known_by_their_names(name: str) -> None:
    assert EMAIL.fullmatch(name)


@pytest.mark.parametrize(
    "name", ["Do Not Email", "email_opened", "email opt-in", "Direct Mail", "mailing list"]
)
def test_columns_about_mail_are_no_columns_of_addresses(name: str) -> None:
    assert not EMAIL.fullmatch(name)


@given(st.lists(st.tuples(TEXTS, NUMBERS, COUNTRIES), min_size=1, max_size=8))
def test_leads_one_by_one_are_judged_as_the_report_of_quality_judges_the_column(
    rows: list[tuple[str, object, str | None]],
) -> None:
    # Most are in order, so that the column is known as one of addresses.
    rows = [*rows, *((f"someone{number}@acme.example", None, None) for number in range(40))]
    leads = pd.DataFrame({
        "lead_id": [f"L-{number}" for number in range(len(rows))],
        "contact": pd.Series([row[0] for row in rows], dtype="str"),
        "phone": pd.Series([row[1] for row in rows], dtype=object),
        "country": pd.Series([row[2] for row in rows], dtype=object),
        "created_at": pd.Timestamp("2026-01-01", tz="UTC"),
    })  # fmt: skip
    columns = contact_columns(leads, MAPPING)
    told = {
        finding.name: finding.count
        for finding in contact_findings(Tables(leads=leads, extract_at=pd.Timestamp(0, tz="UTC")), MAPPING)
    }
    counted: dict[str, int] = {}
    for contact, phone, country in rows:
        cells = {"contact": contact, "phone": phone, "country": country}
        for said in check_contacts(cells, columns=columns).findings:
            counted[said.kind] = counted.get(said.kind, 0) + 1
    assert counted == told


@given(st.lists(st.one_of(st.none(), TEXTS), max_size=8))
def test_one_text_is_read_as_many_are(texts: list[str | None]) -> None:
    rules = CellRules()
    many = plain_texts(pd.Series(texts, dtype="str"), rules)
    assert [None if pd.isna(text) else text for text in many] == [plain_text(text, rules) for text in texts]
    spelled = one_spelling(many)
    each = [None if pd.isna(text) else spelling_of(text) for text in many]
    assert [None if pd.isna(text) else text for text in spelled] == each
    held = spelled.dropna()
    assert are_of_roles(held).tolist() == [is_of_role(text) for text in held]


@given(st.sampled_from(["mailinator.com", "x.mailinator.com", "gmail.com", "acme.example", "com"]))
def test_a_disposable_domain_is_of_that_kind(domain: str) -> None:
    assert is_disposable(domain) == (kind_of_domain(f"a@{domain}") == "disposable")
