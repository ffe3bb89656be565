import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { t } from "../i18n/language";
import { Icon, type IconName } from "../ui/icons";

export interface SheetProps {
  icon: IconName;
  title: string;
  testId: string;
  onClose: () => void;
  tools?: ComponentChildren;
  children: ComponentChildren;
}

/** Lies over the right side of the board; takes the focus, and gives it back. */
export function Sheet({ icon, title, testId, onClose, tools, children }: SheetProps): JSX.Element {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    close.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <div class="drawer-shade" onClick={(event) => event.target === event.currentTarget && onClose()}>
      <aside class="drawer board-sheet" role="dialog" aria-label={title} data-testid={testId}>
        <header class="panel-head">
          <h2 class="grow">
            <Icon name={icon} /> {title}
          </h2>
          {tools}
          <button ref={close} type="button" class="icon-button" aria-label={t("close")} data-testid="close-sheet" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        <div class="drawer-body">{children}</div>
      </aside>
    </div>
  );
}
