"""What was read of a file of series, and what each of them is to the dam."""

from collections.abc import Callable

import panel as pn
import panel_material_ui as pmui

from components import feedback
from components.file_report import LOOK
from components.plain import plain, plain_label
from data.commands import SERIES_ROLES
from data.series import About, Series, SeriesFile
from data.units import LABELS

LEFT_OUT = "leave out"
SHOWN = 100  #: Refused rows and gaps that are listed.


def likely_role(about: About) -> str:
    """What a series most likely is to a dam, by its unit and the words of its source; the reader may say otherwise."""
    words = f"{about.name} {about.parameter}".casefold()
    if about.is_flow or about.statistic == "peak":
        out = any(word in words for word in ("outflow", "release", "spill", "below", "tailwater"))
        return "outflow" if out else "inflow"
    if about.unit == "acre-ft" or "storage" in words:
        return "storage"
    if about.unit in ("ft", "m") and any(word in words for word in ("elev", "forebay", "pool", "lake", "reservoir")):
        return "elevation"
    if about.unit in ("ft", "m"):
        return "stage"
    return "other"


class SeriesChoice(pn.viewable.Viewer):
    """Shows the report of a file, and asks of each series what it is; ``changed`` is called when that is answered."""

    def __init__(self, file: SeriesFile, changed: Callable[[], None] = lambda: None, **params):
        super().__init__(**params)
        self._file, self._changed = file, changed
        self._roles: dict[str, pmui.Select] = {}
        rows = [self._row(one) for one in file.series]
        self._body = pn.Column(
            _verdict(file),
            *rows,
            pn.pane.HTML(_findings(file), stylesheets=[LOOK], sizing_mode="stretch_width", margin=(4, 0)),
            sizing_mode="stretch_width",
            css_classes=["series-report"],
            styles={"max-height": "none"},
            margin=0,
        )

    @property
    def roles(self) -> dict[str, str]:
        """Id -> role of the series that are taken."""
        return {key: choice.value for key, choice in self._roles.items() if choice.value != LEFT_OUT}

    def _row(self, one: Series) -> pn.FlexBox:
        words = pn.pane.HTML(_told(one), stylesheets=[LOOK], styles={"flex": "1 1 320px"}, margin=0)
        if not len(one.points):
            return pn.FlexBox(words, sizing_mode="stretch_width", margin=(4, 0))
        # Of several of a file the first flow is taken at once; the rest waits for a word.
        first = not any(choice.value != LEFT_OUT for choice in self._roles.values())
        choice = pmui.Select(
            label=plain_label(f"Taken as ({one.about.id.rpartition(':')[2]})"[:40]),
            options=[LEFT_OUT, *SERIES_ROLES],
            value=likely_role(one.about) if first else LEFT_OUT,
            width=260,
            margin=(6, 0),
        )
        choice.param.watch(lambda _: self._changed(), "value")
        self._roles[one.about.id] = choice
        return pn.FlexBox(words, choice, sizing_mode="stretch_width", align_items="center", gap="8px", margin=(4, 0))

    def __panel__(self):
        return self._body


def _verdict(file: SeriesFile) -> pn.pane.HTML:
    count = sum(len(one.points) for one in file.series)
    read = f"{file.format}: {len(file.series)} series, {count:,} points."
    if not file.rejected:
        return feedback.bar("done", "Every line was understood.", read, margin=(4, 0))
    lines = "1 line is" if len(file.rejected) == 1 else f"{len(file.rejected):,} lines are"
    return feedback.bar(
        "refused",
        f"Not every line was understood: {lines} refused. Read the report, then accept it or choose another file.",
        read,
        margin=(4, 0),
    )


def _told(one: Series) -> str:
    """What the series is, how much there is of it, and what is not there."""
    found, about = one.as_json(), one.about
    unit = LABELS.get(about.unit, about.unit or "no unit given")
    head = plain(about.name or about.id, "p", "strong")
    if not len(one.points):
        return head + plain(f"{about.id}: it holds no values.")
    missing = f", {found['missing']:,} missing" if found["missing"] else ", none missing"
    span = f"{one.time_text(0)} to {one.time_text(-1)}"
    told = [f"{about.id}: {found['values']:,} values{missing}, {unit}, {span}."]
    if found["max"] is not None:
        told.append(f"Smallest {found['min']:,g}, largest {found['max']:,g} {unit}.")
    if one.gaps:
        steps = sum(gap.missing_steps for gap in one.gaps)
        first = one.gaps[0]
        told.append(
            f"{len(one.gaps):,} gaps ({steps:,} steps are missing), the first from {first.start} to {first.end}."
        )
    if flags := found["flags"]:
        told.append("Flags: " + ", ".join(f"{flag} {count:,}" for flag, count in list(flags.items())[:20]) + ".")
    where = [
        f"time zone {about.timezone}" if about.timezone else "no time zone given",
        f"source {about.source or 'not given'}",
    ]
    if about.datum:
        where.append(f"datum {about.datum}")
    return head + plain(" ".join(told)) + plain("; ".join(where) + ".")


def _findings(file: SeriesFile) -> str:
    """Warnings, and the refused lines."""
    rows = [
        (f"{one.line}" if one.line else "whole file", one.message, _times(one.count), "kept") for one in file.warnings
    ]
    rows += [(f"{row.line}", row.reason, row.value or "(blank)", "refused") for row in file.rejected[:SHOWN]]
    if not rows:
        return ""
    body = "".join(
        "<tr>"
        + plain(line, "td", "number")
        + plain(reason, "td", "reason")
        + plain(value, "td", "value")
        + plain(done, "td", "done strong" if done == "refused" else "done")
        + "</tr>"
        for line, reason, value, done in rows
    )
    more = f"; the first {SHOWN} refused lines are shown" if len(file.rejected) > SHOWN else ""
    caption = plain(f"{len(file.warnings)} notes, {len(file.rejected):,} lines refused{more}.", "caption")
    heads = "".join(plain(head, "th", scope="col") for head in ("Line", "What", "Value found", "What was done"))
    return (
        '<div class="scroll" role="region" aria-label="Notes on the file" tabindex="0">'
        f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
