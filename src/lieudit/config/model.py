"""The configuration as typed, frozen sections. Each field is explained in configs/default.yaml."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Method = Literal["kmeans", "ward", "gaussian_mixture", "hdbscan_leaf", "hdbscan_eom", "valleys"]
Kind = Literal["numeric", "categorical"]
Language = Literal["fr", "en"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CustomersConfig(_Section):
    """The customer file; a column left out is recognised from the headers."""

    path: str
    id: str | None = None
    name: str | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    siret: str | None = None
    siren: str | None = None
    naf: str | None = None
    lat: str | None = None
    lon: str | None = None
    website: str | None = None
    declared: tuple[str, ...] | dict[str, Kind] = ()


class TransactionsConfig(_Section):
    """The orders; ``amount`` may be an expression over columns, such as ``Quantity * Price``."""

    path: str
    customer: str | None = None
    date: str | None = None
    amount: str | None = None
    order: str | None = None


class EnrichConfig(_Section):
    """Which open data to add, and whether anything may leave the machine."""

    sources: tuple[str, ...] | None = None
    catalogue: Path | None = None
    estimate: bool = False
    match_names: bool | None = None
    purpose: Literal["prospecting"] | None = None
    force: bool = False
    online: bool = False
    geocoder: str = "https://data.geopf.fr/geocodage"
    company_search: str = "https://recherche-entreprises.api.gouv.fr"
    sirene_api: str = "https://api.insee.fr/api-sirene/3.11"
    websites: bool = False
    private_websites: bool = False

    @field_validator("geocoder", "company_search", "sirene_api")
    @classmethod
    def _is_address(cls, value: str) -> str:
        # No name or password in it: the configuration is kept with the run.
        if not re.fullmatch(r"https?://[^\s?#@/]+(/[^\s?#@]*)?", value):
            raise ValueError("an address such as https://data.geopf.fr/geocodage")
        return value

    @model_validator(mode="after")
    def _online_where_asked(self) -> Self:
        if self.websites and not self.online:
            raise ValueError("online: true beside websites: true, for websites are read from the network")
        return self


class RfmConfig(_Section):
    """How recency, frequency and monetary value are measured and scored."""

    levels: Literal[4] = 4
    window_days: Annotated[int, Field(gt=0)] | None = None
    monetary: Literal["total", "mean"] = "total"


class TrainConfig(_Section):
    """How candidates are made, measured and chosen."""

    seed: Annotated[int, Field(ge=0)] = 0
    methods: tuple[Method, ...] = ("kmeans", "ward", "gaussian_mixture", "hdbscan_leaf", "hdbscan_eom", "valleys")
    min_clusters: Annotated[int, Field(ge=2)] = 2
    max_clusters: Annotated[int, Field(ge=2)] = 10
    resamples: Annotated[int, Field(ge=2)] = 10
    sample_size: Annotated[int, Field(ge=100, le=30_000)] = 30_000
    min_share: Annotated[float, Field(gt=0, lt=0.5)] = 0.01
    components: Literal["all", "parallel"] = "all"
    worth: bool = True
    previous: Path | None = None
    typical: bool = False
    jobs: int = -1

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_clusters > self.max_clusters:
            raise ValueError(f"min_clusters ({self.min_clusters}) no greater than max_clusters ({self.max_clusters})")
        return self


class TrackingConfig(_Section):
    """Where MLflow keeps experiments."""

    uri: str = "sqlite:///mlruns/mlflow.db"
    experiment: str | None = None
    artifacts: str = "mlruns/artifacts"


class Config(_Section):
    """A whole run. Without a customer file, the customers are those of the transactions."""

    name: str = "lieudit"
    note: str | None = None
    customers: CustomersConfig | None = None
    transactions: TransactionsConfig | None = None
    as_of: date | None = None
    out: Path = Path("out")
    models: Path = Path("models")
    lang: Language = "fr"
    enrich: EnrichConfig = EnrichConfig()
    rfm: RfmConfig = RfmConfig()
    train: TrainConfig = TrainConfig()
    tracking: TrackingConfig = TrackingConfig()

    @model_validator(mode="after")
    def _has_customers(self) -> Self:
        if self.customers is None and self.transactions is None:
            raise ValueError("customers: {path: …}, or transactions: {path: …}, or both")
        return self
