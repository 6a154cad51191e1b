"""No spreadsheet takes a quoted cell for a formula, and unquoting gives back what it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.engine.inputs import FORMULA_STARTS, quote_formula, unquote_formula

CELLS = st.builds("{}{}".format, st.text(st.sampled_from("'=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"), max_size=4), st.text())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_what_spreadsheets_compute_is_quoted(start):
    assert quote_formula(f"{start}1+1") == f"'{start}1+1"


@given(CELLS)
def test_a_quoted_cell_begins_no_formula_and_comes_back_as_it_was(cell):
    quoted = quote_formula(cell)

    assert not quoted.startswith(FORMULA_STARTS)
    assert unquote_formula(quoted) == cell
