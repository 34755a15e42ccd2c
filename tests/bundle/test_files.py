"""A bundle's folder is written whole or not at all, and every damage to it is seen."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from lieudit.bundle import files
from lieudit.bundle.arrays import MAX_BYTES
from lieudit.errors import BundleError, ConfigError

CONTENT = {"name": "boutique", "as_of": "2025-12-31", "segments": [{"cluster": 0, "name": "communes aisées"}]}
ARRAYS = {"means": np.arange(6.0).reshape(2, 3), "bounds": np.array([np.inf, 2.5])}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return files.write_folder(tmp_path / "models", "boutique", CONTENT, ARRAYS)


def edit(bundle: Path, **changes: object) -> None:
    index = json.loads((bundle / "bundle.json").read_text(encoding="utf-8")) | changes
    (bundle / "bundle.json").write_text(json.dumps(index, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def resign(bundle: Path, **changes: object) -> None:
    """Edit as someone would who also computes the digest anew."""
    edit(bundle, **changes)
    index = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    index.pop("digest")
    edit(bundle, digest=files._digest(index))


def test_what_was_written_is_read(bundle):
    folder, content, arrays = files.read_folder(bundle)
    assert folder == bundle
    assert {key: content[key] for key in CONTENT} == CONTENT
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
    assert files.read_folder(bundle / "bundle.json")[1] == content
    assert sorted(path.name for path in bundle.iterdir()) == ["arrays.npz", "bundle.json"]
    assert "communes aisées" in (bundle / "bundle.json").read_text(encoding="utf-8")


def test_the_same_content_gives_the_same_bytes(bundle, tmp_path):
    again = files.write_folder(tmp_path / "elsewhere", "boutique", CONTENT, ARRAYS)
    for name in ("bundle.json", "arrays.npz"):
        assert (again / name).read_bytes() == (bundle / name).read_bytes()


def test_every_single_changed_byte_of_the_arrays_is_seen(bundle):
    whole = (bundle / "arrays.npz").read_bytes()
    for position in range(0, len(whole), 37):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        (bundle / "arrays.npz").write_bytes(bytes(damaged))
        with pytest.raises(BundleError, match="checksum"):
            files.read_folder(bundle)


def test_every_single_changed_byte_of_the_index_is_seen(bundle):
    whole = (bundle / "bundle.json").read_bytes()
    seen = 0
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        if _same_json(bytes(damaged), whole):  # white space between tokens means nothing
            continue
        seen += 1
        (bundle / "bundle.json").write_bytes(bytes(damaged))
        with pytest.raises(BundleError):
            files.read_folder(bundle)
    assert seen > len(whole) / 2


def _same_json(one: bytes, other: bytes) -> bool:
    try:
        return json.loads(one) == json.loads(other)
    except ValueError:
        return False


@pytest.mark.parametrize("name", ["arrays.npz", "bundle.json"])
def test_a_missing_file(bundle, name):
    (bundle / name).unlink()
    with pytest.raises(BundleError, match=f"has no {name}"):
        files.read_folder(bundle)


@pytest.mark.parametrize("name", ["model.pkl", ".DS_Store", "sub"])
def test_an_unknown_file(bundle, name):
    (bundle / name).mkdir() if name == "sub" else (bundle / name).write_bytes(b"")
    with pytest.raises(BundleError, match=f"unknown file: {name}"):
        files.read_folder(bundle)


@pytest.mark.parametrize("name", ["arrays.npz", "bundle.json"])
def test_a_link_in_place_of_a_file(bundle, tmp_path, name):
    (bundle / name).rename(tmp_path / name)
    (bundle / name).symlink_to(tmp_path / name)
    with pytest.raises(BundleError, match="not a plain file"):
        files.read_folder(bundle)


def test_an_edited_index(bundle):
    edit(bundle, as_of="2026-12-31")
    with pytest.raises(BundleError, match="was changed after it was saved"):
        files.read_folder(bundle)


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_format_version(bundle, version):
    resign(bundle, format_version=version)
    with pytest.raises(BundleError, match=r"format version .* Expected: version 1"):
        files.read_folder(bundle)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "other"},
        {"files": {}},
        {"files": {"arrays.npz": "0" * 64}},
        {"files": {"../arrays.npz": "0" * 64}},
        {"arrays": {}},
        {"arrays": {"means": {"dtype": "<f8", "shape": [3, 2], "finite": True}}},
    ],
)
def test_an_index_edited_by_someone_who_signs_it_anew(bundle, changes):
    resign(bundle, **changes)
    with pytest.raises(BundleError):
        files.read_folder(bundle)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"format": NaN}', "é".encode("latin-1"), b"\xef\xbb\xbf{}", "[" * 9999]
)
def test_an_index_that_is_none(bundle, text):
    (bundle / "bundle.json").write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(BundleError):
        files.read_folder(bundle)


@pytest.mark.parametrize("name", ["arrays.npz", "bundle.json"])
def test_a_huge_file_is_refused_before_it_is_read_whole(bundle, name):
    with (bundle / name).open("r+b") as file:
        file.truncate(MAX_BYTES * 40)  # sparse: it takes no room on disk
    with pytest.raises(BundleError, match="larger than any bundle's"):
        files.read_folder(bundle)


@pytest.mark.parametrize("path", ["nowhere", "nowhere/bundle.json"])
def test_no_bundle_there(tmp_path, path):
    with pytest.raises(BundleError, match="There is no bundle"):
        files.read_folder(tmp_path / path)


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "a\\b", ".hidden", "a\n", "x" * 200, "end."])
def test_a_name_that_cannot_be_a_folders(tmp_path, name):
    with pytest.raises(ConfigError, match="cannot name"):
        files.write_folder(tmp_path / "models", name, CONTENT, ARRAYS)
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("name", ["demo", "my-shop", "Boutique été 2025", "v1.2_b"])
def test_a_name_that_can(tmp_path, name):
    assert files.write_folder(tmp_path, name, CONTENT, ARRAYS) == tmp_path / name


def test_an_older_bundle_is_replaced(bundle):
    files.write_folder(bundle.parent, "boutique", CONTENT | {"as_of": "2026-12-31"}, ARRAYS)
    assert files.read_folder(bundle)[1]["as_of"] == "2026-12-31"
    assert [path.name for path in bundle.parent.iterdir()] == ["boutique"]


@pytest.mark.parametrize("failing", ["write", "first rename", "second rename"])
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_an_older_bundle_stays_when_the_new_one_fails(bundle, monkeypatch, failing, error):
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    calls = []
    rename = Path.rename

    def fail(*args: object) -> None:
        raise error

    def rename_once(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == (1 if failing == "first rename" else 2):
            raise error
        return rename(self, target)

    monkeypatch.setattr(*((files, "_write", fail) if failing == "write" else (Path, "rename", rename_once)))
    with pytest.raises(error):
        files.write_folder(bundle.parent, "boutique", CONTENT | {"as_of": "2026-12-31"}, ARRAYS)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == before
    assert [path.name for path in bundle.parent.iterdir()] == ["boutique"]


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_bundle_is_left_alone(tmp_path, kind):
    target = tmp_path / "boutique"
    if kind == "file":
        target.write_text("mine")
    elif kind == "link":
        (tmp_path / "real").mkdir()
        target.symlink_to(tmp_path / "real")
    else:
        target.mkdir()
        (target / "thesis.txt").write_text("mine")
    with pytest.raises(BundleError, match="left alone"):
        files.write_folder(tmp_path, "boutique", CONTENT, ARRAYS)
    assert kind != "folder" or (target / "thesis.txt").read_text() == "mine"


def test_readable_by_whom_the_umask_says(tmp_path):
    before = os.umask(0o027)
    try:
        folder = files.write_folder(tmp_path, "boutique", CONTENT, ARRAYS)
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o750
