from hypothesis import given
from hypothesis import strategies as st

from data.cells import pack, unpack

CELLS = st.one_of(
    st.text(), st.sampled_from(["", "\x1e", "\x1f", "a\x1fb"]), st.none(), st.integers(-5, 5), st.just({"x": [1.5]})
)


@given(st.lists(CELLS, min_size=1, max_size=6))
def test_every_cell_comes_back_as_it_was(cells):
    assert unpack(pack(cells)) == cells


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_other_cells_are_another_text(one, other):
    assert (pack(one) == pack(other)) == (one == other)
