// What the pages of the survey app do beyond the form itself.
for (const button of document.querySelectorAll("[data-pk-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// The form shows its receipt by itself; the page of the receipt says more, once it can be reached.
document.addEventListener("pk-submitted", ({ target, detail }) => {
  const { receipts } = target.closest("[data-receipts]")?.dataset ?? {};
  if (receipts && !detail.note && navigator.onLine) location.replace(receipts + encodeURIComponent(detail.code));
});

// Where the form changes its language, the page goes on in it too.
document.addEventListener("pk-language", ({ detail }) => {
  if (detail.language === document.documentElement.lang) return;
  const address = new URL(location.href);
  address.searchParams.set("language", detail.language);
  location.replace(address);
});

// Where the page changes its language, the form goes on in it too, if it has texts in it.
for (const link of document.querySelectorAll("a[hreflang]")) {
  link.addEventListener("click", () => document.querySelector("[data-pk-form]")?.pkForm?.follow(link.hreflang));
}
