"""What the doctor says: of each check its name, of each defect one sentence with what to do. (Chinese, English)."""

from collections.abc import Mapping
from typing import Final

from cti.doctor.checks import Finding, Level
from cti.reports.explaining import Language

LEVELS: Final[Mapping[Level, tuple[str, str]]] = {
    "ok": ("正常", "ok"),
    "warning": ("警告", "warning"),
    "problem": ("问题", "problem"),
}
NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "daemon": ("守护进程", "the daemon"),
    "manager": ("Asterisk 管理接口与权限", "Asterisk's manager and our rights"),
    "version": ("Asterisk 版本", "Asterisk's version"),
    "modules": ("模块与编解码器", "modules and codecs"),
    "dialplan": ("拨号方案", "the dialplan"),
    "agi": ("从 Asterisk 到守护进程的 FastAGI", "FastAGI, from Asterisk to the daemon"),
    "endpoints": ("SIP 端点", "SIP endpoints"),
    "clocks": ("时钟", "clocks"),
    "books": ("数据库", "the database"),
    "disks": ("磁盘空间", "room on the disks"),
    "files": ("文件与权限", "files and their permissions"),
    "certificates": ("证书", "certificates"),
    "prompts": ("语音提示", "prompts"),
    "libraries": ("Python 与程序库", "Python and its libraries"),
    "exposed": ("对外开放的端口", "what other machines can reach"),
}
SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "daemon_down": (
        "守护进程没有运行：启动它（laidian daemon 或 systemctl start laidian）。",
        "No daemon runs here: start it (laidian daemon, or systemctl start laidian).",
    ),
    "daemon_no_link": (
        "守护进程没有连上 Asterisk：看它的日志，确认 Asterisk 在运行。",
        "The daemon has no link to Asterisk: see its log, and whether Asterisk runs.",
    ),
    "nofile": (
        "守护进程最多只能打开 {found} 个文件：在它的 systemd 单元里设 LimitNOFILE={wanted} 或更多。",
        "The daemon may open {found} files only: set LimitNOFILE={wanted} or more in its systemd unit.",
    ),
    "manager": (
        "管理接口不能用：{why}；检查 ami.host、ami.port、密钥和 manager.conf。",
        "The manager interface cannot be used: {why}; look at ami.host, ami.port, the secret and manager.conf.",
    ),
    "rights": (
        "不允许使用这些管理动作：{what}；在 manager.conf 里给这个账号 write = system,call,originate,reporting。",
        "We may not use {what}: give the account write = system,call,originate,reporting in manager.conf.",
    ),
    "events": (
        "收不到通道的事件：在 manager.conf 里给这个账号 read = system,call,dtmf,user。",
        "No events of channels reach us: give the account read = system,call,dtmf,user in manager.conf.",
    ),
    "asterisk_old": (
        "Asterisk {found} 太旧：换成 {wanted} 或更新的版本。",
        "Asterisk {found} is too old: install {wanted} or newer.",
    ),
    "module": (
        "模块 {module} 没有加载：把它装上，并从 modules.conf 的 noload 里去掉。",
        "The module {module} is not loaded: install it, and take it out of noload in modules.conf.",
    ),
    "codec": (
        "编解码器 {module} 没有加载，用它的电话会没有声音：在 modules.conf 里加载它。",
        "The codec {module} is not loaded, and phones that use it stay silent: load it in modules.conf.",
    ),
    "fallback_missing": (
        "备用拨号方案 {context} 没有加载，守护进程一停来电就会丢失：请包含 dialplan/*.conf 并重新加载。",
        "{context} is not loaded, and without the daemon callers are lost: include dialplan/*.conf and reload.",
    ),
    "context_missing": (
        "拨号方案里没有 {context}：把 dialplan/ 的文件包含进 extensions.conf 后重新加载。",
        "The dialplan has no context {context}: include the files of dialplan/ in extensions.conf and reload.",
    ),
    "context_differs": (
        "{context} 与我们的不同，从 {where} 起：如果不是有意改的，用 dialplan/ 里的文件换掉并重新加载。",
        "{context} differs from ours from {where} on: unless that is meant, take the file of dialplan/ and reload.",
    ),
    "agi": (
        "Asterisk 连不到守护进程的 FastAGI：检查 extensions.conf 的 LD_AGI、agi.host、agi.port、agi.peers 和防火墙。",
        "Asterisk does not reach the daemon over FastAGI: look at LD_AGI (extensions.conf), agi.*, and the firewall.",
    ),
    "trunk": (
        "没有 SIP 端点 {endpoint}，来电进不来：在 pjsip.conf 里配置它。",
        "There is no SIP endpoint {endpoint}, so no call comes in: configure it in pjsip.conf.",
    ),
    "no_agents": (
        "没有坐席的 SIP 端点：确认 pjsip.conf 包含 pjsip_agents.conf，且有带分机的坐席。",
        "No agent has a SIP endpoint: see that pjsip.conf includes pjsip_agents.conf and that agents have extensions.",
    ),
    "skew": (
        "{who} 的时钟与守护进程相差 {seconds} 秒：让两台机器都用 NTP 校时。",
        "The clock of {who} is {seconds} s off the daemon's: have both machines keep time by NTP.",
    ),
    "not_synchronised": (
        "这台机器没有校时：启用 NTP（timedatectl set-ntp true）。",
        "This machine does not keep its clock by NTP: turn it on (timedatectl set-ntp true).",
    ),
    "books": ("数据库不能用：{why}。", "The database cannot be used: {why}."),
    "schema": (
        "数据库结构是 {found}，应为 {wanted}：先备份，再用这个版本启动守护进程，它会升级。",
        "The database's schema is {found}, not {wanted}: back it up, then start this version, which upgrades it.",
    ),
    "disk_full": (
        "{folder}（{path}）所在磁盘只剩 {free} GB：马上腾出空间。",
        "{free} GB are left where {folder} is ({path}): make room at once.",
    ),
    "disk_little": (
        "{folder}（{path}）所在磁盘只剩 {free} GB：尽快腾出空间，或缩短录音保存期。",
        "{free} GB are left where {folder} is ({path}): make room soon, or keep recordings for a shorter time.",
    ),
    "not_there": (
        "{folder} 还不存在：{path}；守护进程启动时会建。",
        "{folder} is not there yet: {path}; the daemon makes it.",
    ),
    "not_writable": (
        "{folder} 不能写：{path}；把它交给运行守护进程的用户（chown、chmod u+rwx）。",
        "{folder} cannot be written: {path}; give it to the daemon's user (chown, chmod u+rwx).",
    ),
    "readable": (
        "{folder} 里有秘密，别的用户却能读：chmod 600 {path}。",
        "{folder} holds a secret and other users can get at it: chmod 600 {path}.",
    ),
    "certificate": ("证书 {path} 不能用：{why}。", "The certificate {path} cannot be used: {why}."),
    "expired": ("证书 {path} 已过期：换新的。", "The certificate {path} has expired: renew it."),
    "expires": ("证书 {path} 再过 {days} 天到期：换新的。", "The certificate {path} expires in {days} days: renew it."),
    "prompts": (
        "语言 {language} 缺 {count} 个提示音（{first}）：运行 make prompts。",
        "{count} prompts of the language {language} have no sound ({first}): run make prompts.",
    ),
    "library": (
        "程序库 {library} 不对：按 requirements.lock 重新安装。",
        "The library {library} is not right: install what requirements.lock says.",
    ),
    "exposed": (
        "{what} 能从别的机器访问：只监听 127.0.0.1，或在防火墙里只放行该访问它的机器。",
        "Other machines can reach {what}: listen on 127.0.0.1 only, or have a firewall admit only those that should.",
    ),
}


def sentence(finding: Finding, language: Language) -> str:
    """What is wrong and what to do; the name of the check where all is well."""
    texts = SENTENCES[finding.code] if finding.code else NAMES[finding.check]
    return texts[language == "en"].format(**finding.values)
