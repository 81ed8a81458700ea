import re
from collections.abc import Callable
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
    assert described == listed | {("get", "/openapi.json"), ("get", "/docs")}


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


def test_every_field_says_what_it_means(document: Any) -> None:
    silent = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, told in schema.get("properties", {}).items()
        if not told.get("description")
    ]
    assert silent == []


def test_every_answer_has_a_description_and_a_shape(document: Any) -> None:
    for path, methods in document["paths"].items():
        for asked in methods.values():
            for status, answer in asked["responses"].items():
                assert answer["description"], (path, status)
                assert all("schema" in one for one in answer["content"].values()), (path, status)


def test_probes_describe_their_503(document: Any) -> None:
    answers = document["paths"]["/readyz"]["get"]["responses"]
    assert answers["503"]["content"]["application/json"]["schema"]["$ref"].endswith("/Health")
    assert "retry-after" in answers["503"]["headers"]


async def test_the_page_shows_every_operation_and_needs_no_other_host(
    client: httpx.AsyncClient, document: Any
) -> None:
    answer = await client.get("/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for path in document["paths"]:
        assert f"<code>{path}</code>" in answer.text
    assert (
        re.findall(r"<script|https?:|(?:src|href)\s*=\s*[\"'](?!openapi\.json)|@import|url\(", answer.text)
        == []
    )


async def test_the_page_needs_no_key(client_with: Callable[..., httpx.AsyncClient]) -> None:
    async with client_with(api_key="k") as client:
        assert (await client.get("/docs")).status_code == 200
        assert (await client.get("/openapi.json")).status_code == 401
