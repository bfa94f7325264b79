// Requests to the server this page came from, and what can become of them.

export class Refused extends Error {
  constructor(status, problem, wait) {
    super(problem.message || `status ${status}`);
    this.status = status;
    this.error = problem.error || "";
    this.wait = wait; // seconds, or 0
  }

  // A later try may do better: the server is busy, restarting, or cannot write just now.
  get passing() {
    return this.status === 429 || this.status >= 500;
  }
}

const PATIENCE = 15000; // milliseconds; a request that hangs is one without a connection

let csrf = "";

export function useCsrf(token) {
  csrf = token;
}

async function request(path, options) {
  const answer = await fetch(path, {
    ...options,
    cache: "no-store",
    credentials: "same-origin",
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, problem, Number(answer.headers.get("Retry-After")) || 0);
  }
  return answer;
}

export async function get(path) {
  return (await request(path, {})).json();
}

export async function getPhoto(image, side) {
  return (await request(`/api/images/${image}?side=${side}`, {})).blob();
}

// keepalive: the browser finishes it even when the tab is closed right after.
export async function post(path, body) {
  const answer = await request(path, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify(body),
  });
  return answer.json();
}

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
