// OpenAI's SDK: all texts at its defaults, as floats, cut, one by one; then what it raises.
import OpenAI from "openai";
import { answer, given, refused } from "./answer.mjs";

const { url, model, texts, guarded, key, wrong } = given;
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "unused", maxRetries: 0 });
const rows = (found) => found.data.map((one) => one.embedding);
const embed = (more) => client.embeddings.create({ model, input: texts, ...more });

const whole = await embed({});
const at = (apiKey) => new OpenAI({ baseURL: `${guarded}/v1`, apiKey, maxRetries: 0 });
answer({
  whole: rows(whole),
  usage: whole.usage,
  requestId: whole._request_id,
  floats: rows(await embed({ encoding_format: "float" })),
  cut: rows(await embed({ dimensions: 64 })),
  alone: (await Promise.all(texts.map((input) => embed({ input })))).map((found) => rows(found)[0]),
  models: (await client.models.list()).data.map((one) => one.id),
  unknown: await refused(() => embed({ model: "no-such" })),
  empty: await refused(() => embed({ input: "" })),
  unauthorized: await refused(() => at(wrong).embeddings.create({ model, input: "a" })),
  keyed: rows(await at(key).embeddings.create({ model, input: texts })),
});
