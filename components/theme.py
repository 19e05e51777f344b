"""Colours and fonts, in one place."""

PRIMARY = "#244C96"  #: The product's blue: header, buttons, links.
LINE = "#0080ff"  #: A hydrograph's line.
LINE_2 = "#D55E00"  #: A second one beside it.
MISSING = "#8a8a8a"

#: Hazard potential, safe for colour-blind readers (after ColorBrewer RdYlBu) and in order of harm.
HAZARD_COLOURS = {
    "High": "#b2182b",
    "Significant": "#ef8a00",
    "Low": "#4575b4",
    "Undetermined": "#9aa3ab",
    "": "#2f3a44",
}
HAZARD_MEANING = "Hazard potential: the harm if the dam failed. It says nothing of its condition."

#: Owners of the reference's list, from Okabe and Ito's palette (2008) for colour-blind readers.
OWNER_COLOURS = {"Reclamation": "#0072B2", "Army Corp": "#D55E00", "Other": "#009E73"}

#: The Material theme of every page, light and dark.
THEME = {
    "light": {"palette": {"primary": {"main": PRIMARY}}},
    "dark": {"palette": {"primary": {"main": "#8fb1f2"}}},
}
