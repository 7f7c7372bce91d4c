// What an answer brings up or takes away, worked out here at once; the server's patch corrects it.
//
// A rule comes as nested lists: ["and", rule, ...], ["not", rule], or [operator, path, value].
const WRITTEN_NUMBER = /^\s*-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;
const TURNS = 5; // an answer may bring up a question whose own answer brings up another

// `touched`: the paths of what the server has not heard yet; rules that look at nothing of it stay.
export function foresee(nodes, touched) {
  const ruled = [...nodes.values()].filter((node) => node.when);
  const reached = [...touched];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const changed = ruled.filter((node) => looksAt(node.when, reached)
      && holds(node.when, nodes) !== (node.relevant !== false));
    if (changed.length === 0) return;
    for (const node of changed) {
      node.relevant = node.relevant === false;
      reached.push(node.path);
    }
  }
}

// The same rule for the same question in another instance of a repeat.
export function movedRule(rule, from, to) {
  if (!rule) return rule;
  const [operator, first, ...rest] = rule;
  if (typeof first === "string") return [operator, isWithin(first, from) ? to + first.slice(from.length) : first, ...rest];
  return [operator, ...[first, ...rest].map((part) => movedRule(part, from, to))];
}

function looksAt([, first, ...rest], paths) {
  if (typeof first === "string") return paths.some((path) => isWithin(first, path));
  return [first, ...rest].some((part) => looksAt(part, paths));
}

function isWithin(path, above) {
  return path.startsWith(above) && [undefined, "/", "["].includes(path[above.length]);
}

function holds([operator, ...parts], nodes) {
  if (operator === "and") return parts.every((part) => holds(part, nodes));
  if (operator === "or") return parts.some((part) => holds(part, nodes));
  if (operator === "not") return !holds(parts[0], nodes);
  const [path, value] = parts;
  return COMPARISONS[operator](answerAt(path, nodes), value);
}

const COMPARISONS = {
  "=": (answer, value) => inKindOf(value, answer) === value,
  "!=": (answer, value) => inKindOf(value, answer) !== value,
  "<": (answer, value) => numberIn(answer) < value,
  "<=": (answer, value) => numberIn(answer) <= value,
  ">": (answer, value) => numberIn(answer) > value,
  ">=": (answer, value) => numberIn(answer) >= value,
  selected: (answer, value) => answer.split(/\s+/).includes(value),
};

function inKindOf(value, answer) {
  return typeof value === "number" ? numberIn(answer) : answer;
}

function numberIn(answer) {
  return WRITTEN_NUMBER.test(answer) ? Number(answer) : NaN;
}

// What does not apply, or stands in what does not, counts as unanswered.
function answerAt(path, nodes) {
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    if (nodes.get(path.slice(0, end))?.relevant === false) return "";
  }
  return nodes.get(path)?.value ?? "";
}
