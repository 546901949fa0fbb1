"""The few words of redis-py and hiredis that carry no types of their own, typed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import hiredis
from redis._parsers.base import BaseParser
from redis.connection import parse_url as _parse_url

Word = str | bytes | int | float

pack = cast("Callable[[tuple[Word, ...]], bytes]", hiredis.pack_command)
"""One command as it is sent."""

refusal = cast("Callable[[str], Exception]", BaseParser.parse_error)
"""The exception that redis-py has for an error's text."""

parse_url = cast("Callable[[str], dict[str, Any]]", _parse_url)
"""The options in a redis://, rediss:// or unix:// address."""
