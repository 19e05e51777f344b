"""Units: the factors against figures published elsewhere."""

import pytest

from data.units import LABELS, METRIC, convert


@pytest.mark.parametrize(
    ("value", "unit", "to", "wanted"),
    [
        (1.0, "acre-ft", "m3", 1233.482),  # NIST SP 811, B.8
        (1.0, "cfs", "m3/s", 0.02831685),  # NIST SP 811, B.8
        (1.0, "m", "ft", 3.280840),
        (1.0, "acre", "ha", 0.4046856),  # NIST SP 811, B.8, without the survey foot
        (1.0, "mi2", "km2", 2.589988),  # NIST SP 811, B.8
        (1.0, "yd3", "m3", 0.7645549),  # NIST SP 811, B.8
        (1000.0, "acre-ft", "hm3", 1.233482),
        (20.0, "degC", "degC", 20.0),
    ],
)
def test_a_value_is_converted_by_the_published_factor(value, unit, to, wanted):
    assert convert(value, unit, to) == pytest.approx(wanted, rel=1e-6)


def test_units_of_different_kinds_are_refused():
    with pytest.raises(ValueError, match="cfs cannot be given in acre-ft"):
        convert(1.0, "cfs", "acre-ft")


def test_an_unknown_unit_is_refused_by_name():
    with pytest.raises(ValueError, match="'mgd' is not one of ft"):
        convert(1.0, "mgd", "cfs")


def test_every_unit_has_a_label_and_a_metric_one_of_its_kind():
    assert [convert(1.0, unit, metric) for unit, metric in METRIC.items()]
    assert set(METRIC) | set(METRIC.values()) <= set(LABELS)


def test_a_temperature_is_labelled_in_degrees():
    assert LABELS["degC"] == "°C"
