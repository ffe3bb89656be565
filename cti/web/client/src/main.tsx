import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/desk.css";
import "./styles/customer.css";
import "./styles/call_control.css";
import "./styles/wrap_up.css";
import "./styles/board.css";
import "./styles/inbox.css";

import { render } from "preact";

import { App } from "./app";
import { followSheets } from "./desk/call_control";
import { followForm } from "./desk/form";
import { followPops } from "./desk/pop";
import { followTasks } from "./desk/tasks";
import { followTitle } from "./desk/title";
import { t } from "./i18n/language";
import { startTicking } from "./net/clock";
import { followPhone } from "./phone/control";
import { followSession, resumeSession } from "./session";
import { exposeForTests } from "./test_surface";

async function boot(root: HTMLElement): Promise<void> {
  startTicking();
  try {
    await resumeSession();
  } catch {
    root.textContent = t("boot.unreachable");
    root.className = "boot-failure";
    setTimeout(() => location.reload(), 5_000);
    return;
  }
  followSession();
  followPhone();
  followForm();
  followPops();
  followSheets();
  followTasks();
  followTitle();
  exposeForTests();
  render(<App />, root);
}

const root = document.getElementById("app");
if (root !== null) void boot(root);
