/** A list of tabs: one is chosen, arrow keys move along, each may carry a badge of unseen things. */

import { make } from "./dom.js";
import { words } from "./words.js";

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Tabs {
  /**
   * @param {HTMLElement} root becomes the tablist
   * @param {(key: string) => void} onChoose called when a person chooses, not when code does
   */
  constructor(root, onChoose) {
    this.root = root;
    this.onChoose = onChoose;
    this.chosen = "";
    this.unseen = new Map();
    root.setAttribute("role", "tablist");
    root.addEventListener("keydown", (event) => this.#move(event));
  }

  /** @param {{key: string, label: string, panel: string}[]} tabs `panel` is the id of what the tab shows */
  show(tabs) {
    const wanted = JSON.stringify(tabs);
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.root.replaceChildren(...tabs.map((tab) => this.#makeTab(tab)));
    this.choose(tabs.some((tab) => tab.key === this.chosen) ? this.chosen : tabs[0]?.key ?? "");
  }

  choose(key) {
    this.chosen = key;
    this.unseen.delete(key);
    this.#mark();
  }

  /** Note that something new happened behind a tab that is not chosen. */
  addUnseen(key, count = 1) {
    if (key === this.chosen) return;
    this.unseen.set(key, (this.unseen.get(key) ?? 0) + count);
    this.#mark();
  }

  forgetUnseen() {
    this.unseen.clear();
    this.#mark();
  }

  #makeTab({ key, label, panel }) {
    return make(
      "button",
      { type: "button", role: "tab", class: "tab", "data-key": key, "aria-controls": panel, onclick: () => this.#pick(key) },
      make("span", { class: "tab-label" }, label),
      make("span", { class: "badge", hidden: true }),
    );
  }

  #pick(key) {
    this.choose(key);
    this.onChoose(key);
  }

  #mark() {
    for (const tab of this.root.children) {
      const isChosen = tab.dataset.key === this.chosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      const count = this.unseen.get(tab.dataset.key) ?? 0;
      const badge = tab.lastElementChild;
      badge.hidden = count === 0;
      badge.replaceChildren(...(count ? [String(count), make("span", { class: "spoken" }, ` ${words.unseen}`)] : []));
    }
  }

  #move(event) {
    const tabs = [...this.root.children];
    const at = tabs.indexOf(document.activeElement);
    if (at < 0) return;
    let to = at + (STEPS[event.key] ?? 0);
    if (event.key === "Home") to = 0;
    else if (event.key === "End") to = tabs.length - 1;
    else if (to === at) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length];
    tab.focus();
    this.#pick(tab.dataset.key);
  }
}
