"""The errors that cross Atelier's parts: each class says what happened, its text says what would do."""

from __future__ import annotations

from core.words import _, ngettext, pgettext


class AtelierError(Exception):
    """Base of every error that Atelier raises on purpose."""


class Refusal(AtelierError):
    """A person asked for something that cannot be done; nothing was charged and no job was made.

    The text names the option, the value and what would do, and is shown to the member as it is.
    """


class BadOption(Refusal):
    """One option's value is not allowed."""

    def __init__(self, option: str, value: object, allowed: str) -> None:
        self.option = option
        self.value = value
        self.allowed = allowed
        # As Discord shows the option, where it is one of a command.
        shown = pgettext("command", option)
        super().__init__(
            _(
                "**{option}** can't be {value}: {allowed}",
                option=shown if shown != option else _(option),
                value=_quoted(value),
                allowed=allowed,
            )
        )


class NotAllowed(Refusal):
    """The person may not do this here."""


class NotFound(Refusal):
    """The job, image or object does not exist (any more)."""


class NotEnoughCredits(Refusal):
    """The account holds less than the job costs."""

    def __init__(self, price: int, balance: int) -> None:
        self.price = price
        self.balance = balance
        super().__init__(
            ngettext(
                "This costs {number} credit and you have {balance}. A smaller size or count costs less.",
                "This costs {number} credits and you have {balance}. A smaller size or count costs less.",
                price,
                balance=balance,
            )
        )


class AsksFirst(Refusal):
    """It costs so much that the person is asked before it is made."""

    def __init__(self, price: int, balance: int) -> None:
        self.price = price
        super().__init__(
            ngettext(
                "This costs {number} credit of your {balance}. Press the button if that is meant.",
                "This costs {number} credits of your {balance}. Press the button if that is meant.",
                price,
                balance=balance,
            )
        )


class StorageError(AtelierError):
    """The object store failed; the operation may be tried again."""


class ObjectMissing(StorageError):
    """No object has this key."""


class SettingsError(AtelierError):
    """A setting is missing or wrong; the text names it."""


def _quoted(value: object) -> str:
    text = str(value)
    shown = text if len(text) <= 60 else text[:57] + "..."
    # Backticks would end the code span that keeps Discord from reading the value as markup.
    return "`" + (shown.replace("`", "'") or " ") + "`"
