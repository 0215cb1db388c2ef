"""The stage of a test, in Python: the place and its people, faults, the clock, and what was noted."""

from collections.abc import Sequence
from dataclasses import asdict

from .calls import Caller
from .faults import Fault
from .seen import Json
from .town import ACCOUNT_DAYS


class Stage(Caller):
    """Sets up one local Discord. Servers, members, roles and channels are named by name or id."""

    # The place and its people

    async def town(self) -> Json:
        """Servers with channels, roles and members, the bot's id, and whether it is connected."""
        return dict(await self._post("town"))

    async def add_member(
        self,
        name: str,
        *,
        roles: Sequence[str] = (),
        guild: str | None = None,
        accepts_dms: bool = True,
        account_days: float = ACCOUNT_DAYS,
    ) -> int:
        """A new person in a server; returns their id."""
        body = {"name": name, "roles": list(roles), "guild": guild, "accepts_dms": accepts_dms}
        body["account_days"] = account_days
        return int((await self._post("add_member", **body))["user"]["id"])

    async def remove_member(self, member: str, *, guild: str | None = None) -> None:
        """Someone leaves a server, or is banned from it."""
        await self._post("remove_member", member=member, guild=guild)

    async def remove_channel(self, channel: str | int) -> None:
        """A channel is deleted with everything in it."""
        await self._post("remove_channel", channel=str(channel))

    async def add_role(self, name: str, *, permissions: int = 0, guild: str | None = None) -> int:
        """A new role with Discord's permission bits."""
        return int((await self._post("add_role", name=name, permissions=permissions, guild=guild))["id"])

    async def add_channel(self, name: str, *, nsfw: bool = False, guild: str | None = None) -> int:
        """A new text channel."""
        return int((await self._post("add_channel", name=name, nsfw=nsfw, guild=guild))["id"])

    async def add_guild(
        self, name: str, *, owner: str = "olive", premium_tier: int = 0, upload_limit: int | None = None
    ) -> int:
        """A new server that the bot joins at once; `upload_limit` in bytes overrides the tier's."""
        body = {"name": name, "owner": owner, "premium_tier": premium_tier, "upload_limit": upload_limit}
        return int((await self._post("add_guild", **body))["id"])

    async def open_dm(self, member: str) -> int:
        """The channel of a member's direct messages with the bot."""
        return int((await self._post("open_dm", member=member))["id"])

    async def set_roles(self, member: str, roles: Sequence[str], *, guild: str | None = None) -> None:
        """Give a member, or the bot by its name Atelier, these roles and no others."""
        await self._post("set_roles", member=member, roles=list(roles), guild=guild)

    async def change_role(self, role: str, *, permissions: int, guild: str | None = None) -> None:
        """Give a role other permissions."""
        await self._post("change_role", role=role, permissions=permissions, guild=guild)

    async def change_channel(self, channel: str | int, **changes: object) -> None:
        """Give a channel another `name`, or set whether it is `nsfw`."""
        await self._post("change_channel", channel=str(channel), **changes)

    async def boost(self, premium_tier: int, *, guild: str | None = None) -> None:
        """Boost a server to a tier, 0 to 3."""
        await self._post("change_guild", premium_tier=premium_tier, guild=guild)

    async def set_locale(self, member: str, locale: str) -> None:
        """The language of a member's client, as Discord names it: "de", "es-419"."""
        await self._post("set_locale", member=member, locale=locale)

    async def set_guild_locale(self, locale: str, *, guild: str | None = None) -> None:
        """The language that a server prefers."""
        await self._post("change_guild", locale=locale, guild=guild)

    async def set_overwrite(
        self,
        channel: str | int,
        *,
        role: str | None = None,
        member: str | None = None,
        allow: int = 0,
        deny: int = 0,
    ) -> None:
        """Let a channel allow and deny permissions to a role, or to a member or the bot."""
        who = {"role": role} if role else {"member": member}
        await self._post("set_overwrite", channel=str(channel), allow=allow, deny=deny, **who)

    async def set_command_permissions(
        self, command: str | None, permissions: Sequence[Json], *, guild: str | None = None
    ) -> None:
        """Set who may use a command, or all: {"id", "type": 1 role, 2 user, 3 channel, "permission"}."""
        named = {} if command is None else {"command": command}
        await self._post("set_command_permissions", permissions=list(permissions), guild=guild, **named)

    async def add_thread(
        self, member: str, channel: str | int, name: str, *, message: int | None = None, private: bool = False
    ) -> int:
        """Begin a thread as a member, at a message or without one; returns its id."""
        at = {"private": private} if message is None else {"message": str(message)}
        body = {"member": member, "channel": str(channel), "name": name}
        return int((await self._post("add_thread", **body, **at))["id"])

    async def change_thread(self, thread: int, **changes: object) -> None:
        """Set whether a thread is `archived` or `locked`, or its `name`."""
        await self._post("change_thread", channel=str(thread), **changes)

    async def thread_member(self, thread: int, member: str, *, remove: bool = False) -> None:
        """Add a member or the bot to a thread, or take them out."""
        await self._post("thread_member", channel=str(thread), member=member, remove=remove)

    # Faults, clock, checks

    async def fault(self, fault: Fault) -> int:
        """Let something go wrong with the next requests or events that match; returns its id."""
        return int((await self._post("add_fault", **asdict(fault)))["id"])

    async def faults(self) -> list[Json]:
        """The faults that have not run out yet, each with its `id` and what is `left`: times or seconds."""
        return list(await self._post("faults"))

    async def clear_faults(self, fault_id: int | None = None) -> None:
        """Let everything go well again, or end one fault."""
        await self._post("faults", clear=True if fault_id is None else fault_id)

    async def drop_gateway(self, *, down_s: float = 0.0) -> None:
        """Cut the bot's gateway connection; a new one is greeted only after `down_s` seconds."""
        await self._post("drop_gateway", down_s=down_s)

    async def reconnect_gateway(self) -> None:
        """Ask the bot to come back over another connection and resume."""
        await self._post("reconnect_gateway")

    async def invalidate_sessions(self, *, resumable: bool = False) -> None:
        """Tell the bot that its gateway session is invalid."""
        await self._post("invalidate", resumable=resumable)

    async def advance(self, seconds: float) -> None:
        """Let time pass at once for tokens, nonces, CDN addresses, rate limits and faults that last."""
        await self._post("advance", seconds=seconds)

    async def hold_clock(self) -> None:
        """From here on let time pass by `advance` alone: how fast a test runs changes nothing any more."""
        await self._post("hold_clock")

    async def violations(self) -> list[Json]:
        """Requests and answers that did not fit Discord's API description so far."""
        return list((await self._post("violations"))["violations"])

    async def served(self) -> Json:
        """Requests answered so far (method, route, status, at), gateway sessions identified and resumed."""
        return dict(await self._post("served"))
