"""Architectures that vectord does not declare and transformers knows, as embedders and classifiers."""

from collections.abc import Callable
from functools import partial

from . import bert, decoder, roberta
from .recipe import Embedder, Json, Recipe, Size, Vocabulary

Configured = Callable[[Vocabulary, Size], Json]
LABELS = ("negative", "neutral", "positive")


def encoder(model_type: str, *labels: str, **more: object) -> Configured:
    """Return what makes the config.json of BERT's kin, with what one of them says `more`."""

    def made(words: Vocabulary, size: Size) -> Json:
        return {**bert.config(words, size, labels), "model_type": model_type, **more}

    return made


def embedder(network: str, config: Configured) -> Recipe:
    """Return one that sentence-transformers reads."""
    return Recipe(network, bert.vocabulary, config, bert.SIZES, Embedder("mean_tokens", max_length=256))


def generator(network: str, config: Configured) -> Recipe:
    """Return a decoder that sentence-transformers reads."""
    return Recipe(network, decoder.vocabulary, config, decoder.SIZES, decoder.EMBEDDER)


def squeezebert(words: Vocabulary, size: Size) -> Json:
    """Return the config.json of SqueezeBERT, which embeds words in the size of its states."""
    return encoder("squeezebert", embedding_size=size.hidden)(words, size)


def t5(words: Vocabulary, size: Size) -> Json:
    """Return the config.json of a T5 encoder, whose keys are its own."""
    return {
        "model_type": "t5",
        "d_ff": size.inner,
        "d_kv": size.hidden // size.heads,
        "d_model": size.hidden,
        "feed_forward_proj": "relu",
        "n_positions": 512,
        "num_heads": size.heads,
        "num_layers": size.layers,
        "pad_token_id": words.id("pad_token"),
        "vocab_size": words.size,
    }


ELECTRA = encoder("electra", embedding_size=20)
UNDECLARED = {
    "electra": embedder("ElectraModel", ELECTRA),
    "electra_classify": Recipe(
        "ElectraForSequenceClassification",
        bert.vocabulary,
        encoder("electra", *LABELS, embedding_size=20),
        bert.SIZES,
    ),
    "electra_rerank": Recipe(
        "ElectraForSequenceClassification",
        bert.vocabulary,
        encoder("electra", "LABEL_0", embedding_size=20),
        bert.SIZES,
    ),
    "electra_tokens": Recipe(
        "ElectraForTokenClassification",
        bert.vocabulary,
        encoder("electra", *LABELS, embedding_size=20),
        bert.SIZES,
    ),
    "albert": embedder("AlbertModel", encoder("albert", embedding_size=16, inner_group_num=1)),
    # positions are counted from after padding's
    "roberta_prelayernorm": Recipe(
        "RobertaPreLayerNormModel",
        roberta.vocabulary,
        partial(roberta.config, model_type="roberta-prelayernorm"),
        bert.SIZES,
        Embedder("cls_token", max_length=512),
    ),
    # never calls the attention interface
    "squeezebert": embedder("SqueezeBertModel", squeezebert),
    # convolves over whatever stands beside a token
    "convbert": embedder("ConvBertModel", encoder("convbert", embedding_size=20, conv_kernel_size=5)),
    # adds a bias by distance to its scores
    "t5": Recipe("T5EncoderModel", bert.vocabulary, t5, bert.SIZES, Embedder("mean_tokens", 256)),
    # convolves over what stood before, whoever's it was
    "lfm2": generator(
        "Lfm2Model",
        decoder.config(
            "lfm2",
            layer_types=["conv", "full_attention", "conv"],
            block_auto_adjust_ff_dim=False,
            num_hidden_layers=3,
        ),
    ),
    "phi": generator("PhiModel", decoder.config("phi", partial_rotary_factor=0.5)),
    "starcoder2": generator("Starcoder2Model", decoder.config("starcoder2", sliding_window=50)),
    "vaultgemma": generator(
        "VaultGemmaModel",
        decoder.config("vaultgemma", head_dim=12, attn_logit_softcapping=5.0, sliding_window=4096),
    ),
}
