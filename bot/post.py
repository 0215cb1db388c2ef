"""What a message is to show, whole: an edit always carries everything, so that repeating it is harmless."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import discord


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A file to attach."""

    name: str
    data: bytes
    #: Alt text for those who can't see it.
    description: str
    #: Shown blurred until it is clicked.
    spoiler: bool = False

    def file(self) -> discord.File:
        """A fresh file object; one is used up by each request."""
        return discord.File(
            io.BytesIO(self.data), self.name, description=self.description[:1024], spoiler=self.spoiler
        )


@dataclass(frozen=True, kw_only=True)
class Post:
    content: str
    pictures: tuple[Picture, ...] = ()
    view: discord.ui.View | None = None
    #: The member whom a new message notifies; mentions notify nobody otherwise.
    notifies: int | None = None

    def for_edit(self) -> dict[str, Any]:
        """Arguments of an edit; what the message showed before goes away."""
        files = [picture.file() for picture in self.pictures]
        return {"content": self.content, "attachments": files, "view": self.view}

    def for_send(self) -> dict[str, Any]:
        """Arguments of a new message."""
        arguments: dict[str, Any] = {"content": self.content}
        if self.pictures:
            arguments["files"] = [picture.file() for picture in self.pictures]
        if self.view is not None:
            arguments["view"] = self.view
        if self.notifies is not None:
            arguments["allowed_mentions"] = discord.AllowedMentions(users=[discord.Object(self.notifies)])
        return arguments
