"""What a job needs of the worker that draws it: models and add-ons, by kind and name.

Words of a prompt that call up textual inversions count too: whoever lacks the file would read them as
ordinary words and draw another picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from core.addon_spec import AddonKind
from core.grid import image_request
from core.request import Request
from core.stages import Caption, Denoise, EncodeText, MakeMask, RestoreFaces, Stage, Upscale
from core.words import N_, _

#: The kind of a base model or a refiner, beside those of AddonKind.
MODEL = "model"

#: What members call each kind.
KIND_WORDS = {
    MODEL: N_("model"),
    AddonKind.CONTROLNET: N_("ControlNet"),
    AddonKind.PREPROCESSOR: N_("preprocessor"),
    AddonKind.IP_ADAPTER: N_("IP-Adapter"),
    AddonKind.MASKER: N_("finder of things"),
    AddonKind.LORA: N_("LoRA"),
    AddonKind.EMBEDDING: N_("embedding"),
    AddonKind.UPSCALER: N_("upscaler"),
    AddonKind.FACE_RESTORER: N_("face restorer"),
    AddonKind.CAPTIONER: N_("captioner"),
    AddonKind.VAE: N_("VAE"),
}

#: The commands' option that names one, where there is such an option.
KIND_OPTIONS = {
    AddonKind.CONTROLNET: "control",
    AddonKind.UPSCALER: "upscaler",
    AddonKind.FACE_RESTORER: "restorer",
}


@dataclass(frozen=True, kw_only=True)
class Need:
    #: MODEL, or an AddonKind; LORA stands for all that lies over a model's weights.
    kind: str
    name: str
    #: Of the largest picture that a model is called for. The same need is the same, whatever its pixels.
    pixels: int = field(default=0, compare=False)

    @property
    def words(self) -> str:
        """For a member, e.g. "LoRA ink"."""
        return f"{_(KIND_WORDS[self.kind])} {self.name}"


def needs_of(request: Request, embeddings: Iterable[str] = ()) -> frozenset[Need]:
    """Everything without which the request can't be drawn as it is meant.

    Args:
        embeddings: names of the textual inversions that there are.
    """
    models = (Need(kind=MODEL, name=name, pixels=pixels) for name, pixels in models_called(request).items())
    return frozenset((*models, *_needs(request, embeddings)))


def models_called(request: Request) -> dict[str, int]:
    """The models that draw a request, and the pixels of the largest picture that each is called for."""
    most = {image.model: 0 for image in _images(request) if image.model}
    for image in _images(request):
        for stage in image.stages:
            if isinstance(stage, Denoise):
                name = stage.model or image.model
                most[name] = max(most.get(name, 0), stage.call_pixels)
    return most


def _needs(request: Request, embeddings: Iterable[str]) -> Iterator[Need]:
    for image in _images(request):
        if image.vae is not None:
            yield Need(kind=AddonKind.VAE, name=image.vae)
        for adapter in image.adapters:
            yield Need(kind=AddonKind.LORA, name=adapter.name)
        for stage in image.stages:
            yield from needs_of_stage(stage)
    for name in embeddings_named_in(_all_words(request), embeddings) if request.model else ():
        yield Need(kind=AddonKind.EMBEDDING, name=name)


def needs_of_stage(stage: Stage) -> Iterator[Need]:
    """What one stage needs besides models."""
    if isinstance(stage, Denoise):
        for unit in stage.controls:
            yield Need(kind=AddonKind.CONTROLNET, name=unit.model)
            if unit.preprocessor is not None:
                yield Need(kind=AddonKind.PREPROCESSOR, name=unit.preprocessor)
        for reference in stage.references:
            yield Need(kind=AddonKind.IP_ADAPTER, name=reference.model)
    elif isinstance(stage, MakeMask):
        yield Need(kind=AddonKind.MASKER, name=stage.masker)
    elif isinstance(stage, Upscale):
        yield Need(kind=AddonKind.UPSCALER, name=stage.upscaler)
    elif isinstance(stage, RestoreFaces):
        yield Need(kind=AddonKind.FACE_RESTORER, name=stage.restorer)
    elif isinstance(stage, Caption):
        yield Need(kind=AddonKind.CAPTIONER, name=stage.captioner)


def _all_words(request: Request) -> str:
    """Prompts and negative prompts of all images, their choices undrawn."""
    texts = [stage for image in _images(request) for stage in image.stages if isinstance(stage, EncodeText)]
    return "\n".join(f"{text.prompt}\n{text.negative_prompt}" for text in texts)


def _images(request: Request) -> list[Request]:
    """The images that need different things: a grid's."""
    return [image_request(request, index) for index in range(request.count)] if request.axes else [request]


def embeddings_named_in(text: str, names: Iterable[str]) -> list[str]:
    """Which of the names a text says."""
    known = {embedding_key(name): name for name in names}
    said = {embedding_key(found[0]) for found in embedding_pattern(frozenset(known)).finditer(text)}
    return sorted(known[name] for name in said)


@cache
def embedding_pattern(keys: frozenset[str]) -> re.Pattern[str]:
    """A name as a word of its own, or as diffusers spells it, in pointed brackets."""
    if not keys:
        return re.compile(r"(?!)")
    # Otherwise "ink" would be found in "ink-wash".
    longest_first = sorted(keys, key=len, reverse=True)
    either = "|".join("[-_]+".join(map(re.escape, name.split("-"))) for name in longest_first)
    return re.compile(rf"<(?:{either})>|(?<![\w-])(?:{either})(?![\w-])", re.IGNORECASE)


def embedding_key(name: str) -> str:
    """Files and catalogue may spell a name with capitals or with underscores."""
    return re.sub("[-_]+", "-", name.strip("<>").casefold())
