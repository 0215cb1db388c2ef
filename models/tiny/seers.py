"""Tiny preprocessors and maskers of random weights, each in the folder or file where the real one lies."""

from __future__ import annotations

from pathlib import Path

from models.tiny import make_tokenizer

_VISION = {"hidden_size": 32, "intermediate_size": 37, "num_hidden_layers": 4, "num_attention_heads": 4}


def build_tiny_edges(folder: Path) -> None:
    """`hed.safetensors` and `pidinet.safetensors` with kernels of pixel differences, as published."""
    import torch
    from safetensors.torch import save_file

    from models.control.nets.hed import HED
    from models.control.nets.pidinet import PiDiNet

    torch.manual_seed(0)
    save_file(HED().state_dict(), folder / "hed.safetensors")
    weights = PiDiNet().state_dict()
    for name, weight in weights.items():
        if weight.shape[-1] == 5:
            weights[name] = torch.randn(*weight.shape[:2], 3, 3)
    published = {f"module.{name}": weight.contiguous() for name, weight in weights.items()}
    save_file(published, folder / "pidinet.safetensors")


def build_tiny_depth(folder: Path) -> None:
    from transformers import DPTConfig, DPTForDepthEstimation
    from transformers.models.dpt.image_processing_pil_dpt import DPTImageProcessorPil

    config = DPTConfig(
        **_VISION,
        image_size=32,
        patch_size=8,
        backbone_out_indices=[0, 1, 2, 3],
        neck_hidden_sizes=[8, 8, 16, 16],
        fusion_hidden_size=16,
        is_hybrid=False,
    )
    DPTForDepthEstimation(config).save_pretrained(folder)
    DPTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)


def build_tiny_poses(folder: Path) -> None:
    """A detector that is sure of people everywhere, and joints at random."""
    import torch
    from transformers import (
        RTDetrConfig,
        RTDetrForObjectDetection,
        RTDetrResNetConfig,
        VitPoseBackboneConfig,
        VitPoseConfig,
        VitPoseForPoseEstimation,
    )
    from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil
    from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

    backbone = RTDetrResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 8, 16, 16],
        depths=[1, 1, 1, 1],
        out_features=["stage2", "stage3", "stage4"],
    )
    detector = RTDetrForObjectDetection(
        RTDetrConfig(
            backbone_config=backbone,
            encoder_hidden_dim=32,
            encoder_in_channels=[8, 16, 16],
            encoder_ffn_dim=32,
            encoder_attention_heads=4,
            d_model=32,
            decoder_in_channels=[32, 32, 32],
            decoder_ffn_dim=32,
            decoder_layers=1,
            decoder_attention_heads=4,
            num_queries=4,
            num_denoising=0,
            num_labels=2,
        )
    )
    for head in detector.model.decoder.class_embed:
        torch.nn.init.constant_(head.bias, 1.0)
    detector.save_pretrained(folder / "detector")
    RTDetrImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(folder / "detector")
    poser = VitPoseForPoseEstimation(
        VitPoseConfig(
            backbone_config=VitPoseBackboneConfig(
                **_VISION, image_size=[64, 48], patch_size=[16, 16], num_experts=1, out_indices=[4]
            ),
            num_labels=17,
        )
    )
    poser.save_pretrained(folder / "pose")
    VitPoseImageProcessorPil(size={"height": 64, "width": 48}).save_pretrained(folder / "pose")


def build_tiny_clipseg(folder: Path) -> None:
    from transformers import CLIPSegConfig, CLIPSegForImageSegmentation
    from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

    tokenizer = make_tokenizer()
    text = {
        **_VISION,
        "vocab_size": len(tokenizer),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }
    config = CLIPSegConfig(
        text_config=text,
        vision_config={**_VISION, "image_size": 32, "patch_size": 8},
        projection_dim=16,
        reduce_dim=16,
        extract_layers=[0, 1, 2],
        decoder_num_attention_heads=4,
        decoder_intermediate_size=32,
    )
    CLIPSegForImageSegmentation(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    ViTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)


def build_tiny_captioner(folder: Path) -> None:
    from transformers import BlipConfig, BlipForConditionalGeneration
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

    tokenizer = make_tokenizer()
    ends = tokenizer.eos_token_id
    text = {
        **_VISION,
        "encoder_hidden_size": _VISION["hidden_size"],
        "vocab_size": len(tokenizer),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": ends,
        "sep_token_id": ends,
        "pad_token_id": ends,
    }
    config = BlipConfig(text_config=text, vision_config={**_VISION, "image_size": 32, "patch_size": 8})
    BlipForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    BlipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)


def build_tiny_sam(folder: Path) -> None:
    from transformers import (
        SamConfig,
        SamMaskDecoderConfig,
        SamModel,
        SamPromptEncoderConfig,
        SamVisionConfig,
    )
    from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

    side, patch = 64, 16
    config = SamConfig(
        vision_config=SamVisionConfig(
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            mlp_dim=32,
            output_channels=32,
            num_pos_feats=16,
            image_size=side,
            patch_size=patch,
            window_size=2,
            global_attn_indexes=[1],
        ),
        prompt_encoder_config=SamPromptEncoderConfig(
            hidden_size=32, image_size=side, patch_size=patch, mask_input_channels=4
        ),
        mask_decoder_config=SamMaskDecoderConfig(
            hidden_size=32, mlp_dim=32, num_hidden_layers=1, num_attention_heads=4, iou_head_hidden_dim=16
        ),
    )
    SamModel(config).save_pretrained(folder)
    SamImageProcessorPil(
        size={"longest_edge": side},
        pad_size={"height": side, "width": side},
        mask_size={"longest_edge": side // 4},
        mask_pad_size={"height": side // 4, "width": side // 4},
    ).save_pretrained(folder)
