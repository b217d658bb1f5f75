"""Ratings of players from the games that they played against each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from types import ModuleType
from typing import NamedTuple

import numpy as np

from .optional import optional

#: A player with 400 points more is expected to win ten games for each that it loses.
POINTS_PER_DECADE = 400.0
MEAN = 1000.0
RESAMPLES = 1000
#: More would differ between machines.
DIGITS = 4
#: TrueSkill's own default: how many games are expected to end in a draw.
DRAWS = 0.1


class Game(NamedTuple):
    """Two players by number, and what the first got: 1 won, 0.5 drawn, 0 lost."""

    first: int
    second: int
    points: float


class Rating(NamedTuple):
    """A rating, to 4 digits, with its standard deviation and the interval of 95 %; None where nothing tells these."""

    value: float
    deviation: float | None = None
    interval: tuple[float, float] | None = None


def points_of(games: Sequence[Game], players: int) -> np.ndarray:
    """What each player (row) won against each other (column)."""
    points = np.zeros((players, players))
    for game in games:
        points[game.first, game.second] += game.points
        points[game.second, game.first] += 1 - game.points
    return points


def elo(points: np.ndarray) -> np.ndarray:
    """The most likely ratings in the model of Bradley and Terry, on the Elo scale, with mean 1000.

    All games count at once, a draw as half a win of both. Unlike Elo's own updates, which follow the games one by one,
    this depends on no order of games or players (R. Bradley and M. Terry, Biometrika 39 (1952) 324-345).

    Ratings exist only if no group of players is undefeated by, or never met, the others (L. Ford, American Mathematical
    Monthly 64 (1957) 28-33). Else each two players are taken to have drawn once more, which keeps all ratings finite.
    """
    if not _is_connected(points):
        points = points + (1 - np.eye(len(points))) / 2
    strength = _most_likely(points)
    return MEAN + POINTS_PER_DECADE / math.log(10) * (strength - strength.mean())


def _is_connected(points: np.ndarray) -> bool:
    """Whether from each player a chain of players that got points from one another leads to each other one."""
    reached = (points > 0) | np.eye(len(points), dtype=bool)
    for _ in range(len(points).bit_length()):
        reached = (reached.astype(int) @ reached.astype(int)) > 0
    return bool(reached.all())


def _most_likely(points: np.ndarray) -> np.ndarray:
    """The strengths, up to a constant, by Newton's method; the likelihood has a single maximum and no other rest."""
    games = points + points.T
    strength = np.zeros(len(points))
    for _ in range(100):
        won = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
        gradient = (points - games * won).sum(axis=1)
        if np.abs(gradient).max() < 1e-10 * max(1.0, games.max()):
            break
        weight = games * won * won.T
        # the likelihood knows differences only; the ones fix the sum of all strengths
        step = np.linalg.solve(np.diag(weight.sum(axis=1)) - weight + 1, gradient)
        strength = strength + step / max(1.0, np.abs(step).max())
    return strength


def elo_ratings(rounds: Sequence[Sequence[Game]], players: int, seed: int = 0) -> list[Rating]:
    """`elo` with what a bootstrap over rounds tells about it: games of a round, about one question, stay together.

    Ratings that only the additional draws keep finite have no deviation: it would show the draws, not the games.
    """
    by_round = np.array([points_of(games, players) for games in rounds])
    total = by_round.sum(axis=0)
    if not _is_connected(total):
        return [Rating(round(float(value), DIGITS)) for value in elo(total)]
    draw = np.random.default_rng(seed)
    chosen = draw.integers(len(by_round), size=(RESAMPLES, len(by_round)))
    samples = np.array([elo(by_round[one].sum(axis=0)) for one in chosen])
    low, high = np.quantile(samples, [0.025, 0.975], axis=0)
    columns = (elo(total), samples.std(axis=0, ddof=1), low, high)
    rows = np.round(np.transpose(columns), DIGITS).tolist()
    return [Rating(value, deviation, (low, high)) for value, deviation, low, high in rows]


def trueskill(games: Sequence[Game], players: int) -> list[Rating]:
    """Means and deviations of TrueSkill, which takes the games in the order given: always give the same one.

    R. Herbrich, T. Minka and T. Graepel, TrueSkill: A Bayesian skill rating system, NIPS 2006.
    """
    library = require_trueskill()
    rules = library.TrueSkill(draw_probability=DRAWS)
    ratings = [rules.create_rating() for _ in range(players)]
    for first, second, points in games:
        better, worse = (second, first) if points < 0.5 else (first, second)
        ratings[better], ratings[worse] = library.rate_1vs1(
            ratings[better], ratings[worse], drawn=points == 0.5, env=rules
        )
    return [_normal(one.mu, one.sigma) for one in ratings]


def _normal(mean: float, deviation: float) -> Rating:
    law = NormalDist(mean, deviation)
    low, high = (round(law.inv_cdf(part), DIGITS) for part in (0.025, 0.975))
    return Rating(round(mean, DIGITS), round(deviation, DIGITS), (low, high))


def require_trueskill() -> ModuleType:
    """The library; where it is missing, an error with the command that installs it."""
    return optional('trueskill', 'trueskill', 'the rating trueskill')
