"""Flow duration, statistics by month and water year, n-day extremes and low-flow frequency of a daily flow."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data import log_pearson
from data.annual_peaks import counted
from data.log_pearson import Curve
from data.provenance import How, Refused
from data.series import Series
from data.units import CUBIC_FEET_PER_ACRE_FT, convert

DAY_S = 86_400
WATER_YEAR, CLIMATIC_YEAR = 10, 4  #: First months: October (named by its end), April (named by its beginning).
#: Percent of days on which a flow is reached or exceeded.
EXCEEDANCES = (0.1, 1, 5, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 95, 99, 99.9)
LEAST_YEARS = (
    10  #: Of a low-flow frequency curve (Riggs, 1972, USGS Techniques of Water-Resources Investigations 4-B1).
)
DURATION_SOURCE = "Vogel and Fennessey, 1994, Journal of Water Resources Planning and Management 120, 485-504"
LOW_FLOW_SOURCE = (
    "Riggs, 1972, Low-flow investigations, USGS Techniques of Water-Resources Investigations, book 4, chapter B1; "
    "years without flow by Jennings and Benson, 1969, Water Resources Research 5, 276-280"
)


def daily(series: Series) -> pd.Series:
    """Flow of each day from the first to the last, in the series' unit, NaN where it is missing.

    The index are days (datetime64, no zone) in the zone that the file states, the summer one where it states two. A
    value a day is taken as its mean. Of a shorter step the mean is taken, where all values of the day are there.
    Raises Refused for what is no flow, for hours without dates and for a step above a day.
    """
    name = series.about.id or "The series"
    if series.about.unit not in ("cfs", "m3/s"):
        raise Refused(f"{name} is in {series.about.unit or 'no unit'}, which is no flow: cfs or m³/s would do.")
    if not isinstance(series.points.index, pd.DatetimeIndex):
        raise Refused(f"{name} has hours but no dates; statistics by day and year need dates.")
    if not len(series.points) or not np.isfinite(series.values).any():
        raise Refused(f"{name} has no values.")
    if not series.step_s <= DAY_S + 1:
        step = "no step of its own" if np.isnan(series.step_s) else f"a step of {series.step_s / 3600:.6g} h"
        raise Refused(f"{name} has {step}; statistics are of daily flow: give daily or closer values.")
    days = pd.DatetimeIndex(_local(series)).normalize()
    values = pd.Series(series.values, index=days)
    expected = round(DAY_S / series.step_s)
    if expected > 1:
        grouped = values.groupby(level=0)
        values = grouped.mean().where(grouped.count() == expected)
    elif values.index.has_duplicates:
        twice = values.index[values.index.duplicated()][0]
        raise Refused(f"{name} has two values on {twice:%Y-%m-%d}; one a day would do.")
    return values.asfreq("D").rename("flow").rename_axis("date")


def _local(series: Series) -> pd.DatetimeIndex:
    """The times in the file's zone, without it."""
    index = pd.DatetimeIndex(series.points.index).tz_localize(None)
    offsets = [
        pd.Timedelta(hours=int(hours), minutes=int(f"{hours[0]}{minutes}"))
        for hours, minutes in re.findall(r"UTC([+-]\d\d):(\d\d)", series.about.timezone)
    ]
    return index + max(offsets) if offsets else index


def year_of(days: pd.DatetimeIndex, first_month: int) -> np.ndarray:
    """The year of each day: a water year by its end, a climatic year by its beginning (see the constants)."""
    if first_month == WATER_YEAR:
        return np.asarray(days.year + (days.month >= first_month), dtype="int64")
    return np.asarray(days.year - (days.month < first_month), dtype="int64")


@dataclass(frozen=True, eq=False)
class FlowStatistics:
    """Statistics of a daily flow, in ``unit``.

    ``duration`` is exceedance (percent of days) -> flow. ``annual`` has a row a water year (October to September):
    water_year, mean, minimum, minimum_date, maximum, maximum_date, volume_acre_ft, days, missing; ``monthly`` a row a
    month of each: water_year, year, month, mean, minimum, maximum, volume_acre_ft, days, missing; ``by_month`` a row a
    calendar month: month, mean, median, minimum, maximum, days, missing. ``missing`` counts the days of the year or
    month without a flow, those before the first and after the last included.
    """

    unit: str
    mean: float
    median: float
    minimum: float
    maximum: float
    days: int
    missing: int
    duration: dict[float, float]
    annual: pd.DataFrame
    monthly: pd.DataFrame
    by_month: pd.DataFrame
    warnings: tuple[str, ...]
    how: How

    def as_json(self) -> dict[str, Any]:
        """For a report; dates as ISO text, a value that is missing as null."""
        return {
            "unit": self.unit,
            "days": self.days,
            "missing": self.missing,
            "mean": self.mean,
            "median": self.median,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "duration": {
                f"{percent:.10g}": flow if np.isfinite(flow) else None for percent, flow in self.duration.items()
            },
            "annual": records(self.annual),
            "monthly": records(self.monthly),
            "by_month": records(self.by_month),
            "method": self.how.method,
            "warnings": list(self.warnings),
            "how": self.how.as_json(),
        }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values."""
    plain = {
        name: frame[name].dt.strftime("%Y-%m-%d") if frame[name].dtype.kind == "M" else frame[name] for name in frame
    }
    rows = pd.DataFrame(plain).astype("object")
    return [
        {str(name): value for name, value in row.items()} for row in rows.where(rows.notna(), None).to_dict("records")
    ]


def analyse(series: Series, *, exceedances: Sequence[float] = EXCEEDANCES) -> FlowStatistics:
    """Statistics of a daily flow. Raises Refused as ``daily`` does, and for an exceedance outside 0 to 100 %."""
    flow = daily(series)
    known = flow.dropna()
    if not len(known):
        raise Refused("No day has all its values, so that there is no daily flow; give daily means.")
    missing = len(flow) - len(known)
    annual, monthly = _periods(flow, series.about.unit)
    return FlowStatistics(
        unit=series.about.unit,
        mean=float(known.mean()),
        median=float(known.median()),
        minimum=float(known.min()),
        maximum=float(known.max()),
        days=len(known),
        missing=missing,
        duration=duration(known.to_numpy(), exceedances),
        annual=annual,
        monthly=monthly,
        by_month=_by_month(flow),
        warnings=tuple(_warnings(flow, annual)),
        how=How(
            method="flow duration by Weibull positions of all days; statistics by month and water year (October to "
            "September, named by its end) of the days that have a flow",
            source=DURATION_SOURCE,
            parameters={"step_hours": series.step_s / 3600, "timezone": series.about.timezone},
            used=f"{len(known):,} of {len(flow):,} days, {flow.index[0]:%Y-%m-%d} to {flow.index[-1]:%Y-%m-%d}",
            left_out=(f"{counted(missing, 'day')} without a flow",) if missing else (),
        ),
    )


def duration(flows: np.ndarray, exceedances: Sequence[float] = EXCEEDANCES) -> dict[float, float]:
    """Flow that is reached or exceeded on a percentage of days; NaN beyond what the number of days can tell.

    The i-th highest of n flows has the position i/(n + 1); between positions the flow is linear (Vogel and Fennessey,
    1994). Raises Refused for a percentage that is not between 0 and 100.
    """
    wrong = [percent for percent in exceedances if not 0 < percent < 100]
    if wrong:
        raise Refused(f"The exceedance {wrong[0]!r} % is not between 0 and 100.")
    ranked = np.sort(flows)[::-1]
    positions = np.arange(1, len(ranked) + 1) / (len(ranked) + 1) * 100
    found = np.interp(exceedances, positions, ranked, left=np.nan, right=np.nan)
    return dict(zip(map(float, exceedances), found.tolist(), strict=True))


def _periods(flow: pd.Series, unit: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Statistics of each water year and of each month."""
    days = pd.DatetimeIndex(flow.index)
    years = year_of(days, WATER_YEAR)
    annual = _summary(flow, [pd.Series(years, index=days, name="water_year")], unit)
    for name, pick in (("minimum", "idxmin"), ("maximum", "idxmax")):
        known = flow.dropna()
        dates = getattr(known.groupby(year_of(pd.DatetimeIndex(known.index), WATER_YEAR)), pick)()
        annual[f"{name}_date"] = annual["water_year"].map(dates).astype("datetime64[us]")
    length = [(pd.Timestamp(year, 10, 1) - pd.Timestamp(year - 1, 10, 1)).days for year in annual["water_year"]]
    annual["missing"] = np.array(length) - annual["days"].to_numpy()
    keys = [pd.Series(values, index=days, name=name) for name, values in
            (("water_year", years), ("year", days.year), ("month", days.month))]  # fmt: skip
    monthly = _summary(flow, keys, unit)
    size = pd.to_datetime({"year": monthly["year"], "month": monthly["month"], "day": 1}).dt.days_in_month
    monthly["missing"] = size.to_numpy() - monthly["days"].to_numpy()
    order = ["water_year", "mean", "minimum", "minimum_date", "maximum", "maximum_date", "volume_acre_ft"]
    monthly = monthly.sort_values(["year", "month"], ignore_index=True)
    return annual[[*order, "days", "missing"]], monthly


def _summary(flow: pd.Series, keys: list[pd.Series], unit: str) -> pd.DataFrame:
    grouped = flow.groupby(keys)
    found = grouped.agg(mean="mean", minimum="min", maximum="max", days="count")
    cubic_feet = np.asarray(convert(grouped.sum(min_count=1).to_numpy("float64"), unit, "cfs")) * DAY_S
    found.insert(3, "volume_acre_ft", cubic_feet / CUBIC_FEET_PER_ACRE_FT)
    return found.reset_index()


def _by_month(flow: pd.Series) -> pd.DataFrame:
    grouped = flow.groupby(pd.DatetimeIndex(flow.index).month.rename("month"))
    found = grouped.agg(mean="mean", median="median", minimum="min", maximum="max", days="count")
    found["missing"] = grouped.size() - found["days"]
    return found.reset_index()


def _warnings(flow: pd.Series, annual: pd.DataFrame) -> Iterator[str]:
    part = annual[annual["missing"] > 0]
    if len(part):
        years = ", ".join(f"{row.water_year} ({row.missing})" for row in part.head(10).itertuples())
        more = f" and {len(part) - 10} more" if len(part) > 10 else ""
        yield (
            f"{counted(len(part), 'water year')} without all days (missing days in brackets): {years}{more}; their "
            "mean, volume and extremes are of the days that are there."
        )
    negative = int((flow < 0).sum())
    if negative:
        yield f"{counted(negative, 'day')} with a negative flow, taken as it is."


@dataclass(frozen=True, eq=False)
class Extremes:
    """The lowest or highest mean flow of ``n_days`` days running, of each year.

    ``years`` has columns year, value, start, end (the days it is of), days, missing, used: a year with missing days
    is not used, since they may hide the extreme.
    """

    n_days: int
    kind: str
    first_month: int
    unit: str
    years: pd.DataFrame

    @property
    def used(self) -> np.ndarray:
        """The values of the years that are used."""
        return self.years.loc[self.years["used"], "value"].to_numpy("float64")


def extremes(series: Series, n_days: int, kind: str = "minimum", *, first_month: int | None = None) -> Extremes:
    """Annual n-day minima by climatic year (April to March), or maxima by water year (October to September).

    Only windows of days that are all known and all of one year count. Raises Refused as ``daily`` does.
    """
    if kind not in ("minimum", "maximum"):
        raise Refused(f"The kind {kind!r} is not minimum or maximum.")
    if n_days not in range(1, 184):
        raise Refused(f"The extreme of {n_days!r} days is not of 1 to 183.")
    first_month = first_month or (CLIMATIC_YEAR if kind == "minimum" else WATER_YEAR)
    if first_month not in range(1, 13):
        raise Refused(f"The month {first_month!r} in which a year begins is not 1 to 12.")
    flow = daily(series)
    rows = [_extreme(year, part, n_days, kind, first_month) for year, part in
            flow.groupby(year_of(pd.DatetimeIndex(flow.index), first_month))]  # fmt: skip
    return Extremes(n_days, kind, first_month, series.about.unit, pd.DataFrame(rows))


def _extreme(year: Any, part: pd.Series, n_days: int, kind: str, first_month: int) -> dict[str, Any]:
    begin = int(year) - (first_month == WATER_YEAR)
    length = (pd.Timestamp(begin + 1, first_month, 1) - pd.Timestamp(begin, first_month, 1)).days
    days = int(part.notna().sum())
    means = part.rolling(n_days).mean().dropna() if days >= n_days else part.iloc[:0]
    row: dict[str, Any] = {"year": int(year), "value": np.nan, "start": pd.NaT, "end": pd.NaT}
    if len(means):
        end = pd.Timestamp(means.idxmin() if kind == "minimum" else means.idxmax())
        start = end - pd.Timedelta(days=n_days - 1)
        row |= {"value": float(part.loc[start:end].mean()), "start": start, "end": end}
    return row | {"days": days, "missing": length - days, "used": days == length}


@dataclass(frozen=True, eq=False)
class LowFlow:
    """The n-day low flow that is not exceeded once in ``return_years`` on average, such as 7Q10; in ``unit``.

    ``curve`` is of the years with flow, None where the answer is 0 or there are too few; ``zeros`` years have none.
    """

    name: str
    value: float
    unit: str
    return_years: float
    zeros: int
    curve: Curve | None
    minima: Extremes
    warnings: tuple[str, ...]
    how: How

    def as_json(self) -> dict[str, Any]:
        """For a report."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "years": len(self.minima.used),
            "years_without_flow": self.zeros,
            "mean_log10": self.curve.mean if self.curve else None,
            "sd_log10": self.curve.sd if self.curve else None,
            "skew": self.curve.skew if self.curve else None,
            "minima": records(self.minima.years),
            "method": self.how.method,
            "warnings": list(self.warnings),
            "how": self.how.as_json(),
        }


def low_flow(series: Series, n_days: int = 7, return_years: float = 10, *, first_month: int = CLIMATIC_YEAR) -> LowFlow:
    """Low flow by log-Pearson III of annual n-day minima of the climatic year, April to March, named by its beginning.

    Of years without flow, a share p0, the curve of the others is asked for (p - p0)/(1 - p0), p = 1/return_years;
    where p is p0 or less the answer is 0 (Jennings and Benson, 1969). Raises Refused for fewer than 10 whole years.
    """
    if not return_years > 1:
        raise Refused(f"A return period of {return_years!r} years has no meaning; above 1 would do.")
    minima = extremes(series, n_days, first_month=first_month)
    used, years = minima.used, minima.years
    if len(used) < LEAST_YEARS:
        raise Refused(
            f"Only {counted(len(used), 'climatic year')} of {len(years)} have every day; a low-flow frequency needs "
            f"{LEAST_YEARS} or more."
        )
    if (used < 0).any():
        raise Refused(
            f"The minimum of {int(years['year'][years['value'] < 0].iloc[0])} is negative; it has no logarithm."
        )
    zeros = int((used == 0).sum())
    share, wanted = zeros / len(used), 1 / return_years
    curve, value = None, 0.0
    if wanted > share:
        if len(used) - zeros < 3:
            raise Refused(f"Only {counted(len(used) - zeros, 'year')} with flow; a curve needs three.")
        curve = log_pearson.moments(np.log10(used[used > 0]))
        value = curve.at(1 - (wanted - share) / (1 - share))
    name = f"{n_days}Q{return_years:g}"
    return LowFlow(
        name=name,
        value=value,
        unit=series.about.unit,
        return_years=return_years,
        zeros=zeros,
        curve=curve,
        minima=minima,
        warnings=tuple(_low_warnings(minima, zeros, return_years)),
        how=How(
            method=f"{name} by log-Pearson III, moments of log10 of the {n_days}-day minima of each year from "
            f"{_months(first_month)}",
            source=LOW_FLOW_SOURCE,
            parameters={"n_days": n_days, "return_years": return_years, "first_month": first_month},
            used=f"{len(used)} of {len(years)} years, {zeros} of them without flow",
            left_out=tuple(
                f"{row.year}: {row.missing} days missing" for row in years[~years["used"]].head(20).itertuples()
            ),
        ),
    )


def _months(first_month: int) -> str:
    names = [f"{pd.Timestamp(2000, month, 1):%B}" for month in (first_month, (first_month + 10) % 12 + 1)]
    by = "end" if first_month == WATER_YEAR else "beginning"
    return f"{' to '.join(names)}, named by its {by}"


def _low_warnings(minima: Extremes, zeros: int, return_years: float) -> Iterator[str]:
    left = int((~minima.years["used"]).sum())
    if left:
        yield f"{counted(left, 'year')} with missing days left out, which may hide the lowest flow."
    if zeros:
        yield f"{counted(zeros, 'year')} without flow for {minima.n_days} days, for which probabilities are adjusted."
    if return_years > 2 * len(minima.used):
        yield f"{return_years:g} years are more than twice the {len(minima.used)} years of the record."
