// Small comforts; every page works without them.
"use strict";

// A copy button beside each feed address.
for (const field of document.querySelectorAll("input[data-copy]")) {
  field.addEventListener("focus", () => field.select());
  if (!navigator.clipboard) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy quiet";
  button.textContent = "复制 Copy";
  button.setAttribute("aria-label", "复制地址 Copy " + field.value);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "已复制 Copied";
    } catch {
      field.select();
      button.textContent = "按 Ctrl+C";
    }
    setTimeout(() => { button.textContent = "复制 Copy"; }, 2500);
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
