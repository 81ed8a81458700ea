"""Qwen3 (Yang et al. 2025, arXiv 2505.09388): a decoder with normed queries and keys."""

from vectord.core import Arch, Dense, Full, Mask, PairPrompt

from ..config import Config
from .decoder import NAMES, PREFIXES, alternating, decoder, direction, grouped, last_token, rms_norm
from .family import Family
from .labels import label_count


def arch(config: Config) -> Arch:
    """Read a Qwen3 config.json."""
    bias = config.switch("attention_bias", False)
    attention = grouped(
        config,
        theta=1_000_000.0,
        head_size=128,
        bias=bias,
        out_bias=bias,
        qk_norm=rms_norm(config),
    )
    return decoder(config, attention, alternating(config, mask(config)))


def mask(config: Config) -> Mask:
    """Read whether a token sees what comes after it, by transformers' key or by that of voyage-4-nano."""
    return Full() if config.switch("use_bidirectional_attention", False) else direction(config)


def projection(config: Config) -> Dense | None:
    """Read the layer of voyage-4-nano's class, which counts its columns as labels."""
    both_ways = config.switch("use_bidirectional_attention", False)
    if not both_ways or not (config.has("num_labels") or config.has("id2label")):
        return None
    return Dense("head.projection", config.size("hidden_size"), label_count(config), False, "identity")


# what Qwen3-Reranker is asked, as its model page has it
PAIR_PROMPT = PairPrompt(
    before="<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the "
    'Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n',
    pair="<Instruct>: {instruction}\n<Query>: {query}\n<Document>: {document}",
    after="<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
    instruction="Given a web search query, retrieve relevant passages that answer the query",
)
FAMILY = Family(
    name="qwen3",
    model_type="qwen3",
    arch=arch,
    classifier=last_token,
    projection=projection,
    pair_prompt=PAIR_PROMPT,
    prefixes=PREFIXES,
    names={
        **NAMES,
        "layers.{i}.query_norm": "layers.{i}.self_attn.q_norm",
        "layers.{i}.key_norm": "layers.{i}.self_attn.k_norm",
        "head.projection": "linear",
    },
    examples=("Qwen/Qwen3-Embedding-0.6B", "voyageai/voyage-4-nano"),
)
