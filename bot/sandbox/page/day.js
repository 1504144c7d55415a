/** One location's day drawn: a column for each staff member, time running down, blocks where somebody is busy. */

import { make, tintOf } from "./dom.js";
import { clockWords } from "./dates.js";
import { words } from "./words.js";

/** Shown when nothing says otherwise, in minutes since midnight. */
const USUAL_HOURS = { opens: 9 * 60, closes: 18 * 60 };

/**
 * @param {{hours: {opens: number, closes: number}|null, staff: {id: string, name: string}[],
 *          appointments: Block[], holds: Block[], now: number|null}} location
 *          where a Block is {id, staffId, starts, ends, title, guest, isBreak, isFromChat}, in minutes;
 *          `now` in minutes if this day is today there
 * @param {Set<string>} fresh ids of appointments to highlight
 * @returns {HTMLElement}
 */
export function drawDay(location, fresh) {
  const { now } = location;
  const span = findSpan(location);
  const day = make("div", { class: "day-grid" });
  day.style.setProperty("--hours", (span.ends - span.starts) / 60);
  day.style.setProperty("--columns", Math.max(1, columnsOf(location).length));
  day.append(drawRail(span));
  for (const column of columnsOf(location)) day.append(drawColumn(column, location, { span, fresh }));
  if (now !== null && now >= span.starts && now <= span.ends) {
    const line = make("div", { class: "now", "aria-hidden": "true" });
    line.style.setProperty("--at", (now - span.starts) / 60);
    day.append(line);
  }
  return day;
}

/** The staff, and one more column for what nobody has been assigned to. */
function columnsOf(location) {
  const known = new Set(location.staff.map((person) => person.id));
  const isLoose = [...location.appointments, ...location.holds].some((block) => !known.has(block.staffId));
  return isLoose ? [...location.staff, { id: null, name: words.unassigned, hours: location.hours }] : location.staff;
}

/** Whole hours that show the opening hours and every block. */
function findSpan({ hours, appointments, holds }) {
  const blocks = [...appointments, ...holds];
  const { opens, closes } = hours ?? USUAL_HOURS;
  const starts = Math.min(opens, ...blocks.map((block) => block.starts));
  const ends = Math.max(closes, ...blocks.map((block) => block.ends));
  return { starts: Math.floor(starts / 60) * 60, ends: Math.ceil(ends / 60) * 60 };
}

function drawRail({ starts, ends }) {
  const rail = make("div", { class: "rail", "aria-hidden": "true" });
  for (let minutes = starts; minutes < ends; minutes += 60) rail.append(make("span", { class: "hour" }, clockWords(minutes)));
  return rail;
}

function drawColumn(person, location, { span, fresh }) {
  const isHere = (block) => (person.id === null ? !location.staff.some(({ id }) => id === block.staffId) : block.staffId === person.id);
  const blocks = location.appointments.filter(isHere);
  const booked = blocks.filter((block) => !block.isBreak).length;
  const list = make("ul", { class: "lane" });
  for (const shade of closedParts(person.hours, span)) list.append(placeBlock(make("li", { class: "shut", "aria-hidden": "true" }), shade, span));
  for (const block of blocks) list.append(placeBlock(drawAppointment(block, fresh.has(block.id)), block, span));
  for (const block of location.holds.filter(isHere)) list.append(placeBlock(drawHold(block), block, span));
  return make(
    "section",
    { class: "column", "aria-label": `${person.name}, ${words.appointments(booked)}` },
    make("h4", { class: "column-head" }, make("span", { class: `dot tint-${tintOf(person.name)}`, "aria-hidden": "true" }), drawName(person.name)),
    list,
  );
}

/** The first name in bold: it is what fits, and what the chat says. */
function drawName(name) {
  const [first, ...rest] = name.split(" ");
  return make("span", { title: name }, make("b", {}, first), rest.length ? ` ${rest.join(" ")}` : "");
}

function closedParts(hours, { starts, ends }) {
  if (!hours) return [{ starts, ends }];
  return [{ starts, ends: hours.opens }, { starts: hours.closes, ends }].filter((part) => part.ends > part.starts);
}

function drawAppointment(block, isFresh) {
  if (block.isBreak) return make("li", { class: "block break" }, make("span", {}, block.title || words.break));
  const look = `block tint-${tintOf(block.title)}${block.isFromChat ? " is-from-chat" : ""}${isFresh ? " is-fresh" : ""}`;
  return make(
    "li",
    { class: look, title: `${clockWords(block.starts)}–${clockWords(block.ends)} ${block.title}, ${block.guest}`, "data-appointment": block.id },
    drawTimes(block),
    make("span", { class: "block-guest" }, block.guest),
    make("span", { class: "block-title" }, block.title),
  );
}

function drawHold(block) {
  return make(
    "li",
    { class: "block hold", title: words.heldLong, "data-hold": block.id },
    drawTimes(block),
    make("span", { class: "block-guest" }, words.held),
  );
}

/** A narrow block shows the start alone. */
function drawTimes({ starts, ends }) {
  return make("span", { class: "block-time" }, clockWords(starts), make("span", { class: "until" }, `–${clockWords(ends)}`));
}

function placeBlock(node, { starts, ends }, span) {
  node.style.setProperty("--at", (starts - span.starts) / 60);
  node.style.setProperty("--for", (ends - starts) / 60);
  return node;
}
