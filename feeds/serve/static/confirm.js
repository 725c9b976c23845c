// Only in the browser that filled in the form: spares it the second click. Never while a page is merely read ahead.
"use strict";

const form = document.getElementById("confirm-now");
if (form) {
  const go = () => form.requestSubmit();
  if (document.prerendering) document.addEventListener("prerenderingchange", go, { once: true });
  else go();
}
