"""RoBERTa and its kin as published: positions begin after padding's, and there is one token type."""

from collections.abc import Callable
from functools import partial

from tokenizers import Tokenizer

from . import bert
from .recipe import Embedder, Json, Recipe, Size, Sizes, Vocabulary
from .vocabulary import byte_pairs, template, unigrams

SPECIAL = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "cls_token": "<s>",
    "mask_token": "<mask>",
}
SIZES: Sizes = {
    "small": Size(hidden=32, layers=2, heads=4, inner=64),
    "odd": Size(hidden=36, layers=3, heads=3, inner=50),
}
NAMES = ["input_ids", "attention_mask"]
XLM = ("<s>", "<pad>", "</s>", "<unk>")
# CamemBERT's first four are left over from its training; padding is id 1 all the same
CAMEMBERT = ("<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>", "</s>")


def vocabulary() -> Vocabulary:
    """Return RoBERTa's byte-level vocabulary."""
    return separated(byte_pairs(["<s>", "<pad>", "</s>", "<unk>", "<mask>"]))


def sentence_pieces(first: tuple[str, ...]) -> Vocabulary:
    """Return a SentencePiece vocabulary, as XLM-RoBERTa and CamemBERT have; the mask token comes last."""
    return separated(unigrams(first, "<unk>", ["<mask>"]))


def separated(tokenizer: Tokenizer) -> Vocabulary:
    """Return a vocabulary in whose pairs two separators stand, and no types."""
    template(tokenizer, "<s> $A </s>", "<s> $A </s> </s> $B:0 </s>", ["<s>", "</s>"])
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_input_names": NAMES,
        "model_max_length": 512,
    }
    return Vocabulary(tokenizer, SPECIAL, config)


def config(words: Vocabulary, size: Size, model_type: str, labels: tuple[str, ...] = ()) -> Json:
    """Return config.json; two of its position rows are never read."""
    return {
        **bert.config(words, size, labels),
        "model_type": model_type,
        "bos_token_id": words.id("bos_token"),
        "eos_token_id": words.id("eos_token"),
        "layer_norm_eps": 1e-05,
        "max_position_embeddings": 514,
        "type_vocab_size": 1,
    }


def embedder(network: str, model_type: str, words: Callable[[], Vocabulary] = vocabulary) -> Recipe:
    """Return the embedder of one of them."""
    made = partial(config, model_type=model_type)
    return Recipe(network, words, made, SIZES, Embedder("mean_tokens", max_length=512))


def classifier(
    network: str, model_type: str, *labels: str, words: Callable[[], Vocabulary] = vocabulary
) -> Recipe:
    """Return the classifier of one of them."""
    return Recipe(network, words, partial(config, model_type=model_type, labels=labels), SIZES)


EMBED = embedder("RobertaModel", "roberta")
CLASSIFY = classifier("RobertaForSequenceClassification", "roberta", "anger", "joy", "neutral", "sadness")
XLM_WORDS = partial(sentence_pieces, XLM)
XLM_EMBED = embedder("XLMRobertaModel", "xlm-roberta", XLM_WORDS)
XLM_RERANK = classifier("XLMRobertaForSequenceClassification", "xlm-roberta", "LABEL_0", words=XLM_WORDS)
CAMEMBERT_EMBED = embedder("CamembertModel", "camembert", partial(sentence_pieces, CAMEMBERT))
