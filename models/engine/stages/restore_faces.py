"""The picture so far with its faces restored."""

from __future__ import annotations

from core.addon_spec import AddonKind
from core.stages import RestoreFaces
from core.words import N_
from models.engine.api import ImageFailed
from models.engine.images import ImageRun
from models.engine.slices import Slices


def restore_faces(run: ImageRun, stage: RestoreFaces) -> Slices[None]:
    """
    Raises:
        ImageFailed: there is no face, so that nothing would change; or the numbers overflowed.
        UnknownModel: the restorer is not on this machine.
    """
    restore = run.addon(AddonKind.FACE_RESTORER, stage.restorer)
    run.image, faces = yield from restore(run.picture(None).convert("RGB"), stage.fidelity)
    if not faces:
        raise ImageFailed(N_("No face was found in the picture. A larger or a clearer one may show it."))
