"""The overview: how many dams, where, how old, in what condition, how well inspected; plots that filter each other."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import panel as pn
import panel_material_ui as pmui
import param

from components import feedback, overview_line, overview_totals
from components.overview_bars import OverviewBars, Words
from components.plain import plain_pane
from components.theme import HAZARD_COLOURS
from data.frames import HAZARDS, INSPECTIONS, Overview
from data.inventory import ALL, NOT_GIVEN, Filter

#: Parts of the plots by hazard potential. The two greys that the map does not tell apart are told apart here.
_HAZARDS = {name: (name or NOT_GIVEN, HAZARD_COLOURS.get(name, "#2f3a44")) for name in HAZARDS}
_HAZARDS |= {"Not Available": ("Not Available", "#d8dde1"), "Other": ("Other", "#7b5ea7")}
#: From Okabe and Ito's palette (2008) for colour-blind readers.
_INSPECTIONS = dict(
    zip(
        INSPECTIONS,
        (("Overdue", "#D55E00"), ("In time", "#0072B2"), ("None scheduled", "#ccd3d9"), ("Not known", "#7b8794")),
        strict=True,
    )
)
HINT = "A click on a bar asks for it in every plot; a second click takes it back."
NO_FILTER = "The filter has no word for these: they can be counted, not chosen."
_FOLLOWS = " Every other choice of the filter narrows it; its own does not, so that another bar can be chosen."
_BARS = {
    "states": Words(
        title="Hazard potential by state",
        how="Dams counted by state and hazard potential as their source gives them; most dams first, "
        "scroll for the others." + _FOLLOWS,
        columns=_HAZARDS,
        label=lambda state: str(state) or NOT_GIVEN,
    ),
    "decades": Words(
        title="Age: decade of completion",
        how="Dams counted by the year in which they were completed, not modified; a year that is not given is a class "
        "of its own." + _FOLLOWS,
        columns=_HAZARDS,
        label=lambda decade: decade_called(int(str(decade))),
        dead={-1: NO_FILTER},
    ),
    "conditions": Words(
        title="Condition of the high-hazard dams",
        how="Dams of high hazard potential counted by their condition as last assessed. A click asks for high hazard "
        "potential too." + _FOLLOWS,
        columns={"High": ("High", HAZARD_COLOURS["High"])},
        label=lambda condition: str(condition) or NOT_GIVEN,
        dead={"Other": NO_FILTER},
    ),
    "inspections": Words(
        title="Inspections by hazard potential",
        how="Overdue: the last known inspection is longer ago than the dam's inspection frequency, or than 5 years "
        "where none is given. None scheduled: a frequency of 0. Not known: no date of an inspection. A bar chooses the "
        "hazard potential." + _FOLLOWS,
        columns=_INSPECTIONS,
        label=lambda hazard: str(hazard) or NOT_GIVEN,
        dead={"Other": NO_FILTER},
    ),
}


def decade_called(decade: int) -> str:
    """A decade by its first year; 0 is before 1850, -1 not given."""
    return {-1: NOT_GIVEN, 0: "Before 1850"}.get(decade, f"{decade}s")


def years_of(decade: int) -> tuple[float | None, float | None]:
    """The years of a decade, as a filter has them."""
    return (None, 1849.0) if decade == 0 else (float(decade), float(decade + 9))


class OverviewPlots(pn.viewable.Viewer):
    """Counts of the dams that ``wanted`` asks for; ``look`` gives them. A click on a bar adds to ``wanted``."""

    wanted = param.ClassSelector(class_=Filter, default=ALL, doc="Which dams are counted.")

    def __init__(self, look: Callable[[Filter], Overview], **params):
        super().__init__(**params)
        self._look = look
        found = look(self.wanted)
        choosers: Mapping[str, Callable[[object], None]] = {
            "states": lambda row: self._toggle("state", str(row)),
            "decades": lambda row: self._toggle_years(int(str(row))),
            "conditions": self._toggle_condition,
            "inspections": lambda row: self._toggle("hazard", str(row)),
        }
        self._bars = {
            name: OverviewBars(
                words, choosers[name], counts=_drawn(getattr(found, name)), chosen=self._chosen(name, found)
            )
            for name, words in _BARS.items()
        }
        self._line = pn.pane.HTML(stylesheets=[overview_line.LOOK], margin=0)
        self._clear = pmui.Button(
            label="Clear", size="small", variant="outlined", margin=0, on_click=lambda _: self.param.update(wanted=ALL)
        )
        self._totals = pn.pane.HTML(
            stylesheets=[overview_totals.LOOK], sizing_mode="stretch_width", margin=(4, 0, 12, 0)
        )
        self._nothing = pn.Column(sizing_mode="stretch_width", margin=0)
        self._say(found)

    @param.depends("wanted", watch=True)
    def load(self) -> None:
        """Ask for the counts again and show them."""
        found = self._look(self.wanted)
        with pn.io.hold():
            self._say(found)
            for name, bars in self._bars.items():
                bars.param.update(counts=_drawn(getattr(found, name)), chosen=self._chosen(name, found))

    def _say(self, found: Overview) -> None:
        self._line.object = overview_line.line(self.wanted)
        self._clear.visible = bool(self.wanted)
        self._totals.object = overview_totals.totals(found.totals)
        self._nothing[:] = [] if found.totals.dams else [feedback.empty("No dam matches. Clear a part of the filter.")]

    def _chosen(self, name: str, found: Overview) -> list:
        wanted = self.wanted
        if name == "decades":
            low, high = wanted.year_completed
            if low is None and high is None:
                return []
            ends = {decade: years_of(decade) for decade in found.decades.index if decade >= 0}
            return [
                decade
                for decade, (first, last) in ends.items()
                if (high is None or first is None or first <= high) and (low is None or (last or 0) >= low)
            ]
        return list({"states": wanted.state, "conditions": wanted.condition, "inspections": wanted.hazard}[name])

    def _toggle(self, name: str, value: str) -> None:
        had = getattr(self.wanted, name)
        rest = tuple(one for one in had if one != value) if value in had else (*had, value)
        changed = replace(self.wanted, **{name: rest})  # type: ignore[arg-type]
        # A county of a state that is no longer chosen would find nothing.
        self.wanted = replace(changed, county=()) if name == "state" else changed

    def _toggle_years(self, decade: int) -> None:
        years = years_of(decade)
        self.wanted = replace(
            self.wanted, year_completed=(None, None) if years == self.wanted.year_completed else years
        )

    def _toggle_condition(self, row: object) -> None:
        condition, had = str(row), self.wanted.condition
        if condition in had:
            self._toggle("condition", condition)
        else:
            self.wanted = replace(self.wanted, condition=(*had, condition), hazard=("High",))

    def __panel__(self):
        head = pn.FlexBox(self._line, self._clear, gap="4px 12px", align_items="center", margin=(0, 0, 8, 0))
        hint = plain_pane(HINT, stylesheets=[overview_line.LOOK], margin=(0, 0, 12, 0))
        plots = pn.FlexBox(*self._bars.values(), gap="28px 36px", align_items="flex-start", margin=0)
        return pn.Column(head, self._totals, self._nothing, hint, plots, sizing_mode="stretch_width", margin=(0, 10))


def _drawn(counts):
    """Rows without a dam are left out where the rows are no scale: "Other" and what is not given at most."""
    spare = [row for row in ("Other", "Not Available", "") if row in counts.index]
    return counts.drop([row for row in spare if not counts.loc[row].sum()])
