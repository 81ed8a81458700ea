"""The dialect of Text Embeddings Inference, with huggingface_hub: pip install huggingface_hub"""

from huggingface_hub import InferenceClient

client = InferenceClient("http://127.0.0.1:8080")
print(client.feature_extraction(["a first text", "a second text"]).shape)  # (2, 384)

nearness = client.sentence_similarity("a cat", other_sentences=["a stone", "a kitten"])
print(nearness.index(max(nearness)))  # 1
