"""A bundle in memory: read from disk, checked, ready to score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lieudit.bundle.files import read_folder
from lieudit.config import EnrichConfig, RfmConfig
from lieudit.errors import BundleError, InputError
from lieudit.features import BlockScaler
from lieudit.rfm_analysis import Thresholds
from lieudit.segment import NOISE, ClusterModel

if TYPE_CHECKING:
    import pandas as pd

    from lieudit.catalogue import Catalogue

__all__ = ["Bundle", "NamedCluster", "load_bundle"]


@dataclass(frozen=True, slots=True)
class NamedCluster:
    """A cluster's names, and what the training found it to be.

    Attributes
    ----------
    cluster : int
        -1 is noise.
    names : dict of str to str
        By language, ``fr`` and ``en``.
    status : str
        ``unnamed``, ``named``, ``unstable``, ``chance`` or ``noise``.
    """

    cluster: int
    names: Mapping[str, str]
    status: str


@dataclass(frozen=True, repr=False)
class Bundle:
    """A trained segmentation.

    Attributes
    ----------
    folder : Path
        Where it was read from.
    name : str
    lang : {"fr", "en"}
        The language of names in what it scores.
    as_of : date or None
        The training's day of reference; None where there were no transactions.
    configuration : mapping
        The training's, without paths.
    rfm : RfmConfig
        How the training measured orders.
    enrich : EnrichConfig
        Which open data it added.
    columns : mapping of str to mapping of str to str
        Role to column of the training's ``customers`` and ``transactions``.
    thresholds : Thresholds or None
        The frozen edges of the scores; None where there were no transactions.
    scaler : BlockScaler
    model : ClusterModel
    clusters : tuple of NamedCluster
    sources : mapping
        Vintage and checksums of the open data, by source.
    versions : mapping of str to str
        Of the packages that made it.
    digest : str
        SHA-256 of its content.
    """

    folder: Path
    name: str
    lang: Literal["fr", "en"]
    as_of: date | None
    configuration: Mapping[str, Any]
    rfm: RfmConfig
    enrich: EnrichConfig
    columns: Mapping[str, Mapping[str, str]]
    thresholds: Thresholds | None
    scaler: BlockScaler
    model: ClusterModel
    clusters: tuple[NamedCluster, ...]
    sources: Mapping[str, Mapping[str, Any]]
    versions: Mapping[str, str]
    digest: str

    def __repr__(self) -> str:
        trained = f", as of {self.as_of}" if self.as_of else ""
        return f"<Bundle {self.name}: {self.model.n_clusters} clusters on {len(self.model.columns)} columns{trained}>"

    def features_of(self, block: str) -> tuple[str, ...]:
        """Return the features of a block that enter the clusters."""
        return tuple(dict.fromkeys(column.feature for column in self.scaler.columns_ if column.block == block))

    def score(
        self,
        customers: pd.DataFrame | str | Path,
        transactions: pd.DataFrame | str | Path | None = None,
        *,
        as_of: date | None = None,
        catalogue: Catalogue | None = None,
    ) -> pd.DataFrame:
        """Give customers their commune, RFM score, rule segment, cluster, segment name and strength.

        Parameters
        ----------
        customers : DataFrame or path, shape (n, p)
            Columns are recognised as in training, else from their headers. Where there are no transactions, the
            columns ``recency_days``, ``frequency`` and ``monetary``, if all are there, stand for them.
        transactions : DataFrame or path, optional
            Their orders.
        as_of : date, optional
            Day of reference for recency: by default the training's, or the day after the last order if that is later.
        catalogue : Catalogue, optional
            Open data; the catalogue that comes with lieudit by default.

        Returns
        -------
        DataFrame of shape (n, p + added)
            The same rows in the same order. Columns of the input stay as they were; then come those of open data, of
            RFM (empty for customers without orders) and ``cluster``, ``segment``, ``strength``, ``unnamed`` and
            ``cluster_basis``, which says what decided: ``behaviour and place``, ``place only``, ``behaviour only`` or
            ``none``. ``attrs["warnings"]`` holds what the reader should know.

        Raises
        ------
        TableError
            A file cannot be read, or orders cannot be told to customers.
        """
        from lieudit.bundle.scoring import score_frame  # noqa: PLC0415 - it needs this class

        return score_frame(self, customers, transactions, as_of=as_of, catalogue=catalogue)


def load_bundle(path: str | Path) -> Bundle:
    """Read a bundle and check all of it: files, checksums, digest, format version, shapes, values.

    Nothing in a bundle is code: no pickle is read, whatever the files hold.

    Parameters
    ----------
    path : str or Path
        The bundle's folder, such as ``models/demo``, or the ``bundle.json`` in it.

    Returns
    -------
    Bundle

    Raises
    ------
    BundleError
        It is missing, damaged, edited, too large, or of another format version.
    """
    folder, content, arrays = read_folder(path)
    try:
        bundle = _build(folder, content, arrays)
        _check_model(bundle)
    except InputError as error:
        raise _incomplete(folder, error.found) from error
    except (KeyError, TypeError, ValueError, AttributeError, np.linalg.LinAlgError) as error:
        raise _incomplete(folder, f"{type(error).__name__} {error}.") from error
    return bundle


def _build(folder: Path, content: dict[str, Any], arrays: Mapping[str, Any]) -> Bundle:
    thresholds, configuration = content["thresholds"], dict(content["configuration"])
    return Bundle(
        folder=folder,
        name=_text(content["name"]),
        lang=content["lang"],
        as_of=date.fromisoformat(content["as_of"]) if content["as_of"] else None,
        configuration=configuration,
        rfm=RfmConfig.model_validate(configuration["rfm"]),
        enrich=EnrichConfig.model_validate(configuration["enrich"]),
        columns={table: dict(content["columns"][table]) for table in ("customers", "transactions")},
        thresholds=None if thresholds is None else Thresholds.from_json(thresholds),
        scaler=BlockScaler.from_dict(content["features"]),
        model=ClusterModel.from_arrays(arrays, content["model"]),
        clusters=tuple(NamedCluster(s["cluster"], dict(s["names"]), s["status"]) for s in content["segments"]),
        sources={name: dict(about) for name, about in content["sources"].items()},
        versions={package: _text(version) for package, version in content["versions"].items()},
        digest=content["digest"],
    )


def _check_model(bundle: Bundle) -> None:
    """Check what the parts must agree on, so that scoring cannot stumble half-way.

    Raises
    ------
    ValueError, LinAlgError
        They do not.
    """
    model = bundle.model
    if model.columns != tuple(bundle.scaler.get_feature_names_out()):
        raise ValueError("the clusters and the features have other columns")
    if sorted(named.cluster for named in bundle.clusters) != sorted(
        [NOISE, *(model.numbers or range(model.n_clusters))]
    ):
        raise ValueError("the clusters and their names are not the same")
    if bundle.lang not in ("fr", "en") or any({"fr", "en"} - named.names.keys() for named in bundle.clusters):
        raise ValueError("a name is missing in French or English")
    if not all(np.isfinite(array).all() for array in (model.weights, model.means, model.covariances)):
        raise ValueError("a cluster has no finite shape")
    if (model.weights <= 0).any():
        raise ValueError("a cluster has no weight")
    np.linalg.cholesky(model.covariances)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _incomplete(folder: Path, detail: str) -> BundleError:
    return BundleError(f"{folder} is not a whole bundle: {detail}", expected="what lieudit train wrote",
                       fix="Train it again, or copy it anew from where it was whole.")  # fmt: skip
