"""What Discord allows, where several doors heed it."""

from __future__ import annotations

from discord import app_commands

#: Choices of a menu, and of what is offered while somebody types.
MOST_CHOICES = 25
#: Buttons of a message: five rows of five.
MOST_BUTTONS = 5 * 5

#: A job's id as an option; whoever types another is told that there is no such picture.
Id = app_commands.Range[str, 1, 40]
