"""Vectors as a model pools them: an input for itself, inputs read together, and the built-in texts."""

from collections.abc import Sequence

from .aside import aside, of_rows
from .encoder import Encoder, Inputs
from .late_chunking import late_chunked
from .pieces import rows
from .prompt import Prompt
from .rows import Array
from .served import Served
from .truncation import Truncation
from .usage import Usage
from .vectors import Form, formed

Pooled = tuple[Array, Usage]


async def pooled(
    served: Served, encoder: Encoder, inputs: Inputs, prompt: Prompt, truncation: Truncation, *, alone: bool
) -> Pooled:
    """Return each input's vector, (inputs, width); `alone`: from a batch of its own."""
    encodings = await encoder.inputs(served, inputs, prompt, truncation)
    found = await served.run(encodings, "embedding", alone=alone)
    vectors = await aside(of_rows(found, served.card.width), rows, found, "embedding")
    return vectors, Usage.of(encodings)


async def pooled_late(
    served: Served, encoder: Encoder, inputs: Inputs, prompt: Prompt, truncation: Truncation, *, alone: bool
) -> Pooled:
    """Return each text's vector, (texts, width), read together with the others."""
    texts = await encoder.texts(served, inputs, "late chunking takes texts, not token ids")
    return await late_chunked(served, encoder, texts, prompt, truncation, alone=alone)


async def scale(served: Served, encoder: Encoder, texts: Sequence[str], form: Form) -> float:
    """Return the step of a model's vectors in 8 bits; the first request for it runs the built-in texts."""

    async def measure() -> Array:
        found, _ = await pooled(served, encoder, texts, Prompt(text=""), Truncation(allowed=True), alone=True)
        return found

    return await served.calibration.scale(form, measure, lambda raw: formed(raw, served, form))
