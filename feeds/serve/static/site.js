// Small comforts; every page works without them.
"use strict";

// Beside each other, or English alone on an English page.
const say = (both, english) => (document.documentElement.lang === "en" ? english : both);

// A copy button beside each feed address.
for (const field of document.querySelectorAll("input[data-copy]")) {
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy quiet";
  button.textContent = say("复制 Copy", "Copy");
  button.setAttribute("aria-label", say("复制地址 Copy ", "Copy ") + field.value);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = say("已复制 Copied", "Copied");
    } catch {
      field.select();
      button.textContent = say("按 Ctrl+C", "Press Ctrl+C");
    }
    setTimeout(() => { button.textContent = say("复制 Copy", "Copy"); }, 2500);
  });
  field.after(button);
}

// The wide choice and the narrow ones under it take each other's place.
const feeds = document.querySelector("[data-feeds]");
if (feeds) {
  const boxes = [...feeds.querySelectorAll("input[name=feed]")];
  const covers = (wide, narrow) => wide !== narrow && (wide === "all" || narrow.startsWith(wide + "/"));
  feeds.addEventListener("change", (event) => {
    if (!event.target.checked) return;
    for (const box of boxes) {
      if (covers(box.value, event.target.value) || covers(event.target.value, box.value)) box.checked = false;
    }
  });
}
