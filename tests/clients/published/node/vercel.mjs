// Vercel's AI SDK with its OpenAI-compatible provider.
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, embedMany } from "ai";
import { answer, given, refused } from "./answer.mjs";

const { url, model, texts, guarded, key, wrong } = given;
const at = (baseURL, apiKey) => createOpenAICompatible({ name: "vectord", baseURL: `${baseURL}/v1`, apiKey });
const many = (provider, name, values) =>
  embedMany({ model: provider.embeddingModel(name), values, maxRetries: 0 });
const whole = await many(at(url, "unused"), model, texts);
const single = await embed({ model: at(url, "unused").embeddingModel(model), value: texts[0], maxRetries: 0 });
answer({
  whole: whole.embeddings,
  usage: whole.usage,
  single: single.embedding,
  keyed: (await many(at(guarded, key), model, texts)).embeddings,
  unknown: await refused(() => many(at(url, "unused"), "no-such", ["a"])),
  unauthorized: await refused(() => many(at(guarded, wrong), model, ["a"])),
});
