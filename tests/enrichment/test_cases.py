"""How often the resolver is right: hand-written cases, real schools, damaged names."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from lieudit.enrichment.answer import Answer
from lieudit.enrichment.index import Index
from lieudit.enrichment.resolve import Resolver
from lieudit.schema import COMMUNE_STATUSES

DATA = Path(__file__).parent / "data"
CASES = DATA / "address_hard_cases.csv"
FURTHER = DATA / "address_further_cases.csv"
ROOT = Path(__file__).parents[2]
SCHOOLS = ROOT.parent / "shared" / "eval" / "schools_occitanie.csv"


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def resolved(resolver: Resolver, rows: list[dict[str, str]]) -> list[tuple[dict[str, str], Answer]]:
    return [(row, resolver.resolve_address(row["address"], row["postcode"], row["city"])) for row in rows]


def is_right(row: dict[str, str], answer: Answer, index: Index) -> bool:
    """Compare in the COG of the catalogue; where an arrondissement is expected it must be given."""
    expected = row["expected_insee"]
    own = index.own_codes.get(expected)
    if own is not None:
        return answer.commune == own.commune and (not own.arrondissement or answer.arrondissement == expected)
    return answer.commune == expected


def test_hard_cases(resolver: Resolver, index: Index) -> None:
    found = resolved(resolver, read(CASES))
    missed = [(tuple(row.values()), answer) for row, answer in found if not is_right(row, answer, index)]
    assert len(missed) <= 0.03 * len(found), missed
    assert [one for one in missed if one[1].commune] == []
    assert {answer.status for _, answer in found} == set(COMMUNE_STATUSES)
    nowhere = [answer for row, answer in found if not row["expected_insee"]]
    assert all(answer.commune == "" and answer.confidence == 0.0 for answer in nowhere)


def test_further_hard_cases(resolver: Resolver, index: Index) -> None:
    found = resolved(resolver, read(FURTHER))
    missed = [(tuple(row.values()), answer) for row, answer in found if not is_right(row, answer, index)]
    assert missed == []
    foreign = [row["kind"] for row, answer in found if answer.status == "foreign"]
    assert set(foreign) == {"etranger"}
    assert len(foreign) == sum(row["kind"] == "etranger" for row, _ in found)


def test_every_postcode_of_a_divided_city_tells_its_arrondissement(resolver: Resolver, index: Index) -> None:
    # 75015 and 75016 serve streets of the next town too, 13011 those of three arrondissements.
    for first, last, city, own in ((75001, 75020, "Paris", 75100), (69001, 69009, "LYON", 69380),
                                   (13001, 13016, "marseille", 13200)):  # fmt: skip
        for postcode in range(first, last + 1):
            answer = resolver.resolve(str(postcode), city)
            assert (answer.status, answer.arrondissement) == ("matched", str(own + postcode % 100)), postcode


@pytest.mark.skipif(not SCHOOLS.exists(), reason="../shared/eval is not there")
def test_schools_of_occitanie(resolver: Resolver, index: Index) -> None:
    merged = {"32260": "32365", "46217": "46172", "12076": "12218"}  # since the schools' COG of 2024
    found = []
    for row, answer in resolved(resolver, read(SCHOOLS)):
        row["expected_insee"] = merged.get(row["expected_insee"], row["expected_insee"])
        found.append((row, answer))
    missed = [(tuple(row.values()), answer) for row, answer in found if not is_right(row, answer, index)]
    assert len(missed) <= 0.001 * len(found), missed
    assert [one for one in missed if one[1].commune] == []


def test_damaged_names_and_calibration(resolver: Resolver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.enrich_damage import judge

    verdict = judge(resolver, 20_000, seed=1)
    right, wrong, silent = verdict.total
    rows = right + wrong + silent
    assert rows >= 20_000
    assert right >= 0.99 * rows, Counter(case.kind for case, _ in verdict.missed)
    assert wrong <= 0.001 * rows, [one for one in verdict.missed if one[1].commune]
    assert all(kind.right >= 0.95 * sum(kind) for kind in verdict.kinds.values())
    for confidence, answers in verdict.confidences.items():
        assert answers.right >= confidence * (answers.right + answers.wrong), confidence


@pytest.mark.parametrize(
    ("postcode", "city", "commune", "method"),
    [
        ("83120", "STE MAXIME", "83115", "postcode_name"),
        ("74600", "SEYNOD", "74010", "former_commune"),
        ("93380", "Pierrefitte-sur-Seine", "93066", "former_commune"),
        ("44094", "NANTES CEDEX 1", "44109", "cedex"),
        ("31999", "TOULOUSE", "31555", "department_name"),
        ("38250", "RENNES", "", ""),
        ("53000", "RENNES", "", ""),
        ("35310", "BREAL SOUS MONTFORT", "35037", "postcode_name"),
        ("35238", "RENNES", "35238", "insee_code"),
        ("2A004", "", "2A004", "insee_code"),
        ("92130", "ISSY LES MLX", "92040", "fuzzy"),
        ("78100", "St Germain", "78551", "fuzzy"),
        ("33950", "CAP FERRET", "33236", "fuzzy"),
        ("45000", "Orl?ans", "45234", "fuzzy"),
        ("93200", "", "93066", "postcode_only"),
        ("06560", "Hameau des Ombres", "06152", "postcode_only"),
        ("", "Rennes", "35238", "name_only"),
        ("", "Saint-Denis (974)", "97411", "department_name"),
        ("75000", "", "75056", "postcode_only"),
        ("35000", "Brest", "", ""),
        ("69115", "Heidelberg", "", ""),
        ("51300", "", "", ""),
        ("98000", "Monaco", "", ""),
    ],
)
def test_each_way_of_finding(resolver: Resolver, postcode: str, city: str, commune: str, method: str) -> None:
    answer = resolver.resolve(postcode, city)
    assert (answer.commune, answer.method) == (commune, method)
    assert bool(answer.note) or bool(commune)


@pytest.mark.parametrize(
    ("postcode", "city", "arrondissement"),
    [
        ("75016", "PARIS 16", "75116"),
        ("75116", "Paris", "75116"),
        ("", "Paris 15e", "75115"),
        ("69000", "LYON 3EME", "69383"),
        ("13008", "Marseille (13)", "13208"),
        ("13016", "Marseille", "13216"),
        ("13011", "MARSEILLE 12", "13212"),
        ("75011", "PARIS 12", ""),
        ("75000", "PARIS", ""),
        ("75755", "PARIS CEDEX 15", "75115"),
        ("13001", "Aix-en-Provence", ""),
    ],
)
def test_arrondissements_are_given_where_nothing_contradicts(
    resolver: Resolver, postcode: str, city: str, arrondissement: str
) -> None:
    answer = resolver.resolve(postcode, city)
    assert answer.status == "matched"
    assert answer.arrondissement == arrondissement


def test_the_country_column_is_believed(resolver: Resolver) -> None:
    assert resolver.resolve("59000", "Lille", "Belgique").status == "foreign"
    assert resolver.resolve("59000", "Lille", "FRANCE").commune == "59350"
    assert resolver.resolve("97400", "Saint-Denis", "La Réunion").commune == "97411"
    assert resolver.resolve("59000", "Lille", "Flandre").commune == "59350"


def test_the_address_is_read_only_where_it_is_needed(resolver: Resolver) -> None:
    assert resolver.resolve_address("12 rue de Paris, 75012 Paris", "35000", "Rennes").commune == "35238"
    assert resolver.resolve_address("1 rue X, 51300 Vitry-le-François", "51300", "").commune == "51649"
    assert resolver.resolve_address("Le Bourg, Vitry-le-François", "51300", "").commune == "51649"
    assert resolver.resolve_address("12 rue de Lyon", "", "").commune == ""
    assert resolver.resolve_address("12 rue de la Paix", "51300", "").status == "ambiguous"


def test_names_written_as_the_index_writes_them_are_read_alike(resolver: Resolver, index: Index) -> None:
    """What is spared for capitals without accents changes no answer: in lower case, every step is taken."""
    pairs = {
        (postcode, name.key)
        for postcode in index.postcodes
        for commune in index.communes(postcode)
        for name in index.by_commune[commune]
    }
    different = [
        pair for pair in sorted(pairs) if resolver.resolve(*pair) != resolver.resolve(pair[0], pair[1].lower())
    ]
    assert len(pairs) > 40_000
    assert different == []
