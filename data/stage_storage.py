"""Storage of a reservoir from its elevation and back: tables of several dates, datum shifts, percent full.

Arrays in, arrays out, no input or output. Missing stays missing; nothing is extrapolated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from data.provenance import How, Refused
from data.rating_curve import RULES, SOURCES, Curve, Instant, blend, blended, day, times, utc
from data.routing import Orifice, StorageTable, Weir, with_outlets


@dataclass(frozen=True)
class DatumShift:
    """What to add to an elevation in the table's datum to have it in another; ``estimated`` as the file says."""

    ft: float
    estimated: bool = False


@dataclass(frozen=True, eq=False)
class StageStorage:
    """Elevations (ft, in the datum that was asked for), storages (acre-ft) and percent of the full pool, as arrays."""

    elevation_ft: np.ndarray
    storage_acre_ft: np.ndarray
    percent_full: np.ndarray | None
    how: How


@dataclass(frozen=True, kw_only=True, eq=False)
class StorageCurves:
    """A reservoir's elevation-storage tables, oldest first, and what the file says of their use.

    ``between_dates`` is the rule between two effective dates: "previous" takes the older table, "linear" weighs both by
    time. ``outside_dates`` holds for a time before the first and after the last: "nearest", or "refused".
    ``offset_acre_ft`` stands in the tables' storages but is no water; results are without it. ``outside_rows`` is the
    file's own rule for elevations outside its rows, told but not followed.
    """

    name: str
    curves: tuple[Curve, ...]
    outflow_cfs: np.ndarray | None = None
    datum: str = ""
    shifts: Mapping[str, DatumShift] = field(default_factory=dict)
    between_dates: Literal["previous", "linear"] = "previous"
    outside_dates: tuple[Literal["nearest", "refused"], Literal["nearest", "refused"]] = ("refused", "nearest")
    offset_acre_ft: float = 0.0
    outside_rows: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()

    def storage(
        self, elevation_ft, *, at: Instant = None, datum: str = "", shift_ft: float | None = None,
        full_elevation_ft: float | None = None, full_acre_ft: float | None = None,
    ) -> StageStorage:  # fmt: skip
        """Storage of elevations, and percent full where the full pool is given by elevation or storage.

        ``at`` is one time or one an elevation; it is needed where there are tables of several dates. ``datum`` names
        that of the elevations; ``shift_ft`` is what to add to an elevation in the table's datum to have it in that one,
        where the file gives no such shift. Raises Refused for what lies outside a table and for an unknown shift.
        """
        given = np.asarray(elevation_ft, dtype="float64")
        shift, told = self._shift(datum, shift_ft)
        when = times(at, given.shape)
        try:
            found = self._each(given - shift, when, back=False) - self.offset_acre_ft
        except Refused as fault:
            moved = f" Elevations were brought to the table's datum by {-shift:+.6g} ft." if shift else ""
            raise Refused(f"{fault}{moved}") from None
        full, words = self._full(full_elevation_ft, full_acre_ft, shift, when)
        percent = None if full is None else found / full * 100
        how = self._how("storage from elevation", given, when, told | words)
        return StageStorage(given, found, percent, how)

    def elevation(
        self, storage_acre_ft, *, at: Instant = None, datum: str = "", shift_ft: float | None = None
    ) -> StageStorage:
        """Elevation of storages, by the same rule backwards. Raises Refused as ``storage`` does."""
        given = np.asarray(storage_acre_ft, dtype="float64")
        shift, told = self._shift(datum, shift_ft)
        when = times(at, given.shape)
        found = self._each(given + self.offset_acre_ft, when, back=True) + shift
        return StageStorage(found, given, None, self._how("elevation from storage", given, when, told))

    def routing_table(self, outlets: Sequence[Weir | Orifice] = (), *, at: Instant = None) -> StorageTable:
        """Elevation, storage (without the offset) and outflow for ``data.routing.route``.

        The outflow is the table's own, or that of ``outlets``. Raises Refused where there is neither, and for a step
        table, of which the storage does not change between rows.
        """
        curve = self.curve_at(at)
        if curve.rule != "linear":
            raise Refused(f"Routing is linear between rows; the table of {self.name} is read by the rule {curve.rule}.")
        storage = curve.y - self.offset_acre_ft
        if outlets:
            return with_outlets(curve.x, storage, outlets)
        if self.outflow_cfs is None:
            raise Refused(f"The table of {self.name} has no outflow: give its outlets (weirs, orifices).")
        return StorageTable(curve.x, storage, self.outflow_cfs)

    def curve_at(self, at: Instant = None) -> Curve:
        """The table of one time; between two dates, by the file's rule."""
        low, high, weight = self._dated(times(at, ()))
        return blend(self.curves[int(low)], self.curves[int(high)], float(weight))

    def _each(self, values: np.ndarray, when: np.ndarray | None, *, back: bool) -> np.ndarray:
        low, high, weight = (np.broadcast_to(part, values.shape) for part in self._dated(when))
        found = np.full(values.shape, np.nan)
        for first, second in set(zip(low.reshape(-1).tolist(), high.reshape(-1).tolist(), strict=True)):
            which = (low == first) & (high == second)
            curve, later = self.curves[first], self.curves[second]
            if first != second:
                found[which] = blended(curve, later, weight[which], values[which], back=back)
            else:
                found[which] = curve.inverse(values[which]) if back else curve.value(values[which])
        return found

    def _dated(self, when: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The tables before and after each time, and the weight of the later."""
        none = np.zeros((), dtype="int64"), np.zeros((), dtype="int64"), np.zeros(())
        if when is None:
            if len(self.curves) > 1:
                dates = ", ".join(day(curve.effective_at) for curve in self.curves)
                raise Refused(f"{self.name} has tables effective from {dates}: give the date of the elevation.")
            return none
        if any(curve.effective_at is None for curve in self.curves):
            return none
        starts = np.array([utc(curve.effective_at) for curve in self.curves], dtype="datetime64[us]")
        self._within(when, starts)
        low = np.clip(np.searchsorted(starts, when, side="right") - 1, 0, len(starts) - 1)
        high = np.clip(low + 1, 0, len(starts) - 1)
        if self.between_dates == "previous":
            return low, low, np.zeros(when.shape)
        span = (starts[high] - starts[low]).astype("float64")
        past = (when - starts[low]).astype("float64")
        weight = np.clip(np.divide(past, span, out=np.zeros(when.shape), where=span > 0), 0, 1)
        return low, np.where(weight > 0, high, low), weight

    def _within(self, when: np.ndarray, starts: np.ndarray) -> None:
        early = when < starts[0]
        if self.outside_dates[0] == "refused" and early.any():
            raise Refused(
                f"{day(when[early].min())} is before the first table of {self.name}, effective from "
                f"{day(starts[0])}; an older table would do."
            )
        late = when > starts[-1]
        if self.outside_dates[1] == "refused" and late.any():
            raise Refused(f"{day(when[late].max())} is after the last table of {self.name}, {day(starts[-1])}.")

    def _shift(self, datum: str, shift_ft: float | None) -> tuple[float, dict]:
        """What to take from an elevation to have it in the table's datum, and the words for it."""
        own = self.datum or "not stated"
        told = {"table_datum": own, "elevation_datum": datum or f"that of the table ({own})"}
        if shift_ft is not None:
            if not datum:
                raise Refused("A shift needs the name of the elevations' datum, such as NGVD29.")
            if not np.isfinite(shift_ft):
                raise Refused(f"The shift from the datum of the table to {datum} is no number: {shift_ft}.")
            return float(shift_ft), told | {"shift_ft": float(shift_ft), "shift_from": "the caller"}
        if not datum or datum == self.datum:
            return 0.0, told
        if datum not in self.shifts:
            raise Refused(
                f"Elevations in {datum} cannot be read in the table of {self.name}, whose datum is {own}: no shift "
                f"between them is known. Give what to add to an elevation of the table to have it in {datum}."
            )
        shift = self.shifts[datum]
        kind = "the file, as an estimate" if shift.estimated else "the file"
        return shift.ft, told | {"shift_ft": shift.ft, "shift_from": kind}

    def _full(self, elevation_ft, acre_ft, shift: float, when: np.ndarray | None) -> tuple[np.ndarray | None, dict]:
        if elevation_ft is not None and acre_ft is not None:
            raise Refused("The full pool is given twice, by elevation and by storage: one would do.")
        if elevation_ft is not None:
            level = np.full(() if when is None else when.shape, float(elevation_ft) - shift)
            full = self._each(level, when, back=False) - self.offset_acre_ft
            words = {"full_elevation_ft": float(elevation_ft)}
        elif acre_ft is not None:
            full, words = np.asarray(float(acre_ft)), {"full_acre_ft": float(acre_ft)}
        else:
            return None, {}
        if not (full > 0).all():
            raise Refused("The full pool holds no water, so that no percentage of it can be given.")
        return full, words

    def _how(self, what: str, given: np.ndarray, when: np.ndarray | None, told: dict) -> How:
        curve = self.curves[0]
        dates = [day(curve.effective_at) for curve in self.curves if curve.effective_at]
        parameters = told | {"rule_between_rows": curve.rule}
        if self.offset_acre_ft:
            parameters["offset_taken_off_acre_ft"] = self.offset_acre_ft
        if dates:
            parameters["tables_effective_from"] = dates
            parameters["rule_between_dates"] = self.between_dates
        if self.outside_rows:
            parameters["outside_rows"] = f"refused (the file's own rule is {self.outside_rows})"
        return How(
            method=f"{what}: {RULES[curve.rule]}",
            source="; ".join(filter(None, (SOURCES[curve.rule], self.source))),
            parameters=parameters,
            used=f"{given.size:,} values, {sum(len(curve.x) for curve in self.curves):,} rows of the table of "
            f"{self.name}",
            left_out=tuple(self._left_out(given, when)),
        )

    def _left_out(self, given: np.ndarray, when: np.ndarray | None):
        if missing := int(np.isnan(given).sum()):
            yield f"{missing:,} missing values stay missing."
        starts = [utc(curve.effective_at) for curve in self.curves if curve.effective_at]
        if when is not None and starts and (early := int((when < starts[0]).sum())):
            yield (
                f"{early:,} times are before the first table, effective from {day(starts[0])}; the file's own rule "
                "takes that table for them."
            )
        elif when is None and starts:
            yield f"No date is given; the table is effective from {day(starts[0])}."
        yield from self.notes
