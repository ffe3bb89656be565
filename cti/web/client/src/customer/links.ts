import type { CallView, LinkView } from "../gen/messages";

/** The address of a link for this call. Every value is percent-encoded; what is not known is empty. */
export function filled(url: string, current: CallView): string {
  const customer = current.customer;
  const values: Readonly<Record<string, string>> = {
    number: current.number,
    customer_id: String(customer?.customer_id ?? ""),
    name: customer?.name || current.caller_name,
    interaction_id: current.interaction_id,
  };
  return url.replace(/\{([\w.]+)\}/g, (_, name: string) =>
    encodeURIComponent((name.startsWith("extra.") ? customer?.extra[name.slice("extra.".length)] : values[name]) ?? ""),
  );
}

const opened = new Set<string>();

/** Opens what the site wants opened when a call is answered, once for each call. A browser may keep it from opening. */
export function openOnAnswer(links: readonly LinkView[], current: CallView): void {
  if (current.phase !== "connected" || opened.has(current.interaction_id)) return;
  opened.add(current.interaction_id);
  for (const link of links) if (link.on_answer) window.open(filled(link.url, current), "_blank", "noopener");
}
