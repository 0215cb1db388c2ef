"""How much a prompt may ask for: what it costs to encode is bounded before anything is encoded."""

from __future__ import annotations

from math import lcm

from core.errors import BadOption
from core.prompt.tree import Alternated, Nodes, Prompt, Switched, Weighted, branches, walk
from core.words import _

MAX_WEIGHT = 10.0
#: Different texts that one image's steps may read.
MAX_READINGS = 64


def checked(nodes: Nodes, remark: str | None) -> Prompt:
    """The prompt of these nodes.

    Raises:
        BadOption: a weight is too large, or the text changes too often.
    """
    _check_weights(nodes, 1.0)
    switches = tuple(node.when for node in walk(nodes) if isinstance(node, Switched))
    period = 1
    for node in walk(nodes):
        if isinstance(node, Alternated):
            period = lcm(period, len(node.options))
        if period * (len(switches) + 1) > MAX_READINGS:
            allowed = _(
                "its `[a:b:0.5]` and `[a|b]` make it change too often; up to {most} texts do.",
                most=MAX_READINGS,
            )
            raise BadOption(
                "prompt",
                _(
                    "{switches} switches, alternation of {period} steps",
                    switches=len(switches),
                    period=period,
                ),
                allowed,
            )
    return Prompt(nodes=nodes, remark=remark, period=period, switches=switches)


def _check_weights(nodes: Nodes, factor: float) -> None:
    for node in nodes:
        weight = factor * node.weight if isinstance(node, Weighted) else factor
        if abs(weight) > MAX_WEIGHT:
            allowed = _(
                "weights stay from {low:g} to {high:g}, nested ones multiplied.",
                low=-MAX_WEIGHT,
                high=MAX_WEIGHT,
            )
            raise BadOption("weight", f"{weight:g}", allowed)
        for branch in branches(node):
            _check_weights(branch, weight)
