"""Every row of what members are promised about images, models, community and order, and its tests.

Each goes through the bot: a command or a button in, a delivered picture out. What the pictures *mean* is
shown in `tests/e2e` with the real worker and the starter model, and by `python -m bench.meaning`. Where the
bot's test has a worker that draws noise, one with the real engine stands beside it.
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
        "e2e/test_modes.py::test_a_photo_of_any_size_comes_back_at_its_own_but_for_the_mask",
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
    "V1 to V4": (
        "bot/test_picture_buttons.py::test_v2_draws_neighbours_of_the_second_picture",
        "engine/test_ways.py::test_variations_lie_between_two_seeds",
    ),
    "remix": ("e2e/test_words.py::test_remix_draws_other_words",),
    "ControlNet, extracted and ready-made maps": (
        "e2e/test_guides.py::test_control_draws_the_shape_that_the_map_has",
        "e2e/test_modes.py::test_control_shows_the_map_that_it_followed",
        "bot/test_guided.py::test_a_map_is_followed_again",
    ),
    "several ControlNets, scale, start and end": (
        "e2e/test_guides.py::test_two_controls_at_once",
        "bot/test_guided.py::test_each_control_has_its_own_values_in_the_panel",
    ),
    "IP-Adapter, alone, with text, with ControlNet, several": (
        "e2e/test_guides.py::test_a_reference_brings_background_and_colour_without_words",
        "bot/test_guided.py::test_reference_alone_with_words_and_with_control",
    ),
    "upscale, U1 to U4": (
        "e2e/test_modes.py::test_an_upscaled_picture_is_twice_as_large_and_shows_the_same",
        "bot/test_upscale.py::test_u2_enlarges_the_second_picture",
    ),
    "upscale over tiles": (
        "bot/test_upscale.py::test_in_detail_it_is_drawn_again_in_tiles",
        "engine/test_tiles.py::test_a_tile_as_large_as_the_picture_is_the_picture",
    ),
    "latent upscaler": (
        "bot/test_upscale.py::test_by_a_latent_upscaler",
        "engine/test_latent_upscaler.py::test_it_equals_the_stock_pipeline",
    ),
    "face restore": (
        "bot/test_restore.py::test_faces_of_a_given_picture",
        "bot/test_restore.py::test_without_a_restorer_members_are_told_what_the_owner_would_do",
        "engine/test_restoring.py::test_faces_change_and_nothing_else_does",
    ),
    "hires fix": ("e2e/test_modes.py::test_hires_fix_draws_twice_as_large",),
    "tiling": ("e2e/test_words.py::test_tiling_leaves_no_seam",),
    "SDXL refiner": ("e2e/test_kinds.py::test_a_refiner_takes_over_from_its_base",),
    "few steps": ("e2e/test_words.py::test_few_steps_are_enough_for_samplers_of_second_order",),
    "samplers": ("e2e/test_words.py::test_samplers_draw_the_same_scene",),
    "schedules": (
        "bot/test_panel.py::test_a_sampler_brings_its_own_schedules",
        "engine/test_equal_to_stock.py::test_alone",
    ),
    "eta and noise scale": (
        "e2e/test_words.py::test_eta_changes_the_picture_and_not_what_it_shows",
        "bot/test_finer.py::test_eta_noise_vae_and_tiling",
    ),
    "prompt language": (
        "e2e/test_words.py::test_each_picture_of_a_batch_draws_its_own_choice_and_all_come_with_a_grid",
        "bot/test_prompt_language.py::test_weights",
        "bot/test_prompt_language.py::test_a_long_prompt_is_drawn_whole",
        "engine/test_text.py::test_long_weighted_changing_text_equals_the_stock_pipeline_told_so",
    ),
    "wildcard files": (
        "bot/test_wildcards.py::test_a_line_is_drawn_and_drawn_again_though_the_file_changed",
    ),
    "clip skip": (
        "bot/test_panel.py::test_clip_skip_is_shown_and_becomes_the_jobs",
        "engine/test_equal_to_stock.py::test_clip_skip_is_one_more_than_the_stock_pipelines",
    ),
    "flags": ("e2e/test_words.py::test_flags_are_options",),
    "styles": (
        "e2e/test_words.py::test_a_style_is_around_the_prompt",
        "bot/test_styles.py::test_a_server_adds_a_style_and_its_members_draw_in_it",
    ),
    "batch": (
        "e2e/test_words.py::test_each_picture_of_a_batch_draws_its_own_choice_and_all_come_with_a_grid",
    ),
    "X/Y grids, cells promoted": (
        "e2e/test_modes.py::test_a_grid_shows_what_each_of_its_cells_is",
        "bot/test_grid.py::test_a_grid_is_one_job_whose_cells_can_be_promoted",
    ),
    "describe, parameters": ("e2e/test_words.py::test_describe_reads_how_a_picture_was_made",),
    "describe, caption": (
        "bot/test_describe.py::test_it_says_what_a_picture_shows",
        "control/test_captions.py::test_the_recipe_keeps_what_is_said",
    ),
    "base models as diffusers folders": ("e2e/test_kinds.py::test_a_model_of_each_family_draws",),
    "base models as single files": ("e2e/test_kinds.py::test_a_single_file_draws_what_its_folder_does",),
    "drop-in": ("e2e/test_kinds.py::test_a_file_that_is_dropped_in_is_found_and_used",),
    "LoRA": ("e2e/test_words.py::test_a_lora_brings_its_style_and_weight_0_leaves_every_byte",),
    "LyCORIS, DoRA": (
        "e2e/test_kinds.py::test_lycoris_and_dora_bring_the_style_of_the_lora_that_they_equal",
    ),
    "several LoRAs": ("e2e/test_kinds.py::test_several_loras_at_once_add_up",),
    "textual inversion": ("e2e/test_words.py::test_a_textual_inversion_is_a_word",),
    "VAE": ("e2e/test_kinds.py::test_a_vae_is_a_kind_of_its_own",),
    "licences": ("bot/test_licences.py::test_models_show_their_licences_and_the_floor",),
    "memory": (
        "bot/test_licences.py::test_sizes_follow_what_fits_in_memory",
        "engine/test_memory.py::test_a_rerun_follows_tiles_or_tells",
    ),
    # Community
    "long work survives": (
        "e2e/test_faults.py::test_two_hundred_pictures_through_three_kills_and_a_restart",
    ),
    "live progress": (
        "bot/test_imagine.py::test_progress_shows_step_bar_and_preview_and_then_the_result",
        "bot/test_buttons.py::test_cancel_while_running_asks_the_worker_to_stop",
    ),
    "reactions": (
        "bot/test_reactions.py::test_rerun_is_a_reply_that_becomes_the_result",
        "bot/test_reactions.py::test_new_seed_and_an_emoji_without_its_variation_selector",
        "bot/test_reactions.py::test_remix_offers_the_button_that_opens_the_form",
        "bot/test_reactions.py::test_of_several_pictures_one_is_chosen_first",
        "bot/test_reactions.py::test_a_star_is_a_favourite_until_it_is_taken_back",
        "bot/test_reactions.py::test_the_pictures_come_to_ones_direct_messages",
        "bot/test_refused_reactions.py::test_delete_and_report_ask_for_the_same_rights_as_their_buttons",
        "bot/test_gallery.py::test_a_reaction_publishes_and_taking_it_back_unpublishes",
    ),
    "buttons for years": ("bot/test_buttons.py::test_buttons_work_after_a_restart",),
    "message commands": (
        "bot/test_upscale.py::test_the_message_menu_enlarges_results_and_others_pictures",
        "bot/test_reports.py::test_a_reported_picture_is_struck_and_the_strike_appealed",
    ),
    "history, lineage, comparison": (
        "bot/test_history.py::test_pages_of_a_search_are_turned_after_a_restart",
        "bot/test_history.py::test_a_tree_names_what_changed",
        "bot/test_history.py::test_two_pictures_are_compared",
    ),
    "rerun by seed": ("bot/test_buttons.py::test_rerun_is_a_new_job_that_follows_the_first_ones_recipe",),
    "quotas": (
        "bot/test_quota.py::test_quota_shows_what_there_is_what_is_held_and_when_more_comes",
        "bot/test_quota.py::test_the_best_of_a_members_roles_counts",
        "bot/test_quota.py::test_the_panel_tells_the_price_of_what_is_chosen",
    ),
    "fairness": ("bot/test_quota.py::test_why_gives_counts_and_reasons_and_no_names",),
    "galleries": (
        "bot/test_gallery.py::test_stars_post_a_picture_once_and_its_count_follows",
        "bot/test_gallery.py::test_the_gallery_is_searched_and_paged",
        "bot/test_gallery.py::test_a_remix_names_and_links_whose_picture_it_is_made_of",
        "bot/test_gallery.py::test_a_young_accounts_and_a_banned_members_stars_do_not_count",
        "bot/test_contests.py::test_a_contest_is_announced_entered_and_won",
        "bot/test_contests.py::test_a_collection_is_kept_shown_and_shared",
    ),
    "privacy": (
        "bot/test_privacy.py::test_a_member_takes_everything_along_and_goes",
        "bot/test_privacy.py::test_nobody_erases_another",
        "bot/test_settings.py::test_private_by_default_unless_the_panel_says_otherwise",
    ),
    "localisation": (
        "bot/test_languages.py::test_a_german_member_reads_german",
        "bot/test_alt_text.py::test_pictures_previews_and_grids_are_described",
    ),
    "user settings": ("bot/test_settings.py::test_member_beats_channel_beats_server",),
    # Moderation
    "who may what": (
        "bot/test_access.py::test_rules_hold_for_commands_and_presses",
        "bot/test_who_may_what.py::test_who_may",
        "bot/test_who_may_command.py::test_who_may_use_which_command",
        "bot/test_who_may_command.py::test_every_command_has_its_row",
    ),
    "bans, strikes, time-outs": (
        "bot/test_moderation.py::test_a_ban_cancels_what_waits_and_is_asked_for_at_every_door",
    ),
    "prompt filter": ("bot/test_filter.py::test_moderators_keep_lists_that_hold_at_every_door",),
    "image filter": (
        "bot/test_image_policy.py::test_what_is_quarantined_waits_for_a_moderator",
        "bot/test_image_policy.py::test_a_spoiler_is_for_age_restricted_channels",
        "bot/test_image_policy.py::test_a_picture_stays_in_age_restricted_channels",
    ),
    "reports": ("bot/test_reports.py::test_a_reported_picture_is_struck_and_the_strike_appealed",),
    "takedown": ("bot/test_takedown.py::test_a_picture_goes_for_good",),
    "audit": ("bot/test_moderation.py::test_the_audit_is_searched_and_exported",),
    "operations: pause and drain": (
        "bot/test_admin.py::test_a_paused_server_takes_orders_that_wait",
        "bot/test_admin.py::test_the_whole_studio_is_for_its_owner",
        "bot/test_admin.py::test_drained_workers_finish_and_take_no_more",
    ),
    "operations: models on and off": ("bot/test_admin.py::test_a_model_that_is_off_draws_nothing",),
    "operations: quota grants": ("bot/test_quota.py::test_a_manager_grants_and_takes_back_and_nobody_else",),
    "operations: who uses how much": ("bot/test_admin.py::test_usage_is_listed_and_drawn",),
    "operations: health": (
        "bot/test_admin.py::test_health_is_told_to_the_owner",
        "bot/test_startup.py::test_it_becomes_ready_answers_for_its_health_and_stops_cleanly",
    ),
    "operations: all of it is audited": ("bot/test_admin.py::test_all_of_it_is_audited",),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_has_its_test(row: str) -> None:
    for name in ROWS[row]:
        path, _, test = name.partition("::")
        tree = ast.parse((TESTS / path).read_text())
        functions = {
            node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert test in functions, f"{name} is gone"
