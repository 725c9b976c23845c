// Proof of work for the sign-up form while robots besiege it: SHA-256 by hand, since plain http has no WebCrypto.
// The challenge is the signature in the form's stamp; it is solved by numbers whose hash begins with so many zero bits; see feeds/decide/work.py.
"use strict";

const K = [];
const START = [];
for (let candidate = 2; K.length < 64; candidate += 1) {
  let prime = true;
  for (let factor = 2; factor * factor <= candidate; factor += 1) if (candidate % factor === 0) prime = false;
  if (!prime) continue;
  const fraction = (root) => ((root - Math.floor(root)) * 4294967296) | 0;
  if (START.length < 8) START.push(fraction(Math.sqrt(candidate)));
  K.push(fraction(Math.cbrt(candidate)));
}

const keys = Int32Array.from(K);
const words = new Int32Array(64);

// The first 32 bits of the hash of a text of at most 55 ASCII characters.
function hashHead(text) {
  words.fill(0, 0, 16);
  for (let i = 0; i < text.length; i += 1) words[i >> 2] |= text.charCodeAt(i) << (24 - 8 * (i & 3));
  words[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
  words[15] = text.length * 8;
  for (let i = 16; i < 64; i += 1) {
    const x = words[i - 15], y = words[i - 2];
    const small = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const large = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (words[i - 16] + small + words[i - 7] + large) | 0;
  }
  let a = START[0], b = START[1], c = START[2], d = START[3];
  let e = START[4], f = START[5], g = START[6], h = START[7];
  for (let i = 0; i < 64; i += 1) {
    const turnedE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + turnedE + ((e & f) ^ (~e & g)) + keys[i] + words[i]) | 0;
    const turnedA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (turnedA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  return (START[0] + a) | 0;
}

const form = document.querySelector("form[data-work]");
if (form) {
  const [parts, bits] = form.dataset.work.split(" ").map(Number);
  const challenge = form.elements.stamp.value.split(".").pop();
  const button = form.querySelector("button[type=submit]");
  const said = form.querySelector("[data-work-state]");
  const numbers = [];
  let number = 0;
  let pressed = false;

  const work = () => {
    const until = performance.now() + 40;
    while (numbers.length < parts && performance.now() < until) {
      const start = challenge + ":" + numbers.length + ":";
      for (const stop = number + 500; number < stop; number += 1) {
        if (hashHead(start + number) >>> (32 - bits) === 0) {
          numbers.push(number);
          number = 0;
          break;
        }
      }
    }
    if (numbers.length < parts) {
      setTimeout(work, 0);
      return;
    }
    form.elements.work.value = numbers.join(".");
    if (pressed) form.requestSubmit(button);
  };

  form.addEventListener("submit", (event) => {
    if (numbers.length === parts) return;
    event.preventDefault();
    pressed = true;
    said.hidden = false;
    button.disabled = true;
    setTimeout(() => { button.disabled = false; }, 0);
  });
  work();
}
