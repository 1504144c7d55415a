/** The customer's phone: one private chat with the business's bot. */

import * as api from "./api.js";
import { ChatLog } from "./chat.js";
import { find, icon, initialsOf, make, tintOf } from "./dom.js";
import { makeMenu } from "./menu.js";
import { oneAtATime } from "./refresh.js";
import { Toasts } from "./toasts.js";
import { words } from "./words.js";

export class Phone {
  /** @param {{onNews: (count: number) => void, onError: (error: unknown) => void}} listener */
  constructor({ onNews, onError }) {
    this.onNews = onNews;
    this.onError = onError;
    this.log = new ChatLog(find("phone-log"), {
      isOwn: (message) => !message.from_bot,
      onTap: (message, row, column) => this.#act(api.tap, { message_id: message.message_id, row, column }),
    });
    this.toasts = new Toasts(find("phone-toast"));
    this.input = find("phone-input");
    this.refresh = oneAtATime(() => this.#load(), onError);
    find("phone-form").addEventListener("submit", (event) => this.#submit(event));
    find("phone-start").addEventListener("click", () => this.#act(api.say, "/start").catch(onError));
    makeMenu(find("phone-clip"), find("phone-things"), (choice) => this.#send(choice.dataset.kind));
  }

  /** Put this customer's chat with this bot on the phone. */
  async show(bot, person) {
    this.bot = bot;
    this.person = person;
    this.keyboard = "";
    this.log.clear();
    this.toasts.clear();
    find("phone-owner").textContent = words.phoneOf(person.name);
    find("phone-title").textContent = bot.name;
    const avatar = find("phone-avatar");
    avatar.textContent = initialsOf(bot.name);
    avatar.className = `avatar tint-${tintOf(bot.name)}`;
    await this.refresh();
  }

  /** Whether news of this bot and chat concern this phone. */
  concerns({ bot, chat }) {
    return bot === this.bot?.id && chat === this.person?.id;
  }

  async #load() {
    const { bot, person } = this;
    if (!bot) return;
    const chat = await api.readChat(bot.id, person.id);
    if (bot !== this.bot || person !== this.person) return;
    const added = this.log.show(chat.messages);
    this.toasts.show(chat.toasts ?? [], (messageId) => this.log.settle(messageId));
    this.#showKeyboard(chat.reply_keyboard);
    const isEmpty = chat.messages.length === 0;
    const hadFocus = document.activeElement === find("phone-start");
    find("phone-start").hidden = !isEmpty;
    find("phone-empty").hidden = !isEmpty;
    find("phone-form").hidden = isEmpty;
    if (hadFocus && !isEmpty) this.input.focus();
    if (added) this.onNews(added);
  }

  #act(call, detail) {
    return call(this.bot.id, this.person.id, this.person.id, detail);
  }

  #submit(event) {
    event.preventDefault();
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.#act(api.say, text).catch((error) => {
      this.input.value = text;
      this.onError(error);
    });
  }

  #send(kind) {
    const sent = kind === "contact" ? this.#act(api.shareContact) : this.#act(api.sendThing, kind);
    sent.catch(this.onError);
  }

  #showKeyboard(keyboard) {
    const face = JSON.stringify(keyboard);
    if (face === this.keyboard) return;
    this.keyboard = face;
    const root = find("phone-replies");
    root.hidden = !keyboard;
    root.replaceChildren(
      ...(keyboard?.rows ?? []).map((row) => make("div", { class: "key-row" }, ...row.map((button) => this.#makeReply(button)))),
    );
  }

  #makeReply(button) {
    const press = () => {
      const pressed = button.request_contact ? this.#act(api.shareContact) : this.#act(api.say, button.text);
      pressed.then(() => this.input.focus()).catch(this.onError);
    };
    return make(
      "button",
      { type: "button", class: button.request_contact ? "reply contact" : "reply", onclick: press },
      button.request_contact ? icon("person") : null,
      make("span", { dir: "auto" }, button.text),
    );
  }
}
