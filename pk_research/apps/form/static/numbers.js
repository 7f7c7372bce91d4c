// Numbers as people write them: 1.234,5 in Indonesian, 1,234.5 in English; 1.5 and 1,5 in both.

// The number as the engine reads it; "" for nothing, null for what is no number.
export function readNumber(typed, language, { isWhole = false } = {}) {
  const text = typed.trim().replace(/\s/g, "");
  if (text === "") return "";
  const [group] = marks(language);
  const grouped = new RegExp(`^[-+]?[1-9]\\d{0,2}(\\${group}\\d{3})+(?!\\d)`);
  const plain = grouped.test(text) ? text.replaceAll(group, "") : text;
  const value = plain.replace(",", ".").replace(/^\+/, "");
  const pattern = isWhole ? /^-?\d+$/ : /^-?(\d+\.?\d*|\.\d+)$/;
  return pattern.test(value) ? value : null;
}

export function writtenNumber(value, language, { isGrouped = false } = {}) {
  if (!/^-?\d+(\.\d+)?$/.test(value)) return value;
  const [group, decimal] = marks(language);
  const [whole, fraction] = value.replace(/\.0$/, "").split(".");
  const digits = isGrouped ? whole.replace(/\B(?=(\d{3})+$)/g, group) : whole;
  return fraction === undefined ? digits : `${digits}${decimal}${fraction}`;
}

function marks(language) {
  return language === "en" ? [",", "."] : [".", ","];
}
