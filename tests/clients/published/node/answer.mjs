// What every script here does: read what is given, write what was found, both as JSON.
import { readFileSync, writeSync } from "node:fs";

export const given = JSON.parse(readFileSync(0, "utf8"));

export function answer(found) {
  const bytes = Buffer.from(JSON.stringify(found));
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(1, bytes, sent);
  process.exit(0); // some clients keep connections, and so the process
}

// The name of the class, the status and the message of what a call throws.
export async function refused(ask) {
  try {
    await ask();
  } catch (error) {
    const cause = error.lastError ?? error;
    const status = cause.status ?? cause.statusCode ?? cause.httpResponse?.status ?? null;
    return { kind: cause.constructor.name, status, message: cause.message };
  }
  return null;
}
