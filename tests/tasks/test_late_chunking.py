"""Late chunking beside sentence-transformers' token embeddings of the joined texts, averaged by spans."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from tests.checkpoints import TEXTS
from tests.checkpoints.native import native
from tests.shared import Checkpoints
from vectord.scheduler import Prompt

from .serving import engine, near

PIECES = ["Berlin is the capital of Germany.", "It has four million people.", "a", "Its rivers are slow."]


def averaged(path: Path, pieces: list[str], prompt: str = "") -> NDArray[np.float32]:
    """Return unit means of the token states of each piece in the text that all make, joined by spaces.

    BERT's tokenizer splits at spaces, so a piece has the tokens there that it has alone. The first piece
    has the prompt and the special token before it, the last the one behind it.
    """
    model = SentenceTransformer(str(native(path)), device="cpu", model_kwargs={"dtype": torch.float32})
    joined = prompt + " ".join(pieces)
    states = model.encode(
        joined, output_value="token_embeddings", convert_to_numpy=False, show_progress_bar=False
    )
    offsets = model.tokenizer(joined, return_offsets_mapping=True)["offset_mapping"]
    ends = np.cumsum([len(prompt) + len(pieces[0]), *(1 + len(piece) for piece in pieces[1:])])
    owners = [int(np.searchsorted(ends, end)) for _, end in offsets]
    owners[-1] = len(pieces) - 1  # the special token behind; it has no place in the text
    rows = [states[[owner == index for owner in owners]].mean(dim=0) for index in range(len(pieces))]
    unit: NDArray[np.float32] = torch.nn.functional.normalize(torch.stack(rows), dim=1).numpy()
    return unit


@pytest.mark.parametrize("family", ["bert", "mpnet"])
async def test_texts_are_embedded_in_the_light_of_one_another(checkpoint: Checkpoints, family: str) -> None:
    path = checkpoint(family)
    async with engine(path) as door:
        found = await door.embed(PIECES, late_chunking=True)
        apart = await door.embed(PIECES)
    near(found.vectors, averaged(path, PIECES))
    assert np.abs(found.vectors - apart.vectors).max() > 1e-3
    assert found.tokens == apart.tokens - 2 * (len(PIECES) - 1)


@pytest.mark.parametrize("family", ["bert", "nomic", "jina"])
async def test_one_text_has_the_vector_that_it_always_has(checkpoint: Checkpoints, family: str) -> None:
    async with engine(checkpoint(family)) as door:
        for text in TEXTS:
            near((await door.embed([text], late_chunking=True)).vectors, (await door.embed([text])).vectors)


@pytest.mark.parametrize("family", ["jina_v3", "jina_v3_adapters"])
async def test_a_prompt_or_an_adapter_holds_for_all(checkpoint: Checkpoints, family: str) -> None:
    async with engine(checkpoint(family)) as door:
        for prompt in (Prompt(task="retrieval.passage"), Prompt(input_type="query")):
            for text in TEXTS[:4]:
                late = await door.embed([text], late_chunking=True, prompt=prompt)
                near(late.vectors, (await door.embed([text], prompt=prompt)).vectors)
            both = await door.embed(PIECES[:2], late_chunking=True, prompt=prompt)
            plain = await door.embed(PIECES[:2], late_chunking=True, prompt=Prompt(text=""))
            assert np.abs(both.vectors - plain.vectors).max() > 1e-3


async def test_texts_over_the_limit_are_read_in_groups(checkpoint: Checkpoints) -> None:
    path = checkpoint("bert")
    pieces = [f"{piece} {number}" for number in range(60) for piece in PIECES]
    async with engine(path) as door:
        limit = door.served[0].card.max_length
        found = await door.embed(pieces, late_chunking=True)
        lengths = [len(row) - 2 for row in (await door.embed_all(pieces)).vectors]
    assert sum(lengths) > limit and found.truncated == 0
    first = int(np.searchsorted(np.cumsum(lengths), limit - 2, side="right"))
    near(found.vectors[:first], averaged(path, pieces[:first]))
