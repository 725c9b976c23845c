"""Whether mail can leave, arrive and be ended: what `feeds doctor --mail` tries, beside what domains publish."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from feeds.decide.checks import Check, State
from feeds.decide.tokens import NOBODY, Keyring, sign_token
from feeds.fetch.plain import ask_plainly
from feeds.flows.compose import Composing
from feeds.flows.samples import write_samples
from feeds.model import Fetched, FetchFailure
from feeds.render.lint import lint_mail
from feeds.send.connection import Patience, SmtpConnection
from feeds.send.relay import Endpoint, Relay, RelayReply, read_endpoint

_NOBODY = "nobody@mail.invalid"
_PATIENCE = Patience(reply_seconds=15.0)
_ONE_CLICK = (
    ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
    (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
    ),
)
"""What mail programs send (RFC 8058, section 3.2): either is allowed, without a cookie."""


def check_samples(composing: Composing, now: datetime) -> Iterator[Check]:
    """Yield what receivers might hold against each kind of mail, as this installation makes it."""
    for sample in write_samples(composing, _NOBODY, now):
        mail = sample.message.build()
        problems = lint_mail(mail, to_list=sample.to_list, signed=bool(composing.dkim_keys))
        name = f"邮件 mail {sample.name}"
        for problem in problems:
            yield Check(name, State.FAILED, problem)
        if not problems:
            yield Check(name, State.GOOD, f"{len(mail):,} 字节，未见问题 bytes, nothing wrong with it")


async def check_relay(url: str) -> Check:
    """Greet the relay as for a mail: EHLO, STARTTLS and login where they are asked for. No mail is sent."""
    kind, _, place = url.partition(":")
    name = f"中继 relay {kind}"
    if kind == "sink":
        return Check(name, State.WARNING, f"邮件只存成文件，不会寄出 mails become files and go nowhere: {place}")
    if kind == "spool":
        return Check(name, State.GOOD, f"由本机的邮件系统取走 for this machine's own mail system: {place}")
    try:
        endpoint = read_endpoint(url)
    except ValueError as fault:
        return Check(name, State.FAILED, f"mail.relay: {fault}")
    connection = SmtpConnection(endpoint, _PATIENCE, None)
    try:
        return judge_greeting(endpoint, await connection.greet())
    finally:
        await connection.close()


def judge_greeting(endpoint: Endpoint, offers: RelayReply | frozenset[str]) -> Check:
    """Judge what the relay offers, or said instead."""
    name, where = f"中继 relay {endpoint.security}", f"{endpoint.host}:{endpoint.port}"
    if isinstance(offers, RelayReply):
        said = "连不上或被拒绝，请核对 mail.relay 的主机、端口、用户和密码 refused: check host, port, user and password"
        return Check(name, State.FAILED, f"{where}: {said}: {offers.code or '-'} {offers.text}")
    if endpoint.security == "smtp" and "starttls" in offers:
        said = "它支持加密，请改用 smtp+starttls:// it can encrypt: use smtp+starttls://"
        return Check(name, State.WARNING, f"{where}: {said}")
    said = "应答正常，登录成功 it answers and lets us log in" if endpoint.user else "应答正常 it answers"
    return Check(name, State.GOOD, f"{where}: {said}: {', '.join(sorted(offers)) or 'HELO'}")


async def check_one_click(base_url: str, keyring: Keyring) -> Check:
    """Unsubscribe nobody, as a mail program would, at the address that readers' mail programs use.

    Proves that the daemon answers there, has this installation's key, and asks for no cookie; changes nothing.
    """
    name = "一键退订 one-click unsubscribing"
    url = f"{base_url}/unsubscribe/{sign_token(keyring, 'unsubscribe', NOBODY)}"
    for kind, body in _ONE_CLICK:
        if said := _explain_answer(await ask_plainly("POST", url, body=body, kind=kind)):
            return Check(name, State.FAILED, said)
    forged = await ask_plainly("POST", f"{url}x", body=_ONE_CLICK[0][1], kind=_ONE_CLICK[0][0])
    if isinstance(forged, FetchFailure) or forged.status != 404:
        said = "伪造的链接没有被拒绝，回答的不是本程序 a forged link is not refused: something else answers"
        return Check(name, State.FAILED, f"{said}: {base_url}")
    return Check(name, State.GOOD, f"{base_url} 当场应答 answers on the spot: 200, no cookie, no redirect, both forms")


def _explain_answer(answer: Fetched | FetchFailure) -> str | None:
    """Return what is wrong with an answer to one click; None: nothing."""
    if isinstance(answer, FetchFailure):
        return f"没有应答，请启动守护进程，核对 site.base_url no answer: is the daemon running? {answer.problem}"
    if answer.status == 200:
        return None
    if 300 <= answer.status < 400:
        where = answer.headers.get("location", "-")
        return f"跳转到别处，邮件软件不会跟随，请让 site.base_url 直达 redirected, which mail programs refuse: {where}"
    if answer.status == 404:
        return "密钥不同，或那里不是本程序，请核对 site.base_url 和 site.secret_file 404: another key, or program"
    return f"应答 {answer.status}，请让代理放行不带 cookie 的 POST a proxy may refuse a POST without cookies"


async def send_canary(composing: Composing, relay: Relay, address: str, now: datetime) -> Check:
    """Send a sample alert to an address, by the relay that sends all mails; say what that replied."""
    message = write_samples(composing, address, now)[0].message
    async with relay.line() as line:
        reply = await line.send(message.sender, address, message.build())
    said = f"{reply.phase}: {reply.code or '-'} {reply.text}"
    if reply.accepted:
        found = f"中继已接受，请看它是否在收件箱 accepted: is it in the inbox? ({message.envelope.message_id})"
        return Check(f"试投 canary {address}", State.GOOD, f"{found}: {said}")
    return Check(f"试投 canary {address}", State.FAILED, f"中继没有接受 not accepted: {said}")
