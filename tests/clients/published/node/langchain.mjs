// LangChain's OpenAIEmbeddings: texts in batches, in base64.
import { OpenAIEmbeddings } from "@langchain/openai";
import { answer, given, refused } from "./answer.mjs";

const { url, model, texts, guarded, key, wrong } = given;
const at = (baseURL, apiKey, more) =>
  new OpenAIEmbeddings({ model, apiKey, configuration: { baseURL: `${baseURL}/v1` }, maxRetries: 0, ...more });
answer({
  whole: await at(url, "unused", { batchSize: 3, stripNewLines: false }).embedDocuments(texts),
  single: await at(url, "unused").embedQuery(texts[0]),
  cut: await at(url, "unused", { dimensions: 64 }).embedDocuments(texts),
  keyed: await at(guarded, key).embedDocuments(texts),
  unknown: await refused(() => at(url, "unused", { model: "no-such" }).embedQuery("a")),
  unauthorized: await refused(() => at(guarded, wrong).embedQuery("a")),
});
