"""Which prompt stands before an input."""

import pytest

from vectord.errors import InvalidRequest

from .fakes import FakeSession, card, serve

PROMPTS = {"query": "q: ", "passage": "p: ", "other": "o: "}


def test_by_name_by_role_by_default() -> None:
    served = serve(FakeSession(), card(prompts=PROMPTS))
    assert served.prompt(None) == ""
    assert served.prompt("other", "query") == "o: "
    assert served.prompt(None, "query") == "q: "
    assert served.prompt(None, "document") == "p: "
    served.default_prompt = "other"
    assert served.prompt(None) == "o: "
    assert served.prompt(None, "query") == "q: "
    with pytest.raises(InvalidRequest, match="query, passage, other"):
        served.prompt("nothing")
    served.close()


def test_documents_are_not_put_behind_the_prompt_of_queries() -> None:
    served = serve(FakeSession(), card(prompts={"query": "q: "}, default_prompt="query"))
    assert served.prompt(None) == "q: "
    assert served.prompt(None, "document") == ""
    served.close()
