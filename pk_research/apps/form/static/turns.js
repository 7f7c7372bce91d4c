// Long work in short turns, so that the page stays awake on a slow phone.
const TURN_MS = 12;

// Until when to work on before whatever else there is to do has its turn.
export function turnEnd() {
  return performance.now() + TURN_MS;
}

export function otherTurns() {
  return globalThis.scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));
}
