"""The controls that narrow the dams: one box to search in, menus of values with their counts, ranges, and the words."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import panel as pn
import param

from components import ways
from data.inventory import ALL, FACETS, NOT_GIVEN, RANGES, Filter

DAYS_PER_YEAR = 365.2425  #: Mean of the Gregorian calendar.

_STYLE = """
:host { width: 100%; font: 400 14px/1.4 Roboto, system-ui, sans-serif; color: inherit; position: relative; z-index: 5;
  max-height: none; flex: none; }
.row, .words, .bar { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; }
nav { display: flex; flex-wrap: wrap; gap: 4px 14px; }
.bar { margin-bottom: 8px; } .words { margin: 10px 0 2px; min-height: 30px; }
.field { display: inline-flex; align-items: center; gap: 6px; }
.field > span { white-space: nowrap; }
.bar .field { flex: 1 1 320px; max-width: 620px; } .bar input { flex: 1; min-width: 0; padding: 9px 12px; }
input, select { font: inherit; color: inherit; background: var(--mui-palette-background-paper, transparent);
  padding: 6px 8px; border-radius: 6px; box-sizing: border-box;
  border: 1px solid color-mix(in srgb, currentColor 35%, transparent); }
select option { color: #111; background: #fff; }
input[type=number] { width: 84px; } input.short { width: 64px; }
summary { cursor: pointer; font-weight: 500; } summary.on { font-weight: 700; }
.panel > summary { padding: 4px 0 8px; width: max-content; }
.panel > .row + .row { margin-top: 10px; }
.facet { position: relative; } .facet > summary { list-style: none; padding: 6px 10px; border-radius: 6px;
  border: 1px solid color-mix(in srgb, currentColor 35%, transparent); }
.facet > summary::-webkit-details-marker { display: none; } .facet > summary::after { content: " ▾"; opacity: 0.7; }
.values { position: absolute; z-index: 20; top: calc(100% + 4px); left: 0; width: 280px; padding: 8px;
  box-sizing: border-box; border-radius: 8px; background: var(--mui-palette-background-paper, Canvas);
  border: 1px solid color-mix(in srgb, currentColor 25%, transparent); box-shadow: 0 6px 20px rgba(0, 0, 0, 0.3); }
.list { max-height: 300px; overflow-y: auto; }
.list label { display: flex; gap: 8px; padding: 5px 4px; align-items: flex-start; }
.list label[hidden] { display: none; } .list input { margin: 3px 0 0; flex: none; }
.find { width: 100%; margin-bottom: 6px; } p { margin: 2px 4px; } p:empty { display: none; }
.note { display: flex; flex-wrap: wrap; gap: 2px 10px; padding: 8px 14px; border-radius: 4px; --edge: #244C96;
  border-left: 4px solid var(--edge); background: color-mix(in srgb, var(--edge) 12%, transparent); }
.note:empty { display: none; }
.chip { display: inline-flex; align-items: center; gap: 4px; padding: 2px 4px 2px 10px; border-radius: 14px;
  background: color-mix(in srgb, currentColor 9%, transparent); overflow-wrap: anywhere; }
button { font: inherit; cursor: pointer; color: inherit; background: none; border: none; border-radius: 12px;
  min-width: 24px; min-height: 24px; }
button.plain, a { font-weight: 500; color: var(--mui-palette-primary-main, #244C96); }
button.plain { text-decoration: underline; padding: 0 6px; }
button:hover { background: color-mix(in srgb, currentColor 12%, transparent); }
:focus-visible { outline: 2px solid #6ea0ff; outline-offset: 1px; }
@media (max-width: 700px) {
  .facet { flex: 1 1 calc(50% - 14px); } .facet[open] { flex-basis: 100%; }
  .values { position: static; width: 100%; box-shadow: none; margin-top: 4px; }
  .bar .field { flex-wrap: wrap; max-width: none; } .bar input { flex: 1 1 100%; }
  .field input, select { min-height: 36px; } .list label { padding: 8px 4px; }
}
"""


class FilterControls(pn.custom.JSComponent):
    """The drawn controls; what they send is a browser's and is read as an address is."""

    facets = param.List(default=[*FACETS.items()], doc="Name and label of each menu.")
    ranges = param.List(default=[*RANGES.items()], doc="Name and label of each range.")
    state = param.Dict(default={}, doc="What is chosen, as the controls show it.")
    counts = param.Dict(default={}, doc="Values of the menu that was opened last: name to [value, words, count].")
    ways = param.List(doc="Words and address of each link to the same dams elsewhere.")
    left_out = param.String(doc="What the address asks for that is no filter; empty for nothing.")
    note = param.String(doc="What was changed of the search; empty for nothing.")
    typed = param.List(default=[0, ""], doc="A text for the search box, and a number that makes it a new one.")

    _esm = Path(__file__).with_name("dam_filter.js")

    def __init__(self, act: Callable[[Mapping[str, Any]], None], **params):
        super().__init__(stylesheets=[_STYLE], **{"sizing_mode": "stretch_width", "margin": (5, 10)} | params)
        self._act = act

    def _handle_msg(self, message: Any) -> None:
        if isinstance(message, dict):
            self._act(message)


class DamFilter(pn.viewable.Viewer):
    """Edits ``wanted``. ``count`` gives, for a facet and a filter, each value's number of dams.

    It is asked for one facet at a time, when its menu is open.
    """

    wanted = param.ClassSelector(class_=Filter, default=ALL, doc="Which dams are wanted.")
    as_typed = param.Event(doc="The reader does not want the search to be corrected.")

    def __init__(
        self,
        count: Callable[[str, Filter], Mapping[str, int]],
        *,
        left_out: str = "",
        today: Callable[[], dt.date] = lambda: dt.datetime.now(dt.UTC).date(),
        **params,
    ):
        """``left_out`` says what was asked for that is no filter, until another one is chosen."""
        super().__init__(**params)
        self._count, self._today = count, today
        self._typed = self.wanted.search
        self._controls = FilterControls(
            self._acted,
            state=self._state(),
            typed=[0, self.wanted.search],
            ways=_ways(self.wanted.query(), ""),
            left_out=left_out,
        )

    def _state(self) -> dict[str, Any]:
        wanted = self.wanted
        given = [item.name for item in fields(wanted) if getattr(wanted, item.name) != getattr(ALL, item.name)]
        return {
            "chosen": {name: list(getattr(wanted, name)) for name in FACETS},
            "ranges": {
                name: ["" if end is None else f"{end:.15g}" for end in getattr(wanted, name)] for name in RANGES
            },
            "river": wanted.river,
            "as_of": wanted.as_of[:10],
            "years": self._years(wanted.not_inspected_since),
            "on_map": "" if wanted.on_map is None else "yes" if wanted.on_map else "no",
            "words": [[name, word] for name in given for word in Filter(**{name: getattr(wanted, name)}).words()],
        }

    def _years(self, since: str) -> str:
        try:
            days = (self._today() - dt.date.fromisoformat(since)).days
        except ValueError:
            return ""
        return f"{round(days / DAYS_PER_YEAR, 1):g}"

    def tell(self, shown: Filter, corrected: tuple[str, str, str] | None, order: str = "") -> None:
        """Let the links lead to ``shown``, and tell which words of the search were ``corrected``, if any.

        Files are sorted by ``order``, as an address has it.
        """
        note = f"No dam matches “{corrected[1]}”; shown: “{corrected[2]}”." if corrected else ""
        self._controls.param.update(ways=_ways(shown.query(), order), note=note)

    @param.depends("wanted", watch=True)
    def _show(self) -> None:
        with pn.io.hold():
            self._controls.param.update(state=self._state(), left_out="")
            if self.wanted.search != self._typed:
                self._typed = self.wanted.search
                self._controls.typed = [self._controls.typed[0] + 1, self._typed]

    def _acted(self, message: Mapping[str, Any]) -> None:
        act, name, values = message.get("act"), message.get("name"), message.get("values")
        if act == "clear":
            self.wanted = ALL
        elif act == "as_typed":
            self.param.trigger("as_typed")
        elif not isinstance(name, str):
            return
        elif act == "remove" and name in ALL.__dataclass_fields__:
            self.wanted = self.wanted.without(name)
        elif act == "count" and name in FACETS:
            self._controls.counts = {name: self._counted(name)}
        elif act == "set" and isinstance(values, list) and all(isinstance(value, str) for value in values):
            self._set(name, values)

    def _set(self, name: str, values: list[str]) -> None:
        if name == "not_inspected_for":
            name, values = "not_inspected_since", [self._since(values[0] if values else "")]
        if name not in ALL.__dataclass_fields__:
            return
        if name == "search":
            values = [values[0].strip() if values else ""]
        read = getattr(Filter.read({name: values}), name)
        if name == "search":
            self._typed = read  # the box shows it already
        changed = replace(self.wanted, **{name: read})
        if name == "state":  # a county of a state that is no longer chosen would find nothing
            changed = replace(changed, county=())
        self.wanted = changed

    def _since(self, years: str) -> str:
        try:
            return (self._today() - dt.timedelta(days=round(float(years) * DAYS_PER_YEAR))).isoformat()
        except (ValueError, OverflowError):
            return ""

    def _counted(self, name: str) -> list[list[str]]:
        """Value, words and count of each value, those that are chosen but have no dam last."""
        if name == "county" and not (self.wanted.state or self.wanted.county):
            return []
        found = dict(self._count(name, self.wanted))
        found |= {value: 0 for value in getattr(self.wanted, name) if value not in found}
        return [[value, value or NOT_GIVEN, f"{number:,}"] for value, number in found.items()]

    def __panel__(self):
        return self._controls


def _ways(query: str, order: str) -> list[list[str]]:
    """Words and address: of the same dams on the map and in the overview, and of the files."""
    addresses = {"On the map": ways.page("map", query), "Overview": ways.page("overview", query)}
    addresses |= ways.exports("&".join(filter(None, (query, order))))
    return [[words, address] for words, address in addresses.items()]
