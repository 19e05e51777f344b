"""What was read of an inventory file, and what taking it in would do."""

from collections.abc import Mapping, Sequence

import panel as pn

from components import feedback
from components.plain import plain, wrapped
from data.frames import InventoryReport

_LOOK = """
.scroll { max-height: 300px; overflow: auto; border-radius: 6px; outline-offset: 2px; margin-bottom: 10px;
          border: 1px solid color-mix(in srgb, currentColor 22%, transparent); }
table { border-collapse: collapse; width: 100%; font-size: 0.88rem; line-height: 1.4; }
caption { text-align: left; padding: 8px 12px; font-size: 0.9rem; opacity: 0.85; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px; overflow-wrap: anywhere;
         border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
th { white-space: nowrap; } td.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
p { margin: 0 0 8px; line-height: 1.45; }
"""
_MARGIN = (4, 0)
SHOWN = 200  #: Refused rows in the table.


def import_report(report: InventoryReport, hazard: Mapping[str, int]) -> pn.Column:
    """The verdict, what the file holds, hazard potentials counted, the warnings, and the rows that are refused."""
    if report.problem:
        return pn.Column(feedback.bar("refused", report.problem, margin=_MARGIN), sizing_mode="stretch_width", margin=0)
    parts = [plain(sentence) for sentence in _sentences(report, hazard)]
    parts.append(_table("Warnings", ("Times", "First line", "What"), [
        (f"{w.count:,}", "" if w.line is None else f"{w.line:,}", w.message) for w in report.warnings
    ]))  # fmt: skip
    more = len(report.rejected) - SHOWN
    caption = "Rows that are refused" + (f"; the first {SHOWN} of {len(report.rejected):,}" if more > 0 else "")
    rows = [(f"{row.line:,}", row.value or "(blank)", row.reason) for row in report.rejected[:SHOWN]]
    parts.append(_table(caption, ("Line", "Value found", "Reason"), rows))
    return pn.Column(
        _verdict(report),
        pn.pane.HTML("".join(parts), stylesheets=[_LOOK], sizing_mode="stretch_width", margin=_MARGIN),
        sizing_mode="stretch_width",
        css_classes=["import-report"],
        styles={"max-height": "none"},
        margin=0,
    )


def _verdict(report: InventoryReport) -> pn.pane.HTML:
    if report.rejected:
        words = f"{len(report.rejected):,} of {report.rows:,} rows are refused and would be left out."
        return feedback.bar("refused", words, margin=_MARGIN)
    return feedback.bar("done", f"All {report.rows:,} rows can be taken.", margin=_MARGIN)


def _sentences(report: InventoryReport, hazard: Mapping[str, int]) -> list[str]:
    updated = f"last updated {report.last_updated}" if report.last_updated else "no date of update"
    said = [f"{report.file_name}: {report.format}, {report.encoding}, {updated}."]
    said.append(f"{report.on_map:,} dams with a place for the map, {report.off_map:,} without.")
    if hazard:
        said.append("Hazard potential: " + _counts(hazard) + ".")
    if report.storage_acre_ft_sum is not None:
        said.append(f"NID storage adds up to {report.storage_acre_ft_sum:,.0f} acre-ft.")
    return said


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{label or 'blank'} {count:,}" for label, count in counts.items())


def _table(caption: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    body = "".join(
        "<tr>"
        + "".join(plain(cell, "td", *(["number"] if place < len(row) - 1 else [])) for place, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    head = "".join(plain(word, "th", scope="col") for word in heads)
    table = f"<table>{plain(caption, 'caption')}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return wrapped(table, "div", "scroll", role="region", aria_label=caption, tabindex="0")
