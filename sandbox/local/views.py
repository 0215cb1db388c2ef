"""What a member sees, with what tests want to know besides."""

from typing import Any

from ..server import Discord
from ..state import EPHEMERAL, LOADING, Interaction, Message


def seen_message(discord: Discord, message: Message) -> dict[str, Any]:
    """A message as Discord shows it, and its history."""
    interaction = message.interaction
    return discord.payloads.message(message) | {
        "ephemeral": bool(message.flags & EPHEMERAL),
        "loading": bool(message.flags & LOADING),
        "created_at": message.created_at,
        "edited_at": message.edited_at,
        "interaction_id": str(interaction.id) if interaction else None,
    }


def seen_interaction(interaction: Interaction) -> dict[str, Any]:
    """What became of an interaction; times are time.monotonic()."""
    return {
        "id": str(interaction.id),
        "kind": interaction.kind,
        "user_id": str(interaction.user_id),
        "channel_id": str(interaction.channel_id),
        "sent_at": interaction.sent_at,
        "acknowledged_at": interaction.acknowledged_at,
        "answer_kind": interaction.answer_kind,
        "message_id": str(interaction.original_id) if interaction.original_id else None,
        "choices": interaction.choices,
        "modal": interaction.modal,
    }
