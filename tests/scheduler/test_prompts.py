"""Which prompt stands before an input."""

import pytest

from vectord.core import Adapters, Arch, Embedding
from vectord.errors import InvalidRequest
from vectord.scheduler import Prompt
from vectord.scheduler.prompt import adapter_of, late_role, text_of

from .fakes import FakeSession, card, serve

PROMPTS = {"query": "q: ", "passage": "p: ", "other": "o: "}


def test_by_name_by_role_by_default() -> None:
    served = serve(FakeSession(), card(prompts=PROMPTS))
    assert served.prompt(Prompt()) == ""
    assert served.prompt(Prompt(name="other", role="query")) == "o: "
    assert served.prompt(Prompt(role="query")) == "q: "
    assert served.prompt(Prompt(role="document")) == "p: "
    served.default_prompt = "other"
    assert served.prompt(Prompt()) == "o: "
    assert served.prompt(Prompt(role="query")) == "q: "
    with pytest.raises(InvalidRequest, match="query, passage, other"):
        served.prompt(Prompt(name="nothing"))
    served.close()


def test_documents_are_not_put_behind_the_prompt_of_queries() -> None:
    served = serve(FakeSession(), card(prompts={"query": "q: "}, default_prompt="query"))
    assert served.prompt(Prompt()) == "q: "
    assert served.prompt(Prompt(role="document")) == ""
    served.close()


def test_a_text_of_ones_own_and_a_task_that_is_a_prompt_or_a_role() -> None:
    served = serve(FakeSession(), card(prompts=PROMPTS))
    assert served.prompt(Prompt(text="", name="other")) == ""
    assert served.prompt(Prompt(task="other", role="query")) == "o: "
    assert served.prompt(Prompt(task="retrieval.passage")) == "p: "
    with pytest.raises(InvalidRequest, match="it has: query, passage, other") as raised:
        served.prompt(Prompt(task="nothing"))
    assert raised.value.param == "task"
    served.close()


GEMMA = {"query": "task: q", "document": "title: d", "Classification": "task: c", "Clustering": "task: g"}
NOMIC = {"search_query": "sq: ", "search_document": "sd: ", "clustering": "c: "}


@pytest.mark.parametrize(
    ("prompts", "word", "text"),
    [
        (GEMMA, "query", "task: q"),
        (GEMMA, "search_query", "task: q"),
        (GEMMA, "document", "title: d"),
        (GEMMA, "search_document", "title: d"),
        (GEMMA, "passage", "title: d"),
        (GEMMA, "classification", "task: c"),
        (GEMMA, "clustering", "task: g"),
        (GEMMA, "image", ""),
        (GEMMA, "Clustering", "task: g"),
        (NOMIC, "query", "sq: "),
        (NOMIC, "document", "sd: "),
        (NOMIC, "clustering", "c: "),
        (NOMIC, "classification", ""),
        (PROMPTS, "search_document", "p: "),
        ({"retrieval.query": "rq: ", "retrieval.passage": "rp: "}, "search_query", "rq: "),
        ({"retrieval.query": "rq: ", "retrieval.passage": "rp: "}, "document", "rp: "),
        ({}, "search_query", ""),
        ({}, "clustering", ""),
    ],
)
def test_an_input_type_means_the_prompt_that_comes_nearest_or_none(
    prompts: dict[str, str], word: str, text: str
) -> None:
    default = next(iter(prompts), None)  # which is for inputs of no type
    served = serve(FakeSession(), card(prompts=prompts, default_prompt=default))
    assert served.prompt(Prompt(input_type=word)) == text
    assert served.prompt(Prompt(text="mine ", input_type=word)) == "mine "
    served.close()


def test_an_unknown_input_type_is_refused_with_the_known_ones() -> None:
    served = serve(FakeSession(), card(prompts=GEMMA))
    with pytest.raises(
        InvalidRequest, match=r"query, search_query, .*clustering, image, Classification"
    ) as raised:
        served.prompt(Prompt(input_type="haiku"))
    assert raised.value.param == "input_type"
    served.close()


def test_an_input_type_chooses_an_adapter() -> None:
    names = ("retrieval.query", "retrieval.passage", "separation", "classification")
    adapters = Adapters(names, ("find: ", "read: ", "", ""), rank=1, scale=1.0)
    network = Arch(4, Embedding(9), (), None, 512, adapters)
    model = card(network=network, prompts={"query": "not this"})
    chosen = [
        adapter_of(model, Prompt(input_type=word))
        for word in ("query", "search_document", "clustering", "image")
    ]
    assert chosen == [0, 1, 2, -1]
    assert text_of(model, Prompt(input_type="search_query"), None) == "find: "


def test_the_role_in_which_a_colbert_model_reads() -> None:
    late = card()
    assert late_role(late, Prompt()) == "document"
    assert late_role(late, Prompt(role="query", name="other")) == "query"
    assert late_role(late, Prompt(name="query")) == late_role(late, Prompt(task="retrieval.query")) == "query"
    assert {late_role(late, Prompt(name=name)) for name in ("document", "passage")} == {"document"}
    assert late_role(late, Prompt(input_type="search_query")) == "query"
    assert late_role(late, Prompt(input_type="clustering")) == "document"
    for wrong, param in ((Prompt(name="other"), "prompt_name"), (Prompt(task="other"), "task")):
        with pytest.raises(InvalidRequest, match="it has: query, document, passage, corpus") as raised:
            late_role(late, wrong)
        assert raised.value.param == param
