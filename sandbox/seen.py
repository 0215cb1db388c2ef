"""What a member sees, as the client hands it over."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SeenMessage:
    """A message as one member sees it."""

    id: int
    channel_id: int
    author: str
    author_is_bot: bool
    content: str
    embeds: list[Json]
    components: list[Json]
    attachments: list[Json]  # Discord's own form: id, filename, size, url, content_type, width, height
    reactions: list[Json]
    mentions: list[int]
    mentions_everyone: bool
    ephemeral: bool
    loading: bool
    nonce: str | None
    interaction_id: int | None
    reply_to: int | None
    created_at: float
    edited_at: list[float]  # one entry an edit

    @property
    def buttons(self) -> list[Json]:
        """The buttons in their rows' order."""
        rows = [part for row in self.components for part in row.get("components", [row])]
        return [part for part in rows if part["type"] == 2]

    @property
    def text(self) -> str:
        """Content and embeds as one text, to search in."""
        parts: list[str | None] = [self.content]
        for embed in self.embeds:
            parts += [embed.get("title"), embed.get("description")]
            parts.append((embed.get("footer") or {}).get("text"))
            parts += [text for item in embed.get("fields", []) for text in (item["name"], item["value"])]
        return "\n".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class SeenInteraction:
    """What became of something that a member asked."""

    id: int
    sent_at: float
    acknowledged_at: float | None
    answer_kind: int | None  # 4 message, 5 deferred message, 6 deferred update, 7 update, 8 choices, 9 modal
    thinks: bool  # the answer is a deferred message that shows nothing yet
    message_id: int | None
    choices: list[Json] | None
    modal: Json | None

    @property
    def ack_latency_s(self) -> float | None:
        """From the event sent to the bot until its first answer arrived."""
        return None if self.acknowledged_at is None else self.acknowledged_at - self.sent_at


def read_message(seen: Json) -> SeenMessage:
    """A message as the members' API shows it."""
    reply_to = (seen.get("message_reference") or {}).get("message_id")
    return SeenMessage(
        id=int(seen["id"]),
        channel_id=int(seen["channel_id"]),
        author=seen["author"]["username"],
        author_is_bot=seen["author"]["bot"],
        reactions=seen.get("reactions", []),
        mentions=[int(user["id"]) for user in seen["mentions"]],
        mentions_everyone=seen["mention_everyone"],
        nonce=seen.get("nonce"),
        interaction_id=_optional_id(seen["interaction_id"]),
        reply_to=_optional_id(reply_to),
        **{name: seen[name] for name in ("content", "embeds", "components", "attachments")},
        **{name: seen[name] for name in ("ephemeral", "loading", "created_at", "edited_at")},
    )


def read_interaction(seen: Json) -> SeenInteraction:
    """An interaction as the members' API shows it."""
    return SeenInteraction(
        id=int(seen["id"]),
        message_id=_optional_id(seen["message_id"]),
        **{name: seen[name] for name in ("sent_at", "acknowledged_at", "answer_kind", "thinks")},
        **{name: seen[name] for name in ("choices", "modal")},
    )


def _optional_id(text: str | None) -> int | None:
    return None if text is None else int(text)
