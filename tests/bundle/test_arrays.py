"""Arrays come back as they were, and nothing else is let in."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lieudit.bundle import arrays as npz
from lieudit.errors import BundleError, InternalError

DTYPES = st.sampled_from([np.float64, np.float32, np.int64, np.int32, np.bool_])
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)
ARRAYS = st.dictionaries(
    st.from_regex(r"\A[a-z][a-z0-9_]{0,8}\Z"),
    DTYPES.flatmap(lambda dtype: hnp.arrays(dtype, SHAPES)).filter(lambda array: not np.isnan(array).any()),
    max_size=4,
)


@given(ARRAYS)
def test_arrays_come_back_as_they_were(arrays):
    declared = npz.declare(arrays)
    back = npz.unpack(npz.pack(arrays), declared)
    assert back.keys() == arrays.keys()
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)


def test_the_same_arrays_give_the_same_bytes_whatever_their_order():
    first, second = np.arange(3.0), np.eye(2)
    assert npz.pack({"a": first, "b": second}) == npz.pack({"b": second, "a": first})


def test_an_infinite_bound_is_kept_and_said():
    bounds = np.array([np.inf, 3.0])
    declared = npz.declare({"bounds": bounds})
    assert declared["bounds"]["finite"] is False
    np.testing.assert_array_equal(npz.unpack(npz.pack({"bounds": bounds}), declared)["bounds"], bounds)


@pytest.mark.parametrize(
    ("arrays", "found"),
    [
        ({"a": np.array([object()])}, "type '|O'"),
        ({"a": np.array(["text"])}, "type '<U4'"),
        ({"a": np.array([np.nan])}, "not finite"),
        ({"../a": np.zeros(1)}, "'../a'"),
        ({"a": np.zeros((npz.MAX_BYTES // 8 + 1,), dtype=np.float64)}, "bytes"),
    ],
)
def test_what_cannot_be_stored_is_our_fault(arrays, found):
    with pytest.raises(InternalError, match="cannot be stored") as caught:
        npz.declare(arrays)
    assert found in str(caught.value)


def npz_of(compression=zipfile.ZIP_STORED, **members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


VECTOR = {"a": {"dtype": "<f8", "shape": [3], "finite": True}}


def test_a_compressed_member_is_refused_before_it_is_inflated():
    bomb = npz_of(zipfile.ZIP_DEFLATED, a=npy(np.zeros(3)) + b"\0" * 10_000_000)
    assert len(bomb) < 20_000
    with pytest.raises(BundleError, match="compressed"):
        npz.unpack(bomb, VECTOR)


def test_an_object_array_is_refused_and_never_unpickled(tmp_path):
    class Payload:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    hostile = npz_of(a=npy(np.array([Payload()] * 3, dtype=object)))
    with pytest.raises(BundleError, match="type"):
        npz.unpack(hostile, {"a": {"dtype": "|O", "shape": [3], "finite": True}})
    with pytest.raises(BundleError, match=r"\|O of shape"):
        npz.unpack(hostile, VECTOR)
    assert not (tmp_path / "ran").exists()


def test_a_header_that_claims_more_than_there_is_is_refused():
    small = npy(np.zeros(3))
    header = small.replace(b"'shape': (3,), }     ", b"'shape': (900000,), }")
    assert header != small
    assert len(header) == len(small)
    with pytest.raises(BundleError, match="shape"):
        npz.unpack(npz_of(a=header), VECTOR)
    with pytest.raises(BundleError, match="cannot be read"):
        npz.unpack(npz_of(a=header), {"a": {"dtype": "<f8", "shape": [900000], "finite": True}})


@pytest.mark.parametrize(
    ("data", "declared"),
    [
        (npz_of(a=npy(np.zeros(4))), VECTOR),
        (npz_of(a=npy(np.zeros(3, dtype=np.float32))), VECTOR),
        (npz_of(a=npy(np.array([0, np.nan, 0]))), VECTOR),
        (npz_of(a=npy(np.array([0, np.inf, 0]))), VECTOR),
        (npz_of(b=npy(np.zeros(3))), VECTOR),
        (npz_of(a=npy(np.zeros(3)), b=npy(np.zeros(3))), VECTOR),
        (npz_of(), VECTOR),
        (b"not a zip", VECTOR),
        (npz_of(a=b"not an npy"), VECTOR),
        (npz_of(a=npy(np.zeros(3))), None),
        (npz_of(a=npy(np.zeros(3))), {"a": "text"}),
        (npz_of(a=npy(np.zeros(3))), {"a": {"dtype": "<f8", "shape": [-1]}}),
        (npz_of(a=npy(np.zeros(3))), {"a": {"dtype": "<f8", "shape": [10**12]}}),
        (npz_of(a=npy(np.zeros(3))), {"../a": {"dtype": "<f8", "shape": [3]}}),
    ],
)
def test_whatever_is_not_as_declared_is_refused(data, declared):
    with pytest.raises(BundleError) as caught:
        npz.unpack(data, declared)
    assert caught.value.expected
    assert caught.value.fix
