// @huggingface/inference: every task to the bare URL of an endpoint.
import { InferenceClient } from "@huggingface/inference";
import { answer, given, refused } from "./answer.mjs";

const { url, texts, query, documents, guarded, key, wrong } = given;
const client = new InferenceClient();
const embed = (endpointUrl, inputs, token) => new InferenceClient(token).featureExtraction({ endpointUrl, inputs });
answer({
  whole: await embed(url, texts),
  single: await embed(url, texts[0]),
  keyed: await embed(guarded, texts, key),
  similarity: await client.sentenceSimilarity({
    endpointUrl: url,
    inputs: { source_sentence: query, sentences: documents },
  }),
  unauthorized: await refused(() => embed(guarded, "a", wrong)),
  empty: await refused(() => embed(url, [])),
});
