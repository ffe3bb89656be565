import "./browser_globals";

import { expect, test } from "vitest";

import { complaint, disputed, draftOf, patchOf, together } from "../src/customer/draft";
import { filled } from "../src/customer/links";
import { zh } from "../src/customer/words_zh";
import { en } from "../src/customer/words_en";
import type { CustomerView } from "../src/gen/messages";
import { call } from "./views";

const ZHANG: CustomerView = {
  customer_id: 7,
  name: "张伟 & Söhne",
  vip: 3,
  numbers: ["+8613900000001"],
  city: "北京",
  company: "",
  new: false,
  orders: [],
  contacts: [],
  notes: [],
  branch: "",
  agent_id: "",
  version: 4,
  addresses: [{ label: "家", text: "人民路 8 号: 2 单元" }, { label: "", text: "A street" }],
  extra: { member_id: "M1/2?x=3" },
  updated_at: 0,
  updated_by: "",
};
const MEMBER = { code: "member_id", label: { en: "Member" }, kind: "text", choices: [], required: false, pattern: "" } as const;

test("no value of a customer can change where a link leads to", () => {
  const current = call({ customer: ZHANG });
  const url = filled("https://crm.example/?p={number}&n={name}&c={customer_id}&i={interaction_id}&m={extra.member_id}&x={extra.none}", current);
  expect(new URL(url).host).toBe("crm.example");
  expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
    p: "+8613900000001",
    n: "张伟 & Söhne",
    c: "7",
    i: "i1",
    m: "M1/2?x=3",
    x: "",
  });
});

test("an edit sends what was changed and nothing else", () => {
  const before = draftOf(ZHANG, [MEMBER]);
  expect(patchOf(before, before, 4)).toEqual({ version: 4 });
  const draft = { ...before, city: "上海", vip: "5", numbers: "+8613900000001\n 010 6000 0101 \n\n", "extra.member_id": "" };
  expect(patchOf(before, draft, 4)).toEqual({
    version: 4,
    city: "上海",
    vip: 5,
    numbers: ["+8613900000001", "010 6000 0101"],
    extra: { member_id: "" },
  });
});

test("addresses keep their labels through the form", () => {
  const before = draftOf(ZHANG, []);
  const patch = patchOf(before, { ...before, addresses: `${before["addresses"] ?? ""}\n公司：物流园` }, 4);
  expect(patch.addresses).toEqual([...ZHANG.addresses, { label: "公司", text: "物流园" }]);
});

test("both languages have the same words", () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
});

test("of two who edit at once only what both changed is in dispute, and the rest of both is kept", () => {
  const before = draftOf(ZHANG, [MEMBER]);
  const mine = { before, draft: { ...before, city: "天津", company: "A" }, version: 4 };
  const theirs = { ...before, city: "上海", vip: "5", company: "A" };
  expect(disputed(mine, theirs)).toEqual(["city"]);
  expect(together(mine, theirs)).toEqual({ ...before, city: "天津", company: "A", vip: "5" });
});

test("what the site's own field cannot hold is said before it is sent", () => {
  const field = { ...MEMBER, pattern: "M[0-9]{3}", required: true };
  expect(complaint(field, { "extra.member_id": "M123" })).toBe("");
  expect(complaint(field, { "extra.member_id": "xM123" })).toContain("M[0-9]{3}");
  expect(complaint(field, {})).not.toBe("");
  expect(complaint({ ...field, pattern: "(?P<python>x)" }, { "extra.member_id": "y" })).toBe("");
});
