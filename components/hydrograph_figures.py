"""Peak, volume and counts of a hydrograph, each with how it was computed."""

from components.plain import plain
from data.hydrograph_facts import HydrographFacts

#: The style sheet of ``figures``.
LOOK = """
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 8px; margin: 8px 0; }
dl div { border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: 6px; padding: 8px 12px; }
dt { font-size: 0.82rem; opacity: 0.78; }
dd { margin: 2px 0 0; font-size: 1.12rem; font-weight: 600; font-variant-numeric: tabular-nums; }
dd small { display: block; font-size: 0.82rem; font-weight: 400; opacity: 0.85; }
summary { cursor: pointer; font-size: 0.9rem; padding: 4px 0; width: fit-content; }
li { margin: 4px 0; font-size: 0.9rem; line-height: 1.45; }
ul { margin: 4px 0 8px; padding-left: 20px; }
"""


def figures(facts: HydrographFacts) -> str:
    """HTML: the figures as a list of terms, and below it, folded, how each was computed. For use with ``LOOK``."""
    rows = "".join(
        f"<div>{plain(term, 'dt')}<dd>{plain(value, 'span')}{plain(more, 'small')}</dd></div>"
        for term, value, more in _figures(facts)
    )
    how = "".join(plain(sentence, "li") for sentence in _how(facts))
    return f"<dl>{rows}</dl><details><summary>How computed</summary><ul>{how}</ul></details>"


def _figures(facts: HydrographFacts) -> list[tuple[str, str, str]]:
    """Term, value, and what must be said with the value."""
    peak, at, volume = "not known", "no flow was measured", "not known"
    if facts.peak_cfs is not None and facts.peak_hours is not None:
        peak = f"{_number(facts.peak_cfs)} cfs"
        at = f"at {_number(facts.peak_hours)} h" + (f", first of {facts.peaks:,} times" if facts.peaks > 1 else "")
    if facts.volume_acre_ft is not None:
        volume = f"{_volume(facts.volume_acre_ft)} acre-ft"
    return [
        ("Peak flow", peak, at),
        ("Volume", volume, _excluded(facts) or f"over {_number(facts.measured_hours)} h"),
        ("Points", f"{facts.points:,}", "with a flow"),
        ("Missing", f"{facts.missing:,}", "without a flow"),
    ]


def _excluded(facts: HydrographFacts) -> str:
    if not facts.gaps:
        return ""
    hours = _number(facts.gap_hours)
    if len(facts.gaps) == 1:
        return f"volume excludes 1 gap of {hours} h"
    return f"volume excludes {len(facts.gaps):,} gaps, {hours} h in all"


def _how(facts: HydrographFacts) -> list[str]:
    gaps = "; ".join(f"{_number(gap.start_hours)} to {_number(gap.end_hours)} h" for gap in facts.gaps[:5])
    more = "; …" if len(facts.gaps) > 5 else ""
    left_out = f" Left out and not filled: {gaps}{more}. The peak may lie there." if gaps else ""
    return [
        "Peak flow: the highest flow in the file, and the first time at which it stands; nothing is smoothed.",
        "Volume: trapezoid rule, the mean of two neighbouring flows times the step between them, summed over the "
        f"{_number(facts.measured_hours)} h that are measured; 1 acre-ft = 43,560 ft³. A step longer than 1.5 usual "
        f"(median) steps, and each step beside a missing flow, is a gap.{left_out}",
        "Points and Missing: the times of the file with a flow, and those without one.",
    ]


def _number(value: float) -> str:
    """At most three decimals, none that are zero."""
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def _volume(acre_ft: float) -> str:
    return f"{acre_ft:,.3f}" if abs(acre_ft) < 1000 else f"{acre_ft:,.0f}"
