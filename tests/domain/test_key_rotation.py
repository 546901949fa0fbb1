"""The order of keys while they are rotated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildside.domain.errors import Invalid
from wildside.domain.key_rotation import (
    announcing,
    fingerprint,
    fresh_key,
    keeping,
    signing_with,
    signing_with_new,
)

KEYS = st.lists(st.text("abc", min_size=1, max_size=5), min_size=1, max_size=6, unique=True)


@given(KEYS)
def test_an_announced_key_verifies_and_the_old_one_signs(keys: list[str]) -> None:
    """Nothing is lost, the last stays the last."""
    announced = announcing(keys, "new")
    assert announced[-1] == keys[-1]
    assert sorted(announced) == sorted([*keys, "new"])


@given(KEYS)
def test_announcing_and_signing_is_signing_at_once(keys: list[str]) -> None:
    """In the end the order is the same; letting the same key sign again changes nothing."""
    announced = announcing(keys, "new")
    signing = signing_with(announced, fingerprint("new"))
    assert signing == signing_with_new(keys, "new")
    assert signing_with(signing, fingerprint("new")) == signing


@given(KEYS, st.integers(1, 8))
def test_the_newest_are_kept(keys: list[str], most: int) -> None:
    """The signing one always among them."""
    kept = keeping(keys, most)
    assert kept == tuple(keys)[-len(kept) :]
    assert len(kept) == min(most, len(keys))


def test_what_cannot_be_is_refused() -> None:
    """No key left, no such key, nothing to announce beside; no key's text in the message."""
    with pytest.raises(Invalid):
        keeping(["a"], 0)
    with pytest.raises(Invalid):
        announcing([], "new")
    with pytest.raises(Invalid) as refused:
        signing_with(["sesame"], "0123")
    assert "sesame" not in refused.value.message


def test_a_fresh_key_is_long_and_its_fingerprint_says_little() -> None:
    """512 bits, different each time; sixteen hexadecimal digits of a hash."""
    keys = {fresh_key() for _ in range(20)}
    assert len(keys) == 20
    assert {len(key) for key in keys} == {128}
    for key in keys:
        assert len(fingerprint(key)) == 16
        assert fingerprint(key) not in key
