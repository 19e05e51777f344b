"""How another country's inventory is read: a TOML file that a user writes. ``docs/import.md`` has an example."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from data.importers.hydrograph_text import Refused
from data.importers.inventory_columns import NAMES

#: Unit of a column -> what its numbers are multiplied with to be in ours (NIST SP 811, 2008, appendix B.8).
UNITS = {
    "m": 1 / 0.3048,
    "km": 1 / 0.0003048,
    "m3": 1 / 1233.48183754752,
    "hm3": 1e6 / 1233.48183754752,
    "million m3": 1e6 / 1233.48183754752,
    "km3": 1e9 / 1233.48183754752,
    "m3/s": 1 / 0.028316846592,
    "ha": 1 / 0.40468564224,
    "km2": 1 / 2.589988110336,
}
_VOLUME_OF_DAM = 1 / 0.764554857984  # cubic yards in a cubic metre


@dataclass(frozen=True)
class Mapped:
    """Whose list it is, our field -> its column, units of columns, and its words -> ours by field."""

    system: str
    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    longest_id: int = 40

    def codes(self, name: str, codes: Mapping[str, str]) -> Mapping[str, str]:
        """The words of a field, the file's own in place of ``codes`` where it gives them."""
        return {word.casefold(): ours for word, ours in self.words[name].items()} if name in self.words else codes

    def factor(self, name: str) -> float:
        """What a number of a field is multiplied with to be in our unit."""
        unit = self.units.get(name)
        if unit is None:
            return 1.0
        return _VOLUME_OF_DAM if name == "volume_cubic_yards" and unit == "m3" else UNITS[unit]


NID = Mapped("NID")


def read(path: Path) -> Mapped:
    """A mapping file. Raises Refused with a sentence that names what is wrong."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise Refused(f"{path.name} is no TOML: {fault}.") from None
    system, columns, units = content.get("system"), content.get("columns"), content.get("units", {})
    if not isinstance(system, str) or not 0 < len(system) <= 40:
        raise Refused(f'{path.name} does not say whose list it is: system = "SNISB" at its head would do.')
    if not isinstance(columns, dict) or "nid_id" not in columns:
        raise Refused(f"{path.name} has no [columns] with nid_id, the column of the dams' ids.")
    words = content.get("words", {})
    for field_name in (*columns, *units, *words):
        if field_name not in NAMES:
            raise Refused(f"{path.name}: {field_name!r} is not one of {', '.join(NAMES)}.")
    for unit in units.values():
        if unit not in UNITS:
            raise Refused(f"{path.name}: unit {unit!r} is not one of {', '.join(UNITS)}.")
    return Mapped(system, columns, units, words)
