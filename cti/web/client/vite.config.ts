import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { defineConfig } from "vite";

const OUT = new URL("../static/", import.meta.url);

/** Beside every text a packed one, which the daemon serves to whoever takes it (as every browser does). */
const packed = {
  name: "packed",
  closeBundle(): void {
    for (const file of readdirSync(OUT, { recursive: true, encoding: "utf8" })) {
      if (!/\.(js|css|svg|html)$/.test(file)) continue;
      writeFileSync(new URL(`${file}.gz`, OUT), gzipSync(readFileSync(new URL(file, OUT)), { level: 9 }));
    }
  },
};

// The daemon serves `cti/web/static` with the policy `default-src 'self'`: nothing may be inlined, neither
// a script nor a small picture as a data: address.
export default defineConfig({
  base: "/",
  plugins: [packed],
  build: {
    outDir: "../static",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:8080",
      "/ws": { target: "ws://127.0.0.1:8080", ws: true },
    },
  },
  test: { include: ["test/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
