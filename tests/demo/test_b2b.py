"""The B2B demo's data: fictional, the same on every run, told apart by what companies they are, and found so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

from lieudit import tables
from lieudit.catalogue import open_catalogue
from lieudit.companies import clean_siret
from lieudit.config import load
from lieudit.demo import DemoFiles, run_demo
from lieudit.demo.b2b import write_b2b
from lieudit.demo.company_cells import SPELLINGS, write_identifiers
from lieudit.features import BlockScaler
from lieudit.pipeline.prepare import prepare
from lieudit.pipeline.progress import Silent

BEHAVIOUR = ["recency_days", "frequency", "monetary", "mean_basket", "tenure_days", "order_gap_cv"]
LOOKED_UP = ["siren", "siret_status", "company_status", "company_method", "company_note", "diffusible"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_b2b(tmp_path_factory.mktemp("b2b"), customers=1500, seed=0)


@pytest.fixture(scope="module")
def truth(files: DemoFiles) -> pd.DataFrame:
    return pd.read_parquet(files.truth).set_index("customer_id")


@pytest.fixture(scope="module")
def prepared(files: DemoFiles, tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the features that the program itself finds in the files, and what it says of the companies."""
    config = load(files.config)
    rejects = tmp_path_factory.mktemp("rejects") / "rejects.csv"
    with tables.connect() as con:
        found = prepare(con, config, open_catalogue(own=config.enrich.catalogue), Silent(), rejects)
        looked_up = found.assembled.frame(con, LOOKED_UP).set_axis(found.frame.index, axis=0)
    assert (rejects.with_name("candidates.csv")).exists()
    return found.frame, looked_up


def test_same_seed_same_customers(files: DemoFiles, tmp_path: Path) -> None:
    again, other = (write_b2b(tmp_path / str(seed), customers=1500, seed=seed) for seed in (0, 1))
    for name in ("customers", "orders", "config", "truth", "readme"):
        content = getattr(files, name).read_bytes()
        assert getattr(again, name).read_bytes() == content
        assert getattr(other, name).read_bytes() != content
    for path in sorted(files.folder.glob("sources/*/*.parquet")):
        pd.testing.assert_frame_equal(
            pd.read_parquet(path), pd.read_parquet(again.folder / path.relative_to(files.folder))
        )


def test_it_is_said_to_be_fictional_and_stays_in_its_folder(files: DemoFiles) -> None:
    assert "fictives" in files.readme.read_text(encoding="utf-8")
    config = load(files.config)
    assert config.enrich.catalogue == files.folder / "sources"
    own = open_catalogue(own=config.enrich.catalogue)
    for name in ("sirene", "ratios_inpi_bce"):
        assert "inventées" in own.source(name).attribution
        assert own.source(name).path("units" if name == "sirene" else "table").is_relative_to(files.folder)
    assert "sirene" not in [source.name for source in open_catalogue().sources]


def test_every_spelling_leads_to_what_it_says() -> None:
    sirets = pd.Series(["73282932000074", "13002526500013", "41816609600069"] * 400)
    written = write_identifiers(np.random.default_rng(0), sirets)
    assert set(written["spelling"]) == set(SPELLINGS)
    read = written["siret"].map(clean_siret)
    right = read.map(lambda result: result.siret) == sirets
    whole = {"plain", "spaces", "dots", "text around", "decimals", "float", "scientific, complete", "O for 0"}
    assert right[written["spelling"].isin(whole)].all()
    statuses = {name: set(read[written["spelling"] == name].map(lambda result: result.status)) for name in SPELLINGS}
    assert statuses["SIREN only"] == statuses["VAT number"] == {"siren_only"}
    assert statuses["scientific, truncated"] == {"unrecoverable_scientific"}
    assert statuses["mistyped"] == {"invalid_checksum"}
    assert (statuses["none"], statuses["placeholder"]) == ({"empty"}, {"invalid_placeholder"})


def test_companies_are_found_whatever_became_of_their_siret(
    prepared: tuple[pd.DataFrame, pd.DataFrame], truth: pd.DataFrame
) -> None:
    looked_up = prepared[1]
    told = truth.reindex(looked_up.index)
    found = looked_up["company_status"] == "found"
    assert found.mean() > 0.95
    assert (looked_up["siren"] == told["siret"].str[:9])[found].mean() > 0.998
    methods = looked_up["company_method"].value_counts()
    assert set(methods.index) == {"siret_stock", "siren_stock", "name_match"}
    nameless = found & told["spelling"].isin(["none", "placeholder", "scientific, truncated"])
    assert (looked_up["company_method"][nameless] == "name_match").all()
    assert looked_up["diffusible"].eq(False).sum() > 5
    assert set(looked_up["company_status"][~found]) <= {"ambiguous", "not_found", "invalid"}


def test_two_groups_buy_alike_and_are_other_companies(
    prepared: tuple[pd.DataFrame, pd.DataFrame], truth: pd.DataFrame
) -> None:
    frame = prepared[0]
    shops, firms = (frame[truth["group"].reindex(frame.index) == group] for group in (0, 1))
    for name in BEHAVIOUR:
        assert ks_2samp(shops[name].dropna(), firms[name].dropna()).pvalue > 0.001, name
    assert (shops["naf_section"] == "G").mean() > 0.7
    assert (firms["naf_section"] == "C").mean() > 0.7
    assert firms["headcount_min"].median() > 5 * shops["headcount_min"].median()
    assert firms["company_age_years"].median() > 3 * shops["company_age_years"].median()


def test_what_companies_are_tells_apart_those_who_buy_alike(
    prepared: tuple[pd.DataFrame, pd.DataFrame], truth: pd.DataFrame
) -> None:
    frame = prepared[0]
    planted = truth["group"].reindex(frame.index)
    others = [name for name in frame if name not in BEHAVIOUR]
    alike = planted.isin([0, 1])
    assert _told(frame.loc[alike, BEHAVIOUR], planted[alike]) < 0.6
    assert _told(frame.loc[alike, others], planted[alike]) > 0.95
    assert _told(frame[planted >= 0], planted[planted >= 0]) > 0.95


def _told(frame: pd.DataFrame, groups: pd.Series) -> float:
    """Return how often a linear rule tells the group of customers that it was not made from."""
    matrix = BlockScaler().fit_transform(frame).to_numpy()
    return float(cross_val_score(LogisticRegression(max_iter=2000), matrix, groups, cv=5).mean())


@pytest.mark.slow
def test_the_whole_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run_demo(tmp_path / "demo", customers=1500, seed=0, lang=None, progress=Silent(), b2b=True)
    assert shown.groups == 6
    assert shown.recovery >= 0.75
    assert "company_status" in shown.run.coverage
    assert shown.run.report.stat().st_size > 10_000
    page = shown.run.report.read_text(encoding="utf-8")
    assert "inventées" in page  # its sources say what they are
    assert "base Sirene des entreprises" not in page  # as INSEE's own stock is credited
