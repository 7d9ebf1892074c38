// The Passerelle widget: <passerelle-widget site="…" lang="fr" role="resident|partner">.
// No framework, no build step, no cookie, no storage: everything lives in this page's memory and leaves with it.
// Texts are only ever put into text nodes.

const HERE = new URL(".", import.meta.url);
const NEUTRAL_PAGE = "https://meteofrance.com/";
const POLL_SECONDS = 20;
const LONGEST_RETRY = 30_000;
const WARN_SECONDS = 120;
const SAFE_LINK = /^(tel:|sms:|https:)/;

/** Builds an element; children that are strings become text nodes. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** How a choice reads: its number before it, unless it is answered by a word. */
const numbered = (typed, label) => (/^\d+$/.test(typed) ? `${typed}. ${label}` : label);

/** A refusal of the server, with what it said. */
class Refused extends Error {
  constructor(status, body) {
    super(`refused: ${status}`);
    this.status = status;
    this.body = body;
  }
  /** Worth sending again unchanged. */
  get passing() {
    return this.status >= 500 || this.status === 429;
  }
}

/** One conversation with the server: token, cursor and the queue of what is not sent yet. */
class Line {
  constructor(server, opening, events) {
    this.server = server;
    this.opening = opening;
    this.events = events;
    this.cursor = 0;
    this.queue = [];
    this.over = false;
    this.stopper = new AbortController();
  }

  async call(method, path, body) {
    const headers = {};
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (body) headers["Content-Type"] = "application/json";
    const response = await fetch(new URL(path, this.server), {
      method,
      headers,
      body: body && JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "origin",
      signal: this.stopper.signal,
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Refused(response.status, answer);
    return answer;
  }

  /** Repeats a call until it is answered, telling whether we are cut off meanwhile. */
  async insist(work) {
    for (let wait = 1000; !this.over; wait = Math.min(wait * 2, LONGEST_RETRY)) {
      try {
        const answer = await work();
        this.events.online(true);
        return answer;
      } catch (error) {
        if (this.over) return undefined;
        if (error instanceof Refused && !error.passing) throw error;
        if (error instanceof Refused && error.body.danger) this.events.danger(error.body.danger);
        this.events.online(false);
        await Promise.race([pause(wait), new Promise((back) => addEventListener("online", back, { once: true }))]);
      }
    }
    return undefined;
  }

  async open() {
    this.keep(await this.insist(() => this.call("POST", "/widget/conversations", this.opening)));
    this.follow();
    this.drain();
  }

  keep(session) {
    if (!session) return;
    this.token = session.token;
    clearTimeout(this.warning);
    clearTimeout(this.ending);
    this.warning = setTimeout(() => this.events.expiring(), Math.max(0, session.expires_in - WARN_SECONDS) * 1000);
    this.ending = setTimeout(() => this.end(), session.expires_in * 1000);
  }

  /** Sends in order, one at a time; the id of a message makes a second try harmless. */
  send(message) {
    this.queue.push({ id: crypto.randomUUID(), ...message });
    this.drain();
  }

  async drain() {
    if (this.sending || !this.token) return;
    this.sending = true;
    while (this.queue.length && !this.over) {
      const { sent, failed, ...body } = this.queue[0];
      try {
        this.keep(await this.insist(() => this.call("POST", "/widget/messages", body)));
        sent?.();
      } catch (error) {
        if (error.status === 401) return this.end();
        failed?.();
      }
      this.queue.shift();
    }
    this.sending = false;
    return undefined;
  }

  async follow() {
    while (!this.over) {
      const path = () => `/widget/messages?after=${this.cursor}&wait=${POLL_SECONDS}`;
      try {
        const answer = await this.insist(() => this.call("GET", path()));
        if (!answer) return;
        this.cursor = answer.cursor;
        // One batch after the other: a change of language must not let a later message overtake.
        if (answer.messages.length) await this.events.messages(answer.messages);
      } catch (error) {
        return this.end();
      }
    }
  }

  async renew() {
    try {
      this.keep(await this.insist(() => this.call("POST", "/widget/renewals")));
    } catch {
      this.end();
    }
  }

  end() {
    if (this.over) return;
    this.close();
    this.events.ended();
  }

  close() {
    this.over = true;
    this.queue = [];
    this.token = undefined;
    clearTimeout(this.warning);
    clearTimeout(this.ending);
    this.stopper.abort();
  }
}

class PasserelleWidget extends HTMLElement {
  async connectedCallback() {
    if (this.shadowRoot) return;
    this.server = new URL(this.getAttribute("server") || HERE.origin);
    this.partner = this.getAttribute("role") === "partner";
    this.invitation = this.partner ? "open_partner" : "open";
    // An ARIA role of that name does not exist: assistive tools must not read our setting as one.
    this.removeAttribute("role");
    this.labels = [];
    // Until the words are here, what the page wrote inside the element stays: a link to the page without JavaScript.
    if (!(await this.speak(this.getAttribute("lang") || "fr"))) return;
    this.attachShadow({ mode: "open" });
    this.launcher = el("button", { type: "button", class: "launcher", onclick: () => this.show() });
    this.label(this.launcher, this.invitation);
    this.outcome = el("p", { class: "outcome", role: "status" });
    this.shadowRoot.append(
      el("link", { rel: "stylesheet", href: new URL("widget.css", HERE) }),
      el("div", { class: "frame" }, this.launcher, this.outcome),
    );
  }

  disconnectedCallback() {
    this.line?.close();
  }

  // Words

  async speak(language) {
    try {
      const url = new URL(`/widget/words?lang=${encodeURIComponent(language)}`, this.server);
      const { words, language: spoken, dir } = await (await fetch(url, { credentials: "omit" })).json();
      Object.assign(this, { words, spoken, direction: dir });
    } catch {
      return false;
    }
    for (const [element, key, attribute] of this.labels) this.write(element, key, attribute);
    this.place();
    return true;
  }

  /** Gives an element its interface word, and remembers it for a change of language. */
  label(element, key, attribute) {
    this.labels.push([element, key, attribute]);
    this.write(element, key, attribute);
    return element;
  }

  write(element, key, attribute) {
    if (attribute) element.setAttribute(attribute, this.words[key]);
    else element.textContent = this.words[key];
  }

  place() {
    const frame = this.shadowRoot?.querySelector(".frame");
    frame?.setAttribute("lang", this.spoken);
    frame?.setAttribute("dir", this.direction);
  }

  // Opening and leaving

  show() {
    this.place();
    this.outcome.textContent = "";
    if (!this.dialog) this.build();
    this.dialog.showModal();
    this.focusInside();
    if (!this.line) this.start();
  }

  start() {
    this.line = new Line(
      this.server,
      // The page's language is no choice of the person's: theirs is recognised from what they write.
      { site: this.getAttribute("site") || "", ...this.who() },
      {
        online: (yes) => this.showOnline(yes),
        messages: (messages) => this.receive(messages),
        danger: (text) => this.receiveDanger(text),
        expiring: () => this.warn("expiring", "continue", () => this.line.renew()),
        ended: () => this.finish("ended"),
      },
    );
    this.line.open().catch(() => this.warn("unavailable", "restart", () => this.begin()));
  }

  /** Of a partner, what they are and for which organisation; of a resident, nothing. */
  who() {
    if (!this.partner) return { role: "resident" };
    const said = ["helper", "organisation"].map((name) => [name, this.getAttribute(name)]);
    return { role: "partner", ...Object.fromEntries(said.filter(([, value]) => value)) };
  }

  begin() {
    this.line?.close();
    this.line = undefined;
    this.start();
  }

  build() {
    const button = (key, className, onclick) => this.label(el("button", { type: "button", class: className, onclick }), key);
    this.heading = this.label(el("h2", { id: "title", tabindex: "-1" }), "title");
    this.notice = el("div", { class: "notice", role: "status" });
    this.spokenNews = el("div", { class: "unseen", "aria-live": "polite" });
    this.stage = this.partner ? el("div", { class: "stage" }) : this.history();
    this.stage.append(this.welcome());
    this.dialog = el(
      "dialog",
      { "aria-labelledby": "title", class: this.partner ? "partner" : "resident", onclose: () => this.launcher.focus() },
      el(
        "header",
        {},
        this.heading,
        el(
          "div",
          { class: "exits" },
          button("leave", "leave", () => this.leave()),
          button("close", "close", () => this.dialog.close()),
        ),
      ),
      this.partner ? this.label(el("p", { class: "banner" }), "partner") : null,
      this.stage,
      this.notice,
      this.composer(),
      this.partner ? button("finish", "finish", () => this.finish("erased")) : null,
      this.spokenNews,
    );
    this.shadowRoot.querySelector(".frame").append(this.dialog);
  }

  history() {
    // Announced once, in the polite region below: a live log would be read again and again.
    const log = el("div", { role: "log", "aria-live": "off", tabindex: "0", class: "stage log" });
    return this.label(log, "history", "aria-label");
  }

  /** What to do first, shown and tied to the field: nothing is said to nobody before the person writes. */
  welcome() {
    const text = this.label(el("p", { id: "welcome" }), this.partner ? "welcome_partner" : "welcome");
    return el("div", { class: "bubble theirs" }, this.label(el("span", { class: "who" }), "robot"), text);
  }

  composer() {
    this.field = el("textarea", {
      id: "text",
      "aria-describedby": "welcome",
      rows: "2",
      maxlength: "1600",
      autocomplete: "off",
      enterkeyhint: "send",
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this.sendField();
      },
    });
    const send = this.label(el("button", { type: "submit", class: "send" }), "send");
    const onsubmit = (event) => {
      event.preventDefault();
      this.sendField();
    };
    return el("form", { class: "composer", onsubmit }, this.label(el("label", { for: "text" }), "input"), this.field, send);
  }

  focusInside() {
    if (this.partner) this.heading.focus();
    else this.field.focus();
  }

  /** Wipes the screen first, then goes: the page must be gone before the network answers. */
  leave() {
    this.wipe();
    document.documentElement.style.visibility = "hidden";
    document.title = "…";
    location.replace(this.getAttribute("exit") || NEUTRAL_PAGE);
  }

  wipe() {
    this.line?.close();
    this.line = undefined;
    this.dialog?.remove();
    this.dialog = undefined;
    this.options = undefined;
    this.labels = [[this.launcher, this.invitation]];
  }

  finish(outcome) {
    this.wipe();
    this.outcome.textContent = this.words[outcome];
    this.launcher.focus();
  }

  // Saying

  sendField() {
    const text = this.field.value.trim();
    if (!text) return this.field.focus();
    this.field.value = "";
    return this.say({ text }, text);
  }

  say(message, shown) {
    this.clearOptions();
    let sign = () => {};
    if (this.partner) {
      this.stage.replaceChildren();
      this.answered = true;
    } else {
      const bubble = this.bubble({ sender: "person", text: shown });
      sign = (key) => bubble.append(this.label(el("span", { class: "state" }), key));
    }
    this.wait(true);
    this.line.send({
      ...message,
      failed: () => {
        this.wait(false);
        if (this.partner) this.warn("failed");
        else sign("failed");
      },
    });
  }

  // Receiving

  async receive(messages) {
    const news = messages.filter((message) => message.sender !== "person");
    // What the person wrote is on screen already; the server only confirms it.
    if (!news.length) return;
    const language = news.at(-1).language;
    if (language !== this.spoken) await this.speak(language);
    if (!this.dialog) return;
    this.wait(false);
    const [first] = news.map((message) => this.bubble(message));
    const asking = news.findLast(({ options }) => options.length);
    // News that asks nothing leaves the question before it open.
    if (asking) this.offer(asking);
    // A long answer is read from its beginning.
    this.stage.scrollTop = first.offsetTop - this.stage.offsetTop - 8;
    this.announce(news);
    if (this.partner && this.answered) this.focusStep();
    this.answered = false;
  }

  receiveDanger(text) {
    this.wait(false);
    // The same words may come back with each try; once is enough.
    if (this.lastDanger === text) return;
    this.lastDanger = text;
    const message = { sender: "passerelle", text, language: this.spoken, dir: this.direction, options: [], links: [] };
    this.bubble(message);
    this.announce([message]);
  }

  bubble({ sender, text, language, dir, links = [] }) {
    const mine = sender === "person";
    const who = this.label(el("span", { class: "who" }), mine ? "you" : "robot");
    const safe = links.filter(({ href }) => SAFE_LINK.test(href));
    const bubble = el(
      "div",
      { class: `bubble ${mine ? "mine" : "theirs"}` },
      who,
      el("p", { lang: language, dir: dir ?? "auto" }, text),
      safe.length
        ? el("ul", { class: "links", lang: language, dir }, ...safe.map(({ label, href }) => el("li", {}, el("a", { href, rel: "noreferrer" }, label))))
        : null,
    );
    this.stage.append(bubble);
    this.scroll();
    return bubble;
  }

  offer({ text, question, options, language, dir }) {
    this.clearOptions();
    this.options = this.partner ? this.choices(text, question, options) : this.buttons(question, options);
    this.options.setAttribute("lang", language);
    this.options.setAttribute("dir", dir);
    this.stage.append(this.options);
    this.scroll();
  }

  buttons(question, options) {
    const choose = (number, label) => () => {
      this.say({ text: String(number), question }, numbered(number, label));
      // The pressed button is gone: the keyboard goes on from the conversation, not from the top of the page.
      this.stage.focus();
    };
    const item = ({ number, label }) =>
      el("li", {}, el("button", { type: "button", onclick: choose(number, label) }, numbered(number, label)));
    return el("ul", { class: "options", role: "list" }, ...options.map(item));
  }

  /** The partner's form: one question at a time, digits choose, Enter validates. */
  choices(text, question, options) {
    const radio = ({ number, label }) =>
      el("label", { class: "choice" }, el("input", { type: "radio", name: "choice", value: number, required: true }), numbered(number, label));
    const legend = el("legend", { class: "unseen" }, text);
    const onsubmit = (event) => {
      event.preventDefault();
      this.say({ text: new FormData(event.target).get("choice"), question });
    };
    const onkeydown = ({ key, target }) => {
      const chosen = /^\d$/.test(key) && target.form.querySelector(`input[value="${key}"]`);
      if (!chosen) return;
      chosen.checked = true;
      chosen.focus();
    };
    return el(
      "form",
      { class: "choices", onsubmit },
      el("fieldset", { onkeydown }, legend, ...options.map(radio)),
      this.label(el("button", { type: "submit", class: "send" }), "validate"),
    );
  }

  clearOptions() {
    this.options?.remove();
    this.options = undefined;
  }

  focusStep() {
    (this.stage.querySelector("input") ?? this.field).focus();
  }

  // Telling without moving the focus

  announce(messages) {
    const read = messages.map(({ text, language, dir, options }) =>
      el("p", { lang: language, dir }, [text, ...options.map(({ number, label }) => numbered(number, label))].join("\n")),
    );
    this.spokenNews.replaceChildren(...read);
    clearTimeout(this.forgetting);
    // Said once; afterwards only the history holds it, so that nobody meets the message twice.
    this.forgetting = setTimeout(() => this.spokenNews?.replaceChildren(), 5000);
  }

  /** Three dots while an answer is prepared: seen, never read aloud. */
  wait(yes) {
    this.dots?.remove();
    this.dots = yes ? el("p", { class: "dots", "aria-hidden": "true" }, this.words.waiting) : undefined;
    if (yes) this.stage.append(this.dots);
    this.scroll();
  }

  showOnline(yes) {
    if (!this.dialog || yes === !this.cut) return;
    this.cut = !yes;
    if (yes) return this.notice.replaceChildren();
    this.wait(false);
    return this.warn("offline");
  }

  warn(key, action, then) {
    if (!this.dialog) return;
    const act = () => {
      this.notice.replaceChildren();
      this.focusInside();
      then();
    };
    this.notice.replaceChildren(
      el("p", {}, this.words[key]),
      ...(action ? [el("button", { type: "button", onclick: act }, this.words[action])] : []),
    );
  }

  scroll() {
    this.stage.scrollTop = this.stage.scrollHeight;
  }
}

customElements.define("passerelle-widget", PasserelleWidget);
