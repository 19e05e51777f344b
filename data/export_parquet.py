"""The Parquet form of an export: typed columns, nulls where a value is not given, and what the file is in its head.

The library is loaded with this module: nothing else needs it.
"""

import json
import tempfile
from pathlib import Path
from shutil import copyfileobj
from typing import IO

import fastparquet
import pandas as pd

from data.export_rows import COLUMNS, About, Chunks, Written

GROUP = 20_000  #: Rows of a row group, which are in memory at a time.
#: pandas' types that tell a missing number from NaN; fastparquet writes it as null.
_KINDS = {"str": "str", "float64": "Float64", "int64": "int64"}


def write(file: IO[bytes], told: About, rows: Chunks) -> Written:
    """Write ``rows`` of COLUMNS. The keys of the metadata are those of the GeoJSON, each after "dams."."""
    said = {f"dams.{name}": value for name, value in told.as_json().items()}
    said = {name: value if isinstance(value, str) else json.dumps(value) for name, value in said.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dams.parquet"
        group: list[tuple] = []
        written = False
        for part in rows:
            group += map(tuple, part)
            if len(group) >= GROUP:
                _add(path, group, said, append=written)
                group, written = [], True
        if group or not written:
            _add(path, group, said, append=written)
        with path.open("rb") as made:
            copyfileobj(made, file)
    return Written(told.count)


def _add(path: Path, group: list[tuple], said: dict[str, str], *, append: bool) -> None:
    """One row group; the first one also writes the head."""
    frame = pd.DataFrame(group, columns=list(COLUMNS)).astype({n: _KINDS[kind] for n, kind in COLUMNS.items()})
    for name, kind in COLUMNS.items():
        if kind == "str":
            frame[name] = frame[name].where(frame[name] != "", None)
    more = {} if append else {"custom_metadata": said}
    fastparquet.write(str(path), frame, append=append, write_index=False, compression="SNAPPY", **more)
