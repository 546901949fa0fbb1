"""What somebody may be called on other people's screens."""

from __future__ import annotations

import re

from wildside.domain.errors import Invalid

LONGEST_DISPLAY_NAME = 100
# Control characters (C0, DEL, C1), ends of lines, and what turns the direction of the text around it
# (Unicode Standard Annex 9, 2.1-2.4): such a name would mirror whatever stands beside it. The joiners
# of emoji and the harmless marks of Arabic and Hebrew stay.
_REFUSED = r"\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069"
DISPLAY_NAME_PATTERN = f"^[^{_REFUSED}]+$"
_DISPLAY_NAME = re.compile(f"[^{_REFUSED}]+")


def refuse_bad_display_name(name: str) -> None:
    """Raises Invalid where it cannot be one."""
    if not 1 <= len(name) <= LONGEST_DISPLAY_NAME:
        raise Invalid.field(
            "display_name",
            "length",
            f"display_name must have 1 to {LONGEST_DISPLAY_NAME} characters",
        )
    if _DISPLAY_NAME.fullmatch(name) is None:
        raise Invalid.field(
            "display_name",
            "invalid",
            "display_name must have no control characters and none that change the text's direction",
        )
