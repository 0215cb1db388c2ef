"""Poses of people: found by RT-DETR (Zhao et al. 2024), their joints by ViTPose (Xu et al. 2022)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from core.guides import ControlUnit
from models.control.preprocessors import Preprocessor
from models.control.preprocessors.skeleton import draw_people

if TYPE_CHECKING:
    import torch

#: A folder with two folders as transformers saves them: `detector` (RT-DETR) and `pose` (ViTPose).
WEIGHTS = "openpose"

#: Class of people in COCO.
_PERSON = 0
_SURE = 0.3


def load(weights: Path | None, device: torch.device) -> Preprocessor:
    find_people, find_joints = _detector(Path(weights or ""), device), _poser(Path(weights or ""), device)

    def draw(picture: Image.Image, _unit: ControlUnit) -> Image.Image:
        picture = picture.convert("RGB")
        boxes = find_people(picture)
        return draw_people(picture.size, find_joints(picture, boxes) if len(boxes) else [])

    return draw


def _detector(folder: Path, device: torch.device):
    from transformers import RTDetrForObjectDetection
    from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil

    processor = RTDetrImageProcessorPil.from_pretrained(folder / "detector", local_files_only=True)
    model = RTDetrForObjectDetection.from_pretrained(
        folder / "detector", local_files_only=True, use_safetensors=True
    )
    model = model.eval().to(device)

    def find_people(picture: Image.Image) -> np.ndarray:
        """Boxes (people, 4) of left, top, width and height in pixels."""
        inputs = processor(picture, return_tensors="pt").to(device)
        found = processor.post_process_object_detection(
            model(**inputs), threshold=_SURE, target_sizes=[picture.size[::-1]]
        )[0]
        corners = found["boxes"][found["labels"] == _PERSON].cpu().numpy()
        return np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)

    return find_people


def _poser(folder: Path, device: torch.device):
    from transformers import VitPoseForPoseEstimation
    from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

    processor = VitPoseImageProcessorPil.from_pretrained(folder / "pose", local_files_only=True)
    model = VitPoseForPoseEstimation.from_pretrained(
        folder / "pose", local_files_only=True, use_safetensors=True
    )
    model = model.eval().to(device)

    def find_joints(picture: Image.Image, boxes: np.ndarray) -> list[np.ndarray]:
        """COCO's 17 joints of each person: (17, 3) of x and y in pixels and how sure, 0..1."""
        inputs = processor(picture, boxes=[boxes], return_tensors="pt").to(device)
        if getattr(model.config.backbone_config, "num_experts", 1) > 1:
            # ViTPose++ has an expert for each of its data sets; the first is COCO's.
            inputs["dataset_index"] = inputs["pixel_values"].new_zeros(len(boxes)).long()
        people = processor.post_process_pose_estimation(model(**inputs), boxes=[boxes])[0]
        return [
            np.concatenate([one["keypoints"].cpu().numpy(), one["scores"].cpu().numpy()[:, None]], axis=1)
            for one in people
        ]

    return find_joints
