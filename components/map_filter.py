"""Which dams a map shows: what its legend, its area and the line above it have in common."""

from dataclasses import replace

import param

from data.inventory import ALL, Filter, Near


class MapFilter(param.Parameterized):
    """The filter of one map; whoever changes it changes ``wanted``."""

    wanted = param.ClassSelector(default=ALL, class_=Filter, doc="Which dams are asked for.")

    def toggle_hazard(self, hazard: str) -> None:
        """Ask for this class too, or no more; with none chosen, dams of every class are asked for."""
        chosen = self.wanted.hazard
        rest = tuple(value for value in chosen if value != hazard)
        self.wanted = replace(self.wanted, hazard=rest if hazard in chosen else (*chosen, hazard))

    def show_box(self, box: tuple[float, float, float, float]) -> None:
        """Ask for dams in a box (west, south, east, north in degrees) alone."""
        self.wanted = replace(self.wanted, box=box, near=None)

    def show_near(self, longitude: float, latitude: float, km: float) -> None:
        """Ask for dams within ``km`` of a place (degrees) alone."""
        self.wanted = replace(self.wanted, box=None, near=Near(longitude, latitude, km))

    def show_anywhere(self) -> None:
        """Ask for dams wherever they are."""
        self.wanted = replace(self.wanted, box=None, near=None)

    def clear(self) -> None:
        """Ask for every dam."""
        self.wanted = ALL
