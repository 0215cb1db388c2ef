"""What a picture of the starter model may hold: a background, things, and where they stand.

A `Scene` is pure meaning (what the checker compares); its `places` say where the renderer puts each thing.
Everything stands on a lattice of 8 px, which is one cell of the latent picture, so that the autoencoder
sees few different edges.

The world, in full:

- 7 backgrounds, soft tones of their own, so that "a blue star on a blue background" can still be seen (in
  training a thing never has the name of its background: that keeps the two readings of a colour word apart);
- 8 shapes, 11 colours, 4 styles. A style belongs to a lone thing; several things together are always flat;
- one thing of 64 or 80 px; two to four equal things of 40 px; or two different things of 48 px in a relation.
- `HELD_OUT_PAIRS`: eight of the 88 colour/shape pairs are in no training picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

SIDE = 128
"""Width and height of a picture, px."""
CELL = 8
"""Picture pixels to one latent pixel, and the lattice that every thing stands on."""

Colour = tuple[int, int, int]

SHAPES = ("circle", "square", "triangle", "star", "heart", "cross", "diamond", "moon")
STYLES = ("flat", "outlined", "striped", "pixel-art")
RELATIONS = ("left", "right", "above", "below")
COLOURS: dict[str, Colour] = {
    "red": (218, 48, 52),
    "orange": (244, 136, 36),
    "yellow": (246, 208, 44),
    "green": (58, 160, 76),
    "teal": (32, 172, 178),
    "blue": (46, 100, 216),
    "purple": (132, 66, 188),
    "pink": (242, 104, 172),
    "brown": (132, 80, 46),
    "black": (36, 36, 42),
    "white": (254, 254, 252),
}
TAUGHT_STYLES = ("quartered",)
"""Styles that the base model has never seen: a LoRA teaches them."""
TAUGHT_COLOURS: dict[str, Colour] = {"lime": (150, 190, 52)}
"""Colours that the base model has never seen: a textual inversion teaches them."""
BACKGROUNDS: dict[str, Colour] = {
    "white": (246, 241, 228),
    "gray": (158, 164, 172),
    "black": (40, 44, 72),
    "blue": (164, 204, 238),
    "green": (176, 220, 172),
    "pink": (248, 198, 206),
    "yellow": (252, 228, 148),
}
HELD_OUT_PAIRS = frozenset(
    {
        ("teal", "circle"),
        ("pink", "square"),
        ("orange", "triangle"),
        ("green", "star"),
        ("blue", "heart"),
        ("yellow", "cross"),
        ("brown", "diamond"),
        ("red", "moon"),
    }
)


@dataclass(frozen=True)
class Thing:
    """One thing: words out of `SHAPES`, `COLOURS` and `STYLES`."""

    shape: str
    colour: str
    style: str = "flat"


@dataclass(frozen=True)
class Place:
    """The square that a thing fills: its left and top edge and its side, px."""

    left: int
    top: int
    size: int


@dataclass(frozen=True)
class Scene:
    """A picture's meaning.

    `background` None means that any will do; `relation` says how the first of two things stands to the
    second; `places` is empty where nobody has drawn the scene yet, and otherwise one for each thing.
    """

    background: str | None
    things: tuple[Thing, ...]
    relation: str | None = None
    places: tuple[Place, ...] = ()


def random_colour_shape(rng: Random, background: str, held_out: bool = False) -> tuple[str, str]:
    """A colour and a shape that may stand on `background`: a training pair or a held-out one."""
    while True:
        pair = (rng.choice(tuple(COLOURS)), rng.choice(SHAPES))
        if pair[0] != background and (pair in HELD_OUT_PAIRS) == held_out:
            return pair


def one_thing(rng: Random, style: str | None = None, held_out: bool = False) -> Scene:
    """A lone thing near the middle; a random style unless one is named."""
    background = rng.choice(tuple(BACKGROUNDS))
    colour, shape = random_colour_shape(rng, background, held_out)
    size = rng.choice((64, 80))
    place = Place(*(SIDE // 2 - size // 2 + CELL * rng.randint(-1, 1) for _ in range(2)), size)
    return Scene(background, (Thing(shape, colour, style or rng.choice(STYLES)),), None, (place,))


# Left and top edges of 40 px things, in lattice cells; the whole arrangement moves by up to a cell.
_ARRANGEMENTS: dict[int, tuple[tuple[tuple[int, int], ...], ...]] = {
    2: (((2, 5), (9, 5)), ((2, 3), (9, 8)), ((2, 8), (9, 3))),
    3: (((5, 2), (2, 9), (9, 9)), ((2, 2), (9, 2), (5, 9))),
    4: (((2, 2), (9, 2), (2, 9), (9, 9)),),
}


def several_things(rng: Random, count: int | None = None) -> Scene:
    """Two to four equal flat things."""
    count = count or rng.randint(2, 4)
    background = rng.choice(tuple(BACKGROUNDS))
    colour, shape = random_colour_shape(rng, background)
    dx, dy = rng.randint(-1, 1), rng.randint(-1, 1)
    cells = rng.choice(_ARRANGEMENTS[count])
    places = tuple(Place(CELL * (x + dx), CELL * (y + dy), 40) for x, y in cells)
    return Scene(background, (Thing(shape, colour),) * count, None, places)


def related_things(rng: Random, relation: str | None = None) -> Scene:
    """Two different flat things, the first left of, right of, above or below the second."""
    relation = relation or rng.choice(RELATIONS)
    background = rng.choice(tuple(BACKGROUNDS))
    first = random_colour_shape(rng, background)
    second = first
    while second == first:
        second = random_colour_shape(rng, background)
    near, far = CELL * rng.randint(1, 2), CELL * 9
    along = (near, far) if relation in ("left", "above") else (far, near)
    across = [CELL * (5 + rng.randint(-1, 1))] * 2
    spots = (
        zip(along, across, strict=True) if relation in ("left", "right") else zip(across, along, strict=True)
    )
    places = tuple(Place(x, y, 48) for x, y in spots)
    return Scene(background, (Thing(first[1], first[0]), Thing(second[1], second[0])), relation, places)
