"""What was read of a file and what was not, line by line."""

import panel as pn

from components import feedback
from components.plain import plain
from data.frames import FileReport

LOOK = """
.scroll { max-height: 320px; overflow: auto; border-radius: 6px; outline-offset: 2px;
          border: 1px solid color-mix(in srgb, currentColor 22%, transparent); }
table { border-collapse: collapse; width: 100%; font-size: 0.88rem; line-height: 1.4; }
caption { text-align: left; padding: 8px 12px; font-size: 0.9rem; opacity: 0.85; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px; overflow-wrap: anywhere;
         border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent); }
th { white-space: nowrap; } td { min-width: 60px; } td.reason { min-width: 200px; }
td.number { font-variant-numeric: tabular-nums; }
td.value { font-family: ui-monospace, monospace; white-space: pre-wrap; }
td.done { white-space: nowrap; } .strong { font-weight: 600; }
p { margin: 0 0 8px; line-height: 1.45; }
"""
_MARGIN = (4, 0)
_HEADS = ("Line", "Field", "Value found", "Reason", "What was done")


def file_report(report: FileReport) -> pn.Column:
    """The verdict, how much was read, and a table of the notes."""
    return pn.Column(
        _verdict(report),
        pn.pane.HTML(
            _summary(report) + _table(report), stylesheets=[LOOK], sizing_mode="stretch_width", margin=_MARGIN
        ),
        sizing_mode="stretch_width",
        css_classes=["file-report"],
        styles={"max-height": "none"},
        margin=0,
    )


def _verdict(report: FileReport) -> pn.pane.HTML:
    if report.problem:
        return feedback.bar("refused", report.problem, margin=_MARGIN)
    if report.understood:
        return feedback.bar("done", "Every line was understood.", margin=_MARGIN)
    counts = [f"{_lines(count)} {what}" for what, count in report.note_counts.items() if count and what != "kept"]
    sentence = "Read the report, then accept it or choose another file."
    return feedback.bar("refused", f"Not every line was understood: {', '.join(counts)}. {sentence}", margin=_MARGIN)


def _summary(report: FileReport) -> str:
    read = "" if report.problem else f" {report.rows_read:,} of {report.rows_in_file:,} rows read."
    return plain(f"{report.file_name}:{read} Read as {report.format}; encoding {report.encoding}.")


def _table(report: FileReport) -> str:
    if not report.notes:
        return ""
    total = sum(report.note_counts.values())
    counts = ", ".join(f"{count:,} {what}" for what, count in report.note_counts.items())
    first = f"; the first {len(report.notes):,} are shown" if total > len(report.notes) else ""
    rows = "".join(
        "<tr>"
        + plain("whole file" if note.line is None else f"{note.line}", "td", "number")
        + plain(note.field, "td")
        + plain(note.value or "(blank)", "td", "value")
        + plain(note.reason, "td", "reason")
        + plain(note.done, "td", "done" if note.done == "kept" else "done strong")
        + "</tr>"
        for note in report.notes
    )
    heads = "".join(plain(head, "th", scope="col") for head in _HEADS)
    caption = plain(f"Notes: {counts}{first}.", "caption")
    return (
        '<div class="scroll" role="region" aria-label="Notes on the file" tabindex="0">'
        f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
