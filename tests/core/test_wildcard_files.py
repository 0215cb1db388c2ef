"""`__name__` in a prompt is drawn from the lines of the owner's files, and the order keeps them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from core.errors import BadOption
from core.prompt import wildcard_files
from core.prompt.parse import parse
from core.prompt.spoken import spoken
from core.prompt.tree import Text, Weighted
from core.prompt.wildcard_files import MAX_CHARACTERS, MAX_WILDCARDS, WildcardFiles, with_wildcards
from core.request import Request
from tests.core.hostile import HOSTILE
from tests.engine.stock import make_request

Write = Callable[..., WildcardFiles]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(**files: str) -> WildcardFiles:
        for name, text in files.items():
            path = tmp_path / "wildcards" / f"{name.replace('0', '/')}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return WildcardFiles(tmp_path / "wildcards")

    return write


def _drawn(order: Request, seed: int) -> str:
    return spoken(order.text, seed).prompt_text


def test_each_image_draws_its_own_and_a_rerun_the_same(write: Write) -> None:
    files = write(colour="red\n# a note\n\n blue \nred\ngreen")
    order = with_wildcards(make_request("a __colour__ fox, __Colour__ sky", negative="__colour__"), files)
    assert order.text.prompt == "a {red|blue|green} fox, {red|blue|green} sky"
    assert order.text.negative_prompt == "{red|blue|green}"
    assert len({_drawn(order, seed) for seed in range(40)}) == 9
    write(colour="yellow")
    assert with_wildcards(order, files) == order
    assert _drawn(order, 7) == _drawn(Request.from_json(order.to_json()), 7)


def test_of_a_long_file_the_seed_draws_what_there_is_room_for(write: Write) -> None:
    lines = [f"a thing of number {number}" for number in range(5000)]
    files = write(things="\n".join(lines))
    one, same, other = (with_wildcards(make_request("__things__", seed=seed), files) for seed in (1, 1, 2))
    assert one == same
    assert one.text.prompt != other.text.prompt
    options = one.text.prompt.strip("{}").split("|")
    assert set(options) < set(lines)
    assert len(options) > 100
    assert len(one.text.prompt) <= MAX_CHARACTERS + 1


def test_marks_in_a_line_stay_in_it(write: Write) -> None:
    files = write(odd="a (red:1.2) one\na | b\n{x\nhalf (open\n<lora:ink:1>\n[cat:dog:0.5]")
    order = with_wildcards(make_request("__odd__!"), files)
    drawn = {_drawn(order, seed) for seed in range(60)}
    assert drawn == {
        "a (red:1.2) one!",
        r"a \| b!",
        r"\{x!",
        r"half \(open!",
        r"\<lora:ink:1>!",
        "[cat:dog:0.5]!",
    }


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("cat\\", r"cat\\"),
        (r"cat\\", r"cat\\"),
        (r"cat\|", r"cat\|"),
        (r"cat\\|", r"cat\\\|"),
        (r"(cat\(", r"\(cat\("),
    ],
)
def test_backslashes_stay_in_their_line(write: Write, line: str, kept: str) -> None:
    order = with_wildcards(make_request("a __odd__)"), write(odd=f"{line}\ndog"))
    assert order.text.prompt == f"a {{{kept}|dog}})"


@given(line=HOSTILE)
def test_no_mark_reaches_beyond_its_line(tmp_path_factory: pytest.TempPathFactory, line: str) -> None:
    folder = tmp_path_factory.mktemp("wildcards")
    (folder / "odd.txt").write_text(f"{line}\ndog")
    order = with_wildcards(make_request("[a __odd__ b] c"), WildcardFiles(folder))
    for seed in range(8):
        outer, rest = parse(_drawn(order, seed), drawn=True).nodes
        assert isinstance(outer, Weighted) and rest == Text(text=" c")


def test_a_file_is_read_once_however_often_it_is_named(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    really_open = Path.open

    def counted(path: Path, *arguments: Any) -> Any:
        opened.append(path)
        return really_open(path, *arguments)

    files = write(colour="red\nblue", animal="fox")
    monkeypatch.setattr(Path, "open", counted)
    with_wildcards(make_request("__colour__ __animal__ __Colour__", negative="__colour__"), files)
    assert sorted(path.name for path in opened) == ["animal.txt", "colour.txt"]


def test_so_many_wildcards_fit_into_a_text(write: Write) -> None:
    files = write(colour="red")
    most = "__colour__ " * MAX_WILDCARDS
    assert with_wildcards(make_request(most, negative=most), files).text.prompt == "red " * MAX_WILDCARDS
    for request in (make_request(most + "__colour__"), make_request("", negative=most + "__colour__")):
        with pytest.raises(BadOption, match=r"33 wildcards.*up to 32"):
            with_wildcards(request, files)
        assert with_wildcards(request, WildcardFiles()) == request


def test_folders_and_words_with_underscores(write: Write) -> None:
    files = write(animals0big_cats="lion", one="alone")
    order = with_wildcards(make_request("__animals/big_cats__ __one__ _x_ ____"), files)
    assert order.text.prompt == "lion alone _x_ ____"


@pytest.mark.parametrize("name", ["色", "Größe", "réglage", "रंग", "жизнь_2"])
def test_names_in_any_alphabet(write: Write, name: str) -> None:
    files = write(**{unicodedata.normalize("NFD", name): "red"})
    order = with_wildcards(make_request(f"a __{name}__ fox, __{name.upper()}__"), files)
    assert order.text.prompt == "a red fox, red"


def test_names_never_become_paths(write: Write, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("token")
    files = write(colour="red")
    (tmp_path / "wildcards" / "link.txt").symlink_to(tmp_path / "secret.txt")
    for name in ("a/../../secret", "link", f"x{tmp_path}/secret"):
        with pytest.raises(BadOption, match="There are: colour"):
            with_wildcards(make_request(f"__{name}__"), files)


def test_what_is_empty_is_refused_and_without_files_all_is_text(write: Write) -> None:
    with pytest.raises(BadOption, match="empty"):
        with_wildcards(make_request("__nothing__"), write(nothing="# only a note\n"))
    plain = make_request("def __init__(self)")
    assert with_wildcards(plain, WildcardFiles()) == plain


def test_only_so_much_is_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wildcard_files, "MAX_LINES", 2)
    order = with_wildcards(make_request("__many__"), write(many="a\nb\nc"))
    assert order.text.prompt == "{a|b}"
    monkeypatch.setattr(wildcard_files, "MAX_FILES", 1)
    with pytest.raises(BadOption, match="There are: many"):
        with_wildcards(make_request("__more__"), write(more="a"))
