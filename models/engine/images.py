"""An image on its way through the engine, stage by stage."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from time import monotonic

import torch
from PIL import Image

from core.recipe import Recipe, Widths
from core.stages import Denoise, Stage
from models.engine.api import FinishedImage, ImageTask
from models.engine.fingerprint import fingerprint
from models.engine.model import LoadedModel


@dataclass(frozen=True, kw_only=True)
class TextEmbeddings:
    """A prompt as the UNet reads it; each (1, tokens, hidden)."""

    positive: torch.Tensor
    #: None without guidance.
    negative: torch.Tensor | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Submission:
    """An image that waits for its model."""

    task: ImageTask
    future: Future[FinishedImage]
    #: `time.monotonic()` of its coming.
    submitted: float = field(default_factory=monotonic)


@dataclass(kw_only=True, eq=False)
class ImageRun:
    """What the stages of one image hand on to each other."""

    task: ImageTask
    future: Future[FinishedImage]
    model: LoadedModel
    #: Stages still to run, the current one first.
    stages: deque[Stage]
    #: Noise of this image, drawn on the CPU so that every device starts from the same.
    generator: torch.Generator
    text: TextEmbeddings | None = None
    #: (1, 4, height / 8, width / 8) once denoised.
    latents: torch.Tensor | None = None
    image: Image.Image | None = None
    #: UNet calls done, over all denoise stages.
    calls_done: int = 0
    #: Widths that each finished denoise stage met.
    widths: list[Widths] = field(default_factory=list)
    #: False as soon as a call ran at a width where rows were not seen to be independent.
    exact: bool = True

    @property
    def guided(self) -> bool:
        """Whether any stage needs the negative prompt."""
        return any(is_guided(stage) for stage in self.task.request.stages if isinstance(stage, Denoise))

    def pinned_widths(self) -> Widths | None:
        """The widths that the coming denoise stage has to meet again; None where it is free."""
        replay = self.task.replay
        if replay is None or len(self.widths) >= len(replay.widths):
            return None
        return replay.widths[len(self.widths)]

    def recipe(self) -> Recipe:
        request, spec = self.task.request, self.model.spec
        return Recipe(
            request=request,
            image_index=self.task.index,
            seed=request.image_seed(self.task.index),
            model=spec.name,
            weights_hash=spec.weights_hash,
            widths=tuple(self.widths),
            fingerprint=fingerprint(self.model.device, self.model.dtype, exact=self.exact),
        )


def start_run(submission: Submission, model: LoadedModel) -> ImageRun:
    task = submission.task
    return ImageRun(
        task=task,
        future=submission.future,
        model=model,
        stages=deque(task.request.stages),
        generator=torch.Generator().manual_seed(task.request.image_seed(task.index)),
    )


def is_guided(stage: Denoise) -> bool:
    """Guidance at a scale of 1 changes nothing, so that it is left out, as diffusers does."""
    return stage.guidance_scale > 1
