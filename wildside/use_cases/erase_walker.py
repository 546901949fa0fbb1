"""Erases a person: everything of theirs is forgotten, and whatever they had open ends at once."""

from __future__ import annotations

from wildside.domain.identifiers import UserId
from wildside.ports import SignOuts, Work
from wildside.use_cases.accounts import present
from wildside.use_cases.cancel_request import CancelRequest
from wildside.use_cases.sign_in import closing_sockets


class EraseWalker:
    """Profile, credentials, wishes, walks, shares and remembered answers go together."""

    def __init__(self, cancel_request: CancelRequest, sign_outs: SignOuts) -> None:
        self._cancel_request = cancel_request
        self._sign_outs = sign_outs

    async def __call__(self, work: Work, user_id: UserId) -> None:
        """Nothing is left; Unauthorized where nothing was.

        Their unfinished wishes are cancelled first: a search that nobody waits for is given up.
        """
        await present(work, user_id)
        for stored in await work.requests.of_walker(user_id):
            if not stored.progress.stage.is_final:
                await self._cancel_request(work, user_id, stored.progress.request_id)
        await work.accounts.erase(user_id)
        work.after_commit(closing_sockets(user_id, self._sign_outs))
