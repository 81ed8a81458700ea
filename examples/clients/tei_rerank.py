"""The dialect of Text Embeddings Inference, with baseten_performance_client: many requests at once."""

from baseten_performance_client import PerformanceClient

client = PerformanceClient(base_url="http://127.0.0.1:8080", api_key="unused", http_version=2)
ranking = client.rerank(
    query="What is the capital of France?",
    texts=["Bananas are yellow.", "Paris is the capital of France."],
    return_text=True,
)
print(ranking.data[0].text)  # Paris is the capital of France.
