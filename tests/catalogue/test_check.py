"""A whole catalogue passes; whatever is damaged is found out."""

import hashlib
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from lieudit.catalogue import open_catalogue
from lieudit.errors import CatalogueError


def test_the_shipped_catalogue_is_whole():
    assert [str(problem) for problem in open_catalogue().check()] == []


def test_the_shipped_catalogue_is_small():
    sizes = [path.stat().st_size for path in open_catalogue().folder.rglob("*") if path.is_file()]
    assert max(sizes) < 8e6
    assert sum(sizes) < 15e6


@pytest.fixture
def copy(tmp_path) -> Path:
    """One source, that a test may damage."""
    shutil.copytree(open_catalogue().folder / "headcount_bands", tmp_path / "headcount_bands")
    return tmp_path / "headcount_bands"


def _problems(copy: Path) -> str:
    return "\n".join(str(problem) for problem in open_catalogue(copy.parent).check())


def _edit(copy: Path, **changes: object) -> None:
    path = copy / "source.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    table = content["tables"]["table"]
    for key, value in changes.items():
        (table if key in table else content)[key] = value
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def _rewrite(copy: Path, table: pa.Table) -> None:
    """Write another table, and let the manifest state its checksum and row count."""
    path = copy / "table.parquet"
    pq.write_table(table, path)
    _edit(copy, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), rows=table.num_rows)


def test_a_copy_is_whole(copy):
    assert _problems(copy) == ""


def test_a_changed_file(copy):
    path = copy / "table.parquet"
    pq.write_table(pq.read_table(path), path, compression="none")
    assert _problems(copy) == "headcount_bands/table: the checksum of table.parquet is not the manifest's."


def test_a_cut_file(copy):
    path = copy / "table.parquet"
    path.write_bytes(path.read_bytes()[:500])
    assert "not readable Parquet" in _problems(copy)


def test_a_missing_file(copy):
    (copy / "table.parquet").unlink()
    assert "table.parquet is missing" in _problems(copy)


def test_a_duplicate_key(copy):
    table = pq.read_table(copy / "table.parquet")
    _rewrite(copy, pa.concat_tables([table, table.slice(0, 2)]))
    assert _problems(copy) == "headcount_bands/table: the key band stands on 2 more rows than it should."


def test_an_empty_key(copy):
    table = pq.read_table(copy / "table.parquet")
    bands = table.column("band").to_pylist()
    _rewrite(copy, table.set_column(0, "band", pa.array([None, *bands[1:]], pa.string())))
    assert "band, the first column of the key, has empty values" in _problems(copy)


def test_a_missing_column(copy):
    _rewrite(copy, pq.read_table(copy / "table.parquet").drop_columns("label"))
    assert "the columns are band, headcount_min, headcount_max, not" in _problems(copy)


def test_a_column_of_another_type(copy):
    table = pq.read_table(copy / "table.parquet")
    _rewrite(copy, table.set_column(1, "label", pa.array(range(table.num_rows))))
    assert "label is int64, not text" in _problems(copy)


def test_a_wrong_row_count(copy):
    _edit(copy, rows=15)
    assert "16 rows, not the 15 of the manifest" in _problems(copy)


def test_another_licence(copy):
    _edit(copy, licence="All rights reserved")
    assert "the licence 'All rights reserved' is not one of" in _problems(copy)


@pytest.mark.parametrize("licence", ["", " ", None])
def test_a_source_without_licence_is_not_even_opened(copy, licence):
    _edit(copy, licence=licence)
    with pytest.raises(CatalogueError, match=r"headcount_bands/source\.yaml has no licence"):
        open_catalogue(copy.parent)


def test_an_address_of_another_licence(copy):
    _edit(copy, licence_url="https://example.org")
    assert "licence_url" in _problems(copy)


def test_a_missing_attribution(copy):
    _edit(copy, attribution=" ")
    assert "attribution is empty" in _problems(copy)


def test_a_missing_notice(copy):
    (copy / "NOTICE.md").unlink()
    assert "NOTICE.md is missing" in _problems(copy)


def test_a_notice_of_something_else(copy):
    (copy / "NOTICE.md").write_text("Thanks.", encoding="utf-8")
    assert "NOTICE.md does not hold the attribution line" in _problems(copy)


def test_a_table_that_no_manifest_names(copy):
    shutil.copy(copy / "table.parquet", copy / "other.parquet")
    assert "other.parquet is not in the manifest" in _problems(copy)
