import io
import random
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.cells import cell_rules, number_of
from features.columns import Column, learn_column
from features.durations import microseconds
from features.errors import InputError
from features.guessing import guess_content, guess_mapping
from features.guessing.time_guesses import time_guess
from features.mapping import Mapping, mapping_from, read_mapping
from features.reading import read_tables
from features.tables import Tables

ROWS = 60


def leads(rows: int = ROWS, **columns: Any) -> dict[str, list[str]]:
    """Return ordinary leads as columns of text; `columns` adds some: lists that are repeated to fill."""
    made = {
        "Lead ID": [f"{at:05}" for at in range(rows)],
        "Town": [("Ulm", "Köln", "Rom")[at % 3] for at in range(rows)],
    }
    return made | {name: [values[at % len(values)] for at in range(rows)] for name, values in columns.items()}


def written(folder: Path, columns: dict[str, list[str]], name: str = "leads.csv", **options: Any) -> Path:
    buffer = io.StringIO()
    pd.DataFrame(columns).to_csv(buffer, index=False, sep=options.get("sep", ","))
    path = folder / name
    path.write_bytes(buffer.getvalue().encode(options.get("encoding", "utf-8")))
    return path


def read_back(folder: Path, *paths: Path, **known: str) -> tuple[str, Mapping, Tables]:
    """Guess, check that the text says the same as the content, and read the tables with it."""
    text = guess_mapping(list(paths), **known)
    mapping_file = folder / "leadlens.toml"
    mapping_file.write_text(text, encoding="utf-8")
    mapping = read_mapping(mapping_file)
    assert mapping == mapping_from(guess_content(list(paths), **known))
    return text, mapping, read_tables(mapping, folder)


def test_every_line_has_its_comment(tmp_path: Path) -> None:
    columns = leads(Source=["ad", "web"], Converted=["1", "0", "0"], When=["31/12/2024"], Empty=[""])
    text, mapping, _ = read_back(tmp_path, written(tmp_path, columns))
    lines = text.splitlines()
    for at, line in enumerate(lines):
        if line.startswith("    "):
            assert " # " in line
        elif " = " in line and not line.startswith("#") and not line.endswith("["):
            assert lines[at - 1].startswith("# ")
    assert '# 60 different values in 60 rows: an identifier\nid = "Lead ID"' in text
    assert mapping.leads.context == ("Source",)


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (["yes", "no"], "yes"),
        (["No", "Yes"], "Yes"),
        (["Won", "Lost"], "Won"),
        (["1", "0"], "1"),
        (["True", "False"], "True"),
        (["y", "n"], "y"),
        (["Ja", "Nein"], "Ja"),
    ],
)
@pytest.mark.parametrize("name", ["Converted", "Status", "is_customer", "outcome"])
def test_labels_of_many_spellings_are_found(
    tmp_path: Path, name: str, values: list[str], positive: str
) -> None:
    _, mapping, tables = read_back(tmp_path, written(tmp_path, leads(**{name: values})))
    assert mapping.outcomes is not None
    assert (mapping.outcomes.label, mapping.outcomes.positive) == (name, positive)
    assert tables.label is not None
    assert tables.label.sum() == ROWS / len(values)


def test_a_label_of_more_than_two_values_says_what_each_means(tmp_path: Path) -> None:
    values = ["Closed Won", "Closed Lost", "Open", "In Bearbeitung", "Warten auf X"]
    text, mapping, tables = read_back(tmp_path, written(tmp_path, leads(Status=values)))
    assert mapping.outcomes is not None
    assert mapping.outcomes.positive is None
    assert mapping.outcomes.outcomes == dict(
        zip(values, ["won", "lost", "open", "open", "open"], strict=True)
    )
    assert "# 12 rows; no usual word, so taken as not decided yet, and left out; check it" in text
    assert tables.label is not None
    assert (len(tables.label), tables.label.sum()) == (24, 12)


def test_a_label_whose_values_are_unknown_words_is_a_guess_to_check(tmp_path: Path) -> None:
    text, mapping, tables = read_back(tmp_path, written(tmp_path, leads(target=["gold", "tin", "tin"])))
    assert mapping.outcomes is not None
    assert mapping.outcomes.positive == "gold"
    assert "check it" in text
    assert tables.label is not None


def test_a_known_label_and_id_are_taken(tmp_path: Path) -> None:
    path = written(tmp_path, leads(flag=["a", "b"], other=[str(at) for at in range(ROWS)]))
    _, mapping, _ = read_back(tmp_path, path, label="flag", id="other")
    assert mapping.outcomes is not None
    assert (mapping.leads.id, mapping.outcomes.label) == ("other", "flag")
    with pytest.raises(InputError, match="a column 'nope'"):
        guess_mapping([path], label="nope")
    with pytest.raises(InputError, match="a column 'nope'"):
        guess_mapping([path], id="nope")


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("cp1252", ";"), ("utf-16", "\t"), ("utf-8-sig", ","), ("utf-8", "|"), ("latin-1", ",")],
)
def test_odd_encodings_and_delimiters_are_written_down(tmp_path: Path, encoding: str, separator: str) -> None:
    path = written(tmp_path, leads(won=["1", "0"]), sep=separator, encoding=encoding)
    _, mapping, tables = read_back(tmp_path, path)
    assert mapping.leads.delimiter == (None if separator == "," else separator)
    assert set(tables.leads["Town"]) == {"Ulm", "Köln", "Rom"}
    assert tables.leads["lead_id"].iloc[7] == "00007"


def test_decimal_commas_are_found(tmp_path: Path) -> None:
    path = written(tmp_path, leads(Umsatz=["1,5", "1.000,25", "12"], won=["1", "0"]), sep=";")
    _, mapping, _ = read_back(tmp_path, path)
    assert mapping.leads.decimal == ","


def test_thousands_are_no_decimal_commas(tmp_path: Path) -> None:
    _, mapping, _ = read_back(tmp_path, written(tmp_path, leads(revenue=["1,500", "22,000", "12"])))
    assert mapping.leads.decimal == "."


@pytest.mark.parametrize(
    ("texts", "time_format", "why"),
    [
        (
            ["22-04-2014 03:53", "01-02-2013 10:00"],
            "%d-%m-%Y %H:%M",
            "day first: the first number reaches 22",
        ),
        (["04/22/2014", "01/02/2013"], "%m/%d/%Y", "month first: the second number reaches 22"),
        (["01/02/2013", "03/04/2013"], "%m/%d/%Y", "ambiguous: no value tells day-first from month-first"),
        (["01.02.2013"], "%d.%m.%Y", "day first, as always with dots"),
        (["31/01/24"], "%d/%m/%y", "day first"),
        (["Jan 5, 2024", "Mar 31, 2024"], "%b %d, %Y", "as in"),
        (["5 January 2024 10:00:00", "31 March 2024 11:00:00"], "%d %B %Y %H:%M:%S", "as in"),
        (["1/31/24 1:05 PM"], "%m/%d/%y %I:%M %p", "month first"),
        (["31/12/2024 10:00:00.123"], "%d/%m/%Y %H:%M:%S.%f", "day first"),
        (["2024/01/31"], "%Y/%m/%d", "as in"),
        (["1398138810"], "epoch_s", "seconds since 1970"),
        (["1398138810123"], "epoch_ms", "milliseconds"),
        (["2024-01-31T09:30:00Z", "2024-01-31"], None, "ISO 8601"),
        (["20240131"], None, "ISO 8601"),
    ],
)
def test_ways_to_write_times_are_recognised(texts: list[str], time_format: str | None, why: str) -> None:
    guess = time_guess("created_at", texts)
    assert guess is not None
    assert guess.time_format == time_format
    assert guess.why.startswith(why) or why in guess.why


@pytest.mark.parametrize(
    "texts", [["12"], ["hello"], ["1.2.3"], ["10115 Berlin"], ["+49 30 1234567"], ["1-2"], []]
)
def test_other_things_are_no_times(texts: list[str]) -> None:
    assert time_guess("town", texts) is None


def test_a_day_first_creation_is_read(tmp_path: Path) -> None:
    days = [f"{at % 28 + 1:02}.{at % 12 + 1:02}.2024 08:15" for at in range(ROWS)]
    text, mapping, tables = read_back(tmp_path, written(tmp_path, leads(Angelegt=days, Letzter=days)))
    assert (mapping.leads.created_at, mapping.leads.time_format) == ("Angelegt", "%d.%m.%Y %H:%M")
    assert "day first: the first number reaches 28" in text
    assert "Letzter" in mapping.leads.exclude
    assert tables.leads["created_at"].notna().all()


def test_spellings_of_not_known_are_found(tmp_path: Path) -> None:
    seats = [str(at) for at in range(1, 30)] + ["ask sales"]
    path = written(
        tmp_path, leads(Seats=seats, Branch=["Select", "Retail", "Unknown", "IT"], Size=["10+", "1"])
    )
    _, mapping, _ = read_back(tmp_path, path)
    assert set(mapping.leads.missing) == {"Select", "Unknown", "ask sales"}


def test_columns_that_must_not_be_features_are_excluded(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - tokens of a test
    columns = leads(
        **{
            "First Name": ["Ann", "Bob"],
            "E-Mail": [f"p{at}@example.org" for at in range(ROWS)],
            "Phone": ["0301234", "0401235"],
            "Contact no.": [f"+49 30 {at:07}" for at in range(ROWS)],
            "Message": [f"please call me back about offer {at} as soon as you can" for at in range(ROWS)],
            "Token": [f"{chance.getrandbits(64):x}" for _ in range(ROWS)],
            "Lead Number": [str(900_000 - at) for at in range(ROWS)],
            "Nothing": [""],
            "Always": ["x"],
            "Tags": ["hot", "cold"],
            "Revenue": [f"{chance.random() * 1000:.2f}" for _ in range(ROWS)],
            "Title": [f"Head of thing {at}" for at in range(ROWS)],
        }
    )
    text, mapping, _ = read_back(tmp_path, written(tmp_path, columns))
    assert set(mapping.leads.exclude) == set(columns) - {"Lead ID", "Town", "Tags", "Revenue", "Title"}
    assert 'perhaps filled in after the outcome was known; if so, add to exclude: "Tags"' in text


def test_multi_valued_columns_have_their_separator(tmp_path: Path) -> None:
    tools = ["aws; python", "python", "aws; k8s; python", "k8s; python", "aws"]
    _, mapping, _ = read_back(
        tmp_path, written(tmp_path, leads(technologies=tools, place=["Ulm, Germany", "Rom, Italy"]))
    )
    assert mapping.leads.multi == {"technologies": ";"}


def test_five_hundred_categories_line_breaks_and_mixed_types_are_survived(tmp_path: Path) -> None:
    columns = leads(
        1_000,
        landing=[f"page-{at}" for at in range(500)],
        mixed=["1", "two", "3.5", "", "2024-01-01", 'x\ny, "z"'],
        won=["0", "1"],
    )
    _, mapping, tables = read_back(tmp_path, written(tmp_path, columns))
    assert mapping.leads.context == ("landing",)
    assert {"landing", "mixed"} <= set(tables.leads.columns)
    assert len(tables.leads) == 1_000


def test_where_no_column_tells_leads_apart_it_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, {"town": ["Ulm", "Ulm"], "won": ["1", "0"]})
    assert "# no id was found: no column has a different value in every row. Set id" in guess_mapping([path])
    with pytest.raises(
        InputError, match="an id of the leads, found no column has a different value in every row"
    ):
        guess_content([path])


def days(count: int, start: str = "2024-01-01", step: int = 1) -> list[str]:
    return [day.date().isoformat() for day in pd.date_range(start, periods=count, freq=f"{step}D")]


def whole_company(folder: Path) -> dict[str, Path]:
    """Write the five tables of a small company, under names that say little."""
    people = leads(created_at=days(ROWS), domain=[f"firm{at}.example" for at in range(20)], seats=["5", "9"])
    ids = people["Lead ID"]
    kinds = ["Visit", "Email Sent", "Visit"]
    return {
        "leads": written(folder, people, "a.csv"),
        "events": written(
            folder,
            {
                "event_id": [f"e{at}" for at in range(200)],
                "lead": [ids[at % 50] for at in range(200)],
                "kind": [kinds[at % 3] for at in range(200)],
                "happened": days(200),
                "page": ["pricing" if at % 2 else "" for at in range(200)],
            },
            "b.csv",
        ),
        "outcomes": written(
            folder,
            {
                "lead": ids[:30],
                "closed": days(30, "2024-03-01"),
                "result": ["Won", "Lost", "Closed Lost"] * 10,
                "amount": ["10", "", ""] * 10,
            },
            "c.csv",
        ),
        "changes": written(
            folder,
            {
                "lead": ids[:20] * 2,
                "field": ["seats", "Town"] * 20,
                "changed": days(40, "2024-02-01"),
                "old": ["5", "Ulm"] * 20,
                "new value": ["7", "Rom"] * 20,
            },
            "d.csv",
        ),
        "accounts": written(
            folder,
            {"domain": [f"firm{at}.example" for at in range(20)], "size": [str(at) for at in range(20)]},
            "e.csv",
        ),
    }


@given(order=st.permutations(["leads", "events", "outcomes", "changes", "accounts"]))
def test_five_files_in_any_order_become_the_five_tables(
    order: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("company")
    files = whole_company(folder)
    mapping = mapping_from(guess_content([files[name] for name in order]))
    for name, path in files.items():
        section = mapping.accounts[0] if name == "accounts" else getattr(mapping, name)
        assert section.path == path.as_posix()


def test_the_columns_of_every_table_are_found(tmp_path: Path) -> None:
    text, mapping, tables = read_back(tmp_path, *whole_company(tmp_path).values())
    events, outcomes, changes = mapping.events, mapping.outcomes, mapping.changes
    [accounts] = mapping.accounts
    assert events and outcomes and changes  # noqa: PT018 - for the type checker too
    assert (events.lead_id, events.occurred_at, events.type, events.event_id) == (
        "lead",
        "happened",
        "kind",
        "event_id",
    )
    assert (events.properties, events.touches) == (("page",), ("Email Sent",))
    assert (outcomes.lead_id, outcomes.occurred_at, outcomes.outcome, outcomes.value) == (
        "lead",
        "closed",
        "result",
        "amount",
    )
    assert outcomes.outcomes == {"Closed Lost": "lost"}
    assert (changes.column, changes.changed_at, changes.value) == ("field", "changed", "new value")
    assert (accounts.key, accounts.lead_key) == ("domain", "domain")
    assert "domain" not in mapping.leads.exclude
    assert mapping.training.horizon is not None
    assert "half of the outcomes come within 61 days" in text
    assert tables.outcomes is not None
    assert set(tables.outcomes["outcome"]) == {"won", "lost"}
    assert tables.events is not None
    assert tables.events["is_touch"].sum() == 67


@pytest.mark.parametrize(
    ("spelling", "end"),
    [
        ("Closed Won", "won"),
        ("Closed Lost", "lost"),
        ("No", "lost"),
        ("Unqualified", "disqualified"),
        ("Negotiation", "open"),
    ],
)
def test_spellings_of_outcomes_are_given_their_meaning(tmp_path: Path, spelling: str, end: str) -> None:
    people = leads(created_at=days(ROWS), Converted=["TRUE", "FALSE"])
    deals = {"lead": people["Lead ID"][:40], "at": days(40, "2024-03-01"), "stage": ["Won", spelling] * 20}
    paths = (written(tmp_path, people), written(tmp_path, deals, "deals.csv"))
    text, mapping, tables = read_back(tmp_path, *paths)
    assert mapping.outcomes is not None
    assert mapping.outcomes.outcomes == {spelling: end}
    assert '"Converted", # tells the outcome, which deals.csv holds' in text
    assert tables.outcomes is not None
    assert set(tables.outcomes["outcome"]) == {"won", end} - {"open"}


def events_file(folder: Path, **columns: list[str]) -> tuple[Path, Path]:
    people = leads(created_at=days(ROWS))
    rows = {
        "Lead ID": people["Lead ID"] * 2,
        "at": days(2 * ROWS),
        "type": ["visit", "call"] * ROWS,
        **columns,
    }
    return written(folder, people), written(folder, rows, "events.csv")


@pytest.mark.parametrize(
    "name", ["event_id", "id", "uuid", "EventId", "Message ID", "activity_uuid", "Ereignis-ID"]
)
def test_an_id_of_events_that_some_rows_repeat_is_taken_and_they_are_counted(
    tmp_path: Path, name: str
) -> None:
    ids = [f"e{at}" for at in range(2 * ROWS)]
    ids[7:12] = ids[:5]
    text, mapping, tables = read_back(tmp_path, *events_file(tmp_path, **{name: ids}))
    assert mapping.events is not None
    assert mapping.events.event_id == name
    assert f"{2 * ROWS - 5:,} different values in {2 * ROWS:,} rows, so 5 rows repeat one" in text
    assert tables.events is not None
    assert len(tables.events) == 2 * ROWS - 5


@pytest.mark.parametrize("name", ["contact_id", "user uuid", "Customer-ID", "session_id", "event_type"])
def test_ids_of_persons_of_visits_and_types_are_no_ids_of_events(tmp_path: Path, name: str) -> None:
    ids = [f"e{at}" for at in range(2 * ROWS)]
    ids[7:12] = ids[:5]
    _, mapping, _ = read_back(tmp_path, *events_file(tmp_path, **{name: ids}))
    assert mapping.events is not None
    assert mapping.events.event_id is None


@pytest.mark.parametrize("ids", [["e1", "e2"] * ROWS, [""] * ROWS + [f"e{at}" for at in range(ROWS)]])
def test_an_id_that_most_rows_repeat_or_lack_is_none(tmp_path: Path, ids: list[str]) -> None:
    _, mapping, _ = read_back(tmp_path, *events_file(tmp_path, event_id=ids))
    assert mapping.events is not None
    assert mapping.events.event_id is None


def test_events_beside_an_undated_label_are_said_to_be_of_no_use(tmp_path: Path) -> None:
    people = leads(created_at=days(ROWS), converted=["1", "0"])
    visits = {"lead": people["Lead ID"] * 2, "at": days(2 * ROWS)}
    text, mapping, _ = read_back(tmp_path, written(tmp_path, people), written(tmp_path, visits, "visits.csv"))
    assert mapping.events is None
    assert mapping.leads.created_at == "created_at"
    assert "visits.csv looks like events, but beside a label without dates nobody" in text


def crm(rows: int = 200, **changed: Any) -> dict[str, list[str]]:
    """Return an ordinary German export: a status, and a date where the lead has ended."""
    status = [("Won", "Lost", "In Bearbeitung", "Open")[at % 4] for at in range(rows)]
    created = pd.date_range("2024-01-01", periods=rows, freq="2D")
    ended = created + pd.Timedelta(days=40)
    dated = [
        day.strftime("%d.%m.%Y") if end in {"Won", "Lost"} else ""
        for day, end in zip(ended, status, strict=True)
    ]
    return {
        "Lead-Nr": [f"L{at:05}" for at in range(rows)],
        "Angelegt am": [day.strftime("%d.%m.%Y") for day in created],
        "Status": status,
        "Abschlussdatum": dated,
        "Firma": [f"Firma {at % 5}" for at in range(rows)],
    } | changed


def test_a_status_and_the_date_of_the_end_become_a_table_of_outcomes(tmp_path: Path) -> None:
    text, mapping, tables = read_back(tmp_path, written(tmp_path, crm(), sep=";"))
    outcomes = mapping.outcomes
    assert outcomes is not None
    assert (outcomes.kind, outcomes.path, outcomes.delimiter) == ("table", mapping.leads.path, ";")
    assert (outcomes.lead_id, outcomes.occurred_at, outcomes.outcome, outcomes.time_format) == (
        "Lead-Nr",
        "Abschlussdatum",
        "Status",
        "%d.%m.%Y",
    )
    assert outcomes.outcomes == {"Won": "won", "Lost": "lost", "In Bearbeitung": "open", "Open": "open"}
    assert {"Status", "Abschlussdatum"} <= set(mapping.leads.exclude)
    assert mapping.training.horizon is not None
    assert "'Abschlussdatum' stands beside 100% of the won leads and 0% of the open ones" in text
    assert tables.outcomes is not None
    assert tables.outcomes["outcome"].value_counts().to_dict() == {"won": 50, "lost": 50}
    assert "leads.csv: 100 rows of leads that are still open left out" in tables.notes
    assert not {"Status", "Abschlussdatum"} & set(tables.leads.columns)


def test_a_named_label_that_has_dates_becomes_a_table_too(tmp_path: Path) -> None:
    _, mapping, _ = read_back(tmp_path, written(tmp_path, crm(), sep=";"), label="Status")
    assert mapping.outcomes is not None
    assert mapping.outcomes.kind == "table"


def test_dated_outcomes_of_the_leads_make_events_usable(tmp_path: Path) -> None:
    people = crm()
    visits = {"lead": people["Lead-Nr"] * 2, "at": days(400)}
    _, mapping, tables = read_back(
        tmp_path, written(tmp_path, people), written(tmp_path, visits, "visits.csv")
    )
    assert mapping.events is not None
    assert tables.events is not None
    assert len(tables.events) == 400


@pytest.mark.parametrize(
    "name", ["won_date", "converted_at", "Kunde seit", "Conversion Date", "customer since"]
)
def test_a_date_of_winning_alone_says_who_won(tmp_path: Path, name: str) -> None:
    won = [day if at % 4 == 0 else "" for at, day in enumerate(days(200, "2024-02-01", 2))]
    people = {
        "id": crm()["Lead-Nr"],
        "created_at": days(200, step=2),
        "Town": ["Ulm", "Rom"] * 100,
        name: won,
    }
    text, mapping, tables = read_back(tmp_path, written(tmp_path, people))
    assert mapping.outcomes is not None
    assert mapping.outcomes.occurred_at == name
    assert "leads that have it are taken as won, the others as still open" in text
    assert tables.outcomes is not None
    assert set(tables.outcomes["outcome"]) == {"won"}
    assert len(tables.outcomes) == 50
    assert "leads.csv: 150 rows of leads that are still open left out" in tables.notes


def test_who_did_not_convert_and_has_no_date_is_not_decided_yet(tmp_path: Path) -> None:
    people = crm(Status=["Yes", "No"] * 100)
    people["Abschlussdatum"] = [
        day if at % 2 == 0 else "" for at, day in enumerate(days(200, "2024-03-01", 2))
    ]
    _, mapping, tables = read_back(tmp_path, written(tmp_path, people))
    assert mapping.outcomes is not None
    assert mapping.outcomes.outcomes == {"Yes": "won", "No": "open"}
    assert tables.outcomes is not None
    assert len(tables.outcomes) == 100


def test_lost_leads_without_a_date_are_counted_and_won_ones_refused(tmp_path: Path) -> None:
    people = crm()
    people["Abschlussdatum"][1] = ""
    _, mapping, tables = read_back(tmp_path, written(tmp_path, people))
    assert "leads.csv: 1 lost leads have no time of it: they count as open, and are never won" in tables.notes
    people["Abschlussdatum"][0] = ""
    written(tmp_path, people)
    with pytest.raises(InputError, match=r"leads\.csv, row 2, column Abschlussdatum"):
        read_tables(mapping, tmp_path)


@pytest.mark.parametrize("name", ["Expected close date", "Letzter Kontakt", "Geplanter Abschluss"])
def test_a_date_that_is_no_end_leaves_the_label_undated(tmp_path: Path, name: str) -> None:
    people = crm()
    people[name] = people.pop("Abschlussdatum")
    _, mapping, _ = read_back(tmp_path, written(tmp_path, people))
    assert mapping.outcomes is not None
    assert mapping.outcomes.label == "Status"


def test_the_horizon_leaves_enough_of_the_history_matured(tmp_path: Path) -> None:
    people = crm(rows=100)
    late = pd.date_range("2024-05-10", periods=100, freq="2D").strftime("%d.%m.%Y")
    people["Abschlussdatum"] = [
        day if old else "" for day, old in zip(late, people["Abschlussdatum"], strict=True)
    ]
    text, mapping, _ = read_back(tmp_path, written(tmp_path, people))
    assert mapping.training.horizon == microseconds("60 days")
    assert "180 days would be usual, but the history spans 3" in text


@pytest.mark.parametrize(
    "name", ["Lead-Nr", "Lead Number", "Lead ID", "Record ID", "Prospect ID", "Kundennummer", "Contact No."]
)
@pytest.mark.parametrize("first", [True, False])
def test_a_name_that_says_lead_makes_the_id(tmp_path: Path, name: str, first: bool) -> None:
    numbers = [str(900_001 + 7 * at) for at in range(ROWS)]
    chance = [str(at * 7919 % 100_003) for at in range(ROWS)]
    ids = {name: numbers, "Temp_ID": chance} if first else {"Temp_ID": chance, name: numbers}
    text, mapping, _ = read_back(tmp_path, written(tmp_path, ids | {"won": ["1", "0"] * 30}))
    assert mapping.leads.id == name
    assert "others that could be: 'Temp_ID'" in text


def test_an_id_shared_with_other_files_goes_before_others_and_a_passing_one_comes_last(
    tmp_path: Path,
) -> None:
    people = {
        "Session ID": [f"s{at}" for at in range(ROWS)],
        "First key": [f"f{at}" for at in range(ROWS)],
        "Second key": [f"k{at}" for at in range(ROWS)],
        "created_at": days(ROWS),
    }
    visits = {"who": people["Second key"], "at": days(ROWS)}
    path = written(tmp_path, people)
    assert guess_content([path])["leads"]["id"] == "First key"
    assert guess_content([path, written(tmp_path, visits, "v.csv")])["leads"]["id"] == "Second key"


@pytest.mark.parametrize(
    "name",
    [
        "Quelle",
        "Leadquelle",
        "Kampagne",
        "Vertriebskanal",
        "Herkunft",
        "origine",
        "fuente",
        "canal",
        "LeadSource",
    ],
)
def test_how_a_lead_came_is_context_in_every_language(tmp_path: Path, name: str) -> None:
    _, mapping, _ = read_back(tmp_path, written(tmp_path, leads(**{name: ["a", "b"]}, won=["1", "0", "0"])))
    assert mapping.leads.context == (name,)
    learned = learn_column(name, ["a", "b"] * 40, cell_rules())
    assert isinstance(learned, Column)
    assert learned.family == "context"


def test_a_file_that_has_nothing_to_do_with_leads_is_named_as_unused(tmp_path: Path) -> None:
    other = written(tmp_path, {"colour": ["red", "blue"], "code": ["x", "y"]}, "other.csv")
    text, _, _ = read_back(tmp_path, written(tmp_path, leads(won=["1", "0"])), other)
    assert "# other.csv is not used: no column of it holds ids of leads" in text


def test_parquet_is_guessed_about_too(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    frame = pd.DataFrame(leads(converted=["1", "0"]))
    frame["converted"] = frame["converted"] == "1"
    frame["created"] = pd.to_datetime(days(ROWS))
    frame["tags"] = [["a", "b"]] * ROWS
    frame.to_parquet(path)
    _, mapping, tables = read_back(tmp_path, path)
    assert (mapping.leads.id, mapping.leads.created_at) == ("Lead ID", "created")
    assert tables.label is not None
    assert tables.label.sum() == ROWS / 2


CELL = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)


@given(
    names=st.lists(CELL.map(str.strip).filter(bool), min_size=1, max_size=5, unique=True),
    rows=st.lists(
        st.lists(
            CELL | st.sampled_from(["1", "0", "2024-01-31", "31/12/2024", "a;b", "1,5"]),
            min_size=5,
            max_size=5,
        ),
        max_size=25,
    ),
)
def test_strange_but_readable_files_never_fail(
    names: list[str], rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("strange")
    path = written(folder, {name: [row[at] for row in rows] for at, name in enumerate(names)})
    try:
        text = guess_mapping([path])
    except InputError as refusal:
        # Some texts are no table: a header that other delimiters cut, or a name twice after trimming.
        assert refusal.faults  # noqa: PT017 - either is right
        return
    assert tomllib.loads(text)


@pytest.mark.realdata
def test_the_real_files_are_understood(data_folder: Path, tmp_path: Path) -> None:
    _, mapping, tables = read_back(tmp_path, data_folder / "xeducation" / "leads.csv")
    assert (mapping.leads.id, mapping.leads.missing[0]) == ("Prospect ID", "Select")
    assert mapping.outcomes is not None
    assert mapping.outcomes.label == "Converted"
    assert tables.label is not None
    assert tables.label.sum() == 3_561

    _, mapping, tables = read_back(
        tmp_path, *(data_folder / "olist" / name for name in ("closed_deals.csv", "mqls.csv"))
    )
    assert (mapping.leads.id, mapping.leads.created_at) == ("mql_id", "first_contact_date")
    assert mapping.leads.context == ("landing_page_id", "origin")
    assert tables.outcomes is not None
    assert len(tables.outcomes) == 842

    _, mapping, tables = read_back(
        tmp_path, *(data_folder / "relax" / name for name in ("users.csv", "visits.csv"))
    )
    assert (mapping.leads.id, mapping.leads.time_format) == ("object_id", "%d-%m-%Y %H:%M")
    assert mapping.leads.exclude == ("name", "email", "last_session_creation_time")
    assert mapping.events is not None
    assert (mapping.events.lead_id, mapping.events.occurred_at) == ("user_id", "time_stamp")
    assert tables.events is not None
    assert len(tables.events) == 207_917


def test_a_few_odd_cells_among_numbers_are_taken_for_not_known(tmp_path: Path) -> None:
    sizes = [f"{at * 1.5 + 1:.1f}" for at in range(ROWS)]
    sizes[7], sizes[30] = "about 50", ">1000"
    path = written(tmp_path, leads(Converted=["yes", "no"], Size=sizes))
    _, mapping, tables = read_back(tmp_path, path)
    assert {"about 50", ">1000"} <= set(mapping.leads.missing)
    column = learn_column("Size", tables.leads["Size"], cell_rules(mapping.leads.missing))
    assert isinstance(column, Column)
    assert column.kind == "number"


def test_points_that_only_ever_part_thousands_are_no_decimal_points(tmp_path: Path) -> None:
    sizes = [f"{number:,}".replace(",", ".") for number in range(120, 120 + 97 * ROWS, 97)]
    path = written(tmp_path, leads(Converted=["yes", "no"], Size=sizes), sep=";")
    _, mapping, tables = read_back(tmp_path, path)
    assert mapping.leads.decimal == ","
    read = [number_of(cell, cell_rules(decimal=",")) for cell in tables.leads["Size"]]
    assert read == list(range(120, 120 + 97 * ROWS, 97))


def test_three_decimals_are_decimals_where_larger_numbers_go_without_a_point(tmp_path: Path) -> None:
    sizes = [f"{at + 1}.125" for at in range(ROWS - 1)] + ["1500"]
    path = written(tmp_path, leads(Converted=["yes", "no"], Size=sizes))
    assert read_back(tmp_path, path)[1].leads.decimal == "."
