"""Jina's dialect, with litellm: pip install litellm"""

import litellm

ranking = litellm.rerank(
    model="jina_ai/all-MiniLM-L6-v2",
    api_base="http://127.0.0.1:8080",
    api_key="unused",
    query="What is the capital of France?",
    documents=["Bananas are yellow.", "Paris is the capital of France."],
)
print(ranking.results[0]["document"]["text"])  # Paris is the capital of France.
