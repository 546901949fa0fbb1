"""Lets somebody in as an anonymous walker, tells them who they are and changes what they may change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wildside.domain.accounts import Preferences, Units, User
from wildside.domain.display_names import refuse_bad_display_name
from wildside.domain.errors import Conflict, Invalid, Unauthorized
from wildside.domain.identifiers import ThemeId, UserId
from wildside.domain.languages import refuse_bad_language
from wildside.ports import Clock, Ids, Storage, Work

ANONYMOUS_NAME = "Walker"


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What a walker wants to be different; None leaves a thing as it is."""

    display_name: str | None = None
    units: Units | None = None
    language: str | None = None
    walking_speed_kmh: float | None = None

    def __post_init__(self) -> None:
        # Asked of what is to be changed only: what was stored under older rules stays readable.
        if self.display_name is not None:
            refuse_bad_display_name(self.display_name)
        if self.language is not None:
            refuse_bad_language(self.language)


class Walkers:
    """Everything a walker does with their own account."""

    def __init__(self, storage: Storage, clock: Clock, ids: Ids) -> None:
        self._storage = storage
        self._clock = clock
        self._ids = ids

    async def add_anonymous(self, work: Work) -> User:
        """A new walker of whom nothing is known."""
        now = self._clock.now()
        user = User(UserId(self._ids.new()), ANONYMOUS_NAME, now, now)
        await work.accounts.add(user)
        return user

    async def me(self, user_id: UserId) -> User:
        """The walker; Unauthorized when they were erased or disabled since their session began."""
        async with self._storage.glance() as work:
            return await present(work, user_id)

    async def standing(self, user_ids: Iterable[UserId]) -> Mapping[UserId, int]:
        """The session epochs of those who are still welcome."""
        async with self._storage.glance() as work:
            return await work.accounts.standing(user_ids)

    async def choose_interests(
        self,
        work: Work,
        user_id: UserId,
        theme_ids: Sequence[ThemeId],
        expected_revision: int | None,
    ) -> User:
        """The walker with other interests.

        Raises Conflict for a stale revision, Invalid (`unknown_theme`) for a theme not on offer.
        """
        user = await present(work, user_id)
        offered = {theme.id for theme in await work.catalogue.themes()}
        refuse_unknown_themes(theme_ids, offered)
        changed = user.with_interests(tuple(theme_ids), expected_revision, self._clock.now())
        await store(work, changed, user.revision)
        return changed

    async def change_profile(self, work: Work, user_id: UserId, change: ProfileChange) -> User:
        """The walker with another name or other preferences."""
        user = await present(work, user_id)
        kept = user.preferences
        preferences = Preferences(
            units=kept.units if change.units is None else change.units,
            language=kept.language if change.language is None else change.language,
            walking_speed_kmh=(
                kept.walking_speed_kmh
                if change.walking_speed_kmh is None
                else change.walking_speed_kmh
            ),
        )
        changed = user.changed(
            self._clock.now(),
            display_name=user.display_name if change.display_name is None else change.display_name,
            preferences=preferences,
        )
        await store(work, changed, user.revision)
        return changed


def refuse_unknown_themes(
    theme_ids: Sequence[ThemeId], offered: set[ThemeId], field: str = "interest_theme_ids"
) -> None:
    """Raises Invalid (`unknown_theme`) with the first theme that nobody offers."""
    for theme_id in theme_ids:
        if theme_id not in offered:
            raise Invalid.field(field, "unknown_theme", f"there is no interest theme {theme_id}")


async def present(work: Work, user_id: UserId) -> User:
    """The walker; Unauthorized when they were erased or disabled since their session began."""
    user = await work.accounts.find(user_id)
    if user is None or user.disabled:
        raise Unauthorized("this session belongs to nobody any more")
    return user


async def store(work: Work, changed: User, revision: int) -> None:
    """Stores the walker as changed from that revision; Conflict where somebody was faster."""
    # Cannot happen behind one writer; on a store with several, somebody was faster.
    if not await work.accounts.update(changed, expected_revision=revision):
        raise Conflict("the profile was changed meanwhile")
