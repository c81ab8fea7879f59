"""What was seen last is not looked at again, and no more is kept than was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from depicts_model.linker.recent import Recent

KEYS = st.binary(min_size=1, max_size=1)


@given(st.lists(st.dictionaries(KEYS, KEYS, max_size=4)), st.integers(1, 6))
def test_the_newest_are_kept_and_no_others(puts: list[dict[bytes, bytes]], most: int) -> None:
    memory, newest = Recent(most), dict[bytes, bytes]()
    for rows in puts:
        memory.put(rows)
        newest |= rows
        newest = dict(list(newest.items())[-most:])
    every = [bytes([number]) for number in range(256)]
    assert memory.get(every) == newest
