import type { JSX } from "preact";

import mark from "../mark.svg";

export function Brand({ size = 26 }: { size?: number }): JSX.Element {
  return (
    <span class={`brand${size > 30 ? " large" : ""}`}>
      <img src={mark} width={size} height={size} alt="" />
      <b lang="zh-CN">来电</b>
      <span>Laidian</span>
    </span>
  );
}
