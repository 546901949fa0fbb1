"""What people may be called, and which tags are languages."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildside.domain.display_names import DISPLAY_NAME_PATTERN, refuse_bad_display_name
from wildside.domain.errors import Invalid
from wildside.domain.languages import LANGUAGE_PATTERN, refuse_bad_language


@pytest.mark.parametrize(
    "name",
    [
        "Muriel",
        "Ó Súilleabháin",
        "नताशा",
        "علی\u200cرضا",
        "אבי\u200f",
        "👩\u200d👧 walks",
        "x" * 100,
    ],
)
def test_names_of_any_script_are_taken(name: str) -> None:
    """With the joiners and marks that some scripts and emoji need."""
    refuse_bad_display_name(name)
    assert re.search(DISPLAY_NAME_PATTERN, name)


@pytest.mark.parametrize(
    "character", [*"\x00\n\x1f\x7f\x85\x9f\u2028\u2029\u202a\u202d\u202e\u2066\u2069"]
)
def test_names_that_steer_a_screen_are_refused(character: str) -> None:
    """Controls, ends of lines and turned directions, wherever they stand."""
    for name in (character, f"a{character}", f"{character}a", f"a{character}b"):
        with pytest.raises(Invalid) as refusal:
            refuse_bad_display_name(name)
        assert [(fault.field, fault.code) for fault in refusal.value.faults] == [
            ("display_name", "invalid")
        ]


@pytest.mark.parametrize(
    "tag",
    [
        "en",
        "pt-PT",
        "gsw",
        "zh-Hant",
        "zh-yue-HK",
        "es-419",
        "sl-rozaj-biske",
        "de-CH-1901",
        "hy-Latn-IT-arevela",
        "en-a-bbb-x-a-ccc",
        "de-u-co-phonebk",
        "x-whatever",
        "az-Arab-x-azE-derbend",
    ],
)
def test_tags_of_the_specification_s_appendix_are_languages(tag: str) -> None:
    """RFC 5646, appendix A."""
    refuse_bad_language(tag)
    assert re.search(LANGUAGE_PATTERN, tag)


@pytest.mark.parametrize(
    "tag",
    ["--", "en-", "-en", "e", "12", "en--GB", "en-G", "a-DE", "en\n", "en-x", "\u202een", "ё1"],
)
def test_what_is_no_tag_is_refused(tag: str) -> None:
    """Two of these are the appendix's own; the rest is what people send."""
    with pytest.raises(Invalid) as refusal:
        refuse_bad_language(tag)
    assert refusal.value.faults[0].field == "preferences.language"


@given(st.text("aZ9-", max_size=36))
def test_whatever_passes_is_parts_of_one_to_eight_letters_and_digits(tag: str) -> None:
    """The frame of every tag, said otherwise; a single letter only leads an extension."""
    try:
        refuse_bad_language(tag)
    except Invalid:
        return
    parts = tag.split("-")
    assert all(1 <= len(part) <= 8 and part.isalnum() for part in parts)
    assert len(parts[-1]) > 1
