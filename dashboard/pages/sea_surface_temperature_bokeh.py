"""Sea surface temperature as a plain Bokeh handler: a function of one document, no template."""

from bokeh.io import curdoc

from components.sea_surface_temperature_bokeh import modify_doc
from dashboard.shell import styles_from_here

styles_from_here()
modify_doc(curdoc())
