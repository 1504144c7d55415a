/** The staff's phone: the business's group chats, one tab each when there are several. */

import * as api from "./api.js";
import { ChatLog } from "./chat.js";
import { find, initialsOf, tintOf } from "./dom.js";
import { oneAtATime } from "./refresh.js";
import { Tabs } from "./tabs.js";
import { Toasts } from "./toasts.js";
import { words } from "./words.js";

export class Staff {
  /** @param {{onNews: (count: number) => void, onError: (error: unknown) => void}} listener */
  constructor({ onNews, onError }) {
    this.panel = find("staff");
    this.onNews = onNews;
    this.onError = onError;
    this.counts = new Map();
    this.tabs = new Tabs(find("staff-tabs"), (key) => this.#choose(Number(key)));
    this.log = new ChatLog(find("staff-log"), {
      isOwn: (message) => message.sender_id === this.person?.id,
      onTap: (message, row, column) => this.#act(api.tap, { message_id: message.message_id, row, column }),
      showsSenders: true,
    });
    this.toasts = new Toasts(find("staff-toast"));
    this.input = find("staff-input");
    this.refresh = oneAtATime(() => this.#load(), onError);
    find("staff-form").addEventListener("submit", (event) => this.#submit(event));
  }

  /** Show the staff chats of this bot's business, as the one of these people who works there. */
  async show(bot, people) {
    this.bot = bot;
    this.people = people;
    this.counts.clear();
    this.chats = [];
    this.#choose(undefined);
    await this.refresh();
  }

  concerns({ bot, chat }) {
    return bot === this.bot?.id && chat < 0;
  }

  #choose(id) {
    this.chat = this.chats.find((chat) => chat.id === id);
    this.log.clear();
    this.toasts.clear();
    this.#showHead();
    if (this.chat) this.refresh();
  }

  async #load() {
    const { bot } = this;
    if (!bot) return;
    const chats = (await api.listChats(bot.id)).filter((chat) => chat.id < 0 && chat.migrated_to === null);
    const views = await Promise.all(chats.map((chat) => api.readChat(bot.id, chat.id)));
    if (bot !== this.bot) return;
    this.chats = chats;
    const labels = shorten(chats.map((chat) => chat.title));
    this.tabs.show(chats.map((chat, at) => ({ key: String(chat.id), label: labels[at], panel: "staff-log" })));
    this.tabs.root.hidden = chats.length < 2;
    if (!chats.some((chat) => chat.id === this.chat?.id)) this.chat = chats[0];
    this.#noticeNews(views);
    this.#showHead();
    const view = views[chats.findIndex((chat) => chat.id === this.chat?.id)];
    if (view) this.#showChat(view);
  }

  #showChat(view) {
    this.log.show(view.messages);
    this.toasts.show(view.toasts ?? [], (messageId) => this.log.settle(messageId));
    find("staff-empty").hidden = view.messages.length > 0;
  }

  /** Count what is new in each chat; follow it there unless somebody is busy in this panel. */
  #noticeNews(views) {
    let added = 0;
    for (const [at, { messages }] of views.entries()) {
      const { id } = this.chats[at];
      const before = this.counts.get(id);
      this.counts.set(id, messages.length);
      if (before === undefined || messages.length <= before) continue;
      added += messages.length - before;
      if (id === this.chat.id) continue;
      if (this.panel.contains(document.activeElement)) this.tabs.addUnseen(String(id), messages.length - before);
      else this.#follow(id);
    }
    if (added) this.onNews(added);
  }

  #follow(id) {
    this.chat = this.chats.find((chat) => chat.id === id);
    this.tabs.choose(String(id));
    this.log.clear();
    this.toasts.clear();
  }

  #showHead() {
    const title = this.chat?.title ?? "";
    this.person = this.people?.find((person) => person.staff_of === this.chat?.id);
    find("staff-title").textContent = title || words.noStaffChat;
    find("staff-line").textContent = this.chat && this.person ? words.actingAs(this.person.name) : "";
    const avatar = find("staff-avatar");
    avatar.textContent = initialsOf(title);
    avatar.className = `avatar tint-${tintOf(title)}`;
    find("staff-form").hidden = !this.chat || !this.person;
  }

  #act(call, detail) {
    return call(this.bot.id, this.chat.id, this.person.id, detail);
  }

  #submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.#act(api.say, text).catch(this.onError);
  }
}

/** What tells the titles apart: without the words that all of them end with. */
function shorten(titles) {
  const words = titles.map((title) => title.split(" "));
  const isShared = (back) => words.every((one) => one.length > back && one.at(-back) === words[0].at(-back));
  let shared = 0;
  while (words.length > 1 && isShared(shared + 1)) shared += 1;
  return words.map((one) => one.slice(0, one.length - shared).join(" "));
}
