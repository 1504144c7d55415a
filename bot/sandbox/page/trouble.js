/** Bad days on order: faults of the emulators, each a switch that stays on until its fault has struck. */

import * as api from "./api.js";
import { find, make } from "./dom.js";
import { oneAtATime } from "./refresh.js";
import { words } from "./words.js";

/** The vendor's faults. One is recognised again by its operation and kind. */
const makeFaults = (booking) => ({
  slow: { operation: "*", kind: "slow_before", seconds: 5, times: 4 },
  failed: { operation: booking, kind: "fail_after", status: 500 },
  lost: { operation: booking, kind: "cut_after" },
  busy: { operation: "*", kind: "rate_limit", seconds: 2, times: 2 },
});
/** Telegram's: how often more than once each update is delivered. */
const REPEATS = 3;

export class Trouble {
  /** @param {(error: unknown) => void} onError */
  constructor(onError) {
    this.onError = onError;
    this.refresh = oneAtATime(() => this.#load(), onError);
    this.switches = new Map();
    find("trouble-clear").addEventListener("click", () => this.#run(this.#calm()));
    find("trouble").addEventListener("toggle", (event) => event.newState === "open" && this.refresh());
  }

  /** Whose faults they are. @param {{slug: string, name: string, operations: {book: string}}} vendor */
  open(vendor) {
    if (this.vendor?.slug === vendor.slug) return;
    this.vendor = vendor;
    this.faults = makeFaults(vendor.operations.book);
    this.switches = new Map(Object.keys(this.faults).map((key) => [key, this.#makeSwitch(key, (on) => this.#setFault(key, on))]));
    this.switches.set("repeats", this.#makeSwitch("repeats", (on) => api.setDelivery({ duplicates: on ? REPEATS : 0 })));
    find("trouble-list").replaceChildren(...this.switches.values());
  }

  /** Something happened, perhaps because a fault struck: look whether it is gone. */
  follow() {
    if (!find("trouble-count").hidden) this.refresh();
  }

  #makeSwitch(key, turn) {
    const press = (event) => this.#run(turn(event.currentTarget.getAttribute("aria-checked") !== "true"));
    const { title, line } = words.troubles[key](this.vendor.name);
    return make(
      "button",
      { type: "button", class: "switch", role: "switch", "aria-checked": "false", "data-trouble": key, onclick: press },
      make("span", { class: "switch-title" }, title),
      make("span", { class: "switch-line" }, line),
      make("span", { class: "knob", "aria-hidden": "true" }),
    );
  }

  async #run(change) {
    try {
      await change;
    } catch (error) {
      this.onError(error);
    }
    await this.refresh();
  }

  async #load() {
    if (!this.vendor) return;
    const [waiting, delivery] = await Promise.all([api.listFaults(this.vendor.slug), api.readDelivery()]);
    const isOn = Object.fromEntries(Object.entries(this.faults).map(([key, fault]) => [key, waiting.some((other) => isSame(fault, other))]));
    isOn.repeats = delivery.duplicates > 0;
    for (const [key, knob] of this.switches) knob.setAttribute("aria-checked", String(isOn[key]));
    const count = Object.values(isOn).filter(Boolean).length;
    const badge = find("trouble-count");
    badge.hidden = count === 0;
    badge.textContent = String(count || "");
    find("trouble-state").textContent = count ? words.armed(count) : words.calm;
  }

  /** The API clears all faults or none: to take one away, the others are ordered again. */
  async #setFault(key, on) {
    if (on) return api.addFault(this.vendor.slug, this.faults[key]);
    const waiting = await api.listFaults(this.vendor.slug);
    await api.clearFaults(this.vendor.slug);
    for (const other of waiting) if (!isSame(this.faults[key], other)) await api.addFault(this.vendor.slug, other);
  }

  async #calm() {
    await Promise.all([api.clearFaults(this.vendor.slug), api.setDelivery({ duplicates: 0 })]);
  }
}

function isSame(fault, other) {
  return fault.operation === other.operation && fault.kind === other.kind;
}
