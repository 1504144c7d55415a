/** The vendor's calendar: one day of one location, following what is newly booked. */

import * as api from "./api.js";
import { readAppointment, readLocation } from "./book.js";
import { addDays, dateWords, daysBetween } from "./dates.js";
import { drawDay } from "./day.js";
import { find } from "./dom.js";
import { oneAtATime } from "./refresh.js";
import { Tabs } from "./tabs.js";
import { words } from "./words.js";

export class Calendar {
  /** @param {{onNews: (count: number) => void, onError: (error: unknown) => void}} listener */
  constructor({ onNews, onError }) {
    this.onNews = onNews;
    this.view = find("day-view");
    this.tabs = new Tabs(find("center-tabs"), (key) => this.#goTo({ location: key }));
    this.refresh = oneAtATime(() => this.#load(), onError);
    this.#forget();
    find("day-before").addEventListener("click", () => this.#goTo({ date: addDays(this.date, -1) }));
    find("day-after").addEventListener("click", () => this.#goTo({ date: addDays(this.date, 1) }));
    find("day-today").addEventListener("click", () => this.#goTo({ date: this.#today() }));
    find("day-tomorrow").addEventListener("click", () => this.#goTo({ date: addDays(this.#today(), 1) }));
    find("day-newest").addEventListener("click", () => this.#goTo(this.#findNewest()));
    new ResizeObserver(() => this.#showNewest()).observe(this.view);
  }

  /** Whose book it is. @param {{slug: string, name: string}} vendor */
  open(vendor) {
    this.vendor = vendor.slug;
    find("calendar-name").textContent = words.calendarOf(vendor.name);
  }

  /** Show this business's calendar from the beginning: its first location, today. */
  async show(business) {
    this.business = business;
    this.#forget();
    await this.refresh();
  }

  /** The clock was moved: what the vendor adds to the days that come within reach is not news. */
  lookAgain() {
    this.known = null;
    return this.refresh();
  }

  #forget() {
    this.location = "";
    this.date = "";
    this.locations = [];
    this.appointments = [];
    this.known = null;
    this.fresh = new Set();
    this.newest = "";
    this.face = "";
  }

  #goTo({ date = this.date, location = this.location }) {
    this.date = date;
    this.location = location;
    return this.refresh();
  }

  /** What was last booked through the chat; the book is full of others. */
  #findNewest() {
    return pickNewest(this.appointments.filter((one) => one.isFromChat));
  }

  #today() {
    return this.locations.find((one) => one.id === this.location)?.today ?? this.date;
  }

  async #load() {
    const { business } = this;
    if (!business) return;
    const rows = await api.listAppointments(this.vendor);
    if (this.locations.length === 0) this.locations = await this.#readLocations();
    if (business !== this.business) return;
    this.#follow(rows.map(readAppointment));
    const locations = await this.#readLocations();
    if (business !== this.business) return;
    this.locations = locations;
    this.location = this.#find()?.id ?? "";
    this.date ||= this.#find()?.date ?? "";
    this.#draw();
  }

  async #readLocations() {
    const { locations } = await api.readCalendar(this.vendor, this.date);
    return locations.map(readLocation).filter((location) => location.business === this.business);
  }

  #find() {
    return this.locations.find((one) => one.id === this.location) ?? this.locations[0];
  }

  /** Go to where something new was booked. What exists at the first look is not new. */
  #follow(appointments) {
    const places = new Set(this.locations.map((location) => location.id));
    this.appointments = appointments.filter((one) => places.has(one.location));
    const added = this.known === null ? [] : this.appointments.filter((one) => !this.known.has(one.id));
    this.known = new Set(this.appointments.map((one) => one.id));
    if (added.length === 0) return;
    const newest = pickNewest(added);
    for (const one of added) this.fresh.add(one.id);
    this.date = newest.date;
    this.location = newest.location;
    this.newest = newest.id;
    find("calendar-news").textContent = words.newAppointment(newest.title, `${dateWords(newest.date)} ${newest.time}`);
    this.onNews(added.length);
  }

  #draw() {
    const location = this.#find();
    this.tabs.show(this.locations.map(({ id, name }) => ({ key: id, label: name, panel: "day-view" })));
    this.tabs.root.hidden = this.locations.length < 2;
    if (!location) return;
    this.tabs.choose(location.id);
    const face = JSON.stringify([location, [...this.fresh]]);
    if (face === this.face) return;
    const isSamePlace = this.drawn === `${location.id} ${location.date}`;
    this.face = face;
    this.drawn = `${location.id} ${location.date}`;
    this.#drawHead(location);
    this.view.replaceChildren(drawDay(location, this.fresh));
    if (!isSamePlace) this.view.querySelector(".is-fresh")?.scrollIntoView({ block: "center", inline: "center" });
    this.#showNewest();
  }

  /** Bring what was booked last into view, at once or, on a small screen, when the calendar is turned to. */
  #showNewest() {
    const block = this.newest && this.view.querySelector(`[data-appointment="${CSS.escape(this.newest)}"]`);
    if (!block || block.offsetParent === null) return;
    this.newest = "";
    block.scrollIntoView({ block: "center", inline: "center" });
  }

  #drawHead(location) {
    const named = { [-1]: words.yesterday, 0: words.today, 1: words.tomorrow }[daysBetween(location.today, location.date)];
    find("day").textContent = named ? `${named}, ${dateWords(location.date)}` : dateWords(location.date);
    find("zone").textContent = words.zone(location.zone);
    find("day-today").setAttribute("aria-pressed", String(location.date === location.today));
    find("day-tomorrow").setAttribute("aria-pressed", String(location.date === addDays(location.today, 1)));
    find("day-newest").disabled = this.#findNewest() === undefined;
  }
}

function pickNewest(appointments) {
  return appointments.reduce((one, other) => (one === undefined || other.createdAt >= one.createdAt ? other : one), undefined);
}
