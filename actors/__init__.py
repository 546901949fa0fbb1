"""A small runtime of supervised actors on trio; it knows neither Wildside nor the solver."""

from actors.actor import Actor, ChildSpec
from actors.address import Address, Request
from actors.errors import (
    ActorDied,
    ActorError,
    AskTimedOut,
    GaveUp,
    MailboxFull,
    PoolFull,
    WorkerDied,
    WorkerFailed,
    WorkerTimedOut,
)
from actors.fan_out import FanOut
from actors.mailbox import Down, MailboxRule, Overflow, current_trace
from actors.process_pool import ProcessPool
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
    "FanOut",
    "GaveUp",
    "MailboxFull",
    "MailboxRule",
    "Overflow",
    "PoolFull",
    "ProcessPool",
    "Request",
    "Restart",
    "Strategy",
    "Supervisor",
    "TaskSpec",
    "WorkerDied",
    "WorkerFailed",
    "WorkerTimedOut",
    "current_trace",
]
