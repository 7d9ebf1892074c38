// The demonstration's phones. Words are in the page; texts only ever go into text nodes.

const words = document.getElementById("words").dataset;
const phones = document.getElementById("telephones");
const NUMBER = /^063998[0-9]{4}$/;

const clone = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);
const madeUp = () => `06 39 98 ${String(Math.floor(Math.random() * 10000)).padStart(4, "0").replace(/(..)/, "$1 ")}`;

class Phone {
  constructor(rank) {
    this.element = clone("phone");
    const find = (selector) => this.element.querySelector(selector);
    Object.assign(this, {
      number: find("input"),
      wrong: find(".wrong"),
      log: find(".log"),
      news: find("[aria-live=polite]"),
      count: find(".count"),
      field: find("textarea"),
      suggestions: find(".suggestions"),
    });
    find(".rank").textContent = rank;
    this.name(rank, find);
    find(".other").addEventListener("click", () => this.use(madeUp()));
    this.number.addEventListener("change", () => this.use(this.number.value));
    find("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendField();
    });
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.sendField();
    });
    for (const button of this.suggestions.querySelectorAll("button")) {
      button.addEventListener("click", () => {
        this.send(button.textContent);
        this.log.focus();
      });
    }
    phones.append(this.element);
    this.use(madeUp());
    setInterval(() => this.look(), 1000);
  }

  name(rank, find) {
    this.element.setAttribute("aria-labelledby", `phone-${rank}`);
    find("h2").id = `phone-${rank}`;
    this.field.id = `text-${rank}`;
    find(".write label").htmlFor = this.field.id;
  }

  /** Starts again as another phone. */
  use(number) {
    this.number.value = number;
    this.digits = number.replace(/\D/g, "");
    this.cursor = 0;
    this.bubbles = new Map();
    this.received = new Map();
    this.log.replaceChildren(this.suggestions);
    this.suggestions.hidden = false;
    this.count.textContent = 0;
    this.wrong.textContent = this.valid ? "" : words.wrong;
    this.look();
  }

  get valid() {
    return NUMBER.test(this.digits);
  }

  sendField() {
    const text = this.field.value.trim();
    if (!text) return;
    this.field.value = "";
    this.send(text);
  }

  async send(text) {
    if (!this.valid) return this.number.focus();
    try {
      const answer = await fetch("/simulateur/messages", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ number: this.digits, text }),
      });
      const { accepted } = answer.ok ? await answer.json() : {};
      this.wrong.textContent = accepted ? "" : words.refused;
    } catch {
      this.wrong.textContent = words.cut;
      this.field.value ||= text;
    }
    return this.look();
  }

  async look() {
    if (!this.valid || this.looking || document.hidden) return;
    this.looking = true;
    const asked = this.digits;
    try {
      const answer = await fetch(`/simulateur/messages?number=${asked}&after=${this.cursor}`);
      const { messages, cursor } = await answer.json();
      if (asked !== this.digits) return;
      this.cursor = cursor;
      for (const message of messages) this.show(message);
    } catch {
      // The next look, in a second, will do.
    } finally {
      this.looking = false;
    }
  }

  show(message) {
    const arrived = message.mine || message.status === "delivered";
    // A phone shows what it received; what is still on its way is not there yet.
    if (!arrived && !["undelivered", "failed"].includes(message.status)) return;
    const fresh = !this.bubbles.has(message.sid);
    const bubble = this.bubbles.get(message.sid) ?? this.bubble(message);
    const cost = `${message.encoding} · ${message.parts} SMS`;
    bubble.querySelector(".cost").textContent = arrived ? cost : words.undelivered;
    if (!fresh || message.mine) return;
    this.received.set(message.sid, arrived ? message.parts : 0);
    this.count.textContent = [...this.received.values()].reduce((sum, parts) => sum + parts, 0);
    this.news.textContent = `${words.theirs} ${message.text}`;
  }

  bubble(message) {
    const bubble = clone("message");
    bubble.classList.add(message.mine ? "mine" : "theirs");
    bubble.querySelector(".from").textContent = message.mine ? words.mine : words.theirs;
    bubble.querySelector(".words").textContent = message.text;
    this.bubbles.set(message.sid, bubble);
    this.suggestions.hidden = true;
    this.log.append(bubble);
    this.log.scrollTop = this.log.scrollHeight;
    return bubble;
  }
}

let rank = 0;
const add = () => new Phone(++rank);
document.getElementById("add").addEventListener("click", () => add().field.focus());
add();
