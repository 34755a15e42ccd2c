"""Answers that go together make groups; answers that do not, make none."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans

from lieudit.segment import measures
from lieudit.segment.answers import Answers
from lieudit.segment.candidates import APART
from lieudit.segment.model import Integers, Matrix

LEVELS = 3


def flags(codes: Integers) -> tuple[Matrix, list[Integers]]:
    """Return the columns that flag each answer, and which of them belong to each question."""
    columns = [codes[:, [question]] == np.arange(LEVELS) for question in range(codes.shape[1])]
    width = np.arange(codes.shape[1])
    return np.hstack(columns).astype(float), [np.arange(LEVELS) + LEVELS * question for question in width]


def classes(sure: float, questions: int, seed: int = 0, n: int = 1500) -> tuple[Integers, Integers]:
    """Draw two groups of customers; each gives the answers of its group with this probability, else any."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 2, n)
    typical = np.stack([np.zeros(questions, int), np.ones(questions, int)])[group]
    return np.where(rng.random((n, questions)) < sure, typical, rng.integers(0, LEVELS, (n, questions))), group


def depth(codes: Integers, group: Integers) -> float:
    return Answers.of(*flags(codes), np.random.default_rng(0)).between(group == 0, group == 1)


@pytest.mark.parametrize("questions", [3, 5, 8])
def test_groups_that_answer_otherwise_stand_apart(questions: int) -> None:
    assert depth(*classes(0.95, questions)) < APART


def test_a_question_or_two_part_nobody() -> None:
    assert depth(*classes(1.0, 2)) == 1.0
    codes, _ = classes(0.0, 5)
    assert depth(codes, np.asarray(codes[:, 0] == 0, dtype=np.int64)) == 1.0


@pytest.mark.parametrize("seed", range(4))
def test_answers_that_have_nothing_to_do_with_one_another_are_one_cloud(seed: int) -> None:
    codes, _ = classes(0.0, 6, seed)
    cut = KMeans(2, n_init=3, random_state=seed).fit_predict(flags(codes)[0])
    assert depth(codes, np.asarray(cut, dtype=np.int64)) > APART


@pytest.mark.parametrize("seed", range(4))
def test_a_scale_that_all_answers_follow_is_one_cloud(seed: int) -> None:
    rng = np.random.default_rng(seed)
    taste = rng.standard_normal((1500, 1)) + 0.8 * rng.standard_normal((1500, 6))
    codes = np.digitize(taste, [-0.5, 0.5])
    cut = KMeans(2, n_init=3, random_state=seed).fit_predict(flags(codes)[0])
    assert depth(codes, np.asarray(cut, dtype=np.int64)) > APART


def test_few_customers_tell_nothing() -> None:
    assert depth(*classes(0.95, 5, n=60)) == 1.0


def test_groups_that_answer_otherwise_describe_customers_better_than_parts_of_them() -> None:
    codes, group = classes(0.95, 4)
    answers, nothing = list(codes.T), np.zeros((len(group), 0))
    chance = np.random.default_rng(2).integers(0, 2, len(group))
    along, across = (measures.fit(nothing, answers, labels) for labels in (group, chance))
    assert along > across + 1
    # One more cluster, cut across a group, says nothing of anybody, and costs to be told: the entropy of the cut.
    cut = measures.fit(nothing, answers, np.where(group == 1, 1 + chance, 0))
    assert cut == pytest.approx(along - np.log(2) / 2, abs=0.03)
    numbers = np.random.default_rng(3).standard_normal((len(group), 2))
    both, alone = measures.fit(numbers, answers, group), measures.fit(numbers, [], group)
    assert both == pytest.approx(along + alone - np.log(0.5), abs=0.01)  # the share of a cluster counts once
