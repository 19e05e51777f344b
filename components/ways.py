"""The ways from one page to the same dams on another, and to them as a file."""

FORMATS = {"csv": "CSV", "geojson": "GeoJSON", "parquet": "Parquet", "nid": "As its source"}


def page(name: str, query: str) -> str:
    """The address of a page with a filter's form in an address, "" for every dam."""
    return f"{name}?{query}" if query else name


def exports(query: str) -> dict[str, str]:
    """Words to address of each file; ``query`` may also say how it is sorted."""
    return {
        f"Export {label}" if form == "csv" else label: f"export?format={form}{'&' if query else ''}{query}"
        for form, label in FORMATS.items()
    }
