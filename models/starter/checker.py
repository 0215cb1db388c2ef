"""Reads a picture back from its pixels alone, and says whether it shows a scene.

The checker explains a picture with the renderer's own templates and refuses what it cannot explain: it finds
the background along the border and what stands out from it, gives each thing the shape whose silhouette fits
best and the colour and style whose painted template is nearest, and counts what is left over. No learnt part,
no torch.

All colours are compared in CIE L*a*b* (D65), where a distance of 2 to 3 is just visible.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.starter.renderer import Floats, backdrop, paint
from models.starter.scenes import (
    BACKGROUNDS,
    CELL,
    COLOURS,
    SHAPES,
    SIDE,
    STYLES,
    TAUGHT_COLOURS,
    TAUGHT_STYLES,
    Scene,
    Thing,
)

Mask = NDArray[np.bool_]

GRID = 40
"""Side of the squares in which silhouettes and templates are compared."""
REACH = 2.3
"""Half the side of what such a square shows, in standard deviations of the silhouette's pixels."""
STANDS_OUT = 7.0
"""Distance from the background from which a pixel belongs to a thing."""
MIN_AREA = 90
"""Pixels of the smallest thing."""
MAX_SPECKS = 160
"""Pixels that may stand out without belonging to a thing."""
MIN_OVERLAP = 0.80
"""Intersection over union below which a silhouette is of no known shape."""
MAX_BACKGROUND_ERROR = 9.0
"""Distance above which a background is of no known colour."""
MAX_THING_ERROR = 26.0
"""Mean distance from the nearest template above which a thing is of no known colour and style."""


@dataclass(frozen=True)
class Words:
    """The colours and styles that things are explained with; `TAUGHT` knows those of the companions too."""

    colours: tuple[str, ...] = tuple(COLOURS)
    styles: tuple[str, ...] = STYLES


TAUGHT = Words((*COLOURS, *TAUGHT_COLOURS), (*STYLES, *TAUGHT_STYLES))


@dataclass(frozen=True)
class Sight:
    """One thing that was seen; its centre in pixels."""

    thing: Thing
    x: float
    y: float


@dataclass(frozen=True)
class Seen:
    """What a picture shows; `oddities` tells what could not be explained."""

    background: str | None
    sights: tuple[Sight, ...]
    oddities: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Whether a picture shows a scene, and what is wrong where it does not."""

    ok: bool
    problems: tuple[str, ...]


def _lab(rgb: Floats) -> Floats:
    """0..255 RGB to L*a*b*, any (h, w, 3)."""
    return cv2.cvtColor(np.ascontiguousarray(np.clip(rgb, 0, 255), np.float32) / 255, cv2.COLOR_RGB2LAB)


def _border(picture: NDArray[np.generic]) -> NDArray[np.generic]:
    """The outer 4 px of a (128, 128, n) picture as a list of pixels."""
    ring = np.ones((SIDE, SIDE), bool)
    ring[4:-4, 4:-4] = False
    return picture[ring]


def _background(rgb: Floats) -> tuple[str, float, Floats]:
    """The background's name, how far the border is from it, and the background as it really is, in RGB."""
    border = _lab(_border(rgb)[None])[0]

    def error(name: str) -> float:
        return float(np.median(np.linalg.norm(border - _lab(_border(backdrop(name))[None])[0], axis=-1)))

    name = min(BACKGROUNDS, key=error)
    drift = np.median(_border(rgb - backdrop(name)), axis=0)
    return name, error(name), np.clip(backdrop(name) + drift, 0, 255)


def _filled(mask: Mask) -> Mask:
    """A mask with its holes filled."""
    edges, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(np.zeros(mask.shape, np.uint8), edges, -1, 1, cv2.FILLED) > 0


@dataclass(frozen=True)
class _Frame:
    """Where a silhouette lies and how far it spreads: means and standard deviations of its pixels, px.

    Two silhouettes are laid over each other by their frames: a stray pixel moves a bounding box, not these.
    """

    x: float
    y: float
    wide: float
    high: float

    def cut(self, picture: Floats) -> Floats:
        """The part of a (h, w) or (h, w, 3) picture within REACH deviations of the middle, GRID×GRID."""
        scale = np.array([self.wide, self.high]) * 2 * REACH / GRID
        start = np.array([self.x, self.y]) - scale * (GRID - 1) / 2
        matrix = np.array([[scale[0], 0, start[0]], [0, scale[1], start[1]]], np.float32)
        soft = cv2.GaussianBlur(picture, (0, 0), 0.8)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(soft, matrix, (GRID, GRID), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _frame(mask: Mask) -> _Frame:
    rows, columns = np.nonzero(mask)
    return _Frame(columns.mean(), rows.mean(), max(1.0, columns.std()), max(1.0, rows.std()))


@cache
def _template(shape: str, style: str, colour: str, size: int) -> tuple[Floats, Floats, Mask]:
    """A painted thing in its frame: its colours, its cover and its filled silhouette, GRID×GRID."""
    body, cover = paint(shape, style, colour, size)
    margin = size // 2
    wide_cover = np.pad(cover[..., 0], margin)
    filled = _filled(wide_cover > 0.5)
    frame = _frame(filled)
    wide_body = np.pad(body, ((margin, margin), (margin, margin), (0, 0)), "edge")
    silhouette = frame.cut(filled.astype(np.float32)) > 0.5
    return frame.cut(wide_body), frame.cut(wide_cover)[..., None], silhouette


def _overlap(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))


@dataclass(frozen=True)
class _Patch:
    """What stands out in one place, in its frame: the colours in it and behind it, its silhouette."""

    frame: _Frame
    sizes: tuple[int, ...]
    lab: Floats
    behind: Floats
    silhouette: Mask

    def shape(self) -> tuple[str, float]:
        """The shape that fits best and its overlap."""
        kinds = itertools.product(SHAPES, ("flat", "pixel-art"), self.sizes)
        overlaps = {
            (shape, style, size): _overlap(self.silhouette, _template(shape, style, "red", size)[2])
            for shape, style, size in kinds
        }
        best = max(overlaps, key=overlaps.__getitem__)
        return best[0], overlaps[best]

    def paint_of(self, shape: str, words: Words) -> tuple[str, str, float]:
        """The colour and the style that explain the patch best, and the mean distance that they leave."""

        def error(colour: str, style: str, size: int) -> float:
            body, cover, silhouette = _template(shape, style, colour, size)
            left_over = np.linalg.norm(_lab(self.behind + (body - self.behind) * cover) - self.lab, axis=-1)
            return float(left_over[self.silhouette | silhouette].mean())

        kinds = list(itertools.product(words.colours, words.styles, self.sizes))
        errors = {kind: error(*kind) for kind in kinds}
        best = min(errors, key=errors.__getitem__)
        return best[0], best[1], errors[best]


def _patch(rgb: Floats, behind: Floats, part: Mask) -> _Patch:
    filled = _filled(part)
    frame = _frame(filled)
    large = max(cv2.boundingRect(part.astype(np.uint8))[2:]) > 56
    silhouette = frame.cut(filled.astype(np.float32)) > 0.5
    return _Patch(frame, (64, 80) if large else (40, 48), _lab(frame.cut(rgb)), frame.cut(behind), silhouette)


def _parts(mask: Mask) -> tuple[list[Mask], int]:
    """The connected parts large enough to be things, and the pixels of the others."""
    soft = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(soft, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    large = [labels == i + 1 for i in range(count - 1) if areas[i] >= MIN_AREA]
    return large, int(areas[areas < MIN_AREA].sum())


def see(image: Image.Image, words: Words = Words()) -> Seen:
    """What a picture shows, in those words. Any size is taken, and looked at as 128×128 px."""
    small = (
        image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
        if image.size != (SIDE, SIDE)
        else image
    )
    rgb = np.asarray(small.convert("RGB"), np.float32)
    background, error, behind = _background(rgb)
    oddities = [] if error <= MAX_BACKGROUND_ERROR else ["the background is of no known colour"]
    parts, specks = _parts(np.linalg.norm(_lab(rgb) - _lab(behind), axis=-1) > STANDS_OUT)
    if specks > MAX_SPECKS:
        oddities.append("there are specks")
    if len(parts) > 9:
        return Seen(None, (), (*oddities, "the picture is in pieces"))
    sights = []
    for part in parts:
        patch = _patch(rgb, behind, part)
        shape, overlap = patch.shape()
        colour, style, left_over = patch.paint_of(shape, words)
        sights.append(Sight(Thing(shape, colour, style), patch.frame.x, patch.frame.y))
        if overlap < MIN_OVERLAP:
            oddities.append("a thing has no known shape")
        elif left_over > MAX_THING_ERROR:
            oddities.append("a thing is of no known colour or style")
    return Seen(background if error <= MAX_BACKGROUND_ERROR else None, tuple(sights), tuple(oddities))


def _words(thing: Thing) -> str:
    return f"{thing.style} {thing.colour} {thing.shape}"


def _holds(relation: str, first: Sight, second: Sight) -> bool:
    """Whether the first thing clearly stands so to the second."""
    right, down = first.x - second.x, first.y - second.y
    along, across = (right, down) if relation in ("left", "right") else (down, right)
    return abs(along) > max(abs(across), 2 * CELL) and (along < 0) == (relation in ("left", "above"))


def placed(seen: Seen, scene: Scene) -> bool:
    """Whether two things stand as the scene's relation says, whatever they look like."""
    if scene.relation is None or len(seen.sights) != 2:
        return False
    return any(_holds(scene.relation, *pair) for pair in _orders(seen, scene))


def _orders(seen: Seen, scene: Scene) -> list[tuple[Sight, Sight]]:
    """The two sights as the scene names them: told apart by colour, else by shape, else both orders."""
    one, two = seen.sights
    for trait in ("colour", "shape"):
        said = [getattr(thing, trait) for thing in scene.things]
        if said[0] == said[1]:
            continue
        if getattr(one.thing, trait) == said[0] or getattr(two.thing, trait) == said[1]:
            return [(one, two)]
        if getattr(two.thing, trait) == said[0] or getattr(one.thing, trait) == said[1]:
            return [(two, one)]
    return [(one, two), (two, one)]


def judge(seen: Seen, scene: Scene) -> Verdict:
    """Compare what was seen with what was said."""
    problems = list(seen.oddities)
    if scene.background is not None and seen.background != scene.background:
        problems.append(f"the background is {seen.background or 'unknown'}, not {scene.background}")
    said, shown = Counter(scene.things), Counter(sight.thing for sight in seen.sights)
    if said.total() != shown.total():
        problems.append(f"there are {shown.total()} things, not {said.total()}")
    problems += [f"no {_words(thing)}" for thing in (said - shown).elements()]
    problems += [f"a {_words(thing)} that nobody asked for" for thing in (shown - said).elements()]
    if scene.relation and not problems:
        first, second = (next(s for s in seen.sights if s.thing == thing) for thing in scene.things)
        if not _holds(scene.relation, first, second):
            problems.append(
                f"the {_words(first.thing)} is not {scene.relation} of the {_words(second.thing)}"
            )
    return Verdict(not problems, tuple(problems))


def check(image: Image.Image, scene: Scene, words: Words = Words()) -> Verdict:
    """Whether a picture shows a scene: its background, every thing in it, and how they stand."""
    return judge(see(image, words), scene)
