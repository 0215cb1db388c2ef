"""Faces in a picture: found, turned upright at a fixed place, restored and put back where they were."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.words import N_
from models.engine.api import ImageFailed
from models.engine.slices import Slices

#: Eyes, tip of the nose and corners of the mouth in the upright faces that restorers were trained on, as
#: shares of the side: the mean of FFHQ (Karras et al. 2019) in facexlib's template of 512 pixels.
_TEMPLATE = (
    np.array(
        [
            [192.98138, 239.94708],
            [318.90277, 240.1936],
            [256.63416, 314.01935],
            [201.26117, 371.41043],
            [313.08905, 371.15118],
        ]
    )
    / 512
)
_SURE, _SAME = 0.7, 0.3
#: Longest side that faces are looked for in: the detector knows faces of 10 to 300 pixels.
_LOOK = 1024
#: Share of an aligned face's side over which it fades into the picture.
_FADE = 0.1
MAX_FACES = 32

Values = NDArray[np.float32]


class Restorer(Protocol):
    """Faces (n, 3, side, side) in -1..1 and a fidelity 0..1 to restored faces."""

    side: int
    usual_fidelity: float

    def __call__(self, x: torch.Tensor, fidelity: float) -> torch.Tensor: ...


class FaceDetector:
    """YuNet, as OpenCV runs it."""

    def __init__(self, path: Path) -> None:
        """Raises cv2.error where the file is no detector."""
        self._network = cv2.FaceDetectorYN.create(str(path), "", (32, 32), _SURE, _SAME)

    def find(self, picture: Image.Image) -> list[Values]:
        """Five points (5, 2) in pixels for each face, the surest first."""
        scale = min(1.0, _LOOK / max(picture.size))
        small = picture.resize([max(1, round(side * scale)) for side in picture.size])
        self._network.setInputSize(small.size)
        found = self._network.detect(np.ascontiguousarray(np.array(small)[:, :, ::-1]))[1]
        if found is None:
            return []
        ordered = sorted(found, key=lambda face: -face[14])[:MAX_FACES]
        # The columns after the box: right eye, left eye, nose, right and left corner of the mouth; "right" is
        # the person's, which is on the picture's left.
        points = [np.asarray(face[4:14], np.float32).reshape(5, 2) for face in ordered]
        return [each * (np.array(picture.size, np.float32) / small.size) for each in points]


def restored(
    network: Restorer, detector: FaceDetector, picture: Image.Image, fidelity: float | None
) -> Slices[tuple[Image.Image, int]]:
    """An RGB picture with its faces restored, and how many there are. Outside of them no pixel changes.

    Raises:
        ImageFailed: some values are no numbers.
    """
    share = network.usual_fidelity if fidelity is None else fidelity
    pixels = np.array(picture)
    ways = [_upright(points, network.side) for points in detector.find(picture)]
    faces = [way for way in ways if way is not None]
    for way in faces:
        face = cv2.warpAffine(pixels, way, (network.side,) * 2, borderMode=cv2.BORDER_REFLECT_101)
        _put_back(pixels, _redrawn(network, face, share), way)
        yield
    return Image.fromarray(pixels), len(faces)


def _upright(points: Values, side: int) -> Values | None:
    """Turn, scale and shift (2, 3) that bring a face to the template; None where the points are no face."""
    way, _ = cv2.estimateAffinePartial2D(points, _TEMPLATE * side, method=cv2.LMEDS)
    return None if way is None or not np.isfinite(way).all() else way


def _redrawn(network: Restorer, face: NDArray[np.uint8], fidelity: float) -> Values:
    """(side, side, 3) in 0..255."""
    device = next(network.parameters()).device
    values = torch.from_numpy(face.astype(np.float32)).permute(2, 0, 1)[None].to(device) / 127.5 - 1
    drawn = network(values, fidelity)
    if not torch.isfinite(drawn).all():
        raise ImageFailed(N_("The numbers of this picture overflowed. Another restorer may do it."))
    return ((drawn[0].clamp(-1, 1) + 1) * 127.5).permute(1, 2, 0).cpu().numpy()


def _put_back(pixels: NDArray[np.uint8], face: Values, way: Values) -> None:
    """Lay a face over the picture; its edges fade, and lie inside of the square that it was cut from."""
    back = cv2.invertAffineTransform(way)
    height, width = pixels.shape[:2]
    large = cv2.warpAffine(face, back, (width, height), borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpAffine(_fading(len(face)), back, (width, height))[:, :, None]
    mixed = pixels + share * (large - pixels)
    pixels[:] = np.where(share > 0, np.rint(mixed).clip(0, 255), pixels)


def _fading(side: int) -> Values:
    """(side, side): 1 in the middle, 0 at the edges."""
    from_edge = np.minimum(np.arange(side), np.arange(side)[::-1]) / (_FADE * side)
    ramp = from_edge.clip(0, 1).astype(np.float32)
    return np.minimum.outer(ramp, ramp)
