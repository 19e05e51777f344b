"""The form that changes a dam."""

import pandas as pd
import pytest

from components.dam_form import EditDamForm
from data.commands import Rejected
from data.frames import PROFILE

DEFAULTS = {"str": "", "float64": float("nan"), "bool": False, "int64": 1}


def dam(**about):
    return pd.Series({name: DEFAULTS[kind] for name, kind in PROFILE.items()} | about, name=7)


@pytest.mark.parametrize("hazard", ["Not Available", "<img src=x onerror=al"])
def test_a_hazard_potential_that_is_no_class_here_stands_until_it_is_changed(hazard):
    about = {"name": "Dam", "owner": "Town", "river": "Creek", "date_built": "1950", "hazard": hazard}
    form = EditDamForm(dam(**about, latitude=40.0, longitude=-111.0), lambda _: None, reload=lambda: None)
    assert form.hazard == hazard and form.typed()["hazard"] == hazard
    with pytest.raises(Rejected, match="is not one of High, Significant, Low, Undetermined"):
        form._command()
    form.param.trigger("submit")
    assert form.widgets["hazard"].error_state
    form.hazard = "Low"
    assert form._command().hazard == "Low"
