import type { JSX } from "preact";

import { language, t } from "../i18n/language";
import { Icon } from "./icons";
import { toggleTheme } from "./theme";

/** Shows the language that one click leads to, written in that language. */
export function LanguageToggle(): JSX.Element {
  const chinese = language.value === "zh-CN";
  return (
    <button
      type="button"
      class="icon-button text"
      data-testid="language-toggle"
      lang={chinese ? "en" : "zh-CN"}
      title={chinese ? "English" : "中文"}
      onClick={() => (language.value = chinese ? "en" : "zh-CN")}
    >
      <Icon name="globe" /> {chinese ? "EN" : "中文"}
    </button>
  );
}

export function ThemeToggle(): JSX.Element {
  return (
    <button type="button" class="icon-button" data-testid="theme-toggle" title={t("theme")} aria-label={t("theme")} onClick={toggleTheme}>
      <span class="only-light">
        <Icon name="moon" />
      </span>
      <span class="only-dark">
        <Icon name="sun" />
      </span>
    </button>
  );
}
