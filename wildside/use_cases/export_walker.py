"""Gathers what is kept about a walker, so that they can take it along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wildside.domain.accounts import User
from wildside.domain.identifiers import UserId
from wildside.domain.shares import Share
from wildside.ports import Storage, StoredRequest
from wildside.use_cases.accounts import present


@dataclass(frozen=True, slots=True)
class KeptOfWalker:
    """All but the walks, which are many and heavy and come page by page."""

    user: User
    has_password: bool
    requests: Sequence[StoredRequest]
    shares: Sequence[Share]


class ExportWalker:
    """Reads one consistent view."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    async def __call__(self, user_id: UserId) -> KeptOfWalker:
        """Profile, wishes and shares; Unauthorized where the walker is gone."""
        async with self._storage.read() as work:
            return KeptOfWalker(
                await present(work, user_id),
                await work.credentials.find(user_id) is not None,
                await work.requests.of_walker(user_id),
                await work.shares.of_walker(user_id),
            )
