import { language } from "../i18n/language";

/** 42 -> "0:42", 3723 -> "1:02:03". Never negative: clocks differ by less than a second. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** A number as people of its country write it: "+8613900000001" -> "139 0000 0001". Unknown shapes stay as they are. */
export function phoneNumber(number: string): string {
  const mobile = /^(?:\+?86)?(1[3-9]\d)(\d{4})(\d{4})$/.exec(number);
  if (mobile !== null) return mobile.slice(1).join(" ");
  const bigCity = /^\+86(10|2\d)(\d{4})(\d{4})$/.exec(number);
  if (bigCity !== null) return `0${bigCity[1] ?? ""} ${bigCity[2] ?? ""} ${bigCity[3] ?? ""}`;
  const city = /^\+86([3-9]\d{2})(\d{3,4})(\d{4})$/.exec(number);
  if (city !== null) return `0${city[1] ?? ""} ${city[2] ?? ""} ${city[3] ?? ""}`;
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  if (american !== null) return `+1 ${american.slice(1).join(" ")}`;
  return number;
}

/** A length as people say it: "4 min". */
export function spoken(seconds: number): string {
  const [value, unit] = seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  return new Intl.NumberFormat(language.value, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 }).format(
    Math.max(0, value),
  );
}

const date = (at: number): Date => new Date(at * 1000);

export function clockTime(at: number): string {
  return new Intl.DateTimeFormat(language.value, { hour: "2-digit", minute: "2-digit", hour12: false }).format(date(at));
}

export function dayAndTime(at: number): string {
  return new Intl.DateTimeFormat(language.value, {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
  }).format(date(at));
}

export function day(at: number): string {
  return new Intl.DateTimeFormat(language.value, { year: "numeric", month: "short", day: "numeric" }).format(date(at));
}

/** "2 days ago", "yesterday", "3 min. ago". Both in unix seconds. */
export function ago(at: number, nowAt: number): string {
  const words = new Intl.RelativeTimeFormat(language.value, { numeric: "auto", style: "short" });
  const seconds = at - nowAt;
  const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["week", 604_800],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  for (const [unit, length] of steps) {
    if (Math.abs(seconds) >= length) return words.format(Math.round(seconds / length), unit);
  }
  return words.format(0, "minute");
}

export function percent(share: number): string {
  return new Intl.NumberFormat(language.value, { style: "percent", maximumFractionDigits: 0 }).format(share);
}

/** Hours and minutes of a working day: 3:58. */
export function hoursMinutes(seconds: number): string {
  const minutes = Math.floor(Math.max(0, seconds) / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

/** What stands in a round picture: one character of a Chinese name, two initials otherwise, "" for a number. */
export function initials(name: string): string {
  const trimmed = name.trim();
  if (!/\p{L}/u.test(trimmed)) return "";
  if (/\p{Script=Han}/u.test(trimmed)) return [...trimmed][0] ?? "?";
  const words = trimmed.split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  return (words.length > 0 ? words : [trimmed]).slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase();
}
