"""The page in headless Chromium, over WebDriver: no console error, charts drawn, cards there, no sideways scroll."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lieudit.report import render, summarise

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


class Browser:
    """The few commands of WebDriver (W3C) that the tests need, as plain HTTP requests to chromedriver."""

    def __init__(self, port: int) -> None:
        self._root = f"http://127.0.0.1:{port}"
        options = {"args": list(FLAGS)}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        self._session = ""
        session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{session['sessionId']}"

    def open(self, page: Path, width: int) -> None:
        """Load a page in a window of that many pixels; under 600, as a phone."""
        metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600}
        command = {"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics}
        self._call("POST", "/goog/cdp/execute", command)
        self.console()
        self._call("POST", "/url", {"url": page.as_uri()})
        end = time.monotonic() + 30
        while self.run("return document.documentElement.dataset.drawn") != "yes":
            assert time.monotonic() < end, self.console()
            time.sleep(0.05)

    def run(self, script: str) -> Any:
        """Return what a script gives."""
        return self._call("POST", "/execute/sync", {"script": script, "args": []})

    def console(self) -> list[str]:
        """Return what the console said since the last time."""
        return [entry["message"] for entry in self._call("POST", "/se/log", {"type": "browser"})]

    def close(self) -> None:
        self._call("DELETE", "")

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._root}{self._session}{path}", data, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)["value"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    driver = shutil.which("chromedriver")
    if driver is None or not (shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("no browser: needs Debian's chromium and chromium-driver")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = str(tmp_path_factory.mktemp("home"))
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": home, "TMPDIR": home}
    with subprocess.Popen(
        [driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            _wait(port)
            session = Browser(port)
            yield session
            session.close()
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("chromedriver did not start within 15 s")


@pytest.fixture(scope="module")
def data(inputs: dict[str, Any]) -> dict[str, Any]:
    return summarise(**inputs)


@pytest.fixture(scope="module", params=["fr", "en"])
def page(request: pytest.FixtureRequest, data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _written(render(data, lang=request.param), tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def english(data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _written(render(data, lang="en"), tmp_path_factory.mktemp("english"))


def _written(html: str, folder: Path) -> Path:
    path = folder / "report.html"
    path.write_text(html, encoding="utf-8")
    return path


def test_it_opens_without_a_word_in_the_console_and_draws_every_chart(browser: Browser, page: Path) -> None:
    browser.open(page, 1280)
    assert browser.console() == []
    drawn = browser.run("""return Object.fromEntries([...document.querySelectorAll('[data-chart]')].map(
        e => [e.dataset.chart, e.querySelectorAll('svg .point, svg .sankey-link').length]))""")
    assert drawn.keys() == {"plane", "flows", "candidates"}
    assert drawn["plane"] == 1500
    assert drawn["candidates"] == 10
    assert drawn["flows"] > 11
    assert len(browser.run("return [...document.querySelectorAll('article.card h3')].map(e => e.textContent)")) == 6
    fills = browser.run("return [...document.querySelectorAll('#france .area')].map(e => e.getAttribute('fill'))")
    assert len(fills) >= 101
    assert sum(fill.startswith("rgb") for fill in fills) >= 18
    assert browser.run("return document.getElementById('no-charts').hidden")
    assert browser.run("return performance.getEntriesByType('resource').length") == 0


@pytest.mark.parametrize("width", [390, 820])
def test_nothing_scrolls_sideways(browser: Browser, page: Path, width: int) -> None:
    browser.open(page, width)
    assert browser.run("return window.innerWidth") == width
    root = "document.documentElement"
    assert browser.run(f"return {root}.scrollWidth <= {root}.clientWidth")
    assert browser.console() == []


def test_the_map_shows_the_group_that_is_chosen(browser: Browser, data: dict[str, Any], english: Path) -> None:
    browser.open(english, 1280)
    before = browser.run("return document.querySelector('.area[data-code=\"33\"]').getAttribute('fill')")
    browser.run("""const choice = document.getElementById('map-choice');
        choice.value = '2'; choice.dispatchEvent(new Event('change'));""")
    after = browser.run("return document.querySelector('.area[data-code=\"33\"]').getAttribute('fill')")
    assert after.startswith("rgb")
    assert after != before
    rows = browser.run("return [...document.querySelectorAll('#map-top tbody tr')].map(e => e.children[1].textContent)")
    shares = {code: area["clusters"].get("2", 0) / area["all"] for code, area in data["map"]["areas"].items()}
    best = max(shares, key=lambda code: shares[code])
    assert int(rows[0]) == data["map"]["areas"][best]["clusters"]["2"]


def test_a_group_is_hidden_and_shown_from_the_legend(browser: Browser, english: Path) -> None:
    browser.open(english, 1280)
    points = "return document.querySelectorAll('#chart-plane svg .point').length"
    browser.run("document.querySelector('[data-legend] button').click()")
    assert browser.run("return document.querySelector('[data-legend] button').getAttribute('aria-pressed')") == "false"
    assert 0 < browser.run(points) < 1500
    browser.run("document.querySelector('[data-legend] button').click()")
    assert browser.run(points) == 1500


def test_hostile_names_run_nothing(browser: Browser, inputs: dict[str, Any], tmp_path: Path) -> None:
    poison = "</script><script>window.hit = 1</script><img src=x onerror='window.hit = 1'><b>bold</b>"
    segments = [{**s, "name": poison, "names": {"fr": poison, "en": poison}} for s in inputs["segments"]["segments"]]
    changed = {**inputs, "name": poison, "segments": {**inputs["segments"], "segments": segments}}
    browser.open(_written(render(summarise(**changed), lang="en"), tmp_path), 1280)
    assert browser.console() == []
    assert browser.run("return window.hit === undefined")
    assert browser.run("return document.querySelectorAll('b, img').length") == 0
    assert browser.run("return document.querySelector('h1').textContent") == poison
    labels = browser.run("return [...document.querySelectorAll('#chart-flows .node-label')].map(e => e.textContent)")
    assert any(label.startswith("0 · </script>") for label in labels)
