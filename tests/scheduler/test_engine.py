"""The front door, over fakes: what is asked of which model, and what becomes of the rows."""

import asyncio
from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from vectord.core import Adapters, Arch, Embedding, Encoding, Side
from vectord.errors import (
    EmptyInput,
    InvalidRequest,
    Overloaded,
    TooLong,
    TooManyTokens,
    UnknownModel,
    WrongTask,
)
from vectord.scheduler import Engine, Limits, Policy, Prompt, Served, Truncation

from .fakes import WIDTH, FakeSession, FakeTokenizer, card, engine, serve


def both() -> Engine:
    return engine(
        serve(FakeSession(), card("cross", ("rerank",))),
        serve(FakeSession(), card("embedder")),
    )


async def test_vectors_are_unit_vectors_unless_raw_ones_are_asked_for() -> None:
    async with engine(serve(FakeSession())) as door:
        unit = (await door.embed(["abc", "d"])).vectors
        raw = (await door.embed(["abc", "d"], normalize=False)).vectors
    assert np.allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-6)
    assert raw[0].tolist() == [sum(map(ord, "abc")), 3, ord("a"), 1]


async def test_a_checkpoint_that_normalises_always_does() -> None:
    async with engine(serve(FakeSession(), card(normalize=True))) as door:
        vectors = (await door.embed(["abc"], normalize=False)).vectors
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-6)


async def test_dimensions_cut_and_renormalise() -> None:
    async with engine(serve(FakeSession())) as door:
        whole = (await door.embed(["abc"], normalize=False)).vectors[0]
        short = (await door.embed(["abc"], dimensions=2)).vectors[0]
        assert np.allclose(short, whole[:2] / np.linalg.norm(whole[:2]))
        for wrong in (0, -1, 5):
            with pytest.raises(InvalidRequest, match="dimensions"):
                await door.embed(["abc"], dimensions=wrong)


ADAPTED = Arch(
    WIDTH,
    Embedding(200_000),
    (),
    None,
    512,
    Adapters(("retrieval.query", "text-matching"), ("find: ", ""), rank=1, scale=1.0),
)


async def test_an_adapter_goes_with_its_inputs_and_brings_its_instruction() -> None:
    session = FakeSession()
    async with engine(serve(session, card(network=ADAPTED))) as door:
        for adapter in ("retrieval.query", "text-matching", None):
            await door.embed(["abc"], prompt=Prompt(task=adapter))
        await door.embed(["abc"], prompt=Prompt(task="retrieval.query", name="document"))
        await door.embed([[1, 2]], prompt=Prompt(task="retrieval.query"))
        assert [batch.adapters.tolist() for batch in session.batches] == [[0], [1], [-1], [0], [0]]
        assert [batch.tokens for batch in session.batches] == [len("find: abc"), 3, 3, 3, 2]


@pytest.mark.parametrize(
    ("arch", "known"), [(ADAPTED, "retrieval.query, text-matching"), (card().network, "query, document")]
)
async def test_an_unknown_adapter_is_refused_with_the_known_ones(arch: Arch, known: str) -> None:
    async with engine(serve(FakeSession(), card(network=arch))) as door:
        with pytest.raises(InvalidRequest, match=f"it has: {known}$") as raised:
            await door.embed(["abc"], prompt=Prompt(task="retrieval"))
    assert raised.value.param == "task"


async def test_what_is_cut_is_counted() -> None:
    async with engine(serve(FakeSession())) as door:
        answer = await door.embed(["a" * 600, "b"])
        assert (answer.truncated, answer.tokens) == (1, 513)
        with pytest.raises(TooLong, match="600 tokens"):
            await door.embed(["a" * 600], truncation=Truncation(False))


async def test_without_auto_truncate_long_inputs_are_refused_unless_asked() -> None:
    async with engine(serve(FakeSession()), policy=Policy(auto_truncate=False)) as door:
        with pytest.raises(TooLong):
            await door.embed(["a" * 600])
        assert (await door.embed(["a" * 600], truncation=Truncation(True))).truncated == 1


LONG = "a" * 600
TOO_LONG = [
    ("a", ["b", LONG, LONG], "documents", "document 1 "),
    (LONG, ["b"], "query", "the query has 60[0-9] tokens"),
    (LONG, ["b", LONG], "query", "the query has 60[0-9] tokens"),
]


@pytest.mark.parametrize("model", ["cross", "embedder"])
@pytest.mark.parametrize(("query", "documents", "param", "said"), TOO_LONG)
async def test_what_is_too_long_to_rank_is_named(
    model: str, query: str, documents: list[str], param: str, said: str
) -> None:
    async with both() as door:
        with pytest.raises(TooLong, match=said) as refusal:
            await door.rerank(query, documents, model=model, truncation=Truncation(False))
    assert refusal.value.param == param


async def test_a_document_that_is_too_long_only_with_its_query_is_named() -> None:
    async with both() as door:
        with pytest.raises(TooLong, match="document 1 with the query has 600 tokens") as refusal:
            await door.rerank("a" * 300, ["b", "b" * 300], model="cross", truncation=Truncation(False))
        assert (
            await door.rerank("a" * 300, ["b" * 300], model="embedder", truncation=Truncation(False))
        ).truncated == 0
    assert refusal.value.param == "documents"


async def test_empty_texts_are_refused_and_whitespace_is_content() -> None:
    async with engine(serve(FakeSession())) as door:
        for nothing in ([], [""], ["a", ""]):
            with pytest.raises(EmptyInput):
                await door.embed(nothing)
        assert (await door.embed([" "])).tokens == 1


async def test_a_missing_model_means_the_first_whose_native_task_it_is() -> None:
    async with both() as door:
        assert (await door.embed(["a"])).model == "embedder"
        assert (await door.rerank("q", ["d"])).model == "cross"
        assert (await door.rerank("q", ["d"], model="embedder")).model == "embedder"
        assert (await door.embed(["a"], model="org/embedder")).model == "embedder"


async def test_wrong_models_say_what_there_is() -> None:
    async with both() as door:
        with pytest.raises(UnknownModel, match="cross, embedder"):
            await door.embed(["a"], model="nothing")
        with pytest.raises(WrongTask, match="it can rerank"):
            await door.embed(["a"], model="cross")
    async with engine(serve(FakeSession(), card("cross", ("rerank",)))) as door:
        with pytest.raises(WrongTask, match="no served model can embed"):
            await door.embed(["a"])


async def test_reranking_by_cosine_uses_the_query_prompt_and_maps_to_0_1() -> None:
    async with engine(serve(FakeSession())) as door:
        raw = (await door.rerank("x", ["q: x", "zzzzzzzz"], raw_scores=True)).scores
        scores = (await door.rerank("x", ["q: x", "zzzzzzzz"])).scores
    assert raw[0] == pytest.approx(1, abs=1e-6)
    assert raw[1] < raw[0]
    assert np.allclose(scores, (1 + raw) / 2)


async def test_a_cross_encoders_score_is_the_sigmoid_of_its_logit() -> None:
    async with both() as door:
        raw = (await door.rerank("q", ["\x01"], raw_scores=True)).scores
        score = (await door.rerank("q", ["\x01"])).scores
    assert raw[0] == ord("q") + 1
    assert score[0] == pytest.approx(1.0)


async def test_an_unknown_prompt_lists_the_known_ones() -> None:
    async with engine(serve(FakeSession())) as door:
        assert (await door.embed(["a"], prompt=Prompt(name="query"))).tokens == 4
        with pytest.raises(InvalidRequest, match="query, document"):
            await door.embed(["a"], prompt=Prompt(name="nothing"))


async def test_requests_beyond_the_limit_are_refused_and_places_come_back() -> None:
    async with engine(serve(FakeSession()), policy=Policy(max_concurrent_requests=1)) as door:
        with door.admit(), pytest.raises(Overloaded), door.admit():
            pass
        with door.admit():
            pass


async def test_a_cancelled_request_takes_its_inputs_out_of_the_lane() -> None:
    gate, session = Event(), FakeSession()
    session.gate = gate
    served: Served = serve(session)
    async with engine(served) as door:
        first = asyncio.create_task(door.embed(["a"]))
        await asyncio.to_thread(session.started.wait, 5)
        second = asyncio.create_task(door.embed(["b" * 50 for _ in range(10)]))  # noqa: RUF006 it is stored
        await asyncio.sleep(0)  # short texts are tokenised and queued in one turn of the loop
        assert served.waiting == 1
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert served.waiting == 0
        gate.set()
        assert (await first).tokens == 1
        assert len(session.batches) == 1


class Gated(FakeTokenizer):
    """Notes what it is given; waits for a gate."""

    def __init__(self) -> None:
        self.gate, self.begun = Event(), Event()
        self.seen: list[str] = []

    def encode(self, texts: list[str], max_length: int, side: Side | None = None) -> list[Encoding]:
        self.seen += texts
        self.begun.set()
        assert self.gate.wait(10)
        return super().encode(texts, max_length, side)


@pytest.mark.parametrize("task", ["embed", "rerank"])
async def test_a_client_that_left_costs_one_slice_of_tokenising(
    task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vectord.scheduler.encoder.SLICE_LENGTH", 1000)
    tokenizer, served = Gated(), serve(FakeSession(), limits=Limits(512, 10**9))
    served.loaded = replace(served.loaded, tokenizer=tokenizer)
    texts = ["a" * 100 for _ in range(500)]
    async with engine(served) as door:
        work = door.embed(texts) if task == "embed" else door.rerank("a", texts)
        leaving = asyncio.create_task(work)
        assert await asyncio.to_thread(tokenizer.begun.wait, 5)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        tokenizer.gate.set()
        assert (await door.embed(["b" * 5000])).truncated == 1  # the thread has come to the end of the slice
    assert 0 < tokenizer.seen.count("a" * 100) <= 10


@pytest.mark.parametrize("length", [1, 250, 100_000])
async def test_slices_change_nothing(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{index} " + "word" * (index % 7) for index in range(300)]
    async with both() as door:
        whole = await door.embed(texts), await door.rerank("query", texts)
        monkeypatch.setattr("vectord.scheduler.encoder.INLINE_LENGTH", 0)
        monkeypatch.setattr("vectord.scheduler.encoder.SLICE_LENGTH", length)
        sliced = await door.embed(texts), await door.rerank("query", texts)
    np.testing.assert_array_equal(sliced[0].vectors, whole[0].vectors)
    np.testing.assert_array_equal(sliced[1].scores, whole[1].scores)


async def test_a_long_query_is_not_tokenised_with_each_of_many_slices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted: list[str] = []

    def count(query: str, texts: list[str], max_length: int, side: Side | None = None) -> list[Encoding]:
        counted.append(query)
        return FakeTokenizer.encode_pairs(FakeTokenizer(), query, texts, max_length)

    monkeypatch.setattr("vectord.scheduler.encoder.SLICE_LENGTH", 100)
    async with both() as door:
        monkeypatch.setattr(
            door.find("cross", "rerank").loaded.tokenizer, "encode_pairs", count, raising=True
        )
        await door.rerank("q" * 10_000, ["d" * 100 for _ in range(150)], model="cross")
    assert len(counted) == 2


async def test_a_request_for_vectors_has_a_limit_of_tokens_which_counts_what_is_left_of_inputs() -> None:
    session = FakeSession()
    served = serve(session, card(tasks=("embed", "embed_all", "sparse"), max_length=6))
    async with engine(served, policy=Policy(max_request_tokens=12)) as door:
        assert (await door.embed(["abcdef", "ghijklmnop"])).tokens == 12
        session.batches.clear()
        for work in (door.embed, door.embed_all, door.sparse):
            with pytest.raises(TooManyTokens, match=r"have 13 tokens together; .* at most 12") as raised:
                await work(["abcdef", "ghijklmnop", "q"])
            assert (raised.value.param, raised.value.code) == ("input", "max_tokens_per_request")
        assert not session.batches
