"""Mails as they come back, in the shapes that mail systems give them. All addresses are invented."""

from __future__ import annotations

from base64 import b64encode
from email.header import Header

UNKNOWN_USER = "550 5.1.1 <reader@linjiang.example>: Recipient address rejected: User unknown in virtual mailbox table"
FULL = "552 5.2.2 <reader@linjiang.example>: Mailbox full"


def write_report(
    to: str,
    said: str = UNKNOWN_USER,
    status: str = "5.1.1",
    action: str = "failed",
    original: str = "Message-ID: <1@alerts.example>\nSubject: notice\n",
) -> bytes:
    """Return a delivery report as Postfix writes it (RFC 3464 in RFC 6522)."""
    return f"""\
Return-Path: <>
Delivered-To: {to}
Received: by mx.alerts.example (Postfix)
\tid 4Dx1; Mon, 21 Sep 2026 10:00:00 +0800 (CST)
From: MAILER-DAEMON@mx.alerts.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4Dx1.1/mx.alerts.example"
Message-Id: <20260921020000.4Dx1@mx.alerts.example>

This is a MIME-encapsulated message.

--4Dx1.1/mx.alerts.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.alerts.example.

<reader@linjiang.example>: host mx.linjiang.example[192.0.2.7] said: 250 never mind these words

--4Dx1.1/mx.alerts.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.alerts.example
Original-Envelope-Id: env-7
X-Postfix-Queue-ID: 4Dx1
Arrival-Date: Mon, 21 Sep 2026 09:59:58 +0800 (CST)

Final-Recipient: rfc822; reader@linjiang.example
Original-Recipient: rfc822;reader@linjiang.example
Action: {action}
Status: {status}
Remote-MTA: dns; mx.linjiang.example
Diagnostic-Code: smtp; {said}

--4Dx1.1/mx.alerts.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

{original}
text

--4Dx1.1/mx.alerts.example--
""".replace("\n", "\r\n").encode()


def write_complaint(original: str, feedback: str = "abuse", fields: str = "") -> bytes:
    """Return a complaint (RFC 5965) about a mail with this header."""
    return f"""\
From: <feedback@mail.example>
Subject: =?utf-8?b?{b64encode("投诉：公告".encode()).decode()}?=
To: <fbl@bounces.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="part"

--part
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

这是一封垃圾邮件投诉。

--part
Content-Type: message/feedback-report

Feedback-Type: {feedback}
User-Agent: SomeGenerator/1.0
Version: 1
{fields}
--part
Content-Type: message/rfc822

{original}
text

--part--
""".encode()


def write_words(to: str, subject: str, body: str, sender: str = "PostMaster@mail.example", html: bool = False) -> bytes:
    """Return a mail that says something to people: Chinese in GB 18030, as QQ and NetEase write their bounces."""
    kind = "html" if html else "plain"
    text = b64encode(body.encode("gb18030")).decode()
    head = f"""\
From: {sender}
To: {to}
Subject: {Header(subject, "gb18030").encode()}
MIME-Version: 1.0
Content-Type: text/{kind}; charset="gb18030"
Content-Transfer-Encoding: base64

"""
    lines = "\n".join(text[start : start + 76] for start in range(0, len(text), 76))
    return f"{head}{lines}\n".encode()


QQ_DEAD = """<div>抱歉，您的邮件被退回来了……</div>
<p>邮件主题：关于拨付 500 万元的公告</p>
<p>无法发送到 reader@qq.example</p>
<table><tr><td>退信原因：</td><td>收件人邮件地址（reader@qq.example）不存在，邮件无法送达。<br>
host mx3.qq.example[192.0.2.9] said: 550 Mailbox not found. (in reply to RCPT TO command)</td></tr></table>
<p>解决方案：请联系您的收件人，重新核实邮箱地址，或对方空间不足。</p>
<style>p { color: red }</style><p>--- 原始邮件 ---</p>"""

NETEASE_FULL = """抱歉，您的邮件被退回来了……
原邮件信息：
  主　题：关于某地址不存在的公告
  收件人：reader@163.example
退信原因：
  对方邮箱空间不足。
  英文说明: User quota exceeded
建议解决方案：
  请稍后重试，或确认用户不存在。
"""

QMAIL_DEAD = """Hi. This is the qmail-send program at mx.mail.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<reader@mail.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <b+1.a.x@bounces.example>
Subject: spam blacklist
"""
