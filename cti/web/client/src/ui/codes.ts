import { localised } from "../i18n/language";
import { codes, queues } from "../session";

/** The words for a disposition's code; the code itself when the list does not have it (any more). */
export function dispositionText(code: string): string {
  const found = codes.value?.dispositions.find((each) => each.code === code);
  return found === undefined ? code : localised(found.label, code);
}

/** The name of a queue in the agent's language. */
export function queueName(name: string): string {
  return localised(queues.value[name]?.label, name);
}
