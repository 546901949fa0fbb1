"""Points in time as whole microseconds since 1970, the way they are stored, ordered and numbered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Exact: no float on the way, so a stored moment comes back as it was."""
    return (moment - _EPOCH) // _MICROSECOND


def rfc3339(moment: datetime) -> str:
    """As the wire tells moments: UTC with microseconds and `Z`.

    Moments at the very ends of the calendar, which have no UTC, keep the offset they came with.
    """
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        return moment.isoformat(timespec="microseconds")
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def moment(microseconds_since_epoch: int) -> datetime:
    """The UTC moment; OverflowError outside the years 1..9999."""
    return _EPOCH + microseconds_since_epoch * _MICROSECOND
