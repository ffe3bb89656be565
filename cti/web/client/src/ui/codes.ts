import type { DispositionView } from "../gen/messages";
import { localised, word } from "../i18n/language";
import { codes, queues } from "../session";

export interface Leaf {
  readonly code: string;
  readonly label: string;
}

/** A heading with the dispositions below it; "" for those that stand at the top. */
export interface Branch {
  readonly heading: string;
  readonly leaves: readonly Leaf[];
}

/** The tree as headings with leaves, in the tree's order, because a list of choices has no more than these two levels. */
export function branches(tree: readonly DispositionView[], heading = ""): readonly Branch[] {
  const found: { heading: string; leaves: Leaf[] }[] = [];
  for (const node of tree) {
    const label = localised(node.label, node.code);
    if (node.children.length > 0) {
      const below = heading === "" ? label : `${heading} / ${label}`;
      found.push(...branches(node.children, below).map((each) => ({ ...each, leaves: [...each.leaves] })));
      continue;
    }
    const last = found.at(-1);
    if (last?.heading === heading) last.leaves.push({ code: node.code, label });
    else found.push({ heading, leaves: [{ code: node.code, label }] });
  }
  return found;
}

function labelOf(tree: readonly DispositionView[], code: string): string | null {
  for (const node of tree) {
    if (node.code === code) return localised(node.label, code);
    const below = labelOf(node.children, code);
    if (below !== null) return below;
  }
  return null;
}

/** The words for a disposition's code; the code itself when the list does not have it (any more). */
export function dispositionText(code: string): string {
  for (const tree of Object.values(codes.value?.trees ?? {})) {
    const label = labelOf(tree, code);
    if (label !== null) return label;
  }
  return labelOf(codes.value?.dispositions ?? [], code) ?? code;
}

/** What was filled in for a disposition, as "label: value" lines; a field that is not asked for (any more) by its code. */
export function fieldTexts(disposition: string, fields: Readonly<Record<string, string>>): readonly string[] {
  const trees = Object.values(codes.value?.trees ?? {});
  const leaf = trees.map((tree) => nodeOf(tree, disposition)).find((found) => found !== null);
  return Object.entries(fields)
    .filter(([, value]) => value !== "")
    .map(([code, value]) => {
      const field = leaf?.fields.find((each) => each.code === code);
      const option = field?.options.find((each) => each.code === value);
      return `${localised(field?.label, code)}: ${option === undefined ? value : localised(option.label, value)}`;
    });
}

function nodeOf(tree: readonly DispositionView[], code: string): DispositionView | null {
  for (const node of tree) {
    const found = node.code === code ? node : nodeOf(node.children, code);
    if (found !== null) return found;
  }
  return null;
}

/** The name of a queue in the agent's language. */
export function queueName(name: string): string {
  return localised(queues.value[name]?.label, name);
}

/** Why somebody is not ready: a reason that the site configured, or one of our own. */
export function reasonText(reason: string): string {
  if (reason === "") return "";
  const found = codes.value?.not_ready_reasons.find((each) => each.code === reason);
  return found === undefined ? word("reason", reason) : localised(found.label, reason);
}
