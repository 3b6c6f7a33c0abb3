import codecs
import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from features.errors import InputError
from features.mapping import Source, mapping_from
from features.reading import read_tables
from features.reading.delimiters import delimiter_of
from features.reading.encodings import encoding_of
from features.reading.files import read_file, read_source
from features.reading.raw_tables import RawTable

NAMES = ("id", "Straße", "revenue", "note")


def written(folder: Path, content: str | bytes, name: str = "leads.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def rows(raw: RawTable) -> list[list[str | None]]:
    known = raw.cells.astype(object).where(raw.cells.notna(), None)
    return [list(row) for row in known.itertuples(index=False)]


def test_cells_are_text_exactly_as_written_and_empty_ones_are_missing(tmp_path: Path) -> None:
    raw = read_file(written(tmp_path, "id,n,x\n007,1.0,NA\n 8 ,1e5,\n"))
    assert rows(raw) == [["007", "1.0", "NA"], ["8", "1e5", None]]
    assert list(raw.cells.index) == [2, 3]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_detected(tmp_path: Path, delimiter: str) -> None:
    content = "id;town;revenue\n1;Köln;1,5\n2;Ulm;2,5\n".replace(";", delimiter)
    if delimiter == ",":
        content = 'id,town,revenue\n1,Köln,"1,5"\n2,Ulm,"2,5"\n'
    raw = read_file(written(tmp_path, content))
    assert raw.delimiter == delimiter
    assert rows(raw) == [["1", "Köln", "1,5"], ["2", "Ulm", "2,5"]]


def test_where_the_header_holds_two_marks_the_rows_decide() -> None:
    assert delimiter_of("id;amount, net;town\n1;2,5;Ulm\n2;3,5;Köln\n3;1,5;Ulm\n") == ";"
    assert delimiter_of("id,a|b,c\n1,2,3\n4,5,6\n7,8,9\n") == ","


def test_a_single_column_is_a_table(tmp_path: Path) -> None:
    assert rows(read_file(written(tmp_path, "id\n01\n02\n"))) == [["01"], ["02"]]


@pytest.mark.parametrize(
    ("encoding", "mark", "found"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8-sig"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "utf-32"),
        ("cp1252", b"", "cp1252"),
        ("latin-1", b"", "cp1252"),
    ],
)
def test_the_encoding_is_detected(tmp_path: Path, encoding: str, mark: bytes, found: str) -> None:
    content = mark + "id,name\n1,Lærke Müller\n2,René Ágatha\n".encode(encoding)
    raw = read_file(written(tmp_path, content))
    assert raw.encoding == found
    assert rows(raw) == [["1", "Lærke Müller"], ["2", "René Ágatha"]]


def test_cyrillic_in_its_old_encoding_is_told_from_western_letters(tmp_path: Path) -> None:
    towns = ("Москва", "Санкт-Петербург", "Новосибирск", "Екатеринбург", "Нижний Новгород", "Казань")
    content = "id,город\n" + "".join(f"{at},{town}\n" for at, town in enumerate(towns * 10))
    assert encoding_of(written(tmp_path, content, encoding="cp1251")) == "cp1251"


@pytest.mark.parametrize(
    "content",
    ["id;Firma;Straße\n1;Müller;Große Gärten\n2;Jäger & Söhne;Übergang\n", "id;ß\n", "a;€\nß;ö\nä;ü\n" * 9],
)
def test_a_german_file_is_windows_1252_and_not_its_eastern_sister(tmp_path: Path, content: str) -> None:
    assert encoding_of(written(tmp_path, content, encoding="cp1252")) == "cp1252"


def test_a_byte_that_windows_1252_leaves_undefined_is_read_as_latin_1(tmp_path: Path) -> None:
    raw = read_file(written(tmp_path, b"id,name\n" + b"1,Ren\xe9e M\xfcller\n" * 50 + b"2,\x81\n"))
    assert raw.encoding == "latin-1"


def test_one_foreign_letter_in_the_last_row_is_noticed(tmp_path: Path) -> None:
    content = b"id,name\n" + b"1,plain\n" * 50_000 + b"2,L\xe6rke\n"
    assert rows(read_file(written(tmp_path, content)))[-1] == ["2", "Lærke"]


def test_line_breaks_delimiters_and_quotes_inside_quotes_belong_to_the_cell(tmp_path: Path) -> None:
    raw = read_file(written(tmp_path, 'id,note\r\n1,"one\ntwo, ""three"""\r\n2,four\r\n'))
    assert rows(raw) == [["1", 'one\ntwo, "three"'], ["2", "four"]]


def test_rows_of_another_length_are_named_by_their_number_in_the_file(tmp_path: Path) -> None:
    raw = read_file(written(tmp_path, 'id,note\n1,"one\ntwo"\n\n3\n4,5,6\n7,8\n'))
    assert rows(raw) == [["1", "one\ntwo"], ["7", "8"]]
    assert list(raw.cells.index) == [2, 6]
    assert list(raw.rejects.table()["row"]) == [4, 5]
    assert raw.notes == ("leads.csv: 1 blank rows left out",)
    with pytest.raises(InputError, match=r"leads\.csv, row 4: expected 2 cells, found 1 "):
        raise raw.rejects.error()


def test_equal_column_names_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 1: expected different column names, found 'a' more than once"):
        read_file(written(tmp_path, "a,b, a\n1,2,3\n"))


@pytest.mark.parametrize("text", ["id,n\nL-1,1\nL-2,1\n", "id,created,n\nL-1,2024-01-01,7\n"])
def test_a_file_that_lost_its_line_breaks_is_said_to_have_one_line(tmp_path: Path, text: str) -> None:
    written(tmp_path, text.replace("\n", ""))
    mapping = mapping_from({"leads": {"path": "leads.csv", "id": "n"}})
    with pytest.raises(InputError, match="The file has one line alone"):
        read_tables(mapping, tmp_path)


def test_a_column_without_name_is_called_by_its_place_or_left_out_if_empty(tmp_path: Path) -> None:
    raw = read_file(written(tmp_path, ",id,\n0,a,\n1,b,\n"))
    assert list(raw.cells.columns) == ["column 1", "id"]
    assert len(raw.notes) == 2


def test_lines_before_the_header_are_passed_over(tmp_path: Path) -> None:
    raw = read_file(written(tmp_path, "sep=;\n\nid;x\n1;2\n3\n"))
    assert rows(raw) == [["1", "2"]]
    assert list(raw.cells.index) == [4]
    assert list(raw.rejects.rows) == [5]


def test_a_quote_that_is_never_closed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="row 3: expected a closing quote, found the end of the file"):
        read_file(written(tmp_path, 'id,note\n1,fine\n2,"open\n3,x\n4,y\n'))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "a header row, found an empty file"),
        (b"\n\n", "a header row, found blank lines"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0" * 50, "found bytes that are no text"),
        (b"PAR1junk", "a Parquet file"),
    ],
)
def test_what_holds_no_table_is_refused_with_a_remedy(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_file(written(tmp_path, content))


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1junk", b"PAR1" + b"\0" * 50 + b"\x08\0\0\0PAR1"])
def test_what_is_wrong_with_a_parquet_file_is_said_without_its_folder(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InputError, match=f"^{path.name}: expected a Parquet file, found ") as refused:
        read_file(path)
    assert str(tmp_path) not in str(refused.value)
    assert path.name in refused.value.faults[0].found


def test_a_header_alone_is_an_empty_table(tmp_path: Path) -> None:
    assert read_file(written(tmp_path, "id,x")).cells.shape == (0, 2)


@pytest.mark.parametrize("name", ["q{:05}", "c{:x}"])
def test_a_header_that_is_longer_than_what_is_looked_at_is_refused_and_not_cut(
    tmp_path: Path, name: str
) -> None:
    header = ",".join(name.format(number) for number in range(16_000))
    path = written(tmp_path, f"{header}\n{',' * 15_999}\n")
    with pytest.raises(InputError, match=r"row 1: expected a header of fewer than 65536 characters"):
        read_file(path)


def test_rows_far_below_the_header_are_rows(tmp_path: Path) -> None:
    blank = "\n" * 70_000
    assert rows(read_file(written(tmp_path, f"id,n{blank}1,2\n"))) == [["1", "2"]]


def test_a_missing_file_a_folder_and_a_wrong_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_file(tmp_path / "none.csv")
    with pytest.raises(InputError, match="found a folder"):
        read_file(tmp_path)
    path = written(tmp_path, b"id,x\n1,\xe6\n")
    with pytest.raises(InputError, match="a known encoding"):
        read_file(path, encoding="klingon")
    with pytest.raises(InputError, match="text in utf-8"):
        read_file(path, encoding="utf-8")
    with pytest.raises(InputError, match="text in ascii"):
        read_file(path, encoding="ascii")


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "leads.parquet"
    table = pd.DataFrame(
        {"id": [1, 2], "x": [0.5, None], "t": [" a ", ""], "when": pd.to_datetime(["2024-01-01"] * 2)}
    )
    table.to_parquet(path)
    cells = read_file(path).cells
    assert [dtype.kind for dtype in cells.dtypes[["id", "x", "when"]]] == ["i", "f", "M"]
    assert cells["t"].tolist()[0] == "a"
    assert cells["t"].isna().tolist() == [False, True]
    assert list(cells.index) == [1, 2]


def test_a_query_is_a_table(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/crm.db"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table leads (id text, employees integer)"))
        connection.execute(text("insert into leads values ('007', 12), ('8', null)"))
    engine.dispose()
    raw = read_source(Source(url=url, query="select * from leads"), tmp_path)
    assert raw.cells["id"].tolist() == ["007", "8"]
    with pytest.raises(InputError, match="an answer to the query, found no such table: deals"):
        read_source(Source(url=url, query="select * from deals"), tmp_path)


@pytest.mark.parametrize("url", ["nodb://me:s3cret@host/x", "sqlite://me:s3cret@host:1/s3cret", "s3cret"])
def test_no_message_holds_the_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_source(Source(url=url, query="select 1"), tmp_path)
    said = f"{caught.value}{caught.value.__cause__}"
    assert "me:s3cret" not in said
    assert url == "s3cret" or "s3cret" not in said.replace("/s3cret", "")


def test_a_password_in_a_driver_s_own_words_is_hidden(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"mysql://me:\*\*\*@host/x.*No module named '\*\*\*'"):
        read_source(Source(url="mysql://me:MySQLdb@host/x", query="select 1"), tmp_path)


def test_bytes_that_are_no_text_are_noticed_late_in_a_file_too(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found bytes that are no text"):
        read_file(written(tmp_path, b"id,x\n" + b"1,2\n" * 20_000 + b"\0,\0\n"))


def test_the_password_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CRM_FILE", f"{tmp_path}/crm.db")
    raw = read_source(Source(url="sqlite:///$CRM_FILE", query="select 1 as one"), tmp_path)
    assert raw.cells["one"].tolist() == [1]


CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=8
).map(lambda cell: cell.strip())


@given(
    table=st.lists(st.tuples(*[CELL] * 4), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_the_csv_module_writes_is_read_cell_for_cell(
    table: list[tuple[str, ...]],
    delimiter: str,
    encoding: str,
    line_end: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([NAMES, *table])
    path = written(tmp_path_factory.mktemp("csv"), buffer.getvalue(), encoding=encoding)
    raw = read_file(path)
    assert (raw.delimiter, raw.encoding) == (delimiter, encoding)
    assert list(raw.cells.columns) == list(NAMES)
    expected = [[cell or None for cell in row] for row in table if any(row)]
    assert rows(raw) == expected
    assert list(raw.cells.index) == [at for at, row in enumerate(table, start=2) if any(row)]


@pytest.mark.realdata
def test_users_of_relax_are_read_though_they_are_not_utf_8(data_folder: Path) -> None:
    raw = read_file(data_folder / "relax" / "users.csv")
    assert raw.encoding == "cp1252"
    assert "Mathiesen Lærke" in set(raw.cells["name"])
    assert len(raw.cells) == 12_000
