"""A small runtime of supervised actors on trio; it knows neither Wildside nor the solver."""

from actors.actor import Actor, ChildSpec
from actors.address import Address, Request
from actors.errors import ActorDied, ActorError, AskTimedOut, GaveUp, MailboxFull
from actors.mailbox import Down, MailboxRule, Overflow, current_trace
from actors.restart_policy import Backoff, Restart, Strategy
from actors.specs import Supervisor, TaskSpec
from actors.system import ActorSystem

__all__ = [
    "Actor",
    "ActorDied",
    "ActorError",
    "ActorSystem",
    "Address",
    "AskTimedOut",
    "Backoff",
    "ChildSpec",
    "Down",
    "GaveUp",
    "MailboxFull",
    "MailboxRule",
    "Overflow",
    "Request",
    "Restart",
    "Strategy",
    "Supervisor",
    "TaskSpec",
    "current_trace",
]
