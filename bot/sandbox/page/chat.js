/** A Telegram chat as a phone shows it: bubbles, days, buttons under messages; what changes is changed in place. */

import { icon, make, tintOf } from "./dom.js";
import { dayWords, timeWords } from "./dates.js";
import { makeText } from "./entities.js";
import { words } from "./words.js";

/** Closer to the end than this, the chat follows new messages. */
const FOLLOW_WITHIN_PX = 160;
const ABOVE_NEWEST_PX = 10;
/** A button that is not answered stops spinning after this, as Telegram's own (telegram.md section 5: 10 to 15 s). */
const GIVES_UP_MS = 15_000;
/** Links a button may open; anything else is shown but leads nowhere. */
const SAFE_LINK = /^(https?|tg|tel):/i;

export class ChatLog {
  /**
   * @param {HTMLElement} root the scrolling list
   * @param {{isOwn: (message: object) => boolean, onTap: (message: object, row: number, column: number) => Promise<void>,
   *          showsSenders?: boolean}} options
   */
  constructor(root, { isOwn, onTap, showsSenders = false }) {
    this.root = root;
    this.isOwn = isOwn;
    this.onTap = onTap;
    this.showsSenders = showsSenders;
    this.shown = new Map();
    this.waiting = new Set();
    this.isFollowing = true;
    root.addEventListener("scroll", () => (this.isFollowing = this.#isAtEnd()));
    new ResizeObserver(() => this.isFollowing && this.#scrollToEnd("instant")).observe(root);
  }

  /** Forget the chat shown so far, before another one takes its place. */
  clear() {
    this.root.replaceChildren();
    this.shown.clear();
    this.waiting.clear();
    this.isFresh = true;
  }

  /**
   * Show these messages, oldest first, touching only what is new or different.
   * @returns {number} how many messages are new since the last time; 0 the first time
   */
  show(messages) {
    const follows = this.isFresh || this.isFollowing;
    const hadFocus = this.root.contains(document.activeElement) && document.activeElement !== this.root;
    const added = this.isFresh ? 0 : messages.filter((message) => !this.shown.has(message.message_id)).length;
    this.#removeGone(messages);
    let day = "";
    let previous = null;
    for (const message of messages) {
      const its = dayWords(message.date);
      const isGrouped = its === day && previous !== null && this.#sender(previous) === this.#sender(message);
      if (its !== day) this.#placeDay(its, message.message_id);
      this.#place(message, isGrouped);
      day = its;
      previous = message;
    }
    if (hadFocus && !this.root.contains(document.activeElement)) this.#focusNewest();
    if (follows) this.#scrollToEnd(this.isFresh ? "instant" : "smooth");
    this.isFresh = false;
    return added;
  }

  /** The answer to a tap has come: its button stops spinning. Without an id, every button does. */
  settle(messageId) {
    for (const mark of [...this.waiting]) {
      if (messageId === undefined || mark.startsWith(`${messageId}:`)) this.#setWaiting(mark, false);
    }
  }

  /** The end of the chat, but never past the first line of the newest message: a question is read before its buttons. */
  #findEnd() {
    const newest = this.root.querySelector(".message:last-child");
    const end = this.root.scrollHeight - this.root.clientHeight;
    return newest ? Math.min(end, newest.offsetTop - ABOVE_NEWEST_PX) : end;
  }

  #isAtEnd() {
    return this.root.scrollTop > this.#findEnd() - FOLLOW_WITHIN_PX;
  }

  #scrollToEnd(behavior) {
    this.isFollowing = true;
    this.root.scrollTo({ top: this.#findEnd(), behavior });
  }

  #sender(message) {
    return `${message.from_bot}:${message.sender_name}`;
  }

  #removeGone(messages) {
    const wanted = new Set(messages.map((message) => message.message_id));
    for (const [id, { node }] of this.shown) {
      if (wanted.has(id)) continue;
      node.remove();
      this.shown.delete(id);
    }
  }

  #placeDay(text, before) {
    const known = [...this.root.querySelectorAll(".day")].some((node) => node.textContent === text);
    if (known) return;
    const node = make("div", { class: "day" }, make("span", {}, text));
    const next = this.shown.get(before)?.node;
    if (next) next.before(node);
    else this.root.append(node);
  }

  #place(message, isGrouped) {
    const face = JSON.stringify([message, isGrouped, this.isOwn(message)]);
    const known = this.shown.get(message.message_id);
    if (known?.face === face) return;
    const node = this.#makeMessage(message, isGrouped);
    if (known) {
      node.classList.add("is-changed");
      const focused = known.node.contains(document.activeElement);
      known.node.replaceWith(node);
      if (focused) node.querySelector(".key")?.focus();
    } else {
      if (!this.isFresh) node.classList.add("is-new");
      this.root.append(node);
    }
    this.shown.set(message.message_id, { node, face });
    this.settle(message.message_id);
  }

  #makeMessage(message, isGrouped) {
    const isOwn = this.isOwn(message);
    const node = make("div", { class: `message ${isOwn ? "own" : "other"}${isGrouped ? " grouped" : ""}`, "data-id": message.message_id });
    node.append(this.#makeBubble(message, isOwn, isGrouped));
    if (message.inline_keyboard?.length) node.append(this.#makeKeys(message));
    return node;
  }

  #makeBubble(message, isOwn, isGrouped) {
    const named = this.showsSenders && !isOwn && !isGrouped;
    const sender = make(
      "span",
      named ? { class: `sender tint-${tintOf(message.sender_name)}` } : { class: "spoken" },
      isOwn ? `${words.you}: ` : named ? message.sender_name : `${message.sender_name}: `,
    );
    return make("div", { class: "bubble" }, sender, makeBody(message), makeMeta(message, isOwn));
  }

  #makeKeys(message) {
    const rows = message.inline_keyboard.map((row, rowAt) =>
      make("div", { class: "key-row" }, ...row.map((button, columnAt) => this.#makeKey(message, button, rowAt, columnAt))),
    );
    return make("div", { class: "keys", role: "group", "aria-label": words.buttonsOfMessage }, ...rows);
  }

  #makeKey(message, button, row, column) {
    const look = `key${button.style ? ` ${button.style}` : ""}`;
    const label = make("span", { class: "key-label", dir: "auto" }, button.text);
    if (button.url) {
      const href = SAFE_LINK.test(button.url) ? button.url : null;
      return make("a", { class: look, href, target: "_blank", rel: "noopener noreferrer" }, label, icon("out"));
    }
    const mark = `${message.message_id}:${row}:${column}`;
    const tap = () => {
      if (this.waiting.has(mark)) return;
      this.#setWaiting(mark, true);
      this.onTap(message, row, column).catch(() => this.#setWaiting(mark, false));
      setTimeout(() => this.#setWaiting(mark, false), GIVES_UP_MS);
    };
    return make("button", { type: "button", class: look, "data-mark": mark, onclick: tap }, label);
  }

  #setWaiting(mark, isWaiting) {
    if (isWaiting) this.waiting.add(mark);
    else this.waiting.delete(mark);
    const key = this.root.querySelector(`[data-mark="${mark}"]`);
    key?.classList.toggle("is-waiting", isWaiting);
    if (isWaiting) key?.setAttribute("aria-busy", "true");
    else key?.removeAttribute("aria-busy");
  }

  /** Somebody worked by keyboard and their button is gone: go on at the newest ones. */
  #focusNewest() {
    const keys = [...this.root.querySelectorAll(".keys")].at(-1);
    (keys?.querySelector(".key") ?? this.root).focus({ preventScroll: true });
  }
}

function makeBody(message) {
  if (message.contact) {
    return make(
      "div",
      { class: "card" },
      make("span", { class: "avatar small", "aria-hidden": "true" }, icon("person")),
      make("span", { class: "card-name" }, [message.contact.first_name, message.contact.last_name].filter(Boolean).join(" ")),
      make("span", { class: "card-line" }, `+${message.contact.phone_number.replace(/^\+/u, "")}`),
    );
  }
  const text = message.text ? makeText(message.text, message.entities) : null;
  if (message.kind === "text") return text;
  const picture = make("span", { class: "thing-picture", "aria-hidden": "true" }, words.pictures[message.kind] ?? "📎");
  const label = message.document?.file_name ?? words.kinds[message.kind] ?? message.kind;
  return make("div", {}, make("div", { class: `thing ${message.kind}` }, picture, label), text);
}

function makeMeta(message, isOwn) {
  return make(
    "span",
    { class: "meta" },
    message.edited ? make("span", { class: "edited" }, words.edited) : null,
    make("time", { datetime: message.date }, timeWords(message.date)),
    isOwn ? icon("ticks") : null,
  );
}
