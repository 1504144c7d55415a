/** What a bot answers to a tap: a line that floats over the chat and goes away by itself. */

import { make } from "./dom.js";

const STAYS_MS = 4000;

export class Toasts {
  constructor(root) {
    this.root = root;
    this.clear();
  }

  clear() {
    this.seen = null;
    this.root.replaceChildren();
  }

  /**
   * Show those not seen before; at the first call there is nothing to show, they are old.
   * @param {{id: string, message_id: number, text: string}[]} toasts
   * @param {(messageId: number) => void} onAnswer called for every new one, worded or not
   */
  show(toasts, onAnswer) {
    const isFirst = this.seen === null;
    this.seen ??= new Set();
    for (const toast of toasts) {
      if (this.seen.has(toast.id)) continue;
      this.seen.add(toast.id);
      if (isFirst) continue;
      onAnswer(toast.message_id);
      if (toast.text) this.#float(toast.text);
    }
  }

  #float(text) {
    const node = make("div", { class: "toast", dir: "auto" }, text);
    this.root.append(node);
    setTimeout(() => node.remove(), STAYS_MS);
  }
}
