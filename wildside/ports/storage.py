"""Where things are kept, and the unit of work in which they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from wildside.ports.accounts import Accounts, Credentials, Idempotency
from wildside.ports.catalogue import Catalogue, Provenance
from wildside.ports.map_files import RegionFiles
from wildside.ports.routes import Requests, Routes, Shares


class Work(Protocol):
    """One unit of work: everything written through it is stored together or not at all."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def credentials(self) -> Credentials: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def routes(self) -> Routes: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def idempotency(self) -> Idempotency: ...
    @property
    def region_files(self) -> RegionFiles: ...
    @property
    def shares(self) -> Shares: ...
    @property
    def provenance(self) -> Provenance: ...

    def after_commit(self, effect: Callable[[], Awaitable[None]]) -> None:
        """Runs the effect once everything is stored, in the order given; never if it is not."""
        ...


class Storage(Protocol):
    """Where things are kept; drivers' errors come out as `Unavailable`."""

    def read(self) -> AbstractAsyncContextManager[Work]:
        """A consistent view; nothing may be written."""
        ...

    def glance(self) -> AbstractAsyncContextManager[Work]:
        """A look at one thing: one question may be asked, for which any moment will do."""
        ...

    def write(self) -> AbstractAsyncContextManager[Work]:
        """Commits when the block ends well, and undoes everything when it does not.

        Of two writers that read the same thing in order to change it the second waits for the
        first. After an error of the store the block can only be left.
        """
        ...

    async def check(self) -> None:
        """Raises `Unavailable` when storage does not answer."""
        ...

    async def tidy(self) -> None:
        """The store's own housekeeping, done every half minute."""
        ...
