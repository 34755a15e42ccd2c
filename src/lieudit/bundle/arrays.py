"""Arrays in an .npz that is safe to open: no pickle, no compression, nothing that was not declared.

An .npz is a zip of .npy members. Both can be made to ask for far more memory than they weigh (a compressed
member, a header with a huge shape) and an object array runs code when it is unpickled. So members are stored
uncompressed, their types are numbers and booleans, and their shapes are compared with what ``bundle.json``
declares before a byte of them is read.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lieudit.errors import BundleError, InternalError

__all__ = ["MAX_BYTES", "Arrays", "declare", "pack", "unpack"]

Arrays = Mapping[str, NDArray[Any]]

#: A model of 100 clusters on 100 features, one full covariance each, takes 8 MB; a larger file is not one of ours.
MAX_BYTES: Final = 64 * 2**20
_MAX_ARRAYS: Final = 64
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_DTYPES: Final = ("<f8", "<f4", "<i8", "<i4", "|b1")
_FIX: Final = "Train it again, or copy it anew from where it was whole."


def declare(arrays: Arrays) -> dict[str, dict[str, Any]]:
    """Describe arrays for ``bundle.json``: the type and shape of each.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Numbers or booleans. A number may be infinite (a bound that nothing reaches), never NaN.

    Returns
    -------
    dict
        ``{name: {"dtype": "<f8", "shape": [6, 12], "finite": True}}``, names sorted.

    Raises
    ------
    InternalError
        An array cannot be stored: its name, type, size or a value that is not a number.
    """
    declared = {name: _describe(arrays[name]) for name in sorted(arrays)}
    try:
        _check_declared(declared)
        for name, spec in declared.items():
            _check_values(name, arrays[name], spec)
    except BundleError as error:
        raise InternalError(f"The model cannot be stored. {error.found}") from error
    return declared


def pack(arrays: Arrays) -> bytes:
    """Write arrays as the bytes of an uncompressed .npz; the same arrays always give the same bytes."""
    buffer = io.BytesIO()
    members: dict[str, Any] = {name: np.asarray(arrays[name], order="C") for name in sorted(arrays)}
    np.savez(buffer, allow_pickle=False, **members)
    return buffer.getvalue()


def unpack(data: bytes, declared: Any) -> dict[str, NDArray[Any]]:
    """Read arrays back, refusing whatever is not as declared.

    Parameters
    ----------
    data : bytes
        The content of the .npz, at most :data:`MAX_BYTES`.
    declared : mapping
        What :func:`declare` gave.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    BundleError
        A member is missing, unknown, compressed, of another type or shape, or holds a value that is no number, or
        is infinite where none was.
    """
    _check_declared(declared)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_members(archive, declared, len(data))
            return {name: _read(archive, name, spec) for name, spec in declared.items()}
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OSError) as error:
        raise _refusal(f"The bundle's arrays cannot be read: {error}.", "an uncompressed .npz") from error


def _describe(array: NDArray[Any]) -> dict[str, Any]:
    finite = array.dtype.kind != "f" or bool(np.isfinite(array).all())
    return {"dtype": array.dtype.str, "shape": list(array.shape), "finite": finite}


def _check_declared(declared: Any) -> None:
    if not isinstance(declared, Mapping) or len(declared) > _MAX_ARRAYS:
        raise _refusal("bundle.json does not list the bundle's arrays.", f"at most {_MAX_ARRAYS} named arrays")
    total = 0
    for name, spec in declared.items():
        dtype, shape = (spec.get("dtype"), spec.get("shape")) if isinstance(spec, Mapping) else (None, None)
        if not _NAME.fullmatch(str(name)) or dtype not in _DTYPES:
            raise _refusal(f"The array {name!r} is of type {dtype!r}.", f"one of {', '.join(_DTYPES)}")
        if not isinstance(shape, list) or not all(isinstance(n, int) and n >= 0 for n in shape):
            raise _refusal(f"The array {name!r} has the shape {shape!r}.", "a list of sizes")
        total += math.prod(shape) * np.dtype(dtype).itemsize
    if total > MAX_BYTES:
        raise _refusal(f"The bundle's arrays would take {total:,} bytes.", f"at most {MAX_BYTES:,}")


def _check_members(archive: zipfile.ZipFile, declared: Mapping[str, Any], size: int) -> None:
    members = archive.infolist()
    found, expected = sorted(member.filename for member in members), sorted(f"{name}.npy" for name in declared)
    if found != expected:
        raise _refusal(f"The bundle's arrays are {', '.join(found) or 'none'}.", ", ".join(expected) or "none")
    if any(member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1 for member in members):
        raise _refusal("The bundle's arrays are compressed or encrypted.", "an uncompressed .npz")
    if sum(member.file_size for member in members) > size:
        raise _refusal("The bundle's arrays claim to be larger than their file.", "an uncompressed .npz")


def _read(archive: zipfile.ZipFile, name: str, spec: Mapping[str, Any]) -> NDArray[Any]:
    member = io.BytesIO(archive.read(f"{name}.npy"))
    major, _ = np.lib.format.read_magic(member)
    header = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
    shape, _, dtype = header(member)
    if [dtype.str, list(shape)] != [spec["dtype"], spec["shape"]]:
        raise _refusal(f"The array {name!r} is {dtype.str} of shape {list(shape)}.",
                       f"{spec['dtype']} of shape {spec['shape']}")  # fmt: skip
    member.seek(0)
    array: NDArray[Any] = np.lib.format.read_array(member, allow_pickle=False)
    _check_values(name, array, spec)
    return array


def _check_values(name: str, array: NDArray[Any], spec: Mapping[str, Any]) -> None:
    if array.dtype.kind != "f":
        return
    if np.isnan(array).any() or (spec.get("finite") is not False and np.isinf(array).any()):
        raise _refusal(f"The array {name!r} holds values that are not finite.", "numbers")


def _refusal(found: str, expected: str) -> BundleError:
    return BundleError(found, expected=expected, fix=_FIX)
