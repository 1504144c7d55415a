/** On a small screen one panel is in view at a time, chosen by tabs with badges for what happened in the others. */

import { find } from "./dom.js";
import { Tabs } from "./tabs.js";
import { words } from "./words.js";

const PANELS = ["phone", "staff", "calendar"];
/** The same width as in page.css. */
const SMALL = window.matchMedia("(max-width: 899px)");

export class Views {
  constructor() {
    this.tabs = new Tabs(find("views"), (key) => this.#open(key));
    this.tabs.show(PANELS.map((key) => ({ key, label: words.views[key], panel: key })));
    SMALL.addEventListener("change", () => this.#arrange());
    this.#open("phone");
    this.#arrange();
  }

  /** Something happened in a panel: a badge tells, unless it is in view. */
  addNews(panel, count) {
    if (SMALL.matches) this.tabs.addUnseen(panel, count);
  }

  #open(key) {
    document.body.dataset.view = key;
    this.tabs.choose(key);
  }

  /** Panels are tab panels only where the tabs are. */
  #arrange() {
    for (const key of PANELS) {
      if (SMALL.matches) find(key).setAttribute("role", "tabpanel");
      else find(key).removeAttribute("role");
    }
    if (!SMALL.matches) this.tabs.forgetUnseen();
  }
}
