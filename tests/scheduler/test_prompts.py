"""Which prompt stands before an input."""

import pytest

from vectord.errors import InvalidRequest
from vectord.scheduler import Prompt
from vectord.scheduler.prompt import late_role

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


def test_the_role_in_which_a_colbert_model_reads() -> None:
    late = card()
    assert late_role(late, Prompt()) == "document"
    assert late_role(late, Prompt(role="query", name="other")) == "query"
    assert late_role(late, Prompt(name="query")) == late_role(late, Prompt(task="retrieval.query")) == "query"
    assert {late_role(late, Prompt(name=name)) for name in ("document", "passage")} == {"document"}
    for wrong, param in ((Prompt(name="other"), "prompt_name"), (Prompt(task="other"), "task")):
        with pytest.raises(InvalidRequest, match="it has: query, document, passage, corpus") as raised:
            late_role(late, wrong)
        assert raised.value.param == param
