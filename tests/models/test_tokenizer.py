"""Token ids as transformers makes them, whatever tokenizer.json says of padding and truncation."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import tokenizers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tokenizers import models, pre_tokenizers, processors
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from tests.checkpoints import TEXTS
from tests.shared import Checkpoints
from vectord.core import Ids, Side
from vectord.errors import CheckpointError, InvalidRequest
from vectord.models.template import Template
from vectord.models.tokenizer import FastTokenizer, load_tokenizer, longest_first

from .editing import edit
from .encodings import PLENTY, ids, same

FAMILIES = ("bert", "modernbert", "qwen3")


@pytest.fixture(scope="module", params=FAMILIES)
def path(request: pytest.FixtureRequest, checkpoint: Checkpoints) -> Path:
    return checkpoint(request.param)


@pytest.fixture(scope="module")
def ours(path: Path) -> FastTokenizer:
    return load_tokenizer(path, PLENTY)


@pytest.fixture(scope="module")
def theirs(path: Path) -> PreTrainedTokenizerFast:
    return AutoTokenizer.from_pretrained(path)


@pytest.fixture(scope="module")
def bert(checkpoint: Checkpoints) -> FastTokenizer:
    return load_tokenizer(checkpoint("bert"), PLENTY)


@pytest.fixture(scope="module")
def qwen3(checkpoint: Checkpoints) -> FastTokenizer:
    return load_tokenizer(checkpoint("qwen3"), PLENTY)


def words(
    vocabulary: Sequence[str], single: str | None = None, pair: str | None = None
) -> tokenizers.Tokenizer:
    """Return a tokenizer that knows only these words."""
    numbers = {word: index for index, word in enumerate(vocabulary)}
    made = tokenizers.Tokenizer(models.WordLevel(numbers, unk_token=vocabulary[0]))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    if single is not None:
        specials = [(word, index) for word, index in numbers.items() if word.startswith("<")]
        made.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=specials)
    return made


def test_texts_are_encoded_as_transformers_does(ours: FastTokenizer, theirs: PreTrainedTokenizerFast) -> None:
    texts = [*TEXTS, " ", "[CLS] <|endoftext|> [SEP]", "🙂" * 50]
    for limit in (512, 16, 3):
        wanted = theirs(texts, truncation=True, max_length=limit)["input_ids"]
        assert [one.token_ids.tolist() for one in ours.encode(texts, limit)] == wanted


def test_the_cut_is_what_the_limit_removed(ours: FastTokenizer) -> None:
    for text in TEXTS:
        whole = ours.encode([text], PLENTY)[0]
        cut = ours.encode([text], 8)[0]
        assert whole.cut == 0
        assert len(cut) <= 8
        assert len(cut) + cut.cut == len(whole)
        assert len(cut.type_ids) == len(cut)


def test_either_end_can_be_cut(bert: FastTokenizer) -> None:
    whole = bert.encode([TEXTS[3]], PLENTY)[0].token_ids
    right, left = (bert.encode([TEXTS[3]], 7, side)[0].token_ids for side in sides())
    np.testing.assert_array_equal(right, [*whole[:6], whole[-1]])
    np.testing.assert_array_equal(left, [whole[0], *whole[-6:]])


def sides() -> tuple[Side, Side]:
    return ("right", "left")


def test_a_limit_below_the_special_tokens_keeps_only_them(bert: FastTokenizer) -> None:
    for side in sides():
        assert bert.encode(["hello world"], 1, side)[0].token_ids.tolist() == [2, 3]


def test_stored_padding_and_limit_are_ignored(checkpoint: Checkpoints, tmp_path: Path) -> None:
    plain = load_tokenizer(checkpoint("modernbert"), PLENTY)
    path = checkpoint.copy("modernbert", tmp_path / "copy")
    stored = tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))
    stored.enable_padding(direction="left", length=64, pad_id=3, pad_token="[PAD]")
    stored.enable_truncation(5)
    stored.save(str(path / "tokenizer.json"))
    edit(path / "tokenizer_config.json", {"padding_side": "left"})
    padded = load_tokenizer(path, PLENTY)
    texts = list(TEXTS)
    same(padded.encode(texts, 512), plain.encode(texts, 512))
    same(padded.encode_pairs("fox", texts, 64), plain.encode_pairs("fox", texts, 64))


@pytest.mark.parametrize("limit", [*range(4, 20), 512])
def test_pairs_are_cut_as_transformers_does(
    ours: FastTokenizer, theirs: PreTrainedTokenizerFast, limit: int
) -> None:
    for first, second in product(range(1, 14), repeat=2):
        one, other = " fox" * first, " cat" * second
        wanted = theirs(one, other, truncation="longest_first", max_length=limit)
        found = ours.encode_pairs(one, [other], limit)[0]
        assert found.token_ids.tolist() == wanted["input_ids"], (first, second)
        assert found.type_ids.tolist() == wanted.get("token_type_ids", found.type_ids.tolist())
        assert found.cut == len(ours.encode_pairs(one, [other], PLENTY)[0]) - len(found)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 60))
def test_longest_first_keeps_all_that_fits(first: int, second: int, room: int) -> None:
    kept = longest_first(first, second, room)
    assert sum(kept) == min(first + second, room)
    assert 0 <= kept[0] <= first
    assert 0 <= kept[1] <= second
    if sum(kept) < first + second:
        # only the longer side loses, or both are cut to the same
        assert kept[0] == first or kept[1] == second or abs(kept[0] - kept[1]) <= 1


def test_many_documents_for_one_query(ours: FastTokenizer) -> None:
    documents = list(TEXTS)
    together = ours.encode_pairs("what is the capital", documents, 24)
    same(together, [ours.encode_pairs("what is the capital", [one], 24)[0] for one in documents])


def test_the_second_text_of_a_pair_has_its_own_type(bert: FastTokenizer) -> None:
    pair = bert.encode_pairs("hello", ["world world"], 512)[0]
    assert pair.type_ids.tolist() == [0, 0, 0, 1, 1, 1]


class Panicking:
    def encode_batch_fast(self, texts: list[str], add_special_tokens: bool) -> None:
        raise BaseException(f"index out of bounds in {texts}")


def test_a_panic_of_the_library_fails_one_request_and_tells_no_text(
    monkeypatch: pytest.MonkeyPatch, bert: FastTokenizer
) -> None:
    monkeypatch.setattr(bert, "_tokenizer", Panicking())
    with pytest.raises(RuntimeError, match="panicked") as raised:
        bert.encode(["a secret"], 16)
    assert "secret" not in str(raised.value)


def test_ids_without_special_tokens_get_them(bert: FastTokenizer, qwen3: FastTokenizer) -> None:
    assert bert.wrap(ids(7, 8, 9), 512).token_ids.tolist() == [2, 7, 8, 9, 3]
    assert qwen3.wrap(ids(7, 8, 9), 512).token_ids.tolist() == [7, 8, 9, 600]


def test_ids_that_begin_with_the_special_prefix_stay_as_they_are(bert: FastTokenizer) -> None:
    for given_ids in ([2, 7, 8, 3], [2, 7, 8], [2], [2, 3], [2, 7, 3, 8, 3]):
        kept = bert.wrap(ids(*given_ids), 512)
        assert kept.token_ids.tolist() == given_ids
        assert kept.type_ids.tolist() == [0] * len(given_ids)
        assert kept.cut == 0


def test_without_a_prefix_the_suffix_tells(qwen3: FastTokenizer) -> None:
    assert qwen3.wrap(ids(7, 8, 600), 512).token_ids.tolist() == [7, 8, 600]
    assert qwen3.wrap(ids(600), 512).token_ids.tolist() == [600]


@pytest.mark.parametrize("text", TEXTS)
def test_ids_of_a_text_are_the_text(ours: FastTokenizer, text: str) -> None:
    for limit in (512, 9):
        encoded = ours.encode([text], limit)[0]
        whole = ours.encode([text], PLENTY)[0].token_ids
        same([ours.wrap(whole, limit)], [encoded])


def test_ids_over_the_limit_keep_their_special_tokens(bert: FastTokenizer) -> None:
    long = ids(2, *range(10, 30), 3)
    assert bert.wrap(long, 6).token_ids.tolist() == [2, 10, 11, 12, 13, 3]
    assert bert.wrap(long, 6, "left").token_ids.tolist() == [2, 26, 27, 28, 29, 3]
    assert bert.wrap(long[1:-1], 6).token_ids.tolist() == [2, 10, 11, 12, 13, 3]
    assert bert.wrap(long, 6).cut == 16


@pytest.mark.parametrize("wrong", [-1, 64, 2**31 - 1, -(2**31)])
def test_ids_outside_the_vocabulary(checkpoint: Checkpoints, wrong: int) -> None:
    tokenizer = FastTokenizer(words(["<unk>", "a"]), 64)
    with pytest.raises(InvalidRequest, match=r"token ids must lie in 0\.\.63"):
        tokenizer.wrap(ids(1, wrong), 8)


def test_no_ids_at_all(bert: FastTokenizer) -> None:
    empty: NDArray[np.int32] = np.zeros(0, np.int32)
    assert bert.wrap(empty, 8).token_ids.tolist() == [2, 3]


def test_templates_are_learned_from_the_tokenizer(bert: FastTokenizer) -> None:
    made = words(
        ["<unk>", "a", "<s>", "</s>", "<sep>"], "<s> <s> $A </s>", "<s> $A:1 <sep>:1 <sep> $B:2 </s>:3"
    )
    single, pair = Template.of(made, 1), Template.of(made, 2)
    assert [piece.tolist() for piece in single.pieces] == [[2, 2], [3]]
    assert [piece.tolist() for piece in pair.pieces] == [[2], [4, 4], [3]]
    assert [piece.tolist() for piece in pair.piece_types] == [[0], [1, 0], [3]]
    assert (single.overhead, pair.overhead, pair.types) == (3, 4, (1, 2))


def test_no_template_at_all() -> None:
    tokenizer = FastTokenizer(words(["<unk>", "a", "b"]), 64)
    assert tokenizer.encode(["a b a"], 8)[0].token_ids.tolist() == [1, 2, 1]
    assert tokenizer.encode_pairs("a", ["b b b"], 3)[0].token_ids.tolist() == [1, 2, 2]
    assert tokenizer.wrap(ids(1, 2, 1), 2).token_ids.tolist() == [1, 2]


def test_a_vocabulary_without_latin_letters() -> None:
    made = words(["<s>", "</s>", "\u4e00"], "<s> $A </s>", "<s> $A </s> $B </s>")
    made.model = models.WordLevel({"<s>": 0, "</s>": 1, "\u4e00": 2}, unk_token="\u4e00")
    assert Template.of(made, 2).overhead == 3


def test_a_tokenizer_that_knows_nothing(tmp_path: Path) -> None:
    made = tokenizers.Tokenizer(models.BPE())
    made.save(str(tmp_path / "tokenizer.json"))
    edit(tmp_path / "config.json", {"model_type": "bert"})
    with pytest.raises(CheckpointError, match="is not a sound tokenizer: it makes nothing of a 1"):
        load_tokenizer(tmp_path, 64)


@pytest.mark.parametrize("most", [1, 3, 7, 10_000])
@pytest.mark.parametrize("name", ["bert", "qwen3"])
def test_a_text_is_cut_between_the_characters_of_its_tokens(
    request: pytest.FixtureRequest, name: str, most: int
) -> None:
    ours: FastTokenizer = request.getfixturevalue(name)
    texts = [*TEXTS, "naïve 😀😀 café", "日本語のテキスト", "  spaced   out  "]
    whole = [len(one) for one in ours.encode_prompted("", texts, "", 10**6)]
    sides: tuple[Side, ...] = ("right", "left")
    for side in sides:
        for text, length, one in zip(texts, whole, ours.shorten(texts, most, side), strict=True):
            assert one.text and (text.startswith if side == "right" else text.endswith)(one.text)
            assert one.cut == max(0, length - most)
            assert (one.text == text) or one.cut


def test_cut_texts_have_the_tokens_that_were_kept(bert: FastTokenizer) -> None:
    [whole] = bert.encode(["hello world hello world"], 64)
    ends: list[tuple[Side, Ids]] = [("right", whole.token_ids[1:4]), ("left", whole.token_ids[-4:-1])]
    for side, kept in ends:
        [short] = bert.shorten(["hello world hello world"], 3, side)
        [again] = bert.encode([short.text], 64)
        assert again.token_ids[1:-1].tolist() == kept.tolist()
