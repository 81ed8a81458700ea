"""Documents scored for a query, in each of the four ways."""

from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from tests.checkpoints import Style, answers
from tests.checkpoints.heads import COLBERT
from tests.models.editing import edit
from tests.shared import Checkpoints
from vectord.errors import TooLong
from vectord.scheduler import Truncation

from .serving import INPUTS, LONG, engine, near

QUERY = "what is the capital of france"
FORMS = [(family, style) for family in COLBERT for style in ("published", "resaved")]


@pytest.mark.parametrize("family", ["bert_rerank", "xlm_roberta_rerank", "modernbert_rerank"])
async def test_by_pairs(checkpoint: Checkpoints, family: str) -> None:
    path = checkpoint(family)
    async with engine(path) as door:
        answer = await door.rerank(QUERY, INPUTS)
        raw = await door.rerank(QUERY, INPUTS, raw_scores=True)
        if family != "modernbert_rerank":
            with pytest.raises(TooLong):
                await door.rerank(QUERY, [LONG], truncation=Truncation(False))
    near(answer.scores, answers.cross_scores(path, [(QUERY, text) for text in INPUTS]))
    near(answer.scores, 1 / (1 + np.exp(-raw.scores)))
    assert answer.truncated == (family != "modernbert_rerank")


@pytest.mark.parametrize("instruction", [None, "Judge whether the text is about {animals}"])
@pytest.mark.parametrize("family", ["qwen3_yes_no", "qwen3_yes_no_untied"])
async def test_by_asking_a_language_model(
    checkpoint: Checkpoints, family: str, instruction: str | None
) -> None:
    path = checkpoint(family)
    before = (
        "<|im_start|>system\nJudge whether the Document meets the requirements based on the Query and the "
        'Instruct provided. Note that the answer can only be "yes" or "no".<|im_end|>\n<|im_start|>user\n'
    )
    after = "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"
    task = instruction or "Given a web search query, retrieve relevant passages that answer the query"
    texts = [f"<Instruct>: {task}\n<Query>: {QUERY}\n<Document>: {text}" for text in INPUTS]
    logits = answers.yes_against_no(path, before, texts, after, 640).astype(np.float64)
    async with engine(path) as door:
        answer = await door.rerank(QUERY, INPUTS, instruction=instruction)
        raw = await door.rerank(QUERY, INPUTS, instruction=instruction, raw_scores=True)
    powers = np.exp(logits)
    near(answer.scores, powers[:, 1] / powers.sum(axis=1))
    near(raw.scores, logits[:, 1] - logits[:, 0])
    assert answer.truncated == 1


async def test_by_cosine_each_after_its_prompt(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bert", tmp_path / "copy")
    edit(path / "config_sentence_transformers.json", {"prompts": {"query": "ask: ", "passage": "told: "}})
    model = SentenceTransformer(str(path), device="cpu")
    asked, told = model.encode(QUERY, prompt_name="query"), model.encode(list(INPUTS), prompt_name="passage")
    wanted = model.similarity(asked, told)[0].numpy()
    async with engine(path) as door:
        answer = await door.rerank(QUERY, INPUTS)
        raw = await door.rerank(QUERY, INPUTS, raw_scores=True)
    near(raw.scores, wanted)
    near(answer.scores, (1 + wanted) / 2)
    assert answer.truncated == 1


@pytest.mark.parametrize(("family", "style"), FORMS)
async def test_by_maximal_similarities(checkpoint: Checkpoints, family: str, style: Style) -> None:
    path = checkpoint(family, style=style)
    queries = (QUERY, "fox", LONG)
    asked, _, wanted = answers.late(path, queries, INPUTS)
    async with engine(path) as door:
        for query, vectors, right in zip(queries, asked, wanted, strict=True):
            raw = await door.rerank(query, INPUTS, raw_scores=True)
            near(raw.scores / len(vectors), right / len(vectors))
            answer = await door.rerank(query, INPUTS)
            near(answer.scores, (1 + right / len(vectors)) / 2)
            assert answer.truncated == 1 + (query == LONG)
