"""What the use cases need from the world, as small Protocols named by the need; one file a noun."""

from wildside.ports.accounts import (
    Accounts,
    Credentials,
    Idempotency,
    Passwords,
    RateLimits,
    RateVerdict,
    RememberedAnswer,
    SignOuts,
)
from wildside.ports.catalogue import Catalogue, OpeningHours, Provenance
from wildside.ports.jobs import JobQueue, JobsOffice
from wildside.ports.machine import Clock, Ids, Journal
from wildside.ports.map_files import (
    Extracts,
    MapFileBuilder,
    PlaceSource,
    RegionFile,
    RegionFiles,
    RegionFolders,
)
from wildside.ports.routes import (
    News,
    OwedRequest,
    Requests,
    RouteCache,
    RouteEngine,
    Routes,
    Shares,
    StoredRequest,
    Told,
)
from wildside.ports.storage import Storage, Work

__all__ = [
    "Accounts",
    "Catalogue",
    "Clock",
    "Credentials",
    "Extracts",
    "Idempotency",
    "Ids",
    "JobQueue",
    "JobsOffice",
    "Journal",
    "MapFileBuilder",
    "News",
    "OpeningHours",
    "OwedRequest",
    "Passwords",
    "PlaceSource",
    "Provenance",
    "RateLimits",
    "RateVerdict",
    "RegionFile",
    "RegionFiles",
    "RegionFolders",
    "RememberedAnswer",
    "Requests",
    "RouteCache",
    "RouteEngine",
    "Routes",
    "Shares",
    "SignOuts",
    "Storage",
    "StoredRequest",
    "Told",
    "Work",
]
