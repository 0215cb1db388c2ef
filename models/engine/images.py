"""An image on its way through the engine, stage by stage."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

import torch
from PIL import Image

from core.addon_spec import AddonKind
from core.model_spec import ModelSpec
from core.recipe import Recipe, Widths
from core.stages import MADE_MASK, Denoise, EncodeText, Stage
from core.words import N_
from models.engine.api import DrawnMap, FinishedImage, ImageFailed, ImageTask, UnknownModel
from models.engine.fingerprint import fingerprint
from models.engine.model import LoadedModel
from models.engine.prompts import Prompts
from models.plans import MemoryPlan

if TYPE_CHECKING:
    from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution

    from models.engine.addons import Addons, Loaded


@dataclass(kw_only=True, eq=False)
class ImageRun:
    """What the stages of one image hand on to each other."""

    task: ImageTask
    future: Future[FinishedImage]
    #: Stages still to run, the current one first.
    stages: deque[Stage]
    #: What is left of the current one, where it was begun and comes in slices.
    slices: Iterator[None] | None = None
    #: Noise of this image, drawn on the CPU so that every device starts from the same.
    generator: torch.Generator
    #: The model of the current stage, once it is in memory.
    loaded: LoadedModel | None = None
    #: `time.monotonic()` since when it waits for its model.
    waits_since: float = field(default_factory=monotonic)
    #: The text stage that `text` came from; another model encodes it anew.
    prompt: EncodeText | None = None
    text: Prompts | None = None
    #: The picture that was encoded, of (width, height) pixels, RGB; and what the autoencoder made of it.
    source: Image.Image | None = None
    posterior: DiagonalGaussianDistribution | None = None
    #: (1, 4, height / 8, width / 8) once denoised; None where a `source` was encoded and is still unchanged.
    latents: torch.Tensor | None = None
    image: Image.Image | None = None
    #: What a captioner said of it.
    caption: str = ""
    #: UNet calls done in earlier denoise stages, as `Request.unet_calls` counts them.
    calls_done: int = 0
    #: Widths that each finished denoise stage met.
    widths: list[Widths] = field(default_factory=list)
    #: False as soon as a call ran at a width where rows were not seen to be independent.
    exact: bool = True
    #: Whether the autoencoder worked tile by tile.
    tiled: bool = False
    #: The models that took part, in order.
    specs: dict[str, ModelSpec] = field(default_factory=dict)
    #: Where add-ons come from; those that this image has until it is done, and the hashes of those that took
    #: part, by kind and name.
    addons: Addons | None = None
    held: dict[tuple[AddonKind, str], Loaded] = field(default_factory=dict)
    addon_hashes: dict[str, str] = field(default_factory=dict)
    #: Maps and masks that were drawn on the way, by what they were drawn from.
    maps: dict[Hashable, DrawnMap] = field(default_factory=dict)
    #: The mask that a MakeMask stage made.
    made_mask: Image.Image | None = None
    #: Widths that the ControlNets of each finished denoise stage were called at, 0 where they were not.
    control_widths: list[Widths] = field(default_factory=list)

    @property
    def model(self) -> LoadedModel:
        if self.loaded is None:
            raise RuntimeError("the image still waits for its model")
        return self.loaded

    @property
    def needs(self) -> str:
        """Name of the model that the current stage runs on; "" where any does."""
        request = self.task.request
        if self.stages and isinstance(self.stages[0], Denoise):
            return self.stages[0].model or request.model
        return request.model if self.loaded is None else self.loaded.spec.name

    @property
    def guided(self) -> bool:
        """Whether any stage needs the negative prompt."""
        return any(stage.guidance_scale > 1 for stage in self._denoise_stages())

    @property
    def pixels(self) -> int:
        """Of the largest picture that the UNet is called for."""
        return max((stage.call_pixels for stage in self._denoise_stages()), default=0)

    def working(self, plan: MemoryPlan | None) -> int:
        """Bytes that its calls take besides the weights of a model of this plan, as far as is known."""
        whole = max((stage.width * stage.height for stage in self._denoise_stages()), default=0)
        return 0 if plan is None else plan.working(self.pixels, whole)

    @property
    def tiling(self) -> bool:
        """Whether the picture's edges are to fit together."""
        return any(stage.tiling for stage in self._denoise_stages())

    def enter(self, model: LoadedModel) -> None:
        """Take the model that the current stage waited for; the text is encoded anew for another one."""
        if self.prompt is not None:
            self.stages.appendleft(self.prompt)
        self.loaded = model
        if self.task.request.model:
            self.specs[model.spec.name] = model.spec

    def leave(self) -> None:
        """Let go of the model and wait for another."""
        self.loaded = None
        self.waits_since = monotonic()

    def picture(self, sha256: str | None) -> Image.Image:
        """A given picture by its name, or the picture so far (None).

        Raises:
            ImageFailed: there is no such picture.
        """
        if sha256 is None:
            if self.image is None:
                raise ImageFailed(N_("This request uses its picture before there is one."))
            return self.image
        if sha256 == MADE_MASK and self.made_mask is not None:
            return self.made_mask
        if sha256 not in self.task.inputs:
            raise ImageFailed(N_("A picture that this request needs is no longer stored."))
        return self.task.inputs[sha256]

    def addon(self, kind: AddonKind, name: str) -> Any:
        """An add-on in memory, such as a ControlNet. Raises UnknownModel where there is none of this name."""
        if self.addons is None:
            raise UnknownModel(N_("There is no {kind} {name} on this machine."), kind=kind, name=name)
        return self.addons.get(kind, name, self)

    def draw_once(self, key: Hashable, kind: str, draw: Callable[[], Image.Image]) -> Image.Image:
        """A map or mask for the member to see, drawn by the first image of the job that needs it.

        Args:
            key: everything that it depends on.
        """
        if key not in self.task.drawn:
            self.task.drawn[key] = DrawnMap(kind=kind, image=draw())
        self.maps[key] = self.task.drawn[key]
        return self.maps[key].image

    def source_latents(self) -> torch.Tensor:
        """The latents so far, drawn from the encoded picture's distribution if that is all there is.

        Raises:
            ImageFailed: there are none.
        """
        if self.latents is not None:
            return self.latents
        if self.posterior is None:
            raise ImageFailed(N_("This request changes a picture before there is one."))
        return self.model.scaling_factor * self.posterior.sample(self.generator)

    def pinned_widths(self) -> Widths | None:
        """The widths that the coming denoise stage has to meet again; None where it is free."""
        replay = self.task.replay
        if replay is None or len(self.widths) >= len(replay.widths):
            return None
        return replay.widths[len(self.widths)]

    def pinned_control_widths(self) -> Widths | None:
        """The same for the calls of its ControlNets."""
        replay = self.task.replay
        if replay is None or len(self.control_widths) >= len(replay.control_widths):
            return None
        return replay.control_widths[len(self.control_widths)]

    def recipe(self) -> Recipe:
        request = self.task.request
        return Recipe(
            request=request,
            image_index=self.task.index,
            seed=request.image_seed(self.task.index),
            model=request.model,
            weights_hash="+".join([*(spec.weights_hash for spec in self.specs.values()), *_known(self)]),
            widths=tuple(self.widths),
            control_widths=tuple(self.control_widths) if any(self.control_widths) else (),
            caption=self.caption,
            fingerprint=fingerprint(self.model.device, self.model.dtype, exact=self.exact, tiled=self.tiled),
        )

    def _denoise_stages(self) -> list[Denoise]:
        return [stage for stage in self.task.request.stages if isinstance(stage, Denoise)]


def _known(run: ImageRun) -> list[str]:
    """Hashes of the add-ons, in an order that does not depend on which was needed first."""
    return [digest for _, digest in sorted(run.addon_hashes.items()) if digest]


def start_run(task: ImageTask, future: Future[FinishedImage]) -> ImageRun:
    """An image that waits for its model."""
    request = task.request
    seed = request.image_seed(task.index)
    # Without a model nothing is drawn by the words: they are there to be told.
    told = () if request.model else (EncodeText,)
    run = ImageRun(
        task=task,
        future=future,
        stages=deque(stage for stage in request.stages if not isinstance(stage, told)),
        generator=torch.Generator().manual_seed(seed),
    )
    # Whoever still refers to an image that is done keeps no add-on in memory by it.
    held = run.held
    future.add_done_callback(lambda _: held.clear())
    return run
