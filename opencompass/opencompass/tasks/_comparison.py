"""What the outcomes of all pairs of models say about each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from statistics import fmean

from ..utils.ratings import Game, Rating, elo_ratings, trueskill
from ..utils.statistics import statistics_of
from ._judge import Outcome


@dataclass(frozen=True)
class Comparison:
    """Outcomes by pair of models and question; the names of a pair, and of all, are sorted."""

    outcomes: Mapping[tuple[str, str], Sequence[Outcome]]

    @cached_property
    def rated(self) -> list[str]:
        """The models of which at least one outcome is known."""
        known = [pair for pair, outcomes in self.outcomes.items() if any(one.points is not None for one in outcomes)]
        return sorted({name for pair in known for name in pair})

    @cached_property
    def rounds(self) -> list[list[Game]]:
        """The known games of each question."""
        number = {name: place for place, name in enumerate(self.rated)}
        questions = len(next(iter(self.outcomes.values())))
        pairs = [(number[a], number[b], self.outcomes[a, b]) for a, b in combinations(self.rated, 2)]
        return [
            [Game(a, b, points) for a, b, outcomes in pairs if (points := outcomes[question].points) is not None]
            for question in range(questions)
        ]

    @cached_property
    def elo(self) -> dict[str, Rating]:
        """Bradley-Terry ratings by model."""
        return dict(zip(self.rated, elo_ratings(self.rounds, len(self.rated)), strict=True))

    @cached_property
    def trueskill(self) -> dict[str, Rating]:
        """TrueSkill by model; the games are taken question by question, pairs in alphabetical order."""
        games = [game for games in self.rounds for game in games]
        return dict(zip(self.rated, trueskill(games, len(self.rated)), strict=True))

    def views(self, model: str) -> list[list[Outcome]]:
        """What the model got: a list for each question with an entry for each other model."""
        sides = []
        for pair, outcomes in self.outcomes.items():
            if model in pair:
                sides.append([_seen(one, is_first=model == pair[0]) for one in outcomes])
        return [list(question) for question in zip(*sides, strict=True)]

    def result(self, model: str, with_trueskill: bool = True) -> dict:
        """The metrics of a rated model, their standard errors and the values by question.

        A question's value is the mean over the other models: outcomes of one answer depend on each other, so that
        questions, not comparisons, are what the standard error counts.
        """
        views = self.views(model)
        rates = [_mean([100 * one.points for one in question if one.points is not None]) for question in views]
        samples = {'win_rate': rates}
        seen = [one for question in views for one in question]
        known = sum(one.points is not None for one in seen)
        ratings = {'elo': self.elo[model]}
        if with_trueskill:
            ratings['trueskill'] = self.trueskill[model]
        return {
            'win_rate': fmean(rate for rate in rates if rate is not None),
            **{name: rating.value for name, rating in ratings.items()},
            'unreadable': len(seen) - known,
            'inconsistent': sum(not one.is_consistent for one in seen),
            'statistics': {
                **statistics_of(samples),
                **{name: _statistics(rating, known) for name, rating in ratings.items()},
            },
            'samples': samples,
        }


def _statistics(rating: Rating, comparisons: int) -> dict:
    return {'n': comparisons, 'stderr': rating.deviation, 'interval': rating.interval}


def _seen(outcome: Outcome, is_first: bool) -> Outcome:
    """The outcome from the side of the pair's first or second model."""
    points = outcome.points
    return outcome if is_first or points is None else outcome._replace(points=1 - points)


def _mean(values: list[float]) -> float | None:
    return fmean(values) if values else None
