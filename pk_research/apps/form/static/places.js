// Places: by the device, by typing, or by a tap on a plain picture that needs no network.
import { button, h, setChildren, svg } from "./elements.js";

const WORLD = { west: -180, east: 180, south: -60, north: 75 };
const SPAN = 0.02; // degrees across the picture when it is centred on a point
const ZOOM = 2;

export function pointControl(node, ctx) {
  const fields = coordinateFields(ctx);
  const accuracy = h("span", { class: "pk-hint" });
  const locate = locateButton(ctx, (text) => ctx.answer(text));
  const clear = button(ctx.t("clear_answer"), () => ctx.answer(""), { class: "pk-link" });
  const picture = drawnPlace(ctx, (lat, lon) => ctx.answer(`${lat} ${lon} 0 0`));
  fields.listen((text) => ctx.answer(text, { isSettled: false }), ctx);
  const fold = h("details", { open: isMap(node), class: "pk-fold" }, h("summary", {}, ctx.t("place_on_picture")), picture.element);
  const update = (fresh) => {
    const [lat, lon, , metres] = numbersIn(fresh.value);
    fields.show(lat, lon);
    picture.show(lat === undefined ? [] : [[lat, lon]], { isFocus: true });
    accuracy.textContent = Number(metres) > 0 ? ctx.t("accuracy", { n: Math.round(metres) }) : "";
    locate.element.disabled = fields.disabled = Boolean(fresh.readonly);
    picture.isLocked = Boolean(fresh.readonly);
    clear.hidden = !fresh.value || fresh.readonly;
  };
  const element = h("div", { class: "pk-stack" },
    h("div", { class: "pk-beside" }, locate.element, accuracy), locate.said, fields.element, clear, fold);
  return { element, update, focus: () => fields.focus(), isGroup: true, role: "group" };
}

export function lineControl(node, ctx) {
  const isShape = node.control === "geoshape";
  const rows = h("ol", { class: "pk-points" });
  let points = [];
  const write = () => {
    const complete = points.filter(([lat, lon]) => lat !== undefined && lon !== undefined);
    const corners = isShape && complete.length > 2 ? [...complete, complete[0]] : complete;
    const enough = complete.length >= (isShape ? 3 : 2);
    ctx.refuse(complete.length > 0 && !enough ? ctx.t(isShape ? "three_points" : "two_points") : null);
    ctx.answer(enough ? corners.map(([lat, lon, accuracy]) => `${lat} ${lon} 0 ${accuracy ?? 0}`).join(";") : "");
    picture.show(complete, { isClosed: isShape });
  };
  const draw = () => {
    setChildren(rows, points.map((point, place) => {
      point.row ??= pointRow(point);
      point.row.number.textContent = `${place + 1}`;
      return point.row.element;
    }));
  };
  const pointRow = (point) => {
    const fields = coordinateFields(ctx);
    fields.show(point[0], point[1]);
    fields.listen((text) => {
      [point[0], point[1]] = numbersIn(text);
      write();
    }, { refuse: () => {}, t: ctx.t });
    const remove = button("×", () => {
      points = points.filter((other) => other !== point);
      draw();
      write();
    }, { "aria-label": ctx.t("remove_point") });
    const number = h("span", { class: "pk-point-number" });
    return { number, fields, element: h("li", {}, number, fields.element, remove) };
  };
  const add = (...point) => {
    points.push(point);
    draw();
    if (point.length > 0) write();
    else point.row.fields.focus();
  };
  const locate = locateButton(ctx, (text) => {
    const [lat, lon, , accuracy] = numbersIn(text);
    add(lat, lon, accuracy);
  });
  const picture = drawnPlace(ctx, (lat, lon) => add(lat, lon));
  const byHand = button(ctx.t("add_point"), () => add());
  const update = (fresh) => {
    const given = (fresh.value || "").split(";").filter(Boolean).map(numbersIn);
    if (isShape && given.length > 3) given.pop(); // the last corner is the first again
    if (!element.matches(":focus-within") && !(given.length === 0 && points.length > 0)) {
      points = given.map(([lat, lon, , accuracy]) => [lat, lon, accuracy]);
      draw();
    }
    picture.show(points.filter((point) => point[0] !== undefined), { isClosed: isShape });
    picture.isLocked = Boolean(fresh.readonly);
    for (const control of element.querySelectorAll("button, input")) control.disabled = Boolean(fresh.readonly);
  };
  const element = h("div", { class: "pk-stack" }, rows,
    h("div", { class: "pk-beside" }, locate.element, byHand), locate.said,
    h("details", { class: "pk-fold", open: isMap(node) }, h("summary", {}, ctx.t("place_on_picture")), picture.element));
  return { element, update, focus: () => (rows.querySelector("input") ?? byHand).focus(), isGroup: true, role: "group" };
}

function isMap(node) {
  return node.appearance.some((word) => ["maps", "map", "placement-map"].includes(word));
}

function coordinateFields(ctx) {
  const field = () => h("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "pk-coordinate" });
  const [lat, lon] = [field(), field()];
  const element = h("div", { class: "pk-parts pk-coordinates" },
    h("label", {}, h("span", { class: "pk-part" }, ctx.t("latitude")), lat),
    h("label", {}, h("span", { class: "pk-part" }, ctx.t("longitude")), lon));
  return {
    element,
    focus: () => lat.focus(),
    set disabled(isOff) { lat.disabled = lon.disabled = isOff; },
    show: (...given) => {
      [lat, lon].forEach((input, place) => {
        if (!element.matches(":focus-within") && given[place] !== undefined) input.value = given[place];
      });
      if (given[0] === undefined && !element.matches(":focus-within") && coordinate(lat, 90) !== null) {
        lat.value = lon.value = "";
      }
    },
    listen: (told, { refuse, t }) => element.addEventListener("input", () => {
      if (lat.value.trim() === "" && lon.value.trim() === "") { refuse(null); told(""); return; }
      const numbers = [coordinate(lat, 90), coordinate(lon, 180)];
      const isBad = numbers.includes(null) && lat.value.trim() !== "" && lon.value.trim() !== "";
      refuse(isBad ? t("not_a_place") : null);
      told(numbers.includes(null) ? "" : `${numbers[0]} ${numbers[1]} 0 0`);
    }),
  };
}

function coordinate(input, limit) {
  const text = input.value.trim().replace(",", ".");
  return /^-?\d+(\.\d+)?$/.test(text) && Math.abs(Number(text)) <= limit ? Number(text) : null;
}

function locateButton(ctx, told) {
  const said = h("p", { class: "pk-hint", role: "status" });
  const element = button(ctx.t("use_this_place"), () => {
    if (!navigator.geolocation) { said.textContent = ctx.t("no_location"); return; }
    said.textContent = ctx.t("locating");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      said.textContent = "";
      told([coords.latitude, coords.longitude, coords.altitude ?? 0, coords.accuracy ?? 0].join(" "));
    }, () => { said.textContent = ctx.t("no_location"); }, { enableHighAccuracy: true, timeout: 20_000 });
  });
  return { element, said };
}

// A graticule with the outlines the page was given; a tap places a point.
function drawnPlace(ctx, placed) {
  const picture = svg("svg", { class: "pk-place", role: "img", "aria-label": ctx.t("picture_of_place") });
  const scale = h("p", { class: "pk-hint", "aria-hidden": "true" });
  let view = extentOf(ctx.outlines.flat()) ?? WORLD;
  let shown = { points: [], isClosed: false };
  const control = { isLocked: false };

  const draw = () => {
    const across = view.east - view.west;
    const squeeze = Math.cos(((view.north + view.south) / 2) * Math.PI / 180);
    const x = (lon) => ((lon - view.west) / across) * 600;
    const y = (lat) => ((view.north - lat) / across / squeeze) * 600;
    const height = y(view.south);
    const thick = (name, attributes) => svg(name, { "vector-effect": "non-scaling-stroke", ...attributes });
    const path = (line, isClosed) => line.map(([lat, lon], place) => `${place ? "L" : "M"}${x(lon)} ${y(lat)}`).join("") + (isClosed ? "Z" : "");
    const step = niceStep(across / 4);
    const lines = [];
    for (let lon = Math.ceil(view.west / step) * step; lon <= view.east; lon += step) {
      lines.push(thick("path", { class: "pk-graticule", d: `M${x(lon)} 0V${height}` }),
        svg("text", { x: x(lon) + 4, y: height - 6 }, degrees(lon)));
    }
    for (let lat = Math.ceil(view.south / step) * step; lat <= view.north; lat += step) {
      lines.push(thick("path", { class: "pk-graticule", d: `M0 ${y(lat)}H600` }), svg("text", { x: 4, y: y(lat) - 4 }, degrees(lat)));
    }
    picture.setAttribute("viewBox", `0 0 600 ${height}`);
    picture.replaceChildren(...lines,
      ...ctx.outlines.map((ring) => thick("path", { class: "pk-outline", d: path(ring.map(([lon, lat]) => [lat, lon]), true) })),
      thick("path", { class: shown.isClosed ? "pk-shape" : "pk-trace", d: path(shown.points, shown.isClosed && shown.points.length > 2) }),
      ...shown.points.map(([lat, lon]) => svg("circle", { cx: x(lon), cy: y(lat), r: 7, class: "pk-spot" })));
    scale.textContent = ctx.t("grid_of", { n: degrees(step) });
  };
  picture.addEventListener("click", (event) => {
    if (control.isLocked) return;
    const box = picture.getBoundingClientRect();
    const lon = view.west + ((event.clientX - box.left) / box.width) * (view.east - view.west);
    const lat = view.north - ((event.clientY - box.top) / box.height) * (view.north - view.south);
    placed(rounded(lat), rounded(lon));
  });
  const zoom = (by) => {
    const [lat, lon] = shown.points.at(-1) ?? [(view.north + view.south) / 2, (view.east + view.west) / 2];
    const half = (side) => (side / by) / 2;
    const [wide, high] = [half(view.east - view.west), half(view.north - view.south)];
    view = { west: lon - wide, east: lon + wide, south: lat - high, north: lat + high };
    if (view.east - view.west > 360) view = WORLD;
    draw();
  };
  const whole = () => { view = extentOf(ctx.outlines.flat()) ?? WORLD; draw(); };
  control.element = h("div", { class: "pk-stack" }, picture, h("div", { class: "pk-beside" },
    button("+", () => zoom(ZOOM), { "aria-label": ctx.t("zoom_in") }),
    button("−", () => zoom(1 / ZOOM), { "aria-label": ctx.t("zoom_out") }),
    button(ctx.t("whole_picture"), whole), scale));
  control.show = (points, { isClosed = false, isFocus = false } = {}) => {
    const isNew = isFocus && points.length > 0 && !isInside(view, points[0]);
    shown = { points: points.map(([lat, lon]) => [Number(lat), Number(lon)]), isClosed };
    if (isNew) {
      const [lat, lon] = shown.points[0];
      view = { west: lon - SPAN, east: lon + SPAN, south: lat - SPAN / 2, north: lat + SPAN / 2 };
    }
    draw();
  };
  return control;
}

function extentOf(positions) {
  if (positions.length === 0) return null;
  const lons = positions.map(([lon]) => lon);
  const lats = positions.map(([, lat]) => lat);
  const margin = (Math.max(...lons) - Math.min(...lons)) * 0.05 || SPAN;
  return {
    west: Math.min(...lons) - margin, east: Math.max(...lons) + margin,
    south: Math.min(...lats) - margin, north: Math.max(...lats) + margin,
  };
}

function isInside(view, [lat, lon]) {
  return lat >= view.south && lat <= view.north && lon >= view.west && lon <= view.east;
}

function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough);
}

function degrees(value) {
  return `${Number(value.toFixed(4))}°`;
}

function rounded(value) {
  return Number(value.toFixed(6));
}

function numbersIn(text) {
  return (text || "").split(/\s+/).filter(Boolean).map(Number);
}
