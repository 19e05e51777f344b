"""The measured series that ship with the program: read from ``data/samples``, whose README names each source."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources

import pandas as pd

from data.frames import SeriesInfo

_BUOY_B01 = SeriesInfo(
    key="sea_surface_temperature",
    title="Sea surface temperature, buoy B01, Western Maine Shelf",
    parameter="Temperature",
    unit="degC",
    source="NERACOOS, buoy B01 (University of Maine): free to use and redistribute, not intended for legal use.",
    step=pd.Timedelta(minutes=30),
)
_NDBC_44013 = SeriesInfo(
    key="ndbc_44013",
    title="Sea surface temperature, NDBC buoy 44013, Boston",
    parameter="Temperature",
    unit="degC",
    source="NOAA National Data Buoy Center, buoy 44013, realtime file of 2022-06-05: public domain.",
    step=pd.Timedelta(minutes=10),
)
_JOHN_MARTIN = SeriesInfo(
    key="john_martin_inflow",
    title="Daily mean inflow, John Martin Dam, Colorado",
    parameter="Inflow",
    unit="cfs",
    source="US Army Corps of Engineers, via USACE-RMC/rfaR (0BSD). No time zone is named: days are drawn as UTC.",
    step=pd.Timedelta(days=1),
)


def names() -> dict[str, str]:
    """Key to title of every series."""
    return {key: info.title for key, (info, _) in _SERIES.items()}


def load(key: str) -> tuple[pd.DataFrame, SeriesInfo]:
    """The series (SERIES: index ``time``, one column ``value``, missing as NaN) and what it is.

    The index never falls. It rises strictly except where the publisher gives one instant twice: buoy
    B01 has two readings, 4.276 and 4.289, at 2017-03-21 16:30. Both are kept, in file order, because
    nothing in the file tells which is right, and so that a rolling mean has the published readings
    and no others in it. Raises ValueError for a key that is not in ``names()``.
    """
    if key not in _SERIES:
        raise ValueError(f"Series {key!r} is not one of {', '.join(_SERIES)}.")
    info, read = _SERIES[key]
    values = read()
    values.index = pd.DatetimeIndex(values.index, name="time")
    # Stable, so that two readings of one instant keep the order of the file.
    return values.sort_index(kind="stable").astype("float64").to_frame("value"), info


@contextmanager
def _unpacked(file_name: str) -> Iterator[gzip.GzipFile]:
    with (resources.files("data") / "samples" / file_name).open("rb") as packed, gzip.GzipFile(fileobj=packed) as file:
        yield file


def _read_buoy_b01() -> pd.Series:
    with _unpacked("sea_surface_temperature.csv.gz") as file:
        table = pd.read_csv(file, names=["time", "value"], header=0)
    return table["value"].set_axis(pd.to_datetime(table["time"], utc=True, format="ISO8601"))


def _read_ndbc() -> pd.Series:
    """WTMP of a realtime2 file: two header lines, newest row first, UTC in five columns, ``MM`` for missing."""
    with _unpacked("ndbc_44013_realtime_2022.txt.gz") as file:
        table = pd.read_csv(file, sep=r"\s+", skiprows=[1], na_values="MM", dtype={"PTDY": "str"})
    parts = table[["#YY", "MM", "DD", "hh", "mm"]].set_axis(["year", "month", "day", "hour", "minute"], axis=1)
    return table["WTMP"].set_axis(pd.to_datetime(parts, utc=True))


def _read_john_martin() -> pd.Series:
    with _unpacked("john_martin_inflow_daily_1912_2024.csv.gz") as file:
        table = pd.read_csv(file, usecols=["date", "flow_cfs"])
    return table["flow_cfs"].set_axis(pd.to_datetime(table["date"], utc=True, format="%m/%d/%Y"))


_SERIES: dict[str, tuple[SeriesInfo, Callable[[], pd.Series]]] = {
    _BUOY_B01.key: (_BUOY_B01, _read_buoy_b01),
    _NDBC_44013.key: (_NDBC_44013, _read_ndbc),
    _JOHN_MARTIN.key: (_JOHN_MARTIN, _read_john_martin),
}
