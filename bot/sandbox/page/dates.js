/** Dates and times in words. A calendar date is always a string `YYYY-MM-DD`; it belongs to a place, not to a moment. */

const LANGUAGE = "en-GB";

const CLOCK = new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit" });
const LONG_DAY = new Intl.DateTimeFormat(LANGUAGE, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
const CHAT_DAY = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "long" });

/** Wall time of a message, as the reader's phone would show it. @param {string} moment ISO 8601 */
export function timeWords(moment) {
  return CLOCK.format(new Date(moment));
}

/** The day of a message, as a chat separates them. @param {string} moment ISO 8601 */
export function dayWords(moment) {
  return CHAT_DAY.format(new Date(moment));
}

/** `Friday 20 November` */
export function dateWords(date) {
  return LONG_DAY.format(new Date(`${date}T00:00:00Z`));
}

export function addDays(date, days) {
  const moment = new Date(`${date}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return moment.toISOString().slice(0, 10);
}

/** How many days from one date to another. */
export function daysBetween(from, to) {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** `09:30` from minutes since midnight. */
export function clockWords(minutes) {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(Math.round(minutes % 60)).padStart(2, "0")}`;
}
