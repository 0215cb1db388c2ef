"""Cheap pictures of unfinished latents.

The VAE is far too slow to decode at every step. Where a tiny autoencoder lies in `preview-vae/`, it shows the
latents. Else a linear map from each 3x3 neighbourhood of latents to the square of pixels in its middle is
fitted to the VAE once for each model, by least squares on a few drawn pictures: it takes about a millisecond
and shows shapes and colours well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as functional
from diffusers.models import AutoencoderKL, AutoencoderTiny
from PIL import Image

from core.addon_spec import AddonKind
from models.engine.autoencoder import to_picture, vae_of
from models.engine.images import ImageRun
from models.engine.model import LoadedModel
from models.engine.placement import Part
from models.files.preview_vae import shows
from models.safety import Verdict

#: The linear map is fitted to so many pictures, of at most this side in pixels.
_PICTURES = 4
_MAX_SIDE = 256
#: Longest side of the latents that are shown: larger ones are shrunk, or the preview of a large picture would
#: take seconds of the engine's thread, and memory that no plan counts.
_SHOWN_SIDE = 64


@dataclass(frozen=True, kw_only=True)
class LinearDecoder:
    """Latents to pixels by one convolution."""

    #: (3 * factor^2, channels, 3, 3)
    weight: torch.Tensor
    #: (3 * factor^2,)
    bias: torch.Tensor
    factor: int

    def decode(self, latents: torch.Tensor) -> Image.Image:
        """Latents (1, channels, h, w) to a picture of (w * factor, h * factor) pixels."""
        padded = functional.pad(latents.float(), (1, 1, 1, 1), mode="replicate")
        squares = functional.conv2d(padded, self.weight, self.bias)
        return to_picture(functional.pixel_shuffle(squares, self.factor))


class Previews:
    """Preview pictures that passed the screen; one fitted decoder for each autoencoder in memory."""

    def __init__(self, verdict: Callable[[LoadedModel, Image.Image], Verdict]) -> None:
        self._verdict = verdict
        self._decoders: WeakKeyDictionary[AutoencoderKL, LinearDecoder] = WeakKeyDictionary()

    def of(self, run: ImageRun, latents: torch.Tensor) -> Image.Image | None:
        """The image's latents (1, channels, h, w) as a picture; None where it may not be shown.

        Latents of more than 64 on a side make a picture of that size, smaller than the finished one.
        """
        latents = _shrunk(latents)
        tiny = tiny_autoencoder_of(run)
        if tiny is not None:
            picture = to_picture(tiny.decode(latents.to(tiny.dtype), return_dict=False)[0])
        else:
            picture = self._linear_decoder(run.model, vae_of(run)).decode(latents)
        return picture if self._verdict(run.model, picture).allowed else None

    def _linear_decoder(self, model: LoadedModel, vae: AutoencoderKL) -> LinearDecoder:
        """`vae`: the model's own, or the one that is used in its place."""
        decoder = self._decoders.get(vae)
        if decoder is None:
            decoder = self._decoders[vae] = fit_linear_decoder(model, vae)
        return decoder


def _shrunk(latents: torch.Tensor) -> torch.Tensor:
    """Latents (1, channels, h, w) with neither side longer than what is shown, in their own shape."""
    share = _SHOWN_SIDE / max(latents.shape[2:])
    if share >= 1:
        return latents
    size = [max(1, round(side * share)) for side in latents.shape[2:]]
    # On the processor: Apple's devices average over even shares alone.
    return functional.interpolate(latents.float().cpu(), size=size, mode="area").to(latents.device)


def tiny_autoencoder_of(run: ImageRun) -> AutoencoderTiny | None:
    """The one that shows latents of the image's model, if there is one on this machine."""
    if run.addons is None:
        return None
    known = run.addons.specs(AddonKind.PREVIEW_VAE, run)
    spec = next((spec for spec in known if shows(spec, run.model.spec.architecture)), None)
    if spec is None:
        return None
    tiny: AutoencoderTiny = run.addons.borrow(AddonKind.PREVIEW_VAE, spec.name, run)
    factor = 2 ** (len(tiny.config.decoder_block_out_channels) - 1)
    same = tiny.config.latent_channels == run.model.latent_channels and factor == run.model.vae_factor
    return tiny if same else None


def fit_linear_decoder(model: LoadedModel, vae: AutoencoderKL) -> LinearDecoder:
    """Fit the map from the model's latents to what this VAE makes of them."""
    model.placement.bring(Part.VAE)
    factor, scale = model.vae_factor, model.scaling_factor
    side = min(_MAX_SIDE, model.spec.native_side)
    pictures = _drawn_pictures(side, torch.Generator().manual_seed(0)).to(model.device, vae.dtype)
    latents = torch.cat([vae.encode(picture[None]).latent_dist.mean * scale for picture in pictures])
    pixels = torch.cat([vae.decode(latent[None] / scale).sample for latent in latents]).float()
    padded = functional.pad(latents.float(), (1, 1, 1, 1), mode="replicate")
    # (positions, channels * 9) and (positions, 3 * factor^2)
    inputs = functional.unfold(padded, 3).transpose(1, 2).flatten(0, 1)
    targets = functional.pixel_unshuffle(pixels, factor).flatten(2).transpose(1, 2).flatten(0, 1)
    # On the processor: Apple's devices have no 64-bit floating-point numbers.
    inputs, targets = inputs.cpu().double(), targets.cpu().double()
    # A little ridge keeps latents that the pictures never reach from exploding.
    design = torch.cat([inputs, torch.ones(len(inputs), 1)], dim=1)
    normal = design.T @ design + 1e-3 * len(design) * torch.eye(design.shape[1])
    solution = torch.linalg.solve(normal, design.T @ targets).float().to(model.device)
    weight = solution[:-1].T.reshape(-1, latents.shape[1], 3, 3)
    return LinearDecoder(weight=weight.contiguous(), bias=solution[-1].contiguous(), factor=factor)


def predicted_original(
    row_input: torch.Tensor, prediction: torch.Tensor, signal: float, kind: str
) -> torch.Tensor:
    """The finished latents as seen from here (Song et al. 2021, eq. 12; Salimans & Ho 2022, appendix D).

    Args:
        row_input: latents as the UNet saw them: sqrt(signal) * original + sqrt(1 - signal) * noise.
        signal: cumulative alpha at the timestep, 0..1.
        kind: the model's `prediction_type`.
    """
    noise_level = (1 - signal) ** 0.5
    if kind == "v_prediction":
        return signal**0.5 * row_input - noise_level * prediction
    if kind == "sample":
        return prediction
    # At zero terminal SNR no signal is left to divide by.
    return (row_input - noise_level * prediction) / max(signal, 1e-4) ** 0.5


def _drawn_pictures(side: int, generator: torch.Generator) -> torch.Tensor:
    """Random soft colour fields with random rectangles and discs: (pictures, 3, side, side) in -1..1."""

    def random(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=generator)

    coarse = random(_PICTURES, 3, 4, 4) * 2 - 1
    pictures = functional.interpolate(coarse, size=(side, side), mode="bilinear", align_corners=False)
    axis = torch.arange(side) / side
    for picture in pictures:
        for number in range(8):
            (x, y, width, height), colour = random(4), random(3) * 2 - 1
            across, down = (axis[None] - x) / (width / 2 + 0.05), (axis[:, None] - y) / (height / 2 + 0.05)
            inside = across**2 + down**2 < 1 if number % 2 else (across.abs() < 1) & (down.abs() < 1)
            picture[:, inside] = colour[:, None]
    return pictures
