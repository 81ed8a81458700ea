"""Where tokens stand in their text, beside transformers' own offsets, for tokenizers of every kind."""

from collections.abc import Callable

import pytest
from tokenizers import Tokenizer, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from tests.checkpoints import TEXTS, bert, roberta
from tests.checkpoints.vocabulary import byte_pairs, template, unigrams
from vectord.models.tokenizer import FastTokenizer

UNKNOWN = "日本語の文 \N{SNOWMAN} \u0e01"
INPUTS = (
    *TEXTS,
    UNKNOWN,
    "Zoë e\u0301te\u0301 ﬁne ＡＢＣ",
    "U.S.A. O'Neil-Smith",
    "x\u200by\u00a0z",
    " a",
    "a ",
)


def trimmed() -> Tokenizer:
    """Return RoBERTa's own kind: a space before the text, and offsets without spaces."""
    tokenizer = byte_pairs(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True)
    return tokenizer


def spaced() -> Tokenizer:
    """Return a SentencePiece kind in which a token has the space before it."""
    tokenizer = unigrams(["<s>", "</s>", "<unk>"], "<unk>")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first")
    template(tokenizer, "<s> $A </s>", "<s> $A </s> $B </s>", ["<s>", "</s>"])
    return tokenizer


KINDS: dict[str, tuple[Callable[[], Tokenizer], str]] = {
    "WordPiece": (lambda: bert.vocabulary().tokenizer, "[UNK]"),
    "byte-level BPE": (lambda: roberta.vocabulary().tokenizer, "<unk>"),
    "byte-level BPE, trimmed": (trimmed, "<unk>"),
    "Unigram": (lambda: roberta.XLM_WORDS().tokenizer, "<unk>"),
    "Unigram with spaces": (spaced, "<unk>"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_offsets_and_words(kind: str) -> None:
    made, unknown = KINDS[kind]
    tokenizer = made()
    tokenizer.no_truncation()
    tokenizer.no_padding()
    theirs = PreTrainedTokenizerFast(tokenizer_object=made(), unk_token=unknown)
    ours = FastTokenizer(tokenizer, 10_000, unknown=unknown)
    for text, one in zip(INPUTS, ours.encode_spans(list(INPUTS), 10_000), strict=True):
        asked = theirs(text, return_offsets_mapping=True, return_special_tokens_mask=True)
        assert one.encoding.token_ids.tolist() == asked["input_ids"]
        rows = [row for row, special in enumerate(asked["special_tokens_mask"]) if not special]
        assert [token.row for token in one.tokens] == rows
        for token in one.tokens:
            start, end = asked["offset_mapping"][token.row]
            assert (token.start, token.end) == (start, end)
            index = asked["input_ids"][token.row]
            is_unknown = index == theirs.unk_token_id
            word = text[start:end] if is_unknown else theirs.convert_ids_to_tokens(index)
            assert token.text == word
            assert token.continues == (not is_unknown and goes_on(kind, text, word, start, end))


def goes_on(kind: str, text: str, word: str, start: int, end: int) -> bool:
    """Whether a token continues a word, as transformers' pipeline decides."""
    if kind == "WordPiece":
        return len(word) != end - start
    return start > 0 and " " not in text[start - 1 : start + 1]


def test_texts_of_each_kind_have_unknown_and_continuing_tokens() -> None:
    for kind in ("WordPiece", "Unigram", "Unigram with spaces"):
        made, unknown = KINDS[kind]
        tokenizer = made()
        tokenizer.no_truncation()
        tokenizer.no_padding()
        ours = FastTokenizer(tokenizer, 10_000, unknown=unknown)
        tokens = [token for one in ours.encode_spans(list(INPUTS), 10_000) for token in one.tokens]
        assert any(token.continues for token in tokens)
        assert any(token.text in UNKNOWN for token in tokens)


@pytest.mark.parametrize("limit", [2, 3, 7, 512])
def test_a_cut_text_has_the_tokens_that_are_run(limit: int) -> None:
    tokenizer = bert.vocabulary().tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    ours = FastTokenizer(tokenizer, 10_000, unknown="[UNK]")
    for text, one in zip(TEXTS, ours.encode_spans(list(TEXTS), limit), strict=True):
        [plain] = ours.encode([text], limit)
        assert one.encoding.token_ids.tolist() == plain.token_ids.tolist()
        assert one.encoding.cut == plain.cut
        assert [token.row for token in one.tokens] == list(range(1, len(plain) - 1))
