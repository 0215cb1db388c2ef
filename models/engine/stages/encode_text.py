"""Prompt and negative prompt to what the UNet reads."""

from __future__ import annotations

from core.addon_spec import AddonKind
from core.errors import BadOption
from core.needs import embeddings_named_in
from core.prompt.spoken import Spoken, spoken
from core.stages import EncodeText
from models.adapters.laid import laid_over
from models.engine.api import ImageFailed
from models.engine.autoencoder import vae_of
from models.engine.images import ImageRun
from models.engine.inversion import Inversion


def encode_text(run: ImageRun, stage: EncodeText) -> None:
    """Have the image's words ready; they are encoded once a denoise stage tells its number of steps.

    Raises:
        ImageFailed: what was drawn of its choices asks for too much.
        UnknownModel: an adapter or the VAE is not on this machine.
        DoesNotFit: one is for another kind of base model.
    """
    run.prompt = stage
    # One that does not fit is told of before anything is drawn.
    vae_of(run)
    try:
        words = spoken(stage, run.task.request.image_seed(run.task.index))
    except BadOption as refused:
        raise ImageFailed(str(refused)) from refused
    run.text = run.model.encode_prompts(words, run.guided, _inversions(run, words), laid_over(run))


def _inversions(run: ImageRun, words: Spoken) -> list[Inversion]:
    """The textual inversions that the words name, of those that fit the model."""
    if run.addons is None:
        return []
    known = run.addons.specs(AddonKind.EMBEDDING, run)
    names = [spec.name for spec in known if spec.fits(run.model.spec.architecture)]
    said = embeddings_named_in(f"{words.prompt_text}\n{words.negative_text}", names)
    return [run.addon(AddonKind.EMBEDDING, name) for name in said]
