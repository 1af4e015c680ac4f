const { $, el, say, call, attempt, copy, now } = sandbox;
const SHOWN = 200;
let rows = [];
let kept = 0;
let lastId = 0;
let opened = null; // the mail in the pane
let view = "html";
let phone = false;
const read = new Set();

const person = (one) => one ? (one.name || one.address) : "";
const full = (one) => one.name ? `${one.name} <${one.address}>` : one.address;
const size = (bytes) => bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
const files = (count) => count ? `${count} ${count === 1 ? "file" : "files"} · ` : "";
const subjectOf = (mail) => mail.subject || "(no subject)";

function when(text) {
  const moment = new Date(text);
  return moment.toDateString() === now().toDateString()
    ? moment.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" })
    : moment.toLocaleDateString([], { day: "numeric", month: "short", year: "numeric" });
}

function rowOf(mail) {
  return el("li", {}, el("button", {
      type: "button", class: read.has(mail.id) ? "mail-row" : "mail-row unread", "data-id": mail.id,
      "aria-current": opened?.id === mail.id ? "true" : null, onclick: () => open(mail.id),
    },
    el("span", { class: "to" }, `To ${mail.envelope.to.join(", ")}`),
    el("time", { datetime: mail.received_at }, when(mail.received_at)),
    el("span", { class: "subject" }, subjectOf(mail)),
    el("span", { class: "preview" }, `${files(mail.attachment_count)}${mail.preview}`)));
}

function showRows() {
  const words = $("mail-filter").value.trim().toLowerCase();
  const text = (mail) => [subjectOf(mail), person(mail.from), mail.from?.address, ...mail.envelope.to].join("\n").toLowerCase();
  const matching = rows.filter((mail) => !words || text(mail).includes(words));
  const focused = document.activeElement?.dataset?.id;
  $("mail-rows").replaceChildren(...matching.map(rowOf));
  if (focused) $("mail-rows").querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus();
  if (!matching.length) {
    $("mail-rows").append(el("li", { class: "mail-none" }, kept ? "Nothing matches the filter." : "No mail yet."));
  }
  const newest = rows.length < kept ? `the newest ${rows.length} of ` : "";
  $("mail-tally").textContent = kept ? `${newest}${kept} ${kept === 1 ? "mail" : "mails"} kept` : "The newest 1,000 are kept, in memory";
  $("mail-clear").disabled = !kept;
}

function showEmpty() {
  const server = `127.0.0.1:${document.querySelector(".mail").dataset.smtpPort}`;
  $("mail-pane").replaceChildren(el("div", { class: "mail-empty" },
    el("h2", {}, kept ? "Choose a mail" : "Waiting for the first mail"),
    el("p", {}, kept
      ? "It opens here, with its links on top: to verify, to reset, to join."
      : "Whatever the product sends to the sandbox's mail server appears here at once and goes nowhere else."),
    kept ? null : el("p", {}, "Send to ", el("code", {}, server), " by plain SMTP.")));
}

function linkOf(link) {
  return el("li", {},
    el("a", { class: "mail-link", href: link.url, target: "_blank", rel: "noopener noreferrer", title: link.url },
      el("strong", {}, link.text), link.text === link.url ? null : el("span", {}, link.url)),
    el("button", { type: "button", "aria-label": `Copy the link ${link.text}`, onclick: attempt(() => copy(link.url)) }, "Copy"));
}

// A frame of its own origin that may run nothing; links open in a new tab.
function frameOf(mail) {
  let html = mail.html;
  for (const file of mail.attachments.filter((one) => one.content_id)) {
    html = html.split(`cid:${file.content_id}`).join(`${location.origin}/mail/messages/${mail.id}/attachments/${file.index}`);
  }
  return el("iframe", {
    title: `Mail: ${subjectOf(mail)}`, class: phone ? "phone" : null, referrerpolicy: "no-referrer",
    sandbox: "allow-popups allow-popups-to-escape-sandbox",
    srcdoc: `<!doctype html><base target="_blank">${html}`,
  });
}

function bodyOf(mail) {
  if (view === "html") return frameOf(mail);
  if (view === "text") return el("pre", { tabindex: "0" }, mail.text ?? "This mail has no text part.");
  if (view === "headers") {
    return el("table", {}, el("tbody", {}, ...mail.headers.map((field) =>
      el("tr", {}, el("th", { scope: "row" }, field.name), el("td", {}, field.value)))));
  }
  const source = el("pre", { tabindex: "0" }, "…");
  fetch(`/mail/messages/${mail.id}/raw`).then((answer) => answer.text()).then((text) => { source.textContent = text; });
  return source;
}

function showPane() {
  const mail = opened;
  if (!mail) return showEmpty();
  const views = [...(mail.html ? [["html", "HTML"]] : []), ["text", "Text"], ["headers", "Headers"], ["source", "Source"]];
  if (!views.some(([name]) => name === view)) view = views[0][0];
  const named = new Set([...mail.to, ...mail.cc].map((one) => one.address.toLowerCase()));
  const hidden = mail.envelope.to.filter((one) => !named.has(one.toLowerCase()));
  const line = (name, value) => value ? [el("dt", {}, name), el("dd", {}, value)] : [];
  const choose = (change) => { change(); showPane(); };
  $("mail-pane").replaceChildren(...[
    el("header", { class: "mail-head" },
      el("button", { type: "button", class: "mail-back", onclick: () => close() }, "← All mail"),
      el("h2", {}, subjectOf(mail)),
      el("dl", {},
        ...line("From", mail.from ? full(mail.from) : mail.envelope.from || "(nobody)"),
        ...line("To", mail.to.map(full).join(", ")),
        ...line("Cc", mail.cc.map(full).join(", ")),
        ...line("Bcc", hidden.join(", ")),
        ...line("Reply to", mail.reply_to.map(full).join(", ")),
        ...line("Taken", `${new Date(mail.received_at).toLocaleString()} · ${size(mail.size)} · number ${mail.id}`))),
    mail.links.length ? el("section", { class: "mail-links" },
      el("h3", {}, mail.links.length === 1 ? "Link in this mail" : `${mail.links.length} links in this mail`),
      el("ul", {}, ...mail.links.map(linkOf))) : null,
    mail.attachments.length ? el("section", { class: "mail-files" }, el("h3", {}, "Attachments"),
      ...mail.attachments.map((file) => el("a", { href: `/mail/messages/${mail.id}/attachments/${file.index}`, download: file.name },
        `${file.name} `, el("small", {}, size(file.size))))) : null,
    el("div", { class: "mail-views", role: "group", "aria-label": "Show as" },
      ...views.map(([name, title]) => el("button", { type: "button", "aria-pressed": String(view === name), onclick: () => choose(() => { view = name; }) }, title)),
      view === "html" ? el("button", { type: "button", class: "width", "aria-pressed": String(phone), onclick: () => choose(() => { phone = !phone; }) }, "Phone width") : null),
    el("div", { class: "mail-body" }, bodyOf(mail)),
  ].filter(Boolean));
}

const open = attempt(async (id) => {
  const mail = await call("GET", `/mail/messages/${id}`);
  opened = mail;
  read.add(mail.id);
  view = mail.html ? "html" : "text";
  history.replaceState(null, "", `#mail/${mail.id}`);
  document.querySelector(".mail").classList.add("reading");
  showRows();
  showPane();
  $("mail-pane").scrollTop = 0;
  $("mail-pane").focus({ preventScroll: true });
});

function close() {
  const id = opened?.id;
  opened = null;
  history.replaceState(null, "", "#mail");
  document.querySelector(".mail").classList.remove("reading");
  showRows();
  showPane();
  $("mail-rows").querySelector(`[data-id="${id}"]`)?.focus();
}

// Failure switches.
const FAILURES = {
  delay: (one) => `the answer comes ${one.delay_ms} ms late`,
  temporary: (one) => `refused for now with ${one.code}`,
  permanent: (one) => `refused for good with ${one.code}`,
  drop: (one) => `connection dropped, mail ${one.kept ? "kept" : "lost"}`,
};

function switchOf(one) {
  const left = one.remaining === 0 ? "used up" : one.remaining === null ? "until removed" : `${one.remaining} more`;
  return el("li", { class: one.remaining === 0 ? "spent" : null },
    el("div", { class: "grow" }, el("code", {}, one.pattern), el("span", {}, FAILURES[one.kind](one)),
      el("small", {}, `${left} · happened ${one.fired} ${one.fired === 1 ? "time" : "times"}`)),
    el("button", { type: "button", "aria-label": `Remove the failure for ${one.pattern}`,
      onclick: attempt(() => call("DELETE", `/mail/failures/${one.id}`)) }, "Remove"));
}

function showSwitches(switches) {
  const live = switches.filter((one) => one.remaining !== 0).length;
  $("mail-failures-count").hidden = !live;
  $("mail-failures-count").textContent = live;
  $("mail-switches").replaceChildren(...switches.map(switchOf));
}

function askForFailure() {
  const kind = $("mail-failure-kind").value;
  const refused = kind === "temporary" || kind === "permanent";
  $("mail-failure-code-label").hidden = !refused;
  $("mail-failure-delay-label").hidden = kind !== "delay";
  const [usual, least] = kind === "permanent" ? [550, 500] : [451, 400];
  Object.assign($("mail-failure-code"), { value: usual, min: least, max: least + 59, disabled: !refused });
  $("mail-failure-delay").disabled = kind !== "delay";
}

const addFailure = attempt(async (event) => {
  event.preventDefault();
  const kind = $("mail-failure-kind").value;
  const times = $("mail-failure-times").valueAsNumber;
  const wish = { to: $("mail-failure-to").value, kind: kind.replace("-kept", ""), times: Number.isNaN(times) ? null : times };
  if (kind === "delay") wish.delay_ms = $("mail-failure-delay").valueAsNumber;
  else if (kind.startsWith("drop")) wish.kept = kind === "drop-kept";
  else wish.code = $("mail-failure-code").valueAsNumber;
  await call("POST", "/mail/failures", wish);
  say("Added");
});

$("mail-filter").addEventListener("input", showRows);
$("mail-failures-open").addEventListener("click", () => $("mail-failures").showModal());
$("mail-failures-close").addEventListener("click", () => $("mail-failures").close());
$("mail-failure-kind").addEventListener("change", askForFailure);
$("mail-failure-form").addEventListener("submit", (event) => { event.preventDefault(); addFailure(event); });
$("mail-clear").addEventListener("click", attempt(async () => {
  if (!confirm(`Delete ${kept === 1 ? "the one mail" : `all ${kept} mails`}?`)) return;
  await call("DELETE", "/mail/messages");
  close();
}));
$("mail-rows").addEventListener("keydown", (event) => {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (!step) return;
  event.preventDefault();
  event.target.closest("li")?.[step]?.querySelector("button")?.focus();
});

let first = true;
sandbox.watch(attempt(async () => {
  const [list, failures] = await Promise.all([call("GET", `/mail/messages?limit=${SHOWN}`), call("GET", "/mail/failures")]);
  const fresh = list.last_id - lastId;
  if (!first && fresh > 0) say(fresh === 1 ? `New mail: ${subjectOf(list.data[0])}` : `${fresh} new mails`);
  rows = list.data;
  kept = list.kept;
  lastId = list.last_id;
  showRows();
  showSwitches(failures.data);
  if (!opened) showEmpty();
  if (first) {
    first = false;
    const wanted = location.hash.match(/^#mail\/(\d+)$/);
    if (wanted) open(wanted[1]);
    askForFailure();
  }
}));
