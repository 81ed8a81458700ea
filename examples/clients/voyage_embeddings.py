"""Voyage's dialect, with Voyage's SDK: pip install voyageai"""

import voyageai

client = voyageai.Client(api_key="unused", base_url="http://127.0.0.1:8080/v1")
answer = client.embed(["a text"], model="all-MiniLM-L6-v2", input_type="query", output_dimension=64)
print(len(answer.embeddings[0]))  # 64

ranking = client.rerank(
    "What is the capital of France?",
    ["Bananas are yellow.", "Paris is the capital of France."],
    model="all-MiniLM-L6-v2",
    top_k=1,
)
print(ranking.results[0].document)  # Paris is the capital of France.
