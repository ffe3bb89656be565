/**
 * The name of this tab. A reload keeps it, so that the page that comes back still owns the phone; a tab that was
 * duplicated has a copy of the other's memory, and is another one all the same.
 */
export const tab = nameOf();

function nameOf(): string {
  const key = "laidian.tab";
  const kept = sessionStorage.getItem(key);
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (kept !== null && entry?.type === "reload") return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is not there on plain http
  const fresh = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(key, fresh);
  return fresh;
}
