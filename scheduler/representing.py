"""Several kinds of vectors from one pass through the network, and the vectors of tokens alone."""

from collections.abc import Collection, Sequence

from vectord.core import Encoding

from .answers import Representations, TokenVectors
from .aside import aside, of_tokens
from .encoder import Encoder, Inputs
from .pieces import Pieces, rows, token_rows
from .prompt import Prompt, Role, late_role
from .rows import unit
from .served import Served
from .truncation import Truncation
from .usage import Usage
from .vectors import Kind, output_of, sparse_vectors, token_vectors


async def represent(
    served: Served,
    encoder: Encoder,
    inputs: Inputs,
    kinds: Collection[Kind],
    prompt: Prompt,
    truncation: Truncation,
) -> Representations:
    """Return the kinds that are asked for. Raises `InvalidRequest` for one that the model lacks."""
    outputs = {kind: output_of(served, kind) for kind in kinds}
    role: Role = "document"
    if served.card.head.output == "vectors":
        role = late_role(served.card, prompt)
        encodings = await in_role(served, encoder, inputs, role, truncation)
    else:
        encodings = await encoder.inputs(served, inputs, prompt, truncation)
    found = await served.run(encodings, *outputs.values())
    return await aside(
        of_tokens(encodings, served.card.width), representations, served, encodings, found, outputs, role
    )


def representations(
    served: Served,
    encodings: Sequence[Encoding],
    found: Sequence[Pieces],
    kinds: Collection[Kind],
    role: Role,
) -> Representations:
    """Return the kinds of vectors that a model's pieces hold."""
    return Representations(
        served.name,
        Usage.of(encodings),
        unit(rows(found, "embedding")) if "dense" in kinds else None,
        sparse_vectors(served, encodings, found) if "sparse" in kinds else None,
        token_vectors(served, encodings, found, role) if "token_vectors" in kinds else None,
    )


async def every_token(
    served: Served, encoder: Encoder, inputs: Inputs, prompt: Prompt, truncation: Truncation
) -> TokenVectors:
    """Return a ColBERT model's vectors, which are those that count, or the network's last states."""
    if served.card.head.output == "vectors":
        role = late_role(served.card, prompt)
        encodings = await in_role(served, encoder, inputs, role, truncation)
        found = await served.run(encodings, "vectors")
        size = of_tokens(encodings, served.card.width)
        vectors = await aside(size, token_vectors, served, encodings, found, role)
        return TokenVectors(served.name, Usage.of(encodings), vectors)
    encodings = await encoder.inputs(served, inputs, prompt, truncation)
    found = await served.run(encodings, "tokens")
    return TokenVectors(served.name, Usage.of(encodings), token_rows(found, "tokens"))


async def in_role(
    served: Served, encoder: Encoder, inputs: Inputs, role: Role, truncation: Truncation
) -> list[Encoding]:
    """Encode texts in their role for a ColBERT model."""
    why_not_ids = f"{served.name} takes texts, not token ids, since it marks them"
    texts = await encoder.texts(served, inputs, why_not_ids)
    encodings = await encoder.in_role(served, texts, role, truncation)
    encoder.check_total(encodings)
    return encodings
