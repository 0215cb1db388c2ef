"""The recipe: all that is needed to make one image again, byte for byte, and nothing else.

It travels in the image's PNG and in the database. It holds no job id and no time, so that a rerun's file
equals the first one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.errors import BadOption
from core.request import Request
from core.stages import Denoise
from core.words import N_, _

#: Raised when a stored recipe's meaning changes.
VERSION = 1

#: Run-length coded batch widths that one denoise stage met: (width, UNet calls in a row at that width).
Widths = tuple[tuple[int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Fingerprint:
    """What, besides the recipe's own values, decides an image's bits."""

    #: torch device type: "cpu", "cuda", "mps".
    device: str
    #: Name of the processor or graphics card.
    hardware: str
    #: Number type of the weights, e.g. "float32".
    dtype: str
    #: Threads that torch computes with on the CPU; they change the order of sums.
    threads: int
    torch: str
    diffusers: str
    transformers: str
    #: Its zlib decides the bytes of the file.
    pillow: str
    #: True where rows were seen to be bitwise independent of their companions at every width this image met.
    #: False: a rerun in other company is near-exact (a few 8-bit values off by one).
    exact: bool
    #: Whether the autoencoder worked tile by tile, for want of memory.
    tiled: bool = False


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one image was made."""

    request: Request
    #: Which of the request's images this is, 0-based.
    image_index: int
    #: Seed of this image.
    seed: int
    #: `ModelSpec.name` and `.weights_hash` at the time.
    model: str
    weights_hash: str
    #: For each denoise stage, the widths that it met; a replay meets the same ones again.
    widths: tuple[Widths, ...]
    fingerprint: Fingerprint
    #: The same for the calls of ControlNets, 0 where there was none; () where no stage has any.
    control_widths: tuple[Widths, ...] = ()
    #: What a captioner said of the picture.
    caption: str = ""

    def to_json(self) -> dict[str, Any]:
        controls = {"control_widths": _widths_to_json(self.control_widths)} if self.control_widths else {}
        return {
            "version": VERSION,
            "request": self.request.to_json(),
            "image_index": self.image_index,
            "seed": self.seed,
            "model": self.model,
            "weights_hash": self.weights_hash,
            "widths": _widths_to_json(self.widths),
            **controls,
            **({"caption": self.caption} if self.caption else {}),
            "fingerprint": asdict(self.fingerprint),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Recipe:
        """Read what `to_json` wrote.

        Raises:
            BadOption: the version or the request cannot be read.
            KeyError, TypeError, ValueError: a field is missing or is no such value.
        """
        if data.get("version") != VERSION:
            raise BadOption(
                "recipe version",
                data.get("version"),
                _("this Atelier reads version {version}.", version=VERSION),
            )
        return cls(
            request=Request.from_json(data["request"]),
            image_index=int(data["image_index"]),
            seed=int(data["seed"]),
            model=str(data["model"]),
            weights_hash=str(data["weights_hash"]),
            widths=_widths_from_json(data["widths"]),
            control_widths=_widths_from_json(data.get("control_widths", [])),
            fingerprint=Fingerprint(**data["fingerprint"]),
            caption=str(data.get("caption", "")),
        )


def _widths_to_json(stages: tuple[Widths, ...]) -> list[list[list[int]]]:
    return [[list(run) for run in stage] for stage in stages]


def _widths_from_json(stages: list[list[list[int]]]) -> tuple[Widths, ...]:
    return tuple(tuple((int(width), int(calls)) for width, calls in stage) for stage in stages)


def drift(original: Recipe, again: Recipe) -> str | None:
    """Why a rerun's file may differ from the original's, in words for its member; None where it can't."""
    weights = _changed_weights(original, again)
    before, now = asdict(original.fingerprint), asdict(again.fingerprint)
    changed = dict.fromkeys(words for name, words in _DRIFTS.items() if before[name] != now[name])
    told = ", ".join(_(words) for words in (*weights, *changed))
    if weights:
        return _("Not an exact rerun: changed since the original: {choices}.", choices=told)
    if changed:
        return _("Near-exact: changed since the original: {choices}.", choices=told)
    if not (original.fingerprint.exact and again.fingerprint.exact):
        return _("Near-exact: on this hardware the last bits depend on what else is being drawn.")
    return None


def _changed_weights(original: Recipe, again: Recipe) -> list[str]:
    """Whose weights are others now: the hashes of the models come first, then those of what was added."""
    if original.weights_hash == again.weights_hash:
        return []
    stages = original.request.stages
    named = {stage.model for stage in stages if isinstance(stage, Denoise) and stage.model is not None}
    models = len(named | {original.request.model}) if original.request.is_drawn else 0
    before, now = original.weights_hash.split("+"), again.weights_hash.split("+")
    changed = {
        N_("the model's weights"): before[:models] != now[:models],
        N_("a LoRA or something else that was added"): before[models:] != now[models:],
    }
    return [words for words, is_so in changed.items() if is_so]


#: What to call the parts of a fingerprint that may change.
_DRIFTS = {
    "device": N_("the hardware"),
    "hardware": N_("the hardware"),
    "dtype": N_("the number type"),
    "threads": N_("the number of threads"),
    "torch": "torch",
    "diffusers": "diffusers",
    "transformers": "transformers",
    "pillow": "Pillow",
    "tiled": N_("how much room there is in memory"),
}
