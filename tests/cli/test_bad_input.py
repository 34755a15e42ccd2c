"""Bad input: one clear message, exit 2, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lieudit.cli import main

CUSTOMERS = "id,postcode,city\n" + "".join(f"c{n},35000,Rennes\n" for n in range(60))
ORDERS = "client,date,montant,commande\n" + "".join(
    f"c{n % 60},2025-{1 + n % 12:02d}-{1 + n % 28:02d},{n % 97 + 1}.50,o{n}\n" for n in range(300)
)
CONFIG = "name: shop\ncustomers: {path: customers.csv}\ntransactions: {path: orders.csv}\n"

Edit = Callable[[dict[str, str]], None]


def _replace(name: str, content: str) -> Edit:
    return lambda files: files.update({name: content})


def _drop(name: str) -> Edit:
    return lambda files: files.pop(name) and None


TRAIN = ["train", "shop.yaml"]
RFM = ["rfm", "orders.csv", "-o", "rfm.csv"]
ENRICH = ["enrich", "customers.csv", "-o", "enriched.csv"]

CASES: dict[str, tuple[Edit, list[str], list[str]]] = {
    "missing configuration": (_drop("shop.yaml"), TRAIN, ["shop.yaml"]),
    "missing file": (_drop("orders.csv"), TRAIN, ["orders.csv"]),
    "missing file to enrich": (_drop("customers.csv"), ENRICH, ["customers.csv"]),
    "unknown column": (lambda files: None, [*RFM, "--amount", "montan"], ["montan", "'montant'"]),
    "unknown column to enrich": (lambda files: None, [*ENRICH, "--postcode", "zip"], ["zip", "postcode"]),
    "no column to start from": (_replace("customers.csv", "a,b\n1,2\n"), ENRICH, ["a, b", "--postcode"]),
    "empty file": (_replace("orders.csv", ""), RFM, ["orders.csv", "empty"]),
    "headers only": (_replace("orders.csv", ORDERS.splitlines()[0] + "\n"), RFM, ["orders.csv", "no rows"]),
    "headers only to train": (_replace("customers.csv", "id,postcode,city\n"), TRAIN, ["customers.csv", "no rows"]),
    "dates in two formats": (_replace("orders.csv", ORDERS + "c1,31/12/2025,3.00,x\n"), RFM, ["31/12/2025"]),
    "text in amount": (_replace("orders.csv", ORDERS + "c1,2025-12-30,douze,x\n"), RFM, ["douze"]),
    "text in amount to train": (_replace("orders.csv", ORDERS + "c1,2025-12-30,douze,x\n"), TRAIN, ["douze"]),
    "duplicate customer ids": (_replace("customers.csv", CUSTOMERS + "c1,35000,Rennes\n"), TRAIN, ["61", "60", "'id'"]),
    "a customer without id": (_replace("customers.csv", CUSTOMERS + ",35000,Rennes\n"), TRAIN, ["1 of 61", "'id'"]),
    "unknown key": (_replace("shop.yaml", CONFIG + "trian: {seed: 1}\n"), TRAIN, ["trian", "train"]),
    "wrong value": (_replace("shop.yaml", CONFIG + "rfm: {monetary: sum}\n"), TRAIN, ["rfm.monetary", "total"]),
    "not YAML": (_replace("shop.yaml", "name: [\n"), TRAIN, ["YAML"]),
    "two customers only": (_replace("customers.csv", "id,postcode,city\na,35000,Rennes\nb,69003,Lyon\n"), TRAIN,
                           ["2 customers"]),
    "a folder": (lambda files: None, ["enrich", ".", "-o", "x.csv"], ["folder"]),
    "unknown suffix": (lambda files: None, ["enrich", "customers.csv", "-o", "x.docx"], [".docx", ".parquet"]),
    "output over input": (lambda files: None, ["enrich", "customers.csv", "-o", "customers.csv"], ["customers.csv"]),
    "not a day": (lambda files: None, [*RFM, "--as-of", "tomorrow"], ["tomorrow", "YYYY-MM-DD"]),
    "unknown setting": (lambda files: None, [*RFM, "--monetary", "median"], ["median", "total"]),
    "no bundle": (lambda files: None, ["score", "customers.csv", "--model", "none", "-o", "s.csv"], ["bundle none"]),
    "no run": (lambda files: None, ["report", "nothing"], ["mlruns"]),
    "models where a file is": (_replace("shop.yaml", CONFIG + "models: orders.csv\n"), TRAIN, ["orders.csv"]),
    "out where a file is": (_replace("shop.yaml", CONFIG + "out: orders.csv\n"), TRAIN, ["orders.csv"]),
    "unknown language": (lambda files: None, [*TRAIN, "--lang", "de"], ["de", "fr or en"]),
    "no address of a geocoder": (_replace("shop.yaml", CONFIG + "enrich: {online: true, geocoder: ban}\n"), TRAIN,
                                 ["enrich.geocoder", "'ban'", "https://"]),
    "no address of a geocoder to enrich": (lambda files: None, [*ENRICH, "--online", "--geocoder", "ftp://x"],
                                           ["ftp://x", "https://"]),
    "a geocoder, offline": (lambda files: None, [*ENRICH, "--geocoder", "https://x"], ["--online"]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_bad_input_is_refused_and_leaves_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    edit, arguments, expected = CASES[name]
    files = {"customers.csv": CUSTOMERS, "orders.csv": ORDERS, "shop.yaml": CONFIG}
    edit(files)
    for file, content in files.items():
        (tmp_path / file).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["lieudit", *arguments, "--quiet"])

    with pytest.raises(SystemExit) as exit_:
        main()

    message = capsys.readouterr().err
    assert exit_.value.code == 2, message
    assert message.startswith("lieudit: ")
    assert message.count("\n") == 1
    assert [part for part in expected if part not in message] == []
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == set(files)
    assert {file: (tmp_path / file).read_text(encoding="utf-8") for file in files} == files


def test_a_tampered_bundle_is_refused(
    trained: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    for file in trained.bundle.iterdir():  # type: ignore[attr-defined]
        (bundle / file.name).write_bytes(file.read_bytes())
    content = (bundle / "bundle.json").read_text(encoding="utf-8")
    (bundle / "bundle.json").write_text(content.replace('"status": "', '"status": "x', 1), encoding="utf-8")
    (tmp_path / "new.csv").write_text(CUSTOMERS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["lieudit", "score", "new.csv", "--model", "bundle", "-o", "scored.csv"])

    with pytest.raises(SystemExit) as exit_:
        main()

    assert exit_.value.code == 2
    assert "changed after it was saved" in capsys.readouterr().err
    assert not (tmp_path / "scored.csv").exists()
