"""Textual inversions: words that were learnt, in the prompts that name them and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from core.addon_spec import AddonKind
from models.addons import find_addons
from models.catalogue import LocalModel
from models.engine.api import ImageFailed, ImageTask
from models.engine.engine import Engine
from models.engine.inversion import read_inversion
from tests.bad_weights import name_twice
from tests.engine.stock import are_equal, make_request
from tests.engine.text_parts import Parts


@pytest.fixture(scope="module", autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


@pytest.fixture(scope="module")
def parts(model_dir: Path) -> Parts:
    return Parts(model_dir / "tiny")


def _saved(path: Path, tensors: dict[str, torch.Tensor]) -> Path:
    save_file(tensors, path)
    return path


@pytest.mark.parametrize(
    ("tensor", "name"), [("emb_params", "A1111"), ("<ink>", "diffusers"), ("clip_l", "one encoder of two")]
)
def test_inversions_are_words_by_the_names_of_their_files(
    parts: Parts, tmp_path: Path, tensor: str, name: str
) -> None:
    vectors = torch.randn(2, 32)
    ink = read_inversion(_saved(tmp_path / "ink-wash.safetensors", {tensor: vectors}))
    plain = parts.first("a ink-wash fox").positive
    said = parts.first("a ink-wash fox", inversions=(ink,)).positive
    # The same by an embedding table that has the words.
    letters = [*parts.letters("a"), -2, -1, *parts.letters("fox")]
    table = parts.text_encoder.embeddings.token_embedding
    known = table.weight.data
    table.weight.data = torch.cat([known, vectors])
    expected = parts.by_hand([len(known) + 2 + one if one < 0 else one for one in letters])
    table.weight.data = known
    assert torch.allclose(said, expected, atol=1e-6), name
    assert not torch.allclose(said, plain)
    for spelling in ("a <ink-wash> fox", "a INK-Wash fox", "a ink_wash fox"):
        assert torch.equal(parts.first(spelling, inversions=(ink,)).positive, said)
    # Weights hold for it as for other words, and it is no part of other words.
    assert not torch.equal(parts.first("a (ink-wash:1.5) fox", inversions=(ink,)).positive, said)
    for other in ("a ink-washed fox", "a ink fox", "pink-wash"):
        assert torch.equal(parts.first(other, inversions=(ink,)).positive, parts.first(other).positive)


def test_inversions_leave_nothing_behind(parts: Parts, tmp_path: Path) -> None:
    ink = read_inversion(_saved(tmp_path / "ink.safetensors", {"emb_params": torch.randn(3, 32)}))
    before, words = parts.stock("a ink fox"), len(parts.tokenizer)
    parts.first("a ink fox", inversions=(ink,))
    assert torch.equal(parts.stock("a ink fox"), before) and len(parts.tokenizer) == words
    assert torch.equal(parts.first("a ink fox").positive, before)


def test_an_inversion_stays_in_one_chunk(parts: Parts, tmp_path: Path) -> None:
    ink = read_inversion(_saved(tmp_path / "ink.safetensors", {"emb_params": torch.randn(4, 32)}))
    said = parts.first("x" * 73 + " ink", inversions=(ink,)).positive
    assert said.shape[1] == 2 * 77
    assert torch.equal(said[:, :77], parts.by_hand(parts.letters("x" * 73)))


def test_an_inversion_for_another_model_is_refused_where_it_is_named(parts: Parts, tmp_path: Path) -> None:
    ink = read_inversion(_saved(tmp_path / "ink.safetensors", {"emb_params": torch.randn(1, 768)}))
    with pytest.raises(ImageFailed, match=r"ink was made for another kind of model.*768.*32"):
        parts.first("a ink fox", inversions=(ink,))
    assert torch.equal(parts.first("a fox", inversions=(ink,)).positive, parts.stock("a fox"))


def test_files_that_are_no_inversions_say_why(tmp_path: Path) -> None:
    pickle = tmp_path / "ink.pt"
    pickle.write_bytes(b"\x80\x02")
    torn = tmp_path / "torn.safetensors"
    torn.write_bytes(b"\x80\x02")
    doubled = name_twice(_saved(tmp_path / "twice.safetensors", {"emb_params": torch.zeros(1, 8)}))
    files = {
        pickle: "converted to .safetensors",
        torn: "can't be read",
        doubled: "names emb_params twice",
        _saved(tmp_path / "two.safetensors", {"a": torch.zeros(1, 8), "b": torch.zeros(1, 8)}): "no textual",
        _saved(tmp_path / "many.safetensors", {"emb_params": torch.zeros(76, 8)}): "75 vectors",
        _saved(tmp_path / "cube.safetensors", {"emb_params": torch.zeros(1, 2, 8)}): "no textual",
        _saved(tmp_path / "wide.safetensors", {"emb_params": torch.zeros(1, 8193)}): "no textual",
        _saved(tmp_path / "none.safetensors", {"emb_params": torch.tensor(1.0)}): "no textual",
        _saved(tmp_path / "nan.safetensors", {"emb_params": torch.full((1, 8), torch.nan)}): "no numbers",
    }
    for path, words in files.items():
        with pytest.raises(ValueError, match=words):
            read_inversion(path)


def test_an_inversion_lies_in_a_folder_and_is_spoken(models: list[LocalModel], tmp_path: Path) -> None:
    (tmp_path / "embedding").mkdir()
    _saved(tmp_path / "embedding" / "Ink_Wash.safetensors", {"emb_params": torch.randn(2, 32)})
    (tmp_path / "embedding" / "old.safetensors").write_bytes(b"no tensors")
    addons = find_addons([tmp_path])
    found = [addon.spec for addon in addons if addon.spec.kind is AddonKind.EMBEDDING]
    assert [(spec.name, spec.trigger_words) for spec in found] == [("ink-wash", ("Ink_Wash",))]
    engine = Engine(models, device="cpu", addons=addons)
    told = engine.submit(ImageTask(request=make_request("a Ink_Wash fox"))).result()
    plain = engine.submit(ImageTask(request=make_request("a pinkwash fox"))).result()
    engine.close()
    assert found[0].weights_hash in told.recipe.weights_hash
    assert found[0].weights_hash not in plain.recipe.weights_hash
    assert not are_equal(told.image, plain.image)


def test_one_for_other_models_leaves_its_word_as_it_is(models: list[LocalModel], tmp_path: Path) -> None:
    (tmp_path / "embedding").mkdir()
    _saved(tmp_path / "embedding" / "fox.safetensors", {"emb_params": torch.randn(2, 32)})
    (fox,) = [addon for addon in find_addons([tmp_path]) if addon.spec.kind is AddonKind.EMBEDDING]
    other = replace(fox, spec=replace(fox.spec, architecture="sdxl"))
    pictures = []
    for addons in ([other], []):
        engine = Engine(models, device="cpu", addons=addons)
        pictures.append(engine.submit(ImageTask(request=make_request("a red fox"))).result())
        engine.close()
    with_it, without = pictures
    assert are_equal(with_it.image, without.image)
    assert with_it.recipe.weights_hash == without.recipe.weights_hash
