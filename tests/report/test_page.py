"""The page as text: languages, structure, escaping, and nothing fetched from anywhere."""

from __future__ import annotations

import base64
import gzip
import hashlib
import itertools
import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from lieudit.report import render, summarise
from lieudit.report.palette import colours, contrast, readable_on
from lieudit.report.story import tell
from lieudit.report.texts import Texts
from lieudit.schema import COMPANY_STATUSES, SIRET_STATUSES, WEBSITE_STATUSES

COMMUNE_METHODS = (
    "postcode_name", "former_commune", "insee_code", "cedex", "department_name", "fuzzy", "postcode_only",
    "postcode_typo", "name_only", "coordinates", "geocoder", "siret", "siren",
)  # fmt: skip
COMPANY_METHODS = ("siret_stock", "siren_stock", "name_match", "company_search", "sirene_api")
HOSTILE = ("</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "<!--", "&lt;b&gt;")


class Page(HTMLParser):
    """Tags with their attributes, scripts, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.text = ""
        self._skip = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._skip = tag if tag in ("script", "style") else ""
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._skip = ""

    def handle_data(self, data: str) -> None:
        if self._skip == "script":
            self.scripts[-1] += data
        elif not self._skip:
            self.text += data


@pytest.fixture(scope="module")
def data(inputs: dict[str, Any]) -> dict[str, Any]:
    return summarise(**inputs)


@pytest.fixture(scope="module", params=["fr", "en"])
def page(request: pytest.FixtureRequest, data: dict[str, Any]) -> Page:
    return Page(render(data, lang=request.param))


def test_it_is_the_same_after_a_trip_through_json(data: dict[str, Any]) -> None:
    assert render(json.loads(json.dumps(data)), lang="en") == render(data, lang="en")


def test_headings_are_in_order_and_ids_are_unique(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_everything_drawn_has_a_name_for_those_who_cannot_see_it(page: Page) -> None:
    drawn = [attributes for tag, attributes in page.tags if attributes.get("role") in ("img", "region")]
    assert len(drawn) >= 5
    assert all(attributes.get("aria-label") for attributes in drawn)


def test_a_page_is_light_enough_to_be_sent_by_mail(data: dict[str, Any]) -> None:
    assert len(render(data, lang="fr").encode()) < 2_500_000


def test_nothing_is_loaded_from_anywhere(page: Page) -> None:
    for tag, attributes in page.tags:
        assert tag not in ("link", "img", "iframe", "object", "base")
        assert "src" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
    policy = next(a["content"] or "" for t, a in page.tags if t == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in policy
    island, plotly, own = page.scripts
    assert island.startswith("{")
    for script in (gzip.decompress(base64.b64decode(plotly)).decode(), own):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy.split("style-src")[0]


def test_every_section_of_the_contents_stands_in_the_page(page: Page) -> None:
    ids = {attributes.get("id") for _, attributes in page.tags}
    links = [a["href"] for tag, a in page.tags if tag == "a" and (a.get("href") or "").startswith("#")]
    assert len(links) == 13
    assert {(link or "")[1:] for link in links} <= ids


def test_french_numbers_and_typography(data: dict[str, Any]) -> None:
    page = Page(render(data, lang="fr"))
    assert page.tags[0] == ("html", {"lang": "fr"})
    assert "4\u202f000" in page.text
    assert "31\u00a0décembre 2025" in page.text
    ours = page.text.replace(" in [0, 1]", "")
    assert not re.search(r" [;?!%»]", ours)
    assert "« " not in ours
    assert "Achats rares, communes peu denses" in page.text


def test_english_numbers(data: dict[str, Any]) -> None:
    page = Page(render(data, lang="en"))
    assert page.tags[0] == ("html", {"lang": "en"})
    assert "4,000" in page.text
    assert "31\u00a0December 2025" in page.text
    assert "Rare orders, sparse places" in page.text


def test_cards_say_what_the_segments_hold(data: dict[str, Any]) -> None:
    html = render(data, lang="en")
    first, *others = re.findall(r"<article.*?</article>", html, flags=re.S)
    assert len(others) == 5
    text = Page(first).text
    assert "unnamed" in text
    assert "Needs attention + At risk, F1 0.44" in text
    assert "In a rural commune" in text
    assert "€11,000" in text
    assert "83% of the customers it picks are in the group" in text
    assert "Of price, quality and service" in text
    assert "What to do" not in text
    assert "playbook of “Champions”" in Page(others[0]).text


def _poisoned(value: Any, poison: str) -> Any:
    """Append ``poison`` to every text that may come from the user's file."""
    if isinstance(value, dict):
        return {key: _poisoned(item, poison) for key, item in value.items()}
    if isinstance(value, list):
        return [_poisoned(item, poison) for item in value]
    return f"{value}{poison}" if isinstance(value, str) else value


@pytest.mark.parametrize("poison", HOSTILE)
def test_hostile_names_stay_text(inputs: dict[str, Any], data: dict[str, Any], poison: str) -> None:
    segments = [
        {**s, "name": poison, "names": _poisoned(s["names"], poison), "rule": poison,
         "traits": [{**t, "feature": f"{t['feature']}={poison}"} for t in s["traits"]]}
        for s in inputs["segments"]["segments"]
    ]  # fmt: skip
    coverage = {**inputs["coverage"], "commune_method": {poison: 100}, "indicators": {poison: 0.5}}
    hostile = summarise(**{
        **inputs, "name": poison, "coverage": coverage, "segments": {**inputs["segments"], "segments": segments},
        "sources": _poisoned(inputs["sources"], poison),
        "about": {**inputs["about"], "warnings": [poison], "reason": poison, "versions": {poison: poison}},
    })  # fmt: skip
    harmless, page = Page(render(data, lang="fr")), Page(render(hostile, lang="fr"))
    assert len(page.scripts) == len(harmless.scripts)
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in harmless.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert poison in page.text
    island = json.loads(page.scripts[0])
    assert island["charts"].keys() == {"plane", "flows", "candidates"}


def test_no_structure_is_said_first(data: dict[str, Any]) -> None:
    said = {"fr": "Aucune structure n'a été trouvée (p = 1,00).", "en": "No structure was found (p = 1.00)."}
    chance = [{**s, "status": "chance", "why": said} for s in data["segments"]]
    absent = {**data, "structure": {"found": False, "p_value": 1.0, "sentence": said}, "segments": chance}
    for lang, first in (("fr", "Aucune structure n’a été trouvée"), ("en", "No structure was found")):
        sentences = tell(absent, Texts(lang))
        assert sentences[0].startswith(first)
        assert "stable" not in sentences[0]
        assert first in Page(render(absent, lang=lang)).text


def test_a_card_says_which_test_decided_and_no_rule_where_none_is_close(data: dict[str, Any]) -> None:
    why = {"fr": "Il repose sur le lieu (p = 0,71).", "en": "It rests on the place (p = 0.71)."}
    every = {"segments": list(data["playbooks"]), "f1": 0.96, "f1_of_all": 0.96, "telling": False}
    part = {"rule": "at_risk", "inside": 0.98, "share": 0.33}
    first, *others = data["segments"]
    changed = {**data, "segments": [{**first, "why": why, "closest_rule": every, "part_of": part}, *others]}
    text = re.sub(r"\s+", " ", Page(render(changed, lang="en")).text)
    assert "It rests on the place (p = 0.71)." in text
    assert "none: together they hardly do better than all customers at once (F1 0.96)" in text
    assert "98% of its customers are in “At risk”, of which it is 33%" in text


def test_nothing_unnamed_is_a_result(data: dict[str, Any]) -> None:
    named = [{**s, "status": "named" if s["status"] == "unnamed" else s["status"]} for s in data["segments"]]
    sentences = tell({**data, "segments": named}, Texts("en"))
    assert len(sentences) == 3
    assert "No unnamed group was found, and that is a result" in sentences[1]
    loose = [{**s, "status": "unstable", "stability": 0.4} for s in data["segments"]]
    sentences = tell({**data, "segments": loose, "structure": None}, Texts("en"))
    assert "none is stable" in sentences[0]
    assert "no group holds up" in sentences[1]
    assert "6 groups, unstable" in sentences[2]
    assert "not tested against data without groups" in sentences[2]


@pytest.mark.parametrize(
    ("lang", "says"),
    [("fr", "réunissent plusieurs populations"), ("en", "are several populations")],
)
def test_rule_segments_that_are_two_populations_are_told(data: dict[str, Any], lang: Any, says: str) -> None:
    parts = [{"cluster": one["cluster"], "size": 40, "median": 1234.0, "mean": 1300.0} for one in data["segments"][:2]]
    split = {"rule": "champions", "size": 90, "effect": 0.31, "p_value": 1e-6, "parts": parts}
    page = render({**data, "rule_splits": [split]}, lang=lang)
    assert says in page
    assert "Champions" in page[page.index(says) :]
    told = tell({**data, "rule_splits": [{**split, "parts": [*parts, {**parts[0], "median": 89.0}]}]}, Texts("en"))
    assert told[2] == (
        "One RFM segment is several populations of different value: "
        "Champions (median spending from €89 to €1,234 by group)."
    )
    assert all(one["names"][lang] in unescape(page[page.index(says) :]) for one in data["segments"][:2])
    assert says not in render(data, lang=lang)


def test_the_findings_hold_the_figures(data: dict[str, Any]) -> None:
    groups, unnamed, certainty = tell(data, Texts("en"))
    assert "Among 4,000 customers, 6 groups stand out" in groups
    assert "5 of them stable" in groups
    assert "“Rare orders, sparse places”" in unnamed
    assert "F1 of 0.44" in unnamed
    assert "p = 0.01" in certainty
    assert "0.41" in certainty


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_run_without_places_says_so(inputs: dict[str, Any], lang: Any) -> None:
    customers = inputs["customers"].drop(columns="commune_code")
    bare = {"rows": len(customers), "commune_status": {}, "commune_method": {}, "siret_status": {}, "indicators": {}}
    html = render(summarise(**{**inputs, "customers": customers, "coverage": bare, "sources": []}), lang=lang)
    text = Page(html).text
    assert Texts(lang)("coverage.no_place") in text
    assert Texts(lang)("map.none") in text
    assert '<svg id="france"' not in html


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_came_of_looking_companies_up_is_told(inputs: dict[str, Any], lang: Any) -> None:
    kinds = {"commune_method": COMMUNE_METHODS, "company_status": COMPANY_STATUSES, "company_method": COMPANY_METHODS,
             "siret_status": SIRET_STATUSES, "website_status": WEBSITE_STATUSES}  # fmt: skip
    counts = {kind: dict.fromkeys(values, 7) for kind, values in kinds.items()}
    html = render(summarise(**{**inputs, "coverage": {**inputs["coverage"], **counts}}), lang=lang)
    text, say = Page(html).text, Texts(lang)
    for kind, values in counts.items():
        assert say(f"coverage.{kind}") in text
        assert all(say(f"{kind}.{value}") in text for value in values)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_run_without_orders_says_so(inputs: dict[str, Any], lang: Any) -> None:
    rfm = ["recency_days", "frequency", "monetary", "r", "f", "m", "rfm_segment"]
    segments = {
        **inputs["segments"],
        "segments": [
            {**s, "closest_rule": None, "value": {"revenue_share": None}} for s in inputs["segments"]["segments"]
        ],
        "agreement": {"ami": None, "ari": None, "v_measure": None, "table": {}},
    }
    changed = {**inputs, "customers": inputs["customers"].drop(columns=rfm), "segments": segments}
    text = Page(render(summarise(**changed), lang=lang)).text
    assert Texts(lang)("rules.no_orders") in text
    assert Texts(lang)("found.no_rules") in text
    assert Texts(lang)("flows.none") in text


def test_every_text_takes_the_same_figures_in_both_languages() -> None:
    french, english = Texts("fr").all(), Texts("en").all()
    assert french.keys() == english.keys()
    for key, text in french.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english[key])), key


@pytest.mark.parametrize("count", [6, 30])
def test_a_clusters_number_can_be_read_on_its_colour(count: int) -> None:
    for colour in colours(range(-1, count)).values():
        assert contrast(colour, readable_on(colour)) >= 4.5


def test_the_first_clusters_have_colours_of_their_own() -> None:
    assert len(set(colours(range(-1, 27)).values())) == 28


def test_a_group_that_takes_many_rules_gets_no_playbook(data: dict[str, Any]) -> None:
    rule = {"segments": ["loyal", "at_risk", "lost", "new", "dormant", "champions"], "f1": 0.97}
    changed = [{**s, "closest_rule": rule} if s["cluster"] == 1 else s for s in data["segments"]]
    html = render({**data, "segments": changed}, lang="en")
    card = next(card for card in re.findall(r"<article.*?</article>", html, flags=re.S) if 'id="card-1"' in card)
    assert "Loyal + At risk + Lost + 3 others, F1 0.97" in card
    assert "Too many rules at once" in card
    assert "What to do" not in card


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_run_whose_every_cell_is_small_shows_none_and_says_so(inputs: dict[str, Any], lang: Any) -> None:
    data = summarise(**{**inputs, "min_group": 100_000})
    text = Page(render(data, lang=lang)).text
    assert Texts(lang)("flows.small", n=100_000) in text
    assert Texts(lang)("map.empty", n=100_000) in text
    assert Texts(lang)("found.no_rules") not in text
    assert Texts(lang)("cards.traits") not in text
