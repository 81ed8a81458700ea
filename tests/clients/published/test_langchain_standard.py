"""LangChain's own tests for embeddings, as it asks its partners to run them."""

from typing import Any

import pytest

from .plain import MODEL, Target, lacking

Standard = lacking("langchain_tests.integration_tests").EmbeddingsIntegrationTests
openai = lacking("langchain_openai")
huggingface = lacking("langchain_huggingface")

CLIENT = "langchain-tests"
ROUTES = ("POST /v1/embeddings", "POST /")


class OnServer(Standard):  # type: ignore[misc, valid-type]
    @pytest.fixture(autouse=True)
    def at(self, server: Target) -> None:
        self.server = server


class TestOpenAI(OnServer):
    @property
    def embeddings_class(self) -> Any:
        return openai.OpenAIEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": MODEL, "base_url": self.server.v1, "api_key": "unused"}


class TestHuggingFaceEndpoint(OnServer):
    @property
    def embeddings_class(self) -> Any:
        return huggingface.HuggingFaceEndpointEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"model": self.server.url, "huggingfacehub_api_token": "unused"}


del Standard, OnServer  # pytest would collect them
