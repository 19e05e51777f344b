"""How a figure was computed: the method and its source, the parameters, the data used and left out, the versions."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

PACKAGES = ("dam-inventory", "numpy", "pandas")


@dataclass(frozen=True, kw_only=True)
class How:
    """What goes with every result. ``parameters`` carry their unit in their name."""

    method: str
    source: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    used: str
    left_out: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For a report, with the versions of the programs that computed it."""
        return {
            "method": self.method,
            "source": self.source,
            "parameters": dict(self.parameters),
            "data_used": self.used,
            "data_left_out": list(self.left_out),
            "versions": versions(),
        }


def versions() -> dict[str, str]:
    """Name to version of what computes here; "not installed" where a package runs from its files alone."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


class Refused(ValueError):
    """An analysis that would not be right with these data or parameters; its text is the sentence for the reader."""
