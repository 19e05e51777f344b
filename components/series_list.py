"""The series of a dam: what each is, where it came from, and a way to take it away."""

import panel as pn
import panel_material_ui as pmui
import param

from components.plain import plain, plain_label
from components.question import Question
from components.sending import Send, send_and_tell
from data.commands import RemoveSeries, new_submit_key
from data.series_points import StoredSeries
from data.units import LABELS

_LOOK = """
p { margin: 2px 0; line-height: 1.45; font-size: 0.92rem; overflow-wrap: anywhere; } p.strong { font-weight: 600; }
"""


def label_of(stored: StoredSeries) -> str:
    """A series as a list of them calls it."""
    about = stored.series.about
    return f"{stored.role.capitalize()}: {about.name or about.id}"


class SeriesList(pn.viewable.Viewer):
    """Tells of each series; with ``send`` each can be removed, after asking."""

    stored = param.List(default=[], item_type=StoredSeries, doc="The dam's series.")

    def __init__(self, send: Send | None = None, **params):
        self._send = send
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._question = Question("Remove Series", "Remove")
        self._rows = pn.Column(sizing_mode="stretch_width", margin=0, styles={"max-height": "none"})
        super().__init__(**params)
        self._show()

    @param.depends("stored", watch=True)
    def _show(self) -> None:
        self._rows[:] = [self._row(one) for one in self.stored]

    def _row(self, one: StoredSeries) -> pn.FlexBox:
        words = pn.pane.HTML(_told(one), stylesheets=[_LOOK], styles={"flex": "1 1 300px"}, margin=0)
        parts: list[pn.viewable.Viewable] = [words]
        if self._send is not None:
            # The button says which of several it removes, also to who hears the page.
            parts.append(
                pmui.Button(
                    label=plain_label(f"Remove {one.role} {one.series.about.id}"[:60]),
                    variant="outlined",
                    color="error",
                    size="small",
                    on_click=lambda _: self._ask(one),
                )
            )
        return pn.FlexBox(*parts, sizing_mode="stretch_width", align_items="center", gap="8px", margin=(6, 0))

    def _ask(self, one: StoredSeries) -> None:
        words, key = (
            f"Remove {label_of(one)} from {one.file_name}? That it was here stays in the log.",
            new_submit_key(),
        )
        self._question.ask(
            words, lambda why: self._remove(RemoveSeries(series_id=one.series_id, submit_key=key, why=why))
        )

    def _remove(self, command: RemoveSeries) -> None:
        assert self._send is not None
        send_and_tell(self._send, command, self._message, "The series has been removed.")

    def __panel__(self):
        return pn.Column(self._message, self._rows, self._question, sizing_mode="stretch_width", margin=0)


def _told(one: StoredSeries) -> str:
    about, points = one.series.about, one.series.points
    unit = LABELS.get(about.unit, about.unit or "no unit given")
    missing = int(points["value"].isna().sum())
    told = [f"{about.id}, {unit}{f', {about.datum}' if about.datum else ''}: {len(points) - missing:,} values"]
    told[0] += f", {missing:,} missing" if missing else ""
    told[0] += f", {one.series.time_text(0)} to {one.series.time_text(-1)}." if len(points) else "."
    if one.series.gaps:
        told.append(f"{len(one.series.gaps):,} gaps.")
    if one.report.get("refused"):
        told.append(f"{one.report['refused']:,} lines of the file were refused.")
    told.append(f"From {one.file_name} ({one.format}), assigned {one.assigned_at:%Y-%m-%d %H:%M} UTC.")
    return plain(label_of(one), "p", "strong") + plain(" ".join(told))
