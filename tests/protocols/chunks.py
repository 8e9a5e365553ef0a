"""Any way of cutting a stream."""

from hypothesis import strategies as st

from tests.protocols.talk import cutter

cuts = st.one_of(
    st.just(cutter([1])),
    st.lists(st.integers(1, 40), min_size=1, max_size=12).map(cutter),
)
