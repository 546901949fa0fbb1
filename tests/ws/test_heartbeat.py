"""When sockets are pinged."""

from hypothesis import given
from hypothesis import strategies as st

from wildside.inbound.http.heartbeat import Beats

INTERVAL = 5.0


def test_ten_thousand_sockets_opened_at_once_are_pinged_evenly() -> None:
    """In no hundredth of a second more than half as much again as their share of twenty."""
    beats = Beats(INTERVAL)
    moments = [beats.first_after(100.0) - 100.0 for _ in range(10_000)]
    assert all(0.0 <= moment < INTERVAL for moment in moments)
    slots = [0] * 500
    for moment in moments:
        slots[int(moment * 100)] += 1
    assert min(slots) >= 10
    assert max(slots) <= 30


@given(
    opened_at=st.floats(0.0, 1e6),
    lateness=st.lists(st.floats(0.0, 3 * INTERVAL), min_size=1, max_size=20),
)
def test_a_late_ping_keeps_its_beat(opened_at: float, lateness: list[float]) -> None:
    """The next is due within an interval of now, whole intervals after the first: nobody bunches up."""
    beats = Beats(INTERVAL)
    first = due = beats.first_after(opened_at)
    for late in lateness:
        now = due + late
        due = beats.next_after(due, now)
        assert -1e-6 <= due - now <= INTERVAL + 1e-6
        intervals = (due - first) / INTERVAL
        assert abs(intervals - round(intervals)) < 1e-6
