"""What is known of one dam, as a list of facts."""

import pandas as pd
import panel as pn
import param

from components.plain import plain
from components.theme import HAZARD_MEANING
from data.dates import show_date

_STYLE = """
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 18px; margin: 0;
  font: 400 15px/1.45 Roboto, system-ui, sans-serif; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
p { font-size: 13px; opacity: 0.8; margin: 10px 0 0; }
"""
NOT_GIVEN = "not given"


def facts(dam: pd.Series) -> dict[str, str]:
    """Label to text of one row of DAMS; what is missing is said to be."""
    placed = pd.notna(dam["latitude"])
    return {
        "Name": dam["name"],
        "Owner": dam["owner"],
        "River": dam["river"],
        "Date Built": show_date(dam["date_built"]),
        "Hazard potential": dam["hazard"],
        "NID ID": dam["nid_id"],
        "Latitude": f"{dam['latitude']:.6f}° (WGS 84)" if placed else "",
        "Longitude": f"{dam['longitude']:.6f}° (WGS 84)" if placed else "",
        "Added by": dam["created_by"],
        "Id": str(dam.name),
    }


class DamProfile(pn.viewable.Viewer):
    """One dam's facts."""

    dam = param.Series(doc="A row of DAMS; its name is the dam_id.")

    @param.depends("dam")
    def _facts(self) -> pn.pane.HTML:
        pairs = "".join(plain(k, "dt") + plain(v or NOT_GIVEN, "dd") for k, v in facts(self.dam).items())
        return pn.pane.HTML(
            f"<dl>{pairs}</dl>{plain(HAZARD_MEANING)}", stylesheets=[_STYLE], sizing_mode="stretch_width"
        )

    def __panel__(self):
        return pn.Column(self._facts, sizing_mode="stretch_width")
