"""Prompts as the UNet reads them, held against what transformers and diffusers make of the same by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core.prompt.spoken import spoken
from core.samplers import SAMPLERS
from core.stages import EncodeText
from models.engine.api import ImageFailed, ImageTask
from models.engine.chunks import MAX_CHUNKS
from models.engine.clip import ClipEncoder
from models.engine.engine import Engine
from models.engine.text import PromptEncoder
from tests.engine.stock import SIDE, are_equal, make_request
from tests.engine.text_parts import Parts

#: The tiny model's tokenizer knows letters alone: a token a letter.
_LONG = "a fox and a hedgehog " * 12


@pytest.fixture(scope="module", autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


@pytest.fixture(scope="module")
def parts(model_dir: Path) -> Parts:
    return Parts(model_dir / "tiny")


@pytest.fixture
def pipeline(model_dir: Path):
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(model_dir / "tiny", local_files_only=True)
    pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config)
    pipe.set_progress_bar_config(disable=True)
    return pipe


@pytest.mark.parametrize("text", ["", "a red fox", "A  Red\nfox, at 16:9!", "x" * 75])
def test_plain_text_is_stocks_to_the_last_bit(parts: Parts, text: str) -> None:
    said = parts.first(text, text)
    assert torch.equal(said.positive, parts.stock(text)) and torch.equal(said.negative, parts.stock(text))


def test_padding_and_mask_are_the_models_own(model_dir: Path) -> None:
    """Stable Diffusion 2 pads with another token; a few text encoders ask not to see the padding."""
    parts = Parts(model_dir / "tiny")
    parts.tokenizer.pad_token = "!"
    assert torch.equal(parts.first("a fox").positive, parts.stock("a fox"))
    parts.text_encoder.config.use_attention_mask = True
    told = parts.tokenizer("a fox", padding="max_length", max_length=77, return_tensors="pt")
    expected = parts.text_encoder(told.input_ids, attention_mask=told.attention_mask)[0]
    assert not torch.equal(parts.stock("a fox"), expected)
    assert torch.equal(parts.first("a fox").positive, expected)


def test_long_text_is_chunks_of_75_laid_end_to_end(parts: Parts) -> None:
    letters = parts.letters(_LONG)
    chunks = [letters[:75], letters[75:150], letters[150:]]
    said = parts.first(_LONG, "short")
    assert torch.equal(said.positive, torch.cat([parts.by_hand(chunk) for chunk in chunks], dim=1))
    expected = torch.cat([parts.stock("short"), parts.stock(""), parts.stock("")], dim=1)
    assert torch.equal(said.negative, expected)


def test_a_break_starts_a_chunk(parts: Parts) -> None:
    said = parts.first("a fox BREAK BREAK a (hen BREAK x:1.0)")
    expected = torch.cat([parts.stock("a fox"), parts.stock("a hen"), parts.stock("x")], dim=1)
    assert torch.equal(said.positive, expected)


def test_weights_scale_their_tokens_and_keep_the_mean(parts: Parts) -> None:
    plain = parts.by_hand(parts.letters("a red fox"))
    weights = torch.ones(77)
    weights[2:5], weights[5:8] = 1.3, 0.5
    expected = plain * weights[None, :, None]
    expected = expected * (plain.mean() / expected.mean())
    said = parts.first("a (red:1.3) (fox:0.5)").positive
    assert torch.allclose(said, expected, rtol=1e-4, atol=1e-6)
    assert torch.isclose(said.mean(), plain.mean(), rtol=1e-3)
    assert not torch.allclose(said, plain, rtol=1e-2)


def test_a_weight_counts_in_its_own_chunk_alone(parts: Parts) -> None:
    said = parts.first(f"{'y' * 75}(x:1.5)").positive
    assert torch.equal(said[:, :77], parts.by_hand(parts.letters("y" * 74 + "y")))
    assert not torch.equal(said[:, 77:], parts.by_hand(parts.letters("x")))


def test_clip_skip_reads_an_earlier_layer(parts: Parts) -> None:
    clip = parts.text_encoder
    tokens = parts.tokenizer("a fox", padding="max_length", max_length=77, return_tensors="pt").input_ids
    seen: list[torch.Tensor] = []
    hook = clip.encoder.layers[-1].register_forward_pre_hook(lambda _layer, inputs: seen.append(inputs[0]))
    clip(tokens)
    hook.remove()
    assert torch.equal(parts.first("a fox", clip_skip=2).positive, clip.final_layer_norm(seen[0]))
    with pytest.raises(ImageFailed, match="2 layers"):
        parts.first("a fox", clip_skip=3)


def test_two_encoders_are_joined_and_the_last_one_summarises(parts: Parts) -> None:
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    config = CLIPTextConfig.from_dict({**parts.text_encoder.config.to_dict(), "projection_dim": 8})
    second = CLIPTextModelWithProjection(config).eval()
    pair = PromptEncoder(
        ClipEncoder(parts.tokenizer, parts.text_encoder, layer=2, final_norm=False),
        ClipEncoder(parts.tokenizer, second, layer=2, final_norm=False),
    )
    said = pair.encode_prompts(spoken(EncodeText(prompt=_LONG), 0), True).at(0, 1)
    assert said.positive.shape == said.negative.shape == (1, 3 * 77, 64)
    tokens = parts.tokenizer(
        _LONG, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
    ).input_ids
    # Only the first chunk is summarised, as A1111 does; its own end mark closes it.
    expected = second(tokens, output_hidden_states=True)
    assert torch.allclose(said.pooled_positive, expected.text_embeds)
    assert torch.allclose(said.positive[:, :77, 32:], expected.hidden_states[-2])
    assert said.pooled_negative.shape == (1, 8)


def test_text_changes_over_the_steps_and_keeps_its_length(parts: Parts) -> None:
    schedule = parts.schedule(f"[a fox:{_LONG}:0.5]", "[snow|rain]")
    assert schedule.tokens(4) == 3 * 77
    said = [schedule.at(step, 4) for step in range(4)]
    assert all(one.positive.shape == one.negative.shape == (1, 3 * 77, 32) for one in said)
    assert (
        torch.equal(said[0].positive[:, :77], parts.stock("a fox")) and said[0].positive is said[1].positive
    )
    assert torch.equal(said[2].positive, parts.first(_LONG).positive)
    assert torch.equal(said[0].negative[:, :77], parts.stock("snow"))
    assert torch.equal(said[1].negative[:, :77], parts.stock("rain"))
    assert parts.schedule("a fox", guided=False).at(0, 1).negative is None


def test_too_much_text_is_refused(parts: Parts) -> None:
    with pytest.raises(ImageFailed, match="too long"):
        parts.first("x" * 76 * MAX_CHUNKS)
    with pytest.raises(ImageFailed, match="change so often"):
        parts.schedule(f"[{'|'.join('abcdefghijklmnop')}]{'x' * 75 * 20}").at(0, 20)


def test_long_weighted_changing_text_equals_the_stock_pipeline_told_so(
    engine: Engine, parts: Parts, pipeline
) -> None:
    """The pipeline is given the embeddings of each step from outside, as its documentation shows."""
    prompt, negative = f"a (red:1.4) fox [in snow:{_LONG}:0.5]", "[blue|(green:1.2)]"
    request = make_request(prompt, negative=negative, sampler="DDIM", steps=6)
    words = parts.schedule(prompt, negative)

    def told(_pipe, step: int, _timestep: int, tensors: dict) -> dict:
        if step + 1 < 6:
            coming = words.at(step + 1, 6)
            tensors["prompt_embeds"] = torch.cat([coming.negative, coming.positive])
        return tensors

    expected = pipeline(
        prompt_embeds=words.at(0, 6).positive,
        negative_prompt_embeds=words.at(0, 6).negative,
        width=SIDE,
        height=SIDE,
        num_inference_steps=6,
        guidance_scale=7.0,
        generator=torch.Generator().manual_seed(request.seed),
        callback_on_step_end=told,
        callback_on_step_end_tensor_inputs=["prompt_embeds"],
    ).images[0]
    tasks = [ImageTask(request=make_request(f"number {n}", sampler="DDIM", steps=6)) for n in range(3)]
    company = [engine.submit(task) for task in tasks]
    ours = engine.submit(ImageTask(request=request)).result().image
    assert are_equal(ours, expected)
    still = make_request(prompt.replace("0.5", "1.0"), negative=negative, sampler="DDIM", steps=6)
    assert not are_equal(ours, engine.submit(ImageTask(request=still)).result().image)
    assert all(image.result() for image in company)


@pytest.mark.parametrize("sampler", [name for name in ("Euler", "Heun", "PNDM") if name in SAMPLERS])
def test_alternation_goes_by_steps_and_not_by_unet_calls(engine: Engine, sampler: str) -> None:
    """A switch at the first step and an alternation of equal words are as good as the plain prompt."""
    images = [
        engine.submit(ImageTask(request=make_request(prompt, sampler=sampler, steps=5))).result().image
        for prompt in ("a red fox", "a [red|red] [snow:fox:0]", "a [red fox:red hen:5]", "a [red:blue:2] fox")
    ]
    assert are_equal(images[0], images[1])
    if sampler != "PNDM":  # It takes one call more than steps.
        assert are_equal(images[0], images[2])
    assert not are_equal(images[0], images[3])


def test_each_image_draws_its_own_choices_and_a_rerun_the_same(engine: Engine) -> None:
    request = make_request("a {red|green|blue|black} {fox|hen|owl}", negative="{snow|rain}")
    first = [engine.submit(ImageTask(request=request, index=index)).result() for index in range(3)]
    for index, finished in enumerate(first):
        words = spoken(request.text, request.image_seed(index))
        said = make_request(words.prompt_text, negative=words.negative_text, seed=request.image_seed(index))
        assert are_equal(engine.submit(ImageTask(request=said)).result().image, finished.image)
        again = engine.submit(ImageTask(request=request, index=index, replay=finished.recipe)).result()
        assert again.png() == finished.png()
    assert len({spoken(request.text, request.image_seed(index)).prompt_text for index in range(3)}) > 1


def test_a_changing_prompt_comes_again_to_the_byte_in_other_company(engine: Engine) -> None:
    request = make_request("a [red|blue] (fox:1.3) BREAK [snow:rain:0.4]", steps=8)
    first = engine.submit(ImageTask(request=request)).result()
    companions = [
        engine.submit(ImageTask(request=make_request(f"[a|b] {n} BREAK c", seed=n, steps=8)))
        for n in range(5)
    ]
    again = engine.submit(ImageTask(request=request, replay=first.recipe)).result()
    assert again.png() == first.png()
    assert all(companion.result() for companion in companions)
