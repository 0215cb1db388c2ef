"""Every row of what members are promised about making images and about models, and the tests that show it.

Each goes through the bot: a command or a button in, a delivered picture out. What the pictures *mean* is
shown in `tests/e2e` with the real worker and the starter model, and by `python -m bench.meaning`.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

ROWS: dict[str, tuple[str, ...]] = {
    "text to image": ("e2e/test_words.py::test_words_decide_what_is_drawn",),
    "image to image": ("e2e/test_modes.py::test_img2img_changes_more_as_the_strength_grows",),
    "inpainting, given mask": (
        "e2e/test_modes.py::test_inpainting_makes_what_was_asked_and_leaves_the_rest_to_the_bit",
    ),
    "inpainting, alpha channel": (
        "e2e/test_guides.py::test_what_is_see_through_is_painted_and_the_rest_stays",
    ),
    "inpainting, text mask": (
        "e2e/test_modes.py::test_what_is_found_by_words_is_painted_and_the_rest_stays",
    ),
    "inpainting, click point": (
        "e2e/test_guides.py::test_what_is_found_at_a_point_is_painted_and_the_rest_stays",
    ),
    "outpainting": ("e2e/test_modes.py::test_an_outpainted_picture_keeps_its_middle_to_the_bit",),
    "zoom out and pan, variations": ("e2e/test_modes.py::test_zoom_pan_and_variations",),
    "V1 to V4": ("bot/test_picture_buttons.py::test_v2_draws_neighbours_of_the_second_picture",),
    "remix": ("e2e/test_words.py::test_remix_draws_other_words",),
    "ControlNet, extracted and ready-made maps": (
        "e2e/test_guides.py::test_control_draws_the_shape_that_the_map_has",
        "e2e/test_modes.py::test_control_shows_the_map_that_it_followed",
        "bot/test_guided.py::test_a_map_is_followed_again",
    ),
    "several ControlNets, scale, start and end": (
        "e2e/test_guides.py::test_two_controls_at_once",
        "bot/test_guided.py::test_two_controls_with_scales_from_the_panel",
    ),
    "IP-Adapter, alone, with text, with ControlNet, several": (
        "e2e/test_guides.py::test_a_reference_brings_background_and_colour_without_words",
        "bot/test_guided.py::test_reference_alone_with_words_and_with_control",
    ),
    "upscale, U1 to U4": (
        "e2e/test_modes.py::test_an_upscaled_picture_is_twice_as_large_and_shows_the_same",
        "bot/test_upscale.py::test_u2_enlarges_the_second_picture",
    ),
    "upscale over tiles": ("bot/test_upscale.py::test_in_detail_it_is_drawn_again_in_tiles",),
    "latent upscaler": ("bot/test_upscale.py::test_by_a_latent_upscaler",),
    "hires fix": ("e2e/test_modes.py::test_hires_fix_draws_twice_as_large",),
    "tiling": ("e2e/test_words.py::test_tiling_leaves_no_seam",),
    "SDXL refiner": ("e2e/test_kinds.py::test_a_refiner_takes_over_from_its_base",),
    "few steps": ("e2e/test_words.py::test_few_steps_are_enough_for_samplers_of_second_order",),
    "samplers": ("e2e/test_words.py::test_samplers_draw_the_same_scene",),
    "schedules": ("bot/test_panel.py::test_a_sampler_brings_its_own_schedules",),
    "eta and noise scale": (
        "e2e/test_words.py::test_eta_changes_the_picture_and_not_what_it_shows",
        "bot/test_finer.py::test_eta_noise_vae_and_tiling",
    ),
    "prompt language": (
        "e2e/test_words.py::test_each_picture_of_a_batch_draws_its_own_choice_and_all_come_with_a_grid",
        "bot/test_prompt_language.py::test_weights",
        "bot/test_prompt_language.py::test_a_long_prompt_is_drawn_whole",
    ),
    "flags": ("e2e/test_words.py::test_flags_are_options",),
    "styles": ("e2e/test_words.py::test_a_style_is_around_the_prompt",),
    "batch": (
        "e2e/test_words.py::test_each_picture_of_a_batch_draws_its_own_choice_and_all_come_with_a_grid",
    ),
    "X/Y grids, cells promoted": (
        "e2e/test_modes.py::test_a_grid_shows_what_each_of_its_cells_is",
        "bot/test_grid.py::test_a_grid_is_one_job_whose_cells_can_be_promoted",
    ),
    "describe, parameters": ("e2e/test_words.py::test_describe_reads_how_a_picture_was_made",),
    "base models as diffusers folders": ("e2e/test_kinds.py::test_a_model_of_each_family_draws",),
    "drop-in": ("e2e/test_kinds.py::test_a_file_that_is_dropped_in_is_found_and_used",),
    "LoRA": ("e2e/test_words.py::test_a_lora_brings_its_style_and_weight_0_leaves_every_byte",),
    "textual inversion": ("e2e/test_words.py::test_a_textual_inversion_is_a_word",),
    "VAE": ("e2e/test_kinds.py::test_a_vae_is_a_kind_of_its_own",),
    "licences": ("bot/test_licences.py::test_models_show_their_licences_and_the_floor",),
    "memory": ("bot/test_licences.py::test_sizes_follow_what_fits_in_memory",),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_has_its_test(row: str) -> None:
    for name in ROWS[row]:
        path, _, test = name.partition("::")
        tree = ast.parse((TESTS / path).read_text())
        functions = {node.name for node in tree.body if isinstance(node, ast.AsyncFunctionDef)}
        assert test in functions, f"{name} is gone"
