// SPDX-License-Identifier: Apache-2.0
// The page of the presenter "vnc": noVNC shows the screen, the drawn remote control sends the keys that a keyboard would.
import RFB from "./novnc/core/rfb.js";

// X key symbols, as platform/remote/keysym.c reads them
const SYMBOLS = {
    up: 0xff52, down: 0xff54, left: 0xff51, right: 0xff53, ok: 0xff0d, back: 0xff1b, home: 0xff50, menu: 0xffc7, info: 0x69,
    red: 0xffbe, green: 0xffbf, yellow: 0xffc0, blue: 0xffc1, channel_up: 0xff55, channel_down: 0xff56,
    volume_up: 0x2b, volume_down: 0x2d, mute: 0x6d,
};
for (let digit = 0; digit <= 9; digit++) SYMBOLS[digit] = 0x30 + digit;
// the keyboard, to show on the drawn remote which key it pressed
const KEYBOARD = {
    ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", Enter: "ok", Escape: "back", Backspace: "back", Home: "home",
    F10: "menu", i: "info", F1: "red", F2: "green", F3: "yellow", F4: "blue", PageUp: "channel_up", PageDown: "channel_down",
    "+": "volume_up", "=": "volume_up", "-": "volume_down", m: "mute",
};
const HOLD_MS = 450, REPEAT_MS = 120;
const LANGUAGES = ["zh", "bo", "en"];

const element = (id) => document.getElementById(id);
let rfb = null, strings = {}, shown = ["", []], password = "", state = "";

// ---- words ----

const word = (key) => strings[key] ?? "";

async function useLanguage(language) {
    strings = await (await fetch(`strings/${language}.json`)).json();
    document.documentElement.lang = language;
    for (const node of document.querySelectorAll("[data-text]")) node.textContent = word(node.dataset.text);
    for (const node of document.querySelectorAll("[data-label]")) node.title = word(node.dataset.label);
    for (const node of document.querySelectorAll("[data-language]")) node.setAttribute("aria-pressed", node.dataset.language === language);
    show(...shown);
}

function firstLanguage() {
    let kept = null;
    try { kept = localStorage.getItem("language"); } catch { /* not allowed here */ }
    return [kept, ...navigator.languages.map((name) => name.slice(0, 2))].find((name) => LANGUAGES.includes(name)) ?? "en";
}

// ---- what lies over the screen ----

// message: a word of the strings; parts: of "ask", "again", "bad"
function show(message, parts) {
    shown = [message, parts];
    element("card").hidden = message === "remote.on";
    element("message").textContent = word(message);
    element("message").className = parts.includes("bad") ? "bad" : "";
    element("ask").hidden = !parts.includes("ask");
    element("watch").hidden = !parts.includes("ask") && !parts.includes("again");
    element("watch").textContent = word(parts.includes("ask") ? "remote.watch" : "remote.again");
    element("state").textContent = word(message);
    element("state").className = message === "remote.on" ? "on" : "";
    if (parts.includes("ask") && document.activeElement !== element("password")) element("password").focus();
}

// ---- the connection ----

function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    show("remote.connecting", []);
    state = "";
    rfb = new RFB(element("screen"), `${scheme}://${location.host}/screen`, { credentials: { password } });
    rfb.scaleViewport = true;
    rfb.background = "#000";
    rfb.qualityLevel = 8;
    rfb.compressionLevel = 2;
    rfb.addEventListener("connect", () => {
        show("remote.on", []);
        rfb.focus();
    });
    rfb.addEventListener("securityfailure", () => { state = "wrong"; });
    rfb.addEventListener("credentialsrequired", () => rfb.sendCredentials({ password }));
    rfb.addEventListener("disconnect", () => {
        rfb = null;
        if (state === "wrong") {
            password = "";
            element("password").value = "";
            show("remote.wrong", ["ask", "bad"]);
        } else {
            show("remote.lost", ["again", "bad"]);
        }
    });
}

element("card").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!element("ask").hidden) password = element("password").value;
    if (rfb === null && password !== "") connect();
});

// ---- the remote control ----

let held = null; // { key, button, timer }

function flash() {
    element("light").classList.add("on");
    setTimeout(() => element("light").classList.remove("on"), 90);
}

function send(key, down) {
    if (rfb !== null) rfb.sendKey(SYMBOLS[key], null, down);
    if (down) flash();
}

function letGo() {
    if (held === null) return;
    clearTimeout(held.timer);
    held.button.classList.remove("down-now");
    send(held.key, false);
    held = null;
}

function repeat() {
    send(held.key, true); // down while it is down: that is how a held key looks
    held.timer = setTimeout(repeat, REPEAT_MS);
}

for (const button of document.querySelectorAll("[data-key]")) {
    const key = button.dataset.key;
    button.type = "button";
    button.addEventListener("pointerdown", (event) => {
        if (event.button !== 0) return;
        event.preventDefault(); // the keyboard stays with the screen
        letGo();
        held = { key, button, timer: setTimeout(repeat, HOLD_MS) };
        button.classList.add("down-now");
        send(key, true);
    });
    button.addEventListener("click", (event) => {
        if (event.detail !== 0) return; // by pointer: has been sent
        send(key, true);
        send(key, false);
    });
    button.addEventListener("contextmenu", (event) => event.preventDefault());
}
for (const name of ["pointerup", "pointercancel", "blur"]) window.addEventListener(name, letGo);
element("remote").addEventListener("mousedown", (event) => event.preventDefault());

for (const [name, press] of [["keydown", true], ["keyup", false]]) {
    window.addEventListener(name, (event) => {
        const key = KEYBOARD[event.key] ?? (/^[0-9]$/.test(event.key) ? event.key : null);
        const button = key === null ? null : document.querySelector(`[data-key="${key}"]`);
        if (button === null || !element("screen").contains(document.activeElement)) return;
        button.classList.toggle("down-now", press);
        if (press) flash();
    }, true);
}

// ---- start ----

for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
        try { localStorage.setItem("language", button.dataset.language); } catch { /* not allowed here */ }
        useLanguage(button.dataset.language);
        if (rfb !== null) rfb.focus();
    });
}
// an address with the password behind # connects at once; # is not sent to the server, and is taken from view
password = location.hash.slice(1);
if (password !== "") history.replaceState(null, "", location.pathname);
await useLanguage(firstLanguage());
if (password !== "") connect();
else show("remote.welcome", ["ask"]);
