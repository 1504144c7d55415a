/** Puts the page together: who is on stage, who hears of what, what is in view on a small screen. */

import * as api from "./api.js";
import { Calendar } from "./calendar.js";
import { find, make } from "./dom.js";
import { Phone } from "./phone.js";
import { Staff } from "./staff.js";
import { oneAtATime } from "./refresh.js";
import { openStream } from "./stream.js";
import { Trouble } from "./trouble.js";
import { Views } from "./views.js";
import { words } from "./words.js";

const ALARM_STAYS_MS = 6000;
/** The line that shows "now" moves this often. */
const TICK_MS = 30_000;

const views = new Views();
const phone = new Phone({ onNews: (count) => views.addNews("phone", count), onError: complain });
const staff = new Staff({ onNews: (count) => views.addNews("staff", count), onError: complain });
const calendar = new Calendar({ onNews: (count) => views.addNews("calendar", count), onError: complain });
const trouble = new Trouble(complain);

const business = find("business");
const customer = find("customer");
let cast = { bots: [], people: [] };

async function loadCast() {
  const [bots, people, vendor] = await Promise.all([api.listBots(), api.listPeople(), api.readVendor()]);
  calendar.open(vendor);
  trouble.open(vendor);
  find("vendor-name").textContent = vendor.name;
  cast = { bots, people };
  fill(business, bots.map((bot) => [bot.id, bot.name]));
  fill(customer, people.filter((person) => person.staff_of === null).map((person) => [person.id, person.name]));
}

/** Offer these options; the one whose name was chosen stays chosen (after a reset the ids are new). */
function fill(select, options) {
  const chosen = select.selectedOptions[0]?.textContent;
  select.replaceChildren(...options.map(([value, label]) => make("option", { value, selected: label === chosen }, label)));
}

async function showAll() {
  const bot = cast.bots.find((one) => String(one.id) === business.value);
  const person = cast.people.find((one) => String(one.id) === customer.value);
  if (!bot || !person) return;
  await Promise.all([phone.show(bot, person), staff.show(bot, cast.people), calendar.show(bot.name)]);
}

const startOver = oneAtATime(async () => {
  await loadCast();
  await Promise.all([showAll(), trouble.refresh()]);
}, complain);

function hear(change) {
  if (change.what === "reset" || (change.what === "telegram" && change.bot === null)) return startOver();
  if (change.what === "clock") calendar.lookAgain();
  if (change.what === "vendor") calendar.refresh();
  if (change.what === "telegram" && phone.concerns(change)) phone.refresh();
  if (change.what === "telegram" && staff.concerns(change)) staff.refresh();
  trouble.follow();
}

function showPulse(state) {
  const pulse = find("pulse");
  pulse.dataset.state = state;
  pulse.textContent = words[state];
}

function complain(error) {
  console.warn(error);
  const alarm = find("alarm");
  alarm.textContent = words.failed;
  alarm.hidden = false;
  clearTimeout(complain.timer);
  complain.timer = setTimeout(() => (alarm.hidden = true), ALARM_STAYS_MS);
}

business.addEventListener("change", () => showAll().catch(complain));
customer.addEventListener("change", () => showAll().catch(complain));
find("reset").addEventListener("click", () => api.reset().catch(complain));
setInterval(() => find("pulse").dataset.state === "live" && calendar.refresh(), TICK_MS);

openStream({
  onChange: hear,
  onOpen: () => {
    showPulse("live");
    startOver();
  },
  onLost: () => showPulse("lost"),
});
