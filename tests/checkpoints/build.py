"""`build` writes one tiny checkpoint."""

import tempfile
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from . import (
    bert,
    deberta,
    decoder,
    distilbert,
    gemma,
    gte,
    jina,
    jina_v3,
    modernbert,
    mpnet,
    nomic,
    qwen3,
    roberta,
    voyage,
)
from .foreign import resave_foreign, write_foreign
from .layout import rename, write_json, write_modules, write_tokenizer
from .native import native, native_config
from .recipe import Recipe, Shape, Size, Style
from .undeclared import UNDECLARED
from .weights import network

FAMILIES = {
    "bert": bert.EMBED,
    "bert_rerank": bert.RERANK,
    "bert_classify": bert.CLASSIFY,
    "modernbert": modernbert.EMBED,
    "modernbert_rerank": modernbert.RERANK,
    "modernbert_classify": modernbert.CLASSIFY,
    "nomic": nomic.EMBED,
    "nomic_scaled": nomic.SCALED,
    "nomic_moe": nomic.MOE,
    "gte": gte.ENGLISH,
    "gte_multilingual": gte.MULTILINGUAL,
    "gte_arctic": gte.ARCTIC,
    "gte_rerank": gte.RERANK,
    "mpnet": mpnet.EMBED,
    "mpnet_classify": mpnet.CLASSIFY,
    "jina": jina.EMBED,
    "jina_code": jina.CODE,
    "jina_rerank": jina.RERANK,
    "jina_v3": jina_v3.PLAIN,
    "jina_v3_adapters": jina_v3.ADAPTED,
    "jina_reranker_v2": jina_v3.RERANK,
    "qwen3": qwen3.EMBED,
    "qwen3_projected": voyage.EMBED,
    "roberta": roberta.EMBED,
    "roberta_classify": roberta.CLASSIFY,
    "xlm_roberta": roberta.XLM_EMBED,
    "xlm_roberta_rerank": roberta.XLM_RERANK,
    "camembert": roberta.CAMEMBERT_EMBED,
    "distilbert": distilbert.EMBED,
    "distilbert_classify": distilbert.CLASSIFY,
    "mistral": decoder.MISTRAL,
    "qwen2": decoder.QWEN2,
    "qwen2_bidirectional": decoder.QWEN2_FULL,
    "qwen2_windowed": decoder.QWEN2_WINDOWED,
    "llama_bidirec": decoder.LLAMA_FULL,
    "llama_rerank": decoder.LLAMA_RERANK,
    "qwen3_rerank": decoder.QWEN3_RERANK,
    "gemma_rerank": gemma.FIRST,
    "gemma2": gemma.SECOND,
    "gemma3": gemma.THIRD,
    "gemma3_rerank": gemma.THIRD_CAUSAL,
    "deberta": deberta.EMBED,
    "deberta_rerank": deberta.RERANK,
}


def build(family: str, out: Path, *, shape: Shape = "small", style: Style = "published") -> Path:
    """Write the checkpoint of a family into `out` and return it; every call writes the same weights."""
    recipe = FAMILIES[family] if family in FAMILIES else UNDECLARED[family]
    match style:
        case "published":
            _publish(recipe, out, recipe.sizes[shape], seed=f"{family} {shape}")
        case "resaved" if recipe.foreign is not None:
            resave_foreign(recipe.foreign, build(family, out, shape=shape))
        case "resaved":
            with tempfile.TemporaryDirectory() as folder:
                _resave(recipe, native(build(family, Path(folder), shape=shape)), out)
    return out


def _publish(recipe: Recipe, out: Path, size: Size, seed: str) -> None:
    words = recipe.vocabulary()
    config = {"architectures": [recipe.architecture or recipe.network], **recipe.config(words, size)}
    if recipe.foreign is not None:
        write_foreign(recipe.foreign, config, recipe.dtype, out, seed)
    else:
        model = network(recipe.network, native_config(config), seed)
        model.to(getattr(torch, recipe.dtype)).save_pretrained(out, max_shard_size=recipe.shard_size)
    if recipe.renamed is not None:
        rename(out, *recipe.renamed)
    write_tokenizer(out, words)
    if recipe.embedder is not None:
        write_modules(out, recipe.embedder, size.hidden)
    # last, over the one that save_pretrained wrote in the form of its own version
    write_json(out / "config.json", config)


def _resave(recipe: Recipe, published: Path, out: Path) -> None:
    if recipe.embedder is not None:
        SentenceTransformer(str(published), device="cpu").save(str(out), create_model_card=False)
        return
    AutoModelForSequenceClassification.from_pretrained(published).save_pretrained(out)
    AutoTokenizer.from_pretrained(published).save_pretrained(out)
