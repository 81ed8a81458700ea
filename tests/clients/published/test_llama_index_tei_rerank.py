"""LlamaIndex's postprocessor that reranks by Text Embeddings Inference."""

from typing import Any

import numpy as np

from .plain import BEST, DOCUMENTS, KEY, QUERY, SECOND, Target, lacking, same

Reranker = lacking("llama_index.postprocessor.tei_rerank").TextEmbeddingInference
schema = lacking("llama_index.core.schema")

CLIENT = "llama-index-postprocessor-tei-rerank"
ROUTES = ("POST /rerank",)


def reranked(target: Target, documents: list[str] = DOCUMENTS, **more: Any) -> list[Any]:
    nodes = [
        schema.NodeWithScore(node=schema.TextNode(text=text, id_=str(place)), score=0.0)
        for place, text in enumerate(documents)
    ]
    client = Reranker(base_url=target.url, **more)
    found: list[Any] = client.postprocess_nodes(nodes, query_str=QUERY)
    return found


def test_the_best_come_first(server: Target) -> None:
    found = reranked(server, top_n=2)
    assert [one.node.id_ for one in found] == [str(BEST), str(SECOND)]
    same([one.score for one in found], server.scores()[[BEST, SECOND]])


def test_it_sends_a_bare_key(guarded: Target) -> None:
    assert reranked(guarded, top_n=1, auth_token=KEY)[0].node.id_ == str(BEST)


def test_a_cross_encoder_without_a_name(several: Target) -> None:
    found = reranked(several, top_n=len(DOCUMENTS))
    expected = several.scores(model="cross")
    assert [int(one.node.id_) for one in found] == np.argsort(-expected, kind="stable").tolist()
    same([one.score for one in found], np.sort(expected)[::-1])


def test_errors_arrive_as_teis_object(guarded: Target) -> None:
    client = Reranker(base_url=guarded.url, auth_token=KEY)
    assert client._call_api(QUERY, ["a"] * 301)["error_type"] == "Validation"
    assert client._call_api(QUERY, [])["error_type"] == "Empty"
