"""`.ckpt` to safetensors, in a process of its own: a pickle is a program, and is never opened anywhere else.

torch's `weights_only` reader builds tensors and plain containers alone and refuses everything else. Should it
be fooled some day, the child has no secrets in its environment, no network where the system can take it away,
and bounded memory, time and file size.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from models.files.header import BadWeights
from models.files.unpickle import OFFLINE

_LIMIT_S = 1800


def convert(source: Path, target: Path) -> bool:
    """Write the tensors of a `.ckpt` as safetensors (fp16 and fp32 as they are).

    Returns:
        Whether the process that read it had no network; not every system can take it away.

    Raises:
        BadWeights: it holds more than tensors, or is broken. `target` is not written.
        FileExistsError: `target` is there already.
    """
    if target.exists():
        raise FileExistsError(f"{target} is there already; move it away first.")
    part = target.with_suffix(".part")
    try:
        child = subprocess.run(
            [sys.executable, "-m", "models.files.unpickle", str(source.absolute()), str(part.absolute())],
            env={"PATH": os.environ.get("PATH", ""), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
        if child.returncode:
            raise BadWeights(f"{source.name} was not converted: {_reason(child)}")
        part.replace(target)
        return child.stdout.splitlines()[:1] == [OFFLINE]
    except subprocess.TimeoutExpired:
        raise BadWeights(f"{source.name} was not converted: it took longer than half an hour.") from None
    finally:
        part.unlink(missing_ok=True)


def _reason(child: subprocess.CompletedProcess[str]) -> str:
    if child.returncode < 0:
        return f"its reading was ended by signal {-child.returncode}, most likely for its memory."
    lines = child.stderr.strip().splitlines()
    return lines[-1] if lines else "it could not be read."
