import type { Signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";

import type { RecordingSearchQuery } from "../gen/messages";
import { localised } from "../i18n/language";
import { agents, codes, queueList } from "../session";
import { branches } from "../ui/codes";
import { Icon } from "../ui/icons";
import { q } from "./words";

/** As it is typed: days and numbers are texts, "" does not narrow. */
export interface Wish {
  readonly customer: string;
  readonly agent: string;
  readonly queue: string;
  readonly disposition: string;
  readonly from: string;
  readonly to: string;
  readonly min_s: string;
  readonly max_s: string;
  readonly min_score: string;
  readonly max_score: string;
  readonly scored: "" | "true" | "false";
}

const DAYS = 7;

/** The last week, because a search through everything is rarely meant. */
export function firstWish(): Wish {
  const from = new Date();
  from.setDate(from.getDate() - DAYS + 1);
  return {
    customer: "",
    agent: "",
    queue: "",
    disposition: "",
    from: dayText(from),
    to: "",
    min_s: "",
    max_s: "",
    min_score: "",
    max_score: "",
    scored: "",
  };
}

function dayText(date: Date): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** When a day begins where the user is, in unix seconds; `later` days after it. */
export function dayBegins(text: string, later = 0): number | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (parts === null) return null;
  return new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + later).getTime() / 1000;
}

const number = (text: string): number | null => (text.trim() === "" ? null : Number(text));

/** What is asked of the server; the last day counts to its end. */
export function queryOf(wish: Wish): RecordingSearchQuery {
  return {
    customer: wish.customer.trim(),
    agent: wish.agent,
    queue: wish.queue,
    disposition: wish.disposition,
    since: dayBegins(wish.from),
    until: dayBegins(wish.to, 1),
    min_s: number(wish.min_s),
    max_s: number(wish.max_s),
    min_score: number(wish.min_score),
    max_score: number(wish.max_score),
    scored: wish.scored === "" ? null : wish.scored === "true",
  };
}

export function SearchForm({ wish, onSearch }: { wish: Signal<Wish>; onSearch: () => void }): JSX.Element {
  const open = useSignal(false);
  const put = (part: Partial<Wish>): void => void (wish.value = { ...wish.value, ...part });
  return (
    <form
      class="recording-search"
      role="search"
      aria-label={q("search.title")}
      onSubmit={(event) => {
        event.preventDefault();
        onSearch();
      }}
    >
      <label class="search-field">
        <Icon name="search" />
        <input
          data-testid="find-customer"
          placeholder={q("search.customer")}
          aria-label={q("search.customer")}
          value={wish.value.customer}
          onInput={(event) => put({ customer: event.currentTarget.value })}
        />
      </label>
      <div class="pair">
        <Field label={q("search.from")}>
          <input
            type="date"
            data-testid="find-from"
            value={wish.value.from}
            onInput={(event) => put({ from: event.currentTarget.value })}
          />
        </Field>
        <Field label={q("search.to")}>
          <input
            type="date"
            data-testid="find-to"
            value={wish.value.to}
            onInput={(event) => put({ to: event.currentTarget.value })}
          />
        </Field>
      </div>
      <div class="pair">
        <Choice label={q("search.agent")} testId="find-agent" value={wish.value.agent} onChoose={(agent) => put({ agent })}>
          {Object.values(agents.value).map((each) => (
            <option key={each.agent_id} value={each.agent_id}>
              {each.name}
            </option>
          ))}
        </Choice>
        <Choice label={q("search.queue")} testId="find-queue" value={wish.value.queue} onChoose={(queue) => put({ queue })}>
          {queueList.value.map((each) => (
            <option key={each.name} value={each.name}>
              {localised(each.label, each.name)}
            </option>
          ))}
        </Choice>
      </div>
      {open.value && <MoreFilters wish={wish.value} put={put} />}
      <div class="row-line">
        <button
          type="button"
          class="button small"
          data-testid="more-filters"
          aria-expanded={open.value}
          onClick={() => (open.value = !open.value)}
        >
          {q(open.value ? "search.fewer_filters" : "search.more_filters")}
        </button>
        <span class="grow" />
        <button type="submit" class="button strong small" data-testid="find">
          {q("search.submit")}
        </button>
      </div>
    </form>
  );
}

function MoreFilters({ wish, put }: { wish: Wish; put: (part: Partial<Wish>) => void }): JSX.Element {
  return (
    <>
      <div class="pair">
        <Choice
          label={q("search.disposition")}
          testId="find-disposition"
          value={wish.disposition}
          onChoose={(disposition) => put({ disposition })}
        >
          {branches(codes.value?.dispositions ?? []).flatMap((branch) =>
            branch.leaves.map((leaf) => (
              <option key={leaf.code} value={leaf.code}>
                {branch.heading === "" ? leaf.label : `${branch.heading} / ${leaf.label}`}
              </option>
            )),
          )}
        </Choice>
        <Choice
          label={q("search.scored")}
          testId="find-scored"
          value={wish.scored}
          onChoose={(scored) => put({ scored: scored === "true" || scored === "false" ? scored : "" })}
        >
          <option value="true">{q("search.scored_yes")}</option>
          <option value="false">{q("search.scored_no")}</option>
        </Choice>
      </div>
      <div class="pair">
        <Range label={q("search.length")} name="length" least={wish.min_s} most={wish.max_s} limit={1_000_000}
          onLeast={(min_s) => put({ min_s })} onMost={(max_s) => put({ max_s })} />
        <Range label={q("search.score")} name="score" least={wish.min_score} most={wish.max_score} limit={100}
          onLeast={(min_score) => put({ min_score })} onMost={(max_score) => put({ max_score })} />
      </div>
    </>
  );
}

function Field({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <label class="field grow">
      <span>{label}</span>
      {children}
    </label>
  );
}

interface ChoiceProps {
  label: string;
  testId: string;
  value: string;
  onChoose: (value: string) => void;
  children: ComponentChildren;
}

function Choice({ label, testId, value, onChoose, children }: ChoiceProps): JSX.Element {
  return (
    <Field label={label}>
      <select data-testid={testId} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="">{q("search.any")}</option>
        {children}
      </select>
    </Field>
  );
}

interface RangeProps {
  label: string;
  name: string;
  least: string;
  most: string;
  limit: number;
  onLeast: (text: string) => void;
  onMost: (text: string) => void;
}

function Range({ label, name, least, most, limit, onLeast, onMost }: RangeProps): JSX.Element {
  const box = (side: "least" | "most", value: string, onInput: (text: string) => void): JSX.Element => (
    <input
      type="number"
      min={0}
      max={limit}
      step="any"
      data-testid={`find-${name}-${side}`}
      placeholder={q(`search.${side}`)}
      aria-label={`${label} ${q(`search.${side}`)}`}
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
  return (
    <div class="field grow">
      <span>{label}</span>
      <div class="range">
        {box("least", least, onLeast)}
        {box("most", most, onMost)}
      </div>
    </div>
  );
}
