"""Names and shapes of every parameter that an `Arch` and a `Head` need.

The names are ours, the same for every family; a family says what the files call them. Matrices are
(out, in), as the files store them.
"""

from collections.abc import Iterable, Iterator

from vectord.core import (
    Alibi,
    Arch,
    Attention,
    Buckets,
    Dense,
    Disentangled,
    Embedding,
    Experts,
    Foreign,
    Gated,
    Head,
    Layer,
    LayerNorm,
    Mlp,
    Network,
    Norm,
    Plain,
    PostNorm,
    PreNorm,
    RMSNorm,
    Rotary,
    SandwichNorm,
    TwicePostNorm,
)

Shape = tuple[int, ...]
Parameter = tuple[str, Shape]


def parameters(network: Network, heads: Iterable[Head]) -> dict[str, Shape]:
    """Return the shape of every parameter by name; those of a foreign network are not ours to name."""
    return dict(_all(network, heads))


def _all(network: Network, heads: Iterable[Head]) -> Iterator[Parameter]:
    match network:
        case Arch():
            yield from _network(network)
        case Foreign():
            pass
    for head in heads:
        for dense in head.layers:
            yield from _dense(dense)


def _network(arch: Arch) -> Iterator[Parameter]:
    size = arch.hidden_size
    yield from _embedding(arch.embedding, size)
    yield from _adapted_embedding(arch)
    for index, layer in enumerate(arch.layers):
        yield from _shared(layer.attention, size)
        for name, shape in _layer(layer, size):
            yield f"layers.{index}.{name}", shape
        for name, shape in _adapted_layer(arch, layer):
            yield f"layers.{index}.{name}", shape
    yield from _norm("final_norm", arch.final_norm, size)


def _embedding(embedding: Embedding, size: int) -> Iterator[Parameter]:
    yield "embedding.word.weight", (embedding.vocab_size, size)
    if embedding.position is not None:
        yield "embedding.position.weight", (embedding.position.rows, size)
    if embedding.token_types:
        yield "embedding.token_type.weight", (embedding.token_types, size)
    yield from _norm("embedding.norm", embedding.norm, size)


def _shared(attention: Attention, size: int) -> Iterator[Parameter]:
    """What all layers share of relative positions."""
    match attention.position:
        case None | Rotary() | Alibi():
            pass
        case Buckets(count):
            yield "relative.weight", (count, attention.heads)
        case Disentangled(span=span, norm=norm):
            yield "relative.weight", (2 * span, size)
            yield from _norm("relative_norm", norm, size)


def _layer(layer: Layer, size: int) -> Iterator[Parameter]:
    yield from _norm("attention_norm", layer.attention_norm, size)
    yield from _attention(layer.attention, size)
    yield from _norm("mlp_norm", layer.mlp_norm, size)
    yield from _mlp(layer.mlp, size)
    match layer.wiring:
        case PostNorm() | PreNorm():
            pass
        case SandwichNorm():
            yield from _norm("attention_norm_after", layer.attention_norm, size)
            yield from _norm("mlp_norm_after", layer.mlp_norm, size)
        case TwicePostNorm():
            yield from _norm("attention_norm_2", layer.attention_norm, size)


def _attention(attention: Attention, size: int) -> Iterator[Parameter]:
    inner = attention.heads * attention.head_size
    shared = attention.kv_heads * attention.head_size
    yield from _linear("query", inner, size, attention.bias)
    yield from _linear("key", shared, size, attention.bias)
    yield from _linear("value", shared, size, attention.bias)
    yield from _linear("out", size, inner, attention.out_bias)
    whole = attention.qk_norm_whole
    yield from _norm("query_norm", attention.qk_norm, inner if whole else attention.head_size)
    yield from _norm("key_norm", attention.qk_norm, shared if whole else attention.head_size)
    position = attention.position
    if isinstance(position, Disentangled) and not position.shared_projections:
        if position.content_to_position:
            yield from _linear("position_key", inner, size, attention.bias)
        if position.position_to_content:
            yield from _linear("position_query", inner, size, attention.bias)


def _mlp(mlp: Mlp, size: int) -> Iterator[Parameter]:
    match mlp:
        case Plain(inner, _, bias):
            yield from _linear("up", inner, size, bias)
            yield from _linear("down", size, inner, bias)
        case Gated(inner, _, bias, out_bias):
            yield from _linear("up", inner, size, bias)
            yield from _linear("gate", inner, size, bias)
            yield from _linear("down", size, inner, out_bias)
        case Experts(inner, _, count):
            yield "router.weight", (count, size)
            # both (in, out) or (out, in) of one expert below the other: an expert has `inner` rows in each
            yield "experts_up.weight", (count * inner, size)
            yield "experts_down.weight", (count * inner, size)
            yield "experts.bias", (size,)


def _adapted_embedding(arch: Arch) -> Iterator[Parameter]:
    tables = {"word": arch.embedding.vocab_size, "token_type": arch.embedding.token_types}
    for name, rows in tables.items():
        if arch.adapters is not None and rows:
            yield f"embedding.{name}.lora_a", (len(arch.adapters.names), rows, arch.adapters.rank)
            yield (
                f"embedding.{name}.lora_b",
                (len(arch.adapters.names), arch.adapters.rank, arch.hidden_size),
            )


def _adapted_layer(arch: Arch, layer: Layer) -> Iterator[Parameter]:
    size, attention, mlp = arch.hidden_size, layer.attention, layer.mlp
    inner, shared = (count * attention.head_size for count in (attention.heads, attention.kv_heads))
    sites = {"qkv": (inner + 2 * shared, size), "out": (size, inner)}
    if isinstance(mlp, Plain):
        sites |= {"up": (mlp.inner_size, size), "down": (size, mlp.inner_size)}
    for name, (out_size, in_size) in sites.items():
        if arch.adapters is not None:
            yield f"{name}.lora_a", (len(arch.adapters.names), arch.adapters.rank, in_size)
            yield f"{name}.lora_b", (len(arch.adapters.names), out_size, arch.adapters.rank)


def _dense(dense: Dense) -> Iterator[Parameter]:
    for name in dense.names:
        yield from _linear(name, dense.out_size // len(dense.names), dense.in_size, dense.bias)
    yield from _norm(f"{dense.name}_norm", dense.norm, dense.out_size)


def _linear(name: str, out_size: int, in_size: int, bias: bool) -> Iterator[Parameter]:
    yield f"{name}.weight", (out_size, in_size)
    if bias:
        yield f"{name}.bias", (out_size,)


def _norm(name: str, norm: Norm | None, size: int) -> Iterator[Parameter]:
    match norm:
        case None:
            pass
        case RMSNorm():
            yield f"{name}.weight", (size,)
        case LayerNorm(bias=bias):
            yield f"{name}.weight", (size,)
            if bias:
                yield f"{name}.bias", (size,)
