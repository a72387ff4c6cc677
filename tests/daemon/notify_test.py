"""People are told of transitions: by requests of HTTP and by mail, each to a real server."""

import email
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import signal
import ssl
import subprocess
import threading

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from conftest import DEMO_ZONE, demo

LIMIT = 60  # seconds; for what takes one or two


class Inbox:
    """What came in, in order; can be waited for."""

    def __init__(self):
        self.items = []
        self._more = threading.Condition()

    def put(self, item):
        with self._more:
            self.items.append(item)
            self._more.notify_all()

    def take(self, count):
        """The first `count` of them."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.items) >= count, LIMIT), f"only {len(self.items)} of {count} came"
            return self.items[:count]


@pytest.fixture
def hook():
    """hook(statuses) starts an HTTP server that answers with these, the last of them for ever. None: it says nothing.
    Gives the URL and an inbox of (path, headers, body)."""
    started = []
    let_go = threading.Event()

    def start(*statuses):
        inbox = Inbox()
        left = list(statuses)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = left.pop(0) if len(left) > 1 else left[0]
                inbox.put((self.path, self.headers, body))
                if status is None:
                    let_go.wait(LIMIT)
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return f"http://127.0.0.1:{server.server_port}/hook", inbox

    yield start
    let_go.set()
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.fixture
def smtp(tmp_path, free_port):
    """smtp() starts a mail server with STARTTLS, which wants the user and password "holdfast" and "s3cret". Gives its
    port, the file of its certificate, and an inbox of mails."""
    started = []

    def start(with_tls=True, refuse=""):
        inbox = Inbox()
        certificate, key = tmp_path / "mail.pem", tmp_path / "mail.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", certificate,
                        "-keyout", key], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)

        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
                if address == refuse:
                    return "550 no such user here"
                envelope.rcpt_tos.append(address)
                return "250 ok"

            async def handle_DATA(self, server, session, envelope):
                inbox.put((envelope, email.message_from_bytes(envelope.original_content, policy=email.policy.default)))
                return "250 taken"

        def authenticate(server, session, envelope, mechanism, data):
            return AuthResult(success=data.login == b"holdfast" and data.password == b"s3cret", handled=False)

        options = {"tls_context": context, "require_starttls": True, "authenticator": authenticate,
                   "auth_required": True} if with_tls else {}
        controller = Controller(Handler(), hostname="127.0.0.1", port=free_port("127.0.0.1"), ready_timeout=LIMIT,
                                **options)
        controller.start()
        started.append(controller)
        return controller.port, certificate, inbox

    yield start
    for controller in started:
        controller.stop()


def secret(path, text, mode=0o600):
    path.write_text(text + "\n")
    path.chmod(mode)
    return path


def webhook(url, more=""):
    return f'[contact.chat]\ntype = "webhook"\nurl = "{url}"\n{more}\n'


def mail(port, certificate, password, more=""):
    return (f'[contact.ops]\ntype = "mail"\nserver = "127.0.0.1:{port}"\nca_file = "{certificate}"\n'
            f'from = "holdfast@ns1.example.net"\nto = ["ops@example.net", "night@example.net"]\n'
            f'user = "holdfast"\npassword_file = "{password}"\n{more}\n')


def configuration(port, sections, contacts, notify='group = "0s"'):
    """Of `fall = 3`: an nginx that answers late, once or twice, is no event."""
    quoted = ", ".join(f'"{contact}"' for contact in contacts)
    return demo(f'type = "http"\nport = {port}', "127.0.0.1", "127.0.0.2", fall=3, server='nsid = "ns1.example.net"',
                pool=f"contacts = [{quoted}]", more=f"[notify]\n{notify}\n{sections}")


def start(serve, port, sections, contacts, group="0s"):
    config = configuration(port, sections, contacts, f'group = "{group}"')
    return serve(config, {"demo.example.zone": DEMO_ZONE})


def both_up(holdfast):
    for address in ("127.0.0.1", "127.0.0.2"):
        holdfast.log.wait_for(rf"web {address}:\d+: \w+ -> up")


def deliveries(holdfast):
    return holdfast.json("/api/v1/notifications")["deliveries"]


def metric(holdfast, line):
    return f"\n{line}\n" in holdfast.get("/metrics")[1]


def command(holdfast, *words):
    holdfast.get("/healthz")
    return subprocess.run([os.environ["HOLDFAST"], *words, "--control", holdfast.control.removeprefix("http://")],
                          capture_output=True, text=True, timeout=LIMIT)


def two_origins(origin, free_port):
    port = free_port("127.0.0.1", "127.0.0.2")
    return port, origin("127.0.0.1", port), origin("127.0.0.2", port)


def test_one_event_is_told_everywhere_under_one_id(serve, origin, free_port, hook, smtp, tmp_path):
    port, broken, _ = two_origins(origin, free_port)
    url, requests = hook(200)
    smtp_port, certificate, mails = smtp()
    sections = (webhook(url, f'secret_file = "{secret(tmp_path / "hook.secret", "k3y", 0o640)}"') +
                mail(smtp_port, certificate, secret(tmp_path / "password", "s3cret")))
    holdfast = start(serve, port, sections, ["chat", "ops"])
    both_up(holdfast)
    broken.kill()
    (path, headers, body), = requests.take(1)
    (envelope, letter), = mails.take(1)

    told = json.loads(body)
    event, = told["events"]
    assert path == "/hook" and headers["X-Holdfast-Event"] == headers["Idempotency-Key"] == told["id"] == event["id"]
    assert (event["monitor"], event["address"], event["used_by"]) == ("web", "127.0.0.1", ["shop"])
    assert (event["before"], event["after"]) == ("up", "down") and event["outcome"] in ("refused", "reset")
    assert event["command"].startswith("curl ")
    assert event["answers"] == ["www.demo.example. A: 127.0.0.2 (alive), TTL 30 s"]
    assert told["server"] == "ns1.example.net"

    time, signature = (part.split("=")[1] for part in headers["X-Holdfast-Signature"].split(","))
    assert signature == hmac.new(b"k3y", time.encode() + b"." + body, hashlib.sha256).hexdigest()

    assert envelope.rcpt_tos == ["ops@example.net", "night@example.net"]
    assert envelope.mail_from == "holdfast@ns1.example.net"
    assert letter["X-Holdfast-Event"] == event["id"]
    assert letter["Message-ID"] == f"<{event['id']}.ops@ns1.example.net>"
    assert letter["Subject"] == "[holdfast] web 127.0.0.1 down (shop)"
    assert letter["From"] == "holdfast@ns1.example.net" and letter["To"] == "ops@example.net, night@example.net"
    assert letter["Auto-Submitted"] == "auto-generated" and letter["Date"].datetime is not None
    assert not letter.defects
    text = letter.get_content()
    assert text.startswith("web 127.0.0.1 is down since ") and event["command"] in text and event["answers"][0] in text

    holdfast.log.wait_for(rf"notify chat: told {event['id']} \(web 127.0.0.1 down \(shop\)\)")
    holdfast.log.wait_for(rf"notify ops: told {event['id']}")
    seen = deliveries(holdfast)
    assert {(one["contact"], one["result"]) for one in seen} == {("chat", "delivered"), ("ops", "delivered")}
    assert all(one["id"] == event["id"] and one["events"] == [event["id"]] for one in seen)
    assert metric(holdfast, 'holdfast_notifications_total{contact="ops",result="delivered"} 1')
    assert "k3y" not in str(holdfast.log) and "s3cret" not in str(holdfast.log)


def test_what_happens_together_is_told_together(serve, origin, free_port, hook):
    port, first, second = two_origins(origin, free_port)
    url, requests = hook(200)
    holdfast = start(serve, port, webhook(url, "body = '{\"text\": \"{{subject}}\"}'"), ["chat"], group="10s")
    both_up(holdfast)
    first.kill()
    second.kill()
    holdfast.log.wait_for(r"web 127.0.0.1:\d+: up -> down")
    holdfast.log.wait_for(r"web 127.0.0.2:\d+: up -> down")
    first.start()
    (_, _, body), = requests.take(1)
    assert json.loads(body)["text"] in ("2 down (shop)", "1 down, 1 down and up again (shop)")
    assert len(deliveries(holdfast)) == 1


def test_a_server_that_fails_is_tried_again(serve, origin, free_port, hook):
    port, broken, _ = two_origins(origin, free_port)
    url, requests = hook(503, 503, 200)
    holdfast = start(serve, port, webhook(url), ["chat"])
    both_up(holdfast)
    broken.kill()
    received = requests.take(3)
    assert len({headers["Idempotency-Key"] for _, headers, _ in received}) == 1
    assert len({body for _, _, body in received}) == 1
    holdfast.log.wait_for(r"notify chat: attempt 2 to tell \S+ \(.*\) failed: status 503; again in \d\.\d s")
    holdfast.log.wait_for(r"notify chat: told")
    one, = deliveries(holdfast)
    assert one["result"] == "delivered" and one["attempts"] == 3
    assert metric(holdfast, 'holdfast_notifications_total{contact="chat",result="retried"} 2')
    assert metric(holdfast, 'holdfast_notifications_pending{contact="chat"} 0')


def test_a_request_that_is_refused_is_given_up_at_once(serve, origin, free_port, hook):
    port, broken, _ = two_origins(origin, free_port)
    url, _ = hook(404)
    holdfast = start(serve, port, webhook(url), ["chat"])
    both_up(holdfast)
    broken.kill()
    holdfast.log.wait_for(r"notify chat: \S+ \(.*\) is given up after 1 attempts: status 404")
    assert metric(holdfast, 'holdfast_notifications_total{contact="chat",result="failed"} 1')


def test_a_server_that_hangs_holds_nobody_up(serve, origin, free_port, hook):
    port, broken, _ = two_origins(origin, free_port)
    url, requests = hook(None)
    other, told = hook(200)
    sections = webhook(url, 'timeout = "500ms"') + webhook(other).replace("chat", "pager")
    holdfast = start(serve, port, sections, ["chat", "pager"])
    both_up(holdfast)
    broken.kill()
    told.take(1)
    requests.take(1)
    holdfast.log.wait_for(r"notify chat: attempt 1 .* failed: .*[Tt]imed out")
    broken.start()
    holdfast.log.wait_for(r"web 127.0.0.1:\d+: down -> up")
    told.take(2)


def test_a_reload_changes_contacts_and_keeps_what_is_pending(serve, origin, free_port, hook):
    port, broken, _ = two_origins(origin, free_port)
    bad, refused = hook(503)
    good, told = hook(200)
    holdfast = start(serve, port, webhook(bad), ["chat"])
    both_up(holdfast)
    broken.kill()
    refused.take(1)
    config = pathlib.Path(holdfast.config)
    text = config.read_text().replace(bad, good)
    config.with_suffix(".new").write_text(text)
    config.with_suffix(".new").replace(config)
    holdfast.process.send_signal(signal.SIGHUP)
    (_, headers, _), = told.take(1)
    assert headers["Idempotency-Key"] == refused.items[0][1]["Idempotency-Key"]


def test_a_refused_reload_is_told_to_the_usual_contacts(serve, origin, free_port, hook):
    port, *_ = two_origins(origin, free_port)
    url, told = hook(200)
    sections = webhook(url)
    config = configuration(port, sections, ["chat"], 'group = "0s"\ncontacts = ["chat"]')
    holdfast = serve(config, {"demo.example.zone": DEMO_ZONE})
    both_up(holdfast)
    broken = pathlib.Path(holdfast.config)
    broken.with_suffix(".new").write_text(config + "[monitr.x]\n")
    broken.with_suffix(".new").replace(broken)
    holdfast.process.send_signal(signal.SIGHUP)
    (_, _, body), = told.take(1)
    event, = json.loads(body)["events"]
    assert event["kind"] == "configuration" and 'did you mean "monitor"?' in event["text"]


def test_a_wrong_password_is_given_up_and_says_why(serve, origin, free_port, smtp, tmp_path):
    port, broken, _ = two_origins(origin, free_port)
    smtp_port, certificate, _ = smtp()
    holdfast = start(serve, port, mail(smtp_port, certificate, secret(tmp_path / "password", "wr0ng")), ["ops"])
    both_up(holdfast)
    broken.kill()
    holdfast.log.wait_for(r"notify ops: \S+ \(.*\) is given up after 1 attempts: user and password were refused: 535 ")
    assert "wr0ng" not in str(holdfast.log)
    one, = deliveries(holdfast)
    assert one["result"] == "failed" and "535" in one["error"] and "wr0ng" not in json.dumps(one)


def test_a_password_is_not_sent_without_tls(serve, origin, free_port, smtp, tmp_path):
    port, broken, _ = two_origins(origin, free_port)
    smtp_port, certificate, mails = smtp(with_tls=False)
    holdfast = start(serve, port, mail(smtp_port, certificate, secret(tmp_path / "password", "s3cret")), ["ops"])
    both_up(holdfast)
    broken.kill()
    holdfast.log.wait_for(r"notify ops: .* is given up after 1 attempts: the server does not offer STARTTLS")
    assert not mails.items


def test_one_recipient_that_is_refused_does_not_keep_it_from_others(serve, origin, free_port, smtp, tmp_path):
    port, broken, _ = two_origins(origin, free_port)
    smtp_port, certificate, mails = smtp(refuse="night@example.net")
    holdfast = start(serve, port, mail(smtp_port, certificate, secret(tmp_path / "password", "s3cret")), ["ops"])
    both_up(holdfast)
    broken.kill()
    (envelope, _), = mails.take(1)
    assert envelope.rcpt_tos == ["ops@example.net"]
    holdfast.log.wait_for(r"notify ops: told .*; not to all of them: 550 no such user here")


def test_holdfast_notify_tests_a_contact(serve, origin, free_port, hook, smtp, tmp_path):
    port, *_ = two_origins(origin, free_port)
    url, requests = hook(200, 500)
    smtp_port, certificate, mails = smtp()
    password = secret(tmp_path / "password", "s3cret")
    holdfast = start(serve, port, webhook(url) + mail(smtp_port, certificate, password), ["chat", "ops"])
    done = command(holdfast, "notify", "--test", "chat")
    assert done.returncode == 0 and "chat: the test was delivered (id " in done.stdout, done
    assert json.loads(requests.items[0][2])["kind"] == "test"
    failed = command(holdfast, "notify", "--test", "chat")
    assert failed.returncode == 1 and "not delivered: status 500" in failed.stdout, failed
    assert command(holdfast, "notify", "--test", "ops").returncode == 0
    assert mails.items[0][1]["Subject"] == "[holdfast] test of contact ops"
    unknown = command(holdfast, "notify", "--test", "nobody")
    assert unknown.returncode == 1 and "nobody: there is no such contact" in unknown.stdout, unknown
    password.chmod(0o644)
    open_to_all = command(holdfast, "notify", "--test", "ops")
    assert open_to_all.returncode == 1 and "chmod 0640" in open_to_all.stdout, open_to_all


def test_what_is_pending_is_told_before_the_end(serve, origin, free_port, hook):
    port, broken, _ = two_origins(origin, free_port)
    url, requests = hook(200)
    holdfast = start(serve, port, webhook(url), ["chat"], group="1h")
    both_up(holdfast)
    broken.kill()
    holdfast.log.wait_for(r"web 127.0.0.1:\d+: up -> down")
    holdfast.stop()
    assert json.loads(requests.items[0][2])["subject"] == "web 127.0.0.1 down (shop)"
