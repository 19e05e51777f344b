"""A file for the Assign Hydrograph page: a hydrograph in hours, or series with dates."""

from dataclasses import replace

from data.frames import HydrographFile
from data.importers import hydrograph_csv, series
from data.importers.hydrograph_text import Refused
from data.series import SeriesFile


def read(file_name: str, content: bytes) -> HydrographFile | SeriesFile:
    """A hydrograph where the file is one, else its series.

    What is neither is a HydrographFile whose report says why.
    """
    hydrograph = hydrograph_csv.read(file_name, content)
    of_hours = hydrograph.report.problem is None
    try:
        found = series.read_bytes(file_name, content)
    except series.Unknown:
        return hydrograph
    except Refused as why:
        if of_hours and not isinstance(why, series.OtherTable):
            return hydrograph
        return replace(hydrograph, report=replace(hydrograph.report, format="series", problem=str(why), notes=()))
    return hydrograph if of_hours else found
