// Modules that remember the language look at the browser when they are loaded; node has none of this, or only some.
const kept = new Map<string, string>();
const storage = {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
};
const globals = {
  localStorage: storage,
  sessionStorage: storage,
  navigator: { language: "en-GB" },
  document: { documentElement: { lang: "", dataset: {} } },
};
for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, configurable: true });
}
