"use strict";
// What every room's script may use: calls to the sandbox, elements without markup in strings,
// short words to the reader, the city's time, and a call whenever anything changed.
const sandbox = (() => {
  const watchers = [];
  const $ = (id) => document.getElementById(id);

  // An element; text is always text, never markup.
  function el(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value === true) made.setAttribute(name, "");
      else if (value !== false && value != null) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child != null));
    return made;
  }

  function say(words) {
    const toast = $("said");
    toast.textContent = words;
    toast.classList.add("on");
    clearTimeout(say.timer);
    say.timer = setTimeout(() => toast.classList.remove("on"), 2600);
  }

  // JSON in and out; a problem becomes an Error with its words.
  async function call(method, path, body) {
    const answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const json = text ? JSON.parse(text) : null;
    if (answer.ok) return json;
    const field = json?.errors?.[0];
    throw new Error(field ? `${field.pointer.replace("/", "")}: ${field.detail}` : json?.detail ?? `status ${answer.status}`);
  }

  // Runs what a click asked for and says what went wrong.
  const attempt = (work) => async (...given) => {
    try { await work(...given); } catch (error) { say(error.message); }
  };

  async function copy(text) {
    await navigator.clipboard.writeText(text);
    say("Copied");
  }

  // The city's clock, told once and then kept going here.
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);

  function offsetWords(seconds) {
    if (Math.abs(seconds) < 1) return "";
    const size = Math.abs(seconds);
    const [value, unit] = size >= 86400 ? [size / 86400, "d"] : size >= 3600 ? [size / 3600, "h"] : size >= 60 ? [size / 60, "min"] : [size, "s"];
    return `${seconds < 0 ? "−" : "+"}${Math.round(value * 10) / 10} ${unit}`;
  }

  function showClock(view) {
    ahead = Date.parse(view.now) - Date.now();
    const words = offsetWords(view.offset_seconds);
    $("offset").hidden = !words;
    $("offset").textContent = words;
    tick();
  }

  function tick() {
    const moment = now();
    const today = moment.toDateString() === new Date().toDateString();
    const time = moment.toLocaleTimeString();
    $("now").textContent = today ? time : `${moment.toLocaleDateString()} ${time}`;
    $("now").dateTime = moment.toISOString();
  }

  function startClock() {
    const move = attempt(async (wish) => showClock(await call("POST", "/clock", wish)));
    document.querySelectorAll("[data-advance]").forEach((button) => {
      button.addEventListener("click", () => move({ advance_seconds: Number(button.dataset.advance) }));
    });
    $("clock-reset").addEventListener("click", () => move({ offset_seconds: 0 }));
    $("clock-form").addEventListener("submit", (event) => {
      event.preventDefault();
      move({ now: new Date($("clock-at").value).toISOString() });
    });
    const close = () => { $("clock").open = false; };
    document.addEventListener("click", (event) => { if (!$("clock").contains(event.target)) close(); });
    $("clock").addEventListener("keydown", (event) => {
      if (event.key === "Escape") { close(); $("clock").querySelector("summary").focus(); }
    });
    setInterval(tick, 1000);
  }

  function startTabs() {
    const tabs = [...document.querySelectorAll('[role="tab"]')];
    const panelOf = (tab) => $(tab.getAttribute("aria-controls"));
    const open = (tab) => tabs.forEach((one) => {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
      panelOf(one).hidden = one !== tab;
    });
    tabs.forEach((tab, at) => {
      tab.addEventListener("click", () => { open(tab); location.hash = panelOf(tab).id; });
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const next = tabs[(at + step + tabs.length) % tabs.length];
        next.focus();
        next.click();
      });
    });
    const wanted = location.hash.slice(1).split("/")[0];
    open(tabs.find((tab) => panelOf(tab).id === wanted) ?? tabs[0]);
  }

  // One stream tells of every change; after a gap everything is read again.
  function startStream() {
    let waiting = null;
    const changed = () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => watchers.forEach((watcher) => watcher()), 60);
    };
    const live = (on) => {
      $("live").classList.toggle("on", on);
      $("live").setAttribute("aria-label", on ? "Live" : "Not connected; trying again");
    };
    const stream = new EventSource("/stream");
    stream.addEventListener("change", changed);
    stream.addEventListener("open", () => { live(true); changed(); });
    stream.addEventListener("error", () => live(false));
    addEventListener("pagehide", () => stream.close());
  }

  return {
    $, el, say, call, attempt, copy, now,
    watch: (watcher) => watchers.push(watcher),
    start() {
      startTabs();
      startClock();
      watchers.push(attempt(async () => showClock(await call("GET", "/clock"))));
      watchers.forEach((watcher) => watcher());
      startStream();
    },
  };
})();
