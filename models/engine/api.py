"""What goes into the engine and what comes out: all that a worker has to know of it. No torch here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from PIL import Image

from core.errors import AtelierError
from core.png import encode_png
from core.recipe import Recipe
from core.request import Request
from core.words import _

#: Makes the preview picture: call it inside `on_progress` or not at all. None where it can't or may not be
#: shown.
Preview = Callable[[], Image.Image | None]
#: Called on the engine's thread after each UNet call: (calls done, calls in all, preview).
#: It must return quickly; what it raises fails its image alone.
OnProgress = Callable[[int, int, Preview], None]


class Flag(Protocol):
    """Anything that can be asked whether it was set, such as a `threading.Event`."""

    def is_set(self) -> bool: ...


class EngineError(AtelierError):
    """Base of what the engine says when an image could not be made: English, and `said` to the member.

    The engine serves many members at once, so what it says is translated by whoever hands it on.
    """

    def __init__(self, message: str, /, **values: object) -> None:
        """
        Args:
            message: a literal within `N_`, whose `{name}` stands for the value of that name.
        """
        self._message = message
        self._values = values
        super().__init__(message.format(**values) if values else message)

    def said(self) -> str:
        """The text in the language that is spoken."""
        return _(self._message, **self._values)


class ImageCancelled(EngineError):
    """The task's `cancelled` flag was set before the image was decoded."""


class ImageBlocked(EngineError):
    """The image was made, and the screen did not let it out; the text is the screen's reason."""


class ImageFailed(EngineError):
    """This image cannot be made: its own row failed. Its companions go on."""


class UnknownModel(EngineError):
    """The engine has no model of this name."""


class DoesNotFit(UnknownModel):
    """What the request adds to its base model was made for another kind of base model."""


class EngineClosed(EngineError):
    """The engine was closed before the image was done; another worker may make it."""


def _ignore_progress(_done: int, _total: int, _preview: Preview) -> None:
    """For tasks that nobody watches."""


@dataclass(frozen=True, kw_only=True)
class DrawnMap:
    """A map or mask that was drawn from a given picture on the way, for the member to see and use again."""

    #: Name of the preprocessor that drew it, or "mask".
    kind: str
    #: 8 bit, RGB or L.
    image: Image.Image


@dataclass(frozen=True, kw_only=True)
class ImageTask:
    """One image of a request."""

    request: Request
    #: Which of the request's images to make, 0-based.
    index: int = 0
    #: Whose it is: where there is not room for all, owners take turns.
    owner: Hashable = None
    #: The stored pictures that the request needs, by their SHA-256.
    inputs: Mapping[str, Image.Image] = field(default_factory=dict)
    #: Recipe of an earlier image whose batch widths are to be met again, for the same bytes.
    replay: Recipe | None = None
    on_progress: OnProgress = _ignore_progress
    cancelled: Flag = field(default_factory=Event)
    #: Maps and masks by what they were drawn from. The images of a job share it, so that each is drawn once.
    drawn: dict[Hashable, DrawnMap] = field(default_factory=dict)
    #: Hand out an image that the screen does not let pass, flagged, in place of ImageBlocked.
    keep_flagged: bool = False


@dataclass(frozen=True, kw_only=True)
class FinishedImage:
    """An image that the screen let out, or that it `flagged`."""

    #: RGB, 8 bit.
    image: Image.Image
    recipe: Recipe
    #: In the order of the request; the same for all images of a request.
    maps: tuple[DrawnMap, ...] = ()
    #: The screen did not let it pass, and the task keeps such images.
    flagged: bool = False

    def png(self) -> bytes:
        """The file to store: the same bytes for the same pixels and recipe."""
        return encode_png(self.image, self.recipe)
