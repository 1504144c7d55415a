/** The emulators' control API, the only thing this page talks to. */

async function call(method, path, body) {
  const response = await fetch(`/control${path}`, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} /control${path} answered ${response.status}`);
  return response.json();
}

const get = (path) => call("GET", path);
const post = (path, body) => call("POST", path, body ?? {});
const chatPath = (bot, chat) => `/telegram/${bot}/chats/${chat}`;

export const listBots = () => get("/telegram/bots");
export const listPeople = () => get("/telegram/people");
export const listChats = (bot) => get(`/telegram/${bot}/chats`);
export const readChat = (bot, chat) => get(chatPath(bot, chat));

export const say = (bot, chat, person, text) => post(`${chatPath(bot, chat)}/say`, { person, text });
export const tap = (bot, chat, person, key) => post(`${chatPath(bot, chat)}/tap`, { person, ...key });
export const shareContact = (bot, chat, person) => post(`${chatPath(bot, chat)}/contact`, { person, of: "own" });
export const sendThing = (bot, chat, person, kind) => post(`${chatPath(bot, chat)}/send`, { person, kind });

/** Whose book it is: `{slug, name, operations}`. */
export const readVendor = () => get("/vendor");
/** Without a date: today, at each location. */
export const readCalendar = (vendor, date) => get(`/${vendor}/calendar?date=${date}`);
export const listAppointments = (vendor) => get(`/${vendor}/appointments`);

export const listFaults = (emulator) => get(`/${emulator}/faults`);
export const addFault = (emulator, fault) => post(`/${emulator}/faults`, fault);
export const clearFaults = (emulator) => call("DELETE", `/${emulator}/faults`);
export const readDelivery = () => get("/telegram/delivery");
export const setDelivery = (delivery) => call("PUT", "/telegram/delivery", delivery);

export const reset = () => post("/reset");
