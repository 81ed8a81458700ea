"""Cohere's dialect, with Cohere's SDK: pip install cohere"""

import cohere

client = cohere.ClientV2("unused", base_url="http://127.0.0.1:8080")
ranking = client.rerank(
    model="all-MiniLM-L6-v2",
    query="What is the capital of France?",
    documents=["Bananas are yellow.", "Paris is the capital of France.", "Berlin is in Germany."],
    top_n=2,
)
print([one.index for one in ranking.results])  # [1, 2]

embedded = client.embed(
    model="all-MiniLM-L6-v2", input_type="search_query", texts=["a text"], embedding_types=["int8", "ubinary"]
)
print(len(embedded.embeddings.int8[0]), len(embedded.embeddings.ubinary[0]))  # 384 48
