"""The contract's table, cell by cell."""

from itertools import product
from pathlib import Path

import pytest

from lieudit.rfm_analysis import SEGMENTS, segment_of

CONTRACT = """
| `champions` | Champions | 444 |
| `loyal` | Fidèle | 334 342 343 344 433 434 443 |
| `potential_loyal` | Potentiel fidèle | 332 333 341 412 413 414 421 422 423 424 431 432 441 442 |
| `new` | Nouveau client | 411 |
| `promising` | Prometteur | 311 312 313 331 |
| `needs_attention` | Besoin d'attention | 212 213 214 231 232 233 241 314 321 322 323 324 |
| `about_to_sleep` | Bientôt dormant | 211 |
| `at_risk` | À risque | 112 113 114 121 122 123 124 131 132 133 142 221 222 223 224 |
| `dormant` | Dormant | 141 |
| `lost` | Perdus | 111 |
| `cant_lose` | À ne pas perdre | 134 143 144 234 242 243 244 |
"""


def test_the_table_is_the_contract_s():
    promised = [tuple(cell.strip(" `") for cell in line.split("|")[1:4]) for line in CONTRACT.strip().splitlines()]
    assert [(segment.slug, segment.fr, " ".join(segment.scores)) for segment in SEGMENTS] == promised


def test_the_table_of_the_documentation_is_the_same():
    page = (Path(__file__).parents[2] / "docs" / "rfm.md").read_text(encoding="utf-8")
    for segment in SEGMENTS:
        assert f"| `{segment.slug}` | {segment.fr} | {segment.en} | {' '.join(segment.scores)} |" in page


def test_each_of_the_64_scores_has_one_segment():
    scores = [score for segment in SEGMENTS for score in segment.scores]
    assert sorted(scores) == ["".join(levels) for levels in product("1234", repeat=3)]
    assert all(score in segment_of(score).scores for score in scores)


def test_labels_tell_segments_apart():
    for labels in ([segment.fr for segment in SEGMENTS], [segment.en for segment in SEGMENTS]):
        assert len(set(labels)) == 11
    with pytest.raises(KeyError):
        segment_of("445")
