import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { t } from "../i18n/language";
import { now } from "../net/clock";
import { duration } from "./format";
import { Icon, type IconName } from "./icons";

/** Ticks by itself: only this text is drawn again each second. */
export function Elapsed({ since }: { since: number }): JSX.Element {
  return <span class="num">{duration(now.value - since)}</span>;
}

export function Remaining({ until }: { until: number }): JSX.Element {
  return <span class="num">{duration(until - now.value)}</span>;
}

/** A round picture with one or two characters; with a person's outline when the text is empty. */
export function Avatar({ text, tone = "out", size = 32 }: { text: string; tone?: string; size?: number }): JSX.Element {
  const square = { width: `${size}px`, height: `${size}px`, fontSize: `${Math.round(size * 0.42)}px` };
  return (
    <span class={`avatar tone-${tone}`} style={square} aria-hidden="true">
      {text === "" ? <Icon name="user" size={Math.round(size * 0.5)} /> : text}
    </span>
  );
}

export function Vip({ level }: { level: number }): JSX.Element | null {
  if (level <= 0) return null;
  return (
    <span class="vip">
      <Icon name="star" size={12} /> VIP {level}
    </span>
  );
}

export function Empty({ icon, text, hint }: { icon: IconName; text: string; hint?: string }): JSX.Element {
  return (
    <div class="empty">
      <Icon name={icon} size={24} />
      <p>{text}</p>
      {hint !== undefined && <p class="meta">{hint}</p>}
    </div>
  );
}

/** Shows nothing for 300 ms, so that a fast answer does not flash. */
export function Skeleton({ rows = 3 }: { rows?: number }): JSX.Element {
  return (
    <div class="skeleton" role="status" aria-label={t("loading")}>
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} class="skeleton-row" />
      ))}
    </div>
  );
}

/** What happened, what to do. */
export function Failure({ text, retry }: { text: string; retry?: () => void }): JSX.Element {
  return (
    <div class="failure" role="alert">
      <Icon name="alarm" />
      <p>{text}</p>
      {retry !== undefined && (
        <button type="button" class="button small" onClick={retry}>
          {t("retry")}
        </button>
      )}
    </div>
  );
}

export interface MenuProps {
  label: ComponentChildren;
  testId: string;
  disabled?: boolean;
  className?: string;
  title?: string;
  children: ComponentChildren;
}

/** A button with a list of choices below. Escape, a choice, or a click elsewhere closes it. */
export function Menu({ label, testId, disabled = false, className = "button", title, children }: MenuProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    root.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    return () => removeEventListener("pointerdown", outside);
  }, [open]);
  const onKey = (event: KeyboardEvent): void => {
    const items = [...(root.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (event.key === "Escape") setOpen(false);
    else if (event.key === "ArrowDown") items[(at + 1) % items.length]?.focus();
    else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="menu" ref={root} onKeyDown={open ? onKey : undefined}>
      <button
        type="button"
        class={className}
        data-testid={testId}
        disabled={disabled}
        title={title}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {label}
      </button>
      {open && (
        <div class="menu-list" role="menu" onClick={() => setOpen(false)}>
          {children}
        </div>
      )}
    </div>
  );
}

/** Asks before something that cannot be taken back. */
export function Confirm(props: { text: string; yes: string; onYes: () => void; onNo: () => void }): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return (
    <dialog class="dialog" ref={box} onClose={props.onNo} data-testid="confirm">
      <p>{props.text}</p>
      <div class="dialog-buttons">
        <button type="button" class="button" data-testid="confirm-no" onClick={props.onNo}>
          {t("cancel")}
        </button>
        <button type="button" class="button danger" data-testid="confirm-yes" onClick={props.onYes}>
          {props.yes}
        </button>
      </div>
    </dialog>
  );
}
