"""When a family comes back: a gamma frailty times facts times the month times a baseline that is known in closed form.

After each closure the family's next referral has the hazard z * r * s(month) * h0(t):

- z     frailty of the family, gamma with mean 1 and variance theta; latent and constant
- r     what the facts at the closure make of it (`risk.return_rate`)
- s     the month index of referrals, normalised to mean 1
- h0    such that with frailty alone the marginal curve of return is Weibull: 1 - F(t) = exp(-(t / scale)^shape)

The Laplace transform of the gamma gives E[exp(-z H)] = (1 + theta H)^(-1/theta). Setting it equal to the Weibull's survival and solving
for H gives H0(t) = (exp(theta (t / scale)^shape) - 1) / theta. Source of the curve: children_social_care.md section 8 (32 % at 12
months and 58 % at 72 months after closure, [kingston]).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from math import ceil, exp, log1p

from ecda_stream.simulate.days import month_of

FIRST_YEAR, LAST_YEAR = 1990, 2100
MONTH_STARTS = tuple(date(year, month, 1).toordinal() for year in range(FIRST_YEAR, LAST_YEAR) for month in range(1, 13))


@dataclass(frozen=True, slots=True)
class Returns:
    """The clock of returns, shared by all families."""

    shape: float
    scale_days: float
    frailty_variance: float
    season: tuple[float, ...]
    """By calendar month from January, mean 1."""

    def baseline(self, days: float) -> float:
        """Return H0, the cumulative baseline hazard at a time since closure."""
        return (exp(self.frailty_variance * (days / self.scale_days) ** self.shape) - 1) / self.frailty_variance

    def days_at(self, cumulative: float) -> float:
        """Return the time at which H0 reaches a value: the inverse of `baseline`."""
        return float(self.scale_days * (log1p(self.frailty_variance * cumulative) / self.frailty_variance) ** (1 / self.shape))

    def exposure(self, closing: int, days: int) -> float:
        """Return the integral of s * h0 over the days after a closure, month by month; z * r times it is the cumulative hazard.

        Day `closing + n` is the time (n - 1, n], so that the season of a day is that of its own month.
        """
        total = before = 0.0
        passed = 0
        place = bisect_right(MONTH_STARTS, closing + 1)
        while passed < days:
            until = min(days, MONTH_STARTS[place] - closing - 1)
            after = self.baseline(until)
            total += self.season[month_of(closing + until) - 1] * (after - before)
            before, passed = after, until
            place += 1
        return total

    def day_of_return(self, closing: int, exposure: float, last: int) -> int | None:
        """Return the day on which the exposure since a closure reaches a value; None if that is after the day `last`.

        With an exponential variate divided by z * r as the exposure, this draws the day of the next referral.
        """
        before = 0.0
        passed = 0
        place = bisect_right(MONTH_STARTS, closing + 1)
        while closing + passed < last:
            until = MONTH_STARTS[place] - closing - 1
            after = self.baseline(until)
            season = self.season[month_of(closing + until) - 1]
            if exposure <= season * (after - before):
                day = closing + max(passed + 1, min(until, ceil(self.days_at(before + exposure / season))))
                return day if day <= last else None
            exposure -= season * (after - before)
            before, passed = after, until
            place += 1
        return None

    def posterior_mean_frailty(self, returns: int, exposure: float) -> float:
        """Return E[z | past]: gamma and Poisson are conjugate, so it is (1/theta + returns) / (1/theta + exposure).

        `exposure` is the sum of r * integral of s * h0 over all the times in which the family could have returned.
        """
        return (1 / self.frailty_variance + returns) / (1 / self.frailty_variance + exposure)
