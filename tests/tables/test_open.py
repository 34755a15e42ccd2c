"""What people have, read as it stands."""

import datetime as dt
import gzip
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest

from lieudit.errors import TableError
from lieudit.tables import Table, connect, open_table, write_table


@pytest.fixture
def con():
    with connect(threads=2) as connection:
        yield connection


def rows(con, table: Table) -> list[tuple]:
    return con.execute(f"FROM {table.sql}").fetchall()


def opened(con, path: Path, content: str | bytes) -> Table:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_table(con, path, name="t")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_dialects(con, tmp_path, delimiter, encoding, newline):
    lines = ["id,ville,cp", "1,Besançon,01000", "2,Évry,2A004"]
    text = newline.join(line.replace(",", delimiter) for line in lines) + newline
    table = opened(con, tmp_path / "f.csv", text.encode(encoding))
    assert table.columns == ("id", "ville", "cp")
    assert rows(con, table) == [("1", "Besançon", "01000"), ("2", "Évry", "2A004")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a;b\n1;"x;\ny ""z"""\n', [("1", 'x;\ny "z"')]),  # separators, line ends and quotes within quotes
        ("\n\na;b\n\n1;2\n\n\n3;4\n\n", [("1", "2"), ("3", "4")]),  # blank lines anywhere
        ("a;b\r\n1;2\n3;4\r\n", [("1", "2"), ("3", "4")]),  # line ends of both kinds
        ("a;b\n1;2", [("1", "2")]),  # no line end at the end
        ('a;b\n1;\n"";NULL\n', [("1", None), (None, "NULL")]),  # an empty field is NULL, the word is not
        ("a;b\n1;12,50\n2;1 234,00\n", [("1", "12,50"), ("2", "1 234,00")]),  # decimal commas are no separators
        ("nom;adresse, rue\nA;1, rue X\n", [("A", "1, rue X")]),
        ("siret\n01000\n\n02000\n", [("01000",), ("02000",)]),  # one column
        ('a;b\n1;5" tube\n', [("1", '5" tube')]),
        ("sep=;\na;b\n1,5;2\n", [("1,5", "2")]),  # what Excel understands on a first line
        ("a;b\n;\n", [(None, None)]),  # an empty record is a row
    ],
)
def test_csv_traps(con, tmp_path, text, expected):
    assert rows(con, opened(con, tmp_path / "f.csv", text)) == expected


def test_csv_line_ends_of_both_kinds_keep_the_number_of_fields(con, tmp_path):
    with pytest.raises(TableError, match=r"Line \d of f.csv has 3 fields"):
        opened(con, tmp_path / "f.csv", "a;b\r\n1;2\n3;4;5\r\n")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_character_cut_by_a_block_is_whole(con, tmp_path, monkeypatch, encoding):
    lines = [f"{number};é{'à' * (number % 5)}" for number in range(200)]
    text = "\r\n".join(["a;b", *lines]) + "\n"  # the last line end, unlike the others, asks for a clean copy
    for block in (2, 3, 7):
        monkeypatch.setattr("lieudit.tables.encoding._BLOCK", block)
        table = opened(con, tmp_path / "f.csv", text.encode(encoding))
        assert [";".join(row) for row in rows(con, table)] == lines


def test_a_record_that_never_ends(con, tmp_path):
    with pytest.raises(TableError, match=r"Line 2 of f.csv opens a quote that it does not close"):
        opened(con, tmp_path / "f.csv", 'a;b\n1;"2\n' + "3;4\n" * 700_000)
    with pytest.raises(TableError, match=r"Line 2 of f.csv is longer than 2 MB"):
        opened(con, tmp_path / "f.csv", f"a;b\n1;{'x' * 2_500_000}\n3;4\n")


def test_compressed_csv(con, tmp_path):
    path = tmp_path / "f.csv.gz"
    path.write_bytes(gzip.compress("a;b\n1;é\n".encode("cp1252")))
    assert rows(con, open_table(con, path, name="t")) == [("1", "é")]
    (tmp_path / "f.jsonl.gz").write_bytes(gzip.compress(b'{"a": "1"}'))
    assert rows(con, open_table(con, tmp_path / "f.jsonl.gz", name="t")) == [("1",)]
    with pytest.raises(TableError, match="of no known kind"):
        opened(con, tmp_path / "f.parquet.gz", b"x")
    path.write_bytes(gzip.compress(b"a;b\n1;2\n")[:-9])
    with pytest.raises(TableError, match="not a whole gzip file"):
        open_table(con, path, name="t")


def test_headers_repeated_empty_and_alike(con, tmp_path):
    table = opened(con, tmp_path / "f.csv", "a,,a,A,\n1,2,3,4,5\n")
    assert table.columns == ("a", "column_2", "a_2", "A", "column_5")
    values = [con.execute(f"SELECT {table.ref(column)} FROM {table.sql}").fetchall()[0][0] for column in table.columns]
    assert values == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "f.csv is empty"),
        ("\n\n", "f.csv is empty"),
        ("a;b\n", "2 columns and no rows"),
        ("a;b\n1;2\n3\n", r"Line 3 of f.csv has 1 field\. Expected: 2 fields"),
        ("a;b\n1;2;3\n", r"Line 2 of f.csv has 3 fields"),
        ('a;b\n1;"x\n', "opens a quote that it does not close"),
        (b"a;b\n1;\0\n", "binary"),
        ("a;b\né;à\nè;".encode() + b"\xe9\n", "UTF-8 with broken characters"),
        (b"a;b\n\x81\x8d;1\n", "not text that can be read"),
    ],
)
def test_bad_csv_says_why(con, tmp_path, content, message):
    with pytest.raises(TableError, match=message):
        opened(con, tmp_path / "f.csv", content)
    assert con.execute("SHOW TABLES").fetchall() == []


def test_bad_paths_say_why(con, tmp_path):
    with pytest.raises(TableError, match="There is no file"):
        open_table(con, tmp_path / "none.csv", name="t")
    with pytest.raises(TableError, match="is a folder"):
        open_table(con, tmp_path, name="t")
    for name in ("f.doc", "f.xls", "f"):
        with pytest.raises(TableError, match="of no known kind"):
            opened(con, tmp_path / name, "a;b\n1;2\n")
    for name in ("f.parquet", "f.xlsx"):
        with pytest.raises(TableError, match="not a readable"):
            opened(con, tmp_path / name, "a;b\n1;2\n")


def test_excel_is_read_as_it_looks(con, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    book.create_sheet("other").append(["never read"])
    sheet.append([])
    sheet.append(["id", "cp", "id", "date", "prix", "actif"])
    sheet.append([1000.0, 1000, "007", dt.datetime(2024, 1, 2), 12.5, True])
    sheet["B3"].number_format = "00000"
    sheet.append([])
    sheet.append([73282932000074, None, "=x", dt.datetime(2024, 1, 2, 10, 30), 0.1, False])
    sheet["C5"].data_type = "s"
    book.save(tmp_path / "f.xlsx")
    table = open_table(con, tmp_path / "f.xlsx", name="t")
    assert table.columns == ("id", "cp", "id_2", "date", "prix", "actif")
    assert rows(con, table) == [
        ("1000", "01000", "007", "2024-01-02", "12.5", "true"),
        ("73282932000074", None, "=x", "2024-01-02 10:30:00", "0.1", "false"),
    ]
    sheet["H3"] = "stray"
    book.save(tmp_path / "f.xlsx")
    with pytest.raises(TableError, match="values beyond its 6 columns"):
        open_table(con, tmp_path / "f.xlsx", name="t")


def test_empty_excel_says_so(con, tmp_path):
    openpyxl.Workbook().save(tmp_path / "f.xlsx")
    with pytest.raises(TableError, match="is empty"):
        open_table(con, tmp_path / "f.xlsx", name="t")


def test_json_lines(con, tmp_path):
    text = '{"id": 1000.0, "B": {"x": 1}, "b": "01"}\n\n{"zé/~ \\"q": null, "id": true}\n'
    table = opened(con, tmp_path / "f.jsonl", text)
    assert table.columns == ("id", "B", "b", 'zé/~ "q')
    assert rows(con, table) == [("1000.0", '{"x":1}', "01", None), ("true", None, None, None)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n{bad\n', "Line 2 of f.jsonl is not a JSON object"),
        ('[{"a": 1}]\n', "Line 1"),
        ("12\n", "Line 1"),
        ("{}\n", "holds no keys"),
    ],
)
def test_bad_json_lines_say_where(con, tmp_path, text, message):
    with pytest.raises(TableError, match=message):
        opened(con, tmp_path / "f.jsonl", text)
    assert con.execute("SHOW TABLES").fetchall() == []


def test_parquet_keeps_types_and_names(con, tmp_path):
    frame = pd.DataFrame({"a": [1, 2], "A": [dt.date(2024, 1, 1), None], "x y": [1.5, None]})
    frame.to_parquet(tmp_path / "f.parquet")
    table = open_table(con, tmp_path / "f.parquet", name="t")
    assert table.columns == ("a", "A", "x y")
    assert rows(con, table) == [(1, dt.date(2024, 1, 1), 1.5), (2, None, None)]
    frame.iloc[:0].to_parquet(tmp_path / "f.parquet")
    with pytest.raises(TableError, match="3 columns and no rows"):
        open_table(con, tmp_path / "f.parquet", name="t")


def test_dataframes(con):
    frame = pd.DataFrame({"a": [1, "2A004", None], "b": [1.0, None, 2.0], "A": ["x", "y", None]}, index=[7, 7, 8])
    frame.insert(3, "a", [dt.date(2024, 1, 1)] * 3, allow_duplicates=True)
    table = open_table(con, frame, name="t")
    assert table.columns == ("a", "b", "A", "a_2")
    day = dt.date(2024, 1, 1)
    assert rows(con, table) == [("1", 1.0, "x", day), ("2A004", None, "y", day), (None, 2.0, None, day)]
    with pytest.raises(TableError, match="no rows"):
        open_table(con, frame.iloc[:0], name="t")
    with pytest.raises(TableError, match="no columns"):
        open_table(con, pd.DataFrame(index=[1, 2]), name="t")


def test_duckdb_tables_and_queries(con, tmp_path):
    path = tmp_path / "shop.db"
    with duckdb.connect(str(path)) as shop:
        shop.execute("CREATE TABLE orders AS SELECT 1 AS id, DATE '2024-01-01' AS day UNION ALL SELECT 2, NULL")
        shop.execute("CREATE SCHEMA old; CREATE TABLE old.orders AS SELECT 7 AS id")
    url = f"duckdb:///{path}"
    assert rows(con, open_table(con, f"{url}?table=orders", name="a")) == [(1, dt.date(2024, 1, 1)), (2, None)]
    assert rows(con, open_table(con, f"{url}?table=old.orders", name="b")) == [(7,)]
    query = open_table(con, f"{url}?query=SELECT id + 1 AS n FROM orders WHERE id >= 2 AND day IS NULL;", name="c")
    assert rows(con, query) == [(3,)]
    for wrong in (
        f"{url}?table=none",
        f"{url}?query=DROP TABLE orders",
        url,
        f"{url}?table=",
        "duckdb:///no.db?table=a",
    ):
        with pytest.raises(TableError):
            open_table(con, wrong, name="d")
    (tmp_path / "no.db").write_text("this is no database" * 1000)
    with pytest.raises(TableError, match="cannot be opened"):
        open_table(con, f"duckdb:///{tmp_path / 'no.db'}?table=a", name="d")


def test_postgresql_says_what_to_do(con):
    with pytest.raises(TableError, match="psql -c"):
        open_table(con, "postgresql://localhost/shop?table=orders", name="t")


def test_a_name_can_be_used_again(con, tmp_path):
    write_table(con, "SELECT 1 AS a", tmp_path / "f.parquet")
    frame = pd.DataFrame({"b": [2]})
    for source, expected in [(tmp_path / "f.parquet", 1), (frame, 2), (tmp_path / "f.parquet", 1)]:
        assert rows(con, open_table(con, source, name="t")) == [(expected,)]
    opened(con, tmp_path / "f.csv", "a;b\n1;2\n")
    assert rows(con, open_table(con, frame, name="t")) == [(2,)]


def test_no_temporary_file_is_left(con, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    opened(con, tmp_path / "f.csv", "a;b\n1;é\n".encode("cp1252"))
    opened(con, tmp_path / "f.jsonl", '{"a": "é"}\n'.encode("cp1252"))
    with pytest.raises(TableError):
        opened(con, tmp_path / "f.csv", "a;b\n1;é\n2\n".encode("cp1252"))
    with connect(threads=1) as small:
        small.execute("SET memory_limit = '60MB'")
        small.execute(
            "CREATE TABLE big AS SELECT i, hash(i)::VARCHAR AS h, 'some text'||i AS t FROM range(2000000) r(i)"
        )
        assert list((tmp_path / "temp").iterdir())
    assert list((tmp_path / "temp").iterdir()) == []


@pytest.mark.parametrize("name", ["a [1]", "b*", "c?", "d'q\"", "e{x}", "é (1)", "~", "%20"])
def test_file_names_are_no_patterns(con, tmp_path, name):
    for kind in ("csv", "parquet", "jsonl", "xlsx"):
        for wrong in ("a 1", "bb", "cc"):  # what the name would stand for as a pattern
            write_table(con, "SELECT 'wrong' AS a", tmp_path / f"{wrong}.{kind}")
        write_table(con, "SELECT 'right' AS a", tmp_path / f"{name}.{kind}")
        assert rows(con, open_table(con, tmp_path / f"{name}.{kind}", name="t")) == [("right",)]
