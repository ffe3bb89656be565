import type { ComponentChildren, JSX } from "preact";

import type { CallView, PartyView } from "../gen/messages";
import { t } from "../i18n/language";
import { agents, me } from "../session";
import { phoneNumber } from "../ui/format";
import { Icon, type IconName } from "../ui/icons";
import { Elapsed } from "../ui/parts";
import type { Tone } from "../ui/states";
import { dropParty, may, perform } from "./call_control";
import { askerPlace, customerPlace, type CustomerPlace } from "./possible";

type Place = PartyView["state"] | CustomerPlace | ReturnType<typeof askerPlace>;

const LOOKS: Readonly<Record<Place, { readonly tone: Tone; readonly icon: IconName }>> = {
  ringing: { tone: "offered", icon: "bell" },
  consulting: { tone: "busy", icon: "phone" },
  talking: { tone: "busy", icon: "phone" },
  joined: { tone: "busy", icon: "people" },
  aside: { tone: "away", icon: "pause" },
  music: { tone: "away", icon: "pause" },
  calling: { tone: "offered", icon: "bell" },
  with_agent: { tone: "away", icon: "phone" },
  with_customer: { tone: "away", icon: "phone" },
  flow: { tone: "wrap", icon: "keys" },
};

/** Who is in this call beside the agent, when that is more than the customer: a row each, with what can be done. */
export function Parties({ current }: { current: CallView }): JSX.Element | null {
  if (current.phase === "wrap_up") return null;
  if (current.parties.length === 0) return null;
  const asked = current.asked_by !== "";
  const customer = current.customer?.name || current.caller_name || phoneNumber(current.number) || t("parties.unknown");
  return (
    <section class="parties" aria-label={t("parties.title")} data-testid="parties">
      <ul>
        <Row
          testId="customer-row"
          name={customer}
          place={customerPlace(current)}
          kind={t("parties.customer")}
        />
        {asked && <AskingRow current={current} />}
        {current.parties
          .filter((party) => !asked || party.target !== me.value?.agent_id)
          .map((party) => (
            <PartyRow key={party.party_id} party={party} />
          ))}
      </ul>
      {may.value.has("leave") && (
        <button type="button" class="button wide small" data-testid="leave" onClick={() => perform("leave")}>
          <Icon name="door" size={14} /> {t("parties.leave")}
        </button>
      )}
    </section>
  );
}

/** To a colleague who was brought in, the one whose call it is stands in the other row, and not they themselves. */
function AskingRow({ current }: { current: CallView }): JSX.Element {
  const name = agents.value[current.asked_by]?.name ?? current.asked_by;
  return <Row testId="asking-row" name={name} place={askerPlace(current)} kind={t("parties.colleague")} />;
}

function PartyRow({ party }: { party: PartyView }): JSX.Element {
  const kind = t(party.kind === "agent" ? "parties.colleague" : "parties.outside");
  return (
    <Row
      testId="party"
      party={party.party_id}
      name={party.name || phoneNumber(party.target)}
      kind={kind}
      place={party.state}
      since={party.since}
    >
      {party.state === "joined"
        ? may.value.has("drop") && (
            <button
              type="button"
              class="button small danger-text"
              data-testid="drop"
              onClick={() => dropParty(party.party_id)}
            >
              {t("parties.drop")}
            </button>
          )
        : may.value.has("cancel") && (
            <button type="button" class="button small danger-text" data-testid="cancel-consult" onClick={() => perform("cancel")}>
              {t("parties.cancel")}
            </button>
          )}
    </Row>
  );
}

interface RowProps {
  testId: string;
  name: string;
  kind: string;
  place: Place;
  since?: number;
  party?: string;
  children?: ComponentChildren;
}

function Row({ testId, name, kind, place, since, party, children }: RowProps): JSX.Element {
  const { tone, icon } = LOOKS[place];
  return (
    <li class={`party tone-${tone}`} data-testid={testId} data-state={place} data-party={party}>
      <span class={`dot tone-${tone}`}>
        <Icon name={icon} size={12} />
      </span>
      <span class="target-name">
        <b class="ellipsis" title={`${kind} ${name}`}>
          {name}
        </b>
        <span class="meta ellipsis">
          {t(`parties.${place}`)}
          {since !== undefined && (
            <>
              {" · "}
              <Elapsed since={since} />
            </>
          )}
        </span>
      </span>
      {children}
    </li>
  );
}
