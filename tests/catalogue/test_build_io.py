"""Packages are verified and unpacked safely; the same rows give the same bytes; manifests describe what is made."""

import hashlib
import io
import re
import tarfile
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import yaml

from lieudit.catalogue import open_catalogue
from lieudit.catalogue.build import READERS, build
from lieudit.catalogue.build.fetch import obtain
from lieudit.catalogue.build.packages import PACKAGES, Package
from lieudit.catalogue.folder import write_source
from lieudit.catalogue.source import read_manifest
from lieudit.catalogue.write import write_parquet
from lieudit.errors import CatalogueError


def _package(archive: Path, members: tuple[str, ...]) -> dict[str, Package]:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return {"demo": Package("demo", "pip", "demo==1", archive.name, digest, members)}


@pytest.fixture
def wheel(tmp_path) -> Path:
    path = tmp_path / "demo-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("demo/data/a.json", "[1]")
        archive.writestr("demo/code.py", "raise SystemExit")
    return path


def test_only_the_named_members_are_unpacked(wheel, tmp_path):
    at = obtain(tmp_path / "cache", wheel.parent, _package(wheel, ("demo/data/a.json",)))
    assert [path.name for path in at["demo"].iterdir()] == ["a.json"]
    assert (at["demo"] / "a.json").read_text() == "[1]"


def test_a_member_never_leaves_its_folder(tmp_path):
    path = tmp_path / "demo-1.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("../../escape.json")
        member.size = 2
        archive.addfile(member, io.BytesIO(b"[]"))
    at = obtain(tmp_path / "deep" / "cache", tmp_path, _package(path, ("../../escape.json",)))
    assert (at["demo"] / "escape.json").is_file()
    assert not list(tmp_path.glob("escape.json"))


def test_another_archive_than_the_pinned_one_is_refused(wheel, tmp_path):
    pinned = _package(wheel, ("demo/data/a.json",))
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("more", "")
    with pytest.raises(CatalogueError, match="has the checksum"):
        obtain(tmp_path / "cache", wheel.parent, pinned)


def test_a_missing_archive_is_named(tmp_path):
    with pytest.raises(CatalogueError, match=r"no etalab-decoupage-administratif-6\.0\.0\.tgz"):
        obtain(tmp_path / "cache", tmp_path)


def test_packages_are_pinned():
    for package in PACKAGES.values():
        assert re.fullmatch(r"[0-9a-f]{64}", package.sha256)
        assert re.search(r"(==|.@)\d", package.requirement)


def test_the_same_rows_give_the_same_bytes(tmp_path):
    frame = pd.DataFrame({"code": ["01", None], "n": [1, 2]})
    for name in ("a", "b"):
        write_parquet(frame, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_every_source_that_ships_can_be_made_again():
    assert set(READERS) == {source.name for source in open_catalogue().sources}
    for source in open_catalogue().sources:
        assert source.manifest.packages == tuple(PACKAGES[key].requirement for key in READERS[source.name].packages)


def test_a_source_is_made_again_byte_for_byte(tmp_path):
    shipped = open_catalogue().source("headcount_bands").folder
    frame = READERS["headcount_bands"].read(None)
    write_source(read_manifest(shipped), frame, tmp_path / "headcount_bands")
    for path in shipped.iterdir():
        assert (tmp_path / "headcount_bands" / path.name).read_bytes() == path.read_bytes()


def test_a_column_that_nobody_described_is_refused(tmp_path):
    shipped = open_catalogue().source("headcount_bands").folder
    frame = READERS["headcount_bands"].read(None)["table"].assign(more=1)
    with pytest.raises(CatalogueError, match="describes the columns of table"):
        write_source(read_manifest(shipped), {"table": frame}, tmp_path / "out")
    with pytest.raises(CatalogueError, match="describes the tables table"):
        write_source(read_manifest(shipped), {"other": frame}, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_a_source_that_nobody_makes_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match="No reader makes weather"):
        build(tmp_path, tmp_path, tmp_path, only=["weather"])


def test_manifests_are_written_as_a_build_writes_them():
    for source in open_catalogue().sources:
        text = (source.folder / "source.yaml").read_text(encoding="utf-8")
        again = yaml.safe_dump(yaml.safe_load(text), sort_keys=False, allow_unicode=True, width=118)
        assert text == again, f"{source.name}: run lieudit sources build"
