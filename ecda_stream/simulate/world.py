"""What all families of a simulated world share."""

from __future__ import annotations

from dataclasses import dataclass

from ecda_stream.simulate.needs import Prevalence
from ecda_stream.simulate.planning import EpisodeRates
from ecda_stream.simulate.rates import Rates
from ecda_stream.simulate.returns import Returns


@dataclass(frozen=True, slots=True)
class World:
    """The seed, the years, and what follows from the rates."""

    seed: int
    start: int
    end: int
    """The last day of the years."""
    rates: Rates
    returns: Returns
    derived: EpisodeRates
    prevalence: Prevalence

    @classmethod
    def of(cls, seed: int, start: int, end: int, rates: Rates) -> World:
        """Return the world that the rates make."""
        curve = rates.return_weibull
        returns = Returns(curve["shape"], curve["scale_months"] * 365.25 / 12, rates.frailty_variance, rates.season)
        return cls(seed, start, end, rates, returns, EpisodeRates.of(rates), Prevalence.of(rates))
