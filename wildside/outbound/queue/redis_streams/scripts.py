"""The Lua files of this folder."""

from __future__ import annotations

from wildside.outbound.redis_link.script import Script

PUT, CLAIM, FINISH, GIVE_UP, CANCEL, KNOWS, LOOK_AFTER, LEAVE, STANDING = (
    Script.read(__package__, f"{name}.lua")
    for name in (
        "put",
        "claim",
        "finish",
        "give_up",
        "cancel",
        "knows",
        "look_after",
        "leave",
        "standing",
    )
)
