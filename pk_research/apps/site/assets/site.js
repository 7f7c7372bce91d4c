// Search for a village, and weights to try; both read tables that were made before.
(() => {
  const home = document.body.dataset.home;
  const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]/g, "");
  const kept = {};
  const read = (path) => (kept[path] ??= fetch(path).then((answer) => answer.json()));

  // How many letters differ, up to three.
  function apart(a, b) {
    if (Math.abs(a.length - b.length) > 2) return 3;
    let row = Array.from({ length: b.length + 1 }, (_, n) => n);
    for (let i = 1; i <= a.length; i += 1) {
      const next = [i];
      for (let j = 1; j <= b.length; j += 1) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
      }
      row = next;
    }
    return Math.min(row[b.length], 3);
  }

  function place(asked, [code, name, area]) {
    const [key, whole] = [fold(name), fold(name + area)];
    if (key === asked || code === asked) return 0;
    if (key.startsWith(asked)) return 1;
    if (whole.includes(asked) || code.startsWith(asked)) return 2;
    const off = Math.min(apart(asked, key), apart(asked, key.slice(0, asked.length)));
    return off <= (asked.length < 5 ? 1 : 2) ? 2 + off : 9;
  }

  const input = document.getElementById("pk-find");
  const list = document.getElementById("pk-found");

  async function find() {
    const asked = fold(input.value);
    if (asked.length < 2) { list.replaceChildren(); return; }
    const villages = await read(`${home}data/villages.json`);
    if (fold(input.value) !== asked) return;
    const found = villages.map((village) => [place(asked, village), village]).filter(([at]) => at < 9)
      .sort((a, b) => a[0] - b[0]).slice(0, 8);
    list.replaceChildren(...found.map(([, [code, name, area]]) => {
      const [item, link, small] = ["li", "a", "small"].map((tag) => document.createElement(tag));
      link.href = `${home}desa/${code}.html`;
      small.textContent = ` ${area}`;
      link.append(name, small);
      item.append(link);
      return item;
    }));
    if (!found.length) {
      const item = document.createElement("li");
      item.textContent = list.dataset.none;
      list.append(item);
    }
  }

  input.addEventListener("input", find);
  input.form.addEventListener("submit", (event) => {
    const first = list.querySelector("a");
    if (!first) return;
    event.preventDefault();
    location.href = first.href;
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { input.value = ""; list.replaceChildren(); }
  });
  const given = new URLSearchParams(location.search).get("cari");
  if (given) { input.value = given; find(); }

  // Weights of the parts: the ranks were made before, for every combination that is offered.
  const form = document.getElementById("pk-weights");
  if (!form) return;
  form.hidden = false;
  const proposed = document.getElementById("pk-ranked").innerHTML;
  const said = form.querySelector("[role=status]");
  said.textContent = said.dataset.usual;

  const common = (a, b) => (b ? common(b, a % b) : a);
  const number = (value) => value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: 1 });

  function cell(tag, ...content) {
    const node = document.createElement(tag);
    node.append(...content);
    return node;
  }

  function bar(low, high, rank, n) {
    const strip = cell("span");
    strip.className = "pk-strip";
    strip.setAttribute("aria-hidden", "true");
    const [interval, dot] = ["pk-interval", "pk-dot"].map((name) => {
      const node = cell("i");
      node.className = name;
      return node;
    });
    interval.style.left = `${100 * low / n}%`;
    interval.style.width = `${Math.max(100 * (high - low) / n, 1)}%`;
    dot.style.left = `${100 * rank / n}%`;
    strip.append(interval, dot);
    return strip;
  }

  function row([at, rank, low, high, score], villages, n) {
    const [code, name, area] = villages[at];
    const link = cell("a", name, cell("small", ` ${area}`));
    link.href = `${home}desa/${code}.html`;
    const line = cell("tr", cell("td", String(rank)), cell("td", link), cell("td", `${low}–${high}`, bar(low, high, rank, n)), cell("td", number(score)));
    line.children[0].className = line.children[3].className = "pk-number";
    return line;
  }

  form.addEventListener("change", async () => {
    const chosen = [...new FormData(form).values()].map(Number);
    const shared = chosen.reduce(common);
    const told = await read(form.dataset.table);
    const rows = told.tables[chosen.map((weight) => weight / shared).join("-")];
    const place = document.getElementById("pk-ranked");
    if (!rows || chosen.every((weight) => weight === chosen[0])) {
      place.innerHTML = proposed;
      said.textContent = said.dataset.usual;
      return;
    }
    const holder = document.createElement("div");
    holder.innerHTML = proposed;
    const headings = [...holder.querySelector("thead tr").children].map((heading) => heading.textContent);
    const table = cell("table", cell("thead", cell("tr", ...[0, 1, 2, 4].map((n) => {
      const heading = cell("th", headings[n]);
      heading.scope = "col";
      return heading;
    }))), cell("tbody", ...rows.map((one) => row(one, told.villages, rows.length))));
    table.className = "pk-table";
    const box = cell("div", table);
    box.className = "pk-ranks";
    place.replaceChildren(box);
    said.textContent = said.dataset.other;
  });
})();
