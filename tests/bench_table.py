"""How a benchmark tells what it measured: a table, and as the last line one JSON object."""

import json


def show(name: str, rows: list[dict]) -> None:
    """Rows have what, ours, peer, unit, ratio (None where it says nothing), goal in words, met (None: no goal)."""
    width = max([len(row["what"]) for row in rows] + [4])
    print(f"{'what':{width}} {'ours':>10} {'peer':>10} {'unit':12} {'ratio':>7}  goal")
    for row in rows:
        ratio = "" if row["ratio"] is None else row["ratio"]
        goal = row["goal"] + {True: ": met", False: ": missed", None: ""}[row["met"]]
        print(f"{row['what']:{width}} {row['ours']:>10} {row['peer']:>10} {row['unit']:12} {ratio:>7}  {goal}")
    print(json.dumps({"name": name, "rows": rows}))
