"""A real geocoder on this machine: redis and addok, with an index of communes made from the catalogue.

Debian's ``redis-server``, and an environment of its own for addok (``.ci/run`` makes it in ``.addok/``)::

    python3 -m venv .addok
    .addok/bin/pip install addok==1.3.0 addok-fr==1.1.0 addok-france==1.2.0 addok-csv==1.1.0 gunicorn 'setuptools<81'
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import duckdb

from lieudit.catalogue import open_catalogue

_LONGEST = 300  # seconds that anything may take
# As the Base Adresse Nationale's own configuration sets addok up for France.
_CONFIGURATION = """
QUERY_PROCESSORS_PYPATHS = [
    "addok.helpers.text.check_query_length", "addok_france.extract_address", "addok_france.clean_query",
    "addok_france.remove_leading_zeros",
]
PROCESSORS_PYPATHS = [
    "addok.helpers.text.tokenize", "addok.helpers.text.normalize", "addok_france.glue_ordinal",
    "addok_france.fold_ordinal", "addok_france.flag_housenumber", "addok.helpers.text.synonymize",
    "addok_fr.phonemicize",
]
SEARCH_RESULT_PROCESSORS_PYPATHS = [
    "addok.helpers.results.match_housenumber", "addok_france.make_labels",
    "addok.helpers.results.score_by_importance", "addok.helpers.results.score_by_autocomplete_distance",
    "addok.helpers.results.score_by_ngram_distance", "addok.helpers.results.score_by_geo_distance",
]
REDIS = {{"host": "127.0.0.1", "port": {port}, "indexes": {{"db": 0}}, "documents": {{"db": 1}}}}
FIELDS = [
    {{"key": "name", "boost": 4, "null": False}},
    {{"key": "postcode", "boost": 1.2}},
    {{"key": "city"}},
    {{"key": "citycode"}},
]
FILTERS = ["type", "postcode", "citycode"]
LOG_DIR = {folder!r}
"""


def missing() -> str:
    """Say what is not installed, or ``""``."""
    if shutil.which("redis-server") is None:
        return "redis-server is not installed"
    if not (_environment() / "bin" / "addok").exists():
        return "addok is not installed: LIEUDIT_ADDOK names no environment that has it, and .addok/ is none"
    return ""


def _environment() -> Path:
    given = os.environ.get("LIEUDIT_ADDOK")
    return Path(given) if given else Path(__file__).parents[1] / ".addok"


@contextmanager
def running(departments: Sequence[str] | None = None, streets: Sequence[Mapping[str, str]] = ()) -> Iterator[str]:
    """Run addok on 127.0.0.1 for a block, and give its address.

    Parameters
    ----------
    departments : sequence of str, optional
        Only their communes; all by default, which takes half a minute to load.
    streets : sequence of mapping, optional
        Streets as well: their ``name``, ``postcode``, ``city`` and ``citycode``.
    """
    with tempfile.TemporaryDirectory(prefix="addok-") as name:
        folder, port = Path(name), _free_port()
        redis = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", name]
        with _process(redis, folder / "redis.log", {}) as redis_server:
            _wait_for_port(port, redis_server, folder / "redis.log")
            configuration = folder / "local.py"
            configuration.write_text(_CONFIGURATION.format(port=port, folder=name), encoding="utf-8")
            variables = {"ADDOK_CONFIG_MODULE": str(configuration)}
            _write_documents(folder / "documents.jsonl", departments, streets)
            for arguments in (["batch", str(folder / "documents.jsonl")], ["ngrams"]):
                subprocess.run([_environment() / "bin" / "addok", *arguments], env=os.environ | variables, check=True,
                               capture_output=True, timeout=_LONGEST)  # fmt: skip
            http = _free_port()
            program = str(_environment() / "bin" / "gunicorn")
            arguments = [program, "addok.http.wsgi", "--bind", f"127.0.0.1:{http}", "--timeout", str(_LONGEST)]
            with _process(arguments, folder / "addok.log", variables) as server:
                _wait_for_page(f"http://127.0.0.1:{http}/search/?q=lieu", server, folder / "addok.log")
                yield f"http://127.0.0.1:{http}"


def _write_documents(path: Path, departments: Sequence[str] | None, streets: Sequence[Mapping[str, str]]) -> None:
    """Write communes, those that became part of another and kept their name, and streets, as addok reads them."""
    communes = open_catalogue().source("communes")
    rows = duckdb.sql(
        f"""SELECT n.own_code, n.name, n.commune_code, c.commune_name, c.postcodes, c.population
            FROM '{communes.path("names")}' AS n JOIN '{communes.path()}' AS c USING (commune_code)
            WHERE n.kind IN ('current', 'delegated', 'associated') AND len(c.postcodes) > 0
            ORDER BY n.own_code, n.kind, n.name"""
    ).fetchall()
    most = max(row[-1] or 0 for row in rows)
    somewhere = {"lat": 46.5, "lon": 2.5}  # addok wants a point, and nobody asks for one
    with path.open("w", encoding="utf-8") as file:
        for number, street in enumerate(streets):
            document = {"_id": f"street-{number}", "type": "street", "importance": 0.1, **street, **somewhere}
            file.write(json.dumps(document) + "\n")
        for number, (own, name, code, city, postcodes, people) in enumerate(rows):
            if departments is None or code.startswith(tuple(departments)):
                file.write(json.dumps({
                    "_id": f"{own}-{number}", "type": "municipality", "name": name, "city": city, "citycode": code,
                    "postcode": postcodes, "importance": (people or 0) / most, **somewhere,
                }) + "\n")  # fmt: skip


@contextmanager
def _process(arguments: Sequence[str], log: Path, variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("wb") as output,
        subprocess.Popen(arguments, env=os.environ | variables, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def _wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in _tries(process, log):
        with socket.socket() as opened:
            if opened.connect_ex(("127.0.0.1", port)) == 0:
                return


def _wait_for_page(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in _tries(process, log):
        try:
            with urlopen(address, timeout=5):  # noqa: S310 - an address of ours
                return
        except (URLError, TimeoutError, ConnectionError):
            continue


def _tries(process: subprocess.Popen[bytes], log: Path) -> Iterator[None]:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        yield
        time.sleep(0.1)
    raise RuntimeError(f"did not start: {log.read_text(encoding='utf-8', errors='replace')[-500:]}")
