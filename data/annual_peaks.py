"""Annual peaks and their qualification codes: which can be used for flood frequency, and why others cannot."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import NamedTuple

import numpy as np
import pandas as pd

from data.provenance import Refused
from data.series import Series
from data.units import convert

#: What is read of annual peaks: a row a peak, index of no meaning. ``code``: NWIS peak_cd, several joined by commas.
PEAKS = {"water_year": "int64", "peak_cfs": "float64", "code": "object"}
FIRST_MONTH = 10  #: A water year begins in October and is named by the year it ends in (USGS).

#: Codes of NWIS peak_cd (help.waterdata.usgs.gov, peak_cd) that keep a peak out of the moments, in words.
LEFT_OUT = {
    "3": "affected by a dam failure",
    "4": "less than the value given",
    "6": "affected by regulation or diversion",
    "7": "historic, from outside the systematic record",
    "8": "greater than the value given",
    "C": "affected by urbanization, mining or another change of the basin",
    "O": "opportunistic, from outside the systematic record",
}
#: Codes that leave a peak in, as PeakFQ does, and are told.
KEPT = {
    "1": "maximum daily means, which are below the peak",
    "2": "estimates",
    "5": "affected to an unknown degree by regulation or diversion",
    "A": "of a year that is unknown or not exact",
}
REGULATED = {"6", "C"}
HISTORIC = {"7", "O"}


class LeftOut(NamedTuple):
    """Water years whose peak does not enter the moments, and why."""

    years: tuple[int, ...]
    why: str

    @property
    def text(self) -> str:
        """As a sentence."""
        return f"{shown_years(self.years)}: {self.why}."


@dataclass(frozen=True)
class AnnualPeaks:
    """Peaks by what can be made of them, each a frame of PEAKS in order of water year.

    ``systematic`` enter the moments. ``below`` are known only to be less than their value, ``above`` only to be
    greater, ``historic`` lie outside the systematic record. ``warnings`` are sentences.
    """

    systematic: pd.DataFrame
    below: pd.DataFrame
    above: pd.DataFrame
    historic: pd.DataFrame
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]


def water_year(times: pd.DatetimeIndex) -> np.ndarray:
    """The water year of each time, which is taken in the zone it is given in."""
    return np.asarray(times.year + (times.month >= FIRST_MONTH), dtype="int64")


def of_series(series: Series) -> pd.DataFrame:
    """PEAKS of a series, whose flags are the codes. Raises Refused for no flow, no dates, or more than one a year.

    A date is that of the file; a time is in UTC. Two values of one water year are left for ``sort`` to choose from.
    """
    name = series.about.id or "The series"
    if series.about.unit not in ("cfs", "m3/s"):
        raise Refused(f"{name} is in {series.about.unit or 'no unit'}, which is no flow: cfs or m³/s would do.")
    if not isinstance(series.points.index, pd.DatetimeIndex):
        raise Refused(f"{name} has hours but no dates; annual peaks need the year of each.")
    years = water_year(series.points.index)
    if len(years) > 2 * len(np.unique(years)):
        raise Refused(
            f"{name} has {len(years):,} values in {len(np.unique(years)):,} water years; flood frequency takes one "
            "peak a year: give a file of annual peaks."
        )
    return pd.DataFrame(
        {
            "water_year": years,
            "peak_cfs": np.asarray(convert(series.values, series.about.unit, "cfs")),
            "code": series.points["flag"].astype("object").fillna("").to_numpy(),
        }
    )


def codes(text: object) -> frozenset[str]:
    """The codes of a cell such as "2,5,8"; Bd and Bm, of the date alone, among them."""
    return frozenset(part for part in re.split(r"[,\s;]+", str(text).strip()) if part and part.lower() != "nan")


def sort(peaks: pd.DataFrame, *, use_regulated: bool = False) -> AnnualPeaks:
    """Peaks by what can be made of them. ``use_regulated`` takes those coded 6 and C as systematic.

    ``peaks`` has the columns of PEAKS; without ``code`` no peak has one. Raises Refused for other columns, a year that
    is no whole number, a negative or infinite peak, and a code that NWIS does not have for discharge.
    """
    frame = _checked(peaks)
    marks = frame["code"].map(codes)
    out = set(LEFT_OUT) - (REGULATED if use_regulated else set())
    left: list[LeftOut] = []
    missing = frame["peak_cfs"].isna()
    if missing.any():
        left.append(_left(frame[missing], "no value"))
    known = frame[~missing].assign(marks=marks[~missing])
    groups = [_group(found & out) for found in known["marks"]]
    known = known.assign(group=groups)
    for code in sorted(out):
        rows = known[[code in found for found in known["marks"]]]
        if len(rows):
            left.append(_left(rows, f"{LEFT_OUT[code]} (code {code})"))
    systematic, twice = _one_a_year(known[known["group"] == ""])
    left += twice
    parts = {name: known.loc[known["group"] == name, list(PEAKS)] for name in ("below", "above", "historic")}
    return AnnualPeaks(
        systematic=systematic[list(PEAKS)].reset_index(drop=True),
        left_out=tuple(left),
        warnings=tuple(_warnings(systematic, frame, use_regulated)),
        **{name: part.reset_index(drop=True) for name, part in parts.items()},
    )


def _group(found: frozenset[str]) -> str:
    """What a peak with these codes is; the code that says least of its size counts."""
    if found & {"3", *REGULATED}:
        return "out"
    if "4" in found:
        return "below"
    if "8" in found:
        return "above"
    return "historic" if found & HISTORIC else ""


def _checked(peaks: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in ("water_year", "peak_cfs") if name not in peaks]
    if missing:
        raise Refused(f"Annual peaks need the columns water_year and peak_cfs; {' and '.join(missing)} is not there.")
    frame = pd.DataFrame({name: peaks[name].to_numpy() for name in PEAKS if name in peaks})
    frame["code"] = frame["code"].fillna("").astype("object") if "code" in frame else ""
    years = pd.to_numeric(frame["water_year"], errors="coerce")
    bad = ~(years % 1 == 0)
    if bad.any():
        raise Refused(
            f"Row {_row(bad)} has the water year {_plain(frame['water_year'][bad].iloc[0])}, which is no year."
        )
    values = pd.to_numeric(frame["peak_cfs"], errors="coerce").astype("float64")
    wrong = (values < 0) | np.isinf(values) | (values.isna() & frame["peak_cfs"].notna())
    if wrong.any():
        value = _plain(frame["peak_cfs"][wrong].iloc[0])
        raise Refused(f"The peak of water year {int(years[wrong].iloc[0])} is {value}; 0 cfs or more would do.")
    frame["water_year"], frame["peak_cfs"] = years.astype("int64"), values
    return frame.sort_values("water_year", kind="stable", ignore_index=True)


def _plain(value: object) -> str:
    """A cell for a sentence: a number as a number, text cut short."""
    return repr(value[:40]) if isinstance(value, str) else f"{value:.10g}" if isinstance(value, Real) else repr(value)


def _row(where: pd.Series) -> int:
    return int(np.flatnonzero(where)[0]) + 1


def _left(rows: pd.DataFrame, why: str) -> LeftOut:
    return LeftOut(tuple(rows["water_year"].tolist()), why)


def _one_a_year(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[LeftOut]]:
    """The highest peak of each year, and the others."""
    ranked = rows.sort_values(["water_year", "peak_cfs"], ascending=[True, False], kind="stable")
    lower = ranked["water_year"].duplicated()
    said = [
        LeftOut((int(row.water_year),), f"{row.peak_cfs:.10g} cfs, the lower of two peaks of that year")
        for row in ranked[lower].itertuples()
    ]
    return ranked[~lower], said


def shown_years(years: Sequence[int]) -> str:
    """The first ten, and how many more."""
    return ", ".join(map(str, years[:10])) + (f" and {len(years) - 10} more" if len(years) > 10 else "")


def counted(n: int, one: str, many: str = "") -> str:
    """A number with its noun, "1 peak" or "2 peaks"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def _warnings(systematic: pd.DataFrame, frame: pd.DataFrame, use_regulated: bool) -> Iterator[str]:
    told = KEPT | ({code: LEFT_OUT[code] for code in sorted(REGULATED)} if use_regulated else {})
    for code, words in told.items():
        rows = systematic[[code in found for found in systematic["marks"]]]
        if len(rows) == len(systematic) > 0:
            yield f"All peaks used are {words} (code {code})."
        elif len(rows):
            years = shown_years(rows["water_year"].tolist())
            yield f"{len(rows)} of {len(systematic)} peaks used are {words} (code {code}): {years}."
    years = systematic["water_year"].tolist()
    absent = sorted(set(range(years[0], years[-1] + 1)) - set(frame["water_year"].tolist())) if years else []
    if absent:
        yield (
            f"{counted(len(absent), 'water year')} between {years[0]} and {years[-1]} without a peak in the record: "
            f"{shown_years(absent)}; that is right only if they are missing for no reason of their floods."
        )
