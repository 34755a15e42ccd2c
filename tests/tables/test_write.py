"""Files out: the right values, whole or not at all."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lieudit.errors import TableError
from lieudit.tables import Beside, check_out, connect, open_table, write_json, write_table, write_text
from lieudit.tables.atomic import whole

KINDS = ("csv", "tsv", "parquet", "xlsx", "jsonl", "ndjson")


@pytest.fixture
def con():
    with connect(threads=2) as connection:
        yield connection


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_again(con, tmp_path, kind):
    con.execute("""CREATE TABLE t AS SELECT * FROM (VALUES
        ('01000', 'x,"y";\n|z', NULL, 'é€'), ('=1+1', '-', '@a', NULL), (NULL, NULL, NULL, 'NULL')) v(a, b, c, d)""")
    out = tmp_path / "new" / "folder" / f"out.{kind}"
    write_table(con, "FROM t", out, names=["a", "A", 'a "b",', "été"])
    table = open_table(con, out, name="again")
    assert table.columns == ("a", "A", 'a "b",', "été")
    assert con.execute("FROM again").fetchall() == con.execute("FROM t").fetchall()
    assert [path.name for path in out.parent.iterdir()] == [out.name]


@pytest.mark.parametrize("kind", KINDS)
def test_order_is_kept(con, tmp_path, kind):
    con.execute("CREATE TABLE t AS SELECT i, hash(i) AS h FROM range(30000) r(i)")
    write_table(con, "SELECT i FROM t ORDER BY h", tmp_path / f"o.{kind}")
    open_table(con, tmp_path / f"o.{kind}", name="again")
    found = [int(i) for (i,) in con.execute("SELECT i FROM again").fetchall()]
    assert found == [i for (i,) in con.execute("SELECT i FROM t ORDER BY h").fetchall()]


def test_types(con, tmp_path):
    sql = "SELECT 1 AS i, 2.5::DOUBLE AS x, DATE '2024-01-02' AS d, TRUE AS b, 1.10::DECIMAL(9,2) AS m"
    for kind in ("csv", "parquet", "xlsx", "jsonl"):
        write_table(con, sql, tmp_path / f"o.{kind}")
    assert (tmp_path / "o.csv").read_text() == "i,x,d,b,m\n1,2.5,2024-01-02,true,1.10\n"
    assert json.loads((tmp_path / "o.jsonl").read_text()) == {"i": 1, "x": 2.5, "d": "2024-01-02", "b": True, "m": 1.1}
    assert pd.read_parquet(tmp_path / "o.parquet")["d"][0] == dt.date(2024, 1, 2)
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx").active
    assert [cell.value for cell in sheet[2]][:2] == [1, 2.5]
    assert sheet["C2"].value == dt.datetime(2024, 1, 2)


def test_no_rows_leave_a_header(con, tmp_path):
    for kind in ("csv", "tsv", "parquet", "xlsx"):
        write_table(con, "SELECT 1 AS a, 2 AS b WHERE false", tmp_path / f"o.{kind}")
        with pytest.raises(TableError, match="2 columns and no rows"):
            open_table(con, tmp_path / f"o.{kind}", name="t")
    assert (tmp_path / "o.csv").read_text() == "a,b\n"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError, MemoryError])
def test_a_failure_leaves_what_was_there(con, tmp_path, monkeypatch, kind, fault):
    out = tmp_path / f"o.{kind}"
    out.write_text("before")

    def fail(*args):
        raise fault

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(TableError if fault is OSError else fault):
        write_table(con, "SELECT 1 AS a", out)
    assert out.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_an_interruption_leaves_nothing(tmp_path):
    """Ctrl-C in a process of its own, while the file grows."""
    script = """if True:
        import signal, sys
        from pathlib import Path
        from lieudit.tables import connect, write_table
        signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal
        write_table(connect(), "SELECT i, hash(i) AS h FROM range(1000000000) r(i)", Path(sys.argv[1]))"""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "o.parquet")], stderr=subprocess.PIPE
    ) as process:
        while not any(path.stat().st_size for path in tmp_path.iterdir()):
            assert process.poll() is None
            time.sleep(0.02)
        assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert b"KeyboardInterrupt" in errors
    assert list(tmp_path.iterdir()) == []


def test_a_query_that_fails_midway_leaves_nothing(con, tmp_path):
    sql = "SELECT CASE WHEN i = 900000 THEN error('stop') ELSE i::VARCHAR END AS a FROM range(1000000) r(i)"
    for kind in ("csv", "parquet", "jsonl"):
        for folder in (tmp_path, tmp_path / "new" / "deep"):
            with pytest.raises(Exception, match="stop"):
                write_table(con, sql, folder / f"o.{kind}")
            assert list(tmp_path.iterdir()) == []


def test_inputs_are_not_overwritten(con, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("a;b\n1;2\n")
    table = open_table(con, source, name="t")
    (tmp_path / "alias.csv").symlink_to(source)
    for out in (source, tmp_path / "x" / ".." / "in.csv", tmp_path / "alias.csv"):
        with pytest.raises(TableError, match="is one of the inputs"):
            write_table(con, f"FROM {table.sql}", out)
    assert source.read_text() == "a;b\n1;2\n"
    assert check_out(tmp_path / "other.csv", con=con) == tmp_path / "other.csv"


def test_bad_outputs_say_why(con, tmp_path):
    (tmp_path / "file").write_text("x")
    for out, message in [
        (tmp_path / "o.doc", "of no known kind"),
        (tmp_path, "of no known kind"),
        (tmp_path / "file" / "o.csv", "Nothing may be written"),
    ]:
        with pytest.raises(TableError, match=message):
            write_table(con, "SELECT 1 AS a", out)
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(TableError, match="is a folder"):
        check_out(tmp_path / "d.csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(con, tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(TableError, match="Nothing may be written"):
        write_table(con, "SELECT 1 AS a", tmp_path / "closed" / "o.csv")


def test_too_many_rows_for_excel(con, tmp_path):
    with pytest.raises(TableError, match="1048576 rows"):
        write_table(con, "FROM range(1048576)", tmp_path / "o.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_text_and_json(tmp_path):
    write_json({"b": "é", "a": [1, 2.5, None]}, tmp_path / "new" / "o.json")
    written = (tmp_path / "new" / "o.json").read_bytes()
    assert written == '{\n  "b": "é",\n  "a": [\n    1,\n    2.5,\n    null\n  ]\n}\n'.encode()
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json({"a": float("nan")}, tmp_path / "o.json")
    write_text("à\n", tmp_path / "o.html")
    assert (tmp_path / "o.html").read_bytes() == "à\n".encode()


cells = st.none() | st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=8), kind=st.sampled_from(["csv", "tsv", "jsonl"]))
def test_any_text_goes_out_and_comes_back(con, tmp_path, rows, kind):
    rows = [*rows, ("end", "end")]
    con.execute("CREATE OR REPLACE TABLE t (a VARCHAR, b VARCHAR)")
    con.executemany("INSERT INTO t VALUES (?, ?)", rows)
    with connect(threads=1) as other:
        write_table(con, "FROM t", tmp_path / f"o.{kind}")
        open_table(other, tmp_path / f"o.{kind}", name="again")
        assert other.execute("FROM again").fetchall() == rows


def test_columns_beside_the_rows(con, tmp_path):
    """Texts of few and of many values, numbers and nulls, over several groups of a Parquet file."""
    rows = np.random.default_rng(0).integers(0, 70_000, 300_000).astype("int32")
    many = [None if i % 7 == 0 else f"c{i}" for i in range(70_000)]
    few = ["a", "b", None, "a"]
    values = [
        Beside(pa.array(rows), pa.table({"many": many, "n": pa.array(range(70_000), pa.int64())})),
        Beside(pa.array(rows % 4), pa.table({"few": few, "x": [0.5, None, 1.5, 2.5], "b": [True, False, None, True]})),
    ]
    con.execute("CREATE TABLE t AS SELECT i, 'text ' || i AS own FROM range(300000) r(i)")
    for out in (tmp_path / "o.parquet", tmp_path / "o.csv"):
        write_table(con, "FROM t", out, names=["i", "I", "many", "n", "few", "x", "b"], beside=values)
    file = pq.ParquetFile(tmp_path / "o.parquet")
    assert file.num_row_groups > 2
    table = file.read()
    assert [str(kind) for kind in table.schema.types] == [
        "int64", "string", "string", "int64", "string", "double", "bool",
    ]  # fmt: skip
    found = table.to_pydict()
    assert found["i"] == list(range(300_000))
    assert found["I"][299_999] == "text 299999"
    assert found["many"] == [many[row] for row in rows]
    assert found["n"] == rows.tolist()
    assert found["few"] == [few[row % 4] for row in rows]
    assert found["x"] == [[0.5, None, 1.5, 2.5][row % 4] for row in rows]
    csv = con.execute(f"SELECT * FROM read_csv('{tmp_path / 'o.csv'}', all_varchar = true) LIMIT 1").fetchall()[0]
    assert csv[:3] == ("0", "text 0", many[rows[0]])


def test_no_rows_with_columns_beside_them(con, tmp_path):
    beside = [Beside(pa.array([], pa.int32()), pa.table({"a": ["x"], "n": [1]}))]
    write_table(con, "SELECT 1 AS i WHERE false", tmp_path / "o.parquet", beside=beside)
    assert pq.read_schema(tmp_path / "o.parquet").names == ["i", "a", "n"]


def test_what_a_killed_process_left_is_removed(tmp_path):
    script = """if True:
        import sys
        from pathlib import Path
        from lieudit.tables import connect, write_table
        write_table(connect(), "SELECT i, hash(i) AS h FROM range(1000000000) r(i)", Path(sys.argv[1]))"""
    out = tmp_path / "o.parquet"
    with subprocess.Popen([sys.executable, "-c", script, str(out)]) as process:
        while not any(path.stat().st_size for path in tmp_path.iterdir()):
            assert process.poll() is None
            time.sleep(0.02)
        with whole(out) as other:  # of a process that runs: left alone
            other.write_text("ours")
        assert len(list(tmp_path.glob(".*.part"))) == 1
        process.kill()
    assert len(list(tmp_path.glob(".*.part"))) == 1
    (tmp_path / ".o.parquet.00000000-1-abc.part").write_text("of another machine")
    write_text("done", out)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".o.parquet.00000000-1-abc.part", "o.parquet"]
