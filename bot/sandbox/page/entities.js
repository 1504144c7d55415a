/** A message's text with the marks Telegram found in it (bold, links …), as elements. */

import { make } from "./dom.js";

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote" };

/**
 * @param {string} text
 * @param {{type: string, offset: number, length: number, url?: string}[]} entities offsets in UTF-16 units, as JavaScript counts too
 */
export function makeText(text, entities) {
  const isOnlyEmoji = /^(\p{Extended_Pictographic}\uFE0F?){1,3}$/u.test(text);
  const body = make("span", { class: isOnlyEmoji ? "text emoji" : "text", dir: "auto" });
  let at = 0;
  for (const entity of [...entities].sort((one, other) => one.offset - other.offset || other.length - one.length)) {
    if (entity.offset < at) continue;
    body.append(text.slice(at, entity.offset), makeMarked(text.slice(entity.offset, entity.offset + entity.length), entity));
    at = entity.offset + entity.length;
  }
  body.append(text.slice(at));
  return body;
}

function makeMarked(part, entity) {
  if (entity.type === "text_link" && /^https?:/i.test(entity.url ?? "")) {
    return make("a", { href: entity.url, target: "_blank", rel: "noopener noreferrer" }, part);
  }
  return TAGS[entity.type] ? make(TAGS[entity.type], {}, part) : part;
}
