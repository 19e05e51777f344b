"""Level-pool routing of a hydrograph through a reservoir: arrays in, arrays out, no input or output."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.provenance import How, Refused
from data.units import CUBIC_FEET_PER_ACRE_FT

SECONDS_PER_HOUR = 3600
GRAVITY_FT_S2 = 32.174  #: Standard gravity, 9.80665 m/s² (NIST SP 811, 2008, appendix B.8), in ft/s².
STEP_TOLERANCE = 1e-6  #: Relative difference of steps that still count as one step.
STEPS_IN_RISE = 5  #: Least steps from start to peak of the inflow (USACE EM 1110-2-1417, 1994, chapter 9).
METHOD = "level-pool routing (modified Puls)"
SOURCE = (
    "Puls, 1928, as storage-indication routing in Chow, Maidment and Mays, Applied Hydrology, 1988, section 8.2, "
    "eqs. 8.2.3 to 8.2.5"
)


def _above_zero(what: str, **values: float) -> None:
    for name, value in values.items():
        if not 0 < value < np.inf:
            raise Refused(f"The {name} of the {what}, {value:.10g}, is not above 0.")


@dataclass(frozen=True)
class Weir:
    """A free overfall: Q = C L H^1.5 above the crest, C in ft^0.5/s (Chow, Maidment and Mays, 1988, table 8.2.2)."""

    crest_ft: float
    length_ft: float
    coefficient: float

    def __post_init__(self) -> None:
        _above_zero("weir", length=self.length_ft, coefficient=self.coefficient)

    def outflow_cfs(self, elevation_ft: np.ndarray) -> np.ndarray:
        """Flow at each elevation; 0 at the crest and below."""
        return self.coefficient * self.length_ft * np.maximum(elevation_ft - self.crest_ft, 0) ** 1.5


@dataclass(frozen=True)
class Orifice:
    """A submerged opening: Q = C A (2 g H)^0.5, H above its centre (Chow, Maidment and Mays, 1988, table 8.2.2).

    Nothing flows while the pool is at the centre or below: an opening that is partly full is not described.
    """

    centre_ft: float
    area_ft2: float
    coefficient: float

    def __post_init__(self) -> None:
        _above_zero("orifice", area=self.area_ft2, coefficient=self.coefficient)

    def outflow_cfs(self, elevation_ft: np.ndarray) -> np.ndarray:
        """Flow at each elevation."""
        head = np.maximum(elevation_ft - self.centre_ft, 0)
        return self.coefficient * self.area_ft2 * np.sqrt(2 * GRAVITY_FT_S2 * head)


@dataclass(frozen=True)
class StorageTable:
    """Elevation (ft), storage (acre-ft) and outflow (cfs) of a reservoir, rows rising; between rows all is linear."""

    elevation_ft: np.ndarray
    storage_acre_ft: np.ndarray
    outflow_cfs: np.ndarray

    def __post_init__(self) -> None:
        for name in ("elevation_ft", "storage_acre_ft", "outflow_cfs"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype="float64"))
        self._check()

    def _check(self) -> None:
        """Raises Refused for a table that gives no one answer."""
        columns = {"elevation": self.elevation_ft, "storage": self.storage_acre_ft, "outflow": self.outflow_cfs}
        if len({len(values) for values in columns.values()}) != 1 or len(self.elevation_ft) < 2:
            raise Refused("An elevation-storage-outflow table needs two rows or more, each with all three values.")
        for name, values in columns.items():
            if not np.isfinite(values).all():
                raise Refused(f"Row {_first(~np.isfinite(values))} of the table has no {name}.")
        for name in ("elevation", "storage"):
            low = np.diff(columns[name]) <= 0
            if low.any():
                at = int(np.flatnonzero(low)[0])
                before, after = columns[name][at : at + 2]
                raise Refused(
                    f"The table's {name} does not rise from row {at + 1} to {at + 2}: {before:.10g}, then {after:.10g}."
                )
        if (self.outflow_cfs < 0).any():
            row = _first(self.outflow_cfs < 0)
            raise Refused(f"Row {row} of the table has a negative outflow, {self.outflow_cfs[row - 1]:.10g} cfs.")

    def at(self, elevation_ft: float) -> tuple[float, float]:
        """Storage (acre-ft) and outflow (cfs) of an elevation. Raises Refused outside the table."""
        low, high = self.elevation_ft[[0, -1]]
        if not low <= elevation_ft <= high:
            raise Refused(
                f"Elevation {elevation_ft:.10g} ft is outside the table, which goes from {low:.10g} to {high:.10g} ft; "
                "nothing is extrapolated."
            )
        storage = np.interp(elevation_ft, self.elevation_ft, self.storage_acre_ft)
        return float(storage), float(np.interp(elevation_ft, self.elevation_ft, self.outflow_cfs))


def with_outlets(
    elevation_ft: np.ndarray, storage_acre_ft: np.ndarray, outlets: Sequence[Weir | Orifice], *, step_ft: float = 0.01
) -> StorageTable:
    """A table whose outflow is that of ``outlets`` together, with rows ``step_ft`` apart or closer.

    Storage is linear between the rows that were given; the equations are not, hence the closer rows.
    """
    elevation_ft, storage_acre_ft = np.asarray(elevation_ft, "float64"), np.asarray(storage_acre_ft, "float64")
    plain = StorageTable(elevation_ft, storage_acre_ft, np.zeros(len(elevation_ft)))
    low, high = plain.elevation_ft[[0, -1]]
    marks = [one.crest_ft if isinstance(one, Weir) else one.centre_ft for one in outlets]
    fine = np.linspace(low, high, int(np.ceil((high - low) / step_ft)) + 1)
    rows = np.unique(np.concatenate([fine, elevation_ft, [mark for mark in marks if low < mark < high]]))
    rows = rows[np.append(True, np.diff(rows) > 1e-9)]
    outflow = np.sum([one.outflow_cfs(rows) for one in outlets], axis=0) if outlets else np.zeros(len(rows))
    return StorageTable(rows, np.interp(rows, elevation_ft, storage_acre_ft), outflow)


@dataclass(frozen=True)
class Routed:
    """A routing: arrays of one length, a value a step; ``time_hours`` as given."""

    time_hours: np.ndarray
    inflow_cfs: np.ndarray
    storage_acre_ft: np.ndarray
    elevation_ft: np.ndarray
    outflow_cfs: np.ndarray
    step_hours: float
    crest_ft: float | None
    warnings: tuple[str, ...]
    how: How

    @property
    def volume_in_acre_ft(self) -> float:
        """Of the inflow, by the trapezoid rule that the method rests on."""
        return _volume(self.inflow_cfs, self.step_hours)

    @property
    def volume_out_acre_ft(self) -> float:
        """Of the outflow, by the same rule."""
        return _volume(self.outflow_cfs, self.step_hours)

    @property
    def storage_change_acre_ft(self) -> float:
        """Storage at the end less that at the start."""
        return float(self.storage_acre_ft[-1] - self.storage_acre_ft[0])

    @property
    def mass_balance_error_acre_ft(self) -> float:
        """Volume in, less volume out, less change of storage."""
        return self.volume_in_acre_ft - self.volume_out_acre_ft - self.storage_change_acre_ft

    @property
    def mass_balance_error(self) -> float:
        """The same as a share of the larger volume; 0 where nothing flows."""
        largest = max(abs(self.volume_in_acre_ft), abs(self.volume_out_acre_ft))
        return self.mass_balance_error_acre_ft / largest if largest else 0.0

    @property
    def freeboard_ft(self) -> float | None:
        """From the highest pool up to the crest, negative when that is overtopped; None without a crest."""
        return None if self.crest_ft is None else self.crest_ft - float(self.elevation_ft.max())

    def peak(self, name: str) -> tuple[float, int]:
        """The highest value of the array ``name``, and the first position where it is reached."""
        values = getattr(self, name)
        at = int(values.argmax())
        return float(values[at]), at


def route(
    time_hours: np.ndarray,
    inflow_cfs: np.ndarray,
    table: StorageTable,
    *,
    start_elevation_ft: float,
    crest_ft: float | None = None,
) -> Routed:
    """Route an inflow (even steps, hours and cfs) through a reservoir from a starting elevation.

    With the storage indication W = 2S/dt + O, each step takes W to I(t) + I(t+1) + W - 2 O(W), where O is linear in
    W between the table's rows (Chow, Maidment and Mays, 1988, eq. 8.2.4); storage is linear in W too, and elevation
    in storage. Raises Refused for uneven steps, a missing inflow, a start or a pool outside the table, and a step so
    long that the table gives no one outflow.
    """
    times, flows = np.asarray(time_hours, "float64"), np.asarray(inflow_cfs, "float64")
    step_hours = _step(times)
    if not np.isfinite(flows).all():
        at = _first(~np.isfinite(flows))
        raise Refused(
            f"The inflow is missing at value {at} of {len(flows)}; routing needs every step, none is made up."
        )
    start_storage, start_outflow = table.at(start_elevation_ft)
    half = step_hours * SECONDS_PER_HOUR / 2
    stored = table.storage_acre_ft * CUBIC_FEET_PER_ACRE_FT / half
    indication = stored + table.outflow_cfs
    if (np.diff(indication) <= 0).any():
        row = _first(np.diff(indication) <= 0)
        raise Refused(
            f"Outflow falls so fast from row {row} to {row + 1} of the table that a step of {step_hours:.6g} h has two "
            "answers there; a shorter step would do."
        )
    start = start_storage * CUBIC_FEET_PER_ACRE_FT / half + start_outflow
    found = _indications(flows, indication, table, start, times)
    storage = np.interp(found, indication, table.storage_acre_ft)
    elevation = np.interp(storage, table.storage_acre_ft, table.elevation_ft)
    outflow = np.interp(found, indication, table.outflow_cfs)
    storage[0], elevation[0], outflow[0] = start_storage, start_elevation_ft, start_outflow
    return Routed(
        time_hours=times,
        inflow_cfs=flows,
        storage_acre_ft=storage,
        elevation_ft=elevation,
        outflow_cfs=outflow,
        step_hours=step_hours,
        crest_ft=crest_ft,
        warnings=tuple(_warnings(flows, outflow, elevation, found, indication, table, crest_ft)),
        how=How(
            method=METHOD,
            source=SOURCE,
            parameters={"start_elevation_ft": start_elevation_ft, "step_hours": step_hours, "crest_ft": crest_ft},
            used=f"{len(flows):,} inflows, {len(table.elevation_ft):,} rows of elevation, storage and outflow",
        ),
    )


def _indications(
    flows: np.ndarray, indication: np.ndarray, table: StorageTable, start: float, times: np.ndarray
) -> np.ndarray:
    """W at each step. Plain floats: a step from the last one takes 0.1 µs so, ten times less than with arrays."""
    rows = indication.tolist()
    base, slope = table.outflow_cfs[:-1].tolist(), (np.diff(table.outflow_cfs) / np.diff(indication)).tolist()
    bottom, top = rows[0], rows[-1]
    slack = 1e-12 * max(abs(top), 1.0)  # rounding at an empty reservoir must not leave the table
    now, found = start, [start]
    keep = found.append
    row = min(bisect_right(rows, now) - 1, len(slope) - 1)
    low, high, outflow, gradient = rows[row], rows[row + 1], base[row], slope[row]
    for both in (flows[:-1] + flows[1:]).tolist():
        now += both - 2 * (outflow + gradient * (now - low))
        if not low <= now <= high:
            if not bottom <= now <= top:
                if not bottom - slack <= now <= top:
                    raise _left(len(found), now, indication, table, times)
                now = bottom
            row = min(bisect_right(rows, now) - 1, len(slope) - 1)
            low, high, outflow, gradient = rows[row], rows[row + 1], base[row], slope[row]
        keep(now)
    return np.array(found)


def _left(step: int, now: float, indication: np.ndarray, table: StorageTable, times: np.ndarray) -> Refused:
    """The sentence for a pool that leaves the table."""
    when = f"at {times[step]:.6g} h (value {step + 1})"
    if now > indication[-1]:
        return Refused(
            f"The pool rises above the table's last row, elevation {table.elevation_ft[-1]:.10g} ft, {when}; nothing "
            "is extrapolated: give a table that goes higher."
        )
    return Refused(
        f"The pool falls below the table's first row, elevation {table.elevation_ft[0]:.10g} ft, {when}; nothing is "
        "extrapolated: give a table that goes lower, or a shorter step if the reservoir empties within one."
    )


def _step(times: np.ndarray) -> float:
    """The one step of ``times``, hours. Raises Refused for fewer than two and for uneven ones."""
    if len(times) < 2:
        raise Refused("Routing needs two inflows or more.")
    steps = np.diff(times)
    step = float(times[-1] - times[0]) / len(steps)
    uneven = ~(np.abs(steps - step) <= STEP_TOLERANCE * abs(step) + 1e-9 * np.abs(times).max())
    if step <= 0 or uneven.any():
        usual = float(np.median(steps))
        odd = np.flatnonzero(~(np.abs(steps - usual) <= STEP_TOLERANCE * abs(usual)))
        at = int(odd[0]) if len(odd) else 0
        raise Refused(
            f"Steps are uneven: {steps[at]:.6g} h from value {at + 1} to {at + 2}, where {usual:.6g} h is usual; "
            "routing needs even steps, and fills no gap."
        )
    return step


def _warnings(flows, outflow, elevation, found, indication, table, crest_ft):
    rise = int(flows.argmax())
    if 0 < rise < STEPS_IN_RISE:
        yield (
            f"The inflow rises to its peak in {rise} steps; {STEPS_IN_RISE} or more describe a rise "
            "(USACE EM 1110-2-1417, 1994, chapter 9)."
        )
    visited = np.unique(np.clip(np.searchsorted(indication, found, side="right") - 1, 0, len(indication) - 2))
    gradient = (np.diff(table.outflow_cfs) / np.diff(indication))[visited]
    if (gradient > 0.5).any():
        row = int(visited[np.flatnonzero(gradient > 0.5)[0]])
        yield (
            f"The step is longer than twice dS/dO between {table.elevation_ft[row]:.10g} and "
            f"{table.elevation_ft[row + 1]:.10g} ft, so that outflow may swing; a shorter step would do."
        )
    if outflow.max() > flows.max():
        why = (
            f"the pool starts high, with an outflow of {outflow[0]:.6g} cfs"
            if outflow[0] > flows[0]
            else "which level-pool routing gives only where outflow falls with elevation, or the step is too long"
        )
        yield f"Peak outflow, {outflow.max():.6g} cfs, is above peak inflow, {flows.max():.6g} cfs: {why}."
    if (flows < 0).any():
        yield f"{int((flows < 0).sum()):,} inflows are negative (such as evaporation); they are taken as they are."
    if crest_ft is not None and elevation.max() > crest_ft:
        yield f"The crest at {crest_ft:.10g} ft is overtopped by {elevation.max() - crest_ft:.4g} ft."
    if int(elevation.argmax()) == len(elevation) - 1 and elevation[-1] > elevation[0]:
        yield "The pool is highest at the last value: it may rise further after the end of the inflow."


def _volume(flow_cfs: np.ndarray, step_hours: float) -> float:
    total = float(flow_cfs.sum() - (flow_cfs[0] + flow_cfs[-1]) / 2)
    return total * step_hours * SECONDS_PER_HOUR / CUBIC_FEET_PER_ACRE_FT


def _first(where: np.ndarray) -> int:
    """The first True, counted from 1."""
    return int(np.flatnonzero(where)[0]) + 1
