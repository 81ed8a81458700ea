import re
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from vectord.api.app import SURFACE


@pytest.fixture
async def document(client: httpx.AsyncClient) -> Any:
    return (await client.get("/openapi.json")).json()


def test_the_document_is_valid_openapi_3_1(document: Any) -> None:
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")


def test_every_route_is_described(document: Any) -> None:
    described = {(method, path) for path, item in document["paths"].items() for method in item}
    listed = {(one.method.lower(), re.sub(r":\w+}", "}", one.path)) for one in SURFACE}
    assert described == listed | {("get", "/openapi.json")}


def test_operations_have_names_of_their_own(document: Any) -> None:
    names = [asked["operationId"] for item in document["paths"].values() for asked in item.values()]
    assert len(names) == len(set(names))


def test_each_dialect_describes_its_own_errors(document: Any) -> None:
    def shape(path: str, status: str) -> Any:
        answers = document["paths"][path]["post"]["responses"]
        return answers[status]["content"]["application/json"]["schema"]["$ref"]

    assert shape("/v1/embeddings", "400").endswith("/OpenAIFailure")
    assert shape("/embed", "422").endswith("/TeiError")
    assert {"401", "404", "408", "413", "415", "429", "500"} < set(
        document["paths"]["/v1/embeddings"]["post"]["responses"]
    )


def test_rerank_describes_both_bodies_both_answers_and_both_failures(document: Any) -> None:
    def names(schema: Any) -> set[str]:
        return {one["$ref"].rsplit("/")[-1] for one in schema["anyOf"] if "$ref" in one}

    def content(part: Any) -> Any:
        return part["content"]["application/json"]["schema"]

    asked = document["paths"]["/rerank"]["post"]
    answers = asked["responses"]
    both = {"OpenAIFailure", "TeiError"}
    assert names(content(asked["requestBody"])) == {"RerankRequest", "TeiRerankRequest"}
    assert names(content(answers["200"])) == {"VoyageRanking", "Ranking"}
    assert [one["items"]["$ref"] for one in content(answers["200"])["anyOf"] if "items" in one]
    assert names(content(answers["400"])) == names(content(answers["429"])) == both
    assert content(answers["422"])["$ref"].endswith("/TeiError")
    assert content(answers["424"])["$ref"].endswith("/TeiError")
    other = document["paths"]["/v2/rerank"]["post"]
    assert content(other["requestBody"])["$ref"].endswith("/RerankRequest")
    assert content(other["responses"]["400"])["$ref"].endswith("/CohereFailure")


def test_requests_and_answers_have_schemas(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert len(schemas["EmbeddingRequest"]["properties"]["input"]["anyOf"]) == 4
    assert {"Ranking", "EmbeddingList", "Health", "ModelList", "EmbedRequest"} < schemas.keys()
