"""The bot's registered commands, with Discord's limits on them."""

import re
from typing import Any

from .clock import Clock
from .errors import DiscordError, invalid_form

Command = dict[str, Any]

SLASH, USER, MESSAGE = 1, 2, 3
MOST = {SLASH: 100, USER: 15, MESSAGE: 15}
NAME = re.compile(r"[-_'\w]{1,32}")
OPTIONS = CHOICES = 25
TOTAL_LENGTH = 8000
CREATES_A_DAY = 200
SUBCOMMAND, SUBCOMMAND_GROUP = 1, 2
GUILD_INSTALL = 0  # where the bot is; the other kind is an app that people carry with them


class Commands:
    """Commands by place: None for everywhere, else a server's id."""

    def __init__(self, *, clock: Clock, application_id: int) -> None:
        self._clock = clock
        self._application_id = application_id
        self._places: dict[int | None, list[Command]] = {}
        self._created: dict[int | None, list[float]] = {}

    def all(self, guild_id: int | None) -> list[Command]:
        """The commands registered for one place."""
        return self._places.get(guild_id, [])

    def find(self, name: str, kind: int, guild_id: int | None) -> Command | None:
        """The command that a member of a server meets under `name`: the server's own comes first."""
        places = [guild_id, None] if guild_id is not None else [None]
        found = (c for place in places for c in self.all(place) if (c["name"], c["type"]) == (name, kind))
        return next(found, None)

    def replace(self, guild_id: int | None, bodies: list[Command]) -> list[Command]:
        """Bulk upsert: these and no others. A command keeps its id as long as its name and type stay."""
        for index, body in enumerate(bodies):
            check_command(body, str(index))
        names = [(body["name"], body.get("type") or SLASH) for body in bodies]
        if len(names) != len(set(names)):
            raise DiscordError(400, 50035, "Application command names must be unique")
        for kind, most in MOST.items():
            if sum(k == kind for _, k in names) > most:
                raise DiscordError(400, 30032, f"Maximum number of application commands reached ({most})")
        before = {(command["name"], command["type"]): command for command in self.all(guild_id)}
        self._count_creates(guild_id, sum(name not in before for name in names))
        kept = [
            self._registered(body, guild_id, before.get(name))
            for name, body in zip(names, bodies, strict=True)
        ]
        self._places[guild_id] = kept
        return kept

    def add(self, guild_id: int | None, body: Command) -> tuple[Command, bool]:
        """Upsert one; says whether it is new."""
        check_command(body, "")
        name = (body["name"], body.get("type") or SLASH)
        others = [command for command in self.all(guild_id) if (command["name"], command["type"]) != name]
        new = len(others) == len(self.all(guild_id))
        return self.replace(guild_id, [*others, body])[-1], new

    def change(self, guild_id: int | None, before: Command, body: Command) -> Command:
        """Change what `body` names; the command keeps its id. Raises DiscordError for a taken name."""
        changed = before | {key: value for key, value in body.items() if key != "type"}
        check_command(changed, "")
        taken = [(c["name"], c["type"]) for c in self.all(guild_id) if c is not before]
        if (changed["name"], changed["type"]) in taken:
            raise DiscordError(400, 40041, "An application command with that name already exists")
        registered = self._registered(changed, guild_id, before)
        self._places[guild_id] = [registered if c is before else c for c in self.all(guild_id)]
        return registered

    def delete(self, guild_id: int | None, command: Command) -> None:
        """Remove one."""
        self._places[guild_id] = [kept for kept in self.all(guild_id) if kept is not command]

    def _count_creates(self, guild_id: int | None, number: int) -> None:
        """Count new commands by place; those that are refused do not count."""
        now = self._clock.now()
        made = [at for at in self._created.get(guild_id, []) if at > now - 24 * 3600] + [now] * number
        if len(made) > CREATES_A_DAY:
            raise DiscordError(
                400, 30034, f"Max number of daily application command creates reached ({CREATES_A_DAY})"
            )
        self._created[guild_id] = made

    def _registered(self, body: Command, guild_id: int | None, before: Command | None) -> Command:
        """The command as Discord returns it: absent values are left out, not null."""
        permissions = body.get("default_member_permissions")
        place = {"contexts": body.get("contexts")} if guild_id is None else {"guild_id": str(guild_id)}
        return {
            **{key: value for key, value in body.items() if value is not None},
            "id": before["id"] if before else str(self._clock.snowflake()),
            "application_id": str(self._application_id),
            "version": str(self._clock.snowflake()),
            "type": body.get("type") or SLASH,
            "description": body.get("description") or "",
            "nsfw": bool(body.get("nsfw")),
            "integration_types": body.get("integration_types") or [GUILD_INSTALL],
            "default_member_permissions": None if permissions is None else str(permissions),
            **place,
        }


def check_command(body: Command, where: str) -> None:
    """Refuse a command that is above one of Discord's limits."""
    slash = (body.get("type") or SLASH) == SLASH
    if slash:
        _check_named(body, where)
        _check_options(body.get("options") or [], _inside(where, "options"), depth=0)
    elif not 1 <= len(body["name"]) <= 32:
        raise invalid_form(_inside(where, "name"), "Must be between 1 and 32 in length.")
    elif body.get("description") or body.get("options"):
        raise invalid_form(
            _inside(where, "description"), "Context menu commands have no description and no options"
        )
    if _length(body) > TOTAL_LENGTH:
        reason = f"Command exceeds maximum size ({TOTAL_LENGTH})"
        raise invalid_form(where, reason, code="APPLICATION_COMMAND_TOO_LARGE")


def _check_named(item: Command, where: str) -> None:
    name = item["name"]
    if not NAME.fullmatch(name) or name != name.lower():
        raise invalid_form(_inside(where, "name"), f"Command name is invalid: {name!r}")
    if not 1 <= len(item.get("description") or "") <= 100:
        raise invalid_form(_inside(where, "description"), "Must be between 1 and 100 in length.")


def _check_options(options: list[Command], where: str, *, depth: int) -> None:
    if len(options) > OPTIONS:
        raise invalid_form(where, f"Must be {OPTIONS} or fewer in length.")
    if len({option["name"] for option in options}) < len(options):
        raise invalid_form(where, "Option names must be unique")
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        raise invalid_form(where, "Required options must be placed before non-required options")
    for index, option in enumerate(options):
        _check_option(option, f"{where}.{index}", depth=depth)


def _check_option(option: Command, where: str, *, depth: int) -> None:
    _check_named(option, where)
    if option["type"] in (SUBCOMMAND, SUBCOMMAND_GROUP):
        if depth + (option["type"] == SUBCOMMAND) > 2 or (option["type"] == SUBCOMMAND_GROUP and depth > 0):
            raise invalid_form(where, "Subcommands are nested too deep")
        _check_options(option.get("options") or [], _inside(where, "options"), depth=depth + 1)
    choices = option.get("choices") or []
    if len(choices) > CHOICES:
        raise invalid_form(_inside(where, "choices"), f"Must be {CHOICES} or fewer in length.")
    if choices and option.get("autocomplete"):
        raise invalid_form(where, "Options with autocomplete cannot have choices")
    if any(not 1 <= len(choice["name"]) <= 100 or len(str(choice["value"])) > 100 for choice in choices):
        raise invalid_form(_inside(where, "choices"), "Must be between 1 and 100 in length.")


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _length(item: Command) -> int:
    """Characters of names, descriptions and choice values, all levels together."""
    texts = [item["name"], item.get("description") or ""]
    texts += [text for choice in item.get("choices") or [] for text in (choice["name"], str(choice["value"]))]
    return sum(map(len, texts)) + sum(_length(option) for option in item.get("options") or [])
