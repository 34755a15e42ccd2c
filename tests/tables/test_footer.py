"""Footers of Parquet files come out as they went in, and columns appended by them are where they say."""

from __future__ import annotations

import io
from decimal import Decimal

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lieudit.errors import TableError
from lieudit.tables import Beside, connect, open_table, write_table
from lieudit.tables.atomic import part_of
from lieudit.tables.footer import read_footer, write_footer

NESTED = pa.table({
    "i": pa.array([1, None, 3]),
    "list": pa.array([[1, 2], None, []], pa.list_(pa.int32())),
    "record": pa.array([{"a": "x", "b": [{"c": 1.5}]}, None, {"a": None, "b": []}]),
    "pairs": pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int64())),
    "money": pa.array([Decimal("1.50"), None, Decimal("-2.25")], pa.decimal128(12, 2)),
})  # fmt: skip


@pytest.fixture
def con():
    with connect() as opened:
        yield opened


@pytest.mark.parametrize("columns", [1, 14, 15, 16, 200])
def test_a_footer_of_pyarrow_is_written_as_it_was_read(columns):
    table = pa.table({f"c{place}": np.arange(70_000) * (-1) ** place for place in range(columns)})
    file = io.BytesIO()
    options = {"write_page_index": True, "store_schema": True, "row_group_size": 3_000}
    pq.write_table(table.replace_schema_metadata({"k": "v" * 300}), file, **options)
    footer = read_footer(file)
    assert write_footer(footer.fields) == file.getvalue()[footer.begins :]


def test_a_footer_of_duckdb_is_written_as_it_was_read(con, tmp_path):
    kinds = "i, i::VARCHAR AS s, i % 2 = 0 AS b, i / 7 AS d, DATE '2020-01-01' + i::INT AS day, [i] AS l, {a: i} AS r"
    con.execute(f"COPY (SELECT {kinds} FROM range(300000) t(i)) TO '{tmp_path / 'f.parquet'}'")
    with (tmp_path / "f.parquet").open("rb") as file:
        footer = read_footer(file)
        assert write_footer(footer.fields) == (tmp_path / "f.parquet").read_bytes()[footer.begins :]


def test_what_is_no_parquet_has_no_footer():
    with pytest.raises(ValueError, match="does not end as a Parquet file"):
        read_footer(io.BytesIO(b"a;b\n1;2\n3;4\n"))


def test_columns_stand_to_the_right_of_nested_ones(con, tmp_path):
    pq.write_table(NESTED, tmp_path / "in.parquet")
    open_table(con, tmp_path / "in.parquet", name="t")
    beside = [Beside(pa.array([1, 0, 1], pa.int32()), pa.table({"x": ["p", "q"], "y": [0.5, None]}))]
    names = ["I", "list", "record", "pairs", "money", "x", "été"]
    write_table(con, "FROM t", tmp_path / "o.parquet", names=names, beside=beside)
    written = pq.read_table(tmp_path / "o.parquet")
    assert written.column_names == names
    assert written.drop_columns(["x", "été"]).to_pylist() == NESTED.rename_columns(names[:5]).to_pylist()
    assert written.select(["x", "été"]).to_pydict() == {"x": ["q", "p", "q"], "été": [None, 0.5, None]}
    assert con.execute(f"SELECT record.b[1].c, x FROM '{tmp_path / 'o.parquet'}'").fetchone() == (1.5, "q")


@pytest.mark.parametrize("columns", [1, 3, 4, 5, 23])
def test_each_column_is_itself_whatever_their_number(con, tmp_path, columns):
    rows = pa.array(np.random.default_rng(0).integers(0, 50, 200_000), pa.int32())
    values = pa.table({f"c{place}": [f"{place}-{row}" for row in range(50)] for place in range(columns)})
    write_table(con, "SELECT i FROM range(200000) t(i)", tmp_path / "o.parquet", beside=[Beside(rows, values)])
    written = pq.ParquetFile(tmp_path / "o.parquet")
    assert written.num_row_groups == 2
    assert written.read().drop_columns("i").equals(values.take(rows))
    with duckdb.connect() as other:
        sums = ", ".join(f"count(DISTINCT c{place})" for place in range(columns))
        assert other.execute(f"SELECT {sums} FROM '{tmp_path / 'o.parquet'}'").fetchone() == (50,) * columns


def test_stored_rows_become_the_output(con, tmp_path):
    """Rows of text are kept in the output's own part, whatever their encoding; other kinds are not."""
    (tmp_path / "f.csv").write_bytes("id;Ville;ville\n1;Évry;a\n;;\n3;\"Le\nMans\";b\n".encode("cp1252"))  # fmt: skip
    out = tmp_path / "o.parquet"
    with part_of(out) as part:
        table = open_table(con, tmp_path / "f.csv", name="t", stored=part)
        assert table.stored == part
        rows = con.execute(f"SELECT * FROM {table.numbered(table.ref('ville'))} ORDER BY row").fetchall()
        assert rows == [(1, "a"), (2, None), (3, "b")]
        beside = [Beside(pa.array([0, 0, 1], pa.int32()), pa.table({"x": [1.5, None]}))]
        write_table(con, "FROM t", out, names=[*table.columns, "x"], beside=beside, begun=table.stored)
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".csv"] == ["o.parquet"]
    assert pq.read_table(out).to_pydict() == {
        "id": ["1", None, "3"], "Ville": ["Évry", None, "Le\nMans"], "ville": ["a", None, "b"],
        "x": [1.5, 1.5, None],
    }  # fmt: skip
    with part_of(tmp_path / "p.parquet") as part:
        assert open_table(con, out, name="t", stored=part).stored is None


def test_rows_that_cannot_be_stored(con, tmp_path):
    (tmp_path / "f.csv").write_text("a;b\n1;2\n")
    with pytest.raises(TableError, match="cannot be written in"):
        open_table(con, tmp_path / "f.csv", name="t", stored=tmp_path / "nowhere" / "o.parquet")
    (tmp_path / "f.csv").write_text("a;b\n1;2;3\n")
    with pytest.raises(TableError, match=r"Line 2 of f\.csv has 3 fields"):
        open_table(con, tmp_path / "f.csv", name="t", stored=tmp_path / "o.parquet")
