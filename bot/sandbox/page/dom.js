/** Making elements. Data enters the page only as text or attribute values, never as markup. */

/**
 * Make an element.
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes] `onclick`-style functions become listeners; `true` is an empty attribute; `false` and `null` are left out
 * @param {...(Node|string|number|null|undefined)} children strings become text nodes
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/** A picture from the symbols at the end of index.html; decorative. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#icon-${name}`);
  picture.append(use);
  return picture;
}

/** The element with this id, which index.html is known to have. */
export function find(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
}

/** The colour, 0 to 7, that stands for a person or thing everywhere on the page. */
export function tintOf(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % 8;
}

/** One or two letters for a round picture. */
export function initialsOf(name) {
  const words = name.split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  return words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join("") || "?";
}
