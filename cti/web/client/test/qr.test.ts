import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { MOST_BYTES, qrCode } from "../src/login_account/qr";

const drawn = (text: string): string => (qrCode(text) ?? []).map((line) => line.map((on) => (on ? "#" : ".")).join("")).join("\n");
const print = (text: string): string => createHash("sha256").update(drawn(text)).digest("hex").slice(0, 16);

describe("the QR code of a second factor", () => {
  it("is what another encoder draws of the same text with the same version, level and mask", () => {
    // The prints are of uqr 0.1.3 with ecc L, version 6, mask 0 and no border.
    expect(print("otpauth://totp/Laidian:1001?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Laidian")).toBe("961b24bcb218f315");
    expect(print("x".repeat(134))).toBe("416529248ded6c39");
    expect(print("来电")).toBe("eef570149d7d1458");
  });

  it("fits or is none", () => {
    expect(qrCode("x".repeat(MOST_BYTES))).not.toBeNull();
    expect(qrCode("x".repeat(MOST_BYTES + 1))).toBeNull();
  });
});
