// Cohere's SDK: embed and rerank in both versions of the protocol.
import { CohereClient, CohereClientV2 } from "cohere-ai";
import { answer, given, refused } from "./answer.mjs";

const { url, model, texts, query, documents, guarded, key, wrong } = given;
const at = (Kind, environment, token) => new Kind({ environment, token });
const first = at(CohereClient, url, "unused");
const second = at(CohereClientV2, url, "unused");
const rank = { model, query, documents };
const embed = { model, texts, inputType: "search_document", embeddingTypes: ["float"] };
const pairs = (found) => found.results.map((one) => [one.index, one.relevanceScore]);
const once = { maxRetries: 0 };
const documented = await first.rerank({ ...rank, returnDocuments: true });
answer({
  ranked: [pairs(await first.rerank(rank)), pairs(await second.rerank(rank))],
  best: pairs(await second.rerank({ ...rank, topN: 2 })),
  documents: documented.results.map((one) => one.document.text),
  embedded: [(await first.embed(embed)).embeddings.float, (await second.embed(embed)).embeddings.float],
  plain: (await first.embed({ model, texts, inputType: "search_query" })).embeddings,
  unknown: await refused(() => second.rerank({ ...rank, model: "no-such" }, once)),
  unauthorized: await refused(() => at(CohereClientV2, guarded, wrong).rerank(rank, once)),
  keyed: pairs(await at(CohereClientV2, guarded, key).rerank(rank)),
});
