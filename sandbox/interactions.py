"""Interactions: asked by a member, acknowledged within 3 seconds, answered for 15 minutes."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from .announcer import Announce
from .chat import Chat, Files
from .clock import Clock
from .components import as_returned
from .errors import DiscordError, invalid_form, unknown
from .limits import check_components
from .payloads import MODAL_SUBMIT, Payloads
from .state import EPHEMERAL, LOADING, Channel, Interaction, Message, World

ANSWER_WITHIN_S = 3.0
TOKEN_LIFE_S = 15 * 60.0
CHOICES = 25
# The answers a bot may give.
PONG, MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES_ANSWER, MODAL = 1, 4, 5, 6, 7, 8, 9
AUTOCOMPLETE = 4


class Interactions:
    """Starts interactions and takes the bot's answers."""

    def __init__(
        self, *, world: World, clock: Clock, chat: Chat, payloads: Payloads, announce: Announce
    ) -> None:
        self._world = world
        self._clock = clock
        self._chat = chat
        self._payloads = payloads
        self._announce = announce

    def start(
        self,
        kind: int,
        user_id: int,
        channel: Channel,
        data: dict[str, Any],
        *,
        source: Message | None = None,
        parent: Interaction | None = None,
    ) -> Interaction:
        """Tell the bot that a member used a command, a component or a modal."""
        interaction = Interaction(
            id=self._clock.snowflake(),
            token=secrets.token_urlsafe(120),
            kind=kind,
            user_id=user_id,
            channel_id=channel.id,
            guild_id=channel.guild_id,
            data=data,
            sent=self._clock.now(),
            sent_at=time.monotonic(),
            source_id=source.id if source else None,
            parent=parent,
        )
        self._world.interactions[interaction.id] = interaction
        self._world.tokens[interaction.token] = interaction
        self._announce("INTERACTION_CREATE", self._payloads.interaction(interaction, message=source))
        return interaction

    def answer(
        self, interaction_id: int, token: str, body: Mapping[str, Any], files: Files
    ) -> dict[str, Any]:
        """Take the bot's first answer; return what with_response=1 shows."""
        interaction = self._world.interactions.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise unknown("interaction")
        if interaction.acknowledged_at is not None:
            raise DiscordError(400, 40060, "Interaction has already been acknowledged.")
        if self._clock.now() > interaction.sent + ANSWER_WITHIN_S:
            raise unknown("interaction")
        kind, data = int(body["type"]), body.get("data") or {}
        message = self._take(interaction, kind, data, files)
        interaction.answer_kind = kind
        interaction.original_id = message.id if message else interaction.source_id
        interaction.acknowledged_at = time.monotonic()
        self._announce("INTERACTION_ANSWERED", {"id": str(interaction.id)}, only=(interaction.user_id,))
        return self._payloads.callback(interaction, message, shown=kind in (MESSAGE, UPDATE))

    def by_token(self, application_id: int, token: str) -> Interaction:
        """The interaction that a follow-up belongs to, while its token lives."""
        interaction = self._world.tokens.get(token)
        if interaction is None or application_id != self._world.bot.id:
            raise unknown("Webhook")
        if self._clock.now() > interaction.sent + TOKEN_LIFE_S:
            raise DiscordError(401, 50027, "Invalid Webhook Token")
        if interaction.acknowledged_at is None:
            raise unknown("Webhook")
        if interaction.channel_id not in self._world.channels:
            raise unknown("Channel")
        return interaction

    def message(self, interaction: Interaction, message_id: int | None) -> Message:
        """A message of this interaction: its first answer (None), or one of its follow-ups."""
        wanted = interaction.original_id if message_id is None else message_id
        found = self._world.channels[interaction.channel_id].messages.get(wanted or 0)
        if found is None or not (found.interaction is interaction or found.id == interaction.original_id):
            raise unknown("Message")
        return found

    def follow_up(self, interaction: Interaction, body: Mapping[str, Any], files: Files) -> Message:
        """A further message; the first one after a deferred answer takes its place, as on Discord."""
        channel = self._world.channels[interaction.channel_id]
        original = channel.messages.get(interaction.original_id or 0)
        if interaction.answer_kind == DEFERRED_MESSAGE and original is not None and original.flags & LOADING:
            return self._chat.edit(channel, original, body, files)
        return self._chat.post(
            channel, self._world.bot.id, body, files, interaction=interaction, followup=original is not None
        )

    def _take(
        self, interaction: Interaction, kind: int, data: Mapping[str, Any], files: Files
    ) -> Message | None:
        if (interaction.kind == AUTOCOMPLETE) != (kind == CHOICES_ANSWER):
            raise invalid_form("type", "This interaction cannot be answered in this way")
        if kind in (MESSAGE, DEFERRED_MESSAGE):
            return self._take_message(interaction, kind, data, files)
        if kind in (DEFERRED_UPDATE, UPDATE):
            return self._take_update(interaction, kind, data, files)
        if kind == MODAL:
            self._take_modal(interaction, data)
        elif kind == CHOICES_ANSWER:
            choices = list(data.get("choices") or [])
            if len(choices) > CHOICES:
                raise invalid_form("data.choices", f"Must be {CHOICES} or fewer in length.")
            interaction.choices = choices
        elif kind != PONG:
            raise invalid_form("type", f"{kind} is no interaction callback type")
        return None

    def _take_message(
        self, interaction: Interaction, kind: int, data: Mapping[str, Any], files: Files
    ) -> Message:
        channel = self._world.channels[interaction.channel_id]
        body = data if kind == MESSAGE else {"flags": (data.get("flags") or 0) & EPHEMERAL}
        flags = LOADING if kind == DEFERRED_MESSAGE else 0
        return self._chat.post(channel, self._world.bot.id, body, files, interaction=interaction, flags=flags)

    def _take_update(
        self, interaction: Interaction, kind: int, data: Mapping[str, Any], files: Files
    ) -> Message | None:
        channel = self._world.channels[interaction.channel_id]
        source = channel.messages.get(interaction.source_id or 0)
        if source is None:
            raise invalid_form("type", "There is no message to update")
        return self._chat.edit(channel, source, data, files) if kind == UPDATE else source

    def _take_modal(self, interaction: Interaction, data: Mapping[str, Any]) -> None:
        if interaction.kind == MODAL_SUBMIT:
            raise invalid_form("type", "A modal cannot be answered with a modal")
        components = list(data.get("components") or [])
        check_components(components, v2=False)
        if not 1 <= len(components) <= 5:
            raise invalid_form("data.components", "Must be between 1 and 5 in length.")
        for field, most in (("title", 45), ("custom_id", 100)):
            if not 1 <= len(data.get(field) or "") <= most:
                raise invalid_form(f"data.{field}", f"Must be between 1 and {most} in length.")
        interaction.modal = {**data, "components": as_returned(components)}
