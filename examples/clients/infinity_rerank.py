"""infinity's dialect, with infinity_client: pip install infinity_client"""

from infinity_client import Client
from infinity_client.api.default import rerank
from infinity_client.models import RerankInput

client = Client(base_url="http://127.0.0.1:8080")
asked = RerankInput(
    query="What is the capital of France?",
    documents=["Bananas are yellow.", "Paris is the capital of France."],
)
ranking = rerank.sync(client=client, body=asked)
print([one.index for one in ranking.results])  # [1, 0]
