"""The training log as a picture: each stage's loss over its time, as SVG."""

from __future__ import annotations

import json
from math import log10
from pathlib import Path

_WIDE, _HIGH, _EDGE = 250, 130, 28
_COLUMNS = 3


def _panel(name: str, points: list[tuple[float, float]], left: int, top: int) -> str:
    """One stage's curve; the loss on a logarithmic scale."""
    last = max(seconds for seconds, _ in points)
    logs = [log10(loss) for _, loss in points]
    low, span = min(logs), max(1e-9, max(logs) - min(logs))
    inside = (_WIDE - 2 * _EDGE, _HIGH - 2 * _EDGE)
    x, y = left + _EDGE, top + _EDGE
    spots = " ".join(
        f"{x + inside[0] * seconds / last:.1f},{y + inside[1] * (1 - (log - low) / span):.1f}"
        for (seconds, _), log in zip(points, logs, strict=True)
    )
    label = f"{name}: {10 ** max(logs):.3g} to {10**low:.3g} in {last / 60:.0f} min"
    return (
        f'<text x="{x}" y="{y - 9}">{label}</text>'
        f'<rect x="{x}" y="{y}" width="{inside[0]}" height="{inside[1]}" class="frame"/>'
        f'<polyline points="{spots}"/>'
    )


def draw(log: Path, target: Path) -> None:
    """Write the curves of a ``training-log.jsonl``, a panel for each stage that tells its loss."""
    stages: dict[str, list[tuple[float, float]]] = {}
    for line in map(json.loads, log.read_text().splitlines()):
        if line.get("loss"):
            stages.setdefault(line["stage"], []).append((line["seconds"], line["loss"]))
    panels = [
        _panel(name, points, _WIDE * (i % _COLUMNS), _HIGH * (i // _COLUMNS))
        for i, (name, points) in enumerate(stages.items())
    ]
    high = _HIGH * -(-len(panels) // _COLUMNS)
    style = "text{font:11px sans-serif}rect{fill:#fff}polyline{fill:none;stroke:#2e64d8}.frame{stroke:#bbb}"
    target.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE * _COLUMNS} {high}">'
        f'<style>{style}</style><rect width="100%" height="100%"/>{"".join(panels)}</svg>\n'
    )
