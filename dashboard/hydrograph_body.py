"""What the Hydrograph page and a dam's own page show of its hydrograph and its series."""

import panel as pn

from components.hydrograph import HydrographView
from components.plain import links
from components.remove_hydrograph import RemoveHydrographButton
from components.series_list import SeriesList, label_of
from components.series_view import SeriesView
from dashboard.session import OpenPage
from data import frames, reads

OF_SERIES = ("series_assigned", "series_removed", "hydrograph_assigned", "hydrograph_removed")


def hydrograph_body(page: OpenPage, dam_id: int, dam_name: str, *, may_remove: bool, as_of: str = "") -> pn.Column:
    """Follows the log: values that arrive for this dam are drawn at once, where the reader has moved to.

    With ``as_of`` it is what the dam had then.
    """
    view = HydrographView(dam_name=dam_name)
    series, listed = SeriesView(), SeriesList(page.send if may_remove else None)
    remove = RemoveHydrographButton(dam_id, page.send)
    analyses = links({"Analyses of these series": f"analysis?dam={dam_id}"})
    body = pn.Column(sizing_mode="stretch_width", margin=0, styles={"max-height": "none"})

    def load():
        kept = page.read_as_of(as_of, reads.hydrograph, dam_id)
        stored = page.read_as_of(as_of, reads.series, dam_id)
        points = kept.points if kept else frames.empty(frames.HYDROGRAPH)
        view.param.update(points=points, file_name=kept.file_name if kept else "")
        remove.file_name = kept.file_name if kept else ""
        series.update([(label_of(one), one.series) for one in stored])
        listed.stored = list(stored)
        of_hours = [view, remove] if may_remove else [view]
        of_series = [series, listed] if as_of else [series, analyses, listed]
        parts = [*(of_series if stored else []), *(of_hours if kept or not stored else [])]
        if body.objects != parts:
            body[:] = parts

    load()
    page.on_refresh(load)
    page.on_event(lambda event: event.dam_id == dam_id and event.kind in OF_SERIES, load)
    return body
