"""Ratings of players from their games, against closed forms and simulated players."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from opencompass.utils.ratings import Game, elo, elo_ratings, points_of, trueskill


@pytest.mark.parametrize('share', [0.5, 0.6, 0.75, 0.9, 0.999])
def test_two_players_are_apart_by_the_logarithm_of_the_odds(share: float) -> None:
    first, second = elo(np.array([[0, 1000 * share], [1000 * (1 - share), 0]]))
    assert first - second == pytest.approx(400 * math.log10(share / (1 - share)), abs=1e-6)
    assert first + second == pytest.approx(2000)


def test_a_draw_is_half_a_win_of_both() -> None:
    assert elo(points_of([Game(0, 1, 0.5)], 2)).tolist() == [1000, 1000]
    drawn = points_of([Game(0, 1, 0.5), Game(0, 1, 0.5), Game(0, 1, 1)], 2)
    decided = points_of([Game(0, 1, 1), Game(0, 1, 0), Game(0, 1, 1)], 2)
    assert elo(drawn).tolist() == elo(decided).tolist()


def test_who_wins_everything_stays_finite_as_if_each_pair_had_drawn_once_more() -> None:
    first, second = elo(np.array([[0.0, 9.0], [0.0, 0.0]]))
    assert first - second == pytest.approx(400 * math.log10(9.5 / 0.5), abs=1e-6)
    assert elo_ratings([[Game(0, 1, 1)]] * 9, 2)[0].deviation is None


def test_players_who_never_met_are_held_together_by_the_additional_draws() -> None:
    apart = points_of([Game(0, 1, 1), Game(0, 1, 0), Game(2, 3, 1), Game(2, 3, 0)], 4)
    assert elo(apart) == pytest.approx([1000] * 4)


def test_a_cycle_needs_no_additional_draws() -> None:
    assert elo(points_of([Game(0, 1, 1), Game(1, 2, 1), Game(2, 0, 1)], 3)) == pytest.approx([1000] * 3)
    chain = elo(np.array([[0, 900, 0], [100, 0, 900], [0, 100, 0]], dtype=float))
    assert np.diff(chain) == pytest.approx([-400 * math.log10(9)] * 2)


def test_expected_points_are_those_won_however_uneven_the_games() -> None:
    points = np.array(
        [
            [0, 112127, 1, 2, 86],
            [898, 0, 2, 0, 1],
            [2, 1, 0, 2, 475436],
            [60682, 2, 945612, 0, 52384],
            [44, 0, 36, 38, 0],
        ],
        dtype=float,
    )
    ratings = elo(points)
    expected = (points + points.T) / (1 + 10 ** ((ratings[None, :] - ratings[:, None]) / 400))
    assert expected.sum(axis=1) == pytest.approx(points.sum(axis=1), rel=1e-6)


def simulated(players: int, questions: int) -> tuple[np.ndarray, list[list[Game]]]:
    """True ratings, and rounds in which each two players meet."""
    draw = np.random.default_rng(1)
    true = draw.normal(0, 200, players)
    true += 1000 - true.mean()
    rounds = [
        [
            Game(a, b, float(draw.random() < 1 / (1 + 10 ** ((true[b] - true[a]) / 400))))
            for a in range(players)
            for b in range(a)
        ]
        for _ in range(questions)
    ]
    return true, rounds


def test_simulated_players_are_within_their_intervals() -> None:
    true, rounds = simulated(5, 300)
    for wanted, found in zip(true, elo_ratings(rounds, 5), strict=True):
        assert found.interval is not None and found.deviation is not None
        assert found.interval[0] < wanted < found.interval[1]
        assert found.value == pytest.approx(wanted, abs=4 * found.deviation)
        assert 5 < found.deviation < 20


def test_elo_depends_on_no_order_of_games_or_players() -> None:
    _, rounds = simulated(4, 40)
    turned = [[Game(3 - b, 3 - a, 1 - points) for a, b, points in games] for games in reversed(rounds)]
    straight, back = ([one.value for one in elo_ratings(each, 4)] for each in (rounds, turned))
    assert back[::-1] == pytest.approx(straight, abs=1e-3)


def test_trueskill_of_one_game_is_as_published() -> None:
    won, lost = trueskill([Game(0, 1, 1)], 2)
    assert (won.value, won.deviation) == pytest.approx((29.396, 7.171), abs=1e-3)
    assert (lost.value, lost.deviation) == pytest.approx((20.604, 7.171), abs=1e-3)
    first, second = trueskill([Game(0, 1, 0.5)], 2)
    assert first == second
    assert first.value == 25


def test_trueskill_that_is_missing_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'trueskill', None)
    with pytest.raises(ImportError, match='pip install trueskill'):
        trueskill([Game(0, 1, 1)], 2)
