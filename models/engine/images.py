"""An image on its way through the engine, stage by stage."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

import torch
from PIL import Image

from core.model_spec import ModelSpec
from core.recipe import Recipe, Widths
from core.stages import Denoise, EncodeText, Stage
from models.engine.api import FinishedImage, ImageFailed, ImageTask
from models.engine.fingerprint import fingerprint
from models.engine.model import LoadedModel
from models.engine.prompts import Prompts

if TYPE_CHECKING:
    from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution


@dataclass(kw_only=True, eq=False)
class ImageRun:
    """What the stages of one image hand on to each other."""

    task: ImageTask
    future: Future[FinishedImage]
    #: Stages still to run, the current one first.
    stages: deque[Stage]
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
    #: UNet calls done in earlier denoise stages, as `Request.unet_calls` counts them.
    calls_done: int = 0
    #: Widths that each finished denoise stage met.
    widths: list[Widths] = field(default_factory=list)
    #: False as soon as a call ran at a width where rows were not seen to be independent.
    exact: bool = True
    #: The models that took part, in order.
    specs: dict[str, ModelSpec] = field(default_factory=dict)

    @property
    def model(self) -> LoadedModel:
        if self.loaded is None:
            raise RuntimeError("the image still waits for its model")
        return self.loaded

    @property
    def needs(self) -> str:
        """Name of the model that the current stage runs on."""
        request = self.task.request
        if self.stages and isinstance(self.stages[0], Denoise):
            return self.stages[0].model or request.model
        return request.model if self.loaded is None else self.loaded.spec.name

    @property
    def guided(self) -> bool:
        """Whether any stage needs the negative prompt."""
        return any(stage.guidance_scale > 1 for stage in self._denoise_stages())

    @property
    def tiling(self) -> bool:
        """Whether the picture's edges are to fit together."""
        return any(stage.tiling for stage in self._denoise_stages())

    def enter(self, model: LoadedModel) -> None:
        """Take the model that the current stage waited for; the text is encoded anew for another one."""
        if self.prompt is not None:
            self.stages.appendleft(self.prompt)
        self.loaded = model
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
                raise ImageFailed("This request uses its picture before there is one.")
            return self.image
        if sha256 not in self.task.inputs:
            raise ImageFailed("A picture that this request needs is no longer stored.")
        return self.task.inputs[sha256]

    def source_latents(self) -> torch.Tensor:
        """The latents so far, drawn from the encoded picture's distribution if that is all there is.

        Raises:
            ImageFailed: there are none.
        """
        if self.latents is not None:
            return self.latents
        if self.posterior is None:
            raise ImageFailed("This request changes a picture before there is one.")
        return self.model.vae.config.scaling_factor * self.posterior.sample(self.generator)

    def pinned_widths(self) -> Widths | None:
        """The widths that the coming denoise stage has to meet again; None where it is free."""
        replay = self.task.replay
        if replay is None or len(self.widths) >= len(replay.widths):
            return None
        return replay.widths[len(self.widths)]

    def recipe(self) -> Recipe:
        request = self.task.request
        return Recipe(
            request=request,
            image_index=self.task.index,
            seed=request.image_seed(self.task.index),
            model=request.model,
            weights_hash="+".join(spec.weights_hash for spec in self.specs.values()),
            widths=tuple(self.widths),
            fingerprint=fingerprint(self.model.device, self.model.dtype, exact=self.exact),
        )

    def _denoise_stages(self) -> list[Denoise]:
        return [stage for stage in self.task.request.stages if isinstance(stage, Denoise)]


def start_run(task: ImageTask, future: Future[FinishedImage]) -> ImageRun:
    """An image that waits for its model."""
    seed = task.request.image_seed(task.index)
    return ImageRun(
        task=task,
        future=future,
        stages=deque(task.request.stages),
        generator=torch.Generator().manual_seed(seed),
    )
