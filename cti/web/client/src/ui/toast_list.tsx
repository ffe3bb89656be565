import type { JSX } from "preact";

import { t } from "../i18n/language";
import { Icon } from "./icons";
import { dismissToast, toasts } from "./toasts";

/** In the middle at the bottom, where neither the call (left) nor the form's buttons (right) are. */
export function ToastList(): JSX.Element {
  return (
    <div class="toasts" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.level}`} data-testid="toast" data-level={toast.level}>
          <Icon name={toast.level === "info" ? "check" : "alarm"} />
          <span>{toast.text}</span>
          <button type="button" class="icon-button" aria-label={t("close")} onClick={() => dismissToast(toast.id)}>
            <Icon name="close" size={14} />
          </button>
        </div>
      ))}
    </div>
  );
}
