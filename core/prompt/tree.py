"""What a prompt is made of, parsed. Frozen; brackets nest at most MAX_DEPTH deep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MAX_DEPTH = 32


@dataclass(frozen=True, kw_only=True)
class Text:
    """Words, with escapes undone."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Break:
    """What follows starts a chunk of its own."""


@dataclass(frozen=True, kw_only=True)
class Weighted:
    """Words that count more or less; weights of nested ones multiply."""

    inner: Nodes
    weight: float


@dataclass(frozen=True, kw_only=True)
class Switched:
    """`before` until `when`, `after` from there on."""

    before: Nodes
    after: Nodes
    #: A float is a share of the steps, 0..1; an int is a number of steps.
    when: float | int


@dataclass(frozen=True, kw_only=True)
class Alternated:
    """The first option at the first step, the next at the next, and round again."""

    options: tuple[Nodes, ...]


@dataclass(frozen=True, kw_only=True)
class Span:
    """Where something stands in the text: characters `start` to `end`, the latter excluded."""

    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of the options, drawn for each image."""

    options: tuple[Nodes, ...]
    #: Which choice of the prompt it is, by where it begins, 0-based.
    number: int
    #: Braces included.
    span: Span
    option_spans: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class AdapterTag:
    """A LoRA to lay over the model; no words."""

    name: str
    weight: float
    span: Span


Node = Text | Break | Weighted | Switched | Alternated | Choice | AdapterTag
Nodes = tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A whole prompt, within its limits (`core.prompt.limits`)."""

    nodes: Nodes
    #: What its member should know, such as brackets that count as text.
    remark: str | None
    #: Steps after which alternations start anew together; 1 without any.
    period: int
    #: `when` of each switch.
    switches: tuple[float | int, ...]


def branches(node: Node) -> tuple[Nodes, ...]:
    """What stands inside a node: nothing, one line of nodes, or several of which one is read at a time."""
    match node:
        case Weighted(inner=inner):
            return (inner,)
        case Switched(before=before, after=after):
            return (before, after)
        case Alternated(options=options) | Choice(options=options):
            return options
    return ()


def walk(nodes: Nodes) -> Iterator[Node]:
    """Every node, the outer ones first."""
    for node in nodes:
        yield node
        for branch in branches(node):
            yield from walk(branch)
