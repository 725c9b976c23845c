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

// A whole portal swallows its channels, everything swallows all.
const feeds = document.querySelector("[data-feeds]");
if (feeds) {
  const boxes = [...feeds.querySelectorAll("input[name=feed]")];
  const settle = () => {
    const on = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    for (const box of boxes) {
      const portal = box.value.split("/")[0];
      box.disabled = (box.value !== "all" && on.has("all")) || (box.value !== portal && on.has(portal));
    }
  };
  feeds.addEventListener("change", settle);
  window.addEventListener("pageshow", settle);
  settle();
}
